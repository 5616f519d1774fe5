"""Which steps stop on every run since the folder that they go into isn't there, and what no run comes to behind them."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.check import Outside, Repository
from checks.source.snapshot import Snapshot
from checks.workflow import action_not_pinned_to_sha, template_injection_in_run

CHECKOUT = "- uses: actions/checkout@v7"
GO = "- run: |\n    cd server/infra\n    make"
PATHS = ("server/main.go", "docker/infra/Dockerfile", "web/app.ts", "tools")


def reached(
    steps: str,
    head: str = "",
    behind: str = "",
    files: dict[str, str] | None = None,
    on: str = "push",
    label: str = "ubuntu-latest",
) -> bool:
    """Whether a run may come to an action behind these steps, in their job."""
    text = (
        f"on: {on}\njobs:\n  release:\n    runs-on: {label}\n{textwrap.indent(head, '    ')}    steps:\n"
        f"{textwrap.indent(steps, '      ')}\n      - uses: someone/notify@v1\n{textwrap.indent(behind, '        ')}"
    )
    repo = Repository(Snapshot.of({".github/workflows/release.yml": text, **(files or {})}, PATHS), Outside())
    *_, last = repo.action_uses
    return repo.comes_to(last)


@pytest.mark.parametrize(
    "stop",
    [
        GO,
        "- run: cd server && cd infra\n- run: cd cmd",
        "- run: |\n    cd server\n    go build -o web .\n    cd ./infra/",
        "- run: |\n    cd server\n    cd ../cmd",
        "- run: cd 'cmd'",
        "- run: make\n  working-directory: ./cmd",
        "- run: make\n  working-directory: server/infra\n  shell: python",
        "- run: make\n  working-directory: ${{ github.workspace }}/cmd",
        '- run: |\n    if [ -z "$TOKEN" ]; then\n      exit 1\n    fi\n    cd cmd',
        "- run: (cd server && go mod tidy)\n- run: cd cmd",
    ],
)
def test_a_folder_that_is_not_there(stop: str) -> None:
    assert not reached(f"{CHECKOUT}\n{stop}")


@pytest.mark.parametrize(
    "going",
    [
        "- run: cd server",
        "- run: cd docker/infra",
        "- run: cd cmd || true",
        "- run: cd cmd || mkdir cmd",
        "- run: cd cmd && make\n- run: echo",
        "- run: |\n    cd cmd && make\n    make",
        "- run: if cd cmd; then make; fi",
        "- run: if [ -d cmd ]; then cd cmd; fi",
        "- run: '[ ! -d cmd ] || cd cmd'",
        "- run: '! cd cmd'",
        "- run: cd cmd | cat",
        "- run: for one in $DIRS; do cd cmd; done",
        "- run: |\n    go() { cd cmd; }\n    make",
        "- run: |\n    set +e\n    cd cmd",
        "- run: |\n    set +o errexit\n    cd cmd",
        "- run: |\n    trap 'exit 0' EXIT\n    cd cmd",
        '- run: |\n    [ -n "$TOKEN" ] || exit 0\n    cd cmd',
        "- run: |\n    exec docker login\n    cd cmd",
        "- run: cd cmd\n  shell: bash {0}",
        "- run: cd cmd\n  shell: pwsh",
        "- run: cd cmd\n  continue-on-error: true",
        "- run: cd cmd\n  if: inputs.build",
        "- run: make\n  working-directory: cmd\n  if: inputs.build",
        "- run: make\n  working-directory: ${{ inputs.folder }}",
        "- run: make\n  working-directory: /opt/cmd",
        "- run: make\n  working-directory: ../cmd",
        "- run: cd ~/cmd",
        "- run: cd /tmp/cmd",
        "- run: cd $FOLDER/cmd",
        "- run: cd -",
        "- run: cd",
        "- run: cd c*d",
        "- run: |\n    cd $(mktemp -d)\n    cd cmd",
        "- run: cd tools/cmd",
        "- run: cd .git/hooks",
        "- uses: someone/build@v1\n  with: {working-directory: cmd}",
    ],
)
def test_a_script_that_may_go_on(going: str) -> None:
    assert reached(f"{CHECKOUT}\n{going}")


@pytest.mark.parametrize(
    ("ahead", "is_reached"),
    [
        ("- uses: actions/setup-go@v6\n  with: {go-version: '1.27'}", False),
        ("- uses: actions/cache@v5\n  with: {path: ~/go/pkg/mod, key: go}", False),
        ("- uses: docker/login-action@v4", False),
        ("- run: |\n    cd server\n    go mod tidy\n    go build -o web .", False),
        ("- run: |\n    mkdir -p dist/bin\n    curl -sSfo dist/bin/tool https://example.com/tool", False),
        ("- run: sudo apt-get install -y libvips\n- run: docker pull alpine", False),
        ('- run: echo "version=${GITHUB_REF#refs/tags/}" >> $GITHUB_OUTPUT', False),
        ("- run: mkdir server/infra", True),
        ("- run: |\n    cd server\n    mkdir infra", True),
        ("- run: mkdir -p $FOLDER", True),
        ("- run: mkdir -p server/{one,infra}", True),
        ("- run: cp -r docker server", True),
        ("- run: mv docker/* server", True),
        ("- run: git clone https://github.com/acme/infra server/infra", True),
        ("- run: git submodule update --init", True),
        ("- run: git checkout next", True),
        ("- run: unzip infra.zip", True),
        ("- run: tar xf server.tar", True),
        ("- run: npm create vite@latest server", True),
        ("- run: cargo new infra", True),
        ("- run: dotnet new webapi", True),
        ("- run: terraform init", True),
        ("- run: npm ci", True),
        ("- run: make", True),
        ("- run: ./generate.sh", True),
        ("- run: go generate ./...", True),
        ("- run: go mod vendor", True),
        ("- run: go build -o $OUT .", True),
        ("- run: docker run -v $PWD:/src generator", True),
        ("- run: docker build -o server .", True),
        ("- run: python generate.py\n  if: inputs.generate", True),
        ("- uses: actions/download-artifact@v8", True),
        ("- uses: actions/cache@v5\n  with: {path: server/infra, key: infra}", True),
        ("- uses: actions/cache@v5\n  with: {path: '~/work/web', key: infra}", True),
        ("- uses: actions/checkout@v7\n  with: {repository: acme/infra, path: server/infra}", True),
        ("- uses: actions/checkout@v7\n  with: {ref: next}", True),
        ("- uses: actions/checkout@v7\n  with: {clean: false}", True),
        ("- uses: ./.github/actions/prepare", True),
        ("- uses: docker://alpine", True),
        ("- uses: someone/generate@v1", True),
        ("- uses: docker/bake-action@v7", True),
        (
            "- uses: docker/build-push-action@v7\n  with: {context: docker/infra, outputs: 'type=local,dest=server'}",
            True,
        ),
        (
            "- uses: docker/build-push-action@v7\n  with: {context: docker/infra, cache-to: 'type=local,dest=server/infra'}",
            True,
        ),
        ("- uses: docker/build-push-action@v7\n  with: {context: docker/infra, cache-to: type=gha}", False),
        ("- uses: actions/setup-python@v6\n  with: {pip-install: .}", True),
        ("- uses: pnpm/action-setup@v6\n  with: {version: 10}", False),
        ("- uses: pnpm/action-setup@v6\n  with: {run_install: true}", True),
    ],
)
def test_what_may_make_the_folder(ahead: str, is_reached: bool) -> None:
    assert reached(f"{CHECKOUT}\n{ahead}\n{GO}") is is_reached
    assert not reached(f"{ahead}\n{CHECKOUT}\n{GO}")


@pytest.mark.parametrize(
    "behind",
    [
        "always()",
        "failure()",
        "${{ !cancelled() }}",
        "success() || failure()",
        "${{ !success() }}",
        "success() == false",
    ],
)
def test_what_runs_whatever_failed(behind: str) -> None:
    assert reached(f"{CHECKOUT}\n{GO}", behind=f"if: {behind}\n")
    assert not reached(f"{CHECKOUT}\n{GO}", behind="if: github.ref_type == 'tag'\n")


def test_where_the_files_are_not_known() -> None:
    assert reached(GO)
    assert reached(f"- uses: actions/checkout@v7\n  if: inputs.build\n{GO}")
    assert reached(f"{CHECKOUT}\n{GO}", on="workflow_call")
    assert reached(f"{CHECKOUT}\n{GO}", head="container: golang:1.27\n")
    assert reached(f"{CHECKOUT}\n{GO}", head="continue-on-error: true\n")
    assert reached(f"{CHECKOUT}\n{GO}", label="self-hosted")
    assert reached(f"{CHECKOUT}\n{GO}", label="${{ matrix.os }}")
    assert reached(f"{CHECKOUT}\n- run: cd Server\n  shell: bash", label="macos-latest")


@pytest.mark.parametrize(
    ("modules", "is_reached"),
    [
        ('[submodule "infra"]\n\tpath = server/infra\n', True),
        ('[submodule "infra"]\n\tpath = server\n', True),
        ('[submodule "infra"]\n\tpath = server/infra/base\n', True),
        ("# none\n", True),
        ('[submodule "site"]\n\tpath = site\n', False),
    ],
)
def test_submodules(modules: str, is_reached: bool) -> None:
    assert reached(f"{CHECKOUT}\n{GO}", files={".gitmodules": modules}) is is_reached


@pytest.mark.parametrize(
    ("condition", "is_reached"),
    [
        ("", False),
        ("if: github.ref_type == 'tag'", False),
        ("if: success()", False),
        ("if: always() && needs.build.result == 'success'", False),
        ("if: always()", True),
        ("if: failure()", True),
        ("if: ${{ !cancelled() }}", True),
        ("if: ${{ !success() }}", True),
        ("if: success() && inputs.push", False),
    ],
)
def test_the_jobs_behind(condition: str, is_reached: bool) -> None:
    text = (
        f"on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      {CHECKOUT}\n"
        f"{textwrap.indent(GO, '      ')}\n  pack:\n    needs: build\n    {condition}\n    runs-on: ubuntu-latest\n"
        f"    steps:\n      - uses: someone/pack@v1\n  push:\n    needs: [pack]\n    {condition}\n"
        "    runs-on: ubuntu-latest\n    steps:\n      - uses: someone/push@v1\n  other:\n    runs-on: ubuntu-latest\n"
        "    steps:\n      - uses: someone/notify@v1\n"
    )
    repo = Repository(Snapshot.of({".github/workflows/release.yml": text}, PATHS), Outside())
    first, *behind, other = repo.action_uses
    if "needs.build" not in condition:
        assert [repo.comes_to(one) for one in behind] == [is_reached, is_reached]
    assert repo.comes_to(first)
    assert repo.comes_to(behind[0]) is is_reached
    assert repo.comes_to(other)


@pytest.mark.parametrize(
    ("needed", "condition", "is_reached"),
    [
        ("pack", "failure() && needs.pack.result == 'failure'", False),
        ("pack", "failure() && needs.pack.result == 'skipped'", True),
        ("pack", "always() && needs.pack.result != 'skipped'", True),
        ("build", "failure() && needs.build.result == 'failure'", True),
    ],
)
def test_what_is_behind_is_skipped_and_does_not_fail(needed: str, condition: str, is_reached: bool) -> None:
    text = (
        f"on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      {CHECKOUT}\n"
        f"{textwrap.indent(GO, '      ')}\n  pack:\n    needs: build\n    runs-on: ubuntu-latest\n"
        f"    steps: [run: make]\n  undo:\n    needs: [{needed}]\n    if: {condition}\n    runs-on: ubuntu-latest\n"
        "    steps:\n      - uses: someone/undo@v1\n"
    )
    repo = Repository(Snapshot.of({".github/workflows/release.yml": text}, PATHS), Outside())
    assert repo.comes_to(list(repo.action_uses)[-1]) is is_reached


@given(st.sampled_from(PATHS), st.sampled_from(("", "./", "server/../")), st.booleans())
def test_a_folder_of_the_repository_never_stops(path: str, start: str, by_command: bool) -> None:
    folder = start + (path.rpartition("/")[0] or ".")
    step = f"- run: cd {folder}" if by_command else f"- run: make\n  working-directory: {folder}"
    assert reached(f"{CHECKOUT}\n{step}")


@given(st.lists(st.sampled_from(("- run: echo", "- run: cd server", "- run: git fetch --tags")), max_size=6))
def test_what_makes_nothing_may_be_anywhere(ahead: list[str]) -> None:
    assert not reached("\n".join((CHECKOUT, *ahead, GO)))


_PUSHING = """\
on: {{workflow_dispatch: {{inputs: {{name: {{}}}}}}}}
permissions: {permissions}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/login-action@v4
      - {stop}
      - run: |
          docker push ghcr.io/acme/web
          docker push ghcr.io/acme/api
      - run: echo ${{{{ inputs.name }}}}
