"""What is asked before an action moves to its newest release."""

from __future__ import annotations

import datetime

import pytest

from checks.facts.action.go_runs import Loaded, loaded_behind
from checks.facts.action.yarn_runs import lacks_token, may_lack_token
from checks.facts.project.go_modules import GoModule, parse_go_module
from checks.facts.script.go_programs import newest_of_recipes, newest_programs
from checks.facts.script.makefiles import MakeRun, recipe_lines
from checks.facts.script.scripts import parse_script
from checks.facts.upgrade.all_changes import beside, questions, why_held
from checks.facts.upgrade.checkout_changes import is_unnoticed
from checks.facts.upgrade.go_upgrades import module_of_newer_go
from checks.facts.upgrade.image_changes import downloads_with_record
from checks.facts.upgrade.upgrades import Upgrade
from checks.facts.workflow.workflows import CompositeAction, parse_action
from checks.source.text import Location, Text
from tests.checks.workflow import job

ASKED = [
    ("actions/checkout@v5", "", []),
    ("actions/checkout@v6", "ref: main", []),
    ("actions/setup-go@v5", "go-version: '${{ env.GO }}'", ["as new as `go.mod`"]),
    ("actions/setup-go@v5", "go-version: '1.24'", ["as new as `go.mod`"]),
    ("actions/setup-go@v5", "go-version: stable", []),
    ("actions/setup-go@v3", "go-version: '1.20'", []),
    ("actions/setup-go@v3", "go-version: '1.21'", ["as new as `go.mod`"]),
    ("actions/setup-go@v3", "go-version: ^1.13", ["as new as `go.mod`"]),
    ("actions/setup-go@v5", "go-version-file: go.mod", []),
    ("actions/setup-java@v1", "java-version: 17", []),
    ("actions/setup-java@v1", "", ["which `distribution`"]),
    ("actions/setup-java@v1", "{java-version: 11.0.2, jdkFile: jdk.tgz}", ["which `distribution`"]),
    ("actions/setup-java@v4", "distribution: '${{ matrix.jdk }}'", ["never `adopt`"]),
    ("actions/setup-java@v4", "{distribution: temurin, gpg-passphrase: PASS}", ["`maven-gpg-plugin`"]),
    ("gradle/actions/setup-gradle@v4", "gradle-version: 9.0", ["proprietary cache"]),
    ("gradle/actions/setup-gradle@v4", "cache-provider: basic", []),
    ("actions/setup-node@v4", "registry-url: https://registry.npmjs.org", ["`NODE_AUTH_TOKEN`"]),
    ("actions/setup-node@v4", "node-version: 24", []),
    ("actions/setup-java@v3", "java-version: 17", []),
    ("actions/upload-artifact@v3", "path: dist", ["of the same name"]),
    ("actions/upload-artifact@v3", "path: ./.next", ["of the same name", "`include-hidden-files`"]),
    ("actions/upload-artifact@v3", "path: ./dist/../x", ["of the same name"]),
    ("actions/upload-artifact@v4.3.0", "{path: .next, include-hidden-files: true}", []),
    ("actions/download-artifact@v3", "name: dist", ["whatever uploads"]),
    (
        "actions/download-artifact@v4",
        "{pattern: last-run, path: ./out/}",
        ["in `out/last-run`: since version 5"],
    ),
    ("actions/download-artifact@v4", "pattern: last-run", ["in `last-run`: since version 5"]),
    ("actions/download-artifact@v4", "{pattern: 'run-*', path: out}", ["where `pattern` has one alone"]),
    (
        "actions/download-artifact@v4",
        "artifact-ids: '${{ needs.a.outputs.id }}'",
        ["where `artifact-ids` has one"],
    ),
    ("actions/download-artifact@v4", "artifact-ids: '1,2'", []),
    ("actions/download-artifact@v4", "{pattern: 'run-*', merge-multiple: true}", []),
    ("actions/download-artifact@v4", "{pattern: 'run-*', name: run-1}", []),
    ("actions/download-artifact@v4", "{name: last-run, path: out}", []),
    ("actions/download-artifact@v4", "path: out", []),
    ("actions/download-artifact@v5", "{pattern: last-run, path: out}", []),
    (
        "actions/upload-pages-artifact@v1",
        "path: public",
        ["may all read", "whatever deploys", "begin with a dot"],
    ),
    ("actions/upload-pages-artifact@v3", "path: public", ["begin with a dot"]),
    ("actions/upload-pages-artifact@v4", "path: public", []),
    ("actions/deploy-pages@v2", "artifact_name: site", ["whatever uploads the site"]),
    ("actions/deploy-pages@v4", "artifact_name: site", []),
    ("actions/github-script@v4", "script: await github.issues.create({})", ["`github.rest`"]),
    ("actions/github-script@v4", "script: await github.graphql(query)", []),
    ("actions/github-script@v4", "script: 'await require(\"./x.js\")({github})'", ["`github.rest`"]),
    ("actions/github-script@v7", "script: const {getOctokit} = require('@actions/github')", ["`getOctokit`"]),
    ("actions/github-script@v7", "script: await github.rest.issues.create({})", []),
    ("actions/stale@v4", "days-before-stale: 60", []),
    ("astral-sh/setup-uv@v5", "python-version: '3.13'", ["virtual environment"]),
    ("astral-sh/setup-uv@v5", "enable-cache: true", []),
    ("golangci/golangci-lint-action@v6.5.0", "version: v2.5", []),
    ("golangci/golangci-lint-action@v6.5.0", "args: -v", ["golangci-lint version 2"]),
    ("golangci/golangci-lint-action@v6.1.0", "version: v2.5", ["config verify"]),
    ("golangci/golangci-lint-action@v6.1.0", "{version: v2.5, verify: false}", []),
    ("goreleaser/goreleaser-action@v5", "version: latest", ["GoReleaser 2"]),
    ("goreleaser/goreleaser-action@v5", "args: release", ["GoReleaser 2"]),
    ("goreleaser/goreleaser-action@v5", "version: v1.26.2", []),
    ("goreleaser/goreleaser-action@v6.0.0", "args: release", []),
    ("gradle/actions/setup-gradle@v3", "cache-disabled: true", []),
    (
        "gradle/actions/setup-gradle@v3",
        "{generate-job-summary: false, cache-disabled: true}",
        ["do without `generate-job-summary`"],
    ),
    ("helm/kind-action@v1.8.0", "cluster_name: test", ["newer Kubernetes"]),
    ("helm/kind-action@v1.8.0", "node_image: kindest/node:v1.34.0", []),
    ("docker/setup-buildx-action@v3", "{install: true, driver: docker}", []),
    ("docker/setup-buildx-action@v3", "{config-inline: x, driver: docker}", []),
    (
        "docker/setup-buildx-action@v3",
        "{config: x, buildkitd-config: x}",
        ["do without `config`"],
    ),
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
    ("docker/setup-buildx-action@v3", "buildkitd-flags: --debug", []),
    ("dorny/paths-filter@v1.0.1", "githubToken: x", []),
    (
        "astral-sh/setup-uv@v5",
        "{uv-file: uv.toml, pyproject-file: pyproject.toml}",
        ["do without `pyproject-file` and `uv-file`"],
    ),
    ("astral-sh/setup-uv@v5", "uv-file: uv.toml", []),
    ("docker/build-push-action@v1", "registry: ghcr.io", ["do without `registry`"]),
    ("docker/build-push-action@v5", "{registry: ghcr.io, push: true}", []),
    ("actions/setup-node@v5", "{version: 24, always-auth: true}", ["`always-auth`, by which"]),
    ("docker/bake-action@v5", "push: true", []),
    ("docker/bake-action@v5", "source: web", []),
    ("docker/bake-action@v5", "", ["told `source: .`"]),
    ("docker/bake-action@v5", "workdir: web", ["told `source: .`", "do without `workdir`"]),
    ("docker/bake-action@v6", "push: true", []),
    ("acme/nothing@v1", "install: true", []),
    ("codecov/codecov-action@v3", "files: a.xml", ["has the step a token"]),
    ("codecov/codecov-action@v3", "{file: a.xml, token: x}", []),
    ("codecov/codecov-action@v3", "{file: a.xml, files: b.xml, token: x}", ["do without `file`"]),
    ("codecov/codecov-action@v4", "file: a.xml", []),
    ("codecov/codecov-action@v3", "{xcode: true, token: x}", ["do without `xcode`"]),
    ("google-github-actions/setup-gcloud@v2", "skip_tool_cache: true", []),
    ("google-github-actions/setup-gcloud@v2", "skip_tool_cache: false", ["load `gcloud` anew"]),
    ("google-github-actions/setup-gcloud@v1", "project_id: web", []),
    ("google-github-actions/setup-gcloud@v0", "export_default_credentials: true", ["does the step do"]),
    ("azure/login@v1", "creds: x", []),
    ("pnpm/action-setup@v4", "version: 8", ["as old as version 8"]),
    ("pnpm/action-setup@v4", "version: 10.8.1", []),
    ("azure/setup-helm@v3", "version: v3.12.0", []),
    ("oven-sh/setup-bun@v0.1.8", "custom-download-url: x", ["do without `custom-download-url`"]),
    ("slackapi/slack-github-action@v3", 'payload: \'{"text": "a"}\'', []),
    ("slackapi/slack-github-action@v3", '{payload: "text: a\\nchannel: b"}', ["indented below its key"]),
    ("cloudflare/wrangler-action@v3", "command: deploy", ["hold for Wrangler 4"]),
    ("cloudflare/wrangler-action@v3", "wranglerVersion: 3.90.0", []),
    ("dorny/test-reporter@v1", "name: Tests", ["the check that `name` names"]),
    ("dorny/test-reporter@v2", "name: Tests", []),
    ("EndBug/add-and-commit@v9", "commit: -F note.txt", ["git's `--file`"]),
    ("EndBug/add-and-commit@v9", "add: '--pathspec-from-file=list.txt'", ["git's `--file`"]),
    ("EndBug/add-and-commit@v9", "{add: docs/FILES, commit: --amend --no-edit}", []),
    ("EndBug/add-and-commit@v7", "branch: main", ["do without `branch`"]),
    ("googleapis/release-please-action@v3", "{command: manifest, token: x}", ["do without `command`"]),
    ("googleapis/release-please-action@v3", "{release-as: 2.0.0}", []),
    ("googleapis/release-please-action@v4", "release-type: node", []),
    ("jdx/mise-action@v2", "install: true", ["the variables of mise's configuration"]),
    ("jdx/mise-action@v2", "env: false", []),
    ("jdx/mise-action@v3", "install: true", []),
    ("release-drafter/release-drafter@v6", "publish: true", ["each `labels`"]),
    ("release-drafter/release-drafter@v6", "{disable-autolabeler: true, publish: true}", ["each `labels`"]),
    (
        "release-drafter/release-drafter@v6",
        "initial-commits-since: x",
        ["each `labels`", "do without `initial-commits-since`"],
    ),
    ("swatinem/rust-cache@v1", "working-directory: web", ["do without `working-directory`"]),
    ("swatinem/rust-cache@v2.8.2", "workspaces: web", []),
    ("terraform-linters/setup-tflint@v4", "tflint_wrapper: true", ["where TFLint finds something"]),
    ("terraform-linters/setup-tflint@v4", "tflint_version: v0.59.1", []),
]


