"""Lifecycle rule is for release tags that no workflow pushes

A rule for `v*` reads as if releases were kept apart from the builds of every commit. The workflow that pushes
to the repository runs for branches only and tags by commit: no image ever has a version, the rule selects
nothing, and the images that run in production are among those that the other rules expire.

Let the workflow run for tags, and push the version:

    on:
      push:
        tags: ["v*"]

    tags: |
      type=semver,pattern=v{{version}}

The check compares the rule with every push to the repository that the files tell of. It is silent where a
push, a tag or the repository is not known, where a workflow that pushes runs for tags or releases or is
called by others, and where a tool for releases is at work.

References:

- https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
- https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onpushbranchestagsbranches-ignoretags-ignore
- https://github.com/docker/metadata-action#typesemver
"""

from __future__ import annotations

from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    code,
    offer,
)  # fmt: skip
from checks.facts.ecr.lifecycle import LifecyclePolicy, Rule
from checks.facts.ecr.repositories import EcrRepository
from checks.facts.image.pushes import Push
from checks.facts.image.tag_shapes import globs, may_match
from checks.facts.mention import Mention
from checks.facts.tree import append_entry, insert_line_after
from checks.facts.workflow.events import RefKind
from checks.facts.workflow.lists import items
from checks.regex import regex

_REGISTRY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"


def _rule(priority: int, tags: str) -> str:
    return f"""\
      {{
        rulePriority = {priority}
        selection = {{
          tagStatus     = "tagged"
          tagPrefixList = ["{tags}"]
          countType     = "imageCountMoreThan"
          countNumber   = 20
        }}
        action = {{ type = "expire" }}
      }},
"""


def _terraform(tags: str = "v", mutability: str = "IMMUTABLE") -> str:
    return f"""\
-- ecr.tf --
resource "aws_ecr_repository" "web" {{
  name                 = "web"
  image_tag_mutability = "{mutability}"
}}
resource "aws_ecr_lifecycle_policy" "web" {{
  repository = aws_ecr_repository.web.name
  policy = jsonencode({{
    rules = [
{_rule(1, tags)}{_rule(2, "sha-")}    ]
  }})
}}
"""


def _plain(on: str = "{push: {branches: [main]}}", tag: str = "sha-${{ github.sha }}", more: str = "") -> str:
    return f"""\
-- .github/workflows/build.yml --
on: {on}
permissions: {{contents: read, id-token: write}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: {_REGISTRY}/web:{tag}
{more}"""


def _meta(tags: str = "", flavor: str = "", on: str = "    branches: [main]\n") -> str:
    return f"""\
-- .github/workflows/build.yml --
on:
  push:
{on}permissions: {{contents: read, id-token: write}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - id: meta
        uses: docker/metadata-action@v6
        with:
          images: {_REGISTRY}/web
          tags: |
            type=sha
{tags}{flavor}      - uses: docker/build-push-action@v7
        with:
          context: .
          push: true
          tags: ${{{{ steps.meta.outputs.tags }}}}
"""


check = Check(
    id="release-tag-policy-without-release-trigger",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.TERRAFORM, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.MAKEFILE),
    fix=Applicability.UNSAFE,
    scope=Scope.REPOSITORY,
    tags=("ecr", "lifecycle", "tags", "triggers"),
    yields_to=("lifecycle-does-not-cover-pushed-tags",),
    examples=(
        Example(
            title="docker/metadata-action makes tags of commits only",
            files=_meta() + _terraform(),
            at='tagPrefixList = ["v"]',
            fixed=_meta(
                "            type=semver,pattern=v{{version}}\n",
                "          flavor: latest=false\n",
                '    branches: [main]\n    tags: ["v*"]\n',
            ),
        ),
        Example(
            title="tags that may move",
            files=_meta() + _terraform(mutability="MUTABLE"),
            at='tagPrefixList = ["v"]',
            fixed=_meta(
                "            type=semver,pattern=v{{version}}\n",
                on='    branches: [main]\n    tags: ["v*"]\n',
            ),
        ),
        Example(title="the tag is written out", files=_plain() + _terraform(), at='tagPrefixList = ["v"]'),
        Example(
            title="the workflow runs for tags",
            files=_plain("{push: {branches: [main], tags: ['v*']}}", "${{ github.ref_name }}") + _terraform(),
        ),
        Example(
            title="for releases",
            files=_plain("{push: {branches: [main]}, release: {types: [published]}}") + _terraform(),
        ),
        Example(title="called by others", files=_plain("workflow_call") + _terraform()),
        Example(title="a tag that is not known", files=_plain(tag="${{ inputs.version }}") + _terraform()),
        Example(title="a version in the file", files=_plain(tag="v1.4.2") + _terraform()),
        Example(title="a rule for something else", files=_plain() + _terraform("pr-")),
        Example(title="nothing pushed here", files=_terraform()),
        Example(
            title="a tool for releases",
            files=_plain(more="      - uses: googleapis/release-please-action@v5\n") + _terraform(),
        ),
        Example(
            title="another repository, and one that is not known",
            files=_plain().replace("/web:", "/api:")
            + _plain().replace("build.yml", "other.yml").replace("/web:", "/${{ inputs.name }}:")
            + _terraform(),
        ),
        Example(
            title="one repository of many by `count`",
            files=_plain()
            + _terraform().replace(
                '  name                 = "web"', '  count                = 1\n  name                 = "web"'
            ),
        ),
        Example(
            title="started by hand, perhaps for a tag",
            files=_plain("{push: {branches: [main]}, workflow_dispatch: {}}") + _terraform(),
            at='tagPrefixList = ["v"]',
        ),
        Example(
            title="pushed by a Makefile",
            files=_plain() + _terraform() + "-- Makefile --\nrelease:\n\tdocker push $(IMAGE):$(VERSION)\n",
        ),
    ),
)

