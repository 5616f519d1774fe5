"""Image of a pull request is tagged with a commit that no branch has

For `pull_request`, `github.sha` is not the commit that the author pushed. It is a merge into the base that
GitHub makes for the run, and that nobody has: it is replaced when the branch or the base moves. Who looks for
the image of the pull request's last commit finds none, and from the image no commit can be found.

Use the head of the pull request:

    ${{ github.event.pull_request.head.sha || github.sha }}

docker/metadata-action does so with `DOCKER_METADATA_PR_HEAD_SHA: true`. What the build is told besides moves along: other
tags, labels, and a build argument by which the program knows its commit.

The check is silent where nothing is pushed for pull requests, and where another step or job goes by
`github.sha` as well, or asks git for the commit, so that the tag is a handle within the run.

References:

- https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
- https://github.com/docker/metadata-action#typesha
"""

from __future__ import annotations

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
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.image.pushes import Push
from checks.facts.tree import Edit, Mapping, Scalar, Span, append_entry, insert_after, walk
from checks.facts.workflow.untrusted import of_step
from checks.facts.workflow.workflows import Job, Step
from checks.regex import regex


def _files(
    tag: str = "${{ github.sha }}", push: str = "true", on: str = "[push, pull_request]", more: str = ""
) -> str:
    return f"""\
-- .github/workflows/build.yml --
on: {on}
permissions: {{contents: read, packages: write}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: {push}
          tags: ghcr.io/acme/web:{tag}
          build-args: COMMIT={tag}
{more}"""


def _meta(env: str = "", tags: str = "type=sha", commit: str = "github.sha") -> str:
    return f"""\
-- .github/workflows/build.yml --
on: [push, pull_request]
permissions: {{contents: read, packages: write}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - id: meta
        uses: docker/metadata-action@v6
{env}        with:
          images: ghcr.io/acme/web
          tags: |
            {tags}
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ${{{{ steps.meta.outputs.tags }}}}
          build-args: |
            COMMIT=${{{{ {commit} }}}}
            STARTED=now
"""


_ASKING_FOR_BRANCH = """\
  branch:
    runs-on: ubuntu-latest
    steps:
      - run: echo "$(git rev-parse --abbrev-ref HEAD)"
"""
_ENV = '        env:\n          DOCKER_METADATA_PR_HEAD_SHA: "true"\n'

check = Check(
    id="pull-request-sha-is-merge-commit",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.WORKFLOW,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.CHECK_RUN,
    tags=("tags", "pull-requests"),
    examples=(
        Example(
            title="the commit of the event",
            files=_files(),
            at="ghcr.io/acme/web:${{ github.sha }}",
            fixed=_files("${{ github.event.pull_request.head.sha || github.sha }}"),
        ),
        Example(
            title="pushed by a command",
            files="""\
-- .github/workflows/build.yml --
on: pull_request
permissions: {contents: read, packages: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: docker buildx build --push --tag ghcr.io/acme/web:$GITHUB_SHA .
""",
            at="ghcr.io/acme/web:$GITHUB_SHA",
        ),
        Example(
            title="by docker/metadata-action",
            files=_meta(),
            at="type=sha",
            fixed=_meta(_ENV, commit="github.event.pull_request.head.sha || github.sha"),
        ),
        Example(
            title="by docker/metadata-action, whose step has variables",
            files=_meta('        env:\n          DOCKER_METADATA_SHORT_SHA_LENGTH: "12"\n'),
            at="type=sha",
            fixed=_meta(
                '        env:\n          DOCKER_METADATA_SHORT_SHA_LENGTH: "12"\n' + _ENV.partition("\n")[2],
                commit="github.event.pull_request.head.sha || github.sha",
            ),
        ),
        Example(title="the head's", files=_files("${{ github.event.pull_request.head.sha || github.sha }}")),
        Example(title="docker/metadata-action is told so", files=_meta(_ENV)),
        Example(
            title="not for pull requests",
            files=_meta(tags="type=sha,enable=${{ github.event_name == 'push' }}"),
        ),
        Example(
            title="nothing pushed for pull requests", files=_files(push="${{ github.event_name == 'push' }}")
        ),
        Example(title="no pull requests", files=_files(on="push")),
        Example(title="after the merge", files=_files(on="{pull_request: {types: [closed]}}")),
        Example(
            title="another job goes by it, too",
            files=_files(
                more="""\
  test:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - run: docker run --rm ghcr.io/acme/web:$GITHUB_SHA test
"""
            ),
        ),
        Example(
            title="another job puts the same tag together from what is checked out, for a build on top",
            files=_meta(tags="type=sha")
            + """\
  base:
    runs-on: ubuntu-latest
    outputs: {tag: '${{ steps.commit.outputs.tag }}'}
    steps:
      - uses: actions/checkout@v7
      - id: commit
        run: echo "tag=sha-$(git rev-parse --short HEAD)" >> "$GITHUB_OUTPUT"
""",
        ),
        Example(
            title="another job asks git for the branch alone",
            files=_meta() + _ASKING_FOR_BRANCH,
            at="type=sha",
            fixed=_meta(_ENV, commit="github.event.pull_request.head.sha || github.sha") + _ASKING_FOR_BRANCH,
        ),
        Example(
            title="a tag that the registry refuses, which is another matter",
            files=_meta(tags="type=sha,prefix={{branch}}-"),
        ),
        Example(
            title="to a registry that the job starts",
            files=_files().replace("ghcr.io/acme", "localhost:5000/acme"),
        ),
    ),
)

