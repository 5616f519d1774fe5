"""Image is pushed without provenance

BuildKit notes by itself how an image is built: from which commit, which base images by digest, with which
arguments. `provenance: false` switches that off: nobody who gets the image can trace it to its source, and
policies or scanners that read the record find nothing.

Delete the input. The default is `mode=max` in a public repository, and `mode=min`, which leaves build
arguments out, in a private one. Where build arguments hold secrets, write `mode=min`.

The check is silent

- where a comment says why, at the same input of another workflow, too, unless that pushes to another registry
- for AWS Lambda, Heroku, `docker manifest create` and older media types, which take no index
- for pushes to Huawei's SWR and to Alibaba's `registry.….aliyuncs.com`, which refuse images with attestations
- for images whose Dockerfile lies in a folder of tests
- where the workflow counts the parts of an index, of which the record would be one more
- where the image expires in Quay by its label `quay.expires-after`: Quay goes by the labels that all parts of an index
  have, and an attestation has none; where no Dockerfile stands here for it, also if a script or Makefile speaks of that label
- where an action or a called workflow attests the image
- for builds that do not push, or only to a registry that the job has for itself, and from which it copies nothing on
- for the builder of the Docker daemon, which makes no attestations

With a record an image is an index, and what is in it has no tag: a workflow is named that deletes untagged packages, or all but
so many, of which an image takes several then.

References:

- https://docs.docker.com/build/metadata/attestations/slsa-provenance/
- https://github.com/docker/build-push-action#inputs
- https://docs.docker.com/build/ci/github-actions/attestations/
- https://github.com/karmada-io/karmada/pull/7188
- https://github.com/matrixorigin/matrixone-operator/issues/613
- https://github.com/actions/delete-package-versions/issues/162
- https://docs.projectquay.io/use_quay.html#setting-tag-expiration
- https://github.com/quay/quay/blob/master/data/model/oci/manifest.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from checks.check import (
    Applicability,
    Attention,
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
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.image.image_flow import is_copied_on
from checks.facts.image.metadata_action import ACTION
from checks.facts.image.references import Reference
from checks.facts.mention import Mention
from checks.facts.tree import Entry, Scalar, delete_entry, replace_value
from checks.facts.workflow.job_order import needed_jobs
from checks.facts.workflow.lists import items
from checks.facts.workflow.step_comments import comments_at
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_BUILDX = "docker/setup-buildx-action"
_QUAY = "quay.io"
_EXPIRY = "quay.expires-after"
"""The label by which Quay deletes a tag after a time."""
_EXPIRING = regex(r"\bquay\.expires-after\b|quay[ _-]?(?:image[ _-]?)?(?:expir|ttl)", re.IGNORECASE)
"""How workflows and what they run speak of it: `QUAY_IMAGE_EXPIRY`."""
_MADE = """\
-- Makefile --
catalog.Dockerfile:
	opm generate dockerfile catalog -l quay.expires-after=$(KEPT_FOR)
catalog: catalog.Dockerfile
	docker build -f catalog.Dockerfile .
"""
_UNLABELLED = """\
-- Dockerfile --
FROM alpine:3.24 AS test
LABEL quay.expires-after=1d
FROM alpine:3.24
# releases have no quay.expires-after
"""
_ATTESTS = regex(r"attest|slsa|provenance|setup-chalk", re.IGNORECASE)
_NO_INDEX = Mention(
    r"lambda|heroku|manifest create|manifest-tool|manifest-action|docker-manifest|create-manifest|oci-mediatypes=false"
    r"|BUILDX_NO_DEFAULT_ATTESTATIONS"
)
"""What takes no index, as a workflow or Terraform names it, and what switches all defaults off."""
_REFUSING = regex(r"\bswr\.[\w-]+\.myhuaweicloud\.com\b|\bregistry\.[\w-]+\.aliyuncs\.com\b")
"""Registries that refuse attestations: with them the push of all tags of a build fails."""
_PULLS = regex(r"\bpull\b")
_DELETES = "actions/delete-package-versions"
_NUMBERS = ("min-versions-to-keep", "num-old-versions-to-delete")
_IDS = "package-version-ids"
_NO_IMAGES = ("maven", "npm", "nuget", "rubygems")
_OF_GITHUB = ("ghcr.io", "docker.pkg.github.com")
_OF_CONTAINERS = regex(r"\bpackages/container/")
_BY_DELETE = regex(r"(?:-X|--method)[ =]?[\"']?DELETE\b")
_WITHOUT_TAG = regex(r"\buntagged\b|\btags\s*\|\s*length\s*\)?\s*==\s*0", re.IGNORECASE)
"""How scripts choose the versions of a package that have no tag.

