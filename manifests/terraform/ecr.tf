# The registry of Tidewaiter's own image. A tag never moves, and an image is admitted by its signature.

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "key" {
  # checkov:skip=CKV_AWS_109:a key's policy speaks of that key alone, and without this one nobody could change it
  # checkov:skip=CKV_AWS_111:likewise
  # checkov:skip=CKV_AWS_356:in a key's policy "*" is the key that it is attached to
  statement {
    sid       = "Administer"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}

resource "aws_kms_key" "ecr" {
  description             = "Encrypts the images of Tidewaiter"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "ecr" {
  name          = "alias/tidewaiter-ecr"
  target_key_id = aws_kms_key.ecr.key_id
}

resource "aws_ecr_repository" "tidewaiter" {
  name                 = "tidewaiter"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.ecr.arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "tidewaiter" {
  repository = aws_ecr_repository.tidewaiter.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Keep the last 50 releases; what vouches for an image goes with it"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["v*"]
          countType      = "imageCountMoreThan"
          countNumber    = 50
        }
        action = { type = "expire" }
      }
    ]
  })
}

data "aws_iam_policy_document" "pull" {
  statement {
    sid = "Pull"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:GetDownloadUrlForLayer",
    ]

    principals {
      type        = "AWS"
      identifiers = var.puller_arns
    }
  }
}

resource "aws_ecr_repository_policy" "tidewaiter" {
  repository = aws_ecr_repository.tidewaiter.name
  policy     = data.aws_iam_policy_document.pull.json
}

output "repository_url" {
  description = "Where the workflow pushes to, for the image in manifests/kubernetes."
  value       = aws_ecr_repository.tidewaiter.repository_url
}
