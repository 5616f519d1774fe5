"""Tool that vouches for images is installed in whatever version there is

The program that scans, signs or lists an image is part of the image's supply chain. Where its version is left
open, a release of tonight runs in the next build with the job's token: Trivy's 0.69.4, published by somebody
else in March 2026, read the credentials of the jobs that took the newest one. And a new major signs or
reports in another way, without a commit that says so: cosign 3 stores signatures where policies for cosign 2
don't look.

Name the release. The fix takes the one that the installer's address has in place of a branch, else that of a
variable beside the step which is named for it (`SYFT_VERSION`), and which the installer does not read, else the
newest that we know, for Go of the major version that the module's path names.

It is a note in jobs that are not seen to have a secret, an OIDC token or the right to push packages.

The check is silent

- for actions that pin their tool themselves (cosign-installer, sbom-action, scan-action and trivy-action
  unless told otherwise)
- where a version is given, also by a variable, and where a checksum or a signature is verified
- in the repositories of the tool's own project, which tries what is new
- for development containers and machines that people work on, which a script is for where its path says so, or
  where it speaks of a cluster that such a machine has (`minikube`), and nothing here runs it. A script that
  Terraform gives its machines as `user_data` is not for those.

References:

- https://github.com/advisories/GHSA-69fq-xp46-6x23
- https://github.com/aquasecurity/setup-trivy/blob/main/action.yaml
- https://github.com/sigstore/cosign-installer#usage
- https://github.com/anchore/syft#installation
- https://github.com/anchore/syft/blob/v1.51.0/install.sh
- https://minikube.sigs.k8s.io/docs/start/
- https://github.com/aquasecurity/trivy/blob/v0.74.0/contrib/install.sh
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, partial

from msgspec.structs import replace

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Kind,
    Location,
    Outside,
    Repository,
    Scope,
    Severity,
    Span,
    Text,
    code,
    offer,
)  # fmt: skip
from checks.facts.action.incidents import incident_of_tool
from checks.facts.action.releases import newest_tool, newest_tool_of
from checks.facts.script.followed import followed
from checks.facts.script.invocations import Invocation
from checks.facts.script.scripts import Command, Word
from checks.facts.token.permissions import access, has_id_token
from checks.facts.tree import replace_value
from checks.facts.workflow.step_edits import with_input
from checks.facts.workflow.workflows import Step
from checks.record import Record
from checks.regex import regex

check = Check(
    id="unpinned-supply-chain-tool",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE, Kind.DOCKERFILE, Kind.TERRAFORM),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("pinning", "security"),
    security_severity=7.0,
    peers=("zizmor:unpinned-tools",),
    examples=(
        Example(
            title="an action whose default is the newest",
            files="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/setup-trivy@81e514348e19b6112ce2a7e3ecbafe19c1e1f567  # v0.3.1
      - run: trivy image acme/web
      - uses: aquasecurity/setup-trivy@81e514348e19b6112ce2a7e3ecbafe19c1e1f567  # v0.3.1
        with: {cache: true, version: latest}
""",
            at=("aquasecurity/setup-trivy@81e514348e19b6112ce2a7e3ecbafe19c1e1f567", "latest"),
            fixed="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  scan:
    runs-on: ubuntu-latest
    steps:
      - uses: aquasecurity/setup-trivy@81e514348e19b6112ce2a7e3ecbafe19c1e1f567  # v0.3.1
        with:
          version: v0.74.0
      - run: trivy image acme/web
      - uses: aquasecurity/setup-trivy@81e514348e19b6112ce2a7e3ecbafe19c1e1f567  # v0.3.1
        with: {cache: true, version: latest}
""",
        ),
        Example(
            title="the scripts that the projects offer",
            files="""\
-- scripts/sbom.sh --
#!/bin/sh
set -eu
curl -sSfL https://get.anchore.io/syft | sudo sh -s -- -b /usr/local/bin
curl -sSfL https://raw.githubusercontent.com/anchore/grype/main/install.sh | sh
syft scan acme/web:1 -o spdx-json > sbom.json
""",
            at=(
                "https://get.anchore.io/syft",
                "https://raw.githubusercontent.com/anchore/grype/main/install.sh",
            ),
            fixed="""\
