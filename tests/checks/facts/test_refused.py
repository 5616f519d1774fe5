"""Which workflows GitHub refuses: for what is no expression, a context that is not available at a key, what is no event, a job or a step that lacks what it needs."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checks.catalogue import catalogue
from checks.check import Repository, files_of
from checks.engine import review
from checks.facts.workflow.refused import is_refused
from checks.facts.workflow.refused_calls import refused_by_calls
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
    # neither a name that GitHub doesn't know, nor a key of which nothing is known
    workflow(f"    if: ${{{{ forgejo.ref == 'refs/heads/main' }}}}\n{STEPS}"),
    workflow(f"    snapshot: {{if: secrets.TOKEN}}\n{STEPS}"),
]
NO_EXPRESSIONS = [
    'github.ref_type == "branch"', "github.ref == 'a' ? 'b' : 'c'", "a ${{ b", "a))", "((a)", "github.ref = 'a'",
    "a === b", "a !== b", "a & b", "a | b", "a and b", "not a", "a - 1", "1 + 1", "a ?? b", "github.ref ==", "|| a", "f(a b)",
    "f(,a)", "a[", "a[]", "a..b", "a.", "a.1", "a.'b'", "'a'.b", "'a' 'b'", "1.2.3", "1e", "0xg", ".", "()", "*", "a.b*", "a*",
    "a[1,2]", "$a", "@a", "a # b", "// a", "a; b", "{a}", "`a`", "a\\b", "é", "a.b()", "!", "'a''", "'",
]  # fmt: skip
EXPRESSIONS = [
    "a", "A_b-C.d-e._f", "!a", "! !a", "a == !b", "null", "true", "NaN", "-Infinity", "Infinity", "1", "-1", "+1.5", ".5", "1.",
    "0xFf", "0o17", "1e3", "-2.99E-2", "''", "'it''s'", "'}} {{ ? \"'", "'é'", "a.*", "a.*.b", "a[*].b", "a['b'][0].c", "(a).b",
    "('a')[0]", "f()", "toJSON(a)", "TOJSON (a)['b'].c", "f(a, (b || c), !d)", "a<b", "a>=b&&c!=d||e<=f", "a.true", "a.null.NaN",
    "\t a\u00a0|| b ", "a ||\n  b", "Contains('**/x', '!y')", "a" + " || a" * 400, "(" * 60 + "a" + ")" * 60,
]  # fmt: skip
"""What GitHub reads, or may: https://github.com/actions/runner/blob/main/src/Sdk/DTExpressions2/Expressions2/Tokens/LexicalAnalyzer.cs"""


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


def quoted(text: str) -> str:
    """A scalar of YAML, with any character."""
    return json.dumps(text)


PLACES: list[Callable[[str], str]] = [
    lambda text: workflow(STEPS, f"env: {{A: {text}}}\n"),
    lambda text: workflow(STEPS, f"run-name: {text}\n"),
    lambda text: workflow(f"    name: {text}\n{STEPS}"),
    lambda text: workflow(f"    if: {text}\n{STEPS}"),
    lambda text: workflow(f"    outputs: {{a: {text}}}\n{STEPS}"),
    lambda text: workflow(f"{STEPS}        if: {text}\n"),
    lambda text: workflow(f"{STEPS}        with: {{tags: [{text}]}}\n"),
    lambda text: workflow(f"{STEPS}      - run: {text}\n"),
]


@pytest.mark.parametrize("source", NO_EXPRESSIONS)
def test_what_is_no_expression_is_refused(source: str) -> None:
    assert all(refuses(place(quoted(f"a ${{{{ {source} }}}} b"))) for place in PLACES)
    assert refuses(workflow(f"    if: {quoted(source)}\n{STEPS}"))
    assert refuses(workflow(f"{STEPS}        if: {quoted(source)}\n"))


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_an_expression_is_accepted(source: str) -> None:
    assert not any(refuses(place(quoted(f"${{{{{source}}}}}"))) for place in PLACES)
    assert not refuses(workflow(f"    if: {quoted(source)}\n{STEPS}"))
    assert not refuses(workflow(f"{STEPS}        if: {quoted(source)}\n"))


