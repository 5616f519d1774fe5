"""Dependencies are installed without holding to the lock file

`npm install` and `yarn install` go by the lock file as far as it fits `package.json`. Where it does not, and where it was not copied
at all, they choose versions of that day and say nothing: the image holds other packages than those that were tested, and
tomorrow's holds others again.

`npm ci` and `yarn install --frozen-lockfile` (`--immutable` from Yarn 2 on) install what the lock file says, or fail.

The check speaks where the lock file is committed in the folder that is copied from. It is silent for single packages and global
tools, where the lock file is left out of the context or switched off, behind an install of the same stage that goes by it, for stages and files of development and tests, and for
images that builds here leave aside, or that don't say how they are run. Where the lock file is copied, it is a note.

References:

- https://docs.npmjs.com/cli/v11/commands/npm-ci
- https://classic.yarnpkg.com/lang/en/docs/cli/install/#toc-yarn-install-frozen-lockfile
- https://github.com/ossf/scorecard/blob/main/docs/checks.md#pinned-dependencies
"""

from __future__ import annotations

import posixpath
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
    Repository,
    Scope,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.contexts import BuildContext
from checks.facts.copied_files import Placed, contexts_for, folder_of, placed
from checks.facts.dependency_installs import Install, Manager, locked_install, loose_install, may_be_left_out
from checks.facts.dockerfiles import Dockerfile, Ran, is_development

