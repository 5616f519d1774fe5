"""Kyverno's pattern never matches the image

`verifyImages` compares its patterns with the whole name of an image: registry, path, and the digest where the
pod names one, else the tag, `latest` without any. A pattern without tag, digest and wildcard matches nothing,
nor does one without a registry, as `docker.io` is filled in; `ghcr.io/acme/web:*` leaves out
`ghcr.io/acme/web@sha256:…`. An `ImageValidatingPolicy` compares what the pod says as it is written:
`docker.io/acme/web:*` leaves out `acme/web:1`. What no pattern matches runs unverified.

Write the registry and the path that are deployed, with both ends: `name:*` and `name@*`.

The check is silent where another pattern matches the image or may, for patterns with values that a template
fills in, for policies that choose images by an expression, and for patterns that come near no image of this
repository.

References:

- https://kyverno.io/docs/policy-types/cluster-policy/verify-images/
- https://github.com/kyverno/kyverno/blob/main/pkg/utils/image/infos.go
- https://kyverno.io/docs/policy-types/image-validating-policy/
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
from checks.facts.image.references import without_version
from checks.facts.image.signing import name_of
from checks.facts.policy.kyverno_patterns import Pattern, choose_by_patterns, patterns_of
from checks.facts.policy.policies import is_sample
from checks.facts.tree import Edit, Sequence, insert_item_after, replace_value
from checks.facts.value import literal

_POLICY = """\
-- policy/verify.yaml --
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: signed
spec:
  rules:
    - name: signed
      match: {any: [{resources: {kinds: [Pod]}}]}
      verifyImages:
        - imageReferences:
            - "PATTERN"
          failureAction: Enforce
          attestors:
            - entries:
                - keyless:
                    issuer: https://token.actions.githubusercontent.com
                    subject: https://github.com/acme/web/.github/workflows/push.yml@refs/heads/main
"""
_NEW_POLICY = """\
-- policy/images.yaml --
apiVersion: policies.kyverno.io/v1
kind: ImageValidatingPolicy
metadata:
  name: signed
