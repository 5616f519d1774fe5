"""The engine over small checks of the test's own: gates for fixes, what yields, crashes, what is new."""

from __future__ import annotations

import gc
import posixpath
import weakref
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from checks.catalogue import catalogue
from checks.check import (
    Applicability,
    CheckModule,
    Edit,
    Finding,
    Fix,
    Kind,
    Location,
    Outside,
    Repository,
    Scope,
    Severity,
    Span,
)
from checks.engine import Choices, Review, State, fixable, review
from checks.facts.workflow.workflows import Workflow
from checks.fixes import MANY
from checks.runner import Crashed
from checks.source.snapshot import Snapshot
from checks.source.text import Unreadable
from tests.checks import words
from tests.checks.words import crashing, finds, only, places, replacing, repository, turning

ANY = frozenset(Applicability)


def held(files: words.Files | str, *modules: CheckModule) -> Finding:
    """The only finding of the first module, after its fixes were tried."""
    outcome = review(repository(files), None, modules)
    (one,) = (found.finding for found in outcome.findings if found.check is modules[0].check)
    return one


# -- the first gate: a fix is tried


def test_a_fix_that_ends_its_finding_and_brings_nothing_is_kept() -> None:
    finding = held("FROM bad\n", finds("bad", replacing("good")), finds("worse"))
    assert [fix.title for fix in finding.fixes] == ["replace it"]
    assert finding.withheld == ""


def test_a_fix_that_does_not_end_its_finding_is_withheld_with_the_reason() -> None:
    finding = held("FROM bad\n", finds("bad", replacing("bad:still")))
    assert finding.fixes == ()
    assert finding.withheld == "“replace it”: we tried it, and it does not solve what is told here"


def test_a_fix_that_only_moves_its_finding_is_withheld() -> None:
    finding = held("FROM bad1\n", finds(r"bad\d", replacing("bad2")))
    assert finding.withheld == "“replace it”: we tried it, and it does not solve what is told here"


def test_a_fix_that_makes_another_finding_appear_is_withheld_with_its_check() -> None:
    finding = held("FROM bad\n", finds("bad", replacing("worse")), finds("worse"))
    assert finding.fixes == ()
    assert finding.withheld == "“replace it”: it would bring another finding (`worse`): It is here."


def test_a_finding_that_follows_the_fixed_one_does_not_withhold_the_fix() -> None:
    after = finds("good", about=replace(words.check("next"), follows=("bad",)))
    assert held("FROM bad\n", finds("bad", replacing("good")), after).fixes
    assert not held("FROM bad\n", finds("bad", replacing("good")), after, finds("go+d")).fixes
    assert not held("FROM bad\n", finds("b.d", replacing("good")), after).fixes


def test_one_more_of_what_is_there_already_counts_as_appearing() -> None:
    finding = held("FROM bad\nRUN worse\n", finds("bad", replacing("worse")), finds("worse"))
    assert finding.withheld == "“replace it”: it would bring another finding (`worse`): It is here."


def test_a_finding_in_another_file_that_appears_withholds_the_fix() -> None:
    def run(repo: Repository) -> Iterator[Finding]:
        """Speaks of `b` if `a` says good."""
        texts = {dockerfile.path: dockerfile.text for dockerfile in repo.dockerfiles}
        if "good" in texts["a.Dockerfile"].content:
            yield Finding("It is here.", Location(texts["b.Dockerfile"], Span(0, 4)))

    far = words.module(words.check("far", scope=Scope.REPOSITORY), run)
    files = {"a.Dockerfile": "FROM bad\n", "b.Dockerfile": "FROM b\n"}
    assert "`far`" in held(files, finds("bad", replacing("good")), far).withheld


def test_a_fix_that_makes_a_file_unreadable_is_withheld() -> None:
    finding = held("FROM bad\n", finds("bad", turning("FROM", "WHAT")))
    assert finding.withheld == "“turn it”: it would leave `Dockerfile` unreadable"


def test_a_fix_whose_edits_overlap_is_withheld() -> None:
    def overlapping(place: Location) -> Fix:
        start, end = place.span.start, place.span.end
        edits = (Edit(place.path, Span(start, end), "x"), Edit(place.path, Span(start + 1, end), "y"))
        return Fix("overlap", edits, Applicability.SAFE)

    finding = held("FROM bad\n", finds("bad", overlapping))
    assert (
        finding.withheld == "“overlap”: it can't be applied (Dockerfile:1: edits overlap or leave the file)"
    )


def test_a_fix_that_leaves_its_file_or_edits_an_unknown_one_is_withheld() -> None:
    def beyond(place: Location) -> Fix:
        return Fix("go beyond", (Edit(place.path, Span(90, 99), "x"),), Applicability.SAFE)

    def elsewhere(_place: Location) -> Fix:
        return Fix("edit the other", (Edit("photo.png", Span(0, 0), "x"),), Applicability.SAFE)

    repo = Repository(Snapshot.of({"Dockerfile": "FROM bad\n"}, ["photo.png"]))
    for fix in (beyond, elsewhere):
        finding = only(review(repo, None, [finds("bad", fix)]))
        assert finding.fixes == ()
        assert "can't be applied" in finding.withheld


def test_a_fix_that_crashes_a_check_is_withheld() -> None:
    finding = held("FROM bad\n", finds("bad", replacing("good")), crashing("fragile", "good"))
    assert (
        finding.withheld
        == "“replace it”: we tried it, and our check `fragile` stopped with an error after it"
    )


def test_a_fix_that_edits_the_text_of_another_finding_is_kept() -> None:
    """The other finding gets another identity by it, but it is the same finding."""
    line = finds(r"RUN .*")
    finding = held("FROM a\nRUN bad\n", finds("bad", replacing("good")), line)
    assert len(finding.fixes) == 1


def test_a_finding_that_appears_far_from_the_edit_is_no_edited_one() -> None:
    """Only as many changed findings are tolerated as vanished where the edits are."""
    line = finds(r"RUN .*")
    finding = held("FROM a\nRUN bad\n", finds("bad", replacing("good\nRUN more")), line)
    assert "`RUN .*`" in finding.withheld


def test_a_finding_that_goes_elsewhere_excuses_none_that_appears() -> None:
    def run(repo: Repository) -> Iterator[Finding]:
        """Speaks of the third line while the first is bad, else of the fourth."""
        for dockerfile in repo.dockerfiles:
            text = dockerfile.text
            line = 3 if "bad" in text.content else 4
            yield Finding("It is here.", Location(text, text.line(line)))

    moving = words.module(words.check("moving"), run)
    finding = held("FROM bad\nRUN a\nRUN b\nRUN c\n", finds("bad", replacing("good")), moving)
    assert "`moving`" in finding.withheld


