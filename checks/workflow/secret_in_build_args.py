"""Secret is passed as a build argument

Build arguments are no secrets. What the last stage takes, or one that it builds on, stands in the history of
the image (`docker history`). Provenance in full (`mode=max`), which docker/build-push-action from version 4 on
attaches for public repositories unless it is told otherwise, has all arguments, whichever stage takes them. Whoever can
pull the image can read the token.

Pass it as a secret of the build: `secrets:` in the step, and `RUN --mount=type=secret` in the Dockerfile.
Then replace the token: it is in every image that has been pushed.

The secrets of one build are told together.

The check is silent for `vars`, for the inputs made for secrets, for secrets whose names say that they are
public or no credential (a URL, a name, a region, what bundlers give to browsers), for those that the
Dockerfile hands on to a page in a stage that the build goes through, which everybody can read
(`ENV VITE_MAP_KEY=$MAP_KEY`), for images that nothing here pushes, and for arguments that
only stages take which the last one copies from, unless the provenance certainly is in full. Where the
Dockerfile asks hadolint or BuildKit to ignore the `ARG`, that counts here, too.

References:

- https://docs.docker.com/build/building/secrets/
- https://docs.docker.com/build/metadata/attestations/slsa-provenance/#mode
- https://docs.docker.com/build/ci/github-actions/attestations/#default-provenance
- https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from checks.check import (
    Applicability,
    Check,
    Edit,
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
from checks.facts.build.argument_places import (
    is_in,
    is_in_page,
    is_in_provenance,
    may_leave,
    reached_stages,
    shipped_stages,
)
from checks.facts.build.builds import Assigned, Build
from checks.facts.build.secret_mounts import declared, mounted_instead, secret_id
from checks.facts.code_span import listed
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.secret_names import secret_in
from checks.facts.tree import delete_entry, insert_before, insert_line_after
from checks.facts.workflow.lists import Item, items, rewritten, without_all
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.regex import regex

_STAGES = """\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ghcr.io/acme/site
          build-args: |
            FONTS_KEY=${{ secrets.FONTS_KEY }}
            BASE_KEY=${{ secrets.BASE_KEY }}
            GONE_KEY=${{ secrets.GONE_KEY }}
