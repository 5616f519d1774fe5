"""File with credentials is copied into the image

`COPY` puts the file into a layer, and a layer stays: an `rm` in a later instruction hides the file and keeps
its bytes. Who can pull the image, or the cache of a builder stage, can take the file out again.

Mount the file for the one command that needs it:
`RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci`. What the program needs when it runs is mounted
into the container.

The check is silent for committed files other than private SSH keys, as we don't read what is in them and
settings without a token are common there; for `.env` files unless a workflow writes a secret into them; for
public keys and samples; for what an ignore file leaves out; and for stages that are not built.

References:

- https://docs.docker.com/build/building/secrets/
- https://docs.docker.com/reference/dockerfile/#run---mounttypesecret
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.dockerfile.dockerfiles import Dockerfile, Form
from checks.facts.dockerfile.stages import Copy, CopySource
from checks.facts.dockerfile.whole_instructions import without_instruction
from checks.facts.secret_files import holds_login, is_environment, is_private_key, is_sample
from checks.facts.secret_names import is_secret
from checks.regex import regex

check = Check(
    id="secret-file-copied",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("dockerfile", "secrets", "security"),
    security_severity=7.5,
    examples=(
        Example(
            title="npm's login, which is not committed",
            files="""\
-- Dockerfile --
FROM node:24 AS build
WORKDIR /srv
COPY package.json package-lock.json ./
COPY .npmrc ./
RUN npm ci
FROM node:24
COPY --from=build /srv /srv
USER 1000
""",
            paths=("package.json", "package-lock.json"),
            at=".npmrc",
            fixed="""\
-- Dockerfile --
FROM node:24 AS build
WORKDIR /srv
COPY package.json package-lock.json ./
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc,required=true npm ci
FROM node:24
COPY --from=build /srv /srv
USER 1000
""",
        ),
        Example(
            title="a private key, even if it is removed below",
            files="""\
