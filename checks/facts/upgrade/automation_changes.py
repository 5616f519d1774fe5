"""What newer releases of actions change for steps that tend issues, pull requests, releases and chats, or list what these change."""

from __future__ import annotations

import re

from checks.facts.code_span import code
from checks.facts.upgrade.change import Ask, Change, Hold, Write
from checks.facts.upgrade.input_changes import input_taken_out
from checks.facts.upgrade.upgrades import RELEASE_DRAFTER, Upgrade
from checks.facts.workflow.step_edits import with_input
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Text
from checks.source.yaml import Scalar
from checks.source.yaml_edit import append_entry

_EXPRESSION = regex(r"\$\{\{.*?\}\}")
_OLD_CLIENT = regex(r"(?<![/\w.])github\.(?!(?:rest|graphql|request|paginate|hook|log|auth)\b)\w|\brequire\(")
_OWN_CLIENT = regex(r"@actions/github\b|\b(?:const|let)\s*\{?\s*getOctokit\b")
_OF_PULL_REQUESTS = frozenset(("pull_request", "pull_request_target"))
_LISTS_OF_TITLES = ("types", "scopes", "disallowScopes", "ignoreLabels")
_SEVERAL = regex(r"[^\s,][\s,]+[^\s,]")
_COMMITTED = ("add", "commit", "remove", "tag")
"""Inputs of `EndBug/add-and-commit` that are arguments of git."""
_READS_FILE = regex(r"(?<!\S)(?:-[A-Za-z]{0,9}F|--fi|--pathspec-f)")

_NEVER = regex(r"-\d+")
"""A number of days after which `actions/stale` does nothing."""

_PATTERNS = ("files", "files_ignore", "files_yaml", "files_ignore_yaml")
_LIKE_FOLDER = regex(r"^[\t -]*['\"]?!?(?:[^\s'\"]*/)?[\w-]+['\"]?[\t ]*$", re.MULTILINE)
"""A line to which `tj-actions/changed-files` added `/**` before version 40: https://github.com/tj-actions/changed-files/blob/v39.2.4/src/utils.ts"""

_TOKEN_OF_JOB = regex(r"\s*\$\{\{\s*(?:secrets\.GITHUB_TOKEN|github\.token)\s*\}\}\s*", re.IGNORECASE)

_SENDER = regex(r"(?:[^<>@\s]+\s+)+<[^@\s>]+@[^@\s>]+>|[^<>@\s]+@[^@\s<>]+")
"""What `dawidd6/action-send-mail` takes for its `from`: https://github.com/dawidd6/action-send-mail/blob/v18/main.js"""

_LABELER = regex(r"^autolabeler[ \t]*:", re.MULTILINE)
_SINGLE_LABEL = regex(r"^[ \t-]*labels[ \t]*:[ \t]*[^\s\[#]", re.MULTILINE)


def _may_give_labels(upgrade: Upgrade) -> bool:
    """Whether a step of Release Drafter is told of pull requests, and not to label none."""
    return (
        not _OF_PULL_REQUESTS.isdisjoint(upgrade.events) and upgrade.written("disable-autolabeler") != "true"
    )


def _gives_labels(told: Text) -> bool:
    return _LABELER.search(told.content) is not None


def _left_without_message(upgrade: Upgrade) -> tuple[str, ...]:
    """What `actions/stale` skips before version 4, as no message is given for it, and marks and closes without one since then."""
    given = upgrade.step is not None and not _NEVER.fullmatch(upgrade.written("days-before-stale"))
    return tuple(
        kind
        for kind in ("issue", "pr")
        if given
        and not upgrade.written(f"stale-{kind}-message")
        and not _NEVER.fullmatch(upgrade.written(f"days-before-{kind}-stale"))
    )


def _left_alone(upgrade: Upgrade) -> Edit | None:
    """Has `actions/stale` go on skipping that; None where the step says otherwise after how many days, or it can't be written."""
    inputs = upgrade.step.inputs if upgrade.step else None
    names = [
        f"days-before-{kind}-{what}" for kind in _left_without_message(upgrade) for what in ("stale", "close")
    ]
    if inputs is None or not names or any(map(upgrade.has, names)):
        return None
    return append_entry(inputs, (", " if inputs.flow else "\n").join(f"{name}: -1" for name in names))


