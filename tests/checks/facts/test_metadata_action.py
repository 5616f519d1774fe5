"""The tags that docker/metadata-action makes, against the tables of its own documentation."""

import pytest

from checks.check import Repository
from checks.source.snapshot import Snapshot

WORKFLOW = """\
on: %s
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - id: meta
        uses: docker/metadata-action@v6
        with:
          images: |
            ghcr.io/acme/web
          flavor: |
%s
          tags: |
%s
      - uses: docker/build-push-action@v7
        with:
          push: true
          tags: ${{ steps.meta.outputs.tags }}
"""
MAIN = "{push: {branches: [main]}}"
TAGS = "{push: {tags: ['v*']}}"
NAMED = "{push: {tags: ['web-v*']}}"
PULL = "pull_request"
FEATURE = "{push: {branches: [feature/x]}}"


def tags(event: str, entries: str, flavor: str = "latest=auto") -> list[str]:
    """The tags that are pushed; a hole is written with its name."""
    lines = [
        "".join(f"            {line}\n" for line in text.split(";")).rstrip() for text in (flavor, entries)
    ]
    files = {".github/workflows/build.yml": WORKFLOW % (event, *lines)}
    (build,) = Repository(Snapshot.of(files)).builds
    found = []
    for tag in build.tags:
        assert tag.generated is not None
        parts = tag.generated.value.parts
        found.append("".join(part if isinstance(part, str) else f"<{part.varies}>" for part in parts))
    return found


@pytest.mark.parametrize(
    ("event", "entries", "expected"),
    [
        (MAIN, "type=ref,event=branch", ["main"]),
        (MAIN, "type=ref,event=tag;type=semver,pattern={{version}}", None),
        (PULL, "type=ref,event=pr", ["pr-<pull request>"]),
        (TAGS, "type=ref,event=tag", ["<tag>", "latest"]),
        (TAGS, "type=semver,pattern={{version}}", ["<tag>", "latest"]),
        (TAGS, "type=semver,pattern={{major}}.{{minor}}", ["<series of releases>.<series of releases>", "latest"]),
        (TAGS, "type=semver,pattern={{major}}.{{minor}}.{{patch}}", ["<series of releases>.<series of releases>.<tag>", "latest"]),
        (TAGS, "type=sha", ["sha-<commit>"]),
        (MAIN, "type=sha,prefix=", ["<commit>"]),
        (MAIN, "type=sha,prefix=git-,format=long", ["git-<commit>"]),
        (MAIN, "type=edge", ["edge"]),
        (MAIN, "type=edge,branch=next", None),
        (MAIN, "type=raw,value=a/b c", ["a-b-c"]),
        (MAIN, "stable", ["stable"]),
        (MAIN, "type=raw,value={{branch}}-{{sha}}", ["main-<commit>"]),
        (MAIN, "type=raw,value=x,enable=false;type=raw,value=y", ["y"]),
        (MAIN, "type=raw,value=x,enable={{is_default_branch}}", ["x"]),
        (MAIN, "type=raw,value=low,priority=1;type=sha;type=raw,value=high,priority=2000", ["high", "sha-<commit>", "low"]),
        (TAGS, "type=raw,value=first,priority=950;type=semver,pattern={{version}}", ["first", "<tag>"]),
        (TAGS, "type=pep440,pattern={{version}}", ["<tag>", "latest"]),
        (TAGS, "type=pep440,pattern={{major}}", ["<series of releases>", "latest"]),
        (NAMED, "type=semver,pattern={{version}};type=raw,value=x", ["x"]),
        (NAMED, "type=pep440,pattern={{version}};type=sha", ["sha-<commit>"]),
        (NAMED, "type=semver,pattern={{version}},match=web-(.*)", ["<tag>", "latest"]),
        ("{push: {tags: [latest]}}", "type=semver,pattern={{version}};type=sha", ["sha-<commit>"]),
        ("{push: {tags: ['1.*']}}", "type=semver,pattern={{version}}", ["<tag>", "latest"]),
        ("{push: {tags: ['w?1.*']}}", "type=semver,pattern={{version}}", ["<tag>", "latest"]),
        ("{push: {tags: ['**']}}", "type=semver,pattern={{version}}", ["<tag>", "latest"]),
        (TAGS, "type=match,pattern=v(.*),group=1", ["<unknown>", "latest"]),
        (TAGS, "type=edge;type=ref,event=branch;type=sha", ["sha-<commit>"]),
        (FEATURE, "type=ref,event=branch", ["feature-x"]),
        (PULL, "type=ref,event=pr,prefix=", ["<pull request>"]),
        (MAIN, "type=semver,pattern={{version}},value=1.2.3", ["<unknown>", "latest"]),
        ("schedule", "type=schedule", ["nightly"]),
        ("schedule", "type=schedule,pattern=weekly", ["weekly"]),
    ],
)  # fmt: skip
def test_entries(event: str, entries: str, expected: list[str] | None) -> None:
    if expected is None:
        files = {
            ".github/workflows/build.yml": WORKFLOW
            % (event, "            latest=auto", "            " + entries.replace(";", "\n            "))
        }
        (build,) = Repository(Snapshot.of(files)).builds
        assert [tag.generated for tag in build.tags] == [None]
        return
    assert tags(event, entries) == expected


