"""What a Dockerfile says: its stages, what they copy, and the users that they make."""

from __future__ import annotations

import bisect
import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from checks.facts.asides import FOREIGN, PAGES, SAMPLES, TESTS
from checks.facts.dockerfile.image_users import User, groups_of, users_of
from checks.facts.project.project_templates import has_placeholder
from checks.record import Record
from checks.regex import regex
from checks.source import shell
from checks.source.dockerfile import DockerfileSource, Flag, Form, Instruction, Pair, ShellText, Stage, Word
from checks.source.dockerfile import parse as parse_source
from checks.source.dockerfile.evaluation import Evaluation, evaluate
from checks.source.snapshot import Edit
from checks.source.text import Location, Span, Text

__all__ = [
    "Copy",
    "CopySource",
    "Dockerfile",
    "Flag",
    "Form",
    "Instruction",
    "Pair",
    "Ran",
    "ShellText",
    "Shipping",
    "Stage",
    "User",
    "Word",
    "is_development",
    "is_vendored",
    "parse_dockerfile",
]  # fmt: skip

_VENDORED = regex(rf"(?:^|/)(?:{FOREIGN}|test[-_]?data|testfiles?(?:[-_][\w-]+)?|_?fixtures?|__\w+__)/")
_ASIDE = regex(
    r"(?:^|/)(?:\.(?:devcontainer|cursor|vscode|gitpod|clusterfuzzlite|localstack|github)"
    r"|(?:[\w-]+[-_])?(?:tests?|mocks?|fakes?|stubs?)(?:[-_][\w-]+)?|fake\w*|mock\w*"
    rf"|test[._-]?envs?(?:[-_][\w-]+)?|{TESTS}|{SAMPLES}|{PAGES}|\.workshops?|(?:demos?|samples?|examples?)[-_][\w-]+|[\w-]+[-_](?:samples?|examples?)"
    r"|integ|integration|cypress|playwright|troubleshooting|hack|tools?|utils?|utilit(?:y|ies)|extras|experiments?|experimental|prototypes?|[._]?(?:archived?|deprecated)|unsupported(?:[-_]\w+)?|unmaintained|obsolete|retired|(?:dev|(?<!usr/)(?<!share/)local)(?:[-_](?:image|env))?|\.?ci|local-running|packaging/(?:deb|debian|rpm))/"
    r"|(?:^|/)\.gitpod\.dockerfile$|(?:^|/)(?:(?:docs?|sphinx|mkdocs)\.Dockerfile|Dockerfile[.-](?:docs?|sphinx|mkdocs))$"
    r"|(?:^|/)(?:Dockerfile|Containerfile)[._-](?:og|old|orig|bak|backup|deprecated|unused|disabled)$",
    re.IGNORECASE,
)
_DEVELOPMENT = regex(
    r"(?:^|[._/-])(?:dev|devel|devcontainer|development|debug|tests?|testing|e2e|ci|local|lint|pre-?commit)(?:$|[._/-])",
    re.IGNORECASE,
)
_NAMED_FOR_WORK = regex(
    r"(?:^|[._/-])(?:dev|devel|devcontainer|development|debug|tests?|testing|e2e|coverage|emulator|local|tilt|\w*codegen)(?:[._-][^/]*)?$"
    r"|(?:^|/)(?:Dockerfile|Containerfile)[._-]race(?:[._-](?:builds?|builder|detect(?:ion|or)|tests?))?$",
    re.IGNORECASE,
)
_TESTS = regex(
    r"(?:^|/)(?:tests?|testing|test[-_]?apps?|integ|integration|e2e|cypress|playwright|acceptance"
    r"|k6|(?:load|perf|performance|stress)[-_]?tests?|bench(?:marks?)?)/",
    re.IGNORECASE,
)
_WITHOUT_PRODUCTION = regex(
    r"\bbundle\s[^&;|]{0,300}\bwithout\b[^&;|\n]{0,300}\bproduction\b|\bBUNDLE_WITHOUT[= ][^\n]{0,300}\bproduction\b"
)
"""https://bundler.io/man/bundle-install.1.html"""
_RUNS = frozenset(("CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL", "USER"))
"""Instructions that say how an image is run."""
_NAMING = frozenset(("ADD", "COPY", "EXPOSE", "FROM", "USER", "WORKDIR"))
"""Instructions of names alone, in which nothing but a builder reads what stands between braces."""
_TOOLCHAINS = frozenset(
    (
        "cargo", "cypress", "go", "gradle", "jest", "make", "mvn", "npm", "playwright", "pnpm", "pytest", "rspec", "tox", "yarn",
    )
)  # fmt: skip
"""Programs that build or test a project, which of it their first argument says."""
_WORK = regex(
    r"(?:.*[:_-])?(?:all|bench|build|check|ci|clean|compile|coverage|e2e|fmt|generate|install|lint|package|tests?|verify|vet)(?:[:_-].*)?"
    r"|-h|-v|--help|--version|help|version"
)
"""Such an argument, where it starts nothing that goes on."""
_NAMED_BUILDER = regex(
    r"(?:^|/)(?:[\w-]+[._-])?builder\.(?:Dockerfile|Containerfile)$"
    r"|(?:^|/)(?:Dockerfile|Containerfile)[._-](?:[\w-]+[._-])?builder(?:[._-][^/]*)?$",
    re.IGNORECASE,
)
_STANDS_IDLE = regex(
    r"(?:(?:/usr)?/bin/)?(?:cat|true|(?:ba|da|z)?sh(?: -[il]{1,2})?|sleep (?:\d+\w?|infinity)|tail -[fF] /dev/null)"
)
"""Commands that keep a container for those who copy files out of it, or work in it."""
_SERVES_WORK = regex(
    r"\b(?:npm|yarn|pnpm|bun)(?:\s+(?:run|run-script|(?:--prefix|--filter|workspace|-[CFw])\s+\S{1,60}|--?\w[\w=./-]{0,60})){0,4}\s+"
    r"(?:\w{1,40}[:_-]){0,2}dev(?:elop(?:ment)?)?(?:[:_-][\w.:-]{1,40})?(?![\w.=])"
    r"|\b(?:nodemon|ts-node-dev|webpack-dev-server)\b|\s--inspect(?:-brk)?\b|\bmanage\.py\s+runserver(?:_plus)?\b|\bfastapi\s+dev\b"
    r"|\bflask\b[^;&|]{0,80}\s--debug\b|\b(?:uvicorn|gunicorn|hypercorn)\b[^;&|]{0,200}\s--reload\b"
    r"|\b(?:next|nuxt|nuxi|astro)\s+dev\b|\bgatsby\s+develop\b|\bng\s+serve\b|\bwebpack\s+serve\b|\breact-scripts\s+start\b"
    r"|(?:^|[\s/])vite(?:\s+(?:dev|serve|--?\w)|\s*$)|^(?:\S{0,40}/)?air(?:\s+-|\s*$)"
)
"""Commands that serve a project to those who change it, anew at each change or with a debugger."""
_GENERATED = regex(
    r"(?<!no longer )\bgenerated\b.*\b(?:by|from|via|do not edit)\b|\bdo not edit\b", re.IGNORECASE
)
_FOR_TESTS = regex(
    r"^(?=.*\b(?:image|dockerfile|container|cluster|database|server|service)\b).*"
    r"(?:\b(?:image|container)\s+(?:only\s+)?runs?\s+(?:the\s+)?(?:\w+\s+)?tests?\b"
    r"|\b(?:used|intended|meant|only|just|image|dockerfile|container)\s+(?:is\s+)?(?:only\s+)?(?:in|for|by)\s+"
    r"(?:(?!(?:and|but|of|or|than|that|to|which|with)\b)[\w/-]{1,40}\s+){0,4}(?:tests?|testing|test\s+suite|development|debugging)\b)"
    r"|^(?:an?\s+|the\s+)?test(?:-only)?\s+(?:docker\s+)?(?:image|container)\b",
    re.IGNORECASE,
)
_FOR_MORE = regex(
    r"\bproduction\b|\breleases?\b|\bnot\b|\bnever\b|\btarget\b|\bARG\b|\bstage\b", re.IGNORECASE
)
"""What a comment that speaks of another use, or of a part of the file, says beside it."""
_NOT_IN_USE = regex(
    r"^(?!.*\b(?:until|unless|if|stage|arg)\b).*\b(?:image|dockerfile|file|container)\b.{0,40}\b(?:not|no\s+longer)\s+(?:currently\s+)?"
    r"(?:in\s+use|used|built|maintained|supported|deployed)\b(?!\s+(?:in|on|by|for|with|to)\b)",
    re.IGNORECASE,
)
_WINDOWS = regex(r"windows|nanoserver", re.IGNORECASE)
_SHELL_OF_WINDOWS = regex(r"\[\s*\"(?:powershell|cmd)\b", re.IGNORECASE)
_REMOTE = regex(r"https?://|git@|ssh://|git://")


