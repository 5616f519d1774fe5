"""Endpoints of check runs: what GitHub refuses of them, and that annotations only ever append."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.github import shapes
from tests.github.call import Call, JsonObject, RefusedError, Reply, Route, invalid, not_found
from tests.github.repos import REPO, resolve
from tests.github.state import Annotation, CheckRun, Repository, State

MAX_MESSAGE_BYTES = 64 * 1024
MAX_TITLE = 255
MAX_ACTION_DESCRIPTION = 40
RUNS = f"{REPO}/check-runs"


def routes() -> tuple[Route, ...]:
    return (
        Route("POST", RUNS, "checks:write", create, creates=True),
        Route("PATCH", f"{RUNS}/{{check_run_id}}", "checks:write", update),
        Route("GET", f"{RUNS}/{{check_run_id}}", "checks:read", get),
        Route("GET", f"{RUNS}/{{check_run_id}}/annotations", "checks:read", list_annotations),
        Route("GET", f"{REPO}/commits/{{ref}}/check-runs", "checks:read", list_for_ref),
    )


def show(state: State, repo: Repository, run: CheckRun) -> JsonObject:
    api = f"{shapes.repository_url(state, repo)}/check-runs/{run.id}"
    page = f"{shapes.SITE}/{repo.full_name}/runs/{run.id}"
    return {
        "id": run.id,
        "node_id": shapes.node_id("CR", run.id),
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "name": run.name,
        "url": api,
        "html_url": page,
        "details_url": run.details_url or page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": run.started_at,
        "completed_at": run.completed_at,
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{api}/annotations",
        },
        "check_suite": {"id": run.suite_id},
        "app": shapes.app(state),
        "pull_requests": pulls_of(state, repo, run.head_sha),
    }


def pulls_of(state: State, repo: Repository, sha: str) -> list[JsonObject]:
    """The open pull requests of a head; GitHub looks in the repository only, so forks' are missing."""
    return [
        shapes.pull_minimal(state, pull)
        for pull in state.pulls_of(repo)
        if pull.head_sha == sha and pull.state == "open" and not pull.from_fork
    ]


def _run(call: Call) -> CheckRun:
    run = call.state.check_runs.get(call.number("check_run_id"))
    if run is None or run.repository != call.repository.full_name:
        raise not_found()
    return run


def create(call: Call) -> Reply:
    """A new run, also where one of this name exists."""
    body, repo = call.body, call.repository
    sha = body["head_sha"]
    if repo.store.commit(sha) != sha:
        raise RefusedError(422, f"No commit found for SHA: {sha}")
    if not body["name"].strip():
        raise invalid("name can't be blank")
    run = CheckRun(
        id=call.state.next_id(),
        repository=repo.full_name,
        name=body["name"],
        head_sha=sha,
        app_id=call.state.app_id,
        suite_id=call.state.suite(repo, sha),
        status="queued",
        conclusion=None,
        started_at=call.state.clock.stamp(),
        completed_at=None,
    )
    return Reply(show(call.state, repo, _store(call, _changed(call, run))), 201)


def update(call: Call) -> Reply:
    run = _run(call)
    if run.app_id != call.state.app_id:
        raise RefusedError(
            403,
            "Invalid app_id `" + str(call.state.app_id) + "` - check run can only be modified by its app.",
        )
    return Reply(show(call.state, call.repository, _store(call, _changed(call, run))))


def get(call: Call) -> Reply:
    return Reply(show(call.state, call.repository, _run(call)))


def _store(call: Call, run: CheckRun) -> CheckRun:
    call.state.check_runs[run.id] = run
    return run


def _changed(call: Call, run: CheckRun) -> CheckRun:
    """The run as the body makes it; 422 and no change at all where something in it is refused."""
    body = call.body
    output = body.get("output") or {}
    for name in ("name", "details_url", "external_id", "started_at"):
        if name in body:
            run = replace(run, **{name: body[name]})
    details = body.get("details_url")
    if details is not None and not details.startswith(("http://", "https://")):
        raise RefusedError(422, "Validation Failed", [_error("details_url")])
    for name in ("title", "summary", "text"):
        if name in output:
            run = replace(run, **{name: output[name]})
    added = tuple(_annotation(one) for one in output.get("annotations", ()))
    run = replace(run, annotations=run.annotations + added)
    if "actions" in body:
        run = replace(run, actions=tuple(_action(one) for one in body["actions"]))
    return _progressed(call, run)