@pytest.mark.parametrize(
    "text", ["${{ }}", "${{}}", "make # ${{ }}", "${{ a", "${{ a }} ${{", "${{ 'a }}", "${{ a } }"]
)
def test_braces_with_nothing_between_them_or_left_open_are_refused(text: str) -> None:
    assert all(refuses(place(quoted(text))) for place in PLACES)


@pytest.mark.parametrize(
    "text", ["$ {{ a ? b }}", "${A ? B}", "{{ a ? b }}", '"a" == "b"', "}} )) ${ {", "{% a %}"]
)
def test_only_what_stands_between_braces_is_read_but_in_conditions(text: str) -> None:
    assert [refuses(place(quoted(text))) for place in PLACES] == [one in (3, 5) for one in range(len(PLACES))]


@pytest.mark.parametrize(
    "condition", ["", "''", "~", "null", "'  '", "true", "1", "${{ a }} && b", "|\n      a"]
)
def test_conditions_of_nothing_and_with_text_beside_the_braces_are_accepted(condition: str) -> None:
    assert not refuses(workflow(f"    if: {condition}\n{STEPS}"))


def test_what_github_does_not_evaluate_may_be_anything() -> None:
    assert not refuses(workflow(STEPS, "# ${{ a ? b }}\nx-note: ${{ a ? b }}\n"))
    told = "on: {workflow_dispatch: {inputs: {tag: {description: '${{ a ? b }}'}}}}"
    assert not refuses(workflow(STEPS).replace("on: push", told))


NAMES = st.sampled_from(["a", "github", "B_c-d", "_x1"])
LITERALS = st.sampled_from(["''", "'it''s'", "'a)}? \"'", "-1.5e+3", "0x1F", "null", "true", "NaN", ".5"])
READABLE = st.recursive(
    NAMES | LITERALS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["==", "!=", "<", ">=", "&&", "||"]), inner).map(" ".join),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"!({one})"),
        st.tuples(NAMES, inner, inner).map(
            lambda three: f"{three[0]}( {three[1]},\n{three[2]})[*].{three[0]}"
        ),
        st.tuples(NAMES, inner).map(lambda two: f"{two[0]}.{two[0]}[{two[1]}].*"),
    ),
    max_leaves=6,
)


@given(READABLE, st.sampled_from('"?$@;#`{}\\/%~^:é'), st.booleans())
def test_any_expression_is_accepted_and_refused_with_a_character_that_belongs_to_none(
    source: str, stray: str, is_ahead: bool
) -> None:
    broken = f"{stray}{source}" if is_ahead else f"{source} {stray}"
    assert not refuses(workflow(f"    if: {quoted(source)}\n{STEPS}"))
    assert refuses(workflow(f"    if: {quoted(broken)}\n{STEPS}"))


def test_no_example_of_a_check_is_refused_and_no_fix_makes_it_so() -> None:
    examples = [one for module in catalogue() for one in module.check.examples]
    for files in (files_of(archive) for one in examples for archive in (one.files, one.fixed, *one.others)):
        repo = Repository(Snapshot.of(files))
        assert not any(map(is_refused, repo.workflows)), files
        assert not refused_by_calls(repo.calls, frozenset()), files


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
    taken = "on: {workflow_call: {inputs: {name: {type: string}}}}"
    push = workflow(STEPS).replace("on: push", taken)
    files = {".github/workflows/deploy.yml": call, ".github/workflows/_push.yml": push}
    assert speaks(Snapshot.of(files)) is is_told


TAKEN = """
inputs:
  Image: {type: string, required: true}
  tag: {type: string, default: latest}
  push: {type: boolean, required: false}
secrets:
  key: {required: true}
  login:
"""


