"""The README says what is so: its generated parts, its examples, its commands and its links."""

from __future__ import annotations

import re
import types
from pathlib import Path

import pytest

from app.config.combining import combine
from app.config.file import json_schema, parse
from app.config.model import PATH, Mode, Role
from checks.catalogue import catalogue
from checks.check import Repository, files_of
from checks.engine import review
from checks.source.snapshot import Snapshot
from checks.source.text import Text
from tests import readme

CONTENT = readme.README.read_text(encoding="utf-8")


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", CONTENT, re.DOTALL)
    assert found
    return found[1]


def test_generated_parts() -> None:
    """If this fails, run `python -m tests.readme` and read the difference."""
    reviewed = readme.review()
    assert readme.written(CONTENT, readme.blocks(reviewed)) == CONTENT
    assert readme.PICTURE.read_text(encoding="utf-8") == readme.drawn(reviewed)
    assert readme.SCHEMA.read_text(encoding="utf-8") == readme.schema()


def test_a_changed_block_is_written_again() -> None:
    old = "a\n<!-- checks: x -->\nold\n<!-- end -->\nb\n"
    assert readme.written(old, {"checks": "new\n"}) == "a\n<!-- checks: x -->\nnew\n<!-- end -->\nb\n"


def test_the_config_is_valid_in_an_organisation() -> None:
    checks = [module.check for module in catalogue()]
    layer = parse(Text(PATH, example("yaml")), Role.ORGANISATION, checks, "acme")
    assert combine([layer], checks, "sandbox-1").mode is Mode.OBSERVE
    assert combine([layer], checks, "web").mode is Mode.REVIEW


def test_the_config_shows_every_key() -> None:
    schema = json_schema([module.check for module in catalogue()])
    shown = set(re.findall(r"^([a-z-]+):", example("yaml"), re.MULTILINE))
    keys = schema["properties"]
    assert isinstance(keys, dict)
    assert shown == set(keys)


def test_the_check_works() -> None:
    module = types.ModuleType("maintainer_instruction")
    exec(example("python"), vars(module))  # noqa: S102 - it is what a reader would try first
    for one in module.check.examples:
        outcome = review(Repository(Snapshot.of(files_of(one.files))), None, [module])  # type: ignore[list-item]
        assert not outcome.crashed
        assert tuple(found.finding.location.fragment for found in outcome.findings) == one.fragments


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_and_make_targets_lead_somewhere(page: str) -> None:
    content = (readme.ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?://|#)([^)\s#]+)\)", content)
    assert [link for link in links if not (readme.ROOT / link).exists()] == []
    targets = set(
        re.findall(r"^([a-z]+):", (readme.ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    named = set(re.findall(r"(?:^    |`)make ([a-z]+)", content, re.MULTILINE))
    assert named
    assert named <= targets


def test_the_layout_that_contributing_shows_exists() -> None:
    content = (readme.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| `([\w./]+)` \|", content, re.MULTILINE)
    assert shown
    assert [path for path in shown if not Path(readme.ROOT, path).exists()] == []