-- scripts/sbom.sh --
#!/bin/sh
set -eu
curl -sSfL https://get.anchore.io/syft | sudo sh -s -- -b /usr/local/bin v1.51.0
curl -sSfL https://raw.githubusercontent.com/anchore/grype/main/install.sh | sh
syft scan acme/web:1 -o spdx-json > sbom.json
""",
        ),
        Example(
            title="an installer from the branch that the project works on: that of the release",
            files="""\
-- scripts/scan.sh --
#!/bin/sh
curl -sSfL https://raw.githubusercontent.com/anchore/grype/main/install.sh | sh -s -- -b /usr/local/bin
grype acme/web:1
""",
            at="https://raw.githubusercontent.com/anchore/grype/main/install.sh",
            fixed="""\
-- scripts/scan.sh --
#!/bin/sh
curl -sSfL https://raw.githubusercontent.com/anchore/grype/v0.117.0/install.sh | sh -s -- -b /usr/local/bin v0.117.0
grype acme/web:1
""",
        ),
        Example(
            title="an installer of one release, which takes the newest all the same",
            files="""\
-- scripts/sbom.sh --
#!/bin/sh
curl -sSfL https://raw.githubusercontent.com/anchore/syft/v1.40.1/install.sh | sh -s -- -b /usr/local/bin
curl -sSfL https://raw.githubusercontent.com/aquasecurity/trivy/refs/tags/v0.69.4/contrib/install.sh | sh -s -- -b /opt/bin
syft scan acme/web:1 -o spdx-json > sbom.json
""",
            at=(
                "https://raw.githubusercontent.com/anchore/syft/v1.40.1/install.sh",
                "https://raw.githubusercontent.com/aquasecurity/trivy/refs/tags/v0.69.4/contrib/install.sh",
            ),
            fixed="""\
-- scripts/sbom.sh --
#!/bin/sh
curl -sSfL https://raw.githubusercontent.com/anchore/syft/v1.40.1/install.sh | sh -s -- -b /usr/local/bin v1.40.1
curl -sSfL https://raw.githubusercontent.com/aquasecurity/trivy/refs/tags/v0.69.4/contrib/install.sh | sh -s -- -b /opt/bin
syft scan acme/web:1 -o spdx-json > sbom.json
""",
        ),
        Example(
            title="one of a release that others published: that of the newest",
            files="""\
-- scripts/scan.sh --
#!/bin/sh
curl -sSfL https://raw.githubusercontent.com/aquasecurity/trivy/refs/tags/v0.69.4/contrib/install.sh | sh -s -- -b /opt/bin
trivy image acme/web:1
""",
            at="https://raw.githubusercontent.com/aquasecurity/trivy/refs/tags/v0.69.4/contrib/install.sh",
            fixed="""\
-- scripts/scan.sh --
#!/bin/sh
curl -sSfL https://raw.githubusercontent.com/aquasecurity/trivy/v0.74.0/contrib/install.sh | sh -s -- -b /opt/bin v0.74.0
trivy image acme/web:1
""",
        ),
        Example(
            title="such a variable that the script sets anew, and one that does not come to the shell: the newest",
            files="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  scan:
    runs-on: ubuntu-latest
    env:
      TRIVY_VERSION: 0.68.1
    steps:
      - run: |
          TRIVY_VERSION=latest
          curl -sSfL https://raw.githubusercontent.com/aquasecurity/trivy/main/contrib/install.sh | sh
      - run: sudo bash -c 'curl -sSfL https://raw.githubusercontent.com/aquasecurity/trivy/main/contrib/install.sh | sh'
""",
            at=("https://raw.githubusercontent.com/aquasecurity/trivy/main/contrib/install.sh",) * 2,
            fixed="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
jobs:
  scan:
    runs-on: ubuntu-latest
    env:
      TRIVY_VERSION: 0.68.1
    steps:
      - run: |
          TRIVY_VERSION=latest
          curl -sSfL https://raw.githubusercontent.com/aquasecurity/trivy/v0.74.0/contrib/install.sh | sh -s -- v0.74.0
      - run: sudo bash -c 'curl -sSfL https://raw.githubusercontent.com/aquasecurity/trivy/main/contrib/install.sh | sh'