def _token_of_environment(upgrade: Upgrade) -> Scalar | None:
    """What a step finds as `GITHUB_TOKEN` in its environment and is not what its `token` says: that of the job, unless it says otherwise."""
    step, job = upgrade.step, upgrade.job
    places = (step.env if step else None, job.env if job else None, job.workflow.env if job else None)
    found = next((node for env in places if env is not None and (node := env.get("GITHUB_TOKEN"))), None)
    if not isinstance(found, Scalar) or not found.value.strip():
        return None
    given = upgrade.step.input("token") if upgrade.step else None
    said = given.value.strip() if given is not None and given.value.strip() else "${{ github.token }}"
    is_of_job = all(map(_TOKEN_OF_JOB.fullmatch, (found.value, said)))
    return None if is_of_job or found.value.strip() == said else found


def _token_handed(upgrade: Upgrade) -> Edit | None:
    """Hands a release the token of the environment as its input; None where the step gives one, and where it can't be written."""
    step, token = upgrade.step, _token_of_environment(upgrade)
    if step is None or token is None or upgrade.has("token") or "\n" in (written := token.text[token.span]):
        return None
    is_flow = step.node.flow or (step.inputs is not None and step.inputs.flow)
    quoted = written.replace("'", "''")
    return with_input(
        step, f"token: '{quoted}'" if token.style == "plain" and is_flow else f"token: {written}"
    )


def _sends_from_name(upgrade: Upgrade) -> bool:
    """Whether a step of `dawidd6/action-send-mail` certainly names a sender without an address."""
    given = upgrade.values("from")
    return bool(given) and all(one is not None and not _SENDER.fullmatch(one.strip()) for one in given)


def _listed_on_one_line(upgrade: Upgrade) -> str:
    """Why a step has to be rewritten that lists several values on one line of an input."""
    for name in _LISTS_OF_TITLES:
        lines = upgrade.written(name).splitlines()
        if any(_SEVERAL.search(_EXPRESSION.sub("", line).strip()) for line in lines):
            return (
                f"since version 5 `amannn/action-semantic-pull-request` takes one value on each line of {code(name)}: "
                "write them so along with the move"
            )
    return ""


