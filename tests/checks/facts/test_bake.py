"""Bake files: what targets inherit, which of them are built, and where their files may lie."""

import pytest

from checks.check import Repository
from checks.facts.build.bake import BakeTarget
from checks.facts.build.bake_runs import (
    dockerfiles_there,
    folders_of_runs,
    inputs_of,
    may_be_made,
    overridden,
    there,
)
from checks.facts.value import UNKNOWN
from checks.source.kind import Kind
from checks.source.snapshot import Snapshot

_WORKFLOW = """\
on: push
jobs:
  bake:
    runs-on: ubuntu-latest
    steps:
"""


def targets_of(files: dict[str, str], *paths: str) -> dict[str, BakeTarget]:
    found = Repository(Snapshot.of(files, paths)).bake_targets
    return {one.name: one for one in found}


def only(content: str) -> dict[str, BakeTarget]:
    return targets_of({"docker-bake.hcl": content})


def known(target: BakeTarget, name: str) -> str | None:
    """The text of an attribute; `?` where it is unknown, None where it is not written."""
    value = target.value(name)
    return None if value is None else "?" if value.literal is None else value.literal


def test_inherits() -> None:
    """Its own attribute counts before the last parent's, that before an earlier parent's, that before a grandparent's."""
    target = only(
        """\
target "root"  {
  context    = "root"
  dockerfile = "root"
  target     = "root"
  network    = "root"
}
target "first" {
  inherits   = ["root"]
  context    = "first"
  dockerfile = "first"
  target     = "first"
}
target "last" {
  context    = "last"
  dockerfile = "last"
}
target "web" {
  inherits = ["first", "last"]
  context  = "own"
}
"""
    )["web"]
    names = ("context", "dockerfile", "target", "network", "shm-size")
    assert [known(target, name) for name in names] == ["own", "last", "first", "root", None]
    context, dockerfile = target.attribute("context"), target.attribute("dockerfile")
    assert context
    assert target.is_own(context)
    assert dockerfile
    assert not target.is_own(dockerfile)
    assert target.place("shm-size", "dockerfile").line == 15
    assert target.place("shm-size").fragment == 'target "web"'


def test_null_writes_nothing() -> None:
    targets = only('target "a" { target = "a" }\ntarget "b" {\n  inherits = ["a"]\n  target = null\n}\n')
    assert known(targets["b"], "target") == "a"


@pytest.mark.parametrize(
    ("parents", "others", "expected"),
    [
        ('["elsewhere"]', "", "?"),
        ('["docker-metadata-action", "near"]', "", "near"),
        ('["near", "elsewhere"]', "", "?"),
        ("PARENTS", "", "?"),
        ('["${FIRST}"]', "", "?"),
        ('["twice"]', 'target "twice" { target = "a" }\ntarget "twice" {}\n', "?"),
        ('["legs"]', 'target "legs" {\n  name = "a"\n  matrix = { a = ["b"] }\n  target = "a"\n}\n', "?"),
        ('["round"]', 'target "round" { inherits = ["web"] }\n', "?"),
        ('["web"]', "", "?"),
        ("null", "", None),
        ("[]", "", None),
    ],
)
def test_parents_that_cannot_be_seen(parents: str, others: str, expected: str | None) -> None:
    """What is not written by itself may come from there; what it writes itself stands."""
    web = f'target "web" {{\n  inherits = {parents}\n  context = "web"\n}}\n'
    target = only(f'target "near" {{ target = "near" }}\n{others}{web}')["web"]
    assert known(target, "target") == expected
    assert known(target, "context") == "web"


def test_ways_that_part_and_meet() -> None:
    """Each parent is looked at once, however many ways lead to it; what many parents would say is not known."""
    pairs = (
        f'target "{kind}{level}" {{ inherits = ["a{level - 1}", "b{level - 1}"] }}\n'
        for level in range(1, 24)
        for kind in "ab"
    )
    targets = only('target "a0" { target = "run" }\ntarget "b0" {}\n' + "".join(pairs))
    assert known(targets["a23"], "target") == "run"
    chain = (f'target "t{at}" {{ inherits = ["t{at - 1}"] }}\n' for at in range(1, 2_000))
    targets = only('target "t0" { target = "run" }\n' + "".join(chain))
    assert (known(targets["t40"], "target"), known(targets["t1999"], "target")) == ("run", "?")


