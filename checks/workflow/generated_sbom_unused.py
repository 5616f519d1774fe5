"""SBOM is written to a file that nothing reads

A step lists the packages of an image or a folder and writes them to a file; nothing later in the job reads
the file, uploads it or attests it. It is gone with the runner: the minutes are spent, and nobody has an SBOM.

Attest it with `cosign attest`, upload it, or leave the step out.

The check speaks if every step that follows is known to leave files alone which it does not name. It is silent
where the file's name stands anywhere else in the repository, where a step takes a pattern or a whole folder,
for actions and programs that may read the workspace, and on runners of one's own, where files stay.

References:

- https://github.com/anchore/syft#output-formats
- https://github.com/anchore/sbom-action#inputs
- https://docs.sigstore.dev/cosign/verifying/attestation/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from checks.check import (
    Attention,
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
)  # fmt: skip
from checks.facts.image.sboms import SBOM_ACTION, Sbom
from checks.facts.workflow.workflows import Job, Step
from checks.regex import regex

_HOSTED = regex(r"(?:ubuntu|macos|windows)-[\w.-]+")
"""GitHub's own runners, which are new for each job."""
_LEAVE_FILES = regex(
    r"docker/(?:login-action|setup-buildx-action|setup-qemu-action|metadata-action)|sigstore/cosign-installer"
    r"|aws-actions/[\w-]+|google-github-actions/auth|azure/login|aquasecurity/setup-trivy|anchore/[\w-]+/download-\w+"
    r"|actions/attest(?:-build-provenance|-sbom)?|step-security/harden-runner|slackapi/slack-github-action"
)
"""Actions that read no file of the workspace which their inputs don't name."""
_PROGRAMS = frozenset((
    "echo", "printf", "cosign", "crane", "skopeo", "kubectl", "helm", "aws", "gcloud", "az", "gh", "curl", "jq", "grype",
    "trivy", "syft", "docker", "test", "[", "exit", "set", "true", "sleep", "export", "cat", "grep", "tee", "cut", "head",
))  # fmt: skip
"""Programs that read no file which their arguments don't name."""
_WIDE = regex(
    r"[*?\[]|(?:^|[\s\"'=:])\.{1,2}/?(?=$|[\s\"',])|github\.workspace|GITHUB_WORKSPACE|PWD|pwd|\bbuild\b|\bbake\b"
)
"""A pattern, a folder as a whole, or a build, which may take any file."""
_HEAD = """\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
"""
_SYFT = """\
      - run: syft scan ghcr.io/acme/web:1 -o spdx-json=web.spdx.json
"""
_LAST = """\
      - run: echo "### done" >> "$GITHUB_STEP_SUMMARY"
"""