@pytest.mark.parametrize(("uses", "inputs", "expected"), ASKED)
def test_what_a_step_is_asked(uses: str, inputs: str, expected: list[str]) -> None:
    written = inputs if inputs.startswith("{") else f"\n          {inputs}"
    steps = f"steps:\n  - uses: {uses}\n" + (f"    with: {written}\n" if inputs else "")
    (step,) = job(steps).steps
    assert step.uses
    asked = list(questions(Upgrade(step.uses, step)))
    assert len(asked) == len(expected), asked
    for one, part in zip(asked, expected, strict=True):
        assert part in one


@pytest.mark.parametrize(
    ("uses", "inputs", "written"),
    [
        ("docker/setup-buildx-action@v3", "{config: x, driver: docker}", ["buildkitd-config"]),
        ("docker/setup-buildx-action@v4", "{config: x, driver: docker}", []),
        ("docker/setup-buildx-action@v3", "{config: x, buildkitd-config: y}", []),
        ("actions/create-github-app-token@v1", "{app_id: 1, private_key: x}", ["app-id", "private-key"]),
        ("dorny/paths-filter@v1.0.1", "{githubToken: x}", ["token"]),
        ("gradle/actions/setup-gradle@v3", "{generate-job-summary: false}", []),
        ("codecov/codecov-action@v4", "{file: x, plugin: noop}", ["files", "plugins"]),
        ("codecov/codecov-action@v5", "{file: x}", []),
        ("peter-evans/create-or-update-comment@v1", "{reaction-type: heart}", ["reactions"]),
        ("google-github-actions/setup-gcloud@v2", "{skip_tool_cache: true, version: '500.0.0'}", [""]),
        ("release-drafter/release-drafter@v6", "{disable-autolabeler: true, publish: true}", [""]),
        ("crazy-max/ghaction-import-gpg@v3", "{gpg-private-key: x, passphrase: y}", ["gpg_private_key"]),
        ("swatinem/rust-cache@v1", "{sharedKey: web}", ["shared-key"]),
    ],
)
def test_inputs_that_have_another_name_now(uses: str, inputs: str, written: list[str]) -> None:
    (step,) = job(f"steps:\n  - uses: {uses}\n    with: {inputs}\n").steps
    assert step.uses
    assert [edit.replacement for edit in beside(Upgrade(step.uses, step))] == written


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
    ("on", "version", "inputs", "is_asked"),
    [
        ("pull_request_target", "v6.0.2", "ref: x", True),
        ("workflow_run", "v4.3.1", "repository: a/b", True),
        ("workflow_run", "v4.4.0", "repository: a/b", False),
        ("pull_request_target", "v4", "ref: x", False),
        ("pull_request_target", "v3", "ref: x", True),
        ("pull_request_target", "v6.0.2", "fetch-depth: 0", False),
        ("push", "v6.0.2", "ref: x", False),
    ],
)
def test_checkouts_of_what_a_fork_may_have_written(
    on: str, version: str, inputs: str, is_asked: bool
) -> None:
    (step,) = job(f"steps:\n  - uses: actions/checkout@{version}\n    with: {{{inputs}}}\n", on).steps
    assert step.uses
    asked = questions(Upgrade(step.uses, step, events={on}))
    assert any("never a fork's" in one for one in asked) is is_asked


