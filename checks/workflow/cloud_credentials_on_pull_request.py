"""Pull requests get the credentials that push images

A job that logs in to AWS for pushes and for pull requests alike gives the role to code that nobody has
merged: a branch of this repository can change what the job runs, and push what it likes. Pull requests of
forks of a public repository get neither an OIDC token nor a secret, so that there the step fails.

Keep the login from pull requests, and with it the steps that need it:

    if: github.event_name != 'pull_request'

Skipping it empties `steps.<login>.outputs.registry` in every later step. A job that builds for pull requests
has to name its image without it, or to be parted in two.

The check is silent

- in jobs that push nothing to a registry
- for steps that are kept from pull requests
- in workflows that run for pull requests and merge queues alone, which log in on purpose
- for roles whose name says that they only read, whose policies stand here and allow no push, or that do not
  trust pull requests

References:

- https://github.com/aws-actions/configure-aws-credentials#oidc
- https://docs.github.com/en/actions/reference/security/secure-use
- https://docs.github.com/en/actions/reference/github_token-reference
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
    Outside,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.publishing import is_for_images, token_steps
from checks.facts.identity.assumptions import CREDENTIALS, Assumption, accepts
from checks.facts.token.permissions import id_token_entry
from checks.facts.workflow.guards import kept_from_pull_requests, title
from checks.facts.workflow.untrusted import PULL_REQUEST, is_for_others_too, of_step
from checks.facts.workflow.workflows import Job, Step
from checks.regex import regex

_READS = regex(
    r"read[-_]?only|reader|viewer|[-_]?plan\b|pull[-_]?request|[-_/]pr\b|[-_]pull\b", re.IGNORECASE
)

check = Check(
    id="cloud-credentials-on-pull-request",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.TERRAFORM),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "oidc", "ecr"),
    security_severity=7.0,
    examples=(
        Example(
            title="everything behind the login is kept from pull requests already",
            files="""\
-- .github/workflows/build.yml --
on: [push, pull_request]
permissions: {id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: make test
      - name: AWS
        uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}
      - uses: aws-actions/amazon-ecr-login@v2
        id: login
      - uses: docker/build-push-action@v7
        if: github.ref == 'refs/heads/main'
        with:
          push: true
          tags: ${{ steps.login.outputs.registry }}/web:${{ github.sha }}
""",
            at="aws-actions/configure-aws-credentials@v6",
            fixed="""\
-- .github/workflows/build.yml --
on: [push, pull_request]
permissions: {id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: make test
      - name: AWS
        if: github.event_name != 'pull_request'
        uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}
      - uses: aws-actions/amazon-ecr-login@v2
        id: login
        if: github.event_name != 'pull_request'
      - uses: docker/build-push-action@v7
        if: github.ref == 'refs/heads/main'
        with:
          push: true
          tags: ${{ steps.login.outputs.registry }}/web:${{ github.sha }}
""",
        ),
        Example(
            title="a build for pull requests names its image after the login, so that there is no fix in one edit",
            files="""\
-- .github/workflows/build.yml --
on: [push, pull_request]
permissions: {id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: '${{ secrets.ROLE }}', aws-region: eu-west-1}
      - uses: aws-actions/amazon-ecr-login@v2
        id: login
      - uses: docker/build-push-action@v7
        with:
          push: ${{ github.event_name != 'pull_request' }}
          tags: ${{ steps.login.outputs.registry }}/web:${{ github.sha }}
""",
            at="aws-actions/configure-aws-credentials@v6",
        ),
        Example(
            title="a build that pushes for pull requests, too, under a name without the login's: no fix",
            files="""\
-- .github/workflows/build.yml --
on: [push, pull_request]
permissions: {id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: '${{ secrets.ROLE }}', aws-region: eu-west-1}
      - uses: aws-actions/amazon-ecr-login@v2
      - uses: docker/build-push-action@v7
        with:
          push: true
          tags: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}
""",
            at="aws-actions/configure-aws-credentials@v6",
        ),
        Example(
            title="one that pushes for other events alone",
            files="""\
-- .github/workflows/build.yml --
on: [push, pull_request]
permissions: {id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: '${{ secrets.ROLE }}', aws-region: eu-west-1}
      - uses: docker/build-push-action@v7
        with:
          push: ${{ github.event_name != 'pull_request' }}
          tags: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}
""",
            at="aws-actions/configure-aws-credentials@v6",
            fixed="""\
-- .github/workflows/build.yml --
on: [push, pull_request]
permissions: {id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        if: github.event_name != 'pull_request'
        with: {role-to-assume: '${{ secrets.ROLE }}', aws-region: eu-west-1}
      - uses: docker/build-push-action@v7
        with:
          push: ${{ github.event_name != 'pull_request' }}
          tags: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}
