"""What the programs of a script may do on the runner: push, ask for an OIDC token, run code of a project."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checks.facts.script.command_lines import invocation
from checks.facts.script.inline_node import is_plain_node
from checks.facts.script.inline_python import is_plain_python, module_run
from checks.facts.script.scripts import Command, Expression, Script, Variable, Word, parse_script
from checks.facts.workflow.workflows import Step
from checks.regex import regex
from checks.source.expression import ExpressionError, is_truth, parse
from checks.source.word import Hole

_PACKAGE_MANAGERS = frozenset(("npm", "pnpm", "yarn"))
_TOOLS = frozenset(
    (
        "gofmt",
        "golangci-lint",
        "gosec",
        "govulncheck",
        "grype",
        "hadolint",
        "ruff",
        "staticcheck",
        "syft",
        "trivy",
    )
)
"""Formatters, linters and scanners: these names are theirs wherever the program lies."""
_KNOWN_PROGRAMS = _TOOLS | _PACKAGE_MANAGERS | frozenset((
    "[", "[[", ":", "aws", "awk", "base64", "basename", "bc", "cat", "cd", "chmod", "chown", "cmp", "column", "comm", "cp", "curl", "cut",
    "date", "df", "diff", "dirname", "docker", "du", "echo", "env", "exit", "export", "expr", "false", "find", "fold", "git", "go",
    "grep", "gunzip", "gzip", "head", "hostname", "id", "jq", "kill", "ls", "lsb_release", "md5sum", "mkdir", "mktemp", "mv", "nproc",
    "numfmt", "openssl", "paste", "pgrep", "pip", "pip3", "popd", "printf", "pushd", "pwd", "pytest", "read", "readlink", "readonly", "realpath", "return", "rev", "rm",
    "rmdir", "sed", "seq", "set", "sha1sum", "sha256sum", "sha512sum", "shasum", "shellcheck", "shift", "shopt", "sleep", "sort",
    "stat", "tac", "tail", "tar", "tee", "test", "touch", "tr", "trap", "true", "type", "typeset", "umask", "uname", "uniq", "unset",
    "unzip", "wait", "wc", "wget", "which", "whoami", "xz", "zip", "zstd",
))  # fmt: skip
"""Programs that neither push with the checkout's token nor ask for an OIDC token, but for what is said below."""
INERT = frozenset((":", "[", "[[", "echo", "exit", "printf", "test"))
"""Those that do nothing with what they are given, but say or compare it."""
_PUBLISH = frozenset(("publish", "push", "release"))
_BUILTINS = frozenset(("break", "continue", "declare", "local", "mapfile", "readarray", "unset"))
_CLIENTS = frozenset(("crane", "docker", "docker-compose", "helm", "oras", "skopeo"))
"""Clients of registries: what they push goes by a login to these."""
_OF_IMAGES = frozenset(
    (
        "image",
        "images",
        "inspect",
        "load",
        "login",
        "logout",
        "manifest",
        "pull",
        "push",
        "rmi",
        "save",
        "tag",
    )
)
"""What `docker` does without handing the environment to code of somebody else."""
OF_CLIENTS: Mapping[str, frozenset[str]] = {
    "crane": frozenset(("append", "copy", "cp", "digest", "export", "ls", "manifest", "mutate", "pull", "push", "tag")),
    "docker": _OF_IMAGES,
    "helm": frozenset(("lint", "package", "pull", "push", "registry", "repo", "show", "version")),
    "oras": frozenset(("attach", "copy", "cp", "discover", "manifest", "pull", "push", "tag", "version")),
    "podman": _OF_IMAGES,
    "skopeo": frozenset(("copy", "inspect", "list-tags", "sync")),
}  # fmt: skip
"""By client of registries what it does with none of the token but what it has logged in with."""
_BUILDS = (
    ("build",),
    ("builder", "build"),
    ("buildx", "bake"),
    ("buildx", "build"),
    ("compose", "build"),
    ("image", "build"),
)
"""What `docker` does in containers of its own, in which the checkout's token is no file of the machine."""
_OF_CONTAINERS = frozenset(
    (
        "info",
        "kill",
        "logs",
        "network",
        "port",
        "ps",
        "rm",
        "stats",
        "stop",
        "top",
        "version",
        "volume",
        "wait",
    )
)
"""What `docker` does with containers that run, without a command of its own in one."""
_INTO_CONTAINER = regex(
    r"-[diPqt]*v.*|--(?:device|env-file|mount|pid|privileged|security-opt|volumes?(?:-from)?)(?:=.*)?",
    re.DOTALL,
)
"""Options by which a container gets more of the machine than variables: https://docs.docker.com/reference/cli/docker/container/run/"""
_EMULATORS = regex(
    r"(?:docker\.io/)?(?:tonistiigi/binfmt|multiarch/qemu-user-static|docker/binfmt|linuxkit/binfmt)(?:[:@].*)?"
)
"""Images that tell the kernel of a machine of programs for other processors, and look at nothing else of it.

https://github.com/tonistiigi/binfmt#installing-emulators
"""
_OF_IMAGE = regex(r"image|img|container|repo|tag|name|ref|digest", re.IGNORECASE)
"""In the name of what holds an image."""
_OF_BUILDX = frozenset(
    ("create", "du", "imagetools", "inspect", "ls", "prune", "rm", "stop", "use", "version")
)
_LOOKS_OR_CLEANS = frozenset((("builder", "prune"), *(("system", verb) for verb in ("df", "info", "prune"))))
"""What `docker` does to see how much room there is, and to make some."""
_RUNS_WHAT_IT_FINDS = ("-exec", "-ok")
"""Options of `find` behind which stands another program."""
_OF_CLUSTERS = frozenset(("get", "install", "list", "rollback", "status", "test", "uninstall", "upgrade"))
"""What `helm` does in a cluster, to which it may log in by a program of its configuration."""
_CHECKERS = frozenset(
    (
        "actionlint",
        "ah",
        "check-jsonschema",
        "ct",
        "helm-docs",
        "kube-linter",
        "kubeconform",
        "kustomize",
        "yamllint",
        "yq",
    )
)
"""Programs that look through files or edit them."""
_INSTALLERS = frozenset(("apk", "apt", "apt-get", "dnf", "dpkg", "microdnf", "yum"))
"""Package managers of distributions, which know nothing of the repository."""
_OF_OTHER_PLACES = frozenset(
    (
        "az",
        "doctl",
        "flyctl",
        "gcloud",
        "gsutil",
        "heroku",
        "kubectl",
        "mysql",
        "mysqladmin",
        "pg_isready",
        "psql",
        "redis-cli",
        "rsync",
        "scp",
        "sftp",
        "ssh",
        "ssh-add",
        "ssh-keygen",
        "ssh-keyscan",
    )
)
"""Clients of clouds, clusters, databases and other machines, by logins of their own: what they do there no token of the checkout is for."""
_STARTS_HERE: Mapping[str, str] = {"heroku": "local"}
"""What one of them starts on the machine itself, the project: https://devcenter.heroku.com/articles/heroku-local"""
_MANAGES_MANAGERS = "corepack"
_SWITCHES = frozenset(("disable", "enable", "install", "prepare", "use"))
"""What of `corepack` runs nothing of a project."""
_TOKENLESS = _KNOWN_PROGRAMS | _BUILTINS | _CLIENTS | _CHECKERS | _INSTALLERS | {_MANAGES_MANAGERS}
"""All that neither push with the checkout's token nor ask for an OIDC token, but for what is said below."""
_MODULES = frozenset(("build", "pip", "pytest", "unittest", "venv"))
"""Modules that `python -m` runs, of which the same can be said as of `pip` and `pytest` by their own names."""
_COSIGN_ASKS_FOR_NONE = regex(r"verify[\w-]*|download|login|tree|triangulate|version")
"""What of `cosign` needs no identity."""
PLAIN_PROGRAMS = (
    _KNOWN_PROGRAMS - _PACKAGE_MANAGERS - {"go", "pip", "pip3", "pytest"}
    | _BUILTINS
    | _CLIENTS
    | _CHECKERS
    | {"cosign", "gh"}
)
"""Those that run nothing of a project or of its dependencies on the runner itself."""
PUSHLESS = PLAIN_PROGRAMS - _CLIENTS - {"aws", "cosign", "curl", "env", "find", "wget"}
"""Those of them that reach no registry, and run no other program."""
_SEEN = PUSHLESS | _INSTALLERS | {"aws", "cosign", "curl", "find", "wget"}
"""Those that run no other program, but for what is said below, and push no commit."""
_OF_GIT = frozenset((
    "add", "apply", "archive", "blame", "branch", "cat-file", "check-ignore", "checkout", "cherry-pick", "clean", "clone", "commit",
    "config", "describe", "diff", "diff-index", "diff-tree", "fetch", "for-each-ref", "grep", "hash-object", "init", "log", "ls-files",
    "ls-remote", "ls-tree", "merge", "merge-base", "mv", "name-rev", "pull", "push", "remote", "reset", "restore", "rev-list",
    "rev-parse", "revert", "rm", "shortlog", "show", "show-ref", "sparse-checkout", "stash", "status", "switch", "symbolic-ref",
    "tag", "update-index", "update-ref", "version", "worktree",
))  # fmt: skip
"""What of `git` runs no other command; any other word may be an alias, or a program of somebody's."""
_OF_SUBMODULES = tuple([verb] for verb in ("add", "deinit", "init", "status", "summary", "sync", "update"))
"""What of `git submodule` does so, which is all but `foreach`."""
_AWK_RUNS = regex(r"-f.*|.*(?:\bsystem\b|\|).*", re.DOTALL)
"""A program of `awk` that may run a command, or lies in a file."""
_VERSION_ASKED = (["--version"], ["-version"])
_BRIEFLY_ASKED: Mapping[str, str] = {
    **dict.fromkeys(
        ("bun", "bundle", "docker", "docker-compose", "gem", "gradle", "java", "mvn", "node", "npm", "npx", "php", "pnpm", "ruby", "terraform", "tofu", "yarn"),
        "-v",
    ),
    **dict.fromkeys(("cargo", "composer", "deno", "pip", "pip3", "python", "python3", "rustc"), "-V"),
}  # fmt: skip
"""By program the letter that asks for its version and for nothing else."""
_OF_PROJECTS = frozenset(("poetry", "uv"))
_VERSION_OF_PROJECT = (["version"], ["version", "--short"], ["version", "-s"])
"""What of these prints the version that `pyproject.toml` names: https://python-poetry.org/docs/cli/#version"""
_TERRAFORM = frozenset(("terraform", "tofu"))
_FORMATTED = (["fmt"], ["version"])
"""What of Terraform starts no provider: https://developer.hashicorp.com/terraform/cli/commands/fmt"""
_OF_GO = frozenset(
    ("build", "clean", "env", "fmt", "get", "install", "list", "mod", "version", "vet", "work")
)
"""What of `go` compiles a project or looks through it, and runs nothing of it: https://pkg.go.dev/cmd/go"""
_GO_RUNS = ("-toolexec", "--toolexec", "-vettool", "--vettool")
"""Options of that behind which stands another program."""
_USUAL_SCRIPT = regex(
    r"(?:ci|i|install|add|t|test|lint|build|check|typecheck|type-check|format)(?:[:.-][\w:.-]*)?"
)
"""What package managers are mostly asked for; any other script may be a release."""