""",
        ),
        Example(
            title="a variable for the version, which the installer does not read, and one that names no release",
            files="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
env:
  GRYPE_VERSION: latest
jobs:
  scan:
    runs-on: ubuntu-latest
    env:
      TRIVY_VERSION: 0.68.1
    steps:
      - run: curl -sSfL https://raw.githubusercontent.com/aquasecurity/trivy/main/contrib/install.sh | sh
      - run: curl -sSfL https://get.anchore.io/grype | sh -s -- -b /usr/local/bin
""",
            at=(
                "https://raw.githubusercontent.com/aquasecurity/trivy/main/contrib/install.sh",
                "https://get.anchore.io/grype",
            ),
            fixed="""\
-- .github/workflows/scan.yml --
on: push
permissions: {contents: read}
env:
  GRYPE_VERSION: latest
jobs:
  scan:
    runs-on: ubuntu-latest
    env:
      TRIVY_VERSION: 0.68.1
    steps:
      - run: curl -sSfL https://raw.githubusercontent.com/aquasecurity/trivy/v$TRIVY_VERSION/contrib/install.sh | sh -s -- "v$TRIVY_VERSION"
      - run: curl -sSfL https://get.anchore.io/grype | sh -s -- -b /usr/local/bin
""",
        ),
        Example(
            title="a download of the latest release, and go install",
            files="""\
-- .github/workflows/sign.yml --
on: push
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: |
          curl -sSLo cosign https://github.com/sigstore/cosign/releases/latest/download/cosign-linux-amd64
          go install github.com/anchore/syft/cmd/syft@latest
          go install github.com/sigstore/cosign/v2/cmd/cosign@main
          cosign sign --yes "acme/web@$DIGEST"
      - uses: sigstore/cosign-installer@v4.1.2
        with: {cosign-release: main}
""",
            at=(
                "https://github.com/sigstore/cosign/releases/latest/download/cosign-linux-amd64",
                "github.com/anchore/syft/cmd/syft@latest",
                "github.com/sigstore/cosign/v2/cmd/cosign@main",
                "main",
            ),
            fixed="""\
-- .github/workflows/sign.yml --
on: push
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - run: |
          curl -sSLo cosign https://github.com/sigstore/cosign/releases/download/v3.1.2/cosign-linux-amd64
          go install github.com/anchore/syft/cmd/syft@latest
          go install github.com/sigstore/cosign/v2/cmd/cosign@main
          cosign sign --yes "acme/web@$DIGEST"
      - uses: sigstore/cosign-installer@v4.1.2
        with: {cosign-release: main}
""",
        ),
        Example(
            title="the module of an older major version: the newest of that",
            files="""\
-- .github/workflows/test.yml --
on: push
permissions: {contents: read}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: make tools test
-- Makefile --
tools:
	./hack/tools.sh
-- hack/tools.sh --
#!/bin/sh
go install github.com/sigstore/cosign/v2/cmd/cosign@latest
cosign version
""",
            at="github.com/sigstore/cosign/v2/cmd/cosign@latest",
            fixed="""\
-- hack/tools.sh --
#!/bin/sh
go install github.com/sigstore/cosign/v2/cmd/cosign@v2.6.4
cosign version
""",
        ),
        Example(
            title="pinned by the action, given a version, verified, or another tool",
            files="""\
-- .github/workflows/sign.yml --
on: push
permissions: {contents: read, id-token: write}
jobs:
  sign:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v4.1.2
      - uses: aquasecurity/trivy-action@v0.36.0
        with: {image-ref: acme/web}
      - uses: aquasecurity/setup-trivy@v0.3.1
        with: {version: '${{ vars.TRIVY }}'}
      - uses: anchore/sbom-action/download-syft@v0.24.0
        with: {syft-version: v1.51.0}
      - run: |
          curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin "$SYFT_VERSION"
          curl -sSfL https://get.anchore.io/grype | sh -s -- v0.117.0
          go install github.com/sigstore/cosign/v3/cmd/cosign@v3.1.2
          go install golang.org/x/vuln/cmd/govulncheck@latest
          curl -fsSL https://sh.rustup.rs | sh
      - run: |
          curl -sSLO https://github.com/sigstore/cosign/releases/latest/download/cosign-linux-amd64
          sha256sum -c checksums.txt
-- .devcontainer/post-create.sh --
curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin
""",
        ),
        Example(
            title="a script that may choose a cluster of the machine that it is on, and that nothing here runs",
            files="""\
-- ops/prepare.sh --
#!/bin/bash
command -v syft || curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin
kubectl config use-context "${CONTEXT:-minikube}"
""",
        ),
        Example(
            title="such a script beside a pipeline that is not read",
            files="""\
-- Jenkinsfile --
pipeline { stages { stage('ship') { steps { sh 'ops/prepare.sh' } } } }
-- ops/prepare.sh --
#!/bin/bash
curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin
kubectl config use-context "${CONTEXT:-minikube}"
""",
            at="https://get.anchore.io/syft",
            fixed="""\
-- ops/prepare.sh --
#!/bin/bash
curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin v1.51.0
kubectl config use-context "${CONTEXT:-minikube}"
""",
        ),
        Example(
            title="one that only a comment says something of such a cluster in",
            files="""\
-- ops/ship.sh --
#!/bin/bash
# Not for minikube
curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin
""",
            at="https://get.anchore.io/syft",
            fixed="""\
-- ops/ship.sh --
#!/bin/bash
# Not for minikube
curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin v1.51.0
""",
        ),
        Example(
            title="one that a workflow runs by its name in the `package.json`",
            files="""\
-- .github/workflows/ship.yml --
on: push
permissions: {contents: read}
jobs:
  ship:
    runs-on: ubuntu-latest
    steps:
      - run: npm run --silent prepare-cluster && make ship
-- package.json --
{"scripts": {"prepare-cluster": "bash ops/prepare.sh", "test": "vitest"}}
-- ops/prepare.sh --
#!/bin/bash
curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin
kubectl config use-context "${CONTEXT:-minikube}"
""",
            at="https://get.anchore.io/syft",
            fixed="""\
-- ops/prepare.sh --
#!/bin/bash
curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin v1.51.0
kubectl config use-context "${CONTEXT:-minikube}"
""",
        ),
        Example(
            title="one that runs ahead of a script that another one runs",
            files="""\
-- .github/workflows/ship.yml --
on: push
permissions: {contents: read}
jobs:
  ship:
    runs-on: ubuntu-latest
    steps:
      - run: npm run "ship:all"
-- package.json --
{"scripts": {"preship": "bash ops/prepare.sh", "ship": "make ship", "ship:all": "npm run ship"}}
-- ops/prepare.sh --
#!/bin/bash
curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin
kubectl config use-context "${CONTEXT:-minikube}"
""",
            at="https://get.anchore.io/syft",
            fixed="""\
-- ops/prepare.sh --
#!/bin/bash
curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin v1.51.0
kubectl config use-context "${CONTEXT:-minikube}"
""",
        ),
        Example(
            title="one of the `package.json` that people run alone",
            files="""\
-- .github/workflows/ship.yml --
on: push
permissions: {contents: read}
jobs:
  ship:
    runs-on: ubuntu-latest
    steps:
      - run: npm run test
-- package.json --
{"scripts": {"prepare-cluster": "bash ops/prepare.sh", "test": "vitest"}}
-- ops/prepare.sh --
#!/bin/bash
curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin
kubectl config use-context "${CONTEXT:-minikube}"
""",
        ),
        Example(
            title="such a script that a workflow runs",
            files="""\
-- .github/workflows/ship.yml --
on: push
permissions: {contents: read}
jobs:
  ship:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - run: ops/prepare.sh
-- ops/prepare.sh --
#!/bin/bash
command -v syft || curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin
kubectl config use-context "${CONTEXT:-minikube}"
""",
            at="https://get.anchore.io/syft",
            fixed="""\
-- ops/prepare.sh --
#!/bin/bash
command -v syft || curl -sSfL https://get.anchore.io/syft | sh -s -- -b /usr/local/bin v1.51.0
kubectl config use-context "${CONTEXT:-minikube}"
""",
        ),
        Example(
            title="the project of the tool tries what is new",
            files="""\
-- .github/workflows/test.yml --
on: push
permissions: {contents: read}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: sigstore/cosign-installer@v4.1.2
        with: {cosign-release: main}
""",
            outside=Outside(slug="sigstore/scaffolding"),
        ),
    ),
)


