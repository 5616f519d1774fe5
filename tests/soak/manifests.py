"""What the tools of the field find on what a platform team installs: nothing. They take half a minute to start."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.bench import PEERS
from tests.readme import ROOT

COMMANDS = (
    "hadolint manifests/Dockerfile",
    "actionlint .github/workflows/image.yml",
    "zizmor --offline --no-progress .github/workflows/image.yml",
    "checkov --quiet --compact --skip-download --framework kubernetes terraform dockerfile --directory manifests",
    "checkov --quiet --compact --skip-download --framework github_actions --directory .github",
)
NOT_OF_KUBERNETES = {"Kustomization", "ClusterImagePolicy"}
"""Kinds whose schema is another project's."""


def run(command: str) -> subprocess.CompletedProcess[str]:
    program, *arguments = command.split()
    return subprocess.run(
        [str(PEERS / program), *arguments],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "LOG_LEVEL": "ERROR"},
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_the_tools_of_the_field_find_nothing(command: str) -> None:
    ended = run(command)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_object_fits_its_schema() -> None:
    files = sorted((ROOT / "manifests").glob("kubernetes*/*.yaml"))
    ours = [
        str(path)
        for path in files
        if not any(f"\nkind: {kind}\n" in path.read_text(encoding="utf-8") for kind in NOT_OF_KUBERNETES)
    ]
    assert len(ours) >= 7
    ended = run(f"kubernetes-validate --strict {' '.join(ours)}")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("passed") + ended.stderr.count("passed") == len(ours)