https://docs.github.com/en/rest/packages/packages#delete-a-package-version-for-an-organization
"""
_ABOUT = r"(?:provenance|attestation|unknown/unknown|manifest list)"
_REASON = regex(rf"^[^\n\"']*#[^\n]*{_ABOUT}", re.MULTILINE | re.IGNORECASE)
"""A comment on why an image has no attestation."""
_ON_ATTESTATIONS = regex(_ABOUT, re.IGNORECASE)
_WORD = regex(r"\w+")
_WHAT_IS_OFF = regex(
    r"a|and|are|attestations?|build|buildx|by|default|disabled?|do|docker|don|false|for|generat(?:e|ion)|images?|is|it|no|not|now|of|off"
    r"|or|provenance|push|sboms?|skip|switch|t|the|this|turn|we|without"
)
"""Words of comments that say that there are no attestations, and not why: `disable provenance and SBOM`."""
_FEWEST_WORDS = 3
"""The other words that a reason has at least: `GHCR shows unknown/unknown`."""
_CAUSE = regex(
    r"\b(?:because|since|as|so\s+that|otherwise|shows?|finds?\s+no|hides?|breaks?|confuses?|rejects?|refuses?|fails?|cannot|can['’]t"
    r"|unknown/unknown|manifest\s+(?:lists?|ind(?:ex|exes|ices)))\b",
    re.IGNORECASE,
)
_TO_COME = regex(r"\b(?:todo|fixme|again|re-?enabl\w*|should|temporar\w*|for\s+now)\b", re.IGNORECASE)
"""What is to be otherwise is no decision for others."""
_SECRET = regex(r"\bsecrets\.|github\.token")
_HEAD = """\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/setup-buildx-action@v4
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ghcr.io/acme/web:${{ github.sha }}
"""
_OFF = "          provenance: false\n"
_JOIN = """\
-- .github/workflows/join.yml --
on: workflow_dispatch
jobs:
  join:
    runs-on: ubuntu-latest
    steps:
      - run: docker manifest create ghcr.io/acme/web:1 ghcr.io/acme/web:amd64 ghcr.io/acme/web:arm64
"""
_CLEAN = """\
-- .github/workflows/clean.yml --
on: {schedule: [{cron: '5 4 * * 0'}]}
permissions: {packages: write}
jobs:
  clean:
    runs-on: ubuntu-latest
    timeout-minutes: 9
    steps:
      - uses: actions/delete-package-versions@v5
        with: {package-name: web, package-type: container, min-versions-to-keep: 9, delete-only-untagged-versions: true}
