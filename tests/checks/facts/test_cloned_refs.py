"""Branches of other repositories that a Dockerfile has written out, though a build passes an argument for them."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.source.snapshot import Snapshot
from checks.workflow import build_arg_not_declared

CLONE = "RUN git clone https://github.com/acme/web-tools.git ."


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (f"{CLONE}\nRUN git checkout next", "`git checkout next` at line 3"),
        (
            "RUN git clone -b next https://github.com/acme/web-tools /src",
            "`git clone -b next https://github.com/acme/web-tools /src` at line 2",
        ),
        (
            "RUN git clone --branch=next https://github.com/acme/web-tools /src",
            "`git` at line 2",
        ),
        (f"{CLONE}\nRUN git checkout .\nRUN git checkout next", "`git checkout next` at line 4"),
        (f"{CLONE} && git checkout $NEXT", ""),
        (f"{CLONE} && git checkout -- package.json", ""),
        (f"{CLONE} && git checkout -b work", ""),
        (f"{CLONE} && git reset --hard", ""),
        (f"RUN git checkout next\n{CLONE}", ""),
        (f"{CLONE}\nRUN git clone https://github.com/acme/api api\nRUN git checkout next", ""),
        ("RUN git clone https://github.com/acme/tools .\nRUN git checkout next", ""),
    ],
)
def test_a_line_has_written_out_what_an_argument_is_named_after(lines: str, shown: str) -> None:
    files = {
        ".github/workflows/w.yml": "on: push\njobs:\n  j:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - {uses: docker/build-push-action@v7, with: {context: ., build-args: WEB_TOOLS_BRANCH=v3}}\n",
        "Dockerfile": f"FROM node:24\n{lines}\nRUN npm run build\nUSER node\n",
    }
    (found,) = build_arg_not_declared.run(Repository(Snapshot.of(files)))
    of_sources = "`npm run build` at line"
    assert (f"drops it: {shown} goes to what is written there." in found.consequence) is bool(shown)
    assert (of_sources in found.consequence) is not bool(shown)
    assert bool(found.fixes) is bool(shown)
    assert not shown or f"Is {shown} not meant to read it?" in found.fixes[0].caution
