"""Checkout's token gets into the image with `.git`

Up to version 5, actions/checkout keeps the token it fetched with in `.git/config`, so that later steps can
push. A `COPY . .` of a workspace whose `.git` no ignore file leaves out puts that file into a layer: who
pulls the image reads the token. The job's own token ends with the job; one that is kept as a secret does not.

Set `persist-credentials: false`, or leave `.git` out of the context. From version 6 the token lies outside of
the workspace.

The same holds for the folder of a stage that copied everything, where the image takes that folder whole.

The check is silent where `.git` is ignored, for newer versions and versions that we don't know, for a Git
context (no `context:`), for stages that are not in the image, where a command of such a stage may remove it,
for builds that certainly don't push, or only to a registry of the machine itself, where the job's own token only
reads the code of a public repository, and where a step before removes the token or `.git`.

References:

- https://github.com/actions/checkout#usage
- https://github.com/actions/checkout/releases/tag/v6.0.0
- https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

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
    Text,
    code,
    offer,
)  # fmt: skip
from checks.facts.build.builds import Build
from checks.facts.build.context_contents import asks_git, copies_of, is_ignore_known, leave_out
from checks.facts.build.contexts import BuildContext
from checks.facts.dockerfile.copied_files import placed
from checks.facts.dockerfile.dockerfiles import Stage
from checks.facts.dockerfile.removed_files import may_be_removed
from checks.facts.dockerfile.stages import Copy
from checks.facts.image.references import reference
from checks.facts.script.scripts import GuardKind
from checks.facts.token.stored_token import (
    checkout_that_stores,
    is_own_token,
    may_use_stored_token,
    opens_nothing,
    user_of_stored_token,
    users_of_token,
    uses_of_token,
    without_stored_token,
)  # fmt: skip
from checks.facts.value import Value
from checks.facts.workflow.guards import title
from checks.facts.workflow.workflows import Step
from checks.regex import regex

_RELEASED = """\
-- Dockerfile --
FROM scratch
COPY . /
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: ncipollo/release-action@v1.8.8
        with: {tag: v1, token: '${{ secrets.GITHUB_TOKEN }}'}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:1'}
