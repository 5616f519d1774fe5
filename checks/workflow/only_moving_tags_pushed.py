"""Only moving tags are pushed

Every tag of the image is moved by the next push: `latest`, the branch's. Then no name stands for this build.
What ran yesterday can't be deployed again by a tag, two clusters with the same manifest run different builds,
and an incident has no image to look at.

Push a tag with the commit as well, and deploy by that.

The check is silent where a tag is not known, where the digest is used, for builds of pull requests only, for
images of tests, bases and caches, for a registry that the job has for itself, where anything in the file gives the
image another tag, where a comment at the tags or at the step says that they are always to be these, and for what
the clock builds under a branch's name: that is what the branch holds today, and no release.

References:

- https://github.com/docker/metadata-action#typesha
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
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
from checks.facts.build.builds import BUILD_PUSH, Build, Tag
from checks.facts.mention import Mention
from checks.facts.tree import insert_line_after, replace_value
from checks.facts.value import Value, Varies
from checks.facts.workflow.events import RefKind
from checks.facts.workflow.followed_runs import AFTER_ANOTHER, follows_each_commit
from checks.facts.workflow.step_comments import comments_at
from checks.facts.workflow.workflows import Step, Workflow
from checks.regex import regex

_MOVING = regex(r"(?:[\w.-]+-)?latest|main|master|edge")
_BRANCH = regex(r"main|master|edge")
_CLOCK = "schedule"
_OTHER_NAMES = Mention(
    r"imagetools|docker tag|docker push|crane|skopeo|digest|metadata|regctl|oras|retag|bake"
)
"""What gives an image another name, or uses its digest."""
_ASIDE = regex(r"base|build|cache|test|\bci\b|dev|tool|sandbox|example|demo|runner|nightly", re.IGNORECASE)
_DECIDED = regex(
    r"(?<!not )\b(?:always|deliberately|intentionally|just|on purpose|only)\b.{0,60}\b(?:branch|edge|latest|main|master|moving)\b"
    r"|\b(?:branch|edge|latest|main|master|moving)\b.{0,60}\b(?:deliberately|intentionally|on purpose)\b",
    re.IGNORECASE,
)
"""A comment by which the moving tag is meant."""

_TYPED = "        with: {ref: '${{ inputs.ref }}'}\n"


_BEHIND = "{workflow_run: {workflows: [Tests], types: [completed]}}"
_IF_PUSHED = (
    "    if: github.event.workflow_run.event == 'push' && github.event.workflow_run.head_branch == 'main'\n"
)
_HEAD = "        with: {ref: '${{ github.event.workflow_run.head_sha }}'}\n"


def _behind(tests_on: str, condition: str = "", checkout: str = "", more: str = "") -> str:
    """The same behind another workflow, which runs `tests_on`."""
    return (
        _by_hand(f"{_BEHIND[:-1]}{more}}}", checkout=checkout, condition=condition)
        + f"-- .github/workflows/tests.yml --\nname: Tests\non: {{{tests_on}}}\n"
        + "jobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [{run: make test}]\n"
    )


def _by_hand(on: str, added: str = "", checkout: str = "", condition: str = "") -> str:
    return f"""\
