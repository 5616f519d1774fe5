"""Signatures and policies together: which policy asks for a signature, and what it would have to say of the signer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from checks.facts.image.signing import Signature, Signer, is_pull_request, signers
from checks.facts.policy.automaton import REF_NAME
from checks.facts.policy.coverage import Coverage
from checks.facts.policy.policies import ClusterImagePolicy
from checks.facts.value import Value, Varies
from checks.facts.workflow.workflows import Workflow
from checks.record import Record
from checks.regex import regex

_WORKFLOW = regex(r"(https://github\.com/[^@]+)@(refs/.+)")


class Subject(Record):
    """What a policy says to accept certain signers and nobody else."""

    field: str
    """`subject` or `subjectRegExp`."""
    text: str


def subject_for(found: Iterable[Signer], owner: str = "") -> Subject | None:
    """The narrowest subject for signers, those of pull requests left out; None where they are not one workflow's.

    `owner` stands in for one that is not known, with `REPOSITORY` behind it.
    """
    values = dict.fromkeys(one.subject for one in found if not is_pull_request(one.event))
    texts = [value.literal for value in values]
    if len(texts) == 1 and texts[0] is not None:
        return Subject("subject", texts[0])
    paths: set[str] = set()
    refs: dict[str, None] = {}
    for value in values:
        part = _WORKFLOW.fullmatch(_escaped(value, owner).replace(r"github\.com", "github.com"))
        if part is None or paths - {part[1]}:
            return None
        paths.add(part[1])
        refs[part[2]] = None
    if not paths:
        return None
    path = paths.pop().replace("github.com", r"github\.com", 1)
    return Subject(
        "subjectRegExp", f"^{path}@{'|'.join(refs) if len(refs) == 1 else '(' + '|'.join(refs) + ')'}$"
    )


def _escaped(value: Value, owner: str) -> str:
    """A value as a regular expression; empty where a part of it can't be told."""
    parts: list[str] = []
    for part in value.parts:
        if isinstance(part, str):
            parts.append(re.sub(r"[.+*?()|\[\]{}^$\\]", r"\\\g<0>", part))
        elif part.varies in (Varies.BRANCH, Varies.TAG):
            parts.append(".+")
        elif part.source == REF_NAME:
            parts.append(".*")
        elif owner and part.source == "github.repository":
            parts.append(re.sub(r"[.]", r"\\.", owner) + "/REPOSITORY")
        else:
            return ""
    return "".join(parts)


def signers_of(signature: Signature, workflows: Sequence[Workflow], slug: str | None) -> tuple[Signer, ...]:
    """Who makes a signature, for each event; nobody for one in a script file or a composite action."""
    job = signature.step.job if signature.step else None
    if job is None or not signature.uses_public_sigstore:
        return ()
    return signers(job, signature.events or (), workflows, slug)


def covering(signature: Signature, coverage: Coverage) -> tuple[ClusterImagePolicy, ...]:
    """The policies that certainly speak of every image that a signature is for."""
    images = signature.images
    return tuple(
        policy
        for policy in (coverage.certain(images[0]) if images else ())
        if not policy.is_sample and all(policy.covers(image) is True for image in images)
    )
