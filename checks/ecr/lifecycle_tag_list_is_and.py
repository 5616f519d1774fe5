"""Tag list of a lifecycle rule asks for all of its entries at once

`tagPrefixList = ["dev-", "staging-"]` reads as "dev or staging". It is "and": ECR selects an image only if it
has a tag for each entry. Where an image has one of the tags, the rule selects nothing, and the images that it
was written for stay for ever.

Write one rule for each entry. A count then holds for each rule by itself.

The check speaks if the entries name things that one image hardly is at once: environments, branches, kinds of
versions, the first letter of a commit; or if there are five or more. It is silent where the workflows of the
repository push images that may have all the tags, and where the rule's description or a comment in it says
that all are meant.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html#lp_tag_prefix_list
- https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Repository,
    Scope,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.lifecycle import LifecyclePolicy, Rule
from checks.facts.ecr.lifecycle_selection import Selector
from checks.facts.image.pushed_images import tags_elsewhere
from checks.facts.image.tag_shapes import may_select
from checks.regex import regex

_ENVIRONMENTS = (
    "dev devel develop development staging stage stg prod production prd test testing qa uat sandbox preprod"
)
_BRANCHES = "main master develop feature feat hotfix bugfix fix release pr mr branch snapshot nightly"
_EXCLUSIVE = tuple(frozenset(words.split()) for words in (_ENVIRONMENTS, _BRANCHES))
_LETTERS = regex(r"[0-9a-f]")
_SIGNS = regex(r"[*._/-]+")
_MANY = 5
_MEANT = regex(r"\b(?:all of|both|every one|and not|AND)\b")

_LINE = """\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {{
  repository = "web"
  policy = jsonencode({{
    rules = [
      {{ rulePriority = {1}, selection = {{ tagStatus = "tagged", tagPrefixList = [{0}], countType = "imageCountMoreThan", countNumber = 5 }}, action = {{ type = "expire" }} }}
    ]
  }})
}}
"""

check = Check(
    id="lifecycle-tag-list-is-and",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.TERRAFORM, Kind.DOCUMENT),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "lifecycle"),
    examples=(
        Example(
            title="two environments",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["dev-", "staging-"]
          countType     = "imageCountMoreThan"
          countNumber   = 10
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 100 }
        action       = { type = "expire" }
      }
    ]
  })
}
""",
            at='tagPrefixList = ["dev-", "staging-"]',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["dev-"]
          countType     = "imageCountMoreThan"
          countNumber   = 10
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        selection = {
          tagStatus     = "tagged"
          tagPrefixList = ["staging-"]
          countType     = "imageCountMoreThan"
          countNumber   = 10
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 3
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 100 }
        action       = { type = "expire" }
      }
    ]
  })
}
""",
        ),
        Example(
            title="the first letters of commits, in JSON",
            files="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy     = <<EOF
{
  "rules": [
    {
      "rulePriority": 1,
      "selection": {
        "tagStatus": "tagged",
        "tagPatternList": ["a*", "b*"],
        "countType": "imageCountMoreThan",
        "countNumber": 10
      },
      "action": {"type": "expire"}
    }
  ]
}
EOF
}
""",
            at='"tagPatternList": ["a*", "b*"]',
            fixed="""\
-- ecr.tf --
resource "aws_ecr_lifecycle_policy" "web" {
  repository = "web"
  policy     = <<EOF
{
  "rules": [
    {
      "rulePriority": 1,
      "selection": {
        "tagStatus": "tagged",
        "tagPatternList": ["a*"],
        "countType": "imageCountMoreThan",
        "countNumber": 10
      },
      "action": {"type": "expire"}
    },
    {
      "rulePriority": 2,
      "selection": {
        "tagStatus": "tagged",
        "tagPatternList": ["b*"],
        "countType": "imageCountMoreThan",
        "countNumber": 10
      },
      "action": {"type": "expire"}
    }
  ]
}
EOF
}
""",
        ),
        Example(
            title="five kinds of tags, on one line",
            files=_LINE.format('"api-", "web-", "jobs-", "cron-", "docs-"', 1),
            at='tagPrefixList = ["api-", "web-", "jobs-", "cron-", "docs-"]',
        ),
        Example(
            title="a number that is not known; one entry in two spellings; the same word twice",
            files=_LINE.format('"dev-", "staging-"', "var.number")
            + _LINE.replace("ecr.tf", "more/ecr.tf").format('"dev-", "dev_"', 1),
        ),
        Example(
            title="entries that go together, a note that says so, one entry, tags that the workflow pushes together",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        selection    = { tagStatus = "tagged", tagPrefixList = ["main-", "dev-"], countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Images that were promoted through both environments"
        selection    = { tagStatus = "tagged", tagPrefixList = ["stg-", "prod-"], countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 3
        selection    = { tagStatus = "tagged", tagPrefixList = ["sha-"], countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 4
        selection    = { tagStatus = "tagged", tagPrefixList = ["test-", "qa-"], countType = "imageCountMoreThan", countNumber = 5 }
        action       = { type = "expire" }
      }
    ]
  })
}
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: |
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:test-${{ github.sha }}
            111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:qa-${{ github.sha }}
