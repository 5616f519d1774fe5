"""Two runs of a branch may push one moving tag in any order

A workflow that pushes `latest`, or the branch's own tag, for each push to a branch runs once for each commit,
and nothing keeps two runs from going on at once. The run of the older commit may be the slower one: then
`latest` is the older image until somebody pushes again. What is rolled out by that tag goes back by a commit,
with every run green.

Let the runs of a ref wait for each other. `queue: max` keeps all that wait; without it GitHub cancels all but
the last, and the images of the commits between are never pushed:

    concurrency:
      group: ${{ github.workflow }}-${{ github.ref }}
      queue: max

Such a group does not fit everywhere:

- A run for a pull request that pushes nothing has nothing to wait for. With
  `${{ github.head_ref && github.run_id || github.ref }}` instead of the ref it has a group of its own.
- Where runs for several refs push one tag, the group has to do without the ref, which would part them. That
  may be `latest` for pushes to a branch and for tags or pull requests, or a tag for a branch that somebody
  chooses by hand, in whichever step of the job.
- Where several workflows push one tag for the same event, or each of them when somebody starts it by hand, the group
  needs a name that they share, instead of `github.workflow`.
- Where pull requests or all branches push one tag, be it pull requests in another workflow, whichever order their
  runs have leaves it as the image of somebody's work. Push it for the default branch alone.
- Where another job has nothing to do with the one that pushes, it would wait in a group of the workflow for all that a run
  of before does. The group belongs to the job that pushes, then.
- Where another job has a `concurrency` of its own, it would have to wait for all that a run of before does. The
  group belongs to the jobs that push, then.
- Where all other jobs wait for the one that pushes, a group of the workflow holds nothing else up, and keeps the order
  of what they roll out, too. One of the job is better where they may wait for somebody's approval in an `environment`:
  with a name for each leg of its matrix, so that these don't wait for each other.

The check is silent

- where only tags of a commit, a run or a release are pushed
- where a condition may keep the job or the command from running
- for branches that are made to try something or for one release
- where the workflow makes a release, which is there once
- where pushes wait for changes in a folder that is not there, or stand behind a step that stops on every run:
  it goes into such a folder, starts a file that is not there or keeps a cache by one, calls `docker-compose` where
  GitHub's runners have none, or builds a Dockerfile that is not there, copies what is not, or has an older Go than
  `go.mod` asks for; or are in a job that GitHub fails before its first step, or that waits for such a one
- for an image whose name is still a template's (`your-service`), and which no other file names
- for reusable workflows, whose callers decide
- where the jobs run on `self-hosted` machines, of which there may be one
- where the workflow or the job has a `concurrency` of any kind

References:

- https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
- https://github.blog/changelog/2026-05-07-github-actions-concurrency-groups-now-allow-larger-queues
- https://docs.zizmor.sh/audits/#concurrency-limits
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from checks.check import (
    Applicability,
    Attention,
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
from checks.facts.image.pushes import Push
from checks.facts.image.shared_names import (
    FOR_A_REF,
    by_hand_and_for_refs,
    is_for_several_refs,
    is_named_alike,
    is_pushed_by_hand,
    may_be_for_several_refs,
    name_of,
)  # fmt: skip
from checks.facts.tree import insert_after, insert_before
from checks.facts.value import Value
from checks.facts.workflow.events import EACH, Event, RefKind, events
from checks.facts.workflow.job_events import may_run_unmerged, of_job
from checks.facts.workflow.job_order import needed_jobs
from checks.facts.workflow.matrix import name_of_leg
from checks.facts.workflow.overtaking_runs import (
    MAIN,
    RacingPush,
    certainly_pushes,
    is_of_main,
    moves_name,
    racing_pushes,
)
from checks.facts.workflow.queues import Queue, Sharing, queue_of, sharing
from checks.facts.workflow.values import scalars
from checks.facts.workflow.workflows import Job, Workflow
from checks.record import Record
from checks.regex import regex


def _files(
    tags: str, on: str = "{push: {branches: [main]}}", top: str = "", job: str = "", more: str = ""
) -> str:
    return f"""\
-- .github/workflows/image.yml --
name: Image
on: {on}

permissions: {{contents: read, packages: write}}
{top}
jobs:
  image:
    runs-on: ubuntu-latest
{job}    steps:
      - uses: docker/build-push-action@v7
{more}        with:
          context: .
          push: true
          tags: {tags}
"""


_FROM_A_VARIABLE = """\
-- .github/workflows/image.yml --
on: {{push: {{branches: [main]}}, workflow_dispatch: }}
permissions: {{contents: read}}
jobs:
  image:
    runs-on: ubuntu-latest
{added}    steps:
      - run: echo "NAME=docker.io/acme/web" >> "$GITHUB_ENV"
      - run: docker build --tag ${{{{ env.NAME }}}}:latest .
      - run: docker push ${{{{ env.NAME }}}}:latest
"""
_FROM_THE_REPOSITORY = """\
-- .github/workflows/image.yml --
on: {{push: {{branches: [main], tags: ['v*']}}}}
permissions: {{contents: read, packages: write}}
jobs:
  image:
    runs-on: ubuntu-latest
{added}    steps:
      - run: echo "IMAGE=$(echo '{name}' | tr A-Z a-z)" >> $GITHUB_ENV
      - run: docker build --push -t ghcr.io/${{{{ env.IMAGE }}}}:latest .
"""
_OTHER = """\
-- .github/workflows/again.yml --
on: {{push: {{branches: [main]}}}}
{top}
jobs:
  again:
    runs-on: ubuntu-latest
    steps:
      - run: docker buildx build --push -t ghcr.io/acme/{name} --platform linux/arm64,linux/amd64 .
"""
_ALL_BY_HAND = """\
-- .github/workflows/all.yml --
on: workflow_dispatch
jobs:
  all:
    runs-on: ubuntu-latest
    steps:
      - run: docker buildx build --push -t ghcr.io/acme/web:latest --platform linux/arm64,linux/amd64 .
"""
_IN_BOTH = "\nconcurrency:\n  group: publish-web-${{ github.ref }}\n  queue: max\n"
_LATEST = "ghcr.io/acme/web:${{ github.sha }},ghcr.io/acme/web:latest"
_ADDED = "\nconcurrency:\n  group: ${{ github.workflow }}-${{ github.ref }}\n  queue: max\n"
_FOR_ALL = "\nconcurrency:\n  group: ${{ github.workflow }}\n  queue: max\n"
_IN_JOB = "    concurrency:\n      group: ${{ github.workflow }}\n      queue: max\n"
_BOTH = "'ghcr.io/acme/web:${{ github.ref_name }},ghcr.io/acme/web:latest'"
_PULLS_TOO = "{push: {branches: [main], tags: ['v*']}, pull_request: {}}"
_LEGS = "    strategy: {matrix: {go: [1, 2]}}\n"
_OF_EITHER = _files(_LATEST, _PULLS_TOO, job=_LEGS, more="        if: github.event_name == 'push'\n")
_TWO = "{push: {branches: [main, 'release-*']}}"
_BY_HAND_TOO = "{push: {branches: [main]}, workflow_dispatch: {}}"
_TAGS_TOO = "{push: {branches: [main], tags: ['v*']}}"
_OF_MAIN_OR_REF = "ghcr.io/acme/web:${{ github.ref_name == 'main' && 'edge' || github.sha }}"
_OF_INPUT = "\"ghcr.io/acme/web:${{ inputs.tag || 'edge' }}\""
_OF_VARIABLE = "\"ghcr.io/acme/${{ vars.NAME || 'web' }}:edge\""
_WITH_DEFAULT = "{push: {branches: [main]}, workflow_dispatch: {inputs: {tag: {default: edge}}}}"
_LATEST_OF_MAIN = "ghcr.io/acme/web:${{ github.ref_name == 'main' && 'latest' || 'next' }}"
_RELEASED_TOO = "{push: {branches: [main]}, release: {types: [released]}, workflow_dispatch: {}}"
_IF_MAIN = "        if: github.ref == 'refs/heads/main'\n"
_RELEASE = """\
      - if: github.event_name == 'release' || github.event_name == 'workflow_dispatch'
        uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:latest'}
