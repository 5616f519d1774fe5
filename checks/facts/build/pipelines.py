"""Pipelines of other systems, of which only the path is known: what they do is not read here."""

from __future__ import annotations

from collections.abc import Iterable

from checks.regex import regex

_PIPELINES = regex(
    r"(?:^|/)(?:Jenkinsfile[^/]*|\.gitlab-ci\.ya?ml|azure-pipelines[^/]*|\.circleci/.*|bitbucket-pipelines\.yml"
    r"|buildspec[^/]*\.ya?ml|\.drone\.ya?ml|\.buildkite/.*|cloudbuild\.ya?ml|\.travis\.yml|\.tekton/.*|\.woodpecker/.*)$"
)


def other_pipelines(paths: Iterable[str]) -> tuple[str, ...]:
    """Those of the paths that are of such pipelines, in alphabetical order."""
    return tuple(sorted(path for path in paths if _PIPELINES.search(path)))
