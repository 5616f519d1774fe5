"""The legs of a matrix, after the rules that GitHub documents."""

from __future__ import annotations

import textwrap

import pytest

from checks.facts.workflow.matrix import MAX_LEGS, Leg, legs, name_of_leg
from checks.source.yaml import Scalar
from tests.checks.workflow import job


def expanded(matrix: str) -> list[str] | None:
    """Each leg as `key=value …`, in order; None where they are not known."""
    found = legs(job("strategy:\n  matrix:\n" + textwrap.indent(textwrap.dedent(matrix), "    ")))
    return None if found is None else [shown(leg) for leg in found]


def shown(leg: Leg) -> str:
    return " ".join(
        f"{key}={node.value if isinstance(node, Scalar) else '…'}" for key, node in sorted(leg.items())
    )


def test_a_job_without_matrix_has_one_empty_leg() -> None:
    assert legs(job("steps: []\n")) == ({},)


def test_every_combination_is_a_leg() -> None:
    assert expanded("a: [1, 2]\nb: [x, y]\n") == ["a=1 b=x", "a=1 b=y", "a=2 b=x", "a=2 b=y"]


def test_includes_extend_what_they_overwrite_nothing_of_and_else_are_legs_of_their_own() -> None:
    assert expanded("""\
        base: [alpine, debian]
        arch: [amd64, arm64]
        include:
          - level: low
          - level: high
            arch: amd64
          - base: alpine
            size: small
          - base: scratch
          - base: scratch
            arch: amd64
    """) == [
        "arch=amd64 base=alpine level=high size=small",
        "arch=arm64 base=alpine level=low size=small",
        "arch=amd64 base=debian level=high",
        "arch=arm64 base=debian level=low",
        "base=scratch",
        "arch=amd64 base=scratch",
    ]


def test_an_include_adds_a_key_to_the_legs_that_it_fits() -> None:
    assert expanded("""\
        os: [windows, ubuntu]
        node: [20, 22]
        include:
          - os: windows
            node: 22
            npm: 10
    """) == ["node=20 os=windows", "node=22 npm=10 os=windows", "node=20 os=ubuntu", "node=22 os=ubuntu"]


def test_includes_alone_are_the_legs() -> None:
    assert expanded("include:\n  - {site: a, zone: 1}\n  - {site: b}\n") == ["site=a zone=1", "site=b"]


def test_excludes_take_out_what_has_all_that_they_name() -> None:
    assert expanded("""\
        os: [linux, mac]
        version: [1, 2]
        zone: [test, live]
        exclude:
          - {os: mac, version: 1, zone: live}
          - {os: linux, version: 2}
          - {os: linux, none: such}
    """) == [
        "os=linux version=1 zone=test",
        "os=linux version=1 zone=live",
        "os=mac version=1 zone=test",
        "os=mac version=2 zone=test",
        "os=mac version=2 zone=live",
    ]


def test_excludes_come_before_includes() -> None:
    assert expanded("a: [1]\nexclude: [{a: 1}]\ninclude: [{a: 1, b: 2}]\n") == ["a=1 b=2"]


def test_values_may_be_objects() -> None:
    values = "a: [{x: 1, y: [2]}, {x: 2, y: [2]}, {x: 1, y: [2], z: 3}]\n"
    assert expanded(values + "exclude: [{a: {x: 1, y: [2]}}, {a: {x: 2, y: [3]}}, {a: [1]}]\n") == [
        "a=…",
        "a=…",
    ]


@pytest.mark.parametrize(
    "matrix",
    [
        "a: ${{ fromJSON(needs.x.outputs.y) }}\n",
        "a: [1, '${{ inputs.x }}']\n",
        "include: ${{ fromJSON(inputs.x) }}\n",
        "a: []\n",
        "a: 1\n",
        f"a: {list(range(20))}\nb: {list(range(20))}\n",
        f"include: {[{'a': number} for number in range(MAX_LEGS + 1)]}\n",
    ],
)
def test_a_matrix_that_only_the_run_knows_or_that_is_too_large_is_unknown(matrix: str) -> None:
    assert expanded(matrix) is None


@pytest.mark.parametrize(
    ("matrix", "name"),
    [
        ("{image: [web, api]}", "matrix.image"),
        ("{image: [web, api], include: [{image: api, by: gcc}]}", "matrix.image"),
        ("{image: [web], include: [{image: api, by: gcc}, {image: api, by: clang}]}", "strategy.job-index"),
        ("{image: [web, api], include: '${{ fromJSON(inputs.more) }}'}", "strategy.job-index"),
        ("{image: [web, '${{ inputs.image }}']}", "matrix.image"),
        ("{image: [web], by: [gcc]}", "strategy.job-index"),
        ("{image: [{name: web}]}", "strategy.job-index"),
        ("{image: '${{ fromJSON(inputs.images) }}'}", "strategy.job-index"),
    ],
)
def test_what_tells_legs_apart(matrix: str, name: str) -> None:
    assert name_of_leg(job(f"strategy: {{matrix: {matrix}}}")) == name
