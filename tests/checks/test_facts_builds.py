"""The builds of workflows, and the names of their images."""

from __future__ import annotations

import textwrap

import pytest

from checks.check import Repository
from checks.facts.builds import GIT_CONTEXT, Build
from checks.facts.references import changes_every_run, declared, is_moving, reference
from checks.facts.value import Hole, Value, Varies, literal
from checks.source.snapshot import Snapshot

WORKFLOW = """\
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
{job}
    steps:
{earlier}
      - uses: docker/build-push-action@v6
        with:
{inputs}
"""


def builds(inputs: str, *, earlier: str = "- run: x", job: str = "") -> tuple[Build, ...]:
    content = WORKFLOW.format(
        job=textwrap.indent(job, "    "),
        earlier=textwrap.indent(earlier, "      "),
        inputs=textwrap.indent(inputs, "          "),
    )
    return Repository(Snapshot.of({".github/workflows/w.yml": content})).builds


def build(inputs: str, *, earlier: str = "- run: x", job: str = "") -> Build:
    (found,) = builds(inputs, earlier=earlier, job=job)
    return found


@pytest.mark.parametrize(
    ("inputs", "context", "dockerfile"),
    [
        ("context: .", "", "Dockerfile"),
        ("context: ./web/", "web", "web/Dockerfile"),
        ("context: web\nfile: other/Dockerfile.prod", "web", "other/Dockerfile.prod"),
        ("context: ..", None, None),
        ("context: ${{ inputs.where }}", None, None),
        ("push: true", GIT_CONTEXT, "Dockerfile"),
        ("file: web/Dockerfile", GIT_CONTEXT, "web/Dockerfile"),
    ],
)
def test_context_and_dockerfile(inputs: str, context: str | None, dockerfile: str | None) -> None:
    found = build(inputs)
    assert (found.context, found.dockerfile) == (context, dockerfile)


@pytest.mark.parametrize(
    "earlier",
    [
        "- uses: actions/checkout@v6\n  with: {path: src}",
        "- uses: actions/checkout@v6\n  with: {repository: acme/other}",
        "- run: echo x >> .dockerignore",
    ],
)
def test_a_workspace_with_other_files_makes_the_context_unknown(earlier: str) -> None:
    assert build("context: .", earlier=earlier).context is None


@pytest.mark.parametrize(
    ("inputs", "platforms"),
    [
        ("push: true", ()),
        ("platforms: linux/amd64,linux/arm64", ("linux/amd64", "linux/arm64")),
        ("platforms: |\n  linux/amd64\n  linux/arm64", ("linux/amd64", "linux/arm64")),
        ("platforms: ${{ inputs.platforms }}", None),
        ("platforms: [linux/amd64]", None),
    ],
)
def test_platforms(inputs: str, platforms: tuple[str, ...] | None) -> None:
    assert build(inputs).platforms == platforms


@pytest.mark.parametrize(
    ("inputs", "pushes"),
    [
        ("context: .", False),
        ("push: true", True),
        ("push: 'TRUE'", True),
        ("push: false", False),
        ("push: ${{ github.event_name != 'pull_request' }}", None),
        ("push: ${{ inputs.push }}", None),
    ],
)
def test_whether_it_pushes(inputs: str, pushes: bool | None) -> None:
    found = build(inputs)
    assert found.pushes is pushes
    assert found.may_push is (pushes is not False)


def test_each_leg_of_a_matrix_is_a_build() -> None:
    found = builds("context: ${{ matrix.image }}", job="strategy: {matrix: {image: [web, api]}}")
    assert [one.context for one in found] == ["web", "api"]


def test_tags_are_values_with_places() -> None:
    found = build("tags: |\n  ghcr.io/acme/web:latest\n  ghcr.io/acme/web:${{ github.sha }}")
    assert [str(tag.value) for tag in found.tags] == [
        "ghcr.io/acme/web:latest",
        "ghcr.io/acme/web:${{ github.sha }}",
    ]
    assert found.tags[0].location.fragment == "ghcr.io/acme/web:latest"


SHA = Value((Hole(Varies.COMMIT, "github.sha"),))


@pytest.mark.parametrize(
    ("name", "host", "path", "tag"),
    [
        ("node", "", "node", None),
        ("node:24", "", "node", "24"),
        ("acme/web:v1", "", "acme/web", "v1"),
        ("ghcr.io/acme/web:v1", "ghcr.io", "acme/web", "v1"),
        ("localhost/web", "localhost", "web", None),
        ("localhost:5000/web", "localhost:5000", "web", None),
        ("ghcr.io/acme/web@sha256:abc", "ghcr.io", "acme/web", None),
        ("ghcr.io/acme/web:v1@sha256:abc", "ghcr.io", "acme/web", None),
    ],
)
def test_a_name_has_host_path_and_tag(name: str, host: str, path: str, tag: str | None) -> None:
    parted = reference(literal(name))
    assert (parted.host.literal, parted.path.literal) == (host, path)
    assert (parted.tag.literal if parted.tag else None) == tag


def test_what_stands_before_the_first_slash_is_a_host_if_it_is_a_hole() -> None:
    parted = reference(Value((Hole(source="env.REGISTRY"), "/web:", *SHA.parts)))
    assert parted.host == Value((Hole(source="env.REGISTRY"),))
    assert (parted.path.literal, parted.tag) == ("web", SHA)


def test_an_image_in_ecr_is_the_one_repository_of_that_name() -> None:
    resource = 'resource "aws_ecr_repository" "{}" {{\n  name = "{}"\n}}\n'
    one = Repository(Snapshot.of({"m.tf": resource.format("a", "web")})).ecr_repositories
    two = Repository(
        Snapshot.of({"m.tf": resource.format("a", "web") + resource.format("b", "web")})
    ).ecr_repositories
    image = reference(literal("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v1"))
    assert image.is_ecr
    assert declared(image, one) is one[0]
    assert declared(image, two) is None
    assert declared(reference(literal("ghcr.io/web:v1")), one) is None
    assert declared(reference(Value((*image.host.parts, "/", Hole()))), one) is None


@pytest.mark.parametrize(
    ("tag", "fresh", "moving"),
    [
        (literal("latest"), False, True),
        (SHA, True, False),
        (Value(("v-", Hole(Varies.RUN))), True, False),
        (Value((Hole(Varies.BRANCH),)), False, True),
        (Value(("pr-", Hole(Varies.PULL_REQUEST))), False, True),
        (Value((Hole(),)), False, False),
        (Value((Hole(Varies.BRANCH), "-", *SHA.parts)), True, False),
    ],
)
def test_which_tags_move_and_which_are_new_each_time(tag: Value, fresh: bool, moving: bool) -> None:
    assert (changes_every_run(tag), is_moving(tag)) == (fresh, moving)
