"""Which scopes of the job's `GITHUB_TOKEN` actions write with, by their `action.yml` and documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from checks.facts.image.sboms import SBOM_ACTION
from checks.facts.token.attached_sboms import may_attach
from checks.facts.token.given_token import finds_own_token
from checks.facts.token.own_tokens import has_own_token, has_own_token_in_environment
from checks.facts.workflow.workflows import Step, strings
from checks.regex import regex

_NONE: frozenset[str] = frozenset()
_CONTENTS = frozenset(("contents",))
_COMMENTS = frozenset(("issues", "pull-requests"))
_PULL_REQUESTS = frozenset(("pull-requests",))
_SCANNING = frozenset(("security-events",))
_ATTESTS = frozenset(("artifact-metadata", "attestations", "id-token"))
_PROPOSES = frozenset(("contents", "issues", "pull-requests"))

_QUIET = frozenset(
    (
        "8398a7/action-slack",
        "actions-hub/kubectl",
        "actions-rs/toolchain",
        "actions-rust-lang/setup-rust-toolchain",
        "actions/cache",
        "actions/cache/restore",
        "actions/cache/save",
        "actions/checkout",
        "actions/configure-pages",
        "actions/create-github-app-token",
        "actions/download-artifact",
        "actions/setup-dotnet",
        "actions/setup-go",
        "actions/setup-java",
        "actions/setup-node",
        "actions/setup-python",
        "actions/upload-artifact",
        "actions/upload-artifact/merge",
        "actions/upload-pages-artifact",
        "anchore/sbom-action/download-syft",
        "anchore/scan-action",
        "appleboy/scp-action",
        "appleboy/ssh-action",
        "appleboy/telegram-action",
        "aquasecurity/setup-trivy",
        "aquasecurity/trivy-action",
        "arduino/setup-protoc",
        "arduino/setup-task",
        "astral-sh/setup-uv",
        "aws-actions/amazon-ecr-login",
        "aws-actions/amazon-ecs-deploy-task-definition",
        "aws-actions/amazon-ecs-render-task-definition",
        "aws-actions/aws-cloudformation-github-deploy",
        "aws-actions/aws-secretsmanager-get-secrets",
        "aws-actions/configure-aws-credentials",
        "azure/aks-set-context",
        "azure/docker-login",
        "azure/k8s-bake",
        "azure/k8s-create-secret",
        "azure/k8s-deploy",
        "azure/k8s-set-context",
        "azure/setup-helm",
        "azure/setup-kubectl",
        "azure/webapps-deploy",
        "benjlevesque/short-sha",
        "bridgecrewio/checkov-action",
        "browser-actions/setup-chrome",
        "bufbuild/buf-setup-action",
        "cardinalby/export-env-action",
        "cargo-bins/cargo-binstall",
        "crate-ci/typos",
        "crazy-max/ghaction-docker-meta",
        "crazy-max/ghaction-import-gpg",
        "cypress-io/github-action",
        "davidanson/markdownlint-cli2-action",
        "dawidd6/action-download-artifact",
        "dawidd6/action-get-tag",
        "dawidd6/action-send-mail",
        "denoland/setup-deno",
        "digitalocean/action-doctl",
        "docker/bake-action",
        "docker/build-push-action",
        "docker/login-action",
        "docker/metadata-action",
        "docker/setup-buildx-action",
        "docker/setup-compose-action",
        "docker/setup-docker-action",
        "docker/setup-qemu-action",
        "dorny/paths-filter",
        "dtolnay/rust-toolchain",
        "easimon/maximize-build-space",
        "embarkstudios/cargo-deny-action",
        "extractions/setup-just",
        "falti/dotenv-action",
        "fossas/fossa-action",
        "foundry-rs/foundry-toolchain",
        "getsentry/action-release",
        "github/codeql-action/upload-sarif",
        "golang/govulncheck-action",
        "golangci/golangci-lint-action",
        "google-github-actions/deploy-cloudrun",
        "google-github-actions/get-gke-credentials",
        "google-github-actions/setup-gcloud",
        "hadolint/hadolint-action",
        "hashicorp/setup-terraform",
        "heliaxdev/setup-protoc",
        "helm/chart-testing-action",
        "helm/kind-action",
        "hmarr/debug-action",
        "imranismail/setup-kustomize",
        "jdx/mise-action",
        "jlumbroso/free-disk-space",
        "ludeeus/action-shellcheck",
        "lycheeverse/lychee-action",
        "medyagh/setup-minikube",
        "microsoft/setup-msbuild",
        "mozilla-actions/sccache-action",
        "nolar/setup-k3d-k3s",
        "oras-project/setup-oras",
        "oven-sh/setup-bun",
        "peter-evans/dockerhub-description",
        "peter-murray/workflow-application-token-action",
        "pnpm/action-setup",
        "pypa/gh-action-pip-audit",
        "raven-actions/actionlint",
        "redhat-actions/buildah-build",
        "redhat-actions/oc-login",
        "redhat-actions/podman-login",
        "redhat-actions/push-to-registry",
        "redhat-actions/s2i-build",
        "regclient/actions/regctl-installer",
        "rtcamp/action-slack-notify",
        "ruby/setup-ruby",
        "sarisia/actions-status-discord",
        "securego/gosec",
        "shivammathur/setup-php",
        "sigstore/cosign-installer",
        "slackapi/slack-github-action",
        "snok/install-poetry",
        "snyk/actions/docker",
        "snyk/actions/golang",
        "snyk/actions/gradle",
        "snyk/actions/iac",
        "snyk/actions/maven",
        "snyk/actions/node",
        "snyk/actions/python",
        "snyk/actions/setup",
        "sonarsource/sonarqube-scan-action",
        "supercharge/mongodb-github-action",
        "superfly/flyctl-actions/setup-flyctl",
        "swatinem/rust-cache",
        "taiki-e/install-action",
        "technote-space/workflow-conclusion-action",
        "terraform-linters/setup-tflint",
        "tibdex/github-app-token",
        "tj-actions/changed-files",
        "trufflesecurity/trufflehog",
        "webfactory/ssh-agent",
    )
)
"""Those that write nothing but what `needs` tells, and what a login is for."""
_WRITES: Mapping[str, frozenset[str]] = {
    "actions-cool/maintain-one-comment": _COMMENTS,
    "actions/attest": _ATTESTS,
    "actions/attest-build-provenance": _ATTESTS,
    "actions/attest-sbom": _ATTESTS,
    "actions/create-release": _CONTENTS,
    "actions/delete-package-versions": frozenset(("packages",)),
    "actions/deploy-pages": frozenset(("id-token", "pages")),
    "actions/first-interaction": _COMMENTS,
    "actions/upload-release-asset": _CONTENTS,
    "ad-m/github-push-action": _CONTENTS,
    "advanced-security/maven-dependency-submission-action": _CONTENTS,
    "anothrnick/github-tag-action": _CONTENTS,
    "benc-uk/workflow-dispatch": frozenset(("actions",)),
    "datadog/dd-octo-sts-action": frozenset(("id-token",)),
    "datadog/dd-sts-action": frozenset(("id-token",)),
    "dataaxiom/ghcr-cleanup-action": frozenset(("packages",)),
    "endbug/add-and-commit": _CONTENTS,
    "google-github-actions/release-please-action": _PROPOSES,
    "googleapis/release-please-action": _PROPOSES,
    "gradle/actions/dependency-submission": _CONTENTS,
    "helm/chart-releaser-action": _CONTENTS,
    "jamesives/github-pages-deploy-action": _CONTENTS,
    "madrapps/jacoco-report": _PULL_REQUESTS,
    "marocchino/sticky-pull-request-comment": _COMMENTS,
    "mathieudutour/github-tag-action": _CONTENTS,
    "mikepenz/gradle-dependency-submission": _CONTENTS,
    "mshick/add-pr-comment": _PULL_REQUESTS,
    "ncipollo/release-action": _CONTENTS,
    "octo-sts/action": frozenset(("id-token",)),
    "peaceiris/actions-gh-pages": _CONTENTS,
    "peter-evans/create-or-update-comment": _COMMENTS,
    "peter-evans/create-pull-request": _CONTENTS | _PULL_REQUESTS,
    "peter-evans/repository-dispatch": _CONTENTS,
    "release-drafter/release-drafter": _CONTENTS | _PULL_REQUESTS,
    "rickstaa/action-create-tag": _CONTENTS,
    "romeovs/lcov-reporter-action": _PULL_REQUESTS,
    "scalacenter/sbt-dependency-submission": _CONTENTS,
    "snok/container-retention-policy": frozenset(("packages",)),
    "softprops/action-gh-release": _CONTENTS,
    "stefanzweifel/git-auto-commit-action": _CONTENTS,
    "styfle/cancel-workflow-action": frozenset(("actions",)),
    "svenstaro/upload-release-action": _CONTENTS,
    "thollander/actions-comment-pull-request": _PULL_REQUESTS,
    "tripss/conventional-changelog-action": _CONTENTS,
}
"""Those that are there to write with these scopes; a snapshot of dependencies is written with `contents`.