-- .github/workflows/backup.yml --
on: {on}
jobs:
  push:
{condition}    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
{checkout}      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ghcr.io/acme/backup:latest{added}
"""


_ASKED = ",ghcr.io/acme/web:sha-${{ github.sha }}"
_CALLED = f"""\
-- .github/workflows/image.yml --
on: {{workflow_call: {{inputs: {{file: {{type: string}}}}}}}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/build-push-action@v7
        with:
          context: .
          file: ${{{{ inputs.file }}}}
          push: true
          tags: ghcr.io/acme/web:latest{_ASKED}
-- .github/workflows/main.yml --
on: {{push: {{branches: [main]}}}}
jobs:
  web:
    uses: ./.github/workflows/image.yml
    with: {{file: debian.Dockerfile}}
-- .github/workflows/release.yml --
on: {{push: {{tags: ['v*']}}}}
jobs:
  web:
    uses: ./.github/workflows/image.yml
    with: {{file: alpine.Dockerfile}}
-- debian.Dockerfile --
FROM debian:13
-- alpine.Dockerfile --
FROM alpine:3.24
"""


check = Check(
    id="only-moving-tags-pushed",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("tags", "push"),
    examples=(
        Example(
            title="a comment means it: nothing in the image is of one commit",
            files=_by_hand(
                "{push: {branches: [main]}}", " # always latest, as the image has nothing of a commit"
            ),
        ),
        Example(
            title="by a workflow that is told the Dockerfile by each of its callers",
            files=_CALLED.replace(_ASKED, ""),
            at="ghcr.io/acme/web:latest",
            fixed=_CALLED.partition("-- .github/workflows/main.yml --\n")[0],
        ),
        Example(
            title="a comment of something else",
            files=_by_hand("{push: {branches: [main]}}", " # the backup of all clusters"),
            at="ghcr.io/acme/backup:latest",
            fixed=_by_hand(
                "{push: {branches: [main]}}",
                ",ghcr.io/acme/backup:sha-${{ github.sha }} # the backup of all clusters",
            ),
        ),
        *(
            Example(
                title=f"what the tag says of the image beside moving: {moving}",
                files=_by_hand("{push: {branches: [main]}}").replace("backup:latest", f"backup:{moving}"),
                at=f"ghcr.io/acme/backup:{moving}",
                fixed=_by_hand("{push: {branches: [main]}}", f",ghcr.io/acme/backup:{added}").replace(
                    "backup:latest", f"backup:{moving}"
                ),
            )
            for moving, added in (
                ("arm-latest", "arm-sha-${{ github.sha }}"),
                ("main-latest", "sha-${{ github.sha }}"),
            )
        ),
        Example(
            title="a version beside a word that moves elsewhere",
            files=_by_hand("{push: {branches: [main]}}").replace("backup:latest", "backup:stable-3.2")
            + _by_hand("{push: {branches: [main]}}")
            .replace("backup:latest", "backup:main-1.4.2")
            .replace("workflows/", "workflows/other-"),
        ),
        Example(
            title="built each week, from a commit that may be last week's: it names no build",
            files="""\
-- .github/workflows/refresh.yml --
on:
  schedule: [{cron: '0 3 * * 1'}]
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          push: true
          tags: ghcr.io/acme/backup:latest
""",
            at="ghcr.io/acme/backup:latest",
        ),
        Example(
            title="built each week under the name of its branch",
            files=_by_hand("{schedule: [{cron: '0 3 * * 1'}], workflow_dispatch: {}}").replace(
                "backup:latest", "backup:master"
            ),
        ),
        Example(
            title="built with each push under the name of its branch, and each week",
            files=_by_hand("{schedule: [{cron: '0 3 * * 1'}], push: {branches: [master]}}").replace(
                "backup:latest", "backup:master"
            ),
            at="ghcr.io/acme/backup:master",
            fixed=_by_hand("", ",ghcr.io/acme/backup:sha-${{ github.sha }}")
            .replace("backup:latest", "backup:master")
            .replace("on: \n", "on: {schedule: [{cron: '0 3 * * 1'}], push: {branches: [master]}}\n"),
        ),
        Example(
            title="started by hand alone: whoever does has something new to build",
            files=_by_hand("{workflow_dispatch: {}}"),
            at="ghcr.io/acme/backup:latest",
            fixed=_by_hand("{workflow_dispatch: {}}", ",ghcr.io/acme/backup:sha-${{ github.sha }}"),
        ),
        Example(
            title="started by hand for what is typed: no fix, as the commit is not the run's",
            files=_by_hand("{workflow_dispatch: {inputs: {ref: {}}}}", checkout=_TYPED),
            at="ghcr.io/acme/backup:latest",
        ),
        Example(
            title="behind the tests of each push to the default branch: the commit is the last one there",
            files=_behind("push: {branches: [main]}, pull_request: {}", _IF_PUSHED),
            at="ghcr.io/acme/backup:latest",
            fixed=_by_hand(_BEHIND, ",ghcr.io/acme/backup:sha-${{ github.sha }}", condition=_IF_PUSHED),
        ),
        Example(
            title="behind the tests of each change, of which the commit is built",
            files=_behind("push: {}, pull_request: {}", checkout=_HEAD),
            at="ghcr.io/acme/backup:latest",
            fixed=_by_hand(
                _BEHIND,
                ",ghcr.io/acme/backup:sha-${{ github.event.workflow_run.head_sha }}",
                _HEAD,
            ),
        ),
        Example(
            title="behind the tests, and by hand: the commit of what it follows, or its own",
            files=_behind("push: {}", checkout=_HEAD, more=", workflow_dispatch: {}"),
            at="ghcr.io/acme/backup:latest",
            fixed=_by_hand(
                _BEHIND[:-1] + ", workflow_dispatch: {}}",
                ",ghcr.io/acme/backup:sha-${{ github.event.workflow_run.head_sha || github.sha }}",
                _HEAD,
            ),
        ),
        Example(
            title="behind the tests of pull requests, too, each of which builds the default branch's last commit: no fix",
            files=_behind("push: {branches: [main]}, pull_request: {}"),
            at="ghcr.io/acme/backup:latest",
        ),
        Example(
            title="behind the tests, where the commit that they ran for is checked out beside the one that is built: no fix",
            files=_behind("push: {branches: [main]}", checkout=f"      - uses: actions/checkout@v6\n{_HEAD}"),
            at="ghcr.io/acme/backup:latest",
        ),
        Example(
            title="a script takes another commit: no fix",
            files=_by_hand("push", checkout="      - run: git checkout stable\n"),
            at="ghcr.io/acme/backup:latest",
        ),
        Example(
            title="behind the tests of each night: no fix",
            files=_behind("push: {}, schedule: [{cron: '0 3 * * *'}]", checkout=_HEAD),
            at="ghcr.io/acme/backup:latest",
        ),
        Example(
            title="the branch of a pull request, which a push has none of: the commit is the run's",
            files=_by_hand("push", checkout="        with: {ref: '${{ github.head_ref }}'}\n"),
            at="ghcr.io/acme/backup:latest",
            fixed=_by_hand(
                "push",
                ",ghcr.io/acme/backup:sha-${{ github.sha }}",
                "        with: {ref: '${{ github.head_ref }}'}\n",
            ),
        ),
        Example(
            title="called, perhaps for a pull request: no fix",
            files=_by_hand(
                "[push, workflow_call]", checkout="        with: {ref: '${{ github.head_ref }}'}\n"
            ),
            at="ghcr.io/acme/backup:latest",
        ),
        Example(
            title="started by hand and each week: no fix",
            files=_by_hand("{workflow_dispatch: {}, schedule: [{cron: '0 3 * * 1'}]}"),
            at="ghcr.io/acme/backup:latest",
        ),
        Example(
            title="`latest` alone",
            files="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ghcr.io/acme/web:latest
""",
            at="ghcr.io/acme/web:latest",
            fixed="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ghcr.io/acme/web:latest,ghcr.io/acme/web:sha-${{ github.sha }}
""",
        ),
        Example(
            title="pull requests push it, too: their commit is the head's",
            files=_by_hand("{push: {branches: [main]}, pull_request: {}}"),
            at="ghcr.io/acme/backup:latest",
            fixed=_by_hand(
                "{push: {branches: [main]}, pull_request: {}}",
                ",ghcr.io/acme/backup:sha-${{ github.event.pull_request.head.sha || github.sha }}",
            ),
        ),
        Example(
            title="pull requests push it, and so does each branch: their two runs build two trees",
            files=_by_hand("[push, pull_request]"),
            at="ghcr.io/acme/backup:latest",
        ),
        Example(
            title="`latest` and the branch's",
            files="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main, next]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: |
            ghcr.io/acme/web:latest
            ghcr.io/acme/web:${{ github.ref_name }}
""",
            at="ghcr.io/acme/web:latest",
            fixed="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main, next]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: |
            ghcr.io/acme/web:latest
            ghcr.io/acme/web:${{ github.ref_name }}
            ghcr.io/acme/web:sha-${{ github.sha }}
""",
        ),
        Example(
            title="no tag, which is `latest`",
            files="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ghcr.io/acme/web
""",
            at="ghcr.io/acme/web",
            fixed="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ghcr.io/acme/web,ghcr.io/acme/web:sha-${{ github.sha }}
""",
        ),
        Example(
            title="an expression before the tag, and one for it",
            files="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
env: {REGISTRY: ghcr.io, TAG: latest}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ${{ env.REGISTRY }}/acme/web:${{ env.TAG }}
""",
            at="${{ env.REGISTRY }}/acme/web:${{ env.TAG }}",
            fixed="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
env: {REGISTRY: ghcr.io, TAG: latest}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ${{ env.REGISTRY }}/acme/web:${{ env.TAG }},${{ env.REGISTRY }}/acme/web:sha-${{ github.sha }}
""",
        ),
        Example(
            title="an expression that holds the name with its tag: no fix",
            files="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
env: {IMAGE: 'ghcr.io/acme/web:latest'}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ${{ env.IMAGE }}
""",
            at="${{ env.IMAGE }}",
        ),
        Example(
            title="two names, each of which gets the commit",
            files="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: acme/web:latest,ghcr.io/acme/web:latest
""",
            at="acme/web:latest",
            fixed="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: acme/web:latest,ghcr.io/acme/web:latest,acme/web:sha-${{ github.sha }},ghcr.io/acme/web:sha-${{ github.sha }}
""",
        ),
        Example(
            title="a folded list, to which nothing can be added in its own way: no fix",
            files="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: >-
            ghcr.io/acme/web:latest,
            ghcr.io/acme/web:main
""",
            at="ghcr.io/acme/web:latest",
        ),
        Example(
            title="a commit's tag beside it, a version, an unknown tag, an image for tests, pull requests",
            files="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}, pull_request: {}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:latest,ghcr.io/acme/web:${{ github.sha }}'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1.2'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/jobs:latest,ghcr.io/acme/jobs:${{ inputs.tag }}'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web-test:latest'}
      - uses: docker/build-push-action@v7
        if: github.event_name == 'pull_request'
        with: {context: ., push: true, tags: 'ghcr.io/acme/pr:latest'}
""",
        ),
        Example(
            title="the digest is used",
            files="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        id: build
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:latest'}
      - run: ./deploy.sh ghcr.io/acme/web@${{ steps.build.outputs.digest }}
""",
        ),
        Example(
            title="in ECR",
            files="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:latest
""",
            at="111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:latest",
            fixed="""\
-- .github/workflows/release.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:latest,111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:sha-${{ github.sha }}
""",
        ),
        Example(
            title="to the registry of a cluster that the job starts, and that ends with it",
            files=_by_hand("push").replace("ghcr.io/acme", "localhost:32000/acme"),
        ),
        Example(
            title="to a registry that others reach, too",
            files=_by_hand("push").replace("ghcr.io/acme", "registry.acme.example:5000/acme"),
            at="registry.acme.example:5000/acme/backup:latest",
            fixed=_by_hand("push", ",ghcr.io/acme/backup:sha-${{ github.sha }}").replace(
                "ghcr.io/acme", "registry.acme.example:5000/acme"
            ),
        ),
        Example(
            title="loaded only, or perhaps; another step pushes the commit",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., load: true, tags: 'ghcr.io/acme/web:latest'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: '${{ inputs.push }}', tags: 'ghcr.io/acme/web:latest'}
