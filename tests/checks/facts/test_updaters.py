"""What Dependabot and other bots keep up to date."""

from __future__ import annotations

import pytest

from checks.facts.action.updaters import (
    is_left_alone,
    leaves_majors_floating,
    may_be_updated_otherwise,
    parse_dependabot,
)
from checks.source.text import Text

DEPENDABOT = ".github/dependabot.yml"


@pytest.mark.parametrize(
    ("directories", "folder", "expected"),
    [
        ("/", "", True),
        ("/", "web", False),
        ("/web", "web", True),
        ("/web/", "web", True),
        ("web", "web", True),
        ("/web", "web/api", False),
        ("'/services/*'", "services/web", True),
        ("'/services/*'", "services", False),
        ("'/services/*'", "services/web/db", False),
        ("'/services/**'", "services", True),
        ("'/services/**'", "services/web/db", True),
        ("'**/*'", "a/b/c", True),
        ("'**/*'", "", True),
        ("'**'", "", True),
        ("'/**/docker'", "docker", True),
        ("'/**/docker'", "a/b/docker", True),
        ("'/**/docker'", "a/b", False),
        ("'/web-*'", "web-api", True),
        ("'/web+'", "webb", False),
    ],
)
def test_an_entry_covers_its_folders_and_none_below(directories: str, folder: str, expected: bool) -> None:
    content = f"version: 2\nupdates:\n  - package-ecosystem: docker\n    directories: [{directories}]\n"
    found = parse_dependabot(Text(DEPENDABOT, content))
    assert found is not None
    (entry,) = found.of("docker")
    assert entry.covers(folder) is expected


def test_entries_are_found_by_their_ecosystem() -> None:
    content = "updates:\n  - {package-ecosystem: npm, directory: /}\n  - {package-ecosystem: docker, directory: /web}\n"
    found = parse_dependabot(Text(DEPENDABOT, content))
    assert found is not None
    assert [entry.directories for entry in found.of("docker")] == [("/web",)]
    assert list(found.of("terraform")) == []


@pytest.mark.parametrize(
    ("name", "action", "expected"),
    [
        ("acme/web", "acme/web", True),
        ("Acme/Web", "acme/web", True),
        ("acme/actions", "acme/actions/setup", True),
        ("acme/actions/*", "acme/actions/setup", True),
        ("acme/*", "acme/web", True),
        ("*/web", "acme/web", True),
        ("acme/web", "acme/web-api", False),
        ("acme/actions/cache", "acme/actions/setup", False),
        ("*", "acme/web", False),
        ("*/*", "acme/web", False),
        ("*/*/*", "acme/actions/setup", False),
    ],
)
def test_an_action_that_dependabot_leaves_alone(name: str, action: str, expected: bool) -> None:
    ignored = f"    ignore: [{{dependency-name: '{name}'}}]\n"
    found = parse_dependabot(Text(DEPENDABOT, f"updates:\n  - package-ecosystem: github-actions\n{ignored}"))
    assert found is not None
    assert is_left_alone(found, action) is expected


_SMALL = "version-update:semver-minor, version-update:semver-patch"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param([f"{{dependency-name: '*', update-types: [{_SMALL}]}}"], True, id="all"),
        pytest.param(
            [f"{{dependency-name: '*', update-types: [{one}]}}" for one in _SMALL.split(", ")],
            True,
            id="each by itself",
        ),
        pytest.param([f"{{dependency-name: 'docker/*', update-types: [{_SMALL}]}}"], False, id="an owner's"),
        pytest.param(
            ["{dependency-name: '*', update-types: [version-update:semver-minor]}"], False, id="one"
        ),
        pytest.param(
            [f"{{dependency-name: '*', update-types: [{_SMALL}, version-update:semver-major]}}"],
            False,
            id="majors, too",
        ),
        pytest.param(
            [f"{{dependency-name: '*', update-types: [{_SMALL}], versions: [4.x]}}"], False, id="some"
        ),
        pytest.param(["{dependency-name: '*'}"], False, id="everything"),
        pytest.param([], False, id="nothing"),
    ],
)
@pytest.mark.parametrize(("folder", "covers"), [("/", True), ("/web", False)])
def test_what_is_to_float_within_its_major_version(
    entries: list[str], expected: bool, folder: str, covers: bool
) -> None:
    entry = (
        f"  - {{package-ecosystem: github-actions, directory: {folder}, ignore: [{', '.join(entries)}]}}\n"
    )
    found = parse_dependabot(Text(DEPENDABOT, f"updates:\n{entry}"))
    assert found is not None
    assert leaves_majors_floating(found) is (expected and covers)


@pytest.mark.parametrize("content", ["version: 2\n", "updates: {}\n", ""])
def test_a_file_without_updates_is_no_configuration(content: str) -> None:
    assert parse_dependabot(Text(DEPENDABOT, content)) is None


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("renovate.json", "", True),
        (".github/renovate.json5", "", True),
        (".version-bump.yml", "", True),
        ("updatecli/updatecli.d/docker.yaml", "", True),
        ("docs/renovate.json", "", False),
        ("Dockerfile", "# renovate: datasource=docker\nFROM scratch\n", True),
        ("Dockerfile", "FROM scratch\n", False),
    ],
)
def test_other_tools_are_known_by_their_traces(path: str, content: str, expected: bool) -> None:
    assert may_be_updated_otherwise([path], [Text(path, content)]) is expected
