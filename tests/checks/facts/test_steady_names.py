"""Names that steps make, and which are the same in each run."""

from __future__ import annotations

import pytest

from checks.facts.image.steady_names import is_of_repository_alone
from tests.checks.workflow import job


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ('echo "IMAGE=${GITHUB_REPOSITORY,,}" >> "$GITHUB_ENV"', True),
        ('echo "IMAGE=${NAME,,}" >> ${GITHUB_ENV}', True),
        ("echo IMAGE=$(echo ${{ github.repository }} | awk '{print tolower($0)}') >> $GITHUB_ENV", True),
        ('X="$(echo "$GITHUB_REPOSITORY" | cut -d/ -f2)"\necho "IMAGE=${X,,}" >> $GITHUB_ENV', True),
        ('X=${NAME}\nY=$X\necho "IMAGE=web-$Y" >> $GITHUB_ENV', True),
        ('X=$(git branch)\necho "IMAGE=${X,,}" >> $GITHUB_ENV', False),
        ('X=web\nX=$BRANCH\necho "IMAGE=${X,,}" >> $GITHUB_ENV', False),
        ('X=web\nread X\necho "IMAGE=${X,,}" >> $GITHUB_ENV', False),
        ('X=web\nX+=$BRANCH\necho "IMAGE=${X,,}" >> $GITHUB_ENV', False),
        ('if [ "$BRANCH" = a ]; then\n  X=web\nfi\necho "IMAGE=$X" >> $GITHUB_ENV', False),
        (
            "X=web\nY=web\n"
            + "".join(f"{name}=$X$Y\n" for name in "AB")
            + 'echo "IMAGE=$A$B" >> $GITHUB_ENV',
            True,
        ),
        ('Y=$X\nX=web\necho "IMAGE=$X$Y" >> $GITHUB_ENV', False),
        ('echo "IMAGE=$X" >> $GITHUB_ENV\nX=$Y\nY=$X', False),
        ('echo "IMAGE=${BRANCH,,}" >> $GITHUB_ENV', False),
        ('echo "IMAGE=${OTHER,,}" >> $GITHUB_ENV', False),
        ('echo "IMAGE=web-${{ github.ref_name }}" >> $GITHUB_ENV', False),
        ('echo "IMAGE=$(cut -d: -f1 image.txt)" >> $GITHUB_ENV', False),
        ('echo "IMAGE=$(./name.sh)" >> $GITHUB_ENV', False),
        ('echo "IMAGE=`./name.sh`" >> $GITHUB_ENV', False),
        ('echo "IMAGE=a" >> $GITHUB_ENV; # by default\necho "IMAGE=b" >> $GITHUB_ENV', False),
        ('if [ "$GITHUB_REF_TYPE" = tag ]; then\n  echo "IMAGE=web" >> $GITHUB_ENV\nfi', False),
        ('case $GITHUB_REF in refs/tags/*)\n  echo "IMAGE=web" >> $GITHUB_ENV ;;\nesac', False),
        ("IMAGE=a", False),
    ],
)
def test_a_variable_of_the_repository_alone(script: str, *, expected: bool) -> None:
    body = script.replace("\n", "\n      ")
    env = "env: {NAME: 'Acme/${{ github.event.repository.name }}', BRANCH: '${{ github.ref_name }}'}"
    found = job(f"{env}\nsteps:\n  - run: |\n      {body}\n  - run: docker push x\n")
    assert is_of_repository_alone("env.IMAGE", found.steps[1]) is expected
    assert not is_of_repository_alone("env.OTHER", found.steps[1])


@pytest.mark.parametrize(
    ("step_id", "more", "expected"), [("name", "", True), ("other", "", False), ("name", "if: x", False)]
)
def test_an_output_of_the_repository_alone(step_id: str, more: str, *, expected: bool) -> None:
    script = 'echo "image=${GITHUB_REPOSITORY,,}" >> "$GITHUB_OUTPUT"'
    found = job(f"steps:\n  - id: {step_id}\n    run: {script}\n    {more}\n  - run: docker push x\n")
    assert is_of_repository_alone("steps.name.outputs.image", found.steps[1]) is expected


def test_each_variable_of_a_script_is_looked_at_once() -> None:
    lines = [f"{name}{at + 1}=$A{at}$B{at}" for at in range(40) for name in "AB"]
    script = "\n      ".join(("A0=web", "B0=web", *lines, "echo IMAGE=$A40 >> $GITHUB_ENV"))
    found = job(f"steps:\n  - run: |\n      {script}\n  - run: docker push x\n")
    assert is_of_repository_alone("env.IMAGE", found.steps[1])
