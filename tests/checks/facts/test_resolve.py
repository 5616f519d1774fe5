"""What texts of a workflow come to."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.facts.value import MAX_ALTERNATIVES, UNKNOWN, Hole, Value, Varies, combined, joined, literal
from checks.facts.workflow.matrix import legs
from checks.facts.workflow.resolve import Scope
from tests.checks.workflow import last_step

WORKFLOW = """\
on: {on}
env:
  LEVEL: workflow
  OUTER: workflow
jobs:
  build:
    runs-on: ubuntu-24.04
    env:
      LEVEL: job
      MIDDLE: job
      CHAIN: ${{{{ github.repository }}}}/web
    strategy:
      matrix:
        arch: [amd64]
        image: [{{name: web, deep: {{tag: v1}}}}]
    steps:
{earlier}
      - run: x
        env:
          LEVEL: step
          LOOP: ${{{{ env.LOOP }}}}
"""
SLUG = "acme/shop"


def scope(earlier: str = "", on: str = "push", slug: str | None = SLUG) -> Scope:
    step = last_step(WORKFLOW.format(on=on, earlier=textwrap.indent(earlier, "      ")))
    assert step.job
    (leg,) = legs(step.job) or ()
    return Scope(step, leg, slug)


def texts(text: str, **where: str) -> list[str | None]:
    return [value.literal for value in scope(**where).values(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("${{ env.LEVEL }}", "step"),
        ("${{ env.MIDDLE }}", "job"),
        ("${{ env.OUTER }}", "workflow"),
        ("a-${{ env.LEVEL }}:${{env.OUTER}}", "a-step:workflow"),
        ("${{ matrix.arch }}", "amd64"),
        ("${{ matrix.image.name }}:${{ matrix.image.deep.tag }}", "web:v1"),
        ("${{ github.repository }}", "acme/shop"),
        ("${{ github.repository_owner }}/x", "acme/x"),
        ("${{ github.event.repository.name }}", "shop"),
        ("x${{ github.repository_lower }}", "x"),
        ("${{ format('x{0}', github.repository.name) }}", "x"),
        ("${{ env.CHAIN }}", "acme/shop/web"),
        ("${{ format('{0}-{1}', env.LEVEL, matrix.arch) }}", "step-amd64"),
        ("${{ env['OUTER'] }}", "workflow"),
        ("${{ env.LEVEL == 'step' && 'yes' || 'no' }}", "yes"),
        ("${{ matrix.arch != 'amd64' && matrix.arch || 'x86' }}", "x86"),
        ("", ""),
    ],
)
def test_what_the_files_say_is_known(text: str, expected: str) -> None:
    assert texts(text) == [expected]


def test_a_key_that_only_another_leg_has_is_empty() -> None:
    step = last_step("""\
on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    strategy: {matrix: {image: [web, api], include: [{image: api, suffix: -next}]}}
    steps:
      - run: x
""")
    written = "${{ matrix.image }}${{ matrix.suffix }}${{ matrix.none }}"
    found = [Scope(step, leg, None).value(written) for leg in legs(step.job) or ()] if step.job else []
    assert [one.parts[0] for one in found] == ["web", "api-next"]
    assert [len(one.holes) for one in found] == [1, 1]


@pytest.mark.parametrize(
    ("text", "varies"),
    [
        ("${{ github.sha }}", Varies.COMMIT),
        ("${{ github.run_number }}", Varies.RUN),
        ("${{ github.head_ref }}", Varies.BRANCH),
        ("${{ github.event.number }}", Varies.PULL_REQUEST),
        ("${{ github.event.release.tag_name }}", Varies.TAG),
        ("${{ steps.build.outputs.digest }}", Varies.DIGEST),
        ("${{ steps.other.outputs.thing }}", Varies.UNKNOWN),
        ("${{ secrets.X }}", Varies.UNKNOWN),
        ("${{ matrix.none }}", Varies.UNKNOWN),
        ("${{ env.NONE }}", Varies.UNKNOWN),
        ("${{ env.LOOP }}", Varies.UNKNOWN),
        ("${{ github.actor }}", Varies.UNKNOWN),
        ("${{ github.repositoryUrl }}", Varies.UNKNOWN),
        ("${{ github.event.repository.lower }}", Varies.UNKNOWN),
        ("${{ not an expression", None),
        ("${{ ( }}", Varies.UNKNOWN),
    ],
)
def test_what_only_the_run_knows_is_a_hole(text: str, varies: Varies | None) -> None:
    (value,) = scope().values(text)
    assert [hole.varies for hole in value.holes] == ([] if varies is None else [varies])


@pytest.mark.parametrize(
    ("on", "varies"),
    [
        ("{push: {branches: [main]}}", Varies.BRANCH),
        ("{push: {tags: ['v*']}}", Varies.TAG),
        ("pull_request", Varies.PULL_REQUEST),
        ("push", Varies.UNKNOWN),
        ("[release, {push: }]", Varies.TAG),
    ],
)
def test_the_ref_is_what_the_events_say_if_they_agree(on: str, varies: Varies) -> None:
    (value,) = scope(on=on).values("${{ github.ref_name }}")
    assert value.holes[0].varies is varies


LOGIN = "- id: Login\n  uses: aws-actions/amazon-ecr-login@v2\n- id: other\n  uses: acme/x@v1\n"
ROLE = """\
- uses: aws-actions/configure-aws-credentials@v5
  with: {role-to-assume: "arn:aws:iam::111122223333:role/ci", aws-region: eu-west-1}
