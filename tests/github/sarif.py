"""Code scanning's uploads: what is refused at once, and what fails while it is processed."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.github import shapes
from tests.github.call import Call, JsonObject, RefusedError, Reply, Route
from tests.github.repos import REPO
from tests.github.state import Sarif

MAX_GZIP_BYTES = 10 * 1024 * 1024
UPLOADS = f"{REPO}/code-scanning/sarifs"


@dataclass(frozen=True)
class Limit:
    """GitHub rejects a file above it."""

    what: str
    most: int


RUNS = Limit("runs per file", 20)
RESULTS = Limit("results per run", 25_000)
RULES = Limit("rules per run", 25_000)
EXTENSIONS = Limit("tool extensions per run", 100)
LOCATIONS = Limit("locations per result", 1000)
TAGS = Limit("tags per rule", 20)
MAX_NAME, MAX_DESCRIPTION = 255, 1024


def routes() -> tuple[Route, ...]:
    return (
        Route("POST", UPLOADS, "security_events:write", upload),
        Route("GET", f"{UPLOADS}/{{sarif_id}}", "security_events:read", status),
    )


def upload(call: Call) -> Reply:
    """202 and an id. 403 where code scanning is off, 400 for what is no SARIF of a commit of the ref."""
    _require_enabled(call)
    body = call.body
    document = decode(body["sarif"])
    _check_ref(call, body["ref"], body["commit_sha"])
    errors = tuple(faults(document))
    number = str(uuid.uuid4())
    name = call.repository.full_name
    call.state.sarifs[number] = Sarif(number, name, body["commit_sha"], body["ref"], document, errors)
    return Reply({"id": number, "url": f"{call.url}/{number}"}, 202)


def _require_enabled(call: Call) -> None:
    if not call.repository.code_scanning:
        message = "Advanced Security must be enabled for this repository to use code scanning."
        raise RefusedError(403, message)


def decode(text: str) -> JsonObject:
    """Base64 of gzip of JSON."""
    try:
        packed = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise RefusedError(400, "Could not decode base64 of the sarif field.") from None
    if len(packed) > MAX_GZIP_BYTES:
        raise RefusedError(413, "The payload is too large.")
    try:
        document = json.loads(gzip.decompress(packed))
    except (OSError, EOFError, zlib.error, ValueError):
        raise RefusedError(400, "Invalid SARIF. The sarif field must be gzipped JSON.") from None
    if not isinstance(document, dict) or document.get("version") != "2.1.0":
        raise RefusedError(400, "Invalid SARIF. JSON syntax error or unsupported version.")
    return document


def _check_ref(call: Call, ref: str, sha: str) -> None:
    """A pull request's `/head` goes with a head of it, `/merge` with a merge commit, else any commit."""
    repo = call.repository
    if repo.store.commit(sha) != sha:
        raise RefusedError(400, f"commit {sha} was not found in {repo.full_name}")
    found = re.fullmatch(r"refs/pull/(\d+)/(head|merge)", ref)
    if found is None:
        if call.state.resolve(repo, ref) is None:
            raise RefusedError(400, f"ref {ref} was not found in {repo.full_name}")
        return
    pull = call.state.pull(repo, int(found.group(1)))
    if pull is None:
        raise RefusedError(400, f"ref {ref} was not found in {repo.full_name}")
    if found.group(2) == "merge" and len(repo.store.info(sha).parents) < 2:
        raise RefusedError(400, "ref is a pull request merge but commit_oid is not a merge commit")
    if found.group(2) == "head" and sha not in pull.heads:
        raise RefusedError(400, f"commit {sha} is not a head of pull request {pull.number}")


def status(call: Call) -> Reply:
    _require_enabled(call)
    found = call.state.sarifs.get(call.path["sarif_id"])
    if found is None or found.repository != call.repository.full_name:
        raise RefusedError(404, "Not Found")
    if call.state.sarif_pending > 0:
        call.state.sarif_pending -= 1
        return Reply({"processing_status": "pending"})
    if found.errors:
        return Reply({"processing_status": "failed", "analyses_url": None, "errors": list(found.errors)})
    analyses = f"{shapes.repository_url(call.state, call.repository)}/code-scanning/analyses"
    url = f"{analyses}?sarif_id={found.id}"
    return Reply({"processing_status": "complete", "analyses_url": url, "errors": None})


