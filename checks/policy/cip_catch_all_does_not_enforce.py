"""Policy admits every image that it is for

An image has to satisfy one of the authorities of a policy. `static: {action: pass}` is satisfied by all: beside a keyless authority or a
key it makes them meaningless.

Delete the authority that passes, or hold it to a policy for the images of others.

The check is silent for a policy of one registry that is passed on purpose, such as `registry.k8s.io/**`, and where another
policy has the same glob, since an image has to satisfy both.

References:

- https://docs.sigstore.dev/policy-controller/overview/#configuring-static-policies
- https://github.com/sigstore/policy-controller/blob/main/docs/api-types/index-v1beta1.md
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.kubernetes import at
from checks.facts.policies import Authority, ClusterImagePolicy
from checks.facts.tree import Sequence, delete_item

_POLICY = """\
-- policy/images.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: "ghcr.io/acme/**"
  authorities:
    - key:
        kms: awskms:///alias/cosign
"""
_ADMITS = """\
    - static:
        action: pass
"""

check = Check(
    id="cip-catch-all-does-not-enforce",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "sigstore", "policy"),
    security_severity=8.0,
    examples=(
        Example(
            title="a key, or nothing",
            files=_POLICY + _ADMITS,
            at="static:\n        action: pass",
            fixed=_POLICY,
        ),
        Example(
            title="a registry that is passed on purpose, two keys, a refusal",
            files=_POLICY.partition("    - key")[0].replace("ghcr.io/acme", "registry.k8s.io")
            + _ADMITS
            + _POLICY.replace("images.yaml", "keys.yaml")
            + "    - key: {kms: 'awskms:///alias/other'}\n"
            + "---\n"
            + _POLICY.partition("\n")[2].replace("**", "both@*")
            + _ADMITS
            + "---\n"
            + _POLICY.partition("\n")[2].replace("**", "both@*")
            + _POLICY.replace("images.yaml", "fail.yaml")
            + _ADMITS.replace("pass", "fail"),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in (one for one in repo.policies if not one.is_test):
        strict = [one for one in policy.authorities if one.key is not None or one.keyless is not None]
        for authority in policy.authorities if strict and not _is_backed(repo, policy) else ():
            action = authority.static_action
            if action is not None and action.value == "pass":
                yield _finding(policy, authority)


def _is_backed(repo: Repository, policy: ClusterImagePolicy) -> bool:
    """Whether another policy has one of the globs: an image has to satisfy both."""
    globs = {one.value for one in policy.globs}
    others = (one for one in repo.policies if one is not policy)
    return any(globs & {glob.value for glob in other.globs} for other in others)


def _finding(policy: ClusterImagePolicy, authority: Authority) -> Finding:
    listed = at(policy.node, "spec", "authorities")
    index = policy.authorities.index(authority)
    whole = isinstance(listed, Sequence) and len(listed.items) == len(policy.authorities)
    name = code(policy.name) if policy.name else "the policy"
    return Finding(
        message=f"An authority of {name} passes every image, and one authority is enough.",
        consequence="The others verify nothing that counts: an image without a signature is admitted.",
        location=Location(authority.node.text, authority.node.span),
        fixes=offer(
            "delete the authority that passes",
            Applicability.UNSAFE,
            delete_item(listed, index) if isinstance(listed, Sequence) and whole else None,
            caution="From then on unsigned images are refused: are all that the policy is for signed?",
        ),
    )