"""
_BY_VARIABLE = _RELEASE.replace("github.event_name == 'release'", "vars.ALWAYS == 'yes'")
_TRIED_THERE = """\
-- .github/workflows/image.yml --
on: {{push: {{branches: [main]}}, pull_request: {{}}}}
{added}jobs:
  image:
    runs-on: ubuntu-latest
    permissions: {{contents: read, packages: write}}
    steps:
      - uses: docker/build-push-action@v7
        with: {{context: ., push: true, tags: 'localhost:5000/web:latest'}}
      - run: docker run --rm localhost:5000/web:latest --check
      - if: github.event_name == 'push'
        run: |
          docker pull localhost:5000/web:latest
          docker tag localhost:5000/web:latest ghcr.io/acme/web:latest
          docker push ghcr.io/acme/web:latest
"""
_OF_THREE = "{push: {branches: [main, '2', '3']}, workflow_dispatch: {}}"
_OF_MAIN = "    if: github.ref == 'refs/heads/main'\n"
_PULLS_ALONE = "{push: {branches: [main]}, pull_request: {}}"
_PULLS = _files(_LATEST, _PULLS_ALONE).replace("push: true", "push: ${{ github.event_name == 'push' }}")
_WHERE_ASKED = _files(_LATEST, _PULLS_ALONE).replace(
    "push: true", "push: ${{ github.event_name == 'push' || vars.PREVIEW == 'yes' }}"
)

_FOR_ROOT = "-- web/Dockerfile --\nFROM node:24\nCOPY shared/lock ./\nCOPY web/main.js ./\n"
_COMPILED = "      - uses: actions/checkout@v7\n      - uses: actions/setup-go@v6\n      - run: go build -o web ./cmd/web\n"
_OTHER_GO = "          build-contexts: golang:1.25=docker-image://golang:1.26"
_BROUGHT = "      - uses: actions/checkout@v7\n      - uses: actions/download-artifact@v7\n"
_EDITED = "      - uses: actions/checkout@v7\n      - run: go mod edit -go=1.25\n"
_OF_NEWER_GO = """\
-- go.mod --
module example.com/web

go 1.26
-- Dockerfile --
FROM golang:1.25 AS build
WORKDIR /src
COPY . .
RUN go build -o /web ./cmd/web
FROM scratch
COPY --from=build /web /web
"""
_OWN = "github.head_ref && github.run_id"
_OF_BRANCH = "ghcr.io/acme/web-${{ github.ref_name }}:latest"
_AND_LATEST = """\
  latest:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t ghcr.io/acme/api . && docker push ghcr.io/acme/api:latest
"""

_OF_LEGS = "ghcr.io/acme/${{ matrix.image }}:latest"
_IMAGES = "    strategy: {matrix: {image: [web, api]}}\n"
_TWO_KEYS = (
    "    strategy: {matrix: {image: [web, api], by: [gcc, clang], include: [{image: api, suffix: -api}]}}\n"
)
_OF_SUFFIX = "ghcr.io/acme/x:edge${{ matrix.suffix }}"
_OF_REF = "${{ github.workflow }}-${{ github.ref }}"
_WHICH = "${{ github.ref_name == 'main' && 'web' || 'web-next' }}"


def _in_ecr(role: str, top: str = "", job: str = "") -> str:
    """Pushes of an image to the registry that a login answers with."""
    files = _files("${{ steps.ecr.outputs.registry }}/web:latest", _BY_HAND_TOO, top, job)
    login = f"""\
      - uses: aws-actions/configure-aws-credentials@v6
        with: {{role-to-assume: "{role}", aws-region: eu-west-1}}
      - id: ecr
        uses: aws-actions/amazon-ecr-login@v2
"""
    return files.replace("    steps:\n", f"    steps:\n{login}")


_AND_ROLLOUT = """\
  rollout:
    needs: image
    concurrency: production
    runs-on: ubuntu-latest
    steps:
      - run: ./rollout.sh
"""

_TEST = """\
  test:
    runs-on: ubuntu-latest
    steps:
      - run: make test
"""

_AND_UPDATE = """\
  update:
    needs: [image]
    runs-on: ubuntu-latest
    steps:
      - run: ./update.sh servers
  announce:
    needs: update
    runs-on: ubuntu-latest
    steps:
      - run: ./announce.sh
"""
_AND_APPROVED = _AND_UPDATE.replace("[image]\n", "[image]\n    environment: production\n")
_AND_LINT = "  lint: {runs-on: ubuntu-latest, steps: [{run: make lint}]}\n"

_AND_PREVIEW = """\
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/preview:${{ github.event.number }}'}
"""


def _with_top(files: str, top: str) -> str:
    return files.replace("write}\n\n", f"write}}\n{top}\n")


def _made(flavor: str, top: str = "", job: str = "") -> str:
    """A workflow that pushes what docker/metadata-action makes, for a branch and for tags."""
    tags = _files("${{ steps.tags.outputs.tags }}", _TAGS_TOO, top, job)
    before = f"""\
      - id: tags
        uses: docker/metadata-action@v6
        with:
          images: ghcr.io/${{{{ github.repository }}}}
          flavor: latest={flavor}
          tags: |
            type=ref,event=branch
            type=raw,value=latest,enable={{{{is_default_branch}}}}
            type=semver,pattern={{{{version}}}}
"""
    return tags.replace("    steps:\n", f"    steps:\n{before}")


_IF_DEFAULT = ",enable={{is_default_branch}}"
_BY_VERSION = "            type=semver,pattern={{version}}\n"
_PULLS_MADE = (
    _made("false")
    .replace(_TAGS_TOO, _PULLS_TOO)
    .replace(f"value=latest{_IF_DEFAULT}", "value=edge")
    .replace(_BY_VERSION, f"{_BY_VERSION}            type=ref,event=pr\n")
)
_PULLS_APART = _PULLS_MADE.replace("=edge", "=edge,enable=${{ github.event_name == 'push' }}")
_AND_PULLS = """\
      - uses: docker/build-push-action@v7
        if: github.event_name == 'pull_request'
        with: {context: ., push: true, tags: 'ghcr.io/${{ github.repository }}:edge'}
"""
_TWICE = (
    _made("auto")
    .replace(_TAGS_TOO, "{push: {branches: [main]}}")
    .replace(
        "tags: ${{ steps.tags.outputs.tags }}",
        "tags: |\n            ${{ steps.tags.outputs.tags }}\n            ghcr.io/${{ github.repository }}:latest",
    )
)

check = Check(
    id="publish-job-without-concurrency",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("tags", "push", "concurrency"),
    peers=("zizmor:concurrency-limits",),
    follows=("build-input-does-not-exist", "deprecated-action-runtime"),
    examples=(
        Example(
            title="a name that is not known to its end may have any tag",
            files="""\
