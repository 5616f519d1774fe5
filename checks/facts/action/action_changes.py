"""What newer releases of actions change for the steps that use them: one table of all that is known.

A row is what an action's release notes say that breaks workflows, from which release on, the steps that it concerns, and what is
done about it when the action of such a step moves: a question, an edit beside the move, or a reason why it can't move yet. The inputs
that a release no longer takes, with the names that some have now, are data, in `data/action_inputs.json`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from checks.facts.action.action_upgrades import (
    TAKEN_OUT,
    Upgrade,
    distribution_named,
    distribution_renamed,
    go_cache_left_off,
    gone_inputs,
    input_taken_out,
    java_renumbered,
    node_cache_left_off,
    renames,
    source_kept,
)
from checks.facts.action.golangci_lint import linter_version
from checks.facts.action.releases import ARCHIVED, lacks_runtime, of_use
from checks.facts.code_span import code
from checks.facts.dockerfile.end_of_life import has_ended
from checks.facts.project.go_modules import GoModule
from checks.facts.token.action_scopes import has_own_token
from checks.record import Record
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Location

_EXPRESSION = regex(r"\$\{\{.*?\}\}")
_OLD_CLIENT = regex(r"(?<![/\w.])github\.(?!(?:rest|graphql|request|paginate|hook|log|auth)\b)\w|\brequire\(")
_OWN_CLIENT = regex(r"@actions/github\b|\b(?:const|let)\s*\{?\s*getOctokit\b")
_HIDDEN = regex(r"(?:^|/)\.(?!\.?(?:/|$))", re.MULTILINE)
_REPORT = regex(r"\bresults\.(?:sarif|json)\b")
_FROM_ELSEWHERE = frozenset(("pull_request_target", "workflow_run"))
_OF_PULL_REQUESTS = frozenset(("pull_request", "pull_request_target"))
_LISTS_OF_TITLES = ("types", "scopes", "disallowScopes", "ignoreLabels")
_SEVERAL = regex(r"[^\s,][\s,]+[^\s,]")
_COMMITTED = ("add", "commit", "remove", "tag")
_READS_FILE = regex(r"(?<!\S)(?:-[A-Za-z]{0,9}F|--fi|--pathspec-f)")
_OLD_PNPM = regex(r"[\^~]?[1-8](?:\.|$)")
_PUSHING_BESIDE = "anthropics/claude-code-action"
"""Takes the checkout's token away before it pushes with its own, from where older releases kept it."""
_FETCHING_IN_COPY = "release-plz/action"
"""Updates its pull request from a copy of the checkout, in which git finds the token of older releases alone."""
_WITH_REFUSAL = ((4, 4), (5, 1), (6, 1))
"""From which releases of older versions on `actions/checkout` refuses the code of forks."""
_CLEARING = ((4, 3, 1), (5, 0, 1))
"""From which releases of older versions on `actions/checkout` takes away the token that version 6 has left."""


class Ask(Record):
    """Asks before the move."""

    question: str | Callable[[Upgrade], str]
    """Without its mark; empty where there is nothing to ask."""


class Write(Record):
    """Writes something beside the move, so that the step does what it did."""

    edit: Callable[[Upgrade], Edit | None]
    """None where nothing has to be written, or can't be."""


class Hold(Record):
    """Keeps the step at its release until something else is done."""

    why: str | Callable[[Upgrade], str]
    """Empty where the step can move."""


class Change(Record):
    """What the releases of an action do from one of them on."""

    action: str
    since: tuple[int, ...]
    """The first version with it."""
    effect: Ask | Write | Hold
    concerns: Callable[[Upgrade], bool] = lambda _: True
    backports: tuple[tuple[int, ...], ...] = ()
    """The first versions of older major ones that have it too."""

    def comes_after(self, number: tuple[int, ...]) -> bool:
        """Whether a version is without it."""
        return number < self.since and not any(
            one[0] == number[0] and number >= one for one in self.backports
        )


