"""What Terraform says: values, resources, provider versions, ECR repositories."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.check import Kind, Repository
from checks.facts.ecr.repositories import EcrRepository, wildcard_matches
from checks.facts.terraform.modules import Module
from checks.facts.value import Hole, Value, Varies, literal
from checks.source.snapshot import Snapshot


def module(*contents: str, lock: str = "") -> Module:
    files = {f"infra/f{number}.tf": content for number, content in enumerate(contents)}
    if lock:
        files["infra/.terraform.lock.hcl"] = lock
    (found,) = Repository(Snapshot.of(files)).terraform
    return found


def value(expression: str, *more: str) -> Value:
    """What an expression comes to, beside other declarations."""
    (resource,) = module(f'resource "a" "b" {{\n  x = {expression}\n}}\n', *more).resources
    found = resource.value("x")
    assert found is not None
    return found


LOCALS = """\
locals {
  name  = "web"
  full  = "${local.name}-${var.stage}"
  loop  = local.loop
  other = data.aws_region.current.name
}
variable "stage" { default = "prod" }
variable "open" {}
variable "optional" { default = "" }
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"plain"', "plain"),
        ("1", "1"),
        ("1.5", "1.5"),
        ("true", "true"),
        ("local.name", "web"),
        ("var.stage", "prod"),
        ('"${local.name}/x"', "web/x"),
        ("local.full", "web-prod"),
        ('"a-${local.full}-b"', "a-web-prod-b"),
        ("<<EOT\nx\nEOT", "x\n"),
    ],
)
def test_locals_defaults_and_templates_are_followed(expression: str, expected: str) -> None:
    assert value(expression, LOCALS).literal == expected


@pytest.mark.parametrize(
    "expression",
    [
        "var.open",
        "var.optional",
        "local.loop",
        "local.none",
        "null",
        "upper(local.name)",
        "[1]",
        "local.name == 1 ? 2 : 3",
        "local.other",
    ],
)
def test_what_is_not_in_the_files_is_unknown(expression: str) -> None:
    assert value(expression, LOCALS).is_unknown


def test_a_template_keeps_what_is_known_around_a_hole() -> None:
    assert value('"${var.open}-${local.name}"', LOCALS).parts == (Hole(Varies.UNKNOWN, "var.open"), "-web")


def test_folders_are_modules_of_their_own() -> None:
    files = {"a/x.tf": 'locals {\n  name = "a"\n}\n', "b/y.tf": 'resource "r" "s" {\n  x = local.name\n}\n'}
    modules = Repository(Snapshot.of(files)).terraform
    assert [one.folder for one in modules] == ["a", "b"]
    found = modules[1].resources[0].value("x")
    assert found
    assert found.is_unknown


def test_references_that_multiply_end() -> None:
    """A hundred of the one before, ten times."""
    many = "".join(f'  v{n} = "{f"${{local.v{n - 1}}}" * 100}"\n' for n in range(1, 11))
    assert value("local.v10", f'locals {{\n  v0 = "x"\n{many}}}\n').is_unknown
    assert value("local.v1", f'locals {{\n  v0 = "x"\n{many}}}\n').literal == "x" * 100


