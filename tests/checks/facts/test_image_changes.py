"""What is asked before the actions that build images move to newer releases."""

from __future__ import annotations

import pytest

from checks.check import Outside, Repository
from checks.facts.upgrade.all_changes import questions, why_held
from checks.facts.upgrade.image_changes import downloads_with_record
from checks.facts.upgrade.upgrades import Upgrade
from checks.source.snapshot import Snapshot
from checks.workflow import deprecated_action_runtime
from tests.checks.upgrades import check_questions, move
from tests.checks.workflow import job


@pytest.mark.parametrize(
    ("uses", "inputs", "expected"),
    [
        ("docker/setup-buildx-action@v3", "{install: true, driver: docker}", []),
        (
            "docker/build-push-action@v2",
            "{push: true, build-args: 'KEY=${{ secrets.KEY }}'}",
            ["see the secrets"],
        ),
        ("docker/build-push-action@v2", "{push: false, build-args: 'KEY=${{ secrets.KEY }}'}", []),
        (
            "docker/build-push-action@v2",
            "{push: true, provenance: false, build-args: 'KEY=${{ secrets.KEY }}'}",
            [],
        ),
        ("docker/build-push-action@v2", "{push: true, build-args: PORT=80}", []),
        ("docker/bake-action@v5", "push: true", []),
        ("docker/bake-action@v5", "source: web", []),
        ("docker/bake-action@v5", "", []),
        ("docker/bake-action@v5", "workdir: web", []),
        ("docker/bake-action@v6", "workdir: web", ["do without `workdir`"]),
        ("docker/metadata-action@v5", "tags: 'type=edge # from main'", ["`#` in `tags`"]),
        (
            "docker/metadata-action@v5",
            "\n      labels: |\n        url=https://acme.example/#web",
            ["`#` in `labels`"],
        ),
        ("docker/metadata-action@v5", "{images: acme/web, labels: 'team=\"#web\"'}", []),
        ("docker/metadata-action@v6", "tags: 'type=edge # from main'", []),
        ("docker/bake-action@v6", "push: true", []),
        ("redhat-actions/push-to-registry@v2", "{image: web, tags: '${{ github.ref_name }}'}", ["capitals"]),
        ("redhat-actions/push-to-registry@v2", "{image: web, tags: latest Main}", ["capitals"]),
        ("redhat-actions/push-to-registry@v2", "{image: web, tags: latest}", []),
        ("redhat-actions/buildah-build@v2", "{image: web, tags: latest}", []),
        (
            "dataaxiom/ghcr-cleanup-action@v1.0.16",
            "{keep-n-tagged: 3, delete-tags: pr-*}",
            ["`keep-n-tagged` a number of images"],
        ),
        ("dataaxiom/ghcr-cleanup-action@v1.0.16", "{keep-n-tagged: 3, delete-untagged: true}", []),
    ],
)
def test_what_a_build_of_an_image_is_asked(uses: str, inputs: str, expected: list[str]) -> None:
    check_questions(move(uses, inputs), expected)


@pytest.mark.parametrize(
    ("visibility", "line", "inputs", "is_held"),
    [
        ("public", "ARG API_KEY", "push: true", True),
        ("public", "ARG API_KEY", "push: false", False),
        ("public", "ARG API_KEY", "push: true, provenance: false", False),
        ("private", "ARG API_KEY", "push: true", False),
        ("public", "ARG API_KEY\nENV VITE_API_KEY=$API_KEY", "push: true", False),
    ],
)
def test_a_build_stays_whose_secrets_would_go_on_record(
    visibility: str, line: str, inputs: str, *, is_held: bool
) -> None:
    steps = (
        f"{{uses: docker/build-push-action@v3, with: {{context: ., {inputs}, tags: acme/web, "
        "build-args: 'API_KEY=${{ secrets.API_KEY }}'}}, {uses: docker/login-action@v2}"
    )
    files = {
        "Dockerfile": f"FROM scratch AS made\n{line}\nRUN make\nFROM scratch\nCOPY --from=made /web /\n",
        ".github/workflows/w.yml": f"on: push\njobs: {{j: {{runs-on: ubuntu-latest, steps: [{steps}]}}}}\n",
    }
    repo = Repository(Snapshot.of(files), outside=Outside(visibility=visibility))
    found = list(deprecated_action_runtime.run(repo))
    held = [one for one in found if "holds `API_KEY` of `build-args`" in one.withheld]
    assert len(found) == 1 + is_held
    assert len(held) == is_held
    assert "login-action" in next(one for one in found if one not in held).message


