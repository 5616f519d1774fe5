"""Where a repository says that its actions are named by tags on purpose."""

from __future__ import annotations

import pytest

from checks.check import Fix, Repository
from checks.facts.action.tag_decisions import tag_decisions
from checks.source.kind import guides, is_guide
from checks.source.snapshot import Snapshot, apply
from checks.source.text import Text
from checks.workflow import action_not_pinned_to_sha, deprecated_action_runtime

WORKFLOW = ".github/workflows/publish.yml"
LINES = (
    "on: push\njobs:\n  it:\n    runs-on: ubuntu-latest\n    permissions: {packages: write}\n    steps:\n"
    "      - uses: docker/login-action@v3\n      - uses: aquasecurity/trivy-action@v0\n      - run: docker push ghcr.io/acme/it\n"
)
ALL = {"docker/login-action", "aquasecurity/trivy-action"}


def named(files: dict[str, str]) -> set[str]:
    """The actions that the check speaks of."""
    found = action_not_pinned_to_sha.run(Repository(Snapshot.of({WORKFLOW: LINES, **files})))
    return {one.location.fragment.partition("@")[0] for one in found}


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        pytest.param("Actions are pinned to major tags by convention.", set[str](), id="all"),
        pytest.param("We pin actions by major tag on purpose.", set[str](), id="all, another way"),
        pytest.param("Majors are pinned, as is the policy of this project.", set[str](), id="majors"),
        pytest.param(
            "Pinning by SHA costs more. SHA pinning of actions is deferred.", set[str](), id="deferred"
        ),
        pytest.param(
            "Actions are pinned to their tags rather than to a SHA.", set[str](), id="not the other"
        ),
        pytest.param(
            "docker/* actions are pinned-major, as documented.",
            ALL - {"docker/login-action"},
            id="of an owner",
        ),
        pytest.param(
            "aquasecurity/trivy-action is pinned to its major tag.",
            ALL - {"aquasecurity/trivy-action"},
            id="one",
        ),
        pytest.param("This action is pinned to its major tag.", ALL, id="which is not said"),
        pytest.param("These actions are pinned to their major tags.", ALL, id="some"),
        pytest.param("First-party actions are pinned to major tags by convention.", ALL, id="of others"),
        pytest.param("Actions must be pinned to a commit, with the tag behind it.", ALL, id="to commits"),
        pytest.param("Actions are pinned to tags or to SHAs.", ALL, id="either"),
        pytest.param(
            "Actions are pinned to major tags; should be commits.", set[str](), id="another sentence"
        ),
        pytest.param("Actions are still pinned to major tags.", ALL, id="still"),
        pytest.param("TODO: actions are pinned to major tags", ALL, id="to do"),
        pytest.param("Actions are never pinned to major tags.", ALL, id="never"),
        pytest.param("Risk: actions are pinned to a moving tag.", ALL, id="a risk"),
        pytest.param("Images of our actions are pinned to major tags.", ALL, id="of images"),
        pytest.param("SHA pinning of actions is required.", ALL, id="asked for"),
        pytest.param("zizmor flags actions pinned to tags.", ALL, id="what a tool finds"),
        pytest.param("By policy, CI rejects actions pinned to a tag.", ALL, id="what is refused"),
        pytest.param("Our policy: no actions pinned to tags.", ALL, id="none"),
        pytest.param("Dependabot must replace actions pinned to tags.", ALL, id="what is replaced"),
        pytest.param("By design, actions pinned to tags can be hijacked.", ALL, id="what they may come to"),
        pytest.param("Actions pinned to mutable tags must be migrated.", ALL, id="what they must come to"),
        pytest.param(
            "By design, actions pinned to major version tags can be moved.", ALL, id="the longer name"
        ),
        pytest.param("Actions pinned to tags are vulnerable.", ALL, id="how they are"),
        pytest.param(
            "As Renovate fails at comments, and no one reviews them, actions are pinned to major tags.",
            set[str](),
            id="what is denied and fails is something else",
        ),
        pytest.param("Are actions pinned to tags by policy?", ALL, id="a question"),
        pytest.param("Actions pinned to major tags by convention.", set[str](), id="without a verb"),
        pytest.param(
            "Actions are pinned to major tags, not to SHAs, which CI would reject.",
            set[str](),
            id="what is refused is the other",
        ),
    ],
)
def test_a_comment_says_that_actions_stay_at_tags(comment: str, left: set[str]) -> None:
    assert named({WORKFLOW: f"# {comment}\n{LINES}"}) == left