@pytest.mark.parametrize(
    ("inputs", "later", "is_asked"),
    [
        ("image: 'web:1'", "run: cat results.sarif", True),
        ("image: 'web:1', output-file: results.sarif", "run: cat results.sarif", False),
        ("image: 'web:1'", "run: make", False),
    ],
)
def test_where_a_scan_writes_its_report(inputs: str, later: str, is_asked: bool) -> None:
    step, _ = job(f"steps:\n  - uses: anchore/scan-action@v4\n    with: {{{inputs}}}\n  - {later}\n").steps
    assert step.uses
    assert any("`output-file`" in one for one in questions(Upgrade(step.uses, step))) is is_asked


@pytest.mark.parametrize(
    ("permissions", "is_asked"), [("{issues: write}", True), ("{actions: write}", False)]
)
def test_what_stale_may_write(permissions: str, is_asked: bool) -> None:
    (step,) = job(f"permissions: {permissions}\nsteps:\n  - uses: actions/stale@v8\n").steps
    assert step.uses
    assert any("in a cache" in one for one in questions(Upgrade(step.uses, step))) is is_asked


@pytest.mark.parametrize(
    ("inputs", "later", "is_asked"),
    [
        ("{}", "uses: peter-evans/create-pull-request@v6", True),
        ("{persist-credentials: false}", "uses: peter-evans/create-pull-request@v6", False),
        ("{}", "uses: ./publish", True),
        ("{}", "uses: someone/semantic-release-action@v4", True),
        ("{}", "uses: amannn/action-semantic-pull-request@v5", False),
        ("{}", "uses: wagoid/commitlint-github-action@v6", False),
        ("{}", "uses: someone/read-version-action@v1", False),
        ("{}", "uses: someone/bump-version-action@v1", True),
        ("{}", "uses: getsentry/action-release@v3", False),
        ("{}", "run: docker run -v $PWD:/src acme/release git push", True),
        ("{}", "run: docker run -v $PWD:/src acme/builder make site", False),
        ("{}", "run: docker run -v $PWD:/src acme/builder make site && echo 'kept by push runs'", False),
        ("{}", "run: echo 'git push' | docker run -v $PWD:/src acme/builder sh", True),
        ("{}", "run: docker run -v $PWD:/src acme/builder sh -c 'echo it; git push'", True),
        ("{}", "run: docker run acme/builder make site && docker push acme/web", False),
        ("{}", "run: docker run --publish 80:80 --name release acme/web", False),
        ("{}", "run: git push", False),
        ("{}", "run: git config user.email bot@github.com && git push", False),
        ("{}", "run: git push https://bot:$TOKEN@github.com/acme/web HEAD", False),
        ("{}", "run: git -c http.https://github.com/.extraheader=$HEADER push", True),
        ("{}", "uses: stefanzweifel/git-auto-commit-action@v6", False),
        ("{}", "uses: enricomi/publish-unit-test-result-action@v2", False),
        ("{}", "uses: someone/commit-comment@v2", False),
        ("{}", "uses: azure/arm-deploy@v1", False),
        ("{}", "uses: peaceiris/actions-gh-pages@v4", False),
        ("{}", "uses: jamesives/github-pages-deploy-action@v4", True),
        ("{}", "uses: someone/release-downloader@v1", False),
        ("{}", "uses: someone/tag-exists-action@v1", False),
        ("{}", "uses: someone/changelog-enforcer@v3", False),
        ("{}", "uses: denoland/deployctl@v1", False),
        ("{}", "uses: softprops/action-gh-release@v2", False),
        ("{}", "uses: docker/build-push-action@v7", False),
        ("{}", "uses: anthropics/claude-code-action@v1", True),
        ("{}", "uses: google-github-actions/run-gemini-cli@v0", True),
        ("{}", "uses: google-github-actions/setup-gcloud@v3", False),
        ("{}", "uses: redhat-actions/push-to-registry@v2", False),
        ("{}", "{uses: acme/push@v1, with: {registry: quay.io, password: x}}", False),
        ("{}", "{uses: acme/push@v1, with: {password: x}}", True),
    ],
)
def test_steps_that_may_push_after_a_checkout(inputs: str, later: str, is_asked: bool) -> None:
    steps = job(f"steps:\n  - uses: actions/checkout@v5\n    with: {inputs}\n  - {later}\n").steps
    assert steps[0].uses
    assert any("keeps it" in one for one in questions(Upgrade(steps[0].uses, steps[0]))) is is_asked


@pytest.mark.parametrize(
    ("later", "is_asked"),
    [
        ("run: npm test", False),
        ("run: git push", True),
        ("run: make release", True),
        ("uses: actions/upload-artifact@v7", False),
        ("uses: stefanzweifel/git-auto-commit-action@v6", True),
        ("uses: peaceiris/actions-gh-pages@v4", False),
    ],
)
def test_steps_that_may_push_in_a_container(later: str, is_asked: bool) -> None:
    steps = job(f"container: node:24\nsteps:\n  - uses: actions/checkout@v5\n  - {later}\n").steps
    assert steps[0].uses
    assert any("keeps it" in one for one in questions(Upgrade(steps[0].uses, steps[0]))) is is_asked


@pytest.mark.parametrize(
    ("uses", "later", "is_asked"),
    [
        ("actions/checkout@v5", "uses: release-plz/action@v0.5", True),
        ("actions/checkout@v5", "{uses: release-plz/action@v0.5, with: {command: release-pr}}", True),
        ("actions/checkout@v5", "{uses: release-plz/action@v0.5, with: {command: release}}", False),
        ("actions/checkout@v6.0.0", "uses: release-plz/action@v0.5", False),
        ("actions/checkout@v5, with: {persist-credentials: false}", "uses: release-plz/action@v0.5", False),
        ("actions/checkout@v5", "uses: release-plz/git-config@v1", False),
    ],
)
def test_what_updates_a_pull_request_from_a_copy_of_the_checkout(
    uses: str, later: str, is_asked: bool
) -> None:
    step, _ = job(f"steps:\n  - {{uses: {uses}}}\n  - {later}\n").steps
    assert step.uses
    assert any("release-plz that" in one for one in questions(Upgrade(step.uses, step))) is is_asked


@pytest.mark.parametrize(
    ("upload", "pattern", "is_asked"),
    [
        ("with: {name: 'run-${{ matrix.os }}'}", "run-*", False),
        ("with: {name: 'run-${{ matrix.os }}'}", "run-a*", True),
        ("with: {name: 'run-${{ matrix.os }}'}, if: failure()", "run-*", True),
        ("with: {name: 'run-${{ inputs.os }}'}", "run-*", True),
        ("with: {name: run-all}", "run-*", True),
    ],
)
def test_what_certainly_matches_several_artifacts(upload: str, pattern: str, is_asked: bool) -> None:
    steps = job(
        "strategy: {matrix: {os: [arm, riscv]}}\n"
        f"steps:\n  - {{uses: actions/upload-artifact@v7, {upload}}}\n"
        f"  - {{uses: actions/download-artifact@v4, with: {{pattern: '{pattern}'}}}}\n"
    ).steps
    assert steps[1].uses
    assert bool(list(questions(Upgrade(steps[1].uses, steps[1])))) is is_asked


