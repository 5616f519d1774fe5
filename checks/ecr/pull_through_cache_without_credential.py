"""Pull-through cache of an upstream that wants a login has no credential

ECR reads public.ecr.aws, quay.io and registry.k8s.io without a login. Docker Hub, GitHub's, GitLab's, Azure's and
Chainguard's registries want one: without `credential_arn` ECR refuses the rule at apply.

The credential is a secret of Secrets Manager in the same account and region, and its name begins with
`ecr-pullthroughcache/`; any other name is refused as well.

The check is silent for upstreams and secrets that are not known from the files.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-rule.html
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
- https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ecr_pull_through_cache_rule
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import Check, Example, Finding, Kind, Location, Repository, Scope, Severity, code
from checks.facts.registry import PullThroughCache
from checks.facts.terraform import Resource
from checks.facts.tree import Traversal

_WITH_LOGIN = ("registry-1.docker.io", "ghcr.io", "registry.gitlab.com", "cgr.dev")
_AZURE = ".azurecr.io"
_NAME = "ecr-pullthroughcache/"

check = Check(
    id="pull-through-cache-without-credential",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM,),
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
            )
        elif secret := _secret(cache):
            yield from _of_secret(cache, secret)


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
            message=f"The secret of a pull-through cache has a name that does not begin with {code(_NAME)}.",
            consequence="ECR refuses the rule at apply; and a secret can't be renamed, it is made anew.",
            location=secret.location(attribute),
            related=(Location(place.text, place.span, "takes it as the cache's credential"),),
        )