class _Wanted(Record):
    """A release to take."""

    version: str
    """With its `v`."""
    written: str
    """How a command names it: by the variable that holds it, if there is one."""
    variable: str = ""
    is_read: bool = False
    """Whether the script reads it for something else."""


class _Input(Record):
    """The input of an action that names its tool's version."""

    name: str
    tool: str
    floating: tuple[str, ...]
    """Values that leave it open."""
    by_default: bool = False
    """Whether it is left open without the input."""


_INPUTS = {
    "aquasecurity/setup-trivy": _Input("version", "trivy", ("latest",), by_default=True),
    "aquasecurity/trivy-action": _Input("version", "trivy", ("latest",)),
    "anchore/sbom-action": _Input("syft-version", "syft", ("latest",)),
    "anchore/sbom-action/download-syft": _Input("syft-version", "syft", ("latest",)),
    "anchore/scan-action": _Input("grype-version", "grype", ("latest",)),
    "anchore/scan-action/download-grype": _Input("grype-version", "grype", ("latest",)),
    "sigstore/cosign-installer": _Input("cosign-release", "cosign", ("main",)),
}
_PROJECTS = {
    "sigstore/cosign": "cosign",
    "anchore/syft": "syft",
    "anchore/grype": "grype",
    "aquasecurity/trivy": "trivy",
}
_INSTALLER = regex(
    r"https://(?:raw\.githubusercontent\.com/(?P<project>[\w-]+/[\w-]+)/(?:(?P<ref>(?:refs/heads/)?(?:main|master)"
    r"|(?:refs/tags/)?(?P<release>v\d+\.\d+\.\d+))/)?\S*install\.sh|get\.anchore\.io/(?P<tool>syft|grype))"
)
_RELEASE = regex(r"(?P<mark>v?)\d{1,4}\.\d{1,4}\.\d{1,4}")
_LOSES_VARIABLES = regex(r"\bsudo\b[^\n|;&]{0,200}\b(?:ba)?sh\s+-\w*c\b")
"""A shell whose script comes to it without the variables of the step: https://www.sudo.ws/docs/man/sudoers.man/#Command_environment"""
_LATEST = regex(r"https://github\.com/(?P<project>[\w-]+/[\w-]+)(?P<path>/releases/latest/download/)\S+")
_MODULE = regex(
    r"github\.com/(?P<project>[\w-]+/[\w-]+)(?:/v(?P<major>\d{1,4}))?/cmd/[\w-]+@(?P<ref>latest|main|master)"
)
_ANYBODY = "whoever starts the script"
_SECRET = regex(r"(?<![\w.-])secrets(?:\.(?!GITHUB_TOKEN\b)|\[)")
_VERIFIES = frozenset(("sha256sum", "sha512sum", "shasum", "gpg", "minisign"))