def test_a_finding_that_stands_for_several_places_is_the_same_wherever_its_place_is() -> None:
    """In another file, too; one that stands for something else is another."""

    def telling(subject: str, after: str) -> CheckModule:
        def run(repo: Repository) -> Iterator[Finding]:
            for dockerfile in repo.dockerfiles:
                text = dockerfile.text
                if dockerfile.path != "Dockerfile" or "bad" in text.content:
                    of = subject if dockerfile.path == "Dockerfile" else after
                    yield Finding("It is here.", Location(text, text.line(1)), stands_for=of)
                    return

        return words.module(replace(words.check("moving"), scope=Scope.REPOSITORY), run)

    files = {"Dockerfile": "FROM bad\n", "web/Dockerfile": "FROM web\n"}
    assert held(files, finds("bad", replacing("good")), telling("pins", "pins")).fixes
    assert "`moving`" in held(files, finds("bad", replacing("good")), telling("pins", "images")).withheld


def test_the_fixes_that_hold_stay_in_their_order_and_the_first_that_does_not_is_told() -> None:
    fixes = (
        replacing("bad", title="first"),
        replacing("good", title="second"),
        replacing("fine", title="third"),
    )
    finding = held("FROM bad\n", finds("bad", *fixes))
    assert [fix.title for fix in finding.fixes] == ["second", "third"]
    assert finding.withheld.startswith("“first”")


def test_what_the_check_itself_says_of_a_fix_that_it_withholds_is_kept() -> None:
    def run(repo: Repository) -> Iterator[Finding]:
        for dockerfile in repo.dockerfiles:
            yield Finding(
                "It is here.", Location(dockerfile.text, Span(0, 4)), withheld="nobody knows the user"
            )

    assert held("FROM a\n", words.module(words.check("own"), run)).withheld == "nobody knows the user"


def test_a_fix_may_create_a_file() -> None:
    def run(repo: Repository) -> Iterator[Finding]:
        for dockerfile in repo.dockerfiles:
            if "ignore.Dockerfile" not in repo.snapshot.paths:
                fix = Fix(
                    "create it", (Edit("ignore.Dockerfile", Span(0, 0), "FROM x\n"),), Applicability.SAFE
                )
                yield Finding("It is missing.", Location(dockerfile.text, Span(0, 4)), fixes=(fix,))

    module = words.module(words.check("missing", scope=Scope.REPOSITORY), run)
    assert len(held("FROM a\n", module).fixes) == 1
    cut = Repository(
        Snapshot(repository("FROM a\n").snapshot.texts, frozenset({"Dockerfile"}), complete=False)
    )
    assert "not known" in only(review(cut, None, [module])).withheld


def test_a_fix_that_takes_a_file_out_of_a_kind_counts_what_is_lost_there() -> None:
    """The workflow names the Dockerfile: without the name, nothing is found in it, and nothing appears."""
    workflow = (
        "on: push\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    steps:\n"
        "      - uses: docker/build-push-action@v6\n        with:\n          context: .\n          file: {}\n"
    )
    files = {"image": "FROM bad\n", ".github/workflows/w.yml": workflow.format("none")}
    before = repository(files)
    start = workflow.index("{}")
    path = ".github/workflows/w.yml"

    def run(repo: Repository) -> Iterator[Finding]:
        for text in repo.texts(Kind.WORKFLOW):
            if "none" in text.content:
                fix = Fix("name it", (Edit(path, Span(start, start + 4), "image"),), Applicability.SAFE)
                yield Finding("It is here.", Location(text, Span(start, start + 4)), fixes=(fix,))

    naming = words.module(words.check("naming", scope=Scope.REPOSITORY), run)
    finding = only(review(before, None, [naming, finds("bad")]))
    assert finding.withheld == "“name it”: it would bring another finding (`bad`): It is here."


def test_fixes_of_known_findings_are_not_tried() -> None:
    module = finds("bad", replacing("bad again"))
    repo = repository("FROM bad\n")
    (found,) = review(repo, repository("FROM bad\n"), [module]).findings
    assert found.state is State.KNOWN
    assert found.finding.withheld == ""


def test_fixes_of_many_findings_in_a_file_are_tried_together_and_by_halves_where_one_does_not_hold() -> None:
    def fix(place: Location) -> Fix:
        return replacing("worse" if place.fragment == "bad7." else "good")(place)

    runs: list[Repository] = []
    finder = finds(r"bad\d+\.|worse", fix)

    def counted(repo: Repository) -> Iterator[Finding]:
        runs.append(repo)
        yield from finder.run(repo)

    lines = "".join(f"RUN bad{number}.\n" for number in range(MANY * 3))
    outcome = review(
        repository({"Dockerfile": f"FROM a\n{lines}"}), None, [words.module(finder.check, counted)]
    )
    withheld = [one.finding for one in outcome.findings if not one.finding.fixes]
    assert [one.location.fragment for one in withheld] == ["bad7."]
    assert withheld[0].withheld == "“replace it”: we tried it, and it does not solve what is told here"
    assert len(runs) < MANY


# -- several fixes together


def applied(files: words.Files | str, *modules: CheckModule, allowed: frozenset[Applicability] = ANY) -> str:
    """The Dockerfile after what `fixable` gives."""
    repo = repository(files)
    found = review(repo, None, modules).findings
    edits = [edit for fix in fixable(repo, modules, Choices(), found, allowed) for edit in fix.edits]
    return repo.snapshot.edited(edits).texts["Dockerfile"].content


def test_fixes_that_go_together_are_taken_together() -> None:
    modules = (finds("bad", replacing("good")), finds("worse", replacing("fine")))
    assert applied("FROM bad\nRUN worse\nRUN bad\n", *modules) == "FROM good\nRUN fine\nRUN good\n"


def test_of_two_fixes_that_overlap_the_earlier_findings_is_taken() -> None:
    modules = (finds("bad.*", replacing("good")), finds("worse", replacing("fine")))
    assert applied("FROM bad-worse\n", *modules) == "FROM good\n"


def test_a_fix_that_brings_back_what_another_ends_is_not_taken() -> None:
    """Each holds alone: `a` has to go, and so has `b`, but not both."""

    def lonely(repo: Repository) -> Iterator[Finding]:
        for dockerfile in repo.dockerfiles:
            text = dockerfile.text
            if "one" in text.content and "two" in text.content:
                yield Finding(
                    "It is here.",
                    Location(text, Span(0, 4)),
                    fixes=(turning("one", "1")(Location(text, Span(0, 4))),),
                )
            if "one" not in text.content and "two" not in text.content:
                yield Finding("It is here.", Location(text, Span(0, 4)))

    modules = (words.module(words.check("lonely"), lonely), finds("two", replacing("2")))
    assert applied("FROM one\nRUN two\n", *modules) == "FROM 1\nRUN two\n"


def test_only_the_first_fix_counts_and_only_if_it_may_be_applied() -> None:
    unsafe_first = finds("bad", replacing("good", Applicability.UNSAFE), replacing("fine"))
    safe = frozenset({Applicability.SAFE})
    assert applied("FROM bad\n", unsafe_first, allowed=safe) == "FROM bad\n"
    assert applied("FROM bad\n", unsafe_first, allowed=safe | {Applicability.UNSAFE}) == "FROM good\n"


