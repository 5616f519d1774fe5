"""Which steps stop on every run since the folder that they go into, or the file that they start, isn't there, and what no run comes to behind them."""

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
START = "- run: bash server/check.sh"
PYTHON = "- run: python server/tests/scan.py"
PATHS = (
    "server/tests/unit.py",
    "server/run.sh",
    "server/requirements.txt",
    "web/index.js",
    "server/main.go",
    "docker/infra/Dockerfile",
    "web/app.ts",
    "tools",
    "generate.sh",
    "generate.py",
)


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
        "- run: cd cmd && make && make check\n- run: echo",
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
        ("- run: tofu init", True),
        ("- run: npm install", True),
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
    "stop",
    [
        START,
        PYTHON,
        "- run: ./gradlew build",
        "- run: |\n    set -euo pipefail\n    VERSION=1 ./gradlew build\n    echo built",
        "- run: server/check.sh ${{ github.sha }}",
        '- run: |\n    "./server/check.sh" --all',
        "- run: python3 -u scan.py",
        "- run: bash -ex check.sh",
        "- run: node web/bundle.js",
        "- run: node web/bundle",
        "- run: |\n    cd server\n    ./check.sh",
        "- run: ./check.sh\n  working-directory: server",
        "- run: ../check.sh\n  working-directory: server",
        "- run: sh Server/run.sh",
        '- run: |\n    echo "version=1" >> $GITHUB_OUTPUT\n    ./gradlew build',
        '- run: |\n    if [ -z "$TOKEN" ]; then\n      exit 1\n    fi\n    ./gradlew build',
        "- run: '[ -d web ] && echo web'\n- run: ./gradlew build",
        "- run: pip install -r requirements.txt",
        "- run: python -m pip install --upgrade pip -r server/requirements.txt -c server/constraints.txt",
        "- run: pip install --no-build-isolation 'cython<4'\n- run: pip3 install -r requirements.txt",
        "- run: pip install --requirement ../requirements.txt\n  working-directory: server",
        "- run: |\n    source server/env.sh\n    make",
        "- run: npm ci",
        "- run: ./gradlew build && echo built\n- run: echo",
        "- run: npm ci --no-audit --omit=dev\n  working-directory: web",
        "- run: |\n    cd web\n    npm ci\n    npm test",
        "- run: pnpm install --frozen-lockfile",
        "- run: . ./env.sh\n  working-directory: server",
    ],
)
def test_a_file_that_is_not_there(stop: str) -> None:
    assert not reached(f"{CHECKOUT}\n{stop}")