_SHA = regex(
    r"github\.sha\b|\bGITHUB_SHA\b"
    r"|\bgit\s+rev-parse(?![^\n;&|)]{0,80}\s--(?:abbrev-ref|symbolic))\s(?:[^\n;&|]{0,80}\s)?HEAD(?![\w^~@:/.-])"
    r"|\bgit\s+log\s[^\n;&|]{0,80}%[hH]\b"
)
"""The commit of the event, as it is called and as git has it checked out, and not the name of the branch there."""
_ALONE = regex(r"\$\{\{\s*(github\.sha)\s*\}\}")
_TOLD = ("tags", "labels", "annotations", "build-args")
"""The inputs of what builds by which an image gets to know its commit."""
_VARIABLE = "DOCKER_METADATA_PR_HEAD_SHA"


def run(repo: Repository) -> Iterator[Finding]:
    told: set[Step] = set()
    for push in repo.pushes:
        step, tag = push.step, push.reference.tag
        if step is None or step.job is None or step in told or tag is None:
            continue
        if not any(_is_of_event(hole.source) for hole in tag.holes) or not _is_of_pull_request(
            repo, push, step
        ):
            continue
        maker = push.maker
        is_told = maker is not None and _is_told(maker)
        if not is_told and not _is_used_otherwise(step.job, {step, maker or step}):
            told.add(step)
            yield _finding(push, maker)


def _is_of_event(source: str) -> bool:
    return source.strip().lower() in ("github.sha", "{{sha}}")


def _is_of_pull_request(repo: Repository, push: Push, step: Step) -> bool:
    """Whether a pull request that nobody has merged certainly pushes it."""
    events = [event for event in push.events or () if event.name == "pull_request"]
    first = push.reference.tag.parts[0] if push.reference.tag else ""
    if push.moves_nothing or (isinstance(first, str) and not first[:1].isalnum()):
        return False
    return bool(of_step(step, repo.calls)) and any(map(push.is_certain_for, events))


def _is_told(maker: Step) -> bool:
    """Whether docker/metadata-action is told to take the head, or may be."""
    written = maker.variable(_VARIABLE)
    return written is not None and ("true" in written.value.lower() or "${{" in written.value)


def _is_used_otherwise(job: Job, own: set[Step]) -> bool:
    """Whether something else in the workflow goes by the commit of the event."""
    spans = [step.node.span for step in own]
    return any(
        _SHA.search(node.value) and not any(span.covers(node.span) for span in spans)
        for node in walk(job.workflow.node)
        if isinstance(node, Scalar)
    )


def _finding(push: Push, maker: Step | None) -> Finding:
    scalar = push.step.uses.scalar if push.step and push.step.uses else None
    place = (
        Location(scalar.text, scalar.span, "pushes it") if scalar is not None and maker is not None else None
    )
    return Finding(
        message=f"For {code('pull_request')} the tag {code(str(push.reference.tag))} is that of a merge that GitHub makes for the run.",
        consequence=(
            "No branch has that commit: who looks for the image of the pull request's last commit finds none, and the "
            "image leads to no commit."
        ),
        location=push.location,
        related=(place,) if place else (),
        fixes=_fixes(push, maker),
    )


def _fixes(push: Push, maker: Step | None) -> tuple[Fix, ...]:
    caution = "Does anything outside this workflow look for the image by the commit of the merge?"
    edits = [_tell(maker)] if maker is not None else _replaced(push.location)
    steps = filter(None, (maker, push.step))
    along = [edit for step in steps for edit in _along(step) if edit not in edits]
    return offer("use the head of the pull request", Applicability.UNSAFE, *edits, *along, caution=caution)


def _along(step: Step) -> Iterator[Edit]:
    """What a step tells an image of its commit."""
    for given in filter(None, map(step.input, _TOLD)):
        yield from filter(None, _replaced(Location(given.text, given.span)))


def _replaced(place: Location) -> list[Edit | None]:
    """The head of the pull request in each expression of a text that is the commit of the event; None where it has none."""
    found = [
        Span(place.span.start + one.start(1), place.span.start + one.end(1))
        for one in _ALONE.finditer(place.fragment)
    ]
    return [Edit(place.path, span, "github.event.pull_request.head.sha || github.sha") for span in found] or [
        None
    ]


def _tell(maker: Step) -> Edit | None:
    line = f'{_VARIABLE}: "true"'
    if isinstance(maker.env, Mapping):
        return None if maker.env.get(_VARIABLE) is not None else append_entry(maker.env, line)
    uses = maker.node.entry("uses")
    return insert_after(maker.node, uses, f"env:\n  {line}") if uses is not None else None
