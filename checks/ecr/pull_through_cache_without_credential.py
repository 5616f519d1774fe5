"""Pull-through cache of an upstream that wants a login has no credential

ECR reads public.ecr.aws, quay.io and registry.k8s.io without a login. Docker Hub, GitHub's, GitLab's, Azure's
and Chainguard's registries want one: without `credential_arn` ECR refuses the rule at apply.

The credential is a secret of Secrets Manager in the same account and region, and its name begins with
`ecr-pullthroughcache/`; any other name is refused as well.

Name the secret in `credential_arn`.

The check is silent for upstreams and secrets that are not known from the files.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-rule.html
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_pull_through_cache_rule
"""

from __future__ import annotations

from collections.abc import Iterator

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
from checks.facts.ecr.registry import PullThroughCache
from checks.facts.terraform.modules import Resource
from checks.facts.tree import Traversal, add_attribute

_WITH_LOGIN = ("registry-1.docker.io", "ghcr.io", "registry.gitlab.com", "cgr.dev")
_AZURE = ".azurecr.io"
_NAME = "ecr-pullthroughcache/"

_UNNAMED = """\
-- ecr.tf --
resource "aws_ecr_pull_through_cache_rule" "azure" {
  ecr_repository_prefix = "azure"
  upstream_registry_url = "acme.azurecr.io"
}
resource "aws_secretsmanager_secret" "azure" {
  name = "ecr-pullthroughcache/azure"
}
resource "aws_ecr_pull_through_cache_rule" "old" {
  ecr_repository_prefix = "old"
  upstream_registry_url = "old.azurecr.io"
  credential_arn        = aws_secretsmanager_secret.old.arn
}
resource "aws_secretsmanager_secret" "old" {
  name_prefix = "azure-"
}
"""

check = Check(
    id="pull-through-cache-without-credential",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM,),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "cache"),
    examples=(
        Example(
            title="Docker Hub without a login, and a secret of another name",
            files="""\
-- ecr.tf --
resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
}
resource "aws_ecr_pull_through_cache_rule" "github" {
  ecr_repository_prefix = "github"
  upstream_registry_url = "ghcr.io"
  credential_arn        = aws_secretsmanager_secret.github.arn
}
resource "aws_secretsmanager_secret" "github" {
  name = "github-token"
}
""",
            at=('upstream_registry_url = "registry-1.docker.io"', 'name = "github-token"'),
        ),
        Example(
            title="the secret is declared, and not named; a name by its prefix",
            files=_UNNAMED,
            at=('upstream_registry_url = "acme.azurecr.io"', 'name_prefix = "azure-"'),
            fixed=_UNNAMED.replace(
                '"acme.azurecr.io"\n',
                '"acme.azurecr.io"\n  credential_arn        = aws_secretsmanager_secret.azure.arn\n',
            ),
        ),
        Example(
            title="upstreams that are open, a secret of the right name, one that is not known",
            files="""\
-- ecr.tf --
variable "upstream" {}
resource "aws_ecr_pull_through_cache_rule" "public" {
  ecr_repository_prefix = "ecr-public"
  upstream_registry_url = "public.ecr.aws"
}
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
resource "aws_ecr_pull_through_cache_rule" "unknown" {
  ecr_repository_prefix = "unknown"
  upstream_registry_url = var.upstream
}
resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = aws_secretsmanager_secret.hub.arn
}
resource "aws_ecr_pull_through_cache_rule" "other" {
  ecr_repository_prefix = "other"
  upstream_registry_url = "ghcr.io"
  credential_arn        = data.aws_secretsmanager_secret.other.arn
}
resource "aws_secretsmanager_secret" "hub" {
  name = "ecr-pullthroughcache/hub"
}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for cache in repo.registry.caches:
        upstream = cache.upstream
        if upstream is None or not (upstream in _WITH_LOGIN or upstream.endswith(_AZURE)):
            continue
        if cache.resource.block.body.get("credential_arn") is None:
            yield Finding(
                message=f"The cache of {code(upstream)} has no {code('credential_arn')}.",
                consequence="ECR refuses the rule at apply: that registry wants a login.",
                location=cache.resource.location("upstream_registry_url"),
                fixes=_fixes(cache),
                withheld="" if _fixes(cache) else "which secret holds the login can't be told from here",
            )
        elif secret := _secret(cache):
            yield from _of_secret(cache, secret)


def _fixes(cache: PullThroughCache) -> tuple[Fix, ...]:
    """The one secret of the module that has a name for such a login."""
    module, body = cache.resource.module, cache.resource.block.body
    found = [
        one
        for one in module.of_type("aws_secretsmanager_secret")
        if (value := one.value("name")) and (value.literal or "").startswith(_NAME) and not one.is_repeated
    ]
    upstream = body.attribute("upstream_registry_url")
    if len(found) != 1 or upstream is None:
        return ()
    secret = f"{found[0].address}.arn"
    edits = add_attribute(body, upstream, "credential_arn", secret)
    return offer(
        f"name {code(found[0].address)}",
        Applicability.UNSAFE,
        *(edits or (None,)),
        caution="Does the secret hold the login of this registry?",
    )


def _secret(cache: PullThroughCache) -> Resource | None:
    """The secret that the module declares for it."""
    expression = cache.resource.block.body.get("credential_arn")
    names = expression.names if isinstance(expression, Traversal) else ()
    found = (
        one for one in cache.resource.module.of_type("aws_secretsmanager_secret") if names[1:2] == (one.name,)
    )
    return next(found, None) if names[:1] == ("aws_secretsmanager_secret",) else None


def _of_secret(cache: PullThroughCache, secret: Resource) -> Iterator[Finding]:
    value = secret.value("name") or secret.value("name_prefix")
    start = value.parts[0] if value and value.parts else None
    attribute = "name" if secret.value("name") else "name_prefix"
    if isinstance(start, str) and len(start) >= len(_NAME) and not start.startswith(_NAME):
        is_wrong = True
    else:
        text = value.literal if value else None
        is_wrong = text is not None and not text.startswith(_NAME)
    if is_wrong:
        place = cache.resource.location("credential_arn")
        yield Finding(
            message=f"{code(str(value))} is the name of a pull-through cache's secret, and does not begin with {code(_NAME)}.",
            consequence="ECR refuses the rule at apply; and a secret can't be renamed, it is made anew.",
            location=secret.location(attribute),
            related=(Location(place.text, place.span, "takes it as the cache's credential"),),
        )