class CopySource(Record):
    """One source of a `COPY` or `ADD`."""

    word: Word
    path: str | None
    """Relative to the context, or to the root of the stage, cleaned; empty for that itself. None for a URL or an unknown value."""


class Copy(Record):
    """A `COPY` or `ADD`, from the build context or from a stage."""

    stage: Stage
    instruction: Instruction
    sources: tuple[CopySource, ...]


class Ran(Record, eq=False):
    """A command that a `RUN` in shell form runs."""

    text: Text
    stage: Stage
    instruction: Instruction
    script: shell.Script
    command: shell.Command

    def place(self, span: Span) -> Location:
        """Where a span of the script stands in the file."""
        source = self.instruction.shell
        start = source.span.start if source else 0
        return Location(self.text, Span(start + span.start, start + span.end))


class Shipping(NamedTuple):
    """What becomes of the image of a Dockerfile, as far as the other files of the repository show it."""

    is_published: bool
    """Whether a build may push it to somewhere."""
    is_kept_here: bool
    """Whether it certainly is not published."""
    is_passed_over: bool
    """Whether nobody is expected to take it: the builds are of other files or of tests alone, newer versions lie beside it,
    no file that may build speaks of it, another image takes its folder in, or the repository is one of examples."""
    targets: frozenset[str | None] = frozenset()
    """What the builds that publish it give as `target`: empty for none, None for one that is not known."""
    serves_changes: bool = False
    """Whether a script of the repository has it serve the project to those who change it."""