-- Dockerfile --
ARG BASE_KEY
FROM node:24 AS fonts
ARG FONTS_KEY
RUN ./fonts.sh
FROM nginx:1.31
COPY --from=fonts /fonts /usr/share/nginx/html/fonts
USER 101
"""

_SEVERAL_TOKENS = """\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
{lists}-- Dockerfile --
FROM node:24
ARG VERSION
{arguments}{fetch} ./fetch.sh "$GH_TOKEN" "$VERSION"
{install} ./install.sh "$NPM_TOKEN"
USER 1000
"""

check = Check(
    id="secret-in-build-args",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.DOCKERFILE),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("build", "secrets", "security"),
    security_severity=7.5,
    peers=(
        "buildkit:SecretsUsedInArgOrEnv",
        "hadolint:DL3064",
    ),
    examples=(
        Example(
            title="a token for the package registry",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          push: true
          build-args: |
            VERSION=1.2
            NPM_TOKEN=${{ secrets.NPM_TOKEN }}
      - run: |
          docker build --build-arg GH_PAT=${{ secrets.GH_PAT }} -t ghcr.io/acme/web .
          docker push ghcr.io/acme/web
""",
            at=("NPM_TOKEN=${{ secrets.NPM_TOKEN }}", "GH_PAT=${{ secrets.GH_PAT }}"),
        ),
        Example(
            title="with the Dockerfile that takes it",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          build-args: NPM_TOKEN=${{ secrets.NPM_TOKEN }}
-- Dockerfile --
FROM node:24
ARG NPM_TOKEN
RUN echo "//npm.acme.example/:_authToken=$NPM_TOKEN" > ~/.npmrc && npm ci && rm ~/.npmrc
USER 1000
""",
            at="NPM_TOKEN=${{ secrets.NPM_TOKEN }}",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          secrets: npm_token=${{ secrets.NPM_TOKEN }}
-- Dockerfile --
FROM node:24
RUN --mount=type=secret,id=npm_token,env=NPM_TOKEN,required=true echo "//npm.acme.example/:_authToken=$NPM_TOKEN" > ~/.npmrc && npm ci && rm ~/.npmrc
USER 1000
""",
        ),
        Example(
            title="beside other arguments and other secrets",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          build-args: |
            VERSION=1.2
            GH_TOKEN=${{ secrets.GH_TOKEN }}
          secrets: |
            npm_token=${{ secrets.NPM_TOKEN }}
-- Dockerfile --
FROM node:24
ARG VERSION
ARG GH_TOKEN
RUN ./fetch.sh "$GH_TOKEN"
USER 1000
""",
            at="GH_TOKEN=${{ secrets.GH_TOKEN }}",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          build-args: |
            VERSION=1.2
          secrets: |
            npm_token=${{ secrets.NPM_TOKEN }}
            gh_token=${{ secrets.GH_TOKEN }}
-- Dockerfile --
FROM node:24
ARG VERSION
RUN --mount=type=secret,id=gh_token,env=GH_TOKEN,required=true ./fetch.sh "$GH_TOKEN"
USER 1000
""",
        ),
        Example(
            title="several of one build",
            files=_SEVERAL_TOKENS.format(
                lists="""\
          build-args: |
            VERSION=1.2
            GH_TOKEN=${{ secrets.GH_TOKEN }}
            NPM_TOKEN=${{ secrets.NPM_TOKEN }}
""",
                arguments="ARG GH_TOKEN\nARG NPM_TOKEN\n",
                fetch="RUN",
                install="RUN",
            ),
            at="GH_TOKEN=${{ secrets.GH_TOKEN }}",
            fixed=_SEVERAL_TOKENS.format(
                lists="""\
          secrets: |
            gh_token=${{ secrets.GH_TOKEN }}
            npm_token=${{ secrets.NPM_TOKEN }}
          build-args: |
            VERSION=1.2
""",
                arguments="",
                fetch="RUN --mount=type=secret,id=gh_token,env=GH_TOKEN,required=true",
                install="RUN --mount=type=secret,id=npm_token,env=NPM_TOKEN,required=true",
            ),
        ),
        Example(
            title="several of one build, all that it passes",
            files=_SEVERAL_TOKENS.format(
                lists="""\
          build-args: |
            GH_TOKEN=${{ secrets.GH_TOKEN }}
            NPM_TOKEN=${{ secrets.NPM_TOKEN }}
""",
                arguments="ARG GH_TOKEN\nARG NPM_TOKEN\n",
                fetch="RUN",
                install="RUN",
            ),
            at="GH_TOKEN=${{ secrets.GH_TOKEN }}",
            fixed=_SEVERAL_TOKENS.format(
                lists="""\
          secrets: |
            gh_token=${{ secrets.GH_TOKEN }}
            npm_token=${{ secrets.NPM_TOKEN }}
""",
                arguments="",
                fetch="RUN --mount=type=secret,id=gh_token,env=GH_TOKEN,required=true",
                install="RUN --mount=type=secret,id=npm_token,env=NPM_TOKEN,required=true",
            ),
        ),
        Example(
            title="several of one build, all that it passes, beside a secret",
            files=_SEVERAL_TOKENS.format(
                lists="""\
          build-args: |
            GH_TOKEN=${{ secrets.GH_TOKEN }}
            NPM_TOKEN=${{ secrets.NPM_TOKEN }}
          secrets: |
            key=${{ secrets.KEY }}
""",
                arguments="ARG GH_TOKEN\nARG NPM_TOKEN\n",
                fetch="RUN",
                install="RUN",
            ),
            at="GH_TOKEN=${{ secrets.GH_TOKEN }}",
            fixed=_SEVERAL_TOKENS.format(
                lists="""\
          secrets: |
            key=${{ secrets.KEY }}
            gh_token=${{ secrets.GH_TOKEN }}
            npm_token=${{ secrets.NPM_TOKEN }}
""",
                arguments="",
                fetch="RUN --mount=type=secret,id=gh_token,env=GH_TOKEN,required=true",
                install="RUN --mount=type=secret,id=npm_token,env=NPM_TOKEN,required=true",
            ),
        ),
        Example(
            title="several of one build, in a list that another step may share: no fix",
            files=_SEVERAL_TOKENS.format(
                lists="""\
          build-args: &tokens |
            VERSION=1.2
            GH_TOKEN=${{ secrets.GH_TOKEN }}
            NPM_TOKEN=${{ secrets.NPM_TOKEN }}
""",
                arguments="ARG GH_TOKEN\nARG NPM_TOKEN\n",
                fetch="RUN",
                install="RUN",
            ),
            at="GH_TOKEN=${{ secrets.GH_TOKEN }}",
        ),
        Example(
            title="several of one build, of which two commands use one: no fix in one edit",
            files=_SEVERAL_TOKENS.format(
                lists="""\
          build-args: |
            GH_TOKEN=${{ secrets.GH_TOKEN }}
            NPM_TOKEN=${{ secrets.NPM_TOKEN }}
""",
                arguments="ARG GH_TOKEN\nARG NPM_TOKEN\n",
                fetch="RUN",
                install="RUN npm ci --token=$NPM_TOKEN\nRUN",
            ),
            at="GH_TOKEN=${{ secrets.GH_TOKEN }}",
        ),
        Example(
            title="two commands use it, another build passes it, the syntax has no `env=`, nothing names it: no fix in one edit",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: two, push: true, build-args: 'NPM_TOKEN=${{ secrets.NPM_TOKEN }}'}
      - uses: docker/build-push-action@v7
        with: {context: old, push: true, build-args: 'NPM_TOKEN=${{ secrets.NPM_TOKEN }}'}
      - uses: docker/build-push-action@v7
        with: {context: both, push: true, build-args: 'NPM_TOKEN=${{ secrets.NPM_TOKEN }}'}
      - run: docker build both