def test_each_fix_is_taken_wholly_or_not_at_all() -> None:
    """The second one's other edit would fit, but its first overlaps."""
    both = finds("worse", turning("worse|RUN x", "fine"))
    modules = (finds("bad-worse", replacing("good")), both)
    assert applied("FROM bad-worse\nRUN x\n", *modules) == "FROM good\nRUN x\n"


# -- one cause is one finding


def test_a_finding_yields_where_the_other_check_covers_its_place() -> None:
    general = finds("bad", about=words.check("general", yields_to=("special",)))
    special = finds("FROM bad", about=words.check("special"))
    outcome = review(repository("FROM bad\nRUN bad\n"), None, [general, special])
    assert places(outcome.findings) == [("special", "Dockerfile", 1), ("general", "Dockerfile", 2)]


def test_it_yields_to_a_related_place_too() -> None:
    general = finds("bad", about=words.check("general", yields_to=("special",)))
    special = finds("FROM", about=words.check("special"), note="RUN bad")
    assert places(review(repository("FROM a\nRUN bad\n"), None, [general, special]).findings) == [
        ("special", "Dockerfile", 1)
    ]


def test_it_does_not_yield_to_a_part_or_to_a_check_that_is_off() -> None:
    general = finds("FROM bad", about=words.check("general", yields_to=("special",)))
    special = finds("bad", about=words.check("special"))
    assert len(review(repository("FROM bad\n"), None, [general, special]).findings) == 2
    wide = finds("FROM bad", about=words.check("special"))
    off = Choices(severities={"special": None})
    assert places(review(repository("FROM bad\n"), None, [general, wide], off).findings) == [
        ("general", "Dockerfile", 1)
    ]


def test_an_ignored_finding_still_takes_the_place_of_what_yields_to_it_unless_that_is_enforced() -> None:
    general = finds("bad", about=words.check("general", yields_to=("special",)))
    special = finds("FROM bad", about=words.check("special"))
    repo = repository("# tidewaiter: ignore[special] we know\nFROM bad\n")
    assert review(repo, None, [general, special]).findings == ()
    enforced = Choices(enforced=frozenset({"general"}))
    assert places(review(repo, None, [general, special], enforced).findings) == [("general", "Dockerfile", 2)]


# -- crashes


def test_a_check_that_raises_loses_its_findings_of_that_file_only() -> None:
    files = {"a.Dockerfile": "FROM boom\n", "b.Dockerfile": "FROM b\n"}
    outcome = review(repository(files), None, [crashing("fragile", "boom"), finds("boom")])
    assert places(outcome.findings) == [("boom", "a.Dockerfile", 1), ("fragile", "b.Dockerfile", 1)]
    assert outcome.crashed == (Crashed("fragile", "a.Dockerfile", "KeyError: 'boom'"),)


def test_a_check_of_one_file_sees_only_files_of_its_kinds_each_alone() -> None:
    seen: list[list[str]] = []

    def run(repo: Repository) -> Iterator[Finding]:
        seen.append(sorted(repo.snapshot.texts))
        yield from ()

    files = {"a.Dockerfile": "FROM a\n", "b.Dockerfile": "FROM b\n", "m.tf": "x = 1\n", "README.md": "x"}
    review(repository(files), None, [words.module(words.check("looking"), run)])
    assert seen == [["a.Dockerfile"], ["b.Dockerfile"]]


def test_a_check_of_all_files_that_raises_loses_all_of_its_findings() -> None:
    files = {"a.Dockerfile": "FROM a\n", "b.Dockerfile": "FROM boom\n"}
    outcome = review(
        repository(files), None, [crashing("fragile", "boom", scope=Scope.REPOSITORY), finds("boom")]
    )
    assert places(outcome.findings) == [("boom", "b.Dockerfile", 1)]
    assert outcome.crashed == (Crashed("fragile", "", "KeyError: 'boom'"),)


def test_a_check_that_crashed_at_the_base_calls_nothing_new_and_the_crash_is_told() -> None:
    outcome = review(
        repository("FROM b\n"), repository("FROM boom\n"), [crashing("fragile", "boom"), finds("b")]
    )
    assert [(one.check.id, one.state) for one in outcome.findings] == [("fragile", "known"), ("b", "known")]
    assert [crash.check for crash in outcome.crashed] == ["fragile"]


def test_files_that_cannot_be_read_are_listed_and_lose_only_their_own_findings() -> None:
    files = {"a.Dockerfile": "FROM bad\n", "b.Dockerfile": "bad\n"}
    outcome = review(repository(files), None, [finds("bad")])
    assert places(outcome.findings) == [("bad", "a.Dockerfile", 1)]
    assert [(one.path, one.line) for one in outcome.unreadable] == [("b.Dockerfile", 1)]


# -- what is new


def states(
    head: words.Files | str, base: words.Files | str, *modules: CheckModule, **more: dict[str, str]
) -> list[tuple[int, str]]:
    outcome = review(repository(head), repository(base), modules, renames=more.get("renames"))
    return [(one.finding.location.line, one.state.value) for one in outcome.findings]


def test_without_a_base_all_is_new() -> None:
    assert [one.state for one in review(repository("FROM bad\n"), None, [finds("bad")]).findings] == [
        State.NEW
    ]


def test_what_the_base_has_is_known_wherever_it_stands_now() -> None:
    head = "# a\n# b\nFROM a\nRUN worse\nRUN bad\n"
    assert states(head, "FROM a\nRUN bad\n", finds("bad"), finds("worse")) == [(4, "new"), (5, "known")]


def test_other_blanks_in_the_fragment_make_no_new_finding() -> None:
    assert states("FROM a\nRUN  bad   thing\n", "FROM a\nRUN bad thing\n", finds(r"bad\s+thing")) == [
        (2, "known")
    ]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("FROM a\nRUN bad\nRUN bad\n", [(2, "known"), (3, "new")]),
        ("FROM a\nRUN bad\nRUN x\nRUN bad\n", [(2, "known"), (4, "new")]),
        ("FROM a\nRUN bad # first\nRUN bad\n", [(2, "new"), (3, "known")]),
        ("FROM a\nRUN x\nRUN bad\nRUN y\n", [(3, "known")]),
    ],
)
def test_of_one_more_occurrence_that_on_the_changed_line_is_new(
    head: str, expected: list[tuple[int, str]]
) -> None:
    assert states(head, "FROM a\nRUN bad\n", finds("bad")) == expected


def test_a_renamed_file_is_compared_under_its_old_path() -> None:
    head, base = {"new.Dockerfile": "FROM bad\n"}, {"old.Dockerfile": "FROM bad\n"}
    assert states(head, base, finds("bad")) == [(1, "new")]
    assert states(head, base, finds("bad"), renames={"new.Dockerfile": "old.Dockerfile"}) == [(1, "known")]


