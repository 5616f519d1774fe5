"""What holds the move of a base image, and what is asked before it, beyond the examples of the check."""

import datetime

import pytest

from checks.check import Finding, Outside, Repository, Severity
from checks.dockerfile import base_image_runtime_eol
from checks.source.snapshot import Snapshot

_OUTSIDE = Outside(today=datetime.date(2026, 11, 25))
_PUSHED = """\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/build-push-action@v7
        with: {context: ., file: ci.Dockerfile, outputs: "type=image,name=acme/web,push=${{ github.event_name == 'push' }}"}
"""


def _found(files: dict[str, str]) -> Finding:
    (found,) = base_image_runtime_eol.run(Repository(Snapshot.of(files), _OUTSIDE))
    return found


def _of(dockerfile: str, files: dict[str, str] | None = None) -> Finding:
    return _found({"Dockerfile": f"{dockerfile}\nUSER 1000\n", **(files or {})})


@pytest.mark.parametrize(
    ("install", "named"),
    [
        ("apt-get install -y libgl1-mesa-glx", "libgl1-mesa-glx"),
        ('libs="curl\\\n libatlas-base-dev" && apt-get install -y $libs', "libatlas-base-dev"),
        ("libs='libopenblas-base' && apt-get install -y ${libs}", "libopenblas-base"),
        ("apt-get install -y libncurses5-dev libjpeg62 ntpsec", ""),
        ('said="libopenblas-base" && apt-get install -y curl', ""),
    ],
)
def test_packages_that_newer_releases_lack(install: str, named: str) -> None:
    found = _of(f"FROM ubuntu:20.04\nRUN {install}")
    assert (f"may not have what is named here: `{named}`" in found.withheld) is bool(named)
    assert bool(found.fixes) is not bool(named)


@pytest.mark.parametrize(
    ("lines", "is_held"),
    [
        ("RUN apt-get install -y python3-pip python3-venv && pip3 install requests", True),
        ("RUN apt-get install -y python3-pip virtualenv && pip3 install requests", True),
        (
            "RUN apt-get install -y python3-pip && python3 -m venv /opt/web && . /opt/web/bin/activate && pip install requests",
            False,
        ),
        (
            "RUN apt-get install -y python3-pip\nRUN python3 -m venv /opt/web\nENV PATH=/opt/web/bin:$PATH\nRUN pip install requests",
            False,
        ),
        (
            "RUN apt-get install -y python3-pip\nRUN python3 -m venv /opt/web && . /opt/web/bin/activate\nRUN pip install requests",
            True,
        ),
    ],
)
def test_pip_of_the_distribution(lines: str, *, is_held: bool) -> None:
    found = _of(f"FROM debian:11\n{lines}")
    assert ("externally-managed-environment" in found.withheld) is is_held
    assert bool(found.fixes) is not is_held


@pytest.mark.parametrize(
    ("base", "is_held"),
    [
        ("python:3.10-slim", False),
        ("python:3.10.4-slim", True),
        ("python:3.8-slim", True),
        ("php:8.1-fpm", False),
    ],
)
def test_adduser_is_missing_from_images_that_were_on_debian_13(base: str, *, is_held: bool) -> None:
    found = _of(f"FROM {base}\nRUN adduser --system web")
    assert ("no `adduser`" in found.withheld) is is_held


@pytest.mark.parametrize(
    ("go", "taker", "fixed", "withheld"),
    [
        ("golang:1.23", "debian:bookworm-slim", "golang:1.27-bookworm", ""),
        ("golang:1.24.2", "gcr.io/distroless/base-debian12", "golang:1.27.0-bookworm", ""),
        ("golang:1.23", "debian:bullseye-slim", "golang:1.27-bookworm", ""),
        ("golang:1.24", "debian:bookworm-slim", "golang:1.27", ""),
        ("golang:1.24.6", "debian:bookworm-slim", "golang:1.27.0", ""),
        ("golang:1.23", "gcr.io/distroless/static-debian12", "golang:1.27", ""),
        ("golang:1.23", "alpine:3.23", "golang:1.27", ""),
        ("golang:1.18", "ubuntu:22.04", "", "what is built here goes to Ubuntu 22.04 at line 3"),
    ],
)
def test_go_with_the_c_library_of_its_image(go: str, taker: str, fixed: str, withheld: str) -> None:
    files = {
        "Dockerfile": f"FROM {go} AS build\nRUN go build -o /web .\nFROM {taker}\nCOPY --from=build /web /web\nUSER 1000\n"
    }
    found = next(
        one
        for one in base_image_runtime_eol.run(Repository(Snapshot.of(files), _OUTSIDE))
        if "Go 1" in one.message
    )
    assert [one.title for one in found.fixes] == ([f"move to {fixed}"] if fixed else [])
    assert withheld in found.withheld
    asked = "".join(one.caution for one in found.fixes)
    assert ("The image is the one on Debian 12" in asked) is fixed.endswith("bookworm")


