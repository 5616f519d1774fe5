"""Which Dockerfiles make images that stay on the machines of those who work on the repository."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from checks.facts.builds import Build
from checks.facts.compose import Compose
from checks.facts.workflows import Workflow

_OTHER_PIPELINES = re.compile(
    r"(?:^|/)(?:\.circleci|\.buildkite|\.tekton|\.woodpecker|\.semaphore|\.harness|concourse|copilot|helm|k8s|kubernetes)/"
    r"|(?:^|/)(?:\.gitlab-ci[\w.-]*\.ya?ml|\.?(?:travis|drone|woodpecker|cirrus)\.ya?ml|Jenkinsfile[\w.-]*|azure-pipelines[\w.-]*\.ya?ml"
    r"|bitbucket-pipelines\.ya?ml|(?:build|app)spec[\w.-]*\.ya?ml|cloudbuild[\w.-]*\.ya?ml|Chart\.ya?ml|kustomization\.ya?ml"
    r"|skaffold[\w.-]*\.ya?ml|fly[\w.-]*\.toml|render\.ya?ml|railway\.(?:json|toml)|heroku\.yml|Procfile|app\.(?:json|ya?ml)"
    r"|Dockerrun\.aws\.json|serverless\.ya?ml|template\.ya?ml|samconfig\.toml|manifest\.yml|Earthfile|docker-bake[\w.-]*\.(?:hcl|json))$"
    r"|\.tf$|\.Jenkinsfile$",
)
"""Files of what builds or runs images without being read here."""
_PUBLISHES_NOTHING = re.compile(
    r"lint|codeql|scan|test|check|audit|review|label|stale|dependabot|format|scorecard|triage", re.IGNORECASE
)
"""In the path of a called workflow."""
_OF_EXAMPLES = re.compile(
    r"(?:^|[-_./])(?:awesome|boilerplates?|demos?|examples?|playground|samples?|sandbox|tutorials?|workshops?)(?:$|[-_./])",
    re.IGNORECASE,
)
"""In the name of a repository or its owner."""


def kept_here(
    dockerfiles: Collection[str],
    builds: Iterable[Build],
    composes: Iterable[Compose],
    workflows: Collection[Workflow],
    paths: Iterable[str],
) -> frozenset[str]:
    """The Dockerfiles, by path, whose images certainly are not published.

    Where builds publish others and all of these are known, those that are left; where workflows publish none, those
    that Compose builds. None where images may be published in a way that is not read here: the caller looks for
    other builders in the workflows and scripts.
    """
    called = (
        job.uses.path for workflow in workflows for job in workflow.jobs if job.uses and not job.uses.is_local
    )
    if (
        not workflows
        or not all(map(_PUBLISHES_NOTHING.search, called))
        or any(map(_OTHER_PIPELINES.search, paths))
    ):
        return frozenset()
    published = {one.dockerfile for one in builds if one.may_publish}
    if None in published:
        return frozenset()
    if published:
        return frozenset(dockerfiles) - published
    return frozenset(one.dockerfile for compose in composes for one in compose.builds if one.dockerfile)


def passed_over(
    dockerfiles: Collection[str], builds: Collection[Build], named: Collection[str], slug: str | None
) -> frozenset[str]:
    """The Dockerfiles, by path, that the builds of a repository leave aside; all, in a repository of examples.

    Where builds publish images, those that none of them takes; where workflows and Compose name files, those below the
    root that they don't, and those that Compose alone names. None where a build publishes a file that is not known.
    """
    if _OF_EXAMPLES.search(slug or ""):
        return frozenset(dockerfiles)
    published = {one.dockerfile for one in builds if one.may_publish}
    if published and None not in published:
        return frozenset(dockerfiles) - published
    if not any(path in named for path in dockerfiles) or None in published:
        return frozenset()
    built = {one.dockerfile for one in builds}
    return frozenset(path for path in dockerfiles if "/" in path and path not in built)
