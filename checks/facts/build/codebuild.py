"""Which tags AWS CodeBuild pushes, whose files are read by words only.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from checks.facts.terraform.modules import Module, Resource
from checks.regex import regex
from checks.source.hcl import Body
from checks.source.text import Text

_NAMED_SO = "buildspec"
_YAML = regex(r"\.ya?ml$")
_VERSION = regex(r"^version:[ \t]*[\"']?0\.[12]\b", re.MULTILINE)
_PHASES = regex(r"^phases:", re.MULTILINE)
_COMMENT = regex(r"^[ \t]*(?:-[ \t]+)?#[^\n]*", re.MULTILINE)
_CONTINUED = regex(r"\\\r?\n")
_NAMING = regex(r"\bdocker[ \t]+(?:(?:image|buildx)[ \t]+)?(push|tag|build)\b([^\n;&|]*)")
"""Commands that say under which name an image is pushed."""
_TAG_OF_BUILD = regex(r"(?:\s-t|\s--tag)[ =]+(\S+)")
_VARIABLE = regex(r"\$\{?(\w+)")
_GIVEN = regex(r"\b(\w+)(?:=|:[ \t]+)([^\n;&|]*)")
"""What a variable is, in a command or in the `env` of the file."""
_LATEST = regex(r":latest\b|^[ \t]*[\"']?latest[\"']?[ \t\r]*$")
_OF_BUILD = regex(
    r"commit|(?<![a-z])sha(?![a-z])|rev-parse|git\s+describe|\$\(\s*date\b|`date\b|epoch|build_?(?:id|number)|resolved_source_version",
    re.IGNORECASE,
)
"""What differs from build to build."""
_MENTIONS_LATEST = regex(r":latest\b|[\"']latest[\"']")


def is_buildspec(text: Text) -> bool:
    """Whether a file tells CodeBuild what to do: by its name, or by what it says, since a project may name any file."""
    if _NAMED_SO in text.path:
        return True
    return bool(_YAML.search(text.path) and _VERSION.search(text.content) and _PHASES.search(text.content))


def may_push_latest(spec: Text, modules: tuple[Module, ...]) -> bool:
    """Whether a buildspec pushes `latest`, as it is written there or in a variable that Terraform gives the project."""
    named, used = _said_of_pushes(spec)
    is_written = any(map(_LATEST.search, named))
    return is_written or any(_gives_latest(project, used) for project in _projects(modules))


def tags_each_build(spec: Text) -> bool:
    """Whether a file that is read by words only gives what it pushes a tag that tells the commit, the build or its time."""
    return any(map(_OF_BUILD.search, _said_of_pushes(spec)[0]))


def _said_of_pushes(spec: Text) -> tuple[list[str], set[str]]:
    """What stands for the names that are pushed, variables followed to what they are given, and the names of these."""
    content = _CONTINUED.sub(" ", _COMMENT.sub("", spec.content))
    if "docker push" not in content:
        return [], set()
    named = list(_named(content))
    given: dict[str, list[str]] = {}
    for name, value in _GIVEN.findall(content):
        given.setdefault(name, []).append(value)
    waiting = [name for text in named for name in _VARIABLE.findall(text)]
    used = set[str]()
    while waiting:
        name = waiting.pop()
        if name not in used:
            used.add(name)
            values = given.get(name, [])
            named += values
            waiting += (other for value in values for other in _VARIABLE.findall(value))
    return named, used


def _named(content: str) -> Iterator[str]:
    for verb, rest in _NAMING.findall(content):
        yield from _TAG_OF_BUILD.findall(rest) if verb == "build" else (rest,)


def _projects(modules: Iterable[Module]) -> Iterator[Resource]:
    return (one for module in modules for one in module.of_type("aws_codebuild_project"))


def _gives_latest(project: Resource, names: set[str]) -> bool:
    """Whether a project gives one of these variables the value `latest`, or one that is not known in a file that has it."""
    return any(
        _may_be_latest(project, body, names)
        for environment in project.block.body.of_type("environment")
        for body in (one.body for one in environment.body.of_type("environment_variable"))
    ) or (_is_dynamic(project) and _MENTIONS_LATEST.search(project.text.content) is not None)


def _is_dynamic(project: Resource) -> bool:
    return any(
        environment.body.of_type("dynamic") for environment in project.block.body.of_type("environment")
    )


def _may_be_latest(project: Resource, body: Body, names: set[str]) -> bool:
    name, value = body.get("name"), body.get("value")
    if name is None or value is None:
        return False
    given = project.module.value(name).literal
    held = project.module.value(value).literal
    if given is not None and given not in names:
        return False
    return held == "latest" or (held is None and _MENTIONS_LATEST.search(project.text.content) is not None)
