"""What a later build of a job has in its cache of what an earlier one had."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.source.snapshot import Snapshot
from checks.workflow import gha_cache_scope_collision

_STEP = """\
      - uses: docker/build-push-action@v7
        with: {{context: {context}, file: {file}, push: true, cache-from: type=gha, cache-to: 'type=gha{mode}'{more}}}
"""
_JOB = """\
  {job}:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
"""
_MODULES = "COPY go.mod go.sum ./\nRUN go mod download\n"
_BUILT = "COPY . .\nRUN go build -o /srv/web ./cmd/web\n"
_SHIPPED = "FROM gcr.io/distroless/static-debian12\nCOPY --from=make /srv/web /srv/web\n"
_LATER = f"FROM golang:1.26 AS make\nARG VERSION\n{_MODULES}{_BUILT}FROM debian:13\nRUN apt-get install -y curl\nCOPY --from=make /srv/web /srv/web\n"


def _files(
    earlier: str,
    later: str = _LATER,
    context: str = ".",
    mode: str = ",mode=max",
    more: str = "",
    job: str = "",
) -> dict[str, str]:
    steps = {"context": context, "mode": mode, "more": more}
    workflow = (
        "on: {push: {branches: [main]}}\njobs:\n"
        + _JOB.format(job="image")
        + _STEP.format(file="web.Dockerfile", **steps)
        + (_JOB.format(job=job) if job else "")
        + _STEP.format(file="shell.Dockerfile", **steps)
    )
    folder = "" if context == "." else f"{context}/"
    return {
        ".github/workflows/image.yml": workflow,
        "web.Dockerfile": earlier,
        "shell.Dockerfile": later,
        **{f"{folder}{name}": "" for name in ("go.mod", "go.sum", "cmd/web/main.go")},
    }


@pytest.mark.parametrize(
    ("files", "is_told"),
    [
        pytest.param(_files(f"FROM golang:1.26 AS make\n{_MODULES}{_BUILT}{_SHIPPED}"), False, id="all of it"),
        pytest.param(
            _files(f"FROM golang:1.26 AS make\n{_MODULES}RUN go install gotest.tools/gotestsum@v1.13.0\n{_BUILT}{_SHIPPED}"),
            True,
            id="a command of its own ahead of the copy",
        ),
        pytest.param(
            _files(f"FROM golang:1.26 AS make\n{_MODULES}{_BUILT}FROM debian:13\nRUN apt-get install -y jq\n"),
            True,
            id="a command of its own in another stage",
        ),
        pytest.param(
            {**_files(f"FROM golang:1.26 AS make\n{_MODULES}{_BUILT}{_SHIPPED}"), "shell.Dockerfile.dockerignore": "go.sum\n"},
            True,
            id="an ignore file of its own",
        ),
        pytest.param(_files(f"FROM golang:1.25 AS make\n{_MODULES}{_BUILT}{_SHIPPED}"), True, id="another base"),
        pytest.param(
            _files(f"FROM golang:1.26 AS make\n{_MODULES}{_BUILT}{_SHIPPED}", more=", build-args: VERSION=2"),
            True,
            id="the argument has a value",
        ),
        pytest.param(
            _files(f"FROM golang:1.26 AS make\n{_MODULES}{_BUILT}{_SHIPPED}", _LATER.replace("VERSION", "TARGETARCH")),
            True,
            id="the argument has a value for each platform",
        ),
        pytest.param(
            _files(f"FROM golang:1.26 AS make\n{_MODULES}{_BUILT}{_SHIPPED}", f"ARG VERSION=1\n{_LATER}"),
            True,
            id="the argument has a value by the file",
        ),
        pytest.param(
            _files(f"FROM golang:1.26 AS make\n{_MODULES}{_BUILT}{_SHIPPED}", mode=""),
            True,
            id="only the layers of the image",
        ),
        pytest.param(
            _files(f"FROM golang:1.26 AS make\n{_MODULES}{_BUILT}{_SHIPPED}", job="shell"),
            True,
            id="another job, which may be the first to end",
        ),
        pytest.param(
            _files(f"FROM golang:1.26 AS make\n{_MODULES}{_BUILT}{_SHIPPED}", context="server"),
            True,
            id="a folder that most commits leave alone",
        ),
        pytest.param(
            _files(f"FROM golang:1.26 AS make\n{_MODULES}COPY cmd cmd\nRUN go build -o /srv/web ./cmd/web\n{_SHIPPED}"),
            True,
            id="a copy of a folder that most commits leave alone",
        ),
    ],
)  # fmt: skip
def test_the_cache_of_a_later_build_of_the_job_has_what_the_earlier_one_had(
    files: dict[str, str], is_told: bool
) -> None:
    told = list(gha_cache_scope_collision.run(Repository(Snapshot.of(files))))
    assert bool(told) is is_told
