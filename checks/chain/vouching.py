"""The links that let a cluster trust an image: signatures and attestations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.chain.elsewhere import Elsewhere, Tool
from checks.chain.links import Kind, Link, State
from checks.chain.making import extent_of
from checks.chain.names import Name, Names
from checks.chain.subjects import Subject
from checks.check import Location, Repository, code
from checks.facts.build.builds import BUILD_PUSH, DEPOT, Build
from checks.facts.image.cosign import INSTALLER
from checks.facts.image.github_attestations import GitHubAttestation
from checks.facts.image.references import reference
from checks.facts.image.signing import ATTEST_ACTIONS, PREDICATES, Signature
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_SIGNER = Tool(
    "signs",
    regex(r"\b(?:cosign|notation)\b|(?<![\w-])sign(?![\w-])"),
    regex(r"(?<!code)(?<!as)sign|slsa|notary|notation"),
)
_ATTESTER = Tool("attests", regex(r"\bcosign (?:attest|attach)\b"), regex(r"attest|slsa|provenance"))
_MANAGED = regex(r"signing_configuration")
"""ECR's managed signing: https://docs.aws.amazon.com/AmazonECR/latest/userguide/managed-signing.html"""
_KINDS = {
    "https://spdx.dev/Document": "an SBOM (SPDX)",
    "https://cyclonedx.org/bom": "an SBOM (CycloneDX)",
    PREDICATES["slsaprovenance"]: "provenance",
    PREDICATES["slsaprovenance1"]: "provenance",
    PREDICATES["vuln"]: "a scan's report",
    PREDICATES["openvex"]: "VEX",
}
"""What predicate types are called."""


class Vouched:
    """Which signatures and attestations are of which images."""

    def __init__(self, repo: Repository, names: Names, elsewhere: Elsewhere) -> None:
        self._repo, self._elsewhere = repo, elsewhere
        self._signed: dict[Name, list[Signature]] = {}
        self._attested: dict[Name, list[Link]] = {}
        self._types: dict[Name, set[str]] = {}
        self._unsure: dict[Kind, Location] = {}
        for signature in repo.signatures:
            self._add(signature, names)
        for attestation in repo.github_attestations:
            self._add_github(attestation, names)
        self._known = [call.location for call in repo.cosign_calls]
        self._known += [step.location for step in repo.steps if step.uses_action(INSTALLER, *ATTEST_ACTIONS)]

    def _add(self, signature: Signature, names: Names) -> None:
        found = [names.find(image, signature.location) for _, image in signature.references]
        if not found or None in found:
            kind = Kind.ATTEST if signature.is_attestation else Kind.SIGN
            self._unsure.setdefault(kind, signature.location)
        for name in dict.fromkeys(filter(None, found)):
            if not signature.is_attestation:
                self._signed.setdefault(name, []).append(signature)
                continue
            place = signature.location
            what, extent = _called(signature.predicate_type), extent_of(signature.step, place)
            link = Link(Kind.ATTEST, State.SEEN, what, "", place, extent)
            self._attested.setdefault(name, []).append(link)
            self._types.setdefault(name, set()).add(signature.predicate_type or "")

    def _add_github(self, one: GitHubAttestation, names: Names) -> None:
        name = names.find(reference(one.image), one.location)
        if name is None:
            self._unsure.setdefault(Kind.ATTEST, one.location)
            return
        what = "an SBOM" if _lists_packages(one.step) else _called(one.predicate_type)
        why = "kept at GitHub, not in the registry" if one.is_in_registry is False else ""
        link = Link(Kind.ATTEST, State.SEEN, what, why, one.location, one.step.location)
        self._attested.setdefault(name, []).append(link)
        self._types.setdefault(name, set()).add(one.predicate_type or "")

    def signatures(self, subject: Subject) -> tuple[Signature, ...]:
        """What certainly signs it."""
        return tuple(self._signed.get(subject.name, ()))

    def predicate_types(self, subject: Subject) -> set[str] | None:
        """The types of its attestations; None where they are not all known."""
        found = self._types.get(subject.name, set())
        maybe = Kind.ATTEST in self._unsure or self._elsewhere.may(_ATTESTER, self._known)
        return None if maybe or "" in found else found

    def signing(self, subject: Subject) -> Iterator[Link]:
        """What signs it."""
        for signature in self.signatures(subject):
            what = {True: "keyless", False: "with a key", None: ""}[signature.is_keyless]
            extent = extent_of(signature.step, signature.location)
            yield Link(Kind.SIGN, State.SEEN, what, "", signature.location, extent)
        if not self.signatures(subject):
            yield self._unsigned(subject)

    def _unsigned(self, subject: Subject) -> Link:
        managed = (
            next((text for text in self._terraform if _MANAGED.search(text[0])), None)
            if subject.is_ecr
            else None
        )
        if managed is not None:
            return Link(
                Kind.SIGN, State.UNKNOWN, "", "ECR may sign it by itself, as Terraform says", managed[1]
            )
        link = self._absent(Kind.SIGN, _SIGNER, subject)
        if link.state is State.MISSING and subject.is_ecr:
            return Link(Kind.SIGN, State.UNKNOWN, "", "nothing here signs it; ECR may, by managed signing")
        return link

    @property
    def _terraform(self) -> Iterable[tuple[str, Location]]:
        for module in self._repo.terraform:
            for body in module.bodies:
                for block in body.blocks:
                    yield " ".join((block.type, *block.names)), Location(block.text, block.header)

    def attesting(self, subject: Subject) -> Iterator[Link]:
        """What is attested of it."""
        found = [*self._attested.get(subject.name, ()), *_by_buildkit(subject.builds)]
        yield from found or (self._absent(Kind.ATTEST, _ATTESTER, subject),)

    def _absent(self, kind: Kind, tool: Tool, subject: Subject) -> Link:
        """Why nothing is seen."""
        unsure = self._unsure.get(kind)
        if unsure is not None:
            return Link(
                kind,
                State.UNKNOWN,
                "",
                f"which image {code(_first_line(unsure))} is for is not known",
                unsure,
            )
        maybe = self._elsewhere.may(tool, self._known)
        if maybe is not None:
            return Link(kind, State.UNKNOWN, "", maybe.why, maybe.place)
        if not subject.pushes and not subject.is_local:
            return Link(kind, State.UNKNOWN, "", f"nothing here {tool.does} it; what pushes it may")
        return Link(kind, State.MISSING, "", f"nothing here {tool.does} it")


def _called(predicate_type: str | None) -> str:
    return "" if predicate_type is None else _KINDS.get(predicate_type, code(predicate_type))


def _lists_packages(step: Step) -> bool:
    return step.uses_action("actions/attest-sbom") or step.input_entry("sbom-path") is not None


def _by_buildkit(builds: Iterable[Build]) -> Iterator[Link]:
    """https://docs.docker.com/build/metadata/attestations/: kept in the index, unsigned."""
    for build in builds:
        for name, what in (("sbom", "an SBOM"), ("provenance", "provenance")):
            if _asks_for(build, name):
                extent = extent_of(build.step, build.location)
                yield Link(Kind.ATTEST, State.SEEN, what, "in the index, not signed", build.location, extent)


def _asks_for(build: Build, name: str) -> bool:
    if build.arguments is not None:
        return build.arguments.has(name) is True or build.arguments.last(name) is not None
    written = build.step.input(name) if build.step and build.step.uses_action(BUILD_PUSH, DEPOT) else None
    return written is not None and written.value.lower() not in ("", "false") and "${{" not in written.value


def _first_line(place: Location) -> str:
    return place.fragment.partition("\n")[0]