_OF_PEOPLE = regex(r"vagrant|devcontainer|provision(?!er)", re.IGNORECASE)
"""In the path of a script that sets up a machine."""
_ON_THE_OWN_MACHINE = regex(r"^[^#\n]*\b(?:minikube|docker-desktop|rancher-desktop)\b", re.MULTILINE)
"""Contexts of clusters that people have on the machine that they work on, outside of comments."""
_OTHER_PIPELINES = regex(
    r"(?:^|/)(?:\.(?:circleci|buildkite|tekton)/|Jenkinsfile|(?:\.gitlab-ci|\.travis|\.drone|azure-pipelines|bitbucket-pipelines)[\w.-]*\.ya?ml$)"
)
"""Files, which are not read, of what may run a script."""
_RUNS_SCRIPT = regex(r"\b(?:npm|pnpm|yarn|bun|npm-run-all|run-[ps])[ \t](?P<words>[^\n;&|`)]{1,200})")
"""A command of a package manager, or of what runs several scripts, that may run one of a `package.json`."""
_ON_INSTALL = frozenset(("preinstall", "install", "postinstall", "prepare"))
"""Scripts that run as the packages of a project are installed."""
_MOST_SCRIPTS_DEEP = 4
"""Scripts that run others do so over few of them; each is a walk through all."""
_GIVES = regex(r"\b(?:user_data|custom_data|startup_script|startup-script)\w*\"?\s*=")
"""Terraform that hands a script to a machine."""
_TO_PEOPLE = regex(
    r"(?:^|[/_.-])(?:dev(?:box|el(?:opment)?)?|coder|workspaces?|workstations?|sandbox|playground)(?:[/_.-]|s?$)",
    re.IGNORECASE,
)
"""In the path of Terraform for such machines."""