spec:
  matchImageReferences:
    - glob: PATTERN
  attestors:
    - name: ci
      cosign: {keyless: {identities: [{issuer: https://token.actions.githubusercontent.com, subject: me}]}}
  validations:
    - expression: images.containers.map(image, verifyImageSignatures(image, [attestors.ci])).all(e, e > 0)
"""
_DIGEST = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_POD = """\
-- deploy/web.yaml --
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: IMAGE
"""
_WORKFLOW = """\
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
          tags: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}
      - run: cosign sign --yes 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web@${{ steps.build.outputs.digest }}
"""


def _policy(*patterns: str) -> str:
    return _POLICY.replace("PATTERN", '"\n            - "'.join(patterns))


check = Check(
    id="kyverno-image-reference-never-matches",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.HELM_VALUES, Kind.TERRAFORM),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "kyverno", "policy"),
    security_severity=7.0,
    examples=(
        Example(
            title="a name without tag and wildcard",
            files=_policy("ghcr.io/acme/web"),
            at='"ghcr.io/acme/web"',
            fixed=_policy("ghcr.io/acme/web:*", "ghcr.io/acme/web@*"),
        ),
        Example(
            title="an organization, in a list on one line",
            files=_policy("ghcr.io/acme/").replace('\n            - "ghcr.io/acme/"', ' ["ghcr.io/acme/"]'),
            at='"ghcr.io/acme/"',
            fixed=_policy("ghcr.io/acme/").replace('\n            - "ghcr.io/acme/"', ' ["ghcr.io/acme/*"]'),
        ),
        Example(
            title="any owner's, and no version",
            files=_policy("ghcr.io/*/web"),
            at='"ghcr.io/*/web"',
            fixed=_policy("ghcr.io/*/web:*", "ghcr.io/*/web@*"),
        ),
        Example(
            title="an image of Docker Hub as a pod may name it",
            files=_policy("acme/web:*"),
            at='"acme/web:*"',
            fixed=_policy("docker.io/acme/web:*"),
        ),
        Example(
            title="tags only, and a pod that names a digest",
            files=_policy("ghcr.io/acme/web:*") + _POD.replace("IMAGE", f"ghcr.io/acme/web:1@{_DIGEST}"),
            at='"ghcr.io/acme/web:*"',
            fixed=_policy("ghcr.io/acme/web:*", "ghcr.io/acme/web@*"),
        ),
        Example(
            title="the image of another account",
            files=_policy("111122223344.dkr.ecr.eu-west-1.amazonaws.com/web:*") + _WORKFLOW,
            at='"111122223344.dkr.ecr.eu-west-1.amazonaws.com/web:*"',
            fixed=_policy(
                "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:*",
                "111122223333.dkr.ecr.eu-west-1.amazonaws.com/web@*",
            ),
        ),
        Example(
            title="a new policy with the registry written out, and a pod without it",
            files=_NEW_POLICY.replace("PATTERN", "docker.io/acme/web*") + _POD.replace("IMAGE", "acme/web:1"),
            at="docker.io/acme/web*",
            fixed=_NEW_POLICY.replace("PATTERN", "acme/web*"),
        ),
        Example(
            title="patterns that match; another one of the list does; one tag or digest; images of others",
            files=_policy(
                "ghcr.io/acme/*", "ghcr.io/acme/web", "docker.io/nginx:1.27", f"quay.io/a/b@{_DIGEST}"
            )
            + _POD.replace("IMAGE", f"ghcr.io/acme/web@{_DIGEST}")
            + _POD.replace("web.yaml", "cache.yaml").replace("IMAGE", f"docker.io/redis:7@{_DIGEST}"),
        ),
        Example(
            title="another one of the list has the registry; the registry that is filled in is another one",
            files=_policy("acme/web*", "docker.io/acme/web*", "registry:5000*", "*/web:*")
            + _policy("acme/web*").replace("verify.yaml", "own.yaml").replace("signed", "own")
            + """\
-- helm/values.yaml --
config:
  defaultRegistry: registry.acme.test
""",
        ),
        Example(
            title="both forms; a short name of Docker Hub, which is written out before it is compared",
            files=_policy("docker.io/acme/web:*", "docker.io/acme/web@*")
            + _POD.replace("IMAGE", f"acme/web@{_DIGEST}"),
        ),
        Example(
            title="another policy covers the pod, or may: it chooses by an expression",
            files=_policy("ghcr.io/acme/web:*")
            + _POD.replace("IMAGE", f"ghcr.io/acme/web@{_DIGEST}")
            + _NEW_POLICY.replace("glob: PATTERN", "expression: image.registry == 'ghcr.io'"),
        ),
        Example(
            title="a pod of an example, and an ECS task, which no Kyverno sees",
            files=_policy("ghcr.io/acme/web:*")
            + _POD.replace("deploy/web", "examples/web").replace("IMAGE", f"ghcr.io/acme/web@{_DIGEST}")
            + f"""\
-- main.tf --
resource "aws_ecs_task_definition" "web" {{
  family                = "web"
  container_definitions = jsonencode([{{ name = "web", image = "ghcr.io/acme/web@{_DIGEST}" }}])
}}
""",
        ),
        Example(
            title="a sample of a new policy, beside a pod that it leaves out",
            files=_NEW_POLICY.replace("PATTERN", "docker.io/acme/web*").replace(
                "policy/images", "docs/images"
            )
            + _POD.replace("IMAGE", "acme/web:1"),
        ),
        Example(
            title="a template, and the sample of a page",
            files=_policy("{{ .Values.image }}")
            + _policy("ghcr.io/acme/web").replace("policy/verify.yaml", "docs/verify.yaml"),
        ),
        Example(
            title="an image that is neither signed here nor deployed, under another registry's name",
            files=_policy("docker.io/acme/web:*") + _WORKFLOW.partition("      - run")[0],
        ),
        Example(
            title="the pattern is for an image that is pushed to two registries",
            files=_policy("ghcr.io/acme/web:*") + _WORKFLOW.replace("tags: ", "tags: ghcr.io/acme/web:1,"),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    verifications = [one for one in repo.image_verifications if not one.is_sample]
    policies = [one for one in repo.image_validating_policies if not is_sample(one.manifest.text.path)]
    patterns = patterns_of(verifications, policies)
    dead = [one for one in patterns if _is_dead(repo, one, patterns)]
    yield from map(_never, dead)
    if not patterns or not choose_by_patterns(verifications, policies):
        return
    told = set(dead)
    for image, place in (*_deployed(repo), *_signed(repo)):
        near = _nearest(repo, image, patterns)
        if near is not None and near not in told:
            told.add(near)
            yield _missed(near, image, place)


def _is_dead(repo: Repository, pattern: Pattern, patterns: tuple[Pattern, ...]) -> bool:
    """Whether a pattern can match no image, and no other one of its list covers what it names."""
    if not pattern.lacks_version and (not pattern.lacks_registry or _has_other_registry(repo)):
        return False
    name = literal(pattern.name)
    others = [one for one in patterns if one.siblings is pattern.siblings and one is not pattern]
    return not any(one.may_match(name) for one in others)


def _has_other_registry(repo: Repository) -> bool:
    """Whether Kyverno's configuration may fill in another registry than Docker Hub, or none."""
    kinds = (Kind.KUBERNETES, Kind.HELM_VALUES, Kind.SCRIPT, Kind.TERRAFORM)
    return any("efaultRegistry" in text.content for kind in kinds for text in repo.texts(kind))


def _deployed(repo: Repository) -> Iterator[tuple[str, Location]]:
    """The images that workloads of the repository run, as they name them."""
    for one in repo.running_images:
        text = one.value.literal
        is_pods = repo.kinds.get(one.location.path) in (Kind.KUBERNETES, Kind.HELM_VALUES)
        if text and is_pods and not one.is_aside:
            yield text, Location(one.location.text, one.location.span, "deploys the image")


def _signed(repo: Repository) -> Iterator[tuple[str, Location]]:
    """The names, without tags, of images that are pushed and signed."""
    signed = {image for one in repo.signatures if not one.is_attestation for image in one.images}
    for push in repo.pushes if signed else ():
        name = name_of(push.reference)
        if push.certain and name in signed and name.literal and not push.reference.is_on_this_machine:
            yield name.literal, Location(push.location.text, push.location.span, "pushes the image")


def _nearest(repo: Repository, image: str, patterns: tuple[Pattern, ...]) -> Pattern | None:
    """The pattern that was meant for an image that none matches: a tag too much, or another registry."""
    name = without_version(image)
    if name == image and any(one.may_match(literal(name)) for one in patterns):
        return None
    if name != image and any(one.matches(image) is not False for one in patterns):
        return None
    for one in patterns:
        if "@" in image and one.scalar.value.endswith(":*") and one.is_for(name):
            return one
        if one.differs_in_registry(image) and not _is_used(repo, one):
            return one
    return None


def _is_used(repo: Repository, pattern: Pattern) -> bool:
    """Whether a pattern matches anything that the repository deploys or pushes, or may."""
    deployed = (one.value.literal for one in repo.deployed_images)
    if any(pattern.matches(text) is not False for text in deployed if text):
        return True
    return any(pattern.may_match(name_of(push.reference)) for push in repo.pushes)


def _never(pattern: Pattern) -> Finding:
    text = code(pattern.scalar.value)
    if pattern.lacks_registry:
        message = f"{text} names no registry, and so it matches no image."
        why = f"Kyverno fills in the registry before it compares, {code('docker.io/…')} by default"
    else:
        message = f"{text} ends in no tag, no digest and no wildcard, and so it matches no image."
        why = "Kyverno compares it with the whole name, which ends in `:tag` or `@sha256:…`"
    return Finding(
        message=message,
        consequence=f"{why}: the rule verifies nothing for it, and pods with unsigned images are admitted.",
        location=Location(pattern.scalar.text, pattern.scalar.span),
        fixes=_fixes(pattern, pattern.completed),
    )


def _missed(pattern: Pattern, image: str, place: Location) -> Finding:
    text = pattern.scalar.value
    why = "The image comes into the cluster unverified, whether it is signed or not."
    if "@" in image and pattern.is_for(without_version(image)):
        why = "The pod names a digest and no tag: its image is not verified."
        if pattern.compares_full_names:
            why = "With a digest Kyverno compares name and digest, without the tag: this pod's image is not verified."
    return Finding(
        message=f"{code(text)} does not match {code(image)}, and no pattern does.",
        consequence=why,
        location=Location(pattern.scalar.text, pattern.scalar.span),
        related=(place,),
        fixes=_fixes(pattern, pattern.rewritten_for(image)),
    )


def _fixes(pattern: Pattern, texts: tuple[str, ...]) -> tuple[Fix, ...]:
    scalar, written = pattern.scalar, pattern.scalar.text[pattern.scalar.span]
    spelled = [written.replace(scalar.value, text) for text in texts]
    siblings = pattern.siblings
    edits: tuple[Edit | None, ...] = ()
    if len(texts) == 1:
        edits = (replace_value(scalar, texts[0]),)
    elif texts and isinstance(siblings, Sequence) and scalar.value in written:
        if siblings.flow:
            edits = (Edit(scalar.text.path, scalar.span, ", ".join(spelled)),)
        else:
            edits = (
                replace_value(scalar, texts[0]),
                insert_item_after(siblings, siblings.items.index(scalar), spelled[1]),
            )
    return offer(
        f"match {code(texts[0])}" + (f" and {code(texts[1])}" if texts[1:] else "") if texts else "",
        Applicability.UNSAFE,
        *edits,
        caution="Are all of these images signed? From then on the rule judges each pod that runs one.",
    )
