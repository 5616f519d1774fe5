"""Expressions that move from a script into variables: where they are read, and where they can't be."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.script.script_edits import is_in_single_quotes, may_be_several, moved_to_environment
from checks.source.expression_places import find
from checks.source.snapshot import Snapshot

PATH = ".github/workflows/w.yml"
X = "${{ github.head_ref }}"


def workflow(script: str, more: str = "", style: str = "|") -> str:
    body = "".join(f"          {line}\n" for line in script.split("\n")) if style == "|" else ""
    shown = f"run: |\n{body}" if style == "|" else f"run: {script}\n"
    return f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - {shown}{more}"


def moved(content: str) -> str | None:
    """The script of the only step once all its expressions are moved; None if that can't be."""
    repo = Repository(Snapshot.of({PATH: content}))
    (step,) = repo.workflows[0].steps
    assert step.run
    edits = moved_to_environment(step, {found.span: "HEAD_REF" for found in find(step.run.value)})
    if edits is None:
        return None
    (step,) = repo.edited(edits).workflows[0].steps
    assert step.run
    assert step.env
    return step.run.value.rstrip("\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"echo {X}", 'echo "$HEAD_REF"'),
        (f'echo "{X}"', 'echo "$HEAD_REF"'),
        (f'echo "a {X}_b"', 'echo "a ${HEAD_REF}_b"'),
        (f"echo '{X}'", 'echo "$HEAD_REF"'),
        (f"echo 'a {X} b'", 'echo "a $HEAD_REF b"'),
        (f"echo '$A {X}'", "echo '$A '\"$HEAD_REF\""),
        (f"echo '{X} $A'", "echo \"$HEAD_REF\"' $A'"),
        (f"echo '$A {X} b'", "echo '$A '\"$HEAD_REF\"' b'"),
        (f"echo web:{X}-1", 'echo "web:$HEAD_REF-1"'),
        (f"echo $A/{X}", 'echo $A/"$HEAD_REF"'),
        (f"REF={X}", 'REF="$HEAD_REF"'),
        (f'TAGS=(a "web:{X}-1"\n  web/{X})', 'TAGS=(a "web:$HEAD_REF-1"\n  "web/$HEAD_REF")'),
        (f'declare -a TAGS=("{X}")', 'declare -a TAGS=("$HEAD_REF")'),
        (f'TAGS+=("{X}")', 'TAGS+=("$HEAD_REF")'),
        (f'CMD=(bash build.sh "{X}")', 'CMD=(bash build.sh "$HEAD_REF")'),
        (f'ARGS=(-e "REF={X}")', 'ARGS=(-e "REF=$HEAD_REF")'),
        ("TAGS=${{ inputs.tags }}", 'TAGS="$HEAD_REF"'),
        ("ARGS=${{ inputs.args }}", 'ARGS="$HEAD_REF"'),
        ("export ARGS=${{ inputs.args }}", 'export ARGS="$HEAD_REF"'),
        ("make ${{ inputs.target }}", 'make "$HEAD_REF"'),
        ("ping ${{ inputs.address }}", 'ping "$HEAD_REF"'),
        ("./set.sh ${{ inputs.status }}", './set.sh "$HEAD_REF"'),
        (f"echo hi > {X}.log", 'echo hi > "$HEAD_REF.log"'),
        (f'echo "$(git log {X})"', 'echo "$(git log "$HEAD_REF")"'),
        (f'[ "{X}" = main ] && echo {X}', '[ "$HEAD_REF" = main ] && echo "$HEAD_REF"'),
        (f'echo "a\n  {X}\n  {X}b" c', 'echo "a\n  $HEAD_REF\n  ${HEAD_REF}b" c'),
        (f"cat <<EOF\n{X}\nEOF", "cat <<EOF\n$HEAD_REF\nEOF"),
        (f"mvn -Da={X} -Db=${{{{github.head_ref}}}}", 'mvn "-Da=$HEAD_REF" "-Db=$HEAD_REF"'),
        (f"bash build.sh {X}", 'bash build.sh "$HEAD_REF"'),
        (f"bash -eux build.sh {X}", 'bash -eux build.sh "$HEAD_REF"'),
        (
            f"docker run x node --no-warnings --max-old-space-size=9 try.js {X}",
            'docker run x node --no-warnings --max-old-space-size=9 try.js "$HEAD_REF"',
        ),
        (f"jq -c --arg ref {X} '{{ref: $ref}}' a.json", "jq -c --arg ref \"$HEAD_REF\" '{ref: $ref}' a.json"),
        (f"sudo python3 build.py --of {X}", 'sudo python3 build.py --of "$HEAD_REF"'),
        (f'echo "$HEAD_REF {X}"', 'echo "$HEAD_REF $HEAD_REF_2"'),
        (f"HEAD_REF='{X}'; echo $HEAD_REF_2", 'HEAD_REF="$HEAD_REF_3"; echo $HEAD_REF_2'),
        (
            "echo ${{ github.head_ref }} ${{ github.event.pull_request.title }}",
            'echo "$HEAD_REF" "$HEAD_REF_2"',
        ),
    ],
)
def test_an_expression_is_read_from_a_variable_in_double_quotes(before: str, after: str) -> None:
    assert moved(workflow(before)) == after


