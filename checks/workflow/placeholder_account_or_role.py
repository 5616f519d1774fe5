"""Placeholder stands where an AWS account has to

`arn:aws:iam::ACCOUNT:role/…`, `<ACCOUNT_ID>.dkr.ecr.…`, or a number that has not 12 digits: text of a
template that nobody filled in. AWS refuses such an ARN, and no registry has such a name, so that the step
fails on every run.

Put the account's number there, or a variable of the repository.

The check reads `with:` and `env:` of workflows and, there only for numbers, images of Kubernetes objects;
globs of policies are the business of `cip-ecr-account-malformed`. It is silent for expressions, shell
variables, scripts, and below folders for documentation, examples and tests.

References:

- https://github.com/aws-actions/configure-aws-credentials#assumerole-with-an-oidc-provider
- https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
- https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/use-variables
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
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.tree import Edit, Mapping, Scalar, Span, walk
from checks.regex import regex

_BEFORE = r"(?<![\w${}%*/.-])"
_ACCOUNT = r"(?P<account><[\w -]{1,40}>|\[[\w -]{1,40}\]|[A-Za-z0-9_-]{1,40})"
_FORMS = (
    regex(rf"\barn:aws[\w-]*:(?:iam|sts|ecr):[a-z0-9-]*:{_ACCOUNT}:(?:role|user|oidc-provider|policy|repository)/"),
    regex(rf"{_BEFORE}{_ACCOUNT}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.(?:amazonaws|on)\."),
)  # fmt: skip
_WORD = regex(
    r"[<\[].*[>\]]|[xX]{3,}|(?:(?:YOUR|MY|AWS|THE)[_-])*ACCOUNT(?:[_-]?(?:ID|NUMBER|NO))?(?:[_-]?HERE)?",
    re.IGNORECASE,
)
_DIGITS = 12
_NAMED = regex(r"\b(?:vars|secrets)\.\w*ACCOUNT\w*", re.IGNORECASE)
_SHOWN = frozenset(
    [
        "doc",
        "docs",
        "documentation",
        "example",
        "examples",
        "sample",
        "samples",
        "test",
        "tests",
        "testdata",
        "fixtures",
        "e2e",
        "hack",
    ]
)

check = Check(
    id="placeholder-account-or-role",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.KUBERNETES),
    fix=Applicability.UNSAFE,
    tags=("aws", "oidc"),
    examples=(
        Example(
            title="the role that a job assumes",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
permissions: {id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with:
          role-to-assume: arn:aws:iam::ACCOUNT_ID:role/deploy
          aws-region: eu-west-1
""",
            at="ACCOUNT_ID",
            fixed="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
permissions: {id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with:
          role-to-assume: arn:aws:iam::${{ vars.AWS_ACCOUNT_ID }}:role/deploy
          aws-region: eu-west-1
""",
        ),
        Example(
            title="a registry, beside a secret that has the account, and a number that is too short",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
env:
  REGISTRY: <account-id>.dkr.ecr.eu-west-1.amazonaws.com
jobs:
  build:
    runs-on: ubuntu-latest
    env:
      ROLE: "arn:aws:iam::${{ secrets.PROD_ACCOUNT }}:role/deploy"
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '123456789.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}'}
""",
            at=("<account-id>", "123456789"),
            fixed="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
env:
  REGISTRY: ${{ secrets.PROD_ACCOUNT }}.dkr.ecr.eu-west-1.amazonaws.com
jobs:
  build:
    runs-on: ubuntu-latest
    env:
      ROLE: "arn:aws:iam::${{ secrets.PROD_ACCOUNT }}:role/deploy"
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '123456789.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}'}
""",
        ),
        Example(
            title="whole numbers, expressions, variables, a script that fills it in, documentation",
            files="""\
-- .github/workflows/build.yml --
on:
  workflow_call:
    inputs:
      role:
        description: such as arn:aws:iam::ACCOUNT_ID:role/deploy
        type: string
