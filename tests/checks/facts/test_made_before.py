"""Builds that find the same in the workspace, and what an image with several names is called."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.build.made_before import recipe_of
from checks.facts.build.told_apart import names_of
from checks.source.snapshot import Snapshot

WORKFLOW = """\
on: push
jobs:
  web:
    runs-on: ubuntu-latest
    steps:
      - run: npm ci
      - uses: acme/scan@v1
        with: {{image: 'web:ci'}}
      - uses: docker/build-push-action@v7
        with: {{context: ., tags: 'ghcr.io/acme/web:1,web:ci'}}
  staging:
    runs-on: ubuntu-latest
    strategy: {{matrix: {{mode: [one]}}}}
    {job}
    steps:
      - {first}
      - uses: acme/scan@v2
        with: {{image: '{scanned}'}}
      - uses: docker/build-push-action@v7
        with: {{context: ., {more} tags: 'ghcr.io/acme/web-staging:1,web-staging:ci'}}
"""


@pytest.mark.parametrize(
    ("job", "first", "scanned", "more", "are_alike"),
    [
        pytest.param("", "{run: npm ci, name: Install}", "web-staging:ci", "", True, id="names alone differ"),
        pytest.param("", "run: npm ci --omit=dev", "web-staging:ci", "", False, id="another command"),
        pytest.param("", "run: npm ci", "other:ci", "", False, id="another image"),
        pytest.param(
            "env: {MODE: staging}", "run: npm ci", "web-staging:ci", "", False, id="another variable"
        ),
        pytest.param(
            "environment: staging", "run: npm ci", "web-staging:ci", "", False, id="another environment"
        ),
        pytest.param("", "run: npm ci", "web-staging:ci", "build-args: A=1,", False, id="another argument"),
    ],
)
def test_what_is_made_before_builds(
    job: str, first: str, scanned: str, more: str, *, are_alike: bool
) -> None:
    text = WORKFLOW.format(job=job, first=first, scanned=scanned, more=more)
    builds = Repository(Snapshot.of({".github/workflows/ci.yml": text})).builds
    tags = {tag.value.literal or "" for build in builds for tag in build.tags}
    web, staging = (recipe_of(build, tags) for build in builds)
    assert (web == staging) is are_alike


@pytest.mark.parametrize(
    "mode", ["matrix.mode", "matrix['mode']", "inputs.mode", "needs.plan.outputs.mode", "steps.plan.outputs.mode"]
)  # fmt: skip
def test_what_a_job_is_told_is_alike_in_one_job_alone(mode: str) -> None:
    step = f"run: make ${{{{ {mode} }}}}"
    text = WORKFLOW.format(job="", first=step, scanned="web-staging:ci", more="").replace("run: npm ci", step)
    builds = Repository(Snapshot.of({".github/workflows/ci.yml": text})).builds
    web, staging = (recipe_of(build, {"web:ci", "web-staging:ci"}) for build in builds)
    assert web != staging


@pytest.mark.parametrize(
    ("dockerfile", "first"),
    [("Dockerfile.prod", "web"), ("Dockerfile.worker", "worker"), ("Dockerfile", "web")],
)
def test_an_image_is_called_by_the_name_that_its_others_begin_with(dockerfile: str, first: str) -> None:
    text = WORKFLOW.format(job="", first="run: npm ci", scanned="web:ci", more="")
    builds = Repository(Snapshot.of({".github/workflows/ci.yml": text})).builds
    assert names_of(("", dockerfile, ""), builds)[0] == first
