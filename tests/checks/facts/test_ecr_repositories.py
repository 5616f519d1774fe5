"""How a sentence names the ECR repositories of one resource."""

from __future__ import annotations

import pytest

from checks.facts.ecr.repositories import names_shown
from checks.facts.repository.repository import Repository
from checks.source.snapshot import Snapshot

_MODULE = """\
variable "name" {
  default = "web"
}
resource "aws_ecr_repository" "this" {
  name = var.name
}
resource "aws_ecr_repository" "beside" {
  name = "beside"
}
"""


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ((), "`web`"),
        (('name = "api"',), "`api`"),
        (('name = "jobs"', 'name = "api"'), "`api` and `jobs`"),
        (('name = "jobs"', ""), "`jobs` and `web`"),
        (('name = "jobs"', 'name = "jobs"'), "`jobs`"),
        (('name = "a"', 'name = "b"', 'name = "c"', 'name = "d"'), "`a`, `b`, `c` and 1 more"),
        (('name = "jobs"', "name = random_id.a.hex"), "`aws_ecr_repository.this`"),
    ],
)
def test_names_that_the_callers_of_a_module_give(given: tuple[str, ...], shown: str) -> None:
    calls = (f'module "use_{at}" {{\n  source = "./images"\n  {one}\n}}\n' for at, one in enumerate(given))
    files = {"main.tf": "".join(calls), "images/main.tf": _MODULE}
    repositories = Repository(Snapshot.of(files)).ecr_repositories
    one = next(it for it in repositories if it.resource.name == "this")
    assert names_shown(one, repositories) == shown
