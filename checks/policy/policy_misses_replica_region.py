"""Policy leaves out a region that images are replicated to

ECR replicates images to the registry of another region, or of another account, under another host:
`<account>.dkr.ecr.<region>.amazonaws.com`. A policy's glob that names the host of the source matches none of
them. On the day that the other region takes over, its pods are refused, or run unverified, by what the
controller does with images that no policy speaks of.

Add a glob for each destination.

The check is silent where a glob of any policy covers the replica, for hosts with `*`, where the filters
of the replication leave out what the glob names, for samples, and where rules are computed.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
- https://docs.sigstore.dev/policy-controller/overview/#configuring-image-patterns
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_replication_configuration
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice, takewhile

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.deployment.kubernetes import at
from checks.facts.ecr.registry import Destination, ReplicationRule
from checks.facts.policy.policies import ClusterImagePolicy
from checks.facts.tree import Scalar, Sequence, append_item
from checks.facts.value import Value, literal
from checks.record import Record
from checks.regex import regex

_HOST = regex(r"(?P<account>\d+)\.dkr\.ecr\.(?P<region>[a-z]{2}-[a-z-]+-\d)\.amazonaws\.com/(?P<rest>.+)")
_POLICY = """\
-- policy/images.yaml --
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: "111122223333.dkr.ecr.us-east-1.amazonaws.com/**"
  authorities:
    - static:
        action: fail
