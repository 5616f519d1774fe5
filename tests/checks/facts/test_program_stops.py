"""Whether a step stops for want of a program that the machine had once."""

from __future__ import annotations

import pytest

from checks.facts.build.program_stops import steps_without_program
from tests.checks.workflow import job

UP = "  - run: docker-compose up -d\n"


def stops(steps: str, head: str = "runs-on: ubuntu-latest\n", on: str = "push") -> bool:
    return bool(steps_without_program(job(f"{head}steps:\n{steps}", on=on).workflow))


@pytest.mark.parametrize(
    "steps",
    [
        UP,
        "  - uses: actions/checkout@v7\n  - uses: docker/setup-buildx-action@v4\n" + UP,
        "  - run: |\n      cp ci.env .env\n      sudo docker-compose -f compose.ci.yml run --rm tests\n",
        "  - run: cp docker-compose.ci.yml docker-compose.yml\n" + UP,
        "  - run: docker compose build\n" + UP,
        "  - run: docker-compose down || true\n" + UP,
        "  - run: sudo apt-get install -y jq\n" + UP,
        "  - run: '[ -n \"$DEBUG\" ] && docker-compose config'\n" + UP,
        "  - run: |\n      set +e\n      docker-compose pull\n" + UP,
        UP + "  - run: pip install docker-compose\n",
        "  - run: docker-compose up -d db && sleep 20 && curl -f http://localhost:8080\n",
    ],
)
def test_it_is_not_there(steps: str) -> None:
    assert stops(steps)
    assert stops(steps, on="workflow_call")
    assert not stops(steps, "runs-on: our-machine\n")
    assert not stops(steps, "runs-on: ubuntu-latest\ncontainer: docker:29\n")
    assert not stops(steps, "runs-on: ubuntu-latest\ncontinue-on-error: true\n")


@pytest.mark.parametrize(
    "steps",
    [
        "  - run: docker compose up -d\n",
        "  - run: docker-compose up -d\n    if: inputs.tests\n",
        "  - run: docker-compose up -d\n    continue-on-error: true\n",
        "  - run: docker-compose up -d\n    shell: bash {0}\n",
        "  - run: docker-compose up -d\n    shell: pwsh\n",
        "  - run: docker-compose up -d || docker compose up -d\n",
        "  - run: if command -v docker-compose; then docker-compose up -d; fi\n",
        "  - run: docker-compose logs | tee log\n",
        "  - run: docker-compose up -d && sleep 20 || docker compose up -d\n",
        "  - run: |\n      docker-compose up -d && sleep 20\n      curl http://localhost:8080\n",
        "  - run: |\n      set +e\n      docker-compose up -d\n",
        '  - run: |\n      [ -n "$TESTS" ] || exit 0\n      docker-compose up -d\n',
        '  - run: |\n      docker-compose() { docker compose "$@"; }\n      docker-compose up -d\n',
        "  - run: |\n      alias docker-compose='docker compose'\n      docker-compose up -d\n",
        "  - run: ./docker-compose up -d\n",
        "  - run: echo docker-compose up -d\n",
    ],
)
def test_it_may_go_on(steps: str) -> None:
    assert not stops(steps)