_RELEASE = regex(r"v\d*(?:\.\*)*\*?(?:\.\*)*|v?\*\.\*\.\*|rel(?:ease)?[-_]v?\*?")
"""Tags of versions, as prefix or pattern."""
_TOOLS = Mention(
    r"release-please|semantic-release|goreleaser|changesets|release-drafter|standard-version|put-image|git tag|gh release",
)


def run(repo: Repository) -> Iterator[Finding]:
    if not repo.lifecycle_policies or not repo.pushes or _may_be_released(repo):
        return
    by_target: dict[EcrRepository, list[Push]] = {}
    for push in repo.pushes:
        pushed_to = repo.declared(push.reference)
        if pushed_to is not None:
            by_target.setdefault(pushed_to, []).append(push)
    for target, own in by_target.items():
        policies = repo.lifecycle_policies_of[target]
        if len(policies) == 1 and own and not target.resource.is_repeated and _are_of_branches(own):
            yield from _of_policy(policies[0], target, own)


def _may_be_released(repo: Repository) -> bool:
    """Whether images may get versions in a way that we don't see."""
    return (
        any(_TOOLS.is_in(text.content) for text in repo.automation)
        or any(push.reference.path.literal is None for push in repo.pushes)
        or repo.may_be_pushed_otherwise
    )


def _are_of_branches(own: list[Push]) -> bool:
    """Whether all pushes certainly are for branches and pull requests."""
    by_hand = ("workflow_dispatch", "create", "deployment", "deployment_status", "registry_package")
    return all(
        push.events
        and all(
            event.name != "workflow_call" and (event.ref_kind is not RefKind.TAG or event.name in by_hand)
            for event in push.events
        )
        for push in own
    )


def _of_policy(policy: LifecyclePolicy, target: EcrRepository, own: list[Push]) -> Iterator[Finding]:
    for rule in policy.rules or () if policy.is_resource and not policy.is_repeated else ():
        names = globs(rule.selector) if rule.selector else ()
        if len(names) != 1 or not _RELEASE.fullmatch(names[0]):
            continue
        if not any(may_match(names[0], push.reference.tag_or_default) for push in own):
            yield _finding(rule, names[0], target, own)


def _finding(rule: Rule, glob: str, target: EcrRepository, own: list[Push]) -> Finding:
    field = rule.field("tagPrefixList") or rule.field("tagPatternList")
    first = own[0]
    tag = code(str(first.reference.tag_or_default))
    fixes = _fixes(glob, target, own)
    return Finding(
        message=(
            f"The lifecycle rule is for {code(glob)}, and no workflow here that pushes to {code(target.name or '')} "
            "runs for a tag or a release."
        ),
        consequence=(
            "Unless something else tags releases, the rule selects nothing, and the image that runs is one of those that "
            "the other rules count and expire."
        ),
        location=field.location if field else rule.location,
        related=(Location(first.location.text, first.location.span, f"pushes {tag}, for branches only"),),
        fixes=fixes,
        withheld="" if fixes else "which tag a release is to have is not ours to say",
    )


def _fixes(glob: str, target: EcrRepository, own: list[Push]) -> tuple[Fix, ...]:
    """Runs the one workflow for tags, too, and lets docker/metadata-action make the version."""
    makers = {push.maker for push in own}
    maker = makers.pop() if len(makers) == 1 else None
    job = maker.job if maker else None
    if maker is None or job is None or maker.inputs is None or glob not in ("v*", "v"):
        return ()
    trigger, tags = job.workflow.triggers.get("push"), maker.input("tags")
    if trigger is None or trigger.node is None or trigger.filter("branches") is None or tags is None:
        return ()
    last = items(tags, commas=False)[-1]
    edits: list[Edit | None] = [
        append_entry(trigger.node, 'tags: ["v*"]'),
        insert_line_after(tags, last.line, "type=semver,pattern=v{{version}}")
        if tags.style == "literal"
        else None,
    ]
    if target.mutability != "MUTABLE" and maker.input_entry("flavor") is None:
        edits.append(append_entry(maker.inputs, "flavor: latest=false"))
    caution = "Are all jobs of the workflow meant to run for a release?"
    return offer("push a version for each tag", Applicability.UNSAFE, *edits, caution=caution)