check = Check(
    id="unlocked-dependency-install",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.DOCKERFILE, Kind.DOCKERIGNORE, Kind.WORKFLOW, Kind.ACTION, Kind.COMPOSE, Kind.SCRIPT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("dockerfile", "node", "supply-chain"),
    security_severity=4.0,
    peers=("hadolint:DL3016", "hadolint:DL3013"),
    examples=(
        Example(
            title="a comment says why, and one branch of two",
            files="""\
-- package.json --
{}
-- package-lock.json --
{}
-- Dockerfile --
FROM node:24
WORKDIR /srv
# npm install instead of npm ci: the lock file lacks the optional packages of 32-bit ARM
COPY package*.json ./
RUN npm install
USER 1000
CMD ["node", "web.js"]
-- web.Dockerfile --
FROM node:24
ARG FOR=production
WORKDIR /srv
COPY package*.json ./
RUN if [ "$FOR" = work ]; then npm install; else npm ci; fi
USER 1000
CMD ["node", "web.js"]
""",
        ),
        Example(
            title="the lock file is copied, and npm may change it",
            files="""\
-- Dockerfile --
FROM node:24-alpine
WORKDIR /srv
COPY package*.json ./
RUN npm install --omit=dev && npm cache clean --force
COPY . .
USER 1000
""",
            paths=("package.json", "package-lock.json", "index.js"),
            at="npm install --omit=dev",
            fixed="""\
-- Dockerfile --
FROM node:24-alpine
WORKDIR /srv
COPY package*.json ./
RUN npm ci --omit=dev && npm cache clean --force
COPY . .
USER 1000
""",
        ),
        Example(
            title="the lock file stays behind",
            files="""\
-- web/Dockerfile --
FROM node:24-alpine
COPY package.json /srv/
RUN cd /srv && npm i
COPY src /srv/src
USER 1000
""",
            paths=("web/package.json", "web/package-lock.json", "web/src/index.js"),
            at="npm i",
            fixed="""\
-- web/Dockerfile --
FROM node:24-alpine
COPY package.json package-lock.json /srv/
RUN cd /srv && npm ci
COPY src /srv/src
USER 1000
""",
        ),
        Example(
            title="Yarn 1, and in another folder a later one",
            files="""\
-- Dockerfile --
FROM node:24-alpine AS build
WORKDIR /src
COPY . .
RUN yarn && yarn build
FROM node:24-alpine
WORKDIR /srv
COPY app/package.json app/yarn.lock app/.yarnrc.yml ./
RUN yarn install
COPY --from=build /src/dist ./dist
USER 1000
""",
            paths=("package.json", "yarn.lock", "app/package.json", "app/yarn.lock", "app/.yarnrc.yml"),
            at=("yarn", "yarn install"),
            fixed="""\
-- Dockerfile --
FROM node:24-alpine AS build
WORKDIR /src
COPY . .
RUN yarn install --frozen-lockfile && yarn build
FROM node:24-alpine
WORKDIR /srv
COPY app/package.json app/yarn.lock app/.yarnrc.yml ./
RUN yarn install
COPY --from=build /src/dist ./dist
USER 1000
""",
        ),
        Example(
            title="the release of Yarn is not known",
            files="""\
-- Dockerfile --
FROM node:24-alpine
WORKDIR /srv
RUN corepack enable
COPY package.json yarn.lock ./
RUN yarn install
USER 1000
""",
            paths=("package.json", "yarn.lock"),
            at="yarn install",
        ),
        Example(
            title="locked, single packages, tools, switched off, no lock file there, left out, development",
            files="""\
-- Dockerfile --
FROM node:24-alpine AS build
WORKDIR /src
COPY . .
RUN npm ci && npm install -g npm@11 && npm install left-pad && npm install --no-package-lock && yarn build
RUN yarn install --immutable && yarn --version && yarn workspaces focus
RUN cd tools && npm install
FROM build AS development
RUN npm install
FROM node:24-alpine
COPY --from=build /src/dist /dist
USER 1000
-- written/Dockerfile --
FROM node:24-alpine
COPY package-lock.json ./
RUN echo '{"dependencies": {"kysely": "*"}}' > package.json && npm install
USER 1000
-- later/Dockerfile --
FROM node:24-alpine
COPY package-lock.json ./
COPY gen/package.json gen/
RUN npm install
COPY package.json ./
USER 1000
-- toolbox/Dockerfile --
FROM node:24-alpine
COPY package.json package-lock.json ./
RUN npm install
-- Dockerfile.dev --
FROM node:24-alpine
COPY . .
RUN npm install
USER 1000
-- other/Dockerfile --
FROM node:24-alpine
COPY package.json package-lock.json ./
RUN npm install
USER 1000
-- other/.dockerignore --
package-lock.json
""",
            paths=("package.json", "package-lock.json", "yarn.lock", "tools/package.json", "other/package.json",
                   "other/package-lock.json", "written/package-lock.json", "written/package.json", "later/package.json",
                   "later/package-lock.json", "later/gen/package.json"),
        ),
        Example(
            title="in a folder of tests",
            files="""\
-- tests/Dockerfile --
FROM node:24-alpine
WORKDIR /srv
COPY package*.json ./
RUN npm install --omit=dev && npm cache clean --force
COPY . .
USER 1000
""",
            paths=("tests/package.json", "tests/package-lock.json", "tests/index.js", "svc/package.json", "svc/package-lock.json", "svc/index.js"),
        ),
        Example(
            title="an install by the lock file goes before",
            files="""\
-- Dockerfile --
FROM node:24 AS build
WORKDIR /srv
COPY . .
RUN corepack enable && yarn --pure-lockfile && yarn build && yarn && rm -rf node_modules
FROM node:24-alpine
WORKDIR /app
COPY package*.json ./
RUN npm ci --omit=dev
COPY . .
RUN npm install
COPY --from=build /srv/dist dist
USER 1000
""",
            paths=("package.json", "yarn.lock", "package-lock.json", "index.js"),
        ),
        Example(
            title="one that may not run, one for production alone, one of another folder",
            files="""\
-- Dockerfile --
FROM node:24 AS build
WORKDIR /srv
COPY . .
RUN if [ -n "$CI" ]; then yarn --frozen-lockfile; fi; yarn --pure-lockfile --production; yarn
FROM node:24-alpine
WORKDIR /app
COPY . .
RUN cd web && npm ci
RUN npm install
COPY --from=build /srv/dist dist
USER 1000
""",
            paths=("package.json", "yarn.lock", "package-lock.json", "web/package.json", "web/package-lock.json"),
            at=("yarn", "npm install"),
            fixed="""\
-- Dockerfile --
FROM node:24 AS build
WORKDIR /srv
COPY . .
RUN if [ -n "$CI" ]; then yarn --frozen-lockfile; fi; yarn --pure-lockfile --production; yarn install --frozen-lockfile
FROM node:24-alpine
WORKDIR /app
COPY . .
RUN cd web && npm ci
RUN npm install
COPY --from=build /srv/dist dist
USER 1000
""",
        ),
        Example(
            title="the lock file of another folder is copied: the workspace's own, perhaps",
            files="""\
-- admin/Dockerfile --
FROM node:24
WORKDIR /app
COPY admin/package.json package-lock.json ./
RUN npm install --omit=dev
USER node
-- compose.yml --
services: {admin: {build: {context: ., dockerfile: admin/Dockerfile}}}
""",
            paths=("package.json", "package-lock.json", "admin/package.json", "admin/package-lock.json", "admin/index.js"),
        ),
    ),
)  # fmt: skip