-- .github/workflows/push.yml --
on: {push: {branches: [main]}}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - run: echo "NAMES=ghcr.io/acme/web:$(./version.sh)" >> "$GITHUB_ENV"
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: '${{ env.NAMES }}'}
""",
        ),
        Example(
            title="the name that the documentation of an action has in its place",
            files=_files("user/app:latest"),
        ),
        Example(
            title="a name that a template left to be filled in",
            files=_files("ghcr.io/acme/your-service:latest"),
        ),
        Example(
            title="the same name, which a deployment has",
            files=_files("ghcr.io/acme/your-service:latest")
            + "-- compose.yml --\nservices: {web: {image: 'ghcr.io/acme/your-service:latest'}}\n",
            at="image",
            fixed=_files("ghcr.io/acme/your-service:latest", top=_ADDED),
        ),
        Example(
            title="by the name that a step sets for those behind it, for whichever branch somebody starts it",
            files=_FROM_A_VARIABLE.format(added=""),
            at="image",
            fixed=_FROM_A_VARIABLE.format(
                added="    concurrency:\n      group: ${{ github.workflow }}\n      queue: max\n"
            ),
        ),
        Example(
            title="a step makes the image's name of the repository's alone, for the branch and for tags",
            files=_FROM_THE_REPOSITORY.format(added="", name="${{ github.repository_owner }}/web"),
            at="image",
            fixed=_FROM_THE_REPOSITORY.format(
                added="    concurrency:\n      group: ${{ github.workflow }}\n      queue: max\n",
                name="${{ github.repository_owner }}/web",
            ),
        ),
        Example(
            title="a step makes it of the ref's",
            files=_FROM_THE_REPOSITORY.format(added="", name="acme/${{ github.ref_name }}"),
            at="image",
            fixed=_FROM_THE_REPOSITORY.format(added="", name="acme/${{ github.ref_name }}").replace(
                "jobs:",
                "concurrency:\n  group: ${{ github.workflow }}-${{ github.ref }}\n  queue: max\n\njobs:",
                1,
            ),
        ),
        Example(
            title="`latest`, for each push to the branch",
            files=_files(_LATEST),
            at="image",
            fixed=_files(_LATEST, top=_ADDED),
        ),
        Example(
            title="another job has a queue of its own, and would have to wait in the workflow's as well",
            files=_files(_LATEST) + _AND_ROLLOUT,
            at="image",
        ),
        Example(
            title="the branch's own tag",
            files=_files("ghcr.io/acme/web:${{ github.ref_name }}"),
            at="image",
            fixed=_files("ghcr.io/acme/web:${{ github.ref_name }}", top=_ADDED),
        ),
        Example(
            title="pull requests are built only, and wait for nobody",
            files=_PULLS,
            at="image",
            fixed=_PULLS.replace(
                "write}\n", f"write}}\n{_ADDED.replace('github.ref', f'{_OWN} || github.ref')}"
            ),
        ),
        Example(
            title="`latest` for a branch and for tags: the runs of both are one queue",
            files=_files(_LATEST, "{push: {branches: [main], tags: ['v*']}}"),
            at="image",
            fixed=_files(_LATEST, "{push: {branches: [main], tags: ['v*']}}", job=_IN_JOB),
        ),
        Example(
            title="for a branch, and for no tag: the queue is the branch's",
            files=_files(_LATEST, "{push: {branches: [main], tags-ignore: ['**']}}"),
            at="image",
            fixed=_files(_LATEST, "{push: {branches: [main], tags-ignore: ['**']}}", top=_ADDED),
        ),
        Example(
            title="`latest` is of two kinds of refs, the tag before it of one; the image's name is the repository's",
            files=_made("auto"),
            at="image",
            fixed=_made("auto", job=_IN_JOB),
        ),
        Example(
            title="pull requests push `latest`, too: a queue would leave it as the image of one of them",
            files=_files(_LATEST, _PULLS_ALONE),
            at="image",
        ),
        Example(
            title="each branch does, in whatever order",
            files=_files(_LATEST, "push"),
            at="image",
        ),
        Example(
            title="they push it behind their tests, which would wait for those of all others",
            files=_files(_LATEST, _PULLS_ALONE, job="    needs: test\n") + _TEST,
            at="image",
        ),
        Example(
            title="tags push it behind their tests: a queue of the job would not keep the order",
            files=_files(_LATEST, _TAGS_TOO, job="    needs: test\n") + _TEST,
            at="image",
            fixed=_files(_LATEST, _TAGS_TOO, _FOR_ALL, "    needs: test\n") + _TEST,
        ),
        Example(
            title="pull requests push it where a variable says so: that may be never",
            files=_WHERE_ASKED,
            at="image",
            fixed=_WHERE_ASKED.replace("write}\n", f"write}}\n{_ADDED}"),
        ),
        Example(
            title="docker/metadata-action makes one name for pull requests, too, beside the branch's and their own",
            files=_PULLS_MADE,
            at="image",
        ),
        Example(
            title="it makes that for branches and tags alone",
            files=_PULLS_APART,
            at="image",
            fixed=_PULLS_APART.replace(
                "ubuntu-latest\n",
                f"ubuntu-latest\n{_IN_JOB.replace('workflow }}', 'workflow }}-${{ github.head_ref }}')}",
            ),
        ),
        Example(
            title="another step pushes it for pull requests",
            files=_PULLS_APART + _AND_PULLS,
            at="image",
        ),
        Example(
            title="no `latest` for the tags",
            files=_made("false"),
            at="image",
            fixed=_made("false", top=_ADDED),
        ),
        Example(
            title="an image for each branch, whose `latest` is its own",
            files=_files(_OF_BRANCH, _TWO),
            at="image",
            fixed=_files(_OF_BRANCH, _TWO, top=_ADDED),
        ),
        Example(
            title="another job pushes the branch's tag: the queue is the workflow's",
            files=_files("ghcr.io/acme/web:${{ github.ref_name }}", _TWO) + _AND_LATEST,
            at="latest",
            fixed=_files("ghcr.io/acme/web:${{ github.ref_name }}", _TWO, _FOR_ALL) + _AND_LATEST,
        ),
        Example(
            title="beside a tag of the branch; pull requests push it, too, and the job has legs",
            files=_files(_BOTH, _PULLS_TOO, job=_LEGS),
            at="image",
        ),
        Example(
            title="pull requests push nothing, and wait for nobody",
            files=_OF_EITHER,
            at="image",
            fixed=_with_top(_OF_EITHER, _FOR_ALL.replace("workflow }}", f"workflow }}}}-${{{{ {_OWN} }}}}")),
        ),
        Example(
            title="pull requests push to a registry of the job's own, and wait for nobody",
            files=_TRIED_THERE.format(added=""),
            at="image",
            fixed=_TRIED_THERE.format(
                added=f"concurrency:\n  group: ${{{{ github.workflow }}}}-${{{{ {_OWN} || github.ref }}}}\n  queue: max\n\n"
            ),
        ),
        Example(
            title="pull requests push another tag",
            files=_OF_EITHER + _AND_PREVIEW,
            at="image",
            fixed=_with_top(_OF_EITHER, _FOR_ALL.replace("workflow }}", "workflow }}-${{ github.head_ref }}"))
            + _AND_PREVIEW,
        ),
        Example(
            title="of several branches `latest` is for the default one",
            files=_made("auto").replace(_TAGS_TOO, "{push: {branches: [main, develop, 'feature/*']}}"),
            at="image",
            fixed=_made("auto", top=_ADDED).replace(
                _TAGS_TOO, "{push: {branches: [main, develop, 'feature/*']}}"
            ),
        ),
        Example(
            title="the default branch's entry beside one for all: the branch is one",
            files=_TWICE,
            at="image",
            fixed=_with_top(_TWICE, _ADDED),
        ),
        Example(
            title="tags that are no versions, for which docker/metadata-action makes none",
            files=_made("auto").replace("'v*'", "'web-v*'"),
            at="image",
            fixed=_made("auto", top=_ADDED).replace("'v*'", "'web-v*'"),
        ),
        Example(
            title="the push stands behind a step that stops for want of its folder",
            files="""\
-- .github/workflows/push.yml --
on:
  push: {branches: [main]}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: make
        working-directory: web/image
      - run: docker buildx build --push -t ghcr.io/acme/web:latest .
""",
        ),
        Example(
            title="a script ahead may make the folder",
            files="""\
-- .github/workflows/push.yml --
on:
  push: {branches: [main]}
jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: make web
      - run: make
        working-directory: web/image
      - run: docker buildx build --push -t ghcr.io/acme/web:latest .
""",
            at="push",
            fixed="""\
-- .github/workflows/push.yml --
on:
  push: {branches: [main]}
concurrency:
  group: ${{ github.workflow }}-${{ github.ref }}
  queue: max

jobs:
  push:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: make web
      - run: make
        working-directory: web/image
      - run: docker buildx build --push -t ghcr.io/acme/web:latest .