def questions(upgrade: Upgrade) -> Iterator[str]:
    """What to ask before an action moves, each a question without its mark; not what is known not to concern the step."""
    asked = (_said(one.question, upgrade) for one in _effects(upgrade) if isinstance(one, Ask))
    yield from filter(None, asked)
    known = {*renames(upgrade), *([TAKEN_OUT[upgrade.action.action]] if input_taken_out(upgrade) else ())}
    given = [f"`{name}`" for name in gone_inputs(upgrade) if name not in known]
    if given and upgrade.target is not None:
        to = f"`{upgrade.action.repository}` {upgrade.target.version}"
        yield f"does the step do without {' and '.join(given)}, which {to} does not take"


def beside(upgrade: Upgrade) -> tuple[Edit, ...]:
    """What is written beside the move of an action so that the step does what it did."""
    written = (one.edit(upgrade) for one in _effects(upgrade) if isinstance(one, Write))
    return (*filter(None, written), *renames(upgrade).values())


def why_held(upgrade: Upgrade) -> str:
    """Why an action can't move, or not before something else is done; empty where it can."""
    name, target = upgrade.action.repository, upgrade.target
    if target is not None and lacks_runtime(name, target):
        if name in ARCHIVED:
            return f"{code(name)} is archived, and none of its releases is made for a newer Node: take another action"
        return f"no release of {code(name)} is known that is made for a newer Node: look for one"
    whys = (_said(one.why, upgrade) for one in _effects(upgrade) if isinstance(one, Hold))
    return next(filter(None, whys), "")


def _effects(upgrade: Upgrade) -> Iterator[Ask | Write | Hold]:
    """Of the changes that come with the move and concern the step."""
    release, target = upgrade.release, upgrade.target
    if release is None or target is None:
        return
    for change in CHANGES:
        if (
            upgrade.action.repository == change.action
            and change.comes_after(release.number)
            and not change.comes_after(target.number)
            and change.concerns(upgrade)
        ):
            yield change.effect


def _said(text: str | Callable[[Upgrade], str], upgrade: Upgrade) -> str:
    return text if isinstance(text, str) else text(upgrade)


def _token_found_later(upgrade: Upgrade) -> str:
    """https://github.com/anthropics/claude-code-action/issues/1721"""
    beside = upgrade.later_of(_PUSHING_BESIDE)
    if beside and upgrade.step is not None and has_own_token(upgrade.step):
        return ""
    if beside:
        return (
            f"does `{_PUSHING_BESIDE}` take the job's token away from git where `actions/checkout` keeps it since version 6: "
            "git takes that before the action's own, and pushes as the job"
        )
    return "does each later step that pushes find the token where `actions/checkout` keeps it since version 6"


def _older_checkout_again(upgrade: Upgrade) -> str:
    """The question after a later checkout that stays at a release which does not take the token of newer ones away.

    https://github.com/actions/checkout/pull/2305
    """
    for step in upgrade.checked_out_again():
        release = of_use(step.uses) if step.uses else None
        if step.uses is None or release is None or not (2,) <= release.number < (6,):
            continue
        if any(one[0] == release.number[0] and release.number >= one for one in _CLEARING):
            continue
        is_here = upgrade.step is not None and step.text is upgrade.step.text
        again = Upgrade(step.uses, step, events=upgrade.events)
        if not (is_here and lacks_runtime(step.uses.repository, release) and not why_held(again)):
            place = Location(step.text, step.uses.scalar.span)
            return (
                f"does {code(f'{place.path}:{place.line}')}, which checks out again with an older release, move along: it adds "
                "its token to the one that newer releases keep elsewhere, and GitHub refuses two"
            )
    return ""


def _fetches_in_copy(upgrade: Upgrade) -> bool:
    """Whether a later step of release-plz, which may be more than `command: release`, takes the token that the checkout leaves."""
    commands = (step.input("command") for step in upgrade.later_of(_FETCHING_IN_COPY))
    return upgrade.written("persist-credentials") != "false" and any(
        one is None or one.value != "release" for one in commands
    )


def _match_read_in_its_folder(upgrade: Upgrade) -> str:
    """Why the only match of a pattern can't lie in the path itself."""
    folder, name = _folder(upgrade), upgrade.only_match
    place = upgrade.named_later(f"{folder}/{name}") if folder and name else None
    return (
        f"line {place.line} names {code(f'{folder}/{name}')}, and since version 5 `actions/download-artifact` unpacks the only match of "
        f"its `pattern` into {code(folder)} itself: write `name: {name}` for the pattern, and name it there, along with the move"
        if place
        else ""
    )


