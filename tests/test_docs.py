"""What `docs/data.md` says is stored, and for how long, is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import governing, keeping, memory, queue, schema
from app.github import installations, others, store
from app.limits import Limits

DATA = (Path(__file__).parents[1] / "docs/data.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in DATA.splitlines()
    if re.match(r"\| (?!what \|)[a-z]", line)
]


def test_every_table_has_its_row() -> None:
    """Also the engine's; the schema's version tells of nobody."""
    ours = {name for name in schema.tables.tables if name != "tidewaiter_schema"}
    assert len(ROWS) == len(ours) + 1
    assert all(len(row) == 3 for row in ROWS)


@pytest.mark.parametrize(
    ("what", "how_long"),
    [
        ("jobs", f"{Limits().kept.days} days after the job is over"),
        ("the engine's record", f"{queue._WORKFLOWS_KEPT.days} day after the attempt is over"),
        ("what `/ignore` leaves out", "until the pull request is closed"),
        ("the last valid config", f"{memory.CONFIG_KEPT.days} days after the last review that read it"),
        ("reviews", f"{keeping.KEPT.days} days"),
    ],
)
def test_what_is_stored_goes_when_it_says(what: str, how_long: str) -> None:
    (row,) = [row for row in ROWS if row[0].startswith(what)]
    assert row[2] == how_long


def test_what_is_in_memory_goes_when_it_says() -> None:
    words = " ".join(DATA.split())
    for said in (
        f"({store.MAX_BLOB_CHARACTERS // 1_000_000} million characters at most)",
        f"({others.MAX_CHARACTERS // 1_000_000} million, for {others.KEPT.seconds // 60} minutes)",
        f"configs for {governing.KEPT.seconds // 60} minutes",
        f"what an installation grants for {installations.KEPT.seconds // 60}.",
    ):
        assert said in words
