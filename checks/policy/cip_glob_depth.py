"""Policy's glob stops at a slash of the image's name

`*` in a glob does not cross a slash: `ghcr.io/acme/*` matches `ghcr.io/acme/web`, and not
`ghcr.io/acme/team/web`. Images of nested repositories fall outside of the policy.

Write `**`, which crosses slashes.

The check is silent where another glob matches the image, and where the image's name is not known.

References:

- https://docs.sigstore.dev/policy-controller/overview/#configuring-image-patterns
- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/glob/glob.go
"""

from __future__ import annotations

import re
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
from checks.facts.image.signing import name_of
from checks.facts.policy.policies import covers
from checks.facts.tree import replace_value

_POLICY = """\
-- policy/images.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: {}
  authorities:
    - static:
        action: fail
"""
_WORKFLOW = """\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ghcr.io/acme/team/web:${{ github.sha }}
"""

check = Check(
    id="cip-glob-depth",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES, Kind.WORKFLOW),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "sigstore", "policy"),
    security_severity=7.0,
    examples=(
        Example(
            title="one star, and a nested repository",
            files=_POLICY.format("ghcr.io/acme/*") + _WORKFLOW,
            at="ghcr.io/acme/*",
            fixed=_POLICY.format("ghcr.io/acme/**"),
        ),
        Example(
            title="two stars, a flat name, another glob for the nested ones",
            files=_POLICY.format("ghcr.io/acme/**")
            + _POLICY.format("ghcr.io/acme/*").replace("images.yaml", "flat.yaml")
            + _WORKFLOW,
        ),
        Example(
            title="a star within a part, and an example",
            files=_POLICY.format("ghcr.io/acme/te*")
            + _POLICY.format("ghcr.io/acme/*").replace("policy/images", "examples/images")
            + _WORKFLOW,
        ),
        Example(
            title="a name that is not known, and other registries",
            files=_POLICY.format("ghcr.io/acme/*")
            + _WORKFLOW.replace("acme/team/web", "acme/${{ vars.NAME }}")
            + _WORKFLOW.replace("push.yml", "other.yml").replace("ghcr.io", "quay.io"),
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    globs = [(policy, glob) for policy in repo.policies if not policy.is_sample for glob in policy.globs]
    for policy, glob in globs:
        if not re.fullmatch(r"[^*]+/\*(?:@\*)?", glob.value):
            continue
        better = glob.value.replace("*", "**", 1)
        for push in repo.pushes:
            image = name_of(push.reference)
            if covers(better, image) is True and all(covers(one.value, image) is False for _, one in globs):
                yield Finding(
                    message=f"{code(glob.value)} does not match {code(str(image))}: {code('*')} stops at a slash.",
                    consequence=f"{code(policy.name) if policy.name else 'The policy'} does not apply to pods with the image: they are refused or run unverified, by the controller's default.",
                    location=Location(glob.text, glob.span),
                    related=(Location(push.location.text, push.location.span, "pushes the image"),),
                    fixes=offer(
                        f"match nested repositories with {code(better)}",
                        Applicability.UNSAFE,
                        replace_value(glob, better),
                        caution="From then on the policy holds for all nested repositories: are their images signed as it asks?",
                    ),
                )
                break