-- .github/workflows/two.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/api:latest'}
      - run: docker push ghcr.io/acme/api:$GITHUB_SHA
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    told: set[Location] = set()
    for build in repo.builds_as_written:
        step = build.step
        if step is None or step.job is None or not step.uses_action(BUILD_PUSH) or build.pushes is not True:
            continue
        if (
            not build.may_publish
            or not build.tags
            or _OTHER_NAMES.is_in(build.text.content)
            or _place(step) in told
        ):
            continue
        if all(event.is_of_pull_request for event in build.events or ()) or not all(map(_moves, build.tags)):
            continue
        if any(map(_DECIDED.search, comments_at(step, build.tags[0].location))) or _is_daily_state(build):
            continue
        paths = {tag.reference.path for tag in build.tags}
        here = (push for push in repo.pushes if push.step is not None and push.step.text is step.text)
        if not any(push.build is not build and push.reference.path in paths for push in here):
            told.add(_place(step))
            yield _finding(build, repo.workflows)


def _place(step: Step) -> Location:
    return Location(step.text, step.node.span)


def _moves(tag: Tag) -> bool:
    """Whether a tag certainly is one that the next push moves, of an image that is deployed by itself."""
    given = tag.reference.tag_or_default
    if tag.item is None or tag.value.is_unknown or _ASIDE.search(str(tag.reference.path)):
        return False
    text = given.literal
    return bool(_MOVING.fullmatch(text)) if text is not None else _is_of_branch(given)


