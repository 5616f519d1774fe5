"""The last links: what runs an image, and when the registry lets it go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.chain.links import Kind, Link, State, shown
from checks.chain.names import Name, Names
from checks.chain.subjects import Subject, deployed
from checks.check import Location, Repository
from checks.facts.deployment.deployments import DeployedImage
from checks.facts.deployment.rollouts import Rollout
from checks.facts.ecr.lifecycle import LifecyclePolicy
from checks.facts.ecr.lifecycle_selection import COUNT, Selector
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.image.image_writers import (
    is_marked,
    is_same_repository,
    may_be_same_image,
)
from checks.facts.image.pushed_images import PushedImage
from checks.facts.image.tag_shapes import may_select, must_select
from checks.facts.value import Value
from checks.source.text import Text


class Deployments:
    """What runs which images."""

    def __init__(self, repo: Repository, names: Names) -> None:
        self._repo = repo
        self._of: dict[Name, list[DeployedImage]] = {}
        for image in deployed(repo):
            name = None if image.value.is_unknown else names.find(image.reference, image.location)
            if name is not None:
                self._of.setdefault(name, []).append(image)
        self._rollouts: dict[Name, list[Rollout]] = {}
        for one in repo.rollouts:
            name = names.find(one.reference, one.location)
            if name is not None:
                self._rollouts.setdefault(name, []).append(one)
        self._pushes_all = not repo.may_be_pushed_otherwise
        self._pushes_all &= not any("renovate" in path.rpartition("/")[2] for path in repo.snapshot.paths)

    def is_deployed(self, subject: Subject) -> bool:
        """Whether something here runs it."""
        return subject.name in self._of or subject.name in self._rollouts

    def links(self, subject: Subject) -> Iterator[Link]:
        """What runs it, and by which tag."""
        for image in self._of.get(subject.name, ()):
            what = (
                f"as {shown(image.tag)}"
                if image.tag
                else "by digest"
                if image.value.partition("@")[1]
                else ""
            )
            state, why = State.SEEN, ""
            if self._is_never_pushed(image, subject):
                state, why = State.MISSING, "no workflow here pushes a tag like it"
            yield Link(Kind.DEPLOY, state, what, why, image.location)
        for one in self._rollouts.get(subject.name, ()):
            what = _named(one.image, one.reference.tag)
            yield Link(Kind.DEPLOY, State.SEEN, what, "", one.location, one.step.location)
        if not self.is_deployed(subject):
            yield Link(Kind.DEPLOY, State.UNKNOWN, "", "nothing here deploys it")

    def _is_never_pushed(self, image: DeployedImage, subject: Subject) -> bool:
        """Whether certainly no push makes the tag that is deployed, although the image is pushed here."""
        tag = image.tag.literal if image.tag else None
        own = any(
            one.certain and is_same_repository(one.reference, image.reference) for one in subject.pushes
        )
        if (
            tag is None
            or not own
            or image.is_aside
            or not self._pushes_all
            or self._writes(image.location.text)
        ):
            return False
        return not any(
            may_be_same_image(image.reference, tag, push.reference)
            for push in self._repo.pushes_that_may_be(image.reference)
        )

    def _writes(self, manifest: Text) -> bool:
        return self._repo.images_are_written or is_marked(manifest)


class Expiry:
    """Which lifecycle rules of ECR let go of which images."""

    def __init__(self, repo: Repository) -> None:
        self._repo = repo

    def links(self, subject: Subject) -> Iterator[Link]:
        """What expires it."""
        repository = subject.repository
        if not subject.is_ecr:
            yield Link(Kind.EXPIRE, State.UNKNOWN, "", "only ECR's lifecycle policies are read")
        elif repository is None:
            yield Link(Kind.EXPIRE, State.UNKNOWN, "", "its repository is not declared here")
        else:
            own = self._repo.lifecycle_policies_of[repository]
            found = [link for policy in own for link in self._of_policy(policy, repository)]
            yield from found or (self._none(repository),)

    def _of_policy(self, policy: LifecyclePolicy, repository: EcrRepository) -> Iterator[Link]:
        images = self._repo.pushed_to.get(repository, ())
        if policy.selectors is None:
            yield Link(Kind.EXPIRE, State.UNKNOWN, "", "its rules are not all known", policy.location())
        elif not images:
            rules = len(policy.selectors)
            what = f"by {rules} rule{'' if rules == 1 else 's'}"
            yield Link(Kind.EXPIRE, State.SEEN, what, "", policy.location(), _whole(policy))
        else:
            for image in images:
                yield _of_image(policy, policy.selectors, image)

    def _none(self, repository: EcrRepository) -> Link:
        place = Location(repository.resource.text, repository.resource.block.header)
        if self._may_have(repository):
            return Link(Kind.EXPIRE, State.UNKNOWN, "", "which lifecycle policy it has is not known", place)
        return Link(Kind.EXPIRE, State.MISSING, "", "no lifecycle policy: every image is kept", place)

    def _may_have(self, repository: EcrRepository) -> bool:
        """Whether a policy of the module is the repository's, or of a repository that is not known."""
        own = [one for one in self._repo.lifecycle_policies if one.module is repository.resource.module]
        return any(not one.is_resource or one.target is None or one.is_repeated for one in own)


def _named(image: Value, tag: Value | None) -> str:
    if tag is not None:
        return f"as {shown(tag)}"
    return "by digest" if image.partition("@")[1] else ""


def _of_image(policy: LifecyclePolicy, selectors: Iterable[Selector], image: PushedImage) -> Link:
    """The rule that an image belongs to: the first by priority whose tag requirement it meets."""
    tags = ", ".join(dict.fromkeys(map(shown, image.tags)))
    for selector in selectors:
        if may_select(selector, image.tags):
            rule = next((one for one in policy.rules or () if one.selector == selector), None)
            place = rule.location if rule else policy.location()
            state = State.SEEN if must_select(selector, image.tags) else State.UNKNOWN
            why = "" if state is State.SEEN else "whether the rule selects it is not known"
            return Link(Kind.EXPIRE, state, f"{tags} {_when(selector)}", why, place)
    why = "no rule selects it, so it is kept"
    return Link(Kind.EXPIRE, State.MISSING, tags, why, policy.location(), _whole(policy))


def _when(selector: Selector) -> str:
    number = selector.count_number
    done = "" if selector.action == "expire" else "to the archive "
    if selector.count_type == COUNT:
        return f"{done}beyond the newest {number:,}"
    since = {"sinceImagePulled": "pull", "sinceImageTransitioned": "archiving"}.get(
        selector.count_type, "push"
    )
    return f"{done}{number:,} day{'' if number == 1 else 's'} after the {since}"


def _whole(policy: LifecyclePolicy) -> Location:
    return Location(policy.block.text, policy.block.span)