@pytest.mark.parametrize(
    ("told", "is_told"),
    [
        ("export CGO_ENABLED = 0", True),
        ("CGO_ENABLED ?= 0", True),
        ("CGO_ENABLED := 0", True),
        ("web:\n\tCGO_ENABLED=0 go build", True),
        ("web:\n\tgo build -ldflags '-extldflags=-static'", True),
        ("web:\n\tnpm run build-static && go build", False),
        ("CGO_ENABLED ?= 1", False),
        ("CGO_ENABLED := 1", False),
    ],
)
def test_a_makefile_that_has_go_link_without_the_c_library(told: str, *, is_told: bool) -> None:
    found = _of(
        "FROM golang:1.18 AS build\nRUN make web\nFROM ubuntu:22.04\nCOPY --from=build /web /web",
        {"Makefile": f"{told}\n"},
    )
    assert ("goes to Ubuntu 22.04" in found.withheld) is not is_told


def test_all_stages_on_an_image_of_go_go_to_debian_12() -> None:
    found = _of(
        "ARG GO=1.23\nFROM golang:$GO AS build\nRUN go build -o /web .\nFROM golang:$GO AS tools\nRUN go build -o /all .\n"
        "FROM scratch AS all\nCOPY --from=tools /all /all\nFROM debian:bookworm-slim\nCOPY --from=build /web /web"
    )
    assert [one.title for one in found.fixes] == ["move to golang:1.27-bookworm"]


@pytest.mark.parametrize(
    ("go", "taker", "is_held"),
    [
        ("golang:1.23", "debian:bookworm-slim", False),
        ("golang:1.23", "debian:trixie-slim", True),
        ("golang:1.20", "debian:bookworm-slim", True),
    ],
)
def test_packages_of_go_on_the_debian_that_it_stands_on(go: str, taker: str, *, is_held: bool) -> None:
    found = _of(
        f"FROM {go} AS build\nRUN apt-get install -y python3.11\nRUN go build -o /web .\n"
        f"FROM {taker}\nCOPY --from=build /web /web"
    )
    assert ("may not have what is named here: `python3.11`" in found.withheld) is is_held


@pytest.mark.parametrize(
    ("shipped", "severity"),
    [
        ("FROM alpine:3.24\nCOPY --from=build /web /usr/local/bin/web\nUSER 1000\n", None),
        ("FROM build\nUSER 1000\n", Severity.WARNING),
    ],
)
def test_an_image_that_is_named_for_ci_and_pushed_with_what_was_built(
    shipped: str, severity: Severity | None
) -> None:
    dockerfile = f"FROM golang:1.23-alpine AS build\nRUN go build -o /web .\n{shipped}"
    assert _found({".github/workflows/push.yml": _PUSHED, "ci.Dockerfile": dockerfile}).severity is severity


def test_a_range_that_leaves_out_today_s_image_too_holds_nothing() -> None:
    project = {"package.json": '{"engines": {"node": ">=14 <16.19.1"}}'}
    found = _of("FROM node:16-alpine\nRUN npm ci", project)
    (fix,) = found.fixes
    assert "`package.json` allows Node.js `>=14 <16.19.1`, which leaves out 24." in fix.caution
    held = _of("FROM node:16.19.0-alpine\nRUN npm ci", project)
    assert held.withheld.startswith("`package.json` allows Node.js `>=14 <16.19.1`")


