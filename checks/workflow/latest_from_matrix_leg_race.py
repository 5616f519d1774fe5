"""Legs of a matrix push different images under one tag

Each leg of the matrix builds another image, for another architecture perhaps, and all of them push it under
the same name. A push replaces what the tag meant: after the run it means the image of the leg that was
slowest. Whoever pulls it on the other architecture gets “no matching manifest” or “exec format error”, and
the next run may turn it around.

Push each leg by digest, without a tag, and put the digests together in a job that needs the legs:

    outputs: type=image,name=ghcr.io/acme/web,push-by-digest=true,name-canonical=true,push=true

    docker buildx imagetools create -t ghcr.io/acme/web:1.4 $(printf 'ghcr.io/acme/web@sha256:%s ' *)

Or give each leg a tag of its own, and join those.

The check is silent for legs that build the same, for steps whose conditions speak of the matrix, for names of
which a part is not known, and for those that a job which needs the legs pushes once more, or may.

References:

- https://docs.docker.com/build/ci/github-actions/multi-platform/#distribute-build-across-multiple-runners
- https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from checks.check import (
    Check,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
)  # fmt: skip
from checks.facts.build.builds import Build, Tag
from checks.facts.deployment.kubernetes import at
from checks.facts.image.moved_later import may_be_moved_later
from checks.facts.image.pushes import may_happen
from checks.facts.tree import Entry, Mapping
from checks.facts.value import Value
from checks.facts.workflow.events import Event
from checks.facts.workflow.workflows import Job, Step
from checks.record import Record
from checks.regex import regex


def _files(
    tags: str, platforms: str = "${{ matrix.platform }}", more: str = "", runs_on: str = "ubuntu-latest"
) -> str:
    return f"""\
-- .github/workflows/build.yml --
on: {{push: {{branches: [main], tags: ['v*']}}, pull_request: {{}}}}
jobs:
  build:
    runs-on: {runs_on}
    strategy:
      matrix:
        platform: [linux/amd64, linux/arm64]
        include:
          - platform: linux/amd64
            runner: ubuntu-24.04
            arch: amd64
          - platform: linux/arm64
            runner: ubuntu-24.04-arm
            arch: arm64
    steps:
      - uses: docker/setup-buildx-action@v4
      - id: meta
        uses: docker/metadata-action@v6
        with:
          images: ghcr.io/acme/web
          tags: type=semver,pattern={{{{version}}}}
      - uses: docker/build-push-action@v7
{more}        with:
          context: .
          platforms: {platforms}
          push: ${{{{ github.event_name != 'pull_request' }}}}
          tags: {tags}
"""


_LATEST = "ghcr.io/acme/web:latest"
_JOINED = """\
  join:
    needs: {needs}{condition}
    runs-on: ubuntu-latest
    steps:
      - run: docker buildx imagetools create --tag ghcr.io/acme/web:{tag} ghcr.io/acme/web:1-amd64 ghcr.io/acme/web:1-arm64
"""


def _joined(tag: str, needs: str = "build", condition: str = "") -> str:
    """What stands behind the legs: a job that puts images together under a name."""
    return _JOINED.format(tag=tag, needs=needs, condition=condition and f"\n    if: {condition}")


check = Check(
    id="latest-from-matrix-leg-race",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.WORKFLOW, Kind.SCRIPT, Kind.ACTION),
    scope=Scope.REPOSITORY,
    tags=("build", "tags", "push", "platforms"),
    examples=(
        Example(
            title="a platform in each leg, and `latest` from both",
            files=_files("ghcr.io/acme/web:latest"),
            at="ghcr.io/acme/web:latest",
        ),
        Example(
            title="a runner in each leg, and the version from both",
            files=_files("${{ steps.meta.outputs.tags }}", "''", runs_on="${{ matrix.runner }}"),
            at="type=semver,pattern={{version}}",
        ),
        Example(
            title="by a command, and another Dockerfile in each leg",
            files="""\
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy:
      matrix: {flavor: [debian, alpine]}
    steps:
      - uses: actions/checkout@v7
      - run: docker buildx build --push --file ${{ matrix.flavor }}.Dockerfile --tag "ghcr.io/acme/web:$GITHUB_SHA" .
