"""Attestations are asked for where the docker exporter can't hold them

Attestations turn an image into an index of manifests, and the archive of `docker save` (and the daemon's
classic store) holds one image. BuildKit stops: "docker exporter does not currently support exporting manifest
lists".

Leave `provenance` and `sbom` to the step that pushes.

The check is silent where both are absent or false (the action adds no default attestation for this exporter),
where their value is not known, and where the image is loaded on a runner whose store holds indexes.

References:

- https://docs.docker.com/build/metadata/attestations/
- https://docs.docker.com/build/exporters/oci-docker/
- https://github.com/docker/buildx/blob/master/build/opt.go
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
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
from checks.facts.build.builds import BUILD_PUSH, Build
from checks.facts.tree import Entry, delete_entry
from checks.facts.workflow.runners import has_containerd_store

check = Check(
    id="docker-exporter-with-attestations",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.SAFE,
    tags=("build", "buildkit"),
    examples=(
        Example(
            title="loaded with provenance",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with:
          load: true
          provenance: mode=max
          tags: web:ci
""",
            at="provenance: mode=max",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with:
          load: true
          tags: web:ci
""",
        ),
        Example(
            title="an archive with an SBOM, on any runner",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-26.04
    steps:
      - uses: docker/build-push-action@v7
        with:
          outputs: type=docker,dest=web.tar
          sbom: true
""",
            at="sbom: true",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-26.04
    steps:
      - uses: docker/build-push-action@v7
        with:
          outputs: type=docker,dest=web.tar
""",
        ),
        Example(
            title="off, by default, not known, another exporter, a store that holds indexes",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {load: true, provenance: false, sbom: false}
      - uses: docker/build-push-action@v7
        with: {load: true}
      - uses: docker/build-push-action@v7
        with: {load: true, provenance: '${{ inputs.provenance }}'}
      - uses: docker/build-push-action@v7
        with: {push: true, provenance: mode=max, sbom: true}
      - uses: docker/build-push-action@v7
        with: {outputs: 'type=oci,dest=web.tar', provenance: mode=max}
  newer:
    runs-on: ubuntu-26.04
    steps:
      - uses: docker/build-push-action@v7
        with: {load: true, sbom: true}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for build in repo.builds:
        step = build.step
        if step is None or step.job is None or not step.uses_action(BUILD_PUSH):
            continue
        archived = any(one.type == "docker" and "dest" in one.attributes for one in build.outputs or ())
        if not archived and not (build.loads is True and has_containerd_store(step.job) is False):
            continue
        for name in ("provenance", "sbom"):
            written, entry = step.input(name), step.input_entry(name)
            if written is not None and entry is not None and _is_on(written.value):
                yield _finding(build, entry)


def _is_on(value: str) -> bool:
    return "${{" not in value and value.strip().lower() not in ("", "false", "disabled=true")


def _finding(build: Build, entry: Entry) -> Finding:
    text = entry.key.text
    asked = build.outputs_entry or (build.step.input_entry("load") if build.step else None)
    return Finding(
        message=f"{code(text[entry.span])} asks for an attestation, which the docker exporter can't hold.",
        consequence="The step fails on every run: “docker exporter does not currently support exporting manifest lists”.",
        location=Location(text, entry.span),
        related=(Location(text, asked.span, "asks for the docker exporter"),) if asked else (),
        fixes=_fixes(build, entry),
    )


def _fixes(build: Build, entry: Entry) -> tuple[Fix, ...]:
    inputs = build.step.inputs if build.step else None
    name = entry.key.text[entry.key.span]
    return offer(f"leave out {name} here", Applicability.SAFE, delete_entry(inputs, entry)) if inputs else ()