def _is_daily_state(build: Build) -> bool:
    """Whether the clock alone, or a hand, has an image built that is named after its branch."""
    started_by = {event.name for event in build.events or ()}
    names = (tag.reference.tag_or_default for tag in build.tags)
    return (
        _CLOCK in started_by
        and started_by <= {_CLOCK, _BY_HAND}
        and all(
            _BRANCH.fullmatch(it.literal) if it.literal is not None else _is_of_branch(it) for it in names
        )
    )


def _is_of_branch(tag: Value) -> bool:
    return len(tag.parts) == 1 and all(hole.varies is Varies.BRANCH for hole in tag.holes)


def _finding(build: Build, workflows: Collection[Workflow]) -> Finding:
    fixes, withheld = _add_the_commit(build, workflows)
    tags = [code(str(tag.reference.tag_or_default)) for tag in build.tags]
    names = tags[0] if len(tags) == 1 else f"{tags[0]} and {len(tags) - 1} more of its kind"
    return Finding(
        message=f"The image is pushed as {names}, which the next push moves.",
        consequence=(
            "From then on no tag stands for this build: it can't be deployed again by name, "
            "and what runs somewhere can't be told from the tag."
        ),
        location=build.tags[0].location,
        fixes=fixes,
        withheld=withheld,
    )


