"""Whether what a scan finds ends its job."""

import pytest

from checks.check import Repository
from checks.facts.scans import stops_the_job
from checks.source.snapshot import Snapshot

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
