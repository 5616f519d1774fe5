"""What newer releases of `actions/checkout` change for a step: where it leaves its token, and which code it refuses."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from checks.facts.action.releases import of_use
from checks.facts.action.runtimes import lacks_runtime
from checks.facts.action.updaters import keeps_major
from checks.facts.code_span import code
from checks.facts.token.given_token import stores_token
from checks.facts.token.own_tokens import has_own_token
from checks.facts.token.pushing_steps import may_push, may_push_in_container, may_use_git
from checks.facts.upgrade.change import Ask, Change, Hold, held_by
from checks.facts.upgrade.fork_code import may_run_for_forks, takes_code_of_forks
from checks.facts.upgrade.header_files import HEADER
from checks.facts.upgrade.upgrades import Upgrade
from checks.facts.workflow.inner_steps import inner_steps, may_do, steps_beside
from checks.facts.workflow.workflows import Job, Step
from checks.record import kept_with
from checks.regex import regex
from checks.source.yaml import Scalar, walk

_CHECKOUT = "actions/checkout"
_PUSHING_BESIDE = "anthropics/claude-code-action"
"""Takes the checkout's token away before it pushes with its own, from where older releases kept it."""
_HIDING = ("peter-evans/create-pull-request", (7, 0, 9))
"""Pushes with its own token, and from this release on puts away what `actions/checkout` keeps since version 6 while it does.

https://github.com/peter-evans/create-pull-request/pull/4230
"""
_IN_ADDRESS = "jamesives/github-pages-deploy-action"
"""Takes away what older releases leave, and pushes to an address with its token, which is the job's unless told otherwise."""
_TOKENS_IN_ADDRESS = ("token", "github_token", "access_token")
_OF_JOB = regex(r"\$\{\{\s*(?:secrets\.github_token|github\.token)\s*\}\}", re.IGNORECASE)
_FETCHING_IN_COPY = "release-plz/action"
"""Updates its pull request from a copy of the checkout, in which git finds the token of older releases alone."""
_FROM_ELSEWHERE = frozenset(("pull_request_target", "workflow_run"))
"""Events whose runs may take what a fork proposes, with the rights of the repository."""
_WITH_REFUSAL = ((4, 4), (5, 1), (6, 1))
"""From which releases of older versions on it refuses the code of forks."""
_CLEARING = ((4, 3, 1), (5, 0, 1))
"""From which releases of older versions on it takes away the token that version 6 has left."""


def is_unnoticed(upgrade: Upgrade) -> bool:
    """Whether no step of a job can tell that its checkout moves: each later one is known, and none speaks of git."""
    release = upgrade.release
    if upgrade.action.repository != _CHECKOUT or release is None or release.number < (2,):
        return False
    return not (upgrade.is_in_container or upgrade.may_do_later(may_use_git))


@kept_with
def speaks_of_header(job: Job) -> bool:
    """Whether a value of a job names the setting of git that older releases leave: a script, an action's input, a variable."""
    return any(isinstance(node, Scalar) and HEADER.search(node.value) for node in walk(job.node))


def leaves_token_to_agent(step: Step) -> bool:
    """Whether a checkout leaves the job's token where an agent of the job pushes later with its own."""
    later = step.later
    return stores_token(step) and any(
        one.uses is not None and one.uses.action == _PUSHING_BESIDE for one in later
    )


def _keeps_token(upgrade: Upgrade) -> bool:
    """Whether the checkout leaves its token, which it does unless told otherwise."""
    return upgrade.written("persist-credentials") != "false"


def _may_push_later(upgrade: Upgrade) -> bool:
    """Whether the token is left, and a later step may bring git another one, or not find it."""
    jobs = [upgrade.job, *(way.job for way in upgrade.ways)]
    is_in_container = any(job is not None and job.node.get("container") is not None for job in jobs)
    may = may_push_in_container if is_in_container else may_push

    def pushes(step: Step) -> bool:
        return may(step) and not (_hides_token(step, upgrade) or _has_same_token(step, upgrade))

    if not _keeps_token(upgrade):
        return False
    if upgrade.step is None or not _is_for_here_alone(upgrade.step) or not upgrade.ways:
        return upgrade.may_do_later(pushes)
    return any(may_do(one, upgrade.actions, pushes) for one in _behind_in_action(upgrade, upgrade.step))


def _hides_token(step: Step, upgrade: Upgrade) -> bool:
    """Whether a step puts the checkout's token away while it pushes, as it does by itself or once it moves along."""
    name, first = _HIDING
    release = of_use(step.uses) if step.uses is not None and step.uses.repository == name else None
    if release is None or release.number >= first:
        return release is not None
    stays = upgrade.dependabot is not None and keeps_major(upgrade.dependabot, name) is not None
    return step.text is upgrade.action.scalar.text and lacks_runtime(name, release) and not stays


