"""What the pull requests of the end-to-end tests carry."""

from __future__ import annotations

from collections.abc import Mapping

from checks.catalogue import catalogue
from checks.check import Repository
from checks.engine import Found, review
from checks.source.snapshot import Snapshot

_TEMPLATE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: api
          image: {{ .Values.api.image }}
        - name: worker
          image: {{ .Values.worker.image }}
        - name: z
          image: {{ .Values.z.image }}
"""
README = {
    "README.md": "Hello\n",
    ".github/renovate.json5": "{}\n",
    "deploy/Chart.yaml": "name: web\n",
    "deploy/templates/web.yaml": _TEMPLATE,
}
"""Nothing that is read; pinned actions get updates, and images run in Kubernetes."""
SHELL = "FROM debian:13-slim\nEXPOSE 80\nUSER 1001\nENTRYPOINT caddy run --resume\n"
"""One finding of `shell-form-entrypoint`, a warning, with a safe fix."""
EXEC = SHELL.replace("caddy run --resume", '["caddy", "run", "--resume"]')
SCAN = """\
on: push
permissions:
  contents: read
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@master
        with:
          image-ref: acme/web
        env:
          TRIVY_PASSWORD: ${{ secrets.REGISTRY_PASSWORD }}
"""
"""One finding of `action-on-branch`, an error, with a safe fix."""
SCAN_PATH = ".github/workflows/scan.yml"
PINNED = SCAN.replace("@master", "@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0")
USER = """\
FROM alpine:3.23
RUN addgroup --system --gid 1001 app && adduser --system --uid 1001 --ingroup app app
EXPOSE 80
USER app
CMD ["/srv/run"]
"""
"""One finding of `user-not-numeric` in Kubernetes, a note, with a safe fix."""
IGNORED = "dist\n!dist/.keep     # Keep the folder\n"
"""One finding of `dockerignore-inline-comment`, a warning, with a safe fix."""

WARNED = {"Dockerfile": SHELL}
"""Concludes as success, with a comment."""
FIRST = {"Dockerfile": SHELL, SCAN_PATH: SCAN, "api/Dockerfile": USER}
"""Concludes as failure, with three comments."""
SECOND = {"Dockerfile": EXEC, SCAN_PATH: PINNED, ".dockerignore": IGNORED}
"""On top of `FIRST`: two findings are gone, one stays, one comes."""

CONFIG = ".github/tidewaiter.yml"


def found(files: Mapping[str, str]) -> tuple[Found, ...]:
    """What the engine finds in a folder, with its fixes tried."""
    return review(Repository(Snapshot.of(files)), None, catalogue()).findings


def fixed(files: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """By check and path: that file with the finding's first fix applied."""
    before = Snapshot.of(files)
    return {
        (one.check.id, one.finding.location.path): before.edited(one.finding.fixes[0].edits)
        .texts[one.finding.location.path]
        .content
        for one in found(files)
    }
