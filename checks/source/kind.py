"""Which files we read, and what each of them is."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise

from checks.regex import regex


class Kind(StrEnum):
    """A kind of file that checks read."""

    DOCKERFILE = "dockerfile"
    DOCKERIGNORE = "dockerignore"
    WORKFLOW = "workflow"
    ACTION = "action"
    ACTIONS_LOCK = "actions-lock"
    DEPENDABOT = "dependabot"
    TERRAFORM = "terraform"
    """`.tf`, and `.tfvars`, which set variables."""
    TERRAFORM_LOCK = "terraform-lock"
    """`.terraform.lock.hcl`: the provider versions in use."""
    DOCUMENT = "document"
    """A policy or definition that Terraform takes in by `file(…)` or `templatefile(…)`, whatever it is called."""
    KUBERNETES = "kubernetes"
    """YAML with `apiVersion`: policies, Kyverno, workloads, Kustomize. Helm's templates are no YAML yet."""
    COMPOSE = "compose"
    HELM_VALUES = "helm-values"
    BAKE = "bake"
    SCAN_IGNORE = "scan-ignore"
    """What Trivy and Grype are told to pass over."""
    LINTER_CONFIG = "linter-config"
    """What hadolint, zizmor and checkov are told to pass over."""
    GO_MODULE = "go-module"
    """`go.mod` or `go.work`: which Go a build needs."""
    NODE_PROJECT = "node-project"
    """`package.json`, at the root and over Dockerfiles: which Node.js a project allows, and which Yarn it takes."""
    NPM_LOCK = "npm-lock"
    """`package-lock.json`, over Dockerfiles that run `npm install`: which `package.json` it was written for."""
    NPM_CONFIG = "npm-config"
    """`.npmrc`, over Dockerfiles that run `npm install`: whether it chooses packages."""
    PNPM_LOCK = "pnpm-lock"
    """`pnpm-lock.yaml`, below a workspace and over Dockerfiles that run `pnpm install`: which packages it was written for."""
    PYTHON_PROJECT = "python-project"
    """`pyproject.toml`: which Python a project allows."""
    PYTHON_REQUIREMENTS = "python-requirements"
    """What a Dockerfile on Python has pip install from, `requirements.txt`: which packages at which versions."""
    TOOL_VERSIONS = "tool-versions"
    """`.tool-versions`, `mise.toml`, `Gemfile` and `rust-toolchain.toml`, over Dockerfiles: of which languages they name a version."""
    RENOVATE = "renovate"
    """What Renovate is told."""
    YARN_CONFIG = "yarn-config"
    """`.yarnrc.yml`: what Yarn is told."""
    YARN_LOCK = "yarn-lock"
    """`yarn.lock`, over Dockerfiles that run `yarn install`: which packages it holds."""
    SCRIPT = "script"
    MAKEFILE = "makefile"


