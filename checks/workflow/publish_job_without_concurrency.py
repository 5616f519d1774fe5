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
  chooses by hand.
- Where several workflows push one tag for the same event, the group needs a name that they share, instead of
  `github.workflow`.

The check is silent

- where only tags of a commit, a run or a release are pushed
- where a condition may keep the job or the command from running
- for branches that are made to try something or for one release
- where the workflow makes a release, which is there once
- where pushes wait for changes in a folder that is not there, or stand behind a build that copies what is not
  there
- for reusable workflows, whose callers decide
- where the jobs run on `self-hosted` machines, of which there may be one
- where the workflow or the job has a `concurrency` of any kind

References:

- https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
- https://github.blog/changelog/2026-05-07-github-actions-concurrency-groups-now-allow-larger-queues
- https://docs.zizmor.sh/audits/#concurrency-limits
"""

from __future__ import annotations

from collections.abc import Iterator
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
from checks.facts.image.references import is_moving
from checks.facts.tree import insert_after, insert_before
from checks.facts.value import Hole, Value, Varies
from checks.facts.workflow.calls import Start, certainly_runs
from checks.facts.workflow.events import Event, RefKind, default_inputs, events, of_job, of_step
from checks.facts.workflow.workflows import Job, Step, Workflow
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
_WITH_DEFAULT = "{push: {branches: [main]}, workflow_dispatch: {inputs: {tag: {default: edge}}}}"
_LATEST_OF_MAIN = "ghcr.io/acme/web:${{ github.ref_name == 'main' && 'latest' || 'next' }}"
_OF_THREE = "{push: {branches: [main, '2', '3']}, workflow_dispatch: {}}"
_OF_MAIN = "    if: github.ref == 'refs/heads/main'\n"
_PULLS_ALONE = "{push: {branches: [main]}, pull_request: {}}"
_PULLS = _files(_LATEST, _PULLS_ALONE).replace("push: true", "push: ${{ github.event_name == 'push' }}")
_WHERE_ASKED = _files(_LATEST, _PULLS_ALONE).replace(
    "push: true", "push: ${{ github.event_name == 'push' || vars.PREVIEW == 'yes' }}"
)

_FOR_ROOT = "-- web/Dockerfile --\nFROM node:24\nCOPY shared/lock ./\nCOPY web/main.js ./\n"
_OWN = "github.head_ref && github.run_id"
_OF_BRANCH = "ghcr.io/acme/web-${{ github.ref_name }}:latest"
_AND_LATEST = """\
  latest:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t ghcr.io/acme/api . && docker push ghcr.io/acme/api:latest
"""

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
            title="`latest`, for each push to the branch",
            files=_files(_LATEST),
            at="image",
            fixed=_files(_LATEST, top=_ADDED),
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
            title="`latest` is of two kinds of refs, the tag before it of one; the image's name is the repository's",
            files=_made("auto"),
            at="image",
            fixed=_made("auto", job=_IN_JOB),
        ),
        Example(
            title="pull requests push `latest`, too, each from a ref of its own",
            files=_files(_LATEST, _PULLS_ALONE),
            at="image",
            fixed=_files(_LATEST, _PULLS_ALONE, job=_IN_JOB),
        ),
        Example(
            title="pull requests push it where a variable says so: that may be never",
            files=_WHERE_ASKED,
            at="image",
            fixed=_WHERE_ASKED.replace("write}\n", f"write}}\n{_ADDED}"),
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
            fixed=_files(_BOTH, _PULLS_TOO, top=_FOR_ALL, job=_LEGS),
        ),
        Example(
            title="pull requests push nothing, and wait for nobody",
            files=_OF_EITHER,
            at="image",
            fixed=_with_top(_OF_EITHER, _FOR_ALL.replace("workflow }}", f"workflow }}}}-${{{{ {_OWN} }}}}")),
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
    ),
)


_RELEASERS = (
    "actions/create-release",
    "goreleaser/goreleaser-action",
    "ncipollo/release-action",
    "softprops/action-gh-release",
)
_RELEASES = regex(r"\bgh release create\b|\bcreateRelease\b|\bgoreleaser release\b")
_OF_REPOSITORY = ("github.repository", "secrets.", "vars.")
"""What is the same in all workflows."""
_SHOWN = 3
"""Workflows that a question names; it counts the others."""
_FOR_A_REF = frozenset(("push", "release"))
"""Events of refs that are no choice of whoever starts the run."""
_OF_RUN = "github.head_ref && github.run_id"
"""Of a pull request the run's own number, which no other run has; empty for all else."""
_DEFAULT = ("the default branch", None)
"""Stands for the one ref that docker/metadata-action takes for the default branch."""
_MAIN = frozenset(("refs/heads/main", "refs/heads/master"))
_OF_ONE_RELEASE = regex(r"(?:\d|\[0-9\][+*]?)+(?:\.(?:\*|(?:\d|\[0-9\][+*]?)+)){2}")
"""Three numbers in the pattern of a branch: one for each version."""