STRUCTURES = """\
locals {
  tags  = { team = "web", nested = { stage = "prod" } }
  names = ["web", "api"]
  same  = local.tags
}
resource "aws_ecr_repository" "web" {
  name = "acme/${local.tags.team}"
}
resource "aws_ecr_repository" "many" {
  count = 2
  name  = "many"
}
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("local.tags.team", "web"),
        ('local.tags["team"]', "web"),
        ("local.tags.nested.stage", "prod"),
        ("local.names[1]", "api"),
        ("local.names.0", "web"),
        ("aws_ecr_repository.web.name", "acme/web"),
        ('"${aws_ecr_repository.web.name}:v1"', "acme/web:v1"),
        ("local.tags.none", None),
        ("local.names[2]", None),
        ("local.names[-1]", None),
        ("local.names[var.open]", None),
        ("local.tags[*]", None),
        ("aws_ecr_repository.web.arn", None),
        ("aws_ecr_repository.many.name", None),
        ("aws_ecr_repository.none.name", None),
    ],
)
def test_parts_of_locals_and_arguments_of_resources(expression: str, expected: str | None) -> None:
    content = f'resource "a" "b" {{\n  x = {expression}\n}}\n'
    found = module(STRUCTURES, content).resources[-1].value("x")
    assert found is not None
    assert found.literal == expected


def test_resources_tell_their_address_and_places() -> None:
    content = 'resource "aws_ecr_repository" "web" {\n  count = 2\n  name  = "web"\n}\nresource "x" "y" {}\n'
    web, other = module(content).resources
    assert (web.address, web.is_repeated, other.is_repeated) == ("aws_ecr_repository.web", True, False)
    assert web.location("name", "is it").fragment == 'name  = "web"'
    assert web.location("absent").fragment == 'resource "aws_ecr_repository" "web"'
    assert web.value("absent") is None
    assert next(module(content).of_type("x")).name == "y"


LOCK = 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "%s"\n}\n'
REQUIRED = "terraform {\n  required_providers {\n    aws = %s\n  }\n}\n"


@pytest.mark.parametrize(
    ("constraint", "lock", "expected"),
    [
        ("", "", True),
        ('{ source = "hashicorp/aws", version = ">= 6.8" }', "", True),
        ('{ source = "hashicorp/aws", version = ">= 5.0, < 7" }', "", False),
        ('{ source = "hashicorp/aws", version = "~> 6.8.1" }', "", True),
        ('{ source = "hashicorp/aws", version = ">= 5.0, >= 6.8" }', "", True),
        ('"~> 5.0"', "", False),
        ('{ source = "hashicorp/aws", version = "< 9" }', "", False),
        ('{ source = "hashicorp/aws" }', "", True),
        ('"~> 5.0"', "6.10.0", True),
        ('">= 5.0"', "6.7.9", False),
        ("", "6.8.0", True),
    ],
)
def test_the_provider_is_what_the_lock_says_else_the_lowest_that_is_allowed(
    constraint: str, lock: str, expected: bool
) -> None:
    content = REQUIRED % constraint if constraint else "# none\n"
    found = module(content, lock=LOCK % lock if lock else "")
    assert found.aws_provider_is_at_least(6, 8) is expected


NAMED = """\
variable "name" { default = "web" }
resource "aws_ecr_repository" "it" { name = var.name }
"""


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, "web", id="the default"),
        pytest.param({"infra/terraform.tfvars": 'name = "shop"\n'}, "shop", id="loaded by itself"),
        pytest.param(
            {"infra/terraform.tfvars": 'name = "shop"\n', "infra/b.auto.tfvars": 'name = "late"\n'},
            "late",
            id="the last that is loaded",
        ),
        pytest.param({"infra/prod.tfvars": 'name = "shop"\n'}, None, id="for some runs"),
        pytest.param({"infra/prod.tfvars": 'name = "web"\n'}, "web", id="for some runs the same"),
        pytest.param({"infra/prod.tfvars": "size = 3\n"}, "web", id="of another variable"),
        pytest.param({"infra/prod/terraform.tfvars": 'name = "shop"\n'}, None, id="below"),
        pytest.param({"stages/prod.tfvars": 'name = "shop"\n'}, None, id="of no module above"),
        pytest.param(
            {"dns/a.tf": "locals {}\n", "dns/a.tfvars": 'name = "x"\n'}, "web", id="of another module"
        ),
    ],
)
def test_a_variable_is_what_tfvars_say(files: dict[str, str], expected: str | None) -> None:
    repo = Repository(Snapshot.of({"infra/main.tf": NAMED, **files}))
    (found,) = repo.ecr_repositories
    assert found.name == expected


def test_a_lock_file_is_a_kind_of_its_own() -> None:
    repo = Repository(Snapshot.of({".terraform.lock.hcl": LOCK % "6.0.0"}))
    assert list(repo.kinds.values()) == [Kind.TERRAFORM_LOCK]
    assert repo.terraform == ()


# -- ECR


def ecr(body: str, *more: str) -> EcrRepository:
    files = {"m.tf": f'resource "aws_ecr_repository" "web" {{\n{body}\n}}\n'}
    files |= {f"x{number}.tf": content for number, content in enumerate(more)}
    (found,) = Repository(Snapshot.of(files)).ecr_repositories
    return found


def names(files: dict[str, str]) -> list[str | None]:
    """Of the repositories that Terraform declares."""
    return [one.name for one in Repository(Snapshot.of(files)).ecr_repositories]


EACH = """\
locals {{
  list = ["a", "b"]
  map  = {{ a = {{ path = "x/a" }}, b = {{ path = "x/b" }} }}
  flat = {{ a = "1", "b" = "2" }}
}}
variable "given" {{ default = ["c"] }}
variable "open" {{}}
resource "aws_ecr_repository" "each" {{
  for_each = {}
  name     = "{}"
}}
"""


@pytest.mark.parametrize(
    ("for_each", "name", "expected"),
    [
        ('toset(["a", "b"])', "team/${each.key}", ["team/a", "team/b"]),
        ("toset(local.list)", "${each.value}", ["a", "b"]),
        ("toset(var.given)", "${each.key}", ["c"]),
        ("local.map", "${each.value.path}", ["x/a", "x/b"]),
        ('{ a = "1", b = local.list[1] }', "${each.key}-${each.value}", ["a-1", "b-b"]),
        ("local.flat", "${each.key}${each.value}", ["a1", "b2"]),
        ("local.flat", "${each.value.none}", [None, None]),
        ("toset([var.open])", "${each.key}", [None]),
        ("toset(var.open)", "${each.key}", [None]),
        ('{ (var.open) = "1" }', "${each.key}", [None]),
        ("local.list", "${each.key}", [None]),
        ("{ for one in local.list : one => one }", "${each.key}", [None]),
    ],
)
def test_for_each_over_literals_makes_a_repository_for_each(
    for_each: str, name: str, expected: list[str | None]
) -> None:
    assert names({"ecr.tf": EACH.format(for_each, name)}) == expected


def test_of_very_many_instances_nothing_is_known() -> None:
    keys = ", ".join(f'"r{number}"' for number in range(101))
    (found,) = Repository(
        Snapshot.of({"ecr.tf": EACH.format(f"toset([{keys}])", "${each.key}")})
    ).ecr_repositories
    assert (found.name, found.is_repeated) == (None, True)


INNER = """\
variable "name" {}
variable "mode" { default = "MUTABLE" }
locals {
  full = "acme/${var.name}"
}
resource "aws_ecr_repository" "this" {
  name                 = local.full
  image_tag_mutability = var.mode
}
"""


def test_a_variable_is_what_module_blocks_of_the_repository_give() -> None:
    outer = """\