@pytest.mark.parametrize(
    "script",
    [
        f'bash -c "echo {X}"',
        f"python3 -c 'print(\"{X}\")'",
        f'eval "{X}"',
        f"bash {X}",
        f"bash -s {X}",
        f"node --no-warnings {X}",
        f"node --no-warnings -p {X}",
        f"node -r ./set-up {X}",
        f"python3 -u -c {X}",
        f"bash $SCRIPT {X}",
        f"bash build.sh -c {X}",
        f"ssh host bash build.sh {X}",
        f'docker run x sh -c "{X}"',
        f"cat <<'EOF'\n{X}\nEOF",
        f"python3 <<EOF\n{X}\nEOF",
        f"echo $'{X}'",
        f"echo ${{A:-{X}}}",
        f"TAGS=({X})",
        f"TAGS=(a {X})",
        f'CMD=(bash -c "echo {X}")',
        f'CMD=(docker run alpine sh -c "echo {X}")',
        f"TAGS=([{X}]=a)",
        f"for one in {X}; do echo $one; done",
        "docker push ${{ inputs.tags }}",
        f"echo {X} ${{",
    ],
)
def test_what_would_be_no_safer_or_not_be_read_stays(script: str) -> None:
    assert moved(workflow(script)) is None


def test_another_shell_is_left_alone() -> None:
    assert moved(workflow(f"echo {X}", "        shell: pwsh\n")) is None


@pytest.mark.parametrize("env", ["{HEAD_REF: other}", "\n          HEAD_REF: other"])
def test_a_name_that_the_environment_has_gets_a_number(env: str) -> None:
    content = workflow("echo ${{ github.head_ref || 'main' }}", f"        env: {env}\n")
    assert moved(content) == 'echo "$HEAD_REF_2"'


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (f"REF='{X}'", True),
        (f"echo 'at {X}'\"$REF\"", True),
        (f"echo \"'{X}'\"", False),
        (f"echo 'at '{X}", False),
        (f"cat <<EOF\n'{X}'\nEOF", False),
    ],
)
def test_what_stands_between_single_quotes(script: str, expected: bool) -> None:
    (step,) = Repository(Snapshot.of({PATH: workflow(script)})).workflows[0].steps
    assert step.run
    (found,) = find(step.run.value)
    assert is_in_single_quotes(step, found.span) is expected


def test_a_variable_that_holds_it_is_used() -> None:
    more = f"        env:\n          BRANCH: {X}\n"
    assert moved(workflow(f"echo {X}", more)) == 'echo "$BRANCH"'
    assert moved(workflow("echo ${{github.head_ref}}", more)) == 'echo "$BRANCH"'


@pytest.mark.parametrize(("script", "style"), [(X, "plain"), (f'"echo {X}"', "double")])
def test_what_yaml_would_read_in_another_way_stays(script: str, style: str) -> None:
    assert moved(workflow(script, style=style)) is None


@pytest.mark.parametrize(
    ("script", "is_so"),
    [
        ("helm upgrade web . ${{ inputs.args }}", True),
        ("make ${{ inputs.targets }}", True),
        ("for it in ${{ inputs.extra-flags }}; do ./up.sh ${{ inputs.extra-flags }}; done", True),
        ("for it in one ${{ steps.changed.outputs.files }}; do ./up.sh; done", True),
        ('for it in "${{ inputs.args }}" ${{ inputs.target }}.txt; do ./up.sh; done', False),
        ("LIST=(${{ inputs.target }})", True),
        ("ARGS=${{ inputs.args }}", False),
        ("make ${{ inputs.target }}", False),
        ('make "${{ inputs.targets }}"', False),
        ("make all-${{ inputs.targets }}", False),
        ("eval ${{ inputs.args }}", False),
    ],
)
def test_what_may_be_meant_to_come_to_several_words(script: str, *, is_so: bool) -> None:
    (step,) = Repository(Snapshot.of({PATH: workflow(script)})).workflows[0].steps
    assert step.run
    assert {may_be_several(step, found.span) for found in find(step.run.value)} == {is_so}