class _Racing(NamedTuple):
    """A push of a workflow that each run for a branch makes, and for which events."""

    push: Push
    events: tuple[Event, ...]


class _Group(NamedTuple):
    """The queue of a workflow, with others where they push the same name."""

    name: str
    others: tuple[Push, ...]
    """A push of each that is for a name of the workflow's: the name that is spoken of where it is for that, too."""
    are_several: bool
    """Whether one of them pushes a tag for more than one ref."""


def run(repo: Repository) -> Iterator[Finding]:
    vain = repo.steps_in_vain
    pushes = {
        one: [it for it in repo.pushes_in.get(one.text, ()) if it.step and it.step not in vain]
        for one in repo.workflows
    }
    racing = {
        one: _racing(one, mine)
        for one, mine in pushes.items()
        if "workflow_call" not in one.triggers and not repo.starts_nothing(one, "push")
    }
    for workflow, those in racing.items():
        if workflow.node.get("concurrency") is not None:
            continue
        free = [one.push for one in those if not _is_queued(one.push)]
        of_main = [push for push in free if _is_of_main(push)]
        is_another = not of_main and any(map(_is_of_main, pushes[workflow]))
        told = [] if is_another else of_main or free
        for_several = [
            one
            for one in (*told, *(free if told else ()))
            if _is_pushed_for_several_refs(one, pushes[workflow])
        ]
        of_any = for_several or [one for one in told if _is_pushed_by_hand(one, pushes[workflow])]
        push = next(iter(of_any or told), None)
        job = push.step.job if push is not None and push.step is not None else None
        if push is not None and job is not None and not all(map(_may_be_alone, free)):
            group = _group(workflow, push, racing, pushes)
            alone = all(one.step is not None and one.step.job is job for one in free)
            places = _places(workflow, push, pushes[workflow])
            yield _finding(
                workflow,
                job,
                push,
                group,
                of_any,
                pushes[workflow],
                places,
                are_several=bool(for_several),
                is_alone=alone,
            )


def _racing(workflow: Workflow, pushes: list[Push]) -> list[_Racing]:
    releases = [step for step in workflow.steps if _makes_release(step)]
    found = (_Racing(push, _racing_events(push, releases)) for push in pushes)
    return [one for one in found if one.events]


def _is_queued(push: Push) -> bool:
    job = push.step.job if push.step else None
    return job is None or job.node.get("concurrency") is not None


def _may_be_alone(push: Push) -> bool:
    """Whether there may be one runner alone for its job, which takes one at a time: how many an owner has is
    not told here.

    https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners/use-in-a-workflow
    """
    job = push.step.job if push.step else None
    return job is not None and "self-hosted" in map(str.lower, job.runs_on)


