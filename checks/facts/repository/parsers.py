"""From the text of a file to what it holds, by its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from checks.facts.action.lockfile import parse_lock
from checks.facts.action.renovate import parse_renovate
from checks.facts.action.updaters import parse_dependabot
from checks.facts.build.compose import parse_compose
from checks.facts.deployment.kubernetes import parse_manifests
from checks.facts.deployment.production import parse_values
from checks.facts.dockerfile.dockerfiles import parse_dockerfile
from checks.facts.not_the_kind import is_something_else
from checks.facts.project.go_modules import parse_go_module
from checks.facts.project.node_projects import parse_node_project
from checks.facts.project.npm_configs import parse_npm_config
from checks.facts.project.npm_locks import parse_npm_lock
from checks.facts.project.pnpm_locks import parse_pnpm_lock
from checks.facts.project.python_pins import parse_requirements
from checks.facts.project.python_projects import parse_python_project
from checks.facts.project.yarn_configs import parse_yarn_config
from checks.facts.project.yarn_locks import parse_yarn_lock
from checks.facts.scan.scan_ignores import parse_scan_ignores
from checks.facts.suppression.peer_configs import parse_peer_config
from checks.facts.workflow.composite_actions import parse_action
from checks.facts.workflow.workflows import parse_workflow
from checks.source.dockerignore import parse as parse_ignore
from checks.source.hcl import parse as parse_hcl
from checks.source.kind import Kind
from checks.source.text import CannotRead, Text


def parse(text: Text, kind: Kind) -> object:
    """What the kind's parser makes of a file, an `Unreadable`, or None for what is not of the kind after all."""
    parser = _PARSERS.get(kind)
    try:
        return parser(text) if parser else None
    except CannotRead as error:
        return None if is_something_else(text, kind, error.unreadable.line) else error.unreadable


_PARSERS: Mapping[Kind, Callable[[Text], object]] = {
    Kind.DOCKERFILE: parse_dockerfile,
    Kind.DOCKERIGNORE: parse_ignore,
    Kind.WORKFLOW: parse_workflow,
    Kind.ACTION: parse_action,
    Kind.ACTIONS_LOCK: parse_lock,
    Kind.DEPENDABOT: parse_dependabot,
    Kind.GO_MODULE: parse_go_module,
    Kind.NODE_PROJECT: parse_node_project,
    Kind.NPM_CONFIG: parse_npm_config,
    Kind.NPM_LOCK: parse_npm_lock,
    Kind.PNPM_LOCK: parse_pnpm_lock,
    Kind.PYTHON_PROJECT: parse_python_project,
    Kind.PYTHON_REQUIREMENTS: parse_requirements,
    Kind.RENOVATE: parse_renovate,
    Kind.YARN_CONFIG: parse_yarn_config,
    Kind.YARN_LOCK: parse_yarn_lock,
    Kind.SCAN_IGNORE: parse_scan_ignores,
    Kind.LINTER_CONFIG: parse_peer_config,
    Kind.TERRAFORM: parse_hcl,
    Kind.TERRAFORM_LOCK: parse_hcl,
    Kind.BAKE: parse_hcl,
    Kind.KUBERNETES: parse_manifests,
    Kind.COMPOSE: parse_compose,
    Kind.HELM_VALUES: parse_values,
}
