"""Action is used at a branch

`uses: owner/action@main` runs whatever the branch holds at that moment. The next push to it, by its
maintainers or by whoever takes their account over, runs in the job with the job's token and secrets,
and nothing in this repository changes. That is how malicious code reached users of
`aquasecurity/trivy-action` in March 2026.

Use the commit of a release and keep the version in a comment, where Dependabot updates both:

    uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0

The fix names

- the commit of the newest release, or of an action without releases the one that the branch is at now
- where our table has no release, the commit of another step here that pins the action to one, or to the branch
- else, with a question, a commit that another step names without saying of what, if it is the only one

It asks after what has changed where it leaves an old branch that nobody moves, but for an `actions/checkout@master` that
no later step can tell from a newer one.

`trufflesecurity/trufflehog`, which runs the newest release of its program whatever its commit, is told a
`version`, too.

The uses of one file are told together, by the job with the most at stake. It is

- an error where the job has secrets, or a token that writes to code, images or releases
- a note where the token only reads, and where nothing but pull requests starts the job and it has neither
  secrets nor such a token by its block
- a note for actions of the owner's other organisations, and of one whom `CODEOWNERS` names as an owner of all
  files (`*`), who can write to the repository; and for workflows of an owner of whom one inherits the secrets
  here
- else a warning: for GitHub's own actions, too, and where nothing but pull requests starts a job with such
  secrets or such a token: those of forks and bots have neither

In a reusable workflow that nothing says other repositories call, a job without a block has the token of the jobs here
that call it, and is started by what starts these.

The check is silent

- in steps and jobs that no run comes to, since a step ahead stops on every run
- for actions of the repository's own owner, of one under whom its files name, check out or ask for it, and of the organisation
  whose teams `CODEOWNERS` names
- for `dtolnay/rust-toolchain` and `google/oss-fuzz`, whose branches are meant
- for repositories known to be archived, which nobody can push to, and for branches known to be gone (`unresolvable-action-ref`)
- behind `# ratchet:exclude`, where a comment at the step, or beside the workflow that a job calls, says why it is that branch, and for actions whose versions Dependabot is told to leave out, all of them
- in an action under `.github` that nothing here uses
- in jobs whose `if` asks for another repository or owner than this one
- in a workflow that `.github/workflows/actions.lock` covers, where the lockfile decides the commit

References:

- https://docs.github.com/en/actions/reference/security/secure-use#using-third-party-actions
- https://github.com/aquasecurity/trivy/security/advisories/GHSA-69fq-xp46-6x23
- https://docs.github.com/en/actions/concepts/security/workflow-dependency-lockfiles
- https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from checks.check import (
    Applicability,
    Check,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Outside,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.action.kept_tags import is_kept_at_branch
from checks.facts.action.pin_edits import pin
from checks.facts.action.pin_targets import latest, pinned, pinned_alone, pinned_as
from checks.facts.action.releases import Release
from checks.facts.action.stopping_actions import is_gone
from checks.facts.action.updaters import is_left_alone
from checks.facts.action.upstream import Upstream, is_archived
from checks.facts.action.version_comments import is_left_at_its_name
from checks.facts.action.versions import tag_of
from checks.facts.upgrade.all_changes import questions, why_held
from checks.facts.upgrade.checkout_changes import is_unnoticed
from checks.facts.upgrade.former_names import moved_away
from checks.facts.upgrade.move_cautions import CHECKOUT, OF_RUNNERS, caution
from checks.facts.upgrade.upgrades import Upgrade
from checks.facts.workflow.composite_actions import CompositeAction
from checks.facts.workflow.stakes import BY_WEIGHT, GITHUBS, Stake, stake_of
from checks.facts.workflow.step_edits import programs_held
from checks.facts.workflow.uses import ActionUse
from checks.facts.workflow.workflows import Job, Step, Workflow

_BRANCHES = frozenset(("master", "main", "develop", "development", "dev", "trunk"))
"""Names that are branches wherever they are used."""
_LEFT = "master"
"""The branch that GitHub's own actions were on until 2020, and left behind where they moved to `main`."""
_LEFT_LATER = {
    "actions/cache": 2022,
    "actions/setup-node": 2021,
    "coverallsapp/github-action": 2023,
    "elgohr/publish-docker-github-action": 2022,
    "expo/expo-github-action": 2021,
}
"""Actions of others that left that branch behind, and GitHub's that did so later than most, and when.

https://github.com/coverallsapp/github-action/commits/master, https://github.com/actions/cache/commits/master
"""
_LEFT_AT = {CHECKOUT: "v2.3.1"}
"""Of those whose every change since then is known the release with the code that the branch has.

https://github.com/actions/checkout/commits/master
"""
_REF_IS_AN_ARGUMENT = frozenset(("dtolnay/rust-toolchain",))
"""Actions that read their own ref: `@stable` and `@master` mean different toolchains."""
_IS_A_TAG = frozenset((("aws-actions/configure-aws-credentials", "master"),))
"""Names of branches that are a tag here: https://github.com/aws-actions/configure-aws-credentials/tags"""
_MEANT_FOR_BRANCH = frozenset(("google/oss-fuzz",))
"""Without releases, by design: https://google.github.io/oss-fuzz/getting-started/continuous-integration/"""