-- two/Dockerfile --
FROM node:24
ARG NPM_TOKEN
RUN ./log-in.sh "$NPM_TOKEN"
RUN ./check.sh "$NPM_TOKEN"
USER 1000
-- old/Dockerfile --
# syntax=docker/dockerfile:1.9
FROM node:24
ARG NPM_TOKEN
RUN ./log-in.sh "$NPM_TOKEN"
USER 1000
-- both/Dockerfile --
FROM node:24
ARG NPM_TOKEN
RUN ./log-in.sh "$NPM_TOKEN"
USER 1000
""",
            at=("NPM_TOKEN=${{ secrets.NPM_TOKEN }}",) * 3,
        ),
        Example(
            title="passed as a secret; values that are none; keys that browsers get",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          push: true
          build-args: |
            VERSION=${{ github.sha }}
            REGION=${{ vars.REGION }}
            API_URL=${{ secrets.API_URL }}
            ACCOUNT=${{ secrets.AWS_ACCOUNT_ID }}
            NEXT_PUBLIC_STRIPE_KEY=${{ secrets.STRIPE_KEY }}
            VITE_SENTRY_DSN=${{ secrets.SENTRY_DSN }}
            MIX_MAP_KEY=${{ secrets.MAP_KEY_STAGING }}
          secrets: |
            npm_token=${{ secrets.NPM_TOKEN }}
""",
        ),
        Example(
            title="a key that the Dockerfile hands on to a page, and one that it doesn't",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: map, push: true, build-args: 'MAP_KEY=${{ secrets.MAP_KEY }}'}
      - uses: docker/build-push-action@v7
        with: {context: site, push: true, build-args: 'CMS_KEY=${{ secrets.CMS_KEY }}'}