_ABOUT_OTHERS = frozenset(
    (
        Kind.GO_MODULE,
        Kind.NODE_PROJECT,
        Kind.NPM_CONFIG,
        Kind.NPM_LOCK,
        Kind.PNPM_LOCK,
        Kind.PYTHON_PROJECT,
        Kind.PYTHON_REQUIREMENTS,
        Kind.RENOVATE,
        Kind.TOOL_VERSIONS,
        Kind.YARN_CONFIG,
        Kind.YARN_LOCK,
    )
)
"""Kinds that are read for what they say of other files, and in which nothing is looked for."""
_BY_PATH: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, regex(pattern))
    for kind, pattern in (
        (Kind.DOCKERIGNORE, r"(?:.*/)?(?:[^/]*\.)?dockerignore"),
        (
            Kind.DOCKERFILE,
            r"(?:.*/)?(?:(?:Dockerfile|Containerfile)(?:\.[^/]+|-(?![^/]*\.(?:json|md|py|sh|txt|ya?ml)$)[^/]+)?|[^/]+\.[Dd]ockerfile)",
        ),
        (Kind.WORKFLOW, r"\.github/workflows/[^/]+\.ya?ml"),
        (Kind.ACTIONS_LOCK, r"\.github/workflows/actions\.lock"),
        (Kind.DEPENDABOT, r"\.github/dependabot\.ya?ml"),
        (Kind.ACTION, r"(?:.*/)?action\.ya?ml"),
        (Kind.TERRAFORM, r".*\.tf(?:vars)?"),
        (Kind.TERRAFORM_LOCK, r"(?:.*/)?\.terraform\.lock\.hcl"),
        (Kind.COMPOSE, r"(?:.*/)?(?:docker-)?compose(?:[.-][^/]*)?\.ya?ml"),
        (Kind.HELM_VALUES, r"(?:.*/)?values(?:[.-][^/]*)?\.ya?ml"),
        (Kind.BAKE, r"(?:.*/)?docker-bake(?:\.[^/]*)?\.hcl"),
        (Kind.SCAN_IGNORE, r"(?:.*/)?\.?trivyignore(?:\.ya?ml)?|(?:.*/)?\.?grype(?:/config)?\.ya?ml"),
        (
            Kind.LINTER_CONFIG,
            r"(?:\.github/(?:linters/)?)?zizmor\.ya?ml|(?:\.github/linters/)?\.hadolint\.ya?ml|(?:.*/)?\.checkov\.ya?ml",
        ),
        (Kind.GO_MODULE, r"(?:.*/)?go\.(?:mod|work)"),
        (Kind.NODE_PROJECT, r"package\.json"),
        (Kind.PYTHON_PROJECT, r"(?:.*/)?pyproject\.toml"),
        (Kind.RENOVATE, r"(?:\.git(?:hub|lab)/)?(?:renovate\.json5?|\.renovaterc(?:\.json5?)?)"),
        (Kind.YARN_CONFIG, r"(?:.*/)?\.yarnrc\.yml"),
        (Kind.MAKEFILE, r"(?:.*/)?(?:GNUmakefile|[Mm]akefile|[^/]+\.mk|\.?[Jj]ustfile|[^/]+\.just)"),
        (Kind.SCRIPT, r".*\.(?:sh|bash)"),
    )
)
_YAML = regex(r".*\.ya?ml")
_API_VERSION = regex(r"^(?:- )?[\"']?apiVersion[\"']?\s*:|^\{", re.MULTILINE)
_TOOL = regex(r"\b(?:docker|buildx|podman|buildah|cosign|syft|grype|trivy)\b")
_OF_DOCKER_HUB = regex(r"(?:.*/)?hooks/(?:build|push)")
"""Scripts that Docker Hub runs in place of its own build and push, which need not be executable.

https://docs.docker.com/docker-hub/builds/advanced/
"""
_SHEBANG = regex(r"\ufeff?#!\s*/\S*(?:sh|env\s+(?:-S\s+)?(?:ba|da|k|z)?sh)\b")


def kind_by_path(path: str) -> Kind | None:
    """The kind that a path alone tells, or None: no kind of ours, or told by the content only."""
    for kind, pattern in _BY_PATH:
        if pattern.fullmatch(path):
            return kind
    return None


def is_like_dockerfile(path: str) -> bool:
    """Whether the name of a file says that images are built of it, or of what a template of it becomes."""
    name = posixpath.basename(path).lower()
    return ("dockerfile" in name or "containerfile" in name) and not name.endswith("dockerignore")


