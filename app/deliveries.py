"""From a delivery's payload to jobs: a reader for each event that asks for something, no I/O."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from app import commands
from app.github.check_run import group_base, pull_number
from app.jobs import Asked, Branch, Job, Kind
from app.payload import NAME, Delivery, id_in, object_in, sha_in, text_in, time_in
from app.report.outcome import ACTIONS

_REF = re.compile(r"refs/heads/[^\0-\x20\x7f~^:?*\[\\\ud800-\udfff]{1,500}")
"""What git allows, https://git-scm.com/docs/git-check-ref-format, and UTF-8: JSON can have half a character."""
_QUEUED = re.compile(r"gh-readonly-queue/([^\0-\x20\x7f]{1,255})/pr-([1-9][0-9]{0,8})-[0-9a-f]{40,64}$")
"""How GitHub names the branch of a merge group: after the branch that it is for, and a pull request."""
_LATEST = 253_402_300_800
"""Seconds since 1970 up to the year 10000."""
_MOST_LISTED = 100
"""Pull requests of one head that a payload may name."""
_REVIEWED_ACTIONS = frozenset({"opened", "synchronize", "reopened", "ready_for_review"})


def jobs_of(delivery: Delivery, app_id: int) -> tuple[Job, ...]:
    """The jobs that a delivery to the App of that id asks for; none for events and actions that are not ours.

    `Malformed` if the event is ours and lacks what a job needs.
    """
    reader = _READERS.get(delivery.event)
    return reader(delivery, app_id) if reader else ()


def _pull_request(delivery: Delivery, _app_id: int) -> tuple[Job, ...]:
    """https://docs.github.com/webhooks/webhook-events-and-payloads#pull_request"""
    if delivery.action == "closed":
        number = id_in(object_in(delivery.payload, "pull_request"), "number")
        return (replace(_job(delivery, number, ""), kind=Kind.FORGET),)
    if not _asks_for_review(delivery):
        return ()
    pull = object_in(delivery.payload, "pull_request")
    if pull.get("state") == "closed":
        return ()
    sha = sha_in(object_in(pull, "head"), "sha")
    return (_job(delivery, id_in(pull, "number"), sha, time_in(pull, "updated_at")),)


def _job(
    delivery: Delivery,
    number: int,
    sha: str,
    as_of: datetime.datetime | None = None,
    asked: Asked | None = None,
) -> Job:
    repository = object_in(delivery.payload, "repository")
    return Job(
        installation_id=id_in(object_in(delivery.payload, "installation"), "id"),
        owner=text_in(object_in(repository, "owner"), "login", NAME, "a login"),
        repository=text_in(repository, "name", NAME, "a repository's name"),
        repository_id=id_in(repository, "id"),
        pull_number=number,
        head_sha=sha,
        delivery=delivery.guid,
        event=delivery.event,
        action=delivery.action,
        as_of=as_of,
        received_at=delivery.received_at,
        asked=asked,
    )


def _asks_for_review(delivery: Delivery) -> bool:
    """An edited title changes nothing that we read; an edited base changes what the head is compared with."""
    if delivery.action in _REVIEWED_ACTIONS:
        return True
    changes = delivery.payload.get("changes")
    return delivery.action == "edited" and isinstance(changes, dict) and bool(changes.get("base"))


def _check_run(delivery: Delivery, app_id: int) -> tuple[Job, ...]:
    """*Re-run* at one run, or one of its buttons.

    https://docs.github.com/webhooks/webhook-events-and-payloads#check_run
    """
    if delivery.action not in {"rerequested", "requested_action"}:
        return ()
    run = object_in(delivery.payload, "check_run")
    if not _is_of(run, app_id):
        return ()
    named = run.get("external_id")
    number = pull_number(named) if isinstance(named, str) else None
    if delivery.action == "requested_action":
        return _pressed(delivery, run, number)
    base = group_base(named) if isinstance(named, str) else None
    if base:
        return _group_again(delivery, run, object_in(run, "check_suite"), base)
    return _again(delivery, run, (number,) if number else ())