"""
_ARGUMENT = "          build-args: TOKEN=${{ secrets.TOKEN }}\n"

check = Check(
    id="provenance-disabled",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.TERRAFORM, Kind.SCRIPT, Kind.MAKEFILE),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.CHECK_RUN,
    tags=("provenance", "attestation", "build"),
    examples=(
        Example(title="switched off on a push", files=_HEAD + _OFF, at="provenance: false", fixed=_HEAD),
        Example(
            title="an image for the scan of one run",
            files=(_HEAD + _OFF).replace("${{ github.sha }}", "scan-${{ github.run_id }}"),
        ),
        Example(
            title="the parts of the index are counted afterwards",
            files=(_HEAD + _OFF).replace("ghcr.io/", "")
            + "      - run: docker buildx imagetools inspect --raw acme/web | jq -e '(.manifests | length) == 2'\n",
        ),
        Example(
            title="an image of the tests",
            files=_HEAD.replace("context: .", "context: tests/e2e").replace("ghcr.io/", "")
            + _OFF
            + "-- tests/e2e/Dockerfile --\nFROM mcr.microsoft.com/playwright:v1.60.0\nCMD npm test\n",
        ),
        Example(
            title="the registry is one that the job starts, and it copies the image on from there",
            files=(_HEAD + _OFF).replace("ghcr.io", "localhost:5000")
            + "      - run: crane copy localhost:5000/acme/web:${{ github.sha }} ghcr.io/acme/web:1\n",
            at="provenance: false",
            fixed=_HEAD.replace("ghcr.io", "localhost:5000")
            + "      - run: crane copy localhost:5000/acme/web:${{ github.sha }} ghcr.io/acme/web:1\n",
        ),
        Example(
            title="the registry is one that the job starts for its tests",
            files=(_HEAD + _OFF).replace("ghcr.io", "localhost:5000"),
        ),
        Example(
            title="build arguments hold a secret",
            files=_HEAD + _OFF + _ARGUMENT,
            at="provenance: false",
            fixed=_HEAD + _OFF.replace("false", "mode=min") + _ARGUMENT,
        ),
        Example(
            title="it is on, the step does not push, the builder is the daemon's own",
            files=_HEAD
            + _OFF.replace("false", "mode=max")
            + _HEAD.replace("push.yml", "test.yml").replace("push: true", "push: false")
            + _OFF
            + _HEAD.replace("push.yml", "load.yml").replace("push: true", "outputs: type=docker,dest=web.tar")
            + _OFF
            + _HEAD.replace("push.yml", "daemon.yml").replace(
                "      - uses: docker/setup-buildx-action@v4\n", ""
            )
            + _OFF,
        ),
        Example(
            title="a comment says why, behind the input, above it, or on the step",
            files=_HEAD
            + _OFF.replace("\n", " # the registry's page shows unknown/unknown otherwise\n")
            + _HEAD.replace("push.yml", "above.yml")
            + "          # the edge devices' runtime takes no index\n"
            + _OFF
            + _HEAD.replace("push.yml", "step.yml").replace(
                "      - uses: docker/build",
                "      # A plain manifest: attestations confuse the old mirror\n      - uses: docker/build",
            )
            + _OFF,
        ),
        Example(
            title="a comment in another workflow says why, for the same registry, and for one that isn't known",
            files=_HEAD
            + _OFF
            + _HEAD.replace("push.yml", "nightly.yml")
            + "          # GitHub finds no label of an image in a manifest list, and the package stays without its repository\n"
            + _OFF
            + _HEAD.replace("push.yml", "edge.yml").replace("ghcr.io/acme/web", "${{ vars.IMAGE }}")
            + _OFF,
        ),
        Example(
            title="comments in other workflows: not why, not of a push, for another registry, on a record that is made",
            files=_HEAD
            + _OFF
            + _HEAD.replace("push.yml", "nightly.yml")
            + "          # Disable provenance and SBOM attestations for now\n"
            + _OFF
            + _HEAD.replace("push.yml", "test.yml").replace("push: true", "push: false")
            + "          # attestations confuse the scanner of the old mirror\n"
            + _OFF
            + _HEAD.replace("push.yml", "mirror.yml").replace("ghcr.io", "mirror.acme.example")
            + "          # attestations confuse the old mirror: it shows unknown/unknown\n"
            + _OFF
            + _HEAD.replace("push.yml", "later.yml")
            + "          # TODO: the registry's page shows unknown/unknown, enable attestations again\n"
            + _OFF
            + _HEAD.replace("push.yml", "wish.yml")
            + "          # Customers of the shop asked about provenance last year\n"
            + _OFF
            + _HEAD.replace("push.yml", "release.yml")
            + "          # the auditors read the provenance of each image that customers get\n"
            + _OFF.replace("false", "mode=max"),
            at="provenance: false",
            fixed=_HEAD,
        ),
        Example(
            title="a Lambda function runs the image",
            files=_HEAD
            + _OFF
            + "      - run: aws lambda update-function-code --function-name web --image-uri ghcr.io/acme/web:${{ github.sha }}\n",
        ),
        Example(
            title="registries that refuse attestations: by a tag, among other tags, and where the tag comes from a script",
            files=_HEAD.replace("ghcr.io", "swr.cn-east-3.myhuaweicloud.com")
            + _OFF
            + _HEAD.replace("push.yml", "both.yml").replace(
                "tags: ghcr.io", "tags: registry.cn-hangzhou.aliyuncs.com/acme/web:1,ghcr.io"
            )
            + _OFF
            + _HEAD.replace("push.yml", "named.yml").replace(
                "tags: ghcr.io/acme/web:${{ github.sha }}", "tags: ${{ steps.name.outputs.image }}"
            )
            + _OFF
            + "env: {REGISTRY: swr.cn-east-3.myhuaweicloud.com}\n",
        ),
        Example(
            title="a registry that refuses attestations, which another build of the file pushes to",
            files=_HEAD + _OFF + "      - run: docker push registry.cn-hangzhou.aliyuncs.com/acme/tools:1\n",
            at="provenance: false",
            fixed=_HEAD + "      - run: docker push registry.cn-hangzhou.aliyuncs.com/acme/tools:1\n",
        ),
        Example(
            title="a comment names a registry that refuses attestations, and a pull is from one",
            files=_HEAD.replace("ghcr.io/acme/web", "${{ vars.IMAGE }}")
            + _OFF
            + "      # as registry.cn-hangzhou.aliyuncs.com has it\n      - run: docker pull registry.cn-hangzhou.aliyuncs.com/acme/tools:1\n",
            at="provenance: false",
            fixed=_HEAD.replace("ghcr.io/acme/web", "${{ vars.IMAGE }}")
            + "      # as registry.cn-hangzhou.aliyuncs.com has it\n      - run: docker pull registry.cn-hangzhou.aliyuncs.com/acme/tools:1\n",
        ),
        Example(
            title="another workflow deletes what has no tag, as what is in an index has not",
            files=_HEAD + _OFF + _CLEAN,
            at="provenance: false",
            fixed=_HEAD,
        ),
        Example(
            title="what is pushed to Quay expires by a label of the Dockerfile",
            files=_HEAD.replace("ghcr.io", "quay.io")
            + _OFF
            + """\