def run(repo: Repository) -> Iterator[Finding]:
    owner = (repo.outside.slug or "").partition("/")[0].lower()
    own = {tool for project, tool in _PROJECTS.items() if project.startswith(f"{owner}/")}
    yield from (one for tool, one in _found(repo) if tool not in own and not _is_elsewhere(repo, one))


def _is_elsewhere(repo: Repository, finding: Finding) -> bool:
    """Whether it is about a machine that people work on: a script for that, which nothing names that runs or builds."""
    path = finding.location.path
    if "/.devcontainer/" in f"/{path}":
        return True
    name = path.rpartition("/")[2]
    kinds = (Kind.WORKFLOW, Kind.ACTION, Kind.DOCKERFILE, Kind.MAKEFILE, Kind.SCRIPT)
    others = [text for kind in kinds for text in repo.texts(kind) if text.path != path]
    is_for_people = repo.kinds.get(path) is Kind.SCRIPT and bool(
        _OF_PEOPLE.search(path)
        or (
            _ON_THE_OWN_MACHINE.search(finding.location.text.content)
            and not any(map(_OTHER_PIPELINES.search, repo.snapshot.paths))
        )
    )
    if not is_for_people or any(name in text.content for text in others):
        return False
    return not _is_run_by_name(repo, name, others) and not _is_given_to_a_server(repo, name)


def _is_run_by_name(repo: Repository, name: str, others: Iterable[Text]) -> bool:
    """Whether one of some files runs a script of a `package.json` that names the file, or one that runs that.

    https://docs.npmjs.com/cli/using-npm/scripts
    """
    scripts = dict.fromkeys(one for project in repo.node_projects for one in project.scripts)
    called = {script for script, command in scripts if name in command}
    for _ in range(_MOST_SCRIPTS_DEEP if called else 0):
        called |= {one.removeprefix("pre").removeprefix("post") for one in called} & {
            one for one, _ in scripts
        }
        called |= {script for script, command in scripts if _runs_one_of(command, called)}
    words = called | ({"ci", "i", "install"} if called & _ON_INSTALL else set())
    return bool(called) and any(_runs_one_of(text.content, words) for text in others)


def _runs_one_of(text: str, called: Collection[str]) -> bool:
    runs = (found["words"].split() for found in _RUNS_SCRIPT.finditer(text))
    return any(word.strip("\"'") in called for words in runs for word in words)


def _is_given_to_a_server(repo: Repository, name: str) -> bool:
    """Whether Terraform hands a script of this name to machines that, by its path, are not people's."""
    return any(
        name in text.content and _GIVES.search(text.content) and not _TO_PEOPLE.search(text.path)
        for text in repo.texts(Kind.TERRAFORM)
        if "coder_agent" not in text.content
    )


def _found(repo: Repository) -> Iterator[tuple[str, Finding]]:
    """The findings, each with its tool."""
    started = cache(partial(_started, repo))
    for step in repo.steps:
        yield from _weighed(step, _of_action(step))
    for invocation in repo.running("curl", "wget", "go"):
        found = _of_go(invocation) if invocation.program == "go" else _of_download(invocation)
        yield from _weighed(invocation.step, _reaching(invocation, found, started))


def _reaching(
    invocation: Invocation,
    found: Iterator[tuple[str, Finding]],
    started: Callable[[], Mapping[str, Step]],
) -> Iterator[tuple[str, Finding]]:
    """The findings, of which those in a script that a job runs say so."""
    for tool, one in found:
        step = started().get(one.location.text.content) if invocation.step is None else None
        if step is None or step.run is None:
            yield tool, one
            continue
        consequence = one.consequence.replace(_ANYBODY, "the job that runs it")
        at = Location(step.text, step.run.span, "has a job run it")
        yield tool, replace(one, consequence=consequence, related=(at,))