@pytest.mark.parametrize(
    "going",
    [
        "- run: ./generate.sh",
        "- run: bash server/run.sh",
        "- run: sh ./server/../generate.sh",
        "- run: python generate.py",
        "- run: node web/index",
        "- run: node web",
        "- run: ./run.sh\n  working-directory: server",
        "- run: ./gradlew build || true",
        "- run: ./gradlew build || gradle build",
        "- run: |\n    ./gradlew build && echo built\n    echo",
        "- run: '[ -f gradlew ] && ./gradlew build'",
        "- run: '! ./gradlew build'",
        "- run: ./gradlew build | tee log",
        "- run: ./gradlew build &",
        "- run: VERSION=$(./gradlew version) echo",
        "- run: if [ -f gradlew ]; then ./gradlew build; fi",
        "- run: if ./gradlew build; then echo; fi",
        "- run: for one in $ALL; do ./gradlew $one; done",
        "- run: |\n    go() { ./gradlew build; }\n    echo",
        "- run: |\n    set +e\n    ./gradlew build",
        "- run: |\n    [ -f gradlew ] || exit 0\n    ./gradlew build",
        "- run: ./gradlew build\n  if: inputs.build",
        "- run: ./gradlew build\n  continue-on-error: true",
        "- run: ./gradlew build\n  shell: bash {0}",
        "- run: ./gradlew build\n  shell: pwsh",
        "- run: ./gradlew build\n  working-directory: ${{ inputs.folder }}",
        "- run: ./$SCRIPT.sh",
        "- run: ./check*.sh",
        "- run: ./${{ inputs.script }}",
        "- run: ~/check.sh",
        "- run: /opt/check.sh",
        "- run: ../check.sh",
        "- run: bash -c ./check.sh",
        "- run: bash -s check.sh < server/run.sh",
        "- run: bash",
        "- run: python -c 'print(1)'",
        "- run: python -m scan.py",
        "- run: python --version",
        "- run: node --test web/bundle.js",
        "- run: gradlew build",
        "- run: dist/tool --version",
        "- run: node_modules/.bin/tool",
        "- run: .venv/bin/python web/index.js",
        "- run: .git/hooks/check",
        "- run: tools/check.sh",
        "- run: echo ./gradlew build",
        "- run: npm ci || npm install",
        "- run: npm ci --prefix web",
        "- run: npm install",
        "- run: pnpm install",
        "- run: npm install --package-lock-only\n- run: npm ci",
        "- run: |\n    npm ci && npm test\n    echo",
        "- run: . generate.sh",
        "- run: source ./generate.sh",
        "- run: source env.sh",
        "- run: source ~/env.sh",
        "- run: python -m venv own\n- run: source own/bin/activate",
        "- run: . .venv/bin/activate",
        "- run: pip install -r server/requirements.txt",
        "- run: pip install -r requirements.txt\n  working-directory: server",
        "- run: pip install -r requirements.txt || true",
        "- run: pip install -r $LIST",
        "- run: pip install -r https://example.com/requirements.txt",
        "- run: pip uninstall -r requirements.txt",
        "- run: pip install requirements.txt",
        "- run: echo ruff > requirements.txt\n- run: pip install -r requirements.txt",
        "- run: poetry export -o requirements.txt\n- run: pip install -r requirements.txt",
        "- run: |\n    cd $(mktemp -d)\n    ./check.sh",
        "- run: |\n    cd server && ./check.sh\n    echo",
    ],
)
def test_a_start_that_may_go_on(going: str) -> None:
    assert reached(f"{CHECKOUT}\n{going}")


@pytest.mark.parametrize(
    ("ahead", "is_reached"),
    [
        (
            "- uses: actions/setup-java@v5\n  with: {distribution: zulu, java-version: 25, cache: gradle}",
            False,
        ),
        ("- run: pip install ruff 'mypy>=1.19'", False),
        ("- run: python -m pip install --upgrade pip", False),
        ("- run: pip install -r server/requirements.txt", False),
        ("- run: |\n    cd server\n    go build .", False),
        ("- run: curl -sSfLo tool.sh 'https://example.com/tool.sh?version=1'", False),
        ("- run: ./generate.sh", True),
        ("- run: python generate.py", True),
        ("- run: cp web/index.js server/check.sh", True),
        ("- run: echo 'echo' > server/check.sh", True),
        ("- run: curl -sSfL https://example.com/check.sh > server/check.sh", True),
        ("- run: |\n    cd server\n    curl -sSfLO 'https://example.com/check.sh?version=1'", True),
        ("- run: curl -sSfLOJ https://example.com/tool", True),
        ("- run: curl -sSfL https://example.com/install | sh", True),
        ("- run: wget https://example.com/tool.sh", True),
        ("- run: pip install .", True),
        ("- run: pip install -e server", True),
        ("- run: pip install server/", True),
        ("- run: pip install -t server ruff", True),
        ("- run: pip install $PACKAGES", True),
        ("- run: pip download ruff", True),
        ("- run: npm install", True),
        ("- run: git checkout next", True),
        ("- run: git submodule update --init", True),
        ("- uses: actions/download-artifact@v8", True),
        ("- uses: actions/cache@v5\n  with: {path: server, key: server}", True),
        ("- uses: actions/checkout@v7\n  with: {ref: next}", True),
        ("- uses: actions/checkout@v7\n  with: {repository: acme/infra, path: server}", True),
        ("- uses: ./.github/actions/prepare", True),
        ("- uses: someone/generate@v1", True),
    ],
)
def test_what_may_make_the_file(ahead: str, is_reached: bool) -> None:
    assert reached(f"{CHECKOUT}\n{ahead}\n{START}") is is_reached
    assert not reached(f"{ahead}\n{CHECKOUT}\n{START}")


