"""Which cosign a step runs: the release that an earlier step of its job installs.

`sigstore/cosign-installer` installs the release of its input `cosign-release`, else a default of its own:
the table `data/cosign_installer.json`. GitHub's hosted runners have no cosign:
https://github.com/actions/runner-images
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache

from checks.facts.deployment.kubernetes import at
from checks.facts.tables import table
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.regex import regex

INSTALLER = "sigstore/cosign-installer"
_HOSTED = regex(
    r"(?:ubuntu-(?:latest|slim|\d\d\.\d\d)(?:-arm)?|macos-(?:latest|\d\d)(?:-(?:large|xlarge|intel))?)"
)
_INSTALLS_NOTHING = regex(
    r"(?:actions|docker|aws-actions|google-github-actions|azure|github|aquasecurity|hadolint|codecov)/[\w./-]+"
    r"|anchore/(?:sbom-action|scan-action)|goreleaser/goreleaser-action|softprops/action-gh-release"
    r"|step-security/harden-runner|dorny/paths-filter|helm/kind-action|hashicorp/setup-terraform"
    r"|mikepenz/[\w-]+|rlespinasse/github-slug-action|gittools/actions/[\w/-]+|peter-evans/[\w-]+"
)
"""Actions that bring no cosign with them."""
_MAY_INSTALL = regex(
    r"\b(?:make|just|task|mise|asdf|aqua|nix|nix-shell|nix-env|devbox|brew|arkade|hermit|pkgx|pixi|eget)\b"
    r"|(?:setup|install|bootstrap|tool|dep|prereq|init)[\w-]*\.sh|GITHUB_PATH|\bcosign\b"
)
"""In a script: what may bring cosign."""
_RELEASE = regex(r"v?(\d+)\.(\d+)\.(\d+)")

Version = tuple[int, ...]


class Presence(StrEnum):
    """Whether a step finds cosign."""

    INSTALLED = "installed"
    ABSENT = "absent"
    UNKNOWN = "unknown"


class Cosign(Record, eq=False):
    """The cosign that a step runs."""

    presence: Presence
    version: Version | None = None
    """As far as it is known: `(2, 4, 1)`."""
    installer: Step | None = None
    """The step that installs it."""

    @property
    def major(self) -> int | None:
        return self.version[0] if self.version else None


UNKNOWN = Cosign(Presence.UNKNOWN)


@cache
def _table() -> tuple[Mapping[str, Version], Mapping[str, Version]]:
    """cosign's release by the installer's tag, and by its commit."""
    data = table("cosign_installer")
    tags = {tag: _version(entry["cosign"]) or () for tag, entry in data["releases"].items()}
    commits = {entry["commit"]: tags[tag] for tag, entry in data["releases"].items()}
    floating = {tag: _version(cosign) or () for tag, cosign in data["floating"].items()}
    return {**tags, **floating}, commits


def _version(text: str) -> Version | None:
    match = _RELEASE.fullmatch(text.strip())
    return tuple(int(part) for part in match.groups()) if match else None


def version_installed(step: Step) -> Version | None:
    """The release of cosign that a step with the installer brings; None where it can't be told."""
    if step.uses is None:
        return None
    if step.input_entry("cosign-release") is not None:
        written = step.input("cosign-release")
        return _version(written.value) if written else None
    tags, commits = _table()
    return commits.get(step.uses.ref) if step.uses.is_commit else tags.get(step.uses.ref)


def cosign_of(step: Step) -> Cosign:
    """The cosign that a step of a job runs."""
    if step.job is None or at(step.job.node, "container") is not None:
        return UNKNOWN
    earlier = step.earlier
    installers = [one for one in earlier if one.uses_action(INSTALLER)]
    if not installers:
        return Cosign(Presence.ABSENT) if _is_certainly_absent(step, earlier) else UNKNOWN
    others = (one for one in (*earlier, step) if one.run is not None and _installs(one.run.value))
    installer = installers[-1]
    if any(others) or (installer.condition is not None and not _same_condition(installer, step)):
        return Cosign(Presence.INSTALLED, None, installer)
    versions = {version_installed(one) for one in installers}
    return Cosign(Presence.INSTALLED, versions.pop() if len(versions) == 1 else None, installer)


def _same_condition(installer: Step, step: Step) -> bool:
    return bool(installer.condition and step.condition and installer.condition.value == step.condition.value)


def _installs(script: str) -> bool:
    """Whether a script brings a cosign of its own."""
    return bool(
        re.search(
            r"cosign/(?:v\d+/)?(?:cmd|releases)|install[^\n|;&]*\bcosign\b|setup-cosign|cosign-linux", script
        )
    )


def _is_certainly_absent(step: Step, earlier: Iterable[Step]) -> bool:
    """Whether the job runs on a hosted runner, and nothing before the command may have brought cosign."""
    job = step.job
    if job is None or not job.runs_on or not all(_HOSTED.fullmatch(label) for label in job.runs_on):
        return False
    return all(_brings_nothing(one) for one in earlier) and not _is_guarded(step)


def _brings_nothing(step: Step) -> bool:
    if step.uses is not None:
        return bool(_INSTALLS_NOTHING.fullmatch(step.uses.action))
    return step.run is None or not _MAY_INSTALL.search(step.run.value)


def _is_guarded(step: Step) -> bool:
    """Whether the step's own script installs cosign, or asks whether it is there."""
    script = step.run.value if step.run else ""
    return bool(
        _installs(script)
        or re.search(
            r"(?:command -v|which|type|hash)\s+cosign|alias cosign|cosign\s*\(\)|GITHUB_PATH|\bPATH=", script
        )
        or (
            re.search(
                r"(?:curl|wget|brew|apt|apk|go install|make|mise|nix|source|docker run)\b[^\n]*", script
            )
            and not re.fullmatch(r"[^\n]*", script)
            and re.search(r"(?:curl|wget)[^\n]*(?:sh|cosign)|brew|apt|apk|go install|mise|nix", script)
        )
    )
