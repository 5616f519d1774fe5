"""Workflow logs in to AWS with keys that do not expire

An access key in a secret works until somebody deletes it, from anywhere, and each step of each job that can
read the secret can take it along. A role by OIDC gives credentials for an hour, to the jobs that its trust
policy lists.

Trust GitHub's OIDC provider with a role, grant `id-token: write`, and use `role-to-assume`.

The key of a step is for the steps behind it, until another one gives other credentials. Where no image is
pushed with it, a service is updated perhaps, the finding says only that the job logs in with it.

The check is silent beside `role-to-assume`, which may chain roles, for session tokens, for literal keys of
local emulators, in jobs that push no image, or never come to that since a step ahead stops on every run, and
where a comment of the step speaks of OIDC or of keys that last.

References:

- https://github.com/aws-actions/configure-aws-credentials#oidc
- https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
)  # fmt: skip
from checks.facts.identity.assumptions import CREDENTIALS
from checks.facts.image.pushes import Push
from checks.facts.workflow.guards import ECR_LOGIN
from checks.facts.workflow.workflows import Job, Step
from checks.regex import regex


def _files(keys: str, registry: str = "111122223333.dkr.ecr.eu-west-1.amazonaws.com") -> str:
    return f"""\
-- .github/workflows/push.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with:
          aws-region: eu-west-1
{keys}      - uses: docker/build-push-action@v7
        with: {{context: ., push: true, tags: {registry}/web:1}}
"""


_ID = "          aws-access-key-id: ${{ secrets.AWS_ACCESS_KEY_ID }}\n"
_REST = "          aws-secret-access-key: ${{ secrets.AWS_SECRET_ACCESS_KEY }}\n"

_DEPLOYS = """\
      - uses: aws-actions/configure-aws-credentials@v6
        with:
          aws-region: eu-west-1
          aws-access-key-id: ${{ secrets.DEPLOY_KEY_ID }}
          aws-secret-access-key: ${{ secrets.DEPLOY_SECRET_KEY }}
      - run: aws ecs update-service --cluster web --service web --force-new-deployment
"""

check = Check(
    id="static-aws-keys",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW,),
    scope=Scope.REPOSITORY,
    follows=("build-input-does-not-exist", "deprecated-action-runtime"),
    tags=("security", "oidc", "ecr"),
    security_severity=5.0,
    examples=(
        Example(title="keys from secrets", files=_files(_ID + _REST), at="${{ secrets.AWS_ACCESS_KEY_ID }}"),
        Example(
            title="a role", files=_files("          role-to-assume: arn:aws:iam::111122223333:role/push\n")
        ),
        Example(
            title="a chain of roles",
            files=_files(_ID + _REST + "          role-to-assume: arn:aws:iam::111122223333:role/push\n"),
        ),
        Example(
            title="a session",
            files=_files(_ID + _REST + "          aws-session-token: ${{ secrets.TOKEN }}\n"),
        ),
        Example(
            title="an emulator",
            files=_files("          aws-access-key-id: test\n          aws-secret-access-key: test\n"),
        ),
        Example(
            title="a comment that knows",
            files=_files("          # no OIDC in this partition yet\n" + _ID + _REST),
        ),
        Example(title="another registry", files=_files(_ID + _REST, "ghcr.io/acme")),
        Example(
            title="one key pushes, and another one deploys behind it: neither expires",
            files=_files(_ID + _REST) + _DEPLOYS,
            at=("${{ secrets.AWS_ACCESS_KEY_ID }}", "${{ secrets.DEPLOY_KEY_ID }}"),
        ),
    ),
)
_OF_SECRET = regex(r"\$\{\{\s*secrets\.\w+\s*\}\}")
_KNOWN = regex(r"#.*(?:oidc|openid|long.lived|static|expire|federat)", re.IGNORECASE)


_FOR_DOCKER = "aws ecr get-login"
"""A command for Docker's login to ECR, of old and of today, begins so."""


def run(repo: Repository) -> Iterator[Finding]:
    for workflow in repo.workflows:
        for job in workflow.jobs:
            keys = [step for step in job.steps if _has_keys(step)]
            pushing = [_pushing(push, job) for push in repo.pushes_in.get(workflow.text, ())] if keys else []
            logins = [_login(step, job) for step in pushing if step and step not in repo.steps_without_effect]
            if logins:
                yield from (
                    _finding(job, key, any(_is_used(key, one, job) for one in logins)) for key in keys
                )


def _pushing(push: Push, job: Job) -> Step | None:
    """The step of a job that pushes to ECR."""
    return push.step if push.step is not None and push.step.job is job and push.reference.is_ecr else None


def _login(pushing: Step, job: Job) -> Step:
    """The last step up to a push that logs Docker in to ECR, which lasts whatever the credentials are then;
    else the push."""
    return next(filter(_logs_in, reversed(job.steps[: pushing.index + 1])), pushing)


def _logs_in(step: Step) -> bool:
    return step.uses_action(ECR_LOGIN) or (step.run is not None and _FOR_DOCKER in step.run.value)


def _is_used(key: Step, later: Step, job: Job) -> bool:
    """Whether a step may run with a key: it is behind the key, and no other credentials are certainly given between."""
    between = job.steps[key.index + 1 : later.index]
    return key.index < later.index and not any(
        step.uses_action(CREDENTIALS) and (step.condition is None or _condition(step) == _condition(key))
        for step in between
    )


def _condition(step: Step) -> str | None:
    return step.condition.value if step.condition else None


def _has_keys(step: Step) -> bool:
    key = step.input("aws-access-key-id")
    others = ("role-to-assume", "aws-session-token", "role-chaining")
    is_secret = key is not None and bool(_OF_SECRET.fullmatch(key.value.strip()))
    has_no_role = is_secret and all(step.input(name) is None for name in others)
    return step.uses_action(CREDENTIALS) and has_no_role and not _KNOWN.search(step.text[step.node.span])


def _finding(job: Job, step: Step, is_for_push: bool) -> Finding:
    key = step.input("aws-access-key-id")
    does, can = ("pushes to ECR", "push") if is_for_push else ("logs in to AWS", "log in with it")
    return Finding(
        message=f"The job {code(job.id)} {does} with an access key that does not expire.",
        consequence=(
            f"Whoever reads the secret once, a step of any job that has it perhaps, can {can} from anywhere until somebody "
            "deletes the key."
        ),
        location=Location(step.text, key.span if key else step.node.span),
    )