def _pressed(delivery: Delivery, run: Mapping[str, object], number: int | None) -> tuple[Job, ...]:
    """A button, as the command that does the same; the run's own name tells the pull request of a fork too."""
    identifier = object_in(delivery.payload, "requested_action").get("identifier")
    command = ACTIONS.get(identifier) if isinstance(identifier, str) else None
    if not command or not number:
        return ()
    author = text_in(object_in(delivery.payload, "sender"), "login", NAME, "a login")
    seen = sha_in(run, "head_sha")
    return (_job(delivery, number, "", asked=Asked(command, 0, author, seen=seen)),)


def _check_suite(delivery: Delivery, app_id: int) -> tuple[Job, ...]:
    """*Re-run all*: https://docs.github.com/webhooks/webhook-events-and-payloads#check_suite"""
    if delivery.action != "rerequested":
        return ()
    suite = object_in(delivery.payload, "check_suite")
    if not _is_of(suite, app_id):
        return ()
    return _group_again(delivery, suite, suite, "") or _again(delivery, suite, ())


def _group_again(
    delivery: Delivery, checked: Mapping[str, object], suite: Mapping[str, object], base: str
) -> tuple[Job, ...]:
    """The head of a merge group once more, where the suite's branch is one of a queue's."""
    name = suite.get("head_branch")
    queued = _QUEUED.search(name) if isinstance(name, str) else None
    if queued is None:
        return ()
    sha = sha_in(checked, "head_sha")
    return (_of_group(delivery, sha, base, f"refs/heads/{name}", f"refs/heads/{queued[1]}"),)


def _is_of(checked: Mapping[str, object], app_id: int) -> bool:
    app = checked.get("app")
    return isinstance(app, dict) and app.get("id") == app_id


def _again(delivery: Delivery, checked: Mapping[str, object], numbers: tuple[int, ...]) -> tuple[Job, ...]:
    """Reviews of a head once more: of the given pull requests, else of those that the payload names. It
    names none of a fork; those are to be found by the head."""
    sha = sha_in(checked, "head_sha")
    numbers = numbers or _listed(checked, id_in(object_in(delivery.payload, "repository"), "id")) or (0,)
    return tuple(_job(delivery, number, sha) for number in numbers)


def _listed(checked: Mapping[str, object], repository: int) -> tuple[int, ...]:
    """The pull requests to the repository; the list may have others, which bring its branch elsewhere."""
    listed = checked.get("pull_requests")
    pulls = [it for it in listed if isinstance(it, dict)] if isinstance(listed, list) else []
    ours = (it for it in pulls if object_in(object_in(it, "base"), "repo").get("id") == repository)
    return tuple(dict.fromkeys(id_in(it, "number") for it in ours))[:_MOST_LISTED]


def _issue_comment(delivery: Delivery, app_id: int) -> tuple[Job, ...]:
    """A command: https://docs.github.com/webhooks/webhook-events-and-payloads#issue_comment

    Only what a person has just written on an open pull request: whoever edits a comment need not be its
    author, and what Apps write, ours before all, must never set off another App.
    """
    if delivery.action != "created":
        return ()
    issue, comment = object_in(delivery.payload, "issue"), object_in(delivery.payload, "comment")
    if not issue.get("pull_request") or issue.get("state") != "open" or not _is_persons(comment, app_id):
        return ()
    body = comment.get("body")
    command = commands.read(body) if isinstance(body, str) else None
    if command is None:
        return ()
    author = text_in(object_in(comment, "user"), "login", NAME, "a login")
    asked = Asked(
        command.command.name, id_in(comment, "id"), author, check=command.check, reason=command.reason
    )
    return (_job(delivery, id_in(issue, "number"), "", asked=asked),)


def _is_persons(comment: Mapping[str, object], app_id: int) -> bool:
    user, app = comment.get("user"), comment.get("performed_via_github_app")
    by_us = isinstance(app, dict) and app.get("id") == app_id
    return isinstance(user, dict) and user.get("type") == "User" and not by_us


