"""What no check speaks of, whatever a repository's files look like otherwise."""

from __future__ import annotations

import pytest

from checks.catalogue import catalogue
from checks.check import Repository
from checks.engine import review
from checks.source.snapshot import Snapshot

REPOSITORY = """\
resource "aws_ecr_repository" "web" {{
  name                 = "web"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {{
    scan_on_push = true
  }}
{}}}
"""
KMS = """\

  encryption_configuration {{
    encryption_type = "{}"
  }}
"""
RULES = """\
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 20
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 500 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 10
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 7 }
        action       = { type = "expire" }
      }
    ]
  })
}
"""


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(
            REPOSITORY.format("") + RULES, id="ECR's own key, no repository policy, rules out of order"
        ),
        pytest.param(REPOSITORY.format(KMS.format("AES256")) + RULES, id="ECR's own key, written out"),
        pytest.param(REPOSITORY.format(KMS.format("KMS")) + RULES, id="AWS's key of KMS"),
        pytest.param(REPOSITORY.format(KMS.format("KMS_DSSE")) + RULES, id="two layers of encryption"),
    ],
)
def test_no_check_speaks_of_it(content: str) -> None:
    repo = Repository(Snapshot.of({"ecr.tf": content}))
    outcome = review(repo, None, catalogue())
    assert not outcome.unreadable
    assert [(one.check.id, one.finding.message) for one in outcome.findings] == []
