"""The picture of a review in the README: what `tidewaiter review` writes for the demo's pull request, as SVG."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Container, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from tests.demo.states import CHANGE, build

COMMAND = "tidewaiter review . --base main"
_STYLE = re.compile(r"\x1b\[([\d;]*)m")
_CLASSES = {"31;1": "e", "33;1": "w", "36;1": "n", "1": "b", "2": "d", "31": "r", "32": "g"}
_COLUMN, _LINE, _MARGIN = 8.0, 18, 16
"""Pixels of a character and a line at the font size of the picture, and around it."""
_HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">
<title>A review in the terminal</title>
<style>
text {{ font: 13.3px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d8dee9; white-space: pre }}
.e {{ fill: #ff6b6b; font-weight: bold }} .w {{ fill: #e5c07b; font-weight: bold }} .n {{ fill: #56b6c2; font-weight: bold }}
.b {{ font-weight: bold }} .d {{ fill: #7f8896 }} .r {{ fill: #ff8787 }} .g {{ fill: #8fd18f }}
</style>
<rect width="{width}" height="{height}" rx="8" fill="#1b1f27"/>
"""


def output(folder: Path) -> str:
    """What the command writes in a clone of the example repository, in colour. `folder` is empty."""
    build(folder / "git")
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", "--branch", "main", folder / "git", clone], check=True)
    subprocess.run(["git", "-C", clone, "checkout", "--quiet", CHANGE.branch], check=True)
    command = [sys.executable, "-m", "app", *COMMAND.split()[1:]]
    root = str(Path(__file__).parents[2])
    environment = {
        **os.environ,
        "PYTHONPATH": root,
        "FORCE_COLOR": "1",
        "NO_COLOR": "",
        "GITHUB_REPOSITORY": "",
    }
    return subprocess.run(
        command, cwd=clone, env=environment, stdout=subprocess.PIPE, text=True, check=False
    ).stdout


def shortened(written: str, checks: Container[str]) -> str:
    """The output with the findings of some checks, each under its file, and a mark where others are left out."""
    kept: list[str] = []
    heading = ""
    for block in written.removesuffix("\n").split("\n\n"):
        lines = block.split("\n")
        starts = not _bare(lines[0]).startswith(" ")
        heading = lines.pop(0) if starts and len(lines) > 1 and _bare(lines[1]).startswith("  ") else heading
        if _bare(lines[-1]).strip() in checks:
            kept.append("\n".join([heading, *lines] if heading else lines))
            heading = ""
        elif not kept or kept[-1] != "⋮":
            kept.append("⋮")
    kept[-1:] = written.removesuffix("\n").split("\n\n")[-1:]
    return "\n\n".join(kept) + "\n"


def plain(written: str) -> str:
    """The output without colours."""
    return "\n".join(line.rstrip() for line in _bare(written).split("\n"))


def _bare(line: str) -> str:
    return _STYLE.sub("", line)


def picture(written: str) -> str:
    """The output, under its command, as SVG."""
    lines = [f"\x1b[2m$\x1b[0m {COMMAND}", "", *written.removesuffix("\n").split("\n")]
    width = round(max(len(_bare(line)) for line in lines) * _COLUMN + 2 * _MARGIN)
    height = len(lines) * _LINE + 2 * _MARGIN
    texts = [
        f'<text xml:space="preserve" x="{_MARGIN}" y="{_MARGIN + _LINE * number - 4}">{"".join(_spans(line))}</text>\n'
        for number, line in enumerate(lines, 1)
        if _bare(line).strip()
    ]
    return "".join([_HEAD.format(width=width, height=height), *texts, "</svg>\n"])


def _spans(line: str) -> Iterator[str]:
    style = ""
    for number, part in enumerate(_STYLE.split(line.rstrip())):
        if number % 2:
            style = _CLASSES.get(part, "")
        elif part:
            yield f'<tspan class="{style}">{escape(part)}</tspan>' if style else escape(part)
