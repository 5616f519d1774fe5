"""Whether a build stops at an archive that its builder does not write."""

from __future__ import annotations

import pytest

from checks.check import Outside, Repository
from checks.source.snapshot import Snapshot

_JOB = """\
on: push
jobs:
  pack:
    runs-on: {label}
    steps:
{ahead}      - uses: docker/build-push-action@v7
        with: {{outputs: '{outputs}'}}
      - uses: someone/notify@v1
"""


@pytest.mark.parametrize(
    ("outputs", "label", "ahead", "is_reached"),
    [
        ("type=docker,dest=web.tar", "ubuntu-24.04", "", False),
        ("type=oci,dest=/tmp/web.tar", "ubuntu-22.04", "", False),
        ("type=docker", "ubuntu-24.04", "", True),
        ("type=tar,dest=web.tar", "ubuntu-24.04", "", True),
        ("type=local,dest=web", "ubuntu-24.04", "", True),
        ("type=docker,dest=web.tar", "ubuntu-26.04", "", True),
        ("type=docker,dest=web.tar", "our-machine", "", True),
        ("type=docker,dest=web.tar", "ubuntu-24.04", "      - uses: docker/setup-buildx-action@v4\n", True),
        ("type=docker,dest=web.tar", "ubuntu-24.04", "      - run: docker buildx create --use\n", True),
        ("type=docker,dest=web.tar", "ubuntu-24.04", "      - run: make builder\n", True),
        ("type=docker,dest=web.tar", "ubuntu-24.04", "      - run: bash ci/prepare.sh\n", True),
        ("type=docker,dest=web.tar", "ubuntu-24.04", "      - run: mkdir -p out\n", False),
    ],
)
def test_an_archive(outputs: str, label: str, ahead: str, is_reached: bool) -> None:
    text = _JOB.format(outputs=outputs, label=label, ahead=ahead)
    files = {".github/workflows/pack.yml": text, "Dockerfile": "FROM scratch\nCOPY web /\n", "web": ""}
    repo = Repository(Snapshot.of(files), Outside())
    assert repo.comes_to(list(repo.action_uses)[-1]) is is_reached


def test_a_build_that_is_checked_only() -> None:
    text = _JOB.format(outputs="type=docker,dest=web.tar', call: 'check", label="ubuntu-24.04", ahead="")
    repo = Repository(
        Snapshot.of({".github/workflows/pack.yml": text, "Dockerfile": "FROM scratch\n"}), Outside()
    )
    assert repo.comes_to(list(repo.action_uses)[-1])