@pytest.mark.parametrize(
    ("inputs", "later", "is_held"),
    [
        ("{pattern: last-run, path: out}", "run: cat out/last-run/a.json", True),
        ("{pattern: last-run, path: out/}", "run: ls ./out/last-run", True),
        ("{pattern: last-run, path: out}", "run: cat out/last-run-1/a.json web/out/last-run", False),
        ("{pattern: last-run, path: out}", "{run: cat out/last-run/a.json, working-directory: web}", False),
        ("{pattern: 'last-*', path: out}", "run: cat out/last-run/a.json", False),
        ("{pattern: last-run, path: out, merge-multiple: true}", "run: cat out/last-run/a.json", False),
        ("{name: last-run, path: out}", "run: cat out/last-run/a.json", False),
        ("{pattern: last-run}", "run: cat last-run/a.json", False),
    ],
)
def test_what_reads_an_artifact_in_a_folder_of_its_name(inputs: str, later: str, is_held: bool) -> None:
    steps = job(f"steps:\n  - uses: actions/download-artifact@v4\n    with: {inputs}\n  - {later}\n").steps
    assert steps[0].uses
    why = why_held(Upgrade(steps[0].uses, steps[0]))
    assert ("names `out/last-run`" in why) is is_held


@pytest.mark.parametrize(
    ("later", "named"),
    [
        ("uses: anthropics/claude-code-action@v1", "`anthropics/claude-code-action`"),
        ("uses: google-github-actions/run-gemini-cli@v0", "each later step"),
    ],
)
def test_who_may_push_with_the_token_of_the_checkout(later: str, named: str) -> None:
    steps = job(f"steps:\n  - uses: actions/checkout@v5\n  - {later}\n").steps
    assert steps[0].uses
    (asked,) = (one for one in questions(Upgrade(steps[0].uses, steps[0])) if "keeps it" in one)
    assert named in asked


@pytest.mark.parametrize(
    ("token", "is_asked"),
    [("${{ secrets.BOT }}", False), ("${{ secrets.GITHUB_TOKEN }}", True), ("${{ github.token }}", True)],
)
def test_nobody_pushes_as_the_job_where_the_checkout_has_another_token(token: str, is_asked: bool) -> None:
    uses = f"actions/checkout@v5\n    with: {{token: '{token}'}}"
    steps = job(f"steps:\n  - uses: {uses}\n  - uses: anthropics/claude-code-action@v1\n").steps
    assert steps[0].uses
    asked = questions(Upgrade(steps[0].uses, steps[0]))
    assert any("as the job" in one for one in asked) is is_asked


@pytest.mark.parametrize(
    ("uses", "more", "later", "expected"),
    [
        ("actions/checkout@v4", "", "run: make test", True),
        ("actions/checkout@v4", "", "uses: astral-sh/setup-uv@v7", True),
        ("actions/checkout@v4", "", "uses: someone/agent@v1", False),
        ("actions/checkout@v4", "", "uses: azure/cli@v2", False),
        ("actions/checkout@v4", "", "uses: docker://alpine:3.24", False),
        ("actions/checkout@v4", "", "run: git push", False),
        ("actions/checkout@v4", "", "run: ./release.sh", False),
        ("actions/checkout@v4", "container: debian:13\n", "run: make test", False),
        ("actions/checkout@v1", "", "run: make test", False),
        ("actions/setup-node@v4", "", "run: make test", False),
    ],
)
def test_a_checkout_whose_move_no_later_step_can_notice(
    uses: str, more: str, later: str, expected: bool
) -> None:
    step = job(f"{more}steps:\n  - uses: {uses}\n  - {later}\n").steps[0]
    assert step.uses
    assert is_unnoticed(Upgrade(step.uses, step)) is expected


@pytest.mark.parametrize(
    ("definition", "is_asked"),
    [
        ("steps: [{uses: astral-sh/setup-uv@v7}, {run: uv sync, shell: bash}]", False),
        ("steps: [{uses: peter-evans/create-pull-request@v6}]", True),
        ("main: index.js", True),
        ("steps: [{uses: ./publish}]", True),
    ],
)
def test_what_a_local_action_does_after_a_checkout(definition: str, is_asked: bool) -> None:
    action = parse_action(Text("publish/action.yml", f"runs: {{{definition}}}\n"))
    steps = job("steps:\n  - uses: actions/checkout@v5\n  - uses: ./publish\n").steps
    assert steps[0].uses
    assert action
    asked = questions(Upgrade(steps[0].uses, steps[0], actions={"publish": action}))
    assert any("keeps it" in one for one in asked) is is_asked


@pytest.mark.parametrize(
    ("version", "modules", "is_asked", "held_by"),
    [
        ("1.24", [(1, 26, 1)], True, "a/go.mod"),
        ("1.24", [(1, 24, 9)], False, None),
        ("1.24.x", [(1, 24, 9)], False, None),
        ("1.24.2", [(1, 24, 9)], True, "a/go.mod"),
        ("1.24", [(1, 24), (1, 26)], True, "b/go.mod"),
        ("1.24", [None], False, None),
        (">=1.24", [(1, 26)], True, None),
        ("~1.24", [(1, 26)], True, "a/go.mod"),
        ("~1.24.1", [(1, 24, 9)], False, None),
        ("^1.24", [(1, 26)], False, None),
        ("stable", [(1, 26)], False, None),
    ],
)
def test_the_go_that_modules_need(
    version: str, modules: list[tuple[int, ...] | None], is_asked: bool, held_by: str | None
) -> None:
    found = [GoModule(f"{'ab'[at]}/go.mod", go) for at, go in enumerate(modules)]
    tests = [f"  - {{run: go test ./..., working-directory: {'ab'[at]}}}" for at in range(len(found))]
    setup = f"  - uses: actions/setup-go@v5\n    with: {{go-version: '{version}'}}"
    step, *_ = job("\n".join(["steps:", setup, *tests, ""])).steps
    assert step.uses
    assert bool(list(questions(Upgrade(step.uses, step, found)))) is is_asked
    held = module_of_newer_go(Upgrade(step.uses, step, loaded=loaded_behind(step, found, {}, ())))
    assert (held[1].path if held else None) == held_by


