"""Whether what a scan finds ends its job."""

import pytest

from checks.check import Repository
from checks.facts.scan.scans import Target, stops_the_job
from checks.source.snapshot import Snapshot
from checks.workflow import sarif_upload_skipped_on_finding

ACTION = "uses: aquasecurity/trivy-action@v0.36.0\n        with: {image-ref: 'web:1', exit-code: '1'}"


@pytest.mark.parametrize(
    ("step", "stops"),
    [
        (ACTION, True),
        (ACTION + "\n        continue-on-error: true", False),
        (ACTION.replace("'1'}", "'0'}"), False),
        ("run: grype web:1 --fail-on high", True),
        ("run: grype web:1", False),
        ("run: grype web:1 --fail-on high || true", False),
        ("run: if grype web:1 --fail-on high; then ./push.sh; fi", False),
        ("run: grype web:1 --fail-on high | tee report", False),
        ('run: test -n "$SCAN" && grype web:1 --fail-on high', False),
        ("run: grype web:1 --fail-on high &", False),
    ],
)
def test_stops_the_job(step: str, stops: bool) -> None:
    content = f"on: push\njobs:\n  scan:\n    runs-on: ubuntu-24.04\n    steps:\n      - {step}\n"
    (scan,) = Repository(Snapshot.of({".github/workflows/scan.yml": content})).scans
    assert stops_the_job(scan) is stops


def test_a_job_may_go_on() -> None:
    content = (
        "on: push\njobs:\n  scan:\n    continue-on-error: true\n    runs-on: ubuntu-24.04\n    steps:\n"
        f"      - {ACTION}\n"
    )
    (scan,) = Repository(Snapshot.of({".github/workflows/scan.yml": content})).scans
    assert not stops_the_job(scan)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("run: trivy image --exit-code 1 web:1", ("trivy", Target.IMAGE, "web:1", True, "table")),
        ("run: trivy image --input web.tar", ("trivy", Target.ARCHIVE, "web.tar", False, "table")),
        ("run: grype sbom:web.json --fail-on high -o json", ("grype", Target.SBOM, "web.json", True, "json")),
        ("run: docker scout cves web:1", ("scout", Target.IMAGE, "web:1", False, "table")),
        ("run: docker scout cves -e local://web:1", ("scout", Target.IMAGE, "web:1", True, "table")),
        ("run: docker scout cves --format sarif --exit-code archive://web.tar", ("scout", Target.ARCHIVE, "web.tar", True, "sarif")),
        ("run: docker scout cves fs://.", ("scout", Target.FOLDER, ".", False, "table")),
        ("run: docker scout cves $FLAGS web:1", ("scout", Target.IMAGE, "web:1", None, "table")),
        ("run: snyk container test web:1", ("snyk", Target.IMAGE, "web:1", True, "table")),
        ("run: snyk container test registry:3", ("snyk", Target.IMAGE, "registry:3", True, "table")),
        ("run: snyk container test --sarif --severity-threshold=high docker-archive:web.tar", ("snyk", Target.ARCHIVE, "web.tar", True, "sarif")),
        ("uses: docker/scout-action@v1\n        with: {command: cves, image: 'oci-dir://web', exit-code: true}", ("scout", Target.ARCHIVE, "web", True, None)),
    ],
)  # fmt: skip
def test_what_is_scanned_and_whether_that_gates(step: str, said: tuple[object, ...]) -> None:
    content = f"on: push\njobs:\n  scan:\n    runs-on: ubuntu-24.04\n    steps:\n      - {step}\n"
    (scan,) = Repository(Snapshot.of({".github/workflows/scan.yml": content})).scans
    assert (scan.tool, scan.target, str(scan.subject), scan.gates, scan.report) == said


@pytest.mark.parametrize(
    "command",
    ["docker scout quickview web:1", "docker scout cves", "snyk container monitor web:1", "snyk test"],
)
def test_what_is_no_scan_of_a_known_image(command: str) -> None:
    content = f"on: push\njobs:\n  scan:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: {command}\n"
    assert not Repository(Snapshot.of({".github/workflows/scan.yml": content})).scans


@pytest.mark.parametrize(
    ("step", "threshold"),
    [
        ("uses: anchore/scan-action@v7\n        with: {image: 'web:1', severity-cutoff: critical}", "`critical`"),
        ("uses: anchore/scan-action@v7\n        with: {image: 'web:1'}", "`medium` or worse"),
        ("uses: anchore/scan-action@v7\n        with: {image: 'web:1', severity-cutoff: '${{ vars.FROM }}'}", "at or above its severity cutoff"),
        ("run: grype web:1 --fail-on high", "`high` or worse"),
        ("run: grype web:1", ""),
        ("run: snyk container test web:1 --fail-on=upgradable", "that can be fixed"),
        ("run: snyk container test web:1 --severity-threshold=high", ""),
        ("uses: snyk/actions/docker@v1\n        with: {image: 'web:1', args: --fail-on=all}", "that can be fixed"),
        (ACTION.replace("'web:1'", "'web:1', severity: HIGH"), ""),
    ],
)  # fmt: skip
def test_what_of_a_report_fails_the_step(step: str, threshold: str) -> None:
    content = f"on: push\njobs:\n  scan:\n    runs-on: ubuntu-24.04\n    steps:\n      - {step}\n"
    (scan,) = Repository(Snapshot.of({".github/workflows/scan.yml": content})).scans
    assert scan.threshold == threshold


@pytest.mark.parametrize(
    ("cutoff", "said"),
    [("", "something `medium` or worse."), (", severity-cutoff: critical", "something `critical`.")],
)
def test_an_upload_is_skipped_for_what_fails_the_scan(cutoff: str, said: str) -> None:
    content = f"""\
on: push
jobs:
  scan:
    runs-on: ubuntu-24.04
    steps:
      - id: scan
        uses: anchore/scan-action@v7
        with: {{image: web{cutoff}}}
      - uses: github/codeql-action/upload-sarif@v4
        with: {{sarif_file: '${{{{ steps.scan.outputs.sarif }}}}'}}
"""
    (told,) = sarif_upload_skipped_on_finding.run(
        Repository(Snapshot.of({".github/workflows/a.yml": content}))
    )
    assert told.message.endswith(said)