def test_one_more_beside_an_ignored_one_is_new() -> None:
    ignored = "FROM a\n# tidewaiter: ignore[bad] we know\nRUN bad\n"
    assert states(ignored + "RUN bad\n", ignored, finds("bad")) == [(4, "new")]


def test_what_was_ignored_or_told_by_another_check_before_is_known() -> None:
    ignored = "FROM a\n# tidewaiter: ignore[bad] we know\nRUN bad\n"
    assert states("FROM a\nRUN bad\n", ignored, finds("bad")) == [(2, "known")]
    general = finds("bad", about=words.check("general", yields_to=("RUN bad",)))
    assert states("FROM a\nENV x=bad\n", "FROM a\nRUN bad\n", general, finds("RUN bad")) == [(2, "known")]


def fingerprints(outcome: Review) -> list[str]:
    return [one.fingerprint for one in outcome.findings]


def test_fingerprints_hold_under_moved_lines_and_other_messages() -> None:
    before = review(repository("FROM a\nRUN bad\nRUN bad\n"), None, [finds("bad")])
    moved = review(
        repository("# x\nFROM a\n\nRUN bad\nRUN x\nRUN bad\n"), None, [finds("bad", message="Other words.")]
    )
    assert fingerprints(before) == fingerprints(moved)
    assert len(set(fingerprints(before))) == 2


def test_fingerprints_tell_check_path_and_fragment_apart() -> None:
    bad = finds("bad", about=words.check("other"))
    alike = [
        review(repository("FROM bad\n"), None, [finds("bad")]),
        review(repository("FROM bad\n"), None, [bad]),
        review(repository({"x.Dockerfile": "FROM bad\n"}), None, [finds("bad")]),
        review(repository("FROM bae\n"), None, [finds("bae", about=words.check("bad"))]),
    ]
    assert len({fingerprint for outcome in alike for fingerprint in fingerprints(outcome)}) == 4


def test_what_a_check_says_twice_of_a_place_is_said_once() -> None:
    def run(repo: Repository) -> Iterator[Finding]:
        for dockerfile in repo.dockerfiles:
            for message in ("One.", "One.", "Other."):
                yield Finding(message, Location(dockerfile.text, Span(0, 4)))

    outcome = review(repository("FROM a\n"), None, [words.module(words.check("twice"), run)])
    assert [one.finding.message for one in outcome.findings] == ["One.", "Other."]


def test_findings_are_ordered_by_path_place_and_check() -> None:
    files = {"b.Dockerfile": "FROM bad\n", "a.Dockerfile": "FROM x\nRUN worse bad\n"}
    outcome = review(repository(files), None, [finds("worse"), finds("bad")])
    assert places(outcome.findings) == [
        ("worse", "a.Dockerfile", 2),
        ("bad", "a.Dockerfile", 2),
        ("bad", "b.Dockerfile", 1),
    ]


# -- the config's choices


def test_a_check_that_is_off_does_not_run() -> None:
    outcome = review(
        repository("FROM bad\n"), None, [crashing("off", "bad")], Choices(severities={"off": None})
    )
    assert outcome == Review()


def test_the_configs_severity_goes_before_the_findings_and_the_checks() -> None:
    def run(repo: Repository) -> Iterator[Finding]:
        for dockerfile in repo.dockerfiles:
            yield Finding("One.", Location(dockerfile.text, Span(0, 4)), severity=Severity.NOTE)
            yield Finding("Two.", Location(dockerfile.text, Span(0, 4)))

    module = words.module(words.check("sized", severity=Severity.WARNING), run)
    own = review(repository("FROM a\n"), None, [module])
    assert [one.severity for one in own.findings] == [Severity.NOTE, Severity.WARNING]
    raised = review(repository("FROM a\n"), None, [module], Choices(severities={"sized": Severity.ERROR}))
    assert [one.severity for one in raised.findings] == [Severity.ERROR, Severity.ERROR]


def test_findings_in_ignored_paths_are_left_out_but_not_those_of_enforced_checks() -> None:
    files = {"attic/Dockerfile": "FROM bad\n", "Dockerfile": "FROM bad\n"}

    def told(choices: Choices) -> list[str]:
        outcome = review(repository(files), None, [finds("bad")], choices)
        return [one.finding.location.path for one in outcome.findings]

    def old(path: str) -> bool:
        return path.startswith("attic/")

    assert told(Choices(ignored=old)) == ["Dockerfile"]
    assert told(Choices(ignored=old, enforced=frozenset({"bad"}))) == [
        "Dockerfile",
        "attic/Dockerfile",
    ]
    assert told(Choices(enforced_ignored=old, enforced=frozenset({"bad"}))) == ["Dockerfile"]


def test_an_enforced_check_yields_to_nothing_that_an_ignored_path_hides() -> None:
    general = finds("bad", about=words.check("general", yields_to=("special",)))
    choices = Choices(ignored=lambda _path: True, enforced=frozenset({"general"}))
    outcome = review(
        repository("FROM bad\n"), None, [general, finds("FROM bad", about=words.check("special"))], choices
    )
    assert places(outcome.findings) == [("general", "Dockerfile", 1)]


def test_suppressed_findings_are_listed_with_reason_and_comment() -> None:
    outcome = review(repository("# tidewaiter: ignore[bad] we know\nFROM bad\n"), None, [finds("bad")])
    assert outcome.findings == ()
    (one,) = outcome.suppressed
    assert (one.check, one.location.line, one.reason, one.comment.line) == ("bad", 2, "we know", 1)
    assert one.comment.fragment == "# tidewaiter: ignore[bad] we know"
    enforced = review(
        repository("# tidewaiter: ignore[bad] we know\nFROM bad\n"),
        None,
        [finds("bad")],
        Choices(enforced=frozenset({"bad"})),
    )
    assert len(enforced.findings) == 1
    assert enforced.suppressed == ()


@pytest.mark.parametrize(
    ("at_job", "at_step", "speaks"),
    [
        ("", "", True),
        ("", "if: github.ref == 'refs/heads/main'", True),
        ("", "if: false", False),
        ("", "if: ${{ false }}", False),
        ("if: false", "", False),
    ],
)
def test_a_step_that_is_switched_off_is_passed_over(at_job: str, at_step: str, speaks: bool) -> None:
    workflow = f"""\
on: push
permissions: {{id-token: write}}
jobs:
  publish:
    runs-on: ubuntu-24.04
    {at_job}
    steps:
      - uses: docker/login-action@v3
        {at_step}
"""
    repo = Repository(Snapshot.of({".github/workflows/publish.yml": workflow}))
    outcome = review(repo, None, catalogue())
    found = {one.check.id for one in outcome.findings if one.finding.location.line == 8}
    assert ("action-not-pinned-to-sha" in found) is speaks


