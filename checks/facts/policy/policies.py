"""Sigstore policy-controller's `ClusterImagePolicy`: which images it speaks of, and which signers it accepts.

Fields: https://github.com/sigstore/policy-controller/blob/main/docs/api-types/index-v1beta1.md. OpenShift's
object of the same kind (group `config.openshift.io`) is another schema and is none of these.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache

from checks.facts.asides import FOREIGN, PAGES, SAMPLES, TESTS
from checks.facts.deployment.kubernetes import Manifest, at, mappings
from checks.facts.policy import policy_glob
from checks.facts.policy.identities import ISSUER, Identity, Matching, identity_of, is_templated, known
from checks.facts.value import Hole, Value, Varies, joined
from checks.record import Record
from checks.regex import regex
from checks.source.text import Location
from checks.source.yaml import Mapping, Scalar, Sequence

__all__ = [
    "ISSUER", "Attestation", "Authority", "ClusterImagePolicy", "Identity", "covers", "is_sample", "is_test", "policies_in",
    "resolved",
]  # fmt: skip

GROUP = "policy.sigstore.dev"
BUNDLE, LEGACY = "bundle", "legacy"
_DOCKER_HUB = "index.docker.io"
_TEST = rf"(?:^|/)[._]?(?:{TESTS})/"
_OF_TEST = regex(rf"{_TEST}|(?:^|/)(?:e2e|tests?)[._-][^/]*$")
_SAMPLE = regex(
    rf"{_TEST}|(?:^|/)(?:{SAMPLES}|{PAGES}|{FOREIGN}|content|hack)/|(?:^|[/._-])(?:{SAMPLES})(?:[._-][^/]*)?$"
)


def is_sample(path: str) -> bool:
    """Whether a path says that it is a test's or a page's example, which guards no cluster."""
    return bool(_SAMPLE.search(path))


def is_test(path: str) -> bool:
    """Whether a path says that it is a test or the data of one, where a defect may stand on purpose."""
    return bool(_OF_TEST.search(path))


class Attestation(Record, eq=False):
    """One of `attestations`: a predicate type that an image has to have, signed."""

    node: Mapping

    @property
    def predicate_type(self) -> Scalar | None:
        return known(self.node.get("predicateType"))

    @property
    def name(self) -> Scalar | None:
        return known(self.node.get("name"))


class Authority(Record, eq=False, dict=True):
    """One of `spec.authorities`; an image has to satisfy one of them."""

    node: Mapping

    @property
    def location(self) -> Location:
        return Location(self.node.text, self.node.span)

    def part(self, name: str) -> Mapping | None:
        found = self.node.get(name)
        return found if isinstance(found, Mapping) else None

    @property
    def keyless(self) -> Mapping | None:
        return self.part("keyless")

    @property
    def key(self) -> Mapping | None:
        return self.part("key")

    @property
    def verifies(self) -> bool:
        """Whether it asks for a signature, by a key or by a certificate."""
        return self.key is not None or self.keyless is not None

    @property
    def static_action(self) -> Scalar | None:
        """`static.action`: `pass` or `fail`, without a look at signatures."""
        return known(at(self.node, "static", "action"))

    @cached_property
    def identities(self) -> tuple[Identity, ...]:
        """`keyless.identities`; one of them has to be the signer's."""
        found = mappings(self.keyless.get("identities") if self.keyless else None)
        return tuple(identity_of(one, Matching.LITERAL) for one in found)

    @property
    def names_all_identities(self) -> bool:
        """Whether each of its identities can be read."""
        listed = self.keyless.get("identities") if self.keyless else None
        return isinstance(listed, Sequence) and len(listed.items) == len(self.identities) > 0

    @cached_property
    def attestations(self) -> tuple[Attestation, ...]:
        return tuple(Attestation(one) for one in mappings(self.node.get("attestations")))

    @property
    def signature_format(self) -> str | None:
        """`legacy` or `bundle`; None if it is not known. Other values count as `legacy`."""
        written = self.node.get("signatureFormat")
        if written is None:
            return LEGACY
        if not isinstance(written, Scalar) or is_templated(written.value):
            return None
        return BUNDLE if written.value == BUNDLE else LEGACY

    @property
    def uses_public_fulcio(self) -> bool:
        """Whether certificates have to come from the public instance: its URL, or none, and no root of its own."""
        keyless = self.keyless
        if keyless is None or keyless.get("trustRootRef") or keyless.get("ca-cert"):
            return False
        url = keyless.get("url")
        return url is None or (
            isinstance(url, Scalar) and url.value.rstrip("/") == "https://fulcio.sigstore.dev"
        )


