"""Signatures and attestations that steps make, who signs them, and in which format they are stored.

https://github.com/sigstore/cosign/tree/main/doc (`cosign sign`, `cosign attest`): up to 2 signatures are
objects under tags `sha256-….sig`; from 3 on they are Sigstore bundles among an image's referrers, unless
`--new-bundle-format=false`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from checks.facts.identity.job_identity import certificate_identity
from checks.facts.image.cosign import UNKNOWN, Cosign, cosign_of
from checks.facts.image.pushes import Push
from checks.facts.image.references import Reference, reference
from checks.facts.policy.policies import BUNDLE, LEGACY
from checks.facts.script.command_lines import invocation as read_command
from checks.facts.script.invocations import Invocation
from checks.facts.value import Value, joined
from checks.facts.workflow.events import Event, RefKind
from checks.facts.workflow.job_events import of_job
from checks.facts.workflow.workflows import Job, Step, Workflow
from checks.record import Record
from checks.regex import regex
from checks.source.command_line import Arguments
from checks.source.snapshot import Edit
from checks.source.text import Location, Span
from checks.source.word import Word
from checks.source.yaml import Entry, Scalar
from checks.source.yaml_edit import delete_entry

ATTEST_ACTIONS = ("actions/attest", "actions/attest-build-provenance", "actions/attest-sbom")
_VERBS = {"cosign sign": "sign", "cosign attest": "attest"}
_KEYS = ("key", "sk", "certificate", "cert")
_OWN_SIGSTORE = (
    "fulcio-url",
    "oidc-issuer",
    "identity-token",
    "signing-config",
    "oidc-provider",
    "trusted-root",
)
PREDICATES = {
    "custom": "https://cosign.sigstore.dev/attestation/v1",
    "slsaprovenance": "https://slsa.dev/provenance/v0.2",
    "slsaprovenance02": "https://slsa.dev/provenance/v0.2",
    "slsaprovenance1": "https://slsa.dev/provenance/v1",
    "spdx": "https://spdx.dev/Document",
    "spdxjson": "https://spdx.dev/Document",
    "cyclonedx": "https://cyclonedx.org/bom",
    "link": "https://in-toto.io/Link/v1",
    "vuln": "https://cosign.sigstore.dev/attestation/vuln/v1",
    "openvex": "https://openvex.dev/ns",
}
"""cosign's short names of predicate types.

