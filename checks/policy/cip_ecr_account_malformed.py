"""ECR host in a policy's glob names no registry

The host of an ECR registry is `<account>.dkr.ecr.<region>.amazonaws.com` with an account of exactly twelve
digits. A glob with another number, with a region that is none, or without `dkr` or `ecr`, matches no
image: the policy guards nothing, and with the controller's default for images without a policy the pods
that it was written for are refused.

Write the account that the images are pushed to.

The check is silent for labels with `*`, for templated values, for a word that a script, a workflow or a
Kustomization names, and may fill in, for words in examples, for hosts that are not ECR's, and in the data of
tests. Accounts of documentation such as `123456789012` are a note.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html
- https://docs.aws.amazon.com/general/latest/gr/ecr.html
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
    Fix,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.policy.identities import is_templated
from checks.facts.policy.policies import ClusterImagePolicy
from checks.facts.tree import Scalar, replace_value
from checks.regex import regex

_ECR = regex(
    r"(?P<account>[^./]*)\.dkr[.-]ecr(?:-fips)?\.(?P<region>[^./]*)\.(?:amazonaws\.com(?:\.cn)?|on\.(?:aws|amazonwebservices\.com\.cn))"
)
_ALMOST = regex(r"(?P<account>\d+)\.(?P<labels>[a-z.]+)\.(?P<region>[a-z]{2}-[a-z-]+\d)\.amazonaws\.com")
_REGION = regex(
    r"(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d"
)
_DOCUMENTATION = ("000000000000", "123456789012")
_CONSEQUENCE = (
    "No image has such a host, so that {name} applies to none: with the default for images without a "
    "policy their pods are refused, with another one they run unverified."
)

_WORD = """\
-- policy/images.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: ACCOUNT.dkr.ecr.us-east-1.amazonaws.com/**
  authorities:
    - static:
        action: fail
"""

check = Check(
    id="cip-ecr-account-malformed",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES, Kind.SCRIPT, Kind.WORKFLOW, Kind.ACTION, Kind.MAKEFILE),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "sigstore", "policy", "ecr"),
    security_severity=7.5,
    examples=(
        Example(
            title="nine digits; the workflow assumes a role of the one account that is written out",
            files="""\
-- policy/images.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: "123456789.dkr.ecr.us-east-1.amazonaws.com/**"
  authorities:
    - static:
        action: fail
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: us-east-1}
""",
            at='"123456789.dkr.ecr.us-east-1.amazonaws.com/**"',
            fixed="""\
-- policy/images.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: "111122223333.dkr.ecr.us-east-1.amazonaws.com/**"
  authorities:
    - static:
        action: fail
""",
        ),
        Example(
            title="a region that is none, a missing label, a word for the account, an account of documentation",
            files="""\
-- policy/images.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: 111122223333.dkr.ecr.us-east1.amazonaws.com/**
    - glob: 111122223333.ecr.us-east-1.amazonaws.com/**
    - glob: ACCOUNT.dkr.ecr.us-east-1.amazonaws.com/web@*
    - glob: 123456789012.dkr.ecr.us-east-1.amazonaws.com/web@*
    - glob: 111122223333.dkr.us-east-1.amazonaws.com/**
""",
            at=(
                "111122223333.dkr.us-east-1.amazonaws.com/**",
                "111122223333.dkr.ecr.us-east1.amazonaws.com/**",
                "111122223333.ecr.us-east-1.amazonaws.com/**",
                "ACCOUNT.dkr.ecr.us-east-1.amazonaws.com/web@*",
                "123456789012.dkr.ecr.us-east-1.amazonaws.com/web@*",
            ),
        ),
        Example(
            title="a script fills the word in, and an example leaves it to the reader; data of a test",
            files=_WORD
            + """\
-- install.sh --
#!/bin/sh
sed "s/ACCOUNT/$ACCOUNT_ID/" policy/images.yaml | kubectl apply -f -
cosign version
"""
            + _WORD.replace("policy/images", "examples/images").replace("ACCOUNT", "account-id")
            + _WORD.replace("policy/images", "tests/images").replace("ACCOUNT", "1234"),
        ),
        Example(
            title="an account of documentation, in an example",
            files=_WORD.replace("policy/images", "examples/images").replace("ACCOUNT", "123456789012"),
        ),
        Example(
            title="hosts that exist, wildcards, templates and other registries",
            files="""\
-- policy/images.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: 111122223333.dkr.ecr.us-east-1.amazonaws.com/**
    - glob: 111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com/**
    - glob: 111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/**
    - glob: 111122223333.dkr-ecr.eu-west-1.on.aws/**
    - glob: "*.dkr.ecr.*.amazonaws.com/**"
    - glob: "1111*.dkr.ecr.eu-*.amazonaws.com/**"
    - glob: "{{ .Values.account }}.dkr.ecr.us-east-1.amazonaws.com/**"
    - glob: ${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/**
    - glob: public.ecr.aws/acme/**
    - glob: ghcr.io/acme/**
    - glob: "**"
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in (one for one in repo.policies if not one.is_test):
        for glob in policy.globs:
            problem = None if is_templated(glob.value) else _problem(glob.value.partition("/")[0])
            if problem and problem[1] is Severity.NOTE and policy.is_sample:
                continue
            if problem and not _is_filled_in(repo, policy, glob):
                yield _finding(repo, policy, glob, *problem)


def _is_filled_in(repo: Repository, policy: ClusterImagePolicy, glob: Scalar) -> bool:
    """Whether the account is a word, for which somebody or something may put a number."""
    word = glob.value.partition(".")[0]
    if word.isdecimal():
        return False
    kinds = (Kind.SCRIPT, Kind.WORKFLOW, Kind.ACTION, Kind.MAKEFILE, Kind.KUBERNETES)
    texts = (text for kind in kinds for text in repo.texts(kind) if text is not glob.text)
    return policy.is_sample or any(word in text.content for text in texts)


def _problem(host: str) -> tuple[str, Severity] | None:
    """What is wrong with a host, as the end of a sentence that starts with the glob, and how much it matters."""
    almost = _ALMOST.fullmatch(host)
    if almost and "dkr" in almost["labels"].split(".") and "ecr" not in almost["labels"]:
        return f"is for a host without the label {code('ecr')}", Severity.ERROR
    if almost and almost["labels"] == "ecr":
        return f"is for a host without the label {code('dkr')}", Severity.ERROR
    match = _ECR.fullmatch(host)
    if match is None:
        return None
    account, region = match["account"], match["region"]
    if "*" not in account and not re.fullmatch(r"\d{12}", account):
        digits = f"has {len(account)} digits" if account.isdigit() else "is no number"
        return f"names the account {code(account)}, which {digits}; accounts have 12", Severity.ERROR
    if "*" not in region and not _REGION.fullmatch(region):
        return f"names the region {code(region)}, which AWS does not have", Severity.ERROR
    if account in _DOCUMENTATION:
        return f"names {code(account)}, the account of AWS's own documentation", Severity.NOTE
    return None


def _finding(
    repo: Repository, policy: ClusterImagePolicy, glob: Scalar, problem: str, severity: Severity
) -> Finding:
    name = code(policy.name) if policy.name else "the policy"
    return Finding(
        message=f"{code(glob.value)} {problem}.",
        consequence=_CONSEQUENCE.format(name=name)
        if severity is Severity.ERROR
        else f"If that is not the account that the images are in, {name} applies to none of them.",
        location=Location(glob.text, glob.span),
        fixes=_fixes(repo, glob),
        severity=severity,
    )


def _fixes(repo: Repository, glob: Scalar) -> tuple[Fix, ...]:
    accounts = {one for one in repo.accounts if one not in _DOCUMENTATION}
    match = _ECR.match(glob.value)
    if len(accounts) != 1 or match is None or not _REGION.fullmatch(match["region"]):
        return ()
    account = accounts.pop()
    better = account + glob.value[match.end("account") :]
    return offer(
        f"name the account {code(account)}",
        Applicability.UNSAFE,
        replace_value(glob, better) if better != glob.value else None,
        caution=f"{code(account)} is the only account that this repository names: are the images in its registry?",
    )
