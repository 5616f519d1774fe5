"""What is asked before the actions that deploy move to newer releases, and what they wait for."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.upgrade.all_changes import beside, questions, why_held
from checks.facts.upgrade.upgrades import Upgrade
from checks.source.snapshot import Snapshot
from tests.checks.upgrades import check_questions, move
from tests.checks.workflow import job


@pytest.mark.parametrize(
    ("uses", "inputs", "expected"),
    [
        (
            "actions/upload-pages-artifact@v1",
            "path: public",
            ["may all read", "whatever deploys", "begin with a dot"],
        ),
        ("actions/upload-pages-artifact@v3", "path: public", ["begin with a dot"]),
        ("actions/upload-pages-artifact@v4", "path: public", []),
        ("actions/deploy-pages@v2", "artifact_name: site", ["whatever uploads the site"]),
        ("actions/deploy-pages@v4", "artifact_name: site", []),
        ("helm/kind-action@v1.8.0", "cluster_name: test", ["newer Kubernetes"]),
        ("helm/kind-action@v1.8.0", "node_image: kindest/node:v1.34.0", ["image of the nodes"]),
        (
            "helm/kind-action@v1.12.0",
            "{config: kind.yaml, version: '${{ env.KIND }}'}",
            ["image of the nodes"],
        ),
        ("helm/kind-action@v1.8.0", "{node_image: 'kindest/node:v1.34.0', version: v0.31.0}", []),
        ("google-github-actions/setup-gcloud@v2", "skip_tool_cache: true", []),
        ("google-github-actions/setup-gcloud@v2", "skip_tool_cache: false", ["load `gcloud` anew"]),
        ("google-github-actions/setup-gcloud@v1", "project_id: web", []),
        ("cloudflare/wrangler-action@v3", "command: deploy", ["hold for Wrangler 4"]),
        ("cloudflare/wrangler-action@v3", "wranglerVersion: 3.90.0", []),
        ("1password/load-secrets-action@v1", "unset-previous: true", []),
        ("1password/load-secrets-action@v2", "export-env: false", []),
        ("1password/load-secrets-action@v2", "{}", []),
        ("azure/aks-set-context@v3", "{resource-group: web, cluster-name: web}", []),
        ("google-github-actions/deploy-cloudrun@v2", "{service: web, image: web}", []),
        ("google-github-actions/deploy-cloudrun@v2", "env_vars_file: a.env", ["do without `env_vars_file`"]),
        ("pulumi/actions@v5", "{command: up, refresh: true}", ["refresh as it runs"]),
        ("pulumi/actions@v5", "{command: up}", []),
        ("pulumi/actions@v6", "{command: up, refresh: true}", []),
        ("redhat-actions/oc-login@v1", "openshift_token: x", []),
        ("redhat-actions/openshift-tools-installer@v1", "oc: latest", []),
        ("redhat-actions/openshift-tools-installer@v1", "{tkn: 0.17, source: github}", []),
        ("redhat-actions/openshift-tools-installer@v1", "tkn: 0.17", ["is `tkn` 1.15.4"]),
        ("redhat-actions/openshift-tools-installer@v1", "crda: latest", ["do without `crda`"]),
    ],
)
def test_what_a_deployment_is_asked(uses: str, inputs: str, expected: list[str]) -> None:
    check_questions(move(uses, inputs), expected)


@pytest.mark.parametrize(
    ("ahead", "folder", "paths", "is_asked"),
    [
        ("uses: actions/checkout@v7", "./site", ["site/index.html", "site/css/a.css", ".github/x"], False),
        ("uses: actions/checkout@v7", "site/", ["site/.well-known/security.txt"], True),
        ("uses: actions/checkout@v7", "site", ["site/css/.keep", "site/index.html"], True),
        ("uses: actions/checkout@v7", "site", ["index.html"], True),
        ("uses: actions/checkout@v7", ".", ["index.html"], True),
        ("uses: actions/checkout@v7", "${{ env.SITE }}", ["site/index.html"], True),
        ("{uses: actions/checkout@v7, with: {ref: pages}}", "site", ["site/index.html"], True),
        ("uses: actions/configure-pages@v6", "site", ["site/index.html"], True),
        ("run: make site", "site", ["site/index.html"], True),
        (
            "uses: actions/checkout@v7",
            "site",
            ["site/index.html", "site/.nojekyll", "site/a/.gitkeep"],
            False,
        ),
        ("uses: actions/checkout@v7", "site", ["site/index.html", "site/.gitkeep/a.js"], True),
        ("{LAID: cp -RL web _site && touch _site/.nojekyll}", "_site", ["web/index.html", "a/.env"], False),
        ("{LAID: mkdir _site && cp -r web/* _site/}", "_site", ["web/index.html", "a/.env"], False),
        ("{LAID: cp -r web _site}", "_site", ["web/index.html", "web/.well-known/a.txt"], True),
        ("{LAID: cp -r . _site}", "_site", ["web/index.html"], True),
        ("{LAID: cp -r $SITE _site}", "_site", ["web/index.html"], True),
        ("{LAID: cp -r ../web _site}", "_site", ["web/index.html"], True),
        ("{LAID: cp -r web _site && cp a/env _site/.env}", "_site", ["web/index.html"], True),
        ("{LAID: cp -r web _site && ./build}", "_site", ["web/index.html"], True),
        ("{LAID: cp -r web _site, working-directory: a}", "_site", ["web/index.html"], True),
    ],
)
def test_a_folder_of_the_commit_without_hidden_files(
    ahead: str, folder: str, paths: list[str], is_asked: bool
) -> None:
    uses = "actions/upload-pages-artifact@v3"
    ahead = ahead.replace("{LAID", "uses: actions/checkout@v7\n  - {run")
    *_, step = job(f"steps:\n  - {ahead}\n  - uses: {uses}\n    with: {{path: '{folder}'}}\n").steps
    assert step.uses
    asked = questions(Upgrade(step.uses, step, paths=paths))
    assert any("begin with a dot" in one for one in asked) is is_asked


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
        ("google-github-actions/deploy-cloudrun@v0", "{credentials: x}", "by `google-github-actions/auth`"),
        ("google-github-actions/deploy-cloudrun@v0", "{service: web}", ""),
        ("Azure/aks-set-context@v1", "{creds: x, cluster-name: web}", "by `azure/login`"),
        ("redhat-actions/openshift-tools-installer@v1", "{kamel: latest}", "with `source: github`"),
        ("redhat-actions/openshift-tools-installer@v1", "{kamel: latest, source: github}", ""),
    ],
)
def test_what_has_to_be_done_along_with_a_move_of_a_deployment(uses: str, inputs: str, why: str) -> None:
    held = why_held(move(uses, inputs))
    assert why in held if why else not held


@pytest.mark.parametrize(
    ("uses", "inputs", "written"),
    [
        ("redhat-actions/oc-login@v1", "openshift_token: x", ["logout: false"]),
        ("redhat-actions/oc-login@v1", "{openshift_token: x}", ["logout: false"]),
        ("redhat-actions/oc-login@v1", "{openshift_token: x, logout: true}", []),
        ("redhat-actions/oc-login@v2", "{openshift_token: x}", []),
    ],
)
def test_a_session_is_kept_as_long_as_before(uses: str, inputs: str, written: list[str]) -> None:
    assert [one.replacement.strip(", \n") for one in beside(move(uses, inputs))] == written


@pytest.mark.parametrize(
    ("env", "release", "is_asked"),
    [
        ("{OP_CONNECT_HOST: '${{ vars.CONNECT }}', KEY: 'op://web/key'}", "v1", True),
        ("{OP_CONNECT_HOST: 'localhost:8080', KEY: 'op://web/key'}", "v1", True),
        ("{OP_CONNECT_HOST: 'http://localhost:8080', KEY: 'op://web/key'}", "v1", False),
        ("{OP_CONNECT_HOST: 'localhost:8080', KEY: 'op://web/key'}", "v2", False),
        ("{KEY: 'op://web/key'}", "v1", False),
    ],
)
def test_where_secrets_are_loaded_from(env: str, release: str, is_asked: bool) -> None:
    content = f"steps:\n  - uses: 1password/load-secrets-action@{release}\n    env: {env}\n"
    (step,) = job(content).steps
    assert step.uses
    asked = list(questions(Upgrade(step.uses, step)))
    assert any("Connect server" in one for one in asked) is is_asked


@pytest.mark.parametrize(
    ("version", "inputs", "lock", "is_held"),
    [
        ("20", "{command: deploy}", "yarn.lock", True),
        ("v20.11.1", "{command: deploy}", "pnpm-lock.yaml", True),
        ("${{ matrix.node }}", "{workingDirectory: ./site}", "site/bun.lock", True),
        ("18.x", "{packageManager: yarn}", "package-lock.json", True),
        ("20", "{workingDirectory: site}", "yarn.lock", False),
        ("20", "{command: deploy}", "package-lock.json", False),
        ("20", "{command: deploy}", "README.md", False),
        ("22", "{command: deploy}", "yarn.lock", False),
        ("lts/*", "{command: deploy}", "yarn.lock", False),
        ("20", "{wranglerVersion: 3.90.0}", "yarn.lock", False),
    ],
)
def test_a_node_that_wrangler_refuses(version: str, inputs: str, lock: str, *, is_held: bool) -> None:
    content = f"""\
