"""The links up to the registry: what builds an image, what scans it, under which tags it is pushed."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping

from checks.chain.elsewhere import Elsewhere, Tool
from checks.chain.links import Kind, Link, State, shown
from checks.chain.names import Name, Names
from checks.chain.subjects import Subject
from checks.check import Location, Repository, code
from checks.facts.build.builds import Build
from checks.facts.ecr.registry import text_of
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.image.pushes import Push
from checks.facts.image.references import is_moving, reference
from checks.facts.image.sboms import clean
from checks.facts.scan.scans import Scan, Target
from checks.facts.value import Hole, Value
from checks.facts.workflow.conditions import certainly_holds
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_SCANNER = Tool(
    "scans",
    regex(
        r"\b(?:trivy|grype|snyk|clair|clairctl|wizcli|twistcli|osv-scanner|dockle|lacework|sysdig-cli-scanner)\b"
        r"|\bdocker[ -]scout\b|start-image-scan",
        re.IGNORECASE,
    ),
    regex(
        r"trivy|grype|snyk|docker/scout|(?:image|container|docker|vulnerability|wiz|anchore)[\w/-]*scan|inspector"
    ),
)
_NO_SCANNER = ("ghcr.io",)
"""Registries that scan nothing by themselves."""


def extent_of(step: Step | None, place: Location) -> Location:
    """The whole step, or of a script file the command."""
    return step.location if step is not None else place


def builds(subject: Subject) -> Iterator[Link]:
    """What builds it."""
    for build in subject.builds:
        what = code(build.dockerfile) if build.dockerfile else ""
        what += f" up to {code(build.target)}" if what and build.target else ""
        why = "" if what else "from a Dockerfile that is not known"
        extent = extent_of(build.step, build.location)
        yield Link(Kind.BUILD, State.SEEN, what, why, build.location, extent)
    for alias in subject.copied if not subject.builds else ():
        what = f"as a copy of {code(str(alias.source))}"
        extent = extent_of(alias.invocation.step, alias.location)
        yield Link(Kind.BUILD, State.SEEN, what, "", alias.location, extent)
    if not subject.builds and not subject.copied:
        why = "what builds it is not known" if subject.pushes else "nothing here builds it"
        yield Link(Kind.BUILD, State.UNKNOWN, why=why)


def pushes(subject: Subject) -> Iterator[Link]:
    """Its tags."""
    for push in subject.pushes:
        yield _push(push, subject.repository)
    if subject.is_local:
        yield Link(Kind.PUSH, State.MISSING, "", "nothing here pushes what is built")
    elif not subject.pushes:
        yield Link(Kind.PUSH, State.UNKNOWN, "", "nothing here pushes it")


def _push(push: Push, repository: EcrRepository | None) -> Link:
    state, why = State.SEEN, ""
    if repository is not None and _is_refused(push, repository):
        state, why = State.MISSING, f"{code(repository.name or '')} refuses to move a tag"
    elif not push.certain and not _happens(push):
        state, why = State.UNKNOWN, "whether it is pushed is not known"
    return Link(Kind.PUSH, state, _tag(push), why, push.location, extent_of(push.step, push.location))


def _tag(push: Push) -> str:
    """The tag in Markdown; empty where not even the name is known that it may stand in."""
    tag = push.reference.tag
    if tag is not None:
        return shown(tag)
    if push.value.partition("@")[1]:
        return "by digest"
    ends_in_a_hole = bool(push.value.parts) and isinstance(push.value.parts[-1], Hole)
    return "" if ends_in_a_hole and push.value.is_unknown else code("latest")


def _is_refused(push: Push, repository: EcrRepository) -> bool:
    """Whether the second push of the tag certainly fails, since it would move it."""
    tag = push.reference.tag
    if tag is None or push.generated is not None:
        return False
    return is_moving(tag) and repository.may_move(tag) is False


def _happens(push: Push) -> bool:
    """Whether the condition in `push:` certainly holds for some event."""
    written = push.step.input("push") if push.step else None
    return written is not None and any(certainly_holds(written.value, event) for event in push.events or ())


class Scans:
    """Which scans read which images."""

    def __init__(
        self, repo: Repository, names: Names, subjects: tuple[Subject, ...], elsewhere: Elsewhere
    ) -> None:
        self._repo, self._elsewhere = repo, elsewhere
        self._known = [extent_of(scan.step, scan.location) for scan in repo.scans]
        self._of: dict[Name, list[Scan]] = {}
        self._of_build: dict[Build, list[Scan]] = {}
        self._of_recipe: dict[Hashable, list[tuple[Scan, Build]]] = {}
        self._of_file = _sboms(repo)
        self._by_build: dict[Build, list[Name]] = {}
        for subject in subjects:
            for build in subject.builds:
                self._by_build.setdefault(build, []).append(subject.name)
        for scan in repo.scans:
            self._add(scan, names)
        self._unsure = next((scan for scan in repo.scans if self._is_unsure(scan)), None)

    def _add(self, scan: Scan, names: Names) -> None:
        build = self._repo.scanned_builds.get(scan)
        if build is not None:
            self._of_build.setdefault(build, []).append(scan)
            self._of_recipe.setdefault(build.image, []).append((scan, build))
            for owner in self._by_build.get(build, ()):
                self._of.setdefault(owner, []).append(scan)
            return
        image = self._image(scan)
        name = names.find(reference(image), scan.subject_location) if image is not None else None
        if name is not None:
            self._of.setdefault(name, []).append(scan)

    def _image(self, scan: Scan) -> Value | None:
        """The image that a scan names, or whose SBOM it reads."""
        if scan.target is Target.SBOM:
            return self._of_file.get((scan.location.text, clean(scan.subject)))
        return scan.subject if scan.target is Target.IMAGE else None

    def _is_unsure(self, scan: Scan) -> bool:
        """Whether it may read any image."""
        image = self._image(scan)
        if scan in self._repo.scanned_builds or scan.target is Target.FOLDER:
            return False
        return image is None or reference(image).path.literal is None

    def links(self, subject: Subject) -> Iterator[Link]:
        """What scans it, and where another build is scanned than the one that is pushed."""
        found = [
            *self._of_another_build(subject),
            *self._of_this(subject),
            *_by_registry(self._repo, subject),
        ]
        yield from found or (self._none(subject),)

    def _of_this(self, subject: Subject) -> Iterator[Link]:
        for scan in self._of.get(subject.name, ()):
            why = "reports, and stops nothing" if scan.gates is False else ""
            extent = extent_of(scan.step, scan.location)
            yield Link(Kind.SCAN, State.SEEN, f"by {code(scan.tool)}", why, scan.location, extent)

    def _of_another_build(self, subject: Subject) -> Iterator[Link]:
        for build in subject.builds if subject.pushes else ():
            if build in self._of_build:
                continue
            for scan, other in self._of_recipe.get(build.image, ()):
                if other.location != build.location:
                    extent = extent_of(scan.step, scan.location)
                    yield Link(Kind.SCAN, State.MISSING, "", "another build is pushed", scan.location, extent)

    def _none(self, subject: Subject) -> Link:
        if self._unsure is not None:
            place = self._unsure.location
            why = f"what {code(self._unsure.tool)} scans here is not known"
            return Link(Kind.SCAN, State.UNKNOWN, "", why, place, extent_of(self._unsure.step, place))
        maybe = self._elsewhere.may(_SCANNER, self._known)
        if maybe is not None:
            return Link(Kind.SCAN, State.UNKNOWN, "", maybe.why, maybe.place)
        if subject.is_local or (subject.pushes and subject.name.host.literal in _NO_SCANNER):
            return Link(Kind.SCAN, State.MISSING, "", "nothing here scans it")
        by = "ECR" if subject.is_ecr else "the registry" if subject.pushes else "what pushes it"
        return Link(Kind.SCAN, State.UNKNOWN, "", f"nothing here scans it; {by} may")


def _sboms(repo: Repository) -> Mapping[Hashable, Value]:
    """The image that an SBOM lists, by the file that it is written to and the script that does."""
    return {
        (one.location.text, one.file): one.source
        for one in repo.sboms
        if one.target is Target.IMAGE and not one.file.is_unknown
    }


def _by_registry(repo: Repository, subject: Subject) -> Iterator[Link]:
    """Scans of ECR that Terraform switches on, for the repository or for the registry."""
    repository = subject.repository
    if repository is None or repository.name is None:
        return
    body, module = repository.resource.block.body, repository.resource.module
    for block in body.of_type("image_scanning_configuration"):
        if text_of(module, block, "scan_on_push") == "true":
            place = Location(repository.resource.text, block.span)
            yield Link(Kind.SCAN, State.SEEN, "by ECR at each push", "", place)
    for scanning in repo.registry.scannings:
        for rule in scanning.rules:
            if rule.frequency != "MANUAL" and rule.covers(repository.name):
                yield Link(
                    Kind.SCAN,
                    State.SEEN,
                    "by a rule of ECR's registry",
                    "",
                    Location(scanning.resource.text, rule.block.span),
                )