"""


@pytest.mark.parametrize(
    ("earlier", "step", "expected"),
    [
        (LOGIN, "login", ("account", ".dkr.ecr.", "region", ".amazonaws.com/web")),
        (ROLE + LOGIN, "login", ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web",)),
        (LOGIN + ROLE, "login", ("account", ".dkr.ecr.", "region", ".amazonaws.com/web")),
        (ROLE + LOGIN, "other", ("steps.other.outputs.registry", "/web")),
    ],
)
def test_the_registry_of_a_login_is_that_of_the_credentials_before_it(
    earlier: str, step: str, expected: tuple[str, ...]
) -> None:
    (value,) = scope(earlier).values(f"${{{{ steps.{step}.outputs.registry }}}}/web")
    assert tuple(part.source if isinstance(part, Hole) else part for part in value.parts) == expected


@pytest.mark.parametrize(
    "setting",
    [
        '- run: echo "OUTER=$(date)" >> "$GITHUB_ENV"',
        '- {run: echo "OUTER=x" >> "$GITHUB_ENV", if: inputs.own}',
        '- run: test -e own && echo "OUTER=x" >> "$GITHUB_ENV"',
        '- run: for n in 1 2; do echo "OUTER=$n"; done >> "$GITHUB_ENV"',
        '- run: echo "OUTER=x" >> "$GITHUB_ENV"; ./more "$GITHUB_ENV"',
        '- run: test -e own || exit 0; echo "OUTER=x" >> "$GITHUB_ENV"',
        '- run: echo "OUTER=x" >> "$GITHUB_ENV" &',
        '- run: echo "outer=OUTER" >> "$GITHUB_ENV"',
    ],
)
def test_a_variable_that_an_earlier_step_may_set_is_unknown(setting: str) -> None:
    (value,) = scope(f"{setting}\n").values("${{ env.OUTER }}")
    assert value.is_unknown
    assert texts("${{ env.MIDDLE }}", earlier=setting) == ["job"]


def test_a_variable_is_what_the_last_step_certainly_sets_it_to() -> None:
    setting = '- run: echo "OUTER=x" >> "$GITHUB_ENV"\n'
    again = '- run: |\n    make\n    echo "OUTER=$GITHUB_SHA" >> "$GITHUB_ENV"\n'
    assert texts("${{ env.OUTER }}", earlier=setting) == ["x"]
    assert texts("${{ env.OUTER }}", earlier=again + setting) == ["x"]
    assert texts("${{ env.OUTER }}", earlier=setting.replace("echo", "test -e own || exit 1; echo")) == ["x"]
    assert texts("${{ env.OUTER }}", earlier='- run: echo "OUTER=x"\n') == ["workflow"]
    assert texts("${{ env.LEVEL }}", earlier=setting.replace("OUTER", "LEVEL")) == ["step"]
    (value,) = scope(setting + again).values("${{ env.OUTER }}")
    assert value.is_unknown


NEEDED = """\
on: {push: {branches: [main]}}
jobs:
  prepare:
    runs-on: ubuntu-24.04
%s    outputs:
      Version: v1.2
      image: ghcr.io/${{ env.TEAM }}/web
      tag: sha-${{ github.sha }}
      digest: ${{ steps.build.outputs.digest }}
      computed: ${{ steps.version.outputs.version }}
      reference: ${{ env.TEAM }}@${{ steps.build.outputs.digest }}
      chain: ${{ needs.first.outputs.name }}
    env: {TEAM: acme}
    needs: first
    steps: [{run: x}]
  first:
    runs-on: ubuntu-24.04
    outputs: {name: web}
    steps: [{run: x}]
  last:
    needs: [prepare]
    runs-on: ubuntu-24.04
    steps: [{run: x}]