env:
  A: 111122223333.dkr.ecr.eu-west-1.amazonaws.com
  B: ${{ vars.ACCOUNT }}.dkr.ecr.eu-west-1.amazonaws.com
  C: $ACCOUNT_ID.dkr.ecr.eu-west-1.amazonaws.com
  D: arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly
  E: public.ecr.aws/acme/web
  F: arn:aws:iam::{account}:role/deploy
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: sed -i "s/ACCOUNT_ID.dkr.ecr/$ACCOUNT.dkr.ecr/" deploy.yaml
      - uses: aws-actions/configure-aws-credentials@v6
        with:
          role-to-assume: arn:aws:iam::${{ vars.ACCOUNT }}:role/ACCOUNT
-- deploy.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: ACCOUNT_ID.dkr.ecr.eu-west-1.amazonaws.com/web:1.0.0
-- docs/pod.yaml --
apiVersion: v1
kind: Pod
spec:
  containers:
    - image: 123456789.dkr.ecr.eu-west-1.amazonaws.com/web:1.0.0
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for workflow in repo.workflows:
        for scalar in _settings(workflow.node):
            yield from _in_workflow(scalar)
    for manifest in repo.manifests:
        if manifest.group == "" or manifest.group in ("apps", "batch"):
            for image in _images(manifest.node):
                yield from _in_manifest(image)


def _settings(root: Mapping) -> Iterator[Scalar]:
    """The values below `with:` and `env:`, for the workflow, its jobs and their steps."""
    jobs = root.get("jobs")
    holders = [root]
    for entry in jobs.entries if isinstance(jobs, Mapping) else ():
        if isinstance(entry.value, Mapping):
            steps = entry.value.get("steps")
            holders += [
                entry.value,
                *(one for one in getattr(steps, "items", ()) if isinstance(one, Mapping)),
            ]
    for holder in holders:
        for name in ("env", "with"):
            values = holder.get(name)
            for entry in values.entries if isinstance(values, Mapping) else ():
                if isinstance(entry.value, Scalar):
                    yield entry.value


def _images(root: Mapping) -> Iterator[Scalar]:
    for node in walk(root):
        image = node.get("image") if isinstance(node, Mapping) else None
        if isinstance(image, Scalar):
            yield image


def _accounts(scalar: Scalar) -> Iterator[tuple[str, Span]]:
    """What stands where accounts do in a text, with its place."""
    for form in _FORMS:
        for match in form.finditer(scalar.value):
            start, end = match.span("account")
            place = scalar.locate(start, end)
            if place is not None:
                yield match["account"], place


def _in_workflow(scalar: Scalar) -> Iterator[Finding]:
    for account, place in _accounts(scalar):
        if not _WORD.fullmatch(account) and not _is_short(account):
            continue
        named = _NAMED.search(scalar.text.content)
        variable = named[0] if named else "vars.AWS_ACCOUNT_ID"
        yield Finding(
            message=_message(account),
            consequence="AWS knows no such account: every run fails where the value is used.",
            location=Location(scalar.text, place),
            fixes=offer(
                f"take it from {code(variable)}",
                Applicability.UNSAFE,
                Edit(scalar.text.path, place, "${{ " + variable + " }}"),
                caution=f"Is {code(variable.partition('.')[2])} set, to the number of this account?",
            ),
        )


def _in_manifest(scalar: Scalar) -> Iterator[Finding]:
    if _SHOWN & set(scalar.text.path.lower().split("/")):
        return
    for account, place in _accounts(scalar):
        if _is_short(account):
            yield Finding(
                message=_message(account),
                consequence="No registry has that name: the image can't be pulled.",
                location=Location(scalar.text, place),
            )


def _is_short(account: str) -> bool:
    return account.isdigit() and len(account) != _DIGITS


def _message(account: str) -> str:
    if account.isdigit():
        return f"{code(account)} has {len(account)} digits, and the number of an AWS account has {_DIGITS}."
    return f"{code(account)} stands where the number of an AWS account has to."
