"""What newer releases of actions change for steps that set up languages, and their package managers and build tools.

Go is told of in `checks.facts.upgrade.go_changes`.
"""

from __future__ import annotations

import posixpath
import re

from checks.facts.code_span import code
from checks.facts.numbers import numbers
from checks.facts.upgrade.change import Ask, Change, Hold, Write
from checks.facts.upgrade.input_changes import input_taken_out
from checks.facts.upgrade.nodes_ahead import nodes_ahead
from checks.facts.upgrade.unquoted_versions import quoted_version
from checks.facts.upgrade.upgrades import GPG_PLUGIN, Upgrade
from checks.facts.workflow.matrix import keys_of_legs
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.step_edits import with_input
from checks.regex import regex
from checks.source.kind import MAVEN_PROJECT
from checks.source.snapshot import Edit
from checks.source.yaml_edit import append_entry, replace_value

_OLD_JAVA = regex(r"1\.(\d{1,2}(?:\.[\dx]{1,5}){0,3})")
_AFTER_ADOPT = {"adopt": "temurin", "adopt-hotspot": "temurin", "adopt-openj9": "semeru"}
_READS_PASSPHRASE = (3, 2)
"""The version of `GPG_PLUGIN` from which on it reads the passphrase from a variable unasked."""
_OLD_NODE = regex(r"v?(1[0-8])(?:[.x*]|$)")
_KEEPS_FILES = regex(r"\buses:\s*['\"]?actions/cache(?:/restore)?@")
_OF_UV = regex(r"\bpath:[^#]{0,400}?(?:\.cache/uv\b|\buv[-_]cache\b|\bUV_CACHE_DIR\b)")
"""The folder of uv's cache among the paths of a step: https://docs.astral.sh/uv/concepts/cache/#cache-directory"""
_PYTHONS = ("python-version", "python", "python_version", "pythonversion", "py")
"""Keys of a matrix that name versions of Python."""
_OLD_PNPM = regex(r"[\^~]?[1-8](?:\.|$)")


def _distribution_named(upgrade: Upgrade) -> Edit | None:
    """Names for `actions/setup-java` the distribution that it takes before version 2, which has no such input.

    None for what names one, or may, and where that can't be written.
    """
    step = upgrade.step
    if step is None or step.inputs is None or any(map(step.input_entry, ("distribution", "jdkfile"))):
        return None
    return append_entry(step.inputs, "distribution: zulu")


def _java_renumbered(upgrade: Upgrade) -> Edit | None:
    """Writes a Java in the numbers that `actions/setup-java` takes since version 2: `8` for `1.8`."""
    step = upgrade.step
    written = (step.input("java-version") or step.input("version")) if step else None
    old = _OLD_JAVA.fullmatch(written.value) if written else None
    return replace_value(written, old[1]) if written and old else None


def _distribution_renamed(upgrade: Upgrade) -> Edit | None:
    """Names what became of AdoptOpenJDK, which `actions/setup-java` does not take since version 6."""
    written = upgrade.step.input("distribution") if upgrade.step else None
    new = _AFTER_ADOPT.get(written.value) if written else None
    return replace_value(written, new) if written and new else None


def _old_gpg_plugin(upgrade: Upgrade) -> str:
    """Why the passphrase would not reach the plugin that signs, of which the project names an older release."""
    old = next((one for one in upgrade.gpg_plugins if numbers(one) < _READS_PASSPHRASE), None)
    return (
        f"{code(MAVEN_PROJECT)} names {code(GPG_PLUGIN)} {old}, and since version 6 {code('actions/setup-java')} names the passphrase "
        "for 3.2.0 or newer: move the plugin first"
        if old
        else ""
    )


