"""What runs containers in Kubernetes, and with which users."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.dockerfile import user_not_numeric
from checks.facts.deployment.pods import Pod, special_words
from checks.source.snapshot import Snapshot

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {%scontainers: [{name: web, image: '%s'%s}]}\n"
TEMPLATE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
%s
      containers:
        - name: web
          image: %s
"""


def pods(files: dict[str, str]) -> tuple[Pod, ...]:
    return Repository(Snapshot.of(files)).pods


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("ghcr.io/acme/web:1", "ghcr.io/acme/web"),
        ("ghcr.io/acme/web@sha256:aaaa", "ghcr.io/acme/web"),
        ("registry:5000/web", "registry:5000/web"),
        ("${REGISTRY}/web:1", "${REGISTRY}/web"),
        ("ghcr.io/acme/$NAME:1", None),
        ("IMAGE", None),
        ("controller:latest", None),
    ],
)
def test_the_name_that_a_manifest_gives(image: str, expected: str | None) -> None:
    assert [one.images for one in pods({"pod.yaml": POD % ("", image, "")})] == [(expected,)]


def test_the_name_that_kustomize_puts_in_its_place() -> None:
    replaces = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages: [{name: web, newName: acme/shop, newTag: '1'}]\n"
    found = pods({"k8s/pod.yaml": POD % ("", "web", ""), "k8s/kustomization.yaml": replaces})
    assert [one.images for one in found] == [("web", "acme/shop")]


@pytest.mark.parametrize(
    ("pod", "container", "has_user", "asks"),
    [
        ("", "", False, False),
        ("securityContext: {runAsNonRoot: true}, ", "", False, True),
        (
            "securityContext: {runAsNonRoot: true}, ",
            ", securityContext: {runAsNonRoot: false}",
            False,
            False,
        ),
        ("securityContext: {runAsUser: 1000}, ", "", True, False),
        ("", ", securityContext: {runAsUser: 1000, runAsNonRoot: true}", True, True),
    ],
)
def test_the_user_of_a_manifest(pod: str, container: str, has_user: bool, asks: bool) -> None:
    (found,) = pods({"pod.yaml": POD % (pod, "web", container)})
    assert (found.has_user, found.non_root is not None) == (has_user, asks)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ('"{{ .Values.image.repository }}:{{ .Chart.AppVersion }}"', "ghcr.io/acme/web"),
        ("acme/{{ .Values.name }}:{{ .Values.tag | quote }}", "acme/shop"),
        ("{{ .Values.registry }}/api:1", "/api"),
        ("{{ .Values.unset }}:1", None),
        ('{{ include "web.image" . }}', None),
    ],
)
def test_the_name_in_a_template(image: str, expected: str | None) -> None:
    values = "image: {repository: ghcr.io/acme/web}\nname: shop\n"
    found = pods({"chart/templates/web.yaml": TEMPLATE % ("", image), "chart/values.yaml": values})
    assert [one.images for one in found] == [(expected,)]


@pytest.mark.parametrize(
    ("lines", "values", "has_user", "asks"),
    [
        ("", "", False, False),
        ("      securityContext: {runAsUser: 1000}", "", True, False),
        ("      securityContext: {runAsUser: 0}", "", False, False),
        ("      securityContext:\n        runAsUser: {{ .Values.uid }}", "", True, False),
        ("      # runAsUser: 1000\n      securityContext:\n        runAsNonRoot: true", "", False, True),
        ('      securityContext: {{ include "web.podSecurityContext" . }}', "", True, False),
        (
            "      securityContext: {{ toYaml .Values.securityContext }}",
            "securityContext: {runAsNonRoot: true}\n",
            False,
            True,
        ),
        ("", "securityContext: {runAsNonRoot: true}\n", False, False),
        (
            "      securityContext: {{ toYaml .Values.securityContext }}",
            "securityContext: {runAsUser: 1000}\n",
            True,
            False,
        ),
    ],
)
def test_the_user_of_a_template(lines: str, values: str, has_user: bool, asks: bool) -> None:
    template = TEMPLATE % (lines, "{{ .Values.image }}")
    (found,) = pods({"chart/templates/web.yaml": template, "chart/values.yaml": f"image: web\n{values}"})
    assert (found.has_user, found.non_root is not None) == (has_user, asks)


