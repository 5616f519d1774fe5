"""Which scopes of the job's `GITHUB_TOKEN` a script may write with: by what it is given, and by what it runs.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from checks.facts.script.scripts import Command, Expression, Script, Variable, parse_script
from checks.facts.token.action_scopes import has_own_token, scopes_of_action
from checks.facts.token.github_cli import is_given, scopes_of_step
from checks.facts.workflow.workflows import Step, strings
from checks.regex import regex
from checks.source.expression import ExpressionError, is_truth, parse

_NAMES = regex(r"\w+")
_NO_SCOPE = ""
_OIDC_REQUEST = "ACTIONS_ID_TOKEN_REQUEST"
"""The variables by which any program can ask for an OIDC token:
https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token"""
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
    "[", "[[", ":", "aws", "awk", "base64", "basename", "cat", "cd", "chmod", "chown", "cmp", "column", "comm", "cp", "curl", "cut",
    "date", "df", "diff", "dirname", "docker", "du", "echo", "env", "exit", "export", "expr", "false", "find", "fold", "git", "go",
    "grep", "gunzip", "gzip", "head", "hostname", "id", "jq", "ls", "md5sum", "mkdir", "mktemp", "mv", "nproc", "numfmt", "paste",
    "pip", "pip3", "popd", "printf", "pushd", "pwd", "pytest", "read", "readlink", "readonly", "realpath", "return", "rev", "rm",
    "rmdir", "sed", "seq", "set", "sha1sum", "sha256sum", "sha512sum", "shellcheck", "shift", "shopt", "sleep", "sort",
    "stat", "tac", "tail", "tar", "tee", "test", "touch", "tr", "trap", "true", "type", "typeset", "umask", "uname", "uniq", "unset",
    "unzip", "wait", "wc", "wget", "which", "whoami", "xz", "zip", "zstd",
))  # fmt: skip
"""Programs that neither push with the checkout's token nor ask for an OIDC token, but for what is said below."""
_TESTS = frozenset((":", "[", "[[", "echo", "exit", "printf", "test"))
"""Those that do nothing with what they are given, but say or compare it."""
_SAYS = frozenset(("cat", "echo", "printf", "tee"))
"""Those that may put what they are given where a later step finds it."""
_FETCHERS = frozenset(("curl", "wget"))
"""Those that look for no token in their environment."""
_PUBLISH = frozenset(("publish", "push", "release"))
_BUILTINS = frozenset(("break", "continue", "declare", "local", "mapfile", "readarray", "unset"))
_CLIENTS = frozenset(("crane", "docker", "helm", "oras", "skopeo"))
"""Clients of registries: what they push goes by a login to these."""
_MOVES: Mapping[tuple[str, ...], bool] = {
    **{(program, "push"): True for program in ("docker", "podman")},
    **{
        (program, *verb.split()): False
        for program in ("docker", "podman")
        for verb in (
            "buildx imagetools inspect", "image inspect", "image ls", "image pull", "images", "inspect", "login", "logout",
            "manifest inspect", "pull", "rmi", "tag",
        )
    },
    **{("crane", verb): False for verb in ("config", "digest", "export", "ls", "manifest", "pull", "validate")},
    ("crane", "copy"): True,
    ("skopeo", "copy"): True,
    ("skopeo", "inspect"): False,
    ("skopeo", "list-tags"): False,
}  # fmt: skip
"""What clients of registries do with images that there are, and whether that pushes one."""
_OF_DEPLOYMENTS = frozenset(("kubectl",))
"""Programs that have clusters pull images, and push none."""
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
_MANAGES_MANAGERS = "corepack"
_SWITCHES = frozenset(("disable", "enable", "install", "prepare", "use"))
"""What of `corepack` runs nothing of a project."""
_LOGINS: Mapping[str, tuple[str, ...]] = {
    "buildah": ("login",),
    "cosign": ("login",),
    "crane": ("auth", "login"),
    "docker": ("login",),
    "helm": ("registry", "login"),
    "oras": ("login",),
    "podman": ("login",),
    "regctl": ("registry", "login"),
    "skopeo": ("login",),
}
"""By client of registries, what it is told to log in."""
_TOKENLESS = _KNOWN_PROGRAMS | _BUILTINS | _CLIENTS | _CHECKERS | {_MANAGES_MANAGERS}
"""All that neither push with the checkout's token nor ask for an OIDC token, but for what is said below."""
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
_USUAL_SCRIPT = regex(
    r"(?:ci|i|install|add|t|test|lint|build|check|typecheck|type-check|format)(?:[:.-][\w:.-]*)?"
)
"""What package managers are mostly asked for; any other script may be a release."""
_OF_IMAGES = frozenset(
    ("image", "images", "inspect", "load", "login", "logout", "manifest", "pull", "push", "save", "tag")
)
"""What `docker` does without handing the environment to code of somebody else."""
_RUNS_WHAT_IT_FINDS = ("-exec", "-ok")
"""Options of `find` behind which stands another program."""
_KEEPS = regex(
    r"GITHUB_ENV|_authToken|gradle\.properties|netrc|npmrc|nuget\.config|pypirc|settings\.xml|yarnrc",
    re.IGNORECASE,
)
"""In a script that may leave the token for the steps behind it."""
_OTHER_USERS = regex(
    r"\b(?:api|auth|bash|cargo|cmd|crane|curl|docker|dotnet|gem|git|go|gradlew?|helm|invoke-\w+|iwr|irm|just|ko|make|mvn|node|npm"
    r"|npx|nuget|oras|podman|pnpm|pwsh|python3?|ruby|sh|skopeo|start-process|task|wget|yarn)\b|[\w-]\.(?:bat|cmd|js|ps1|py|sh)\b"
    r"|(?<!\w)\.{1,2}[\\/]|&",
    re.IGNORECASE,
)
"""In a script for another shell: what may do more with a token than GitHub's command line does."""


