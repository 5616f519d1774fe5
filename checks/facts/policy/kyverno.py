"""Kyverno's image verification: `verifyImages` of `ClusterPolicy` and `Policy`, and `ImageValidatingPolicy`.

https://kyverno.io/docs/policy-types/cluster-policy/verify-images/ and
https://github.com/kyverno/kyverno/blob/main/api/kyverno/v1/image_verification_types.go
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from checks.facts.deployment.kubernetes import Manifest, at, mappings
from checks.facts.policy.automaton import of_wildcard
from checks.facts.policy.identities import Identity, Matching, identity_of, is_templated, known
from checks.facts.policy.policies import is_sample, is_test
from checks.facts.value import Hole, Value, Varies, joined
from checks.facts.workflow.values import scalars
from checks.record import Record
from checks.source.text import Location
from checks.source.yaml import Mapping, Node, Scalar

COSIGN, SIGSTORE_BUNDLE, NOTARY = "Cosign", "SigstoreBundle", "Notary"
_DOCKER_HUB = "docker.io"


class AttestorSet(Record, eq=False, dict=True):
    """One of `attestors`: `count` of its entries have to vouch, all of them without it."""

    node: Mapping
    matching: Matching

    @cached_property
    def entries(self) -> tuple[Mapping, ...]:
        return mappings(self.node.get("entries"))

    @property
    def is_any(self) -> bool:
        """Whether one entry is enough."""
        count = self.node.get("count")
        return len(self.entries) == 1 or (isinstance(count, Scalar) and count.as_int() == 1)

    @property
    def identities(self) -> tuple[Identity | None, ...]:
        """The identity of each entry; None for a key, a certificate, and what is nested."""
        return tuple(
            identity_of(keyless, self.matching)
            if isinstance(keyless := one.get("keyless"), Mapping)
            else None
            for one in self.entries
        )


class ImageVerification(Record, eq=False, dict=True):
    """One item of `verifyImages`."""

    manifest: Manifest
    rule: Mapping
    node: Mapping

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def location(self) -> Location:
        return Location(self.node.text, self.node.span)

    @property
    def type(self) -> str | None:
        """`Cosign`, which is the default, `SigstoreBundle` or `Notary`; None if it is not known."""
        written = self.node.get("type")
        if written is None:
            return COSIGN
        found = known(written)
        return found.value if found else None

    @cached_property
    def references(self) -> tuple[Scalar, ...]:
        """`imageReferences`, and `image`, which stood for one of them."""
        return (*scalars(self.node.get("imageReferences")), *scalars(self.node.get("image")))

    @property
    def skipped(self) -> tuple[Scalar, ...]:
        return scalars(self.node.get("skipImageReferences"))

    @cached_property
    def attestors(self) -> tuple[AttestorSet, ...]:
        """`attestors`, all of which have to be satisfied."""
        matching = Matching.WILDCARD if self.type == COSIGN else Matching.LITERAL
        return tuple(AttestorSet(one, matching) for one in mappings(self.node.get("attestors")))

    @property
    def attestations(self) -> tuple[Mapping, ...]:
        return mappings(self.node.get("attestations"))

    def switch(self, name: str, default: bool = True) -> bool | None:
        """`required`, `mutateDigest`, `verifyDigest`; None if it is not known."""
        written = self.node.get(name)
        if written is None:
            return default
        return written.as_bool() if isinstance(written, Scalar) else None

    @property
    def failure_action(self) -> Node | None:
        """What holds for it: its own `failureAction`, else the policy's `validationFailureAction`."""
        return self.node.get("failureAction") or at(self.manifest.node, "spec", "validationFailureAction")

    @property
    def enforces(self) -> bool | None:
        """Whether images are refused; None if that is not known, or differs between namespaces."""
        action = self.failure_action
        if at(self.manifest.node, "spec", "validationFailureActionOverrides") is not None:
            return None
        if action is None:
            return False
        found = known(action)
        return found.value.lower() == "enforce" if found else None

    def covers(self, image: Value) -> bool | None:
        """Whether it speaks of an image, given by registry and repository, in each form that a pod may name it."""
        forms = _forms(image)
        if any(_matches(self.skipped, form) is not False for form in forms):
            return None
        answers = {_matches(self.references, form) for form in forms}
        return answers.pop() if len(answers) == 1 else None

    @property
    def is_sample(self) -> bool:
        return is_sample(self.manifest.text.path)

    @property
    def is_test(self) -> bool:
        return is_test(self.manifest.text.path)

    @property
    def is_for_all_pods(self) -> bool:
        """Whether its rule certainly holds for pods, whatever their labels, names and users."""
        match = self.rule.get("match")
        blocks = [
            at(match, "resources"),
            *(one.get("resources") for key in ("any", "all") for one in mappings(at(match, key))),
        ]
        found = [one for one in blocks if isinstance(one, Mapping)]
        return self.rule.get("preconditions") is None and any(
            not {"selector", "annotations", "names", "name", "namespaceSelector", "operations"}
            & set(one.keys)
            and any(kind.value.rpartition("/")[2] in ("Pod", "*") for kind in scalars(one.get("kinds")))
            for one in found
        )


