"""Two runs of a branch may push one moving tag in any order

A workflow that pushes `latest`, or the branch's own tag, for each push to a branch runs once for each commit, and nothing
keeps two runs from going on at once. The run of the older commit may be the slower one: then `latest` is the older image
until somebody pushes again. What is rolled out by that tag goes back by a commit, with every run green.

Let the runs of a ref wait for each other. `queue: max` keeps all that wait; without it GitHub cancels all but the last, and
the images of the commits between are never pushed:

    concurrency:
      group: ${{ github.workflow }}-${{ github.ref }}
      queue: max

The check is silent where only tags of a commit, a run or a release are pushed, where a condition may keep the job or the
command from running, for branches that are made to try something or for one release, where the workflow makes a release, which is there once, for reusable workflows, whose callers decide, and where the
workflow or the job has a `concurrency` of any kind.

References:

- https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
- https://github.blog/changelog/2026-05-07-github-actions-concurrency-groups-now-allow-larger-queues
- https://docs.zizmor.sh/audits/#concurrency-limits
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Attention,
    Check,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.calls import Start, certainly_runs
from checks.facts.events import of_step
from checks.facts.pushes import Push
from checks.facts.references import is_moving
from checks.facts.tree import insert_before
from checks.facts.value import Value, Varies
from checks.facts.workflows import Job, Step, Workflow


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


_LATEST = "ghcr.io/acme/web:${{ github.sha }},ghcr.io/acme/web:latest"
_ADDED = "\nconcurrency:\n  group: ${{ github.workflow }}-${{ github.ref }}\n  queue: max\n"
_PULLS = _files(_LATEST, "{push: {branches: [main]}, pull_request: {}}").replace(
    "push: true", "push: ${{ github.event_name == 'push' }}"
)

check = Check(
    id="publish-job-without-concurrency",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.UNSAFE,
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
            title="pull requests are built only",
            files=_PULLS,
            at="image",
            fixed=_PULLS.replace("write}\n", f"write}}\n{_ADDED}"),
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
        Example(title="of the workflow", files=_files(_LATEST, top="concurrency: image\n")),
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
            fixed=_files(_LATEST, "{push: {branches: [test, 'release/*']}}", top=_ADDED),
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
_RELEASES = re.compile(r"\bgh release create\b|\bcreateRelease\b|\bgoreleaser release\b")
_OF_ONE_RELEASE = re.compile(r"(?:\d|\[0-9\][+*]?)+(?:\.(?:\*|(?:\d|\[0-9\][+*]?)+)){2}")
"""Three numbers in the pattern of a branch: one for each version."""


def run(repo: Repository) -> Iterator[Finding]:
    for workflow in repo.workflows:
        if "workflow_call" in workflow.triggers or workflow.node.get("concurrency") is not None:
            continue
        releases = [step for step in workflow.steps if _makes_release(step)]
        mine = [push for push in repo.pushes_in.get(workflow.text, ()) if push.step is not None]
        push = next((push for push in mine if _races(push, releases)), None)
        job = push.step.job if push is not None and push.step is not None else None
        if push is not None and job is not None:
            yield _finding(workflow, job, push)


def _makes_release(step: Step) -> bool:
    """Whether a step makes a release on GitHub, which is there once for each version: then one run publishes it."""
    texts = (one.value for one in (step.run, step.input("script")) if one is not None)
    return step.uses_action(*_RELEASERS) or any(map(_RELEASES.search, texts))


def _races(push: Push, releases: list[Step]) -> bool:
    """Whether two pushes to one branch certainly push the name twice, and nothing parts the runs."""
    step, job = push.step, push.step.job if push.step else None
    if step is None or job is None or job.node.get("concurrency") is not None or push.moves_nothing:
        return False
    on_branch = any(
        event.is_push_to_branch
        and not event.is_on_passing_branch
        and not (event.pattern and _OF_ONE_RELEASE.search(event.pattern))
        and not any(event in (of_step(step) or ()) for step in releases)
        and push.is_certain_for(event)
        and certainly_runs(step, Start(event))
        for event in push.events or ()
    )
    return on_branch and _moves(push.reference.tag_or_default)


def _moves(tag: Value) -> bool:
    """Whether each run of a branch certainly pushes a tag again; a number in the file is that of a release."""
    text = tag.literal
    if text is not None:
        return bool(text) and not any(character.isdigit() for character in text)
    return is_moving(tag) and all(hole.varies is Varies.BRANCH for hole in tag.holes)


def _finding(workflow: Workflow, job: Job, push: Push) -> Finding:
    tag = str(push.reference.tag_or_default)
    return Finding(
        message=f"Nothing keeps two runs of the job {code(job.id)} for one branch apart, and each pushes {code(tag)}.",
        consequence=(
            "Of two pushes shortly after each other the older run may end last: then the tag is the older image until "
            "the next push."
        ),
        location=Location(workflow.text, job.key.span),
        related=(Location(push.location.text, push.location.span, "is pushed by each run"),),
        fixes=_fixes(workflow),
    )


def _fixes(workflow: Workflow) -> tuple[Fix, ...]:
    jobs = workflow.node.entry("jobs")
    lines = "concurrency:\n  group: ${{ github.workflow }}-${{ github.ref }}\n  queue: max\n"
    edit = insert_before(workflow.node, jobs, lines) if jobs is not None else None
    caution = "Is it all right that the runs of a branch, and of a pull request, wait for each other?"
    return offer("let the runs of a ref wait for each other", Applicability.UNSAFE, edit, caution=caution)