@pytest.mark.parametrize(
    ("path", "is_told"),
    [
        ("tests/web/main.tf", False),
        ("modules/web/examples/complete/main.tf", False),
        ("test/main.tf", False),
        ("emulator/terraform-tests/main.tf", False),
        ("infra/contests/main.tf", True),
        ("{{cookiecutter.name}}/main.tf", False),
        ("environments/test/main.tf", True),
        ("main.tf", True),
    ],
)
def test_terraform_of_tests_and_examples_is_not_told(path: str, is_told: bool) -> None:
    def run(repo: Repository) -> Iterator[Finding]:
        yield from (Finding("It is here.", Location(text, Span(0, 3))) for text in repo.texts(Kind.TERRAFORM))

    about = replace(words.check("bad"), kinds=(Kind.TERRAFORM,))
    outcome = review(repository({path: "bad = 1\n"}), None, [words.module(about, run)])
    assert bool(outcome.findings) is is_told


SKIPS = "skip_credentials_validation = true\nskip_requesting_account_id = true\n"


@pytest.mark.parametrize(
    ("providers", "is_told"),
    [
        pytest.param(['access_key = "mock_key"\nregion = "eu-west-1"\n'], False, id="a key of nobody"),
        pytest.param(['access_key = "AKIAIOSFODNN7EXAMPLE"\n'], True, id="a key of AWS"),
        pytest.param(["access_key = var.key\n"], True, id="a key that the run gives"),
        pytest.param(
            [SKIPS + "endpoints {\n  ecr = var.emulator\n}\n"], False, id="an endpoint of the run's"
        ),
        pytest.param(
            [SKIPS + 'endpoints {\n  ecr = "http://localhost:4566"\n  s3 = "http://aws:4566"\n}\n'],
            False,
            id="of the machine and of a container",
        ),
        pytest.param(
            [SKIPS + 'endpoints {\n  ecr = "https://vpce-1.api.ecr.eu-west-1.vpce.amazonaws.com"\n}\n'],
            True,
            id="of AWS in a network of its own",
        ),
        pytest.param(["endpoints {\n  ecr = var.emulator\n}\n"], True, id="an account that AWS tells"),
        pytest.param(
            [SKIPS.replace("true", "var.local") + "endpoints {\n  ecr = var.emulator\n}\n"],
            True,
            id="one or the other",
        ),
        pytest.param([SKIPS], True, id="no endpoint"),
        pytest.param(['access_key = "test"\n', 'alias = "real"\n'], True, id="another one goes to AWS"),
        pytest.param([], True, id="none"),
    ],
)
def test_terraform_for_a_stand_in_of_aws_is_not_told(providers: list[str], is_told: bool) -> None:
    def run(repo: Repository) -> Iterator[Finding]:
        text = repo.snapshot.texts["infra/main.tf"]
        yield Finding("It is here.", Location(text, Span(0, 3)))

    about = replace(words.check("bad"), kinds=(Kind.TERRAFORM,))
    blocks = "".join(f'provider "aws" {{\n{one}}}\n' for one in providers)
    files = {"infra/main.tf": "bad = 1\n", "infra/providers.tf": blocks}
    outcome = review(repository(files), None, [words.module(about, run)])
    assert bool(outcome.findings) is is_told


@pytest.mark.parametrize(
    ("source", "paths", "is_told"),
    [
        pytest.param("./modules/network", (), False, id="a folder that is not there"),
        pytest.param("./modules/network", ("infra/modules/network/main.tf",), True, id="one that is"),
        pytest.param("../network", (), False, id="beside its own"),
        pytest.param("../../../network", (), True, id="outside of the repository"),
        pytest.param("acme/network/aws", (), True, id="of a registry"),
        pytest.param("./modules/network", (".gitmodules",), True, id="perhaps of a submodule"),
    ],
)
def test_terraform_that_cannot_be_initialised_is_not_told(
    source: str, paths: tuple[str, ...], is_told: bool
) -> None:
    def run(repo: Repository) -> Iterator[Finding]:
        yield Finding("It is here.", Location(repo.snapshot.texts["infra/main.tf"], Span(0, 3)))

    about = replace(words.check("bad"), kinds=(Kind.TERRAFORM,))
    files = {"infra/main.tf": f'bad = 1\nmodule "network" {{\n  source = "{source}"\n}}\n'}
    outcome = review(repository({**files, **dict.fromkeys(paths, "")}), None, [words.module(about, run)])
    assert bool(outcome.findings) is is_told


_OWN = ".github/workflows/w.yml"


@pytest.mark.parametrize(
    ("on", "paths", "is_told"),
    [
        pytest.param("{push: {paths: ['web/**', web.yml]}}", (), False, id="nothing lies there"),
        pytest.param("false", (), False, id="switched off"),
        pytest.param("", (), False, id="no event is left"),
        pytest.param("[]", (), False, id="an empty list"),
        pytest.param("[false, push]", (), True, id="an event is left"),
        pytest.param("{push: {paths: ['web/**']}}", ("web/index.html",), True, id="something lies there"),
        pytest.param(
            f"{{push: {{paths: ['web/**', {_OWN}]}}}}", (), False, id="nothing lies there, and itself"
        ),
        pytest.param(f"{{push: {{paths: [{_OWN}]}}}}", (), True, id="itself alone"),
        *(
            pytest.param(
                f"{{push: {{paths: ['{one}', {_OWN}]}}}}",
                ("web/a",),
                True,
                id=f"itself, and {one}, which GitHub does not find",
            )
            for one in ("./web/**", "web/", "web", "Web/**", "{web,api}/**", "w{eb,iki}/*")
        ),
        pytest.param(
            f"{{push: {{paths: ['web/**', {_OWN}]}}}}", ("website/a",), False, id="something else, and itself"
        ),
        pytest.param(f"{{push: {{paths: [web/a, {_OWN}]}}}}", ("web/a",), True, id="something, and itself"),
        pytest.param(
            f"{{push: {{paths: ['web/**', {_OWN}], tags: ['v*']}}}}", (), True, id="itself, and tags"
        ),
        pytest.param(
            f"{{pull_request_target: {{paths: ['web/**', {_OWN}]}}}}", (), True, id="a fork may touch it"
        ),
        pytest.param("{push: {paths: ['**/web.html']}}", (), True, id="it may lie anywhere"),
        pytest.param("{push: {paths: ['!docs/**']}}", (), True, id="an exception alone"),
        pytest.param(
            "{push: {paths: ['web/**'], tags: ['v*']}}", (), True, id="tags, for which no paths count"
        ),
        pytest.param(
            "{push: {paths: ['web/**']}, workflow_dispatch: {}}", (), True, id="people start it too"
        ),
        pytest.param("{push: {branches: [no-such-branch]}}", (), False, id="a branch that is none"),
        pytest.param("{push: {branches: [disabled, main]}}", (), True, id="a branch beside it"),
        pytest.param(
            "{push: {branches: [test123]}, pull_request: {branches: [test]}}",
            (),
            True,
            id="a branch of tests",
        ),
        pytest.param("{push: {branches: [none], tags: ['v*']}}", (), True, id="tags beside no branch"),
        pytest.param("{push: {branches-ignore: ['**']}}", (), False, id="all branches are left out"),
        pytest.param("{push: {branches-ignore: ['*']}}", (), True, id="not those with a slash in their name"),
        pytest.param(
            "{push: {branches-ignore: ['**'], tags-ignore: [old]}}",
            (),
            True,
            id="tags beside none of the branches",
        ),
    ],
)
def test_a_workflow_that_nothing_starts_is_not_told(on: str, paths: tuple[str, ...], is_told: bool) -> None:
    def run(repo: Repository) -> Iterator[Finding]:
        yield from (Finding("It is here.", Location(one.text, Span(0, 2))) for one in repo.workflows)

    about = replace(words.check("bad"), kinds=(Kind.WORKFLOW,))
    files = {_OWN: f"on: {on}\njobs: {{}}\n", **dict.fromkeys(paths, "")}
    assert bool(review(repository(files), None, [words.module(about, run)]).findings) is is_told
    enforced = Choices(enforced=frozenset({"bad"}))
    assert review(repository(files), None, [words.module(about, run)], enforced).findings


