"""Expressions that move from a script into variables: where they are read, and where they can't be."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.facts.script_edits import moved_to_environment
from checks.source.expression import find
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
        ("TAGS=${{ inputs.tags }}", 'TAGS="$HEAD_REF"'),
        (f"echo hi > {X}.log", 'echo hi > "$HEAD_REF.log"'),
        (f'echo "$(git log {X})"', 'echo "$(git log "$HEAD_REF")"'),
        (f'[ "{X}" = main ] && echo {X}', '[ "$HEAD_REF" = main ] && echo "$HEAD_REF"'),
        (f'echo "a\n  {X}\n  {X}b" c', 'echo "a\n  $HEAD_REF\n  ${HEAD_REF}b" c'),
        (f"cat <<EOF\n{X}\nEOF", "cat <<EOF\n$HEAD_REF\nEOF"),
        (f"mvn -Da={X} -Db=${{{{github.head_ref}}}}", 'mvn "-Da=$HEAD_REF" "-Db=$HEAD_REF"'),
        (f"bash build.sh {X}", 'bash build.sh "$HEAD_REF"'),
        (f"sudo python3 build.py --of {X}", 'sudo python3 build.py --of "$HEAD_REF"'),
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
        f"bash $SCRIPT {X}",
        f"bash build.sh -c {X}",
        f"ssh host bash build.sh {X}",
        f'docker run x sh -c "{X}"',
        f"cat <<'EOF'\n{X}\nEOF",
        f"python3 <<EOF\n{X}\nEOF",
        f"echo $'{X}'",
        f"echo ${{A:-{X}}}",
        f"for one in {X}; do echo $one; done",
        "docker push ${{ inputs.tags }}",
        f'echo "$HEAD_REF {X}"',
        "echo ${{ github.head_ref }} ${{ github.event.pull_request.title }}",
        f"echo {X} ${{",
    ],
)
def test_what_would_be_no_safer_or_not_be_read_stays(script: str) -> None:
    assert moved(workflow(script)) is None


@pytest.mark.parametrize(
    "more",
    [
        "        env: {HEAD_REF: other}\n",
        "        shell: pwsh\n",
    ],
)
def test_a_name_in_use_and_another_shell_are_left_alone(more: str) -> None:
    assert moved(workflow(f"echo {X}", more)) is None


def test_a_variable_that_holds_it_is_used() -> None:
    more = f"        env:\n          BRANCH: {X}\n"
    assert moved(workflow(f"echo {X}", more)) == 'echo "$BRANCH"'
    assert moved(workflow("echo ${{github.head_ref}}", more)) == 'echo "$BRANCH"'


@pytest.mark.parametrize(("script", "style"), [(X, "plain"), (f'"echo {X}"', "double")])
def test_what_yaml_would_read_in_another_way_stays(script: str, style: str) -> None:
    assert moved(workflow(script, style=style)) is None