def _merge_group(delivery: Delivery, _app_id: int) -> tuple[Job, ...]:
    """https://docs.github.com/webhooks/webhook-events-and-payloads#merge_group"""
    if delivery.action != "checks_requested":
        return ()
    group = object_in(delivery.payload, "merge_group")
    sha, base = (sha_in(group, name) for name in ("head_sha", "base_sha"))
    ref, base_ref = (text_in(group, name, _REF, "a branch in full") for name in ("head_ref", "base_ref"))
    return (_of_group(delivery, sha, base, ref, base_ref),)


def _of_group(delivery: Delivery, sha: str, base: str, ref: str, base_ref: str) -> Job:
    """The branch of a group is named after the pull request that it brings."""
    named = _QUEUED.search(ref)
    branch = Branch(ref, base_ref, base, int(named[2]) if named else 0)
    return replace(_job(delivery, 0, sha), kind=Kind.GROUP, branch=branch)


def _push(delivery: Delivery, _app_id: int) -> tuple[Job, ...]:
    """A push to the default branch: https://docs.github.com/webhooks/webhook-events-and-payloads#push"""
    repository = object_in(delivery.payload, "repository")
    ref = f"refs/heads/{repository.get('default_branch')}"
    if delivery.payload.get("ref") != ref or delivery.payload.get("deleted") is True:
        return ()
    branch = Branch(text_in(delivery.payload, "ref", _REF, "a branch in full"))
    sha = sha_in(delivery.payload, "after")
    return (replace(_job(delivery, 0, sha, _pushed_at(repository)), kind=Kind.BASELINE, branch=branch),)


def _pushed_at(repository: Mapping[str, object]) -> datetime.datetime | None:
    """Seconds since 1970 in this event, and only in this one; no reason to refuse it otherwise."""
    seconds = repository.get("pushed_at")
    if not isinstance(seconds, int) or isinstance(seconds, bool) or not 0 < seconds < _LATEST:
        return None
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _installation(delivery: Delivery, _app_id: int) -> tuple[Job, ...]:
    """The App is uninstalled: https://docs.github.com/webhooks/webhook-events-and-payloads#installation

    Nothing is to be done where it is suspended, and where it may work again what was missed is looked for
    anyhow, every now and then.
    """
    if delivery.action != "deleted":
        return ()
    return (_forget(delivery, "", "", 0),)


def _installation_repositories(delivery: Delivery, _app_id: int) -> tuple[Job, ...]:
    """https://docs.github.com/webhooks/webhook-events-and-payloads#installation_repositories"""
    removed = delivery.payload.get("repositories_removed")
    if delivery.action != "removed" or not isinstance(removed, list):
        return ()
    owner = _login(object_in(delivery.payload, "installation"))
    gone = (it for it in removed if isinstance(it, dict))
    return tuple(
        _forget(delivery, owner, text_in(it, "name", NAME, "a repository's name"), id_in(it, "id"))
        for it in gone
    )


def _login(installation: Mapping[str, object]) -> str:
    """An enterprise has a slug in its place."""
    account = object_in(installation, "account")
    return text_in(account, "login" if "login" in account else "slug", NAME, "a login")


def _forget(delivery: Delivery, owner: str, repository: str, repository_id: int) -> Job:
    return Job(
        installation_id=id_in(object_in(delivery.payload, "installation"), "id"),
        owner=owner,
        repository=repository,
        repository_id=repository_id,
        pull_number=0,
        head_sha="",
        delivery=delivery.guid,
        event=delivery.event,
        action=delivery.action,
        as_of=None,
        received_at=delivery.received_at,
        kind=Kind.FORGET,
    )


_READERS: Mapping[str, Callable[[Delivery, int], tuple[Job, ...]]] = {
    "pull_request": _pull_request,
    "check_run": _check_run,
    "check_suite": _check_suite,
    "issue_comment": _issue_comment,
    "merge_group": _merge_group,
    "push": _push,
    "installation": _installation,
    "installation_repositories": _installation_repositories,
}
"""By event. An event that isn't here is accepted and asks for nothing."""