-- map/Dockerfile --
FROM node:24
ARG MAP_KEY
ENV VITE_MAP_KEY=${MAP_KEY}
RUN npm run build
USER 1000
-- site/Dockerfile --
FROM node:24
ARG CMS_KEY
ENV VITE_CMS_KEYS=2 CMS_KEY=$CMS_KEY
RUN npm run build
USER 1000
""",
            at="CMS_KEY=${{ secrets.CMS_KEY }}",
        ),
        Example(
            title="an image that stays on the runner, for a test and for a list of what is in it",
            files="""\
-- .github/workflows/test.yml --
on: pull_request
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - run: docker buildx build --build-arg FONTS_KEY="${{ secrets.FONTS_KEY }}" --tag ghcr.io/acme/site:test .
      - run: docker run --rm ghcr.io/acme/site:test ./test.sh
-- .github/workflows/sbom.yml --
on: push
jobs:
  sbom:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {load: true, tags: site, build-args: 'FONTS_KEY=${{ secrets.FONTS_KEY }}'}
      - run: syft site -o spdx-json=sbom.json
  other:
    runs-on: ubuntu-latest
    steps:
      - run: docker push ghcr.io/acme/tools
-- Dockerfile --
FROM node:24
ARG FONTS_KEY
RUN ./fonts.sh
USER 1000
""",
        ),
        Example(
            title="a stage that the last one copies from; an argument for `FROM`; what no stage takes",
            files=_STAGES,
        ),
        Example(
            title="the same in a public repository, whose provenance has all arguments",
            files=_STAGES,
            at="FONTS_KEY=${{ secrets.FONTS_KEY }}",
            outside=Outside(visibility="public"),
        ),
        Example(
            title="the same by a release that attaches none unless asked",
            files=_STAGES.replace("@v7", "@v3"),
            outside=Outside(visibility="public"),
        ),
        Example(
            title="a Dockerfile that is not known, where those that take the argument only copy from the stage",
            files=_STAGES.replace("context: .", "context: ${{ inputs.folder }}"),
        ),
        Example(
            title="a stage that the last one builds on, a target, provenance in full by a command, a script that pushes",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with: {context: site, push: true, build-args: 'FONTS_KEY=${{ secrets.FONTS_KEY }}'}
      - uses: docker/build-push-action@v7
        with: {context: site, target: tool, push: true, build-args: 'TOOL_KEY=${{ secrets.TOOL_KEY }}'}
      - run: |
          docker buildx build --push --provenance mode=max -t ghcr.io/acme/full \\
            --build-arg TOOL_KEY=${{ secrets.FULL_KEY }} site
  legacy:
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t old --build-arg FONTS_KEY=${{ secrets.OLD_KEY }} site
      - run: ./ci/ship.sh
-- ci/ship.sh --
#!/bin/sh
set -e
docker push ghcr.io/acme/old
-- site/Dockerfile --
FROM node:24 AS fonts
ARG FONTS_KEY
RUN ./fonts.sh
FROM node:24 AS tool
ARG TOOL_KEY
RUN ./tool.sh
FROM fonts
COPY --from=tool /tool /tool
USER 1000
""",
            at=(
                "FONTS_KEY=${{ secrets.FONTS_KEY }}",
                "TOOL_KEY=${{ secrets.TOOL_KEY }}",
                "TOOL_KEY=${{ secrets.FULL_KEY }}",
                "FONTS_KEY=${{ secrets.OLD_KEY }}",
            ),
        ),
    ),
)

_OF_THE_JOB = "GITHUB_TOKEN"
"""The token of the job, which ends with it."""
_SHOWN = 5
"""Of several secrets those that a message names."""
_WHOLE = regex(r"\$\{\{\s*secrets\.\w+\s*\}\}")