def _group(
    workflow: Workflow, told: Push, racing: dict[Workflow, list[_Racing]], pushes: dict[Workflow, list[Push]]
) -> _Group:
    """What the queue of a workflow is called: its own, or one for all that push a name of it, or of another of these.

    `told` is the push that is spoken of.
    """
    members = [workflow]
    for member in members:
        members += [it for it in racing if it not in members and _shared(racing[member], racing[it])]
    if len(members) == 1:
        return _Group("${{ github.workflow }}", (), are_several=False)
    shared = [
        push
        for one in members
        for it in members
        if it is not one
        for push in _shared(racing[one], racing[it])
    ]
    theirs = (_shared(racing[it], racing[workflow]) for it in members[1:])
    return _Group(
        min(f"publish-{_short(push)}" for push in shared),
        tuple(min(those, key=lambda one: _name(one) != _name(told)) for those in theirs if those),
        any(
            _is_pushed_for_several_refs(push, pushes[it])
            for it in members
            for push in shared
            if push in pushes[it]
        ),
    )


def _shared(mine: list[_Racing], theirs: list[_Racing]) -> list[Push]:
    """Those of some pushes whose name others push for the same event."""
    return [one.push for one in mine if any(_is_same(one, other) for other in theirs)]


def _is_same(one: _Racing, other: _Racing) -> bool:
    is_open = any(hole.varies is Varies.UNKNOWN for hole in _open_holes(one.push))
    is_same = _name(one.push) == _name(other.push)
    return is_same and not is_open and not set(one.events).isdisjoint(other.events)


def _name(push: Push) -> tuple[Value, Value, Value]:
    """What is pushed: the host, the path and the tag."""
    named = push.reference
    return named.host, named.path, named.tag_or_default


def _open_holes(push: Push) -> list[Hole]:
    """What of the image's name, without the tag, a run may fill in its own way."""
    holes = (*push.reference.host.holes, *push.reference.path.holes)
    return [hole for hole in holes if not hole.source.startswith(_OF_REPOSITORY)]


def _short(push: Push) -> str:
    """A word for what is pushed: the end of the image's path, else the tag."""
    image = push.reference.path.rpartition("/")[2].literal
    return image or push.reference.tag_or_default.literal or "image"


def _is_of_main(push: Push) -> bool:
    """Whether the name is pushed for the branch that others go by: where there is one, that is the one to speak of."""
    return any(event.ref in _MAIN and push.is_certain_for(event) for event in push.events or ())


def _makes_release(step: Step) -> bool:
    """Whether a step makes a release on GitHub, which is there once for each version: then one run publishes it."""
    texts = (one.value for one in (step.run, step.input("script")) if one is not None)
    return step.uses_action(*_RELEASERS) or any(map(_RELEASES.search, texts))


def _racing_events(push: Push, releases: list[Step]) -> tuple[Event, ...]:
    """The pushes to branches of which two certainly push the name twice, where no queue parts the runs."""
    step = push.step
    if step is None or step.job is None or push.moves_nothing or not _moves(push.reference.tag_or_default):
        return ()
    return tuple(
        event
        for event in push.events or ()
        if event.is_push_to_branch
        and not event.is_on_passing_branch
        and not (event.pattern and _OF_ONE_RELEASE.search(event.pattern))
        and not any(event in (of_step(it) or ()) for it in releases)
        and _certainly_pushes(push, event)
    )


def _certainly_pushes(push: Push, event: Event) -> bool:
    return (
        push.step is not None
        and event in (push.events or ())
        and push.is_certain_for(event)
        and certainly_runs(push.step, Start(event))
    )


def _moves(tag: Value) -> bool:
    """Whether each run of a branch certainly pushes a tag again; a number in the file is that of a release."""
    text = tag.literal
    if text is not None:
        return bool(text) and not any(character.isdigit() for character in text)
    return is_moving(tag) and all(hole.varies is Varies.BRANCH for hole in tag.holes)


