resource "aws_kms_key" "images" {
  description         = "Encrypts the images of harbourmaster"
  enable_key_rotation = true
}

resource "aws_ecr_repository" "harbourmaster" {
  name                 = "harbourmaster"
  image_tag_mutability = "IMMUTABLE" # what was signed stays what the tag names

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.images.arn
  }
}

resource "aws_ecr_lifecycle_policy" "harbourmaster" {
  repository = aws_ecr_repository.harbourmaster.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 10
        description  = "Untagged images go after two weeks"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 14
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 20
        description  = "The last 30 releases stay"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["v*"]
          countType      = "imageCountMoreThan"
          countNumber    = 30
        }
        action = { type = "expire" }
      },
    ]
  })
}

# A second copy, for the day on which eu-west-1 does not answer.
resource "aws_ecr_replication_configuration" "copies" {
  replication_configuration {
    rule {
      destination {
        region      = "eu-central-1"
        registry_id = data.aws_caller_identity.current.account_id
      }

      repository_filter {
        filter      = "harbourmaster"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}
