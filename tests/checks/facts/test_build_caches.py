"""Caches that builds import and export."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.build.build_caches import Cache, exports, imports, scoped, share_a_cache
from checks.facts.build.builds import Build
from checks.facts.build.told_apart import telling_keys
from checks.facts.workflow.events import Event, RefKind
from checks.source.snapshot import Snapshot

PATH = ".github/workflows/w.yml"


def built(step: str, on: str = "[push, pull_request]") -> Build:
    """The only build of a workflow with one step."""
    content = f"on: {on}\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    steps:\n      - {step}\n"
    (build,) = Repository(Snapshot.of({PATH: content})).builds
    return build


def by_action(cache: str) -> tuple[Cache, ...]:
    return exports(built(f"uses: docker/build-push-action@v7\n        with:\n          cache-to: {cache}"))


@pytest.mark.parametrize(
    ("cache", "type_", "scope"),
    [
        ("type=gha", "gha", "buildkit"),
        ("type=gha,mode=max,scope=web", "gha", "web"),
        ("ghcr.io/acme/web:cache", "registry", "buildkit"),
        ("ref=ghcr.io/acme/web:cache", "registry", "buildkit"),
        ("type=gha,scope=${{ github.workflow }}", "gha", None),
        ("${{ github.event_name == 'push' && 'type=gha,scope=web' || '' }}", "gha", "web"),
    ],
)
def test_a_cache_is_read_by_its_attributes(cache: str, type_: str, scope: str | None) -> None:
    (found,) = by_action(cache)
    assert (found.type, found.scope.literal) == (type_, scope)


@pytest.mark.parametrize("cache", ["${{ inputs.cache }}", "${{ inputs.cache }}=x", "''"])
def test_what_can_t_be_read_is_left_out(cache: str) -> None:
    assert by_action(cache) == ()


def test_each_line_is_a_cache_and_a_comma_parts_none() -> None:
    found = by_action("|\n            type=gha,mode=max\n            type=inline")
    assert [(one.type, one.location.fragment) for one in found] == [
        ("gha", "type=gha,mode=max"),
        ("inline", "type=inline"),
    ]


@pytest.mark.parametrize(
    "step",
    [
        "uses: depot/build-push-action@v1\n        with: {cache-from: type=gha, cache-to: 'ref=ghcr.io/acme/web:cache'}",
        "uses: depot/build-push-action@v1\n        with: {cache-from: 'ref=ghcr.io/acme/web:cache', cache-to: type=gha}",
        "run: depot build --cache-from type=gha --cache-to type=gha --cache-to type=registry,ref=ghcr.io/acme/web:cache .",
    ],
)
def test_depot_does_without_github_s_cache(step: str) -> None:
    build = built(step)
    assert [one.type for one in (*imports(build), *exports(build))] == ["registry"]


def test_a_command_has_its_caches_in_options() -> None:
    build = built("run: docker buildx build --cache-from type=gha --cache-to type=gha,scope=web .")
    assert [one.scope.literal for one in (*imports(build), *exports(build))] == ["buildkit", "web"]
    assert scoped(exports(build)[0], "api") is None


def test_a_condition_leaves_a_cache_out_for_some_events() -> None:
    (found,) = by_action("${{ github.event_name == 'push' && 'type=gha' || '' }}")
    assert found.may_be_on(Event("push", RefKind.BRANCH, None))
    assert not found.may_be_on(Event("pull_request", RefKind.PULL, None))


@pytest.mark.parametrize(
    ("cache", "expected"),
    [
        ("type=gha", '"type=gha,scope=api"'),
        ("'type=gha,scope=web,mode=max'", "'type=gha,scope=web-api,mode=max'"),
        (
            "|\n            type=inline\n            type=gha",
            "|\n            type=inline\n            type=gha,scope=api",
        ),
        ("${{ github.event_name == 'push' && 'type=gha' || '' }}", None),
    ],
)
def test_a_scope_is_added_to_what_is_written(cache: str, expected: str | None) -> None:
    content = (
        f"{{cache-to: {cache}}}"
        if "\n" not in cache and "{{" not in cache
        else f"\n          cache-to: {cache}"
    )
    build = built(f"uses: docker/build-push-action@v7\n        with: {content}")
    edit = scoped(exports(build)[-1], "api")
    if expected is None:
        assert edit is None
        return
    assert edit is not None
    edited = Snapshot({PATH: build.text}, frozenset([PATH]), (), complete=True).edited([edit])
    assert expected in edited.texts[PATH].content


BRANCH, TAG, PULL = RefKind.BRANCH, RefKind.TAG, RefKind.PULL


def pull(*paths: str, bases: tuple[str, ...] = ()) -> Event:
    return Event("pull_request", PULL, None, bases=bases, paths=paths)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Event("push", BRANCH, "refs/heads/main"), Event("push", BRANCH, "refs/heads/main"), True),
        (Event("push", BRANCH, "refs/heads/main"), Event("push", BRANCH, "refs/heads/next"), False),
        (Event("push", BRANCH, "refs/heads/main"), Event("schedule", BRANCH, None), True),
        (Event("push", BRANCH, "refs/heads/v1"), Event("push", BRANCH, None, "v*"), True),
        (Event("push", BRANCH, "refs/heads/main"), Event("push", BRANCH, None, "v*"), False),
        (Event("push", BRANCH, None, "w*"), Event("push", BRANCH, None, "v*"), False),
        (Event("push", BRANCH, None, "v*"), Event("push", BRANCH, None, "v*"), True),
        (Event("push", TAG, None), Event("release", TAG, None), False),
        (Event("pull_request", PULL, None), Event("pull_request", PULL, None), True),
        (Event("pull_request", PULL, None), Event("push", BRANCH, None), False),
        (Event("push", BRANCH, "refs/heads/stable"), Event("schedule", BRANCH, None), False),
        (Event("push", BRANCH, "refs/heads/stable"), Event("workflow_dispatch", BRANCH, None), True),
        (Event("merge_group", BRANCH, None), Event("merge_group", BRANCH, None), False),
        (pull("web/**"), pull("mail/**"), False),
        (pull("web/**"), pull("web/**", "mail/**"), True),
        (pull("**/*.py"), pull("web/*.py"), True),
        (pull("web/**", ".github/workflows/a.yml"), pull("mail/**", ".github/workflows/*"), False),
        (pull("web/**"), pull("web/**", "!web/**"), False),
        (pull("**", "!docs/**"), pull("web/**"), True),
        (pull("**", "!docs/**"), pull("docs/**"), False),
        (pull(), pull("web/**"), True),
        (pull(bases=("main",)), pull(bases=("next",)), False),
        (pull(bases=("main",)), pull(bases=("main", "next")), True),
        (pull(bases=("main",)), pull(), True),
    ],
)
def test_runs_share_a_cache_where_their_refs_certainly_meet(one: Event, other: Event, expected: bool) -> None:
    assert share_a_cache(one, other) is expected
    assert share_a_cache(other, one) is expected


@pytest.mark.parametrize("keys", [tuple("lmnopqrstuvw"), tuple("wvutsrqponml")])
def test_of_keys_that_tell_legs_apart_alike_the_one_that_is_written_first_does(keys: tuple[str, ...]) -> None:
    legs = (", ".join(f"{key}: {value}" for key in keys) for value in ("web", "api"))
    content = f"""\
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    strategy: {{matrix: {{include: [{", ".join(f"{{{leg}}}" for leg in legs)}]}}}}
    steps:
      - uses: docker/build-push-action@v7
        with: {{file: "${{{{ matrix.{keys[0]} }}}}${{{{ matrix.{keys[1]} }}}}/Dockerfile"}}
"""
    builds = Repository(Snapshot.of({PATH: content})).builds
    assert telling_keys(builds) == keys[:1]