https://github.com/sigstore/cosign/blob/main/cmd/cosign/cli/options/predicate.go
"""
LEGACY_FLAGS = "--new-bundle-format=false --use-signing-config=false"
"""What has cosign 3 store a signature as cosign 2 did."""
SIGNATURE = "https://sigstore.dev/cosign/sign/v1"
"""The predicate type of a signature that is stored as a bundle."""

_FIXTURE = regex(r"(?:^|[/_-])(?:test-?data|fixtures?)(?:[/_-]|$)", re.IGNORECASE)
_UNSIGNED = regex(r"(?:^|[._-])(?:unsigned|not-signed)(?:[._-]|$)", re.IGNORECASE)


class CosignCall(Record, eq=False, dict=True):
    """A command of cosign, with its options."""

    invocation: Invocation
    name: str
    """`cosign sign`, `cosign attach sbom` …"""
    arguments: Arguments

    @property
    def location(self) -> Location:
        return self.invocation.location

    @property
    def step(self) -> Step | None:
        return self.invocation.step

    @cached_property
    def cosign(self) -> Cosign:
        """The cosign that runs it."""
        return cosign_of(self.step) if self.step else UNKNOWN

    @cached_property
    def variables(self) -> dict[str, str | None]:
        """Environment variables of cosign that are set for it: name to value, None for one that is not known."""
        found: dict[str, str | None] = {}
        step = self.step
        for env in reversed(step.environments) if step else ():
            for entry in env.entries:
                if isinstance(entry.key, Scalar):
                    value = entry.value.value if isinstance(entry.value, Scalar) else None
                    found[entry.key.value] = None if value is None or "${{" in value else value
        command = self.invocation.command
        earlier = (one for one in self.invocation.script.commands if one.span.start < command.span.start)
        exported = (a for one in earlier if one.sets_variables for a in one.assignments)
        for assignment in (*exported, *command.environment):
            found[assignment.name] = assignment.value.literal if assignment.value else None
        for script in (one.run.value for one in step.earlier if one.run) if step else ():
            if "GITHUB_ENV" in script and "COSIGN" in script:
                found["COSIGN_"] = None
        return found

    def variable(self, name: str) -> str | None:
        """The known value of an environment variable, empty where it is not set; None where that is unknown."""
        return None if "COSIGN_" in self.variables else self.variables.get(name, "")

    def flag(self, name: str, default: bool) -> bool | None:
        """A flag, given as an option or by its environment variable `COSIGN_…`; None if it is not known."""
        if self.arguments.span_of(name) is not None:
            return self.arguments.has(name)
        if not self.arguments.certain:
            return None
        value = self.variable("COSIGN_" + name.replace("-", "_").upper())
        if value == "":
            return default
        return None if value is None else value.lower() in ("1", "t", "true")

    def has_any(self, *names: str) -> bool:
        """Whether one of the options is given, as far as that can be seen."""
        return any(
            self.arguments.span_of(name) is not None
            or self.variable("COSIGN_" + name.replace("-", "_").upper()) != ""
            for name in names
        )

    @property
    def subjects(self) -> tuple[Word, ...]:
        """The images that it is called for."""
        return self.arguments.operands

    def with_option(self, text: str) -> Edit | None:
        """Adds an option behind the subcommand; None where that can't be placed."""
        verb = self.name.rpartition(" ")[2]
        word = next((one for one in self.invocation.command.arguments if one.literal == verb), None)
        return None if word is None else self.replaced(word.span, f"{verb} {text}", verb)

    def replaced(self, span: Span, text: str, written: str | None = None) -> Edit | None:
        """Puts a text in place of a span of the script; None where that can't be placed, or is not `written`."""
        place = self.invocation.place(span)
        source = self.invocation.script[span] if written is None else written
        return Edit(place.path, place.span, text) if place.fragment == source else None


class Signature(CosignCall, eq=False, dict=True):
    """A `cosign sign` or `cosign attest`."""

    @property
    def is_attestation(self) -> bool:
        return self.name == "cosign attest"

    @property
    def events(self) -> tuple[Event, ...] | None:
        return self.invocation.events

    @property
    def is_keyless(self) -> bool | None:
        """Whether Fulcio certifies the signer for it; None where that can't be told."""
        if self.has_any(*_KEYS):
            return False
        return None if not self.arguments.certain else True

    @property
    def uses_public_sigstore(self) -> bool:
        """Whether it certainly signs by the public instance with the token of the job."""
        return (
            self.is_keyless is True
            and not self.has_any(*_OWN_SIGSTORE)
            and (self.variable("SIGSTORE_ID_TOKEN") == "")
        )

    @property
    def format(self) -> str | None:
        """`legacy` or `bundle`, by cosign's release and its flags; None if it is not known."""
        major = self.cosign.major
        if major is None:
            return None
        bundle = self.flag("new-bundle-format", default=major >= 3)
        return None if bundle is None else BUNDLE if bundle else LEGACY

    @cached_property
    def references(self) -> tuple[tuple[Word, Reference], ...]:
        """The images that it signs, by the word that names each."""
        return tuple(
            (word, reference(value)) for word in self.subjects for value in self.invocation.values(word)
        )

    @cached_property
    def images(self) -> tuple[Value, ...]:
        """Registry and repository of each image that it signs."""
        return tuple(dict.fromkeys(name_of(one) for _, one in self.references))

    @property
    def predicate_type(self) -> str | None:
        """Of an attestation: the URI of its predicate type; None if it is not known."""
        written = self.arguments.last("type")
        if written is None:
            return (
                PREDICATES["custom"]
                if self.arguments.certain and self.arguments.last("statement") is None
                else None
            )
        return PREDICATES.get(written.literal, written.literal) if written.literal else None