@pytest.mark.parametrize(
    ("path", "content", "left"),
    [
        (
            ".github/dependabot.yml",
            "version: 2\nupdates:\n  # Actions are pinned to major tags.\n  - {package-ecosystem: github-actions, directory: /}\n",
            set[str](),
        ),
        (".github/workflows/test.yml", "# Actions are pinned to major tags.\non: push\njobs: {}\n", ALL),
        (
            ".github/workflows/test.yml",
            "# By policy, actions are pinned\n# to major tags.\non: push\njobs: {}\n",
            set[str](),
        ),
        ("CONTRIBUTING.md", "# Workflows\n\nActions are pinned to major tags by convention.\n", set[str]()),
        ("CONTRIBUTING.md", "# Workflows\n\nActions are pinned to major tags.\n", ALL),
        (
            "docs/ci.md",
            "## Pinning policy\n\n- **GitHub Actions:** pinned to the **major tag**\n- Images: by digest\n",
            set[str](),
        ),
        ("docs/ci.md", "## Audit\n\n- **GitHub Actions:** pinned to the **major tag**\n", ALL),
        ("docs/ci.md", "## Pinning policy\n\n```\nActions are pinned to major tags.\n```\n", ALL),
        ("docs/colours.md", "Actions are pinned to major tags by convention.\n", ALL),
    ],
)
def test_another_file_says_so(path: str, content: str, left: set[str]) -> None:
    assert named({path: content}) == left


TIERS = """\
# Policy for actions

## Who is trusted

- **Vendors that we know** pin to a **version tag**. They are:
  - Builders: `docker`, `aws-actions`.
- **All others** pin to a commit, as `aquasecurity` does.
"""


@pytest.mark.parametrize(
    ("guide", "left"),
    [
        pytest.param(TIERS, ALL, id="which of them do is not said"),
        pytest.param(
            TIERS.replace("Vendors that we know", "Known vendors"),
            ALL - {"docker/login-action"},
            id="below",
        ),
        pytest.param(
            "# Policy\n\nVendors are pinned to their major tags:\n`docker/*`,\n`aquasecurity/trivy-action`.\n",
            set[str](),
            id="behind",
        ),
        pytest.param("# Policy\n\nVendors are pinned to tags, but not `docker`.\n", ALL, id="an exception"),
        pytest.param(
            "# Policy\n\nVendors are pinned to tags (`docker`), `aquasecurity` is forbidden.\n",
            ALL,
            id="forbidden",
        ),
        pytest.param(
            "# Policy\n\nVendors are pinned to tags (`docker`), whereas `aquasecurity` is at hashes.\n",
            ALL,
            id="another way",
        ),
        pytest.param("# Audit\n\nVendors are pinned to tags: `docker`.\n", ALL, id="not decided"),
        pytest.param("# Policy\n\nVendors should pin to tags: `docker`.\n", ALL, id="how it should be"),
        pytest.param("# Policy\n\nNo vendors are pinned to tags: `docker`.\n", ALL, id="denied"),
        pytest.param("# Policy\n\nVendors are pinned to tags.\n\n`docker` is at one.\n", ALL, id="apart"),
    ],
)
def test_a_policy_names_the_owners_that_are_trusted(guide: str, left: set[str]) -> None:
    assert named({"docs/action_pinning.md": guide}) == left


def test_a_newer_release_is_named_by_its_tag_then() -> None:
    files = {
        WORKFLOW: LINES.replace("login-action@v3", "login-action@v2"),
        "AGENTS.md": "By policy actions are pinned to major tags.\n",
    }
    (found,) = deprecated_action_runtime.run(Repository(Snapshot.of(files)))
    fix: Fix = found.fixes[0]
    assert "docker/login-action@v4\n" in apply(files[WORKFLOW], fix.edits)


def test_few_guides_are_read_and_stand_apart() -> None:
    paths = [*(f"docs/{n}/ci.md" for n in range(20)), "README.md", "web/README.md", "docs/precise.md"]
    assert guides(paths)[:2] == ("README.md", "docs/0/ci.md")
    assert len(guides(paths)) == 10
    texts = {
        path: Text(path, content)
        for path, content in ((WORKFLOW, LINES), ("README.md", "By policy actions are pinned to tags."))
    }
    snapshot = Snapshot.read(texts, frozenset(texts), (), complete=True)
    assert "README.md" not in snapshot.texts
    assert Repository(snapshot).named_paths == {"README.md"}
    assert not list(action_not_pinned_to_sha.run(Repository(snapshot)))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".claude/rules/dockerfile.md", True),
        (".claude/rules/infra/docker-images.md", True),
        (".claude/rules/.github/workflows.md", True),
        (".cursor/rules/containers.mdc", True),
        (".github/copilot-instructions.md", True),
        (".github/instructions/ci.instructions.md", True),
        (".claude/rules/imagery.md", False),
        (".claude/skills/dockerfile.md", False),
        ("docs/docker.md", False),
    ],
)
def test_what_agents_are_told_is_a_guide(path: str, expected: bool) -> None:
    assert is_guide(path) is expected


def test_guides_are_read_beside_dockerfiles_alone() -> None:
    files = dict.fromkeys(("Dockerfile", "AGENTS.md"), "")
    assert Repository(Snapshot.of(files)).guides == ("AGENTS.md",)
    assert Repository(Snapshot.of({"AGENTS.md": ""})).guides == ()


def test_what_a_change_brings_does_not_count() -> None:
    base = Repository(Snapshot.of({WORKFLOW: LINES}))
    files = {WORKFLOW: LINES, "README.md": "By policy actions are pinned to major tags."}
    assert list(action_not_pinned_to_sha.run(Repository(Snapshot.of(files), base=base)))


def test_a_file_that_is_no_yaml_says_nothing() -> None:
    assert tag_decisions(Text(WORKFLOW, "a: [b\n# Actions are pinned to major tags.\n")) == ()