def _one_match(upgrade: Upgrade) -> str:
    """The question after artifacts that come to lie in the path itself, where they are the only one that is found."""
    if not upgrade.takes_by_pattern or upgrade.certainly_matches_several():
        return ""
    folder, name = _folder(upgrade), upgrade.only_match
    own = posixpath.join(folder, name)
    to = f"{code(folder)} itself" if folder else "the workspace itself"
    if name:
        return (
            f"does no later step look for the artifact in {code(own)}: since version 5 `actions/download-artifact` unpacks the only "
            f"match of `pattern` into {to}"
        )
    by = "artifact-ids" if upgrade.has("artifact-ids") else "pattern"
    return (
        f"do later steps find the artifact where `{by}` has one alone: since version 5 `actions/download-artifact` unpacks that into "
        f"{to}, and not into a folder of its name"
    )


def _folder(upgrade: Upgrade) -> str:
    """Where a step downloads to, as it is written, without what means nothing; empty for the workspace."""
    path = upgrade.written("path")
    return "" if not path or posixpath.normpath(path) == "." else posixpath.normpath(path)


def _module_of_newer_go(upgrade: Upgrade) -> str:
    found = upgrade.module_of_newer_go()
    if found is None:
        return ""
    version, module = found
    by_file = (
        ", or give `go-version-file`"
        if upgrade.written("go-version") and upgrade.is_behind_checkout()
        else ""
    )
    return (
        f"newer releases of `actions/setup-go` keep to {_given(upgrade, version)}, and {code(module.path)} needs `{_go(module)}`: "
        f"raise it first{by_file}"
    )


def _module_of_open_scripts(upgrade: Upgrade) -> str:
    found = upgrade.module_of_open_scripts()
    if found is None:
        return ""
    version, module = found
    return (
        f"newer releases of `actions/setup-go` keep to {_given(upgrade, version)}, {code(module.path)} needs `{_go(module)}`, "
        "and it is not known which modules later scripts load: raise it first"
    )


def _go_of_newest_programs(upgrade: Upgrade) -> str:
    for version in upgrade.go_of_newest_programs():
        if upgrade.today is not None and has_ended(f"golang:{version.removesuffix('.x')}", upgrade.today):
            return (
                f"newer releases of `actions/setup-go` keep to {_given(upgrade, version)}, which is maintained no more, "
                f"and {_newest_programs(upgrade)} may need a newer one: raise it first"
            )
    return ""


def _module_in_doubt(upgrade: Upgrade) -> str:
    found = upgrade.module_in_doubt()
    if found is None:
        return ""
    version, module = found
    return (
        f"does no later step load {code(module.path)}, which needs Go {_go(module)}: since version 6 `actions/setup-go` keeps to "
        f"{_given(upgrade, version)}"
    )


def _given(upgrade: Upgrade, version: str) -> str:
    """A Go as the step is given it."""
    is_named = upgrade.has("go-version")
    return code(f"go-version: {version}") if is_named else f"the Go of `go-version-file`, {version}"


def _newest_programs(upgrade: Upgrade) -> str:
    programs = upgrade.newest_programs()
    them = " and ".join(map(code, programs))
    return f"{them}, which the job takes," if programs else "what the job takes at `@latest`"


def _go(module: GoModule) -> str:
    return ".".join(map(str, module.go or ()))


def _newest_programs_asked(upgrade: Upgrade) -> str:
    """The question after programs at `@latest`, where they lie: any of them may ask for the newest Go."""
    given = next((name for name in ("go-version", "go-version-file") if upgrade.has(name)), None)
    found = {**upgrade.newest_of_scripts(), **upgrade.newest_of_recipes}
    if not found or given is None or upgrade.is_on_newest_go():
        return ""
    them = " and ".join(
        f"{code(name)}, which `make` installs by {code(place.path)} line {place.line},"
        if name in upgrade.newest_of_recipes
        else f"{code(name)} at line {place.line}"
        for name, place in found.items()
    )
    return (
        f"may {them} ask for a newer Go than `{given}` gives: since version 6 `actions/setup-go` keeps Go from "
        "loading one"
    )


def _uploaded_by_each_leg(upgrade: Upgrade) -> str:
    name = upgrade.uploaded_by_each_leg()
    return name and (
        f"each leg of a matrix uploads {code(name)}, and since version 4 of `actions/upload-artifact` the second "
        "upload of a name fails: give each a name of its own, and downloads a `pattern`, along with the move"
    )