_BRANCHES = frozenset(("if", "else", "case", "loop"))
"""What makes a command one of several that a build may take: which one, its arguments say."""
_PREFERS = re.compile(
    r"\b(?:npm|yarn|pnpm)\s+i(?:nstall)?\b.{0,40}\b(?:instead\s+of|rather\s+than|and\s+not|not)\b.{0,40}(?:\bnpm\s+ci\b|frozen-lockfile|immutable|\block)"
    r"|(?:\bnpm\s+ci\b|frozen-lockfile|--immutable).{0,60}\b(?:fails?|breaks?|broken|bugs?|crash\w*|doesn't|does\s+not|can't|cannot)\b",
    re.IGNORECASE,
)
"""A comment with the reason."""


def run(repo: Repository) -> Iterator[Finding]:
    for dockerfile in repo.dockerfiles:
        if not dockerfile.may_ship or _says_why(dockerfile):
            continue
        installs = repo.memo(_installs, dockerfile)
        contexts = (
            contexts_for(dockerfile, repo.build_contexts, repo.ignore_files, repo.snapshot)
            if installs
            else ()
        )
        for context in list(contexts)[:1]:
            for ran, install in installs:
                yield from _findings(repo, context, ran, install)


def _says_why(dockerfile: Dockerfile) -> bool:
    """Whether a comment prefers an install that does not go by the lock file."""
    return any(_PREFERS.search(comment.text) for comment in dockerfile.source.comments)


def _installs(dockerfile: Dockerfile) -> tuple[tuple[Ran, Install], ...]:
    commands = tuple(_commands(dockerfile))
    locked = [(ran, found) for ran in commands if (found := locked_install(ran))]
    return tuple(
        (ran, found)
        for ran in commands
        if (found := loose_install(ran))
        and not any(_has_decided(dockerfile, *one, ran, found) for one in locked)
    )


def _has_decided(dockerfile: Dockerfile, earlier: Ran, held: Install, later: Ran, loose: Install) -> bool:
    """Whether an install of the same stage has certainly brought, by the lock file, what a later one asks for."""
    if earlier.stage is not later.stage or held.manager is not loose.manager:
        return False
    if earlier.place(held.verb).span.start > later.place(loose.verb).span.start or may_be_left_out(earlier):
        return False
    folders = [folder_of(dockerfile, ran) for ran in (earlier, later)]
    return folders[0] == folders[1] is not None and held.folder == loose.folder


def _commands(dockerfile: Dockerfile) -> Iterator[Ran]:
    for ran in dockerfile.commands():
        is_certain = not any(guard.kind in _BRANCHES for guard in ran.command.guards)
        if ran.stage in dockerfile.built and is_certain and not is_development(dockerfile, ran.stage):
            yield ran


def _findings(repo: Repository, context: BuildContext, ran: Ran, install: Install) -> Iterator[Finding]:
    """At most one: where `package.json` was copied beside the command, and the lock file lies beside it in the context."""
    folder = folder_of(context.dockerfile, ran)
    if folder is None or _is_written(context.dockerfile, ran):
        return
    folder = posixpath.join(folder, install.folder)
    locks = _committed(repo, context, install.manager.lock)
    there = [lock for lock in locks if _placed(context, lock, folder, ran) is not None]
    for lock in locks:
        manifest = _placed(context, posixpath.join(posixpath.dirname(lock), "package.json"), folder, ran)
        if manifest is None:
            continue
        if lock in there:
            yield _finding(repo, context, ran, install, lock, None)
        elif there:
            return  # the lock file of a workspace's root, which may be the right one
        elif context.ignore is None or not context.ignore.decide(lock).excluded:
            yield _finding(repo, context, ran, install, lock, manifest)
        return