@pytest.mark.parametrize(
    ("start", "is_reached"),
    [
        ("./server", True),
        ("./server/server", True),
        ("bin/tool", True),
        ("./check.sh", False),
        ("node web/bundle.mjs", False),
    ],
)
def test_what_go_calls_by_its_package(start: str, is_reached: bool) -> None:
    assert reached(f"{CHECKOUT}\n- run: go build ./cmd/...\n- run: {start}") is is_reached


NPM = "- uses: actions/setup-node@v4\n  with: {node-version: 24, cache: npm}"
PNPM = "- uses: pnpm/action-setup@v6\n  with: {version: 10}"
PIP = "- uses: actions/setup-python@v6\n  with: {python-version: '3.14', cache: pip}"
MAVEN = "- uses: actions/setup-java@v5\n  with: {distribution: temurin, java-version: 25, cache: maven}"


@pytest.mark.parametrize(
    ("setup", "absent", "fitting"),
    [
        (NPM, "web/package-lock.json", "package-lock.json"),
        (NPM.replace("v4", "v2.2.0"), "docs/yarn.lock", "npm-shrinkwrap.json"),
        (NPM.replace("npm", "' npm '"), "pnpm-lock.yaml", "yarn.lock"),
        (NPM.replace("npm", "yarn"), "package-lock.json", "yarn.lock"),
        (f"{PNPM}\n{NPM.replace('npm', 'pnpm')}", "web/pnpm-lock.yaml", "pnpm-lock.yaml"),
        (PIP.replace("pip", "pipenv"), "server/Pipfile", "server/Pipfile.lock"),
        (PIP.replace("pip", "poetry"), "pyproject.toml", "server/poetry.lock"),
        (MAVEN, "server/pom.properties", "server/pom.xml"),
        (MAVEN.replace("maven", "gradle"), "server/pom.xml", "server/build.gradle.kts"),
        (MAVEN.replace("maven", "gradle"), "libs.toml", "gradle/libs.versions.toml"),
        (MAVEN.replace("maven", "sbt"), "server/pom.xml", "project/build.properties"),
    ],
)
def test_a_cache_that_is_kept_by_a_file(setup: str, absent: str, fitting: str) -> None:
    assert not reached(f"{CHECKOUT}\n{setup}")
    assert not reached(f"{CHECKOUT}\n{setup}", files={absent: ""})
    assert reached(f"{CHECKOUT}\n{setup}", files={fitting: ""})


@pytest.mark.parametrize(
    ("setup", "is_reached"),
    [
        (NPM.replace("npm", "npm, cache-dependency-path: web/package-lock.json"), False),
        (NPM.replace("npm", "npm, cache-dependency-path: ./web/index.js"), True),
        (NPM.replace("npm", "npm, cache-dependency-path: web"), True),
        (NPM.replace("npm", 'npm, cache-dependency-path: "web/yarn.lock\\nweb/app.ts"'), True),
        (NPM.replace("npm", 'npm, cache-dependency-path: "web/yarn.lock\\ndocs/yarn.lock"'), False),
        (NPM.replace("npm", "npm, cache-dependency-path: '**/package-lock.json'"), False),
        (NPM.replace("npm", "npm, cache-dependency-path: '**/index.js'"), True),
        (NPM.replace("npm", "npm, cache-dependency-path: 'web/*.lock'"), True),
        (NPM.replace("npm", "npm, cache-dependency-path: '${{ inputs.lock }}'"), True),
        (PIP.replace("pip", "pip, cache-dependency-path: docs/requirements.txt"), False),
        (f"- run: mkdir lib\n{NPM.replace('npm', 'npm, cache-dependency-path: lib/yarn.lock')}", True),
        (NPM.replace("npm", "''"), True),
        (NPM.replace("npm", "'${{ inputs.cache }}'"), True),
        (NPM.replace("npm", "bun"), True),
        (NPM.replace(", cache: npm", ""), True),
        (NPM.replace("v4", "v2.1.5"), True),
        (NPM.replace("v4", "next"), True),
        (NPM.replace("with:", "if: inputs.web\n  with:"), True),
        (NPM.replace("with:", "continue-on-error: true\n  with:"), True),
        (NPM.replace("setup-node", "setup-go"), True),
        (PIP, True),
        (f"- run: curl -fo package-lock.json https://example.com/lock\n{NPM}", True),
        (f"- run: npm install --package-lock-only\n{NPM}", True),
        (f"- run: python generate.py\n{NPM}", True),
        (f"- run: go build -o tool .\n{NPM}", False),
        (f"- uses: ./.github/actions/prepare\n{NPM}", True),
        (f"- uses: actions/checkout@v7\n  with: {{repository: acme/web}}\n{NPM}", True),
    ],
)
def test_what_is_not_known_of_a_cache(setup: str, is_reached: bool) -> None:
    assert reached(f"{CHECKOUT}\n{setup}") is is_reached