@pytest.mark.parametrize(
    ("later", "paths", "is_all"),
    [
        ("run: go install example.com/tool@v1.2.3 && go version", [], True),
        ("run: go run example.com/tool@$VERSION ./...", [], True),
        ("run: go install $TOOL", [], False),
        ("run: cd $(mktemp -d) && go mod init scratch", [], True),
        ("run: cd $(mktemp -d) && go mod tidy", [], False),
        ("run: go vet ./...", ["go.mod"], True),
        ("run: GOOS=linux go build ./cmd/web", ["go.mod"], True),
        ("run: GOTOOLCHAIN=auto go build", [], False),
        ("run: go -C site build", [], False),
        ("run: cd site && go list -m", ["site/go.mod"], True),
        ("{run: golangci-lint run, working-directory: ./site/pages}", ["site/go.mod"], True),
        ("run: find . -name go.mod -execdir go mod tidy", [], False),
        ("run: ./test.sh", [], False),
        ("run: hugo", [], False),
        ("run: make test", ["go.mod"], True),
        ("run: make -C site all", ["site/go.mod"], False),
        ("run: make -C site lint", ["site/go.mod"], True),
        ("run: make other", [], False),
        ("run: go test -Count=1 ./...", ["go.mod"], True),
        ("run: golangci-lint version", [], True),
        ("{run: 'import os', shell: python}", [], False),
        ("uses: golangci/golangci-lint-action@v8", ["go.mod"], True),
        ("uses: goreleaser/goreleaser-action@v6", [], False),
        ("{uses: goreleaser/goreleaser-action@v6, with: {args: release --clean}}", ["go.mod"], False),
        (
            "{uses: goreleaser/goreleaser-action@v6, with: {args: build, workdir: site}}",
            ["site/go.mod"],
            False,
        ),
        ("{uses: goreleaser/goreleaser-action@v6, with: {args: check}}", [], False),
        ("uses: docker/build-push-action@v7", [], True),
        ("uses: ./tests", ["go.mod"], True),
        ("uses: ./unknown", [], False),
        ("{uses: actions/checkout@v7, with: {path: src}}\n  - run: go test ./...", [], False),
        ("{uses: actions/checkout@v7}\n  - run: go test ./...", ["go.mod"], True),
    ],
)
def test_the_modules_that_later_steps_load(later: str, paths: list[str], is_all: bool) -> None:
    step, *_ = job(f"steps:\n  - uses: actions/setup-go@v5\n  - {later}\n").steps
    modules = [GoModule("go.mod", (1, 26)), GoModule("site/go.mod", (1, 21))]
    makefiles = [
        Text("Makefile", "test:\n\t@go test ./...\n"),
        Text(
            "site/Makefile",
            "CHECK = golangci-lint\nall:\n\tgo build\n\t$(LINT)\nlint:\n\tcd pages; \\\n\t$(CHECK) run\n",
        ),
    ]
    tests = parse_action(
        Text("tests/action.yml", "runs:\n  steps:\n    - run: go test ./...\n      shell: bash\n")
    )
    assert tests
    loaded = loaded_behind(step, modules, {"tests": tests}, makefiles)
    assert ([module.path for module in loaded.modules], loaded.is_all) == (paths, is_all)


@pytest.mark.parametrize(
    ("later", "is_asked_of"),
    [
        ("run: echo done", []),
        ("run: go install example.com/tool@v1.2.3", ["as new as what `go install`"]),
        ("run: tool ./...", ["load `go.mod`, which needs Go 1.26:"]),
        (
            "run: go install example.com/tool@v1.2.3 && tool ./...",
            ["as new as what `go install`", "load `go.mod`"],
        ),
        ("{run: go test ./..., working-directory: site}", []),
        ("run: go test ./...", ["as new as `go.mod`"]),
        ("{uses: actions/checkout@v7, with: {submodules: true}}", ["load `go.mod`"]),
    ],
)
def test_the_go_of_what_a_job_is_known_to_load(later: str, is_asked_of: list[str]) -> None:
    step, *_ = job(
        f"steps:\n  - uses: actions/setup-go@v5\n    with: {{go-version: '1.24'}}\n  - {later}\n"
    ).steps
    assert step.uses
    modules = [GoModule("go.mod", (1, 26)), GoModule("site/go.mod", (1, 21))]
    asked = list(questions(Upgrade(step.uses, step, modules, loaded=loaded_behind(step, modules, {}, ()))))
    assert len(asked) == len(is_asked_of)
    assert all(part in one for part, one in zip(is_asked_of, asked, strict=True))


@pytest.mark.parametrize(
    ("inputs", "later", "newer", "is_held"),
    [
        ("go-version: '1.24'", "run: ./each.sh", "site/go.mod", True),
        ("go-version: '1.24'", "run: make each", "site/go.mod", True),
        (
            "go-version: '1.24'",
            "{run: go test, working-directory: '${{ matrix.folder }}'}",
            "site/go.mod",
            True,
        ),
        ("go-version: '1.24'", "uses: ./each", "site/go.mod", True),
        ("go-version: '1.26'", "run: ./each.sh", "site/go.mod", False),
        ("go-version: '1.24'", "run: go test ./...", "site/go.mod", False),
        ("go-version: '1.24'", "run: GOTOOLCHAIN=auto ./each.sh", "site/go.mod", False),
        ("go-version: '1.24'", "uses: acme/each@v1", "site/go.mod", False),
        ("go-version: '1.24'", "run: ./each.sh", "site/testdata/go.mod", False),
        ("go-version-file: go.mod", "run: ./each.sh", "site/go.mod", False),
        ("cache: false", "run: ./each.sh", "site/go.mod", False),
    ],
)
def test_a_script_that_may_load_a_module_of_a_newer_go(
    inputs: str, later: str, newer: str, is_held: bool
) -> None:
    step, *_ = job(f"steps:\n  - uses: actions/setup-go@v5\n    with: {{{inputs}}}\n  - {later}\n").steps
    assert step.uses
    modules = [GoModule("go.mod", (1, 24)), GoModule(newer, (1, 26))]
    each = parse_action(Text("each/action.yml", "runs: {steps: [{run: ./each.sh, shell: bash}]}\n"))
    assert each
    upgrade = Upgrade(step.uses, step, modules, loaded=loaded_behind(step, modules, {"each": each}, ()))
    assert (f"`{newer}` needs `1.26`" in why_held(upgrade)) is is_held


@pytest.mark.parametrize(
    ("other", "is_asked"),
    [
        ("run: go install example.com/tool@latest", True),
        ("run: go install ./...", False),
        ("run: make test", True),
        ("run: ./scripts/test.sh", True),
        ("run: go test ./...", False),
        ("{uses: actions/checkout@v7, with: {submodules: true}}", True),
        ("{uses: actions/checkout@v7, with: {fetch-depth: 0}}", False),
    ],
)
def test_what_else_a_job_brings_may_need_a_newer_go(other: str, is_asked: bool) -> None:
    steps = job(
        f"steps:\n  - uses: actions/setup-go@v5\n    with: {{go-version: '1.24'}}\n  - {other}\n"
    ).steps
    assert steps[0].uses
    assert bool(list(questions(Upgrade(steps[0].uses, steps[0], [GoModule("go.mod", (1, 24))])))) is is_asked


@pytest.mark.parametrize(
    ("other", "is_asked"),
    [
        ("run: go install example.com/tool@latest", True),
        ("run: go run example.com/tool@v1.2.3 ./...", True),
        ("run: go install ./...", False),
        ("run: make", False),
    ],
)
def test_what_a_job_installs_may_need_a_newer_go_than_its_file_names(other: str, is_asked: bool) -> None:
    steps = job(
        f"steps:\n  - uses: actions/setup-go@v5\n    with: {{go-version-file: go.mod}}\n  - {other}\n"
    ).steps
    assert steps[0].uses
    asked = list(questions(Upgrade(steps[0].uses, steps[0], [GoModule("go.mod", (1, 24))])))
    assert any("`go-version-file`" in one for one in asked) is is_asked


