"""What the field's own tools say of files: what a fix must not make worse."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.source.kind import Kind

PEERS = Path(__file__).parents[2] / ".venv-peers" / "bin"
SECONDS = 600
"""What a tool has for the files of one checkout; far more than it needs."""
UNREADABLE = "unreadable"
"""The rule of a tool that can't read a file."""
_PLACE = re.compile(r"line:\d+,col:\d+|line \d+|:\d+:\d+|\[\d+\]| in object type .*")
"""What differs in a message that is the same: places, and the types of outputs that are known of some versions only."""
_REFUSED = re.compile(r"failed to \w+ file://(\S+) as ")


class PeerFailed(Exception):
    """A tool does not end, or prints something else than it documents."""


@dataclass(frozen=True, order=True)
class Complaint:
    """One thing that a tool reports, without its place in the file: edits move lines."""

    tool: str
    rule: str
    path: str
    message: str = ""


def complaints(folder: Path, kinds: Mapping[str, Kind]) -> Counter[Complaint]:
    """Of all tools about the files in a folder that each of them reads, which are of these kinds, by path."""
    found: Counter[Complaint] = Counter()
    workflows = sorted(path for path, kind in kinds.items() if kind is Kind.WORKFLOW)
    actions = sorted(path for path, kind in kinds.items() if kind in {Kind.WORKFLOW, Kind.ACTION})
    dockerfiles = sorted(path for path, kind in kinds.items() if kind is Kind.DOCKERFILE)
    if workflows:
        found.update(_actionlint(folder, workflows))
    if actions:
        found.update(_zizmor(folder, actions))
    if dockerfiles:
        found.update(_hadolint(folder, dockerfiles))
    found.update(_checkov(folder))
    return found


def _actionlint(folder: Path, files: Sequence[str]) -> Iterator[Complaint]:
    for one in _json(folder, "actionlint", "-shellcheck=", "-pyflakes=", "-format", "{{json .}}", *files):
        yield Complaint("actionlint", one["kind"], one["filepath"], _PLACE.sub("", one["message"]))


def _zizmor(folder: Path, files: Sequence[str]) -> Iterator[Complaint]:
    done = _run(folder, "zizmor", "--offline", "--no-config", "--no-exit-codes", "--format=json", *files)
    for path in _REFUSED.findall(done.stderr):
        yield Complaint("zizmor", UNREADABLE, path)
    for one in _decoded(done):
        place = one["locations"][0]["symbolic"]["key"]["Local"]
        yield Complaint("zizmor", one["ident"], place["verbatim_path"], one["desc"])


def _hadolint(folder: Path, files: Sequence[str]) -> Iterator[Complaint]:
    for one in _json(folder, "hadolint", "--no-fail", "--format=json", *files):
        yield Complaint("hadolint", one["code"], one["file"])


def _checkov(folder: Path) -> Iterator[Complaint]:
    told = _json(folder, "checkov", "--directory", ".", "--compact", "--skip-download", "--output=json")
    for one in told if isinstance(told, list) else [told]:
        results = one.get("results", {})
        for failed in results.get("failed_checks", ()):
            yield Complaint("checkov", failed["check_id"], failed["file_path"].lstrip("/"))
        for path in results.get("parsing_errors", ()):
            yield Complaint("checkov", UNREADABLE, str(Path(path).relative_to(folder.resolve())))


def _json(folder: Path, tool: str, *arguments: str) -> Any:
    return _decoded(_run(folder, tool, *arguments))


def _run(folder: Path, tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Each tool has an exit status of its own; none is looked at."""
    command = [str(PEERS / tool), *arguments]
    try:
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise PeerFailed(f"{tool} does not end within {SECONDS} s") from None


def _decoded(done: subprocess.CompletedProcess[str]) -> Any:
    """What a tool printed; nothing printed is an empty list."""
    try:
        return json.loads(done.stdout or "[]")
    except ValueError:
        raise PeerFailed(f"{done.args}: {done.stdout[:500]} {done.stderr[:500]}") from None