def names_the_token(step: Step) -> bool:
    """Whether the token of the job stands in the script, the inputs or the environment of a step."""
    environments = [step.env, step.inputs, *((step.job.env, step.job.workflow.env) if step.job else ())]
    texts = [value for node in environments for value in strings(node).values()]
    texts += [step.run.value] if step.run else []
    return any(map(is_given, texts))


def is_handed_the_token(step: Step) -> bool:
    """Whether a login is made with the token of the job: its script or its inputs name it, or a variable that holds it."""
    texts = [*strings(step.inputs).values(), *([step.run.value] if step.run else [])]
    return any(_is_named(step, text) for text in texts)


def asks_what_is_known(step: Step) -> bool:
    """Whether a script does no more with the token than `gh`, of which all is known, and leaves it to no other program or step.

    What goes to a registry goes by the login ahead of it.
    """
    if step.run is None or not step.is_shell_script or scopes_of_step(step) is None:
        return False
    script, named = parse_script(step.run.value), _is_named(step, step.run.value)
    return (
        script.complete
        and not _may_keep(step, step.run.value)
        and not _leaves(step, script)
        and not any(one.program == "git" or _may_use(one, _NO_SCOPE, named) for one in commands_of(script))
    )


def script_may_write(step: Step, scope: str) -> bool:
    """Whether the script of a step may write with a scope.

    An OIDC token any program may ask for; a commit git may push with what a checkout has left; for all else the script
    has to be given the token.
    """
    if step.run is None:
        return True
    if scope == "id-token":
        return _may_ask_for_identity(step, step.run.value)
    if names_the_token(step) and _may_use_token(step, step.run.value, scope):
        return True
    return scope == "contents" and _may_push(step, step.run.value) and has_stored_token(step)


def pushes_commits(step: Step, earlier: Iterable[Step]) -> bool:
    """Whether a script pushes with git what a checkout, of the steps ahead, can push with the job's token."""
    if step.run is None or not step.is_shell_script:
        return False
    checkouts = [one for one in earlier if one.uses_action("actions/checkout")]
    commands = parse_script(step.run.value).commands
    pushes = (one for one in commands if one.program == "git" and not one.uncertain)
    is_pushed = any(command.arguments and command.arguments[0].literal == "push" for command in pushes)
    return is_pushed and bool(checkouts) and all(map(_stores_token, checkouts))


def _may_ask_for_identity(step: Step, text: str) -> bool:
    if not step.is_shell_script or _OIDC_REQUEST in text:
        return True
    script = parse_script(text)
    return (
        not script.complete
        or scopes_of_step(step) is None
        or any(
            _may_sign(command) or (command.program not in ("gh", "git") and _may_do_anything(command))
            for command in commands_of(script)
        )
    )


def _may_push(step: Step, text: str) -> bool:
    script = parse_script(text) if step.is_shell_script else None
    return script is None or not script.complete or any(map(_may_do_anything, commands_of(script)))