class ImageValidatingPolicy(Record, eq=False, dict=True):
    """Kyverno's policy in CEL: which attestors count is decided by its expressions."""

    manifest: Manifest

    @property
    def globs(self) -> tuple[Scalar, ...]:
        """`spec.matchImageReferences[].glob`."""
        images = mappings(at(self.manifest.node, "spec", "matchImageReferences"))
        return tuple(glob for image in images if isinstance(glob := image.get("glob"), Scalar))

    @cached_property
    def identities(self) -> tuple[Identity, ...]:
        """The keyless identities of its attestors."""
        found = (
            identity
            for attestor in mappings(at(self.manifest.node, "spec", "attestors"))
            for identity in mappings(at(attestor, "cosign", "keyless", "identities"))
        )
        return tuple(identity_of(one, Matching.LITERAL) for one in found)


def _forms(image: Value) -> tuple[Value, ...]:
    """How Kyverno writes an image: with a tag, with a digest, and with both; Docker Hub written out."""
    head, has_slash, _ = image.partition("/")
    host = head.literal
    short = not has_slash or (
        host is not None and "." not in host and ":" not in host and host != "localhost"
    )
    name = (f"{_DOCKER_HUB}/", *image.parts) if short else image.parts
    tag, digest = (":", Hole(Varies.TAG)), ("@", Hole(Varies.DIGEST))
    return joined((*name, *tag)), joined((*name, *digest)), joined((*name, *tag, *digest))


def _matches(references: Iterable[Scalar], image: Value) -> bool | None:
    answers = {
        None if is_templated(one.value) else of_wildcard(one.value).accepts(image) for one in references
    }
    return True if True in answers else None if None in answers else False


def verifications_in(manifests: Iterable[Manifest]) -> tuple[ImageVerification, ...]:
    """The items of `verifyImages` of all rules."""
    return tuple(_verifications(manifests))


def _verifications(manifests: Iterable[Manifest]) -> Iterator[ImageVerification]:
    for manifest in manifests:
        if manifest.group == "kyverno.io" and manifest.kind in ("ClusterPolicy", "Policy"):
            for rule in mappings(at(manifest.node, "spec", "rules")):
                for item in mappings(rule.get("verifyImages")):
                    yield ImageVerification(manifest, rule, item)


def image_validating_policies_in(manifests: Iterable[Manifest]) -> tuple[ImageValidatingPolicy, ...]:
    kinds = ("ImageValidatingPolicy", "NamespacedImageValidatingPolicy")
    return tuple(
        ImageValidatingPolicy(one)
        for one in manifests
        if one.group == "policies.kyverno.io" and one.kind in kinds
    )