""",
        ),
        Example(
            title="a tag's build stops at a name that begins with `-`: `latest` is pushed for the branch alone",
            files=_made("auto").replace(
                _BY_VERSION, f"{_BY_VERSION}            type=sha,prefix={{{{branch}}}}-\n"
            ),
            at="image",
            fixed=_made("auto", top=_ADDED).replace(
                _BY_VERSION, f"{_BY_VERSION}            type=sha,prefix={{{{branch}}}}-\n"
            ),
        ),
        Example(
            title="a prefix before the branch's name: a tag's build goes on, and pushes `latest`, too",
            files=_made("auto").replace(
                _BY_VERSION, f"{_BY_VERSION}            type=sha,prefix=on{{{{branch}}}}-\n"
            ),
            at="image",
            fixed=_made("auto", job=_IN_JOB).replace(
                _BY_VERSION, f"{_BY_VERSION}            type=sha,prefix=on{{{{branch}}}}-\n"
            ),
        ),
        Example(
            title="of the branches that start it, the job goes by one",
            files=_files(_LATEST, _TWO, job=_OF_MAIN),
            at="image",
            fixed=_files(_LATEST, _TWO, _ADDED, _OF_MAIN),
        ),
        Example(
            title="two workflows that push one tag: one queue for both",
            files=_files(_LATEST) + _OTHER.format(name="web", top=""),
            at=("image", "again"),
            fixed=_files(_LATEST, top=_IN_BOTH),
        ),
        Example(
            title="the other one has its place in the queue",
            files=_files(_LATEST) + _OTHER.format(name="web", top=_IN_BOTH),
            at="image",
            fixed=_files(_LATEST, top=_IN_BOTH),
        ),
        Example(
            title="another workflow pushes another image, or the same for another branch",
            files=_files(_LATEST)
            + _OTHER.format(name="api", top="concurrency: api\n")
            + _OTHER.format(name="web", top="concurrency: web\n")
            .replace("again.yml", "next.yml")
            .replace("branches: [main]", "branches: [next]"),
            at="image",
            fixed=_files(_LATEST, top=_ADDED),
        ),
        Example(title="the commit's", files=_files("ghcr.io/acme/web:${{ github.sha }}")),
        Example(
            title="a job before makes the release",
            files=_files(_LATEST)
            + "  release:\n    runs-on: ubuntu-latest\n    steps:\n      - run: gh release create v1\n",
        ),
        Example(
            title="a branch for each release",
            files=_files(_LATEST, "{push: {branches: ['release/v[0-9]+.[0-9]+.[0-9]+']}}"),
        ),
        Example(title="the branch of one", files=_files(_LATEST, "{push: {branches: [release/1.0.2]}}")),
        Example(title="releases", files=_files(_LATEST, "{push: {tags: ['v*']}}")),
        Example(title="by hand", files=_files(_LATEST, "workflow_dispatch")),
        Example(
            title="called by others", files=_files(_LATEST, "{push: {branches: [main]}, workflow_call: {}}")
        ),
        Example(
            title="pushes wait for a folder that is gone; somebody starts it by hand",
            files=_files(_LATEST, "{push: {branches: [main], paths: ['web/**']}, workflow_dispatch: {}}"),
        ),
        Example(
            title="pushes wait for a folder that is there",
            files=_files(_LATEST, "{push: {branches: [main], paths: ['web/**']}, workflow_dispatch: {}}"),
            paths=("web/index.html",),
            at="image",
            fixed=_files(
                _LATEST,
                "{push: {branches: [main], paths: ['web/**']}, workflow_dispatch: {}}",
                job=_IN_JOB,
            ),
        ),
        Example(
            title="the image is never built: its Dockerfile copies from the root, and the context is its folder",
            files=_files(_LATEST).replace("context: .", "context: web") + _FOR_ROOT,
            paths=("shared/lock", "web/main.js"),
        ),
        Example(
            title="nor by a command, behind a script that only asks for the version",
            files="""\
-- .github/workflows/image.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - id: version
        run: echo "version=$(grep ^version web/setup.cfg | cut -d' ' -f3)" >> "$GITHUB_OUTPUT"
      - run: docker build -t acme/web:latest -t acme/web:${{ steps.version.outputs.version }} .
      - run: docker push acme/web:latest
-- Dockerfile --
FROM debian:13
COPY web web
COPY native native
""",
            paths=("web/setup.cfg",),
        ),
        Example(
            title="nor as its Go refuses the module",
            files=_files(_LATEST).replace("steps:\n", "steps:\n" + _COMPILED) + _OF_NEWER_GO,
        ),
        Example(
            title="a step ahead may bring another module than the one that its Go refuses",
            files=_files(_LATEST).replace("steps:\n", "steps:\n" + _BROUGHT) + _OF_NEWER_GO,
            at="image",
            fixed=_files(_LATEST, top=_ADDED).replace("steps:\n", "steps:\n" + _BROUGHT),
        ),
        Example(
            title="the build may stand on another Go than the one that refuses the module",
            files=_files(_LATEST).replace("context: .", f"context: .\n{_OTHER_GO}") + _OF_NEWER_GO,
            at="image",
            fixed=_files(_LATEST, top=_ADDED).replace("context: .", f"context: .\n{_OTHER_GO}"),
        ),
        Example(
            title="a step ahead may change the module that its Go refuses",
            files=_files(_LATEST).replace("steps:\n", "steps:\n" + _EDITED) + _OF_NEWER_GO,
            at="image",
            fixed=_files(_LATEST, top=_ADDED).replace("steps:\n", "steps:\n" + _EDITED),
        ),
        Example(
            title="behind the build of a folder without a Dockerfile",
            files="""\