check = Check(
    id="generated-sbom-unused",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW, Kind.SCRIPT, Kind.MAKEFILE, Kind.ACTION, Kind.DOCKERFILE),
    scope=Scope.REPOSITORY,
    attention=Attention.CHECK_RUN,
    tags=("sbom",),
    examples=(
        Example(
            title="written by a command, and the job ends",
            files=_HEAD + _SYFT + _LAST,
            at="syft scan ghcr.io/acme/web:1 -o spdx-json=web.spdx.json",
        ),
        Example(
            title="written by an action that does not upload it",
            files=_HEAD
            + """\
      - uses: anchore/sbom-action@v0
        with: {image: 'ghcr.io/acme/web:1', output-file: web.spdx.json, upload-artifact: false}
"""
            + _LAST,
            at="anchore/sbom-action@v0",
        ),
        Example(
            title="uploaded, attested, judged, read by a script, or named in a Makefile",
            files=_HEAD
            + _SYFT
            + "      - uses: actions/upload-artifact@v4\n        with: {path: web.spdx.json}\n"
            + _HEAD.replace("push.yml", "attest.yml")
            + _SYFT.replace("web.", "api.")
            + "      - run: cosign attest --yes --predicate api.spdx.json ghcr.io/acme/api@$DIGEST\n"
            + _HEAD.replace("push.yml", "judge.yml")
            + _SYFT.replace("web.", "job.")
            + "      - run: grype sbom:./job.spdx.json\n"
            + _HEAD.replace("push.yml", "make.yml")
            + _SYFT.replace("web.", "cli.")
            + """\
-- Makefile --
upload:
	oras push ghcr.io/acme/cli cli.spdx.json && docker version
""",
        ),
        Example(
            title="a pattern, a folder, a build, a program and an action that may read it",
            files=_HEAD
            + _SYFT
            + "      - uses: actions/upload-artifact@v4\n        with: {path: '*.json'}\n"
            + _HEAD.replace("push.yml", "folder.yml")
            + _SYFT.replace("web.", "out/api.")
            + "      - run: aws s3 cp --recursive out s3://acme-sboms\n"
            + _HEAD.replace("push.yml", "build.yml")
            + _SYFT.replace("web.", "job.")
            + "      - run: docker build -t web .\n"
            + _HEAD.replace("push.yml", "program.yml")
            + _SYFT.replace("web.", "cli.")
            + "      - run: ./publish.sh\n"
            + _HEAD.replace("push.yml", "commit.yml")
            + _SYFT.replace("web.", "lib.")
            + "      - uses: peter-evans/create-pull-request@v7\n",
        ),
        Example(
            title="the action's own artifact, a name that is not known, a runner of one's own, standard output",
            files=_HEAD
            + "      - uses: anchore/sbom-action@v0\n        with: {image: 'ghcr.io/acme/web:1', output-file: web.spdx.json}\n"
            + _HEAD.replace("push.yml", "name.yml")
            + _SYFT.replace("web.spdx.json", "$FILE")
            + _HEAD.replace("push.yml", "own.yml").replace("ubuntu-latest", "self-hosted")
            + _SYFT.replace("web.", "own.")
            + _HEAD.replace("push.yml", "stdout.yml")
            + "      - run: syft scan ghcr.io/acme/web:1 -o spdx-json\n",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    told: set[Location] = set()
    for sbom in repo.sboms:
        if sbom.location not in told and _is_lost(repo, sbom) and not _is_named(repo, sbom):
            told.add(sbom.location)
            yield _finding(sbom)


def _is_hosted(job: Job) -> bool:
    return len(job.runs_on) == 1 and bool(_HOSTED.fullmatch(job.runs_on[0]))


def _is_lost(repo: Repository, sbom: Sbom) -> bool:
    """Whether nothing that follows in the job may read the file without naming it."""
    step = sbom.step
    if step is None or step.job is None or not sbom.file.literal or not _is_hosted(step.job):
        return False
    if step.uses_action(SBOM_ACTION):
        uploads = step.input("upload-artifact")
        if (
            uploads is None
            or uploads.as_bool() is not False
            or step.input_entry("dependency-snapshot") is not None
        ):
            return False
    folder = posixpath.dirname(sbom.file.literal).partition("/")[0]
    return _leaves_files(step, sbom) and all(_ignores(repo, one, folder) for one in step.later)


def _leaves_files(step: Step, sbom: Sbom) -> bool:
    """Whether the rest of the step's own script reads nothing but what it names."""
    if sbom.invocation is None:
        return True
    start = sbom.invocation.command.span.end
    rest = [one for one in sbom.invocation.script.commands if one.span.start > start]
    text = step.run.value[start:] if step.run else ""
    return not _WIDE.search(text) and all(one.program in _PROGRAMS for one in rest if one.words)


def _ignores(repo: Repository, step: Step, folder: str) -> bool:
    """Whether a step reads no file that it does not name, nor the folder that the SBOM lies in."""
    text = step.text[step.node.span]
    if folder and folder in text:
        return False
    if step.uses is not None:
        return bool(_LEAVE_FILES.fullmatch(step.uses.action)) and not _WIDE.search(_inputs(step))
    commands = [one.command for one in repo.invocations if one.step is step]
    known = all(one.program in _PROGRAMS and not one.uncertain for one in commands if one.words)
    return bool(commands) and known and step.run is not None and not _WIDE.search(step.run.value)


def _inputs(step: Step) -> str:
    return step.inputs.text[step.inputs.span] if step.inputs is not None else ""


def _is_named(repo: Repository, sbom: Sbom) -> bool:
    """Whether the file's name stands anywhere beside the command or the step that writes it."""
    name = posixpath.basename(sbom.file.literal or "")
    own = sbom.location.span if sbom.invocation is not None else sbom.step.node.span if sbom.step else None
    kinds = (Kind.WORKFLOW, Kind.SCRIPT, Kind.MAKEFILE, Kind.ACTION, Kind.DOCKERFILE)
    for text in (one for kind in kinds for one in repo.texts(kind)):
        content = text.content
        if text is sbom.location.text and own is not None:
            content = content[: own.start] + content[own.end :]
        if name in content:
            return True
    return False


def _finding(sbom: Sbom) -> Finding:
    return Finding(
        message=f"{code(sbom.file.literal or '')} is written, and nothing reads it.",
        consequence="The SBOM is gone with the runner: nobody can look anything up in it, neither beside the image nor in the run.",
        location=sbom.location,
    )