def _started(repo: Repository) -> Mapping[str, Step]:
    """By the text of each script that jobs run, and of each recipe, as far as that can be followed, the first step that does."""
    found: dict[str, Step] = {}
    for step in repo.steps:
        if step.job is not None and step.run is not None:
            for text in followed(step, repo.snapshot.texts).texts[1:]:
                found.setdefault(text, step)
    return found


def _weighed(step: Step | None, found: Iterator[tuple[str, Finding]]) -> Iterator[tuple[str, Finding]]:
    """Notes where the job is not seen to hold anything that is worth taking."""
    told = tuple(found)
    job = step.job if step and told else None
    holds = job is not None and (
        has_id_token(job)
        or access(job, "packages") == "write"
        or bool(_SECRET.search(job.node.text[job.node.span]))
    )
    for tool, one in told:
        yield tool, one if holds else replace(one, severity=Severity.NOTE)


def _of_action(step: Step) -> Iterator[tuple[str, Finding]]:
    one = _INPUTS.get(step.uses.action) if step.uses else None
    if one is None or step.uses is None:
        return
    written = step.input(one.name)
    version = newest_tool(one.tool)
    if written is not None and written.value in one.floating:
        what = f"{code(f'{one.name}: {written.value}')} installs"
        yield _finding(
            step, one.tool, what, Location(step.text, written.inner), replace_value(written, version)
        )
    elif written is None and one.by_default:
        place = step.uses.location
        yield _finding(
            step,
            one.tool,
            f"Without {code(one.name)} this step installs",
            place,
            with_input(step, f"{one.name}: {version}"),
        )


def _of_download(invocation: Invocation) -> Iterator[tuple[str, Finding]]:
    """`curl … | sh` of a project's installer without a version, and a download of its latest release."""
    for word in invocation.command.arguments:
        installer, latest = _INSTALLER.fullmatch(word.prefix), _LATEST.match(word.prefix)
        if installer is not None and word.literal is not None:
            tool = installer["tool"] or _PROJECTS.get(installer["project"])
            shell = _shell(invocation)
            if tool and shell is not None and not _has_version(shell):
                wanted = _wanted(invocation, installer, tool)
                yield _finding(
                    invocation.step,
                    tool,
                    "This script installs",
                    invocation.place(word.span),
                    _versioned(invocation, shell, wanted),
                    _at_tag(invocation, word, installer, wanted),
                    wanted,
                )
        elif latest is not None and latest["project"] in _PROJECTS and not _verifies(invocation):
            tool = _PROJECTS[latest["project"]]
            where = word.locate(latest.start("path"), latest.end("path"))
            edit = _edit(invocation, where, f"/releases/download/{newest_tool(tool)}/")
            yield _finding(invocation.step, tool, "This downloads", invocation.place(word.span), edit)


def _shell(invocation: Invocation) -> Command | None:
    """The shell that reads what is downloaded."""
    stage = invocation.command.piped_to
    found = invocation.script.within(stage) if stage else ()
    return next((one for one in found if one.program in ("sh", "bash")), None)


def _has_version(shell: Command) -> bool:
    """Whether the installer gets a tag; only a folder and flags leave the version open."""
    words = list(shell.arguments)
    takes_value = False
    for word in words:
        if takes_value:
            takes_value = False
        elif word.literal in ("-b", "-o"):
            takes_value = True
        elif word.literal is None or not (word.literal.startswith("-") or word.literal == "latest"):
            return True
    return False


def _wanted(invocation: Invocation, installer: re.Match[str], tool: str) -> _Wanted:
    """The release that the address of an installer names, else a variable beside the step, else the newest."""
    named = installer["release"]
    if named and incident_of_tool(tool, named) is None:
        return _Wanted(named, named)
    variable = f"{tool.upper()}_VERSION"
    source = invocation.script.source
    if f"{variable}=" in source or _LOSES_VARIABLES.search(source):
        return _Wanted(newest_tool(tool), newest_tool(tool))
    values = {
        one.literal for scope in invocation.scopes for one in scope.values(f"${{{{ env.{variable} }}}}")
    }
    value = (values.pop() or "") if len(values) == 1 else ""
    found = _RELEASE.fullmatch(value)
    if found is None or incident_of_tool(tool, value) is not None:
        return _Wanted(newest_tool(tool), newest_tool(tool))
    mark = "" if found["mark"] else "v"
    return _Wanted(f"{mark}{value}", f"{mark}${variable}", variable, is_read=variable in source)