-- .github/workflows/image.yml --
on: {push: {branches: [main]}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: docker build -t ghcr.io/acme/web:latest services/web
      - run: docker push ghcr.io/acme/web:latest
-- services/api/Dockerfile --
FROM debian:13
""",
            paths=("services/web/main.py",),
        ),
        Example(
            title="the Dockerfile copies from the root, which is the context",
            files=_files(_LATEST).replace("context: .", "context: .\n          file: web/Dockerfile")
            + _FOR_ROOT,
            paths=("shared/lock", "web/main.js"),
            at="image",
            fixed=_files(_LATEST, top=_ADDED).replace(
                "context: .", "context: .\n          file: web/Dockerfile"
            ),
        ),
        Example(
            title="by hand, too, for whichever branch: beside the branch's own tag, `latest` decides",
            files=_files(_BOTH, _BY_HAND_TOO),
            at="image",
            fixed=_files(_BOTH, _BY_HAND_TOO, job=_IN_JOB),
        ),
        Example(
            title="by hand, too, and all other jobs wait for it: what they roll out is kept in order with it",
            files=_files(_LATEST, _BY_HAND_TOO) + _AND_UPDATE,
            at="image",
            fixed=_files(_LATEST, _BY_HAND_TOO, top=_FOR_ALL) + _AND_UPDATE,
        ),
        Example(
            title="another job waits for none, and would wait for the runs before in a group of the workflow",
            files=_files(_LATEST, _BY_HAND_TOO) + _AND_UPDATE + _TEST,
            at="image",
            fixed=_files(_LATEST, _BY_HAND_TOO, job=_IN_JOB) + _AND_UPDATE + _TEST,
        ),
        Example(
            title="one of the jobs behind it may wait for somebody's approval",
            files=_files(_LATEST, _BY_HAND_TOO) + _AND_APPROVED,
            at="image",
            fixed=_files(_LATEST, _BY_HAND_TOO, job=_IN_JOB) + _AND_APPROVED,
        ),
        Example(
            title="so may one behind the legs that push for a branch",
            files=_files(_OF_LEGS, job=_IMAGES) + _AND_APPROVED,
            at="image",
            fixed=_files(
                _OF_LEGS,
                job=f"    concurrency:\n      group: {_OF_REF.replace('-', '-${{ matrix.image }}-')}\n      queue: max\n{_IMAGES}",
            )
            + _AND_APPROVED,
        ),
        Example(
            title="the same by several keys, which leave one of them out",
            files=_files(_OF_SUFFIX, job=_TWO_KEYS) + _AND_APPROVED,
            at="image",
            fixed=_files(
                _OF_SUFFIX,
                job=f"    concurrency:\n      group: {_OF_REF.replace('-', '-${{ strategy.job-index }}-')}\n      queue: max\n{_TWO_KEYS}",
            )
            + _AND_APPROVED,
        ),
        Example(
            title="by hand, too, an image for each leg, before somebody's approval",
            files=_files(_OF_LEGS, _BY_HAND_TOO, job=_IMAGES) + _AND_APPROVED,
            at="image",
            fixed=_files(
                _OF_LEGS,
                _BY_HAND_TOO,
                job=_IN_JOB.replace("workflow }}", "workflow }}-${{ matrix.image }}") + _IMAGES,
            )
            + _AND_APPROVED,
        ),
        Example(
            title="one of them has a queue of its own",
            files=_files(_LATEST, _BY_HAND_TOO) + _AND_ROLLOUT,
            at="image",
            fixed=_files(_LATEST, _BY_HAND_TOO, job=_IN_JOB) + _AND_ROLLOUT,
        ),
        Example(
            title="a job behind one that waits itself may wait for somebody's approval, and all later runs with it",
            files=_files(_LATEST, job="    needs: lint\n") + _AND_APPROVED + _AND_LINT,
            at="image",
        ),
        Example(
            title="pull requests push it, too, where a variable says so, and would wait for all that the jobs behind it do",
            files=_WHERE_ASKED + _AND_UPDATE,
            at="image",
            fixed=_WHERE_ASKED.replace("write}\n", f"write}}\n{_ADDED}") + _AND_UPDATE,
        ),
        Example(
            title="for a branch alone, beside a job that waits for none: the queue is that of the job",
            files=_files(_LATEST) + _TEST,
            at="image",
            fixed=_files(_LATEST, job=_IN_JOB.replace("workflow }}", "workflow }}-${{ github.ref }}"))
            + _TEST,
        ),
        Example(
            title="by hand, too, as another workflow by hand alone: one queue for both",
            files=_files(_LATEST, _BY_HAND_TOO) + _ALL_BY_HAND,
            at="image",
            fixed=_files(_LATEST, _BY_HAND_TOO, job=_IN_JOB.replace("${{ github.workflow }}", "publish-web")),
        ),
        Example(
            title="that one pushes another image",
            files=_files(_LATEST, _BY_HAND_TOO) + _ALL_BY_HAND.replace("acme/web", "acme/api"),
            at="image",
            fixed=_files(_LATEST, _BY_HAND_TOO, job=_IN_JOB),
        ),
        Example(
            title="by hand, too, an image for each leg",
            files=_files(_OF_LEGS, _BY_HAND_TOO, job=_IMAGES),
            at="image",
            fixed=_files(_OF_LEGS, _BY_HAND_TOO, _FOR_ALL, _IMAGES),
        ),
        Example(
            title="by hand, and for another branch another image",
            files=_files(f"ghcr.io/acme/{_WHICH}:latest", _BY_HAND_TOO),
            at="image",
            fixed=_files(f"ghcr.io/acme/{_WHICH}:latest", _BY_HAND_TOO, _ADDED),
        ),
        Example(
            title="by hand, too, in the registry of one account",
            files=_in_ecr("${{ secrets.ROLE }}"),
            at="image",
            fixed=_in_ecr("${{ secrets.ROLE }}", job=_IN_JOB),
        ),
        Example(
            title="by hand, and for another branch in the registry of another account",
            files=_in_ecr("${{ github.ref_name == 'main' && secrets.ROLE || secrets.NEXT_ROLE }}"),
            at="image",
            fixed=_in_ecr("${{ github.ref_name == 'main' && secrets.ROLE || secrets.NEXT_ROLE }}", _ADDED),
        ),
        Example(
            title="by hand, and for another branch another tag",
            files=_files(_OF_MAIN_OR_REF, _BY_HAND_TOO),
            at="image",
            fixed=_files(_OF_MAIN_OR_REF, _BY_HAND_TOO, top=_ADDED),
        ),
        Example(
            title="`latest` of one branch; the others share another tag",
            files=_files(_LATEST_OF_MAIN, _OF_THREE),
            at="image",
            fixed=_files(_LATEST_OF_MAIN, _OF_THREE, job=_IN_JOB),
        ),
        Example(
            title="`latest` of one branch, and a tag of the other",
            files=_files(_LATEST_OF_MAIN, "{push: {branches: [main, '2']}}"),
            at="image",
            fixed=_files(_LATEST_OF_MAIN, "{push: {branches: [main, '2']}}", top=_ADDED),
        ),
        Example(
            title="by hand, too: the tag that is the default of an input",
            files=_files(_OF_INPUT, _WITH_DEFAULT),
            at="image",
            fixed=_files(_OF_INPUT, _WITH_DEFAULT, job=_IN_JOB),
        ),
        Example(
            title="by hand, too: an image that a variable of the repository may call otherwise, for all refs",
            files=_files(_OF_VARIABLE, _BY_HAND_TOO),
            at="image",
            fixed=_files(_OF_VARIABLE, _BY_HAND_TOO, job=_IN_JOB),
        ),
        Example(
            title="by hand another tag, which is the default of an input",
            files=_files(_OF_INPUT, _WITH_DEFAULT.replace("edge", "trial")),
            at="image",
            fixed=_files(_OF_INPUT, _WITH_DEFAULT.replace("edge", "trial"), top=_ADDED),
        ),
        Example(
            title="by hand whatever tag somebody has to name",
            files=_files(_OF_INPUT, _WITH_DEFAULT.replace("default: edge", "required: true")),
            at="image",
            fixed=_files(_OF_INPUT, _WITH_DEFAULT.replace("default: edge", "required: true"), top=_ADDED),
        ),
        Example(
            title="a step of the job pushes another tag, for releases and by hand",
            files=_files("ghcr.io/acme/web:edge", _RELEASED_TOO, more=_IF_MAIN) + _RELEASE,
            at="image",
            fixed=_files("ghcr.io/acme/web:edge", _RELEASED_TOO, job=_IN_JOB, more=_IF_MAIN) + _RELEASE,
        ),
        Example(
            title="it does that by hand, and where a variable says so, for no ref but the branch",
            files=_files("ghcr.io/acme/web:edge", _BY_HAND_TOO, more=_IF_MAIN) + _BY_VARIABLE,
            at="image",
            fixed=_files("ghcr.io/acme/web:edge", _BY_HAND_TOO, job=_IN_JOB, more=_IF_MAIN) + _BY_VARIABLE,
        ),
        Example(
            title="it does that for releases alone",
            files=_files(
                "ghcr.io/acme/web:edge", _RELEASED_TOO.replace(", workflow_dispatch: {}", ""), more=_IF_MAIN
            )
            + _RELEASE,
            at="image",
            fixed=_files(
                "ghcr.io/acme/web:edge",
                _RELEASED_TOO.replace(", workflow_dispatch: {}", ""),
                top=_ADDED,
                more=_IF_MAIN,
            )
            + _RELEASE,
        ),
        Example(
            title="it pushes a tag of each release, which somebody names who starts it by hand",
            files=_files("ghcr.io/acme/web:edge", _RELEASED_TOO, more=_IF_MAIN)
            + _RELEASE.replace("web:latest", "web:${{ github.event.release.tag_name || inputs.tag }}"),
            at="image",
            fixed=_files("ghcr.io/acme/web:edge", _RELEASED_TOO, top=_ADDED, more=_IF_MAIN)
            + _RELEASE.replace("web:latest", "web:${{ github.event.release.tag_name || inputs.tag }}"),
        ),
        Example(
            title="by hand, but for the branch alone",
            files=_files(_LATEST, _BY_HAND_TOO, job=_OF_MAIN),
            at="image",
            fixed=_files(_LATEST, _BY_HAND_TOO, _ADDED, _OF_MAIN),
        ),
        Example(
            title="by hand, what docker/metadata-action calls `latest` on each branch",
            files=_made("false").replace(_TAGS_TOO, _BY_HAND_TOO).replace(_IF_DEFAULT, ""),
            at="image",
            fixed=_made("false", job=_IN_JOB).replace(_TAGS_TOO, _BY_HAND_TOO).replace(_IF_DEFAULT, ""),
        ),
        Example(
            title="by hand, what docker/metadata-action calls `latest` on the default branch alone",
            files=_made("false").replace(_TAGS_TOO, _BY_HAND_TOO),
            at="image",
            fixed=_made("false", top=_ADDED).replace(_TAGS_TOO, _BY_HAND_TOO),
        ),
        Example(title="of the workflow", files=_files(_LATEST, top="concurrency: image\n")),
        Example(
            title="on a machine of the owner's, which may be the only one",
            files=_files(_LATEST).replace("ubuntu-latest", "[self-hosted, linux]"),
        ),
        Example(
            title="on a machine of the owner's, and on one of GitHub's",
            files=_files(_LATEST).replace("ubuntu-latest", "self-hosted") + _AND_LATEST,
            at="image",
            fixed=_files(_LATEST, top=_ADDED).replace("ubuntu-latest", "self-hosted") + _AND_LATEST,
        ),
        Example(title="of the job", files=_files(_LATEST, job="    concurrency: image\n")),
        Example(
            title="not for that event",
            files=_files(
                _LATEST,
                "[push, workflow_dispatch]",
                more="        if: github.event_name == 'workflow_dispatch'\n",
            ),
        ),
        Example(
            title="a version in a file that is not known",
            files=_files("ghcr.io/acme/web:${{ steps.version.outputs.tag }}"),
        ),
        Example(
            title="when a release is made",
            files=_files(_LATEST, job="    if: vars.PUBLISH == 'yes'\n"),
        ),
        Example(
            title="by digest",
            files=_files("ghcr.io/acme/web").replace(
                "push: true", "outputs: type=image,push-by-digest=true,push=true"
            ),
        ),
        Example(
            title="branches to try something on",
            files=_files(_LATEST, "{push: {branches: [test, 'jane/caching', 'feature/**', web-sandbox]}}"),
        ),
        Example(
            title="branches that are named for the change that is made on them",
            files=_files(_LATEST, "{push: {branches: [add-search, 'fix-*']}, workflow_dispatch: {}}"),
        ),
        Example(
            title="branches whose names only begin like that",
            files=_files(_LATEST, "{push: {branches: [additions, fixtures-daily]}}"),
            at="image",
            fixed=_files(_LATEST, "{push: {branches: [additions, fixtures-daily]}}", job=_IN_JOB),
        ),
        Example(
            title="branches of releases, among others",
            files=_files(_LATEST, "{push: {branches: [test, 'release/*']}}"),
            at="image",
            fixed=_files(_LATEST, "{push: {branches: [test, 'release/*']}}", job=_IN_JOB),
        ),
        Example(
            title="the script asks for a version before",
            files=_files(_LATEST).partition("      - uses")[0]
            + """\
      - run: |
          if [[ "$VERSION" =~ ^v[0-9.]+$ ]]; then
            docker push ghcr.io/acme/web:latest
          fi
          [ -n "$EDGE" ] && docker push ghcr.io/acme/web:edge
          case "$KIND" in
            nightly) docker push ghcr.io/acme/web:nightly ;;
          esac