CHANGES = (
    # https://github.com/actions/github-script#breaking-changes
    Change(
        "actions/github-script",
        (5,),
        Ask(
            "does the script call the API as `github.rest`: since version 5 `actions/github-script` has it there"
        ),
        lambda use: use.step is None or bool(_OLD_CLIENT.search(_EXPRESSION.sub("", use.written("script")))),
    ),
    Change(
        "actions/github-script",
        (9,),
        Ask(
            "does the script do without a `getOctokit` of its own and without `@actions/github`: since version 9 `actions/github-script` takes neither"
        ),
        lambda use: use.step is None or bool(_OWN_CLIENT.search(use.written("script"))),
    ),
    # https://github.com/actions/labeler/releases/tag/v5.0.0
    Change(
        "actions/labeler",
        (5,),
        Hold(
            "releases of `actions/labeler` since version 5 take no labels from a configuration in the old form: "
            "rewrite that along with the move"
        ),
    ),
    # https://github.com/actions/stale/pull/457
    Change("actions/stale", (4,), Write(_left_alone)),
    Change(
        "actions/stale",
        (4,),
        Ask(
            "is the step to mark and close what it has no `stale-issue-message` or `stale-pr-message` for: since version 4 `actions/stale` does that without one"
        ),
        lambda use: bool(_left_without_message(use)) and _left_alone(use) is None,
    ),
    # https://github.com/actions/stale#recommended-permissions
    Change(
        "actions/stale",
        (9,),
        Ask(
            "may the job write `actions`: since version 9 `actions/stale` keeps what it has done in a cache, and replaces that"
        ),
        lambda use: not use.may_write("actions"),
    ),
    # https://github.com/amannn/action-semantic-pull-request/releases/tag/v5.0.0
    Change("amannn/action-semantic-pull-request", (5,), Hold(_listed_on_one_line)),
    # https://github.com/cycjimmy/semantic-release-action/blob/v6.0.0/docs/CHANGELOG.md
    Change(
        "cycjimmy/semantic-release-action",
        (6,),
        Ask(
            "do the configuration and the plugins fit semantic-release 25, which `cycjimmy/semantic-release-action` runs since version 6 where no `semantic_version` is given"
        ),
        lambda use: use.lacks("semantic_version"),
    ),
    # https://github.com/dawidd6/action-send-mail/pull/267
    Change(
        "dawidd6/action-send-mail",
        (12,),
        Hold(
            "since version 12 `dawidd6/action-send-mail` refuses a `from` without an address, for which it took the `username` before: "
            "write `Name <address>` along with the move"
        ),
        lambda use: use.lacks("envelope_from") and _sends_from_name(use),
    ),
    Change(
        "dawidd6/action-send-mail",
        (12,),
        Ask(
            "is `from` an address, or `Name <address>`: since version 12 `dawidd6/action-send-mail` takes no name alone"
        ),
        lambda use: use.step is None or None in use.values("from"),
    ),
    # https://github.com/EndBug/add-and-commit/pull/759, https://github.com/EndBug/add-and-commit/pull/777
    Change(
        "endbug/add-and-commit",
        (11,),
        Ask(
            "does the step do without git's `--file` and `--pathspec-from-file`, which `EndBug/add-and-commit` refuses since version 11"
        ),
        lambda use: any(_READS_FILE.search(use.written(name)) for name in _COMMITTED),
    ),
    # https://github.com/release-drafter/release-drafter/pull/1475
    Change(
        RELEASE_DRAFTER,
        (7,),
        Hold(
            "since version 7 `release-drafter/release-drafter` drafts releases alone, whatever `disable-releaser` says: "
            "take `release-drafter/release-drafter/autolabeler` for a step that gives labels"
        ),
        lambda use: use.written("disable-releaser") == "true",
    ),
    Change(
        RELEASE_DRAFTER,
        (7,),
        Hold(
            lambda use: (
                f"{code(use.drafts.path if use.drafts else '')} has an `autolabeler`, and since version 7 another action gives these labels: "
                "add a step with `release-drafter/release-drafter/autolabeler` along with the move"
            )
        ),
        lambda use: _may_give_labels(use) and use.drafts is not None and _gives_labels(use.drafts),
    ),
    Change(RELEASE_DRAFTER, (7,), Write(input_taken_out)),
    Change(
        RELEASE_DRAFTER,
        (7,),
        Ask(
            "does the step give no labels by `autolabeler`: since version 7 `release-drafter/release-drafter/autolabeler` does that"
        ),
        lambda use: use.drafts is None and _may_give_labels(use),
    ),
    Change(
        RELEASE_DRAFTER,
        (7,),
        Ask(
            "is each `labels` of the configuration a list: since version 7 `release-drafter/release-drafter` takes no single one there"
        ),
        lambda use: use.drafts is None or _SINGLE_LABEL.search(use.drafts.content) is not None,
    ),
    # https://github.com/slackapi/slack-github-action/releases/tag/v2.0.0
    Change(
        "slackapi/slack-github-action",
        (2,),
        Hold(
            "releases of `slackapi/slack-github-action` since version 2 are told where a message goes by `webhook` and `webhook-type`, or by "
            "`token` and `method`: rewrite the step along with the move"
        ),
    ),
    # https://github.com/slackapi/slack-github-action/releases/tag/v4.0.0
    Change(
        "slackapi/slack-github-action",
        (4,),
        Ask(
            "is each line of a text in `payload` indented below its key: since version 4 `slackapi/slack-github-action` takes no other YAML"
        ),
        lambda use: "\n" in use.written("payload") and not use.written("payload").lstrip().startswith("{"),
    ),
    # https://github.com/softprops/action-gh-release/pull/751
    Change("softprops/action-gh-release", (2, 5, 3), Write(_token_handed)),
    Change(
        "softprops/action-gh-release",
        (2, 5, 3),
        Ask(
            "may the step take its `token`, the job's unless told otherwise, and not the `GITHUB_TOKEN` of its environment: "
            "`softprops/action-gh-release` does that since version 2.5.3"
        ),
        lambda use: _token_of_environment(use) is not None and _token_handed(use) is None,
    ),
    # https://github.com/tj-actions/changed-files/blob/v40.0.0/README.md
    Change(
        "tj-actions/changed-files",
        (40,),
        Ask(
            "does each pattern that is to take all of a folder end with `/**`, which `tj-actions/changed-files` no longer adds since version 40"
        ),
        lambda use: any(_LIKE_FOLDER.search(use.written(name)) for name in _PATTERNS),
    ),
    # https://github.com/advisories/GHSA-mcph-m25j-8j63
    Change(
        "tj-actions/changed-files",
        (41,),
        Ask(
            "do the later steps take names of files with a backslash before each character that a shell reads, as `tj-actions/changed-files` writes them since version 41 unless told `safe_output: false`"
        ),
        lambda use: use.lacks("safe_output"),
    ),
)
"""By action; of one action in the order in which they are told."""
