"""What can't be read, and is no defect of its author: templates, and files that only share a name."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.source.snapshot import Snapshot

_HELM = """\
{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    {{- include "web.labels" . | nindent 4 }}
{{- end }}
"""


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("chart/templates/web.yaml", _HELM),
        ("templates/Dockerfile.linux", '{{InsertTemplate("Dockerfile.base")}}\nRUN make\n'),
        ("templates/Dockerfile.j2", "{% set base = 'debian:13' %}\nFROM debian:13\n"),
        ("templates/docker-bake.hcl", 'target "{{ name }}" {\n{% if a %}\n  context = "."\n{% endif %}\n}\n'),
        ("docs/Dockerfile.md", "# Dockerfile\n\nHow we write them.\n"),
        ("parts/Dockerfile.envs", "ENV PORT=80\n"),
        ("src/Dockerfile.java", "package acme;\n\nclass Dockerfile {}\n"),
    ],
)
def test_what_is_something_else_is_not_listed_as_unreadable(path: str, content: str) -> None:
    assert Repository(Snapshot.of({path: content})).unreadable == ()


@pytest.mark.parametrize(
    ("path", "content", "line"),
    [
        ("web.yaml", "apiVersion: v1\nkind: [\n", 3),
        (".github/workflows/ci.yml", "on: push\njobs: {{ jobs }\n", 3),
        ("Dockerfile", "FROM debian:13\nRUN docker info --format '{{.Name}}'\nBUILD all\n", 3),
        ("docker-bake.hcl", 'target "web" {\n  context = \n}\n', 2),
        ("Dockerfile.java", "FROM debian:13\nRUN true\n", 0),
    ],
)
def test_other_files_are_what_their_names_say(path: str, content: str, line: int) -> None:
    unreadable = Repository(Snapshot.of({path: content})).unreadable
    assert [(one.path, one.line) for one in unreadable] == ([(path, line)] if line else [])