"""


@pytest.mark.parametrize(
    ("stop", "permissions", "why"),
    [
        ("run: cd server", "{packages: write}", "pushes images"),
        ("run: cd cmd", "{packages: write}", ""),
        ("run: cd cmd", "{packages: write, id-token: write}", "may ask for an OIDC token"),
        (
            "{uses: docker/build-push-action@v7, with: {context: cmd, push: true, tags: ghcr.io/acme/web}}",
            "{}",
            "",
        ),
        (
            "{uses: docker/build-push-action@v7, with: {context: docker/infra, push: true, tags: ghcr.io/acme/web}}",
            "{}",
            "pushes images",
        ),
        (
            "{uses: docker/build-push-action@v7, if: inputs.name, with: {context: cmd, push: true, tags: ghcr.io/acme/web}}",
            "{}",
            "pushes images",
        ),
    ],
)
def test_what_the_job_does_is_what_it_comes_to(stop: str, permissions: str, why: str) -> None:
    """And what is put into a script behind the stop is told all the same."""
    text = _PUSHING.format(stop=stop, permissions=permissions)
    repo = Repository(Snapshot.of({".github/workflows/push.yml": text}, PATHS), Outside())
    found = {
        one.message for one in action_not_pinned_to_sha.run(repo) if "docker/login-action" in one.message
    }
    assert [one.endswith(f" which {why}.") for one in found] == ([True] if why else [])
    assert any(template_injection_in_run.run(repo))