def faults(document: JsonObject) -> Iterator[str]:
    """Why processing fails; nothing for a good file."""
    runs = document.get("runs")
    if not isinstance(runs, list):
        yield "Invalid SARIF. Missing 'runs' array."
        return
    yield from _above(RUNS, runs)
    categories = [_category(run) for run in runs]
    if len(set(categories)) < len(categories):
        yield "multiple SARIF runs with the same category"
    for run in runs:
        yield from _run_faults(run)


def _category(run: JsonObject) -> tuple[str, str]:
    name = str((run.get("tool") or {}).get("driver", {}).get("name", ""))
    return name, str((run.get("automationDetails") or {}).get("id", "")).rpartition("/")[0]


def _above(limit: Limit, items: Any) -> Iterator[str]:
    count = len(items or ())
    if count > limit.most:
        yield f"rejecting SARIF, as there are more {limit.what} than allowed ({count} > {limit.most})"


def _run_faults(run: JsonObject) -> Iterator[str]:
    tool = run.get("tool") or {}
    driver = tool.get("driver") or {}
    if not driver.get("name"):
        yield "a run has no tool.driver.name"
    rules = driver.get("rules") or []
    results = run.get("results")
    if not isinstance(results, list):
        yield "a run has no results array"
        results = []
    yield from _above(RULES, rules)
    yield from _above(EXTENSIONS, tool.get("extensions"))
    yield from _above(RESULTS, results)
    for rule in rules:
        yield from _rule_faults(rule)
    known = {rule.get("id") for rule in rules}
    for result in results:
        yield from _result_faults(result, known)


def _rule_faults(rule: JsonObject) -> Iterator[str]:
    name = str(rule.get("id") or "")
    if not name:
        yield "a rule has no id"
    if len(str(rule.get("name") or "")) > MAX_NAME:
        yield f"rule {name}: name is longer than {MAX_NAME}"
    for field in ("shortDescription", "fullDescription", "help"):
        text = (rule.get(field) or {}).get("text")
        if not isinstance(text, str) or not text:
            yield f"rule {name}: {field}.text is missing or empty"
        elif field != "help" and len(text) > MAX_DESCRIPTION:
            yield f"rule {name}: {field}.text is longer than {MAX_DESCRIPTION}"
    yield from _above(TAGS, (rule.get("properties") or {}).get("tags"))
    severity = (rule.get("properties") or {}).get("security-severity")
    if severity is not None and not _is_severity(severity):
        yield f"rule {name}: security-severity must be a string of a number from 0.0 to 10.0"


def _is_severity(value: Any) -> bool:
    return (
        isinstance(value, str) and re.fullmatch(r"\d{1,2}(\.\d+)?", value) is not None and float(value) <= 10
    )


def _result_faults(result: JsonObject, rules: set[Any]) -> Iterator[str]:
    rule = result.get("ruleId")
    if rule not in rules:
        yield f"result of {rule}: its rule is not among the driver's rules"
    if not (result.get("message") or {}).get("text"):
        yield f"result of {rule}: message.text is missing or empty"
    if not (result.get("partialFingerprints") or {}).get("primaryLocationLineHash"):
        yield f"result of {rule}: no primaryLocationLineHash; it is not computed for uploads by the API"
    locations = result.get("locations") or []
    yield from _above(LOCATIONS, locations)
    if not locations:
        yield f"result of {rule}: expected at least one location"
    for one in [*locations, *(result.get("relatedLocations") or ())]:
        yield from _location_faults(f"result of {rule}", one)


def _location_faults(what: str, location: JsonObject) -> Iterator[str]:
    physical = location.get("physicalLocation") or {}
    uri = (physical.get("artifactLocation") or {}).get("uri")
    if not uri or str(uri).startswith("/") or "://" in str(uri):
        yield f"{what}: artifactLocation.uri must be a path from the root of the repository"
    region = physical.get("region") or {}
    names = ("startLine", "startColumn", "endLine", "endColumn")
    numbers = [region.get(name) for name in names]
    if not all(isinstance(one, int) and one >= 1 for one in numbers):
        yield f"{what}: region needs {', '.join(names)}, from 1"
    elif (numbers[0], numbers[1]) > (numbers[2], numbers[3]):
        yield f"{what}: region ends before it starts"
