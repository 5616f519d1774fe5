"""What a job writes with its token: certainly, certainly not, or as far as nobody can tell."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.token.first_blocks import FirstBlock
from checks.facts.token.foreign_code import runs_foreign_code
from checks.facts.token.scopes_read import scopes_read
from checks.source.snapshot import Snapshot


def asked(scope: str, *steps: str, env: str = "") -> bool | None:
    listed = "".join(f"      - {step}\n" for step in steps)
    content = f"on: push\njobs:\n  j:\n    runs-on: x\n{env}    steps:\n{listed}"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content}))
    return repo.token_use(repo.workflows[0].jobs[0]).writes(scope)


CHECKOUT = "uses: actions/checkout@v7"
TOKEN = "\n        env: {T: '${{ github.token }}'}"
LOGIN = "uses: docker/login-action@v4\n        with: {registry: ghcr.io, password: '${{ github.token }}'}"
HELM_LOGIN = f"run: echo $T | helm registry login ghcr.io -u x --password-stdin{TOKEN}"
AT_ONCE = f"run: echo $T | docker login ghcr.io -u x --password-stdin && {{}}{TOKEN.replace('{', '{{').replace('}', '}}')}"
COMMENT = "uses: actions/github-script@v9\n        with:\n          script: github.rest.issues.createComment(comment)"
CALL = (
    "uses: actions/github-script@v9\n        with:\n          script: github.rest.repos.createDeployment(it)"
)
PUSH = "uses: docker/build-push-action@v7\n        with: {push: true, tags: 'ghcr.io/a/b:1'}"
EXPORT = "uses: docker/build-push-action@v7\n        with:\n          outputs: type=docker"
MOVED = "run: fly auth docker && docker pull ghcr.io/a/b:1 && docker push"
RETRIED = "uses: acme/retry@v3\n        with: {command: fly deploy --image registry.acme.dev/b:1}"
OWN_CHECKOUT = "uses: actions/checkout@v7\n        with: {token: '${{ secrets.PAT }}'}"
BY_KEY = "uses: actions/checkout@v7\n        with: {ssh-key: '${{ secrets.KEY }}'}"
COMMIT = "uses: EndBug/add-and-commit@v5"
IMAGE = "uses: docker://acme/convert:2\n        with: {args: README.rst}"
BUILD = "uses: docker/build-push-action@v7\n        with: {context: ., push: false}"


def elsewhere(clone: str, *lines: str) -> list[str]:
    """A checkout, and a script that clones a repository and goes on from there."""
    script = "".join(f"\n          {line}" for line in (f"git clone {clone}", *lines))
    return [CHECKOUT, f"run: |{script}"]


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        (elsewhere("https://x:$CHARTS@github.com/acme/charts /tmp/c", "cd /tmp/c", "git push"), False),
        (elsewhere('"https://x:${CHARTS}@github.com/acme/charts.git"', "cd charts", "git push"), False),
        (elsewhere("https://x:$CHARTS@github.com/acme/charts", "git push"), None),
        (elsewhere("https://x:$CHARTS@github.com/acme/charts", "cd charts", "cd ..", "git push"), None),
        (elsewhere("https://x:$CHARTS@github.com/acme/charts", "(cd charts)", "git push"), None),
        (elsewhere("https://x:$CHARTS@github.com/acme/charts", "cd docs", "git push"), None),
        (elsewhere("https://x:$CHARTS@github.com/acme/charts", "[ -n $A ] && cd charts", "git push"), None),
        (elsewhere("https://github.com/acme/charts", "cd charts", "git push"), None),
        (
            elsewhere("https://x:${{ github.token }}@github.com/acme/charts", "cd charts", "git push"),
            None,
        ),
    ],
)
def test_a_push_from_a_clone_by_another_token(steps: list[str], found: bool | None) -> None:
    assert asked("contents", *steps) is found


@pytest.mark.parametrize(
    ("scope", "steps", "found"),
    [
        ("id-token", ["run: cosign sign --yes a@b"], True),
        ("security-events", ["uses: github/codeql-action/upload-sarif@v4"], True),
        ("packages", [LOGIN, PUSH], True),
        ("packages", [LOGIN], None),
        ("contents", [CHECKOUT, 'run: echo "V=$(poetry version --short)" >> $GITHUB_ENV'], False),
        ("contents", [CHECKOUT, "run: poetry version patch"], None),
        ("contents", [CHECKOUT, IMAGE], False),
        ("issues", [CHECKOUT, IMAGE], False),
        ("contents", [IMAGE.replace("acme/convert", "acme/auto-commit")], False),
        ("contents", [CHECKOUT, IMAGE.replace("acme/convert", "acme/auto-commit")], None),
        ("contents", [CHECKOUT, IMAGE.replace("README.rst", "--push")], None),
        ("issues", [CHECKOUT, f"{IMAGE}{TOKEN}"], None),
        ("issues", [f'run: echo "T=$T" >> $GITHUB_ENV{TOKEN}', IMAGE], None),
        ("packages", [LOGIN.replace("docker/login-action@v4", "docker/build-push-action@v1.1")], None),
        ("packages", [LOGIN.replace("docker/login-action@v4", "docker/build-push-action@v6")], False),
        (
            "packages",
            ["uses: docker/build-push-action@v1\n        with: {password: '${{ secrets.HUB_TOKEN }}'}"],
            False,
        ),
        ("packages", [f"run: docker load -i web.tar && docker push acme/web{TOKEN}"], None),
        ("contents", [f"run: docker load -i web.tar && docker push acme/web{TOKEN}"], False),
        ("contents", [f"run: find . -name '*.tar' | head -1{TOKEN}"], False),
        ("contents", [f"run: find . -name '*.sh' -exec sh {{}} ';'{TOKEN}"], None),
        ("packages", [LOGIN.replace("docker/login-action@v4", "redhat-actions/push-to-registry@v2")], None),
        ("contents", [LOGIN.replace("docker/login-action@v4", "redhat-actions/push-to-registry@v2")], False),
        ("contents", ["uses: redhat-actions/s2i-build@v2"], False),
        ("contents", ["uses: acme/s2i-build@v2"], None),
        ("packages", ["run: npm publish"], False),
        ("id-token", ["run: npm publish"], None),
        ("id-token", ["run: npm ci && npm test"], False),
        ("id-token", ["run: npm run build:prod -- --fast"], False),
        ("id-token", ["run: yarn --frozen-lockfile && yarn test:unit"], False),
        ("id-token", ["run: npm install -g corepack"], False),
        ("id-token", ["run: npm run deploy"], None),
        ("id-token", ["run: yarn semantic-release"], None),
        ("id-token", ["run: go test ./..."], False),
        ("id-token", ["run: go run ./release"], None),
        ("id-token", ["run: ./release.sh"], None),
        ("id-token", ["run: helm package chart && helm push chart.tgz oci://ghcr.io/acme"], False),
        ("id-token", ["run: helm upgrade web chart"], None),
        ("id-token", ["run: oras push ghcr.io/acme/chart:1 chart.tgz"], False),
        ("id-token", ["run: cosign verify ghcr.io/acme/web:1"], False),
        ("id-token", ["run: cosign attest --yes --predicate $P $IMAGE"], True),
        ("id-token", ["run: for one in a b; do echo a | xargs -n1; continue; done"], False),
        ("id-token", ["run: echo a | xargs ./release.sh"], None),
        ("contents", [CHECKOUT, "run: cosign sign --yes a@b"], False),
        ("contents", [CHECKOUT, "run: yq eval . a.yaml && helm push a.tgz oci://ghcr.io/acme"], False),
        ("id-token", ["run: make image"], None),
        ("id-token", ["run: docker push acme/web"], False),
        ("id-token", ["run: curl -sf https://hooks.example.com"], False),
        ("id-token", ["run: curl -sf https://example.com/install.sh | sh"], None),
        ("id-token", ['run: curl -H "$H" "$ACTIONS_ID_TOKEN_REQUEST_URL"'], None),
        ("contents", ["uses: dorny/paths-filter@v4"], False),
        ("checks", ["uses: Azure/container-scan@v0"], None),
        ("contents", ["uses: Azure/container-scan@v0"], False),
        ("pull-requests", ["uses: dorny/paths-filter@v4"], False),
        ("checks", ["uses: golangci/golangci-lint-action@v9"], False),
        ("contents", ["uses: superfly/flyctl-actions/setup-flyctl@1.5"], False),
        ("contents", ["uses: superfly/flyctl-actions@1.5"], None),
        ("contents", [COMMENT], False),
        ("pull-requests", [COMMENT], None),
        ("contents", [COMMENT.replace("issues.", "repos.")], None),
        ("contents", [COMMENT + "; fetch(url)"], None),
        ("id-token", [COMMENT + "; await core.getIDToken()"], None),
        ("contents", ["uses: actions/github-script@v9\n        with: {script: 'run(github)'}"], None),
        ("contents", ["run: aws ecr list-images --repository-name web"], False),
        ("contents", [CHECKOUT, "run: git push"], None),
        (
            "contents",
            ["run: if ${{ contains(needs.*.result, 'failure') && !cancelled() }}; then exit 1; fi"],
            False,
        ),
        ("contents", [CHECKOUT, "run: if ${{ inputs.command }}; then exit 1; fi"], None),
        ("contents", ["run: git fetch --tags"], False),
        ("packages", ["uses: acme/release@v1"], None),
        ("packages", ["uses: acme/setup-tool@v1"], False),
        ("packages", ["uses: acme/setup-tool@v1\n        with: {token: '${{ github.token }}'}"], None),
        ("packages", ["uses: acme/setup-tool@v1\n        with: {host: ghcr.io}"], None),
        ("packages", ["uses: ./setup-tool"], None),
        ("contents", ["uses: acme/setup-tool@v1"], None),
        ("packages", ["uses: actions/checkout@v7"], False),
        ("packages", ["run: echo x\n        env: {T: '${{ secrets.GITHUB_TOKEN }}'}"], False),
        ("packages", [f"run: echo //npm.pkg.github.com/:_authToken=$T > .npmrc{TOKEN}"], None),
        ("packages", [f"run: echo $T > file{TOKEN}"], None),
        ("packages", [f"run: echo $T | docker login ghcr.io -u x --password-stdin{TOKEN}"], None),
        ("contents", [f"run: echo $T | docker login ghcr.io -u x --password-stdin{TOKEN}"], False),
        ("packages", [HELM_LOGIN], None),
        ("security-events", [HELM_LOGIN], False),
        ("contents", [f"run: helm upgrade web chart{TOKEN}"], None),
        ("contents", [CHECKOUT, "run: corepack enable"], False),
        ("contents", [CHECKOUT, "run: sudo apt-get update && sudo apt-get install -y qemu-user"], False),
        ("contents", [CHECKOUT, "run: sudo apt-get update && ./install.sh"], None),
        ("contents", [CHECKOUT, "run: corepack pnpm release"], None),
        ("contents", [f"run: docker run -e T acme/release{TOKEN}"], None),
        ("packages", [f"run: ./release.sh{TOKEN}"], None),
        ("packages", [f"run: gh release upload v1 a.zip{TOKEN}"], False),
        ("contents", [f"run: gh release upload v1 a.zip{TOKEN}"], None),
        ("contents", [f"run: gh release view v1{TOKEN}"], None),
        ("pull-requests", [f"run: gh pr view 1{TOKEN}"], False),
        ("id-token", [f"run: gh release upload v1 a.zip{TOKEN}"], False),
        ("packages", [f"run: gh api /user{TOKEN}"], None),
        ("packages", [f"run: echo $T | gh auth login --with-token{TOKEN}"], None),
        ("packages", [f"run: gh release upload v1 a.zip && make{TOKEN}"], None),
        ("packages", [f"run: gh release upload $Tag a.exe{TOKEN}\n        shell: pwsh"], False),
        ("packages", [f"run: gh release upload $Tag a.zip; docker push a{TOKEN}\n        shell: pwsh"], None),
        ("contents", [f"run: gh release upload $Tag a.zip{TOKEN}\n        shell: pwsh"], None),
        (
            "contents",
            ["uses: actions/checkout@v7\n        with: {persist-credentials: false}", "run: git push"],
            False,
        ),
        (
            "contents",
            ["uses: actions/checkout@v7\n        with: {ssh-key: '${{ secrets.KEY }}'}", "run: git push"],
            False,
        ),
        ("contents", ["uses: ./prepare", "run: git push"], None),
        ("packages", [f"run: gh release upload v1 a.zip && curl -d a $HOOK{TOKEN}"], False),
        ("packages", [f"run: gh release upload v1 a.zip && curl -H $T $HOOK{TOKEN}"], None),
        ("packages", [f"run: 'ask() {{ gh release view v1; }}; ask'{TOKEN}"], False),
        ("packages", [f"run: 'ask() {{ echo $1 > a; }}; ask $T'{TOKEN}"], None),
        ("packages", [f"run: shopt -s nullglob && gh release download v1 && wait{TOKEN}"], False),
        ("id-token", ["uses: actions/checkout@v7", "run: git push"], False),
        ("contents", ["uses: actions/checkout@v7", 'run: command -v trivy && "$BIN/trivy" fs .'], False),
        ("contents", ["uses: actions/checkout@v7", 'run: true && "$BIN/release" .'], None),
        ("contents", ["uses: codecov/codecov-action@v5"], False),
        ("id-token", ["uses: codecov/codecov-action@v5"], False),
        ("id-token", ["uses: codecov/codecov-action@v5\n        with: {use_oidc: true}"], None),
        ("packages", ["uses: softprops/action-gh-release@v2"], False),
        ("contents", ["uses: softprops/action-gh-release@v2"], None),
        (
            "contents",
            ["uses: softprops/action-gh-release@v2\n        with: {token: '${{ secrets.PAT }}'}"],
            False,
        ),
        (
            "discussions",
            ["uses: softprops/action-gh-release@v2\n        with: {discussion_category_name: x}"],
            None,
        ),
        ("packages", ["uses: rickstaa/action-create-tag@v1"], False),
        ("contents", ["uses: rickstaa/action-create-tag@v1"], None),
        (
            "contents",
            [f"uses: anothrNick/github-tag-action@1.75.0{TOKEN.replace('T:', 'GITHUB_TOKEN:')}"],
            None,
        ),
        (
            "contents",
            ["uses: anothrNick/github-tag-action@1.75.0\n        env: {GITHUB_TOKEN: '${{ secrets.PAT }}'}"],
            False,
        ),
        (
            "contents",
            ["uses: actions/upload-release-asset@v1\n        env: {GITHUB_TOKEN: '${{ secrets.PAT }}'}"],
            False,
        ),
        ("contents", [OWN_CHECKOUT, COMMIT], False),
        (
            "contents",
            [OWN_CHECKOUT, f"{COMMIT}\n        env: {{GITHUB_TOKEN: '${{{{ secrets.PAT }}}}'}}"],
            False,
        ),
        ("contents", [CHECKOUT, f"{COMMIT}\n        env: {{GITHUB_TOKEN: '${{{{ secrets.PAT }}}}'}}"], None),
        ("contents", [CHECKOUT, f"{COMMIT}\n        with: {{token: '${{{{ secrets.PAT }}}}'}}"], None),
        ("contents", [CHECKOUT, OWN_CHECKOUT, COMMIT], None),
        (
            "contents",
            [OWN_CHECKOUT, f"run: git remote set-url origin https://x:$T@github.com/a/b{TOKEN}", COMMIT],
            None,
        ),
        ("contents", [OWN_CHECKOUT.replace("with: {", "with: {persist-credentials: false, "), COMMIT], None),
        ("contents", [COMMIT], None),
        ("contents", [BY_KEY, COMMIT], False),
        ("contents", [BY_KEY.replace("secrets", "inputs"), COMMIT], None),
        ("contents", ["uses: actions/checkout@v7\n        with: {ssh-key: ''}", COMMIT], None),
        (
            "contents",
            [
                f"uses: actions/create-release@v1{TOKEN.replace('T:', 'GITHUB_TOKEN:')}",
                "uses: actions/upload-release-asset@v1\n        env: {GITHUB_TOKEN: '${{ secrets.PAT }}'}",
            ],
            None,
        ),
        (
            "contents",
            ["uses: softprops/action-gh-release@v2\n        env: {GITHUB_TOKEN: '${{ secrets.PAT }}'}"],
            None,
        ),
        ("attestations", ["uses: acme/lint@v1"], False),
        ("attestations", ["uses: acme/release@v1"], None),
        ("security-events", ["uses: acme/scan@v1"], None),
        ("security-events", ["uses: acme/tool@v1"], False),
        ("id-token", ["uses: acme/tool@v1"], None),
        ("contents", [CHECKOUT, "run: Get-Date\n        shell: pwsh"], None),
        ("contents", ["run: Get-Date\n        shell: pwsh"], False),
    ],
)
def test_the_steps_tell(scope: str, steps: list[str], found: bool | None) -> None:
    assert asked(scope, *steps) is found


def test_a_token_in_the_environment_of_the_job_is_at_hand_for_every_script() -> None:
    env = "    env: {GH_TOKEN: '${{ github.token }}'}\n"
    assert asked("packages", "run: ./x.sh", env=env) is None


def test_a_key_that_callers_may_leave_out_leaves_the_token_of_the_job() -> None:
    content = (
        f"on: workflow_call\njobs:\n  j:\n    runs-on: x\n    steps:\n      - {BY_KEY}\n      - {COMMIT}\n"
    )
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content}))
    assert repo.token_use(repo.workflows[0].jobs[0]).writes("contents") is None


def test_a_call_of_a_workflow_may_write_anything() -> None:
    content = "on: push\njobs:\n  j:\n    uses: ./.github/workflows/x.yml\n"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content}))
    assert repo.token_use(repo.workflows[0].jobs[0]).writes("contents") is None


@pytest.mark.parametrize(
    ("scope", "steps", "kept"),
    [
        ("packages", [LOGIN, "uses: acme/tool@v1"], True),
        ("packages", [LOGIN, "run: make"], True),
        ("packages", [LOGIN, PUSH.replace("true", "'${{ vars.PUSH }}'")], True),
        ("packages", [LOGIN, BUILD.replace("}", ", outputs: 'type=registry'}")], True),
        (
            "packages",
            [LOGIN, BUILD.replace("}", ", cache-to: 'type=registry,ref=ghcr.io/acme/web:c'}")],
            True,
        ),
        ("packages", [LOGIN, BUILD.replace("}", ", cache-to: 'type=gha,mode=max'}")], False),
        ("packages", [LOGIN, BUILD, "run: echo built"], False),
        ("packages", [HELM_LOGIN, "run: helm push web.tgz oci://ghcr.io/acme"], True),
        ("packages", [HELM_LOGIN, BUILD, "run: echo built"], False),
        ("packages", [AT_ONCE.format("docker push ghcr.io/a/b:1")], True),
        (
            "packages",
            [AT_ONCE.format("docker buildx imagetools create -t ghcr.io/a/b:1 ghcr.io/a/b:2")],
            True,
        ),
        ("packages", [AT_ONCE.format("docker pull ghcr.io/a/b:1"), BUILD], False),
        ("packages", [AT_ONCE.format("docker pull ghcr.io/a/b:1 && docker push r.acme.dev/b:1")], False),
        ("packages", [AT_ONCE.format("docker push a/b:1").replace("github.token", "secrets.PAT")], False),
        ("packages", [HELM_LOGIN.replace("github.token", "secrets.PAT"), PUSH], False),
        ("packages", [LOGIN + "\n        if: github.event_name == 'push'", PUSH], True),
        ("packages", [LOGIN.replace("ghcr.io", "'${{ vars.REGISTRY }}'"), PUSH], True),
        ("packages", [LOGIN, EXPORT], False),
        ("packages", [LOGIN, EXPORT, "run: docker run --rm web"], False),
        ("packages", [LOGIN, EXPORT, "run: npm ci && ./test.sh"], False),
        ("packages", [LOGIN, EXPORT, "run: ./publish.sh"], True),
        ("packages", [LOGIN, EXPORT, "run: make docker-push"], True),
        ("packages", [LOGIN, EXPORT, "run: docker push ghcr.io/a/b:1"], True),
        ("packages", [LOGIN, EXPORT, "uses: acme/push-image@v1"], True),
        ("packages", [LOGIN, EXPORT.replace("type=docker", "type=registry")], True),
        ("packages", [LOGIN, EXPORT.replace("type=docker", "type=image,push=true")], True),
        ("packages", [LOGIN, EXPORT + "\n          push: ${{ github.ref == 'refs/heads/main' }}"], True),
        ("packages", [LOGIN, EXPORT + "\n          cache-to: type=registry,ref=ghcr.io/a/b:cache"], True),
        ("packages", [LOGIN, PUSH.replace("ghcr.io", "r.acme.dev")], False),
        ("packages", [LOGIN, PUSH.replace("'ghcr.io/a/b:1'", "'${{ vars.TAGS }}'")], True),
        ("packages", [LOGIN, f"{MOVED} r.acme.dev/b:1"], False),
        ("packages", [LOGIN, f"{MOVED} $IMAGE"], True),
        ("packages", [LOGIN, f"{MOVED} r.acme.dev/b:1", "run: ./release.sh"], True),
        ("packages", [LOGIN, f"{MOVED} r.acme.dev/b:1", RETRIED], False),
        (
            "packages",
            [LOGIN, f"{MOVED} r.acme.dev/b:1", RETRIED.replace("registry.acme.dev", "ghcr.io")],
            True,
        ),
        ("packages", [LOGIN, "run: ./test.sh"], True),
        ("packages", [LOGIN.replace("github.token", "secrets.PAT || secrets.GITHUB_TOKEN"), PUSH], True),
        ("packages", [LOGIN.replace("github.token", "secrets.PAT"), PUSH], False),
        ("id-token", ['run: cosign sign --yes $FLAGS "$IMAGE"'], True),
        ("id-token", ['run: cosign $VERB "$IMAGE"'], True),
        ("id-token", ["uses: pypa/gh-action-pypi-publish@v1.14.0"], True),
        (
            "id-token",
            ["uses: pypa/gh-action-pypi-publish@v1.14.0\n        with: {password: '${{ secrets.PYPI }}'}"],
            False,
        ),
        ("issues", [COMMENT], True),
        ("issues", [COMMENT.replace("create", "get")], False),
        ("id-token", ["run: cosign sign --yes --key cosign.key a@b"], False),
        ("id-token", ["run: cosign sign --yes --key=$KEY a@b"], False),
        ("id-token", ["run: cosign verify --key cosign.pub a@b"], False),
        (
            "security-events",
            ["uses: github/codeql-action/analyze@v4\n        with: {upload: '${{ vars.U }}'}"],
            True,
        ),
        ("security-events", ["uses: github/codeql-action/analyze@v4\n        with: {upload: never}"], False),
        ("contents", ["uses: acme/release@v1"], False),
        ("contents", ["uses: gradle/actions/dependency-submission@v5"], True),
        ("contents", ["uses: gradle/actions/setup-gradle@v5"], False),
        *(
            (
                "contents",
                [f"uses: gradle/actions/{name}@v5\n        with: {{dependency-graph: {how}}}"],
                found,
            )
            for name, how, found in (
                ("setup-gradle", "generate-and-submit", True),
                ("setup-gradle", "\"${{ inputs.graph && 'generate-and-submit' || 'disabled' }}\"", True),
                ("setup-gradle", "generate", False),
                ("dependency-submission", "generate-submit-and-upload", True),
                ("dependency-submission", "generate-and-upload", False),
            )
        ),
        ("pull-requests", ["uses: Madrapps/jacoco-report@v1.7.2"], True),
        ("contents", [CHECKOUT, "run: mkdocs gh-deploy --force"], True),
        ("contents", [CHECKOUT, "run: uv run --only-group docs mkdocs gh-deploy"], True),
        ("contents", [CHECKOUT, "run: uvx --from mkdocs mkdocs gh-deploy"], True),
        ("contents", [CHECKOUT, "run: python3 -m mkdocs gh-deploy"], True),
        ("contents", [CHECKOUT, "run: mike deploy --push 1.0 latest"], True),
        ("contents", [CHECKOUT, "run: ghp-import -npf site"], True),
        ("contents", ["run: mkdocs gh-deploy"], False),
        (
            "contents",
            [CHECKOUT + "\n        with: {persist-credentials: false}", "run: mkdocs gh-deploy"],
            False,
        ),
        ("contents", [CHECKOUT, "run: mkdocs build"], False),
        ("contents", [CHECKOUT, "run: mkdocs gh-deploy --remote-name pages"], False),
        ("contents", [CHECKOUT, "run: mike deploy 1.0 latest"], False),
        ("contents", [CHECKOUT, "run: mike list -p"], False),
        ("contents", [CHECKOUT, "run: ghp-import site"], False),
        ("contents", [CHECKOUT, "run: uv pip install mkdocs"], False),
    ],
)
def test_what_may_be_needed_is_kept_when_the_rest_is_taken(scope: str, steps: list[str], kept: bool) -> None:
    listed = "".join(f"      - {step}\n" for step in steps)
    content = f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n{listed}"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content}))
    assert repo.token_use(repo.workflows[0].jobs[0]).is_meant_to_write(scope) is kept


OF_DEPOT = "uses: depot/build-push-action@v1\n        with: {%s, tags: 'ghcr.io/acme/web:1'}"
CRANE = "uses: imjasonh/setup-crane@v0.4"
PULL = "run: |\n          docker pull ghcr.io/acme/web:1\n          "
DEPLOY = "run: kubectl set image deployment/web web=r.acme.dev/web:1"
READ = {"contents": "read", "issues": "read"}
ALL = {
    **dict.fromkeys(("contents", "actions", "packages", "pull-requests"), "write"),
    "issues": "read",
}


@pytest.mark.parametrize(
    ("steps", "kept"),
    [
        ([CHECKOUT], READ),
        (
            ["uses: github/codeql-action/upload-sarif@v4"],
            {"contents": "read", "actions": "read", "issues": "read"},
        ),
        (
            ["uses: 8398a7/action-slack@v3\n        with: {fields: 'repo,took'}"],
            {"contents": "read", "actions": "read", "issues": "read"},
        ),
        (["uses: 8398a7/action-slack@v3\n        with: {fields: 'repo,commit'}"], READ),
        (
            ["uses: technote-space/workflow-conclusion-action@v3"],
            {"contents": "read", "actions": "read", "issues": "read"},
        ),
        (
            [
                "uses: Technote-Space/workflow-conclusion-action@v3\n        with: {github_token: '${{ secrets.T }}'}"
            ],
            READ,
        ),
        (["uses: anchore/sbom-action@v0"], {"contents": "write", "actions": "write", "issues": "read"}),
        ([LOGIN, BUILD], {"contents": "read", "packages": "read", "issues": "read"}),
        ([LOGIN, PUSH], {"contents": "read", "packages": "write", "issues": "read"}),
        (
            [CRANE, "run: crane copy ghcr.io/acme/web:1 r.acme.dev/web:1"],
            {"contents": "read", "packages": "read", "issues": "read"},
        ),
        (
            [CRANE, "run: crane copy r.acme.dev/web:1 ghcr.io/acme/web:1"],
            {"contents": "read", "packages": "write", "issues": "read"},
        ),
        (
            [CRANE, "run: crane digest ghcr.io/acme/web:1 && crane flatten ghcr.io/acme/web:1"],
            {"contents": "read", "packages": "write", "issues": "read"},
        ),
        (
            [LOGIN, "run: docker pull ghcr.io/acme/web:1", "run: make test"],
            {"contents": "read", "packages": "read", "issues": "read"},
        ),
        (
            [LOGIN, "run: docker pull ghcr.io/acme/web:1", "run: make push"],
            {"contents": "read", "packages": "write", "issues": "read"},
        ),
        (["uses: dorny/paths-filter@v4"], {"contents": "read", "pull-requests": "read", "issues": "read"}),
        (["uses: actions/dependency-review-action@v5"], READ),
        (
            ["uses: actions/dependency-review-action@v5\n        with: {comment-summary-in-pr: on-failure}"],
            READ | {"pull-requests": "write"},
        ),
        (
            [
                (
                    "uses: actions/dependency-review-action@v5\n"
                    "        with: {comment-summary-in-pr: always, repo-token: '${{ secrets.BOT_TOKEN }}'}"
                )
            ],
            READ,
        ),
        (["uses: golangci/golangci-lint-action@v9"], READ),
        (
            ["uses: golangci/golangci-lint-action@v9\n        with: {only-new-issues: true}"],
            {"contents": "read", "pull-requests": "read", "issues": "read"},
        ),
        (["uses: golangci/golangci-lint-action@v9\n        with: {only-new-issues: false}"], READ),
        ([f"run: gh run list{TOKEN}"], {"contents": "read", "actions": "read", "issues": "read"}),
        (["uses: acme/tool@v1"], READ),
        (["uses: acme/release@v1"], {scope: level for scope, level in ALL.items() if scope != "actions"}),
        (["uses: acme/comment-coverage@v1"], READ | {"pull-requests": "write"}),
        (["uses: mikepenz/action-junit-report@v6"], READ),
        (
            ["uses: mikepenz/action-junit-report@v6\n        with: {comment: true}"],
            READ | {"pull-requests": "write"},
        ),
        (
            [LOGIN, PULL + "docker tag $A r.acme.dev/web:1\n          docker push r.acme.dev/web:1", DEPLOY],
            {"contents": "read", "packages": "read", "issues": "read"},
        ),
        (
            [LOGIN, PULL + "docker push r.acme.dev/web:1 && docker push ghcr.io/acme/web:2"],
            {"contents": "read", "packages": "write", "issues": "read"},
        ),
        (
            [LOGIN, PULL + 'docker push "$MIRROR/web:1"'],
            {"contents": "read", "packages": "write", "issues": "read"},
        ),
        (
            [LOGIN, PULL + "docker push r.acme.dev/web:1", "run: make publish"],
            {"contents": "read", "packages": "write", "issues": "read"},
        ),
        (
            [LOGIN, PULL + "docker push r.acme.dev/web:1", PUSH],
            {"contents": "read", "packages": "write", "issues": "read"},
        ),
        ([f"uses: acme/tool@v1{TOKEN}"], ALL),
        ([f"uses: acme/setup-tool@v1{TOKEN}"], READ),
        (["uses: acme/tool@v1\n        with: {tagName: v1}"], READ | {"contents": "write"}),
        ([f"uses: ./tool{TOKEN}"], ALL),
        ([f"run: ./tool{TOKEN}"], ALL),
        (["uses: actions/github-script@v9\n        with: {script: 'run(github)'}"], ALL),
        (["uses: actions/github-script@v9\n        with: {script: '${{ vars.SCRIPT }}'}"], ALL),
        ([CALL], READ),
        ([CALL + "; require('./more.js')"], ALL),
        ([CALL + "; function more() {}"], READ),
        ([CALL + "; github.request('POST /x')"], ALL),
        ([CALL.replace("createDeployment", "createRelease")], READ | {"contents": "write"}),
        ([CALL.replace("createDeployment", "listReleases")], READ),
        ([CALL.replace("repos.createDeployment", "pulls.get")], READ | {"pull-requests": "read"}),
        (
            [CALL.replace("repos.createDeployment", "pulls.merge")],
            READ | {"contents": "write", "pull-requests": "write"},
        ),
        (
            [CALL.replace("repos.createDeployment", "teams.list")],
            {one: level for one, level in ALL.items() if one != "packages"},
        ),
        ([CALL.replace("rest.repos.createDeployment(it)", "rest[what](it)")], ALL),
        ([COMMENT + "\n          github-token: ${{ github.token }}"], READ | {"pull-requests": "write"}),
        ([COMMENT + "\n          github-token: ${{ secrets.BOT }}"], READ),
        (
            [COMMENT.replace("(comment)", "({body:`docker pull it, then require ${what} to publish`})")],
            READ | {"pull-requests": "write"},
        ),
        ([COMMENT.replace("(comment)", "({body:`${github.request(what)}`})")], ALL),
        (
            [LOGIN, "run: docker manifest inspect ghcr.io/acme/web:1 | jq .size | numfmt --to=iec"],
            READ | {"packages": "read"},
        ),
        (
            [LOGIN, "run: docker buildx imagetools inspect ghcr.io/acme/web:1 && make report"],
            READ | {"packages": "read"},
        ),
        ([LOGIN, "run: docker manifest push ghcr.io/acme/web:1"], READ | {"packages": "write"}),
        (["uses: dawidd6/action-download-artifact@v21"], READ | {"actions": "read"}),
        (
            [
                "uses: dawidd6/action-download-artifact@v21\n        with: {github_token: '${{ secrets.BOT }}'}"
            ],
            READ,
        ),
        ([CHECKOUT, "run: make test"], READ),
        ([CHECKOUT, "run: make publish"], READ | {"contents": "write"}),
    ],
)
def test_a_job_keeps_what_it_reads_and_what_it_may_write(steps: list[str], kept: dict[str, str]) -> None:
    written = "contents: write, actions: write, packages: write, pull-requests: write, issues: read"
    listed = "".join(f"      - {step}\n" for step in steps)
    content = f"on: push\npermissions: {{{written}}}\njobs:\n  j:\n    runs-on: x\n    steps:\n{listed}"
    job = (repo := Repository(Snapshot.of({".github/workflows/w.yml": content}))).workflows[0].jobs[0]
    assert job.permissions is not None
    assert repo.token_use(job).levels_kept(job.permissions) == kept


ACTION = ".github/actions/prepare/action.yml"
USES = "uses: ./.github/actions/prepare"


@pytest.mark.parametrize(
    ("definition", "level"),
    [
        ("[{uses: actions/setup-node@v7}, {run: npm ci, shell: bash}]", "read"),
        ("[{run: docker push ghcr.io/acme/web:2, shell: bash}]", "write"),
        ("[{uses: acme/tool@v1}]", "write"),
    ],
)
def test_an_action_of_the_repository_behind_a_login_that_pulls(definition: str, level: str) -> None:
    steps = "".join(f"      - {one}\n" for one in (LOGIN, "run: docker pull ghcr.io/acme/web:1", USES))
    content = f"on: push\npermissions: {{packages: write}}\njobs:\n  j:\n    runs-on: x\n    steps:\n{steps}"
    action = f"runs: {{using: composite, steps: {definition}}}\n"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content, ACTION: action}))
    job = repo.workflows[0].jobs[0]
    assert job.permissions is not None
    assert repo.token_use(job).levels_kept(job.permissions).get("packages") == level


@pytest.mark.parametrize(
    ("definition", "step", "scope", "found"),
    [
        ("[{uses: actions/setup-node@v7}, {run: npm ci, shell: bash}]", USES, "pull-requests", False),
        ("[{uses: actions/setup-node@v7}, {run: npm ci, shell: bash}]", USES, "packages", False),
        ("[{uses: peter-evans/create-or-update-comment@v5}]", USES, "pull-requests", None),
        ("[{uses: acme/tool@v1}]", USES, "pull-requests", None),
        ("[{run: cosign sign --yes a@b, shell: bash}]", USES, "id-token", True),
        ("[{run: ./x.sh, shell: bash}]", USES, "issues", False),
        ("[{run: ./x.sh, shell: bash}]", f"{USES}{TOKEN}", "issues", None),
        ("[{run: ./x.sh, shell: bash, env: {T: '${{ github.token }}'}}]", USES, "issues", None),
        ("[{uses: actions/checkout@v7}, {run: npm ci, shell: bash}]", USES, "issues", None),
        ("[{uses: docker/login-action@v4}]", USES, "packages", None),
        ("[{uses: ./.github/actions/prepare}]", USES, "issues", None),
        ("[{uses: ./.github/actions/other}]", USES, "issues", None),
        ("[]", USES, "issues", None),
        (
            "[{uses: actions/setup-node@v7}]",
            "uses: actions/checkout@v7\n        with: {path: src}\n      - " + USES,
            "issues",
            None,
        ),
    ],
)
def test_what_an_action_of_the_repository_writes_is_read(
    definition: str, step: str, scope: str, found: bool | None
) -> None:
    content = f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - {step}\n"
    action = f"runs: {{using: composite, steps: {definition}}}\n"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content, ACTION: action}))
    assert repo.token_use(repo.workflows[0].jobs[0]).writes(scope) is found


def test_an_action_that_has_the_token_by_default_may_write_anything() -> None:
    content = f"on: push\njobs: {{j: {{runs-on: x, steps: [{{{USES}}}]}}}}\n"
    action = (
        "inputs: {token: {default: '${{ github.token }}'}}\n"
        "runs: {using: composite, steps: [{run: './x.sh ${{ inputs.token }}', shell: bash}]}\n"
    )
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content, ACTION: action}))
    assert repo.token_use(repo.workflows[0].jobs[0]).writes("issues") is None


def test_actions_in_actions_are_read() -> None:
    content = f"on: push\njobs: {{j: {{runs-on: x, steps: [{{{USES}}}]}}}}\n"
    files = {
        ".github/workflows/w.yml": content,
        ACTION: "runs: {using: composite, steps: [{uses: ./.github/actions/node}]}\n",
        ".github/actions/node/action.yml": "runs: {using: composite, steps: [{uses: actions/setup-node@v7}]}\n",
    }
    repo = Repository(Snapshot.of(files))
    assert repo.token_use(repo.workflows[0].jobs[0]).writes("issues") is False


@pytest.mark.parametrize(
    ("permissions", "found", "kept"),
    [
        ("permissions: {contents: read, packages: write}", False, {"packages": "write"}),
        ("permissions: {issues: write}", True, {"issues": "write"}),
        ("", None, {"issues": "write"}),
    ],
)
def test_a_called_workflow_has_what_its_jobs_declare(
    permissions: str, found: bool | None, kept: dict[str, str]
) -> None:
    calling = (
        "on: push\npermissions: {issues: write, packages: write}\n"
        "jobs: {j: {uses: ./.github/workflows/x.yml}}\n"
    )
    called = (
        f"on: workflow_call\n{permissions}\njobs: {{k: {{runs-on: x, steps: [{{uses: acme/comment@v1}}]}}}}\n"
    )
    files = {".github/workflows/a.yml": calling, ".github/workflows/x.yml": called}
    repo = Repository(Snapshot.of(files))
    job = repo.workflows[0].jobs[0]
    assert repo.token_use(job).writes("issues") is found
    assert job.permissions is not None
    assert repo.token_use(job).levels_kept(job.permissions) == kept


def test_a_workflow_that_calls_itself_may_need_anything() -> None:
    content = (
        "on: [push, workflow_call]\npermissions: {issues: write}\n"
        "jobs: {j: {uses: ./.github/workflows/w.yml}}\n"
    )
    job = (repo := Repository(Snapshot.of({".github/workflows/w.yml": content}))).workflows[0].jobs[0]
    assert repo.token_use(job).keeps("issues")


MAKEFILE = """\
test: deps
\tdocker compose run --rm test
deps:
\t@./scripts/prepare.sh
sign: test
\tcosign sign --yes acme/web
ship:
\t./scripts/ship.sh
release:
\t$(MAKE) test
"""
FOLLOWED = {
    "Makefile": MAKEFILE,
    "scripts/prepare.sh": "docker compose pull\n",
    "scripts/ship.sh": "./scripts/again.sh && make outside\n",
    "scripts/again.sh": "./scripts/ship.sh && git -C site push origin HEAD\n",
    "scripts/release.sh": "docker build .\n",
    ACTION: "runs: {using: composite, steps: [{uses: actions/checkout@v7}, {run: make sign, shell: bash}]}\n",
    ".github/actions/quiet/action.yml": "runs: {using: composite, steps: [{uses: actions/checkout@v7}, {run: make, shell: bash}]}\n",
    ".github/actions/itself/action.yml": "runs: {using: composite, steps: [{uses: ./.github/actions/itself}]}\n",
    ".github/actions/given/action.yml": (
        "inputs: {token: {default: '${{ github.token }}'}}\n"
        "runs: {using: composite, steps: [{run: ./tool, shell: bash}]}\n"
    ),
}


@pytest.mark.parametrize(
    ("scope", "step", "kept"),
    [
        ("id-token", "run: make test", False),
        ("contents", "run: make test", False),
        ("id-token", "run: make", False),
        ("id-token", "run: make sign", True),
        ("contents", "run: make sign", False),
        ("contents", "run: make ship", True),
        ("id-token", "run: make ship", False),
        ("contents", "run: make release", False),
        ("contents", "run: make -C elsewhere release", True),
        ("contents", "run: make publish", True),
        ("contents", "run: make test publish", True),
        ("contents", "run: make test && make publish", True),
        ("contents", "run: ./scripts/release.sh", False),
        ("contents", "run: ./other/release.sh", True),
        ("contents", "run: ./scripts/again.sh", True),
        ("contents", "run: uv run poe build-artifacts", False),
        ("id-token", "run: uv run poe build-artifacts", False),
        ("id-token", "run: twine upload dist/*", True),
        ("id-token", "run: make && twine check dist/*", False),
        ("id-token", "uses: pypa/gh-action-pypi-publish@v1.14.0", True),
        ("id-token", "uses: pypa/gh-action-pypi-publish@v1.14.0\n        with: {password: '${{ secrets.PYPI }}'}", False),
        ("contents", "run: ./dist/web version --short", False),
        ("contents", "run: ./version.sh", True),
        ("contents", "run: make -C elsewhere version", True),
        ("contents", "run: make && echo 'now gh release create v1'", False),
        ("contents", "run: make && echo 'gh release create v1' | sh", True),
        ("contents", "run: make && gh release create v1", True),
        ("contents", "run: 'release() { make; }; release'", False),
        ("contents", "run: 'release() { make publish; }; release'", True),
        ("id-token", "run: terraform fmt -check", False),
        ("id-token", "run: depot build --push -t acme/web:1 .", True),
        ("id-token", "run: make depot", False),
        ("id-token", "uses: depot/build-push-action@v1\n        with: {push: true}", True),
        ("id-token", "uses: depot/bake-action@v1", True),
        ("id-token", "uses: depot/setup-action@v1", False),
        ("id-token", "uses: depot/setup-action@v1\n        with: {oidc: true}", True),
        ("id-token", "run: terraform init -backend=false", False),
        ("id-token", "run: terraform apply", True),
        ("id-token", "run: uv publish", True),
        ("id-token", "run: docker compose run -e OIDC_ISSUER=x web", False),
        ("contents", "{run: ./bump.ps1, shell: pwsh}", True),
        ("contents", "{run: Get-Date, shell: pwsh}", False),
        ("contents", 'run: echo "a new release"; make test', False),
        ("id-token", "uses: acme/lint-action@v1", False),
        ("id-token", "uses: acme/vault-secrets@v1", True),
        ("id-token", "uses: azure/arm-deploy@v2", True),
        ("id-token", "uses: azure/aks-set-context@v4", False),
        ("id-token", "uses: acme/tool@v1\n        with: {role: arn}", True),
        ("id-token", "uses: acme/tool@v1\n        with: {author: me}", False),
        ("id-token", "uses: actions/github-script@v9\n        with: {script: 'run(github)'}", False),
        ("id-token", "uses: actions/github-script@v9\n        with: {script: core.getIDToken()}", True),
        ("id-token", USES, True),
        ("contents", USES, False),
        ("id-token", "uses: ./.github/actions/quiet", False),
        ("contents", "uses: ./.github/actions/itself", False),
        ("contents", "uses: ./.github/actions/given", True),
        ("contents", "uses: ./.github/actions/publish-elsewhere", True),
        ("contents", "uses: acme/release-things@v1", True),
        ("contents", "uses: acme/release-things@v1\n        env: {GITHUB_TOKEN: '${{ secrets.BOT }}'}", False),
        ("contents", "uses: acme/release-things@v1\n        env: {GITHUB_TOKEN: '${{ github.token }}'}", True),
        ("id-token", "uses: acme/release-things@v1\n        env: {GITHUB_TOKEN: '${{ secrets.BOT }}'}", True),
        ("contents", "run: make && gh release upload v1 web.tgz", True),
        ("contents", "run: make && gh release upload v1 web.tgz\n        env: {GH_TOKEN: '${{ secrets.BOT }}'}", False),
        ("contents", "run: make && git push\n        env: {GH_TOKEN: '${{ secrets.BOT }}'}", True),
        ("contents", "uses: acme/awx@v1\n        with: {value: '${{ needs.release.outputs.version }}'}", False),
        ("contents", "uses: acme/awx@v1\n        with: {value: release}", True),
        ("pull-requests", "{name: Renew the comment on the pull request, uses: acme/cli@v1}", True),
        ("issues", "{name: Renew the comment on the pull request, uses: acme/cli@v1}", True),
        ("pull-requests", "{name: PR preview comment, uses: acme/cli@v1}", True),
        ("pull-requests", "{name: Build the PR, uses: acme/cli@v1}", False),
        ("pull-requests", "{name: Check comments in code, uses: acme/cli@v1}", False),
        ("contents", "{name: Comment on the PR, uses: acme/cli@v1}", False),
        ("pull-requests", "{name: Comment on the PR, uses: actions/setup-node@v7}", False),
        ("pull-requests", "{name: Comment on the PR, run: npm test}", False),
    ],
)  # fmt: skip
def test_what_hints_at_a_scope_is_kept(scope: str, step: str, kept: bool) -> None:
    content = f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - {CHECKOUT}\n      - {step}\n"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content, **FOLLOWED}))
    assert repo.token_use(repo.workflows[0].jobs[0]).keeps(scope) is kept


def test_actions_in_actions_multiply_to_no_end() -> None:
    """The first is given the token to log in only, and each uses the next one 30 times."""
    caller = "on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - uses: ./a0\n        with: {token: '${{ github.token }}'}\n"
    login = "    - uses: docker/login-action@v4\n      with: {registry: ghcr.io, password: '${{ inputs.token }}'}\n"
    files = {".github/workflows/w.yml": caller}
    for at in range(5):
        inner = f"    - uses: ./a{at + 1}\n" if at < 4 else "    - run: ./x.sh\n      shell: bash\n"
        head = f"runs:\n  using: composite\n  steps:\n{login if at == 0 else ''}"
        files[f"a{at}/action.yml"] = head + inner * 30
    repo = Repository(Snapshot.of(files))
    assert len(repo.token_use(repo.workflows[0].jobs[0]).unfolded.with_logins_opened) == 1_000


@pytest.mark.parametrize(
    ("then", "keeps"),
    [
        ("docker push ghcr.io/a/b:1", True),
        ("docker tag a b && docker push ghcr.io/a/b:1", True),
        ("./release.sh", True),
        ("docker pull ghcr.io/a/b:1 && ./test.sh", True),
        ("docker pull ghcr.io/a/b:1", False),
        ("docker images", False),
    ],
)
def test_a_script_that_logs_in_may_go_on_to_push(then: str, keeps: bool) -> None:
    content = f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - {AT_ONCE.format(then)}\n"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content}))
    assert repo.token_use(repo.workflows[0].jobs[0]).keeps("packages") is keeps


@pytest.mark.parametrize(
    ("then", "is_known"),
    [
        ("docker build -t ghcr.io/a/b:$V . && docker push ghcr.io/a/b:$V", True),
        ("docker buildx build --push -t ghcr.io/a/b:1 --build-arg V=${{ github.sha }} .", True),
        ("docker build --build-arg=V=1 . && docker push ghcr.io/a/b:1", True),
        ("docker build --build-arg T -t a .", False),
        ("docker build --build-arg=T -t a .", False),
        ("docker build --build-arg V=$T -t a .", False),
        ("docker build --build-arg V=${{ github.token }} -t a .", False),
        ("docker buildx build --secret id=t,env=T .", False),
        ("docker build --secret=id=T .", False),
        ("docker build $FLAGS .", False),
        ("docker build --pull $FLAGS .", False),
        ('docker buildx build --push "${FLAGS[@]}" .', False),
        ("docker build --pull -t $IMAGE --file $FILE .", True),
        ("docker image build -t a .", True),
        ("docker image build --build-arg T -t a .", False),
        ("docker compose build", False),
        ("helm package web && helm push web-1.tgz oci://ghcr.io/a", True),
        ("helm upgrade web chart", False),
        ("podman push ghcr.io/a/b:1", True),
        ("crane copy a ghcr.io/a/b:1", True),
        ("crane auth get ghcr.io", False),
    ],
)
def test_what_a_script_does_behind_its_login_is_known_where_nothing_else_gets_the_token(
    then: str, is_known: bool
) -> None:
    listed = AT_ONCE.format(then)
    content = f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - {listed}\n"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content}))
    use = repo.token_use(repo.workflows[0].jobs[0])
    assert (not use.given_away_in) is is_known
    assert (use.writes("contents") is False) is is_known


def test_the_settings_of_pages_are_read_with_their_scope() -> None:
    steps = "      - uses: actions/configure-pages@v5\n      - run: npm ci\n"
    content = f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n{steps}"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content}))
    use = repo.token_use(repo.workflows[0].jobs[0])
    assert scopes_read(use.unfolded, use.texts) == ("pages",)
    assert use.level_needed("pages") == "read"
    assert use.writes("pages") is False


@pytest.mark.parametrize(
    ("beside", "is_read"),
    [
        ("container: ghcr.io/acme/ci:1", True),
        ("container: {image: 'ghcr.io/${{ github.repository }}/ci:1'}", True),
        ("services: {db: {image: ghcr.io/acme/db:1, ports: [5432]}}", True),
        ("container: {image: ghcr.io/acme/ci:1, credentials: {username: a, password: '${{ secrets.PAT }}'}}", False),
        ("container: registry.acme.dev/ghcr.io/ci:1", False),
        ("container: node:24", False),
    ],
)  # fmt: skip
def test_the_runner_pulls_the_images_of_a_job_from_githubs_registry_with_its_token(
    beside: str, is_read: bool
) -> None:
    content = f"on: push\njobs:\n  j:\n    runs-on: x\n    {beside}\n    steps:\n      - run: npm ci\n"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content}))
    use = repo.token_use(repo.workflows[0].jobs[0])
    assert scopes_read(use.unfolded, use.texts) == (("packages",) if is_read else ())


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("./gradlew currentVersion", "read"),
        ("# of the release\n./gradlew currentVersion -Prelease.quiet", "read"),
        ("if [ $GITHUB_EVENT_NAME = 'release' ]; then ./gradlew currentVersion; fi", "read"),
        ("# pushes to main have no tag\n./gradlew currentVersion", "read"),
        ("# push it\nmake images", "write"),
        ("./gradlew release", "write"),
        ("npx semantic-release", "write"),
    ],
)
def test_which_scripts_behind_a_login_hint_at_a_push(line: str, level: str) -> None:
    script = "".join(f"\n          {one}" for one in line.split("\n"))
    steps = f"      - {LOGIN}\n      - run: |{script}\n      - run: docker run ghcr.io/acme/web:1\n"
    content = f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n{steps}"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content}))
    assert repo.token_use(repo.workflows[0].jobs[0]).level_needed("packages") == level


@pytest.mark.parametrize(
    ("inputs", "is_meant"),
    [("load: true", False), ("push: false", False), ("push: true", True), ("outputs: type=registry", True)],
)
def test_an_action_that_builds_elsewhere_pushes_where_it_is_told_to(inputs: str, *, is_meant: bool) -> None:
    build = OF_DEPOT % inputs
    content = f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - {LOGIN}\n      - {build}\n      - run: make test\n"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content}))
    assert repo.token_use(repo.workflows[0].jobs[0]).is_meant_to_write("packages") is is_meant


IMPORTS = "from __future__ import annotations\nimport json, os.path as p\nfrom re import sub\nprint(sub('a', 'b', json.dumps(p.sep)))"


@pytest.mark.parametrize(
    ("script", "code", "found"),
    [
        ("python - <<'PY'\n{}\nPY", IMPORTS, False),
        ('v="$(python3 <<PY\n{}\nPY\n)" && echo "$v"', IMPORTS, False),
        (
            "cat a.json | python3 -u -c '{}' a.json",
            'import json, sys; print(json.load(sys.stdin)["a"])',
            False,
        ),
        ("python3.13 -c '{}'", "print(1)", False),
        ("python - <<'PY'\n{}\nPY", "import yaml", True),
        ("python - <<'PY'\n{}\nPY", "import json, requests", True),
        ("python - <<'PY'\n{}\nPY", "from setup import version", True),
        ("python - <<'PY'\n{}\nPY", "if a:\n    import tool", True),
        ("python - <<'PY'\n{}\nPY", "import \\\n    tool", True),
        ("python - <<'PY'\n{}\nPY", "import subprocess", True),
        ("python - <<'PY'\n{}\nPY", "import _posixsubprocess", True),
        ("python - <<'PY'\n{}\nPY", "import os\nos.system('make')", True),
        ("python - <<'PY'\n{}\nPY", "from os import execvp as run", True),
        ("python - <<'PY'\n{}\nPY", "exec(open('tool.py').read())", True),
        ("python - <<'PY'\n{}\nPY", "print('${{ inputs.text }}')", True),
        ("python - <<PY\n{}\nPY", "import json\n$MORE", True),
        ('python -c "{}"', "$CODE", True),
        ("python -m pip install tool <<'PY'\n{}\nPY", "", True),
        ("python tool.py <<'PY'\n{}\nPY", "", True),
        ("cat tool.py | python", "", True),
        ("ruby - <<'PY'\n{}\nPY", "", True),
    ],
)
def test_python_of_the_standard_library_is_no_code_of_others(script: str, code: str, found: bool) -> None:
    lines = script.format(code).replace("\n", "\n          ")
    content = f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - run: |\n          {lines}\n"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content}))
    assert runs_foreign_code(repo.token_use(repo.workflows[0].jobs[0]).steps) is found


@pytest.mark.parametrize(
    ("script", "is_given_away"),
    [
        ("await github.rest.git.createRef(it)", False),
        ("require('fs').writeFileSync('.npmrc', process.env.T)", True),
        ("const { T } = process.env; core.exportVariable('NPM', T)", True),
        ("core.exportVariable('NPM', '${{ github.token }}')", True),
    ],
)
def test_a_script_for_the_api_that_reads_the_token_itself_may_leave_it_anywhere(
    script: str, *, is_given_away: bool
) -> None:
    step = f"uses: actions/github-script@v9{TOKEN}\n        with:\n          script: |\n            {script}"
    content = f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - {step}\n      - run: npm publish\n"
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content}))
    assert bool(repo.token_use(repo.workflows[0].jobs[0]).given_away_in) is is_given_away


FETCH = "#!/usr/bin/env bash\ntoken=$1\n{}\ntar xzf app.tgz\n"
OF_RELEASE = "https://github.com/acme/app/releases/download/v1/app.tgz"
OF_API = "https://api.github.com/repos/acme/app"


@pytest.mark.parametrize(
    ("command", "is_read"),
    [
        (f'curl -fsSLo app.tgz -H "Authorization: Bearer $token" {OF_RELEASE}', True),
        (f'curl -s -X GET -H "Authorization: token $token" -L {OF_RELEASE} -o app.tgz', True),
        ('curl --request=GET --user "x:$token" "https://github.com/$1/archive/v1.tar.gz"', True),
        (f'wget -q --header="Authorization: token $token" -O app.tgz {OF_RELEASE}', True),
        (f'curl -H "Authorization: token $token" {OF_API}/releases/latest | jq -r .tag_name', True),
        (f'curl -H "Authorization: token $token" {OF_API}/contents/a.json?ref=main', True),
        (f'curl -H "Authorization: token $token" {OF_API}/releases', False),
        (f'curl -H "Authorization: token $token" {OF_API}/issues', False),
        (f'curl -H "Authorization: token $token" {OF_API}/commits/main/check-runs', False),
        (f'curl -X POST -H "Authorization: token $token" {OF_API}/git/refs', False),
        (f'curl -X $method -H "Authorization: token $token" {OF_API}/tags', False),
        (f'curl -d @a.json -H "Authorization: token $token" {OF_API}/git/refs', False),
        (f'curl $OPTIONS -H "Authorization: token $token" {OF_API}/tags', False),
        (f'wget --post-data=a --header="Authorization: token $token" {OF_API}/git/refs', False),
        ('curl -H "Authorization: token $token" https://example.com/app.tgz', False),
        ('curl -H "Authorization: token $token" "$url"', False),
        (f"curl {OF_RELEASE} -o app.tgz && echo $token > saved", False),
        (f"curl {OF_RELEASE} -o app.tgz && echo //npm.pkg.github.com/:_authToken=$token >> ~/.npmrc", False),
        (f"curl {OF_RELEASE} -o app.tgz && gh auth setup-git", False),
        (f"curl {OF_RELEASE} -o app.tgz && ./publish $token", False),
    ],
)
@pytest.mark.parametrize("is_of_repository", [False, True])
def test_a_script_that_only_downloads_code_writes_nothing(
    command: str, *, is_read: bool, is_of_repository: bool
) -> None:
    run = "bash fetch.sh ${{ github.token }}"
    files = {"fetch.sh": FETCH.format(command)}
    if not is_of_repository:
        run, files = command, {}
    given = "${{ github.token }}"
    lines = (
        "      - uses: actions/checkout@v7",
        f"      - env: {{token: '{given}'}}\n        run: |\n          {run}",
    )
    content = "on: push\njobs:\n  j:\n    runs-on: ubuntu-latest\n    steps:\n" + "\n".join(lines)
    repo = Repository(Snapshot.of({".github/workflows/w.yml": content, **files}))
    use = repo.token_use(repo.workflows[0].jobs[0])
    assert (not use.given_away_in) is is_read
    assert (not list(FirstBlock(use, is_public=False).open_steps())) is is_read
