"""Glob of a ClusterImagePolicy matches no image

policy-controller compares a glob with the name that a pod's image has after its tag is resolved:
`registry/repository@sha256:…`, with Docker Hub written out as `index.docker.io/library/…`. The tag is
gone by then. A glob that carries a tag, or that ends with the repository, matches nothing, and the policy
applies to no pod: images that should be refused are admitted or left to another policy.

End the glob with `@*`, or with `*` or `**`. `*` stops at a slash, `**` does not.

The check is silent for globs that policy-controller refuses at admission, for OpenShift's object of the
same kind, for templated values, and in the data of tests.

References:

- https://github.com/sigstore/policy-controller/blob/main/pkg/apis/glob/glob.go
- https://docs.sigstore.dev/policy-controller/overview/#configuring-image-patterns
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
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.policy.policies import ClusterImagePolicy
from checks.facts.policy.policy_glob import can_match, is_valid
from checks.facts.tree import Scalar, replace_value

_DOCKER_HUB = "index.docker.io"

check = Check(
    id="cip-glob-never-matches",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES,),
    fix=Applicability.UNSAFE,
    tags=("security", "sigstore", "policy"),
    security_severity=8.0,
    examples=(
        Example(
            title="a glob with a tag",
            files="""\
-- policy/web.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: "ghcr.io/acme/web:v*"  # releases
  authorities:
    - static:
        action: fail
""",
            at='"ghcr.io/acme/web:v*"',
            fixed="""\
-- policy/web.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: "ghcr.io/acme/web@*"  # releases
  authorities:
    - static:
        action: fail
""",
        ),
        Example(
            title="a bare repository, and a short form of Docker Hub",
            files="""\
-- policy/web.yaml --
apiVersion: policy.sigstore.dev/v1alpha1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: ghcr.io/acme/web
    - glob: docker.io/acme/**
    - glob: nginx*
    - glob: index.docker.io/nginx@*
""",
            at=("ghcr.io/acme/web", "docker.io/acme/**", "nginx*", "index.docker.io/nginx@*"),
            fixed="""\
-- policy/web.yaml --
apiVersion: policy.sigstore.dev/v1alpha1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: ghcr.io/acme/web@*
    - glob: docker.io/acme/**
    - glob: nginx*
    - glob: index.docker.io/nginx@*
""",
        ),
        Example(
            title="an organisation of Docker Hub, whose host a resolved name has",
            files="""\
-- policy/hub.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: acme/*
    - glob: 'redis:8'
""",
            at=("acme/*", "'redis:8'"),
            fixed="""\
-- policy/hub.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: index.docker.io/acme/*
    - glob: 'redis:8'
""",
        ),
        Example(
            title="globs that match resolved images",
            files="""\
-- policy/web.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: "**"
    - glob: "*"
    - glob: "*/*"
    - glob: ghcr.io/acme/*
    - glob: ghcr.io/acme/web*
    - glob: ghcr.io/acme/web@*
    - glob: ghcr.io/acme/web@sha256:*
    - glob: registry.acme.test:5000/**
    - glob: localhost/web@*
    - glob: index.docker.io/library/nginx@*
    - glob: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/**"
    - glob: "*.dkr.ecr.*.amazonaws.com/**"
""",
        ),
        Example(
            title="another product's kind, a template, and a glob that is refused at admission",
            files="""\
-- policy/openshift.yaml --
apiVersion: config.openshift.io/v1
kind: ClusterImagePolicy
spec:
  images:
    - glob: ghcr.io/acme/web
-- policy/template.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
spec:
  images:
    - glob: ${REGISTRY}/web
    - glob: "{{ .Values.image }}"
    - glob: ghcr.io/acme/[a-z]+
-- test/testdata/valid/policy.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
spec:
  images:
    - glob: image*
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in (one for one in repo.policies if not one.is_test):
        for glob in policy.globs:
            if is_valid(glob.value) and not can_match(glob.value):
                yield _finding(policy, glob)


def _finding(policy: ClusterImagePolicy, glob: Scalar) -> Finding:
    better = _better(glob.value)
    name = code(policy.name) if policy.name else "the policy"
    return Finding(
        message=f"{code(glob.value)} matches no image.",
        consequence=(
            f"Images are compared as `registry/repository@sha256:…`, their tags resolved and Docker Hub's names "
            f"written out, so that {name} applies to no pod through this glob."
        ),
        location=Location(glob.text, glob.span),
        fixes=offer(
            f"match every digest with {code(better)}",
            Applicability.UNSAFE,
            replace_value(glob, better) if can_match(better) else None,
            caution=f"From then on {name} holds for these images: are those that run signed as it asks?",
        ),
    )


def _better(glob: str) -> str:
    """The glob for all digests of the repository that it names, whatever tag it carries, Docker Hub written out."""
    written_out = _written_out(glob)
    if can_match(written_out):
        return written_out
    head, slash, last = written_out.rpartition("/")
    return f"{head}{slash}{last.partition('@')[0].partition(':')[0]}@*"


def _written_out(glob: str) -> str:
    """A glob with the host and the namespace that Docker Hub's short forms leave out."""
    host, slash, rest = glob.partition("/")
    if host in ("docker.io", "index.docker.io"):
        return f"{_DOCKER_HUB}/{rest if '/' in rest or '**' in rest else f'library/{rest}'}"
    if not slash:
        return f"{_DOCKER_HUB}/library/{glob}"
    return glob if host == "localhost" or set(host) & set(".:*") else f"{_DOCKER_HUB}/{glob}"
