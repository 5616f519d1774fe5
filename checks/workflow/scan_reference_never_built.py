"""Scan reads a tag that the job never built

The job builds an image and scans one of the same name under another tag. The scanner does not find that image
on the runner and asks the registry: there is none, and the step fails, or there is an older one, and the
report is about that while the new image goes out unseen.

Scan the tag that the build gives.

The check speaks if the names are the same, all tags that the repository gives to that name are known, and
none can be the one that is scanned. It is silent for images of other names, for jobs that pull or load
images, and where a step that it does not know may make one.

References:

- https://github.com/aquasecurity/trivy-action#inputs
- https://trivy.dev/latest/docs/target/container_image/
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
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builds import Build, Tag
from checks.facts.image.image_flow import in_same_leg
from checks.facts.image.references import Reference, reference
from checks.facts.image.tag_shapes import may_match
from checks.facts.scan.scans import Scan, Target
from checks.facts.tree import replace_value
from checks.facts.value import Value
from checks.facts.workflow.job_order import comes_before, in_same_run
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_KNOWN = (
    "actions/",
    "aws-actions/",
    "docker/",
    "aquasecurity/",
    "anchore/",
    "sigstore/",
    "github/codeql-action",
    "google-github-actions/auth",
    "azure/login",
)
"""Actions that make no image but by what `Build` knows."""
_MAKES_IMAGES = regex(
    r"\b(?:pull|load|import|compose|make|bake|commit|buildah|skopeo|crane|ctr|nerdctl|npm|yarn|mvn|gradlew?|\./)\b|\./",
)

check = Check(
    id="scan-reference-never-built",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("scan",),
    security_severity=4.0,
    examples=(
        Example(
            title="the commit is built, `latest` is scanned",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/build-push-action@v7
        with:
          context: .
          load: true
          tags: acme/web:${{ github.sha }}
      - uses: aquasecurity/trivy-action@v0.33.1
        with:
          image-ref: acme/web:latest
""",
            at="acme/web:latest",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/build-push-action@v7
        with:
          context: .
          load: true
          tags: acme/web:${{ github.sha }}
      - uses: aquasecurity/trivy-action@v0.33.1
        with:
          image-ref: acme/web:${{ github.sha }}
""",
        ),
        Example(
            title="commands; the scanned name has no tag",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          docker build -t web:test .
          trivy image web
""",
            at="web",
        ),
        Example(
            title="the tag of the build, one that another command gives, one that is not known, another name",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          docker build -t web:test .
          docker tag web:test web:latest
          trivy image web:test
          trivy image web:latest
          trivy image web:$TAG
          trivy image alpine:3.24
  another:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, tags: 'jobs:${{ github.sha }}'}
      - uses: aquasecurity/trivy-action@v0.33.1
        with: {image-ref: 'jobs:${{ github.sha }}'}
""",
        ),
        Example(
            title="the job pulls the image; a step that is not known may make it",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  pulls:
    runs-on: ubuntu-latest
    steps:
      - run: |
          docker build -t acme/web:test .
          docker pull acme/web:latest
          trivy image acme/web:latest
  unknown:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t acme/jobs:test .
      - uses: ./.github/actions/more
      - run: trivy image acme/jobs:latest
""",
        ),
        Example(
            title="another workflow pushes it",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          docker build -t acme/web:test .
          trivy image acme/web:latest
-- .github/workflows/release.yml --
on: {push: {tags: ['v*']}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'acme/web:latest'}
""",
        ),
        Example(
            title="by a digest, a folder of that name, after another job",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          docker build -t acme/web:test .
          trivy image acme/web@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
          trivy fs acme/web
  scan:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - run: trivy image acme/web:latest
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    if not repo.scans or repo.may_be_pushed_otherwise:
        return
    names = [tag.value for build in repo.builds_as_written for tag in build.tags]
    names += [push.value for push in repo.pushes] + [alias.target for alias in repo.aliases]
    for scan in repo.scans:
        if scan.target is not Target.IMAGE or scan.step is None or scan.subject.partition("@")[1]:
            continue
        own = [
            build for build in repo.builds_as_written_in.get(scan.location.text, ()) if _is_of(build, scan)
        ]
        if own and _is_certain(scan) and not any(_may_be(scan.subject, name) for name in names):
            yield _finding(scan, scan.step, own)


def _is_of(build: Build, scan: Scan) -> bool:
    """Whether a build makes an image of the scanned name ahead of the scan, on the same machine."""
    before = comes_before(build.step, build.location, scan.step, scan.location)
    if not before or not in_same_run(build.step, build.location, scan.step, scan.location):
        return False
    return in_same_leg(build.scope, scan.scope) and any(
        _has_same_name(tag.reference, reference(scan.subject)) for tag in build.tags
    )


def _has_same_name(one: Reference, other: Reference) -> bool:
    return one.host == other.host and one.path == other.path and one.path.literal is not None


def _is_certain(scan: Scan) -> bool:
    """Whether the scanned name is known, and no step of the job may bring another image."""
    job = scan.step.job if scan.step else None
    if job is None or scan.subject.is_unknown or not scan.subject.parts:
        return False
    for step in job.steps:
        if step.run is not None and _MAKES_IMAGES.search(step.run.value):
            return False
        if step.uses is not None and not step.uses.action.startswith(_KNOWN):
            return False
    return job.node.get("services") is None


def _may_be(subject: Value, name: Value) -> bool:
    """Whether a name that something gives may be the scanned one; False is certain."""
    mine, theirs = reference(subject), reference(name)
    if theirs.path.literal is None or theirs.host.is_unknown:
        return True
    if theirs.path != mine.path:
        return False
    wanted, given = mine.tag_or_default, theirs.tag_or_default
    if wanted.literal is not None:
        return may_match(wanted.literal, given)
    return given.literal is None or may_match(given.literal, wanted)


def _finding(scan: Scan, step: Step, builds: list[Build]) -> Finding:
    tags = [tag for build in builds for tag in build.tags]
    first = tags[0]
    return Finding(
        message=f"The scan reads {code(str(scan.subject))}, and the job builds {code(str(first.value))}.",
        consequence=(
            "The scanner finds no such image on the runner and asks the registry. "
            "The step fails, or it reports on an older image while the new one is not scanned at all."
        ),
        location=scan.subject_location,
        related=(Location(first.location.text, first.location.span, f"builds {code(str(first.value))}"),),
        fixes=_scan_the_build(step, tags),
    )


def _scan_the_build(step: Step, tags: list[Tag]) -> tuple[Fix, ...]:
    """Writes the one tag of the job's build into the scanner's input."""
    written = step.input("image-ref") or step.input("image")
    item = tags[0].item
    if written is None or item is None or len(tags) != 1 or tags[0].generated is not None:
        return ()
    return offer(
        "scan what the job builds",
        Applicability.UNSAFE,
        replace_value(written, item.text),
        caution="Is the scan meant for the image that this job builds?",
    )
