"""Policies in files that Terraform takes in."""

from __future__ import annotations

import pytest

from checks.check import Kind, Repository
from checks.facts.terraform.documents import Fields, document
from checks.source.snapshot import Snapshot

POLICY = '{"a": "repo:${org}/${ name }:*", "b": "plain", "c": 1}'


def written(expression: str, files: dict[str, str]) -> Fields | None:
    """What a role's policy in the module `infra` comes to."""
    block = f'resource "aws_iam_role" "ci" {{\n  assume_role_policy = {expression}\n}}\n'
    (module,) = Repository(Snapshot.of({"infra/iam.tf": block, **files})).terraform
    policy = module.bodies[0].blocks[0].body.get("assume_role_policy")
    assert policy is not None
    found = document(module, policy)
    return found if isinstance(found, Fields) else None


@pytest.mark.parametrize(
    ("expression", "first"),
    [
        ('templatefile("${path.module}/p.json", {org = "acme", name = "web"})', "repo:acme/web:*"),
        ('templatefile("p.json", {org = "acme", name = var.which})', None),
        ('templatefile("p.json", {org = "acme"})', None),
        ('file("${path.module}/p.json")', "repo:${org}/${ name }:*"),
        ('file("./p.json")', "repo:${org}/${ name }:*"),
    ],
)
def test_what_stands_in_the_file(expression: str, first: str | None) -> None:
    found = written(expression, {"infra/p.json": POLICY})
    assert found is not None
    assert (found.string("a"), found.string("b")) == (first, "plain")
    assert found.text.path == "infra/p.json"


@pytest.mark.parametrize(
    ("expression", "files"),
    [
        ('file("gone.json")', {"infra/p.json": POLICY}),
        ('file("../../p.json")', {"p.json": POLICY}),
        ("file(var.path)", {"infra/p.json": POLICY}),
        ('file("p.json")', {"infra/p.json": "{"}),
        ('templatefile("p.tftpl", {})', {"infra/p.tftpl": '{"a": ${jsonencode(1)}}'}),
        ('templatefile("p.tftpl", {})', {"infra/p.tftpl": '{"a": %{ if x }1%{ endif }}'}),
    ],
)
def test_what_cannot_be_known(expression: str, files: dict[str, str]) -> None:
    assert written(expression, files) is None


def test_only_what_policies_take_in_is_a_document() -> None:
    files = {
        "main.tf": """\
locals {
  policy = file("local.json")
}
resource "aws_instance" "web" {
  user_data = file("user_data.json")
}
resource "aws_iam_role_policy" "ci" {
  policy = templatefile("role.tftpl", {})
}
resource "aws_iam_user_ssh_key" "ci" {
  public_key = file("key.pub")
}
""",
        **dict.fromkeys(("local.json", "user_data.json", "role.tftpl", "key.pub"), "{}"),
    }
    repo = Repository(Snapshot.of(files))
    assert {path for path, kind in repo.kinds.items() if kind is Kind.DOCUMENT} == {
        "local.json",
        "role.tftpl",
    }
    assert repo.named_paths == {"local.json", "role.tftpl"}