check = Check(
    id="action-on-branch",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.ACTIONS_LOCK, Kind.DEPENDABOT),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    tags=("security", "pinning"),
    security_severity=7.5,
    peers=("zizmor:unpinned-uses",),
    follows=("build-input-does-not-exist",),
    examples=(
        Example(
            title="Dependabot is told to leave the actions of a repository at their names, and of another their major versions",
            files="""\
-- .github/workflows/build.yml --
on: push
permissions: {contents: write}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/actions/setup@main
      - uses: acme/release@main
      - run: make release
-- .github/dependabot.yml --
version: 2
updates:
  - package-ecosystem: github-actions
    directory: /
    schedule: {interval: monthly}
    ignore:
      - dependency-name: "*"
        update-types: [version-update:semver-patch]
      - dependency-name: acme/actions/*
      - dependency-name: acme/release
        update-types: [version-update:semver-major]
""",
            at="acme/release@main",
        ),
        Example(
            title="an action whose releases we don't know, pinned to one by another workflow",
            files="""\
-- .github/workflows/preview.yml --
on: push
permissions: {contents: read}
jobs:
  preview:
    runs-on: ubuntu-latest
    steps:
      - uses: stranger/fetch-asset@main
        with: {token: '${{ secrets.TOKEN }}'}
-- .github/workflows/release.yml --
on: push
permissions: {contents: read}
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: stranger/fetch-asset@6bc7a6b3ea4a3b2bb0f1d0d0a2c5a5e9a7f0c111 # 1.1.2
""",
            at="stranger/fetch-asset@main",
            fixed="""\
-- .github/workflows/preview.yml --
on: push
permissions: {contents: read}
jobs:
  preview:
    runs-on: ubuntu-latest
    steps:
      - uses: stranger/fetch-asset@6bc7a6b3ea4a3b2bb0f1d0d0a2c5a5e9a7f0c111 # 1.1.2
        with: {token: '${{ secrets.TOKEN }}'}
""",
        ),
        Example(
            title="a reusable workflow of a repository of which another folder is pinned: its commit may be older than the file",
            files=f"""\
-- .github/workflows/titles.yml --
on: pull_request
jobs:
  titles:
    permissions: {{pull-requests: write}}
    uses: stranger/parts/.github/workflows/titles.yml@main
-- .github/workflows/test.yml --
on: pull_request
permissions: {{}}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: stranger/parts/wait@{"e" * 40} # 0.4.0
""",
            at="stranger/parts/.github/workflows/titles.yml@main",
        ),
        Example(
            title="an action that another workflow pins to a commit of the branch, by its name alone; one that two pin so",
            files=f"""\
-- .github/workflows/preview.yml --
on: push
permissions: {{contents: read}}
jobs:
  preview:
    runs-on: ubuntu-latest
    steps:
      - uses: stranger/fetch-asset@main
      - uses: stranger/send-asset@main
-- .github/workflows/release.yml --
on: push
permissions: {{contents: read}}
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: stranger/fetch-asset@{"a" * 40} # main
      - uses: stranger/send-asset@{"b" * 40} # main
      - uses: stranger/send-asset@{"c" * 40} # main
""",
            at=("stranger/fetch-asset@main", "stranger/send-asset@main"),
            fixed=f"""\
-- .github/workflows/preview.yml --
on: push
permissions: {{contents: read}}
jobs:
  preview:
    runs-on: ubuntu-latest
    steps:
      - uses: stranger/fetch-asset@{"a" * 40} # main
      - uses: stranger/send-asset@main
""",
        ),
        Example(
            title="an action that other steps pin to one commit, with no word of what that is; one that they pin to two, and another path",
            files=f"""\
-- .github/workflows/preview.yml --
on: push
permissions: {{contents: read}}
jobs:
  preview:
    runs-on: ubuntu-latest
    steps:
      - uses: stranger/fetch-asset@main
      - uses: stranger/send-asset@main
      - uses: stranger/assets/list@main
-- .github/workflows/release.yml --
on: push
permissions: {{contents: read}}
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      # not at main: this one has the token
      - uses: stranger/fetch-asset@{"a" * 40}
      - uses: stranger/fetch-asset@{"a" * 40} # for the second one
      - uses: stranger/send-asset@{"b" * 40}
      - uses: stranger/send-asset@{"c" * 40}
      - uses: stranger/assets/drop@{"d" * 40}
""",
            at=("stranger/fetch-asset@main", "stranger/send-asset@main", "stranger/assets/list@main"),
            fixed=f"""\
-- .github/workflows/preview.yml --
on: push
permissions: {{contents: read}}
jobs:
  preview:
    runs-on: ubuntu-latest
    steps:
      - uses: stranger/fetch-asset@{"a" * 40}
      - uses: stranger/send-asset@main
      - uses: stranger/assets/list@main
""",
        ),
        Example(
            title="twice in one job",
            files="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@master
        with: {image-ref: acme/web}
        env: {TRIVY_PASSWORD: '${{ secrets.REGISTRY_PASSWORD }}'}
      - uses: aquasecurity/trivy-action@master
        with: {image-ref: acme/api}
""",
            at="aquasecurity/trivy-action@master",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
        with: {image-ref: acme/web}
        env: {TRIVY_PASSWORD: '${{ secrets.REGISTRY_PASSWORD }}'}
      - uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
        with: {image-ref: acme/api}
""",
        ),
        Example(
            title="in three jobs, of which the second has a secret",
            files="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  web:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@master
        with: {image-ref: acme/web}
  api:
    runs-on: ubuntu-latest
    steps:
      - uses: 'aquasecurity/trivy-action@master'
        with: {image-ref: acme/api}
        env: {TRIVY_PASSWORD: '${{ secrets.REGISTRY_PASSWORD }}'}
  docs:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@master
        with: {scan-type: fs}
""",
            at="'aquasecurity/trivy-action@master'",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  web:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
        with: {image-ref: acme/web}
  api:
    runs-on: ubuntu-latest
    steps:
      - uses: 'aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25' # v0.36.0
        with: {image-ref: acme/api}
        env: {TRIVY_PASSWORD: '${{ secrets.REGISTRY_PASSWORD }}'}
  docs:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
        with: {scan-type: fs}
""",
        ),
        Example(
            title="a scanner from `master`",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@master
        with:
          image-ref: acme/web
""",
            at="aquasecurity/trivy-action@master",
            fixed="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25 # v0.36.0
        with:
          image-ref: acme/web
""",
        ),
        Example(
            title="a workflow that GitHub refuses, as it calls one that is gone",
            files="""\
-- .github/workflows/release.yml --
on: {push: {tags: ['v*']}}
permissions: {contents: write}
jobs:
  build:
    uses: ./.github/workflows/build.yml
  release:
    needs: build
    runs-on: ubuntu-latest
    steps:
      - uses: someone/notes@main
        with: {token: '${{ secrets.NOTES }}'}
""",
        ),
        Example(
            title="a branch that was left behind",
            files="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@master
""",
            at="actions/checkout@master",
            fixed="""\
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
""",
        ),
        Example(
            title="a branch of somebody else that was left behind",
            files="""\
-- .github/workflows/build.yml --
on: push
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: coverallsapp/github-action@master
""",
            at="coverallsapp/github-action@master",
            fixed="""\
-- .github/workflows/build.yml --
on: push
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: coverallsapp/github-action@8d6379e14d29928660c4ba802d8e85393440b329 # v2.3.8
""",
        ),
        Example(
            title="one whose releases since then are called by one number",
            files="""\
-- .github/workflows/build.yml --
on: push
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: elgohr/Publish-Docker-Github-Action@master
        with: {name: acme/web}
""",
            at="elgohr/Publish-Docker-Github-Action@master",
            fixed="""\
-- .github/workflows/build.yml --
on: push
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: elgohr/Publish-Docker-Github-Action@1c2f28ccd9476e8a936ac9a1f287405504c93304 # v5
        with: {name: acme/web}
""",
        ),
        Example(
            title="an action that has moved to another repository: that is to be named first",
            files="""\
-- .github/workflows/lint.yml --
on: push
permissions: {contents: read}
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: jamescurtin/isort-action@master
""",
            at="jamescurtin/isort-action@master",
        ),
        Example(
            title="an action whose tags have no v",
            files="""\
-- .github/workflows/build.yml --
on: push
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: superfly/flyctl-actions/setup-flyctl@master
""",
            at="superfly/flyctl-actions/setup-flyctl@master",
            fixed="""\
-- .github/workflows/build.yml --
on: push
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: superfly/flyctl-actions/setup-flyctl@ed8efb33836e8b2096c7fd3ba1c8afe303ebbff1 # 1.6
""",
        ),
        Example(
            title="a comment about an action whose tags have no v",
            files="""\
-- .github/workflows/build.yml --
on: push
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: shivammathur/setup-php@main # the newest
""",
            at="shivammathur/setup-php@main",
            fixed="""\
-- .github/workflows/build.yml --
on: push
permissions: {contents: read}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: shivammathur/setup-php@f3e473d116dcccaddc5834248c87452386958240 # 2.37.2, the newest
""",
        ),
        Example(
            title="quotes and a comment stay",
            files="""\
-- action.yml --
name: scan
runs:
  using: composite
  steps:
    - uses: "aquasecurity/trivy-action@master"  # the scanner
""",
            at='"aquasecurity/trivy-action@master"',
            fixed="""\
-- action.yml --
name: scan
runs:
  using: composite
  steps:
    - uses: "aquasecurity/trivy-action@ed142fd0673e97e23eac54620cfb913e5ce36c25"  # v0.36.0, the scanner
""",
        ),
        Example(
            title="no release is known, so there is nothing to pin to",
            files="""\
-- .github/workflows/lint.yml --
on: push
jobs:
  lint:
    runs-on: ubuntu-latest
    steps:
      - uses: someone/linter@main
""",
            at="someone/linter@main",
        ),
        Example(
            title="an action that runs the newest release of its program unless told: that is held along, where no step says which",
            files="""\
-- .github/workflows/secrets.yml --
on: push
permissions: {contents: read}
jobs:
  secrets:
    runs-on: ubuntu-latest
    steps:
      - uses: trufflesecurity/trufflehog@main
        with:
          extra_args: --results=verified
      - uses: trufflesecurity/trufflehog@main
      - uses: trufflesecurity/trufflehog@main
        with: {version: 3.96.0}
""",
            at="trufflesecurity/trufflehog@main",
            fixed="""\
-- .github/workflows/secrets.yml --
on: push
permissions: {contents: read}
jobs:
  secrets:
    runs-on: ubuntu-latest
    steps:
      - uses: trufflesecurity/trufflehog@bcfcf73aaf4759d4dadc2783177c245a02792318 # v3.97.0
        with:
          extra_args: --results=verified
          version: 3.97.0
      - uses: trufflesecurity/trufflehog@bcfcf73aaf4759d4dadc2783177c245a02792318 # v3.97.0
        with:
          version: 3.97.0
      - uses: trufflesecurity/trufflehog@bcfcf73aaf4759d4dadc2783177c245a02792318 # v3.97.0
        with: {version: 3.96.0}
""",
        ),
        Example(
            title="GitHub said which release is the newest",
            files="""\
-- .github/workflows/ci.yml --
on: push
jobs:
  ci:
    runs-on: ubuntu-latest
    steps:
      - uses: someone/notify@main
""",
            at="someone/notify@main",
            fixed=f"""\
-- .github/workflows/ci.yml --
on: push
jobs:
  ci:
    runs-on: ubuntu-latest
    steps:
      - uses: someone/notify@{"a" * 40} # v1.4.0
""",
            outside=Outside(
                actions={"someone/notify": Upstream({}, newest="v1.4.0", newest_commit="a" * 40)}
            ),
        ),
        Example(
            title="a reusable workflow of somebody else",
            files="""\
-- .github/workflows/call.yml --
on: push
jobs:
  build:
    uses: someone/workflows/.github/workflows/build.yml@main
""",
            at="someone/workflows/.github/workflows/build.yml@main",
        ),
        Example(
            title="an action of the same owner",
            files="""\
-- .github/workflows/ci.yml --
on: push
jobs:
  ci:
    runs-on: ubuntu-latest
    steps:
      - uses: acme/setup@main
""",
            outside=Outside(slug="Acme/web"),
        ),
        Example(
            title="the lockfile decides the commit",
            files="""\
-- .github/workflows/scan.yml --
on: push
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/trivy-action@master
-- .github/workflows/actions.lock --
version: 'v0.0.2'
workflows:
    '.github/workflows/scan.yml':
        - 'aquasecurity/trivy-action@master'
""",
        ),
        Example(
            title="a tag, a commit, a local action, an image, and a ref that is an argument",
            files="""\
-- .github/workflows/ci.yml --
on: push
jobs:
  ci:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/checkout@11d5960a326750d5838078e36cf38b85af677262
      - uses: ./actions/main
      - uses: docker://alpine:3.23
      - uses: dtolnay/rust-toolchain@master
""",
        ),
        Example(
            title="the repository by the owner that it had, and another action of that one",
            files="""\
-- .github/workflows/deploy.yml --
on: push
jobs:
  deploy:
    uses: acme-labs/web/.github/workflows/to.yml@main
    secrets: inherit
  notify:
    runs-on: ubuntu-latest
    steps:
      - uses: acme-labs/notify@main
""",
            paths=(".github/workflows/to.yml",),
            outside=Outside(slug="harbour/web"),
        ),
        Example(
            title="the owner that a checkout gives the repository, and one that a job asks for",
            files="""\
-- .github/workflows/notes.yml --
on: {push: {branches: [main]}}
permissions: {}
jobs:
  notes:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with: {repository: HarbourHQ/web}
      - uses: harbourhq/notes@main
        with: {token: '${{ secrets.NOTES }}'}
  tell:
    if: github.repository == 'acme-labs/web' || github.event_name == 'push'
    runs-on: ubuntu-latest
    steps:
      - uses: acme-labs/notify@main
        with: {token: '${{ secrets.CHAT }}'}
""",
            outside=Outside(slug="harbour/web"),
        ),
        Example(
            title="the owners of other repositories that are checked out, and of one beside this one",
            files="""\
-- .github/workflows/notes.yml --
on: {push: {branches: [main]}}
permissions: {}
jobs:
  notes:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with: {repository: someone/web, path: theirs}
      - uses: someone/notes@main
        with: {token: '${{ secrets.NOTES }}'}
  tell:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with: {repository: anybody/shop}
      - uses: anybody/notify@main
        with: {token: '${{ secrets.CHAT }}'}
  ask:
    if: ${{ !(github.repository == 'nobody/web') }}
    runs-on: ubuntu-latest
    steps:
      - uses: nobody/ask@main
        with: {token: '${{ secrets.CHAT }}'}
""",
            at=("someone/notes@main", "anybody/notify@main", "nobody/ask@main"),
            outside=Outside(slug="harbour/web"),
        ),
        Example(
            title="a mirror: jobs for the owner of the original only",
            files="""\
-- .github/workflows/mirror.yml --
on: {push: {branches: [main]}}
permissions: {}
jobs:
  mirror:
    if: ${{ github.repository_owner == 'HarbourHQ' }}
    uses: HarbourHQ/workflows/.github/workflows/mirror.yml@main
  tell:
    if: github.repository == 'harbourhq/web'
    runs-on: ubuntu-latest
    steps:
      - uses: someone/notify@main
        with: {token: '${{ secrets.CHAT }}'}
""",
            outside=Outside(slug="harbour/web"),
        ),
        Example(
            title="an action that is documented with its branch; one of the owner, in other letters",
            files="""\
-- .github/workflows/fuzz.yml --
on: pull_request
permissions: {contents: read}
jobs:
  fuzz:
    runs-on: ubuntu-latest
    steps:
      - uses: google/oss-fuzz/infra/cifuzz/actions/build_fuzzers@master
      - uses: SonarSource/sonarcloud-github-action@master
        with: {oss-fuzz-project-name: web}
      - uses: ACME/setup@main
""",
            outside=Outside(slug="acme/web"),
        ),
        Example(
            title="actions of the repository's own jobs that none of them uses",
            files="""\
-- .github/workflows/template-test/action.yaml --
runs:
  using: composite
  steps:
    - uses: someone/scan@main
-- .github/actions/scan/action.yml --
runs:
  using: composite
  steps:
    - uses: someone/scan@main
-- .github/workflows/ci.yml --
on: push
jobs:
  ci:
    runs-on: ubuntu-latest
    steps:
      - uses: ./.github/actions/build
-- .github/actions/build/action.yml --
runs:
  using: composite
  steps:
    - run: make
      shell: bash
""",
        ),
        Example(
            title="comments that say why it is the branch, and that it is meant",
            files="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: someone/tools@main # https://github.com/someone/tools#why-is-it-used-at-main
      # Deliberately the branch:
      # `main` has the list of today.
      - uses: someone/scan@main
      # Intentionally running from main.
      - uses: someone/lint@main
  call:
    # Main on purpose: it is released from there.
    uses: someone/flows/.github/workflows/scan.yml@main
""",
        ),
        Example(
            title="comments that name the branch on which something runs, with which it compares, or in an address, and one that asks why",
            files="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      # Deliberately only on main: pull requests deploy nothing
      - uses: someone/deploy@main
      # by design this runs after the merge to main
      - uses: someone/notify@main
      # deliberately compares with origin/main
      - uses: someone/diff@main
      - uses: someone/scan@main # why: https://github.com/someone/scan/blob/main/README.md
      - uses: someone/tools@main # not sure why this is main
      - uses: someone/lint@main # not intentionally main
""",
            at=(
                "someone/deploy@main",
                "someone/notify@main",
                "someone/diff@main",
                "someone/scan@main",
                "someone/tools@main",
                "someone/lint@main",
            ),
        ),
        Example(
            title="comments of another name, and of what is still to be done",
            files="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: someone/tools@main # why this, and not the maintenance tools
      # on main for now, which is not on purpose
      - uses: someone/scan@main
""",
            at=("someone/tools@main", "someone/scan@main"),
        ),
        Example(
            title="behind a step that stops for want of its folder",
            files="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: cd web/app
      - uses: someone/scan@main
""",
        ),
        Example(
            title="a branch that was deleted, and the one that took its place",
            files="""\
-- .github/workflows/formula.yml --
on: push
permissions: {contents: write}
jobs:
  old:
    runs-on: macos-latest
    steps:
      - uses: Homebrew/actions/setup-homebrew@master
  new:
    runs-on: macos-latest
    steps:
      - uses: Homebrew/actions/setup-homebrew@main
""",
            at="Homebrew/actions/setup-homebrew@main",
        ),
        Example(
            title="an action that is the data of a test",
            files="""\
-- crates/lint/tests/test-data/pins/action.yml --
runs:
  using: composite
  steps:
    - uses: someone/notify@main
""",
        ),
    ),
)


def run(repo: Repository) -> Iterator[Finding]:
    locked = repo.actions_lock.uses if repo.actions_lock else {}
    yield from repo.each((one for one in repo.files_of_steps if one.path not in locked), _in_file)


def _in_file(repo: Repository, file: Workflow | CompositeAction) -> Iterator[Finding]:
    jobs = {
        id(use.scalar): job
        for job in (file.jobs if isinstance(file, Workflow) else ())
        for use in (job.uses, *(step.uses for step in job.steps))
        if use is not None and use.ref in _BRANCHES
    }
    steps = {id(step.uses.scalar): step for step in file.steps if step.uses is not None}
    found: dict[tuple[str, str], list[ActionUse]] = {}
    for use in file.action_uses:
        if use.ref not in _BRANCHES or use.repository in _REF_IS_AN_ARGUMENT | _MEANT_FOR_BRANCH:
            continue
        if (use.repository, use.ref) in _IS_A_TAG:
            continue
        if is_archived(use, repo.outside.actions) or is_gone(use, repo.outside.actions):
            continue
        if is_left_at_its_name(use) or (repo.dependabot and is_left_alone(repo.dependabot, use.action)):
            continue
        if use.owner.lower() in repo.owners or is_kept_at_branch(use, steps.get(id(use.scalar))):
            continue
        if repo.comes_to(use):
            found.setdefault((use.repository, use.ref), []).append(use)
    for uses in found.values():
        stakes = [_stake(repo, jobs.get(id(use.scalar))) for use in uses]
        first = stakes.index(min(stakes, key=BY_WEIGHT.index))
        job = jobs.get(id(uses[first].scalar))
        is_early = job is not None and repo.is_for_pull_requests_alone(job)
        severity = _severity(uses[first].owner.lower(), repo.is_of_kin(uses[first]), stakes[first], is_early)
        action, pins = uses[first].repository, repo.pins_beside(uses[first])
        release = (
            latest(action, repo.outside.actions) or pinned(pins, uses[first]) or pinned_as(pins, uses[first])
        )
        ordered = [uses[first], *uses[:first], *uses[first + 1 :]]
        fixes, withheld = _offered(repo, ordered, release, steps)
        in_steps = all(id(use.scalar) in steps for use in uses)
        runner = (
            "The job calls" if not in_steps else "The step runs" if len(uses) == 1 else "Such a step runs"
        )
        yield _finding(ordered, fixes, withheld, stakes[first], severity, runner)


def _stake(repo: Repository, job: Job | None) -> Stake:
    return stake_of(job, repo.all_starts(job)) if job else Stake.UNKNOWN


def _severity(theirs: str, is_of_kin: bool, stake: Stake, is_early: bool) -> Severity:
    if stake in (Stake.NOTHING, Stake.PULL_REQUEST) or is_of_kin:
        return Severity.NOTE
    is_less = stake in (Stake.IDENTITY, Stake.UNKNOWN)
    return Severity.WARNING if theirs in GITHUBS or is_less or is_early else Severity.ERROR


def _finding(
    uses: list[ActionUse],
    fixes: tuple[Fix, ...],
    withheld: str,
    stake: Stake,
    severity: Severity,
    runner: str,
) -> Finding:
    """Of all uses of one file by the same name, that of the job with the most at stake ahead."""
    use, others = uses[0], uses[1:]
    name = code(f"{use.owner}/{use.name}")
    return Finding(
        message=f"{name} is used at its branch {code(use.ref)}.",
        consequence=f"That branch was left behind: what was repaired in {name} since {_left_since(use)} does not reach it."
        if _left_since(use)
        else f"{runner} whatever the branch holds when the job starts, {stake.value}; a push to {name} changes it with no change here.",
        location=use.location,
        related=tuple(
            Location(other.scalar.text, other.scalar.span, "uses it at the branch, too") for other in others
        ),
        fixes=fixes,
        withheld=withheld,
        severity=severity,
    )


def _left_since(use: ActionUse) -> int:
    """Since which year nobody moves the branch; 0 where somebody may."""
    if use.ref != _LEFT:
        return 0
    return _LEFT_LATER.get(use.repository, 2020 if use.owner.lower() in GITHUBS else 0)


def _offered(
    repo: Repository, uses: list[ActionUse], release: Release | None, steps: Mapping[int, Step]
) -> tuple[tuple[Fix, ...], str]:
    """The fixes, and why there is none."""
    if release is not None:
        withheld = next(filter(None, map(why_held, _from_left(repo, uses, steps))), "")
        return () if withheld else _fixes(repo, uses, release, steps), withheld
    other = pinned_alone(repo.pins_beside(uses[0]), uses[0])
    if other is not None:
        return _fixes_like(uses, other), ""
    name = code(f"{uses[0].owner}/{uses[0].name}")
    return (), moved_away(uses, steps.values()) or (
        f"our table has no release of {name}: pin to the commit of its newest one, or of {code(uses[0].ref)} where that is newer than any"
    )


def _fixes(
    repo: Repository, uses: list[ActionUse], release: Release, steps: Mapping[int, Step]
) -> tuple[Fix, ...]:
    use, asked = uses[0], _asked(repo, uses, steps)
    return offer(
        f"pin to the commit of {use.ref}"
        if release.version == use.ref
        else f"pin to {tag_of(use.repository, release.version)}",
        Applicability.UNSAFE if asked else Applicability.SAFE,
        *(edit for one in uses for edit in pin(one, release.version, release.commit)),
        *programs_held(steps.values(), uses, release.version),
        caution=f"{code(use.ref)} is an old branch that nobody moves: {asked[0].lower()}{asked[1:]}"
        if asked
        else "",
    )


def _asked(repo: Repository, uses: list[ActionUse], steps: Mapping[int, Step]) -> str:
    """What is asked before uses move from a branch that nobody moves; empty where no step can tell, and for other branches."""
    if not _left_since(uses[0]):
        return ""
    moving = _from_left(repo, uses, steps)
    asked = dict.fromkeys(question for one in moving for question in questions(one))
    if not all(one.step and repo.certainly_has_node24(one.step) for one in moving):
        asked[OF_RUNNERS] = None
    if moving and not asked and all(map(is_unnoticed, moving)):
        return ""
    return caution([uses[0].repository], list(asked), skips_a_major=True)


def _from_left(repo: Repository, uses: list[ActionUse], steps: Mapping[int, Step]) -> list[Upgrade]:
    """The moves of uses from the release that their branch was left at; none where that is not known."""
    at = _LEFT_AT.get(uses[0].repository) if uses[0].ref == _LEFT else None
    return [repo.upgrade_of(replace(one, ref=at), steps.get(id(one.scalar))) for one in uses] if at else []


def _fixes_like(uses: list[ActionUse], other: ActionUse) -> tuple[Fix, ...]:
    """To the commit of another step, of which it is not known what release it is."""
    place = other.location
    at = code(f"{place.path}:{place.line}")
    return offer(
        f"pin to the commit of {place.path}:{place.line}",
        Applicability.UNSAFE,
        *(edit for one in uses for edit in pin(one, "", other.ref)),
        caution=f"{at} has the only commit of {code(other.action)} that is named here, and nothing behind it says of which release: is it what this step should have?",
    )
