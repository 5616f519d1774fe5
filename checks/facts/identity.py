"""Who a job is to others: the subject of its OIDC token, and the identity in a certificate of Fulcio.

https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims and
https://github.com/sigstore/fulcio/blob/main/docs/oidc.md#github
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.facts.events import Event, RefKind, of_job
from checks.facts.matrix import legs
from checks.facts.resolve import Scope
from checks.facts.value import UNKNOWN, Hole, Value, Varies, joined, literal
from checks.facts.workflows import Job, Step

ISSUER = "https://token.actions.githubusercontent.com"

_PREFIXES = {RefKind.BRANCH: "refs/heads/", RefKind.TAG: "refs/tags/"}
_VARIES = {RefKind.BRANCH: Varies.BRANCH, RefKind.TAG: Varies.TAG, RefKind.PULL: Varies.PULL_REQUEST}


def ref_of(event: Event) -> Value:
    """`github.ref` for an event: `refs/heads/main`, or with a hole for what is not fixed."""
    if event.name == "workflow_call":
        return UNKNOWN
    if event.ref is not None:
        return literal(event.ref)
    hole = Hole(_VARIES[event.ref_kind], "github.ref_name")
    if event.ref_kind is RefKind.PULL:
        return joined(("refs/pull/", hole, "/merge"))
    return joined((_PREFIXES[event.ref_kind], hole))


def environments(job: Job, slug: str | None) -> tuple[Value, ...]:
    """The deployment environments that a job may name, over the legs of its matrix; empty for none."""
    written = job.environment
    if written is None:
        return ()
    step = Step(job.workflow.text, job.node, 0, job)
    found = (one for leg in legs(job) or ({},) for one in Scope(step, leg, slug).values(written.value))
    return tuple(dict.fromkeys(found))


def subjects(job: Job, slug: str | None) -> Iterator[tuple[Event, Value]]:
    """The `sub` claim of a job's OIDC token for each event that it may run for; a fork's pull request has none.

    `repo:<owner>/<name>:environment:<name>` with an environment, `…:pull_request`, else `…:ref:<ref>`: the
    form with names, which repositories have that were made before July 2026. The immutable form has the
    owner's and the repository's ids too.
    """
    repository = ("repo:", *(literal(slug).parts if slug else (Hole(source="github.repository"),)))
    named = environments(job, slug)
    for event in of_job(job):
        if named:
            for environment in named:
                yield event, joined((*repository, ":environment:", *environment.parts))
        elif event.ref_kind is RefKind.PULL:
            yield event, joined((*repository, ":pull_request"))
        else:
            yield event, joined((*repository, ":ref:", *ref_of(event).parts))


def certificate_identity(path: str, event: Event, slug: str | None) -> Value:
    """The subject alternative name that Fulcio certifies for a workflow file of this repository.

    `https://github.com/<owner>/<name>/<path>@<ref>`. In a reusable workflow `path` is that of the called
    file; called by a local path, it has the ref of the caller.
    """
    repository = literal(slug).parts if slug else (Hole(source="github.repository"),)
    return joined(("https://github.com/", *repository, "/", path, "@", *ref_of(event).parts))
