"""Which images run: what workloads, Kustomize, Helm values, Compose files, ECS tasks and Lambda functions name."""

from __future__ import annotations

import json

import pytest

from checks.check import Repository
from checks.source.snapshot import Snapshot

IMAGE = "ghcr.io/acme/web:1"
DIGEST = "sha256:" + "0" * 64
SPEC = "{containers: [{image: ghcr.io/acme/web:1}]}"
TEMPLATE = f"{{template: {{spec: {SPEC}}}}}"


def running(files: dict[str, str]) -> list[str]:
    """What runs after the files are applied; an image of which a part is not known with its holes."""
    return [str(one.value) for one in Repository(Snapshot.of(files)).running_images]


def manifest(api_version: str, kind: str, spec: str) -> dict[str, str]:
    return {"deploy/x.yaml": f"apiVersion: {api_version}\nkind: {kind}\nspec: {spec}\n"}


@pytest.mark.parametrize(
    ("api_version", "kind", "spec"),
    [
        ("v1", "Pod", SPEC),
        ("v1", "Pod", SPEC.replace("containers", "initContainers")),
        ("v1", "ReplicationController", TEMPLATE),
        ("apps/v1", "Deployment", TEMPLATE),
        ("apps/v1", "StatefulSet", TEMPLATE),
        ("apps/v1", "DaemonSet", TEMPLATE),
        ("apps/v1", "ReplicaSet", TEMPLATE),
        ("batch/v1", "Job", TEMPLATE),
        ("batch/v1beta1", "CronJob", f"{{jobTemplate: {{spec: {TEMPLATE}}}}}"),
        ("argoproj.io/v1alpha1", "Rollout", TEMPLATE),
        ("serving.knative.dev/v1", "Service", TEMPLATE),
    ],
)
def test_workloads_of_each_kind_run_their_containers(api_version: str, kind: str, spec: str) -> None:
    assert running(manifest(api_version, kind, spec)) == [IMAGE]


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("v1", "Service"), ("v1", "ConfigMap"), ("example.com/v1", "Deployment"), ("example.com/v1", "Web")],
)
def test_what_is_no_workload_runs_nothing(api_version: str, kind: str) -> None:
    assert running(manifest(api_version, kind, TEMPLATE)) == []


def test_the_objects_of_a_list_and_of_several_documents_run() -> None:
    pod = f"apiVersion: v1\nkind: Pod\nspec: {SPEC}\n"
    listed = f"apiVersion: v1\nkind: List\nitems: [{{apiVersion: v1, kind: Pod, spec: {SPEC}}}]\n"
    assert running({"deploy/a.yaml": f"{pod}---\n{pod}", "deploy/b.yaml": listed}) == [IMAGE] * 3


@pytest.mark.parametrize("name", ["ghcr.io/acme/web:$(TAG)", "${IMAGE}", "web:<tag>", "web:%TAG%"])
def test_what_something_fills_in_is_unknown(name: str) -> None:
    (one,) = Repository(
        Snapshot.of(manifest("v1", "Pod", f"{{containers: [{{image: '{name}'}}]}}"))
    ).running_images
    assert one.value.is_unknown
    assert one.tag is None


def kustomization(images: str) -> dict[str, str]:
    start = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    return {**manifest("v1", "Pod", SPEC), "prod/kustomization.yaml": f"{start}images: [{images}]\n"}


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        ("{name: ghcr.io/acme/web, newTag: '2'}", ["ghcr.io/acme/web:2"]),
        ("{name: ghcr.io/acme/web, newName: quay.io/acme/web, newTag: '2'}", ["quay.io/acme/web:2"]),
        ("{name: ghcr.io/acme/web, newName: quay.io/acme/web}", []),
        (f"{{name: ghcr.io/acme/web, digest: '{DIGEST}'}}", []),
        ("{name: ghcr.io/acme/api, newTag: '2'}", [IMAGE, "ghcr.io/acme/api:2"]),
    ],
)
def test_a_kustomization_replaces_names_and_tags(images: str, expected: list[str]) -> None:
    assert running(kustomization(images)) == expected


def test_a_kustomization_that_is_not_read_may_replace_each_image() -> None:
    files = {**manifest("v1", "Pod", SPEC), "prod/kustomization.yaml": "resources: [../deploy]\n"}
    assert running(files) == []


