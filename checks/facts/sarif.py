"""Reports in SARIF that go to code scanning: which step uploads which file, and which scan has written it.

https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/uploading-a-sarif-file-to-github
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from checks.facts.scans import Scan
from checks.facts.workflows import Step
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
    if other is None or other.text is not step.text or other.job is not step.job or other.index >= step.index:
        return False
    if other.id and file.value.replace(" ", "") == f"${{{{steps.{other.id}.outputs.sarif}}}}":
        return True
    written = scan.output.literal if scan.output else None
    return bool(written) and posixpath.normpath(written or "") == posixpath.normpath(file.value)
