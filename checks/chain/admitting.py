"""The link to the cluster: which policies speak of an image, and whether they accept what signs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from checks.chain.links import Kind, Link, State
from checks.chain.subjects import Subject
from checks.chain.vouching import Vouched
from checks.check import Location, Repository, code
from checks.facts.deployment.kubernetes import Manifest
from checks.facts.image.references import Reference
from checks.facts.image.signing import PREDICATES, SIGNATURE, Signer, is_pull_request, name_of
from checks.facts.policy.identities import Identity
from checks.facts.policy.kyverno import ImageVerification
from checks.facts.policy.policies import ClusterImagePolicy, covers
from checks.facts.value import Value
from checks.source.yaml import Mapping

_Verdict = tuple[State, str]
_ACCEPTED: _Verdict = (State.SEEN, "")
_OTHER_SIGNER: _Verdict = (State.MISSING, "accepts another signer")
_UNDECIDED: _Verdict = (State.UNKNOWN, "whether it accepts the signer is not known")


class Admission:
    """What the policies of a repository make of its images."""

    def __init__(self, repo: Repository, vouched: Vouched) -> None:
        self._repo, self._vouched = repo, vouched
        self._policies = [one for one in repo.policies if not one.is_sample]
        self._verifications = [one for one in repo.image_verifications if not one.is_sample]

    def links(self, subject: Subject, signed: Sequence[Link], *, is_deployed: bool) -> Iterator[Link]:
        """What admits it. `signed` are its links of signatures."""
        image = name_of(Reference(subject.name.host, subject.name.path, None))
        found = [
            *self._by_policies(subject, image, signed),
            *self._by_kyverno(subject, image, signed),
            *self._by_expressions(image),
        ]
        yield from found or (self._none(subject, is_deployed=is_deployed),)
        yield from self._by_commands(subject, image, signed)

    def _by_policies(self, subject: Subject, image: Value, signed: Sequence[Link]) -> Iterator[Link]:
        for policy in self._policies:
            speaks = policy.covers(image)
            if speaks is False:
                continue
            verdict = (
                (State.UNKNOWN, "whether it speaks of the image is not known")
                if speaks is None
                else self._of_policy(policy, subject, signed)
            )
            glob = next((one for one in policy.globs if covers(one.value, image) is not False), None)
            place = Location(glob.text, glob.span) if glob else _header(policy.manifest)
            yield _link(policy.manifest, verdict, place, enforces=policy.enforces)

    def _of_policy(self, policy: ClusterImagePolicy, subject: Subject, signed: Sequence[Link]) -> _Verdict:
        actions = [one.static_action for one in policy.authorities]
        if not actions or any(one is not None and one.value == "pass" for one in actions):
            return State.SEEN, "looks at no signature"
        unsigned = _unsigned(signed)
        if unsigned is not None:
            return unsigned
        if self._lacks(policy, subject):
            return State.MISSING, "asks for an attestation that nothing here makes"
        if not all(one.uses_public_fulcio and one.names_all_identities for one in policy.authorities):
            return _UNDECIDED
        identities = [identity for one in policy.authorities for identity in one.identities]
        return _judged(identities, self._signers(subject))

    def _lacks(self, policy: ClusterImagePolicy, subject: Subject) -> bool:
        """Whether each authority asks for an attestation of a type that the image certainly does not get."""
        made = self._vouched.predicate_types(subject)
        if made is None or not policy.authorities:
            return False
        wanted = [
            {
                PREDICATES.get(type_.value, type_.value)
                for each in one.attestations
                if (type_ := each.predicate_type)
            }
            for one in policy.authorities
        ]
        return all(one - made - {SIGNATURE} for one in wanted)

    def _signers(self, subject: Subject) -> list[Signer]:
        found = [signer for one in self._vouched.signatures(subject) for signer in self._repo.signers(one)]
        return [one for one in found if not is_pull_request(one.event)]

    def _by_kyverno(self, subject: Subject, image: Value, signed: Sequence[Link]) -> Iterator[Link]:
        for one in self._verifications:
            speaks = one.covers(image)
            if speaks is not False:
                verdict = self._of_verification(one, subject, signed)
                if speaks is None:
                    verdict = (State.UNKNOWN, "whether it speaks of the image is not known")
                yield _link(one.manifest, verdict, one.location, enforces=one.enforces is not False)

    def _of_verification(self, one: ImageVerification, subject: Subject, signed: Sequence[Link]) -> _Verdict:
        unsigned = _unsigned(signed)
        if unsigned is not None:
            return unsigned
        if len(one.attestors) != 1 or not one.attestors[0].is_any:
            return _UNDECIDED
        identities = one.attestors[0].identities
        known = [identity for identity in identities if identity is not None]
        return _judged(known, self._signers(subject)) if len(known) == len(identities) else _UNDECIDED

    def _by_commands(self, subject: Subject, image: Value, signed: Sequence[Link]) -> Iterator[Link]:
        """Each `cosign verify` of the image; a cluster does not ask it."""
        for one in self._repo.verifications:
            if one.is_of(image):
                answers = {one.accepts(signer.subject) for signer in self._signers(subject)}
                verdict = _unsigned(signed) or _of_answers(answers)
                call = one.call
                step = call.step.location if call.step else None
                yield Link(
                    Kind.ADMIT, verdict[0], f"by {code('cosign verify')}", verdict[1], call.location, step
                )

    def _by_expressions(self, image: Value) -> Iterator[Link]:
        for one in self._repo.image_validating_policies:
            if any(covers(glob.value, image) is not False for glob in one.globs):
                verdict = (State.UNKNOWN, "its expressions decide")
                yield _link(one.manifest, verdict, _header(one.manifest), enforces=True)

    def _none(self, subject: Subject, *, is_deployed: bool) -> Link:
        """No policy speaks of it: it goes past those that there are, if it is certainly meant for the cluster."""
        named = list(dict.fromkeys(code(one.name) for one in self._policies if one.name))
        if named and (is_deployed or self._vouched.signatures(subject)):
            return Link(
                Kind.ADMIT,
                State.MISSING,
                "",
                f"{_listed(named)} {'does' if len(named) == 1 else 'do'} not speak of it",
            )
        return Link(Kind.ADMIT, State.UNKNOWN, "", "no policy here speaks of it")


def _unsigned(signed: Sequence[Link]) -> _Verdict | None:
    """What becomes of an image that has no signature that is known of."""
    if any(link.state is State.SEEN for link in signed):
        return None
    if any(link.state is State.UNKNOWN for link in signed):
        return State.UNKNOWN, "whether the image is signed is not known"
    return State.MISSING, "asks for a signature, and there is none"


def _judged(identities: Iterable[Identity], signers: Sequence[Signer]) -> _Verdict:
    """Whether one of the identities is that of a signer."""
    return _of_answers({identity.accepts(signer.subject) for identity in identities for signer in signers})


def _of_answers(answers: set[bool | None]) -> _Verdict:
    if True in answers:
        return _ACCEPTED
    return _OTHER_SIGNER if answers == {False} else _UNDECIDED


def _link(manifest: Manifest, verdict: _Verdict, place: Location, *, enforces: bool) -> Link:
    state, why = verdict
    notes = [why] if why else []
    if not enforces:
        notes.append("warns, and refuses nothing")
    what = f"by {code(manifest.name)}" if manifest.name else f"by a {code(manifest.kind)}"
    return Link(Kind.ADMIT, state, what, "; ".join(notes), place, Location(manifest.text, manifest.node.span))


def _header(manifest: Manifest) -> Location:
    node: Mapping = manifest.node
    kind = node.get("kind")
    return Location(manifest.text, kind.span if kind is not None else node.span)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
