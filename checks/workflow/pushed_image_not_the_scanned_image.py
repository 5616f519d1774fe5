"""Image is scanned, and then another build of it is pushed

One step builds the image and a scanner passes it; a later step builds the same Dockerfile again and pushes
the result. The two are not the same image: the second build resolves the base image anew where a tag names it,
runs again whatever the cache has lost, and is the only one that has the other platforms, the labels and the
attestations. What reaches the registry is what nobody has scanned. Where one builder makes both in one job,
its cache has the scanned layers, down to the first file that has changed since; but a hit of a cache is not
identity, and what is pushed has a digest of its own.

Scan what is pushed: push under a name that nothing deploys yet, or by digest, scan `image@digest`, and give
the image its final tag, its signature or its deployment only when the scan has passed. Or push the very image
that was scanned: `docker push` of the loaded one.

The check is silent where a later step scans the pushed digest, where the pushed image is a copy of
the scanned one (`docker push`, `imagetools create`, `crane`, `skopeo`), where the two builds differ in
Dockerfile, context or target, and where one builder makes both and the scan stops nothing anyway, or a comment at
these steps says that the second build is a hit of the cache and it is for no further platforms, and where Depot
makes what is pushed, whose cache is the same for all jobs.

References:

- https://docs.docker.com/build/ci/github-actions/test-before-push/
- https://docs.docker.com/build/ci/github-actions/share-image-jobs/
- https://docs.docker.com/reference/cli/docker/buildx/imagetools/create/
- https://github.com/docker/build-push-action#outputs
"""

from __future__ import annotations

import posixpath
import re
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
    Scope,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builds import Build
from checks.facts.build.context_contents import copies_of
from checks.facts.build.kept_layers import has_the_layers_of, is_of_its_builder
from checks.facts.build.made_anew import MadeAnew, made_anew
from checks.facts.image.image_flow import in_same_leg, may_refer_to
from checks.facts.scan.scans import TRIVY_ACTION, Scan
from checks.facts.workflow.job_order import comes_before
from checks.facts.workflow.step_comments import comments_at
from checks.facts.workflow.step_edits import as_used_or_pinned, insert_step_after
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_NAME = regex(r"(?P<name>(?:[^\s/]|\$\{\{[^{}]*\}\}|/)*?[\w.-]+):(?:[\w.-]|\$\{\{[^{}:]*\}\})+")
"""An image as it is written, with its tag; expressions may stand in both."""
_REUSES = regex(
    r"\bcache[- ]hits?\b|\bhits?\b.{0,30}\bcache|\bre-?us(?:es?|ed|ing)\b.{0,40}\b(?:cached?|layers)\b|\bfrom (?:the |its )?(?:\w+ )?cache\b",
    re.IGNORECASE,
)
_OF_PUSH = regex(r"\bpush|\bpublish|\b(?:second|later|final) (?:build|step)\b|\bre-?buil[dt]", re.IGNORECASE)
_DENIED = regex(
    r"(?:\b(?:not|never|no|cannot|may|might)|n't)\s+(?:\w+\s+){0,3}(?:re-?us|cache|hit)"
    r"|\b(?:fixme|from scratch|if|instead|nothing (?:\w+ ){0,2}from|only|rather|should|todo|unless|without)\b",
    re.IGNORECASE,
)
"""In comments: that a build takes what it makes from the cache, of which build that is said, and that it does not, or is to."""
_OTHERWISE = {
    (False, False): ": it may have another base image and other packages",
    (False, True): ": it may have another base image",
    (True, False): ": its base image is the same by its digest, but what it installs or fetches may be other",
    (True, True): "",
}
"""What an image may have otherwise: by whether its base is fixed, and whether it runs nothing."""