def test_a_cache_of_poetry_by_the_version_of_python() -> None:
    """Without one, setup-python keeps no cache, and warns."""
    setup = PIP.replace("pip", "poetry")
    matrix = "strategy: {matrix: {python: ['3.13', '3.14']}}\n"
    of_leg = setup.replace("'3.14'", "'${{ matrix.python }}'")
    assert reached(f"{CHECKOUT}\n{setup}".replace("python-version: '3.14', ", ""))
    assert reached(f"{CHECKOUT}\n{of_leg}")
    assert not reached(f"{CHECKOUT}\n{of_leg}", head=matrix)
    assert reached(f"{CHECKOUT}\n{of_leg}", head="strategy: {matrix: '${{ fromJSON(inputs.all) }}'}\n")


def test_a_cache_that_is_kept_by_a_file_of_a_submodule() -> None:
    modules = {".gitmodules": '[submodule "site"]\n\tpath = site\n'}
    assert reached(f"{CHECKOUT}\n{MAVEN}", files=modules)
    assert not reached(f"{CHECKOUT}\n{NPM}", files=modules)
    told = NPM.replace("npm", "npm, cache-dependency-path: site/package-lock.json")
    assert reached(f"{CHECKOUT}\n{told}", files=modules)


@pytest.mark.parametrize(
    ("setup", "file", "is_reached"),
    [
        (PIP.replace("pip", "pip, cache-dependency-path: docs/dev.txt"), "pyproject.toml", True),
        (PIP.replace("pip", "pip, cache-dependency-path: docs/dev.txt"), "requirements.txt", False),
        (PIP.replace("pip", "poetry, cache-dependency-path: docs/dev.txt"), "pyproject.toml", False),
        (
            MAVEN.replace("maven", "maven, cache-dependency-path: all.txt").replace("v5", "v3"),
            "pom.xml",
            True,
        ),
        (MAVEN.replace("maven", "maven, cache-dependency-path: all.txt"), "pom.xml", False),
        (NPM.replace("npm", "npm, cache-dependency-path: site/yarn.lock"), "site", True),
    ],
)
def test_what_is_looked_for_beside_what_is_told(setup: str, file: str, *, is_reached: bool) -> None:
    """The last of them is a link, to wherever that leads."""
    assert reached(f"{CHECKOUT}\n{setup}", files={file: ""}) is is_reached


@pytest.mark.parametrize(
    ("lock", "folder", "install", "is_reached"),
    [
        ("package-lock.json", "web", "npm ci", True),
        ("web/package-lock.json", "web", "npm ci", True),
        ("web/npm-shrinkwrap.json", "web", "npm ci", True),
        ("web/package-lock.json", ".", "npm ci", False),
        ("pnpm-lock.yaml", "web", "pnpm i --frozen-lockfile", True),
        ("package-lock.json", "web", "pnpm i --frozen-lockfile", False),
    ],
)
def test_an_install_that_needs_a_lock_file(lock: str, folder: str, install: str, is_reached: bool) -> None:
    run = f"- run: {install}\n  working-directory: {folder}"
    assert reached(f"{CHECKOUT}\n{run}", files={lock: ""}) is is_reached


