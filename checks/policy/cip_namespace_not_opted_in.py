"""Namespace does not take part in image policies

policy-controller looks at pods in namespaces with the label `policy.sigstore.dev/include: "true"` only. In a
namespace without it every image runs, whatever the policies of the repository say.

Set the label, unless the namespace is left out on purpose.

The check is silent where the repository declares no namespace, or none for its workloads; where one has a
label of policy-controller already, here or by a Kustomization; for namespaces of the system and for samples;
where the policies only warn, or hold for some kinds of resources; and where values for Helm change the
webhook's `namespaceSelector`.

References:

- https://docs.sigstore.dev/policy-controller/overview/#enable-policy-controller-for-namespaces
- https://github.com/sigstore/policy-controller/blob/main/config/500-webhook-configuration.yaml
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
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
from checks.facts.deployment.kubernetes import Manifest, at
from checks.facts.image.references import reference
from checks.facts.image.signing import name_of
from checks.facts.policy.policies import ClusterImagePolicy, covers, is_sample
from checks.facts.tree import Mapping, Scalar, append_entry, insert_after, walk
from checks.facts.value import literal
from checks.regex import regex

LABEL = "policy.sigstore.dev/include"
_SYSTEM = regex(r"kube-.*|default|cosign-system|.*-system")
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
    - keyless:
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/acme/web/.github/workflows/sign.yml@refs/heads/main
"""
_NAMESPACE = """\
-- deploy/namespace.yaml --
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    team: shop
"""
_POD = """\
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - name: web
      image: ghcr.io/acme/web:1
"""