"""

check = Check(
    id="git-credentials-enter-build-context",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.DOCKERFILE, Kind.DOCKERIGNORE),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("build", "context", "secrets", "security"),
    security_severity=6.0,
    peers=("zizmor:artipacked",),
    examples=(
        Example(
            title="a copy of another repository, whose image only that one's runs build",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - if: github.repository == 'harbour/web' && github.event_name == 'push'
        run: |
          docker build -t harbour/web:1 .
          docker push harbour/web:1
-- Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- .dockerignore --
**/__pycache__
""",
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="a token that outlives the job",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with:
          token: ${{ secrets.BOT_PAT }}
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: acme/web:1
-- Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- .dockerignore --
**/__pycache__
""",
            at="actions/checkout@v5",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with:
          token: ${{ secrets.BOT_PAT }}
          persist-credentials: false
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: acme/web:1
""",
            others=(
                """\
-- .dockerignore --
**/__pycache__
.git
""",
            ),
        ),
        Example(
            title="another step makes a release, by GitHub's API and with a token of its own",
            files=_RELEASED,
            at="actions/checkout@v4",
            fixed=_RELEASED.partition("-- .github")[1]
            + _RELEASED.partition("-- .github")[2].replace(
                "checkout@v4\n", "checkout@v4\n        with:\n          persist-credentials: false\n"
            ),
        ),
        Example(
            title="another step may push with it: no fix",
            files=_RELEASED.replace("ncipollo/release-action@v1.8.8", "acme/release-commit@v1"),
            at="actions/checkout@v4",
        ),
        Example(
            title="a second checkout by an alias of the first one's action",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: &checkout actions/checkout@v5
      - run: make lint
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: *checkout
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'acme/web:1'}
-- Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- .dockerignore --
**/__pycache__
""",
            at="*checkout",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: &checkout actions/checkout@v5
      - run: make lint
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: *checkout
        with:
          persist-credentials: false
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'acme/web:1'}
""",
            others=(
                """\
-- .dockerignore --
**/__pycache__
.git
""",
            ),
        ),
        Example(
            title="a later command of the job pushes what is built",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: docker build -t "$REGISTRY/web:${{ github.sha }}" .
      - run: docker push "$REGISTRY/web:${{ github.sha }}"
-- Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- .dockerignore --
**/__pycache__
""",
            at="actions/checkout@v5",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with:
          persist-credentials: false
      - run: docker build -t "$REGISTRY/web:${{ github.sha }}" .
      - run: docker push "$REGISTRY/web:${{ github.sha }}"
""",
            others=(
                """\
-- .dockerignore --
**/__pycache__
.git
""",
            ),
        ),
        Example(
            title="a later command of the job pushes what is built, by another name",
            files="""\
-- .github/workflows/build.yml --
on: push
env:
  LOCAL: web:${{ github.run_number }}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: |
          docker build --tag $LOCAL .
          docker tag $LOCAL "$REMOTE"
          docker push "$REMOTE"
  default:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: docker build -t web .
      - run: docker tag web:latest acme/web:1 && docker push acme/web:1
  onward:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v3
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'localhost:5000/web:1'}
      - run: skopeo copy docker://localhost:5000/web:1 docker://quay.io/acme/web:1
-- Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- .dockerignore --
**/__pycache__
""",
            at=("actions/checkout@v5", "actions/checkout@v4", "actions/checkout@v3"),
            fixed="""\
-- .github/workflows/build.yml --
on: push
env:
  LOCAL: web:${{ github.run_number }}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with:
          persist-credentials: false
      - run: |
          docker build --tag $LOCAL .
          docker tag $LOCAL "$REMOTE"
          docker push "$REMOTE"
  default:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: docker build -t web .
      - run: docker tag web:latest acme/web:1 && docker push acme/web:1
  onward:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v3
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'localhost:5000/web:1'}
      - run: skopeo copy docker://localhost:5000/web:1 docker://quay.io/acme/web:1
""",
            others=(
                """\
-- .dockerignore --
**/__pycache__
.git
""",
            ),
        ),
        Example(
            title="another image is pushed, an older one before, and one to a registry of the machine itself",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  before:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: |
          docker pull acme/web:1
          docker tag acme/web:1 acme/web:previous
          docker push acme/web:previous
          docker build -t acme/web:1 .
  another:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: docker build -t test .
      - run: docker tag base:1 acme/base:1 && docker push acme/base:1
  local:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'localhost:5000/web:1'}
  tagged:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: docker build -t web . && docker tag web localhost:5000/web && docker push localhost:5000/web
-- Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
""",
        ),
        Example(
            title="the job's own token; a command of the image asks git, a later step pushes",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: docker buildx build --push -t acme/web:1 .
      - run: git push origin HEAD:built
-- Dockerfile --
FROM python:3.14
COPY . /srv
RUN git -C /srv describe > /srv/version
USER 1000
""",
            at="actions/checkout@v4",
        ),
        Example(
            title="the image takes the folder of a stage that copied everything, unless a command removes something in it",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  whole:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: docker buildx build --push -t acme/web:1 .
  removed:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v3
      - run: docker buildx build --push -t acme/api:1 -f removed.Dockerfile .
-- Dockerfile --
FROM golang:1.27 AS build
WORKDIR /src/web
COPY . .
RUN go build -o web .
RUN rm -rf log/* ./docs /tmp && \
    rm -rf /usr/local/go
FROM alpine:3.24
WORKDIR /app
COPY --from=build /src/web .
USER 1000
-- removed.Dockerfile --
FROM golang:1.27 AS build
WORKDIR /src/web
COPY . .
RUN go build -o web . && rm -rf .[!.]* cmd
FROM alpine:3.24
WORKDIR /app
COPY --from=build /src/web .
USER 1000
-- .dockerignore --
dist
""",
            at="actions/checkout@v4",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  whole:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - run: docker buildx build --push -t acme/web:1 .
  removed:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v3
      - run: docker buildx build --push -t acme/api:1 -f removed.Dockerfile .
""",
            others=(
                """\
-- .dockerignore --
dist
.git
""",
            ),
        ),
        Example(
            title="a token that only reads the code of a public repository, and one that reads more",
            files="".join(
                f"""\
-- .github/workflows/{name}.yml --
on: push
permissions: {{contents: read, id-token: write{more}}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: git -C . push origin HEAD:built
      - run: docker buildx build --push -t acme/{name}:1 .
"""
                for name, more in (("web", ""), ("api", ", security-events: read"))
            )
            + """\
-- Dockerfile --
FROM python:3.14
COPY . /srv
RUN git -C /srv describe > /srv/version
USER 1000
""",
            at="actions/checkout@v5",
            outside=Outside(visibility="public"),
        ),
        Example(
            title="not kept, kept elsewhere, ignored, a Git context, only in a builder stage, not pushed",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  off:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: {persist-credentials: false}
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'acme/web:1'}
  elsewhere:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'acme/web:1'}
  ignored:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/build-push-action@v7
        with: {context: api, push: true, tags: 'acme/api:1'}
      - uses: docker/build-push-action@v7
        with: {context: ., file: ignored.Dockerfile, push: true, tags: 'acme/api:1'}
  git:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/build-push-action@v7
        with: {push: true, tags: 'acme/web:1'}
  builder:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/build-push-action@v7
        with: {context: ., file: builder.Dockerfile, push: true, tags: 'acme/web:1'}
  local:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: docker build .
  removed:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: rm -rf .git
      - uses: docker/build-push-action@v7
        with: {context: ., push: true, tags: 'acme/web:1'}
-- Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- api/Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- ignored.Dockerfile --
FROM python:3.14
COPY . /srv
USER 1000
-- ignored.Dockerfile.dockerignore --
.git
-- builder.Dockerfile --
FROM golang:1.27 AS build
COPY . /src
FROM alpine:3.24
COPY --from=build /src/web /web
USER 1000
""",
        ),
    ),
)

_CONFIG = ".git/config"
_LASTING = regex(r"\$\{\{\s*secrets\.\w+\s*\}\}$")


def run(repo: Repository) -> Iterator[Finding]:
    yield from repo.each(repo.builds_in, _in_file)


def _in_file(repo: Repository, file: Text) -> Iterator[Finding]:
    contexts = {(one.dockerfile.path, one.folder): one for one in repo.build_contexts}
    told: set[int] = set()
    for build in repo.builds_in.get(file, ()):
        context = contexts.get((build.dockerfile or "", "")) if build.context == "" else None
        may_push = context and build.step not in repo.steps_without_effect and _is_pushed(repo, build)
        checkout = checkout_that_stores(build) if may_push else None
        if context is None or checkout is None or checkout.uses is None or id(checkout.node) in told:
            continue
        if opens_nothing(checkout, repo.outside.visibility):
            continue
        copies = _copies(build, context) if is_ignore_known(context, repo.snapshot) else ()
        if copies:
            told.add(id(checkout.node))
            yield _finding(repo, context, checkout, copies)


def _is_pushed(repo: Repository, build: Build) -> bool:
    """Whether it pushes, or its job then pushes one of its tags, or a name that a command gives to one.

    Also one that it pushes to a registry of the machine itself, where the job copies it on from there.
    """
    if build.pushes is True and build.may_publish:
        return True
    job = build.step.job if build.step else None
    pushes = repo.pushes_of.get(job, ()) if job else ()
    later = [push for push in pushes if not push.moves_nothing and not _is_ahead(push.location, build)]
    names = {_whole(tag.value) for tag in build.tags} - {None}
    for alias in repo.aliases_of.get(job, ()) if job and later and names else ():
        if _whole(alias.source) in names and not _is_ahead(alias.location, build):
            names.add(_whole(alias.target))
    return any(_whole(push.value) in names for push in later)


def _is_ahead(place: Location, build: Build) -> bool:
    """Whether something stands ahead of the command of a build in its file, and is certainly done before."""
    command = build.invocation
    if command is None or command.script.functions:
        return False
    is_repeated = any(guard.kind is GuardKind.LOOP for guard in command.command.guards)
    at = command.location
    return not is_repeated and place.text is at.text and place.span.end <= at.span.start


def _whole(name: Value) -> tuple[Value, Value, Value] | None:
    """An image's name with the tag that it has by default; None where nothing tells a part of it from another one."""
    if not name.parts or not all(hole.source for hole in name.holes):
        return None
    parted = reference(name)
    return parted.host, parted.path, parted.tag_or_default


def _copies(build: Build, context: BuildContext) -> tuple[Copy, ...]:
    """The copies that bring the token into the image: one of the context, or one of a stage behind it; none
    where nothing does."""
    dockerfile = context.dockerfile
    stage = dockerfile.target_stage(build.target)
    if stage is None:
        return ()
    straight = next(copies_of(context, _CONFIG, dockerfile.ancestry(stage)), None)
    return (straight,) if straight else _through_stage(context, stage)


def _through_stage(context: BuildContext, stage: Stage) -> tuple[Copy, ...]:
    """The copy of the context into another stage, and the one that takes it from there whole."""
    dockerfile = context.dockerfile
    for onward in placed(context, _CONFIG, stage, len(dockerfile.text.content)):
        for source in dockerfile.sources_of(onward.copy.instruction):
            stages = dockerfile.ancestry(source)
            copy = next(copies_of(context, _CONFIG, stages), None)
            end = onward.copy.instruction.span.start
            at = next((one.at for one in placed(context, _CONFIG, source, end) if one.copy is copy), None)
            if copy is None or at is None:
                continue
            if not may_be_removed(dockerfile, stages, copy.instruction.span.start, at):
                return copy, onward.copy
    return ()


def _finding(repo: Repository, context: BuildContext, checkout: Step, copies: tuple[Copy, ...]) -> Finding:
    token, is_own = checkout.input("token"), is_own_token(checkout)
    lasting = token is not None and _LASTING.match(token.value) and not is_own
    dockerfile = context.dockerfile
    life = (
        "It stays valid after the job."
        if lasting
        else "The job's token ends with the job: until then it can do what the job's permissions allow."
        if is_own
        else "It may be another one than the job's, which stays valid after the job."
    )
    fixes = _fixes(repo, context, checkout, is_own=is_own)
    notes = zip(copies, ("copies it", "takes it on into the image"), strict=False)
    return Finding(
        message=f"This checkout writes its token into {code(_CONFIG)}, and {code(dockerfile.path)} copies that into the image.",
        consequence=f"Who pulls the pushed image can read the token. {life}",
        location=Location(checkout.text, checkout.uses_span),
        related=tuple(dockerfile.location(copy.instruction.span, note) for copy, note in notes),
        fixes=fixes,
        withheld="" if fixes else _withheld(context, checkout),
        severity=Severity.ERROR if lasting else None,
    )


def _withheld(context: BuildContext, checkout: Step) -> str:
    """Why neither the token nor the folder is left out here; empty where it is for want of an ignore file alone."""
    user = user_of_stored_token(checkout.job) if checkout.job else None
    if user is None:
        return ""
    other = (
        f", and {code(context.dockerfile.path)} runs git"
        if asks_git(context.dockerfile)
        else ", and there is no ignore file to leave `.git` out by: write one"
        if context.ignore is None
        else ""
    )
    return f"{code(title(user))} may speak to the repository with the token{other}"


def _fixes(repo: Repository, context: BuildContext, checkout: Step, *, is_own: bool) -> tuple[Fix, ...]:
    """A token that isn't the job's own is good for a container of the image, too."""
    fixes: tuple[Fix, ...] = ()
    if checkout.job is not None and not may_use_stored_token(checkout.job):
        builds = repo.builds_of.get(checkout.job, ())
        of_job = users_of_token(checkout, repo.actions_by_folder, builds, repo.dockerfiles)
        users = (f"{of_job} of this job" if of_job else "", "" if is_own else "a container of the image")
        uses = uses_of_token(checkout, repo.outside.visibility)
        asked = " or ".join(filter(None, users)) if uses else ""
        fixes += offer(
            "keep no token after the checkout",
            Applicability.UNSAFE if asked else Applicability.SAFE,
            without_stored_token(checkout),
            caution=f"Does {asked} {uses}?" if asked else "",
        )
    if not asks_git(context.dockerfile):
        fixes += offer(
            "leave `.git` out of the context",
            Applicability.UNSAFE,
            leave_out(context, ".git"),
            caution="Does a command of the build read the history, for a version?",
        )
    return fixes