def _node_cache_left_off(upgrade: Upgrade) -> Edit | None:
    """Keeps `actions/setup-node` from caching for npm in a job that proves its identity.

    It does so unasked since version 5. None where the step says itself whether it caches, and where that can't be
    written.
    https://github.com/actions/setup-node#breaking-changes-in-v6
    """
    step = upgrade.step
    permissions = upgrade.job.permissions if upgrade.job else None
    proves = permissions is not None and permissions.access("id-token") == "write"
    says = upgrade.has("cache") or upgrade.has("package-manager-cache")
    if not upgrade.names_npm or not proves or says or step is None or step.inputs is None:
        return None
    return append_entry(step.inputs, "package-manager-cache: false")


def _uv_cache_left_off(upgrade: Upgrade) -> Edit | None:
    """Keeps `astral-sh/setup-uv` from caching where another step of its job, or of its composite action, keeps uv's cache.

    It does so unasked since version 5, on GitHub's runners. None where the step says itself whether it caches.
    """
    step, job = upgrade.step, upgrade.job
    if step is None or upgrade.has("enable-cache"):
        return None
    around = job.node.text[job.node.span] if job is not None else step.text.content
    is_kept = _KEEPS_FILES.search(around) is not None and _OF_UV.search(around) is not None
    return with_input(step, "enable-cache: false") if is_kept else None


def _python_named(upgrade: Upgrade) -> Edit | None:
    """Has `actions/setup-python` install what it did unasked up to version 3; later it leaves the machine's own Python.

    In that `pip install` fails on Ubuntu 24.04.
    https://github.com/actions/setup-python/releases/tag/v4.0.0
    https://github.com/pre-commit/action/issues/210
    """
    is_named = any(map(upgrade.has, ("python-version", "version")))
    return None if upgrade.step is None or is_named else with_input(upgrade.step, "python-version: '3.x'")


def _python_of_matrix(upgrade: Upgrade) -> str:
    """Asks after a key of the job's matrix that names a Python, and that neither its steps nor its variables read."""
    job = upgrade.job
    if job is None or _python_named(upgrade) is None:
        return ""
    read = "\n".join(
        job.workflow.text[one.span] for one in map(job.node.get, ("env", "steps")) if one is not None
    )
    key = next((one for one in _PYTHONS if one in keys_of_legs(job)), None)
    if key is None or regex(rf"\bmatrix(?:\.{key}\b|\[|\s*\))", re.IGNORECASE).search(read):
        return ""
    name = code(f"${{{{ matrix.{key} }}}}")
    return f"shall the job have the newest Python 3 as before, and not {name}, which no step reads"


def _two_versions_of_pnpm(upgrade: Upgrade) -> str:
    """https://github.com/pnpm/action-setup/blob/v4.0.0/src/install-pnpm/run.ts"""
    named = _pnpm_named(upgrade)
    others = [one for one in upgrade.values("version") if one and one != named.partition("+")[0]]
    if not named or not others:
        return ""
    return (
        f"since version 4 `pnpm/action-setup` fails where `version` differs from `packageManager` of `package.json`, here "
        f"{code(others[0])} from {code(f'pnpm@{named}')}: let both name one version, in full, along with the move"
    )


def _pnpm_named(upgrade: Upgrade) -> str:
    """The pnpm that the `package.json` which a step reads names, `10.2.0`; empty where it names none."""
    path = posixpath.normpath(upgrade.written("package_json_file") or "package.json")
    name, _, version = upgrade.package_managers.get(path, "").partition("@")
    return version if name == "pnpm" else ""


def _may_name_another_pnpm(upgrade: Upgrade) -> bool:
    """Whether `package.json` names a pnpm that is not to the letter the one that a step is given, or that is not known."""
    named = _pnpm_named(upgrade)
    return bool(named) and any(one not in ("", named) for one in upgrade.values("version"))


def _takes_old_pnpm(upgrade: Upgrade) -> bool:
    return any(_is_old_pnpm(upgrade, scope) for scope in upgrade.scopes)