def _has_same_token(step: Step, upgrade: Upgrade) -> bool:
    """Whether a step pushes to an address with the token that the checkout leaves, too: it is the job's in both.

    https://github.com/JamesIves/github-pages-deploy-action/blob/v4.6.8/src/git.ts
    """
    checkout = upgrade.step
    if checkout is None or not step.uses_action(_IN_ADDRESS) or upgrade.has("ssh-key"):
        return False
    given = [checkout.input("token"), *(step.input(name) for name in _TOKENS_IN_ADDRESS)]
    return all(_OF_JOB.fullmatch(one.value) for one in given if one is not None)


def _is_for_here_alone(step: Step) -> bool:
    """Whether a step is of a composite action that no other repository is meant to use."""
    return step.job is None and step.text.path.startswith(".github/")


def _behind_in_action(upgrade: Upgrade, step: Step) -> Iterator[Step]:
    """What may run behind a step of a composite action: its later steps, those of actions around it, and those of the jobs."""
    yield from (one for one in steps_beside(step, upgrade.actions) if one.index > step.index)
    folder = posixpath.dirname(step.text.path)
    for way in upgrade.ways:
        if way.uses is not None and not way.uses.folder.endswith(folder):
            yield way
        yield from way.later


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
    for step in _checked_out_again(upgrade):
        release = of_use(step.uses) if step.uses else None
        if step.uses is None or release is None or not (2,) <= release.number < (6,):
            continue
        if any(one[0] == release.number[0] and release.number >= one for one in _CLEARING):
            continue
        is_here = upgrade.step is not None and step.text is upgrade.step.text
        again = Upgrade(step.uses, step, events=upgrade.events)
        if not (is_here and lacks_runtime(_CHECKOUT, release) and not held_by(again, CHANGES)):
            place = step.uses.location
            return (
                f"does {code(f'{place.path}:{place.line}')}, which checks out again with an older release, move along: it adds "
                "its token to the one that newer releases keep elsewhere, and GitHub refuses two"
            )
    return ""


def _checked_out_again(upgrade: Upgrade) -> Iterator[Step]:
    """The next checkout of the same repository to the same place, on each way to the step.

    It keeps the clone that is there.
    https://github.com/actions/checkout/blob/main/src/git-directory-helper.ts
    """
    own = upgrade.step
    if own is None:
        return
    behind = [one for one in steps_beside(own, upgrade.actions) if one.index > own.index]
    for way in upgrade.ways or (None,):
        later = [*behind, *(way.later if way else ())]
        opened = (inner for one in later for inner in inner_steps(one, upgrade.actions))
        found = next((one for one in opened if _is_of_same_place(one, own)), None)
        if found is not None:
            yield found


def _is_of_same_place(step: Step, other: Step) -> bool:
    """Whether two checkouts are of one repository, to one folder, and by HTTPS."""
    is_by_https = step.input("ssh-key") is None and other.input("ssh-key") is None
    return step.uses_action(_CHECKOUT) and is_by_https and _place_of(step) == _place_of(other)


def _place_of(checkout: Step) -> tuple[str, str]:
    repository, path = checkout.input("repository"), checkout.input("path")
    name = repository.value.replace(" ", "") if repository else ""
    return "" if name == "${{github.repository}}" else name, posixpath.normpath(path.value if path else "")


def _fetches_in_copy(upgrade: Upgrade) -> bool:
    """Whether a later step of release-plz, but for `command: release`, takes the token that the checkout leaves."""
    commands = (step.input("command") for step in upgrade.later_of(_FETCHING_IN_COPY))
    return _keeps_token(upgrade) and any(one is None or one.value != "release" for one in commands)


def _may_take_code_of_forks(upgrade: Upgrade) -> bool:
    """Whether the step checks out something that is named, in a run for an event that may be a fork's."""
    names_something = upgrade.has("ref") or upgrade.has("repository")
    return names_something and may_run_for_forks(upgrade, _FROM_ELSEWHERE)


CHANGES = (
    # https://github.com/actions/checkout/releases/tag/v6.0.0
    Change(
        "actions/checkout",
        (6,),
        Ask(_token_found_later),
        _may_push_later,
    ),
    Change(
        "actions/checkout",
        (6,),
        Ask(_older_checkout_again),
        _keeps_token,
    ),
    # https://github.com/release-plz/release-plz/issues/2957, mended by
    # https://github.com/release-plz/release-plz/pull/3068
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
        takes_code_of_forks,
        _WITH_REFUSAL,
    ),
    Change(
        "actions/checkout",
        (7,),
        Ask(
            "is the code that is checked out never a fork's: newer releases of `actions/checkout` refuse that for these events"
        ),
        _may_take_code_of_forks,
        _WITH_REFUSAL,
    ),
)
"""In the order in which they are told."""
