"""Pinned revision ran an attacker's code

Some commits of actions, and some releases of tools, were made by whoever had taken their project over. In
March 2026 nearly all tags of `aquasecurity/trivy-action` and `aquasecurity/setup-trivy` pointed to such
commits for a day, and Trivy 0.69.4 to 0.69.6 were published the same way. The tags are repaired; a pin to one
of those commits or versions still runs the thief. What such a job could read has to be taken for stolen.

Pin to the commit of a clean release, and replace the secrets of the jobs that ran the other.

The check is silent for clean commits of the same versions, and for tags, which point to clean ones again.

References:

- https://github.com/aquasecurity/trivy/security/advisories/GHSA-69fq-xp46-6x23
- https://github.com/advisories/GHSA-mrrh-fwg8-r2c3
- https://github.com/advisories/GHSA-qmg3-hpqr-gqvc
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.action.incidents import Incident, incident_of, incident_of_tool
from checks.facts.action.pin_edits import pin
from checks.facts.action.releases import newest
from checks.facts.tree import Edit, Scalar, Span, replace_value
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_VERSIONED = {
    "aquasecurity/setup-trivy": ("version", "trivy"),
    "aquasecurity/trivy-action": ("version", "trivy"),
}
"""Actions with the input that says which version of a tool they install."""
_IMAGE = regex(
    r"(?:docker://|(?:index\.)?docker\.io/)?(?:ghcr\.io/aquasecurity|public\.ecr\.aws/aquasecurity|aquasec)/(?P<tool>trivy):(?P<version>v?[\d.]+)"
)

check = Check(
    id="known-compromised-action",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.SAFE,
    tags=("security", "pinning"),
    security_severity=10.0,
    examples=(
        Example(
            title="a scanner at a commit of the incident",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@ddb9da4475c1cef7d5389062bdfdfbdbd1394648 # v0.34.2
        with:
          image-ref: acme/web
""",
            at="aquasecurity/trivy-action@ddb9da4475c1cef7d5389062bdfdfbdbd1394648",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
        with:
          image-ref: acme/web
""",
        ),
        Example(
            title="the binary and its image",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/setup-trivy@3fb12ec12f41e471780db15c232d5dd185dcb514 # v0.2.6
        with:
          version: v0.69.4
      - run: docker run --rm aquasec/trivy:0.69.5 image acme/web
      - uses: docker://ghcr.io/aquasecurity/trivy:0.69.6
""",
            at=("v0.69.4", "aquasec/trivy:0.69.5", "docker://ghcr.io/aquasecurity/trivy:0.69.6"),
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/setup-trivy@3fb12ec12f41e471780db15c232d5dd185dcb514 # v0.2.6
        with:
          version: v0.69.3
      - run: docker run --rm aquasec/trivy:0.69.5 image acme/web
      - uses: docker://ghcr.io/aquasecurity/trivy:0.69.6
""",
        ),
        Example(
            title="a list of changed files in an action, and one for which no clean release is known here",
            files="""\
-- action.yml --
name: changed
runs:
  using: composite
  steps:
    - uses: tj-actions/changed-files@0e58ed8671d6b60d0890c21b07f8835ace038e67 # v45
    - uses: reviewdog/action-setup@f0d342d24037bb11d26b9bd8496e0808ba32e9ec
""",
            at=(
                "tj-actions/changed-files@0e58ed8671d6b60d0890c21b07f8835ace038e67",
                "reviewdog/action-setup@f0d342d24037bb11d26b9bd8496e0808ba32e9ec",
            ),
            fixed="""\
-- action.yml --
name: changed
runs:
  using: composite
  steps:
    - uses: tj-actions/changed-files@9426d40962ed5378910ee2e21d5f8c6fcbf2dd96 # v47.0.6
    - uses: reviewdog/action-setup@f0d342d24037bb11d26b9bd8496e0808ba32e9ec
""",
        ),
        Example(
            title="clean commits, repaired tags, other versions, another action at a commit of that name, words",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@57a97c7e7821a5776cebc9bb87c984fa69cba8f1 # v0.35.0
      - uses: aquasecurity/trivy-action@v0.34.0
        with: {version: v0.69.3}
      - uses: aquasecurity/setup-trivy@v0.2.6
      - uses: acme/trivy-action@ddb9da4475c1cef7d5389062bdfdfbdbd1394648
      - run: docker run --rm aquasec/trivy:0.70.0 image acme/web
      - run: echo "never run aquasec/trivy:0.69.4 again"
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for use in repo.action_uses:
        yield from _of_use(use)
    for step in repo.steps:
        yield from _of_version(step)
    for one in repo.running("docker", "podman"):
        for word in one.command.arguments:
            value = one.value(word).literal
            match = _IMAGE.fullmatch(value) if value else None
            incident = incident_of_tool(match["tool"], match["version"]) if match else None
            if incident and match:
                yield _of_image(one.place(word.span), match, incident)


def _of_use(use: ActionUse) -> Iterator[Finding]:
    place = use.location
    incident = incident_of(use)
    match = _IMAGE.fullmatch(use.scalar.value)
    if incident is not None:
        name = code(f"{use.owner}/{use.name}")
        clean = newest(use.repository)
        yield _finding(
            f"{name} is pinned to a commit of the incident {code(incident.advisory)}: {incident.what}.",
            place,
            offer(f"pin to {clean.version}", Applicability.SAFE, *pin(use, clean.version, clean.commit))
            if clean
            else (),
            "" if clean else f"we know no clean release of {name} to pin to",
        )
    elif match and (of_image := incident_of_tool(match["tool"], match["version"])):
        yield _of_image(place, match, of_image)


def _of_version(step: Step) -> Iterator[Finding]:
    if step.uses is None or step.uses.action not in _VERSIONED:
        return
    name, tool = _VERSIONED[step.uses.action]
    written = step.input(name)
    incident = incident_of_tool(tool, written.value) if written else None
    if written is not None and incident is not None:
        yield _finding(
            f"{code(f'{tool} {written.value}')} is of the incident {code(incident.advisory)}: {incident.what}.",
            Location(written.text, written.span),
            _replace(written, incident),
        )


def _replace(written: Scalar, incident: Incident) -> tuple[Fix, ...]:
    version = f"v{incident.fixed}" if written.value.startswith("v") else incident.fixed
    return offer(f"use {version}", Applicability.SAFE, replace_value(written, version))


def _of_image(place: Location, match: re.Match[str], incident: Incident) -> Finding:
    at = place.fragment.rfind(match["version"])
    start = place.span.start + at
    fixed = f"v{incident.fixed}" if match["version"].startswith("v") else incident.fixed
    edit = Edit(place.path, Span(start, start + len(match["version"])), fixed) if at >= 0 else None
    return _finding(
        f"The image {code(match[0])} is of the incident {code(incident.advisory)}: {incident.what}.",
        place,
        offer(f"use {fixed}", Applicability.SAFE, edit),
    )


def _finding(message: str, place: Location, fixes: tuple[Fix, ...], withheld: str = "") -> Finding:
    return Finding(
        message=message,
        consequence=(
            "It runs with the job's token, secrets and cloud credentials. What a job could read that ran it has to be "
            "replaced."
        ),
        location=place,
        fixes=fixes,
        withheld=withheld,
    )