def commands_in(step: Step) -> tuple[Command, ...] | None:
    """The commands of the script of a step, without the calls of its own functions; None where not all can be told."""
    if step.run is None or not step.is_shell_script:
        return None
    script = parse_script(step.run.value)
    return commands_of(script) if script.complete else None


def commands_of(script: Script) -> tuple[Command, ...]:
    """The commands of a script without the calls of its own functions, whose commands are among them."""
    return tuple(one for one in script.commands if one.program not in script.functions)


def is_plain_inline(command: Command, script: str) -> bool:
    """Whether a command of a script runs code that stands in it, which takes nothing of others and starts no program."""
    return is_plain_python(command, script) or is_plain_node(command)


def runs_code_of_others(step: Step) -> bool:
    """Whether a script may run code of a project or of its dependencies on the runner itself."""
    return _runs_more(step, PLAIN_PROGRAMS | _OF_OTHER_PLACES)


def may_run_project(step: Step) -> bool:
    """Whether it may run code of the project, which package managers of distributions know nothing of."""
    return _runs_more(step, PLAIN_PROGRAMS | _OF_OTHER_PLACES | _INSTALLERS)


def _runs_more(step: Step, plain: frozenset[str]) -> bool:
    """Whether a script may run more than programs that are plain, and these as what they are."""
    commands, text = commands_in(step), step.run.value if step.run else ""
    return commands is None or any(
        (runs_other_than(command, plain) or _starts_here(command))
        and not (says_what_it_is(command) or is_plain_inline(command, text))
        for command in commands
    )


