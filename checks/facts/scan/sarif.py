"""Reports in SARIF that go to code scanning: which step uploads which file, and which scan has written it.

https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/uploading-a-sarif-file-to-github
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from checks.facts.scan.scans import Scan
from checks.facts.value import Value, joined
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.source.yaml import Scalar

UPLOAD = "github/codeql-action/upload-sarif"


class Upload(Record, eq=False):
    """One upload, with the scan in the same job that wrote what it uploads."""

    step: Step
    file: Scalar
    scan: Scan

    @property
    def workspace_file(self) -> str | None:
        """The path, where it is a literal one inside the workspace, which is all that `hashFiles` sees."""
        path = posixpath.normpath(self.file.value)
        inside = "${{" not in path and "$" not in path and not path.startswith(("/", "..", "~"))
        return path if inside and re.fullmatch(r"[\w./-]+", path) else None


def uploads_of(steps: Iterable[Step], scans: Iterable[Scan]) -> tuple[Upload, ...]:
    """The uploads of reports that a scan of the same job or action has written before."""
    return tuple(_uploads(steps, tuple(scans)))


def taken_together(step: Step, scans: Iterable[Scan]) -> tuple[Scan, ...]:
    """The scans of one tool whose reports lie in the folder that a step uploads, where there are several.

    The action stops before it uploads anything, as all of them have one category. Snyk names its runs by itself.
    https://github.blog/changelog/2025-07-21-code-scanning-will-stop-combining-multiple-sarif-runs-uploaded-in-the-same-sarif-file/
    """
    file = step.input("sarif_file")
    if file is None or not step.uses_action(UPLOAD):
        return ()
    folder = Scope(step, {}, None).value(file.value.removeprefix("./").rstrip("/"))
    found: dict[str, dict[Value, Scan]] = {}
    for scan in scans:
        if scan.report == "sarif" and scan.output and scan.tool != "snyk" and _is_before(scan, step):
            above, is_in, _ = _plain(scan.output).rpartition("/")
            if is_in and above == folder:
                found.setdefault(scan.tool, {})[scan.output] = scan
    return next((tuple(those.values()) for those in found.values() if len(those) > 1), ())


def _plain(path: Value) -> Value:
    first, *rest = path.parts
    return joined((first.removeprefix("./"), *rest)) if isinstance(first, str) else path


def _uploads(steps: Iterable[Step], scans: tuple[Scan, ...]) -> Iterator[Upload]:
    for step in steps:
        file = step.input("sarif_file")
        if file is None or not step.uses_action(UPLOAD):
            continue
        for scan in reversed(scans):
            if _wrote(scan, step, file):
                yield Upload(step, file, scan)
                break


def _wrote(scan: Scan, step: Step, file: Scalar) -> bool:
    other = scan.step
    if other is None or not _is_before(scan, step):
        return False
    if other.id and file.value.replace(" ", "") == f"${{{{steps.{other.id}.outputs.sarif}}}}":
        return True
    written = scan.output.literal if scan.output else None
    return bool(written) and posixpath.normpath(written or "") == posixpath.normpath(file.value)


def _is_before(scan: Scan, step: Step) -> bool:
    other = scan.step
    return (
        other is not None and other.text is step.text and other.job is step.job and other.index < step.index
    )
