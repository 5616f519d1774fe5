"""What commands of a build may read of the history."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.build.context_contents import asks_git, may_ask_git
from checks.source.snapshot import Snapshot


@pytest.mark.parametrize(
    ("command", "asks", "may_ask"),
    [
        ("git describe > /version", True, True),
        ("go generate ./...", False, True),
        ("cargo build --release", False, True),
        ("./mvnw -q package", False, True),
        ("mvn package", False, True),
        ("npm ci", False, True),
        ("pip install --no-cache-dir .", False, True),
        ("scripts/build.sh", False, True),
        ("pip install -r requirements.txt", False, False),
        ("apt-get update && apt-get install -y git make", False, False),
        ("mkdir -p /srv && chown web /srv", False, False),
    ],
)
def test_what_asks_git(command: str, asks: bool, may_ask: bool) -> None:
    (file,) = Repository(Snapshot.of({"Dockerfile": f"FROM a:1\nCOPY . .\nRUN {command}\n"})).dockerfiles
    assert (asks_git(file), may_ask_git(file)) == (asks, may_ask)