def _record_downloaded(upgrade: Upgrade) -> str:
    """The question after the record of a build among all artifacts that a step downloads.

    https://github.com/docker/build-push-action/issues/1167
    """
    downloads = upgrade.downloads_of_all()
    if not downloads:
        return ""
    places = [Location(one.text, one.uses.scalar.span if one.uses else one.node.span) for one in downloads]
    lines = " and ".join(str(place.line) for place in places)
    return (
        f"may the download of all artifacts at line {lines} take the record of the build, too, which newer releases of "
        f"{code(upgrade.action.repository)} upload (else say `DOCKER_BUILD_RECORD_UPLOAD: false` in `env`, or give the download a "
        "`pattern`)"
    )


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


def _two_versions_of_pnpm(upgrade: Upgrade) -> str:
    """https://github.com/pnpm/action-setup/blob/v4.0.0/src/install-pnpm/run.ts"""
    given, named = upgrade.written("version"), upgrade.pnpm_beside()
    if not named or "${{" in given or given == named.partition("+")[0]:
        return ""
    return (
        f"since version 4 `pnpm/action-setup` fails where `version` differs from `packageManager` of `package.json`, here "
        f"{code(given)} from {code(f'pnpm@{named}')}: leave `version` out along with the move"
    )


CHANGES = (
    # https://github.com/actions/checkout/releases/tag/v6.0.0
    Change(
        "actions/checkout",
        (6,),
        Ask(_token_found_later),
        lambda use: use.written("persist-credentials") != "false" and use.may_push_later(),
    ),
    Change(
        "actions/checkout",
        (6,),
        Ask(_older_checkout_again),
        lambda use: use.written("persist-credentials") != "false",
    ),
    # https://github.com/release-plz/release-plz/issues/2957, mended by https://github.com/release-plz/release-plz/pull/3068
    Change(
        "actions/checkout",
        (6,),
        Ask(
            f"is the release-plz that `{_FETCHING_IN_COPY}` installs of after 17 September 2026: older ones don't find the token where "
            "`actions/checkout` keeps it since version 6, and close their pull request to open another one on each run"
        ),
        _fetches_in_copy,
    ),
    # https://github.com/actions/checkout/releases/tag/v7.0.0
    Change(
        "actions/checkout",
        (7,),
        Hold(
            "newer releases of `actions/checkout` refuse the code of a fork for `pull_request_target`, which this step takes: "
            "run it for `pull_request`, or give `allow-unsafe-pr-checkout: true` along with the move"
        ),
        lambda use: use.takes_code_of_forks(),
        _WITH_REFUSAL,
    ),
    Change(
        "actions/checkout",
        (7,),
        Ask(
            "is the code that is checked out never a fork's: newer releases of `actions/checkout` refuse that for these events"
        ),
        lambda use: not _FROM_ELSEWHERE.isdisjoint(use.events) and (use.has("ref") or use.has("repository")),
        _WITH_REFUSAL,
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
    # https://github.com/actions/setup-go/issues/403
    Change("actions/setup-go", (4,), Write(go_cache_left_off)),
    Change(
        "actions/setup-go",
        (4,),
        Ask(
            "does the job do without its own cache of Go's modules: since version 4 `actions/setup-go` restores them unless told `cache: false`, and the second restore fails"
        ),
        lambda use: use.restores_modules_twice() and go_cache_left_off(use) is None,
    ),
    # https://github.com/actions/setup-go/pull/460
    Change("actions/setup-go", (6,), Hold(_module_of_newer_go)),
    Change("actions/setup-go", (6,), Hold(_module_of_open_scripts)),
    Change("actions/setup-go", (6,), Hold(_go_of_newest_programs)),
    Change(
        "actions/setup-go",
        (6,),
        Ask(
            "is `go-version` as new as `go.mod` and what `go install` takes ask: since version 6 `actions/setup-go` keeps Go from loading a newer one"
        ),
        lambda use: use.may_need_newer_go(),
    ),
    Change(
        "actions/setup-go",
        (6,),
        Ask(
            "is `go-version` as new as what `go install` and `go run` take asks: since version 6 `actions/setup-go` keeps Go from loading a newer one"
        ),
        lambda use: use.may_load_newer_go() and not use.may_need_newer_go() and use.installs_by_go(),
    ),
    Change(
        "actions/setup-go",
        (6,),
        Ask(
            "is the Go of `go-version-file` as new as what `go install` and `go run` take asks: since version 6 `actions/setup-go` keeps Go from loading a newer one"
        ),
        lambda use: use.has("go-version-file") and not use.written("go-version") and use.installs_by_go(),
    ),
    Change("actions/setup-go", (6,), Ask(_module_in_doubt)),
    Change("actions/setup-go", (6,), Ask(_newest_programs_asked)),
    # https://github.com/actions/setup-java/blob/main/docs/switching-to-v2.md
    Change("actions/setup-java", (2,), Write(distribution_named)),
    Change("actions/setup-java", (2,), Write(java_renumbered)),
    Change(
        "actions/setup-java",
        (2,),
        Ask("which `distribution` is it: since version 2 `actions/setup-java` has to be told"),
        lambda use: use.lacks("distribution") and distribution_named(use) is None,
    ),
    # https://github.com/actions/setup-java/releases/tag/v6.0.0
    Change("actions/setup-java", (6,), Write(distribution_renamed)),
    Change(
        "actions/setup-java",
        (6,),
        Ask("is `distribution` never `adopt`, which `actions/setup-java` does not take since version 6"),
        lambda use: "${{" in use.written("distribution"),
    ),
    Change(
        "actions/setup-java",
        (6,),
        Ask(
            "is `maven-gpg-plugin` 3.2.0 or newer: since version 6 `actions/setup-java` names the passphrase for that"
        ),
        lambda use: use.has("gpg-passphrase"),
    ),
    # https://github.com/actions/setup-node/releases/tag/v5.0.0
    Change("actions/setup-node", (5,), Write(node_cache_left_off)),
    # https://github.com/actions/setup-node#breaking-changes-in-v6
    Change("actions/setup-node", (6, 1), Write(input_taken_out)),
    Change(
        "actions/setup-node",
        (6, 1),
        Ask(
            "does nothing run Yarn 1, or an npm or pnpm before 7, for packages that a registry gives only behind a login: `always-auth`, by which these log in for each download, is gone since version 6 of `actions/setup-node`"
        ),
        lambda use: (
            use.may_run_yarn_1
            and use.written("always-auth") not in ("", "false")
            and input_taken_out(use) is not None
        ),
    ),
    # https://github.com/actions/setup-node/pull/1558
    Change(
        "actions/setup-node",
        (7,),
        Ask(
            "has each later step `NODE_AUTH_TOKEN` that runs Yarn 1: since version 7 `actions/setup-node` with `registry-url` sets none where none is there"
        ),
        lambda use: use.may_lack_token and use.has("registry-url"),
    ),
    # https://github.com/actions/upload-artifact/blob/main/docs/MIGRATION.md
    Change("actions/upload-artifact", (4,), Hold(_uploaded_by_each_leg)),
    Change("actions/download-artifact", (4,), Hold(_uploaded_by_each_leg)),
    Change(
        "actions/upload-artifact",
        (4,),
        Ask(
            "does no other job upload an artifact of the same name, and does whatever downloads it use version 4 or newer, too"
        ),
        lambda use: not use.is_lone_upload,
    ),
    Change(
        "actions/upload-artifact",
        (4,),
        Ask(
            "does one leg of the matrix alone upload the artifact: since version 4 the second upload of a name fails"
        ),
        lambda use: use.uploads_in_each_leg(),
    ),
    Change(
        "actions/upload-artifact",
        (4, 4),
        Ask(
            "is `include-hidden-files` needed: since version 4.4 `actions/upload-artifact` leaves hidden files out"
        ),
        lambda use: use.lacks("include-hidden-files") and bool(_HIDDEN.search(use.written("path"))),
    ),
    Change(
        "actions/download-artifact",
        (4,),
        Ask("does whatever uploads the artifact use version 4 or newer of `actions/upload-artifact`, too"),
    ),
    # https://github.com/actions/download-artifact/pull/416
    Change("actions/download-artifact", (5,), Hold(_match_read_in_its_folder)),
    Change("actions/download-artifact", (5,), Ask(_one_match)),
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
    # https://github.com/actions/stale#recommended-permissions
    Change(
        "actions/stale",
        (9,),
        Ask(
            "may the job write `actions`: since version 9 `actions/stale` keeps what it has done in a cache, and replaces that"
        ),
        lambda use: not use.may_write("actions"),
    ),
    # https://github.com/actions/deploy-pages/releases/tag/v4.0.0
    Change(
        "actions/deploy-pages",
        (4,),
        Ask("does whatever uploads the site use version 3 or newer of `actions/upload-pages-artifact`, too"),
        lambda use: not use.is_beside("actions/upload-pages-artifact"),
    ),
    # https://github.com/actions/upload-pages-artifact/releases/tag/v2.0.0
    Change(
        "actions/upload-pages-artifact",
        (2,),
        Ask(
            "may all read the files of the site: since version 2 `actions/upload-pages-artifact` leaves their permissions as they are"
        ),
    ),
    # https://github.com/actions/upload-pages-artifact/releases/tag/v3.0.0
    Change(
        "actions/upload-pages-artifact",
        (3,),
        Ask("does whatever deploys the site use version 4 or newer of `actions/deploy-pages`, too"),
        lambda use: not use.is_beside("actions/deploy-pages"),
    ),
    # https://github.com/actions/upload-pages-artifact/releases/tag/v4.0.0
    Change(
        "actions/upload-pages-artifact",
        (4,),
        Ask(
            "does the site do without files whose names begin with a dot, such as `.well-known`: since version 4 "
            "`actions/upload-pages-artifact` leaves them out (else say `include-hidden-files: true`)"
        ),
        lambda use: use.lacks("include-hidden-files"),
    ),
    # https://github.com/amannn/action-semantic-pull-request/releases/tag/v5.0.0
    Change("amannn/action-semantic-pull-request", (5,), Hold(_listed_on_one_line)),
    # https://github.com/anchore/scan-action/releases/tag/v6.0.0
    Change(
        "anchore/scan-action",
        (6,),
        Ask(
            "is `output-file` given: since version 6 `anchore/scan-action` writes its report to another place than `results.sarif` or `results.json`"
        ),
        lambda use: use.lacks("output-file") and use.is_named_in_job(_REPORT),
    ),
    # https://github.com/astral-sh/setup-uv/releases/tag/v6.0.0
    Change(
        "astral-sh/setup-uv",
        (6,),
        Ask(
            "do later steps find a virtual environment: since version 6 `python-version` of `astral-sh/setup-uv` makes none"
        ),
        lambda use: use.has("python-version") and use.lacks("activate-environment"),
    ),
    # https://github.com/aws-actions/amazon-ecr-login/releases/tag/v2.0.0
    Change(
        "aws-actions/amazon-ecr-login",
        (2,),
        Ask("does nothing hand on the password, which `aws-actions/amazon-ecr-login` masks since version 2"),
        lambda use: "docker_password" in use.action.scalar.text.content and use.lacks("mask-password"),
    ),
    # https://github.com/cloudflare/wrangler-action/releases/tag/v4.0.0
    Change(
        "cloudflare/wrangler-action",
        (4,),
        Ask(
            "does the project hold for Wrangler 4, which `cloudflare/wrangler-action` installs since version 4 where none is named or installed"
        ),
        lambda use: use.lacks("wranglerversion"),
    ),
    # https://github.com/codecov/codecov-action#breaking-changes
    Change(
        "codecov/codecov-action",
        (4,),
        Ask(
            "has the step a token (`token`, `CODECOV_TOKEN`, or `use_oidc: true`): since version 4 `codecov/codecov-action` uploads without one from forks of public repositories alone, unless the organization lets all upload"
        ),
        lambda use: use.lacks("token") and "CODECOV_TOKEN" not in use.action.scalar.text.content,
    ),
    # https://github.com/codecov/codecov-action#usage
    Change(
        "codecov/codecov-action",
        (5,),
        Ask(
            "has the job's container `bash`, `curl`, `git` and `gpg`, without which `codecov/codecov-action` fails since version 5"
        ),
        lambda use: use.is_in_container,
    ),
    # https://github.com/docker/bake-action/releases/tag/v6.0.0
    Change("docker/bake-action", (6,), Write(source_kept)),
    # https://github.com/docker/bake-action/pull/208
    Change("docker/bake-action", (5,), Ask(_record_downloaded)),
    Change(
        "docker/bake-action",
        (6,),
        Ask(
            "is what the step builds in the repository at the commit of the event: since version 6 `docker/bake-action` fetches it from there, and not from the workspace, unless told `source: .`"
        ),
        lambda use: not use.action.path and use.lacks("source") and source_kept(use) is None,
    ),
    # https://github.com/docker/build-push-action/releases/tag/v4.0.0
    Change(
        "docker/build-push-action",
        (4,),
        Ask(
            "does `docker manifest create` name what the step pushes: since version 4 `docker/build-push-action` adds a provenance, which makes an index of an image, and the command takes none (give `provenance: false`, or use `docker buildx imagetools create`)"
        ),
        lambda use: use.joins_images and use.may_push_plain_image(),
    ),
    # https://docs.docker.com/build/metadata/attestations/slsa-provenance/#max
    Change(
        "docker/build-push-action",
        (4,),
        Ask(
            "may all see the secrets in `build-args`: since version 4 `docker/build-push-action` adds a provenance, which in public repositories holds them (keep them out, or give `provenance: false`)"
        ),
        lambda use: "secrets." in use.written("build-args") and use.may_get_provenance(),
    ),
    # https://github.com/docker/build-push-action/pull/1120
    Change("docker/build-push-action", (6,), Ask(_record_downloaded)),
    # https://github.com/docker/setup-buildx-action/pull/455
    Change("docker/setup-buildx-action", (4,), Write(input_taken_out)),
    Change(
        "docker/setup-buildx-action",
        (4,),
        Ask(
            "does no later step count on `install`, by which `docker build` takes the builder: `docker/setup-buildx-action` has it no more since version 4 (run `docker buildx build`, or name the builder in `BUILDX_BUILDER`)"
        ),
        lambda use: use.may_build_by_alias() and input_taken_out(use) is not None,
    ),
    # https://github.com/dorny/test-reporter/releases/tag/v2.0.0
    Change(
        "dorny/test-reporter",
        (2,),
        Ask(
            "does nothing wait for the check that `name` names: since version 2 `dorny/test-reporter` writes the summary of the run, and makes a check only where it is told `use-actions-summary: false`"
        ),
        lambda use: use.lacks("use-actions-summary"),
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
    # https://github.com/golangci/golangci-lint-action/releases/tag/v6.5.0
    Change(
        "golangci/golangci-lint-action",
        (6, 5),
        Ask(
            "is the configuration valid for `golangci-lint config verify`, which newer releases of the action run unless told `verify: false`"
        ),
        lambda use: use.lacks("verify"),
    ),
    # https://github.com/golangci/golangci-lint-action/releases/tag/v7.0.0
    Change(
        "golangci/golangci-lint-action",
        (7,),
        Ask(
            "is golangci-lint version 2, which `golangci/golangci-lint-action` needs since version 7, and its configuration of that form"
        ),
        lambda use: not (linter_version(use.step) or "").startswith("v2"),
    ),
    # https://github.com/google-github-actions/setup-gcloud/releases/tag/v1.0.0
    Change(
        "google-github-actions/setup-gcloud",
        (1,),
        Hold(
            "since version 1 `google-github-actions/setup-gcloud` does not log in with `service_account_key`: do that by "
            "`google-github-actions/auth` in a step ahead of it, along with the move"
        ),
        lambda use: bool(use.written("service_account_key")),
    ),
    # https://github.com/google-github-actions/setup-gcloud/releases/tag/v3.0.0
    Change("google-github-actions/setup-gcloud", (3,), Write(input_taken_out)),
    Change(
        "google-github-actions/setup-gcloud",
        (3,),
        Ask(
            "may each run load `gcloud` anew: since version 3 `google-github-actions/setup-gcloud` keeps it on a runner of your own only where it is told `cache: true`"
        ),
        lambda use: use.written("skip_tool_cache") not in ("", "true"),
    ),
    # https://github.com/goreleaser/goreleaser-action/releases/tag/v6.0.0
    Change(
        "goreleaser/goreleaser-action",
        (6,),
        Ask(
            "does the configuration hold for GoReleaser 2, which `goreleaser/goreleaser-action` runs since version 6 where no version is named"
        ),
        lambda use: use.written("version") in ("", "latest"),
    ),
    # https://github.com/gradle/actions/releases/tag/v4.0.0
    Change(
        "gradle/actions",
        (4,),
        Hold("since version 4 `gradle/actions` refuses `arguments`: run Gradle in a step of its own first"),
        lambda use: use.has("arguments"),
    ),
    # https://github.com/gradle/actions/blob/main/DISTRIBUTION.md
    Change(
        "gradle/actions",
        (6,),
        Ask(
            "may the job use the proprietary cache that `gradle/actions/setup-gradle` takes since version 6 unless told `cache-provider: basic`"
        ),
        lambda use: (
            use.action.path == "setup-gradle"
            and use.lacks("cache-provider")
            and use.written("cache-disabled") != "true"
        ),
    ),
    # https://github.com/helm/kind-action/releases
    Change(
        "helm/kind-action",
        (1, 14),
        Ask("do the tests hold on the newer Kubernetes that `helm/kind-action` starts where none is named"),
        lambda use: use.lacks("version") and use.lacks("node_image") and use.lacks("config"),
    ),
    # https://github.com/jdx/mise-action/pull/241
    Change(
        "jdx/mise-action",
        (3,),
        Ask(
            "may each later step have the variables of mise's configuration: since version 3 `jdx/mise-action` sets them unless told `env: false`"
        ),
        lambda use: use.lacks("env"),
    ),
    # https://github.com/jdx/mise-action/pull/495
    Change(
        "jdx/mise-action",
        (4, 1),
        Ask(
            "does `mise.lock` have each tool for the machine of the job: since version 4.1 `jdx/mise-action` installs nothing that is not in it"
        ),
        lambda use: use.has_mise_lock and use.lacks("mise_toml") and use.lacks("tool_versions"),
    ),
    # https://github.com/pnpm/action-setup/releases/tag/v4.0.0
    Change("pnpm/action-setup", (4,), Hold(_two_versions_of_pnpm)),
    Change(
        "pnpm/action-setup",
        (4,),
        Ask(
            "does `version` name what `packageManager` of `package.json` does: since version 4 `pnpm/action-setup` fails where they differ"
        ),
        lambda use: use.pnpm_beside() not in ("", use.written("version")) and not _two_versions_of_pnpm(use),
    ),
    # https://github.com/pnpm/action-setup/issues/225
    Change(
        "pnpm/action-setup",
        (6,),
        Ask(
            "does a pnpm as old as version 8 come in where `pnpm/action-setup` installs it by pnpm 11, which it does since version 6: on Node.js 18 that fails"
        ),
        lambda use: bool(_OLD_PNPM.match(use.written("version") or use.pnpm_named())),
    ),
    # https://github.com/release-drafter/release-drafter/pull/1475
    Change(
        "release-drafter/release-drafter",
        (7,),
        Hold(
            "since version 7 `release-drafter/release-drafter` drafts releases alone, whatever `disable-releaser` says: "
            "take `release-drafter/release-drafter/autolabeler` for a step that gives labels"
        ),
        lambda use: use.written("disable-releaser") == "true",
    ),
    Change("release-drafter/release-drafter", (7,), Write(input_taken_out)),
    Change(
        "release-drafter/release-drafter",
        (7,),
        Ask(
            "does the step give no labels by `autolabeler`: since version 7 `release-drafter/release-drafter/autolabeler` does that"
        ),
        lambda use: (
            not _OF_PULL_REQUESTS.isdisjoint(use.events) and use.written("disable-autolabeler") != "true"
        ),
    ),
    Change(
        "release-drafter/release-drafter",
        (7,),
        Ask(
            "is each `labels` of the configuration a list: since version 7 `release-drafter/release-drafter` takes no single one there"
        ),
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
    # https://github.com/terraform-linters/setup-tflint/pull/324
    Change(
        "terraform-linters/setup-tflint",
        (5,),
        Ask(
            "may the job fail where TFLint finds something: since version 5 the wrapper of `terraform-linters/setup-tflint` fails for warnings, too, unless TFLint is told `--minimum-failure-severity=error`"
        ),
        lambda use: use.written("tflint_wrapper") not in ("", "false"),
    ),
)
"""By action; of one action in the order in which they are told."""