def _versioned(invocation: Invocation, shell: Command, wanted: _Wanted) -> Edit | None:
    """The version as the installer's last argument."""
    if any(word.literal == "latest" for word in shell.arguments):
        return None
    last: Word = shell.words[-1]
    more = "" if any(word.literal in ("-s", "--") for word in shell.arguments) else " -s --"
    version = f'"{wanted.written}"' if wanted.variable else wanted.written
    return _edit(invocation, Span(last.span.end, last.span.end), f"{more} {version}")


def _at_tag(
    invocation: Invocation, word: Word, installer: re.Match[str], wanted: _Wanted
) -> Iterable[Edit | None]:
    """The installer of the release itself, where its address names another one, or the branch that the project works on."""
    if installer["ref"] and installer["release"] != wanted.version:
        where = word.locate(installer.start("ref"), installer.end("ref"))
        is_expanded = not invocation.script[word.span].startswith("'")
        yield _edit(invocation, where, wanted.written if is_expanded else wanted.version)


def _verifies(invocation: Invocation) -> bool:
    """Whether the script compares a checksum or a signature."""
    commands = invocation.script.commands
    return any(
        one.program in _VERIFIES or any(w.literal == "verify-blob" for w in one.arguments) for one in commands
    )


def _of_go(invocation: Invocation) -> Iterator[tuple[str, Finding]]:
    for word in invocation.subcommand("install") or ():
        match = _MODULE.fullmatch(word.literal or "")
        tool = _PROJECTS.get(match["project"]) if match else None
        if match is None or tool is None:
            continue
        major = int(match["major"] or "1")
        version = newest_tool_of(tool, major)
        where = word.locate(match.start("ref"), match.end("ref"))
        edit = _edit(invocation, where, version) if version else None
        wanted = _Wanted(version, version) if version else None
        is_older = version != newest_tool(tool)
        yield _finding(
            invocation.step,
            tool,
            f"{code('go install')} takes",
            invocation.place(word.span),
            edit,
            wanted=wanted,
            among=f" {major}" if is_older and match["ref"] == "latest" else "",
            part="release" if match["ref"] == "latest" else "commit",
        )


def _edit(invocation: Invocation, span: Span, text: str) -> Edit | None:
    if invocation.scalar is None:
        return Edit(invocation.text.path, span, text)
    if invocation.scalar.style not in ("literal", "plain"):
        return None
    place = invocation.scalar.locate(span.start, span.end)
    return Edit(invocation.text.path, place, text) if place else None


def _finding(
    step: Step | None,
    tool: str,
    what: str,
    location: Location,
    edit: Edit | None,
    more: Iterable[Edit | None] = (),
    wanted: _Wanted | None = None,
    *,
    among: str = "",
    part: str = "release",
) -> tuple[str, Finding]:
    reaching = "the job" if step is not None else _ANYBODY
    version = code(wanted.version if wanted else newest_tool(tool))
    variable = code(wanted.variable) if wanted and wanted.variable else ""
    is_unread = wanted is not None and not wanted.is_read
    unread = f" The script does not read {variable}, which is set here." if variable and is_unread else ""
    return tool, Finding(
        message=f"{what} whatever {part} of {code(tool)}{among} is the newest.",
        consequence=(
            f"A {part} that somebody else publishes in the project's name, or one that works in another way, runs "
            f"here next time, with what {reaching} can reach.{unread}"
        ),
        location=location,
        fixes=offer(
            f"take {version}{f', by {variable}' if variable else ''}",
            Applicability.UNSAFE,
            edit,
            *more,
            caution=f"Does something here need a release after {version}?",
        ),
        withheld="" if edit else f"no release of {code(tool)} that we know goes in here",
    )
