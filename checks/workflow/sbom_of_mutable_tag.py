"""SBOM is made of whatever a moving tag names

The job has pushed the image and knows its digest, and the list of packages is made of a tag that the next
push moves: `latest`, a branch. If another run pushes in between, the list is of that image, and whoever looks
up a package finds what a different image holds.

Name the digest that the push has answered with: `name@${{ steps.<build>.outputs.digest }}`.

The check is silent for images that the job has loaded or built into its own daemon, where the tag is local;
for tags with a commit, a version or a run in them; where no earlier step of the job pushes the tag; and where
that step has no id.

References:

- https://github.com/anchore/syft#supported-sources
- https://github.com/anchore/sbom-action#inputs
- https://github.com/docker/build-push-action#outputs
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
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builds import BUILD_PUSH, Build
from checks.facts.image.image_flow import in_same_leg
from checks.facts.image.references import is_moving, reference
from checks.facts.image.sboms import Sbom
from checks.facts.image.signing import name_of
from checks.facts.scan.scans import Target
from checks.facts.value import Value, literal
from checks.facts.workflow.job_order import comes_before, in_same_run
from checks.facts.workflow.step_edits import with_variable

_VARIABLE, _LATEST = "DIGEST", "latest"
_HEAD = """\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, packages: write}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        id: build
        with:
          context: .
          push: true
          tags: |
            ghcr.io/acme/web:latest
            ghcr.io/acme/web:${{ github.sha }}
"""
_SBOM = """\
      - uses: anchore/sbom-action@v0
        with:
          image: ghcr.io/acme/web:latest
          output-file: web.spdx.json
"""
_SYFT = """\
      - run: syft scan "registry:ghcr.io/acme/web:${{ github.ref_name }}" -o spdx-json=web.spdx.json
"""

_BY_DIGEST = """\
      - env:
          DIGEST: ${{ steps.build.outputs.digest }}
        run: syft scan "registry:ghcr.io/acme/web@$DIGEST" -o spdx-json=web.spdx.json