""",
            at='"ghcr.io/acme/web:$GITHUB_SHA"',
        ),
        Example(
            title="calls of one workflow for other events, each with a Dockerfile of its own",
            files="""\
-- .github/workflows/image.yml --
on: {workflow_call: {inputs: {file: {type: string}}}}
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: docker/build-push-action@v7
        with: {context: ., file: '${{ inputs.file }}', push: true, tags: 'ghcr.io/acme/web:latest'}
-- .github/workflows/main.yml --
on: {push: {branches: [main]}}
jobs:
  web:
    uses: ./.github/workflows/image.yml
    with: {file: debian.Dockerfile}
-- .github/workflows/release.yml --
on: {push: {tags: ['v*']}}
jobs:
  web:
    uses: ./.github/workflows/image.yml
    with: {file: alpine.Dockerfile}
""",
        ),
        Example(
            title="a job that waits for the legs makes `latest` anew, for the events for which these push",
            files=_files(_LATEST) + _joined("latest", condition="github.event_name == 'push'"),
        ),
        Example(
            title="it waits for a job that waits for them, and a step makes the tag",
            files=_files(_LATEST)
            + "  test:\n    needs: build\n    runs-on: ubuntu-latest\n    steps: [{run: ./test.sh}]\n"
            + _joined("${{ steps.version.outputs.tag }}", "[test]"),
        ),
        Example(
            title="it pushes a list that it has made, or runs what makes one",
            files=_files(_LATEST)
            + _joined("1").replace(
                "docker buildx imagetools create --tag ghcr.io/acme/web:1",
                "docker manifest push ghcr.io/acme/web:latest #",
            )
            + "-- .github/workflows/other.yml --\n"
            + _files(_LATEST).partition("\n")[2]
            + _joined("1").partition("    steps:")[0]
            + "    steps: [{run: make manifests}]\n",
        ),
        Example(
            title="the job that waits is the caller's",
            files=(
                _files(_LATEST).replace(
                    "on: {push: {branches: [main], tags: ['v*']}, ", "on: {workflow_call: {}, "
                )
                + "-- .github/workflows/release.yml --\non: {push: {branches: [main]}}\njobs:\n"
                + "  build:\n    uses: ./.github/workflows/build.yml\n"
                + _joined("latest")
            ).replace("ghcr.io/acme", "acme"),
        ),
        Example(
            title="what the job joins gets another name, another image's, or that for tags alone, or nothing waits, or what does joins nothing",
            files="".join(
                _files(_LATEST).replace("/build.yml", f"/{number}.yml") + job
                for number, job in enumerate(
                    (
                        _joined("1"),
                        _joined("latest").replace("--tag ghcr.io/acme/web", "--tag ghcr.io/acme/api"),
                        _joined("latest", condition="github.ref_type == 'tag'"),
                        _joined("latest", "[]"),
                        _joined("1").partition("    steps:")[0]
                        + "    steps: [{run: git merge --ff-only main && kubectl apply -f manifests/}]\n",
                    )
                )
            ),
            at=(_LATEST,) * 5,
        ),
        Example(title="a tag for each leg", files=_files("ghcr.io/acme/web:latest-${{ matrix.arch }}")),
        Example(
            title="by digest",
            files=_files("ghcr.io/acme/web").replace(
                "push: ${{ github.event_name != 'pull_request' }}",
                "outputs: type=image,push-by-digest=true,name-canonical=true,push=true",
            ),
        ),
        Example(
            title="one leg pushes only",
            files=_files("ghcr.io/acme/web:latest", more="        if: matrix.arch == 'amd64'\n"),
        ),
        Example(
            title="one leg pushes only, by its input",
            files=_files("ghcr.io/acme/web:latest").replace(
                "github.event_name != 'pull_request'", "matrix.arch == 'amd64'"
            ),
        ),
        Example(
            title="the same image in all legs",
            files=_files("ghcr.io/acme/web:latest", platforms="linux/amd64,linux/arm64"),
        ),
        Example(
            title="a tag that is not known", files=_files("ghcr.io/acme/web:${{ steps.tag.outputs.tag }}")
        ),
        Example(
            title="nothing pushed",
            files=_files("acme/web:latest").replace(
                "push: ${{ github.event_name != 'pull_request' }}", "load: true"
            ),
        ),
        Example(
            title="one leg has the tag, by docker/metadata-action",
            files=_files("${{ steps.meta.outputs.tags }}").replace(
                "tags: type=semver,pattern={{version}}",
                "tags: type=raw,value=latest,enable=${{ matrix.arch == 'amd64' }}",
            ),
        ),
        Example(
            title="one leg makes tags, by the condition of docker/metadata-action's step",
            files=_files("${{ steps.meta.outputs.tags }}").replace(
                "- id: meta\n", "- id: meta\n        if: matrix.arch == vars.TAGGED_ARCH\n"
            ),
        ),
        Example(
            title="all legs make tags where docker/metadata-action's step runs",
            files=_files("${{ steps.meta.outputs.tags }}").replace(
                "- id: meta\n", "- id: meta\n        if: github.event_name != 'pull_request'\n"
            ),
            at="type=semver,pattern={{version}}",
        ),
        Example(
            title="one leg pushes only, by the machine that it runs on",
            files=_files("ghcr.io/acme/web:latest", more="        if: runner.arch == 'X64'\n"),
        ),
        Example(
            title="a name of each leg's own, or none",
            files=_files("${{ vars.HUB && format('{0}/web:{1}', vars.HUB, matrix.arch) || '' }}"),
        ),
        Example(
            title="one name for all legs, or none",
            files=_files("${{ vars.HUB && 'ghcr.io/acme/web:edge' || '' }}"),
            at="${{ vars.HUB && 'ghcr.io/acme/web:edge' || '' }}",
        ),
        Example(
            title="an image that is left out",
            files=_files("${{ steps.meta.outputs.tags }}").replace(
                "ghcr.io/acme/web\n          tags: type=semver,pattern={{version}}",
                "ghcr.io/acme/web-${{ matrix.arch }},${{ vars.HOST && format('{0}/{1}', vars.HOST, matrix.arch) || '' }}\n"
                "          tags: type=raw,value=latest",
            ),
        ),
    ),
)

_SAME_IN_ALL_LEGS = regex(r"(?:github|inputs|vars|secrets|needs)\.[\w.-]+|\{\{.*\}\}")
"""Contexts that the legs of one run share, and the patterns of docker/metadata-action."""
_MATRIX = regex(r"\b(?:matrix|strategy|steps|env|runner)\s*[.\[]")


class _Made(Record):
    """What tells the image of one leg from that of another."""

    platforms: tuple[str, ...]
    machine: str
    """The label of the runner; empty where it is not known."""
    recipe: tuple[str, ...]
    arguments: tuple[tuple[str, Value], ...]

    def is_of_another_machine(self, other: _Made) -> bool:
        """Whether the runners certainly are of two architectures."""
        known = bool(self.machine and other.machine)
        return known and ("arm" in self.machine) != ("arm" in other.machine)


def run(repo: Repository) -> Iterator[Finding]:
    by_place: dict[tuple[str, int], list[Build]] = {}
    for build in repo.builds_as_written:
        if build.step is not None and build.step.job is not None and _pushes_in_each_leg(build, build.step):
            by_place.setdefault((build.text.path, build.location.span.start), []).append(build)
    for legs in by_place.values():
        finding = _race(repo, legs)
        if finding is not None:
            yield finding


def _pushes_in_each_leg(build: Build, step: Step) -> bool:
    """Whether a build pushes by name, and what it depends on is the same for all legs."""
    if build.pushes is False or build.outputs is None or build.is_by_digest:
        return False
    push = step.input("push") if build.invocation is None else None
    written = [one.value for one in (step.condition, push) if one is not None]
    return not any(map(_MATRIX.search, written)) and (build.pushes is True or push is not None)


def _race(repo: Repository, legs: list[Build]) -> Finding | None:
    """The first tag that two legs certainly push with different images, and that no later job moves again."""
    pushing: dict[tuple[Value, Event | None], dict[_Made, tuple[Build, Tag]]] = {}
    for build in legs:
        made = _made(build)
        for tag in build.tags:
            if _is_shared(tag) and not _is_moved_later(repo, build, tag):
                key = (tag.value, tag.generated.event if tag.generated else None)
                pushing.setdefault(key, {}).setdefault(made, (build, tag))
    for found in pushing.values():
        for one, other in combinations(found, 2):
            difference = _difference(one, other)
            if difference:
                return _finding(*found[one], difference)
    return None


def _made(build: Build) -> _Made:
    """What is compared of the images of legs."""
    arguments = tuple((given.name, given.value) for given in build.build_args or ())
    return _Made(tuple(build.platforms or ()), _machine(build), build.recipe, arguments)


def _is_shared(tag: Tag) -> bool:
    """Whether a name certainly is the same in all legs of a run."""
    made = tag.generated
    is_certain = made is None or (
        made.is_certain and "matrix." not in "".join(made.entry.attributes.values())
    )
    is_same = all(_SAME_IN_ALL_LEGS.fullmatch(hole.source.strip()) for hole in tag.value.holes)
    return is_certain and is_same and not tag.reference.is_on_this_machine


def _is_moved_later(repo: Repository, build: Build, tag: Tag) -> bool:
    """Whether a job that waits for all legs has, or may have, the last word on what a name means."""
    job, made = build.step.job if build.step else None, tag.generated
    events = (build.events or ()) if made is None else (made.event,)
    happening = [event for event in events if may_happen(build, event)]
    return job is not None and may_be_moved_later(tag.value, happening, job, repo.calls, repo.pushes_of)


def _difference(one: _Made, other: _Made) -> str:
    """What two legs certainly build differently, in words; empty for nothing."""
    if one.platforms and other.platforms and set(one.platforms) != set(other.platforms):
        return f"{code(','.join(one.platforms))} and {code(','.join(other.platforms))}"
    if not one.platforms and not other.platforms and one.is_of_another_machine(other):
        return f"{code(one.machine)} and {code(other.machine)}"
    for mine, theirs in zip(one.recipe, other.recipe, strict=True):
        if mine != theirs and "${{" not in mine + theirs:
            return f"{code(mine)} and {code(theirs)}"
    for (name, given), (_, handed) in zip(one.arguments, other.arguments, strict=False):
        if given.literal is not None and handed.literal is not None and given != handed:
            return f"{code(f'{name}={given}')} and {code(f'{name}={handed}')}"
    return ""


def _machine(build: Build) -> str:
    """The label of the runner of a leg; empty where it is not known."""
    job = build.step.job if build.step else None
    labels = [
        build.scope.value(label).literal if build.scope else None for label in (job.runs_on if job else ())
    ]
    return labels[0] or "" if len(labels) == 1 else ""


def _matrix_of(job: Job) -> Entry | None:
    strategy = at(job.node, "strategy")
    return strategy.entry("matrix") if isinstance(strategy, Mapping) else None


def _finding(build: Build, tag: Tag, difference: str) -> Finding:
    job = build.step.job if build.step else None
    matrix = _matrix_of(job) if job else None
    place = Location(build.text, matrix.key.span, "starts a leg for each") if matrix else None
    return Finding(
        message=f"The legs for {difference} push different images under one name, {code(str(tag.value))}.",
        consequence=(
            "After the run the name means the image of the leg that ended last, and another one after the next run: "
            "of the others nothing is left under it."
        ),
        location=tag.location,
        related=(place,) if place else (),
    )