""",
        ),
        Example(
            title="a script that only builds before",
            files=_files(_LATEST).partition("      - uses")[0]
            + "      - run: docker build -t ghcr.io/acme/web . && docker push ghcr.io/acme/web:latest\n",
            at="image",
            fixed=_files(_LATEST, top=_ADDED).partition("      - uses")[0]
            + "      - run: docker build -t ghcr.io/acme/web . && docker push ghcr.io/acme/web:latest\n",
        ),
        Example(title="to a registry that the job starts", files=_files("localhost:5000/acme/web:latest")),
        Example(
            title="to the registry of a cluster that the job starts",
            files=_files("kind-registry:5000/acme/web:latest"),
        ),
    ),
)


_SHOWN = 3
"""Workflows that a question names; it counts the others."""
_BY_LATEST = ", as docker/metadata-action adds it"
"""What has an entry push `latest` that does not name it."""
_BY_HAND_BESIDE = "is pushed as well, and by hand for any ref"
_FOR_PULLS_BESIDE = "is pushed as well, for pull requests"
_OF_RUN = "github.head_ref && github.run_id"
"""Of a pull request the run's own number, which no other run has; empty for all else."""


_EACH_IN_NO_FOLDER = "*"
"""The pattern of all branches but those with a slash in their names."""
_TO_BE_FILLED_IN = regex(
    r"(?:^|/)(?:your[-_]?(?:app|company|image|name|org|organi[sz]ation|project|repo|repository|service|user|username)"
    r"|my[-_](?:docker[-_])?image|<[^/]*>)(?:/|$)|^(?:name|user|username)/app$",
    re.IGNORECASE,
)


class _Racing(Record, eq=False):
    """What a workflow pushes."""

    workflow: Workflow
    pushes: list[Push]
    racing: list[RacingPush]
    """Those of them that two runs for one branch may make in any order."""
    names: frozenset[tuple[Value, Value, Value]]
    """Under which these push."""


class _Beside(NamedTuple):
    """What other workflows push by the names of one."""

    by_hand: tuple[Push, ...]
    """Where they run by hand, as it does."""
    of_pulls: tuple[Push, ...]
    """Where they may run for pull requests."""


class _Race(NamedTuple):
    """What is told of a workflow whose runs nothing keeps apart."""

    workflow: Workflow
    pushes: list[Push]
    """All of the workflow's."""
    of_any: list[Push]
    """The racing ones of a tag that is one for more than one ref: without anybody's choice, or by hand."""
    beside: list[Push]
    """Where there are none, those of the same job that runs by hand push, too, beside those for other refs."""
    is_for_several_refs: bool
    """Whether there are racing ones of such a tag without anybody's choice."""
    told: RacingPush
    """The first of them, else of all that race."""
    is_alone: bool
    """Whether no other job has a push that races."""
    queue: Queue
    of_pulls: Push | None
    """The first push of the same that another workflow may make for a pull request."""


def run(repo: Repository) -> Iterator[Finding]:
    found = tuple(repo.each(repo.workflows, _of_workflow))
    by_name: dict[tuple[Value, Value, Value], list[_Racing]] = {}
    for one in found:
        for name in one.names:
            by_name.setdefault(name, []).append(one)
    together: dict[_Racing, tuple[_Racing, ...]] = {}
    by_hand = tuple(repo.each(repo.workflows, _by_hand))
    of_pulls = tuple(repo.each(repo.workflows, _of_pulls))
    for one in found:
        if one not in together:
            members = _together(one, by_name)
            together.update(dict.fromkeys(members, members))
        beside = _Beside(_also_by_hand(one, by_hand), _also_of_pulls(one, of_pulls))
        yield from repo.memo(_told, one, repo.memo(_sharing, together[one]), beside)


def _of_pulls(repo: Repository, workflow: Workflow) -> Iterator[Push]:
    """What runs of a workflow for pull requests may push by a name that is one for all refs."""
    opened = [
        event
        for event in events(workflow)
        if _is_of_open_pull(event) and not repo.starts_nothing(workflow, event.name)
    ]
    for push in repo.pushes_in.get(workflow.text, ()) if opened else ():
        is_fixed = push.reference.tag_or_default.literal is not None and is_named_alike(push)
        is_of_main_alone = push.generated is not None and push.generated.is_of_default_branch
        moves = moves_name(push) and push.step not in repo.steps_without_effect
        if is_fixed and moves and not is_of_main_alone and _may_be_unmerged(push, opened):
            yield push


def _may_be_unmerged(push: Push, opened: Sequence[Event]) -> bool:
    """Whether it may be the image of a pull request that is not merged."""
    happening = [event for event in opened if push.step is None or may_run_unmerged(push.step, event)]
    return _may_be_for_any([push], happening)


def _also_of_pulls(one: _Racing, of_pulls: Sequence[Push]) -> tuple[Push, ...]:
    """Those of them that other workflows make by a name of this one."""
    here = one.workflow.text
    return tuple(push for push in of_pulls if push.location.text is not here and name_of(push) in one.names)


def _by_hand(repo: Repository, workflow: Workflow) -> Iterator[Push]:
    """What a run of a workflow that somebody starts pushes, by a name that is one for all refs."""
    if "workflow_dispatch" in workflow.triggers and "workflow_call" not in workflow.triggers:
        pushes = [
            it for it in repo.pushes_in.get(workflow.text, ()) if it.step not in repo.steps_without_effect
        ]
        yield from (
            it
            for it in pushes
            if moves_name(it) and is_named_alike(it) and is_pushed_by_hand(it, workflow, pushes)
        )


def _also_by_hand(one: _Racing, by_hand: Sequence[Push]) -> tuple[Push, ...]:
    """The first push of each other workflow that somebody starts by hand, as this one, for a name that both move."""
    here = one.workflow.text
    names = one.names.intersection(name_of(it) for it in by_hand if it.location.text is here)
    found: dict[str, Push] = {}
    for push in by_hand if names else ():
        if push.location.text is not here and name_of(push) in names:
            found.setdefault(push.location.path, push)
    return tuple(found.values())


def _of_workflow(repo: Repository, workflow: Workflow) -> Iterator[_Racing]:
    if "workflow_call" in workflow.triggers or repo.starts_nothing(workflow, "push"):
        return
    vain = repo.steps_without_effect
    pushes = [it for it in repo.pushes_in.get(workflow.text, ()) if it.step and it.step not in vain]
    racing = [one for one in racing_pushes(workflow, pushes) if not _is_to_be_filled_in(repo, one)]
    yield _Racing(workflow, pushes, racing, frozenset(name_of(it.push) for it in racing))


def _is_to_be_filled_in(repo: Repository, one: RacingPush) -> bool:
    """Whether the image's name is one that a template leaves to its user, and no other file here has it."""
    path = one.push.reference.path.literal or ""
    if _TO_BE_FILLED_IN.search(path) is None:
        return False
    others = (text for text in repo.snapshot.texts.values() if text is not one.push.location.text)
    return not any(path in text.content for text in others)


def _together(
    one: _Racing, by_name: Mapping[tuple[Value, Value, Value], Sequence[_Racing]]
) -> tuple[_Racing, ...]:
    """What a workflow may have to share a queue with, over whatever others, and itself, by their paths."""
    members = {one: None}
    waiting, seen = [one], set[tuple[Value, Value, Value]]()
    while waiting:
        names = waiting.pop().names - seen
        seen |= names
        joining = [it for name in names for it in by_name[name] if it not in members]
        members.update(dict.fromkeys(joining))
        waiting += joining
    return tuple(sorted(members, key=lambda it: it.workflow.path))


def _sharing(together: tuple[_Racing, ...]) -> Sharing:
    return sharing(
        {one.workflow: one.racing for one in together}, {one.workflow: one.pushes for one in together}
    )