_CALLS_IT = "jobs: {a: {uses: ./.github/workflows/_build.yml}}"


@pytest.mark.parametrize(
    ("others", "is_told"),
    [
        pytest.param({}, False, id="nobody calls it"),
        pytest.param({"ci.yml": f"on: push\n{_CALLS_IT}\n"}, True, id="a workflow that starts"),
        pytest.param(
            {"ci.yml": "on: push\njobs: {a: {uses: acme/web/.github/workflows/_build.yml@main}}\n"},
            True,
            id="one that names the repository",
        ),
        pytest.param({"_all.yml": f"on: workflow_call\n{_CALLS_IT}\n"}, False, id="one that nobody calls"),
        pytest.param(
            {
                "_all.yml": f"on: workflow_call\n{_CALLS_IT}\n",
                "ci.yml": "on: push\njobs: {a: {uses: ./.github/workflows/_all.yml}}\n",
            },
            True,
            id="one that another calls",
        ),
        pytest.param({"all.yml": f"on: workflow_call\n{_CALLS_IT}\n"}, True, id="one that others may call"),
        pytest.param({"ci.yml": f"on: []\n{_CALLS_IT}\n"}, False, id="one that is switched off"),
        pytest.param(
            {"ci.yml": "on: push\njobs: {a: {uses: ./.github/workflows/_build.yml\n"},
            True,
            id="one that can't be read may call it",
        ),
        pytest.param({"ci.yml": "on: push\njobs: {a\n"}, False, id="one that can't be read does not name it"),
        pytest.param(
            {
                "all.yml": f"on: workflow_call\n{_CALLS_IT}\n",
                "ci.yml": "on: push\njobs: {a: {uses: ./.github/workflows/all.yml\n",
            },
            True,
            id="one that can't be read may call it over another",
        ),
        pytest.param(
            {"ci.yml": "on: push\n# uses: acme/web/.github/workflows/_build.yml@v1\njobs: {}\n"},
            True,
            id="others are shown how",
        ),
    ],
)
def test_a_workflow_of_its_own_that_nobody_calls_is_not_told(others: dict[str, str], is_told: bool) -> None:
    called = {"_build.yml": "on: workflow_call\njobs: {}\n"}
    files = {f".github/workflows/{name}": content for name, content in {**called, **others}.items()}
    assert (".github/workflows/_build.yml" in _told_workflows(files)) is is_told


@pytest.mark.parametrize(
    ("files", "slug", "is_told"),
    [
        pytest.param({}, None, True, id="others may call it"),
        pytest.param(
            {".github/off/ci.yml": "on: push\njobs:\n  a:\n    uses: ./.github/workflows/build.yml\n"},
            None,
            False,
            id="one that is put away called it",
        ),
        pytest.param(
            {
                ".github/workflows/ci.yml.bck": "on: push\njobs:\n  a:\n    uses: ./.github/workflows/build.yml\n"
            },
            None,
            False,
            id="one under an ending that GitHub passes over called it",
        ),
        pytest.param(
            {"old_workflows/ci.yml": "on: push\njobs:\n  a:\n    uses: ./.github/workflows/build.yml\n"},
            None,
            False,
            id="one that is put away at the root called it",
        ),
        pytest.param(
            {"workflow-templates/ci.yml": "on: push\njobs:\n  a:\n    uses: ./.github/workflows/build.yml\n"},
            None,
            True,
            id="a template calls it",
        ),
        pytest.param(
            {"examples/ci.yml": "on: push\njobs:\n  a:\n    uses: ./.github/workflows/build.yml\n"},
            None,
            True,
            id="an example calls it",
        ),
    ],
)
def test_a_workflow_that_others_may_call_is_told(
    files: dict[str, str], slug: str | None, is_told: bool
) -> None:
    called = {".github/workflows/build.yml": "on: workflow_call\njobs: {}\n"}
    assert (".github/workflows/build.yml" in _told_workflows({**called, **files}, slug)) is is_told


@pytest.mark.parametrize(
    ("slug", "is_told"), [("acme/shop", False), ("acme/ci-workflows", True), ("acme/.github", True)]
)
def test_a_repository_of_workflows_has_callers_elsewhere(slug: str, is_told: bool) -> None:
    files = {".github/workflows/_build.yml": "on: workflow_call\njobs: {}\n"}
    assert bool(_told_workflows(files, slug)) is is_told


@pytest.mark.parametrize(
    ("on", "others", "is_told"),
    [
        pytest.param("workflow_call", {}, False, id="it is only called"),
        pytest.param("[workflow_call, push]", {}, True, id="it starts by itself, too"),
        pytest.param("[]", {}, False, id="it is switched off"),
        pytest.param("workflow_call", {"b.yml": "name: lint\non: push\njobs: {}\n"}, True, id="another one of the name"),
        pytest.param("workflow_call", {"b.yml": "on: push\njobs: {a\n"}, True, id="one that can't be read"),
        pytest.param("{workflow_run: {workflows: [build]}}", {}, True, id="of a workflow that is not here"),
        pytest.param(
            "{workflow_run: {workflows: [build]}}",
            {"b.yml": "name: build\non: workflow_call\njobs: {}\n"},
            False,
            id="it waits for one that is only called",
        ),
    ],
)  # fmt: skip
def test_a_workflow_that_waits_for_runs_which_there_are_none_of_is_not_told(
    on: str, others: dict[str, str], is_told: bool
) -> None:
    files = {
        "lint.yml": f"name: lint\non: {on}\njobs: {{}}\n",
        "images.yml": "on: {workflow_run: {workflows: [lint]}}\njobs: {}\n",
        **others,
    }
    told = _told_workflows({f".github/workflows/{name}": content for name, content in files.items()})
    assert (".github/workflows/images.yml" in told) is is_told