-- Dockerfile --
FROM alpine:3.24
ARG KEPT_FOR=1w
LABEL quay.expires-after=$KEPT_FOR
""",
        ),
        Example(
            title="the same by the step",
            files=_HEAD.replace("ghcr.io", "quay.io") + _OFF + "          labels: quay.expires-after=2w\n",
        ),
        Example(
            title="the same by a step whose answer it takes",
            files=_HEAD.replace("ghcr.io", "quay.io").replace(
                "      - uses: docker/build",
                "      - id: meta\n        uses: docker/metadata-action@v6\n        with:\n"
                "          images: quay.io/acme/web\n          labels: quay.expires-after=2w\n      - uses: docker/build",
                1,
            )
            + _OFF
            + "          labels: ${{ steps.meta.outputs.labels }}\n",
        ),
        Example(
            title="the same by what writes the Dockerfile, or by a variable that says so",
            files=_HEAD.replace("ghcr.io", "quay.io").replace("context: .", "file: catalog.Dockerfile")
            + _OFF
            + _HEAD.replace("ghcr.io", "quay.io")
            .replace("push.yml", "nightly.yml")
            .replace("context: .", "file: nightly.Dockerfile")
            + _OFF
            + "env: {QUAY_IMAGE_EXPIRY: 1w}\n"
            + _MADE,
        ),
        Example(
            title="of two Dockerfiles one is written by a command, and the other one stands here without the label",
            files=_HEAD.replace("ghcr.io", "quay.io") + _OFF + "-- Dockerfile --\nFROM alpine:3.24\n" + _MADE,
            at="provenance: false",
            fixed=_HEAD.replace("ghcr.io", "quay.io"),
        ),
        Example(
            title="a comment names that label, and a stage that is not pushed has it",
            files=_HEAD.replace("ghcr.io", "quay.io") + _OFF + _UNLABELLED,
            at="provenance: false",
            fixed=_HEAD.replace("ghcr.io", "quay.io"),
        ),
        Example(
            title="another registry knows no such label",
            files=_HEAD + _OFF + "          labels: quay.expires-after=2w\n",
            at="provenance: false",
            fixed=_HEAD + "          labels: quay.expires-after=2w\n",
        ),
        Example(
            title="the platforms are joined by a command that takes no index",
            files=_HEAD + _OFF + _JOIN,
        ),
        Example(
            title="GitHub's action attests how it was built",
            files=_HEAD
            + _OFF
            + """\
      - uses: actions/attest-build-provenance@v4
        with: {subject-name: ghcr.io/acme/web, subject-digest: '${{ steps.build.outputs.digest }}'}