""",
        ),
        Example(
            title="an image of two tags, pushed to a repository that is not known",
            files="""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      selection    = { tagStatus = "tagged", tagPrefixList = ["test-", "qa-"], countType = "imageCountMoreThan", countNumber = 5 }
      action       = { type = "expire" }
    }]
  })
}
-- .github/workflows/build.yml --
on: {push: {branches: [main]}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: |
            ${{ vars.REPOSITORY }}:test-${{ github.sha }}
            ${{ vars.REPOSITORY }}:qa-${{ github.sha }}
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    for policy in repo.lifecycle_policies:
        for rule in policy.rules or ():
            selector = rule.selector
            if selector and _excludes_itself(selector) and not _is_meant(repo, policy, rule, selector):
                yield _finding(policy, rule, selector)


def _excludes_itself(selector: Selector) -> bool:
    """Whether one image hardly has a tag for each entry."""
    entries = [*selector.prefixes, *selector.patterns]
    words = [_SIGNS.sub(" ", entry).strip().lower() for entry in entries]
    if (
        selector.tag_status != "tagged"
        or len(set(words)) < 2
        or bool(selector.prefixes) == bool(selector.patterns)
    ):
        return False
    if len(set(words)) >= _MANY or all(_LETTERS.fullmatch(word) for word in words):
        return True
    return any(all(word in group for word in words) for group in _EXCLUSIVE)


def _is_meant(repo: Repository, policy: LifecyclePolicy, rule: Rule, selector: Selector) -> bool:
    """Whether the author says so, or pushes images that the rule may select."""
    if _MEANT.search(rule.node.text[rule.node.span]):
        return True
    images = [one.tags for one in repo.pushed_under(policy)]
    least = len({*selector.prefixes, *selector.patterns})
    images += [tags for tags in tags_elsewhere(repo.pushes) if len(tags) >= least]
    return any(may_select(selector, tags) for tags in images)


def _finding(policy: LifecyclePolicy, rule: Rule, selector: Selector) -> Finding:
    field = rule.field("tagPrefixList" if selector.prefixes else "tagPatternList")
    entries = selector.prefixes or selector.patterns
    shown = ", ".join(code(entry) for entry in entries[:3]) + (" …" if len(entries) > 3 else "")
    return Finding(
        message=f"The rule selects an image only if it has a tag for each of {shown}.",
        consequence=(
            "The entries are joined by “and”: the rule does nothing for an image with a tag for one of them alone."
        ),
        location=field.location if field else rule.location,
        fixes=_split(policy, rule, entries, field.value.span) if field else (),
    )


def _split(policy: LifecyclePolicy, rule: Rule, entries: tuple[str, ...], listed: Span) -> tuple[Fix, ...]:
    """A rule for each entry; the rules behind it move on."""
    number = rule.node.field("rulePriority")
    rules = policy.rules or ()
    priorities = [one.node.field("rulePriority") for one in rules]
    text, span = rule.node.text, rule.node.span
    is_near = span.covers(listed) and text.line_of(span.start) != text.line_of(span.end)
    if not rule.node.is_json and rule.node.origin is not None and text.content[span.start] != "{":
        return ()
    if number is None or not is_near or any(one.priority is None for one in rules):
        return ()
    first = rule.priority or 0
    edits = [Edit(text.path, listed, f'["{entries[0]}"]')]
    copies = [
        _copy(rule, {listed: f'["{entry}"]', number.value.span: str(first + at)})
        for at, entry in enumerate(entries)
        if at
    ]
    indent = text.indent_of(text.line_of(span.start))
    edits.append(
        Edit(text.path, Span(span.end, span.end), "".join(f",{text.newline}{indent}{one}" for one in copies))
    )
    for one, field in zip(rules, priorities, strict=True):
        if field and one.priority is not None and one.priority > first:
            edits.append(Edit(text.path, field.value.span, str(one.priority + len(entries) - 1)))
    caution = (
        "The rules select images from then on, and expire them: each by its own count, is that number right?"
    )
    return offer("write a rule for each entry", Applicability.UNSAFE, *edits, caution=caution)


def _copy(rule: Rule, replaced: dict[Span, str]) -> str:
    """The rule's text with parts replaced."""
    text, span = rule.node.text, rule.node.span
    parts: list[str] = []
    at = span.start
    for part in sorted(replaced):
        parts += text[Span(at, part.start)], replaced[part]
        at = part.end
    return "".join([*parts, text[Span(at, span.end)]])
