"""What a check says of values that a caller hands to a reusable workflow, it says of the same values written out."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from checks.check import CheckModule, Example, Repository, files_of
from checks.source.snapshot import Snapshot
from tests.checks.test_catalogue import EXAMPLES, MODULES

_IMAGE = re.compile(r"(?:ghcr\.io|docker\.io|\d{12}\.dkr\.ecr\.[\w-]+\.amazonaws\.com)/[\w./-]+")
_ON = re.compile(r"^on: .*$", re.MULTILINE)
_UNQUOTED = re.compile(r"(?<=: )(\$\{\{ inputs\.\w+ \}\}(?:\$\{\{[^}\n]*\}\}|[^\n,{}'\"$])*)(?=\}|,[ \n])")
"""In braces, where an expression can't stand without quotes."""
_FLAGS = ("context", "file", "platforms", "push", "target")
_VARIABLE = "'${{ vars.ANY }}'"
_CALLER = "%s\njobs:\n  call:\n    uses: ./%s\n    with: {%s}\n"


def handed_over(files: dict[str, str], *, known: bool = True) -> dict[str, str] | None:
    """The files with the image that the first workflow names most, and inputs of its first build, handed to it.

    Values that are not `known` are those of variables.
    """
    for path, text in files.items():
        names, on = Counter(_IMAGE.findall(text)), _ON.search(text)
        if not path.startswith(".github/workflows/") or not names or on is None or "inputs." in text:
            continue
        given = {"image": names.most_common(1)[0][0]}
        called = text
        tagged = re.search(re.escape(given["image"]) + r":([\w.-]+)", called)
        if tagged is not None:
            given["tag"] = tagged[1]
            called = called.replace(tagged[0], "${{ inputs.image }}:${{ inputs.tag }}")
        called = called.replace(given["image"], "${{ inputs.image }}")
        for name in _FLAGS:
            found = re.search(rf"\b{name}: ([\w./-]+(?:,[\w./-]+)*)(?=[,}}\n])", called)
            if found is not None:
                given[name] = found[1]
                called = called.replace(found[0], f"{name}: '${{{{ inputs.{name} }}}}'")
        called = _UNQUOTED.sub(r"'\1'", called)
        declared = ", ".join(
            f"{name}: {{type: {'boolean' if value in ('true', 'false') else 'string'}}}"
            for name, value in given.items()
        )
        called = called.replace(on[0], f"on: {{workflow_call: {{inputs: {{{declared}}}}}}}")
        passed = ", ".join(f"{name}: {value if known else _VARIABLE}" for name, value in given.items())
        return {**files, path: called, ".github/workflows/caller.yml": _CALLER % (on[0], path, passed)}
    return None


def found(module: CheckModule, example: Example, *, known: bool = True) -> int:
    """How much a check finds where the values of an example are handed over."""
    files = handed_over(files_of(example.files), known=known)
    return (
        len(list(module.run(Repository(Snapshot.of(files, example.paths), example.outside)))) if files else 0
    )


@pytest.mark.parametrize(("module", "example"), EXAMPLES)
def test_what_is_silent_with_values_written_out_is_silent_with_values_handed_over_and_unknown_ones(
    module: CheckModule, example: Example
) -> None:
    if not example.fragments:
        assert found(module, example, known=False) == 0
        assert found(module, example) == 0


def test_findings_are_found_with_values_that_are_handed_over() -> None:
    """So that the test above is one of something."""
    speaking = [
        (module, example) for module in MODULES for example in module.check.examples if example.fragments
    ]
    known = sum(found(module, example) > 0 for module, example in speaking)
    unknown = sum(found(module, example, known=False) > 0 for module, example in speaking)
    assert known > 1.5 * unknown, (known, unknown)