@pytest.mark.parametrize(
    ("flavor", "expected"),
    [
        ("latest=false", ["<tag>"]),
        ("latest=true", ["<tag>", "latest"]),
        ("prefix=web-", ["web-<tag>", "latest"]),
        ("suffix=-alpine,onlatest=true", ["<tag>-alpine", "latest-alpine"]),
        ("prefix=a-,onlatest=true;suffix=-b", ["a-<tag>-b", "a-latest"]),
    ],
)
def test_flavor(flavor: str, expected: list[str]) -> None:
    assert tags(TAGS, "type=semver,pattern={{version}}", flavor) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("github.event.pull_request.merged == true", ["main", "main-<commit>"]),
        ("github.event_name == 'pull_request'", ["pr-<pull request>", "-<commit>"]),
    ],
)
def test_a_pull_request_that_is_merged_is_on_the_branch_that_it_went_into(
    condition: str, expected: list[str]
) -> None:
    entries = ("type=ref,event=branch", "type=ref,event=pr", "type=sha,prefix={{branch}}-")
    written = "".join(f"            {one}\n" for one in entries).rstrip()
    content = WORKFLOW % (
        "{pull_request: {types: [closed], branches: [main]}}",
        "            latest=false",
        written,
    )
    files = {
        ".github/workflows/build.yml": content.replace("    steps:", f"    if: {condition}\n    steps:", 1)
    }
    (build,) = Repository(Snapshot.of(files)).builds
    made = [one.generated.value.parts for one in build.tags if one.generated]
    found = ["".join(it if isinstance(it, str) else f"<{it.varies}>" for it in parts) for parts in made]
    assert found == expected


def test_a_suffix_of_its_own_and_a_prefix_of_the_flavor() -> None:
    assert tags(FEATURE, "type=ref,event=branch,suffix=-y", "prefix=p-") == ["p-feature-x-y"]
    assert tags(MAIN, "type=raw,value=a", "latest=true;suffix=-s") == ["a-s", "latest"]


def test_the_entries_that_no_entries_stand_for() -> None:
    files = {
        ".github/workflows/build.yml": """\
on: {push: {branches: [main], tags: ['v*']}, pull_request: {}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - {id: meta, uses: docker/metadata-action@v6, with: {images: 'acme/web,ghcr.io/acme/web'}}
      - uses: docker/build-push-action@v7
        with: {push: "${{ github.event_name != 'pull_request' }}", tags: '${{ steps.meta.outputs.tags }}'}
"""
    }
    repo = Repository(Snapshot.of(files))
    names = [str(push.value) for push in repo.pushes]
    assert names == [
        "acme/web:main",
        "acme/web:${{ github.ref_name }}",
        "acme/web:latest",
        "ghcr.io/acme/web:main",
        "ghcr.io/acme/web:${{ github.ref_name }}",
        "ghcr.io/acme/web:latest",
    ]
    assert len(repo.builds[0].tags) == 8