-- Dockerfile --
FROM debian:13
COPY deploy/id_ed25519 /root/.ssh/
RUN ./fetch.sh && rm /root/.ssh/id_ed25519
USER 1000
""",
            paths=("deploy/id_ed25519",),
            at="deploy/id_ed25519",
        ),
        Example(
            title="variables into which the workflow writes a secret",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo "DB_PASSWORD=${{ secrets.DB_PASSWORD }}" >> .env
      - uses: docker/build-push-action@v7
        with: {context: .}
-- Dockerfile --
FROM debian:13
COPY .env /srv/
USER 1000
""",
            at=".env",
        ),
        Example(
            title="committed settings, public files, variables for browsers, left out, not built",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: echo "VITE_API_KEY=${{ secrets.VITE_API_KEY }}" >> .env
      - uses: docker/build-push-action@v7
        with: {context: .}
-- Dockerfile --
FROM node:24 AS unused
COPY .netrc /root/
FROM node:24
COPY .npmrc .env .env.example id_rsa.pub ca-certificates.pem jenkins.io.key .docker/config.json ./
COPY .git-credential[s] .pypirc ./
COPY tests/id_rsa /tests/
USER 1000
-- .dockerignore --
.pypirc
""",
            paths=(".npmrc", ".docker/config.json", "ca-certificates.pem", "tests/id_rsa"),
        ),
    ),
)

_WRITTEN = regex(r"(?:>>?|tee(?: -a)?)\s*[\"']?(?:\./)?(?P<path>[\w./-]*\.env[\w.-]*)")
_SECRET = regex(r"(?:(?P<name>\w+)\s*=\s*[\"']?)?\$\{\{\s*secrets\.(?P<secret>\w+)\s*\}\}")
_INSTALLS = regex(r"\s*(?:npm (?:ci|i|install)|pnpm (?:i|install)|yarn(?: install)?)\b")


def run(repo: Repository) -> Iterator[Finding]:
    if not repo.snapshot.complete:
        return
    built = {build.dockerfile for build in repo.builds}
    built |= {context.dockerfile.path for context in repo.build_contexts if context.named_at}
    for dockerfile in repo.dockerfiles:
        if dockerfile.is_aside:
            continue
        for copy in dockerfile.copies:
            if copy.stage not in dockerfile.built:
                continue
            for source in copy.sources:
                if not _is_left_out(repo, dockerfile, source) and _is_secret(repo, source):
                    known = dockerfile.path in built or None in built
                    yield _finding(repo, dockerfile, copy, source, () if known else _fixes(dockerfile, copy))


def _is_secret(repo: Repository, source: CopySource) -> bool:
    path = source.path or ""
    if is_sample(path) or any(character in path for character in "*?["):
        return False
    if is_private_key(path):
        return True
    if not holds_login(path) and not (is_environment(path) and _writer(repo, path) is not None):
        return False
    return not any(one == path or one.endswith(f"/{path}") for one in repo.snapshot.paths)


def _writer(repo: Repository, path: str) -> Location | None:
    """The step that writes a secret into a file of variables."""
    for step in repo.steps:
        for line in (step.run.value if step.run else "").splitlines():
            target, secret = _WRITTEN.search(line), _SECRET.search(line)
            if (
                target
                and secret
                and target["path"] == path
                and is_secret(secret["secret"], secret["name"] or "")
            ):
                return step.location
    return None


def _is_left_out(repo: Repository, dockerfile: Dockerfile, source: CopySource) -> bool:
    return any(
        context.dockerfile is dockerfile
        and context.ignore is not None
        and context.ignore.decide(source.path or "").excluded
        for context in repo.build_contexts
    )


def _finding(
    repo: Repository, dockerfile: Dockerfile, copy: Copy, source: CopySource, fixes: tuple[Fix, ...]
) -> Finding:
    path = source.path or ""
    writer = _writer(repo, path) if is_environment(path) else None
    final = copy.stage in dockerfile.ancestry(dockerfile.shipped)
    where = (
        "The layer stays in the image, also where a later instruction deletes the file: who can pull the image has it."
        if final
        else "It stays in a layer of the builder stage: an exported cache carries it to all who can read the cache."
    )
    related = (Location(writer.text, writer.span, "writes a secret into it"),) if writer else ()
    return Finding(
        message=f"{code(path)} goes into a layer, with the credentials that are in it.",
        consequence=where,
        location=dockerfile.location(source.word.span),
        related=related,
        fixes=fixes,
        severity=None if final else Severity.WARNING,
    )


def _fixes(dockerfile: Dockerfile, copy: Copy) -> tuple[Fix, ...]:
    """For npm's file alone, in a stage of root's, with one command that installs: the mount."""
    text, stage = dockerfile.text, copy.stage
    base = dockerfile.base_image(stage) or ""
    source = copy.sources[0].path
    alone = len(copy.sources) == 1 and source == ".npmrc" and len(dockerfile.ancestry(stage)) == 1
    users = [
        it
        for it in stage.instructions
        if it.keyword == "RUN" and it.shell and _INSTALLS.match(it.shell.source) and not it.flags
    ]
    is_root = re.match(r"node:", base) and not any(it.keyword == "USER" for it in stage.instructions)
    others = text.content.count(".npmrc") - text[copy.instruction.span].count(".npmrc")
    lines = text.lines_of(copy.instruction.span)
    if not alone or not is_root or len(users) != 1 or others or len(lines) != 1:
        return ()
    if users[0].form is not Form.SHELL or users[0].span.start < copy.instruction.span.end:
        return ()
    at = users[0].keyword_span.end
    return offer(
        "mount the file for the command",
        Applicability.UNSAFE,
        without_instruction(text, copy.instruction.span),
        Edit(text.path, Span(at, at), " --mount=type=secret,id=npmrc,target=/root/.npmrc,required=true"),
        caution="Does whoever builds the image pass `--secret id=npmrc,src=.npmrc`?",
    )