@pytest.mark.parametrize(
    ("taken", "handed", "is_told"),
    [
        (TAKEN, "with: {image: web}\nsecrets: {KEY: a}", True),
        (TAKEN, "with: {image: web, TAG: a, push: true}\nsecrets: {KEY: a, login: b}", True),
        (TAKEN, "with: {image: '', tag: a}\nsecrets: inherit", True),
        (TAKEN, "with: {image: web, tags: a}\nsecrets: inherit", False),
        (TAKEN, "if: false\nwith: {image: web, tags: a}\nsecrets: inherit", False),
        (TAKEN, "with: {tag: web}\nsecrets: inherit", False),
        (TAKEN, "secrets: inherit", False),
        (TAKEN, "with: {image: web}", False),
        (TAKEN, "with: {image: web}\nsecrets: {login: a}", False),
        (TAKEN, "with: {image: web}\nsecrets: {key: a, GITHUB_TOKEN: b}", False),
        # of what isn't written out nobody knows
        (TAKEN, "with: {<<: {image: web}}\nsecrets: inherit", True),
        (TAKEN, "with: {'${{ insert }}': '${{ vars }}'}\nsecrets: inherit", True),
        (TAKEN, "with: [image]\nsecrets: inherit", True),
        (TAKEN, "<<: {with: {image: web}}\nsecrets: inherit", True),
        ("inputs: {<<: {image: {type: string}}}", "with: {image: web}", True),
        ("<<: {inputs: {image: {type: string}}}", "with: {image: web}", True),
        ("inputs: {image: {type: string, required: 'true'}}", "name: a", True),
        ("inputs: {image: {type: string, required: true, default: web}}", "name: a", False),
        ("outputs: {image: {value: web}}", "with: {image: web}", False),
        ("inputs:", "with: {image: web}", False),
        ("inputs:", "with: {}", True),
        ("", "with: {image: web}", False),
        ("", "secrets: {key: a}", False),
        ("", "secrets: inherit", True),
        ("", "with:", True),
    ],
)
def test_what_a_call_hands_over_is_what_is_taken(taken: str, handed: str, *, is_told: bool) -> None:
    call = textwrap.indent(f"uses: ./.github/workflows/_push.yml\n{handed}\n", "    ")
    push = f"on:\n  workflow_call:\n{textwrap.indent(taken, '    ')}\njobs:\n  push:\n{STEPS}"
    files = {".github/workflows/deploy.yml": workflow(call), ".github/workflows/_push.yml": push}
    assert speaks(Snapshot.of(files)) is is_told


@pytest.mark.parametrize("on", ["workflow_call", "[workflow_call]", "[push, workflow_call]"])
def test_one_that_takes_nothing_is_handed_something(on: str) -> None:
    push = workflow(STEPS).replace("on: push", f"on: {on}")
    call = workflow("    uses: ./.github/workflows/_push.yml\n    with: {image: web}\n")
    files = {".github/workflows/deploy.yml": call, ".github/workflows/_push.yml": push}
    # what is not only called runs by itself
    assert speaks(Snapshot.of(files)) is ("push" in on.replace("_push", ""))


@pytest.mark.parametrize(
    ("uses", "is_told"),
    [
        ("./.github/workflows/_push.yml", False),
        ("./.github/workflows/_other.yml", True),
        ("./.github/workflows/_gone.yml", False),
        ("acme/web/.github/workflows/_push.yml@main", True),
        ("acme/ci/.github/workflows/_push.yml@v1", True),
    ],
)
def test_what_another_commit_takes_is_not_known(uses: str, *, is_told: bool) -> None:
    push = workflow("    runs-on: x\n    steps: [{run: make}]\n").replace("on: push", "on: workflow_call")
    call = f"{workflow(STEPS)}  call:\n    uses: {uses}\n    with: {{image: web}}\n"
    files = {".github/workflows/deploy.yml": call, ".github/workflows/_push.yml": push}
    assert speaks(Snapshot.of(files, [".github/workflows/_other.yml"])) is is_told


@pytest.mark.parametrize(("handed", "is_told"), [("image", True), ("images", False)])
def test_who_calls_what_is_refused_is_refused(handed: str, *, is_told: bool) -> None:
    taking = "on: {workflow_call: {inputs: {image: {type: string}}}}\njobs:\n"
    files = {
        "deploy": f"{workflow(STEPS)}  call:\n    uses: ./.github/workflows/_between.yml\n",
        "_between": f"on: workflow_call\njobs:\n  call:\n    uses: ./.github/workflows/_push.yml\n    with: {{{handed}: web}}\n",
        "_push": f"{taking}  push:\n    runs-on: x\n    steps: [{{run: make}}]\n",
    }
    assert (
        speaks(Snapshot.of({f".github/workflows/{name}.yml": text for name, text in files.items()}))
        is is_told
    )