def name_of(image: Reference) -> Value:
    """Registry and repository of an image, as it is written; of one on Docker Hub, whose registry has several names, without it."""
    if not image.host.parts or image.is_on_docker_hub:
        return image.path
    return joined((*image.host.parts, "/", *image.path.parts))


EXPERIMENTAL = "COSIGN_EXPERIMENTAL"


def experimental_of(step: Step) -> Entry | None:
    """The variable of a step's own that switched keyless signing on in cosign 1, where newer ones do without it."""
    entry = step.env.entry(EXPERIMENTAL) if step.env else None
    if (
        entry is None
        or not isinstance(entry.value, Scalar)
        or entry.value.value.lower() not in ("1", "true", "t")
    ):
        return None
    needed = step.run is not None and "registry-referrers-mode" in step.run.value
    return None if needed else entry


def without_experimental(step: Step) -> Edit | None:
    """Deletes that variable, with the block that it stands alone in."""
    entry, env = experimental_of(step), step.env
    if entry is None or env is None:
        return None
    if len(env.entries) > 1:
        return delete_entry(env, entry)
    block = step.node.entry("env")
    return delete_entry(step.node, block) if block else None


def calls_of(invocations: Iterable[Invocation]) -> tuple[CosignCall, ...]:
    """The commands of cosign that are certain."""
    return tuple(_calls(invocations))


def _calls(invocations: Iterable[Invocation]) -> Iterator[CosignCall]:
    for one in invocations:
        if one.command.uncertain or one.program not in ("cosign", "docker"):
            continue
        read = read_command(one.command)
        if read is None or not read.name.startswith("cosign ") or read.image is not None:
            continue
        kind = Signature if read.name in _VERBS else CosignCall
        yield kind(one, read.name, read.arguments)


class Signer(Record):
    """Who signs, for one event."""

    event: Event
    subject: Value
    """What Fulcio certifies."""
    job: Job
    """The job whose permissions decide: that which signs."""
    caller: Job | None = None
    """The job that calls the reusable workflow."""

    @property
    def may_sign(self) -> bool | None:
        """Whether the job gets an OIDC token; None where no `permissions:` are written."""
        jobs = [job for job in (self.job, self.caller) if job is not None]
        written = [job.permissions for job in jobs if job.permissions is not None]
        if any(one.access("id-token") != "write" for one in written):
            return False
        return True if len(written) == len(jobs) else None


def signers(
    job: Job, events: Iterable[Event], workflows: Iterable[Workflow], slug: str | None
) -> tuple[Signer, ...]:
    """Who signs in a job, for each event; callers of a reusable workflow in other repositories are left out."""
    found: list[Signer] = []
    path = job.workflow.path
    for event in events:
        if event.name != "workflow_call":
            found.append(Signer(event, certificate_identity(path, event, slug), job))
    if "workflow_call" in job.workflow.triggers:
        for caller in _callers(path, workflows):
            found += (
                Signer(event, certificate_identity(path, event, slug), job, caller)
                for event in of_job(caller)
                if event.name != "workflow_call"
            )
    return tuple(found)


def _callers(path: str, workflows: Iterable[Workflow]) -> Iterator[Job]:
    """The jobs of this repository that call a reusable workflow by its local path."""
    for workflow in workflows:
        for job in workflow.jobs:
            if job.uses is not None and job.uses.scalar.value == f"./{path}":
                yield job


def is_pull_request(event: Event) -> bool:
    """Whether an event's ref is that of a pull request."""
    return event.ref_kind is RefKind.PULL


def is_fixture(image: Reference, pushes: Iterable[Push]) -> bool:
    """Whether an image is made for tests of verification: its path says so, or the workflow pushes one beside it that is `unsigned`."""
    path = "".join(part if isinstance(part, str) else "*" for part in image.path.parts)
    return bool(_FIXTURE.search(path)) or any(
        one.reference.path == image.path and _UNSIGNED.search(one.reference.tag.literal or "")
        for one in pushes
        if one.reference.tag is not None
    )