def test_the_values_for_a_chart_of_others() -> None:
    values = "app:\n  image: {repository: ghcr.io/acme/web, tag: '1'}\n"
    assert [one.images for one in pods({"envs/values.yaml": values})] == [("ghcr.io/acme/web",)]
    chart = {"chart/templates/web.yaml": TEMPLATE % ("", "{{ .Values.image }}")}
    assert [one.images for one in pods({"envs/values.yaml": values, **chart})] == [(None,)]


def test_templates_that_run_nothing_or_test_the_chart() -> None:
    scaler = "kind: HorizontalPodAutoscaler\nspec: {name: {{ .Release.Name }}, containers: []}\n"
    hook = TEMPLATE % ("", "{{ .Values.image }}")
    assert pods({"chart/templates/hpa.yaml": scaler, "chart/templates/tests/web.yaml": hook}) == ()


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("Dockerfile", set()),
        ("docker/Dockerfile", set()),
        ("docker/Dockerfile.agent", {"agent"}),
        ("apps/portal-api/Dockerfile", {"portal", "api"}),
        ("shop/docker/Dockerfile", {"shop"}),
        ("build/web.Dockerfile", {"web"}),
    ],
)
def test_what_tells_a_dockerfile_from_others(path: str, expected: set[str]) -> None:
    assert special_words(path) == expected


SIDECAR = """\
        - name: helper
          image: "{{ .Values.helper.repository }}:1"
        - name: web
          image: "{{ .Values.web.repository }}:1"
"""


def test_each_image_of_a_template_has_its_place() -> None:
    content = TEMPLATE.partition("        - name")[0] % "      terminationGracePeriodSeconds: 5" + SIDECAR
    (pod,) = pods({"chart/templates/web.yaml": content, "chart/values.yaml": "web: {repository: acme/web}\n"})
    assert pod.images == (None, "acme/web")
    assert [one.line for one in pod.places] == [10, 12]


def test_the_finding_names_the_line_of_the_image_that_it_is_about() -> None:
    content = TEMPLATE.partition("        - name")[0] % "      terminationGracePeriodSeconds: 5" + SIDECAR
    image = 'FROM node:24-alpine\nUSER node\nCMD ["node", "main.js"]\n'
    files = {
        "chart/templates/web.yaml": content,
        "docker/Dockerfile.web": image,
        "docker/Dockerfile.helper": "FROM scratch\n",
    }
    (found,) = user_not_numeric.run(Repository(Snapshot.of(files)))
    assert [(one.path, one.line) for one in found.related] == [("chart/templates/web.yaml", 12)]


@pytest.mark.parametrize("first", ["shop-gate", "shop"])
def test_an_image_is_that_of_the_dockerfile_whose_path_says_most_of_it(first: str) -> None:
    """Of two containers of a pod the one of the Dockerfile is shown, wherever it stands."""
    second = "shop" if first == "shop-gate" else "shop-gate"
    containers = f"[{{name: a, image: 'ghcr.io/acme/all-{first}:1'}}, {{name: b, image: 'ghcr.io/acme/all-{second}:1'}}]"
    files = {
        "shop/Dockerfile": "FROM node:24-alpine\nUSER node\n",
        "shop-gate/Dockerfile": "FROM node:24-alpine\nUSER 1000\n",
        "k8s/shop.yaml": f"apiVersion: v1\nkind: Pod\nmetadata: {{name: shop}}\nspec: {{containers: {containers}}}\n",
    }
    (found,) = user_not_numeric.run(Repository(Snapshot.of(files)))
    (place,) = found.related
    assert "ghcr.io/acme/all-shop:1" in place.fragment
