"""What the field's tools say of the examples' files once they are fixed: nothing that they did not say before."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from checks.catalogue import catalogue
from checks.check import files_of
from checks.source.kind import Kind, kind_of
from tests.corpus.peers import Complaint, complaints

EXPECTED = {
    (
        "cosign-v2-attestation-tags-in-immutable-repository",
        "CKV_AWS_51",
    ): "to it only `IMMUTABLE` is immutable",
    ("exclusion-filter-invalid", "CKV_AWS_51"): "to it only `IMMUTABLE` is immutable",
    ("moving-tag-pushed-to-immutable-repository", "CKV_AWS_51"): "to it only `IMMUTABLE` is immutable",
    (
        "package-manager-hygiene",
        "DL3059",
    ): "it takes RUNs in a row for one layer's only where each holds one command",
    ("terraform-reference-not-declared", "CKV2_AWS_64"): "without a policy AWS gives a key the account's own",
}
"""Check and rule of a tool, and why we'd take the complaint."""
Files = dict[str, str]


def _goldens() -> Iterator[tuple[str, Files, Files]]:
    """The check and a number, the files that a fix changes as they are, and as they are then."""
    for module in catalogue():
        for number, example in enumerate(module.check.examples):
            before = files_of(example.files)
            goldens = (golden for golden in (example.fixed, *example.others) if golden)
            for which, golden in enumerate(goldens):
                after = files_of(golden)
                changed = {path: before[path] for path in after if path in before}
                yield f"{module.check.id}/{number}-{which}", changed, after


def _said(folder: Path, examples: dict[str, Files]) -> Counter[Complaint]:
    kinds: dict[str, Kind] = {}
    for name, files in examples.items():
        for path, content in files.items():
            place = folder / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode())
            if kind := kind_of(path, content):
                kinds[f"{name}/{path}"] = kind
    return complaints(folder, kinds)


def test_a_fix_makes_no_tool_of_the_field_complain() -> None:
    goldens = list(_goldens())
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as then:
        before = _said(Path(first), {name: files for name, files, _ in goldens})
        after = _said(Path(then), {name: files for name, _, files in goldens})
    assert {one.tool for one in before} == {"actionlint", "checkov", "hadolint", "zizmor"}
    found = {(one.path.partition("/")[0], one.rule): one for one in after.keys() - before.keys()}
    assert {key: one for key, one in found.items() if key not in EXPECTED} == {}
    assert found.keys() == EXPECTED.keys()