"""


@pytest.mark.parametrize(
    ("output", "parts"),
    [
        ("version", ("v1.2",)),
        ("image", ("ghcr.io/acme/web",)),
        ("tag", ("sha-", (Varies.COMMIT, "github.sha"))),
        ("digest", ((Varies.DIGEST, "needs.prepare.outputs.digest"),)),
        ("reference", ("acme@", (Varies.DIGEST, "needs.prepare.outputs.reference"))),
        ("chain", ("web",)),
        ("computed", ((Varies.UNKNOWN, "needs.prepare.outputs.computed"),)),
        ("none", ((Varies.UNKNOWN, "needs.prepare.outputs.none"),)),
    ],
)
def test_the_outputs_of_a_needed_job(output: str, parts: tuple[object, ...]) -> None:
    (value,) = Scope(last_step(NEEDED % ""), {}, SLUG).values(f"${{{{ needs.prepare.outputs.{output} }}}}")
    assert tuple((one.varies, one.source) if isinstance(one, Hole) else one for one in value.parts) == parts


def test_an_output_is_not_of_the_variables_of_a_step() -> None:
    content = (NEEDED % "").replace(
        "needs: first\n    steps: [{run: x}]", "needs: first\n    steps: [{run: x, env: {TEAM: other}}]"
    )
    (value,) = Scope(last_step(content), {}, SLUG).values("${{ needs.prepare.outputs.image }}")
    assert value.is_unknown


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ("    strategy: {matrix: {arch: [amd64, arm64]}}\n", "prepare"),
        ("    strategy: {matrix: '${{ fromJSON(inputs.m) }}'}\n", "prepare"),
        ("", "first"),
        ("", "absent"),
    ],
)
def test_outputs_of_several_legs_and_of_jobs_that_are_not_waited_for(more: str, name: str) -> None:
    (value,) = Scope(last_step(NEEDED % more), {}, SLUG).values(f"${{{{ needs.{name}.outputs.version }}}}")
    assert value.is_unknown


def test_without_a_slug_the_repository_is_unknown() -> None:
    (value,) = scope(slug=None).values("${{ github.repository }}")
    assert value.is_unknown


def test_an_expression_may_have_several_values() -> None:
    assert texts("x-${{ github.ref == 'refs/heads/main' && 'latest' || 'edge' }}") == ["x-latest", "x-edge"]
    of_ref = (
        "${{ github.ref_name == 'main' && 'edge' || github.actor == 'x' && 'own' || github.actor || 'none' }}"
    )
    assert texts(of_ref) == ["edge", "own", None, "none"]
    assert texts("${{ github.ref_name == 'main' && 'edge' || github.ref_name }}") == ["edge", None]
    assert texts("${{ github.ref_name == 'main' && 'edge' }}") == ["false", "edge"]
    values = scope().values("${{ inputs.tag || 'latest' }}")
    assert [value.literal for value in values] == [None, "latest"]
    assert scope().value("${{ inputs.tag || 'latest' }}") == UNKNOWN


def test_variables_that_multiply_end() -> None:
    """Each names the one before a thousand times: without a limit, 1000 to the power of eight."""
    env = "".join(f"      V{n}: {f'${{{{ env.V{n - 1} }}}}' * 1000}\n" for n in range(1, 9))
    step = last_step(f"on: push\njobs:\n  a:\n    env:\n      V0: x\n{env}    steps: [{{run: x}}]\n")
    assert Scope(step, {}, None).value("${{ env.V8 }}").is_unknown
    assert Scope(step, {}, None).value("${{ env.V1 }}").literal == "x" * 1000


# -- values


PARTS = st.lists(st.one_of(st.text("ab:/", max_size=3), st.just(Hole(Varies.COMMIT, "s"))), max_size=6)


@given(PARTS)
def test_parts_are_joined_without_empty_or_neighbouring_texts(parts: list[str | Hole]) -> None:
    value = joined(parts)
    assert "" not in value.parts
    neighbours = zip(value.parts, value.parts[1:], strict=False)
    assert not any(isinstance(a, str) and isinstance(b, str) for a, b in neighbours)
    assert str(value) == "".join("${{ s }}" if isinstance(part, Hole) else part for part in parts)
    assert value.length == sum(1 if isinstance(part, Hole) else len(part) for part in parts)


def test_a_value_is_written_as_its_file_has_it() -> None:
    parts = (
        Hole(source="vars.HOST"),
        "/web:",
        Hole(source="{{major}}"),
        ".",
        Hole(source="$MINOR"),
        "-",
        Hole(),
    )
    assert str(Value(parts)) == "${{ vars.HOST }}/web:{{major}}.$MINOR-…"


@given(PARTS, st.sampled_from(":/"))
def test_partitions_make_the_value_again(parts: list[str | Hole], separator: str) -> None:
    value = joined(parts)
    for before, found, after in (value.partition(separator), value.rpartition(separator)):
        assert found == any(separator in part for part in value.parts if isinstance(part, str))
        assert joined((*before.parts, *((separator,) if found else ()), *after.parts)) == value
    assert (
        separator
        not in "".join(part for part in value.partition(separator)[0].parts if isinstance(part, str))
        or not value.partition(separator)[1]
    )


def test_alternatives_are_combined_up_to_a_limit() -> None:
    a, b = literal("a"), literal("b")
    assert [str(one) for one in combined([(a, b), (literal("-"),), (a, b)])] == ["a-a", "a-b", "b-a", "b-b"]
    assert combined([(a, b)] * 5) == (UNKNOWN,)
    assert len(combined([(a, b)] * 4)) == MAX_ALTERNATIVES
    assert combined([]) == (literal(""),)
    assert Value(()).literal == ""
