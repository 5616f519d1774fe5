"""Writes what the README generates: `python -m tests.readme`. A test holds it to what it would write."""

from __future__ import annotations

import inspect
import json
import re
import tempfile
import textwrap
from collections.abc import Mapping
from pathlib import Path

from app import commands, settings
from app.config.file import json_schema
from checks.catalogue import catalogue
from checks.check import CheckModule
from tests.demo import picture

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PICTURE = ROOT / "docs/review.svg"
SCHEMA = ROOT / "docs/config.schema.json"
MOVING_TAG = "moving-tag-pushed-to-immutable-repository"
_BLOCK = re.compile(r"(<!-- (\w+): .*? -->\n).*?(<!-- end -->)", re.DOTALL)


def written(readme: str, blocks: Mapping[str, str]) -> str:
    """The README with each block between its markers, `<!-- name: … -->` and `<!-- end -->`.

    `KeyError` for a marker whose block we don't make.
    """
    return _BLOCK.sub(lambda match: f"{match[1]}{blocks[match[2]]}{match[3]}", readme)


def table() -> str:
    """The catalogue as a table."""
    rows = [_row(module) for module in catalogue()]
    return "\n".join(["| check | severity | fix | what it finds |", "|---|---|---|---|", *rows]) + "\n"


def _row(module: CheckModule) -> str:
    check = module.check
    file = Path(inspect.getfile(module.run)).relative_to(ROOT).as_posix()
    fix = check.fix.value if check.fix else "none"
    return f"| [`{check.id}`]({file}) | {check.severity.value} | {fix} | {check.title} |"


def environment() -> str:
    """The variables, as the module that reads them documents them."""
    rows = [line for line in (settings.__doc__ or "").split("\n") if line.startswith("|")]
    return "\n".join(rows) + "\n"


def review() -> str:
    """What the command writes for the demo's pull request, in colour."""
    with tempfile.TemporaryDirectory() as folder:
        return picture.output(Path(folder))


def blocks(reviewed: str) -> Mapping[str, str]:
    """What stands between the markers, by their names."""
    one = picture.plain(picture.shortened(reviewed, {MOVING_TAG})).strip("⋮\n")
    return {
        "checks": table(),
        "commands": f"{commands.table()}\n{textwrap.fill(commands.RULES, 119)}\n",
        "environment": environment(),
        "review": f"```text\n{one}\n```\n",
    }


def drawn(reviewed: str) -> str:
    """The picture: all findings would be many screens."""
    return picture.picture(picture.shortened(reviewed, {MOVING_TAG, "dockerignore-inline-comment"}))


def schema() -> str:
    """The config file as JSON Schema."""
    return json.dumps(json_schema([module.check for module in catalogue()]), indent=1) + "\n"


def main() -> None:
    reviewed = review()
    PICTURE.parent.mkdir(exist_ok=True)
    SCHEMA.write_text(schema(), encoding="utf-8")
    PICTURE.write_text(drawn(reviewed), encoding="utf-8")
    README.write_text(written(README.read_text(encoding="utf-8"), blocks(reviewed)), encoding="utf-8")


if __name__ == "__main__":
    main()