def _told(one: _Racing, among: Sharing, beside: _Beside) -> tuple[Finding, ...]:
    """The finding of a workflow, if there is one."""
    race = _race(one, among, beside)
    return () if race is None else (_finding(race),)


def _race(found: _Racing, among: Sharing, beside: _Beside) -> _Race | None:
    """None where queues or single runners keep the runs apart, or where what others go by is pushed in another way."""
    workflow, mine = found.workflow, found.pushes
    free = [one for one in found.racing if not one.is_queued]
    if workflow.node.get("concurrency") is not None or all(one.may_be_alone for one in free):
        return None
    of_main = [one for one in free if is_of_main(one.push)]
    if not of_main and any(map(is_of_main, mine)):
        return None
    first = of_main or free
    for_several = [one for one in (*first, *free) if is_for_several_refs(one, mine)]
    of_any = for_several or [one for one in first if is_pushed_by_hand(one.push, workflow, mine)]
    told = min(of_any or first, key=lambda one: _is_of_other_jobs(one, mine))
    return _Race(
        workflow,
        mine,
        [one.push for one in of_any],
        [] if of_any else by_hand_and_for_refs(told.job, mine),
        bool(for_several),
        told,
        is_alone=all(one.job is told.job for one in free),
        queue=queue_of(told, workflow, among, beside.by_hand),
        of_pulls=next((it for it in beside.of_pulls if name_of(it) == name_of(told.push)), None),
    )


def _is_of_other_jobs(one: RacingPush, pushes: Sequence[Push]) -> bool:
    """Whether another job of its file may push the same name for a branch, and so decides, too, which image that is.

    Of one whose name is not known at all, the tags that are named for a branch, or `latest`, may be among what it pushes.
    """
    others = [it for it in pushes if it.step is not None and it.step.job is not one.job]
    tag = one.push.reference.tag_or_default.literal
    is_usual = tag is None or f"refs/heads/{tag}" in MAIN or tag == "latest"
    return any(
        name_of(it) == name_of(one.push)
        or (is_usual and not any(isinstance(part, str) for part in it.value.parts))
        for it in others
    )


def _finding(race: _Race) -> Finding:
    is_of_any = race.of_any or race.beside or race.queue.is_for_several_refs
    fixes = () if race.of_pulls else _of_all_refs(race) if is_of_any else _of_each_ref(race)
    job, tag = code(race.told.job.id), _shown(race.told.push)
    return Finding(
        message=(
            f"Nothing keeps two runs of the job {job} apart, and {tag} is pushed for more than one ref."
            if race.is_for_several_refs
            else f"Nothing keeps two runs of the job {job} for one branch apart, and each pushes {tag}."
        ),
        consequence=(
            "Of two pushes shortly after each other the older run may end last: then the tag is the older image until "
            "the next push."
        ),
        location=Location(race.workflow.text, race.told.job.key.span),
        related=(
            *_places(race),
            *dict.fromkeys(
                Location(one.location.text, one.location.span, _BY_HAND_BESIDE) for one in race.beside
            ),
            *(
                Location(one.location.text, one.location.span, "is pushed here, too")
                for one in race.queue.others
            ),
            *(
                Location(one.location.text, one.location.span, _FOR_PULLS_BESIDE)
                for one in (race.of_pulls,)
                if one is not None
            ),
        ),
        fixes=fixes,
        withheld="" if fixes else _why_withheld(race),
    )


def _shown(push: Push) -> str:
    """The tag; docker/metadata-action writes the name of a branch in its own way, with `-` for `/`.

    https://github.com/docker/metadata-action#typeref
    """
    tag = push.reference.tag_or_default
    return "the branch's tag" if push.generated and tag.holes else code(str(tag))


def _places(race: _Race) -> tuple[Location, ...]:
    """Where the tag is written, and for which refs each place has it pushed if that is not for all."""
    push = race.told.push
    happening = [event for event in events(race.workflow) if event.name in FOR_A_REF]
    refs: dict[Location, list[str]] = {}
    added: set[Location] = set()
    for one in race.pushes if push.generated or push.is_chosen else ():
        if name_of(one) != name_of(push):
            continue
        place = Location(one.location.text, one.location.span)
        named = [_ref(event) for event in happening if one.may_be_for(event)]
        refs[place] = [*refs.get(place, ()), *named]
        if one.generated is not None and one.generated.is_latest:
            added.add(place)
        if one.generated and one.generated.is_of_default_branch and len(set(refs[place])) > 1:
            refs[place] = ["the default branch"]
    if not refs or any(len(named) >= len(happening) for named in refs.values()):
        return (replace(push.location, note=f"{_by_which_runs(race)}{_without_merge(race)}"),)
    return tuple(
        replace(
            place,
            note=f"is pushed for {' and '.join(dict.fromkeys(named))}{_BY_LATEST if place in added else ''}",
        )
        for place, named in refs.items()
        if named
    )


def _by_which_runs(race: _Race) -> str:
    """Which of the workflow's runs push what is written at the tag's place, by whichever leg or branch of an expression."""
    place = race.told.push.location
    here = [push for push in race.pushes if push.location == place]
    others = [
        event for event in events(race.workflow) if not any(certainly_pushes(push, event) for push in here)
    ]
    if not others:
        return "is pushed by each run"
    never = not any(push.may_be_for(event) for push in here for event in others)
    are_pulls = all(_has_head(event) for event in others)
    return "is pushed by each run but those of pull requests" if never and are_pulls else "is pushed here"


def _without_merge(race: _Race) -> str:
    """Which runs of closed pull requests have a ref of their own: those of merged ones have the branch's.

    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context
    """
    closed = [
        event
        for event in race.told.push.events or ()
        if event.name == "pull_request" and event.types == ("closed",)
    ]
    return (
        ", for a pull request that is closed without a merge, too, whose ref is `refs/pull/N/merge`"
        if race.is_for_several_refs and any(certainly_pushes(race.told.push, event) for event in closed)
        else ""
    )


def _ref(event: Event) -> str:
    if event.name == "release":
        return "releases"
    kind = "tag" if event.ref_kind is RefKind.TAG else "branch"
    name = (event.ref or "").removeprefix("refs/heads/").removeprefix("refs/tags/")
    plural = "tags" if kind == "tag" else "branches"
    if name:
        return f"the {kind} {name}"
    return f"{plural} that match {event.pattern}" if event.pattern else plural


def _of_each_ref(race: _Race) -> tuple[Fix, ...]:
    """A group for each ref, of the workflow, or of the job beside one that has nothing to do with it or may wait for approval.

    A pull request for which nothing is pushed waits for nobody.
    """
    job = race.told.job
    has_own = _stands_by_itself(race) and (_may_await_approval(race) or _has_others_beside(race))
    runner = job.node.entry("runs-on") if has_own else None
    happening = of_job(job) if runner else events(race.workflow)
    of_pulls = [event for event in happening if _has_head(event)]
    are_free = not _may_be_for_any(race.pushes, of_pulls)
    several = "" if are_free else ", and of a pull request,"
    which = f"{_OF_RUN} || github.ref" if of_pulls and are_free else "github.ref"
    lines = _lines(f"{race.queue.group}{_of_leg(job) if runner else ''}-${{{{ {which} }}}}")
    runs = f"runs of {code(job.id)} for a branch" if runner else "runs of a branch"
    return offer(
        "let the runs of a ref wait for each other",
        Applicability.UNSAFE,
        insert_after(job.node, runner, lines) if runner else _at_the_top(race.workflow, lines),
        caution=f"Is it all right that the {runs}{several} wait for each other?{_of_others(race.queue)}{_of_made(race)}",
    )


def _of_leg(job: Job) -> str:
    """What parts the queues of the legs, which would wait for each other in one."""
    name = name_of_leg(job)
    return f"-${{{{ {name} }}}}" if name else ""


def _stands_by_itself(race: _Race) -> bool:
    """Whether a group of the job keeps the order of the runs: no other job pushes, and it waits for none."""
    node = race.told.job.node
    return race.is_alone and node.entry("runs-on") is not None and node.get("needs") is None


def _may_await_approval(race: _Race) -> bool:
    """Whether another job may wait in an `environment`, for days, and all later runs for it in a group of the workflow."""
    return any(
        one.node.get("environment") is not None for one in race.workflow.jobs if one is not race.told.job
    )


def _has_others_beside(race: _Race) -> bool:
    """Whether another job does not wait for the one that pushes: in a group of the workflow it would, for that of the run before."""
    job = race.told.job
    return any(one is not job and job not in needed_jobs(one) for one in race.workflow.jobs)