VALUES = "web:\n  image:\n    repository: acme/web\n    tag: '1'\n"


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("deploy/values-prod.yaml", VALUES, ["acme/web:1"]),
        ("deploy/production/values.yaml", VALUES, ["acme/web:1"]),
        ("deploy/values.live.yaml", f"{VALUES}    registry: ghcr.io\n", [IMAGE]),
        ("deploy/values-prod.yaml", f"image: {IMAGE}\n", [IMAGE]),
        ("deploy/values-prod.yaml", "image: ghcr.io/acme/web\ntag: '1'\n", []),
        ("deploy/values-prod.yaml", VALUES.replace("'1'", "''"), []),
        ("deploy/values-prod.yaml", f"{VALUES}    digest: {DIGEST}\n", []),
        ("deploy/values-prod.yaml", f"{VALUES}    digest: ''\n", ["acme/web:1"]),
        ("deploy/values-prod.yaml", "image: {{ .x }}\n  - y\n", []),
        ("deploy/values.yaml", VALUES, []),
        ("deploy/values-product.yaml", VALUES, []),
        ("deploy/compose.prod.yaml", f"services: {{web: {{image: '{IMAGE}'}}}}\n", [IMAGE]),
        ("deploy/compose.prod.yaml", f"services: {{web: {{build: ., image: '{IMAGE}'}}}}\n", []),
        ("deploy/compose.yaml", f"services: {{web: {{image: '{IMAGE}'}}}}\n", []),
    ],
)
def test_values_and_compose_files_run_what_they_name_for_production(
    path: str, content: str, expected: list[str]
) -> None:
    repo = Repository(Snapshot.of({path: content}))
    assert [str(one.value) for one in repo.running_images] == expected
    assert not repo.unreadable


@pytest.mark.parametrize(
    ("scripts", "others", "is_run"),
    [
        ({"try": "docker compose -f compose.prod.yaml up"}, {}, False),
        (
            {
                "try": "docker pull acme/web && docker compose -f compose.yaml --file ./compose.prod.yaml up --build"
            },
            {},
            False,
        ),
        (
            {
                "try": "docker-compose -f compose.prod.yaml up",
                "end": "docker-compose -f compose.prod.yaml down",
            },
            {},
            False,
        ),
        ({"try": "docker compose -f compose.prod.yaml up -d"}, {}, True),
        (
            {
                "a": "docker compose -f compose.prod.yaml up",
                "b": "docker compose -f compose.prod.yaml up --detach",
            },
            {},
            True,
        ),
        ({"try": "docker compose up"}, {}, True),
        ({"try": "docker compose -f compose.prod.yaml build"}, {}, True),
        (
            {"try": "docker compose -f compose.prod.yaml up"},
            {"deploy.sh": "#!/bin/sh\nscp compose.prod.yaml shop:/srv/\n"},
            True,
        ),
    ],
)
def test_compose_files_that_people_start_to_look_at_them(
    scripts: dict[str, str], others: dict[str, str], *, is_run: bool
) -> None:
    composed = f"services: {{web: {{image: '{IMAGE}'}}}}\n"
    files = {"compose.prod.yaml": composed, "package.json": json.dumps({"scripts": scripts}), **others}
    assert running(files) == ([IMAGE] if is_run else [])


TASKS = """\
locals {
  tag = "1"
}
resource "aws_ecr_repository" "web" {
  name = "acme/web"
}
resource "aws_ecs_task_definition" "web" {
  container_definitions = jsonencode([
    { name = "a", image = "${aws_ecr_repository.web.repository_url}:1" },
    { name = "b", image = "ghcr.io/acme/web:${local.tag}" },
    { name = "c", image = var.image },
  ])
}
resource "aws_ecs_task_definition" "json" {
  container_definitions = <<EOF
[{"name": "d", "image": "ghcr.io/acme/web:1"}]
EOF
}
resource "aws_lambda_function" "web" {
  package_type = "Image"
  image_uri    = "${aws_ecr_repository.web.repository_url}@sha256:0"
}
"""


def test_tasks_and_functions_name_images_of_declared_repositories() -> None:
    repo = Repository(Snapshot.of({"main.tf": TASKS}))
    first, by_local, by_variable, in_json = repo.task_images
    assert first.reference.is_ecr
    assert first.reference.path.literal == "acme/web"
    assert (by_local.value.literal, by_local.is_variable, by_local.tag) == (IMAGE, True, None)
    assert by_variable.value.literal is None
    assert in_json.tag
    assert in_json.tag.literal == "1"
    (function,) = repo.function_images
    assert function.image.reference.path.literal == "acme/web"
    assert function.image.tag is None