def test_a_workflow_that_waits_for_several_runs_is_told_for_one_of_them() -> None:
    files = {
        ".github/workflows/lint.yml": "name: lint\non: workflow_call\njobs: {}\n",
        ".github/workflows/images.yml": "on: {workflow_run: {workflows: [lint, build]}}\njobs: {}\n",
    }
    assert ".github/workflows/images.yml" in _told_workflows(files)


def test_what_follows_workflows_in_a_long_row_starts_with_the_first_alone() -> None:
    row = {
        f".github/workflows/{at}.yml": f"name: n{at}\non: {{workflow_run: {{workflows: [n{at - 1}]}}}}\njobs: {{}}\n"
        for at in range(1, 1500)
    }
    first = ".github/workflows/0.yml"
    off = {first: "name: n0\non: {push: {branches: [disabled]}}\njobs: {}\n", **row}
    on = {first: "name: n0\non: push\njobs: {}\n", **row}
    assert Repository(Snapshot.of(off), Outside()).workflows_left_behind == frozenset(off)
    assert not Repository(Snapshot.of(on), Outside()).workflows_left_behind


_STARTING = {f"{name}.yml": "on: push\njobs: {}\n" for name in ("ci", "lint", "docs")}
_REUSABLE = "on: workflow_call\njobs: {a: {runs-on: ubuntu-latest, steps: [%s]}}\n"
_CHECKOUT = "{uses: actions/checkout@v6, with: {repository: %s}}"


@pytest.mark.parametrize(
    ("build", "others", "slug", "is_told"),
    [
        pytest.param("", {}, "acme/shop", False, id="nothing says that others call it"),
        pytest.param("", {}, None, True, id="nobody knows what the repository is called"),
        pytest.param("", {}, "acme/ci-templates", True, id="a repository of templates"),
        pytest.param("", {}, "acme/platform", True, id="a repository of what others stand on"),
        pytest.param("", {}, "acme/shop-platformer", False, id="a name that only begins like one"),
        pytest.param("", {"e2e.yml": _REUSABLE % ""}, "acme/shop", False, id="two of five are called by none"),
        pytest.param(
            "",
            {"e2e.yml": _REUSABLE % "", "scan.yml": _REUSABLE % ""},
            "acme/shop",
            True,
            id="three of six are: a collection",
        ),
        pytest.param(
            "",
            {
                **dict.fromkeys(("e2e.yml", "scan.yml"), _REUSABLE % ""),
                "all.yml": "on: push\njobs: {a: {uses: ./.github/workflows/e2e.yml}}\n",
            },
            "acme/shop",
            False,
            id="of three one is called",
        ),
        pytest.param("", {"cd.yml": "on: push\njobs: {a: {uses: ./.github/workflows/build.yml}}\n"}, "acme/shop", True, id="it is called"),
        pytest.param(
            "", {"cd.yml": "on: push\n# uses: ./.github/workflows/build.yml\njobs: {}\n"}, "acme/shop", False, id="it was called once"
        ),
        pytest.param(
            "", {"cd.yml": "on: push\n# see build.yml, which is no longer called\njobs: {}\n"}, "acme/shop", False, id="it is spoken of"
        ),
        pytest.param(
            "", {"cd.yml": "on: push\n# uses: acme/shop/.github/workflows/build.yml@v1\njobs: {}\n"}, "acme/shop", True, id="another file shows others how"
        ),
        pytest.param(
            "", {"../../docs/use.yml": "jobs: {a: {uses: acme/shop/.github/workflows/build.yml@v1}}\n"}, "acme/shop", True, id="a page does"
        ),
        pytest.param("# uses: ./.github/workflows/build.yml\n", {}, "acme/shop", False, id="it shows how to call it here"),
        pytest.param("#   uses: acme/shop/.github/workflows/build.yml@v1\n", {}, "acme/shop", True, id="it shows others how"),
        pytest.param("# For the images of all our repositories.\n", {}, "acme/shop", True, id="it says that others call it"),
        pytest.param("# Used by every service of the organisation.\n", {}, "acme/shop", True, id="it says so of services"),
        pytest.param("# Called by acme/web.\n", {}, "acme/shop", True, id="it says which of the owner's calls it"),
        pytest.param("# Called by the release.\n", {}, "acme/shop", False, id="it says what called it here"),
        pytest.param("", {}, "acme/team-devtools", True, id="a repository of tools"),
        pytest.param("# The images of this repository.\n", {}, "acme/shop", False, id="it says what it is for here"),
        pytest.param(_REUSABLE % "{uses: acme/shop/setup@v1}", {}, "acme/shop", True, id="it names its own action as others must"),
        pytest.param(_REUSABLE % "{uses: acme/other/setup@v1}", {}, "acme/shop", False, id="it takes another action"),
        pytest.param(_REUSABLE % (_CHECKOUT % "acme/shop"), {}, "acme/shop", True, id="it names its own repository"),
        pytest.param(_REUSABLE % (_CHECKOUT % "'${{ github.repository }}'"), {}, "acme/shop", False, id="it takes the caller's"),
        pytest.param(
            _REUSABLE % ("{uses: actions/checkout@v6}, " + _CHECKOUT % "acme/charts"), {}, "acme/shop", False, id="another one beside the caller's"
        ),
    ],
)  # fmt: skip
def test_a_reusable_workflow_that_nobody_calls_is_not_told(
    build: str, others: dict[str, str], slug: str | None, is_told: bool
) -> None:
    content = build if "on:" in build else build + _REUSABLE % ""
    files = {**_STARTING, "build.yml": content, **others}
    told = _told_workflows(
        {posixpath.normpath(f".github/workflows/{name}"): text for name, text in files.items()}, slug
    )
    assert (".github/workflows/build.yml" in told) is is_told


@pytest.mark.parametrize(
    ("on", "condition", "caller", "slug", "is_told"),
    [
        ("workflow_dispatch: ", "inputs.cloud == 'a'", "", "acme/shop", False),
        ("workflow_dispatch: ", "inputs.cloud == 'a'", "[", "acme/shop", True),
        ("workflow_dispatch: ", "inputs.cloud == 'a'", "", "acme/workflows", True),
        ("workflow_dispatch: ", "inputs.cloud == 'a'", "", None, True),
        ("workflow_dispatch: ", "inputs.cloud == 'a'", "./.github/workflows/login.yml", "acme/shop", True),
        ("workflow_dispatch: ", "inputs.cloud != 'a'", "", "acme/shop", True),
        ("workflow_dispatch: {inputs: {cloud: {type: string}}}", "inputs.cloud == 'a'", "", "acme/shop", True),
        ("push: ", "inputs.cloud == 'a'", "", "acme/shop", False),
        ("push: ", "inputs.cloud == 'a' || github.event_name == 'push'", "", "acme/shop", True),
    ],
)  # fmt: skip
def test_a_job_for_callers_of_which_there_are_none_is_not_told(
    on: str, condition: str, caller: str, slug: str | None, is_told: bool
) -> None:
    def run(repo: Repository) -> Iterator[Finding]:
        (one,) = (one for one in repo.workflows if one.path.endswith("login.yml"))
        yield Finding("It is here.", Location(one.text, one.jobs[0].span))

    login = (
        f"on: {{{on}, workflow_call: {{inputs: {{cloud: {{type: string}}}}}}}}\n"
        f'jobs: {{a: {{if: "{condition}", runs-on: ubuntu-latest, steps: [{{run: make}}]}}}}\n'
    )
    files = {**_STARTING, "login.yml": login}
    if caller:
        files["cd.yml"] = f"on: push\njobs: {{a: {{uses: {caller}, with: {{cloud: a}}}}}}\n"
    snapshot = Snapshot.of({f".github/workflows/{name}": text for name, text in files.items()})
    about = replace(words.check("bad"), kinds=(Kind.WORKFLOW,))
    repo = Repository(snapshot, Outside(slug=slug))
    assert bool(review(repo, None, [words.module(about, run)]).findings) is is_told