def test_what_would_hold_the_image_that_is_suggested() -> None:
    pinned = _of(f"FROM node:18-buster-slim@sha256:{'a' * 64}")
    assert pinned.withheld.endswith("see whether `24-slim` will do")
    found = _of("FROM python:3.9-slim-buster\nRUN apt-get install -y netcat && pip install lxml==4.6.3")
    assert found.withheld == (
        "our table has no newer image of the variant of `3.9-slim-buster`: see whether `3.14-slim` will do; besides, "
        "the newer image may not have what is named here: `netcat` (line 2); and `Dockerfile` holds `lxml==4.6.3` to a "
        "version that may not install on Python 3.14: move it along"
    )


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        (
            "pyenv install 3.7.17 && pyenv global 3.7.17",
            "Does Python 3.7.17, compiled at line 2, build with the newer compiler and OpenSSL?",
        ),
        (
            "/opt/rbenv/bin/rbenv install -s 2.7.8 && ruby-build 3.0.7 /opt/ruby",
            "Do Ruby 2.7.8 and Ruby 3.0.7, compiled at line 2, build",
        ),
        ("pyenv global 3.7.17", ""),
    ],
)
def test_languages_that_are_compiled_here(command: str, asked: str) -> None:
    (fix,) = _of(f"FROM ubuntu:20.04\nRUN {command}").fixes
    assert asked in fix.caution
    assert ("compiled at" in fix.caution) is bool(asked)


@pytest.mark.parametrize(
    ("lines", "held"),
    [
        ("RUN apk add py3-pip && pip install --break-system-packages lxml==4.6.3", "`lxml==4.6.3`"),
        ("RUN apk add curl && pip install --break-system-packages lxml==4.6.3", ""),
        ("RUN apk add py3-pip && pip install --break-system-packages lxml", ""),
    ],
)
def test_pins_of_what_the_python_of_a_distribution_has(lines: str, held: str) -> None:
    found = _of(f"FROM alpine:3.20\n{lines}")
    assert (
        f"holds {held} to a version that may not install on the Python of Alpine" in found.withheld
    ) is bool(held)
    assert bool(found.fixes) is not bool(held)


@pytest.mark.parametrize(("version", "is_named"), [("24.10", True), ("23.10", False)])
def test_the_release_before_with_the_same_python(version: str, *, is_named: bool) -> None:
    found = _of(
        f"FROM ubuntu:{version}\nRUN apt-get install -y python3-pip && pip install --break-system-packages lxml==4.9.4"
    )
    assert "holds `lxml==4.9.4` to a version that may not install" in found.withheld
    assert (
        "Ubuntu 24.04, which has the Python of 24.10, is supported until 31 May 2029: see whether `24.04` will do"
        in found.withheld
    ) is is_named


def test_pydantic_needs_one_version_of_what_is_compiled() -> None:
    found = _of("FROM python:3.9-slim\nRUN pip install pydantic==2.4.2 requests==2.31.0")
    assert (
        "holds `pydantic==2.4.2` to a version that may not install on Python 3.14: move it along"
        in found.withheld
    )
    assert "tells whether" in _of("FROM python:3.9-slim\nRUN pip install pydantic==1.10.2").withheld


def test_a_default_that_a_bake_file_may_override() -> None:
    bake = 'target "web" {\n  args = {\n    BASE = notequal("", PYTHON) ? "python:${PYTHON}" : "python:3.14"\n  }\n}\n'
    found = _of("ARG BASE=python:3.9-slim\nFROM $BASE", {"docker-bake.hcl": bake})
    assert found.withheld == "builds may pass another `BASE`"


@pytest.mark.parametrize(
    ("target", "is_held"),
    [
        ('dockerfile = "web/Dockerfile"', False),
        ('context = "web"', False),
        ('inherits = ["_all"]', True),
        ("dockerfile = FILE", True),
    ],
)
def test_a_default_that_a_bake_file_overrides_for_another_file(target: str, *, is_held: bool) -> None:
    bake = f'target "web" {{\n  {target}\n  args = {{ BASE = "python:3.14" }}\n}}\n'
    files = {"docker-bake.hcl": bake, "web/Dockerfile": "ARG BASE=python:3.14\nFROM $BASE\nUSER 1000\n"}
    found = _of("ARG BASE=python:3.9-slim\nFROM $BASE", files)
    assert (found.withheld == "builds may pass another `BASE`") is is_held