NOT_KNOWN = Shipping(is_published=False, is_kept_here=False, is_passed_over=False)


class Dockerfile(Record, eq=False, dict=True):
    """A Dockerfile, understood."""

    source: DockerfileSource
    shipping: Shipping = NOT_KNOWN

    @property
    def is_published(self) -> bool:
        """Whether a build of this repository may push its image to somewhere."""
        return self.shipping.is_published

    @property
    def text(self) -> Text:
        return self.source.text

    @property
    def path(self) -> str:
        return self.source.text.path

    @property
    def stages(self) -> tuple[Stage, ...]:
        return self.source.stages

    @property
    def final(self) -> Stage:
        """The last stage: what a build without `target` makes."""
        return self.source.stages[-1]

    @cached_property
    def published_stages(self) -> tuple[Stage, ...]:
        """The stages that builds are seen to publish, in the order of the file; the last one where none are."""
        found = [self.source.stage_named(name) if name else self.final for name in self.shipping.targets]
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
        head = self.stages[0].instruction.span.start
        return any(_GENERATED.search(one.text) for one in self.source.comments if one.span.start < head)

    @cached_property
    def _leaves_production_out(self) -> bool:
        """Whether Bundler installs all but what production needs."""
        runs = (it for stage in self.built for it in stage.instructions if it.keyword in ("RUN", "ENV"))
        return any(_WITHOUT_PRODUCTION.search(self.text[it.span]) for it in runs)

    @property
    def is_aside(self) -> bool:
        """Whether its image is not published, or its path says that it is for development, tests or examples, or a template."""
        return not self.is_published and (
            self.shipping.is_kept_here
            or self.is_vendored
            or self._is_said_to_be_for_tests
            or self._is_said_to_be_left
            or self._starts_toolchain
            or self._is_template
            or self._leaves_production_out
            or bool(_ASIDE.search(self.path) or _NAMED_FOR_WORK.search(self.path))
        )

    @cached_property
    def may_ship(self) -> bool:
        """Whether others run its image, as far as the files tell.

        A build pushes it; or none takes others in its place, nothing says that it is for development, tests or
        examples, and it says how it is run. Never in folders of tests.
        """
        if self.is_vendored or _TESTS.search(self.path):
            return False
        is_inner = self.is_aside or self.shipping.is_passed_over or is_development(self, self.shipped)
        keywords = {it.keyword for stage in self.ancestry(self.shipped) for it in stage.instructions}
        return self.is_published or (not is_inner and not keywords.isdisjoint(_RUNS))

    def comment_above(self, span: Span) -> str:
        """The text of the comments on the lines right above a place; empty where there are none."""
        by_line = {self.text.line_of(one.span.start): one.text for one in self.source.comments}
        line, lines = self.text.line_of(span.start) - 1, list[str]()
        while line in by_line:
            lines.insert(0, by_line[line])
            line -= 1
        return "\n".join(lines)

    @cached_property
    def _is_said_to_be_for_tests(self) -> bool:
        """Whether a comment above the first `FROM` says so of the image."""
        head = self.stages[0].instruction.span.start
        above = [one.text for one in self.source.comments if one.span.start < head]
        return any(_FOR_TESTS.search(line) and not _FOR_MORE.search(line) for line in above)

    @cached_property
    def _is_said_to_be_left(self) -> bool:
        """Whether a comment at the first `FROM`, above or right below it, says that the image is not in use."""
        first = self.stages[0].instruction.span
        end = min((it.span.start for it in self.stages[0].instructions), default=len(self.text.content))
        near = [one.text for one in self.source.comments if one.span.start < max(end, first.end)]
        return any(map(_NOT_IN_USE.search, near))

    @cached_property
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

    @cached_property
    def _starts_toolchain(self) -> bool:
        """Whether a container of it is a builder's or a tester's tool: its entry point is one, and no program follows."""
        entry, command = self.started
        is_one = len(entry) == 1 and posixpath.basename(entry[0]) in _TOOLCHAINS
        is_served = not {"EXPOSE", "HEALTHCHECK"}.isdisjoint(
            it.keyword for stage in self.ancestry(self.shipped) for it in stage.instructions
        )
        return is_one and not is_served and (not command or bool(_WORK.fullmatch(command[0])))

    @cached_property
    def is_builder(self) -> bool:
        """Whether its image is there to build in, or to take files out of: its name says so, it starts no program, and none is pushed."""
        entry, command = self.started
        started = " ".join((*entry, *command))
        is_idle = not started or bool(_STANDS_IDLE.fullmatch(started))
        return not self.is_published and is_idle and bool(_NAMED_BUILDER.search(self.path))

    @cached_property
    def started(self) -> tuple[list[str], list[str]]:
        """Entry point and command of the image that others run; of the shell form all is one word."""
        started: dict[str, list[str]] = {}
        for stage in reversed(self.ancestry(self.shipped)):
            own = {it.keyword: [word.value for word in it.arguments] for it in stage.instructions}
            started = own if "ENTRYPOINT" in own else {**started, **own}
        return started.get("ENTRYPOINT", []), started.get("CMD", [])

    @cached_property
    def serves_work(self) -> bool:
        """Whether a container of it serves the project to those who work on it: `npm run dev`, `uvicorn --reload`."""
        entry, command = self.started
        return self.shipping.serves_changes or serves_changes(" ".join((*entry, *command)))

    def location(self, span: Span, note: str = "") -> Location:
        return Location(self.text, span, note)

    def without(self, flag: Span) -> Edit:
        """Takes a flag of an instruction out, with the blank behind it, or with its line where it has one to itself."""
        text = self.text
        line = text.full_line(text.line_of(flag.start))
        before, behind = text[Span(line.start, flag.start)], text[Span(flag.end, line.end)]
        if not before.strip() and behind.strip() == self.source.escape:
            return Edit(self.path, line, "")
        return Edit(self.path, Span(flag.start, flag.end + behind.startswith(" ")), "")

    def ancestry(self, stage: Stage) -> tuple[Stage, ...]:
        """A stage and the stages of this file that it builds on, nearest first."""
        line = [stage]
        while (parent := self._parents[line[-1]]) is not None:
            line.append(parent)
        return tuple(line)

    @cached_property
    def _parents(self) -> Mapping[Stage, Stage | None]:
        """The earlier stage that each stage builds on."""
        found: dict[Stage, Stage | None] = {}
        by_name: dict[str, Stage] = {}
        for stage in self.stages:
            found[stage] = by_name.get((stage.base.literal or "").lower())
            if stage.name:
                by_name[stage.name] = stage
        return found

    def folder_at(self, stage: Stage, offset: int) -> str | None:
        """The working folder at a place in a stage; relative before the first `WORKDIR`, None if it is not known."""
        starts, folders = self._folders[stage]
        return folders[bisect.bisect_left(starts, offset)]

    @cached_property
    def _folders(self) -> Mapping[Stage, tuple[list[int], list[str | None]]]:
        """Where each stage changes its working folder, and the folders that it has: the first one is its parent's last."""
        found: dict[Stage, tuple[list[int], list[str | None]]] = {}
        for stage in self.stages:
            parent = self._parents[stage]
            folders = [found[parent][1][-1] if parent is not None else ""]
            changes = [it for it in stage.instructions if it.keyword == "WORKDIR" and it.arguments]
            for it in changes:
                named = self.evaluation.expand(it, it.arguments[0].value)
                is_known = folders[-1] is not None and named is not None
                folders.append(
                    posixpath.normpath(posixpath.join(folders[-1] or "", named or "")) if is_known else None
                )
            found[stage] = ([it.span.start for it in changes], folders)
        return found

    def base_image(self, stage: Stage) -> str | None:
        """The image that a stage builds on in the end; None if it depends on an argument without default."""
        return self.ancestry(stage)[-1].base.literal

    @cached_property
    def evaluation(self) -> Evaluation:
        """The file with the defaults of its arguments; those without one are not known."""
        return evaluate(self.source)

    def expanded_base(self, stage: Stage) -> str | None:
        """What a stage's `FROM` names if no build passes arguments; None for an earlier stage, or if it is not known."""
        values = self.evaluation.stages[stage.index]
        return None if values.parent is not None else values.base

    def on_windows(self, stage: Stage) -> bool:
        """Whether a stage makes an image for Windows, where shells, signals and users are others."""
        first = self.ancestry(stage)[-1]
        base = first.base.literal or self.expanded_base(first) or first.base.value
        shells = (it for one in self.ancestry(stage) for it in one.instructions if it.keyword == "SHELL")
        return (
            self.source.escape == "`"
            or bool(_WINDOWS.search(base))
            or any(_SHELL_OF_WINDOWS.search(self.text[it.span]) for it in shells)
        )

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

    def needed(self, target: Stage) -> frozenset[Stage]:
        """The stages that a build of one needs, itself included."""
        needed: set[Stage] = set()
        waiting = [target]
        while waiting:
            stage = waiting.pop()
            if stage not in needed:
                needed.add(stage)
                waiting += self.ancestry(stage)[1:]
                waiting += (other for it in stage.instructions for other in self.sources_of(it))
        return frozenset(needed)

    def sources_of(self, instruction: Instruction) -> Iterator[Stage]:
        """The stages that an instruction copies or mounts from."""
        flag = instruction.flag("from")
        stages = [self.source.copied_stage(flag.value)] if flag and flag.value else []
        for mount in instruction.flags:
            field = mount.field("from") if mount.name == "mount" else None
            stages.append(self.source.stage_named(field.value) if field and field.value else None)
        return (stage for stage in stages if stage is not None)

    @cached_property
    def copies(self) -> tuple[Copy, ...]:
        """What is copied from the context, in file order; heredocs and copies from elsewhere left out."""
        return tuple(one for one in self._copies if one.instruction.flag("from") is None)

    @cached_property
    def copies_of_stages(self) -> tuple[Copy, ...]:
        """What is copied from other stages, in file order."""
        return tuple(one for one in self._copies if any(self.sources_of(one.instruction)))

    @cached_property
    def _copies(self) -> tuple[Copy, ...]:
        return tuple(
            Copy(
                stage,
                instruction,
                tuple(CopySource(word, _context_path(word)) for word in instruction.sources),
            )
            for stage in self.stages
            for instruction in stage.instructions
            if instruction.keyword in ("COPY", "ADD")
        )

    def commands(self) -> tuple[Ran, ...]:
        """The commands of all `RUN`s in shell form that are certain, in file order."""
        return self._ran

    @cached_property
    def _ran(self) -> tuple[Ran, ...]:
        found: list[Ran] = []
        for stage in self.stages:
            for it in stage.instructions:
                if (
                    it.keyword == "RUN"
                    and it.shell is not None
                    and not it.shell.shebang
                    and not self.on_windows(stage)
                ):
                    script = shell.parse(it.shell.source)
                    found += (
                        Ran(self.text, stage, it, script, command)
                        for command in script.commands
                        if not command.uncertain
                    )
        return tuple(found)

    def users(self, stage: Stage) -> dict[str, User]:
        """The users that a stage has from its own and its ancestors' `RUN`s, by name."""
        return self._users[stage]

    @cached_property
    def _users(self) -> Mapping[Stage, dict[str, User]]:
        found: dict[Stage, dict[str, User]] = {}
        for stage in self.stages:
            parent = self._parents[stage]
            inherited = found[parent] if parent is not None else {}
            found[stage] = {**inherited, **{user.name: user for user in users_of(stage)}}
        return found

    def groups(self, stage: Stage) -> dict[str, int]:
        """The groups likewise, with their ids where these are given."""
        return {name: gid for ancestor in reversed(self.ancestry(stage)) for name, gid in groups_of(ancestor)}


def is_development(dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether the name of a file or of a stage says that its image is for development or tests, or what it runs, where none is pushed."""
    is_named = bool(_DEVELOPMENT.search(dockerfile.path) or _DEVELOPMENT.search(stage.name or ""))
    is_shipped = stage is dockerfile.shipped and not dockerfile.is_published
    return is_named or (is_shipped and dockerfile.serves_work)


def serves_changes(command: str) -> bool:
    """Whether a command serves a project to those who change it, anew at each change or with a debugger: `nodemon`."""
    return bool(_SERVES_WORK.search(command))


def is_vendored(path: str) -> bool:
    """Whether a path lies among copies of other projects or data of tests."""
    return bool(_VENDORED.search(path))


def parse_dockerfile(text: Text) -> Dockerfile:
    """The Dockerfile in a file. `CannotRead` where BuildKit refuses it."""
    return Dockerfile(parse_source(text))


def _context_path(word: Word) -> str | None:
    if word.literal is None or _REMOTE.match(word.literal) or word.literal.endswith(".git"):
        return None
    path = posixpath.normpath("/" + word.literal.replace("/./", "/"))
    return path.lstrip("/")