def _is_old_pnpm(upgrade: Upgrade, scope: Scope) -> bool:
    """Whether a step takes an older pnpm than 9 in one leg of its job."""
    written = upgrade.step.input("version") if upgrade.step else None
    named = scope.value(written.value).literal if written and written.value else _pnpm_named(upgrade)
    return _OLD_PNPM.match(named or "") is not None


def _old_node_for_pnpm(upgrade: Upgrade) -> str:
    """What to do first where a step ahead sets up a Node.js on which pnpm 11, which brings an older one, does not run."""
    legs = (one for one in upgrade.scopes if _is_old_pnpm(upgrade, one))
    old = next(filter(None, map(_OLD_NODE.match, nodes_ahead(upgrade, legs))), None)
    return (
        f"since version 6 `pnpm/action-setup` installs a pnpm as old as this by pnpm 11, which fails on the Node.js {old[1]} that the job sets up ahead: raise that first"
        if old
        else ""
    )


CHANGES = (
    # https://github.com/actions/setup-java/blob/main/docs/switching-to-v2.md
    Change("actions/setup-java", (2,), Write(_distribution_named)),
    Change("actions/setup-java", (2,), Write(_java_renumbered)),
    Change(
        "actions/setup-java",
        (2,),
        Ask("which `distribution` is it: since version 2 `actions/setup-java` has to be told"),
        lambda use: use.lacks("distribution") and _distribution_named(use) is None,
    ),
    # https://github.com/actions/setup-java/releases/tag/v6.0.0
    Change("actions/setup-java", (6,), Write(_distribution_renamed)),
    Change(
        "actions/setup-java",
        (6,),
        Ask("is `distribution` never `adopt`, which `actions/setup-java` does not take since version 6"),
        lambda use: "${{" in use.written("distribution"),
    ),
    Change(
        "actions/setup-java",
        (6,),
        Ask(
            "is `maven-gpg-plugin` 3.2.0 or newer: since version 6 `actions/setup-java` names the passphrase for that"
        ),
        lambda use: use.has("gpg-passphrase") and not use.gpg_plugins,
    ),
    Change("actions/setup-java", (6,), Hold(_old_gpg_plugin), lambda use: use.has("gpg-passphrase")),
    # https://github.com/actions/setup-node/releases/tag/v5.0.0
    Change("actions/setup-node", (5,), Write(_node_cache_left_off)),
    # https://github.com/actions/setup-node#breaking-changes-in-v6
    Change("actions/setup-node", (6, 1), Write(input_taken_out)),
    Change(
        "actions/setup-node",
        (6, 1),
        Ask(
            "does nothing run Yarn 1, or an npm or pnpm before 7, for packages that a registry gives only behind a login: `always-auth`, by which these log in for each download, is gone since version 6 of `actions/setup-node`"
        ),
        lambda use: (
            use.may_run_yarn_1
            and use.written("always-auth") not in ("", "false")
            and input_taken_out(use) is not None
        ),
    ),
    # https://github.com/actions/setup-node/pull/1558
    Change(
        "actions/setup-node",
        (7,),
        Ask(
            "has each later step `NODE_AUTH_TOKEN` that runs Yarn 1: since version 7 `actions/setup-node` with `registry-url` sets none where none is there"
        ),
        lambda use: use.may_lack_token and use.has("registry-url") and use.written("cache") != "yarn",
    ),
    Change(
        "actions/setup-node",
        (7,),
        Ask(
            "has `actions/setup-node` itself `NODE_AUTH_TOKEN`, with each later step that runs Yarn 1: since version 7 it sets none with `registry-url` where none is there, and for `cache: yarn` runs Yarn, too"
        ),
        lambda use: use.may_lack_token and use.has("registry-url") and use.written("cache") == "yarn",
    ),
    # https://github.com/actions/setup-python/releases/tag/v4.0.0
    Change("actions/setup-python", (4,), Write(_python_named)),
    Change("actions/setup-python", (4,), Ask(_python_of_matrix)),
    *quoted_version("actions/setup-python", (6,), "python-version"),
    # https://github.com/astral-sh/setup-uv/releases/tag/v5.0.0
    Change("astral-sh/setup-uv", (5,), Write(_uv_cache_left_off)),
    # https://github.com/astral-sh/setup-uv/releases/tag/v6.0.0
    Change(
        "astral-sh/setup-uv",
        (6,),
        Ask(
            "do later steps find a virtual environment: since version 6 `python-version` of `astral-sh/setup-uv` makes none"
        ),
        lambda use: use.has("python-version") and use.lacks("activate-environment"),
    ),
    # https://github.com/cachix/install-nix-action#inputs
    Change(
        "cachix/install-nix-action",
        (18,),
        Ask(
            "do the builds hold on the newer Nix that `cachix/install-nix-action` installs where `install_url` names none"
        ),
        lambda use: use.lacks("install_url"),
    ),
    # https://github.com/gradle/actions/releases/tag/v4.0.0
    Change(
        "gradle/actions",
        (4,),
        Hold("since version 4 `gradle/actions` refuses `arguments`: run Gradle in a step of its own first"),
        lambda use: use.has("arguments"),
    ),
    # https://github.com/gradle/actions/blob/main/DISTRIBUTION.md
    Change(
        "gradle/actions",
        (6,),
        Ask(
            "may the job use the proprietary cache that `gradle/actions/setup-gradle` takes since version 6 unless told `cache-provider: basic`"
        ),
        lambda use: (
            use.action.path == "setup-gradle"
            and use.lacks("cache-provider")
            and use.written("cache-disabled") != "true"
        ),
    ),
    # https://github.com/jdx/mise-action/pull/241
    Change(
        "jdx/mise-action",
        (3,),
        Ask(
            "may each later step have the variables of mise's configuration: since version 3 `jdx/mise-action` sets them unless told `env: false`"
        ),
        lambda use: use.lacks("env"),
    ),
    # https://github.com/jdx/mise-action/pull/495
    Change(
        "jdx/mise-action",
        (4, 1),
        Ask(
            "does `mise.lock` have each tool for the machine of the job: since version 4.1 `jdx/mise-action` installs nothing that is not in it"
        ),
        lambda use: use.has_mise_lock and use.lacks("mise_toml") and use.lacks("tool_versions"),
    ),
    # https://github.com/pnpm/action-setup/releases/tag/v4.0.0
    Change("pnpm/action-setup", (4,), Hold(_two_versions_of_pnpm)),
    Change(
        "pnpm/action-setup",
        (4,),
        Ask(
            "does `version` name what `packageManager` of `package.json` does: since version 4 `pnpm/action-setup` fails where they differ"
        ),
        lambda use: _may_name_another_pnpm(use) and not _two_versions_of_pnpm(use),
    ),
    # https://github.com/pnpm/action-setup/issues/225
    Change("pnpm/action-setup", (6,), Hold(_old_node_for_pnpm)),
    Change(
        "pnpm/action-setup",
        (6,),
        Ask(
            "does a pnpm as old as version 8 come in where `pnpm/action-setup` installs it by pnpm 11, which it does since version 6: on Node.js 18 that fails"
        ),
        lambda use: _takes_old_pnpm(use) and not _old_node_for_pnpm(use),
    ),
    # https://github.com/shivammathur/setup-php#php-version-optional
    # https://github.com/shivammathur/setup-php/blob/2.36.0/src/configs/php-versions.json
    Change(
        "shivammathur/setup-php",
        (2, 36),
        Ask(
            "does the project hold on PHP 8.5, which `shivammathur/setup-php` sets up since version 2.36 where nothing names one"
        ),
        lambda use: use.lacks("php-version") and use.lacks("php-version-file"),
    ),
)
"""By action; of one action in the order in which they are told."""