@pytest.mark.parametrize(
    ("step", "severity"),
    [
        ("run: rm -f Dockerfile", Severity.WARNING),
        ("run: rm ./Dockerfile", Severity.WARNING),
        ("run: cd web && rm ../Dockerfile", Severity.WARNING),
        ("run: cd web && rm Dockerfile", None),
        ("run: rm -f Dockerfile, working-directory: web", None),
        ("run: rm -f web/Dockerfile", None),
        ('run: cd "$FOLDER" && rm Dockerfile', None),
    ],
)
def test_a_file_that_a_job_deletes_before_it_deploys(step: str, severity: Severity | None) -> None:
    job = f"on: push\njobs: {{it: {{runs-on: ubuntu-latest, steps: [{{{step}}}, {{run: gcloud app deploy}}]}}}}\n"
    assert _of("FROM node:16-alpine", {".github/workflows/release.yml": job}).severity is severity


@pytest.mark.parametrize(
    ("lines", "path", "is_asked"),
    [
        ("COPY . /srv\nRUN pip install /srv", "requirements.txt", True),
        ("COPY . /srv/web\nWORKDIR /srv\nRUN pip install web/", "requirements.txt", True),
        (
            "COPY unpacked/lib /srv/lib\nCOPY setup.py requirements.txt /srv/\nRUN pip install /srv",
            "requirements.txt",
            True,
        ),
        ("COPY . /srv\nRUN pip install /opt", "requirements.txt", False),
        ("COPY . /srv\nRUN python /srv/make.py", "requirements/common.req", True),
        ("COPY . /srv\nRUN make -C /srv", "requirements-dev.in", True),
        ("COPY . /srv\nRUN pip install lxml && python /srv/make.py", "requirements/common.req", False),
        ("COPY src /srv\nRUN python /srv/make.py", "requirements/common.req", False),
        ("COPY . /srv\nRUN python -m compileall /srv", "requirements/common.req", False),
    ],
)
def test_requirements_that_other_programs_may_read(lines: str, path: str, *, is_asked: bool) -> None:
    (fix,) = _of(f"FROM python:3.9-slim\n{lines}", {path: "lxml==4.6.3\n", "setup.py": ""}).fixes
    assert (f"Does all install on it that `{path}` names?" in fix.caution) is is_asked


@pytest.mark.parametrize(
    ("required", "named"),
    [
        ("require github.com/bytedance/sonic v1.14.1", "github.com/bytedance/sonic v1.14.1"),
        ("require (\n\tgithub.com/bytedance/sonic v1.14.2\n)", "github.com/bytedance/sonic v1.14.2"),
        ("require (\n\tgithub.com/quic-go/quic-go v0.35.1\n)", "github.com/quic-go/quic-go v0.35.1"),
        ("require github.com/bytedance/sonic v1.15.0", ""),
        ("require github.com/bytedance/sonic v1.14.3-0.20260122083200-8b4cf558f3a1", ""),
        ("require (\n\tgithub.com/bytedance/sonic v1.14.1 // indirect\n)", ""),
        ("require github.com/bytedance/sonic v1.14.1 // indirect; by gin", ""),
        (
            "require github.com/bytedance/sonic v1.14.1\nreplace github.com/bytedance/sonic => ./sonic",
            "",
        ),
        ("exclude (\n\tgithub.com/bytedance/sonic v1.14.1\n)", ""),
    ],
)
def test_modules_that_a_newer_go_does_not_compile(required: str, named: str) -> None:
    dockerfile = "FROM golang:1.25\nWORKDIR /src\nCOPY . .\nRUN go build -o /web ./cmd/web"
    files = {"go.mod": f"module acme.dev/web\n\ngo 1.25\n\n{required}\n", "cmd/web/main.go": ""}
    found = _of(f'{dockerfile}\nENTRYPOINT ["/web"]', files)
    assert (f"`go.mod` asks for `{named}`, which doesn't compile" in found.withheld) is bool(named)
    assert bool(found.fixes) is not bool(named)


