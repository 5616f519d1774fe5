"""IAM roles that Terraform declares: who may become them, and what they may do.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from checks.facts.identity.iam import UNREAD, Policy, Principal, Statement, policy_of
from checks.facts.terraform.modules import Module, Resource
from checks.facts.value import Value
from checks.record import Record
from checks.regex import regex
from checks.source.hcl import Expression, ListExpr, Template, Traversal, walk
from checks.source.text import Location

ASSUME = "sts:AssumeRoleWithWebIdentity"
_GITHUB = regex(r"(?:^|/)token\.actions\.githubusercontent\.com(?:/[\w.-]+)?(?=$|:)")


class Grants(Record, eq=False):
    """What a role may do, as far as it is seen."""

    statements: tuple[Statement, ...]
    managed: tuple[str, ...]
    """ARNs of attached policies that are not declared here: AWS's own, or a customer's."""
    complete: bool
    """Whether nothing else can be attached by what the repository declares."""

    def allows(self, action: str) -> bool | None:
        """Whether some resource may be acted upon so; None where a policy that is not seen decides.

        A statement that denies the action at all makes it unknown: conditions and resources are not weighed.
        """
        if any(not one.allows and one.names_action(action) is not False for one in self.statements):
            return None
        answers = [one.names_action(action) for one in self.statements if one.allows]
        answers += (_of_managed(arn, action) for arn in self.managed)
        if True in answers:
            return True
        return False if self.complete and None not in answers else None


_READ_ECR = frozenset(
    (
        "ecr:getauthorizationtoken",
        "ecr:batchchecklayeravailability",
        "ecr:getdownloadurlforlayer",
        "ecr:batchgetimage",
    )
)
_PUSH_ECR = frozenset(
    ("ecr:initiatelayerupload", "ecr:uploadlayerpart", "ecr:completelayerupload", "ecr:putimage")
)


def _of_managed(arn: str, action: str) -> bool | None:
    """What AWS's own policies allow of ECR's actions, as far as it is known.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/security-iam-awsmanpol.html
    """
    name, wanted = arn.rpartition("/")[2], action.lower()
    if not arn.startswith("arn:aws") or ":iam::aws:policy/" not in arn:
        return None
    if name in ("AdministratorAccess", "PowerUserAccess", "AmazonEC2ContainerRegistryFullAccess"):
        return True if wanted.startswith("ecr:") else None
    if name == "AmazonEC2ContainerRegistryPowerUser":
        return True if wanted in _READ_ECR | _PUSH_ECR else None
    if name == "AmazonEC2ContainerRegistryReadOnly" and wanted in _READ_ECR | _PUSH_ECR:
        return wanted in _READ_ECR
    return None


class Role(Record, eq=False, dict=True):
    """An `aws_iam_role`."""

    resource: Resource

    @cached_property
    def name(self) -> str | None:
        """Its name in IAM; None if that is not known."""
        value = self.resource.value("name")
        return None if self.resource.is_repeated or value is None else value.literal

    @property
    def location(self) -> Location:
        return Location(self.resource.text, self.resource.block.header)

    @cached_property
    def trust(self) -> Policy:
        """Who may become it."""
        expression = self.resource.block.body.get("assume_role_policy")
        return UNREAD if expression is None else policy_of(self.resource.module, expression)

    @cached_property
    def github(self) -> tuple[Statement, ...]:
        """The statements that let tokens of GitHub Actions in."""
        return tuple(one for one in self.trust.statements if trusts_github(one))

    @cached_property
    def grants(self) -> Grants:
        """What its policies allow and deny."""
        return _grants(self)


def trusts_github(statement: Statement) -> bool:
    """Whether a statement allows the federated login of GitHub Actions, by the provider or a key of it."""
    if not statement.allows or statement.names_action(ASSUME) is not True:
        return False
    federated = [one for one in statement.principals if one.type.lower() == "federated"]
    if not federated:
        return False
    by_key = any(_has_github(condition.key) for condition in statement.conditions)
    return by_key or any(is_github_provider(statement.module, one) for one in federated)


def key_prefix(statement: Statement) -> str | None:
    """What the condition keys of GitHub's tokens begin with in a statement: the provider's host and path.

    That is `token.actions.githubusercontent.com`, for an enterprise with its own name behind a slash; None if it is not known.
    https://docs.github.com/en/actions/reference/security/oidc#customizing-the-issuer-value-for-an-enterprise
    """
    keys = (one.key.literal or "" for one in statement.conditions if _has_github(one.key))
    named = [key.rpartition(":")[0] for key in keys]
    for principal in statement.principals:
        text = principal.leaf.string or _provider_url(statement.module, principal) or ""
        found = _GITHUB.search(text)
        named += [found[0].lstrip("/")] if found else []
    return named[0] if named and named[0] else None


def _has_github(key: Value) -> bool:
    first = key.parts[0] if key.parts else ""
    return isinstance(first, str) and bool(_GITHUB.search(first))


def is_github_provider(module: Module, principal: Principal) -> bool:
    """Whether a federated principal certainly is GitHub's OIDC provider: by its ARN, or the provider's URL."""
    shown = "".join(part for part in principal.leaf.shape.parts if isinstance(part, str))
    if _GITHUB.search(shown):
        return True
    return bool(_GITHUB.search(_provider_url(module, principal) or ""))


def _provider_url(module: Module, principal: Principal) -> str | None:
    """The URL of the provider that a principal refers to by its address."""
    address = principal.leaf.text[principal.leaf.span]
    found = re.fullmatch(
        r"(data\.)?aws_iam_openid_connect_provider\.([\w-]+)(?:\[[^\]]*\])?\.arn", address.strip('"${} ')
    )
    if found is None:
        return None
    kind = "data" if found[1] else "resource"
    blocks = (
        block
        for body in module.bodies
        for block in body.of_type(kind, "aws_iam_openid_connect_provider", found[2])
    )
    block = next(blocks, None)
    url = block.body.get("url") if block else None
    return None if url is None else module.value(url).literal


def _grants(role: Role) -> Grants:
    statements: list[Statement] = []
    managed: list[str] = []
    resource, module = role.resource, role.resource.module
    complete = not resource.is_repeated and resource.address not in module.handed_on
    for policy in _own_policies(resource):
        statements += policy.statements
        complete = complete and policy.complete
    arns = resource.block.body.get("managed_policy_arns")
    expressions = list(arns.items) if isinstance(arns, ListExpr) else [arns] if arns is not None else []
    for other in module.resources:
        answer = _attaches(other, role)
        if answer is None:
            complete = False
        elif answer and other.type == "aws_iam_role_policy":
            policy = _policy_in(other)
            statements += policy.statements
            complete = complete and policy.complete and not other.is_repeated
        elif answer:
            found = other.block.body.get("policy_arn")
            complete = complete and found is not None and not other.is_repeated
            expressions += [found] if found is not None else []
    for expression in expressions:
        attached = _declared_policy(module, expression)
        arn = module.value(expression).literal
        if attached is not None:
            policy = _policy_in(attached)
            statements += policy.statements
            complete = complete and policy.complete and not attached.is_repeated
        elif arn is not None:
            managed.append(arn)
        else:
            complete = False
    return Grants(tuple(statements), tuple(managed), complete)


def _policy_in(resource: Resource) -> Policy:
    expression = resource.block.body.get("policy")
    return UNREAD if expression is None else policy_of(resource.module, expression)


def _own_policies(resource: Resource) -> Iterator[Policy]:
    for block in resource.block.body.blocks:
        if block.type == "dynamic":
            yield UNREAD
        elif block.type == "inline_policy":
            expression = block.body.get("policy")
            yield UNREAD if expression is None else policy_of(resource.module, expression)


_ATTACHMENTS = ("aws_iam_role_policy", "aws_iam_role_policy_attachment")
_OTHERS = (
    "aws_iam_policy_attachment",
    "aws_iam_role_policy_attachments_exclusive",
    "aws_iam_role_policies_exclusive",
)


def _attaches(resource: Resource, role: Role) -> bool | None:
    """Whether a resource gives a role a policy; None where that can't be told."""
    if resource.type in _OTHERS:
        return None if _mentions(resource, role) is not False else False
    if resource.type not in _ATTACHMENTS:
        return False
    expression = resource.block.body.get("role")
    if expression is None:
        return None
    address = _address(expression)
    if address is not None:
        return address == role.resource.address
    name = resource.module.value(expression).literal
    if name is None:
        return None
    return name == role.name if role.name is not None else None


