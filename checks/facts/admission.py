"""Signatures and policies together: which policy asks for a signature, and what it would have to say of the signer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from checks.facts.automaton import REF_NAME
from checks.facts.policies import ClusterImagePolicy
from checks.facts.signing import Signature, Signer, is_pull_request, signers
from checks.facts.value import Value, Varies
from checks.facts.workflows import Workflow

_WORKFLOW = re.compile(r"(https://github\.com/[^@]+)@(refs/.+)")


@dataclass(frozen=True)
class Subject:
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
    patterns = [_escaped(value, owner) for value in values]
    parts = [
        _WORKFLOW.fullmatch(pattern.replace(r"github\.com", "github.com")) for pattern in patterns if pattern
    ]
    if not parts or len(parts) != len(values) or any(part is None for part in parts):
        return None
    paths = {part[1] for part in parts if part}
    refs = tuple(dict.fromkeys(part[2] for part in parts if part))
    if len(paths) != 1:
        return None
    path = paths.pop().replace("github.com", r"github\.com", 1)
    return Subject("subjectRegExp", f"^{path}@{refs[0] if len(refs) == 1 else '(' + '|'.join(refs) + ')'}$")


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


def covering(signature: Signature, policies: Iterable[ClusterImagePolicy]) -> tuple[ClusterImagePolicy, ...]:
    """The policies that certainly speak of every image that a signature is for."""
    images = signature.images
    return tuple(
        policy
        for policy in policies
        if images and not policy.is_sample and all(policy.covers(image) is True for image in images)
    )


def may_be_asked_for(policy: ClusterImagePolicy, images: Iterable[Value]) -> bool:
    """Whether a policy may speak of one of the images, as far as they are known; with none known, it may."""
    answers = [policy.covers(image) for image in images]
    return not answers or any(answer is not False for answer in answers)
