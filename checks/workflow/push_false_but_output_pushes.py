"""Build says that it does not push, and its output does

`push: false` only leaves out the action's own `--push`. What `outputs:` asks for stands: `type=registry`, or
`type=image,push=true`, pushes all the same, for pull requests too.

Make the exporter's `push` depend on the same condition, or take it out.

The check is silent where `push:` is absent (then the exporter is the only place that says it) or an
expression, and where the exporter's own `push` is one.

References:

- https://docs.docker.com/build/exporters/image-registry/
- https://github.com/docker/build-push-action/blob/master/src/context.ts
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builds import BUILD_PUSH, Build, Output

check = Check(
    id="push-false-but-output-pushes",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.UNSAFE,
    tags=("build", "buildkit"),
    examples=(
        Example(
            title="the exporter pushes",
            files="""\
-- .github/workflows/build.yml --
on: pull_request
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          push: false
          outputs: type=image,name=ghcr.io/acme/web,push=true
""",
            at="type=image,name=ghcr.io/acme/web,push=true",
            fixed="""\
-- .github/workflows/build.yml --
on: pull_request
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          push: false
          outputs: type=image,name=ghcr.io/acme/web,push=false
""",
        ),
        Example(
            title="the registry exporter",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          push: 'false'
          tags: ghcr.io/acme/web:1
          outputs: type=registry
""",
            at="type=registry",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          push: 'false'
          tags: ghcr.io/acme/web:1
          outputs: type=image
""",
        ),
        Example(
            title="no push, push by an expression, an exporter that does not push or asks when it runs",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {outputs: 'type=image,name=ghcr.io/acme/web,push-by-digest=true,push=true'}
      - uses: docker/build-push-action@v7
        with: {push: '${{ github.ref_name == ''main'' }}', outputs: type=registry}
      - uses: docker/build-push-action@v7
        with: {push: false, outputs: 'type=image,name=ghcr.io/acme/web'}
      - uses: docker/build-push-action@v7
        with: {push: false, outputs: 'type=image,name=ghcr.io/acme/web,push=${{ github.ref_name == ''main'' }}'}
      - uses: docker/build-push-action@v7
        with: {push: true, outputs: type=registry}
      - uses: docker/build-push-action@v7
        with: {push: false, outputs: 'type=docker,dest=web.tar'}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for build in repo.builds:
        step = build.step
        if step is None or not step.uses_action(BUILD_PUSH):
            continue
        flag = step.input("push")
        if flag is None or flag.value.lower() != "false":
            continue
        for output in build.outputs or ():
            if _pushes(output):
                yield _finding(build, output)


def _pushes(output: Output) -> bool:
    push = output.attributes.get("push")
    return output.type == "registry" or (
        output.type == "image" and push is not None and push.literal == "true"
    )


def _finding(build: Build, output: Output) -> Finding:
    entry = build.step.input_entry("push") if build.step else None
    return Finding(
        message=f"{code(output.text)} pushes, although {code('push')} is {code('false')}.",
        consequence="The image reaches the registry on every run of this step: the input leaves the exporter as it is.",
        location=output.location,
        related=(Location(build.text, entry.span, "says that nothing is pushed"),) if entry else (),
        fixes=_fixes(output),
    )


def _fixes(output: Output) -> tuple[Fix, ...]:
    place = output.location
    written = place.fragment
    quiet = (
        written.replace("push=true", "push=false")
        if "push=true" in written
        else written.replace("type=registry", "type=image")
    )
    return offer(
        "leave the push to the input",
        Applicability.UNSAFE,
        Edit(place.path, place.span, quiet) if quiet != written and written.count("push=true") < 2 else None,
        caution="Does anything rely on the image that this step has pushed so far?",
    )