def _is_pushed_for_several_refs(push: Push, all_of_them: list[Push]) -> bool:
    """Whether a tag that is one for all refs may be pushed for more than one of them, or certainly is for
    pull requests."""
    if not _is_one(push) or push.step is None or push.step.job is None:
        return False
    same = [one for one in all_of_them if _name(one) == _name(push)]
    found = {
        _DEFAULT if one.generated and one.generated.is_of_default_branch else (event.ref, event.pattern)
        for event in events(push.step.job.workflow)
        for one in same
        if (event.name in _FOR_A_REF and one.may_be_for(event))
        or (event.is_of_pull_request and _certainly_pushes(one, event))
    }
    is_main = any(ref in _MAIN for ref, _ in found)
    return len(found - {_DEFAULT} if is_main else found) > 1 or any(ref is None for ref, _ in found)


def _is_one(push: Push) -> bool:
    """Whether its name is the same for all refs."""
    return push.reference.tag_or_default.literal is not None and not _open_holes(push)


def _is_pushed_by_hand(push: Push, all_of_them: list[Push]) -> bool:
    """Whether its name is one for all refs, and a run that somebody starts pushes it for whichever branch they choose.

    Not where an expression makes other names, too, in the same place, for other branches perhaps, but where
    it makes this one of the inputs that nobody fills in.
    """
    started = Event("workflow_dispatch", RefKind.BRANCH, None)
    written_there = [it for it in all_of_them if it.location == push.location]
    has_others = any(_name(it) != _name(push) for it in written_there)
    given = default_inputs(push.step.job.workflow) if push.step and push.step.job else {}
    is_decided = not has_others or push.is_chosen_for(started, given)
    return _is_one(push) and is_decided and any(_certainly_pushes(it, started) for it in written_there)


def _places(workflow: Workflow, push: Push, all_of_them: list[Push]) -> tuple[Location, ...]:
    """Where the tag of a push is written, and for which refs each place has it pushed if that is not for all."""
    same = (
        [one for one in all_of_them if _name(one) == _name(push)] if push.generated or push.is_chosen else []
    )
    happening = [event for event in events(workflow) if event.name in _FOR_A_REF]
    refs: dict[Location, list[str]] = {}
    for one in same:
        place = Location(one.location.text, one.location.span)
        named = [_ref(event) + _by_latest(one) for event in happening if one.may_be_for(event)]
        refs[place] = [*refs.get(place, ()), *named]
        if one.generated and one.generated.is_of_default_branch and len(set(refs[place])) > 1:
            refs[place] = ["the default branch"]
    if not refs or any(len(named) >= len(happening) for named in refs.values()):
        return (Location(push.location.text, push.location.span, "is pushed by each run"),)
    return tuple(
        replace(place, note=f"is pushed for {' and '.join(dict.fromkeys(named))}")
        for place, named in refs.items()
        if named
    )


def _ref(event: Event) -> str:
    kind = "tag" if event.ref_kind is RefKind.TAG else "branch"
    name = (event.ref or "").removeprefix("refs/heads/").removeprefix("refs/tags/")
    plural = "tags" if kind == "tag" else "branches"
    if name:
        return f"the {kind} {name}"
    return f"{plural} that match {event.pattern}" if event.pattern else plural


def _by_latest(push: Push) -> str:
    """What has an entry push `latest` that does not name it."""
    is_added = push.generated is not None and push.generated.is_latest
    return ", as docker/metadata-action adds it" if is_added else ""


def _finding(
    workflow: Workflow,
    job: Job,
    push: Push,
    group: _Group,
    of_any: list[Push],
    all_of_them: list[Push],
    places: tuple[Location, ...],
    *,
    are_several: bool,
    is_alone: bool,
) -> Finding:
    """`of_any` are the pushes of one tag for more than one ref: without anybody's choice, as `are_several`
    says, or by hand.

    `places` are where the tag is pushed.
    """
    tag = str(push.reference.tag_or_default)
    return Finding(
        message=(
            f"Nothing keeps two runs of the job {code(job.id)} apart, and {code(tag)} is pushed for more than one ref."
            if are_several
            else f"Nothing keeps two runs of the job {code(job.id)} for one branch apart, and each pushes {code(tag)}."
        ),
        consequence=(
            "Of two pushes shortly after each other the older run may end last: then the tag is the older image until "
            "the next push."
        ),
        location=Location(workflow.text, job.key.span),
        related=(
            *places,
            *(Location(one.location.text, one.location.span, "is pushed here, too") for one in group.others),
        ),
        fixes=_of_all_refs(workflow, job, group, of_any, all_of_them, is_alone=is_alone)
        if of_any or group.are_several
        else _of_each_ref(workflow, group, all_of_them),
    )


