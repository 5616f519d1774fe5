"""What `uses:` names: an action, a reusable workflow or an image, and its revision.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsuses
"""

from __future__ import annotations

from functools import cached_property

from checks.record import Record
from checks.regex import regex
from checks.source.text import Location, Span
from checks.source.yaml import Scalar

_REMOTE_USE = regex(r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)(?P<path>(?:/[^@]*)?)@(?P<ref>\S+)")
_COMMIT = regex(r"[0-9a-f]{40}|[0-9a-f]{64}")


class ActionUse(Record, dict=True):
    """What `uses:` names."""

    scalar: Scalar
    owner: str = ""
    """Empty for a local path (`./…`) and an image (`docker://…`)."""
    name: str = ""
    path: str = ""
    """Path inside the repository, without slashes at its ends."""
    ref: str = ""

    @cached_property
    def repository(self) -> str:
        """`owner/name` in lower case, as GitHub compares it; empty for a local path and an image."""
        return f"{self.owner}/{self.name}".lower() if self.owner else ""

    @cached_property
    def action(self) -> str:
        """The repository, and the path inside it if there is one."""
        return f"{self.repository}/{self.path}" if self.path else self.repository

    @property
    def location(self) -> Location:
        return Location(self.scalar.text, self.scalar.span)

    @property
    def is_local(self) -> bool:
        return self.scalar.value.startswith("./")

    @property
    def is_image(self) -> bool:
        return self.scalar.value.startswith("docker://")

    @property
    def folder(self) -> str:
        """Of a local action the folder from the root, of a local workflow its path."""
        return self.scalar.value.removeprefix("./").strip("/")

    @property
    def is_commit(self) -> bool:
        return bool(_COMMIT.fullmatch(self.ref))

    @property
    def ref_span(self) -> Span | None:
        """Where the ref stands in the file."""
        end = len(self.scalar.value)
        return self.scalar.locate(end - len(self.ref), end) if self.ref else None


def action_use(scalar: Scalar) -> ActionUse:
    """Reads the value of `uses:`."""
    match = _REMOTE_USE.fullmatch(scalar.value)
    if match is None:
        return ActionUse(scalar)
    return ActionUse(scalar, match["owner"], match["name"], match["path"].strip("/"), match["ref"])