"""

check = Check(
    id="sbom-of-mutable-tag",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("sbom",),
    examples=(
        Example(
            title="latest, by an action",
            files=_HEAD + _SBOM,
            at="ghcr.io/acme/web:latest",
            fixed=_HEAD + _SBOM.replace("web:latest", "web@${{ steps.build.outputs.digest }}"),
        ),
        Example(
            title="a branch, by a command",
            files=_HEAD.replace("web:latest", "web:${{ github.ref_name }}") + _SYFT,
            at='"registry:ghcr.io/acme/web:${{ github.ref_name }}"',
            fixed=_HEAD.replace("web:latest", "web:${{ github.ref_name }}") + _BY_DIGEST,
        ),
        Example(
            title="no tag, which is latest",
            files=_HEAD + _SBOM.replace(":latest", ""),
            at="ghcr.io/acme/web",
            fixed=_HEAD + _SBOM.replace(":latest", "@${{ steps.build.outputs.digest }}"),
        ),
        Example(
            title="a step with variables of its own",
            files=_HEAD
            + "      - name: List\n        env: {OUT: a.json}\n        run: syft scan ghcr.io/acme/web:latest -o spdx-json=$OUT\n",
            at="ghcr.io/acme/web:latest",
            fixed=_HEAD
            + "      - name: List\n        env: {OUT: a.json, DIGEST: '${{ steps.build.outputs.digest }}'}\n"
            + '        run: syft scan "ghcr.io/acme/web@$DIGEST" -o spdx-json=$OUT\n',
        ),
        Example(
            title="a commit, a digest, a folder, another image",
            files=_HEAD
            + _SBOM.replace("latest", "${{ github.sha }}")
            + _SBOM.replace(":latest", "@${{ steps.build.outputs.digest }}")
            + "      - run: syft scan dir:. -o spdx-json=src.json\n"
            + _SBOM.replace("acme/web", "acme/base"),
        ),
        Example(
            title="the image is loaded, so that the tag is the job's own",
            files=_HEAD.replace("push: true", "push: true\n          load: true") + _SBOM,
        ),
        Example(
            title="the same tag is built by a command, or pulled, before",
            files=_HEAD + "      - run: docker pull ghcr.io/acme/web:latest\n" + _SBOM,
        ),
        Example(
            title="no id, no push in this job, a push that may not happen",
            files=_HEAD.replace("        id: build\n", "")
            + _SBOM
            + _HEAD.replace("push.yml", "other.yml").partition("      - uses")[0]
            + _SBOM
            + _HEAD.replace("push.yml", "maybe.yml").replace("push: true", "push: ${{ inputs.push }}")
            + _SBOM,
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for sbom in repo.sboms:
        if sbom.target is not Target.IMAGE or sbom.step is None or sbom.step.job is None:
            continue
        build = _pushed_by(repo, sbom)
        if build is not None and not _is_local(repo, sbom):
            yield _finding(sbom, build)


def _pushed_by(repo: Repository, sbom: Sbom) -> Build | None:
    """The one earlier step of the job that certainly pushes the moving tag that the SBOM is made of, and has an id."""
    if _moving_tag(sbom.source) is None:
        return None
    found = [
        build
        for build in repo.builds_as_written
        if _is_named(build, sbom.source)
        and in_same_run(build.step, build.location, sbom.step, sbom.location)
        and comes_before(build.step, build.location, sbom.step, sbom.location)
        and in_same_leg(build.scope, sbom.scope)
    ]
    if len(found) != 1 or found[0].step is None or not found[0].step.uses_action(BUILD_PUSH):
        return None
    build = found[0]
    is_certain = build.pushes is True and build.step is not None and build.step.condition is None
    return build if is_certain and build.step and build.step.id and build.loads is False else None


def _moving_tag(source: Value) -> Value | None:
    """The moving tag by which an image is named, `latest` where none is written; None where it is named otherwise."""
    image = reference(source)
    tag = image.tag or literal(_LATEST)
    if source.partition("@")[1] or not is_moving(tag):
        return None
    is_version = any(character.isdigit() for character in tag.literal or "")
    return None if is_version else tag


def _is_named(build: Build, source: Value) -> bool:
    """Whether a build gives its image the name, `latest` filled in."""
    wanted = reference(source)
    return any(
        name_of(tag.reference) == name_of(wanted)
        and (tag.reference.tag or literal(_LATEST)) == (wanted.tag or literal(_LATEST))
        for tag in build.tags
        if not tag.value.is_unknown
    )


def _is_local(repo: Repository, sbom: Sbom) -> bool:
    """Whether a command of the job names the image, so that the tool may find it on the machine."""
    for one in repo.running("docker", "podman", "nerdctl", "buildah", "skopeo"):
        if in_same_run(one.step, one.location, sbom.step, sbom.location) and any(
            sbom.source in one.values_in(word, sbom.scope) for word in one.command.arguments
        ):
            return True
    return False


def _finding(sbom: Sbom, build: Build) -> Finding:
    tag = _moving_tag(sbom.source)
    step_id = build.step.id if build.step else ""
    return Finding(
        message=f"The SBOM is made of whatever {code(str(tag))} names when {sbom.tool} reads it, and this run's digest is known.",
        consequence=(
            "If another run has pushed since, the list is of its image: who looks up a package there reads what this one "
            "does not hold."
        ),
        location=sbom.source_location,
        related=(
            Location(
                build.text, build.location.span, f"pushes the image and gives its digest, as {code(step_id)}"
            ),
        ),
        fixes=_fixes(sbom, step_id),
    )


def _fixes(sbom: Sbom, step_id: str) -> tuple[Fix, ...]:
    place = sbom.source_location
    written = place.fragment
    quote = written[:1] if written[:1] in "\"'" and written[:1] == written[-1:] else ""
    head, _, tail = written.strip("\"'").rpartition(":")
    if reference(sbom.source).tag is None:
        head, tail = written.strip("\"'"), ""
    if "/" not in head or "$(" in written or ("}}" in tail and "${{" not in tail):
        return ()
    digest = f"${{{{ steps.{step_id}.outputs.digest }}}}"
    if sbom.invocation is None:
        edits: tuple[Edit | None, ...] = (Edit(place.path, place.span, f"{quote}{head}@{digest}{quote}"),)
    else:
        named = Edit(place.path, place.span, f'"{head}@${_VARIABLE}"')
        edits = (with_variable(sbom.step, _VARIABLE, digest) if sbom.step else None, named)
    return offer("list the image of this run", Applicability.SAFE, *edits)
