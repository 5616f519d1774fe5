"""What the image of a Dockerfile is there for, as its path, its comments and the programs that it starts say."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence

from checks.facts.asides import PAGES, SAMPLES, TESTS
from checks.regex import regex
from checks.source.command import Command

_ASIDE = regex(
    r"(?:^|/)(?:\.(?:devcontainer|cursor|vscode|gitpod|clusterfuzzlite|localstack|github)"
    r"|(?:[\w-]+[-_])?(?:tests?|mocks?|fakes?|stubs?)(?:[-_][\w-]+)?|fake\w*|mock\w*"
    rf"|test[._-]?envs?(?:[-_][\w-]+)?|{TESTS}|{SAMPLES}|{PAGES}|\.workshops?|(?:demos?|samples?|examples?)[-_][\w-]+|[\w-]+[-_](?:samples?|examples?)"
    r"|sanitizers|(?:a|l|m|t|ub)san|valgrind|fuzz|fuzz[-_]?tests?|fuzzing"
    r"|integ|integration|cypress|playwright|troubleshooting|hack|tools?|utils?|utilit(?:y|ies)|extras|experiments?|experimental|prototypes?|[._]?(?:archived?|deprecated)|unsupported(?:[-_]\w+)?|unmaintained|obsolete|retired|(?:dev|(?<!usr/)(?<!share/)local)(?:[-_](?:image|env))?|\.?ci(?:cd)?|local-running|packaging/(?:deb|debian|rpm))/"
    r"|(?:^|/)\.gitpod\.dockerfile$|(?:^|/)(?:(?:docs?|sphinx|mkdocs)\.Dockerfile|Dockerfile[.-](?:docs?|sphinx|mkdocs))$"
    r"|(?:^|/)(?:Dockerfile|Containerfile)[._-](?:og|old|orig|bak|backup|deprecated|unused|disabled)$",
    re.IGNORECASE,
)
_NAMED_FOR_WORK = regex(
    r"(?:^|[._/-])(?:dev|devel|devcontainer|development|debug|tests?|testing|e2e|coverage|emulator|local|tilt|\w*codegen"
    r"|sanitizers|(?:a|l|m|t|ub)san|valgrind|fuzz(?:ing)?)(?:[._-][^/]*)?$"
    r"|(?:^|/)(?:Dockerfile|Containerfile)[._-]race(?:[._-](?:builds?|builder|detect(?:ion|or)|tests?))?$",
    re.IGNORECASE,
)
_TESTS = regex(
    r"(?:^|/)(?:tests?|testing|test[-_]?apps?|integ|integration|e2e|cypress|playwright|acceptance"
    r"|k6|(?:load|perf|performance|stress)[-_]?tests?|bench(?:marks?)?)/",
    re.IGNORECASE,
)
_DEVELOPMENT = regex(
    r"(?:^|[._/-])(?:dev|devel|devcontainer|development|debug|tests?|testing|bench|benchmarks?|e2e|ci|local|lint|pre-?commit)(?:$|[._/-])",
    re.IGNORECASE,
)
_CI = regex(r"(?<![^._/-])ci(?![^._/-])", re.IGNORECASE)
_NAMED_BUILDER = regex(
    r"(?:^|/)(?:[\w-]+[._-])?builder\.(?:Dockerfile|Containerfile)$"
    r"|(?:^|/)(?:Dockerfile|Containerfile)[._-](?:[\w-]+[._-])?builder(?:[._-][^/]*)?$",
    re.IGNORECASE,
)
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
_PART = (
    r"(?:api|app(?:lication)?|back-?end|client|django|front-?end|go|next(?:\.?js)?|node(?:\.?js)?|php|python|rails|react|ruby|rust|server"
    r"|service|ui|vue|web(?:site)?|worker)"
)
"""A part of a project, or what it is written in."""
_IS_FOR_WORK = regex(
    r"(?<!if )(?<!when )(?<!where )(?<!unless )(?<!whether )(?<!once )\b(?:this|it)(?:['’]s|\s+is)\s+(?:(?:just|only|purely)\s+)?an?\s+(?:local\s+)?"
    r"dev(?:elopment)?(?:[- ]only)?\s+(?:docker\s+)?(?:image|container|dockerfile)\b(?!\s+(?:and|or|stage)\b)"
    r"|^(?:only\s+for\s+(?:local\s+)?development|for\s+(?:local\s+)?development(?:\s+(?:use|purposes))?\s+only)\W{0,3}$"
    rf"|^(?:an?\s+|the\s+)?(?:local\s+)?(?:{_PART}\s+){{0,2}}dev(?:elopment)?(?:[- ]only)?\s+(?:environment\s+)?(?:docker\s+)?(?:image|container|dockerfile)"
    r"(?=\s+(?:for|of|that|to|which|with)\b|\s{0,3}(?:$|[.,:;(—–-]))"
    r"(?!.{0,120}(?:\bDockerfile[.-]\w|\w[.-]Dockerfile\b|\.devcontainer\b|compose[\w.-]{0,40}\.ya?ml\b|\bthis\s+one\b))",
    re.IGNORECASE,
)
"""Of a comment at the head of a file with one stage: what it says of the image."""
_DOUBTS = regex(
    r"\b(?:assum\w+|don['’]t|do\s+not|in\s+case|neither|no\s+longer|unlike|whether)\b", re.IGNORECASE
)
"""What the clause ahead of that takes it back with."""
_CLAUSE = regex(r"[,;:!?]|\.(?!\d)|\b(?:as|because|since)\s{1,9}$", re.IGNORECASE)
"""What a clause begins behind: a mark, or straight ahead of it what says that it is the reason for the one ahead."""
_NOT_IN_USE = regex(
    r"^(?!.*\b(?:until|unless|if|stage|arg)\b).*\b(?:image|dockerfile|file|container)\b.{0,40}\b(?:not|no\s+longer)\s+(?:currently\s+)?"
    r"(?:in\s+use|used|built|maintained|supported|deployed)\b(?!\s+(?:in|on|by|for|with|to)\b)",
    re.IGNORECASE,
)
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
_STANDS_IDLE = regex(
    r"(?:(?:/usr)?/bin/)?(?:cat|true|(?:ba|da|z)?sh(?: -[il]{1,2})?|sleep (?:\d+\w?|infinity)|tail -[fF] /dev/null)"
)
"""Commands that keep a container for those who copy files out of it, or work in it."""
_SERVES_WORK = regex(
    r"\b(?:npm|yarn|pnpm|bun)(?:\s+(?:run|run-script|(?:--prefix|--filter|workspace|-[CFw])\s+\S{1,60}|--?\w[\w=./-]{0,60})){0,4}\s+"
    r"(?:\w{1,40}[:_-]){0,2}dev(?:elop(?:ment)?)?(?:[:_-][\w.:-]{1,40})?(?![\w.=])"
    r"|\b(?:nodemon|ts-node-dev|webpack-dev-server)\b|\s--inspect(?:-brk)?\b|\bmanage\.py\s+runserver(?:_plus)?\b|\bfastapi\s+dev\b"
    r"|\bflask\b[^;&|]{0,80}\s--debug\b|\b(?:uvicorn|gunicorn|hypercorn)\b[^;&|]{0,200}\s--reload\b"
    r"|\b(?:next|nuxt|nuxi|astro)\s+dev\b|\bgatsby\s+develop\b|\bng\s+serve\b|\bwebpack\s+serve\b|\b(?:craco|react-app-rewired|react-scripts)\s+start\b"
    r"|\bember\s+(?:s|serve|server)\b|\bvue-cli-service\s+serve\b|\bnest\s+start\b[^;&|]{0,80}\s(?:-w|--watch)\b|\b(?:cargo|dotnet|tsx)\s+watch\b"
    r"|(?:^|[\s/])vite(?:\s+(?:dev|serve|--?\w)|\s*$)|^(?:\S{0,40}/)?air(?:\s+-|\s*$)"
    r"|(?:^|[\s/._-])dev[-_.]?server\.(?:[cm]?[jt]s|py|rb|sh)\b"
    r"|(?:^|[\s/])(?:[\w.]{1,40}[-_])?(?:dev|local)net(?:[-_][\w.-]{1,40})?\.(?:sh|py|js|ts)\b"
)
"""Commands that serve a project to those who change it, anew at each change, with a debugger, or as a network of its own.