def _progressed(call: Call, run: CheckRun) -> CheckRun:
    """A conclusion completes the run; taking a completed one up again clears its conclusion."""
    body = call.body
    conclusion, status = body.get("conclusion"), body.get("status")
    if conclusion == "stale":
        raise RefusedError(422, "Validation Failed", [_error("conclusion")])
    if status == "completed" and conclusion is None and run.conclusion is None:
        raise invalid('"conclusion" wasn\'t supplied.')
    if conclusion is not None:
        done = body.get("completed_at") or call.state.clock.stamp()
        return replace(run, status="completed", conclusion=conclusion, completed_at=done)
    if status is not None and status != "completed":
        return replace(run, status=status, conclusion=None, completed_at=None)
    return run


def _error(field: str) -> JsonObject:
    return {"resource": "CheckRun", "code": "invalid", "field": field}


def _annotation(given: JsonObject) -> Annotation:
    """GitHub answers every bad annotation alike, and says neither which nor why."""
    first, last = given["start_line"], given["end_line"]
    columns = given.get("start_column"), given.get("end_column")
    lengths = [len(str(given.get(name) or "").encode()) for name in ("message", "raw_details")]
    fine = (
        1 <= first <= last
        and bool(given["message"])
        and _columns_fit(first == last, *columns)
        and max(lengths) <= MAX_MESSAGE_BYTES
        and len(given.get("title") or "") <= MAX_TITLE
        and bool(given["path"])
        and not given["path"].startswith("/")
    )
    if not fine:
        raise RefusedError(422, "Validation Failed", [_error("annotations")])
    return Annotation(
        given["path"],
        first,
        last,
        given["annotation_level"],
        given["message"],
        given.get("title"),
        given.get("raw_details"),
        *columns,
    )


def _columns_fit(one_line: bool, first: int | None, last: int | None) -> bool:
    """Columns are for a single line, count from 1, and do not run backwards."""
    if first is None and last is None:
        return True
    return one_line and (first is None or first >= 1) and (last is None or last >= (first or 1))


def _action(given: JsonObject) -> tuple[str, str, str]:
    label, identifier, about = given["label"], given["identifier"], given["description"]
    if len(about) > MAX_ACTION_DESCRIPTION or not (label and identifier and about):
        raise RefusedError(422, "Validation Failed", [_error("actions")])
    return label, identifier, about


def list_annotations(call: Call) -> Reply:
    run = _run(call)
    page, links = call.page(list(run.annotations))
    blob = f"{shapes.SITE}/{call.repository.full_name}/blob/{run.head_sha}"
    return Reply([_show_annotation(blob, one) for one in page], headers=links)


def _show_annotation(blob: str, one: Annotation) -> JsonObject:
    return {
        "path": one.path,
        "blob_href": f"{blob}/{one.path}",
        "start_line": one.start_line,
        "end_line": one.end_line,
        "start_column": one.start_column,
        "end_column": one.end_column,
        "annotation_level": one.level,
        "title": one.title,
        "message": one.message,
        "raw_details": one.raw_details,
    }


def list_for_ref(call: Call) -> Reply:
    """Newest first. `filter=latest`, the default, gives one run of each name."""
    repo, query = call.repository, call.query
    sha = resolve(call, call.path["ref"])
    found = [
        run
        for run in sorted(call.state.check_runs.values(), key=lambda one: -one.id)
        if (run.repository, run.head_sha) == (repo.full_name, sha)
        and query.get("check_name") in {None, run.name}
        and query.get("status") in {None, run.status}
        and query.get("app_id") in {None, str(run.app_id)}
    ]
    if query.get("filter", "latest") == "latest":
        newest: dict[Any, CheckRun] = {}
        for run in found:
            newest.setdefault((run.name, run.app_id), run)
        found = list(newest.values())
    page, links = call.page(found)
    shown = [show(call.state, repo, run) for run in page]
    return Reply({"total_count": len(found), "check_runs": shown}, headers=links)