def _of_each_ref(workflow: Workflow, group: _Group, all_of_them: list[Push]) -> tuple[Fix, ...]:
    """A group for each ref, of the workflow; a pull request for which nothing is pushed waits for nobody."""
    of_pulls = [event for event in events(workflow) if _has_head(event)]
    are_free = not _may_be_for_any(all_of_them, of_pulls)
    several = "" if are_free else ", and of a pull request,"
    caution = f"Is it all right that the runs of a branch{several} wait for each other?{_of_others(group)}"
    which = f"{_OF_RUN} || github.ref" if of_pulls and are_free else "github.ref"
    return offer(
        "let the runs of a ref wait for each other",
        Applicability.UNSAFE,
        _at_the_top(workflow, _lines(f"{group.name}-${{{{ {which} }}}}")),
        caution=caution,
    )


def _may_be_for_any(pushes: list[Push], happening: list[Event]) -> bool:
    return any(push.may_be_for(event) for push in pushes for event in happening)


def _of_all_refs(
    workflow: Workflow,
    job: Job,
    group: _Group,
    of_any: list[Push],
    all_of_them: list[Push],
    *,
    is_alone: bool,
) -> tuple[Fix, ...]:
    """A group without the ref: of the job, or of the workflow where the job isn't alone, comes behind others,
    or in legs.

    Pull requests are kept apart where they do not push the same, and wait for nobody where they push nothing.
    """
    runner = job.node.entry("runs-on")
    is_single = is_alone and job.node.get("needs") is None and job.node.get("strategy") is None
    is_first = is_single and runner is not None
    happening = of_job(job) if is_first else events(workflow)
    of_pulls = [event for event in happening if _has_head(event)]
    are_apart = of_pulls and not _may_be_for_any(of_any, of_pulls)
    which = "github.head_ref" if _may_be_for_any(all_of_them, of_pulls) else _OF_RUN
    lines = _lines(f"{group.name}-${{{{ {which} }}}}" if are_apart else group.name)
    edit = insert_after(job.node, runner, lines) if is_first and runner else _at_the_top(workflow, lines)
    of_workflow = "all runs of the workflow" + (
        " but those of pull requests" if are_apart or not of_pulls else ""
    )
    which = f"the runs of {code(job.id)}" if is_first else of_workflow
    caution = f"Is it all right that {which} wait for each other, whatever their refs?{_of_others(group)}"
    return offer(
        "let the runs wait for each other, whatever their refs", Applicability.UNSAFE, edit, caution=caution
    )


def _has_head(event: Event) -> bool:
    """Whether `github.head_ref` is filled: that keeps pull requests apart, and is empty for all else."""
    return event.name in ("pull_request", "pull_request_target")


def _of_others(group: _Group) -> str:
    """The question after the other workflows, which have to be in the queue as well."""
    paths = list(dict.fromkeys(push.location.path for push in group.others))
    shown, rest = [code(path) for path in paths[:_SHOWN]], len(paths[_SHOWN:])
    shown += [f"{rest} more"] if rest else []
    several = len(shown) > 1
    named = f"{', '.join(shown[:-1])} and {shown[-1]}" if several else "".join(shown)
    return (
        f" {'Do' if several else 'Does'} {named}, which {'push' if several else 'pushes'} the same tag, get the same group?"
        if shown
        else ""
    )


def _lines(group: str) -> str:
    return f"concurrency:\n  group: {group}\n  queue: max"


def _at_the_top(workflow: Workflow, lines: str) -> Edit | None:
    jobs = workflow.node.entry("jobs")
    return insert_before(workflow.node, jobs, f"{lines}\n") if jobs is not None else None