""",
        ),
        Example(
            title="a tool around docker writes a record of its own",
            files=_HEAD.replace(
                "      - uses: docker/build",
                "      - uses: crashappsec/setup-chalk-action@main\n      - uses: docker/build",
                1,
            )
            + _OFF,
        ),
        Example(
            title="a called workflow does",
            files=_HEAD
            + _OFF
            + """\
  provenance:
    needs: push
    uses: slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@v2.1.0
""",
        ),
    ),
)
_OF_TESTS = regex(
    r"(?:^|/)(?:tests?|e2e|cypress|playwright|k6|(?:acceptance|e2e|integration|load|performance|smoke|stress|system|unit)[-_]?tests?)/",
    re.IGNORECASE,
)
"""Folders whose Dockerfiles are of tests alone, and of no product."""
_COUNTS_PARTS = regex(r"\.manifests\s{0,9}\|\s{0,9}length\b")
"""What asks how many parts an index has, of which a record of the build would be one more."""


class _Deletion(NamedTuple):
    """A step that deletes versions of packages."""

    place: Location
    is_by_number: bool
    """Whether it counts them, tagged or not."""


def run(repo: Repository) -> Iterator[Finding]:
    switched_off = list(_without_record(repo))
    if not switched_off or _is_meant(repo):
        return
    deletions = list(filter(None, map(_deletion, repo.steps)))
    reasons = [one for one in repo.builds if _is_push_by_action(repo, one) and _says_why(one.step)]
    for build, step, entry in switched_off:
        if not any(one.text is not build.text and _may_share_registry(one, build) for one in reasons):
            cleaning = deletions[0] if deletions and _is_package(build) else None
            yield _finding(step, entry, _caution(build, cleaning, is_joined=_is_joined(repo, build)))


def _without_record(repo: Repository) -> Iterator[tuple[Build, Step, Entry]]:
    """The pushes of which the record would be made, if it were not for an input without a comment."""
    told: set[Step] = set()
    for build in repo.builds:
        step = build.step
        if step is None or step in told or not _is_push_by_action(repo, build):
            continue
        told.add(step)
        entry = _switched_off(step)
        if entry is None or _is_of_one_run(step) or _is_refused(build) or _expires(repo, build):
            continue
        if build.dockerfile is not None and _OF_TESTS.search(build.dockerfile):
            continue
        if _COUNTS_PARTS.search(step.text.content):
            continue
        if _makes_attestations(build):
            yield build, step, entry


def _is_refused(build: Build) -> bool:
    """Whether it pushes to a registry that refuses attestations, or to one that isn't known, and its file names such."""
    hosts = {_host(tag.reference) for tag in build.tags} or {None}
    refusing = any(_REFUSING.search(line) for line in _lines_said(build))
    return refusing and (None in hosts or any(_REFUSING.fullmatch(host) for host in hosts if host))


def _expires(repo: Repository, build: Build) -> bool:
    """Whether Quay, or a registry that is not known, may delete the image after a time, which its label names."""
    hosts = {_host(tag.reference) for tag in build.tags} or {None}
    is_labelled = (
        _is_labelled_by_job(build.step)
        or _may_be_labelled(repo, build)
        or any(
            (pair.name.literal or "") == _EXPIRY
            for one in repo.dockerfiles
            if build.dockerfile in (None, one.path)
            for stage in _made_of(one, build)
            for it in stage.instructions
            if it.keyword == "LABEL"
            for pair in it.pairs
        )
    )
    return is_labelled and not hosts.isdisjoint((None, _QUAY))


