"""Containers that get a part of the host, in Kubernetes and in Compose."""

import pytest

from checks.check import Repository
from checks.source.snapshot import Snapshot

_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
"""


def images_of(path: str, content: str) -> frozenset[str]:
    return Repository(Snapshot.of({path: content})).images_with_host


@pytest.mark.parametrize(
    "spec",
    [
        """\
  hostPID: true
  containers: [{name: web, image: 'registry.example.com/acme/web:1'}]
""",
        """\
  containers: [{name: web, image: 'acme/web', securityContext: {privileged: true}}]
""",
        """\
  initContainers: [{name: web, image: 'web@sha256:0', volumeMounts: [{name: root, mountPath: /host}]}]
  containers: [{name: api, image: 'acme/api:1'}]
  volumes: [{name: root, hostPath: {path: /}}]
""",
    ],
)
def test_of_pods(spec: str) -> None:
    """The processes of the host, all of its devices, or a folder that the container mounts."""
    assert images_of("pod.yaml", _POD + spec) == {"web"}


@pytest.mark.parametrize(
    "spec",
    [
        """\
  containers: [{name: web, image: 'acme/web:1', volumeMounts: [{name: zone, mountPath: /etc/localtime}]}]
  volumes: [{name: zone, hostPath: {path: /etc/localtime}}, {name: root, hostPath: {path: /}}]
""",
        """\
  containers: [{name: web, image: 'acme/web:1', volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, emptyDir: {}}]
""",
        """\
  containers: [{name: web, image: '{{ image }}', securityContext: {privileged: true}}]
""",
    ],
)
def test_of_other_pods(spec: str) -> None:
    """A file that everybody may read, a volume that this container doesn't mount or of another kind, an unknown image."""
    assert images_of("pod.yaml", _POD + spec) == frozenset()


@pytest.mark.parametrize(
    ("service", "sees_host"),
    [
        ("privileged: true", True),
        ("pid: host", True),
        ("volumes: ['/proc:/host/proc:ro']", True),
        ("volumes: ['/:/host']", True),
        ("volumes: [{type: bind, source: /var/run/docker.sock, target: /var/run/docker.sock}]", True),
        ("volumes: ['/srv/web:/srv']", False),
        ("volumes: ['./run:/run']", False),
        ("volumes: ['/processes:/data']", False),
        ("pid: service:api", False),
    ],
)
def test_of_services(service: str, sees_host: bool) -> None:
    """The image that a service names, and the Dockerfile that it builds."""
    content = f"services:\n  web:\n    image: acme/web:1\n    build: {{context: web}}\n    {service}\n"
    repo = Repository(Snapshot.of({"compose.yaml": content}))
    assert repo.images_with_host == ({"web"} if sees_host else frozenset())
    assert repo.dockerfiles_with_host == ({"web/Dockerfile"} if sees_host else frozenset())