@pytest.mark.parametrize("written", ["VARIABLE", '"${VARIABLE}"', 'join("", ["a"])', 'true ? "a" : "b"', "1"])
def test_only_what_is_written_out_is_known(written: str) -> None:
    target = only(f'variable "VARIABLE" {{ default = "a" }}\ntarget "web" {{ target = {written} }}\n')["web"]
    assert known(target, "target") == "?"


@pytest.mark.parametrize(
    ("platforms", "expected"),
    [
        ('["linux/amd64", "linux/arm64", "linux/amd64"]', ("linux/amd64", "linux/arm64")),
        ('["linux/amd64", ""]', ("linux/amd64",)),
        ("[]", ()),
        ("null", ()),
        ('["linux/amd64", PLATFORM]', None),
        ('["linux/amd64", "local"]', None),
        ("PLATFORMS", None),
    ],
)
def test_platforms(platforms: str, expected: tuple[str, ...] | None) -> None:
    assert only(f'target "web" {{ platforms = {platforms} }}\n')["web"].platforms == expected


def test_platforms_of_a_parent_that_cannot_be_seen() -> None:
    target = only('target "web" { inherits = ["elsewhere"] }\n')["web"]
    assert target.platforms is None
    assert target.outputs is None


def test_outputs() -> None:
    """Text and objects; of one that can't be told nothing is known."""
    written = (
        '["type=docker,dest=${OUT}/web.tar", { type = "oci", dest = OUT }, bindir("build"), "./out", "a=b,c"]'
    )
    outputs = only(f'target "web" {{ output = {written} }}\n')["web"].outputs
    assert outputs is not None
    assert [one.type for one in outputs] == ["docker", "oci", None, None, None]
    assert outputs[0].location.fragment == outputs[0].text == "type=docker,dest=${OUT}/web.tar"
    assert outputs[0].attributes["dest"].parts[-1] == "/web.tar"
    assert outputs[1].attributes["dest"] == UNKNOWN
    assert only('target "web" { output = OUTPUTS }\n')["web"].outputs is None
    assert only('target "web" {}\n')["web"].outputs == ()


def test_which_are_built() -> None:
    """What a group names, and what is there for no other target."""
    targets = only(
        """\
group "default" { targets = ["named"] }
target "base" {}
target "_hidden" {}
target "named" { inherits = ["base"] }
target "more" { inherits = ["named"] }
target "default" { inherits = ["base"] }
target "linked" {}
target "alone" { contexts = { base = "target:linked", alpine = "docker-image://alpine" } }
"""
    )
    assert {name for name, one in targets.items() if one.is_built} == {"named", "more", "default", "alone"}
    assert {name for name, one in targets.items() if one.is_named} == {"named"}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", True),
        ('group "default" { targets = ["web"] }\n', False),
        ('target "web" { inherits = ["default"] }\n', False),
    ],
)
def test_default_target(more: str, expected: bool) -> None:
    """It is what is built where nothing is named, unless a group is, or it is there for others."""
    assert only(f'target "default" {{}}\n{more}')["default"].is_named is expected


def test_group_of_the_same_name() -> None:
    """A group counts before a target: who names it does not mean the template."""
    targets = only(
        """\
group "all" { targets = ["base"] }
group "base" { targets = ["web"] }
group "default" { targets = ["base"] }
target "base" {}
target "default" { inherits = ["base"] }
target "web" { inherits = ["default"] }
"""
    )
    assert {name for name, one in targets.items() if one.is_named} == {"web"}


def test_any_may_be_inherited_from_where_a_parent_is_computed() -> None:
    targets = only('target "base" {}\ntarget "web" { inherits = ["${NAME}"] }\n')
    assert not any(one.is_built for one in targets.values())


@pytest.mark.parametrize(
    ("path", "content", "is_left_out"),
    [
        ("docker-bake.override.hcl", 'target "web" {}\n', True),
        ("docker-bake.override.hcl", 'target "api" {}\n', False),
        ("ci/docker-bake.hcl", 'target "web" {}\n', True),
        ("vendor/docker-bake.hcl", 'target "web" {}\n', False),
        ("docker-bake.override.hcl", 'target "api" {\n', True),
        ("docker-bake.json", "{}", True),
        ("ci/bake.hcl", "", True),
        ("compose.yaml", "services:\n  web:\n    build: .\n", True),
        ("compose.yaml", "services:\n  web:\n    image: alpine\n", False),
        ("docker-bake.json.md", "", False),
    ],
)
def test_files_that_may_add_to_it(path: str, content: str, is_left_out: bool) -> None:
    targets = targets_of({"docker-bake.hcl": 'target "web" {}\n', path: content}, path)
    assert ("web" in targets) is not is_left_out