@pytest.mark.parametrize(
    "ahead",
    [
        "run: pip install docker-compose",
        "run: sudo apt-get install -y docker-compose",
        "run: sudo apt install -y docker.io",
        "run: sudo apt-get install -y $(cat .github/packages.txt)",
        "run: sudo apt-get install -y $PACKAGES",
        "run: sudo apt install -y ./tools.deb",
        "run: sudo cp tools/* /usr/local/sbin",
        "run: sudo curl -sSfLo /usr/local/bin/docker-compose https://example.com/tool",
        "run: curl -sSfLO https://github.com/docker/compose/releases/download/1.29.2/docker-compose-Linux-x86_64",
        "run: curl -sSfL https://example.com/install | sh",
        "run: sudo ln -s /usr/libexec/docker/cli-plugins/docker-compose /usr/local/bin",
        "run: echo 'docker compose \"$@\"' > docker-compose && chmod +x docker-compose",
        "run: echo tools >> $GITHUB_PATH",
        "run: make tools",
        "run: ./scripts/prepare.sh",
        "run: npm ci",
        "run: pip install -r requirements.txt",
        "uses: ./.github/actions/prepare",
        "run: mv tool $TOOLS\n    env: {TOOLS: /usr/local/bin}",
        "uses: actions/github-script@v8",
        "uses: someone/setup-compose@v1",
        "uses: someone/setup-docker@v1",
        "{uses: actions/cache@v5, with: {path: ~/bin, key: tools}}",
    ],
)
def test_what_may_install_it(ahead: str) -> None:
    assert not stops(f"  - {ahead}\n{UP}")
    assert not stops(f"  - {ahead}\n    if: inputs.tests\n{UP}" if ahead[0] != "{" else f"  - {ahead}\n{UP}")


@pytest.mark.parametrize(
    "steps",
    [
        "  - uses: actions/checkout@v7\n  - run: |\n      node -v\n      npm -v\n      terraform -v\n",
        "  - run: |\n      cd infra/terraform\n      terraform init\n",
        "  - run: sudo apt-get update && sudo apt-get install -y jq\n  - run: terraform fmt -check\n",
        "  - {uses: actions/setup-java@v5, with: {distribution: temurin, java-version: 21, cache: sbt}}\n  - run: sbt test\n",
        "  - uses: aws-actions/configure-aws-credentials@v6\n  - run: oras pull example.com/web:1\n",
    ],
)
def test_what_later_images_lack(steps: str) -> None:
    assert stops(steps)
    assert stops(steps, "runs-on: ubuntu-24.04-arm\n")
    assert not stops(steps, "runs-on: ubuntu-22.04\n")
    assert not stops(f"  - uses: someone/setup-tools@v1\n{steps}")


@pytest.mark.parametrize(
    "ahead",
    [
        "uses: hashicorp/setup-terraform@v4",
        "run: npm ci",
        "run: brew install terraform",
        "run: mise install",
        "run: |\n      sudo apt-get install -y \\\n        terraform",
        "run: unzip -d $HOME/bin terraform.zip",
        "run: curl -sSfL https://example.com/tools.tgz | sudo tar xz -C /usr/local",
        "run: sudo tar xzf tools.tgz -C /usr/ && ls",
        "run: sudo tar xzf tools.tgz -C /",
        "run: terraform version || curl -sSfL https://example.com/install | sh",
    ],
)
def test_what_may_install_terraform(ahead: str) -> None:
    assert not stops(f"  - {ahead}\n  - run: terraform init\n")


@pytest.mark.parametrize(
    "shell", ["nix develop -c bash -e {0}", "devbox run bash -e {0}", "mise x -- bash -e {0}"]
)
def test_a_shell_that_brings_its_programs(shell: str) -> None:
    assert not stops(f"  - run: terraform init\n    shell: {shell}\n")
    assert not stops(
        "  - run: terraform init\n", f"runs-on: ubuntu-latest\ndefaults: {{run: {{shell: '{shell}'}}}}\n"
    )
    assert stops("  - run: terraform init\n    shell: bash -euo pipefail {0}\n")


@pytest.mark.parametrize("folder", ["/usr/lib/terraform", "https://example.com/ x/y", "/usr/local/share"])
def test_other_folders_bring_no_program(folder: str) -> None:
    assert stops(f"  - run: sudo cp -r modules {folder}\n  - run: terraform init\n")


@pytest.mark.parametrize(
    "script",
    [
        "terraform init || true",
        "command -v terraform && terraform fmt",
        "if command -v terraform; then terraform fmt; fi",
        "bin/terraform init",
        "docker run hashicorp/terraform:1 init",
    ],
)
def test_terraform_is_not_needed(script: str) -> None:
    assert not stops(f"  - run: {script}\n  - run: 'true'\n")
