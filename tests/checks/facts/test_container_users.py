"""Who says as which user containers run."""

from __future__ import annotations

import pytest

from checks.facts.dockerfile.container_users import pods_have_user, services_have_user
from checks.source.text import Text


@pytest.mark.parametrize(
    ("line", "has_user"),
    [
        ("runAsUser: 1000", True),
        ("'runAsUser': '1000'", True),
        ("securityContext: {runAsNonRoot: true, runAsUser: 65532}", True),
        ("runAsUser: 0", False),
        ("# runAsUser: 1000", False),
        ("runAsGroup: 1000", False),
    ],
)
def test_a_manifest(line: str, has_user: bool) -> None:
    assert pods_have_user(Text("deploy/web.yaml", f"kind: Pod\n  {line}\n")) is has_user


@pytest.mark.parametrize(
    ("line", "has_user"),
    [
        ("user: 1000:1000", True),
        ('user: "app"', True),
        ("user: ${UID}", True),
        ("user: root", False),
        ('user: "0"', False),
        ("# user: app", False),
    ],
)
def test_a_service(line: str, has_user: bool) -> None:
    assert services_have_user(Text("compose.yaml", f"services:\n  web:\n    {line}\n")) is has_user
