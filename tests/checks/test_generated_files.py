"""Files that a recipe or a script writes with a generator: what is found in them is mended in what that reads."""

from __future__ import annotations

import pytest

from checks.check import Repository
from checks.engine import Choices, review
from checks.source.snapshot import Snapshot
from tests.checks.words import finds

FILE = "images/web/Dockerfile"


@pytest.mark.parametrize(
    ("path", "recipe"),
    [
        (
            "Justfile",
            "ci:\n    set -eu\n    echo './ci.dhall' | dhall-to-yaml > images/web/Dockerfile\n",
        ),
        ("justfile", "ci:\n  #!/bin/sh\n  cd images/web\n\n  cue export > Dockerfile\n"),
        ("Makefile", f"ci:\n\t@cue export ./ci --out yaml \\\n\t\t> {FILE}\n"),
        ("Makefile", f"{FILE}: ci.dhall\n\tdhall-to-yaml --file $< --output $@\n"),
        ("images/Makefile", "ci:\n\tcd web && gomplate -f image.tmpl -o Dockerfile\n"),
        ("ci/write.sh", f"jsonnet ci.jsonnet | yq -P > {FILE}\n"),
        ("ci/write.sh", f"envsubst < image.tmpl | tee {FILE}\n"),
        ("ci/write.sh", 'cd "$(git rev-parse --show-toplevel)"\nytt -f ci > images/web/Dockerfile\n'),
        ("ci/write.sh", f"jsonnet --output-file={FILE} ci.jsonnet\n"),
    ],
)
def test_what_a_generator_writes_is_changed_in_what_it_reads(path: str, recipe: str) -> None:
    repo = Repository(Snapshot.of({path: recipe, FILE: "FROM a\nRUN bad\n"}))
    outcome = review(repo, None, [finds("bad")])
    assert (outcome.findings, [one.reason for one in outcome.suppressed]) == ((), [f"{path} generates it"])
    assert review(repo, None, [finds("bad")], Choices(enforced=frozenset({"bad"}))).findings


@pytest.mark.parametrize(
    ("path", "recipe"),
    [
        pytest.param("Justfile", f"ci:\n  dhall-to-yaml < a.dhall > /tmp/{FILE}\n", id="elsewhere"),
        pytest.param(
            "Justfile", "ci:\n  dhall-to-yaml > {{ folder }}/Dockerfile\n", id="a folder of a variable"
        ),
        pytest.param("Makefile", f"ci:\n\tdhall-to-yaml < a.dhall >> {FILE}\n", id="added to it"),
        pytest.param("Makefile", f"ci:\n\tcue vet ./ci > {FILE}\n", id="the generator only reads"),
        pytest.param("Makefile", f"ci:\n\tcue export ./ci | diff - {FILE}\n", id="compared"),
        pytest.param("Makefile", f"ci:\n\tcue export 2> {FILE}\n", id="what it complains of"),
        pytest.param("ci/Makefile", f"ci:\n\tcue export > {FILE}\n", id="below another folder"),
        pytest.param("ci.mk", f"ci:\n\tcue export > {FILE}\n", id="what others include"),
        pytest.param(
            "t/try.sh", f'cd "$(mktemp -d)"\nenvsubst < a > {FILE}\n', id="in a folder that goes away"
        ),
        pytest.param("t/try.sh", f"cat > {FILE} <<EOF\nFROM a\nEOF\n# not by envsubst\n", id="no generator"),
    ],
)
def test_what_may_be_written_by_hand_is_told(path: str, recipe: str) -> None:
    repo = Repository(Snapshot.of({path: recipe, FILE: "FROM a\nRUN bad\n"}))
    assert [one.finding.location.path for one in review(repo, None, [finds("bad")]).findings] == [FILE]