class _Passed(Record, eq=False):
    """A secret that a build gets as an argument."""

    build: Build
    argument: Assigned
    name: str
    """The secret's."""
    dockerfile: Dockerfile | None
    consequence: str
    """With holes for how many there are."""

    @property
    def severity(self) -> Severity | None:
        return Severity.WARNING if self.name.upper() == _OF_THE_JOB else None

    @property
    def takers(self) -> tuple[Location, ...]:
        """Where the Dockerfile takes it, above its stages and in those that the build goes through."""
        if self.dockerfile is None:
            return ()
        unreached = frozenset(self.dockerfile.stages) - reached_stages(self.dockerfile, self.build)
        places = declared(self.dockerfile, self.argument.name)
        taking = (pair for it, pair in places if not is_in(it, unreached))
        return tuple(Location(self.dockerfile.text, pair.span, "takes it") for pair in taking)


def run(repo: Repository) -> Iterator[Finding]:
    causes: dict[Hashable, list[_Passed]] = {}
    for one in _passed(repo):
        key = (id(one.build.text), one.build.location.span.start, one.consequence, one.severity)
        causes.setdefault(key, []).append(one)
    for passed in causes.values():
        yield _finding(repo, passed)


def _passed(repo: Repository) -> Iterator[_Passed]:
    """Each secret that can be read in an image, at each place once."""
    told: set[tuple[int, int]] = set()
    files = {one.path: one for one in repo.dockerfiles}
    for build in repo.builds:
        for argument in build.build_args or ():
            place = (id(argument.location.text), argument.location.span.start)
            name = _secret(build, argument.name, argument.written)
            if name and place not in told:
                dockerfile = files.get(build.dockerfile or "")
                consequence = _consequence(repo, build, argument.name, dockerfile)
                if consequence:
                    told.add(place)
                    yield _Passed(build, argument, name, dockerfile, consequence)


def _secret(build: Build, argument: str, written: str) -> str | None:
    """The credential among the secrets that a value has."""
    if build.invocation is not None and "${{" not in written:
        return None
    return secret_in(written, argument)


def _consequence(repo: Repository, build: Build, argument: str, dockerfile: Dockerfile | None) -> str:
    """Where the value can be read by whoever gets the image, as a sentence for one or several; empty where it certainly or
    perhaps can't."""
    if not may_leave(build, repo.pushes):
        return ""
    if dockerfile and is_in_page(dockerfile, argument, reached_stages(dockerfile, build)):
        return ""
    read = "who can pull the image can read {them}."
    is_listed = is_in_provenance(build, repo.outside.visibility)
    candidates = (dockerfile,) if dockerfile else repo.dockerfiles
    is_kept = any(_is_kept(one, build, argument) for one in candidates)
    if dockerfile is None and not is_listed:
        if repo.dockerfiles and not is_kept:
            return ""
        return f"Where the stage that is built takes {{them}}, {{they}} in the image's history: {read}"
    places = [*(["history"] if dockerfile and is_kept else []), *(["provenance"] if is_listed else [])]
    return f"{{They}} in the image's {' and in its '.join(places)}: {read}" if places else ""


def _is_kept(dockerfile: Dockerfile, build: Build, argument: str) -> bool:
    """Whether the history of the image that a build makes of a Dockerfile has the argument."""
    stages = shipped_stages(dockerfile, [build])
    return any(is_in(instruction, stages) for instruction, _ in declared(dockerfile, argument))


_ONE = {"They": "It stands", "they": "it stands", "them": "it"}
_SEVERAL = {"They": "They stand", "they": "they stand", "them": "them"}


