"""Which workflows GitHub refuses: for a context that is not available at a key, for what is no event, for a job or a step that lacks what it needs."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from checks.catalogue import catalogue
from checks.check import Repository, files_of
from checks.engine import review
from checks.facts.workflow.refused import is_refused
from checks.facts.workflow.workflows import parse_workflow
from checks.source.snapshot import Snapshot
from checks.source.text import Text

STEPS = "    runs-on: ubuntu-latest\n    steps:\n      - uses: stranger/tool@main\n"


def workflow(job: str, top: str = "") -> str:
    return f"on: push\npermissions: {{}}\n{top}jobs:\n  deploy:\n{job}"


REFUSED = [
    workflow(f"    if: ${{{{ secrets.TOKEN != '' }}}}\n{STEPS}"),
    workflow(f"    if: github.ref == 'refs/heads/main' && Secrets.TOKEN\n{STEPS}"),
    workflow(f"    if: env.DEPLOY == 'yes'\n{STEPS}"),
    workflow(f"    if: hashFiles('web/Dockerfile') != ''\n{STEPS}"),
    workflow(f"    if: matrix.os == 'linux'\n    strategy: {{matrix: {{os: [linux]}}}}\n{STEPS}"),
    workflow(STEPS.replace("ubuntu-latest", "${{ env.RUNNER }}")),
    workflow(STEPS.replace("ubuntu-latest", "[self-hosted, '${{ secrets.RUNNER }}']")),
    workflow(f"    strategy: {{matrix: {{os: ['${{{{ env.SYSTEM }}}}']}}}}\n{STEPS}"),
    workflow(f"    env: {{HOME: '${{{{ runner.temp }}}}'}}\n{STEPS}"),
    workflow(f"    env: {{NAME: '${{{{ env.OTHER }}}}'}}\n{STEPS}"),
    workflow(f"    environment: {{name: '${{{{ env.STAGE }}}}'}}\n{STEPS}"),
    workflow(f"    container: {{image: '${{{{ secrets.REGISTRY }}}}/web'}}\n{STEPS}"),
    workflow(f"    services: {{db: {{image: '${{{{ env.DATABASE }}}}'}}}}\n{STEPS}"),
    workflow(f"    concurrency: {{group: '${{{{ steps.name.outputs.group }}}}'}}\n{STEPS}"),
    workflow("    uses: acme/ci/.github/workflows/push.yml@main\n    with: {key: '${{ secrets.KEY }}'}\n"),
    workflow(f"{STEPS}        if: secrets.TOKEN != ''\n"),
    workflow(STEPS, "concurrency: ${{ env.GROUP }}\n"),
    workflow(STEPS, "env: {NAME: '${{ needs.build.outputs.name }}'}\n"),
    workflow(STEPS, "run-name: of ${{ secrets.NAME }}\n"),
    workflow(STEPS).replace("on: push", "on: {push: {tags: ['v*']}, permissions: {contents: read}}"),
    workflow(STEPS).replace("on: push", "on: [push, pull_requests]"),
    workflow(STEPS).replace("on: push", "on: {push: {branches: [main], release: {types: [published]}}}"),
    workflow(STEPS, "environment: {name: production}\n"),
    workflow(STEPS.replace("    runs-on: ubuntu-latest\n", "")),
    workflow(f"    needs: [build]\n{STEPS}"),
    workflow(f"{STEPS}        run: make push\n"),
    workflow(f"{STEPS}      - name: Push\n"),
]
ACCEPTED = [
    workflow(STEPS),
    workflow(f"{STEPS}        if: hashFiles('web/Dockerfile') != ''\n"),
    workflow(f"    if: always() && vars.FILES != 'hashFiles(1)'\n{STEPS}"),
    workflow(f"    if: vars.DEPLOY == 'secrets.TOKEN' && needs.build.outputs.secrets\n{STEPS}"),
    workflow(f"    if: github.event.inputs.env == 'prod' || inputs.runner\n{STEPS}"),
    workflow(f"    env: {{TOKEN: '${{{{ secrets.TOKEN }}}}', OS: '${{{{ matrix.os }}}}'}}\n{STEPS}"),
    workflow(f"    environment: {{name: prod, url: '${{{{ steps.deploy.outputs.url }}}}'}}\n{STEPS}"),
    workflow(f"    outputs: {{a: '${{{{ steps.a.outputs.a }}}}', b: '${{{{ secrets.B }}}}'}}\n{STEPS}"),
    workflow(f"    container: {{image: web, credentials: {{password: '${{{{ secrets.KEY }}}}'}}}}\n{STEPS}"),
    workflow(f"    container: {{image: web, env: {{KEY: '${{{{ secrets.KEY }}}}'}}}}\n{STEPS}"),
    workflow("    uses: acme/ci/.github/workflows/push.yml@main\n    secrets: {key: '${{ secrets.KEY }}'}\n"),
    workflow(f"{STEPS}        if: env.TOKEN != '' && runner.os == 'Linux' && steps.a.outcome == 'success'\n"),
    workflow(f"{STEPS}        with: {{token: '${{{{ secrets.TOKEN || env.TOKEN }}}}'}}\n"),
    workflow(STEPS, "env: {TOKEN: '${{ secrets.TOKEN }}'}\n"),
    workflow(f"    needs: build\n{STEPS}", "").replace("  deploy:", f"  Build:\n{STEPS}  deploy:"),
    workflow(STEPS).replace("on: push", "on: [push, image_version]"),
    workflow(f"    needs: ${{{{ fromJSON('[]') }}}}\n{STEPS}"),
    # GitHub passes over what an event doesn't take
    workflow(STEPS).replace("on: push", "on: {workflow_dispatch: {secrets: {KEY: {required: true}}}}"),
    # neither a name that GitHub doesn't know, nor a key of which nothing is known, nor what can't be read
    workflow(f"    if: ${{{{ forgejo.ref == 'refs/heads/main' }}}}\n{STEPS}"),
    workflow(f"    snapshot: {{if: secrets.TOKEN}}\n{STEPS}"),
    workflow(f"    if: secrets.TOKEN !=\n{STEPS}"),
]


def refuses(content: str) -> bool:
    parsed = parse_workflow(Text(".github/workflows/deploy.yml", content))
    assert parsed is not None
    return is_refused(parsed)


@pytest.mark.parametrize("content", REFUSED)
def test_refused(content: str) -> None:
    assert refuses(content)


@pytest.mark.parametrize("content", ACCEPTED)
def test_accepted(content: str) -> None:
    assert not refuses(content)


def test_no_example_of_a_check_is_refused_and_no_fix_makes_it_so() -> None:
    examples = [one for module in catalogue() for one in module.check.examples]
    for files in (files_of(archive) for one in examples for archive in (one.files, one.fixed, *one.others)):
        assert not any(map(is_refused, Repository(Snapshot.of(files)).workflows)), files


def speaks(snapshot: Snapshot) -> bool:
    actions = [one for one in catalogue() if one.check.id == "action-on-branch"]
    return bool(review(Repository(snapshot), None, actions).findings)


@pytest.mark.parametrize(("content", "is_told"), [(REFUSED[0], False), (ACCEPTED[0], True)])
@pytest.mark.parametrize("complete", [True, False])
def test_nothing_is_told_of_a_workflow_that_is_refused(
    content: str, *, is_told: bool, complete: bool
) -> None:
    snapshot = Snapshot.of({".github/workflows/deploy.yml": content})
    assert speaks(replace(snapshot, complete=complete)) is is_told


@pytest.mark.parametrize(("name", "is_told"), [("secrets.NAME", False), ("vars.NAME", True)])
def test_what_only_a_refused_workflow_calls_is_left_with_it(name: str, *, is_told: bool) -> None:
    call = workflow(f"    uses: ./.github/workflows/_push.yml\n    with: {{name: '${{{{ {name} }}}}'}}\n")
    push = workflow(STEPS).replace("on: push", "on: workflow_call")
    files = {".github/workflows/deploy.yml": call, ".github/workflows/_push.yml": push}
    assert speaks(Snapshot.of(files)) is is_told