_BUILT_IN: Mapping[str, frozenset[str]] = {
    "npm": frozenset(("audit", "cache", "config", "dedupe", "fund", "get", "list", "ls", "outdated", "prune", "root", "set", "view")),
    "pnpm": frozenset(("audit", "config", "deploy", "fetch", "import", "list", "ls", "outdated", "prune", "root", "store", "why")),
    "yarn": frozenset(("audit", "cache", "config", "info", "list", "outdated", "why")),
}  # fmt: skip
"""By package manager what it does itself, whatever scripts a project has: https://pnpm.io/cli/deploy copies a package of the workspace."""
_WITH_VALUES = frozenset(("--cwd", "--dir", "--filter", "--prefix", "--workspace", "-C", "-F"))
"""Options of these that take the next word."""


def may_run_unseen(step: Step) -> bool:
    """Whether a script may run more than what stands in it: code of the project, or whatever a variable or its own shell names."""
    commands = commands_in(step)
    text = step.run.value if step.run else ""
    return (
        commands is None
        or not step.is_run_alone
        or any(_may_run_unseen(command) and not is_plain_inline(command, text) for command in commands)
    )


def _may_run_unseen(command: Command) -> bool:
    """A `trap` runs a text later on."""
    asked = [word.literal for word in command.arguments] or [None]
    is_open = {
        "awk": any(one is None or _AWK_RUNS.fullmatch(one) for one in asked),
        "find": runs_what_it_finds(command),
        "go": asked[0] not in _OF_GO or any((one or "").startswith(_GO_RUNS) for one in asked),
        "git": asked[0] not in _OF_GIT and not (asked[0] == "submodule" and asked[1:2] in _OF_SUBMODULES),
        "trap": True,
    }
    if command.program in OF_CLIENTS and not command.uncertain:
        return not _moves_or_builds(command)
    return (
        is_open.get(command.program or "", False)
        or _starts_here(command)
        or _reads_stored_token(command)
        or (runs_other_than(command, _SEEN | _OF_OTHER_PLACES | {"go"}) and not says_what_it_is(command))
    )