""",
        ),
        Example(
            title="the role stands here, trusts the pull request, and may push",
            files="""\
-- .github/workflows/build.yml --
on: [push, pull_request]
permissions: {id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}
      - run: docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1
-- iam.tf --
resource "aws_iam_role" "push" {
  name = "push"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = { StringLike = { "token.actions.githubusercontent.com:sub" = "repo:*:pull_request" } }
    }]
  })
  inline_policy {
    policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "ecr:*", Resource = "*" }] })
  }
}
""",
            at="aws-actions/configure-aws-credentials@v6",
        ),
        Example(
            title="kept from pull requests, a role that only reads, no push in the job, a role that does not trust them",
            files="""\
-- .github/workflows/build.yml --
on: [push, pull_request]
permissions: {id-token: write}
jobs:
  guarded:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        if: github.event_name == 'push'
        with: {role-to-assume: '${{ secrets.ROLE }}', aws-region: eu-west-1}
      - run: docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1
  reads:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/ci-read-only', aws-region: eu-west-1}
      - if: github.event_name == 'push'
        run: docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1
  plan:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: '${{ secrets.ROLE }}', aws-region: eu-west-1}
      - run: terraform plan
  refused:
    runs-on: ubuntu-latest
    continue-on-error: true
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: 'arn:aws:iam::111122223333:role/push', aws-region: eu-west-1}
      - run: docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1
-- iam.tf --
resource "aws_iam_role" "push" {
  name = "push"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
      Condition = { StringLike = { "token.actions.githubusercontent.com:sub" = "repo:acme/web:ref:refs/heads/main" } }
    }]
  })
}
""",
        ),
        Example(
            title="kept from forks alone: a branch of the repository still has them",
            files="""\
-- .github/workflows/build.yml --
on: [push, pull_request]
permissions: {id-token: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        if: github.event_name == 'push' || github.event.pull_request.head.repo.full_name == github.repository
        with: {role-to-assume: '${{ secrets.ROLE }}', aws-region: eu-west-1}
      - run: docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1
""",
            at="aws-actions/configure-aws-credentials@v6",
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="a workflow for pull requests alone pushes what its preview runs; the one that it calls runs for pushes, too",
            files="""\
-- .github/workflows/preview.yml --
on: [pull_request, merge_group]
permissions: {id-token: write}
jobs:
  image:
    uses: ./.github/workflows/image.yml
  chart:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: '${{ secrets.ROLE }}', aws-region: eu-west-1}
      - run: docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/chart:${{ github.sha }}
  deploy:
    needs: [image, chart]
    runs-on: ubuntu-latest
    steps:
      - run: ./preview.sh ${{ github.sha }}
-- .github/workflows/main.yml --
on: {push: {branches: [main]}}
permissions: {id-token: write}
jobs:
  image:
    uses: ./.github/workflows/image.yml
-- .github/workflows/image.yml --
on: workflow_call
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: '${{ vars.ROLE }}', aws-region: eu-west-1}
      - run: docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}
""",
        ),
        Example(
            title="the workflow that is called, by one for pushes and pull requests alike",
            files="""\
-- .github/workflows/build.yml --
on: [push, pull_request]
permissions: {id-token: write}
jobs:
  image:
    uses: ./.github/workflows/image.yml
-- .github/workflows/image.yml --
on: workflow_call
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: aws-actions/configure-aws-credentials@v6
        with: {role-to-assume: '${{ vars.ROLE }}', aws-region: eu-west-1}
      - run: docker push 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:${{ github.sha }}
""",
            at="aws-actions/configure-aws-credentials@v6",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for workflow in repo.workflows:
        found: list[tuple[Job, Step]] = []
        for job in workflow.jobs:
            logins = [
                step for step in job.steps if step.uses_action(CREDENTIALS) and _comes_along(repo, step)
            ]
            if logins and _pushes(repo, job):
                found += ((job, step) for step in logins if not _is_harmless(repo, step))
        told = [step for _job, step in found]
        yield from (_finding(repo, job, step, _permission(repo, job, told)) for job, step in found)


def _comes_along(repo: Repository, step: Step) -> bool:
    """Whether a pull request certainly comes to a step in a workflow that was written for other events, too."""
    job = step.job
    return job is not None and any(is_for_others_too(start, job) for start in of_step(step, repo.calls))


def _permission(repo: Repository, job: Job, told: list[Step]) -> tuple[Location, ...]:
    """The line that grants the token, where in pull requests nothing uses it for images but logins, told or
    without harm."""
    entry = id_token_entry(job)
    sharing = [one for one in job.workflow.jobs if entry is not None and id_token_entry(one) is entry]
    for one in sharing:
        used = [step for step in token_steps(one) if of_step(step, repo.calls) and step not in told]
        others = [step for step in used if not step.uses_action(CREDENTIALS) or not _is_harmless(repo, step)]
        if others and is_for_images(one, others, repo.pushes_in.get(job.workflow.text, ())):
            return ()
    note = "gives the token to pull requests, too"
    return (Location(job.workflow.text, entry.span, note),) if entry is not None else ()


def _pushes(repo: Repository, job: Job) -> bool:
    """Whether the job pushes to a registry of AWS, or to one that can't be told."""
    pushes = repo.pushes_in.get(job.workflow.text, ())
    hosts = [push.reference for push in pushes if push.step is not None and push.step.job is job]
    return any(one.is_ecr or one.host.is_unknown for one in hosts)