def test_what_is_not_known_makes_no_tags() -> None:
    files = {
        ".github/workflows/build.yml": WORKFLOW.replace("images: |", "context: git\n          images: |")
        % (MAIN, "            latest=auto", "            type=sha")
    }
    (build,) = Repository(Snapshot.of(files)).builds
    assert [tag.value.is_unknown for tag in build.tags] == [True]


def test_an_entry_of_several_lines_is_not_known_and_hinders_nothing() -> None:
    entry = "type=raw,value=${{ github.event_name == 'push'\\n && 'a' || 'b' }}"
    files = {".github/workflows/build.yml": WORKFLOW % (MAIN, "            latest=auto", "            ENTRY")}
    text = files[".github/workflows/build.yml"].replace(
        "          tags: |\n            ENTRY", f'          tags: "{entry}"'
    )
    assert entry in text
    (build,) = Repository(Snapshot.of({".github/workflows/build.yml": text})).builds
    assert [tag.value.is_unknown for tag in build.tags] == [True]


LEG = """\
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        include:
          - tags: |
              nightly-slim
              nightly
    steps:
      - id: meta
        uses: docker/metadata-action@v6
        with: {images: ghcr.io/acme/web, tags: '${{ matrix.tags }}'}
      - uses: docker/build-push-action@v7
        with: {push: true, tags: '%s'}
"""


@pytest.mark.parametrize(
    ("written", "name"),
    [("${{ steps.meta.outputs.tags }}", "ghcr.io/acme/web:"), ("${{ matrix.tags }}", "")],
)
def test_a_value_of_the_matrix_with_several_lines(written: str, name: str) -> None:
    (build,) = Repository(Snapshot.of({".github/workflows/build.yml": LEG % written})).builds
    assert [tag.value.literal for tag in build.tags] == [f"{name}nightly-slim", f"{name}nightly"]


def test_a_comment_is_no_image_and_no_flavor() -> None:
    named = WORKFLOW.replace(
        "images: |\n", "images: |\n            # of the forge, and for the cluster\n"
    ).replace("acme/web", "acme/web # of the branch")
    flavor = "            # no moving tag\n            latest=false # by hand"
    files = {
        ".github/workflows/build.yml": named % (TAGS, flavor, "            type=semver,pattern={{version}}")
    }
    (build,) = Repository(Snapshot.of(files)).builds
    assert {str(tag.reference.path) for tag in build.tags} == {"acme/web"}
    assert len(build.tags) == 1


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["# on Docker Hub, too", "acme/web # ours", "ghcr.io/acme/web"], {"acme/web:", "ghcr.io/acme/web:"}),
        (["acme/web, acme/api", ""], {"acme/web:", "acme/api:"}),
        (["name=acme/web,enable=false", "acme/api"], {None}),
    ],
)
def test_the_value_of_a_variable_has_an_image_a_line(written: list[str], expected: set[str | None]) -> None:
    lines = "".join(f"    {line}\n" for line in written)
    content = f"""\
on: {{push: {{branches: [main]}}}}
env:
  IMAGES: |
{lines}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: meta
        uses: docker/metadata-action@v6
        with: {{images: "${{{{ env.IMAGES }}}}", tags: "type=edge,branch=main"}}
      - uses: docker/build-push-action@v7
        with: {{context: ., push: true, tags: "${{{{ steps.meta.outputs.tags }}}}"}}
"""
    (build,) = Repository(Snapshot.of({".github/workflows/build.yml": content})).builds
    assert {tag.value.literal for tag in build.tags} == {one and f"{one}edge" for one in expected}