@pytest.mark.parametrize(
    ("image", "project", "end"),
    [
        (
            "python:3.10-slim",
            "",
            "; Python 3.11, the next that is maintained, is so until 31 October 2027: see whether `3.11-slim` will do",
        ),
        ("python:3.10-slim", ">=3.10,!=3.11.*", "see whether `3.12-slim` will do"),
        ("python:3.10-slim", ">=3.10,!=3.11.*,!=3.12.*,!=3.13.*", "move it along"),
    ],
)
def test_the_next_line_that_pins_of_the_old_one_may_be_made_for(image: str, project: str, end: str) -> None:
    files = {"pyproject.toml": f'[project]\nname = "web"\nrequires-python = "{project}"\n'} if project else {}
    found = _of(f"FROM {image}\nRUN pip install lxml==4.9.2", files)
    assert found.withheld.endswith(end)


_WORK = "WORKDIR /app\nCOPY web/package.json web/package-lock.json ./\nRUN npm ci\nCOPY web .\nRUN npm run build\n"
_SERVED = 'FROM nginxinc/nginx-unprivileged:alpine\nCOPY --from=build /app/dist /usr/share/nginx/html\nEXPOSE 8080\nENTRYPOINT ["nginx"]\n'


@pytest.mark.parametrize(
    ("image", "work", "is_named"),
    [
        ("node:24-alpine", _WORK, True),
        (
            "node:24-alpine",
            _WORK.replace("WORKDIR /app", "WORKDIR /src").replace("npm ci", "npm \\\n  ci"),
            True,
        ),
        ("node:22-alpine", _WORK, False),
        ("node:24-alpine", _WORK.replace("npm ci", "npm ci --ignore-scripts"), False),
        ("node:24-alpine", _WORK.replace("COPY web .", "COPY site ."), False),
    ],
)
def test_other_files_that_do_the_same_on_the_line_to_move_to(image: str, work: str, is_named: bool) -> None:
    files = {
        "deploy/Dockerfile": f"FROM node:20-slim AS build\n{_WORK}{_SERVED}",
        "web/Dockerfile": f"FROM {image} AS build\n{work}{_SERVED}",
        **{
            f"{folder}/{name}": "{}"
            for folder in ("web", "site")
            for name in ("package.json", "package-lock.json")
        },
    }
    (fix,) = _found(files).fixes
    told = "`web/Dockerfile` does the same with the same files on Node.js 24 already: does it still build"
    assert fix.caution.startswith(told) is is_named


def test_folders_of_one_kind_have_files_of_their_own() -> None:
    work = _WORK.replace("web/", "").replace("COPY web .", "COPY . .")
    files = {
        f"{folder}/Dockerfile": f"FROM node:{line}-alpine AS build\n{work}{_SERVED}"
        for folder, line in (("shop", 20), ("blog", 24))
    }
    files |= {
        f"{folder}/{name}": "{}"
        for folder in ("shop", "blog")
        for name in ("package.json", "package-lock.json")
    }
    (fix,) = _found(files).fixes
    assert "does the same" not in fix.caution


_BASED = (
    "FROM node:{line}-alpine AS base\nRUN corepack enable\n"
    "FROM base\nWORKDIR /srv\nCOPY {folder} .\nRUN pnpm install --frozen-lockfile\nUSER 1000\nCMD node app.js\n"
)


@pytest.mark.parametrize(("folder", "is_named"), [("web", True), ("api", False)])
def test_what_stands_on_a_stage_is_of_its_work(folder: str, *, is_named: bool) -> None:
    files = {
        "web/Dockerfile": _BASED.format(line=20, folder="web"),
        "api/Dockerfile": _BASED.format(line=24, folder=folder),
        **{f"{one}/{name}": "{}" for one in ("web", "api") for name in ("package.json", "app.js")},
    }
    (fix,) = _found(files).fixes
    assert ("does the same" in fix.caution) is is_named
    assert ("already: does it still build, and run?" in fix.caution) is is_named