https://cli.emberjs.com/release/basic-use/cli-commands/
https://cli.vuejs.org/guide/cli-service.html#vue-cli-service-serve
https://docs.nestjs.com/cli/usages#nest-start
"""
_DEBUGGERS = frozenset(("gdb", "lldb", "ltrace", "strace", "valgrind"))
_EDITORS = regex(r"(?:emacs|nano|neovim|vim)(?:-(?:enhanced|gtk3?|minimal|nox|tiny))?")
"""Packages of them. Terminals with several windows stand beside debuggers in images of servers for games, too."""
_INSTALLERS = frozenset(("apk", "apt", "apt-get", "dnf", "microdnf", "yum"))
_ADDS = frozenset(("add", "install"))
_WITHOUT_PRODUCTION = regex(
    r"\bbundle\s[^&;|]{0,300}\bwithout\b[^&;|\n]{0,300}\bproduction\b|\bBUNDLE_WITHOUT[= ][^\n]{0,300}\bproduction\b"
)
"""https://bundler.io/man/bundle-install.1.html"""


def is_named_aside(path: str) -> bool:
    """Whether the path of a Dockerfile says that it is for development, tests, examples or pages, or is kept unused."""
    return bool(_ASIDE.search(path) or _NAMED_FOR_WORK.search(path))


