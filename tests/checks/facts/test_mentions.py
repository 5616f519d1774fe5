"""Which Dockerfiles nothing speaks of."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from checks.facts.build.mentions import (
    Words,
    builds_images,
    filled_in,
    without_builder,
    words_in,
    words_of_builders,
)
from checks.facts.repository.repository import Repository
from checks.source.kind import Kind
from checks.source.snapshot import Snapshot
from checks.source.text import Text

BELOW = ("docker/api.Dockerfile", "docker/Dockerfile.web", "old/Dockerfile")


def words_of(script: str) -> Words:
    text = Text("build.yml", f"# images\n{script}")
    return words_of_builders([(text, words_in(text), builds_images(text, Kind.WORKFLOW))])


TEXTS = (
    Text("README.md", "docker build -f Dockerfile.said ."),
    Text("Dockerfile.unsaid", "# docker build -f Dockerfile.unsaid ."),
)


def left(
    script: str,
    *dockerfiles: str,
    built: Collection[str | None] = (),
    composed: Collection[str] = (),
    **known: bool,
) -> list[str]:
    """What is left over; a build is not known unless `built` says which."""
    given = {"is_all_read": True, **known}
    found = without_builder(dockerfiles or BELOW, built or {None}, composed, words_of(script), TEXTS, **given)
    return sorted(found)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("docker build -f docker/api.Dockerfile .", ["docker/Dockerfile.web", "old/Dockerfile"]),
        ("for i in api web; do docker build -f docker/$i.Dockerfile .; done", []),
        ("docker build -f docker/api.Dockerfile . && docker build services/$*", []),
        ("docker build -f docker/api.Dockerfile . && docker build -f $(DOCKERFILE) .", []),
        ("docker build -f docker/api.Dockerfile . && for s in web/*; do (cd $s && docker build .); done", []),
        ("docker build -f docker/api.Dockerfile .; $(MAKE) -C services/$(NAME)", ["docker/Dockerfile.web"]),
        ("file: docker/api.Dockerfile\n---\nfile: images/${{ matrix.image }}.Dockerfile", []),
        (
            "TOOLS := ./tools\ndocker build old\ncd $(TOOLS) && go build .",
            ["docker/Dockerfile.web", "docker/api.Dockerfile"],
        ),
        ('AT="$(dirname $0)"\ndocker build "${AT}/old"', ["docker/Dockerfile.web", "docker/api.Dockerfile"]),
        ("APP ?= api\ndocker build -f docker/api.Dockerfile . && docker build $(APP)", []),
        ("[ -n $APP ] ||\nAPP=x\ndocker build $APP && docker build -f docker/api.Dockerfile .", []),
        ("APP=x\nAPP=y\ndocker build $APP && docker build -f docker/api.Dockerfile .", []),
        ("APP=x\nAPP+=y\ndocker build $APP && docker build -f docker/api.Dockerfile .", []),
        ("for APP in *; do\nAPP=x\ndocker build $APP && docker build -f docker/api.Dockerfile .", []),
        ("docker build old", ["docker/Dockerfile.web", "docker/api.Dockerfile"]),
        ("depot build --project x old", ["docker/Dockerfile.web", "docker/api.Dockerfile"]),
        ("docker build .", []),
        ("docker build -f docker/api.Dockerfile .; for d in *; do docker build -f $d/Dockerfile; done", []),
        (
            "docker build -f docker/api.Dockerfile .\nfind . -name Dockerfile -exec build {} ;",
            ["docker/Dockerfile.web"],
        ),
        ("docker build -f docker/api.Dockerfile .; docker build -t web $folder", []),
        ("with: {file: '${{ matrix.file }}', tags: 'web'}", []),
        (
            'cd "$(dirname "$0")/.."; docker build -t $IMAGE -f $ROOT/docker/api.Dockerfile $ROOT',
            ["docker/Dockerfile.web", "old/Dockerfile"],
        ),
        (
            "go build -o $(OUT) $(FLAGS)\ndocker build -f docker/api.Dockerfile .",
            ["docker/Dockerfile.web", "old/Dockerfile"],
        ),
        ("docker build -f docker/api.Dockerfile .; docker build --push $folder", []),
        ("docker build -f docker/api.Dockerfile .; docker build \\\n  -t web \\\n  $folder", []),
        ("docker build -f docker/api.Dockerfile .; docker build --file=$folder/Dockerfile .", []),
        ("docker build -f docker/api.Dockerfile .; cd $1; docker build .", ["docker/Dockerfile.web"]),
        (
            'docker build -f docker/api.Dockerfile .\necho -e "Docker build failed${NC}"\n',
            ["docker/Dockerfile.web", "old/Dockerfile"],
        ),
        ('docker build -f docker/api.Dockerfile .\necho "docker build $folder" | sh\n', []),
        ('docker build -f docker/api.Dockerfile .\necho "$(docker build -q $folder)"\n', []),
        ("with: {context: docker, file: docker/api.Dockerfile}", ["docker/Dockerfile.web", "old/Dockerfile"]),
    ],
)
def test_what_is_left(script: str, expected: list[str]) -> None:
    assert left(script) == expected


def test_a_build_takes_the_one_at_the_root_unasked() -> None:
    three = ("Dockerfile", "web/Dockerfile", "api/Dockerfile")
    assert left("docker build web", *three) == ["api/Dockerfile"]
    assert left("docker build web", *three, built={"web/Dockerfile"}) == ["Dockerfile", "api/Dockerfile"]
    assert left("", *three, built={"web/Dockerfile"}, is_all_read=False) == ["api/Dockerfile"]
    assert left("", *three, built={"Dockerfile"}) == ["api/Dockerfile", "web/Dockerfile"]


def test_what_compose_alone_builds_says_nothing_of_the_one_at_the_root() -> None:
    three = ("Dockerfile", "web/Dockerfile", "api/Dockerfile")
    assert left("", *three, composed={"web/Dockerfile"}) == ["api/Dockerfile"]


def test_where_nothing_is_known_to_be_built() -> None:
    assert left("make test") == []


def test_one_that_another_file_names() -> None:
    names = ("Dockerfile", "Dockerfile.said", "Dockerfile.unsaid")
    assert left("", *names, built={"Dockerfile"}) == ["Dockerfile.unsaid"]


def test_a_name_for_production_is_one_that_a_platform_may_have_in_its_settings() -> None:
    names = ("web/Dockerfile", "web/Dockerfile.prod", "web/Dockerfile.old")
    assert left("docker build web", *names) == ["web/Dockerfile.old"]


def test_all_that_is_special_in_a_name_has_to_be_there() -> None:
    names = ("docker/Dockerfile.ubuntu-prod", "docker/Dockerfile.ubuntu-dev", "web/Dockerfile")
    script = "files: docker/Dockerfile.ubuntu-prod\ncontext: web"
    assert left(script, *names) == ["docker/Dockerfile.ubuntu-dev"]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("docker build -f web.Dockerfile .; go build ./cmd/tool", ["tool.Dockerfile"]),
        ("docker build -f web.Dockerfile .; docker build -f tool.Dockerfile .", []),
        ("docker build -f web.Dockerfile .; docker build -f $1.Dockerfile tool", []),
        ("docker build web; docker build tool", []),
        ("sh 'docker build -f web.Dockerfile .'; sh 'docker build -f ' + name + '.Dockerfile tool'", []),
    ],
)
def test_a_word_is_no_name_where_others_are_named_whole(script: str, expected: list[str]) -> None:
    assert left(script, "web.Dockerfile", "tool.Dockerfile") == expected


IN_IMAGES = ("Dockerfile", "images/agent/Dockerfile", "images/e2e/Dockerfile")


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("make image-agent: docker build --target agent .", ["images/agent/Dockerfile"]),
        ("KIND=agent make image-agent", ["images/agent/Dockerfile"]),
        ("name: Release Agent\ntags: agent-*\nmake image KIND=-agent", ["images/agent/Dockerfile"]),
        ("docker build images/agent", []),
        ("cd agent && docker build .", []),
        ("docker build images/$(KIND)", []),
    ],
)
def test_a_folder_is_not_named_by_a_part_of_words(script: str, expected: list[str]) -> None:
    others = "docker build -f images/e2e/Dockerfile .\n"
    assert left(others + script, *IN_IMAGES) == expected


def test_scripts_of_other_projects_build_theirs() -> None:
    files = {
        "Makefile": "image:\n\tdocker build -f web.Dockerfile .\n",
        "web.Dockerfile": 'FROM scratch\nUSER 1000\nCMD ["/web"]\n',
        "tool.Dockerfile": 'FROM scratch\nUSER 1000\nCMD ["/tool"]\n',
    }
    loop = {"build.sh": "for i in *; do docker build -f $i.Dockerfile .; done\n"}
    vendored = {f"vendor/example.com/x/{path}": content for path, content in loop.items()}
    for more, expected in ({}, [True, False]), (vendored, [True, False]), (loop, [True, True]):
        repo = Repository(Snapshot.of({**files, **more}))
        found = {one.path: one.may_ship for one in repo.dockerfiles}
        assert [found["web.Dockerfile"], found["tool.Dockerfile"]] == expected


def test_a_folder_that_begins_with_a_dot() -> None:
    assert left("docker build -f .docker/Dockerfile .", ".docker/Dockerfile", "old/Dockerfile") == [
        "old/Dockerfile"
    ]


@pytest.mark.parametrize(
    ("kind", "path", "content", "expected"),
    [
        (Kind.WORKFLOW, "ci.yml", "run: go test ./web ./old", ["old/Dockerfile"]),
        (Kind.WORKFLOW, "ci.yml", "uses: ./.github/actions/build\nwith: {folder: old}", []),
        (Kind.WORKFLOW, "ci.yml", "uses: acme/ci/.github/workflows/it.yml@v1\nwith: {folder: old}", []),
        (Kind.WORKFLOW, "ci.yml", "container: node\nrun: npm test --workspace old", []),
        (Kind.SCRIPT, "start.sh", "docker compose up -d\n./old/run.sh", ["old/Dockerfile"]),
        (Kind.SCRIPT, "start.sh", "docker build old", []),
        (Kind.MAKEFILE, "old/Makefile", "image:\n\tdocker build -t acme/web .", []),
        (Kind.SCRIPT, "tests/all.sh", "docker build old", ["old/Dockerfile"]),
        (Kind.TERRAFORM, "main.tf", 'module "old" { source = "./old" }', ["old/Dockerfile"]),
        (Kind.TERRAFORM, "main.tf", 'resource "docker_image" "it" { build { context = "old" } }', []),
    ],
)
def test_what_speaks_of_an_image(kind: Kind, path: str, content: str, expected: list[str]) -> None:
    texts = ((Kind.SCRIPT, Text("build.sh", "docker build web")), (kind, Text(path, content)))
    words = words_of_builders([(text, words_in(text), builds_images(text, one)) for one, text in texts])
    assert (
        sorted(without_builder(("web/Dockerfile", "old/Dockerfile"), {None}, (), words, (), is_all_read=True))
        == expected
    )


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("docker build -f Dockerfile.web .", ["Dockerfile.old", "api/Dockerfile"]),
        ("docker build -f Dockerfile.web . && for it in modules/*; do ls $it; done", ["Dockerfile.old"]),
        ("docker build -f Dockerfile.web . && docker build -f Dockerfile.$NAME .", []),
        ("docker build -f Dockerfile.web . && docker build -f $1 .", []),
        ("DOCKERFILE=$1\ndocker build -f Dockerfile.web . && for it in modules/*; do ls $it; done", []),
        ("for it in Dockerfile.*; do docker build -f $it .; done # Dockerfile.web", []),
        ("KEY_FILE=$1\ndocker build -f Dockerfile.web . && for it in modules/*; do ls $it; done", ["Dockerfile.old"]),
    ],
)  # fmt: skip
def test_a_file_at_the_root_is_built_by_its_name(script: str, expected: list[str]) -> None:
    dockerfiles = ["Dockerfile", "Dockerfile.web", "Dockerfile.old", "api/Dockerfile"]
    assert left(script, *dockerfiles) == expected


def test_a_script_that_builds_nothing_puts_no_names_together() -> None:
    built = Text("build.yml", "docker build -f docker/api.Dockerfile .")
    backup = Text("backup.sh", "#!/bin/sh\n# to restore from a file: ./backup.sh $DAY\ntar -xf $1\n")
    given = [
        (text, words_in(text), builds_images(text, kind))
        for text, kind in ((built, Kind.WORKFLOW), (backup, Kind.SCRIPT))
    ]
    found = without_builder(BELOW, {None}, (), words_of_builders(given), TEXTS, is_all_read=True)
    assert sorted(found) == ["docker/Dockerfile.web", "old/Dockerfile"]


def test_many_variables_take_no_long_time() -> None:
    lines = "".join(f"V{number}=a/b\n" for number in range(40_000))
    assert filled_in(f"{lines}build $V0 ${{V1}} $(V2) $V").endswith("build a/b a/b a/b $V")