@pytest.mark.parametrize(
    ("version", "inputs", "is_asked"),
    [
        ("v5", "go-version-file: go.mod", True),
        ("v5", "go-version: '1.24'", True),
        ("v5", "go-version: stable", False),
        ("v5", "cache: false", False),
        ("v6", "go-version-file: go.mod", False),
    ],
)
def test_the_go_of_what_recipes_install(version: str, inputs: str, is_asked: bool) -> None:
    (step,) = job(f"steps:\n  - uses: actions/setup-go@{version}\n    with: {{{inputs}}}\n").steps
    assert step.uses
    asked = questions(
        Upgrade(step.uses, step, [GoModule("go.mod", (1, 24))], installed=_installed("tool@latest"))
    )
    told = "`tool@latest`, which `make` installs by `Makefile` line 2,"
    assert any(told in one for one in asked) is is_asked


def _installed(*programs: str) -> dict[str, Location]:
    makefile = Text("Makefile", f"tools:\n\tgo install {' '.join(programs)}\n")
    return {name: Location(makefile, makefile.line(2)) for name in programs}


@pytest.mark.parametrize(
    ("inputs", "script", "asked"),
    [
        ("go-version-file: go.mod", "go install acme.dev/tool@latest", "may `tool@latest` at line 10 ask"),
        ("go-version: '1.26'", "go run acme.dev/tool@latest .", "may `tool@latest` at line 10 ask"),
        ("go-version-file: new/go.mod", "go install acme.dev/tool@latest", ""),
        ("go-version: oldstable", "go install acme.dev/tool@latest", ""),
        ("go-version-file: go.mod", "go install acme.dev/tool@v1.2.3", "what `go install` and `go run` take asks"),
        ("go-version-file: go.mod", "go install $TOOL@latest", "what `go install` and `go run` take asks"),
        ("go-version-file: go.mod", "go test ./...", ""),
    ],
)  # fmt: skip
def test_programs_that_may_need_a_newer_go_than_a_maintained_one(
    inputs: str, script: str, asked: str
) -> None:
    content = f"steps:\n  - uses: actions/setup-go@v5\n    with: {{{inputs}}}\n  - run: |\n      set -e\n      {script}\n"
    step, other = job(content).steps
    assert step.uses
    modules = [GoModule("go.mod", (1, 26, 2)), GoModule("new/go.mod", (1, 27))]
    loaded = Loaded((modules[0],), is_all=True)
    found = " ".join(questions(Upgrade(step.uses, step, modules, loaded=loaded)))
    line = other.text.line_of(other.node.span.start) + 2
    assert asked.replace("line 10", f"line {line}") in found
    assert ("keeps Go from loading" in found) is bool(asked)


@pytest.mark.parametrize(
    ("inputs", "script", "installed", "held"),
    [
        ("go-version: '1.22'", "make", ["tool@latest"], "`go-version: 1.22`"),
        ("go-version: '1.22'", "make", [], ""),
        ("go-version: '1.27'", "make", ["tool@latest"], ""),
        ("go-version-file: go.mod", "make", ["tool@latest"], "the Go of `go-version-file`, 1.24"),
        (
            "go-version-file: ./go.mod",
            "go install acme.dev/tool@latest",
            [],
            "the Go of `go-version-file`, 1.24",
        ),
        ("go-version-file: go.mod", "go install acme.dev/tool@v1.2.3", [], ""),
        ("go-version-file: new/go.mod", "go install acme.dev/tool@latest", [], ""),
        ("go-version-file: other/go.mod", "go install acme.dev/tool@latest", [], ""),
        ("go-version-file: go.mod, go-version: '1.27'", "go install acme.dev/tool@latest", [], ""),
    ],
)
def test_programs_that_may_need_a_newer_go_than_one_that_has_ended(
    inputs: str, script: str, installed: list[str], held: str
) -> None:
    content = f"steps:\n  - uses: actions/setup-go@v5\n    with: {{{inputs}}}\n  - run: {script}\n"
    step, _ = job(content).steps
    assert step.uses
    modules, today = (
        [GoModule("go.mod", (1, 24)), GoModule("new/go.mod", (1, 27))],
        datetime.date(2026, 11, 28),
    )
    why = why_held(Upgrade(step.uses, step, modules, installed=_installed(*installed), today=today))
    assert held in why
    assert ("`tool@latest`" in why) is bool(held)


_LINTER = "github.com/golangci/golangci-lint/cmd/golangci-lint@latest"
_LICENSES = "github.com/google/go-licenses@latest"


@pytest.mark.parametrize(
    ("version", "script", "installed", "is_held"),
    [
        ("1.24", _LICENSES, [], False),
        ("1.24", _LINTER, [], False),
        ("1.22", _LINTER, [], True),
        ("${{ inputs.go }}", _LICENSES, [], False),
        ("1.24", _LICENSES.replace("@", "/v2@"), [], True),
        ("1.24", f"example.org/{_LICENSES}", [], True),
        ("1.24", f"{_LICENSES} && go install acme.dev/tool@latest", [], True),
        ("1.24", "./...", [_LINTER], False),
        ("1.22", "./...", [_LINTER], True),
    ],
)
def test_programs_whose_path_has_no_newer_release(
    version: str, script: str, installed: list[str], is_held: bool
) -> None:
    content = f"steps:\n  - uses: actions/setup-go@v5\n    with: {{go-version: '{version}'}}\n  - run: go install {script}\n"
    step, _ = job(content).steps
    assert step.uses
    recipes = {name.rpartition("/")[2]: place for name, place in _installed(*installed).items()}
    upgrade = Upgrade(step.uses, step, installed=recipes, today=datetime.date(2026, 11, 28))
    assert ("may need a newer one" in why_held(upgrade)) is is_held


@pytest.mark.parametrize(("version", "is_asked"), [("1.26", False), ("${{ inputs.go }}", True)])
def test_a_program_whose_path_has_no_newer_release_is_asked_after_where_the_go_is_not_known(
    version: str, is_asked: bool
) -> None:
    content = f"steps:\n  - uses: actions/setup-go@v5\n    with: {{go-version: '{version}'}}\n  - run: go install {_LINTER}\n"
    step, _ = job(content).steps
    assert step.uses
    asked = questions(Upgrade(step.uses, step, loaded=Loaded((), is_all=True)))
    assert any("`golangci-lint@latest` at line" in one for one in asked) is is_asked


@pytest.mark.parametrize(
    ("value", "may_run_yarn_1", "is_asked"),
    [("true", True, True), ("true", False, False), ("false", True, False)],
)
def test_a_login_for_each_download_goes(value: str, may_run_yarn_1: bool, is_asked: bool) -> None:
    (step,) = job(f"steps:\n  - uses: actions/setup-node@v4\n    with: {{always-auth: {value}}}\n").steps
    assert step.uses
    upgrade = Upgrade(step.uses, step, may_run_yarn_1=may_run_yarn_1)
    assert [edit.replacement for edit in beside(upgrade)] == [""]
    assert [bool("`always-auth`" in one) for one in questions(upgrade)] == [True] * is_asked


@pytest.mark.parametrize(
    ("recipes", "expected"),
    [
        (["\tgo install acme.dev/tool@latest"], ("tool@latest",)),
        (["\t$(call take,$(BIN),acme.dev/tool@latest)", "GOBIN=$(BIN) go install $(2)"], ("tool@latest",)),
        (["\t$(call take,acme.dev/tool@latest)", "npm install $(1)"], ()),
        (["\t$(call take,acme.dev/tool@v1.2.3)", "go install $(1)"], ()),
    ],
)
def test_programs_that_recipes_take_at_their_newest(recipes: list[str], expected: tuple[str, ...]) -> None:
    assert newest_programs(recipes) == expected


