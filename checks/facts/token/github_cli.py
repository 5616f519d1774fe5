"""What GitHub's own command line does with the token of its job.

Commands: https://cli.github.com/manual/gh
Permissions: https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from checks.facts.script.scripts import Command, Word, parse_script
from checks.facts.workflow.values import strings
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_READING = frozenset(("diff", "download", "list", "status", "view", "watch"))
_SCOPES: Mapping[str, Mapping[str, frozenset[str]]] = {
    "cache": {"actions": frozenset(("delete", "list"))},
    "issue": {
        "issues": frozenset((
            "close", "comment", "create", "delete", "edit", "list", "lock", "pin", "reopen", "status", "unlock", "unpin", "view",
        )),
    },
    "label": {"issues": frozenset(("clone", "create", "delete", "edit", "list"))},
    "pr": {
        "pull-requests": frozenset((
            "close", "comment", "create", "diff", "list", "merge", "ready", "reopen", "review", "status", "view",
        )),
        "contents": frozenset(("merge",)),
    },
    "release": {
        "contents": frozenset((
            "create", "delete", "delete-asset", "download", "edit", "list", "upload", "view",
        )),
    },
    "run": {"actions": frozenset(("cancel", "delete", "download", "list", "rerun", "view", "watch"))},
    "workflow": {"actions": frozenset(("disable", "enable", "list", "run", "view"))},
}  # fmt: skip
"""By command, the subcommands that use a scope: those of `_READING` read with it, the others write."""
_API = "api"
_RESOURCES: Mapping[str, tuple[str, ...]] = {
    "actions": ("actions",),
    "branches": ("contents",),
    "check-runs": ("checks",),
    "check-suites": ("checks",),
    "code-scanning": ("security-events",),
    "commits": ("contents",),
    "compare": ("contents",),
    "contents": ("contents",),
    "deployments": ("deployments",),
    "git": ("contents",),
    "issues": ("issues", "pull-requests"),
    "packages": ("packages",),
    "pulls": ("pull-requests",),
    "releases": ("contents",),
    "tags": ("contents",),
}
"""What stands in the path of a request behind whose it is, and the scopes that it is read with."""
_BELOW: Mapping[str, tuple[str, ...]] = {
    "check-runs": ("checks",),
    "check-suites": ("checks",),
    "pulls": ("contents", "pull-requests"),
    "status": ("statuses",),
    "statuses": ("statuses",),
}
"""What of a commit is read with other scopes."""
_METHOD = ("--method", "-X")
_FIELDS = ("--field", "--raw-field", "-F", "-f")
_WITH_VALUE = frozenset(
    (*_METHOD, *_FIELDS, "--cache", "--header", "--jq", "--preview", "--template", "-H", "-p", "-q", "-t")
)
_SWITCHES = frozenset(("--include", "--paginate", "--silent", "--slurp", "--verbose", "-i"))
"""Options of `gh api`; one that is not among them may be anything."""
_WITHOUT = frozenset(("auth", "completion", "help", "version", "--help", "--version"))
"""Commands that use no scope."""
_DISCUSSES = "--discussion-category"
_MENTION = regex(r"(?<![\w./-])gh[ \t]+[\w$\"'-]")
_WORDS = regex(r"(?<![\w./-])gh[ \t]+([\w-]+)(?:[ \t]+([\w-]+))?")
_TOKEN_OF_JOB = regex(
    r"\bsecrets\.GITHUB_TOKEN\b|\bgithub\.token\b|\btoJSON\(\s{0,4}secrets\s{0,4}\)", re.IGNORECASE
)


def is_given(text: str) -> bool:
    """Whether a text names the token of the job."""
    return bool(_TOKEN_OF_JOB.search(text))


def scopes_of(steps: Iterable[Step]) -> Mapping[str, str] | None:
    """The access, `read` or `write`, to each scope that the `gh` of some steps' scripts needs; None where that can't be told.

    A script that is given another token needs none of the job's.
    """
    found: dict[str, str] = {}
    for step in steps:
        asked = scopes_of_step(step)
        if asked is None:
            return None
        found |= {scope: level for scope, level in asked.items() if found.get(scope) != "write"}
    return found


def scopes_of_step(step: Step) -> Mapping[str, str] | None:
    """The same for one step."""
    text = step.run.value if step.run is not None else ""
    mentions = len(_MENTION.findall(_without_comments(text) if step.is_shell_script else text))
    if not mentions or _has_another_token(step):
        return {}
    asked = list(_of_commands(text) if step.is_shell_script else _of_text(text))
    found: dict[str, str] = {}
    for levels in asked:
        if levels is None:
            return None
        found |= {scope: level for scope, level in levels.items() if found.get(scope) != "write"}
    return found if len(asked) >= mentions else None


def _without_comments(text: str) -> str:
    if not _MENTION.search(text):
        return ""
    comments = parse_script(text).comments
    starts, ends = (0, *(one.end for one in comments)), (*(one.start for one in comments), len(text))
    return "".join(text[start:end] for start, end in zip(starts, ends, strict=True))


def _of_commands(text: str) -> Iterator[Mapping[str, str] | None]:
    for command in parse_script(text).commands:
        if command.program == "gh":
            name, verb = [*(word.literal for word in command.arguments[:2]), None, None][:2]
            asked = _of_request(command) if name == _API else _asked(name, verb)
            discusses = any(word.prefix.startswith(_DISCUSSES) for word in command.arguments)
            yield {**asked, "discussions": "write"} if asked and discusses else asked


def _of_request(command: Command) -> Mapping[str, str] | None:
    """What `gh api` reads with, by the path that it asks for; None where it may write, or that can't be told.

    Fields make it a `POST` unless it is told otherwise: https://cli.github.com/manual/gh_api
    """
    paths, sent = list[str](), ""
    words = iter(command.arguments[1:])
    for word in words:
        name, joined, value = _shown(word).partition("=") if word.prefix.startswith("-") else ("", "", "")
        if name in _WITH_VALUE and not joined:
            value = _shown(next(words, None))
        if name in _METHOD:
            sent = value.upper()
        elif name in _FIELDS:
            sent = sent or "POST"
        elif name not in _WITH_VALUE | _SWITCHES:
            paths.append(_shown(word))
    return _of_path(paths[0]) if len(paths) == 1 and sent in ("", "GET") else None


def _shown(word: Word | None) -> str:
    """A word with a `*` for each part that is not known."""
    return "".join(part if isinstance(part, str) else "*" for part in word.parts) if word else ""


def _of_path(path: str) -> Mapping[str, str] | None:
    """What a request for a path is read with; a repository may be one part of it that is not known, or two."""
    root, *names = path.partition("?")[0].strip("/").split("/")
    is_one = root == "repos" and names[:1] == ["*"] and (len(names) == 1 or names[1] in _RESOURCES)
    length = {"orgs": 1, "repos": 1 if is_one else 2, "users": 1}.get(root)
    if length is None or len(names) < length or names == ["*", "*"]:
        return None
    resource, last = [*names[length : length + 1], ""][0], names[-1]
    scopes = _BELOW.get(last) if resource == "commits" else None
    found = dict.fromkeys(scopes or _RESOURCES.get(resource, ()), "read")
    return found if found or not resource else None


def _of_text(text: str) -> Iterator[Mapping[str, str] | None]:
    """By what stands behind each `gh`, in a script for another shell."""
    for match in _WORDS.finditer(text):
        yield _asked(match[1], match[2])


def _has_another_token(step: Step) -> bool:
    for node in step.environments:
        written = strings(node)
        given = written.get("GH_TOKEN") or written.get("GITHUB_TOKEN")
        if given:
            return not is_given(given)
    return False


def _asked(name: str | None, verb: str | None) -> Mapping[str, str] | None:
    if name in _WITHOUT:
        return {}
    level = "read" if verb in _READING else "write"
    scopes = _SCOPES.get(name or "", {})
    return {scope: level for scope, verbs in scopes.items() if verb in verbs} or None
