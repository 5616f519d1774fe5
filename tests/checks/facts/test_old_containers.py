"""Whether a step stops in a container that is too old for the runner's Node."""

from __future__ import annotations

import pytest

from checks.facts.action.old_containers import old_container, steps_without_node
from checks.facts.upgrade.all_changes import why_held
from checks.facts.upgrade.upgrades import Upgrade
from tests.checks.workflow import job

STEPS = "steps:\n  - run: yum -y install git\n  - uses: actions/checkout@v7\n  - run: make\n"
LEGS = "strategy: {matrix: {image: [%s]}}\ncontainer: {image: '${{ matrix.image }}'}\n"


def stops(container: str, runner: str = "ubuntu-latest", steps: str = STEPS) -> bool:
    return bool(steps_without_node(job(f"runs-on: {runner}\n{container}{steps}").workflow))


@pytest.mark.parametrize(
    "container",
    [
        "container: centos:7\n",
        "container: {image: 'centos:7.9.2009', options: --privileged}\n",
        "container: docker.io/library/ubuntu:18.04\n",
        "container: ubuntu:bionic-20230530\n",
        "container: debian:stretch-slim\n",
        "container: amazonlinux:2\n",
        LEGS % "'centos:7', 'debian:9'",
    ],
)
def test_no_javascript_action_starts(container: str) -> None:
    assert stops(container)
    assert not stops(container, runner="our-machine")
    assert not stops(container, steps=STEPS.replace("@v7", "@v7\n    continue-on-error: true"))
    assert not stops(container, steps="steps:\n  - run: make\n")


@pytest.mark.parametrize(
    "container",
    [
        "",
        "container: centos:stream9\n",
        "container: ubuntu:22.04\n",
        "container: debian:10\n",
        "container: amazonlinux:2023\n",
        "container: node:18\n",
        "container: example/tools:centos7\n",
        "container: {image: 'centos:7', volumes: ['/opt/node:/__e/node24']}\n",
        LEGS % "'centos:7', 'rockylinux:9'",
        "container: ${{ inputs.image }}\n",
    ],
)
def test_one_may_start(container: str) -> None:
    assert not stops(container)


@pytest.mark.parametrize(
    ("image", "is_old"),
    [
        ("example/tools:centos7", True),
        ("quay.io/pypa/manylinux2014_x86_64", True),
        ("swift:5.9-amazonlinux2", True),
        ("python:3.6-stretch", True),
        ("example/ubuntu1604-builder", True),
        ("quay.io/pypa/manylinux_2_28_x86_64", False),
        ("example/model:7", False),
        ("example/tools:ubuntu2404", False),
        ("example/amazonlinux2023", False),
    ],
)
def test_a_system_by_the_name_of_an_image(image: str, is_old: bool) -> None:
    steps = job(f"runs-on: ubuntu-latest\ncontainer: {image}\n{STEPS}").steps
    assert bool(old_container(steps[1])) is is_old


@pytest.mark.parametrize(
    ("uses", "is_held"),
    [
        ("actions/checkout@v4", True),
        ("codecov/codecov-action@v4", False),
        ("actions/attest-sbom@v1", True),
        ("ramsey/composer-install@v3", True),
    ],
)
def test_releases_that_need_no_node_start_there(uses: str, *, is_held: bool) -> None:
    (step,) = job(f"runs-on: ubuntu-latest\ncontainer: centos:7\nsteps:\n  - uses: {uses}\n").steps
    assert step.uses
    assert ("no newer release starts" in why_held(Upgrade(step.uses, step))) is is_held
