"""SBOM of a signed image stays an artifact of the run

The job pushes and signs the image, and what lists its packages is uploaded as a workflow artifact. Who pulls
the image can't find it there, nothing vouches for it, and it is deleted with the run's artifacts, after 90
days by default.

Attest it: `cosign attest --type spdxjson --predicate FILE IMAGE@DIGEST` signs the file and stores it beside
the image.

The check is silent where BuildKit adds an SBOM, where something attests or attaches one, where the file goes
into a release or to GitHub's dependency graph, and where a workflow of others is called, which may do that.

References:

- https://docs.sigstore.dev/cosign/verifying/attestation/
- https://github.com/sigstore/cosign/blob/main/cmd/cosign/cli/options/predicate.go
- https://github.com/actions/upload-artifact#inputs
"""

from __future__ import annotations

from collections.abc import Iterator

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
from checks.facts.image.image_flow import refers_to
from checks.facts.image.references import reference
from checks.facts.image.sboms import SBOM_ACTION, Sbom, clean
from checks.facts.image.signing import Signature, name_of
from checks.facts.mention import Mention
from checks.facts.scan.scans import Target
from checks.facts.tree import append_entry
from checks.facts.value import literal
from checks.facts.workflow.step_edits import insert_step_after
from checks.facts.workflow.workflows import Step

_OTHERWISE = Mention(r"attest|attach sbom|oras attach|slsa|release|dependency-(?:snapshot|submission)|bake")
"""What may bring an SBOM to those who use the image, as a workflow or a script names it."""
_TYPES = {
    ("syft", "spdx-json"): "spdxjson",
    ("syft", "cyclonedx-json"): "cyclonedx",
    ("trivy", "spdx-json"): "spdxjson",
    ("trivy", "cyclonedx"): "cyclonedx",
}
"""cosign's name for what a tool writes, by its format."""
_FILE = "sbom.spdx.json"
_HEAD = """\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
permissions: {contents: read, id-token: write}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v3.8.1
      - uses: docker/build-push-action@v7
        id: build
        with:
          context: .
          push: true
          tags: ghcr.io/acme/web:${{ github.sha }}
      - run: cosign sign --yes ghcr.io/acme/web@${{ steps.build.outputs.digest }}
"""
_SYFT = """\
      - run: syft scan ghcr.io/acme/web@${{ steps.build.outputs.digest }} -o cyclonedx-json=web.json
"""
_UPLOAD = """\
      - uses: actions/upload-artifact@v4
        with:
          name: sbom
          path: web.json
"""
_ACTION = """\
      - uses: anchore/sbom-action@v0
        with:
          image: ghcr.io/acme/web@${{ steps.build.outputs.digest }}
"""
_ATTEST = """\
      - name: Attest the SBOM
        env:
          IMAGE: ghcr.io/acme/web@${{{{ steps.build.outputs.digest }}}}
        run: cosign attest --yes --type {} --predicate {} "$IMAGE"
"""

