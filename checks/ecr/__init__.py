"""Checks whose primary location is the Terraform of an ECR registry."""