_PROGRAMS = (
    *(".bash", ".bats", ".cjs", ".cs", ".ex", ".exs", ".go", ".java", ".js", ".kt", ".mjs", ".php", ".ps1"),
    *(".py", ".rb", ".rs", ".scala", ".sh", ".swift", ".ts", ".tsx"),
)
_PART = regex(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_OF_TESTS = frozenset(
    ("contract", "contracts", "spec", "specs", "test", "tests", "validate", "validator", "validators")
)
_OF_WORKFLOWS = frozenset(
    (
        *("action", "actions", "ci", "gha", "github", "guard", "guards", "pin", "pinned", "pinning", "pins"),
        *("pipeline", "pipelines", "supplychain", "workflow", "workflows"),
    )
)
_OF_SCANS = frozenset(("codeql", "dependabot", "sarif", "vulnerabilities", "vulnerability"))
"""What workflows and what tests them may be named after, and more that is not about workflows."""
_OF_CHECKS = frozenset(("audit", "check", "checks", "enforce", "enforces", "verifies", "verify"))
"""What a test is called, too, where its own name says that it is one of workflows alone."""
_OF_WORKFLOWS_ALONE = frozenset(("actions", "gha", "pinned", "pins", "supplychain", "workflow", "workflows"))


def is_test_of_workflows(path: str) -> bool:
    """Whether a file may be a test of what workflows say, by the names of its folders, and its own or its folder's."""
    if not path.endswith(_PROGRAMS) or path.startswith(".github/workflows/"):
        return False
    if _OF_TESTS.isdisjoint(_words(path)):
        name = _words(posixpath.basename(path))
        return not (
            _OF_CHECKS.isdisjoint(name) or (_OF_WORKFLOWS_ALONE | _OF_SCANS).isdisjoint(_with_pairs(name))
        )
    parts = _words("/".join(path.split("/")[-2:]))
    return path.startswith(".github/") or not (_OF_WORKFLOWS | _OF_SCANS).isdisjoint(_with_pairs(parts))


def is_after_scans(path: str) -> bool:
    """Whether a test has its name from what workflows scan for, as many have that are of something else."""
    return not _OF_SCANS.isdisjoint(_words(path))


def _words(path: str) -> list[str]:
    return [word.lower() for word in _PART.findall(path)]


def _with_pairs(words: list[str]) -> list[str]:
    return [*words, *(first + second for first, second in pairwise(words))]


_PARKED = regex(r"\.github/workflows/[^/]+\.ya?ml[-._~][\w~-]{0,20}")
"""A workflow under a name that GitHub passes over, kept for another day: what it calls, nothing else may."""

_GUIDE = regex(
    r"(?:\.github/|docs/)?(?:AGENTS|CLAUDE|CONTRIBUTING|README|SECURITY)\.md|\.github/(?:workflows|actions)/README\.md"
    r"|\.github/copilot-instructions\.md"
    r"|(?:\.claude/rules|\.cursor/rules|\.github/instructions)/(?:[\w.-]+/){0,3}[\w.-]*(?<![a-z])(?:actions|ci|ci-cd|cicd|containers?|conventions|dependencies|docker|dockerfiles?|images?|pinning|pipelines?|releas(?:es?|ing)|supply-?chain|workflows?)(?![a-z])[\w.-]*\.mdc?"
    r"|(?:docs|\.github)/(?:[\w.-]+/){0,3}[\w.-]*(?<![a-z])(?:actions|ci|ci-cd|cicd|conventions|dependencies|pinning|pipelines?|releas(?:es?|ing)|supply-?chain|workflows?)(?![a-z])[\w.-]*\.md",
    re.IGNORECASE,
)


def is_guide(path: str) -> bool:
    """Whether a file may say in words how a project does things in its workflows and Dockerfiles, to people or to their agents, by its name."""
    return path.lower().endswith((".md", ".mdc")) and _GUIDE.fullmatch(path) is not None


SPOKEN_OF = (Kind.WORKFLOW, Kind.DOCKERFILE)
"""What they may speak of: without any of these none is read."""
MOST_GUIDES = 10
"""Guides that are read: a site of documents may have hundreds."""


def guides(paths: Iterable[str]) -> tuple[str, ...]:
    """The paths of a few files that may say how a project names actions and images: the shortest, as those stand near the root."""
    found = filter(is_guide, paths)
    return tuple(sorted(found, key=lambda path: (len(path), path))[:MOST_GUIDES])


MAVEN_PROJECT = "pom.xml"
"""At the root, where a workflow signs with GPG: which version of the plugin for that it names. It is of no kind."""

CODE_OWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for it, the first place first: it says who can write to the repository, and is of no kind."""

YAMLLINT = (".yamllint", ".yamllint.yaml", ".yamllint.yml")
"""Where yamllint looks for its configuration, the first place first: it says how lines are written, and is of no kind.

https://yamllint.readthedocs.io/en/stable/configuration.html
"""


def wanted(path: str, executable: bool = False) -> bool:
    """Whether a file at `path` may be of a kind that we read, so that its content is worth having.

    `executable` is git's mode bit; with it, a name without an ending may be a script.
    """
    if kind_by_path(path) or _YAML.fullmatch(path) or _PARKED.fullmatch(path):
        return True
    if path in CODE_OWNERS or path in YAMLLINT or _OF_DOCKER_HUB.fullmatch(path):
        return True
    return executable and "." not in posixpath.basename(path)


def kind_of(path: str, content: str) -> Kind | None:
    """What the file is, or None if it is of no kind that we read."""
    kind = kind_by_path(path)
    if kind in (Kind.SCRIPT, Kind.MAKEFILE):
        return kind if _TOOL.search(content) else None
    if kind:
        return kind
    if _YAML.fullmatch(path):
        is_template = "{{" in content and "/templates/" in f"/{path}"
        return Kind.KUBERNETES if _API_VERSION.search(content) and not is_template else None
    if _SHEBANG.match(content) and _TOOL.search(content):
        return Kind.SCRIPT
    return None


def is_reviewed(path: str, content: str) -> bool:
    """Whether something is looked for in a file; others are read, if at all, for what they say of those."""
    kind = kind_of(path, content)
    return kind is not None and kind not in _ABOUT_OTHERS
