"""Policy admits every image that it is for

An image has to satisfy one of the authorities of a policy. `static: {action: pass}` is satisfied by all:
beside a keyless authority or a key it makes them meaningless. With `mode: warn` the authorities are asked,
and what they say refuses nothing: whoever applies the pod sees a warning, and a controller that makes pods
shows it to nobody. That is a warning.

Delete the authority that passes, or hold it to a policy for the images of others; enforce the policy.

The check is silent for a policy of one registry that is passed on purpose, such as `registry.k8s.io/**`,
where another policy has the same glob, since an image has to satisfy both, and in the data of tests. It is
silent about `mode: warn` where a comment, a label, an annotation, the policy's name or its path tells of a
roll-out, of a trial or of an environment that is not production.

References:

- https://docs.sigstore.dev/policy-controller/overview/#configuring-static-policies
- https://github.com/sigstore/policy-controller/blob/main/docs/api-types/index-v1beta1.md
"""

from __future__ import annotations

import re
from collections import Counter
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
from checks.facts.deployment.kubernetes import at
from checks.facts.policy.policies import Authority, ClusterImagePolicy
from checks.facts.tree import Mapping, Scalar, Sequence, delete_item, replace_value
from checks.regex import regex

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
_WARNS = _POLICY.replace("spec:\n", "spec:\n  mode: warn\n")
_STATED = regex(
    r"warn|audit|roll-?out|rolled out|trial|dry-?run|monitor|observe|migrat|temporar|until|todo|test|dev|stag|sandbox|preview",
    re.IGNORECASE,
)
"""What tells of a policy that it does not enforce yet, or not here."""
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
            title="nothing is refused",
            files=_WARNS,
            at="warn",
            fixed=_WARNS.replace("warn", "enforce"),
        ),
        Example(
            title="the roll-out is told of, by a comment, a label, a name, a path; a second policy enforces",
            files=_WARNS.replace("warn\n", "warn  # until all images are signed\n")
            + _WARNS.replace("images.yaml", "label.yaml").replace(
                "  name: signed", "  name: signed\n  labels: {stage: rollout}"
            )
            + _WARNS.replace("images.yaml", "name.yaml").replace("name: signed", "name: signed-audit")
            + _WARNS.replace("policy/images", "staging/images").replace("acme", "stage")
            + _WARNS.replace("images.yaml", "both.yaml").replace("**", "both@*")
            + "---\n"
            + _POLICY.partition("\n")[2].replace("**", "both@*"),
        ),
        Example(
            title="data of a test",
            files=(_POLICY + _ADMITS).replace("policy/images", "test/testdata/images"),
        ),
        Example(
            title="an example, a policy that passes all, a mode that something fills in",
            files=_WARNS.replace("policy/images", "examples/images")
            + (_WARNS.partition("    - key")[0] + _ADMITS)
            .replace("images.yaml", "all.yaml")
            .replace("ghcr.io/acme", "quay.io")
            + _WARNS.replace("images.yaml", "helm.yaml").replace("warn", "'{{ .Values.mode }}'"),
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
        Example(title="a sample", files=(_POLICY + _ADMITS).replace("policy/images", "examples/images")),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    number = Counter(glob for policy in repo.policies for glob in {one.value for one in policy.globs})
    enforced = {glob.value for policy in repo.policies if policy.enforces for glob in policy.globs}
    for policy in (one for one in repo.policies if not one.is_sample):
        is_strict = any(one.verifies for one in policy.authorities)
        for authority in policy.authorities if is_strict and not _is_backed(number, policy) else ():
            action = authority.static_action
            if action is not None and action.value == "pass":
                yield _finding(policy, authority)
        mode = policy.mode if is_strict else None
        is_alone = not any(glob.value in enforced for glob in policy.globs)
        if mode is not None and mode.value == "warn" and is_alone and not _is_stated(policy):
            yield _warning(policy, mode)


def _is_stated(policy: ClusterImagePolicy) -> bool:
    """Whether something in or about the policy says that it is not to refuse anything, or not yet."""
    text, metadata = policy.manifest.text, policy.node.get("metadata")
    names = ("labels", "annotations", "name")
    entries = [metadata.entry(one) for one in names] if isinstance(metadata, Mapping) else []
    shown = [text[one.span] for one in entries if one is not None]
    comments = re.findall(r"#.*", text[policy.node.span])
    return any(_STATED.search(one) for one in (*shown, *comments, text.path))


def _warning(policy: ClusterImagePolicy, mode: Scalar) -> Finding:
    name = code(policy.name) if policy.name else "The policy"
    return Finding(
        message=f"{name} refuses nothing: its {code('mode')} is {code('warn')}.",
        consequence="An image that none of its authorities vouches for is admitted; whoever applies the pod sees a warning.",
        location=Location(mode.text, mode.span),
        severity=Severity.NOTE,
        fixes=offer(
            "enforce the policy",
            Applicability.UNSAFE,
            replace_value(mode, "enforce"),
            caution="From then on unsigned images are refused: are all that the policy is for signed?",
        ),
    )


def _is_backed(number: Counter[str], policy: ClusterImagePolicy) -> bool:
    """Whether another policy has one of the globs, of which `number` have each: an image has to satisfy both."""
    return any(number[one.value] > 1 for one in policy.globs)


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