https://docs.github.com/en/rest/dependency-graph/dependency-submission
"""
_OF_GRADLE = frozenset(
    ("gradle/actions/dependency-submission", "gradle/actions/setup-gradle", "gradle/gradle-build-action")
)
"""Those that write such a snapshot where they are told to submit it: the first unless it is told otherwise, the others not.

https://github.com/gradle/actions/blob/main/dependency-submission/action.yml
"""
_BY_ENVIRONMENT = frozenset(
    ("actions/create-release", "actions/upload-release-asset", "anothrnick/github-tag-action")
)
"""Those of them that find their token in the environment and have no input for it.

https://github.com/actions/upload-release-asset#example-workflow---upload-a-release-asset
https://github.com/anothrNick/github-tag-action#options
"""
BY_TOKEN_FOUND = frozenset(("endbug/add-and-commit", "stefanzweifel/git-auto-commit-action"))
"""Actions that run git on the machine with the token that the checkout left, wherever it keeps that.

Another one that they are given they don't push with.
https://github.com/EndBug/add-and-commit/blob/v9/action.yml
https://github.com/stefanzweifel/git-auto-commit-action#commits-made-by-this-action-do-not-trigger-new-workflow-runs
"""
_MAY_WRITE: Mapping[str, frozenset[str]] = {
    "actions-cool/issues-helper": _COMMENTS,
    "actions/dependency-review-action": _PULL_REQUESTS,
    "actions/labeler": _COMMENTS,
    "actions/stale": _PROPOSES | {"actions"},
    "amannn/action-semantic-pull-request": frozenset(("statuses",)),
    "anchore/sbom-action": _CONTENTS | {"actions"},
    "azure/container-scan": frozenset(("checks",)),
    "bufbuild/buf-action": _PULL_REQUESTS,
    "cloudflare/wrangler-action": frozenset(("deployments",)),
    "docker/scout-action": _COMMENTS,
    "dorny/test-reporter": frozenset(("checks",)),
    "enricomi/publish-unit-test-result-action": _COMMENTS | {"checks"},
    "github/codeql-action/analyze": _SCANNING,
    "github/codeql-action/autobuild": _SCANNING,
    "github/codeql-action/init": _SCANNING,
    "gitleaks/gitleaks-action": _COMMENTS,
    "goreleaser/goreleaser-action": _PROPOSES | {"discussions", "id-token", "packages"},
    "hashicorp/vault-action": frozenset(("id-token",)),
    "mikepenz/action-junit-report": _COMMENTS | {"checks"},
    "ossf/scorecard-action": frozenset(("id-token",)),
    "rustsec/audit-check": frozenset(("checks", "issues")),
    "zizmorcore/zizmor-action": _SCANNING,
}
"""Those that write with no other scopes than these, and by what they are told with some of them or none."""
_WITH_INPUT: Mapping[str, tuple[str, str]] = {
    "actions/dependency-review-action": ("comment-summary-in-pr", "pull-requests"),
    "azure/login": ("client-id", "id-token"),
    "codecov/codecov-action": ("use_oidc", "id-token"),
    "google-github-actions/auth": ("workload_identity_provider", "id-token"),
    "step-security/harden-runner": ("policy", "id-token"),
}
"""Those that use a scope where an input asks for it, and else none:
https://github.com/actions/dependency-review-action#configuration-options"""
_NOT_ASKED = frozenset(("", "false", "never"))
_ELSEWHERE = "config-file"
"""The input that names a file, in which another one may stand."""
_WITHOUT_INPUT: Mapping[str, tuple[str, str]] = {
    "pypa/gh-action-pypi-publish": ("password", "id-token"),
}
"""Those that use a scope unless they are given an input:
https://github.com/pypa/gh-action-pypi-publish#trusted-publishing"""
_DISCUSSES = "discussion_category_name"
"""The input by which creators of releases start a discussion, too:
https://github.com/softprops/action-gh-release#permissions"""
_READERS = frozenset(("dorny/paths-filter", "golangci/golangci-lint-action", "tj-actions/changed-files"))
"""Actions that read with the token, and write nothing by it.

https://github.com/dorny/paths-filter#notes
https://github.com/golangci/golangci-lint-action#annotations
"""
_WHERE_ASKED = {"golangci/golangci-lint-action": "only-new-issues"}
"""The input without which one of them reads nothing."""
AGENTS = frozenset(
    (
        "anthropics/claude-code-action",
        "anthropics/claude-code-base-action",
        "google-github-actions/run-gemini-cli",
        "openai/codex-action",
    )
)
"""Repositories of actions that let a model run commands in the workspace, git for one."""