_OF_A_COMMIT = frozenset(("push", "release", "create", "pull_request", "workflow_call", "merge_group"))
"""Events of which each has a commit of its own."""
_OR_HEAD = "github.event.pull_request.head.sha || github.sha"
"""The commit that its author pushed: for `pull_request`, `github.sha` is that of a merge, which no branch has."""
_OWN = "github.sha"
"""The run's own commit, which a checkout takes where it is told nothing."""
_OF_HEAD = "github.event.workflow_run.head_sha"
_BY_HAND = "workflow_dispatch"
"""Whoever starts a run has something new to build."""
_OF_THE_RUN = regex(r"\s*\$\{\{\s*github\.(?:sha|ref|ref_name|repository)\s*\}\}\s*")
"""What a checkout takes anyway."""
_WITHOUT_REF = "${{ github.sha }}"
_TAKES_OTHER = regex(r"\bgit\s+(?:checkout|switch|reset|pull|merge|rebase)\b")
"""What a script does that may leave another commit in the workspace."""
_OF_THE_OTHER_RUN = regex(
    r"\s*\$\{\{\s*github\.event\.workflow_run\.(?:head_sha|head_commit\.id)(?:\s*\|\|\s*github\.sha)?\s*\}\}\s*"
)
"""The commit of the run that this one follows."""
_OF_PULLS = ("pull_request", "workflow_call")
"""What the names of events begin with whose runs may be for a pull request."""
_OF_A_PULL = regex(r"\s*\$\{\{\s*github\.head_ref\s*\}\}\s*")
"""Empty in a run of any other event, for which a checkout takes the run's own commit.

https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context
"""

_PARTED = regex(r"(?P<before>(?:[\w.]+-)*)latest")
"""A tag that moves, with what it says of the image ahead of that."""
_EXPRESSION = regex(r"\$\{\{[^\n]*?\}\}")


