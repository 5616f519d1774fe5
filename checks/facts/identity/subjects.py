"""Values that trust policies give for the `sub` of GitHub's OIDC tokens, against the subjects that there are.

With GitHub's default template: https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims.
An owner can choose another template, which no file shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from checks.facts.identity.assumptions import Assumption
from checks.facts.identity.iam_conditions import Condition
from checks.facts.identity.roles import Role, Trusted
from checks.facts.policy.automaton import of_wildcard
from checks.facts.terraform.documents import Leaf
from checks.facts.value import Hole, Value, Varies, joined
from checks.record import Record
from checks.regex import regex

_NAME = Hole(Varies.BRANCH, "repository")
_CONTEXTS = (
    (":ref:refs/heads/", Hole(Varies.UNKNOWN)),
    (":ref:refs/tags/", Hole(Varies.UNKNOWN)),
    (":pull_request",),
    (":environment:", Hole(Varies.UNKNOWN)),
)
_MOST_COLONS = 3
"""In a subject: behind `repo`, the repository, and `ref` or `environment`."""
_CLAIMS = regex(
    r"(?:^|:)(?:actor|actor_id|aud|base_ref|check_run_id|context|enterprise|enterprise_id|event_name|head_ref|"
    r"iss|job_workflow_ref|job_workflow_sha|ref_type|repository|repository_id|repository_owner|repository_owner_id|"
    r"repository_visibility|repo_property_\w+|run_attempt|run_id|run_number|runner_environment|sha|workflow|"
    r"workflow_ref|workflow_sha):"
)
_REPOSITORY = regex(r"repo:(?P<owner>[^:/]*)(?P<slash>/?)(?P<name>[^:]*)(?P<rest>(?::.*)?)")


class Written(Record, eq=False):
    """One value of a condition on `sub` that is wholly known."""

    trusted: Trusted
    condition: Condition
    leaf: Leaf
    text: str

    @property
    def has_wildcard(self) -> bool:
        return "*" in self.text or "?" in self.text

    @property
    def is_like(self) -> bool:
        return self.condition.test == "stringlike"

    @property
    def repository(self) -> tuple[str, str, str] | None:
        """Owner, name and what follows, as they are written; None for what does not begin with `repo:`."""
        match = _REPOSITORY.fullmatch(self.text)
        return (match["owner"], match["name"], match["rest"]) if match else None


def written(trusted: Iterable[Trusted]) -> Iterator[Written]:
    """The known values that `sub` has to equal, or to be like, in statements that trust GitHub Actions."""
    for one in trusted:
        for condition in one.statement.conditions_on("sub"):
            if condition.test in ("stringequals", "stringlike", "stringequalsignorecase"):
                for leaf in condition.values:
                    if leaf.string is not None and "${" not in leaf.string:
                        yield Written(one, condition, leaf, leaf.string)


def is_custom(text: str) -> bool:
    """Whether a value names claims that only a template of the owner's own puts into `sub`."""
    return bool(_CLAIMS.search(text)) or not text.startswith(("repo:", "*", "?"))


def can_match(text: str) -> bool:
    """Whether some subject of GitHub's default template is like a value.

    A colon in the name of an environment or a ref stands in it as `%3A`:
    https://docs.github.com/en/actions/reference/security/oidc#example-subject-claims
    """
    if text.count(":") > _MOST_COLONS:
        return False
    pattern = of_wildcard(text)
    shapes = (joined(("repo:", _NAME, *context)) for context in _CONTEXTS)
    return any(pattern.accepts(shape) is not False for shape in shapes)


def narrowed(trusted: Trusted, *, besides: tuple[str, ...] = ("sub", "aud")) -> bool:
    """Whether a statement has conditions on more than these claims, two on the subject, or more than can be read.

    Values of one operator are alternatives; conditions of several have to hold together.
    """
    statement = trusted.statement
    operators = {one.operator.lower() for one in statement.conditions_on("sub") if one.test != "null"}
    several = len(operators) > 1
    return not trusted.is_whole or several or any(one.claim not in besides for one in statement.conditions)


def assumed_here(role: Role, assumptions: Iterable[Assumption]) -> bool:
    """Whether a workflow of this repository becomes the role."""
    return any(one.role is role for one in assumptions)


def of_repository(text: str, slug: str) -> bool:
    """Whether a value may let in some subject of a repository, in either form."""
    owner, _, name = slug.partition("/")
    rest = Hole(Varies.UNKNOWN)
    forms: tuple[Value, ...] = (
        joined((f"repo:{slug}:", rest)),
        joined((f"repo:{owner}@", Hole(Varies.RUN), f"/{name}@", Hole(Varies.RUN), ":", rest)),
    )
    return any(of_wildcard(text).accepts(form) is not False for form in forms)