@pytest.mark.parametrize(
    ("uses", "inputs", "expected"),
    [
        (
            "docker/metadata-action@v1",
            "{images: acme/web, tag-semver: '{{version}}'}",
            "`type=semver,pattern=…`",
        ),
        (
            "docker/metadata-action@v1",
            "{tag-sha: true, tag-latest: false}",
            "`type=sha` in `tags` and `latest=…`",
        ),
        ("docker/metadata-action@v1", "{tag-custom: a, tag-custom-only: true}", "along with the move"),
        ("docker/metadata-action@v1", "{label-custom: a=b}", "takes no `label-custom`: write `labels` along"),
        ("docker/metadata-action@v1", "{images: acme/web, tag-sha: false}", ""),
        ("docker/metadata-action@v1", "images: acme/web", ""),
        ("docker/metadata-action@v4", "{images: acme/web, tag-sha: true}", ""),
    ],
)
def test_inputs_that_became_rules_of_tags(uses: str, inputs: str, expected: str) -> None:
    held = why_held(move(uses, inputs))
    assert expected in held
    assert bool(held) is bool(expected)
    assert ("branches" in held) is ("type=s" in held)


@pytest.mark.parametrize(
    ("later", "is_asked"),
    [
        ("run: docker build -t web .", True),
        ("run: docker --context default image build .", True),
        ("run: make image", True),
        ("run: python3 build.py", True),
        ("{run: build(), shell: python}", True),
        ("uses: ./build", True),
        ("run: docker buildx build . && docker compose build web && docker push web", False),
        ("run: echo done", False),
        ("uses: docker/build-push-action@v7", False),
    ],
)
def test_what_may_build_by_an_alias(later: str, is_asked: bool) -> None:
    setup = "uses: docker/setup-buildx-action@v3\n    with: {install: true}"
    step, *_ = job(f"steps:\n  - {setup}\n  - {later}\n").steps
    assert step.uses
    assert bool(list(questions(Upgrade(step.uses, step)))) is is_asked


@pytest.mark.parametrize(
    ("version", "inputs", "joins", "is_asked"),
    [
        ("v3", "push: true", True, True),
        ("v3", "outputs: 'type=image,name=acme/web,push=true'", True, True),
        ("v3", "push: true", False, False),
        ("v4", "push: true", True, False),
        ("v3", "push: false", True, False),
        ("v3", "load: true", True, False),
        ("v3", "push: true, provenance: false", True, False),
        ("v3", "push: true, platforms: 'linux/amd64,linux/arm64'", True, False),
    ],
)
def test_images_that_a_workflow_joins(version: str, inputs: str, joins: bool, is_asked: bool) -> None:
    (step,) = job(f"steps:\n  - uses: docker/build-push-action@{version}\n    with: {{{inputs}}}\n").steps
    assert step.uses
    asked = list(questions(Upgrade(step.uses, step, joins_images=joins)))
    assert any("`docker manifest create`" in one for one in asked) is is_asked


ALL = "{uses: actions/download-artifact@v4, with: {path: all}}"


@pytest.mark.parametrize(
    ("action", "build", "download", "is_asked"),
    [
        ("build-push-action@v5", "", ALL, True),
        ("bake-action@v4", "", ALL, True),
        ("build-push-action@v6", "", ALL, False),
        ("bake-action@v5", "", ALL, False),
        ("build-push-action@v5", ", env: {DOCKER_BUILD_RECORD_UPLOAD: false}", ALL, False),
        ("build-push-action@v5", "", "{uses: actions/download-artifact@v4, with: {name: web}}", False),
        ("build-push-action@v5", "", "{uses: actions/download-artifact@v4, with: {pattern: 'web-*'}}", False),
        ("build-push-action@v5", "", "{uses: actions/download-artifact@v4, with: {run-id: 12}}", False),
        ("build-push-action@v5", "", "{run: make release}", False),
    ],
)
def test_all_artifacts_are_downloaded_with_the_record_of_a_build(
    action: str, build: str, download: str, is_asked: bool
) -> None:
    step, *_ = job(f"steps:\n  - {{uses: docker/{action}{build}}}\n  - {download}\n").steps
    assert step.uses
    asked = [one for one in questions(Upgrade(step.uses, step)) if "DOCKER_BUILD_RECORD_UPLOAD" in one]
    line = step.text.line_of(step.node.span.start) + 1
    assert [f"at line {line} " in one for one in asked] == [True] * is_asked


def test_a_download_of_all_artifacts_ahead_of_a_build_takes_no_record() -> None:
    _, step = job(f"steps:\n  - {ALL}\n  - uses: docker/build-push-action@v5\n").steps
    assert step.uses
    assert not downloads_with_record(Upgrade(step.uses, step))


def test_a_list_of_images_is_written_anew_along_with_its_action() -> None:
    inputs = "{tags: 'acme/web:1', suffixes: -amd64}"
    assert "as `sources`" in why_held(move("int128/docker-manifest-create-action@v1", inputs))
    assert not why_held(move("int128/docker-manifest-create-action@v2.1.0", "{sources: 'acme/web:1-amd64'}"))
