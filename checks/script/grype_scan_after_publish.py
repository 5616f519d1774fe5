"""Gate on vulnerabilities comes after the image is published

The command that judges a list of packages runs when the image has been pushed, or the list has been
attached, already. It stops the script and takes nothing back: what did not pass is there to be pulled.

Put the gate before the command that publishes.

The check is silent where the gate scans an image by its digest (the pushed image is then what is scanned, and
the tag or the signature can follow), where something is published after the gate too, and for gates of other
images.

References:

- https://github.com/anchore/grype#gating-on-severity-of-vulnerabilities
- https://trivy.dev/latest/docs/configuration/others/#exit-code
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.image.pushes import Push
from checks.facts.image.sboms import Attested, Sbom, clean
from checks.facts.scan.scans import Scan, Target
from checks.facts.value import Value
from checks.facts.workflow.job_order import comes_before, in_same_run

_STEP = """\
-- .github/workflows/sbom.yml --
on: push
permissions: {{contents: read, id-token: write}}
jobs:
  sbom:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - run: |
          syft scan registry.example.com/web:1 -o spdx-json=sbom.json
{}"""
_PUBLISH = "          cosign attest --yes --type spdxjson --predicate sbom.json registry.example.com/web:1\n"
_GATE = "          grype sbom:sbom.json \\\n            --fail-on high\n"

check = Check(
    id="grype-scan-after-publish",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.SCRIPT, Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("scan", "sbom"),
    security_severity=4.0,
    examples=(
        Example(
            title="attached, then judged",
            files="""\
-- sbom.sh --
#!/bin/bash
set -euo pipefail
syft scan registry.example.com/web:1 -o spdx-json=sbom.json
cosign attest --yes --type spdxjson --predicate sbom.json registry.example.com/web:1
grype sbom:./sbom.json --fail-on high
""",
            at="grype sbom:./sbom.json --fail-on high",
            fixed="""\
-- sbom.sh --
#!/bin/bash
set -euo pipefail
syft scan registry.example.com/web:1 -o spdx-json=sbom.json
grype sbom:./sbom.json --fail-on high
cosign attest --yes --type spdxjson --predicate sbom.json registry.example.com/web:1
""",
        ),
        Example(
            title="in one step of a job, over several lines",
            files=_STEP.format(_PUBLISH + _GATE),
            at="grype sbom:sbom.json \\\n            --fail-on high",
            fixed=_STEP.format(_GATE + _PUBLISH),
        ),
        Example(
            title="pushed, listed, then judged",
            files="""\
-- release.sh --
#!/bin/bash
set -euo pipefail
docker push registry.example.com/web:1
syft scan registry.example.com/web:1 -o spdx-json=sbom.json
grype sbom:sbom.json --fail-on high
""",
            at="grype sbom:sbom.json --fail-on high",
        ),
        Example(
            title="another image is pushed; the digest of the push is judged; the push comes last",
            files="""\
-- release.sh --
#!/bin/bash
set -euo pipefail
docker push registry.example.com/api:1
syft scan registry.example.com/web:1 -o spdx-json=sbom.json
grype sbom:sbom.json --fail-on high
-- digest.sh --
#!/bin/bash
set -euo pipefail
docker push registry.example.com/web:1
syft scan "registry.example.com/web@$DIGEST" -o spdx-json=sbom.json
grype sbom:sbom.json --fail-on high
-- last.sh --
#!/bin/bash
set -euo pipefail
syft scan registry.example.com/web:1 -o spdx-json=sbom.json
grype sbom:sbom.json --fail-on high
docker push registry.example.com/web:1
""",
        ),
        Example(
            title="in two steps",
            files=_STEP.format(_PUBLISH + "      - run: |\n" + _GATE),
            at="grype sbom:sbom.json \\\n            --fail-on high",
        ),
        Example(
            title="a failure that is caught, one that only decides, another job's work behind it",
            files=_STEP.format(_PUBLISH + "          grype sbom:sbom.json --fail-on high || true\n")
            + _STEP.replace("sbom.yml", "if.yml").format(
                _PUBLISH + "          if grype sbom:sbom.json --fail-on high; then echo fine; fi\n"
            )
            + _STEP.replace("sbom.yml", "needs.yml").format(_PUBLISH + _GATE)
            + "  deploy:\n    needs: sbom\n    runs-on: ubuntu-latest\n    steps: [{run: make deploy}]\n",
        ),
        Example(
            title="two files of one image, the one attached, the other judged",
            files="""\
-- sbom.sh --
#!/bin/bash
set -euo pipefail
syft scan registry.example.com/web:1 -o spdx-json=a.json -o cyclonedx-json=b.json
cosign attest --yes --type spdxjson --predicate a.json registry.example.com/web:1
grype sbom:b.json --fail-on high
""",
            at="grype sbom:b.json --fail-on high",
            fixed="""\
-- sbom.sh --
#!/bin/bash
set -euo pipefail
syft scan registry.example.com/web:1 -o spdx-json=a.json -o cyclonedx-json=b.json
grype sbom:b.json --fail-on high
cosign attest --yes --type spdxjson --predicate a.json registry.example.com/web:1
""",
        ),
        Example(
            title="judged first, without a gate, of another list, or with a release behind it",
            files="""\