def _reads_stored_token(command: Command) -> bool:
    """Whether a command asks git for the token that older checkouts leave, or reads the file with it: any other may use it then."""
    words = command.literals
    if command.program == "git" and words[:1] == ["config"]:
        is_named_last = "extraheader" in words[-1].lower()
        return is_named_last and not any("unset" in word for word in words)
    return any(word.endswith(".git/config") for word in words)


def _starts_here(command: Command) -> bool:
    """Whether a client of another place runs what it is for on the machine itself, or may."""
    said = command.arguments[0].literal if command.arguments else ""
    word = _STARTS_HERE.get(command.program or "")
    return word is not None and (said is None or said.startswith(word))


def _moves_or_builds(command: Command) -> bool:
    """Whether a client of registries runs nothing on the machine itself."""
    first, second = [*(word.literal for word in command.arguments[:2]), None, None][:2]
    if first in OF_CLIENTS[command.program or ""] or (first == "buildx" and second in _OF_BUILDX):
        return True
    if command.program not in ("docker", "podman"):
        return False
    is_about = first in _OF_CONTAINERS or not {(first,), (first, second)}.isdisjoint(
        (*_BUILDS, *_LOOKS_OR_CLEANS)
    )
    return is_about or (first == "run" and _is_shut_off(command))


def _is_shut_off(command: Command) -> bool:
    """Whether a container that is started gets nothing of the machine but what variables hold."""
    read = invocation(command)
    operands = read.arguments.operands if read is not None and read.image is None else ()
    before = (word for word in command.arguments if not operands or word.span.start <= operands[0].span.start)
    if any(map(_is_open_option, before)) or (len(operands) > 1 and not _is_image(operands[0])):
        return False
    registers = bool(operands) and _EMULATORS.fullmatch(operands[0].literal or "") is not None
    return not any(
        (
            _INTO_CONTAINER.fullmatch(word.literal if word.literal is not None else word.prefix)
            and not (registers and word.literal == "--privileged")
        )
        or word.plural
        or (not word.prefix and not all(map(_is_one_word, word.holes)))
        for word in command.arguments
    )


def _is_open_option(word: Word) -> bool:
    """Whether a word is an option of which the name is filled in."""
    is_long = word.prefix.startswith("--") and "=" not in word.prefix
    return bool(word.holes) and (word.prefix == "-" or is_long)


def _is_image(word: Word) -> bool:
    """Whether a word in front of others is an image, where it may be an option that is filled in, too."""
    only = word.parts[0] if len(word.parts) == 1 else ""
    name = only.name if isinstance(only, Variable) else only.source if isinstance(only, Expression) else None
    return isinstance(only, str) or (name is not None and _OF_IMAGE.search(name) is not None)


def runs_what_it_finds(command: Command) -> bool:
    """Whether `find` hands what it finds to another program."""
    return any((word.literal or "").startswith(_RUNS_WHAT_IT_FINDS) for word in command.arguments)