strategy: {{matrix: {{node: [20, 22]}}}}
steps:
  - uses: actions/setup-node@v6
    with: {{node-version: '{version}'}}
  - uses: cloudflare/wrangler-action@v3
    with: {inputs}
"""
    *_, step = job(content).steps
    assert step.uses
    upgrade = Upgrade(step.uses, step, paths=[lock], may_have_wrangler=False)
    assert ("raise that first" in why_held(upgrade)) is is_held
    assert any("hold for Wrangler 4" in one for one in questions(upgrade)) is (
        not is_held and "wranglerVersion" not in inputs
    )
    assert not why_held(Upgrade(step.uses, step, paths=[lock]))


@pytest.mark.parametrize(
    ("package", "is_held"),
    [
        ('{"dependencies": {"vue": "^3"}}', True),
        ('{"devDependencies": {"wrangler": "^3"}}', False),
        ('{"devDependencies": {"@cloudflare/vite-plugin": "^1"}}', False),
        ('{"workspaces": ["apps/*"]}', False),
        ("{", False),
    ],
)
def test_a_wrangler_of_the_project(package: str, *, is_held: bool) -> None:
    content = """\
on: push
jobs:
  site:
    runs-on: ubuntu-latest
    steps:
      - {uses: actions/setup-node@v6, with: {node-version: 20}}
      - {uses: cloudflare/wrangler-action@v3, with: {command: deploy}}
"""
    path = ".github/workflows/site.yml"
    repo = Repository(Snapshot.of({"package.json": package, "yarn.lock": "", path: content}))
    *_, step = repo.steps
    assert step.uses
    assert ("Wrangler 4" in why_held(repo.upgrade_of(step.uses, step))) is is_held
