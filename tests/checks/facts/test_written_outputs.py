"""What a step gives to those that run for an output of it alone."""

from __future__ import annotations

import textwrap

import pytest

from checks.facts.workflow.never_run import parts_that_never_run
from checks.facts.workflow.workflows import parse_workflow
from checks.source.text import Text


def never_runs(script: str, condition: str, more: str = "") -> bool:
    """Whether a step with this condition never runs, behind one whose script this is."""
    text = (
        "on: push\njobs:\n  release:\n    runs-on: ubuntu-latest\n    steps:\n      - id: look\n"
        f"        run: |\n{textwrap.indent(script, ' ' * 10)}\n{more}"
        f"      - uses: someone/notify@v1\n        if: {condition}\n"
    )
    found = parse_workflow(Text(".github/workflows/release.yml", text))
    assert found is not None
    *_, last = found.steps
    return last.node.span in parts_that_never_run(found)


NO = 'echo "changed=false" >> "$GITHUB_OUTPUT"'


@pytest.mark.parametrize(
    ("script", "never"),
    [
        (NO, True),
        ("echo changed=false >>$GITHUB_OUTPUT", True),
        ("echo 'changed=' >> ${GITHUB_OUTPUT}", True),
        (f'TAG=$(git describe --tags || echo "v0")\necho "tag=$TAG" >> $GITHUB_OUTPUT\n{NO}', True),
        (f"if [ -f VERSION ]; then\n  {NO}\nelse\n  echo changed=no >> $GITHUB_OUTPUT\nfi", True),
        ("{\n  echo tag=1\n  echo changed=false\n} >> $GITHUB_OUTPUT", True),
        ("echo tag=1 >> $GITHUB_OUTPUT", True),
        ("git tag 1", True),
        (f"{NO}\necho changed=true >> $GITHUB_OUTPUT", False),
        (f"{NO}\nif [ -f VERSION ]; then\n  echo changed=True >> $GITHUB_OUTPUT\nfi", False),
        ('echo "changed=$CHANGED" >> $GITHUB_OUTPUT', False),
        ('echo "changed=${{ inputs.changed }}" >> $GITHUB_OUTPUT', False),
        (f'{NO}\necho "$NAME=true" >> $GITHUB_OUTPUT', False),
        (f"{NO}\necho ::set-output name=changed::true", False),
        (f"{NO}\necho changed=true | tee -a $GITHUB_OUTPUT", False),
        (f"{NO}\ncat found >> $GITHUB_OUTPUT", False),
        (f"{NO}\ncat >> $GITHUB_OUTPUT <<EOF\nchanged=true\nEOF", False),
        (f"{NO}\nOUT=$GITHUB_OUTPUT\necho changed=true >> $OUT", False),
        (f"{NO}\nprintf 'changed=%s' true >> $GITHUB_OUTPUT", False),
        (f"{NO}\n./look.sh", False),
        (f"{NO}\nmake look", False),
        (f"{NO}\nawk -f look.awk VERSION", False),
        (f"{NO}\n$LOOK", False),
        (f'say() {{ echo "$1=$2" >> $GITHUB_OUTPUT; }}\nsay changed true\n{NO}', False),
        ("echo -e 'tag=1\\nchanged=true' >> $GITHUB_OUTPUT", False),
        ('echo "tag=1\nchanged=true" >> $GITHUB_OUTPUT', False),
        ('echo "tag=$TAG\nchanged=true" >> $GITHUB_OUTPUT', False),
        ("echo 'tag=1\\nchanged=true' >> $GITHUB_OUTPUT", False),
        ("echo $'tag=1\\nchanged=true' >> $GITHUB_OUTPUT", False),
        ("npx semantic-release", False),
    ],
)
def test_what_a_script_writes(script: str, never: bool) -> None:
    assert never_runs(script, "steps.look.outputs.changed == 'true'") is never


@pytest.mark.parametrize(
    ("condition", "never"),
    [
        ("${{ steps.look.outputs.changed == 'true' && steps.other.outputs.found == 'false' }}", True),
        ("steps.LOOK.outputs.Changed == 'true'", True),
        ("always() && steps.look.outputs.changed == 'true'", True),
        ("steps.look.outputs.changed", False),
        ("steps.look.outputs.changed == 'false'", False),
        ("steps.look.outputs.changed != 'true'", False),
        ("steps.look.outputs.changed == 'true' || inputs.force", False),
        ("steps.look.outcome == 'success'", False),
        ("failure() && steps.look.outcome == 'failure'", False),
        ("failure() && steps.look.outputs.changed == 'false'", False),
        ("failure() && steps.look.outputs.changed == 'true'", True),
        ("cancelled() && steps.look.outcome == 'cancelled'", False),
        ("${{ !success() && steps.look.outcome == 'failure' }}", False),
        ("contains(steps.look.outputs.*, 'true')", False),
    ],
)
def test_what_is_asked_of_it(condition: str, never: bool) -> None:
    other = "      - id: other\n        run: ./find.sh\n"
    assert never_runs(NO, condition, other) is never


def test_an_action_may_give_anything() -> None:
    action = "      - id: found\n        uses: someone/look@v1\n"
    assert not never_runs(NO, "steps.found.outputs.changed == 'true'", action)