def has_stored_token(step: Step) -> bool:
    """Whether a step ahead may have left the token for git."""
    return step.job is None or any(
        _stores_token(one)
        or (
            scopes_of_action(one) is None
            if one.uses
            else names_the_token(one) and not asks_what_is_known(one)
        )
        for one in step.job.before(step)
    )


def _stores_token(step: Step) -> bool:
    persisted = step.input("persist-credentials")
    is_kept = persisted is None or persisted.value.lower() != "false"
    is_by_ssh = step.input("ssh-key") is not None
    return step.uses_action("actions/checkout") and is_kept and not is_by_ssh and not has_own_token(step)


def _may_use_token(step: Step, text: str, scope: str) -> bool:
    """Whether a script that is given the token may write with a scope by it, itself or in a later step."""
    asked = scopes_of_step(step)
    # Drafts of releases are seen by those alone who may write.
    if asked is None or asked.get(scope) == "write" or (scope == "contents" and scope in asked):
        return True
    if not step.is_shell_script:
        return not asked or bool(_OTHER_USERS.search(text))
    script, named = parse_script(text), _is_named(step, text)
    return (
        not script.complete
        or _may_keep(step, text)
        or any(_may_use(command, scope, named) for command in commands_of(script))
        or _leaves(step, script)
    )


def _may_use(command: Command, scope: str, named: bool) -> bool:
    """Whether a command may write with a scope by a token in its environment, or, where the script has it `named`, otherwise."""
    if _runs_nothing(command) or command.program in _TESTS:
        return False
    if command.program in _FETCHERS and not command.uncertain:
        return named
    if _logs_in(command):
        return scope == "packages"
    if command.program in ("docker", "git") and not command.uncertain:
        words = [word.literal for word in command.arguments]
        is_of_images = words[:1] and (words[0] in _OF_IMAGES or words[:2] == ["buildx", "imagetools"])
        return scope == "contents" if command.program == "git" else not is_of_images or scope == "packages"
    if command.program == "find" and not command.uncertain:
        return any((word.literal or "").startswith(_RUNS_WHAT_IT_FINDS) for word in command.arguments)
    if command.program == "gh":
        return bool(command.arguments) and command.arguments[0].literal == "auth"
    return command.uncertain or name_of(command) not in PUSHLESS


def _logs_in(command: Command) -> bool:
    """Whether a command keeps what it is given for a registry, and does no more with it."""
    words = tuple(word.literal for word in command.arguments)
    told = _LOGINS.get(command.program or "")
    return told is not None and words[: len(told)] == told and not command.uncertain


def only_logs_in(step: Step) -> bool:
    """Whether a script does nothing with what it is given but log in to registries."""
    script = parse_script(step.run.value) if step.run is not None and step.is_shell_script else None
    commands = commands_of(script) if script is not None and script.complete else ()
    return any(map(_logs_in, commands)) and all(
        _runs_nothing(one) or one.program in _TESTS or _logs_in(one) for one in commands
    )


def _may_keep(step: Step, text: str) -> bool:
    """Whether a script may put the token, which it names, where later steps take it from."""
    return _is_named(step, text) and bool(_KEEPS.search(text))


def _is_named(step: Step, text: str) -> bool:
    """Whether a text of a step has the token, or a variable that holds it."""
    return is_given(text) or not set(_variables_with_token(step)).isdisjoint(_NAMES.findall(text))


def only_reads(step: Step, scope: str) -> bool:
    """Whether a script does nothing with the token but what `gh` reads with a scope, or does without it."""
    return asks_what_is_known(step) and (scopes_of_step(step) or {}).get(scope) != "write"


def _leaves(step: Step, script: Script) -> bool:
    """Whether a command may write the token itself somewhere else than into a login."""
    names = set(_variables_with_token(step))
    return not any("login" in (word.literal or "") for one in script.commands for word in one.words) and any(
        (isinstance(hole, Variable) and hole.name in names)
        or (isinstance(hole, Expression) and is_given(hole.source))
        for command in script.commands
        if command.program in _SAYS or command.program in script.functions
        for word in command.words
        for hole in word.holes
    )


def _variables_with_token(step: Step) -> Iterator[str]:
    for node in (step.env, *((step.job.env, step.job.workflow.env) if step.job else ())):
        yield from (name for name, value in strings(node).items() if is_given(value))


def name_of(command: Command) -> str | None:
    """What a command runs; a tool also where its folder isn't known."""
    if command.program is not None or not command.words:
        return command.program
    last = command.words[0].parts[-1:]
    name = last[0].rpartition("/")[2] if last and isinstance(last[0], str) and "/" in last[0] else None
    return name if name in _TOOLS else None