def _mentions(resource: Resource, role: Role) -> bool | None:
    roles = resource.block.body.get("roles") or resource.block.body.get("role_name")
    if roles is None:
        return None
    addresses = [one.dotted or "" for one in walk(roles) if isinstance(one, Traversal)]
    known = bool(addresses) and all(one.startswith("aws_iam_role.") for one in addresses)
    return None if not known else any(one.startswith(role.resource.address + ".") for one in addresses)


def _address(expression: Expression) -> str | None:
    """`aws_iam_role.x` of `aws_iam_role.x.name`, also within `"${…}"`."""
    if isinstance(expression, Template) and expression.wrapped is not None:
        expression = expression.wrapped
    if (
        isinstance(expression, Traversal)
        and len(expression.names) > 2
        and expression.names[0] == "aws_iam_role"
    ):
        return ".".join(expression.names[:2])
    return None


def _declared_policy(module: Module, expression: Expression) -> Resource | None:
    if (
        isinstance(expression, Traversal)
        and expression.names[:1] == ("aws_iam_policy",)
        and len(expression.names) > 2
    ):
        return next(
            (one for one in module.of_type("aws_iam_policy") if one.name == expression.names[1]), None
        )
    return None


def roles_in(modules: Iterable[Module]) -> tuple[Role, ...]:
    """The roles that modules declare."""
    return tuple(Role(resource) for module in modules for resource in module.of_type("aws_iam_role"))


class Trusted(Record, eq=False):
    """A statement through which tokens of GitHub Actions become a role."""

    role: Role
    statement: Statement

    @property
    def is_whole(self) -> bool:
        """Whether nothing else in the trust policy narrows or widens what it says, as far as can be read."""
        policy = self.role.trust
        return policy.complete and all(one.complete and one.allows for one in policy.statements)


def trusted(roles: Iterable[Role]) -> tuple[Trusted, ...]:
    """The statements that trust GitHub Actions, each once, where several roles share a document."""
    found: dict[tuple[str, int], Trusted] = {}
    for role in roles:
        for statement in role.github:
            found.setdefault((statement.text.path, statement.span.start), Trusted(role, statement))
    return tuple(found.values())
