"""Which context an expression names, and which names of contexts mean the same.

https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
"""

from __future__ import annotations

from collections.abc import Sequence

from checks.source.expression import Constant, Context, Expr, Index

INPUTS = ("inputs",)
EVENT_INPUTS = ("github", "event", "inputs")
"""The other name of what somebody types who starts a workflow by hand, in which a boolean is a text:
https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#inputs-context"""
_OF_GITHUB = frozenset(
    (
        "action",
        "action_path",
        "action_ref",
        "action_repository",
        "action_status",
        "actor",
        "actor_id",
        "api_url",
        "artifact_cache_size_limit",
        "artifacts",
        "artifacts_list",
        "base_ref",
        "env",
        "event_name",
        "event_path",
        "graphql_url",
        "head_ref",
        "job",
        "job_workflow_sha",
        "output",
        "path",
        "ref",
        "ref_name",
        "ref_protected",
        "ref_type",
        "repository",
        "repository_id",
        "repository_owner",
        "repository_owner_id",
        "repository_visibility",
        "repositoryurl",
        "retention_days",
        "run_attempt",
        "run_id",
        "run_number",
        "secret_source",
        "server_url",
        "sha",
        "state",
        "step_summary",
        "token",
        "triggering_actor",
        "workflow",
        "workflow_ref",
        "workflow_sha",
        "workspace",
    )
)
"""The properties of `github` but `event`, in lower case; each is a text or a number, some are undocumented:
https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#github-context
https://github.com/rhysd/actionlint/blob/main/expr_sema.go"""


def context_path(expr: Expr) -> tuple[str, ...]:
    """The keys of a context, with `*` for one that is a number or an expression; empty for anything else."""
    keys: list[str] = []
    while isinstance(expr, Index):
        key = expr.key
        keys.append(key.value if isinstance(key, Constant) and isinstance(key.value, str) else "*")
        expr = expr.of
    return (expr.name, *reversed(keys)) if isinstance(expr, Context) else ()


def input_of(path: Sequence[str]) -> str | None:
    """The name of the input, in lower case, that a path names in either way; None where it names none."""
    *above, name = (key.lower() for key in path)
    return name if tuple(above) in (INPUTS, EVENT_INPUTS) else None


def is_no_property(path: Sequence[str]) -> bool:
    """Whether a path, in lower case, names what `github` does not have, which is empty: `github.repository_lower`.

    https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#about-contexts
    """
    if len(path) < 2 or path[0] != "github" or path[1] in ("event", "*"):
        return False
    return path[1] not in _OF_GITHUB or len(path) > 2