def runs_more(step: Step, plain: frozenset[str]) -> bool:
    """Whether a script runs more than programs that are plain."""
    if step.run is None or not step.is_shell_script:
        return True
    script = parse_script(step.run.value)
    return not script.complete or any(_runs_other_than(command, plain) for command in commands_of(script))


def _runs_other_than(command: Command, plain: frozenset[str]) -> bool:
    return not _runs_nothing(command) and (command.uncertain or command.program not in plain)


def commands_of(script: Script) -> tuple[Command, ...]:
    """The commands of a script without the calls of its own functions, whose commands are among them."""
    return tuple(one for one in script.commands if one.program not in script.functions)


def image_pushes(step: Step) -> int | None:
    """How many commands of a script push an image; None where others may do so, too.

    Each is one of `docker push`, `podman push`, `crane copy` and `skopeo copy`.
    """
    script = parse_script(step.run.value) if step.run is not None and step.is_shell_script else None
    if script is None or not script.complete:
        return None
    commands = [command for command in commands_of(script) if not _runs_nothing(command)]
    others = [command for command in commands if _copied_by(command) is None]
    if any(command.uncertain or command.program not in PUSHLESS | _OF_DEPLOYMENTS for command in others):
        return None
    return sum(bool(_copied_by(command)) for command in commands if command not in others)


def _copied_by(command: Command) -> bool | None:
    """Whether a client of registries pushes an image, or only takes, reads or names one; None for any other command."""
    words = (command.program or "", *(word.literal or "" for word in command.arguments[:3]))
    known = (_MOVES[words[:length]] for length in (2, 3, 4) if words[:length] in _MOVES)
    return None if command.uncertain else next(known, None)


def may_push_images(step: Step) -> bool:
    """Whether a script may put something into a registry: it runs more than plain programs, and reads of registries."""
    script = parse_script(step.run.value) if step.run is not None and step.is_shell_script else None
    return (
        script is None
        or not script.complete
        or any(
            _copied_by(command) is not False and _runs_other_than(command, PUSHLESS)
            for command in commands_of(script)
        )
    )


def _runs_nothing(command: Command) -> bool:
    """Whether a command runs no program, or `xargs` without one, which says what it reads."""
    says = command.program == "xargs" and all(
        (one.literal or "").startswith("-") for one in command.arguments
    )
    return not command.words or is_truth_value(command) or says


def is_truth_value(command: Command) -> bool:
    """Whether a command is an expression that comes to `true` or `false`, which are programs."""
    pieces = command.words[0].pieces if len(command.words) == 1 else ()
    written = pieces[0] if len(pieces) == 1 else None
    try:
        return isinstance(written, Expression) and is_truth(parse(written.source))
    except ExpressionError:
        return False


def is_harmless(command: Command) -> bool:
    """Whether a command neither pushes with the checkout's token nor, signatures aside, asks for an OIDC token."""
    return not _may_do_anything(command)


def _may_do_anything(command: Command) -> bool:
    """Whether a command may push with the checkout's token or, signatures aside, ask for an OIDC token."""
    if _runs_nothing(command) or command.program in _TESTS:
        return False
    words = [word.literal or "" for word in command.arguments if not word.prefix.startswith("-")]
    if command.program == "command" and command.arguments and command.arguments[0].literal in ("-v", "-V"):
        return False
    if command.program == "cosign" and not command.uncertain:
        return False
    if command.uncertain or name_of(command) not in _TOKENLESS:
        return True
    if command.program in _PACKAGE_MANAGERS:
        said = words[1:2] if words[:1] == ["run"] else words[:1]
        return not all(_USUAL_SCRIPT.fullmatch(word) for word in said)
    if command.program == _MANAGES_MANAGERS:
        return _SWITCHES.isdisjoint(words[:1])
    if command.program == "helm":
        return not _OF_CLUSTERS.isdisjoint(words[:1])
    if command.program == "go":
        return bool({"run", "generate"} & set(words[:1]))
    return any(word in _PUBLISH for word in words) and command.program not in _CLIENTS


def _may_sign(command: Command) -> bool:
    """Whether a command asks for an OIDC token to sign by, which pushes no commit."""
    asked = command.arguments[0].literal if command.arguments else None
    return command.program == "cosign" and not _COSIGN_ASKS_FOR_NONE.fullmatch(asked or "")