def _of_made(race: _Race) -> str:
    """The question after the other refs of a tag, where a step makes the image's name."""
    if not may_be_for_several_refs(race.told, race.pushes):
        return ""
    return (
        f" Is it another image for each ref that pushes {_shown(race.told.push)}? Else the group has to do without "
        f"{code('github.ref')}."
    )


def _may_be_for_any(pushes: list[Push], happening: list[Event]) -> bool:
    """Whether something is pushed for one of some events to a registry that outlasts the job."""
    lasting = [push for push in pushes if not push.reference.is_on_this_machine]
    return any(push.may_be_for(event) for push in lasting for event in happening)


def _of_all_refs(race: _Race) -> tuple[Fix, ...]:
    """A group without the ref: of the job, or of the workflow where the job isn't alone, waits, has legs, or comes first.

    A job that waits would join a queue of its own in whichever order the runs get there. Pull requests are kept apart
    where they do not push the same, in whichever step or for whichever kind of ref docker/metadata-action makes the name,
    and wait for nobody where they push nothing. Where they do push it, or each branch does, no order is a good one.
    """
    if _would_hold_up(race) or _leaves_any_work(race):
        return ()
    job, group = race.told.job, race.queue.group
    runner, of_pulls = job.node.entry("runs-on") if _is_single(race) else None, _pulls(race)
    are_apart = of_pulls and not _may_be_for_any(_same(race), of_pulls)
    number = "github.head_ref" if _may_be_for_any(race.pushes, of_pulls) else _OF_RUN
    group += _of_leg(job) if runner else ""
    lines = _lines(f"{group}-${{{{ {number} }}}}" if are_apart else group)
    but_pulls = " but those of pull requests" if are_apart else ""
    which = f"{f'the runs of {code(job.id)}' if runner else 'all runs of the workflow'}{but_pulls}"
    push_it = f", those of pull requests, which {_push_it(race, of_pulls)}, among them"
    among = push_it if of_pulls and not are_apart else ""
    return offer(
        "let the runs wait for each other, whatever their refs",
        Applicability.UNSAFE,
        insert_after(job.node, runner, lines) if runner else _at_the_top(race.workflow, lines),
        caution=f"Is it all right that {which} wait for each other, whatever their refs{among}?{_of_others(race.queue)}",
    )


def _is_single(race: _Race) -> bool:
    """Whether a group of the job keeps the order of the runs, and one of the workflow would hold up others."""
    has_legs = race.told.job.node.get("strategy") is not None
    may_have_group = not has_legs or _may_await_approval(race)
    return _stands_by_itself(race) and may_have_group and not _is_waited_for(race)


def _is_waited_for(race: _Race) -> bool:
    """Whether the job, which waits for none, is one for which all others wait, and these for nobody else.

    They have their turn with it in a group of the workflow: what they roll out would go back by a commit, too. In an
    environment they may wait for days, and for all of them no pull request is to wait that pushes the same.

    https://docs.github.com/en/actions/reference/workflows-and-actions/deployments-and-environments#required-reviewers
    """
    others = [one.node for one in race.workflow.jobs if one is not race.told.job]
    all_wait = all(any(scalars(one.get("needs"))) and one.get("environment") is None for one in others)
    of_pulls = [event for event in events(race.workflow) if _has_head(event)]
    is_for_pulls = _may_be_for_any(_same(race), of_pulls)
    return bool(others) and all_wait and not is_for_pulls and _with_its_own(race.workflow) is None


def _pulls(race: _Race) -> list[Event]:
    """The pull requests whose runs come to the group."""
    happening = of_job(race.told.job) if _is_single(race) else events(race.workflow)
    return [event for event in happening if _has_head(event)]


def _same(race: _Race) -> list[Push]:
    """What is pushed by the names for which the runs have to wait."""
    names = set(map(name_of, (*race.of_any, *race.beside)))
    return [push for push in race.pushes if name_of(push) in names]


def _would_hold_up(race: _Race) -> bool:
    """Whether a group of the workflow has pull requests, which push the same, wait for all jobs of each other."""
    has_others = len(race.workflow.jobs) > 1
    return not _is_single(race) and has_others and _may_be_for_any(_same(race), _pulls(race))


def _leaves_any_work(race: _Race) -> bool:
    """Whether the last in the queue may well be somebody's work: a pull request or any branch certainly pushes the same."""
    return any(
        certainly_pushes(push, event)
        for event in events(race.workflow)
        if _is_of_open_pull(event) or _is_of_any_branch(event)
        for push in _same(race)
        if not (push.generated and push.generated.is_of_default_branch)
    )


def _is_of_open_pull(event: Event) -> bool:
    return _has_head(event) and event.types != ("closed",)


def _is_of_any_branch(event: Event) -> bool:
    return event.is_push_to_branch and event.ref is None and event.pattern in (None, EACH, _EACH_IN_NO_FOLDER)


def _push_it(race: _Race, of_pulls: list[Event]) -> str:
    return f"{'push' if _push_it_surely(race, of_pulls) else 'may push'} {_shown(race.told.push)}, too"


def _push_it_surely(race: _Race, of_pulls: list[Event]) -> bool:
    return any(certainly_pushes(push, event) for push in _same(race) for event in of_pulls)


def _has_head(event: Event) -> bool:
    """Whether `github.head_ref` is filled: that keeps pull requests apart, and is empty for all else."""
    return event.name in ("pull_request", "pull_request_target")


def _of_others(queue: Queue) -> str:
    """The question after the other workflows, which have to be in the queue as well."""
    paths = list(dict.fromkeys(push.location.path for push in queue.others))
    shown, rest = [code(path) for path in paths[:_SHOWN]], len(paths[_SHOWN:])
    shown += [f"{rest} more"] if rest else []
    several = len(shown) > 1
    named = f"{', '.join(shown[:-1])} and {shown[-1]}" if several else "".join(shown)
    return (
        f" {'Do' if several else 'Does'} {named}, which {'push' if several else 'pushes'} the same tag, get the same group?"
        if shown
        else ""
    )


def _with_its_own(workflow: Workflow) -> Job | None:
    """The first job that waits for runs of its own choice, and would wait for more in a queue of the workflow."""
    return next((job for job in workflow.jobs if job.node.get("concurrency") is not None), None)


def _awaiting_approval(workflow: Workflow) -> Job | None:
    """The first job that waits for others, and then perhaps for days in an `environment`: all later runs would, in a queue of the workflow."""
    return next(
        (
            job
            for job in workflow.jobs
            if job.node.get("environment") is not None and any(scalars(job.node.get("needs")))
        ),
        None,
    )


def _why_withheld(race: _Race) -> str:
    if race.of_pulls is not None:
        does = "push" if _is_sure_for_pulls(race.of_pulls) else "may push"
        return (
            f"pull requests {does} {_shown(race.told.push)}, too, in {code(race.of_pulls.location.path)}, and in any order "
            "the tag is left as an image of somebody's work: push it for the default branch alone first"
        )
    own = _with_its_own(race.workflow)
    if own:
        return f"the job {code(own.id)} has a `concurrency` of its own, and would wait in a group of the workflow for more than that: give one to the jobs that push"
    if _leaves_any_work(race):
        pulls = _pulls(race)
        who = (
            f"pull requests {_push_it(race, pulls)}"
            if _push_it_surely(race, pulls)
            else f"each branch pushes {_shown(race.told.push)}"
        )
        return f"{who}, and in any order the tag is left as an image of somebody's work: push it for the default branch alone first"
    awaiting = _awaiting_approval(race.workflow)
    if awaiting:
        return f"the job {code(awaiting.id)} may wait for somebody's approval in its `environment`, and in a group of the workflow all later runs would wait with it: give one to the jobs that push"
    pushed = _push_it(race, _pulls(race)) if _would_hold_up(race) else ""
    return (
        f"pull requests {pushed}, and in a group of the workflow would wait for all jobs of each other: push it for the branch alone first"
        if pushed
        else ""
    )


def _is_sure_for_pulls(push: Push) -> bool:
    return any(certainly_pushes(push, event) for event in push.events or () if _is_of_open_pull(event))


def _lines(group: str) -> str:
    return f"concurrency:\n  group: {group}\n  queue: max"


def _at_the_top(workflow: Workflow, lines: str) -> Edit | None:
    jobs = workflow.node.entry("jobs")
    is_held_up = _with_its_own(workflow) is not None or _awaiting_approval(workflow) is not None
    return insert_before(workflow.node, jobs, f"{lines}\n") if jobs is not None and not is_held_up else None