check = Check(
    id="pushed-image-not-the-scanned-image",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("scan", "build", "security"),
    security_severity=6.5,
    examples=(
        Example(
            title="built for the scanner, built again for the registry",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: .
          load: true
          tags: registry.example.com/web:${{ github.sha }}

      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          image-ref: registry.example.com/web:${{ github.sha }}
          severity: HIGH,CRITICAL
          exit-code: '1'

      - id: push
        uses: docker/build-push-action@v7
        with:
          context: .
          platforms: linux/amd64,linux/arm64
          push: true
          tags: registry.example.com/web:${{ github.sha }}

      - run: ./deploy.sh
""",
            at="docker/build-push-action@v7",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: .
          load: true
          tags: registry.example.com/web:${{ github.sha }}

      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          image-ref: registry.example.com/web:${{ github.sha }}
          severity: HIGH,CRITICAL
          exit-code: '1'

      - id: push
        uses: docker/build-push-action@v7
        with:
          context: .
          platforms: linux/amd64,linux/arm64
          push: true
          tags: registry.example.com/web:${{ github.sha }}

      - name: Scan what was pushed (linux/amd64)
        uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
        env:
          TRIVY_PLATFORM: linux/amd64
        with:
          image-ref: registry.example.com/web@${{ steps.push.outputs.digest }}
          severity: HIGH,CRITICAL
          exit-code: '1'

      - name: Scan what was pushed (linux/arm64)
        uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
        env:
          TRIVY_PLATFORM: linux/arm64
        with:
          image-ref: registry.example.com/web@${{ steps.push.outputs.digest }}
          severity: HIGH,CRITICAL
          exit-code: '1'

      - run: ./deploy.sh
""",
        ),
        Example(
            title="the names of what is pushed come from metadata-action",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - id: meta
        uses: docker/metadata-action@v6
        with:
          images: ghcr.io/acme/web
          tags: type=sha
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, tags: 'web:ci'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'web:ci', severity: CRITICAL, exit-code: '1'}
      - id: push
        uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ steps.meta.outputs.tags }}'}