def _finding(repo: Repository, passed: Sequence[_Passed]) -> Finding:
    first, *others = passed
    secrets, arguments = ([code(one.name) for one in passed], [code(one.argument.name) for one in passed])
    again = (
        Location(one.argument.location.text, one.argument.location.span, "is passed too") for one in others
    )
    fixes = _fixes(repo, passed)
    return Finding(
        message=f"The secrets {listed(secrets, _SHOWN)} go into the build as the arguments {listed(arguments, _SHOWN)}."
        if others
        else f"The secret {secrets[0]} goes into the build as the argument {arguments[0]}.",
        consequence=first.consequence.format(**(_SEVERAL if others else _ONE)),
        location=first.argument.location,
        related=(*again, *(place for one in passed for place in one.takers)),
        fixes=fixes,
        withheld="" if fixes or not others else _why_withheld(repo, passed),
        severity=first.severity,
    )


def _why_withheld(repo: Repository, passed: Sequence[_Passed]) -> str:
    """That an edit could do its work for some, where it could."""
    able = [code(one.argument.name) for one in passed if _fixes(repo, [one])]
    if len(able) == len(passed):
        return f"one edit could make a secret of each of {listed(able, _SHOWN)}, and not of all together"
    return f"one edit could make a secret of {listed(able, _SHOWN)}, and not of the others" if able else ""


def _fixes(repo: Repository, passed: Sequence[_Passed]) -> tuple[Fix, ...]:
    """Secrets for arguments on both sides, where no other build uses the Dockerfile."""
    build, dockerfile = passed[0].build, passed[0].dockerfile
    gone = [
        one.argument.item
        for one in passed
        if one.argument.item and one.dockerfile is dockerfile and _WHOLE.fullmatch(one.argument.written)
    ]
    if build.step is None or dockerfile is None or len(gone) < len(passed):
        return ()
    others = any(
        one.step is not build.step and one.dockerfile in (dockerfile.path, None) for one in repo.builds
    )
    names = [one.argument.name for one in passed]
    mounts = [mounted_instead(dockerfile, name) for name in names]
    if others or not all(mounts) or len(set(map(secret_id, names))) < len(names):
        return ()
    secrets = [f"{secret_id(one.argument.name)}={one.argument.written}" for one in passed]
    shown, ids = (
        listed([*map(code, names)], _SHOWN),
        listed([code(secret_id(name)) for name in names], _SHOWN),
    )
    which, it = ("secrets", "them") if len(passed) > 1 else ("a secret", "it")
    return offer(
        f"pass {shown} as {which}",
        Applicability.UNSAFE,
        *_handed(build.step, gone, secrets),
        *(edit for mount in mounts for edit in mount),
        caution=f"The command that gets {'a' if it == 'them' else 'the'} secret stops without it: does each builder pass {ids}?",
    )


def _handed(step: Step, gone: Sequence[Item], secrets: Sequence[str]) -> tuple[Edit | None, ...]:
    """The arguments out of the one list, the secrets into the other."""
    arguments, known = step.input_entry("build-args"), step.input("secrets")
    if arguments is None or step.inputs is None or any(one.scalar is not arguments.value for one in gone):
        return (None,)
    if any(one is not None and one.anchor is not None for one in (gone[0].scalar, known)):
        return (None,)
    lines, is_all = "\n".join(secrets), len(items(gone[0].scalar, commas=False)) == len(gone)
    if known is not None:
        listed_there = items(known, commas=False)
        last = insert_line_after(known, listed_there[-1].line, lines) if listed_there else None
        return (*([delete_entry(step.inputs, arguments)] if is_all else without_all(gone)), last)
    if not is_all:
        block = f"secrets: {lines}" if len(secrets) == 1 else "secrets: |\n  " + lines.replace("\n", "\n  ")
        return (*without_all(gone), insert_before(step.inputs, arguments, block))
    if len(gone) > 1 and gone[0].scalar.style != "literal":
        return (None,)
    edits = (rewritten(item, secret) for item, secret in zip(gone, secrets, strict=True))
    return (Edit(step.text.path, arguments.key.span, "secrets"), *edits)