def _add_the_commit(build: Build, workflows: Collection[Workflow]) -> tuple[tuple[Fix, ...], str]:
    """The fix, or why there is none."""
    started_by = {event.name for event in build.events or ()}
    after = _commit_after_another(build, workflows)
    if not after and started_by != {_BY_HAND} and started_by.isdisjoint(_OF_A_COMMIT):
        return (), "one commit is built again and again here, so that its tag would move too"
    if not after and _may_build_another_commit(build):
        return (
            (),
            "the job checks out what need not be the commit of the run, and a tag for that would be wrong",
        )
    if "pull_request" in started_by and _is_pushed_twice(build):
        return (
            (),
            "a commit of a pull request is built twice here, as its branch has it and merged: name each after its own",
        )
    items = [tag.item for tag in build.tags if tag.item is not None]
    named = [_image(tag) for tag in build.tags]
    if None in named:
        hidden = items[named.index(None)].text
        return (), f"where the tag starts in {code(hidden)} does not show here"
    commit = after or (_OR_HEAD if "pull_request" in started_by else _OWN)
    own = f"sha-${{{{ {commit} }}}}"
    more = list(
        dict.fromkeys(f"{name}:{_beside(tag, own)}" for name, tag in zip(named, build.tags, strict=True))
    )
    scalar, written = items[-1].scalar, items[-1].scalar.value.strip()
    edit: Edit | None = None
    if scalar.style == "literal":
        edit = insert_line_after(scalar, items[-1].line, "\n".join(more))
    elif "\n" not in written:
        edit = replace_value(scalar, ",".join((written, *more)))
    fixes = offer("push the commit's tag too", Applicability.SAFE, edit)
    return (
        fixes,
        ""
        if fixes
        else "the list of tags is written in a way to which none can be added without changing the rest",
    )


def _beside(tag: Tag, own: str) -> str:
    """A tag for the commit that tells of what the image is as the moving one does: `arm-sha-…` beside `arm-latest`."""
    parted = _PARTED.fullmatch(tag.reference.tag_or_default.literal or "")
    before = parted["before"] if parted is not None else ""
    return own if _BRANCH.fullmatch(before.rstrip("-")) else f"{before}{own}"


def _is_pushed_twice(build: Build) -> bool:
    """Whether a commit of a pull request starts a run of its own, too, as one of a branch, which builds another tree than the merge."""
    return any(
        event.name == "push" and event.ref_kind is RefKind.BRANCH and event.ref is None
        for event in build.events or ()
    )


def _commit_after_another(build: Build, workflows: Collection[Workflow]) -> str:
    """The expression for the commit that is built behind another workflow, whichever that checks out; empty where it may be
    the same again, and where something else but a hand starts the build, too."""
    started_by = {event.name for event in build.events or ()}
    step = build.step
    if step is None or AFTER_ANOTHER not in started_by or started_by - {AFTER_ANOTHER, _BY_HAND}:
        return ""
    refs = _checked_out(build)
    of_head = bool(refs) and all(map(_OF_THE_OTHER_RUN.fullmatch, refs))
    if any(not _OF_THE_RUN.fullmatch(ref) for ref in refs) and not of_head:
        return ""
    if not follows_each_commit(step, workflows, of_head=of_head):
        return ""
    return " || ".join(
        filter(None, (_OF_HEAD if of_head else "", _OWN if not of_head or len(started_by) > 1 else ""))
    )


def _may_build_another_commit(build: Build) -> bool:
    """Whether a step before checks out a ref or a repository by name."""
    are_of_pulls = any(event.name.startswith(_OF_PULLS) for event in build.events or ())
    taken = (_OF_THE_RUN,) if are_of_pulls or build.events is None else (_OF_THE_RUN, _OF_A_PULL)
    return any(not any(known.fullmatch(one) for known in taken) for one in _checked_out(build))


def _checked_out(build: Build) -> list[str]:
    """What steps before check out: refs, the run's own where they name none, repositories, and what git is told to."""
    step, found = build.step, list[str]()
    for one in step.earlier if step is not None else ():
        if one.uses_action("actions/checkout"):
            ref, repository = one.input("ref"), one.input("repository")
            found += [ref.value if ref is not None else _WITHOUT_REF]
            found += [repository.value] if repository is not None else []
        elif one.run is not None:
            found += _TAKES_OTHER.findall(one.run.value)
    return found


def _image(tag: Tag) -> str | None:
    """What stands before the tag in an item, all of it where there is none; None where an expression holds both."""
    text = tag.item.text if tag.item is not None else ""
    plain = _EXPRESSION.sub(lambda found: "-" * len(found[0]), text)
    name, colon, end = plain.rpartition(":")
    if colon and "/" not in end:
        return text[: len(name)]
    return text if tag.reference.tag is None else None
