from __future__ import annotations

import pytest

from checks.facts.script.command_lines import Invocation, invocation
from checks.source.command_line import Arguments, Syntax, read_arguments
from checks.source.shell import parse
from checks.source.word import Word

SYNTAX = Syntax.of("tag/t= file/f= push quiet/q all/a")


def words(line: str) -> tuple[Word, ...]:
    (command,) = parse(f"x {line}").commands
    return command.words[1:]


def read(line: str) -> Arguments:
    return read_arguments(words(line), SYNTAX)


def called(line: str) -> Invocation:
    found = [invocation(command) for command in parse(line).commands]
    (only,) = [one for one in found if one is not None]
    return only


@pytest.mark.parametrize(
    "line",
    ["--tag v1 --push .", "-t v1 --push .", "-tv1 --push .", "-t=v1 --push .", "--tag=v1 . --push", '. --push --tag="v1"', "-qat v1 --push -- ."],
)  # fmt: skip
def test_an_option_can_be_spelled_in_many_ways(line: str) -> None:
    arguments = read(line)
    tag = arguments.last("tag")
    assert tag is not None
    assert tag.literal == "v1"
    assert arguments.has("push") is True
    assert [word.literal for word in arguments.operands] == ["."]
    assert arguments.certain


def test_an_option_given_twice_keeps_both_values_and_the_last_counts() -> None:
    arguments = read("-t a --tag b")
    assert [word.literal for word in arguments.all("tag")] == ["a", "b"]
    last = arguments.last("tag")
    assert last is not None
    assert last.literal == "b"


@pytest.mark.parametrize(
    ("line", "has"),
    [("--push", True), ("--push=true", True), ("--push=false", False), ("--push=$PUSH", None), ("", False), ('"$@"', None), ("$BUILD_ARGS", None), ("$IMAGE", False), ('"$BUILD_ARGS"', False), ("--push --push=false", False)],
)  # fmt: skip
def test_a_switch_is_on_off_or_not_known(line: str, has: bool | None) -> None:
    assert read(line).has("push") is has


def test_the_place_of_an_option_has_its_value_in_it() -> None:
    script = parse("x -t v1 é --file=F")
    arguments = read_arguments(script.commands[0].words[1:], SYNTAX)
    spans = [arguments.span_of(name) for name in ("tag", "file")]
    assert [script[span] for span in spans if span] == ["-t v1", "--file=F"]
    (value,) = arguments.all("file")
    assert script[value.span] == "F"


def test_options_that_are_not_known_are_told() -> None:
    arguments = read("--new v1 . -z --other=x")
    assert [option.name for option in arguments.unknown] == ["new", "z", "other"]
    assert not arguments.certain


def test_after_two_dashes_everything_is_an_operand() -> None:
    arguments = read("--push -- --tag -x")
    assert [word.literal for word in arguments.operands] == ["--tag", "-x"]
    assert arguments.all("tag") == ()


def test_options_after_the_first_operand_can_belong_to_it() -> None:
    arguments = read_arguments(words("--push image --tag v1"), Syntax.of("push tag=", interspersed=False))
    assert [word.literal for word in arguments.operands] == ["image", "--tag", "v1"]
    assert arguments.all("tag") == ()


def test_an_option_value_may_be_a_hole() -> None:
    (value,) = read('--tag "$REPO:${{ github.sha }}"').all("tag")
    assert [type(part).__name__ for part in value.parts] == ["Variable", "str", "Expression"]


@pytest.mark.parametrize(
    ("line", "name", "operands"),
    [
        ("docker build -t a:b --push .", "docker build", ["."]),
        ("docker --context ci buildx build -o type=registry,name=a .", "docker build", ["."]),
        (
            "docker buildx imagetools create -t a:v1 a@sha256:0",
            "docker buildx imagetools create",
            ["a@sha256:0"],
        ),
        ("sudo podman image push a:b", "docker push", ["a:b"]),
        ("docker tag a b", "docker tag", ["a", "b"]),
        ("depot build --project x -t a:b --save .", "docker build", ["."]),
        ("depot bake -f docker-bake.hcl --build-platform linux/amd64 web", "docker buildx bake", ["web"]),
        ("docker image load -i f.tar", "docker load", []),
        ("docker run --rm -e A=b alpine ls -la", "docker run", ["alpine", "ls", "-la"]),
        ("/usr/local/bin/cosign sign --yes -a k=v a@sha256:0", "cosign sign", ["a@sha256:0"]),
        ("cosign -d attach sbom --sbom s.json --type spdx a", "cosign attach sbom", ["a"]),
        ("cosign verify --certificate-identity-regexp x a", "cosign verify", ["a"]),
        ("trivy image --exit-code 1 --severity HIGH a:b", "trivy image", ["a:b"]),
        ("trivy --cache-dir c i -q a", "trivy image", ["a"]),
        ("trivy fs --scanners vuln .", "trivy fs", ["."]),
        ("trivy a:b", "trivy", ["a:b"]),
        ("syft a:b -o spdx-json=f", "syft scan", ["a:b"]),
        ("syft packages dir:. -o json", "syft packages", ["dir:."]),
        ("grype sbom:./f --fail-on high", "grype", ["sbom:./f"]),
        ("grype -q db update", "grype db update", []),
        ("crane cp a b", "crane copy", ["a", "b"]),
        ("skopeo copy --all docker://a docker://b", "skopeo copy", ["docker://a", "docker://b"]),
    ],
)
def test_tools_are_told_by_their_subcommand(line: str, name: str, operands: list[str]) -> None:
    found = called(line)
    assert (found.name, [word.literal for word in found.arguments.operands]) == (name, operands)
    assert found.arguments.certain


@pytest.mark.parametrize(
    "line", ["docker ps", "cosign", "cosign $VERB x", "echo cosign sign x", "$TOOL sign", "make build"]
)
def test_other_command_lines_are_nobodys(line: str) -> None:
    assert [invocation(command) for command in parse(line).commands] == [None]


def test_options_before_a_subcommand_count_for_tools_that_share_them() -> None:
    found = called("trivy --severity HIGH image --exit-code 1 a")
    assert [found.arguments.all(name)[0].literal for name in ("severity", "exit-code")] == ["HIGH", "1"]


def test_a_tool_in_a_container_is_that_tool() -> None:
    found = called(
        'docker run --rm -v "$PWD:/w" ghcr.io/aquasecurity/trivy:0.57.0@sha256:0 image --exit-code 1 a'
    )
    assert (found.name, found.program) == ("trivy image", "trivy")
    assert [word.literal for word in found.arguments.operands] == ["a"]
    assert found.image is not None
    assert found.image.literal == "ghcr.io/aquasecurity/trivy:0.57.0@sha256:0"
    assert called("docker run --entrypoint /bin/sh aquasec/trivy -c x").name == "docker run"
    assert called("docker run --entrypoint cosign my/tools verify --key k a").name == "cosign verify"
    assert called("docker run registry:5000/other image a").name == "docker run"