"""
_REPLICATION = """\
-- ecr.tf --
resource "aws_ecr_replication_configuration" "main" {
  replication_configuration {
    rule {
      destination {
        region      = "us-west-2"
        registry_id = data.aws_caller_identity.current.account_id
      }
      repository_filter {
        filter      = "web"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}
"""

check = Check(
    id="policy-misses-replica-region",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.KUBERNETES, Kind.TERRAFORM),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("sigstore", "policy", "ecr", "replication"),
    examples=(
        Example(
            title="a second region of the same account",
            files=_POLICY + _REPLICATION,
            at='"111122223333.dkr.ecr.us-east-1.amazonaws.com/**"',
            fixed=_POLICY.replace(
                "  authorities:",
                '    - glob: "111122223333.dkr.ecr.us-west-2.amazonaws.com/**"\n  authorities:',
            ),
        ),
        Example(
            title="another account; the glob names one repository",
            files=_POLICY.replace('"111122223333', "111122223333").replace('com/**"', "com/web@*")
            + _REPLICATION.replace("data.aws_caller_identity.current.account_id", '"444455556666"'),
            at="111122223333.dkr.ecr.us-east-1.amazonaws.com/web@*",
            fixed=_POLICY.replace('"111122223333', "111122223333")
            .replace('com/**"', "com/web@*")
            .replace(
                "  authorities:",
                "    - glob: 444455556666.dkr.ecr.us-west-2.amazonaws.com/web@*\n  authorities:",
            ),
        ),
        Example(
            title="a second policy for the region, a wildcard for all regions",
            files=_POLICY
            + _POLICY.replace("policy/images", "policy/west").replace("us-east-1", "us-west-2")
            + _REPLICATION,
        ),
        Example(
            title="all regions at once",
            files=_POLICY.replace("us-east-1", "*") + _REPLICATION,
        ),
        Example(
            title="a star in a name, and every repository; the source's own region is named among the destinations",
            files=_POLICY.replace("com/**", "com/we*@*")
            + _REPLICATION.replace(
                "      destination {\n",
                """\
      destination {
        region      = "us-east-1"
        registry_id = data.aws_caller_identity.current.account_id
      }
      destination {
""",
            ),
            at='"111122223333.dkr.ecr.us-east-1.amazonaws.com/we*@*"',
            fixed=_POLICY.replace("com/**", "com/we*@*").replace(
                "  authorities:",
                '    - glob: "111122223333.dkr.ecr.us-west-2.amazonaws.com/we*@*"\n  authorities:',
            ),
        ),
        Example(
            title="no filter, which is every repository",
            files=_POLICY.replace("com/**", "com/api@*")
            + _REPLICATION.partition("      repository_filter")[0]
            + "    }\n  }\n}\n",
            at='"111122223333.dkr.ecr.us-east-1.amazonaws.com/api@*"',
            fixed=_POLICY.replace("com/**", "com/api@*").replace(
                "  authorities:",
                '    - glob: "111122223333.dkr.ecr.us-west-2.amazonaws.com/api@*"\n  authorities:',
            ),
        ),
        Example(
            title="an account that is too short, which is to be repaired first",
            files=_POLICY.replace("111122223333", "11112222") + _REPLICATION,
            at='"11112222.dkr.ecr.us-east-1.amazonaws.com/**"',
        ),
        Example(
            title="a sample; an account that is not known",
            files=_POLICY.replace("policy/images", "examples/images")
            + _REPLICATION
            + _POLICY.replace("images.yaml", "api.yaml").replace("com/**", "com/web@*")
            + _REPLICATION.replace("ecr.tf", "other/ecr.tf")
            .replace("data.aws_caller_identity.current.account_id", "var.account")
            .replace("us-west-2", "us-west-1")
            + _POLICY.replace("images.yaml", "west.yaml").replace("us-east-1", "us-west-2"),
        ),
        Example(
            title="the filter leaves out what the glob names; an unknown region",
            files=_POLICY.replace("com/**", "com/api@*")
            + _REPLICATION
            + _REPLICATION.replace("ecr.tf", "other/ecr.tf").replace('"us-west-2"', "var.region"),
        ),
    ),
)


class _Rules(Record, eq=False, dict=True):
    """The rules of replications, by how their prefixes begin."""

    those: tuple[ReplicationRule, ...]

    def near(self, start: str) -> list[ReplicationRule]:
        """Those with a prefix that begins as a name does of which the start is known, as far as both go, in order."""
        shorter = (start[:end] for end in self._lengths if end < len(start))
        first = bisect_left(self._ordered, start)
        longer = takewhile(lambda one: one.startswith(start), islice(self._ordered, first, None))
        places = {place for one in (*shorter, *longer) for place in self._by_prefix.get(one, ())}
        return [self.those[place] for place in sorted(places)]

    @cached_property
    def _by_prefix(self) -> Mapping[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place, rule in enumerate(self.those):
            for prefix in rule.prefixes:
                if prefix is not None:
                    found.setdefault(prefix, []).append(place)
        return found

    @cached_property
    def _ordered(self) -> list[str]:
        return sorted(self._by_prefix)

    @cached_property
    def _lengths(self) -> frozenset[int]:
        return frozenset(map(len, self._by_prefix))


def run(repo: Repository) -> Iterator[Finding]:
    replications = (one for one in repo.registry.replications if not one.is_dynamic)
    rules = _Rules(tuple(rule for one in replications for rule in one.rules))
    missed: dict[str, tuple[tuple[Destination, str], ...]] = {}
    for policy in repo.policies if rules.those else ():
        for glob in policy.globs if not policy.is_sample else ():
            if glob.value not in missed:
                missed[glob.value] = tuple(_missed(repo, glob.value, rules))
            for destination, better in missed[glob.value]:
                yield _finding(policy, glob, destination, better)


def _missed(repo: Repository, glob: str, rules: _Rules) -> Iterator[tuple[Destination, str]]:
    """Where rules send what a glob matches and no policy speaks of it, with the glob that would."""
    match = _HOST.fullmatch(glob)
    if match is None:
        return
    told: set[str] = set()
    for rule in rules.near(_named(match["rest"]).partition("*")[0]):
        name = _name(rule.prefixes, match["rest"])
        for destination in rule.destinations if name else ():
            host = _host(destination, match["account"])
            if host is None or host in told or host == glob.partition("/")[0]:
                continue
            if match["region"] == _region(destination) and destination.is_own_registry:
                continue
            told.add(host)
            if _is_missed(repo, literal(f"{host}/{name}")):
                yield destination, f"{host}/{match['rest']}"


def _is_missed(repo: Repository, image: Value) -> bool:
    """Whether certainly no policy speaks of the replica, those whose globs can't be read included."""
    return not repo.coverage.possible(image)


def _name(prefixes: tuple[str | None, ...], rest: str) -> str | None:
    """A repository with one of the prefixes that the glob's path names; None if there is none for certain."""
    named = _named(rest)
    if not re.search(r"[*?]", named):
        return named if any(one is not None and named.startswith(one) for one in prefixes) else None
    if named == "**":
        return next((one or "repository" for one in prefixes if one is not None), None)
    start = named.partition("*")[0]
    inside = named.endswith("*") and "*" not in named[:-1].rstrip("*")
    fitting = [
        one for one in prefixes if one is not None and (start.startswith(one) or one.startswith(start))
    ]
    return max((start, fitting[0]), key=len) + "x" if inside and fitting else None


def _named(rest: str) -> str:
    """The repository in a glob, without a digest."""
    return rest.partition("@")[0]


def _region(destination: Destination) -> str | None:
    return destination.region.literal if destination.region else None


def _host(destination: Destination, account: str) -> str | None:
    """The registry that images go to; None where its account or region is not known."""
    region = _region(destination)
    if not destination.is_own_registry:
        written = destination.registry.literal if destination.registry else None
        if written is None or not re.fullmatch(r"\d{12}", written):
            return None
        account = written
    return f"{account}.dkr.ecr.{region}.amazonaws.com" if region else None


def _finding(policy: ClusterImagePolicy, glob: Scalar, destination: Destination, better: str) -> Finding:
    name = code(policy.name) if policy.name else "the policy"
    host = better.partition("/")[0]
    broken = re.fullmatch(r"\d{12}", glob.value.partition(".")[0]) is None
    return Finding(
        message=f"{code(glob.value)} leaves out {code(host)}, to which its images are replicated.",
        consequence=(
            f"The replicas have another host, and no policy speaks of it: when {code(_region(destination) or '')} takes "
            f"over, their pods are refused, or run without what {name} asks for, by the controller's default."
        ),
        location=Location(glob.text, glob.span),
        related=(Location(destination.block.body.text, destination.block.header, "replicates them"),),
        fixes=() if broken else _add(policy, glob, better),
        withheld="the account in the glob has to be repaired first" if broken else "",
    )


def _add(policy: ClusterImagePolicy, glob: Scalar, better: str) -> tuple[Fix, ...]:
    images = at(policy.node, "spec", "images")
    if not isinstance(images, Sequence):
        return ()
    written = glob.text[glob.span].replace(glob.value, better)
    return offer(
        f"cover {code(better.partition('/')[0])} too",
        Applicability.UNSAFE,
        append_item(images, f"glob: {written}"),
        caution="From then on the policy holds for the replicas: were their signatures replicated with them?",
    )
