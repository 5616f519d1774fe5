"""What code of others gets hold of in a job: secrets, a token that writes, or neither; and who is no other.

https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from enum import Enum

from checks.facts.workflow.calls import Start
from checks.facts.workflow.job_events import of_step
from checks.facts.workflow.workflows import Job, Step
from checks.record import kept_with
from checks.regex import regex
from checks.source.yaml import Node, Scalar, walk

GITHUBS = frozenset(("actions", "github"))
"""Owners whose code nobody can change who has not the runners already."""
_SECRET = regex(r"\$\{\{[^}]*(?<![\w.-])secrets\s*(?:\.\s*(?!github_token\b)\w|\[|\))", re.IGNORECASE)
_POWERFUL = ("actions", "attestations", "contents", "deployments", "packages", "pages")
"""Scopes whose writes reach code, releases, images, or what trusts the repository."""
_HOUSES = regex(
    r"(aws|azure|google|microsoft|mozilla|nvidia)(?![a-z])|(aws)labs|(google)cloud|(google)container"
)
"""Companies with many organisations, which have their name in front."""
_FIRST_WORD = regex(r"([a-z]{4,})-")
_OF_MANY = frozenset(
    (
        "actions",
        "android",
        "ansible",
        "apache",
        "arch",
        "azure",
        "black",
        "build",
        "cloud",
        "cluster",
        "code",
        "container",
        "crypto",
        "data",
        "deno",
        "devops",
        "digital",
        "docker",
        "elastic",
        "electron",
        "flutter",
        "github",
        "gitlab",
        "global",
        "golang",
        "google",
        "gradle",
        "helm",
        "home",
        "java",
        "julia",
        "kotlin",
        "kube",
        "kubernetes",
        "laravel",
        "linux",
        "machine",
        "maven",
        "microsoft",
        "mobile",
        "nginx",
        "node",
        "npm",
        "open",
        "openshift",
        "opensource",
        "pages",
        "project",
        "python",
        "rails",
        "react",
        "ruby",
        "rust",
        "security",
        "serverless",
        "setup",
        "slack",
        "smart",
        "software",
        "spring",
        "swift",
        "team",
        "tech",
        "terraform",
        "test",
        "the",
        "tools",
        "ubuntu",
        "unity",
        "vercel",
        "virtual",
        "web",
        "windows",
    )
)
"""First words of the names of many organisations that have nothing to do with each other."""
_OF_ITS_KIND = regex(
    r"(?P<name>[a-z]{5,}?)-?(?:actions|community|dev|eng|engineering|hq|inc|internal|io|labs?|opensource|org|oss|products?|samples|team|tools)"
)
"""A name with what organisations put behind theirs for their further ones: `acmelabs`, `acmedev`."""
_OTHER_NAMES = {
    "18f": "gsa",
    "ai-dynamo": "nvidia",
    "cloud-gov": "gsa",
    "gsa-tts": "gsa",
    "kotlin": "jetbrains",
    "ktorio": "jetbrains",
    "mellanox": "nvidia",
    "nais": "navikt",
    "nv-gha-runners": "nvidia",
    "rapidsai": "nvidia",
}
"""Those of their organisations that have another: https://docs.gha-runners.nvidia.com/, https://nais.io/, https://github.com/cloud-gov"""
_OF_HOUSE = {"azure": "microsoft"}
"""Names of houses that are one: https://opensource.microsoft.com/"""


class Stake(Enum):
    """What a job has that an action of somebody else could take, as a part of a sentence."""

    SECRETS = "with the secrets that the job has"
    WRITES = "with the job's token, which may write"
    IDENTITY = "where it can ask for the job's OIDC token"
    UNKNOWN = "with the job's token"
    """No `permissions:` hold and a setting decides, or what is written is of little weight."""
    PULL_REQUEST = "with the token of a run for a pull request"
    """The same where nothing else starts the job: for a fork and for a bot that token only reads."""
    NOTHING = "in the job, whose token only reads"


BY_WEIGHT = tuple(Stake)
"""What is at stake, the most first."""


def stake_of(job: Job, starts: Collection[Start] | None) -> Stake:
    """What stands in a job, in the environment of its workflow, and in the blocks of those that call it, for what runs in it.

    Of all ways in which it is started that with the most; None where others may start it, too.
    """
    if _has_secrets(job):
        return Stake.SECRETS
    found = [_with_token(job, start) for start in starts or ()]
    return min(found, key=BY_WEIGHT.index, default=_with_token(job, None))


def _with_token(job: Job, start: Start | None) -> Stake:
    """By the innermost block: a workflow that is called without one has the token of its caller."""
    around = (job, *reversed(start.callers)) if start is not None else (job,)
    permissions = next((one.permissions for one in around if one.permissions is not None), None)
    if permissions is not None and any(permissions.access(scope) == "write" for scope in _POWERFUL):
        return Stake.WRITES
    if permissions is not None and permissions.access("id-token") == "write":
        return Stake.IDENTITY
    if permissions is not None and "write" not in permissions.scopes.values():
        return Stake.NOTHING
    is_early = start is not None and start.event.name == "pull_request"
    return Stake.PULL_REQUEST if is_early else Stake.UNKNOWN


@kept_with
def _has_secrets(job: Job) -> bool:
    if job.inherits_secrets:
        return True
    return _name_secrets((job.node, job.workflow.env))


def has_secrets_beside(step: Step) -> bool:
    """Whether a run in which a step of a job runs may have secrets: those of other events' steps are not there then."""
    job, own = step.job, of_step(step)
    if job is None or own is None:
        return True
    along = (one.node for one in job.steps if not set(own).isdisjoint(of_step(one) or ()))
    around = (entry.value for entry in job.node.entries if entry is not job.node.entry("steps"))
    return _name_secrets((job.workflow.env, *around, *along))


def _name_secrets(nodes: Iterable[Node | None]) -> bool:
    scalars = (node for top in nodes if top is not None for node in walk(top) if isinstance(node, Scalar))
    return any(_SECRET.search(scalar.value) for scalar in scalars)


def is_kin(owner: str, other: str) -> bool:
    """Whether two owners, in lower case, are one, or by their names organisations of one house."""
    if not owner or not other:
        return False
    if owner == other or other.startswith(f"{owner}-") or owner.startswith(f"{other}-"):
        return True
    owner, other = _OTHER_NAMES.get(owner, owner), _OTHER_NAMES.get(other, other)
    if owner == other:
        return True
    first, second = _FIRST_WORD.match(owner), _FIRST_WORD.match(other)
    if first and second and first[1] == second[1] and first[1] not in _OF_MANY:
        return True
    if _stem(owner) == _stem(other) and _stem(owner) not in _OF_MANY:
        return True
    house = _house(owner)
    return house is not None and house == _house(other)


def _house(owner: str) -> str | None:
    """The company with many organisations that an owner is one of by its name."""
    found = _HOUSES.match(owner)
    name = found[found.lastindex or 0] if found is not None else None
    return _OF_HOUSE.get(name, name) if name else None


def _stem(owner: str) -> str:
    """The name of an organisation without what is put behind it for a further one."""
    found = _OF_ITS_KIND.fullmatch(owner)
    return found["name"] if found is not None else owner