def _may_be_labelled(repo: Repository, build: Build) -> bool:
    """Whether the Dockerfile is made by a command that may write the label, or not known, and something here speaks of such."""
    if any(one.path == build.dockerfile for one in repo.dockerfiles):
        return False
    kinds = (Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE)
    texts = (build.text, *(text for kind in kinds for text in repo.texts(kind)))
    return any(_EXPIRING.search(text.content) for text in texts)


def _is_labelled_by_job(step: Step | None) -> bool:
    """Whether `labels` of a build's step has it, or of one of the same job whose answer that takes."""
    own = step.input("labels") if step is not None else None
    makers = step.job.steps if step is not None and step.job and own and "steps." in own.value else ()
    given = (own, *(one.input("labels") for one in makers if one.uses_action(ACTION)))
    return any(_EXPIRY in item.text for one in given if one is not None for item in items(one, commas=False))


def _made_of(dockerfile: Dockerfile, build: Build) -> Sequence[Stage]:
    """The stages whose labels the image has; all where the target is not known."""
    final = dockerfile.target_stage(build.target)
    return dockerfile.stages if final is None else dockerfile.ancestry(final)


def _lines_said(build: Build) -> Iterator[str]:
    """The lines of the build's file but for comments, and for what is only pulled."""
    return (
        line.partition(" #")[0]
        for line in build.text.content.splitlines()
        if not line.lstrip().startswith("#") and not _PULLS.search(line)
    )


def _deletion(step: Step) -> _Deletion | None:
    """Where versions of container packages are deleted that have no tag, or that are too many."""
    run, uses = step.run, step.uses
    if run is not None and all(one.search(run.value) for one in (_OF_CONTAINERS, _BY_DELETE, _WITHOUT_TAG)):
        return _Deletion(Location(step.text, run.span), False)
    kind, flag = step.input("package-type"), step.input("delete-only-untagged-versions")
    if (
        uses is None
        or not step.uses_action(_DELETES)
        or step.input_entry(_IDS)
        or (kind is not None and kind.value.lower() in _NO_IMAGES)
    ):
        return None
    is_of_untagged = flag is not None and flag.as_bool() is True
    is_by_number = any(step.input_entry(name) for name in _NUMBERS)
    place = uses.location
    return _Deletion(place, not is_of_untagged) if is_of_untagged or is_by_number else None


def _is_push_by_action(repo: Repository, build: Build) -> bool:
    if build.step is None or not build.step.uses_action(BUILD_PUSH):
        return False
    job = build.step.job
    return build.may_publish or is_copied_on(build, repo.aliases_of.get(job, ()) if job else ())


def _is_of_one_run(step: Step) -> bool:
    """Whether each tag names the run: the image is there for its other jobs, a scan perhaps, and for nobody else."""
    tags = step.input("tags")
    names = [name for name in re.split(r"[,\n]", tags.value) if name.strip()] if tags is not None else []
    return bool(names) and all("github.run_id" in name for name in names)


def _switched_off(step: Step) -> Entry | None:
    """The input, if it says no more than `false`, and no comment stands beside it."""
    entry, written = step.input_entry("provenance"), step.input("provenance")
    if (
        entry is None
        or written is None
        or written.as_bool() is not False
        or step.input_entry("attests") is not None
    ):
        return None
    return None if _has_comment(entry) else entry


def _has_comment(entry: Entry) -> bool:
    """Whether a comment stands behind the input or on the line above, or another one in the file says why."""
    text, line = entry.key.text, entry.key.text.line_of(entry.span.start)
    above = text[text.line(line - 1)].lstrip() if line > 1 else ""
    if above.startswith("#") or "#" in text.content[entry.span.end : text.line(line).end]:
        return True
    return bool(_REASON.search(text.content))


def _says_why(step: Step | None) -> bool:
    """Whether it switches the record off, and a comment up to there gives a cause for that."""
    entry, written = (step.input_entry("provenance"), step.input("provenance")) if step else (None, None)
    if step is None or entry is None or written is None or written.as_bool() is not False:
        return False
    return any(
        _ON_ATTESTATIONS.search(said)
        and _CAUSE.search(said)
        and not _TO_COME.search(said)
        and sum(not _WHAT_IS_OFF.fullmatch(word) for word in _WORD.findall(said.lower())) >= _FEWEST_WORDS
        for said in comments_at(step, Location(step.text, entry.span))
    )