GO_FILE = "- uses: actions/setup-go@v6\n  with: {go-version-file: server/go.mod}"


@pytest.mark.parametrize(
    ("setup", "is_reached"),
    [
        (GO_FILE, False),
        (GO_FILE.replace("server/go.mod", "./server/main.go"), True),
        (GO_FILE.replace("go-version-file", "go-version: '1.27', go-version-file"), True),
        (GO_FILE.replace("v6", "v2"), True),
        (GO_FILE.replace("server/go.mod", "'${{ inputs.file }}'"), True),
        (GO_FILE.replace("with:", "if: inputs.go\n  with:"), True),
        (f"- run: cp web/index.js server/go.mod\n{GO_FILE}", True),
        ("- uses: actions/setup-node@v6\n  with: {node-version-file: .nvmrc}", False),
        ("- uses: actions/setup-python@v6\n  with: {python-version-file: web/.python-version}", False),
        (
            "- uses: actions/setup-java@v5\n  with: {distribution: temurin, java-version-file: .java-version}",
            False,
        ),
    ],
)
def test_a_version_by_a_file(setup: str, is_reached: bool) -> None:
    assert reached(f"{CHECKOUT}\n{setup}") is is_reached


@pytest.mark.parametrize("ahead", ["python generate.py", "python3 server/tests/unit.py", "pytest server"])
def test_what_the_programs_of_a_project_write(ahead: str) -> None:
    """Data, reports and code for others to use, but no program in a folder where people keep theirs."""
    assert not reached(f"{CHECKOUT}\n- run: {ahead}\n{PYTHON}")
    assert reached(f"{CHECKOUT}\n- run: {ahead}\n- run: python scan.py")
    assert reached(f"{CHECKOUT}\n- run: {ahead}\n- run: python web/scan.py")
    assert reached(f"{CHECKOUT}\n- run: {ahead} > server/tests/scan.py\n{PYTHON}")
    assert reached(
        f"{CHECKOUT}\n- run: {ahead}\n- run: cp server/tests/unit.py server/tests/scan.py\n{PYTHON}"
    )
    assert reached(f"{CHECKOUT}\n- run: {ahead}\n{GO}")


@pytest.mark.parametrize(
    ("ref", "on", "is_reached"),
    [
        ("${{ github.sha }}", "push", False),
        ("${{github.sha}}", "pull_request_target", False),
        ("${{ github.event.pull_request.head.sha }}", "pull_request", False),
        ("${{ github.event.pull_request.head.sha }}", "[pull_request, pull_request_target]", True),
        ("${{ github.head_ref }}", "pull_request", True),
        ("${{ inputs.ref || github.sha }}", "push", True),
        ("next", "push", True),
    ],
)
def test_the_commit_of_the_run(ref: str, on: str, is_reached: bool) -> None:
    checkout = f"- uses: actions/checkout@v7\n  with: {{ref: '{ref}'}}"
    assert reached(f"{checkout}\n{START}", on=on) is is_reached
    assert reached(f"{checkout}\n{GO}", on=on) is is_reached


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
    assert reached(START)
    assert reached(f"{CHECKOUT}\n{START}", on="workflow_call")
    assert reached(f"{CHECKOUT}\n{START}", head="container: golang:1.27\n")
    assert reached(
        f"{CHECKOUT}\n{START}", head="defaults: {run: {working-directory: '${{ inputs.folder }}'}}\n"
    )
    assert reached(f"{CHECKOUT}\n- run: bash run.sh", head="defaults: {run: {working-directory: server}}\n")
    assert reached(f"{CHECKOUT}\n- run: ./Generate.sh\n  shell: bash", label="macos-latest")


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
    start = "- run: server/infra/base/check.sh"
    assert reached(f"{CHECKOUT}\n{start}", files={".gitmodules": modules}) is is_reached


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
