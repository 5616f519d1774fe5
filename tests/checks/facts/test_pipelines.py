"""What is a pipeline of another system, by its path."""

from __future__ import annotations

from checks.facts.build.pipelines import other_pipelines


def test_pipelines_of_other_systems() -> None:
    theirs = (
        ".buildkite/web.yml",
        ".gitlab-ci.yml",
        ".tekton/push.yaml",
        ".woodpecker/web.yml",
        "ci/Jenkinsfile.web",
    )
    others = (".github/workflows/web.yml", "compose.yml", "docs/tekton/push.yaml", "Dockerfile")
    assert other_pipelines((*others, *theirs)) == theirs
