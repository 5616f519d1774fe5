"""What a stage removes of the files that were copied into it."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.dockerfile.removed_files import may_be_removed
from checks.source.snapshot import Snapshot


@pytest.mark.parametrize(
    ("command", "may_be"),
    [
        ("make", False),
        ("rm -rf docs ./log/* /var/lib/apt/lists/*", False),
        ("rm -rf *", False),
        ("shopt -s dotglob && rm -rf *", True),
        ("rm -rf app && make", False),
        ("cd .. && rm -rf app", True),
        ("rm -rf ../app", True),
        ("make && rm -rf /srv/app", True),
        ("rm -rf /srv/*", True),
        ("rm -rf /srv/app/*", False),
        ("rm -rf /srv/app/.*", True),
        ("rm -rf .[!.]* docs", True),
        ("rm -rf {docs,.g*}", True),
        ("rm -rf $EXTRA", True),
        ("if make; then rm -rf docs; fi", False),
        ("(cd docs && rm -rf app)", True),
        ("npm rm koa", True),
        ("find . -delete", True),
    ],
)
def test_what_may_take_the_history_away(command: str, may_be: bool) -> None:
    content = f"FROM debian:13\nWORKDIR /srv/app\nCOPY . .\nRUN {command}\n"
    (found,) = Repository(Snapshot.of({"Dockerfile": content})).dockerfiles
    start = found.copies[0].instruction.span.start
    assert may_be_removed(found, found.stages, start, "/srv/app/.git/config") is may_be


@pytest.mark.parametrize("commands", ["rm " * 20_000 + "x", "rm x; " * 1_000 + "make"])
def test_many_removals_take_no_quadratic_time(commands: str) -> None:
    content = f"FROM debian:13\nWORKDIR /srv\nCOPY . .\nRUN {commands}\n"
    (found,) = Repository(Snapshot.of({"Dockerfile": content})).dockerfiles
    assert may_be_removed(found, found.stages, found.copies[0].instruction.span.start, "/srv/.git/config")
