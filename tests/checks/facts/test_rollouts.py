"""Images that commands put into a cluster."""

import pytest

from checks.check import Repository
from checks.source.snapshot import Snapshot

WORKFLOW = """\
on: push
env: {{NAME: ghcr.io/acme/web}}
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - run: |
          {}
"""


@pytest.mark.parametrize(
    ("command", "images"),
    [
        ("kubectl set image deployment/web web=$NAME:1 proxy=envoyproxy/envoy:v1 -n shop", ["ghcr.io/acme/web:1", "envoyproxy/envoy:v1"]),
        ("kubectl set image deployment/web --record web=${{ env.NAME }}@$DIGEST", ["ghcr.io/acme/web@$DIGEST"]),
        ("kubectl run web --image=$NAME:1 --restart=Never", ["ghcr.io/acme/web:1"]),
        ("kubectl create deployment web --image $NAME:1", ["ghcr.io/acme/web:1"]),
        ("helm upgrade --install web ./chart --set image.repository=$NAME,image.tag=2", ["ghcr.io/acme/web:2"]),
        ("helm upgrade web ./chart --set web.image.repository=$NAME --set-string web.image.tag=2", ["ghcr.io/acme/web:2"]),
        ("helm install web ./chart --set image=$NAME:3", ["ghcr.io/acme/web:3"]),
        ("helm upgrade web ./chart --set image.tag=2", []),
        ("helm upgrade web ./chart --set image.repository=$NAME", []),
        ("helm lint ./chart --set image=$NAME:3", []),
        ("kubectl set env deployment/web IMAGE=$NAME:1", []),
        ("kubectl rollout restart deployment/web", []),
        ("echo kubectl set image deployment/web web=$NAME:1", []),
    ],
)  # fmt: skip
def test_images(command: str, images: list[str]) -> None:
    repo = Repository(Snapshot.of({".github/workflows/deploy.yml": WORKFLOW.format(command)}))
    assert [str(one.image) for one in repo.rollouts] == images