@pytest.mark.parametrize(
    ("version", "is_found"), [("latest", True), ("v1.2.3", False), ("$(shell cat latest)", False)]
)
def test_programs_whose_version_is_a_variable_of_the_makefile(version: str, is_found: bool) -> None:
    makefile = Text(
        "Makefile",
        f"TOOL_VERSION ?= {version}\ntool:\n\t$(call take,$(BIN),acme.dev/tool,$(TOOL_VERSION))\n"
        "other:\n\tgo install acme.dev/other@$(TOOL_VERSION)\n"
        "define take\npackage=$(2)@$(3) ;\\\ngo install $${package}\nendef\n",
    )
    run = MakeRun(parse_script("make").commands[0], ".", ("tool", "other"))
    found = newest_of_recipes(recipe_lines(run, (makefile,)))
    lines = {name: place.line for name, place in found.items()}
    assert lines == ({"tool@latest": 3, "other@latest": 5} if is_found else {})


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


@pytest.mark.parametrize(
    ("legs", "is_asked", "held_at"),
    [
        ("[1.22.8]", True, "1.22.8"),
        ("['1.24', '1.22']", True, "1.22"),
        ("['1.24', stable]", False, None),
        ("['${{ vars.GO }}']", True, None),
    ],
)
def test_the_go_of_each_leg(legs: str, is_asked: bool, held_at: str | None) -> None:
    matrix = f"strategy: {{matrix: {{go: {legs}}}}}\n"
    content = matrix + "steps:\n  - uses: actions/setup-go@v5\n    with: {go-version: '${{ matrix.go }}'}\n"
    (step,) = job(content).steps
    assert step.uses
    modules = [GoModule("go.mod", (1, 23))]
    assert bool(list(questions(Upgrade(step.uses, step, modules)))) is is_asked
    held = module_of_newer_go(Upgrade(step.uses, step, loaded=Loaded(tuple(modules))))
    assert (held[0] if held else None) == held_at


@pytest.mark.parametrize(
    ("content", "go", "wanted"),
    [
        ("module x\n\ngo 1.23\n\ntoolchain go1.24.4\n", (1, 23), (1, 24, 4)),
        ("go 1.25.1\ntoolchain go1.24.4\n", (1, 25, 1), (1, 25, 1)),
        ("go 1.23\ntoolchain default\n", (1, 23), (1, 23)),
        ("module x\n", None, None),
    ],
)
def test_the_go_that_a_module_asks_for(
    content: str, go: tuple[int, ...] | None, wanted: tuple[int, ...] | None
) -> None:
    module = parse_go_module(Text("go.mod", content))
    assert (module.go, module.wanted) == (go, wanted)


@pytest.mark.parametrize(
    ("inputs", "module", "held", "is_asked"),
    [
        ("go-version: '1.22'", "go 1.23\ntoolchain go1.24.4\n", "`go.mod` needs `1.23`", True),
        ("go-version: '1.23'", "go 1.23\ntoolchain go1.24.4\n", "", True),
        ("go-version: '1.24'", "go 1.23\ntoolchain go1.24.4\n", "", False),
        ("go-version-file: go.mod", "go 1.23\ntoolchain go1.24.4\n", "", False),
        ("go-version-file: go.mod", "go 1.25.1\ntoolchain go1.24.4\n", "of `go-version-file`, 1.24.4", False),
    ],
)
def test_a_suggested_go_keeps_no_other_from_building(
    inputs: str, module: str, held: str, is_asked: bool
) -> None:
    step, _ = job(f"steps:\n  - uses: actions/setup-go@v5\n    with: {{{inputs}}}\n  - run: go test\n").steps
    assert step.uses
    modules = [parse_go_module(Text("go.mod", module))]
    upgrade = Upgrade(step.uses, step, modules, loaded=loaded_behind(step, modules, {}, ()))
    why = why_held(upgrade)
    assert held in why
    assert bool(held) is bool(why)
    assert any("as new as `go.mod`" in one for one in questions(upgrade)) is is_asked


@pytest.mark.parametrize(
    ("strategy", "inputs", "is_asked"),
    [
        ("strategy: {matrix: {kind: [a, b]}}", "name: logs, path: logs", True),
        ("strategy: {matrix: {kind: [a, b]}}", "path: logs", True),
        ("strategy: {matrix: {kind: [a, b]}}", "name: 'logs-${{ matrix.kind }}', path: logs", False),
        ("strategy: {matrix: {kind: [a, b]}}", "name: logs, overwrite: true, path: logs", False),
        ("timeout-minutes: 5", "name: logs, path: logs", False),
    ],
)
def test_one_name_for_what_each_leg_uploads(strategy: str, inputs: str, is_asked: bool) -> None:
    text = f"{strategy}\nsteps:\n  - uses: actions/upload-artifact@v3\n    with: {{{inputs}}}\n"
    (step,) = job(text).steps
    assert step.uses
    assert any("one leg of the matrix" in one for one in questions(Upgrade(step.uses, step))) is is_asked


SETUP = "{uses: actions/setup-node@v4, with: {registry-url: 'https://registry.npmjs.org'}}"
TOKEN = "env: {NODE_AUTH_TOKEN: '${{ secrets.NPM }}'}"


@pytest.mark.parametrize(
    ("more", "steps", "expected"),
    [
        ("", [SETUP, "run: yarn"], True),
        ("", [SETUP, "run: cd web && yarn install"], True),
        ("", [SETUP, "run: yarn --version"], False),
        ("", [SETUP, "run: NODE_AUTH_TOKEN=x yarn install"], False),
        ("", [SETUP, "run: npm ci"], False),
        ("", [SETUP, "run: echo yarn install"], False),
        ("", ["run: yarn install", SETUP], False),
        ("", [SETUP, f"{{run: yarn install, {TOKEN}}}"], False),
        (f"{TOKEN}\n", [SETUP, "run: yarn install"], False),
        ("", [SETUP.replace("uses", f"{TOKEN}, uses", 1), "run: yarn install"], False),
        ("", [SETUP, 'run: echo "NODE_AUTH_TOKEN=x" >> $GITHUB_ENV', "run: yarn install"], False),
        ("", [SETUP, "run: yarn set version 4", "run: yarn install"], False),
        ("", ["run: npm install -g yarn@berry", SETUP, "run: yarn install"], False),
        ("", ["run: corepack enable", SETUP, "run: yarn install"], True),
        ("", [SETUP, "uses: ./install"], True),
        ("", [SETUP, f"{{uses: ./install, {TOKEN}}}"], False),
        ("", [SETUP, "uses: ./missing"], False),
    ],
)
def test_yarn_behind_a_registry_without_a_token(more: str, steps: list[str], expected: bool) -> None:
    listed = "".join(f"  - {one}\n" for one in steps)
    found = job(f"{more}steps:\n{listed}").steps[[SETUP in one or TOKEN in one for one in steps].index(True)]
    assert lacks_token(found, [found], {"install": _installing()}) is expected