check = Check(
    id="cip-namespace-not-opted-in",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.KUBERNETES,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "sigstore", "policy", "kubernetes"),
    security_severity=6.0,
    examples=(
        Example(
            title="a namespace with a workload that a policy speaks of",
            files=_POLICY + _NAMESPACE + _POD,
            at="name: shop",
            fixed=_NAMESPACE + f'    {LABEL}: "true"\n',
        ),
        Example(
            title="no labels yet",
            files=_POLICY + _NAMESPACE.partition("  labels")[0] + _POD,
            at="name: shop",
            fixed=_NAMESPACE.partition("  labels")[0] + f'  labels:\n    {LABEL}: "true"\n',
        ),
        Example(
            title="opted in, opted out on purpose, other images, no policy",
            files=_POLICY
            + _NAMESPACE
            + f'    {LABEL}: "true"\n'
            + _POD
            + _NAMESPACE.replace("namespace.yaml", "out.yaml").replace("shop", "tools")
            + '    policy.sigstore.dev/exclude: "true"\n'
            + _POD.replace("web.yaml", "tools.yaml").replace("shop", "tools")
            + _NAMESPACE.replace("namespace.yaml", "cache.yaml").replace("shop", "cache")
            + _POD.replace("web.yaml", "redis.yaml")
            .replace("shop", "cache")
            .replace("ghcr.io/acme/web", "redis"),
        ),
        Example(title="no policy", files=_NAMESPACE + _POD),
        Example(
            title="left out on purpose, by a comment",
            files=_POLICY
            + _NAMESPACE.replace(
                "    team", "    # policy.sigstore.dev/include is set on the day of the roll-out\n    team"
            )
            + _POD,
        ),
        Example(
            title="a namespace of the system, a sample, a workload without a namespace, an image that is filled in",
            files=_POLICY
            + _NAMESPACE.replace("shop", "kube-system")
            + _POD.replace("shop", "kube-system")
            + _NAMESPACE.replace("deploy/namespace", "examples/namespace").replace("shop", "cart")
            + _POD.replace("web.yaml", "cart.yaml").replace("shop", "cart")
            + _NAMESPACE.replace("namespace.yaml", "pay.yaml").replace("shop", "pay")
            + _POD.replace("web.yaml", "none.yaml").replace(", namespace: shop", "")
            + _POD.replace("web.yaml", "pay-web.yaml")
            .replace("shop", "pay")
            .replace("acme/web", "acme/${NAME}"),
        ),
        Example(
            title="a Kustomization sets the label",
            files=_POLICY
            + _NAMESPACE
            + _POD
            + """\
-- deploy/kustomization.yaml --
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
patches:
  - patch: '[{op: add, path: /metadata/labels/policy.sigstore.dev~1include, value: "true"}]'
""",
        ),
        Example(
            title="a policy that warns",
            files=_POLICY.replace("spec:", "spec:\n  mode: warn") + _NAMESPACE + _POD,
        ),
        Example(
            title="a policy for some kinds of resources",
            files=_POLICY.replace(
                "spec:", "spec:\n  match: [{group: apps, resource: deployments, version: v1}]"
            )
            + _NAMESPACE
            + _POD,
        ),
        Example(
            title="a sample of a policy",
            files=_POLICY.replace("policy/images", "examples/images") + _NAMESPACE + _POD,
        ),
        Example(
            title="a Flux release of the controller selects namespaces in another way",
            files=_POLICY
            + _NAMESPACE
            + _POD
            + """\
-- helm/release.yaml --
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: policy-controller}
spec:
  values: {webhook: {namespaceSelector: {matchExpressions: []}}}
""",
        ),
        Example(
            title="a script sets the label",
            files=_POLICY
            + _NAMESPACE
            + _POD
            + """\
-- setup.sh --
#!/bin/sh
cosign version
kubectl label namespace shop policy.sigstore.dev/include=true
""",
        ),
        Example(
            title="the webhook selects namespaces in another way",
            files=_POLICY
            + _NAMESPACE
            + _POD
            + """\
-- helm/values.yaml --
webhook:
  namespaceSelector:
    matchExpressions: []
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    policies = [
        one for one in repo.policies if not one.is_sample and not one.selects_resources and one.enforces
    ]
    if not policies or any("namespaceSelector" in text.content for text in repo.texts(Kind.HELM_VALUES)):
        return
    if any(
        "namespaceSelector" in text.content and "policy-controller" in text.content
        for text in repo.texts(Kind.KUBERNETES)
    ):
        return
    namespaces = [one for one in repo.manifests if one.kind == "Namespace" and one.api_version == "v1"]
    for namespace in namespaces:
        found = _workload(repo, namespace.name, policies)
        if found is not None and not is_sample(namespace.text.path) and not _is_decided(repo, namespace):
            yield _finding(namespace, *found)


def _is_decided(repo: Repository, namespace: Manifest) -> bool:
    """Whether a label of policy-controller is set, here or by a patch, or the name is the system's."""
    if _SYSTEM.fullmatch(namespace.name) or not namespace.name:
        return True
    if "policy.sigstore.dev/" in namespace.text.content or _is_set_by_command(repo):
        return True
    labels = at(namespace.node, "metadata", "labels")
    if isinstance(labels, Mapping) and any(key.startswith("policy.sigstore.dev/") for key in labels.keys):
        return True
    others = (
        one for one in repo.manifests if one is not namespace and one.kind in ("Namespace", "Kustomization")
    )
    return any(
        isinstance(node, Scalar) and "policy.sigstore.dev" in node.value
        for other in others
        if other.name == namespace.name or other.kind == "Kustomization"
        for node in walk(other.node)
    )


def _is_set_by_command(repo: Repository) -> bool:
    """Whether a script, a Makefile or a workflow sets the label."""
    kinds = (Kind.SCRIPT, Kind.MAKEFILE, Kind.WORKFLOW)
    return any(LABEL in text.content for kind in kinds for text in repo.texts(kind))


def _workload(
    repo: Repository, name: str, policies: list[ClusterImagePolicy]
) -> tuple[ClusterImagePolicy, Location, str] | None:
    """A workload of the namespace whose image a policy certainly speaks of."""
    for manifest in repo.manifests:
        if _text(at(manifest.node, "metadata", "namespace")) != name:
            continue
        for node in walk(manifest.node):
            image = node.get("image") if isinstance(node, Mapping) else None
            if not isinstance(image, Scalar) or any(sign in image.value for sign in "{$"):
                continue
            named = name_of(reference(literal(image.value)))
            for policy in policies:
                if any(covers(glob.value, named) for glob in policy.globs):
                    return policy, Location(image.text, image.span), image.value
    return None


def _text(node: object) -> str:
    return node.value if isinstance(node, Scalar) else ""


def _finding(namespace: Manifest, policy: ClusterImagePolicy, place: Location, image: str) -> Finding:
    metadata = namespace.node.get("metadata")
    entry = metadata.entry("name") if isinstance(metadata, Mapping) else None
    span = entry.span if entry else namespace.node.span
    return Finding(
        message=f"The namespace {code(namespace.name)} has no label {code(LABEL)}.",
        consequence=(
            f"policy-controller looks at no pod in it: {code(image)} runs there unverified, although {code(policy.name)} "
            "asks for its signature."
        ),
        location=Location(namespace.text, span),
        related=(Location(place.text, place.span, "runs in the namespace"),),
        fixes=_fixes(namespace),
    )


def _fixes(namespace: Manifest) -> tuple[Fix, ...]:
    metadata = namespace.node.get("metadata")
    labels = at(metadata, "labels")
    line = f'{LABEL}: "true"'
    edit = None
    if isinstance(labels, Mapping):
        edit = append_entry(labels, line)
    elif isinstance(metadata, Mapping) and labels is None and (name := metadata.entry("name")):
        edit = insert_after(metadata, name, f"labels:\n  {line}")
    return offer(
        "opt the namespace in",
        Applicability.UNSAFE,
        edit,
        caution="From then on every image in it is held to the policies: are all of them signed?",
    )