_PUBLISHES = regex(
    r"attest|build|changeset|chart|container|crane|deliver|deploy|docker|gem|ghcr|goreleaser|gradle|helm|image|kaniko|\bko\b|maven"
    r"|npm|nuget|oci|oras|pack|podman|publish|push|registry|release|github-script|semantic|sign|upload",
    re.IGNORECASE,
)
"""In the name of an action that may put packages somewhere, or attest to what it has made."""
_OF_PACKAGES = regex(
    r"container|docker|ghcr|image|\boci\b|package|publish|push|registry|token", re.IGNORECASE
)
"""In what such an action is given."""
_OF_ATTESTATIONS = regex(r"attest|provenance|sbom|sign|slsa", re.IGNORECASE)
_OF_SCANS = regex(
    r"analy|check|codeql|grype|lint|sarif|scan|score|secur|semgrep|snyk|sonar|trivy|upload|vuln",
    re.IGNORECASE,
)
_SIGNS: Mapping[str, tuple[re.Pattern[str], ...]] = {
    "packages": (_PUBLISHES, _OF_PACKAGES),
    "attestations": (
        regex(f"{_PUBLISHES.pattern}|{_OF_ATTESTATIONS.pattern}", re.IGNORECASE),
        _OF_ATTESTATIONS,
    ),
    "security-events": (_OF_SCANS, _OF_SCANS),
}
"""What shows that an action may write with a scope: in its name, and in what it is given."""


