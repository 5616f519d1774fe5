"""Which images a lifecycle policy of ECR selects: the examples of its documentation, and what holds for all."""

from hypothesis import given
from hypothesis import strategies as st

from checks.check import Repository
from checks.facts.ecr.lifecycle_selection import COUNT, Image, Selector, selected
from checks.facts.ecr.repositories import wildcard_matches
from checks.facts.image.tag_shapes import globs, may_match, may_select, must_match, must_select
from checks.facts.value import Hole, Value, Varies, joined, literal
from checks.source.snapshot import Snapshot


def tagged(priority: int, *prefixes: str, number: int = 1) -> Selector:
    return Selector(priority, "tagged", prefixes, count_number=number)


def image(name: str, days: float, *tags: str) -> Image:
    return Image(name, frozenset(tags), pushed=days)


def test_first_rule_takes_an_image_from_the_second() -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html, multiple rules, A."""
    images = [image("A", 10, "beta-1", "prod-1"), image("B", 9, "beta-2", "prod-2"), image("C", 8, "beta-3")]
    assert set(selected([tagged(1, "prod"), tagged(2, "beta")], images)) == {"A"}


def test_rules_count_images_that_other_rules_take() -> None:
    """The same, B: the other way round."""
    images = [image("A", 10, "beta-1", "prod-1"), image("B", 9, "beta-2", "prod-2"), image("C", 8, "beta-3")]
    assert set(selected([tagged(1, "beta"), tagged(2, "prod")], images)) == {"A", "B"}


def test_any_leaves_images_of_earlier_rules_alone() -> None:
    """The documentation's example of all images, A."""
    images = [
        image("A", 12, "alpha-1"),
        image("B", 11, "beta-1"),
        image("C", 10, "alpha-2", "beta-2"),
        image("D", 9, "git-hash"),
        image("E", 8),
    ]
    rules = [tagged(1, "alpha"), Selector(2, "any")]
    assert set(selected(rules, images)) == {"A", "B", "D"}


def test_a_list_is_and() -> None:
    images = [
        image("one", 9, "alpha-1"),
        image("both", 8, "alpha-2", "beta-2"),
        image("new", 1, "alpha-3", "beta-3"),
    ]
    assert set(selected([tagged(1, "alpha", "beta")], images)) == {"both"}


def test_ages_children_and_storage_classes() -> None:
    week = Selector(1, "untagged", count_type="sinceImagePushed", count_number=7)
    images = [
        image("old", 8),
        image("new", 7),
        Image("child", pushed=30, in_manifest_list=True),
        image("kept", 9, "v1"),
    ]
    assert set(selected([week], images)) == {"old"}
    archive = Selector(
        2, "any", count_type="sinceImageTransitioned", count_number=90, storage_class="archive"
    )
    archived = [Image("gone", pushed=400, transitioned=91), Image("there", pushed=400, transitioned=90)]
    assert set(selected([week, archive], archived)) == {"gone"}


_letters = st.text("ab-", min_size=1, max_size=4)
_tags = st.frozensets(_letters, max_size=3)
_images = st.lists(st.tuples(_tags, st.integers(0, 50)), max_size=7).map(
    lambda rows: [Image(str(at), tags, pushed=days) for at, (tags, days) in enumerate(rows)]
)
_rules = st.lists(
    st.builds(
        Selector,
        priority=st.integers(1, 99),
        tag_status=st.just("tagged"),
        prefixes=st.lists(_letters, min_size=1, max_size=2).map(tuple),
        patterns=st.just(()),
        count_type=st.sampled_from((COUNT, "sinceImagePushed")),
        count_number=st.integers(1, 20),
    ),
    max_size=4,
    unique_by=lambda rule: rule.priority,
)


@given(_rules, _images)
def test_an_image_goes_by_its_first_rule_or_stays(rules: list[Selector], images: list[Image]) -> None:
    outcome = selected(rules, images)
    by_name = {one.name: one for one in images}
    for name, rule in outcome.items():
        tags = by_name[name].tags
        assert rule.has_tags_of(tags)
        assert not any(other.has_tags_of(tags) for other in rules if other.priority < rule.priority)


@given(_rules, _images)
def test_a_count_keeps_the_newest(rules: list[Selector], images: list[Image]) -> None:
    outcome = selected(rules, images)
    for rule in rules:
        if rule.count_type == COUNT:
            mine = sorted((one for one in images if rule.has_tags_of(one.tags)), key=lambda one: one.pushed)
            assert not any(outcome.get(one.name) == rule for one in mine[: rule.count_number])