class ClusterImagePolicy(Record, eq=False, dict=True):
    """A policy: images, and the authorities of which one has to vouch for each."""

    manifest: Manifest

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def node(self) -> Mapping:
        return self.manifest.node

    @cached_property
    def globs(self) -> tuple[Scalar, ...]:
        """`spec.images[].glob`."""
        images = mappings(at(self.node, "spec", "images"))
        return tuple(glob for image in images if isinstance(glob := image.get("glob"), Scalar))

    @cached_property
    def authorities(self) -> tuple[Authority, ...]:
        return tuple(Authority(one) for one in mappings(at(self.node, "spec", "authorities")))

    @property
    def mode(self) -> Scalar | None:
        """`spec.mode` as it is written: `enforce`, which is the default, or `warn`."""
        return known(at(self.node, "spec", "mode"))

    @property
    def enforces(self) -> bool:
        """Whether images are certainly refused."""
        mode = at(self.node, "spec", "mode")
        return mode is None or (isinstance(mode, Scalar) and mode.value in ("", "enforce"))

    @property
    def always_verifies(self) -> bool:
        """Whether each of its authorities asks for a signature, and there is one."""
        return bool(self.authorities) and all(one.verifies for one in self.authorities)

    @property
    def selects_resources(self) -> bool:
        """Whether `spec.match` limits it to some kinds of resources, or to labels."""
        return isinstance(at(self.node, "spec", "match"), Sequence)

    @property
    def is_sample(self) -> bool:
        return is_sample(self.manifest.text.path)

    @property
    def is_test(self) -> bool:
        return is_test(self.manifest.text.path)

    def covers(self, image: Value) -> bool | None:
        """Whether it speaks of an image, given by registry and repository; None if that is not known."""
        answers = {covers(glob.value, image) for glob in self.globs}
        return True if True in answers else None if None in answers else False


@lru_cache(maxsize=4096)
def resolved(image: Value) -> Value:
    """The name that an image has at admission: Docker Hub written out, and a digest for whatever it has.

    `image` is registry and repository without tag and digest.
    """
    head, has_slash, rest = image.partition("/")
    host = head.literal
    digest = ("@", Hole(Varies.DIGEST))
    if not has_slash:
        return joined((f"{_DOCKER_HUB}/library/", *image.parts, *digest))
    if host is not None and host != "localhost" and "." not in host and ":" not in host:
        return joined((f"{_DOCKER_HUB}/", *image.parts, *digest))
    if host in ("docker.io", "registry-1.docker.io"):
        library = "" if rest.partition("/")[1] else "library/"
        return joined((f"{_DOCKER_HUB}/{library}", *rest.parts, *digest))
    return joined((*image.parts, *digest))


def covers(glob: str, image: Value) -> bool | None:
    """Whether a glob matches an image, given by registry and repository, whatever its digest."""
    start = start_of(glob)
    if start is None:
        return None
    name = resolved(image)
    fixed = name.parts[0]
    if isinstance(fixed, str) and not (start.startswith(fixed) or fixed.startswith(start)):
        return False
    return policy_glob.automaton(glob).accepts(name)


@lru_cache(maxsize=4096)
def start_of(glob: str) -> str | None:
    """What a glob begins with before its first star; None where it can't be read."""
    readable = not is_templated(glob) and policy_glob.is_valid(glob)
    return glob.partition("*")[0] if readable else None


def policies_in(manifests: Iterable[Manifest]) -> tuple[ClusterImagePolicy, ...]:
    """The policies among Kubernetes objects."""
    return tuple(
        ClusterImagePolicy(manifest)
        for manifest in manifests
        if manifest.kind == "ClusterImagePolicy" and manifest.group == GROUP
    )
