"""The config file: what it may say, what its errors say, and what several of them make together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from app.config.combining import combine
from app.config.file import json_schema, parse
from app.config.model import Config, ConfigError, InvalidConfig, Layer, Mode, Role
from checks.check import Severity
from checks.source import yaml
from checks.source.text import Text
from tests.app import sample

CHECKS = [
    sample.MOVING_TAG,
    sample.SHELL_FORM,
    sample.check("user-not-numeric", Severity.WARNING, aliases=("user-by-name",)),
    sample.check("action-on-branch", Severity.WARNING),
]
PATH = ".github/tidewaiter.yml"
ORGANISATION = """\
version: 1
extends: acme/platform
fail-on: warning
mode: review
incomplete: failure
checks:
  user-not-numeric: off
  action-on-branch: {severity: error, enforced: true}
paths: {ignore: ["third_party/**"]}
own: {registries: [111122223333.dkr.ecr.eu-west-1.amazonaws.com], accounts: ["111122223333"]}
facts-from: [acme/infrastructure]
comments: {per-pull-request: 25, per-check: 5}
repositories:
  - {match: ["sandbox-*"], mode: observe, incomplete: neutral, checks: {action-on-branch: off}}
  - {match: ["*"], comments: {per-check: 3}}
"""


def layer(content: str, role: Role = Role.REPOSITORY, owner: str | None = "acme") -> Layer:
    return parse(Text(PATH, content), role, CHECKS, owner)


def config(*layers: Layer, name: str | None = "web") -> Config:
    return combine(layers, CHECKS, name)


def errors(content: str, role: Role = Role.REPOSITORY) -> list[str]:
    """What each error says, without the path."""
    with pytest.raises(InvalidConfig) as caught:
        layer(content, role)
    assert all(error.path == PATH for error in caught.value.errors)
    return [str(error).removeprefix(f"{PATH}:") for error in caught.value.errors]


def test_without_a_file_the_defaults_hold() -> None:
    made = config()
    assert (made.fail_on, made.mode) == (Severity.ERROR, Mode.REVIEW)
    assert (made.comments.per_pull_request, made.comments.per_check) == (25, 5)
    assert not made.incomplete_fails
    assert not made.choices.ignored("third_party/Dockerfile")
    assert made == config(layer(""), layer("# nothing yet\n"), layer("checks:\npaths:\n"))


def test_every_key_of_the_organisations_file_counts() -> None:
    organisation = layer(ORGANISATION, Role.ORGANISATION)
    made = config(organisation)
    assert organisation.extends == "acme/platform"
    assert made.fail_on is Severity.WARNING
    assert made.incomplete_fails
    assert made.choices.severities == {"user-not-numeric": None, "action-on-branch": Severity.ERROR}
    assert made.choices.enforced == {"action-on-branch"}
    assert made.choices.ignored("third_party/a/Dockerfile")
    assert not made.choices.ignored("src/third_party.tf")
    assert made.registries == {"111122223333.dkr.ecr.eu-west-1.amazonaws.com"}
    assert made.accounts == {"111122223333"}
    assert made.facts_from == ("acme/infrastructure",)
    assert (made.comments.per_pull_request, made.comments.per_check) == (25, 3)


@pytest.mark.parametrize("key", ["fail-on", "mode", "extends", "version"])
def test_a_word_that_is_not_known_says_which_are(key: str) -> None:
    [error] = errors(f"\n{key}: sometimes\n")
    assert error.startswith(f'2: "{key}" ')
    assert '"sometimes". Expected ' in error


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "version: 1\nfail-on: error\n\nchekcs: {}\n",
            '4: unknown key "chekcs"; did you mean "checks"? Expected one of: version, extends, fail-on, mode, ',
        ),
        (
            "checks:\n  user-not-nummeric: off\n",
            '2: unknown check "user-not-nummeric"; did you mean "user-not-numeric"?',
        ),
        (
            "checks: {user-not-numeric: loud}",
            '1: "user-not-numeric" is "loud". Expected one of: off, note, warning, error',
        ),
        ("checks:\n  user-not-numeric:\n", '2: "user-not-numeric" is left empty. Expected one of: off, note'),
        ("checks: [user-not-numeric]", '1: "checks" is a list. Expected a mapping from checks'),
        (
            "checks:\n  user-by-name: off\n  user-not-numeric: note",
            '3: "user-not-numeric" stands above under another',
        ),
        ("mode: review\nmode: observe", '2: "mode" stands above already'),
        ("paths: {ignore: src}", '1: "ignore" is "src". Expected a list'),
        ("paths:\n  ignore:\n    - '!'\n", '3: "ignore" has "!": not a pattern of .gitignore'),
        ("paths: {ignore: ['[a']}", '1: "ignore" has "[a": it matches no file'),
        (
            "paths: {ignore: ['*a*b*c*d']}",
            '1: "ignore" has "*a*b*c*d": more than 3 wildcards in a row of names',
        ),
        ("comments: {per-check: -1}", '1: "per-check" is "-1". Expected a number from 0 to 100'),
        ("comments: {per-check: '5'}", '1: "per-check" is "5". Expected a number from 0 to 100'),
        ("version: 2", '1: "version" is "2". Expected 1'),
        ("own: {accounts: [1111]}", '1: "accounts" has "1111". Expected the 12 digits of an AWS account'),
        ("facts-from: [acme]", '1: "facts-from" has "acme". Expected owner/name'),
        (
            "extends: other/platform",
            '1: "extends" has "other/platform": only a repository of "acme" can be extended',
        ),
        ("repositories: []", '1: "repositories": only the organisation\'s file may have it'),
        (
            "checks: {action-on-branch: {enforced: true}}",
            '1: "enforced": only the organisation\'s file may enforce a check',
        ),
        ("- a", "1: the file holds a list. Expected a mapping with the keys: version, "),
        ("? [a]\n: b", "1: a list stands where the name of a key should"),
        ("a: b: c", "1: not YAML: mapping values are not allowed"),
        ("mode: review\n---\nmode: review\n", "3: a second document begins here. Expected one"),
        ("<<: {mode: review}", '1: unknown key "<<"'),
        ('"\\e[31m": 1', '1: unknown key "\\x1b[31m"'),
    ],
)
def test_an_error_says_where_it_is_and_what_was_expected(content: str, expected: str) -> None:
    [error] = errors(content)
    assert error.startswith(expected)


def test_all_errors_are_told_in_the_order_of_the_file() -> None:
    assert [
        error[0] for error in errors("mode: loud\nchekcs: {}\nchecks: {nope: off}\nfail-on: 3\n")
    ] == list("1234")


def test_an_old_name_of_a_check_still_sets_it() -> None:
    assert config(layer("checks: {user-by-name: error}")).choices.severities == {
        "user-not-numeric": Severity.ERROR
    }


def test_the_organisation_must_say_which_repositories_an_entry_is_about() -> None:
    assert errors("repositories:\n  - {mode: observe}\n", Role.ORGANISATION) == ['2: "match" is missing']


@pytest.mark.parametrize(
    ("name", "mode", "enforced"),
    [
        ("sandbox-1", Mode.OBSERVE, False),
        ("SANDBOX-x", Mode.OBSERVE, False),
        ("web", Mode.REVIEW, True),
        (None, Mode.REVIEW, True),
    ],
)
def test_the_first_entry_that_matches_stands_over_what_stands_above(
    name: str | None, mode: Mode, enforced: bool
) -> None:
    made = config(layer(ORGANISATION, Role.ORGANISATION), name=name)
    assert made.mode is mode
    assert made.choices.severities["action-on-branch"] == (Severity.ERROR if enforced else None)
    assert ("action-on-branch" in made.choices.enforced) is enforced


def test_a_repository_refines_what_the_organisation_says() -> None:
    own = "fail-on: never\nmode: observe\nchecks: {user-not-numeric: note}\npaths: {ignore: ['!third_party/ours/**', docs]}\n"
    made = config(layer(ORGANISATION, Role.ORGANISATION), layer(own))
    assert (made.fail_on, made.mode) == (None, Mode.OBSERVE)
    assert made.choices.severities["user-not-numeric"] is Severity.NOTE
    assert made.choices.ignored("docs/Dockerfile")
    assert not made.choices.ignored("third_party/ours/Dockerfile")
    assert made.facts_from == ("acme/infrastructure",)


@pytest.mark.parametrize("severity", ["off", "note", "warning"])
def test_what_the_organisation_enforces_is_neither_switched_off_nor_lowered(severity: str) -> None:
    own = layer(f"mode: review\nchecks:\n  action-on-branch: {severity}\n")
    made = config(layer(ORGANISATION, Role.ORGANISATION), own)
    assert made.choices.severities["action-on-branch"] is Severity.ERROR
    [note] = made.notes
    assert str(note) == f'{PATH}:3: "action-on-branch" stays at error: the organisation enforces it'


def test_what_is_enforced_at_its_own_severity_can_be_raised() -> None:
    organisation = layer("checks: {action-on-branch: {enforced: true}}", Role.ORGANISATION)
    made = config(organisation, layer("checks: {action-on-branch: error}"))
    assert made.choices.severities["action-on-branch"] is Severity.ERROR
    assert made.notes == ()


def test_what_is_enforced_fails_and_is_seen_whatever_the_repository_says() -> None:
    own = layer("mode: observe\nfail-on: never\npaths: {ignore: ['*']}\n")
    made = config(layer(ORGANISATION, Role.ORGANISATION), own)
    assert made.fails("action-on-branch", Severity.WARNING)
    assert not made.fails("action-on-branch", Severity.NOTE)
    assert not made.fails("user-not-numeric", Severity.ERROR)
    assert made.choices.ignored(".github/workflows/build.yml")
    assert not made.choices.enforced_ignored(".github/workflows/build.yml")
    assert made.choices.enforced_ignored("third_party/a/Dockerfile")


def test_an_organisation_that_only_observes_fails_nothing() -> None:
    organisation = layer("mode: observe\nchecks: {action-on-branch: {enforced: true}}", Role.ORGANISATION)
    assert not config(organisation).fails("action-on-branch", Severity.ERROR)


@pytest.mark.parametrize(("fail_on", "failing"), [("error", 1), ("warning", 2), ("note", 3), ("never", 0)])
def test_a_finding_fails_from_fail_on_upwards(fail_on: str, failing: int) -> None:
    made = config(layer(f"fail-on: {fail_on}"))
    assert [made.fails("user-not-numeric", severity) for severity in Severity] == [True] * failing + [
        False
    ] * (3 - failing)


def plain_value(node: yaml.Node) -> object:
    """A node as JSON has it."""
    if isinstance(node, yaml.Mapping):
        return {
            entry.key.value: plain_value(entry.value)
            for entry in node.entries
            if isinstance(entry.key, yaml.Scalar)
        }
    if isinstance(node, yaml.Sequence):
        return [plain_value(item) for item in node.items]
    number, flag = node.as_int(), node.as_bool()
    return number if number is not None else node.value if flag is None else flag


@pytest.mark.parametrize(
    "content",
    [
        ORGANISATION,
        "checks: {nope: off}",
        "mode: loud",
        "comments: {per-check: 101}",
        "paths: {ignore: a}",
        "repositories: [{}]",
    ],
)
def test_the_schema_and_the_reader_agree(content: str) -> None:
    schema = json_schema(CHECKS)
    Draft202012Validator.check_schema(schema)
    [document] = yaml.parse(Text(PATH, content))
    assert Draft202012Validator(schema).is_valid(plain_value(document)) is (told(content) == ())


@given(
    st.recursive(
        st.sampled_from(["off", "1", "checks", "match", "~", "*a", "&a x"]),
        lambda inner: st.lists(inner).map(lambda it: "{" + ", ".join(f"{a}: {a}" for a in it) + "}"),
    )
)
def test_any_file_is_read_or_refused_with_a_place(content: str) -> None:
    assert all(error.line == 1 and error.message.isprintable() for error in told(content))


def told(content: str) -> tuple[ConfigError, ...]:
    """The errors of an organisation's file, none if it is read."""
    try:
        config(layer(content, Role.ORGANISATION))
    except InvalidConfig as refused:
        return refused.errors
    return ()
