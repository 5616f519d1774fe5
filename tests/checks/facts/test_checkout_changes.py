"""What is asked before a checkout moves to a newer release, and whose move nothing can notice."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.upgrade.all_changes import questions
from checks.facts.upgrade.checkout_changes import is_unnoticed
from checks.facts.upgrade.upgrades import Upgrade
from checks.facts.workflow.composite_actions import parse_action
from checks.source.snapshot import Snapshot
from checks.source.text import Text
from tests.checks.upgrades import check_questions, move
from tests.checks.workflow import job


@pytest.mark.parametrize(
    ("uses", "inputs"), [("actions/checkout@v5", ""), ("actions/checkout@v6", "ref: main")]
)
def test_a_checkout_that_nobody_uses_is_asked_nothing(uses: str, inputs: str) -> None:
    check_questions(move(uses, inputs), [])


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
    ("on", "condition", "is_asked"),
    [
        ("workflow_run", "github.event.workflow_run.event == 'push'", False),
        ("workflow_run", "github.event.workflow_run.event != 'push'", True),
        ("workflow_run", "github.event.workflow_run.conclusion == 'success'", True),
        ("workflow_run", "github.event.workflow_run.head_branch == 'main'", True),
        ("workflow_run", "github.event.workflow_run.head_repository.full_name == github.repository", False),
        ("workflow_run", "github.event.workflow_run.head_repository.full_name == 'acme/web'", False),
        ("workflow_run", "${{ !github.event.workflow_run.head_repository.fork }}", False),
        (
            "[workflow_run, workflow_dispatch]",
            "github.event_name == 'workflow_dispatch' || github.event.workflow_run.event == 'push'",
            False,
        ),
        ("pull_request_target", "github.event.pull_request.head.repo.full_name == github.repository", False),
        ("pull_request_target", "github.repository == 'acme/web'", True),
        (
            "[workflow_run, workflow_call]",
            "github.event.workflow_run.event == 'push'",
            True,
        ),
    ],
)
def test_a_condition_that_keeps_the_code_of_forks_out(on: str, condition: str, is_asked: bool) -> None:
    uses = "actions/checkout@v6.0.2"
    (step,) = job(f"if: {condition}\nsteps:\n  - uses: {uses}\n    with: {{ref: x}}\n", on).steps
    assert step.uses
    names = {"workflow_run", "pull_request_target"}
    asked = questions(Upgrade(step.uses, step, events=names, slug="acme/web"))
    assert any("never a fork's" in one for one in asked) is is_asked


@pytest.mark.parametrize(
    ("condition", "is_asked"),
    [
        ("github.repository == 'acme/web'", True),
        ("github.repository_owner == 'acme'", True),
        ("github.event.pull_request.head.repo.full_name == github.repository", False),
        ("github.event.pull_request.head.repo.full_name == 'acme/web'", False),
        ("github.event.pull_request.head.repo.owner.login == 'acme'", False),
    ],
)
def test_a_condition_in_a_repository_whose_name_is_not_known(condition: str, is_asked: bool) -> None:
    content = f"if: {condition}\nsteps:\n  - uses: actions/checkout@v6.0.2\n    with: {{ref: x}}\n"
    (step,) = job(content, "pull_request_target").steps
    assert step.uses
    asked = questions(Upgrade(step.uses, step, events={"pull_request_target"}))
    assert any("never a fork's" in one for one in asked) is is_asked


@pytest.mark.parametrize(
    ("inputs", "later", "is_asked"),
    [
        ("{}", "uses: peter-evans/create-pull-request@v6", False),
        ("{}", "uses: peter-evans/create-pull-request@v8", False),
        ("{}", "uses: peter-evans/create-pull-request@v1.6.0", True),
        ("{}", f"uses: peter-evans/create-pull-request@{'0' * 40}", True),
        ("{persist-credentials: false}", "uses: peter-evans/create-pull-request@v1.6.0", False),
        ("{}", "uses: ./publish", True),
        ("{}", "uses: someone/changelog-parser-action@v1", False),
        ("{}", "uses: someone/changelog-action@v1", True),
        ("{}", "uses: helm/chart-releaser-action@v1.4.0", False),
        ("{}", "uses: rickstaa/action-create-tag@v1", False),
        ("{}", "uses: mathieudutour/github-tag-action@v6.2", False),
        ("{}", "uses: someone/semantic-release-action@v4", True),
        ("{}", "uses: amannn/action-semantic-pull-request@v5", False),
        ("{}", "uses: wagoid/commitlint-github-action@v6", False),
        ("{}", "uses: someone/read-version-action@v1", False),
        ("{}", "uses: someone/bump-version-action@v1", True),
        ("{}", "uses: someone/go-version-action@v1", False),
        ("{}", "uses: someone/bump-go-version@v1", True),
        ("{}", "uses: someone/npm-version-action@v1", True),
        ("{}", "uses: someone/auto-approve-action@v4", False),
        ("{}", "uses: someone/release-labels@v4", False),
        ("{}", "uses: someone/bump-version-by-label@v4", True),
        ("{}", "uses: someone/label-and-push@v4", True),
        ("{}", "uses: someone/install-and-commit@v4", True),
        ("{}", "uses: someone/upload-release-assets@v4", False),
        ("{}", "uses: someone/upload-to-github-release@v1", False),
        ("{}", "uses: someone/deployment-status@v2", False),
        ("{}", "uses: someone/deployment-action@v2", True),
        ("{}", "uses: chrnorm/deployment-action@v2", False),
        ("{}", "uses: someone/validate-dependabot@v1", False),
        ("{}", "uses: getsentry/action-release@v3", False),
        ("{}", "run: docker run -v $PWD:/src acme/release git push", True),
        ("{}", "run: docker run -v $PWD:/src acme/builder make site", False),
        ("{}", "run: docker run -v $PWD:/src acme/builder make site && echo 'kept by push runs'", False),
        ("{}", "run: echo 'git push' | docker run -v $PWD:/src acme/builder sh", True),
        ("{}", "run: docker run -v $PWD:/src acme/builder sh -c 'echo it; git push'", True),
        ("{}", "run: docker run -v /var/run/docker.sock:/var/run/docker.sock acme/web git push", False),
        ("{}", "run: docker run --mount type=bind,src=/etc/keys,dst=/keys acme/web git push", False),
        ("{}", "run: docker run -v /etc/keys:/keys -v .:/src acme/web git push", True),
        ("{}", "run: docker run -v /tmp/copy:/src acme/web git push", True),
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
        ("{}", "uses: jamesives/github-pages-deploy-action@v4", False),
        (
            "{}",
            "{uses: JamesIves/github-pages-deploy-action@v4, with: {token: '${{ github.token }}'}}",
            False,
        ),
        ("{}", "{uses: JamesIves/github-pages-deploy-action@v4, with: {token: '${{ secrets.BOT }}'}}", True),
        (
            "{}",
            "{uses: JamesIves/github-pages-deploy-action@v4, with: {token: '${{ secrets.BOT || github.token }}'}}",
            True,
        ),
        ("{token: '${{ secrets.BOT }}'}", "uses: jamesives/github-pages-deploy-action@v4", True),
        ("{ssh-key: '${{ secrets.KEY }}'}", "uses: jamesives/github-pages-deploy-action@v4", True),
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
    ("ignored", "is_asked"),
    [
        ("dependency-name: peter-evans/create-pull-request", True),
        (
            "dependency-name: peter-evans/create-pull-request, update-types: ['version-update:semver-minor']",
            False,
        ),
        ("dependency-name: actions/cache", False),
    ],
)
def test_what_pushes_is_asked_after_where_it_does_not_move_along(ignored: str, *, is_asked: bool) -> None:
    steps = "[{uses: actions/checkout@v4}, {uses: peter-evans/create-pull-request@v6}]"
    files = {
        ".github/workflows/w.yml": f"on: push\njobs: {{j: {{runs-on: x, steps: {steps}}}}}\n",
        ".github/dependabot.yml": f"updates: [{{package-ecosystem: github-actions, ignore: [{{{ignored}}}]}}]\n",
    }
    repo = Repository(Snapshot.of(files))
    step = next(iter(repo.steps))
    assert step.uses
    assert any("keeps it" in one for one in questions(repo.upgrade_of(step.uses, step))) is is_asked


@pytest.mark.parametrize(
    ("later", "is_asked"),
    [
        ("run: npm test", False),
        ("run: git push", True),
        ("run: make release", True),
        ("run: echo hash=$(git hash-object CMakeLists.txt) >> $GITHUB_OUTPUT", False),
        ("run: add-apt-repository -y ppa:git-core/ppa && apt-get install -y git", False),
        ("run: add-apt-repository -y ppa:git-core/ppa && git push", True),
        ('run: git config --global --add safe.directory "$GITHUB_WORKSPACE"', False),
        ("run: git -C web --no-pager log -1 && git rev-parse HEAD > commit", False),
        ('run: make VERSION="$(git describe --tags)"', False),
        ('run: git log "$(git push)"', True),
        ("run: git config user.name bot && make site", True),
        ("run: git config --get user.name", False),
        ("run: git config url.https://bot@github.com.insteadOf https://github.com", True),
        ("run: git -c alias.log=push log", True),
        ("run: git fetch origin main", True),
        ("run: git diff --quiet || git commit -a -m x", True),
        ("run: ./.ci/check-release-keys", False),
        ("run: ./.ci/check-release-keys --push", True),
        ("run: ./.ci/check-and-release", True),
        ("run: ./.ci/checkout-release", True),
        ("run: bash ci/verify-release.sh && npm run lint:release", False),
        ("run: bash -c 'check-keys; git push'", True),
        ("run: ./ci/test-release.sh", True),
        ("run: ./ci/test-git.sh", False),
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
    ("folder", "behind", "around", "later", "is_asked"),
    [
        (".github/actions/get", "run: make", "run: make", "run: make", False),
        (".github/actions/get", "uses: acme/push-back@v1", "run: make", "run: make", True),
        (".github/actions/get", "run: make", "uses: acme/push-back@v1", "run: make", True),
        (".github/actions/get", "run: make", "run: make", "uses: acme/push-back@v1", True),
        ("get", "run: make", "run: make", "run: make", True),
    ],
)
def test_what_runs_behind_a_checkout_in_an_action(
    folder: str, behind: str, around: str, later: str, *, is_asked: bool
) -> None:
    """`behind` it in the action itself, in the action `around` that, and `later` in the job."""
    outer = ".github/actions/outer"
    files = {
        f"{folder}/action.yml": f"runs: {{using: composite, steps: [{{uses: actions/checkout@v5}}, {{{behind}, shell: bash}}]}}\n",
        f"{outer}/action.yml": f"runs: {{using: composite, steps: [{{uses: ./{folder}}}, {{{around}, shell: bash}}]}}\n",
        ".github/workflows/w.yml": f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - uses: ./{outer}\n      - {later}\n",
    }
    repo = Repository(Snapshot.of(files))
    step = next(one for one in repo.steps if one.uses and one.uses.repository == "actions/checkout")
    assert step.uses
    assert any("keeps it" in one for one in questions(repo.upgrade_of(step.uses, step))) is is_asked