-- sbom.sh --
#!/bin/bash
set -euo pipefail
syft scan registry.example.com/web:1 -o spdx-json=sbom.json
grype sbom:sbom.json --fail-on high
cosign attest --yes --type spdxjson --predicate sbom.json registry.example.com/web:1
grype sbom:sbom.json
syft scan dir:. -o spdx-json=src.json
grype sbom:src.json --fail-on high
-- release.sh --
#!/bin/bash
set -euo pipefail
syft scan registry.example.com/web:1 -o spdx-json=sbom.json
cosign attest --yes --type spdxjson --predicate sbom.json registry.example.com/web:1
grype sbom:sbom.json --fail-on high
crane tag registry.example.com/web:1 stable
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for scan in repo.scans:
        if scan.target is not Target.SBOM or not _fails(scan):
            continue
        if _goes_on(repo, scan):
            continue
        attested, push = _attested(repo, scan), _pushed(repo, scan)
        if attested is not None:
            yield _finding(scan, attested)
        elif push is not None:
            yield _of_push(scan, push)


def _attested(repo: Repository, scan: Scan) -> Attested | None:
    """What is attached to the image before the scan: the list itself, or another one of the same image."""
    file = clean(scan.subject)
    source = _source(repo, scan, file)
    for one in repo.attested_in.get(scan.location.text, ()):
        if _is_between(repo, scan, one) and (
            one.file == file or source == _source(repo, scan, one.file) is not None
        ):
            return one
    return None


def _pushed(repo: Repository, scan: Scan) -> Push | None:
    """The push of the image that the list is of, before the scan."""
    here = (scan.step, scan.location)
    source = _source(repo, scan, clean(scan.subject))
    for push in repo.pushes_in.get(scan.location.text, ()) if source is not None else ():
        is_same = push.certain and push.value == source and in_same_run(push.step, push.location, *here)
        if is_same and comes_before(push.step, push.location, *here):
            return push
    return None


def _source(repo: Repository, scan: Scan, file: Value) -> Value | None:
    """The image that a file of the same job or script lists; None if that is not known."""
    found = [
        sbom.source
        for sbom in repo.sboms_in.get(scan.location.text, ())
        if in_same_run(sbom.step, sbom.location, scan.step, scan.location)
        and sbom.file == file
        and sbom.target is Target.IMAGE
    ]
    return found[0] if len(set(found)) == 1 and not found[0].is_unknown and file.literal is not None else None


def _fails(scan: Scan) -> bool:
    """Whether what is found ends the script or step."""
    if scan.invocation is None:
        return scan.gates is True
    command = scan.invocation.command
    read = scan.invocation.script.source[command.span.start : command.span.end]
    asks = "--fail-on" in read or "-f " in read or "--exit-code" in read
    return asks and not command.fallbacks and not command.in_condition and command.piped_to is None


def _is_between(repo: Repository, scan: Scan, attested: Attested) -> bool:
    """Whether the list was made and attached before the scan, in the same job or script."""
    place = (scan.step, scan.location)
    if not in_same_run(attested.step, attested.location, *place):
        return False
    return comes_before(attested.step, attested.location, *place) and any(
        _made(sbom, attested) for sbom in repo.sboms_in.get(attested.location.text, ())
    )


def _made(sbom: Sbom, attested: Attested) -> bool:
    return (
        in_same_run(sbom.step, sbom.location, attested.step, attested.location)
        and sbom.target is Target.IMAGE
        and sbom.file == attested.file
        and comes_before(sbom.step, sbom.location, attested.step, attested.location)
    )


def _goes_on(repo: Repository, scan: Scan) -> bool:
    """Whether something is pushed or tagged behind the scan, so that it gates that."""
    here = (scan.step, scan.location)
    places = [(one.step, one.location) for one in repo.pushes_in.get(scan.location.text, ())]
    places += [(one.step, one.location) for one in repo.attested_in.get(scan.location.text, ())]
    if any(comes_before(*here, *place) for place in places):
        return True
    job = scan.step.job if scan.step else None
    return job is not None and any(other.node.get("needs") is not None for other in job.workflow.jobs)


def _of_push(scan: Scan, push: Push) -> Finding:
    return Finding(
        message=f"{code(scan.subject_location.fragment)} is judged after {code(str(push.value))} is pushed.",
        consequence="What does not pass is published already; the failure stops nothing but the rest of the script.",
        location=scan.location,
        related=(Location(push.location.text, push.location.span, "pushes the image"),),
        withheld="what lies between the two commands may need the pushed image",
    )


def _finding(scan: Scan, attested: Attested) -> Finding:
    verb = "attested" if attested.is_signed else "attached"
    return Finding(
        message=f"{code(scan.subject_location.fragment)} is judged after the list is {verb} to {code(attested.subject_location.fragment)}.",
        consequence="What does not pass is published already; the failure stops nothing but the rest of the script.",
        location=scan.location,
        related=(Location(attested.location.text, attested.location.span, "publishes it"),),
        fixes=_moved(scan, attested),
    )


def _moved(scan: Scan, attested: Attested) -> tuple[Fix, ...]:
    """The gate's lines above those of the command that publishes, in one script."""
    one, other = scan.invocation, attested.invocation
    if one is None or other is None or one.script is not other.script:
        return ()
    gate, publish = _lines(scan.location), _lines(attested.location)
    if gate is None or publish is None or any(it.command.conditional for it in (one, other)):
        return ()
    text = scan.location.text
    moved = text[gate] if text[gate].endswith("\n") else text[gate] + text.newline
    gone = gate if text[gate].endswith("\n") else Span(gate.start - len(text.newline), gate.end)
    return offer(
        "put the gate first",
        Applicability.UNSAFE,
        Edit(text.path, Span(publish.start, publish.start), moved),
        Edit(text.path, gone, ""),
        caution="Does the gate need what the command before it leaves behind?",
    )


def _lines(place: Location) -> Span | None:
    """The whole lines that a command stands on; None where something else stands there."""
    text = place.text
    lines = text.lines_of(place.span)
    whole = Span(text.full_line(lines.start).start, text.full_line(lines.stop - 1).end)
    return whole if text[whole].strip() == place.fragment.strip() else None