""",
            at="docker/build-push-action@v7",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - id: meta
        uses: docker/metadata-action@v6
        with:
          images: ghcr.io/acme/web
          tags: type=sha
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, tags: 'web:ci'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'web:ci', severity: CRITICAL, exit-code: '1'}
      - id: push
        uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ steps.meta.outputs.tags }}'}
      - name: Scan what was pushed
        uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
        with:
          image-ref: ghcr.io/acme/web@${{ steps.push.outputs.digest }}
          severity: CRITICAL
          exit-code: '1'
""",
        ),
        Example(
            title="two commands build, the first is scanned, the second is pushed",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - run: docker build -t web:ci .
      - run: trivy image --exit-code 1 web:ci
      - run: docker buildx build --platform linux/amd64,linux/arm64 --push -t ghcr.io/acme/web:1.2 .
""",
            at="docker buildx build --platform linux/amd64,linux/arm64 --push -t ghcr.io/acme/web:1.2 .",
        ),
        Example(
            title="one builder makes both, and the scan stops nothing",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, tags: 'web:ci'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'web:ci', exit-code: '0'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, platforms: 'linux/amd64,linux/arm64', tags: 'ghcr.io/acme/web:1'}
  commands:
    runs-on: ubuntu-24.04
    steps:
      - run: docker buildx build --load --platform linux/amd64 -t web:ci .
      - run: trivy image web:ci
      - run: docker buildx build --push --platform linux/amd64,linux/arm64 -t ghcr.io/acme/web:1 .
  tried:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, tags: 'web:ci'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'web:ci', exit-code: '0'}
      - run: |
          docker run --detach --name tried --publish 8080:8080 web:ci
          for attempt in $(seq 5); do
            curl -fsS http://localhost:8080/ready 2>/dev/null && break
            sleep 1
          done
          docker stop tried
          echo "name=web" >> "$GITHUB_OUTPUT"
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
""",
        ),
        Example(
            title="Depot has one cache for both, in whichever jobs they are",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - uses: depot/setup-action@v1
      - uses: depot/build-push-action@v1
        with: {context: ., load: true, tags: 'web:ci'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'web:ci', exit-code: '1'}
      - uses: depot/build-push-action@v1
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
""",
        ),
        Example(
            title="Depot makes what is scanned, and another builder what is pushed",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v7
      - uses: depot/setup-action@v1
      - uses: depot/build-push-action@v1
        with: {context: ., load: true, tags: 'web:ci'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'web:ci', exit-code: '0'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
""",
            at="docker/build-push-action@v7",
        ),
        Example(
            title="the builder's cache is emptied between them",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: docker buildx build --load -t web:ci .
      - run: trivy image --exit-code 1 web:ci
      - run: docker buildx prune --all --force
      - run: docker buildx build --push -t ghcr.io/acme/web:1 .
""",
            at="docker buildx build --push -t ghcr.io/acme/web:1 .",
        ),
        Example(
            title="scanned in one job, built and pushed in another that needs it",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, tags: 'web:scan'}
      - uses: anchore/scan-action@v7
        with: {image: 'web:scan'}
  push:
    needs: scan
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1.2'}
""",
            at="docker/build-push-action@v7",
        ),
        Example(
            title="the loaded image is tagged and pushed, or copied",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  push:
    runs-on: ubuntu-24.04
    steps:
      - run: docker build -t web:ci .
      - run: grype web:ci --fail-on high
      - run: docker tag web:ci ghcr.io/acme/web:1.2 && docker push ghcr.io/acme/web:1.2
  copy:
    runs-on: ubuntu-24.04
    steps:
      - id: build
        uses: docker/build-push-action@v7
        with:
          context: .
          outputs: type=image,name=ghcr.io/acme/web,push-by-digest=true,push=true
      - uses: aquasecurity/trivy-action@v0.36.0
        with:
          image-ref: ghcr.io/acme/web@${{ steps.build.outputs.digest }}
          exit-code: '1'
      - run: docker buildx imagetools create -t ghcr.io/acme/web:1.2 ghcr.io/acme/web@${{ steps.build.outputs.digest }}
""",
        ),
        Example(
            title="another stage, another Dockerfile, another context",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., target: test, load: true, tags: 'web:test'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'web:test', exit-code: '1'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
      - uses: docker/build-push-action@v7
        with: {context: api, target: test, push: true, tags: 'ghcr.io/acme/api:1'}
      - uses: docker/build-push-action@v7
        with: {context: ., target: test, file: other.Dockerfile, push: true, tags: 'ghcr.io/acme/other:1'}
""",
            paths=("Dockerfile", "api/Dockerfile", "other.Dockerfile"),
        ),
        Example(
            title="what is pushed is scanned as well, by its digest or by its tag in a later job",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, tags: 'web:ci'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'web:ci', exit-code: '1'}
      - id: push
        uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
      - run: trivy image --exit-code 1 ghcr.io/acme/web@${{ steps.push.outputs.digest }}
  tag:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, tags: 'web:ci'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'web:ci', exit-code: '1'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:2'}
  check:
    needs: tag
    runs-on: ubuntu-24.04
    steps:
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'ghcr.io/acme/web:2', exit-code: '1'}
""",
        ),
        Example(
            title="a later scan of an image whose name is not known",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - run: docker build -t web:ci .
      - run: trivy image --exit-code 1 web:ci
      - run: docker buildx build --push -t "$REGISTRY/web:1" .
      - run: trivy image --exit-code 1 "$(./name-of-release)"
""",
        ),
        Example(
            title="a test without a scan, a scan of the folder, a build that does not push, names that are not known",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, tags: 'web:ci'}
      - run: docker run --rm web:ci --version
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {scan-type: fs, exit-code: '1'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: '${{ steps.meta.outputs.tags }}', exit-code: '1'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ steps.meta.outputs.tags }}'}
  again:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, tags: 'web:ci'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'web:ci', exit-code: '1'}
      - uses: docker/build-push-action@v7
        with: {context: ., tags: 'web:again'}