def test_a_workflow_of_which_there_is_no_text_may_call_any() -> None:
    called = {".github/workflows/_build.yml": "on: workflow_call\njobs: {}\n"}
    beside = [".github/workflows/ci.yml"]
    assert Repository(Snapshot.of(called)).workflows_left_behind == called.keys()
    assert not Repository(Snapshot.of(called, beside)).workflows_left_behind


def _told_workflows(files: dict[str, str], slug: str | None = None) -> set[str]:
    """The workflows of which a check that finds something in each is told."""

    def run(repo: Repository) -> Iterator[Finding]:
        yield from (Finding("It is here.", Location(one.text, Span(0, 2))) for one in repo.workflows)

    about = replace(words.check("bad"), kinds=(Kind.WORKFLOW,))
    repo = Repository(Snapshot.of(files), Outside(slug=slug))
    found = review(repo, None, [words.module(about, run)]).findings
    return {one.finding.location.path for one in found}


def test_other_files_of_tests_are_told() -> None:
    assert review(repository({"tests/Dockerfile": "FROM bad\n"}), None, [finds("bad")]).findings


def test_a_defect_in_what_one_file_names_loses_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def names(parsed: object, _built: object) -> frozenset[str]:
        if isinstance(parsed, Workflow):
            raise TypeError
        return frozenset({"web.image"})

    monkeypatch.setattr("checks.facts.repository.files.named_dockerfiles", names)
    files = {
        ".github/workflows/w.yml": "on: push\njobs: {}\n",
        "compose.yml": "services: {}\n",
        "web.image": "FROM a\n",
    }
    assert Repository(Snapshot.of(files)).named_paths == {"web.image"}


def test_lock_files_are_read_where_npm_does_not_hold_to_them_and_no_other_is_asked_for() -> None:
    copies = "FROM node:24\nCOPY . .\n"
    files = {
        "web/Dockerfile": f"{copies}RUN npm install\n",
        "api/Dockerfile": f"{copies}RUN npm ci\n",
        "lib/Dockerfile": f"{copies}RUN npm install left-pad\n",
    }
    locks = [f"{folder}package-lock.json" for folder in ("", "web/", "api/", "lib/", "web/docs/")]
    known = Snapshot.of(files, locks)
    assert Repository(known).named_paths == {"package-lock.json", "web/package-lock.json"}
    too_large = (Unreadable("web/package-lock.json", 1, "it is larger than 1,024 KiB"),)
    assert Repository(Snapshot(known.texts, known.paths, too_large)).unreadable == ()


def test_files_of_requirements_are_read_that_dockerfiles_on_python_install_and_no_other_is_asked_for() -> (
    None
):
    install = "WORKDIR /srv\nCOPY . .\nRUN pip install -r lists/all.txt\n"
    files = {"api/Dockerfile": f"FROM python:3.9\n{install}", "web/Dockerfile": f"FROM debian:13\n{install}"}
    paths = [
        *("api/lists/all.txt", "api/lists/dev.txt", "lists/all.txt", "all.txt", "other/all.txt"),
        "web/lists/all.txt",
    ]
    named = Repository(Snapshot.of(files, paths)).named_paths
    assert named == {"api/lists/all.txt", "lists/all.txt", "all.txt"}


def test_files_of_tool_versions_are_read_over_dockerfiles_and_not_told_where_they_cannot_be() -> None:
    files = {"web/Dockerfile": "FROM ruby:3.4\n"}
    paths = ["mise.toml", "web/.tool-versions", "web/Gemfile", "api/Gemfile", "web/docs/.mise.toml", ".nvmrc"]
    known = Snapshot.of(files, paths)
    assert Repository(known).named_paths == {"mise.toml", "web/.tool-versions", "web/Gemfile", ".nvmrc"}
    a_link = (Unreadable("web/Gemfile", 1, "it is a symbolic link"),)
    assert Repository(Snapshot(known.texts, known.paths, a_link)).unreadable == ()


def test_of_two_fixes_that_write_one_key_into_a_job_the_first_is_taken() -> None:
    content = """\
on: {push: {branches: [main]}}
permissions: {contents: write, packages: write}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - run: npm ci
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: docker/login-action@dbcb813823bdd20940b903addbd779551569679f # v4.6.0
        with: {registry: ghcr.io, username: acme, password: '${{ github.token }}'}
      - uses: docker/build-push-action@c3c9e263c25d99ce0380d002d59b67737d91b0dc # v7.4.0
        with: {context: ., push: true, tags: 'ghcr.io/acme/web:${{ github.sha }}'}
      - uses: github/codeql-action/upload-sarif@2892aa5e19bbd11bc0cff5427e3b750a04d9e3c2 # v4.38.2
        with: {sarif_file: trivy.sarif}
"""
    path = ".github/workflows/image.yml"
    repo = Repository(Snapshot.of({path: content}))
    found = review(repo, None, catalogue()).findings
    of_blocks = {"missing-permission-for-step", "workflow-level-write-permission"}
    told = [one for one in found if one.check.id in of_blocks and one.finding.fixes]
    assert {one.check.id for one in told} == of_blocks
    chosen = fixable(repo, catalogue(), Choices(), told, frozenset(Applicability))
    edited = repo.edited([edit for fix in chosen for edit in fix.edits]).snapshot.texts[path].content
    assert len(chosen) == 1
    assert edited.count("    permissions:") == 1


def test_nothing_holds_on_to_the_files_of_a_review_that_is_over() -> None:
    push = "with: {push: true, tags: 'acme/web:latest', cache-from: type=gha, cache-to: type=gha}"
    job = f"runs-on: ubuntu-latest\n    steps:\n      - uses: docker/build-push-action@v7\n        {push}\n"
    repo = repository({".github/workflows/web.yml": f"on: push\njobs:\n  web:\n    {job}"})
    review(repo, None, catalogue())
    text = weakref.ref(repo.snapshot.texts[".github/workflows/web.yml"])
    del repo
    gc.collect()
    assert text() is None