def test_folders_side_by_side_have_nothing_in_common() -> None:
    files = {f"{name}/docker-bake.hcl": 'target "web" { target = "a" }\n' for name in ("a", "b", "ab")}
    assert len(Repository(Snapshot.of({**files, "b/c/compose.yaml": "services: {}\n"})).bake_targets) == 3


def test_parents_in_another_file() -> None:
    files = {
        "docker-bake.hcl": 'target "web" { inherits = ["base"] }\n',
        "docker-bake.base.hcl": 'target "base" { target = "run" }\n',
    }
    targets = targets_of(files)
    assert known(targets["web"], "target") == "run"
    assert not targets["base"].is_built


@pytest.mark.parametrize(
    ("body", "contexts", "dockerfile"),
    [
        ("", ["", "a/b", "a"], "Dockerfile"),
        ('context = "./web/"', ["web", "a/web", "a/b/web"], "Dockerfile"),
        ('context = ".."', ["a", ""], "Dockerfile"),
        ('dockerfile = ""', ["", "a/b", "a"], "Dockerfile"),
        ('dockerfile = "x/go.Dockerfile"', ["", "a/b", "a"], "x/go.Dockerfile"),
        ('dockerfile-inline = "FROM alpine"', ["", "a/b", "a"], None),
        ("dockerfile-inline = TEXT", ["", "a/b", "a"], None),
        ('dockerfile = "https://example.com/Dockerfile"', ["", "a/b", "a"], None),
        ('dockerfile = "cwd://go.Dockerfile"', ["", "a/b", "a"], None),
        ("dockerfile = FILE", ["", "a/b", "a"], None),
    ],
)
def test_inputs(body: str, contexts: list[str], dockerfile: str | None) -> None:
    """Relative to the root, to the folder of the file, and to those between."""
    target = targets_of({"a/b/docker-bake.hcl": f'target "web" {{\n  {body}\n}}\n'})["web"]
    inputs = inputs_of(target, ())
    assert inputs is not None
    assert sorted(inputs.contexts) == sorted(contexts)
    assert inputs.dockerfile == dockerfile


@pytest.mark.parametrize(
    "context",
    ['"https://github.com/acme/web.git"', '"git@github.com:acme/web"', '"target:base"', '"cwd://web"', '"/web"', "BAKE_CMD_CONTEXT"],
)  # fmt: skip
def test_contexts_elsewhere(context: str) -> None:
    assert inputs_of(only(f'target "web" {{ context = {context} }}\n')["web"], ()) is None


def test_dockerfiles_of_contexts() -> None:
    """One for each context, or none."""
    files = {"a/docker-bake.hcl": 'target "web" { dockerfile = "../Dockerfile" }\n'}
    inputs = inputs_of(targets_of(files)["web"], ())
    assert inputs is not None
    assert inputs.dockerfiles_in(["a", "b/c"]) == ["Dockerfile", "b/Dockerfile"]
    assert inputs.dockerfiles_in(["a", ""]) == []