def _pushing(repo: Repository, job: Job) -> Iterator[Step]:
    """The actions of the job that may push there for pull requests: commands that do so name it."""
    for push in repo.pushes_in.get(job.workflow.text, ()):
        step, reference = push.step, push.reference
        if step is None or step.job is not job or step.uses is None:
            continue
        is_there = reference.is_ecr or reference.host.is_unknown
        if is_there and any(push.may_be_for(start.event) for start in of_step(step, repo.calls)):
            yield step


def _is_harmless(repo: Repository, step: Step) -> bool:
    written = step.input("role-to-assume")
    if written is not None and _READS.search(written.value):
        return True
    return any(one.step is step and _can_do_no_harm(repo, one) for one in repo.assumptions)


def _can_do_no_harm(repo: Repository, one: Assumption) -> bool:
    """Whether the role is seen to allow no push, or to refuse pull requests."""
    return one.role is not None and (
        one.role.grants.allows("ecr:PutImage") is False or _trusts(repo, one) is False
    )


def _trusts(repo: Repository, one: Assumption) -> bool | None:
    """Whether the role lets the job of a pull request in."""
    if one.role is None or not one.role.trust.complete:
        return None
    starts = [start for start in one.starts if start.event.name in PULL_REQUEST]
    answers = [
        accepts(statement, subjects, one.audience)
        for start in starts
        for statement in one.role.github
        for subjects in one.subjects(start, repo.outside.slug)
    ]
    return True if True in answers else None if None in answers else False


def _is_called_to_push(repo: Repository, job: Job) -> bool:
    """Whether a workflow for pull requests calls the job, whose command then pushes: the image is wanted there."""
    pushes = repo.pushes_in.get(job.workflow.text, ())
    commands = [one.step for one in pushes if one.step is not None and one.step.job is job and one.step.run]
    return "workflow_call" in job.workflow.triggers and any(of_step(step, repo.calls) for step in commands)


def _finding(repo: Repository, job: Job, step: Step, permission: tuple[Location, ...]) -> Finding:
    known = [one for one in repo.assumptions if one.step is step and one.role is not None]
    grave = [
        one for one in known if one.role and one.role.grants.allows("ecr:PutImage") and _trusts(repo, one)
    ]
    scalar = step.uses.scalar if step.uses else job.key
    fixes, obstacle = _fixes(repo, job, step)
    return Finding(
        message=f"The job {code(job.id)}, which pushes images, logs in to AWS for pull requests, too.",
        consequence=(
            "Who may push a branch here can change what the job runs, and push images with its credentials, before anybody "
            "has merged it."
        ),
        location=Location(scalar.text, scalar.span),
        related=(
            *(
                Location(place.text, place.span, "lets pull requests in, and may push")
                for place in (one.role.location for one in grave[:1] if one.role)
            ),
            *permission,
        ),
        severity=Severity.ERROR if grave else Severity.NOTE if _is_called_to_push(repo, job) else None,
        fixes=fixes,
        withheld=obstacle,
    )


def _fixes(repo: Repository, job: Job, step: Step) -> tuple[tuple[Fix, ...], str]:
    """Guards the login, and the login to ECR behind it, if nothing else that runs for pull requests needs them."""
    edits, needing = kept_from_pull_requests(job, [step], repo.calls)
    pushing = (title(one) for one in _pushing(repo, job) if one in step.later)
    needing = tuple(dict.fromkeys((*needing, *pushing)))
    if needing:
        names = ", ".join(code(one) for one in needing[:3])
        return (), (
            f"{names} would run for pull requests without what the login gives: a role of their own, which can't push to what "
            "is deployed, or a job of their own keeps them going"
        )
    return (
        offer(
            "keep the login from pull requests",
            Applicability.UNSAFE,
            *edits,
            caution="Does a step that runs for pull requests need the credentials without naming them?",
        ),
        "",
    )