def is_among_tests(path: str) -> bool:
    """Whether a path lies in a folder of tests."""
    return bool(_TESTS.search(path))


def is_of_dev_container(path: str) -> bool:
    """Whether a path lies in the folder of the container that a repository is worked on in, which may be pushed for that.

    Of that folder below another one, it may be the product: https://containers.dev/implementors/spec/#devcontainerjson
    """
    return path.startswith(".devcontainer/")


def is_named_for_development(name: str) -> bool:
    """Whether the path of a Dockerfile or the name of a stage says that it is for development, tests or checks."""
    return bool(_DEVELOPMENT.search(name))


def is_named_for_ci_alone(path: str) -> bool:
    """Whether all that a path says of these is `ci`: what checks the project there, or what is built there."""
    return is_named_for_development(path) and not is_named_for_development(_CI.sub("", path))


def is_named_builder(path: str) -> bool:
    """Whether the name of a Dockerfile says that its image is one to build in."""
    return bool(_NAMED_BUILDER.search(path))


def says_generated(comment: str) -> bool:
    """Whether a comment says that a program writes the file."""
    return bool(_GENERATED.search(comment))


def says_for_tests(comment: str) -> bool:
    """Whether a comment says that the image is for tests or development, and speaks of nothing else."""
    return bool(_FOR_TESTS.search(comment)) and not _FOR_MORE.search(comment)


def says_for_work(comment: str) -> bool:
    """Whether a comment says that the image is one to develop in, whatever else it speaks of: `this is a dev container`."""
    found = _IS_FOR_WORK.search(comment)
    return found is not None and not _DOUBTS.search(_CLAUSE.split(comment[: found.start()])[-1])


def says_not_in_use(comment: str) -> bool:
    """Whether a comment says that the image is no longer in use, or not yet."""
    return bool(_NOT_IN_USE.search(comment))


def is_toolchain(entry: Sequence[str], command: Sequence[str]) -> bool:
    """Whether an entry point and a command are a builder's or a tester's tool, behind which no program follows."""
    is_one = len(entry) == 1 and posixpath.basename(entry[0]) in _TOOLCHAINS
    return is_one and (not command or bool(_WORK.fullmatch(command[0])))


def stands_idle(command: str) -> bool:
    """Whether a command is none, or only keeps a container for those who copy files out of it, or work in it."""
    return not command or bool(_STANDS_IDLE.fullmatch(command))


def serves_changes(command: str) -> bool:
    """Whether a command serves a project to those who change it, anew at each change or with a debugger: `nodemon`."""
    return bool(_SERVES_WORK.search(command))


def is_workplace(commands: Iterable[Command]) -> bool:
    """Whether packages of a debugger and of an editor are installed: for those who work in a container."""
    named = (one.literals for one in commands if one.program in _INSTALLERS)
    packages = {word for words in named if not _ADDS.isdisjoint(words) for word in words}
    return not _DEBUGGERS.isdisjoint(packages) and any(map(_EDITORS.fullmatch, packages))


def leaves_production_out(instruction: str) -> bool:
    """Whether an instruction has Bundler install all but what production needs."""
    return bool(_WITHOUT_PRODUCTION.search(instruction))