def runs_other_than(command: Command, plain: frozenset[str]) -> bool:
    """Whether a command runs a program that is not, or not certainly, one of some."""
    return not runs_nothing(command) and (command.uncertain or command.program not in plain)


def runs_nothing(command: Command) -> bool:
    """Whether a command runs no program, or `xargs` without one, which says what it reads."""
    says = command.program == "xargs" and all(
        (one.literal or "").startswith("-") for one in command.arguments
    )
    return not command.words or _is_truth_value(command) or says


def _is_truth_value(command: Command) -> bool:
    """Whether a command is an expression that comes to `true` or `false`, which are programs."""
    pieces = command.words[0].pieces if len(command.words) == 1 else ()
    written = pieces[0] if len(pieces) == 1 else None
    try:
        return isinstance(written, Expression) and is_truth(parse(written.source))
    except ExpressionError:
        return False


def is_harmless(command: Command) -> bool:
    """Whether a command neither pushes with the checkout's token nor, signatures aside, asks for an OIDC token."""
    if runs_nothing(command) or command.program in INERT or says_what_it_is(command):
        return True
    words = [word.literal or "" for word in _said(command)]
    if command.program == "command" and command.arguments and command.arguments[0].literal in ("-v", "-V"):
        return True
    if module_run(command) in _MODULES or (command.program == "cosign" and not command.uncertain):
        return True
    if command.uncertain or name_of(command) not in _TOKENLESS:
        return False
    if command.program in _PACKAGE_MANAGERS:
        said = words[1:2] if words[:1] == ["run"] else words[:1]
        is_built_in = not _BUILT_IN[command.program].isdisjoint(words[:1])
        return is_built_in or all(_USUAL_SCRIPT.fullmatch(word) for word in said)
    if command.program == _MANAGES_MANAGERS:
        return not _SWITCHES.isdisjoint(words[:1])
    if command.program == "helm":
        return _OF_CLUSTERS.isdisjoint(words[:1])
    if command.program == "go":
        return {"run", "generate"}.isdisjoint(words[:1])
    return _PUBLISH.isdisjoint(words) or command.program in _CLIENTS


def _is_one_word(hole: Hole) -> bool:
    """Whether what is filled in adds no further options."""
    return isinstance(hole, Expression) or (isinstance(hole, Variable) and hole.quoted)


def _said(command: Command) -> Iterator[Word]:
    """The words that a command is given, without its options; of a package manager also without what some of these take."""
    takes_values = command.program in _PACKAGE_MANAGERS
    before = ""
    for word in command.arguments:
        is_value = takes_values and before in _WITH_VALUES
        before = word.literal or ""
        if not is_value and not word.prefix.startswith("-"):
            yield word


def says_what_it_is(command: Command) -> bool:
    """Whether a program that is not a file of the project prints its version, or the project's, and ends, or formats what Terraform reads."""
    asked = [word.literal for word in command.arguments]
    name = command.unwrapped.name
    if command.uncertain or name is None or "/" in (name.literal or "/"):
        return False
    return (
        asked in _VERSION_ASKED
        or asked == [_BRIEFLY_ASKED.get(command.program or "")]
        or (command.program in _OF_PROJECTS and asked in _VERSION_OF_PROJECT)
        or (command.program in _TERRAFORM and asked[:1] in _FORMATTED)
    )


def pushes_nothing(command: Command) -> bool:
    """Whether a command certainly pushes no commit with the checkout's token, whatever else it may do."""
    is_elsewhere = not runs_other_than(command, _OF_OTHER_PLACES) and not _starts_here(command)
    return is_harmless(command) or is_elsewhere


def pushes_as_it_says(command: Command) -> bool:
    """Whether a command runs nothing but what it says, and pushes no commit."""
    return pushes_nothing(command) and not _may_run_unseen(command)


def may_sign(command: Command) -> bool:
    """Whether a command asks for an OIDC token to sign by, which pushes no commit."""
    asked = command.arguments[0].literal if command.arguments else None
    return command.program == "cosign" and not _COSIGN_ASKS_FOR_NONE.fullmatch(asked or "")


def name_of(command: Command) -> str | None:
    """The program that a command runs; a formatter, linter or scanner also where its folder isn't known."""
    if command.program is not None or not command.words:
        return command.program
    last = command.words[0].parts[-1:]
    name = last[0].rpartition("/")[2] if last and isinstance(last[0], str) and "/" in last[0] else None
    return name if name in _TOOLS else None