module "web" {
  source = "./modules/ecr"
  name   = "web"
  mode   = local.mode
}
module "api" {
  for_each = toset(["api", "jobs"])
  source   = "./modules/../modules/ecr"
  name     = each.key
}
module "open" {
  source = "./modules/ecr"
  name   = var.open
}
module "elsewhere" {
  source = "git::https://git.acme.test/ecr.git"
  name   = "no"
}
locals { mode = "IMMUTABLE" }
"""
    repo = Repository(Snapshot.of({"main.tf": outer, "modules/ecr/main.tf": INNER}))
    assert [(one.name, one.mutability, one.is_repeated) for one in repo.ecr_repositories] == [
        ("acme/web", "IMMUTABLE", False),
        ("acme/api", "MUTABLE", False),
        ("acme/jobs", "MUTABLE", False),
        (None, "MUTABLE", False),
    ]


def test_what_module_blocks_disagree_on_is_unknown_to_the_module_itself() -> None:
    inner = 'variable "same" {}\nvariable "other" { default = "x" }\nresource "a" "b" {\n  s = var.same\n  o = var.other\n}\n'
    outer = 'module "{0}" {{\n  source = "../m"\n  same = "s"\n{1}}}\n'
    repo = Repository(
        Snapshot.of({"m/a.tf": inner, "o/a.tf": outer.format("a", '  other = "y"\n') + outer.format("b", "")})
    )
    (resource,) = repo.terraform[0].resources
    same, other = resource.value("s"), resource.value("o")
    assert same == literal("s")
    assert other
    assert other.is_unknown


def test_modules_that_call_one_another_in_a_circle_give_nothing() -> None:
    call = 'variable "name" {}\nmodule "m" {\n  source = "../%s"\n  name = var.name\n}\n'
    ecr = 'resource "aws_ecr_repository" "this" {\n  name = var.name\n}\n'
    assert names({"a/x.tf": call % "b", "b/x.tf": (call % "a") + ecr}) == [None]
    assert names({"a/x.tf": (call % "a") + ecr}) == [None]


def test_a_call_that_may_be_made_any_number_of_times_says_so() -> None:
    outer = 'module "m" {\n  count  = var.on ? 1 : 0\n  source = "./m"\n  name   = "web"\n}\n'
    (found,) = Repository(Snapshot.of({"main.tf": outer, "m/main.tf": INNER})).ecr_repositories
    assert (found.name, found.is_repeated) == ("acme/web", True)


EXCLUDING = """\
name                 = "web"
image_tag_mutability = "{}"
image_tag_mutability_exclusion_filter {{
  filter      = "{}"
  filter_type = "WILDCARD"
}}
"""
UNKNOWN_TAG = Value((Hole(), "-latest"))


@pytest.mark.parametrize(
    ("body", "tag", "expected"),
    [
        ('name = "web"', literal("v1"), True),
        ('image_tag_mutability = "MUTABLE"', UNKNOWN_TAG, True),
        ('image_tag_mutability = "IMMUTABLE"', UNKNOWN_TAG, False),
        ("image_tag_mutability = var.open", literal("v1"), None),
        ("image_tag_mutability = local.how", literal("v1"), False),
        (EXCLUDING.format("IMMUTABLE_WITH_EXCLUSION", "*latest"), literal("main-latest"), True),
        (EXCLUDING.format("IMMUTABLE_WITH_EXCLUSION", "*latest"), literal("v1"), False),
        (EXCLUDING.format("IMMUTABLE_WITH_EXCLUSION", "*latest"), UNKNOWN_TAG, None),
        (EXCLUDING.format("IMMUTABLE_WITH_EXCLUSION", "${var.open}"), literal("v1"), None),
        (EXCLUDING.format("MUTABLE_WITH_EXCLUSION", "v*"), literal("v1"), False),
        (EXCLUDING.format("MUTABLE_WITH_EXCLUSION", "v*"), literal("main"), True),
    ],
)
def test_whether_a_tag_may_move(body: str, tag: Value, expected: bool | None) -> None:
    assert ecr(body, 'locals {\n  how = "IMMUTABLE"\n}\n').may_move(tag) is expected


def test_filters_that_are_made_by_a_block_of_their_own_are_unknown() -> None:
    body = """\
image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"
dynamic "image_tag_mutability_exclusion_filter" {
  for_each = var.filters
  content {
    filter = image_tag_mutability_exclusion_filter.value
  }
}
"""
    assert ecr(body).exclusions is None
    assert ecr(body).may_move(literal("v1")) is None


def test_a_repositorys_name_may_be_unknown() -> None:
    assert ecr('name = "web"').name == "web"
    assert ecr("name = var.open").name is None
    assert ecr("").name is None


@given(st.text("ab*", max_size=7), st.text("ab", max_size=7))
def test_ecrs_wildcards_are_those_of_a_regular_expression(pattern: str, name: str) -> None:
    translated = ".*".join(map(re.escape, pattern.split("*")))
    assert wildcard_matches(pattern, name) == (re.fullmatch(translated, name) is not None)


def test_wildcards_take_no_long_time() -> None:
    assert not wildcard_matches("a*" * 50 + "b", "a" * 5_000)