@given(_rules, _images)
def test_the_order_of_writing_does_not_matter(rules: list[Selector], images: list[Image]) -> None:
    assert selected(rules, images) == selected(list(reversed(rules)), images)


_globs = st.text("ab-*", min_size=1, max_size=6)
_FILLINGS = {
    Varies.COMMIT: "0123456789abcdef0123456789abcdef01234567",
    Varies.RUN: "17",
    Varies.BRANCH: "ba-b",
}
_shapes = st.lists(
    st.one_of(_letters, st.sampled_from(list(_FILLINGS)).map(Hole)), min_size=1, max_size=4
).map(joined)


def filled(shape: Value) -> str:
    return "".join(part if isinstance(part, str) else _FILLINGS[part.varies] for part in shape.parts)


@given(_globs, _shapes)
def test_shapes_agree_with_a_tag_of_theirs(glob: str, shape: Value) -> None:
    matches = wildcard_matches(glob, filled(shape))
    assert may_match(glob, shape) or not matches
    assert matches or not must_match(glob, shape)


@given(_globs, _letters)
def test_a_literal_is_certain(glob: str, tag: str) -> None:
    assert may_match(glob, literal(tag)) == must_match(glob, literal(tag)) == wildcard_matches(glob, tag)


def test_a_commit_never_has_a_prefix_beyond_hexadecimal() -> None:
    commit = Value((Hole(Varies.COMMIT),))
    assert not may_match("sha-*", commit)
    assert may_match("a*", commit)
    assert not may_match("abc", commit)
    assert not must_match("a*", commit)
    rule = tagged(1, "sha-", "main-")
    assert globs(rule) == ("sha-*", "main-*")
    assert not may_select(rule, [joined(("sha-", Hole(Varies.COMMIT)))])
    assert must_select(rule, [joined(("sha-", Hole(Varies.COMMIT))), literal("main-1")])


TERRAFORM = """\
locals {
  days = 7
}
data "aws_ecr_lifecycle_policy_document" "web" {
  rule {
    priority = 1
    selection {
      tag_status      = "tagged"
      tag_prefix_list = ["v"]
      count_type      = "sinceImagePushed"
      count_unit      = "days"
      count_number    = local.days
    }
    action {
      type = "expire"
    }
  }
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web[0].name
  policy     = data.aws_ecr_lifecycle_policy_document.web.json
}
module "ecr" {
  source = "terraform-aws-modules/ecr/aws"
  repository_lifecycle_policy = <<EOF
{"rules": [{"rulePriority": 2, "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan",
 "countNumber": 3}, "action": {"type": "expire"}}]}
EOF
}
resource "aws_ecr_lifecycle_policy" "unknown" {
  repository = "b"
  policy     = jsonencode({ rules = concat(local.a, [{ rulePriority = 1 }]) })
}
"""


LEFT_OUT = """\
data "aws_ecr_lifecycle_policy_document" "web" {
  rule {
    priority = 1
    selection {
      tag_status   = "untagged"
      count_type   = "imageCountMoreThan"
      count_number = 3
    }
  }
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy     = data.aws_ecr_lifecycle_policy_document.web.json
}
resource "aws_ecr_lifecycle_policy" "api" {
  repository = "api"
  policy = jsonencode({
    rules = [{ rulePriority = 1, selection = { tagStatus = "untagged", countType = "imageCountMoreThan", countNumber = 3 } }]
  })
}
"""


def test_the_data_source_alone_expires_where_no_action_is_written() -> None:
    policies = Repository(Snapshot.of({"ecr.tf": LEFT_OUT})).lifecycle_policies
    found = {one.block.names[-1]: one.selectors for one in policies}
    assert found == {"web": (Selector(1, "untagged", count_number=3),), "api": None}


def test_policies_are_read_from_all_forms() -> None:
    document, module, unknown = sorted(
        Repository(Snapshot.of({"ecr.tf": TERRAFORM})).lifecycle_policies,
        key=lambda one: one.block.names[-1] != "web",
    )
    assert document.target == "aws_ecr_repository.web"
    assert document.selectors == (Selector(1, "tagged", ("v",), (), "sinceImagePushed", 7),)
    assert module.selectors == (Selector(2, "untagged", count_number=3),)
    assert module.target is None
    assert unknown.rules is None
    assert unknown.target == "b"
