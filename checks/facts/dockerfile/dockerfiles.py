"""A Dockerfile, and whether its image is one that others run: by its own words, and by what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from checks.facts.asides import is_vendored
from checks.facts.dockerfile.purposes import (
    is_among_tests,
    is_named_aside,
    is_named_builder,
    is_named_for_ci_alone,
    is_named_for_development,
    is_of_dev_container,
    is_toolchain,
    is_workplace,
    leaves_production_out,
    says_for_tests,
    says_for_work,
    says_generated,
    says_not_in_use,
    serves_changes,
    stands_idle,
)
from checks.facts.dockerfile.stages import Stages
from checks.facts.project.project_templates import has_placeholder
from checks.source.dockerfile import Flag, Form, Instruction, Pair, ShellText, Stage, Word
from checks.source.dockerfile import parse as parse_source
from checks.source.text import Text

__all__ = [
    "Dockerfile",
    "Flag",
    "Form",
    "Instruction",
    "Pair",
    "ShellText",
    "Shipping",
    "Stage",
    "Word",
    "is_development",
    "parse_dockerfile",
]  # fmt: skip

_HOW_IT_RUNS = frozenset(("CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL", "USER"))
"""Instructions that say how an image is run."""
_CARRYING = frozenset(("ADD", "ARG", "COPY", "ENV", "LABEL", "MAINTAINER", "VOLUME", "WORKDIR"))
"""Instructions of an image that has files for others, and neither prepares nor starts a program."""
_NAMING = frozenset(("ADD", "COPY", "EXPOSE", "FROM", "USER", "WORKDIR"))
"""Instructions of names alone, in which nothing but a builder reads what stands between braces."""
_SERVED = frozenset(("EXPOSE", "HEALTHCHECK"))
"""Instructions of an image whose container others reach."""


class Shipping(NamedTuple):
    """What becomes of the image of a Dockerfile, as far as the other files of the repository show it."""

    is_published: bool
    """Whether a build may push it to somewhere."""
    is_kept_here: bool
    """Whether it certainly is not published."""
    is_passed_over: bool
    """Whether nobody is expected to take it.

    The builds are of other files or of tests alone, newer versions lie beside it, no file that may build speaks of it,
    another image takes its folder in, or the repository is one of examples.
    """
    targets: frozenset[str | None] = frozenset()
    """What the builds that publish it give as `target`: empty for none, None for one that is not known."""
    serves_changes: bool = False
    """Whether a script of the repository, or Compose, has it serve the project to those who change it.

    Or whether it starts what it certainly lacks, so that they mount their checkout.
    """
    replaced: frozenset[str] = frozenset()
    """The images behind its `FROM` in whose place a build may put something else, by a named context."""


NOT_KNOWN = Shipping(is_published=False, is_kept_here=False, is_passed_over=False)


class Dockerfile(Stages, eq=False, dict=True):
    """A Dockerfile, understood."""

    shipping: Shipping = NOT_KNOWN

    def expanded_base(self, stage: Stage) -> str | None:
        """What a stage's `FROM` names if no build passes arguments.

        None for an earlier stage, if not known, or where a build may put something else in its place.
        """
        base = super().expanded_base(stage)
        return None if base in self.shipping.replaced else base

    @property
    def is_published(self) -> bool:
        """Whether a build of this repository may push its image to somewhere."""
        return self.shipping.is_published

    @cached_property
    def published_stages(self) -> tuple[Stage, ...]:
        """The stages that builds are seen to publish, in the order of the file; the last one where none are."""
        found = [self.target_stage(name or "") for name in self.shipping.targets]
        stages = {stage for stage in found if stage is not None}
        return tuple(stage for stage in self.stages if stage in stages) or (self.final,)

    @property
    def shipped(self) -> Stage:
        """The stage whose image others run: the last that a build publishes, or else the last."""
        return self.final if None in self.shipping.targets else self.published_stages[-1]

    @property
    def is_vendored(self) -> bool:
        """Whether it lies among copies of other projects or data of tests, which nobody here edits or ships."""
        return is_vendored(self.path)

    @cached_property
    def is_generated(self) -> bool:
        """Whether a comment above the first `FROM` says that a program writes the file: an edit would not last."""
        return any(map(says_generated, self._comments_before(self.stages[0].instruction.span.start)))

    @cached_property
    def is_aside(self) -> bool:
        """Whether its image is not published, or is for development, tests or examples, not in use, or a template."""
        return not self.is_published and (
            self.shipping.is_kept_here
            or self.is_vendored
            or self._is_said_to_be_for_tests
            or self._is_said_to_be_left
            or self._starts_toolchain
            or self._is_template
            or self._leaves_production_out
            or self._is_workplace
            or is_named_aside(self.path)
        )

    @cached_property
    def may_ship(self) -> bool:
        """Whether others run its image, as far as the files tell.

        A build pushes it; or none takes others in its place, nothing says that it is for development, tests or
        examples, and it says how it is run. Never in folders of tests, nor in that of the repository's dev container.
        """
        if self.is_vendored or is_among_tests(self.path) or is_of_dev_container(self.path):
            return False
        is_inner = self.is_aside or self.shipping.is_passed_over or is_development(self, self.shipped)
        return self.is_published or (not is_inner and not _HOW_IT_RUNS.isdisjoint(self._keywords))

    @property
    def only_carries(self) -> bool:
        """Whether the image that others take has copied files and nothing else of its own: neither a command nor what it starts."""
        keywords = set(self._keywords)
        return not keywords.isdisjoint(("ADD", "COPY")) and keywords <= _CARRYING

    @property
    def _keywords(self) -> Iterator[str]:
        """Of the instructions that make the image that others run, but for the `FROM`s."""
        return (it.keyword for stage in self.ancestry(self.shipped) for it in stage.instructions)

    def _comments_before(self, offset: int) -> Iterator[str]:
        return (one.text for one in self.source.comments if one.span.start < offset)

    @property
    def _is_said_to_be_for_tests(self) -> bool:
        """Whether a comment above the first `FROM` says so of the image, or at that of the only stage that it is for development."""
        above = self._comments_before(self.stages[0].instruction.span.start)
        is_one = len(self.stages) == 1
        return any(map(says_for_tests, above)) or (is_one and any(map(says_for_work, self._comments_at_head)))

    @property
    def _is_said_to_be_left(self) -> bool:
        """Whether a comment at the first `FROM` says that the image is not in use."""
        return any(map(says_not_in_use, self._comments_at_head))

    @property
    def _comments_at_head(self) -> Iterator[str]:
        """Those above the first `FROM`, or right below it."""
        end = next((it.span.start for it in self.stages[0].instructions), len(self.text.content))
        return self._comments_before(end)

    @property
    def _is_template(self) -> bool:
        """Whether a program has to fill names in before it can be built: in its path, or where no program is run."""
        names = (
            word.value
            for stage in self.stages
            for it in (stage.instruction, *stage.instructions)
            if it.keyword in _NAMING
            for word in it.arguments
        )
        return has_placeholder(self.path) or has_placeholder(" ".join(names))

    @property
    def _starts_toolchain(self) -> bool:
        """Whether its entry point is a builder's or a tester's tool, behind which no program follows, and serves nobody."""
        return is_toolchain(*self.started) and _SERVED.isdisjoint(self._keywords)

    @property
    def _leaves_production_out(self) -> bool:
        """Whether Bundler installs all but what production needs."""
        runs = (it for stage in self.built for it in stage.instructions if it.keyword in ("RUN", "ENV"))
        return any(leaves_production_out(self.text[it.span]) for it in runs)

    @property
    def _is_workplace(self) -> bool:
        """Whether people are to work in a container of it: it has a debugger and an editor, and no program to serve with."""
        line = self.ancestry(self.shipped)
        is_idle = _SERVED.isdisjoint(self._keywords) and stands_idle(self._command_line)
        return is_idle and is_workplace(ran.command for ran in self.commands() if ran.stage in line)

    @cached_property
    def is_builder(self) -> bool:
        """Whether its image is there to build in, or to take files out of.

        Its name says so, it starts no program, and none is pushed.
        """
        return not self.is_published and is_named_builder(self.path) and stands_idle(self._command_line)

    @cached_property
    def started(self) -> tuple[list[str], list[str]]:
        """Entry point and command of the image that others run; of the shell form all is one word."""
        started: dict[str, list[str]] = {}
        for stage in reversed(self.ancestry(self.shipped)):
            own = {it.keyword: [word.value for word in it.arguments] for it in stage.instructions}
            started = own if "ENTRYPOINT" in own else {**started, **own}
        return started.get("ENTRYPOINT", []), started.get("CMD", [])

    @property
    def _command_line(self) -> str:
        entry, command = self.started
        return " ".join((*entry, *command))

    @cached_property
    def serves_work(self) -> bool:
        """Whether a container of it serves the project to those who work on it: `npm run dev`, `uvicorn --reload`."""
        return self.shipping.serves_changes or serves_changes(self._command_line)

    @cached_property
    def built(self) -> frozenset[Stage]:
        """The stages that the published ones need; BuildKit leaves the others out.

        Where any may be published, those that each of them needs which no other needs.
        """
        if None in self.shipping.targets:
            needed = [self.needed(stage) for stage in self.stages]
            ends = [mine for mine in needed if not any(mine < others for others in needed)]
            return frozenset(self.stages).intersection(*ends)
        return frozenset[Stage]().union(*(self.needed(stage) for stage in self.published_stages))


def is_development(dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether an image is for development or tests: by the name of its file or of its stage, or by what it runs.

    What it runs says so where none is pushed, and `ci` where it is not pushed with what another stage has made.
    """
    is_made_in_ci = (
        dockerfile.is_published
        and is_named_for_ci_alone(dockerfile.path)
        and any(one.stage is dockerfile.shipped for one in dockerfile.copies_of_stages)
    )
    is_of_file = is_named_for_development(dockerfile.path) and not is_made_in_ci
    is_named = is_of_file or is_named_for_development(stage.name or "")
    is_shipped = stage is dockerfile.shipped and not dockerfile.is_published
    return is_named or (is_shipped and dockerfile.serves_work)


def parse_dockerfile(text: Text) -> Dockerfile:
    """The Dockerfile in a file. `CannotRead` where BuildKit refuses it."""
    return Dockerfile(parse_source(text))