@pytest.mark.parametrize(
    ("callers", "expected"),
    [
        ([("", "uses: ./install")], True),
        ([(f"{TOKEN}\n", "uses: ./install")], False),
        ([("", f"{{uses: ./install, {TOKEN}}}")], False),
        ([(f"{TOKEN}\n", "uses: ./install"), ("", "uses: ./install")], True),
        ([], False),
    ],
)
def test_yarn_of_an_action_whose_callers_give_no_token(
    callers: list[tuple[str, str]], expected: bool
) -> None:
    ways = [job(f"{more}steps:\n  - {step}\n").steps[0] for more, step in callers]
    action = _installing()
    assert lacks_token(action.steps[0], ways, {"install": action}) is expected


def _installing() -> CompositeAction:
    action = parse_action(
        Text(
            "install/action.yml",
            f"runs: {{using: composite, steps: [{SETUP}, {{run: yarn install, shell: bash}}]}}\n",
        )
    )
    assert action
    return action


@pytest.mark.parametrize(
    ("step", "is_locked", "expected"),
    [
        ("run: npm ci && npm publish", False, False),
        ("run: pnpm -r publish", False, False),
        ("run: node build.mjs && npm publish", False, False),
        ("uses: changesets/action@v1", False, False),
        ("run: npm ci && npm publish", True, True),
        ("run: npm ci && yarn publish", False, True),
        ("{uses: changesets/action@v1, with: {publish: yarn release}}", False, True),
        ("run: date && docker build . && docker buildx inspect --bootstrap", False, False),
        ("run: ./release.sh", False, True),
        ("run: make release", False, True),
        ("run: $MANAGER publish", False, True),
        ("uses: ./install", False, True),
        ("uses: ./missing", False, True),
    ],
)
def test_what_may_run_yarn_without_a_token(step: str, is_locked: bool, expected: bool) -> None:
    found = job(f"steps:\n  - {SETUP}\n  - {step}\n").steps[0]
    assert may_lack_token(found, {"install": _installing()}, is_locked=is_locked) is expected
    assert found.uses
    asked = questions(Upgrade(found.uses, found, may_lack_token=expected))
    assert any("Yarn 1" in one for one in asked) is expected
    assert not list(questions(Upgrade(found.uses, found, major=6)))


@pytest.mark.parametrize(
    ("more", "setup"),
    [(f"{TOKEN}\n", SETUP), ("", SETUP.replace("uses", f"{TOKEN}, uses", 1))],
)
def test_a_token_for_all_that_follows(more: str, setup: str) -> None:
    found = job(f"{more}steps:\n  - {setup}\n  - run: yarn install\n").steps[0]
    assert not may_lack_token(found, {}, is_locked=True)


@pytest.mark.parametrize(
    ("uses", "inputs", "why"),
    [
        (
            "google-github-actions/setup-gcloud@v0",
            "{service_account_key: x}",
            "by `google-github-actions/auth`",
        ),
        ("google-github-actions/setup-gcloud@v0", "{project_id: x}", ""),
        ("google-github-actions/setup-gcloud@v1", "{service_account_key: x}", ""),
        ("slackapi/slack-github-action@v1", "{payload: x}", "by `webhook` and `webhook-type`"),
        ("slackapi/slack-github-action@v2", "{payload: x}", ""),
        ("amannn/action-semantic-pull-request@v4", "{types: 'fix, feat'}", "each line of `types`"),
        ("amannn/action-semantic-pull-request@v4", '{types: "fix\\nfeat\\n"}', ""),
        ("amannn/action-semantic-pull-request@v4", "{scopes: '${{ inputs.scopes }}'}", ""),
        ("amannn/action-semantic-pull-request@v5", "{types: 'fix, feat'}", ""),
        ("release-drafter/release-drafter@v6", "{disable-releaser: true}", "release-drafter/autolabeler`"),
        ("release-drafter/release-drafter@v6", "{disable-releaser: false}", ""),
        ("8398a7/action-slack@v3", "{status: custom}", "archived"),
        ("gradle/actions/setup-gradle@v3", "{arguments: build}", "refuses `arguments`"),
        ("gradle/actions/setup-gradle@v3", "{gradle-version: wrapper}", ""),
        ("ruby/setup-ruby@v1.200.0", "{bundler-cache: true}", ""),
    ],
)
def test_what_has_to_be_done_along_with_a_move(uses: str, inputs: str, why: str) -> None:
    (step,) = job(f"steps:\n  - {{uses: {uses}, with: {inputs}}}\n").steps
    assert step.uses
    held = why_held(Upgrade(step.uses, step))
    assert why in held if why else not held


@pytest.mark.parametrize(
    ("on", "inputs", "is_asked"),
    [
        ("pull_request", "{publish: true}", True),
        ("pull_request_target", "{disable-autolabeler: false}", True),
        ("pull_request", "{disable-autolabeler: true}", False),
        ("push", "{publish: true}", False),
    ],
)
def test_labels_that_a_draft_of_releases_may_give(on: str, inputs: str, is_asked: bool) -> None:
    uses = "release-drafter/release-drafter@v6"
    (step,) = job(f"steps:\n  - {{uses: {uses}, with: {inputs}}}\n", on).steps
    assert step.uses
    asked = questions(Upgrade(step.uses, step, events={on}))
    assert any("give no labels" in one for one in asked) is is_asked


@pytest.mark.parametrize(
    ("inputs", "is_locked", "is_asked"),
    [
        ("{env: false}", True, True),
        ("{env: false}", False, False),
        ("{env: false, mise_toml: '[tools]'}", True, False),
    ],
)
def test_a_lock_of_what_mise_installs(inputs: str, is_locked: bool, is_asked: bool) -> None:
    (step,) = job(f"steps:\n  - {{uses: jdx/mise-action@v3, with: {inputs}}}\n").steps
    assert step.uses
    asked = questions(Upgrade(step.uses, step, has_mise_lock=is_locked))
    assert any("`mise.lock`" in one for one in asked) is is_asked


@pytest.mark.parametrize(
    ("inputs", "manager", "is_held", "is_asked"),
    [
        ("{version: 9}", "pnpm@9.1.0", True, False),
        ("{version: 9.1.0}", "pnpm@9.1.0", False, False),
        ("{version: 9.1.0}", "pnpm@9.1.0+sha512.0a", False, True),
        ("{version: '${{ matrix.pnpm }}'}", "pnpm@9.1.0", False, True),
        ("{version: 9}", "", False, False),
        ("{version: 9}", "yarn@4.9.1", False, False),
        ("{run_install: true}", "pnpm@9.1.0", False, False),
        ("{version: 9, package_json_file: ./web/package.json}", "pnpm@9.1.0", False, False),
    ],
)
def test_two_versions_of_pnpm(inputs: str, manager: str, is_held: bool, is_asked: bool) -> None:
    (step,) = job(f"steps:\n  - {{uses: pnpm/action-setup@v3, with: {inputs}}}\n").steps
    assert step.uses
    upgrade = Upgrade(step.uses, step, package_managers={"package.json": manager})
    assert ("leave `version` out" in why_held(upgrade)) is is_held
    assert any("`packageManager`" in one for one in questions(upgrade)) is is_asked


def test_what_an_upload_needs_in_a_container() -> None:
    steps = "steps:\n  - {uses: codecov/codecov-action@v4, with: {token: x}}\n"
    asked = []
    for where in ("", "container: node:24\n"):
        (step,) = job(where + steps).steps
        assert step.uses
        asked.append(any("`gpg`" in one for one in questions(Upgrade(step.uses, step))))
    assert asked == [False, True]
