"""Who a job is to others: the subject of its OIDC token, and the identity in a certificate of Fulcio.

https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims and
https://github.com/sigstore/fulcio/blob/main/docs/oidc.md#github
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.facts.value import UNKNOWN, Hole, Value, Varies, joined, literal
from checks.facts.workflow.calls import Start
from checks.facts.workflow.events import Event, RefKind
from checks.facts.workflow.job_events import of_job
from checks.facts.workflow.matrix import legs
from checks.facts.workflow.resolve import Scope
from checks.facts.workflow.workflows import Job, Step

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
    return joined((_PREFIXES[event.ref_kind], *_of_pattern(event.pattern, hole)))


def _of_pattern(pattern: str | None, hole: Hole) -> tuple[str | Hole, ...]:
    """The shape of the refs that a filter such as `v*` or `release/**` lets in; any ref for other filters."""
    if pattern is None or set(pattern) & set("?+[]!\\"):
        return (hole,)
    pieces = re.split(r"\*+", pattern)
    rest = Hole(Varies.UNKNOWN, hole.source)
    return tuple(part for piece in pieces for part in (rest, piece))[1:]


def environments(job: Job, slug: str | None) -> tuple[Value, ...]:
    """The deployment environments that a job may name, over the legs of its matrix; empty for none."""
    written = job.environment
    if written is None:
        return ()
    step = Step(job.workflow.text, job.node, 0, job)
    found = (one for leg in legs(job) or ({},) for one in Scope(step, leg, slug).values(written.value))
    return tuple(dict.fromkeys(found))


def subjects(job: Job, slug: str | None) -> Iterator[tuple[Event, Value]]:
    """The `sub` claim of a job's OIDC token for each event that it may run for; a fork's pull request has none."""
    for event in of_job(job):
        for subject in subjects_of(job, Start(event), slug):
            yield event, subject


def subjects_of(job: Job, start: Start, slug: str | None, *, immutable: bool = False) -> Iterator[Value]:
    """The `sub` claim of a job that is started in one way, with GitHub's default template.

    `repo:<owner>/<name>:environment:<name>` with an environment, `…:pull_request`, else `…:ref:<ref>`: the
    form with names, which repositories have that were made before July 2026. The immutable form has the
    owner's and the repository's ids too: `repo:<owner>@<id>/<name>@<id>:…`. A `:` in a value is written `%3A`.
    """
    repository = _repository(slug, immutable=immutable)
    named = environments(job, slug)
    if named:
        for environment in named:
            yield joined((*repository, ":environment:", *_escaped(environment).parts))
    elif start.event.ref_kind is RefKind.PULL:
        yield joined((*repository, ":pull_request"))
    else:
        yield joined((*repository, ":ref:", *_escaped(ref_of(start.event)).parts))


def _repository(slug: str | None, *, immutable: bool) -> tuple[str | Hole, ...]:
    if slug is None:
        return ("repo:", Hole(source="github.repository"))
    if not immutable:
        return ("repo:", slug)
    owner, _, name = slug.partition("/")
    return (
        f"repo:{owner}@",
        Hole(Varies.RUN, "github.repository_owner_id"),
        f"/{name}@",
        Hole(Varies.RUN, "github.repository_id"),
    )


def _escaped(value: Value) -> Value:
    return joined(part.replace(":", "%3A") if isinstance(part, str) else part for part in value.parts)


def certificate_identity(path: str, event: Event, slug: str | None) -> Value:
    """The subject alternative name that Fulcio certifies for a workflow file of this repository.

    `https://github.com/<owner>/<name>/<path>@<ref>`. In a reusable workflow `path` is that of the called
    file; called by a local path, it has the ref of the caller.
    """
    repository = literal(slug).parts if slug else (Hole(source="github.repository"),)
    return joined(("https://github.com/", *repository, "/", path, "@", *ref_of(event).parts))
