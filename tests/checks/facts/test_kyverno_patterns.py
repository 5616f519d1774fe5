"""Which images Kyverno's patterns speak of, by the name that each kind of policy compares."""

import pytest

from checks.check import Repository
from checks.facts.image.references import without_version
from checks.facts.policy.kyverno_patterns import choose_by_patterns, full_name, patterns_of
from checks.facts.value import UNKNOWN, Hole, Value, Varies, joined, literal
from checks.source.snapshot import Snapshot

RULE = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: signed}
spec:
  rules:
    - name: signed
      verifyImages:
        - imageReferences: ["PATTERN"]
"""
POLICY = """\
apiVersion: policies.kyverno.io/v1
kind: ImageValidatingPolicy
metadata: {name: signed}
spec:
  matchImageReferences: [{glob: "PATTERN"}]
"""
DIGEST = "sha256:" + "0a" * 32


def repository(text: str, pattern: str) -> Repository:
    return Repository(Snapshot.of({"policy.yaml": text.replace("PATTERN", pattern)}))


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("nginx", "docker.io/nginx:latest"),
        ("acme/web:1", "docker.io/acme/web:1"),
        ("ghcr.io/acme/web", "ghcr.io/acme/web:latest"),
        (f"ghcr.io/acme/web:1@{DIGEST}", f"ghcr.io/acme/web@{DIGEST}"),
        ("localhost/web:1", "localhost/web:1"),
        ("registry:5000/web", "registry:5000/web:latest"),
    ],
)
def test_full_name(image: str, name: str) -> None:
    """The registry is filled in, and a tag gives way to a digest."""
    assert full_name(image).literal == name


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("a:1", "a"),
        (f"a:1@{DIGEST}", "a"),
        ("registry:5000/a", "registry:5000/a"),
        ("registry:5000/a:1", "registry:5000/a"),
    ],
)
def test_without_version(image: str, name: str) -> None:
    assert without_version(image) == name


@pytest.mark.parametrize(
    ("text", "pattern", "image", "answer"),
    [
        (RULE, "docker.io/acme/*", "acme/web:1", True),
        (RULE, "ghcr.io/acme/web:*", "ghcr.io/acme/web:1", True),
        (RULE, "ghcr.io/acme/web:*", f"ghcr.io/acme/web:1@{DIGEST}", False),
        (RULE, "ghcr.io/acme/we?:*", "ghcr.io/acme/web:1", True),
        (RULE, "ghcr.io/{{ x }}/*", "ghcr.io/acme/web:1", None),
        (POLICY, "docker.io/acme/*", "acme/web:1", False),
        (POLICY, "acme/*", "acme/web:1", True),
        (POLICY, "ghcr.io/acme/web:*", f"ghcr.io/acme/web:1@{DIGEST}", True),
        (POLICY, "ghcr.io/acme/web[:@]*", "ghcr.io/acme/web:1", None),
        (POLICY, "ghcr.io/{acme,team}/*", "ghcr.io/acme/web:1", None),
    ],
)
def test_matches(text: str, pattern: str, image: str, answer: bool | None) -> None:
    """A rule compares the full name, a policy in CEL what the pod says; what more its globs can is not known."""
    repo = repository(text, pattern)
    (found,) = patterns_of(repo.image_verifications, repo.image_validating_policies)
    assert found.matches(image) is answer


@pytest.mark.parametrize(
    ("text", "pattern", "name", "answer"),
    [
        (RULE, "ghcr.io/acme/web@*", literal("ghcr.io/acme/web"), True),
        (RULE, "ghcr.io/acme/web", literal("ghcr.io/acme/web"), False),
        (RULE, "docker.io/acme/web:*", literal("acme/web"), True),
        (
            RULE,
            "111122223344.dkr.ecr.eu-west-1.amazonaws.com/web:*",
            joined((Hole(Varies.ACCOUNT), ".dkr.ecr.eu-west-1.amazonaws.com/web")),
            True,
        ),
        (RULE, "ghcr.io/acme/web:*", literal("ghcr.io/acme/api"), False),
        (RULE, "ghcr.io/acme/web:*", UNKNOWN, True),
        (POLICY, "ghcr.io/acme/web", literal("ghcr.io/acme/web"), True),
        (POLICY, "docker.io/acme/web:*", literal("acme/web"), True),
        (POLICY, "acme/web:*", literal("docker.io/acme/web"), True),
    ],
)
def test_may_match(text: str, pattern: str, name: Value, answer: bool) -> None:
    """False is certain: in no form that a pod may name it."""
    repo = repository(text, pattern)
    (found,) = patterns_of(repo.image_verifications, repo.image_validating_policies)
    assert found.may_match(name) is answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (RULE, True),
        (RULE.replace('imageReferences: ["PATTERN"]', "required: true"), False),
        (POLICY, True),
        (POLICY.replace('{glob: "PATTERN"}', "{expression: 'true'}"), False),
        (
            POLICY.replace(
                '  matchImageReferences: [{glob: "PATTERN"}]\n', "  evaluation: {mode: Kubernetes}\n"
            ),
            False,
        ),
    ],
)
def test_what_chooses(text: str, answer: bool) -> None:
    repo = repository(text, "ghcr.io/*")
    assert choose_by_patterns(repo.image_verifications, repo.image_validating_policies) is answer


@pytest.mark.parametrize(
    ("pattern", "version", "registry"),
    [
        ("ghcr.io/acme/web", True, False),
        ("ghcr.io/acme/", True, False),
        ("ghcr.io", True, False),
        ("registry:5000/acme/web", True, False),
        ("acme/web", True, True),
        ("acme/web:1", False, True),
        ("acme/*", False, True),
        ("nginx", True, True),
        ("nginx*", False, True),
        ("nginx:*", False, True),
        ("nginx:1.27", False, True),
        ("ghcr.io/acme/web:1", False, False),
        (f"ghcr.io/acme/web@{DIGEST}", False, False),
        ("ghcr.io/acme/web*", False, False),
        ("ghcr.io*", False, False),
        ("registry:5000*", False, False),
        ("localhost*", False, False),
        ("localhost/web:1", False, False),
        ("*", False, False),
        ("*/web:1", False, False),
        ("*/web", True, False),
        ("ghcr.io/*/web", True, False),
        ("ghcr.io/*/w?b", False, False),
        ("ac*/web:1", False, False),
        ("{{ registry }}/web", False, False),
    ],
)
def test_what_a_pattern_lacks(pattern: str, version: bool, registry: bool) -> None:
    """A full name begins with a registry and ends in a version; a pattern that can't do so matches none."""
    (found,) = patterns_of(repository(RULE, pattern).image_verifications, ())
    assert found.lacks_version is version
    assert found.lacks_registry is registry
    (raw,) = patterns_of((), repository(POLICY, pattern).image_validating_policies)
    assert not raw.lacks_version
    assert not raw.lacks_registry