def _may_share_registry(one: Build, other: Build) -> bool:
    """Whether two builds push to one registry, as far as is known."""
    hosts, others = ({_host(tag.reference) for tag in build.tags} for build in (one, other))
    return not hosts or not others or None in hosts | others or not hosts.isdisjoint(others)


def _is_package(build: Build) -> bool:
    """Whether it pushes to GitHub's registry, as far as is known."""
    hosts = {_host(tag.reference) for tag in build.tags}
    return not hosts or not hosts.isdisjoint((None, *_OF_GITHUB))


def _host(name: Reference) -> str | None:
    """The registry of an image, empty for Docker Hub; None where it is not known."""
    begins = name.host.parts or name.path.parts
    if not begins or not isinstance(begins[0], str):
        return None
    return "" if name.is_on_docker_hub else name.host.literal


def _makes_attestations(build: Build) -> bool:
    """Whether the build certainly runs in a builder that makes attestations, for an exporter that keeps them."""
    job = build.step.job if build.step else None
    if job is None or build.step is None or build.loads is not False or build.outputs is None:
        return False
    if any(output.type not in ("image", "registry") for output in build.outputs):
        return False
    return any(
        one.uses_action(_BUILDX) and one.input_entry("driver") is None and one.condition is None
        for one in build.step.earlier
    )


def _is_meant(repo: Repository) -> bool:
    """Whether something takes no index, or attests the image in another way."""
    kinds = (Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.TERRAFORM)
    texts = (text for kind in kinds for text in repo.texts(kind))
    if any(_NO_INDEX.is_in(text.content) for text in texts):
        return True
    return any(_ATTESTS.search(use.scalar.value) for use in repo.action_uses) or any(
        one.is_attestation for one in repo.signatures
    )


def _is_joined(repo: Repository, build: Build) -> bool:
    """Whether what has no tag gets one as a part of an index, in a job behind it: whoever pulls that takes an index."""
    job = build.step.job if build.step else None
    behind = (
        [one for one in job.workflow.jobs if job in needed_jobs(one)] if job and build.is_by_digest else []
    )
    return any(
        alias.invocation.subcommand("buildx", "imagetools", "create")
        for one in behind
        for alias in repo.aliases_of.get(one, ())
    )


def _finding(step: Step, entry: Entry, caution: str) -> Finding:
    return Finding(
        message=f"{code('provenance: false')} pushes the image without a record of how it was built.",
        consequence=(
            "Policies and scanners that read the record, with the base images by digest in it, find none; BuildKit would add it by itself."
        ),
        location=Location(step.text, entry.span),
        fixes=_fixes(step, entry, caution),
    )


def _caution(build: Build, cleaning: _Deletion | None, *, is_joined: bool) -> str:
    if cleaning is not None:
        place = f"{cleaning.place.path}:{cleaning.place.line}"
        if cleaning.is_by_number:
            return f"{place} deletes versions by number, of which an index takes one more for each part: does that keep enough of them, with their parts?"
        return (
            f"{place} deletes versions without a tag, and what an index consists of has none: "
            "does that keep the image and its record?"
        )
    if is_joined or len(build.platforms or ()) > 1:
        return "Does something that reads the index trip over entries for `unknown/unknown`, which the attestations are?"
    return "Does something that pulls the image take no index, as AWS Lambda does?"


def _fixes(step: Step, entry: Entry, caution: str) -> tuple[Fix, ...]:
    arguments = step.input("build-args")
    has_secret = arguments is not None and bool(_SECRET.search(arguments.value))
    edit: Edit | None = None
    if has_secret and isinstance(entry.value, Scalar):
        edit = replace_value(entry.value, "mode=min")
    elif step.inputs is not None:
        edit = delete_entry(step.inputs, entry)
    title = (
        "record the build without its arguments"
        if has_secret
        else "leave the default, which records the build"
    )
    return offer(title, Applicability.UNSAFE, edit, caution=caution)