def is_reader(step: Step) -> bool:
    """Whether an action reads pull requests and code with the token at most."""
    return step.uses is not None and step.uses.action in _READERS


def reads_pull_requests(step: Step) -> bool:
    """Whether an action reads the pull request that it runs for: what that changes."""
    if step.uses is None or not is_reader(step):
        return False
    given = step.input(_WHERE_ASKED.get(step.uses.action, ""))
    return step.uses.action not in _WHERE_ASKED or (given is not None and given.value not in ("", "false"))


def scopes_of_action(step: Step) -> frozenset[str] | None:
    """The scopes that the action of a step may write with, but for the pushes behind a login; None where we don't know it."""
    action = step.uses.action if step.uses else ""
    meant = scopes_meant(step)
    if meant is not None:
        return meant
    return _MAY_WRITE.get(action)


def scopes_meant(step: Step) -> frozenset[str] | None:
    """The scopes that the action of a step is there to write with, none for many; None where we can't tell."""
    action = step.uses.action if step.uses else ""
    if action in _QUIET:
        return _NONE
    if action in _WITH_INPUT and step.input(_ELSEWHERE) is None:
        name, scope = _WITH_INPUT[action]
        given = step.input(name)
        is_for_another = scope == "pull-requests" and has_own_token(step)
        is_asked = given is not None and given.value not in _NOT_ASKED and not is_for_another
        return frozenset((scope,)) if is_asked else _NONE
    if action in _WITHOUT_INPUT:
        name, scope = _WITHOUT_INPUT[action]
        given = step.input(name)
        return frozenset((scope,)) if given is None or given.value == "" else _NONE
    if action == SBOM_ACTION and not may_attach(step):
        return _NONE
    if action in _BY_ENVIRONMENT and has_own_token_in_environment(step):
        return _NONE
    if action in _WRITES and (finds_own_token(step) if action in BY_TOKEN_FOUND else has_own_token(step)):
        return _NONE
    graph = step.input("dependency-graph") if action in _OF_GRADLE else None
    if graph is not None and "submit" in graph.value:
        comments = step.input("add-job-summary-as-pr-comment") is not None
        return _NONE if has_own_token(step) else _CONTENTS | (_PULL_REQUESTS if comments else _NONE)
    if graph is not None and action in _WRITES and "${{" not in graph.value:
        return _NONE
    discusses = step.input(_DISCUSSES) is not None
    return _WRITES[action] | ({"discussions"} if discusses else _NONE) if action in _WRITES else None


def may_write_contents(action: str) -> bool | None:
    """Whether an action may write to a repository, with whatever token; None where we don't know it."""
    quiet = _NONE if action in _QUIET else None
    scopes = _WRITES.get(action, _MAY_WRITE.get(action, quiet))
    return None if scopes is None else "contents" in scopes


def may_be_for(step: Step, scope: str) -> bool:
    """Whether an action that we don't know may write with a scope.

    For packages, attestations and code scanning its name, or what it is given, says so, or it is of this repository; the
    others any may.
    """
    signs = _SIGNS.get(scope)
    if signs is None or step.uses is None or step.uses.is_local or not step.uses.owner:
        return True
    of_name, of_inputs = signs
    return bool(of_name.search(step.uses.action) or any(map(of_inputs.search, written(step))))


def written(step: Step) -> Iterator[str]:
    """What is written as inputs and environment of a step."""
    for node in (step.inputs, step.env):
        for pair in strings(node).items():
            yield from pair