def test_there() -> None:
    """Files, folders, and what lies behind a link."""
    snapshot = Snapshot.of({}, ("web/Dockerfile", "link", "lower/dockerfile"))
    paths = ["", "web", "web/Dockerfile", "link/Dockerfile", "webs", "web/dockerfile"]
    assert there(paths, snapshot) == paths[:4]
    assert dockerfiles_there(["lower/Dockerfile", "web/Dockerfile"], snapshot) == ["web/Dockerfile"]
    assert dockerfiles_there(["lower/Dockerfile"], snapshot) == ["lower/dockerfile"]
    assert dockerfiles_there(["lower/DOCKERFILE"], snapshot) == []


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("- uses: docker/bake-action@v7", set()),
        ("- uses: docker/bake-action@v7\n  with: {workdir: ./web/}", {"web"}),
        ("- uses: docker/bake-action@v7\n  with: {source: .}", {""}),
        ("- uses: docker/bake-action@v7\n  with: {source: '{{defaultContext}}:web'}", {"web"}),
        ("- uses: docker/bake-action@v7\n  with: {source: 'https://github.com/acme/web.git#${{ github.ref }}:web'}", {"web"}),
        ("- uses: docker/bake-action@v7\n  with: {source: '${{ github.server_url }}/acme/web.git'}", {""}),
        ("- uses: docker/bake-action@v7\n  with: {workdir: '${{ matrix.folder }}'}", None),
        ("- run: docker buildx bake\n  working-directory: web", {"web"}),
        ("- run: docker buildx bake\n  working-directory: ${{ matrix.folder }}", None),
        ("- run: make\n  working-directory: web", set()),
    ],
)  # fmt: skip
def test_folders_of_runs(step: str, expected: set[str] | None) -> None:
    lines = "".join(f"      {line}\n" for line in step.split("\n"))
    repo = Repository(Snapshot.of({".github/workflows/build.yml": _WORKFLOW + lines}))
    found = folders_of_runs(repo.steps, (), ())
    assert (None if found is None else set(found)) == expected


def test_folders_of_scripts_that_bake() -> None:
    """Their own, unless they are another project's, or a bake file lies there that they mean."""
    files = {
        "a/bake.sh": "docker buildx bake\n",
        "b/Makefile": "all:\n\tdocker bake\n",
        "c/build.sh": "docker build .\n",
        "d/bake.sh": "docker buildx bake\n",
        "d/docker-bake.hcl": "",
        "vendor/e/bake.sh": "docker buildx bake\n",
    }
    repo = Repository(Snapshot.of(files))
    scripts = (*repo.texts(Kind.SCRIPT), *repo.texts(Kind.MAKEFILE))
    assert folders_of_runs((), scripts, repo.texts(Kind.BAKE)) == frozenset(("a", "b"))


@pytest.mark.parametrize(
    ("command", "inputs", "output"),
    [
        ("docker buildx bake --set '*.context=web'", True, False),
        ('docker buildx bake --set "web.dockerfile=$1"', True, False),
        ("docker buildx bake --set web.target=run", True, False),
        ("depot bake -f docker-bake.hcl", True, True),
        ("docker buildx bake --set *.platform=linux/amd64", False, True),
        ("docker buildx bake --set web.output+=type=oci", False, True),
        ("docker buildx bake --set *.args.VERSION=1 --push # ${{ matrix.target == 'web' }}", False, False),
    ],
)
def test_overridden(command: str, inputs: bool, output: bool) -> None:
    texts = tuple(Repository(Snapshot.of({"bake.sh": command})).texts(Kind.SCRIPT))
    assert (overridden("input", texts), overridden("output", texts)) == (inputs, output)


@pytest.mark.parametrize(
    ("path", "script", "expected"),
    [
        ("web", "docker buildx bake", False),
        ("web", "mkdir -p web && docker buildx bake", True),
        ("web", 'unzip a.zip -d "$PWD/web" && docker buildx bake', True),
        ("web", 'cp -r a "$(pwd)/web/" && docker buildx bake', True),
        ("web", "docker buildx bake webs apps/web web.hcl", False),
        ("services/web", "mkdir web && docker buildx bake", False),
        ("services/web", "git clone https://example.com/it services/web && docker buildx bake", True),
        ("dist", "docker buildx bake", True),
        ("apps/dist/web", "docker buildx bake", True),
        (".cache/web", "docker buildx bake", True),
        ("services/Dockerfile", "cd services; ../mk.sh > Dockerfile; docker buildx bake", True),
        ("services/Dockerfile", "docker build -f Dockerfile.web . && docker buildx bake", False),
    ],
)
def test_may_be_made(path: str, script: str, expected: bool) -> None:
    snapshot = Snapshot.of({"bake.sh": script}, ("services/api/a", "apps/a"))
    texts = tuple(Repository(snapshot).texts(Kind.SCRIPT))
    assert may_be_made(path, snapshot, texts) is expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("docker/Dockerfile.j2", True),
        ("a/web.Dockerfile.tmpl", True),
        ("values.j2", False),
        ("a.Dockerfile", False),
    ],
)
def test_may_be_made_from_a_template(template: str, expected: bool) -> None:
    assert may_be_made("web.Dockerfile", Snapshot.of({}, (template,)), ()) is expected