def _is_written(dockerfile: Dockerfile, ran: Ran) -> bool:
    """Whether a command up to this one may write a `package.json` of its own, which no lock file fits."""
    before = (it for it in ran.stage.instructions if it.span.start <= ran.instruction.span.start)
    return any(it.keyword == "RUN" and "package.json" in dockerfile.text[it.span] for it in before)


def _placed(context: BuildContext, path: str, folder: str, ran: Ran) -> Placed | None:
    """The copy above a command that puts a file of the context into a folder."""
    wanted = posixpath.normpath(posixpath.join(folder, posixpath.basename(path)))
    found = placed(context, path, ran.stage, ran.instruction.span.start)
    return next((one for one in found if one.at == wanted), None)


def _committed(repo: Repository, context: BuildContext, name: str) -> list[str]:
    start = f"{context.folder}/" if context.folder else ""
    paths = (path.removeprefix(start) for path in repo.snapshot.paths if path.startswith(start))
    return sorted(path for path in paths if posixpath.basename(path) == name and "node_modules/" not in path)


def _finding(
    repo: Repository, context: BuildContext, ran: Ran, install: Install, lock: str, manifest: Placed | None
) -> Finding:
    name = posixpath.basename(lock)
    words = ran.command.words
    shown = code(" ".join(ran.script[Span(words[0].span.start, words[-1].span.end)].split()))
    is_berry = context.path_of(posixpath.join(posixpath.dirname(lock), ".yarnrc.yml")) in repo.snapshot.paths
    return Finding(
        message=(
            f"{shown} may install other versions than {code(name)} says."
            if manifest is None
            else f"{shown} chooses versions anew: {code(name)} is not copied."
        ),
        consequence=(
            f"Where the lock file does not fit {code('package.json')}, the image holds packages that were not tested, and the next "
            "build of the same commit may hold others."
            if manifest is None
            else "The image may hold packages that were not tested, and the next build of the same commit may hold others."
        ),
        severity=Severity.NOTE if manifest is None else None,
        location=ran.place(ran.command.span),
        related=() if manifest is None else (
            context.dockerfile.location(manifest.copy.instruction.span, f"copies {code('package.json')} alone"),
        ),
        fixes=_locked(context.dockerfile, ran, install, manifest, "--immutable" if is_berry else "--frozen-lockfile"),
    )  # fmt: skip


def _locked(
    dockerfile: Dockerfile, ran: Ran, install: Install, manifest: Placed | None, flag: str
) -> tuple[Fix, ...]:
    is_npm = install.manager is Manager.NPM
    if not is_npm and flag == "--frozen-lockfile" and "corepack" in dockerfile.text.content:
        return ()  # Corepack may bring a later Yarn, which refuses the flag
    place = ran.place(install.verb)
    written = f"install {flag}" if place.fragment == "install" else f"yarn install {flag}"
    edits = [Edit(place.path, place.span, "ci" if is_npm else written)]
    if manifest is not None:
        beside = _beside(dockerfile, manifest, install.manager.lock)
        if beside is None:
            return ()
        edits.append(beside)
    title = "run npm ci" if is_npm else f"hold to the lock file with {flag}"
    caution = (
        f"Does {code(install.manager.lock)} fit {code('package.json')}? The build fails where it does not."
    )
    return offer(title, Applicability.UNSAFE, *edits, caution=caution)


def _beside(dockerfile: Dockerfile, manifest: Placed, lock: str) -> Edit | None:
    """Copies the lock file with its `package.json`, into a folder."""
    span, target = manifest.source.word.span, manifest.copy.instruction.destination.value
    written = dockerfile.text[span]
    into_folder = target.endswith("/") or target == "."
    if not into_folder or manifest.source.path != manifest.path or written.startswith('"'):
        return None
    return Edit(dockerfile.path, Span(span.end, span.end), f" {written.removesuffix('package.json')}{lock}")