""",
        ),
        Example(
            title="each leg of the matrix builds, scans and pushes a stage of its own by digest of what was scanned",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        image: [web, api]
    steps:
      - uses: docker/build-push-action@v7
        if: matrix.image == 'web'
        with: {context: ., target: '${{ matrix.image }}', load: true, tags: 'ci/${{ matrix.image }}'}
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: 'ci/web', exit-code: '1'}
      - run: docker push ci/${{ matrix.image }}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    """Each build that pushes, paired with the last scan of an earlier build of the same image; of one scan
    the build for most platforms."""
    found: dict[Scan, list[tuple[Build, Build]]] = {}
    for pushed in repo.builds_as_written:
        if pushed.pushes is False or pushed.is_by_depot or _is_scanned(pushed, repo):
            continue
        scanned = ((scan, repo.scanned_builds.get(scan)) for scan in repo.scans_in.get(pushed.text, ()))
        earlier = [
            (scan, build)
            for scan, build in scanned
            if build
            and _was_for(pushed, scan, build)
            and not (
                (scan.gates is False or _is_said_to_be_kept(pushed, build)) and _is_kept(repo, pushed, build)
            )
        ]
        if earlier:
            scan, build = earlier[-1]
            found.setdefault(scan, []).append((pushed, build))
    for scan, pairs in found.items():
        pushed, build = max(pairs, key=lambda pair: len(pair[0].platforms or ()))
        yield _finding(repo, pushed, scan, build)


def _is_kept(repo: Repository, pushed: Build, scanned: Build) -> bool:
    """Whether the builder still has the layers that were scanned when it makes what is pushed."""
    is_on_digests = _made_anew(repo, pushed).has_fixed_bases
    commands = repo.invocations_in.get(pushed.text, ())
    return has_the_layers_of(pushed, scanned, commands, is_on_digests=is_on_digests)


def _copies_a_report(repo: Repository, pushed: Build, scanned: Build) -> bool:
    """Whether a scan between the two builds writes what it has found to where the second one copies it from."""
    if pushed.is_of_git:
        return False
    between = [
        one
        for one in repo.scans_in.get(pushed.text, ())
        if comes_before(scanned.step, scanned.location, one.step, one.location)
        and comes_before(one.step, one.location, pushed.step, pushed.location)
        and not (one.step and one.step.working_directory)
    ]
    written = (one.output.literal for one in between if one.output is not None)
    paths = [posixpath.normpath(path) for path in written if path and not path.startswith("/")]
    for context in repo.build_contexts:
        if (context.dockerfile.path, context.folder) == (pushed.dockerfile, pushed.folder):
            file = context.dockerfile
            stage = file.target_stage(pushed.target)
            stages = tuple(file.needed(stage)) if stage is not None else ()
            found = filter(None, map(context.own_path, paths))
            return any(next(copies_of(context, path, stages), None) is not None for path in found)
    return False


def _made_anew(repo: Repository, pushed: Build) -> MadeAnew:
    return made_anew(pushed, next((one for one in repo.dockerfiles if one.path == pushed.dockerfile), None))


def _is_said_to_be_kept(pushed: Build, scanned: Build) -> bool:
    """Whether a comment at the two builds, or between them, says that the second one is made from the cache.

    Of a platform that is made by the second one alone that is not so.
    """
    first, last = scanned.step, pushed.step
    if first is None or last is None or first.text is not last.text or len(pushed.platforms or ()) > 1:
        return False
    end = last.node.span.end
    said = comments_at(first, Location(last.text, Span(end, end)))
    return any(_REUSES.search(one) and _OF_PUSH.search(one) and not _DENIED.search(one) for one in said)


def _is_scanned(pushed: Build, repo: Repository) -> bool:
    """Whether something reads what the build has pushed, or may do so."""
    return any(
        may_refer_to(pushed, scan.subject)
        and comes_before(pushed.step, pushed.location, scan.step, scan.location)
        for scan in repo.scans_in.get(pushed.text, ())
    )


def _was_for(pushed: Build, scan: Scan, scanned: Build) -> bool:
    """Whether a scan read another, earlier build of what is pushed."""
    return (
        comes_before(scan.step, scan.location, pushed.step, pushed.location)
        and scanned.location != pushed.location
        and in_same_leg(scanned.scope, pushed.scope)
        and scanned.same_image_as(pushed)
        and _arguments(scanned) == _arguments(pushed)
    )


def _arguments(build: Build) -> frozenset[tuple[str, str]] | None:
    if build.build_args is None:
        return None
    return frozenset((one.name, one.written) for one in build.build_args)


def _finding(repo: Repository, pushed: Build, scan: Scan, scanned: Build) -> Finding:
    job = pushed.step.job if pushed.step else None
    elsewhere = scan.step is not None and scan.step.job is not job
    others = len(pushed.platforms or ()) > 1
    machine = " on another machine" if elsewhere else ""
    anew = _made_anew(repo, pushed)
    is_of_one_builder = is_of_its_builder(
        pushed, scanned, repo.invocations_in.get(pushed.text, ()), is_on_digests=anew.has_fixed_bases
    )
    why = (
        f": its {len(pushed.platforms or ())} platforms come from this build"
        if others and elsewhere
        else f": of its {len(pushed.platforms or ())} platforms the scan read one, as an earlier build made it"
        if others
        else ": its layers are the scanned ones only as long as the builder keeps them"
        if _is_kept(repo, pushed, scanned) and not _copies_a_report(repo, pushed, scanned)
        else ": what runs between the two builds may change a file that is copied, and the layers from there on are then others"
        if is_of_one_builder
        else _OTHERWISE[anew.has_fixed_base, anew.runs_nothing]
    )
    loud = Severity.WARNING if is_of_one_builder else None
    quiet = Severity.NOTE if is_of_one_builder else Severity.WARNING
    return Finding(
        message=f"What is pushed here is built anew{machine}; the scan read {code(scan.subject_location.fragment)}, an earlier build.",
        consequence=f"The registry gets an image whose digest no scan has seen{why}.",
        location=pushed.location,
        related=(
            Location(scan.location.text, scan.location.span, "scans the earlier build"),
            Location(scanned.text, scanned.location.span, "makes what is scanned"),
        ),
        fixes=_fixes(pushed, scan),
        severity=loud if (others or elsewhere) and scan.gates is not False else quiet,
    )


def _fixes(pushed: Build, scan: Scan) -> tuple[Fix, ...]:
    """Scans the pushed digest, by steps like the one that is there, one for each platform."""
    step, first = pushed.step, scan.step
    if step is None or first is None or first.uses is None or not first.uses_action(TRIVY_ACTION):
        return ()
    uses, condition = as_used_or_pinned(first.uses), _condition(step)
    name = _image_name(pushed)
    if not step.id or name is None or pushed.platforms is None or uses is None or condition is None:
        return ()
    image = f"{name}@${{{{ steps.{step.id}.outputs.digest }}}}"
    several = len(pushed.platforms) > 1
    texts = [
        _scan_step(first, uses, condition, image, platform if several else None)
        for platform in pushed.platforms or ("",)
    ]
    return offer(
        "scan the pushed digest too",
        Applicability.UNSAFE,
        *(insert_step_after(step, text) for text in texts),
        caution="The image is in the registry before the new step: does anything deploy it by its tag at once?",
    )


def _image_name(pushed: Build) -> str | None:
    """The image without its tag, as it is written, or as docker/metadata-action gets it; None if that can't be told."""
    tag = pushed.tags[0] if pushed.tags else None
    if tag is None or tag.item is None:
        return None
    if tag.generated is not None:
        return tag.value.rpartition(":")[0].literal
    named = _NAME.fullmatch(tag.item.text)
    return named["name"] if named else None


def _condition(step: Step) -> str | None:
    """Under which condition the step pushes, empty for always; None where that is not one plain text."""
    condition, push = step.condition, step.input("push")
    written = push.value.strip() if push else ""
    computed = written.removeprefix("${{").removesuffix("}}").strip() if "${{" in written else ""
    if condition is None:
        return computed if "${{" not in computed else None
    return None if computed or "\n" in condition.value else condition.text[condition.span]


def _scan_step(first: Step, uses: str, condition: str, image: str, platform: str | None) -> str:
    lines = ["name: Scan what was pushed" + (f" ({platform})" if platform else "")]
    lines += [f"if: {condition}"] if condition else []
    lines += [f"uses: {uses}"]
    lines += ["env:", f"  TRIVY_PLATFORM: {platform}"] if platform else []
    lines += ["with:", f"  image-ref: {image}"]
    for name in ("severity", "ignore-unfixed", "ignorefile", "trivyignores", "vuln-type", "scanners"):
        written = first.input(name)
        if written is not None and "\n" not in written.value:
            lines.append(f"  {name}: {written.text[written.span]}")
    return "\n".join([*lines, "  exit-code: '1'"])