check = Check(
    id="sbom-only-as-artifact",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.CHECK_RUN,
    tags=("sbom", "cosign", "attestation"),
    examples=(
        Example(
            title="a command writes it, another step uploads it",
            files=_HEAD + _SYFT + _UPLOAD,
            at="syft scan ghcr.io/acme/web@${{ steps.build.outputs.digest }} -o cyclonedx-json=web.json",
            fixed=_HEAD + _SYFT + _ATTEST.format("cyclonedx", "web.json") + _UPLOAD,
        ),
        Example(
            title="an action writes and uploads it",
            files=_HEAD + _ACTION,
            at="anchore/sbom-action@v0",
            fixed=_HEAD + _ACTION + f"          output-file: {_FILE}\n" + _ATTEST.format("spdxjson", _FILE),
        ),
        Example(
            title="it is attested, or attached",
            files=_HEAD
            + _SYFT
            + _UPLOAD
            + _ATTEST.format("cyclonedx", "web.json")
            + _HEAD.replace("push.yml", "other.yml").replace("acme/web", "acme/api")
            + _SYFT.replace("acme/web", "acme/api")
            + _UPLOAD,
        ),
        Example(
            title="BuildKit adds one",
            files=_HEAD.replace("push: true", "push: true\n          sbom: true") + _SYFT + _UPLOAD,
        ),
        Example(
            title="it is a file of the release",
            files=_HEAD + _SYFT + _UPLOAD + "      - run: gh release upload v1 web.json\n",
        ),
        Example(
            title="no signature, another image, a folder, a file that is not uploaded",
            files=_HEAD.partition("      - run: cosign")[0]
            + _SYFT
            + _UPLOAD
            + _HEAD.replace("push.yml", "base.yml")
            + _SYFT.replace("acme/web@${{ steps.build.outputs.digest }}", "acme/base:1")
            + _UPLOAD
            + _HEAD.replace("push.yml", "folder.yml")
            + _SYFT.replace("ghcr.io/acme/web@${{ steps.build.outputs.digest }}", "dir:.")
            + _UPLOAD
            + _HEAD.replace("push.yml", "kept.yml")
            + _SYFT,
        ),
        Example(
            title="the action neither uploads nor keeps it",
            files=_HEAD + _ACTION + "          upload-artifact: false\n",
        ),
        Example(
            title="a called workflow may attest it",
            files=_HEAD
            + _SYFT
            + _UPLOAD
            + "  more:\n    needs: push\n    uses: acme/workflows/.github/workflows/publish.yml@v1\n",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    if not repo.sboms or not repo.signatures or _may_be_elsewhere(repo):
        return
    told: set[Location] = set()
    for sbom in repo.sboms:
        signature = _signed(repo, sbom) if sbom.target is Target.IMAGE and _is_uploaded(sbom) else None
        if signature is not None and sbom.location not in told:
            told.add(sbom.location)
            yield _finding(sbom, signature)


def _may_be_elsewhere(repo: Repository) -> bool:
    """Whether an SBOM may reach those who use the image in another way."""
    if repo.attested_files or repo.github_attestations or any(one.is_attestation for one in repo.signatures):
        return True
    if any(job.calls_others for flow in repo.workflows for job in flow.jobs):
        return True
    if any(step.input_entry(name) is not None for step in repo.steps for name in ("sbom", "attests")):
        return True
    kinds = (Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE)
    return any(_OTHERWISE.is_in(text.content) for kind in kinds for text in repo.texts(kind))


def _is_uploaded(sbom: Sbom) -> bool:
    """Whether the SBOM certainly becomes an artifact of the run."""
    step = sbom.step
    if step is None or step.job is None:
        return False
    if step.uses_action(SBOM_ACTION):
        return step.input_entry("upload-artifact") is None
    return any(one.uses_action("actions/upload-artifact") and _names(one, sbom) for one in step.later)


def _names(upload: Step, sbom: Sbom) -> bool:
    path = upload.input("path")
    lines = path.value.split("\n") if path is not None else ()
    return sbom.file.literal is not None and any(clean(literal(line.strip())) == sbom.file for line in lines)


def _signed(repo: Repository, sbom: Sbom) -> Signature | None:
    """The command of the job that signs the image which the SBOM lists."""
    name = name_of(reference(sbom.source))
    for signature in repo.signatures:
        step = signature.step
        if step is None or sbom.step is None or step.job is not sbom.step.job or len(signature.images) != 1:
            continue
        values = [one for word in signature.subjects for one in signature.invocation.values(word)]
        if signature.images[0] == name and name.parts:
            return signature
        if any(
            refers_to(build, sbom.source) and refers_to(build, one)
            for build in repo.builds_as_written
            for one in values
        ):
            return signature
    return None


def _finding(sbom: Sbom, signature: Signature) -> Finding:
    what = code(sbom.file.literal) if sbom.file.literal else "The SBOM"
    return Finding(
        message=f"{what} lists what {code(str(signature.images[0]))} holds, and stays an artifact of the run.",
        consequence=(
            "Who pulls the signed image can't find it there, nothing vouches for it, and it is deleted with the artifacts, "
            "after 90 days by default."
        ),
        location=sbom.location,
        related=(Location(signature.location.text, signature.location.span, "signs the image"),),
        fixes=_fixes(sbom, signature),
    )


def _fixes(sbom: Sbom, signature: Signature) -> tuple[Fix, ...]:
    step, signing = sbom.step, signature.step
    type_ = _TYPES.get((sbom.tool, sbom.format or ""))
    word = signature.subjects[0] if len(signature.subjects) == 1 else None
    if step is None or signing is None or word is None or type_ is None or not signature.uses_public_sigstore:
        return ()
    file, more = sbom.file.literal, None
    if file is None and step.inputs is not None and type_ == "spdxjson":
        file, more = _FILE, append_entry(step.inputs, f"output-file: {_FILE}")
    image = signature.invocation.script[word.span].strip("\"'")
    if file is None or "$" in image.replace("${{", "") or signing.working_directory or step.working_directory:
        return ()
    lines = ["name: Attest the SBOM"]
    if signing.condition is not None:
        lines.append(f"if: {signing.text[signing.condition.span]}")
    lines += ["env:", f"  IMAGE: {image}"]
    lines.append(f'run: cosign attest --yes --type {type_} --predicate {file} "$IMAGE"')
    last = max((step, signing), key=lambda one: one.index)
    edits: list[Edit | None] = [insert_step_after(last, "\n".join(lines))]
    if sbom.file.literal is None:
        edits.insert(0, more)
    return offer(
        "attest the SBOM",
        Applicability.UNSAFE,
        *edits,
        caution=f"{sbom.tool.capitalize()} reads one platform: is the image for that one alone?",
    )
