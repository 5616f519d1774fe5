"""Which Dockerfiles make images that stay on the machines of those who work on the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from checks.facts.build.builds import BUILD_PUSH, Build
from checks.facts.build.compose import Compose
from checks.facts.build.mentions import Words, is_named, is_named_plainly
from checks.facts.build.version_folders import of_old_lines
from checks.facts.deployment.production import is_for_production
from checks.facts.dockerfile.dockerfiles import Dockerfile, Shipping
from checks.facts.project.project_templates import is_in_template
from checks.facts.workflow.workflows import Workflow
from checks.record import Record
from checks.regex import regex

_OTHER_PIPELINES = regex(
    r"(?:^|/)(?:\.circleci|\.buildkite|\.tekton|\.woodpecker|\.semaphore|\.harness|concourse|copilot|codebuild|buildspecs?|helm|k8s|kubernetes)/"
    r"|(?:^|/)(?:\.gitlab-ci[\w.-]*\.ya?ml|\.?(?:travis|drone|woodpecker|cirrus)\.ya?ml|Jenkinsfile[\w.-]*|azure-pipelines[\w.-]*\.ya?ml"
    r"|bitbucket-pipelines\.ya?ml|(?:build|app)spec[\w.-]*\.ya?ml|cloudbuild[\w.-]*\.ya?ml|Chart\.ya?ml|kustomization\.ya?ml"
    r"|skaffold[\w.-]*\.ya?ml|fly[\w.-]*\.toml|render\.ya?ml|railway\.(?:json|toml)|heroku\.yml|Procfile|app\.(?:json|ya?ml)"
    r"|Dockerrun\.aws\.json|serverless\.ya?ml|template\.ya?ml|samconfig\.toml|manifest\.yml|Earthfile|docker-bake[\w.-]*\.(?:hcl|json))$"
    r"|\.tf$|\.Jenkinsfile$",
)
"""Files of what builds or runs images without being read here."""
_NOT_READ = regex(
    r"(?:^|/)(?:Jenkinsfile[\w.-]*|[\w.-]+\.(?:Jenkinsfile|groovy|gradle(?:\.kts)?|bzl|cue)|Earthfile|Tiltfile|BUILD(?:\.bazel)?|dagger\.json|docker-bake[\w.-]*\.json|captain-definition"
    r"|[Mm]agefile(?:\.go)?|pom\.xml|cdk\.json|(?:fly|railway)[\w.-]*\.(?:toml|json)|\.gitlab/.*|(?:openshift|buildconfigs?)/(?:.*\.(?:ya?ml|json)|[^.]*))$"
    r"|^(?:[\w./-]*/)?(?:\.?ci|\.github|bin|build|hack|release|scripts?|tasks|tools?)/"
    r"[\w.-]*(?:build|container|deploy|docker|image|publish|push|release)[\w.-]*\.(?:[cm]?[jt]s|go|pl|py|rb)$",
)
"""Files of them in a language that is not read at all, or whose name says that they may be."""
_OF_PAGES = regex(r"^(?:docs?|documentation|website|site)/")
"""Folders whose files are there to be read."""
_OF_APPS = regex(r"(?:^|/)android/(?:.*/)?[\w.-]+\.gradle(?:\.kts)?$")
"""What builds the application for phones of a project, and no image."""
_PUBLISHES_NOTHING = regex(
    r"lint|codeql|scan|test|check|audit|review|label|stale|dependabot|format|scorecard|triage", re.IGNORECASE
)
"""In the path of a called workflow."""
_OF_EXAMPLES = regex(
    r"(?:^|[-_./])(?:awesome|boilerplates?|demos?|examples?|playground|samples?|sandbox|tutorials?|workshops?)(?:$|[-_./])",
    re.IGNORECASE,
)
"""In the name of a repository or its owner."""
_FOR_PRODUCTION = regex(
    r"(?:^|/)(?:(?:Docker|Container)file[._-](?:prod|production|prd|release)"
    r"|(?:prod|production|prd|release)\.(?:Docker|Container)file)$",
    re.IGNORECASE,
)
"""Names of Dockerfiles for production, of whatever folder."""


class KnownBuilds(Record, eq=False, dict=True):
    """Who builds the Dockerfiles of a repository, as far as its files tell."""

    builds: Collection[Build]
    composes: Collection[Compose]
    workflows: Collection[Workflow]
    of_actions: Collection[str]
    """The Dockerfiles that runners build to run an action."""
    named: Collection[str]
    """Those that workflows and Compose name."""
    asked: Mapping[str | None, frozenset[str | None]]
    """The targets that the files which may build ask for, by Dockerfile."""
    are_there_others: bool
    """Whether other builders in workflows and scripts may publish images."""

    @cached_property
    def published(self) -> frozenset[str | None]:
        """The Dockerfiles that builds may push; None stands for one that is not known."""
        return frozenset(one.dockerfile for one in self.builds if one.may_publish)

    @property
    def targets(self) -> Mapping[str | None, frozenset[str | None]]:
        """What is given as `target` for each Dockerfile: empty for none, None for one that is not known.

        Where other builders may publish images, too, what is seen holds for those whose builds all name a stage.
        """
        seen = _targets(self.builds) if None not in self.published else {}
        known = {path: names for path, names in seen.items() if not self.are_there_others or all(names)}
        return {**self.asked, **known, **_asked_for(self.workflows)}


class Unshipped(Record, eq=False):
    """Dockerfiles whose images the project ships to nobody, by what tells so."""

    given_up: frozenset[str]
    """A file says that they are no longer maintained, or are of a sample."""
    of_others: frozenset[str] = frozenset()
    """They came with sources that other images take in."""
    without_builder: frozenset[str] = frozenset()
    """No build is known to take them, and nothing speaks of them."""


def shippings(
    dockerfiles: Collection[str],
    known: KnownBuilds,
    unshipped: Unshipped,
    paths: Collection[str],
    slug: str | None,
) -> Mapping[str, Shipping]:
    """What becomes of the images of Dockerfiles, by path.

    `paths` are all files of the repository, `slug` is its name.
    """
    is_read = not known.are_there_others and _is_all_read(known.workflows, paths)
    kept = (
        unshipped.given_up
        | unshipped.of_others
        | (_kept_here(dockerfiles, known) if is_read else frozenset[str]())
    )
    aside = (
        _passed_over(dockerfiles, known, slug)
        | _tried_only(dockerfiles, known)
        | _beside_production(dockerfiles, known, paths)
        | of_old_lines(dockerfiles, paths)
        | frozenset(path for path in dockerfiles if is_in_template(path, paths))
        | unshipped.of_others
        | (unshipped.without_builder - known.published)
    )
    targets = known.targets
    return {
        path: Shipping(path in known.published, path in kept, path in aside, targets.get(path, frozenset()))
        for path in dockerfiles
    }


def sources_of_others(dockerfiles: Collection[Dockerfile], words: Words) -> frozenset[str]:
    """Those that came with the sources of another image.

    Its Dockerfile, which is spoken of, copies their folder, and nothing speaks of that.
    """
    plain = [one.path for one in dockerfiles if is_named_plainly(one.path)]
    inner = {
        posixpath.dirname(path): path
        for path in plain
        if path.count("/") > 1 and not is_named(path, words.all)
    }
    found = set[str]()
    for one in dockerfiles if inner else ():
        folder = posixpath.dirname(one.path)
        if folder and is_named(one.path, words.of_images):
            copied = (source.path for copy in one.copies for source in copy.sources if source.path)
            both = {at for path in copied for at in (path, f"{folder}/{path}")}
            found.update(path for at, path in inner.items() if at in both and at.startswith(f"{folder}/"))
    return frozenset(found)


def may_be_built_elsewhere(paths: Iterable[str]) -> bool:
    """Whether there are files of what builds images, or may, that are not read here."""
    others = filter(_NOT_READ.search, paths)
    return not all(_OF_PAGES.search(path) or _OF_APPS.search(path) for path in others)


def may_be_built_by_a_platform(paths: Iterable[str]) -> bool:
    """Whether there are files of what builds or runs images without being read here.

    Heroku asks for a file other than `Procfile` to build an image.
    https://devcenter.heroku.com/articles/build-docker-images-heroku-yml
    """
    return any(_OTHER_PIPELINES.search(path) for path in paths if posixpath.basename(path) != "Procfile")


def _asked_for(workflows: Iterable[Workflow]) -> Mapping[str | None, frozenset[str | None]]:
    """The targets that steps hand to other actions which build images, where they are written out."""
    found: dict[str | None, set[str | None]] = {}
    for step in (step for workflow in workflows for step in workflow.steps):
        target, file = step.input("target"), step.input("dockerfile") or step.input("file")
        is_builder = (
            step.uses is not None and "docker-build" in step.uses.name and not step.uses_action(BUILD_PUSH)
        )
        if is_builder and target is not None and "${{" not in target.value:
            found.setdefault(posixpath.normpath(file.value) if file else "Dockerfile", set()).add(
                target.value
            )
    return {path: frozenset(names) for path, names in found.items()}


def _targets(builds: Iterable[Build]) -> Mapping[str | None, frozenset[str | None]]:
    """The targets of the builds that publish each Dockerfile: empty for none, None for one that is not known."""
    found: dict[str | None, set[str | None]] = {}
    for build in builds:
        if build.may_publish:
            found.setdefault(build.dockerfile, set()).add(build.target)
    return {path: frozenset(names) for path, names in found.items()}


def _is_all_read(workflows: Collection[Workflow], paths: Iterable[str]) -> bool:
    """Whether there are workflows, and no sign of a pipeline that is not read here."""
    called = (
        job.uses.path for workflow in workflows for job in workflow.jobs if job.uses and not job.uses.is_local
    )
    return (
        bool(workflows)
        and all(map(_PUBLISHES_NOTHING.search, called))
        and not any(map(_OTHER_PIPELINES.search, paths))
    )


def _kept_here(dockerfiles: Collection[str], known: KnownBuilds) -> frozenset[str]:
    """Where builds publish others and all of these are known, the rest; where none, those that Compose builds."""
    if None in known.published:
        return frozenset()
    if known.published:
        return frozenset(dockerfiles).difference(known.published)
    return frozenset(one.dockerfile for compose in known.composes for one in compose.builds if one.dockerfile)


def _tried_only(dockerfiles: Iterable[str], known: KnownBuilds) -> frozenset[str]:
    """Those that Compose files for tests build or keep beside what they build, and nothing else here."""
    tested, folders, others = set[str](), set[str](), {one.dockerfile for one in known.builds}
    for compose in known.composes:
        built = {one.dockerfile for one in compose.builds if one.dockerfile}
        if compose.is_for_tests:
            tested |= built
            folders |= {f"{folder}/" for folder in compose.folders_below}
        else:
            others |= built
    beside = {path for path in dockerfiles if path.startswith(tuple(folders))}
    return frozenset((tested | beside) - others)


def _beside_production(
    dockerfiles: Iterable[str], known: KnownBuilds, paths: Collection[str]
) -> frozenset[str]:
    """The plain ones in whose folder builds publish one that is named for production, where none may publish them.

    Nor does a Compose file for production build them, or anything that builds images without being read here.
    """
    named = (path for path in known.published if path is not None and _FOR_PRODUCTION.search(path))
    folders = {posixpath.dirname(path) for path in named}
    if not folders or any(map(_OTHER_PIPELINES.search, paths)):
        return frozenset()
    publishing = [one for one in known.builds if one.may_publish]
    composed = {
        one.dockerfile
        for compose in known.composes
        if is_for_production(compose.text.path)
        for one in compose.builds
    }
    return frozenset(
        path
        for path in dockerfiles
        if posixpath.dirname(path) in folders
        and is_named_plainly(path)
        and path not in composed
        and not any(_may_take(one, path) for one in publishing)
    )


def _may_take(build: Build, dockerfile: str) -> bool:
    """Whether a build may be of a Dockerfile: by its path, or else by what is written for that, wherever it starts."""
    written = build.recipe[1]
    if build.dockerfile is not None or not written or "$" in written:
        return build.dockerfile in (dockerfile, None)
    return f"/{dockerfile}".endswith(f"/{posixpath.normpath(written).removeprefix('/').replace('../', '')}")


def _passed_over(dockerfiles: Collection[str], known: KnownBuilds, slug: str | None) -> frozenset[str]:
    """Those that the builds leave aside; all, in a repository of examples.

    Where builds publish images, those that none of them takes; where workflows and Compose name files, those below the
    root that they don't, and those that Compose alone names. None where a build publishes a file that is not known.
    """
    if _OF_EXAMPLES.search(slug or ""):
        return frozenset(dockerfiles)
    if None in known.published:
        return frozenset()
    if known.published:
        return frozenset(dockerfiles).difference(known.published)
    if not any(path in known.named for path in dockerfiles):
        return frozenset()
    built = {*known.of_actions, *(one.dockerfile for one in known.builds)}
    return frozenset(path for path in dockerfiles if "/" in path and path not in built)
