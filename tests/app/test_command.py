"""`tidewaiter` as it is called: exit statuses, formats, fixes, comparison, errors; on folders and real git."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.__main__ import _status, main
from app.config.model import Config, Mode
from app.local import Reviewed
from checks.check import Repository, Severity
from checks.engine import Crashed, Review
from checks.source.snapshot import Snapshot
from tests.app import sample
from tests.app.test_worktree import commit, git

SHELL_FORM = "FROM debian:13\nUSER 1001\nENTRYPOINT caddy --port 80\n"
EXEC_FORM = 'FROM debian:13\nUSER 1001\nENTRYPOINT ["caddy", "--port", "80"]\n'
POLICY = """\
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: "ghcr.io/acme/web:v*"
  authorities:
    - static:
        action: fail
"""
"""With a finding whose fix is unsafe."""


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the machine's that the command looks at."""
    for name in ("GITHUB_REPOSITORY", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder outside of git with one finding that a safe fix ends."""
    tmp_path.joinpath("Dockerfile").write_text(SHELL_FORM)
    return tmp_path


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A work tree whose `main` has the finding in `old`, and whose branch, checked out, has it in `new`, too."""
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    put(tmp_path, "old/Dockerfile", SHELL_FORM)
    commit(tmp_path)
    git(tmp_path, "checkout", "--quiet", "-b", "change")
    put(tmp_path, "new/Dockerfile", SHELL_FORM)
    commit(tmp_path)
    return tmp_path


def put(folder: Path, path: str, content: str) -> Path:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content.encode())
    return target


def configure(folder: Path, content: str) -> None:
    put(folder, ".github/tidewaiter.yml", f"version: 1\n{content}")


def review(folder: Path, *options: str) -> int:
    return main(["review", str(folder), *options])


def as_json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


# -- exit status


@pytest.mark.parametrize(
    ("options", "config", "expected"),
    [
        ((), "", 0),
        (("--fail-on", "warning"), "", 1),
        (("--fail-on", "note"), "", 1),
        (("--fail-on", "error"), "", 0),
        (("--fail-on", "never"), "", 0),
        ((), "fail-on: warning\n", 1),
        (("--fail-on", "error"), "fail-on: warning\n", 0),
        ((), "checks: {shell-form-entrypoint: error}\n", 1),
        ((), "checks: {shell-form-entrypoint: error}\nfail-on: never\n", 0),
        ((), "checks: {shell-form-entrypoint: error}\nmode: observe\n", 0),
        (("--fail-on", "note"), "checks: {shell-form-entrypoint: off}\n", 0),
        (("--fail-on", "note"), "paths: {ignore: [Dockerfile]}\n", 0),
    ],
)
def test_the_exit_status_says_whether_a_finding_reaches_the_threshold(
    folder: Path, options: tuple[str, ...], config: str, expected: int
) -> None:
    if config:
        configure(folder, config)
    assert review(folder, *options) == expected


def test_a_suppressed_finding_does_not_fail(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ignored = SHELL_FORM.replace(
        "ENTRYPOINT", "# tidewaiter: ignore[shell-form-entrypoint] we know\nENTRYPOINT"
    )
    put(folder, "Dockerfile", ignored)
    assert review(folder, "--fail-on", "note", "--format", "json") == 0
    told = as_json(capsys)
    assert told["findings"] == []
    assert told["suppressed"] == [
        {"check": "shell-form-entrypoint", "path": "Dockerfile", "line": 4, "reason": "we know"}
    ]


def test_unreadable_files_alone_change_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path, "a.Dockerfile", "nonsense\n")
    put(tmp_path, "b.Dockerfile", "FROM scratch\n")
    put(tmp_path, ".github/workflows/w.yml", "a: [\n")
    assert review(tmp_path, "--format", "json", "--fail-on", "note") == 0
    assert [one["path"] for one in as_json(capsys)["unreadable"]] == [
        ".github/workflows/w.yml",
        "a.Dockerfile",
    ]


def test_a_crash_is_2_unless_a_finding_reaches_the_threshold() -> None:
    crashed = Review(crashed=(Crashed("fragile", "Dockerfile", "KeyError: 1"),))
    snapshot = Snapshot.of({})

    def status(outcome: Review, config: Config) -> int:
        return _status(None, Reviewed(outcome, snapshot, config, (), Repository(snapshot)))

    assert status(crashed, Config()) == 2
    assert status(crashed, Config(mode=Mode.OBSERVE)) == 2
    assert status(Review(), Config()) == 0


def test_a_finding_goes_before_a_crash() -> None:
    outcome = Review(findings=sample.review().findings, crashed=(Crashed("fragile", "", "KeyError: 1"),))
    reviewed = Reviewed(
        outcome, Snapshot.of({}), Config(fail_on=Severity.NOTE), (), Repository(Snapshot.of({}))
    )
    assert _status(None, reviewed) == 1
    assert _status("never", reviewed) == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--base", "main"), "not in a git work tree"),
        (("--unsafe",), "--unsafe goes with --fix"),
        (("--config", "none.yml"), "none.yml: can't be read"),
        (("--output", "none/report.txt"), "none/report.txt"),
    ],
)
def test_what_cannot_run_is_2_with_one_line_on_the_error_stream(
    folder: Path, options: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert review(folder, *options) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


@pytest.mark.parametrize("path", ["none", "Dockerfile"])
def test_a_path_that_is_no_folder_is_2(folder: Path, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert review(folder / path) == 2
    assert path in capsys.readouterr().err


def test_an_invalid_config_is_2_with_file_line_and_what_was_expected(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(folder, "fail-on: sometimes\n")
    assert review(folder) == 2
    error = capsys.readouterr().err
    assert error.startswith(".github/tidewaiter.yml:2")
    assert "warning" in error


@pytest.mark.parametrize("arguments", [[], ["review", "--format", "xml"], ["review", "a", "b"], ["nonsense"]])
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_an_unknown_revision_is_2(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert review(work, "--base", "none-such") == 2
    assert "none-such" in capsys.readouterr().err


# -- comparison


def states(told: Any) -> list[tuple[str, str]]:
    return [(one["locations"][0]["path"], one["state"]) for one in told["findings"]]


def test_with_a_base_only_what_the_branch_brings_is_new(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert review(work, "--format", "json") == 0
    assert states(as_json(capsys)) == [("new/Dockerfile", "new"), ("old/Dockerfile", "new")]
    assert review(work, "--base", "main", "--format", "json", "--fail-on", "warning") == 1
    assert states(as_json(capsys)) == [("new/Dockerfile", "new"), ("old/Dockerfile", "known")]
    put(work, "new/Dockerfile", EXEC_FORM)
    assert review(work, "--base", "main", "--fail-on", "note") == 0


def test_the_base_is_the_merge_base(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `main` fixes after the branch left it does not count as new on the branch."""
    git(work, "checkout", "--quiet", "main")
    put(work, "old/Dockerfile", EXEC_FORM)
    commit(work)
    git(work, "checkout", "--quiet", "change")
    review(work, "--base", "main", "--format", "json")
    assert states(as_json(capsys)) == [("new/Dockerfile", "new"), ("old/Dockerfile", "known")]


def test_the_other_formats_tell_the_new_ones_only(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for form in ("text", "github", "sarif"):
        review(work, "--base", "main", "--format", form)
        told = capsys.readouterr().out
        assert "new/Dockerfile" in told, form
        if form != "sarif":
            assert "old/Dockerfile" not in told, form


def test_a_renamed_file_brings_nothing_new(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(work, "mv", "old/Dockerfile", "old/web.Dockerfile")
    put(work, "new/Dockerfile", EXEC_FORM)
    commit(work)
    assert review(work, "--base", "main", "--format", "json", "--fail-on", "note") == 0
    assert states(as_json(capsys)) == [("old/web.Dockerfile", "known")]


def test_paths_are_relative_to_the_folder_and_annotations_to_the_work_tree(
    work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    review(work / "new", "--base", "main", "--format", "json")
    assert states(as_json(capsys)) == [("Dockerfile", "new")]
    review(work / "new", "--format", "github")
    assert "file=new/Dockerfile" in capsys.readouterr().out
    review(work / "new", "--format", "sarif")
    (result,) = as_json(capsys)["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "new/Dockerfile"


def test_ignored_files_are_not_read(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(work, ".gitignore", "third/\n")
    put(work, "third/Dockerfile", SHELL_FORM)
    put(work, "untracked.Dockerfile", SHELL_FORM)
    review(work, "--format", "json")
    paths = [path for path, _ in states(as_json(capsys))]
    assert paths == ["new/Dockerfile", "old/Dockerfile", "untracked.Dockerfile"]


# -- fixes


def test_fix_applies_safe_fixes_and_reports_what_remains(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = put(folder, "policy.yaml", POLICY)
    assert review(folder, "--fix", "--format", "json") == 1
    assert folder.joinpath("Dockerfile").read_text() == EXEC_FORM
    assert policy.read_text() == POLICY
    remaining = as_json(capsys)["findings"]
    assert [one["check"] for one in remaining] == ["cip-glob-never-matches"]
    assert review(folder, "--fix") == 1
    assert folder.joinpath("Dockerfile").read_text() == EXEC_FORM


def test_unsafe_fixes_are_applied_only_when_asked_for(folder: Path) -> None:
    policy = put(folder, "policy.yaml", POLICY)
    assert review(folder, "--fix", "--unsafe", "--fail-on", "note") == 0
    assert folder.joinpath("Dockerfile").read_text() == EXEC_FORM
    assert policy.read_text() != POLICY


def test_fixes_are_made_only_when_asked_for(folder: Path) -> None:
    review(folder)
    assert folder.joinpath("Dockerfile").read_text() == SHELL_FORM


def test_fix_leaves_known_findings_and_all_other_bytes_alone(work: Path) -> None:
    content = "\ufeff" + SHELL_FORM.replace("\n", "\r\n").removesuffix("\r\n")
    put(work, "new/Dockerfile", content)
    review(work, "--base", "main", "--fix")
    expected = content.replace("caddy --port 80", '["caddy", "--port", "80"]')
    assert work.joinpath("new/Dockerfile").read_bytes() == expected.encode()
    assert work.joinpath("old/Dockerfile").read_text() == SHELL_FORM


def test_fix_keeps_the_mode_and_does_not_touch_suppressed_findings(folder: Path) -> None:
    ignored = SHELL_FORM.replace(
        "ENTRYPOINT", "# tidewaiter: ignore[shell-form-entrypoint] we know\nENTRYPOINT"
    )
    put(folder, "Dockerfile", ignored)
    other = put(folder, "other.Dockerfile", SHELL_FORM)
    other.chmod(0o755)
    review(folder, "--fix")
    assert folder.joinpath("Dockerfile").read_text() == ignored
    assert other.read_text() == EXEC_FORM
    assert other.stat().st_mode & 0o777 == 0o755


def test_a_file_that_cannot_be_written_is_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder, "web/Dockerfile", SHELL_FORM)
    folder.joinpath("web/.Dockerfile.tidewaiter").mkdir()
    assert review(folder, "--fix") == 2
    assert "nothing was changed" in capsys.readouterr().err
    assert folder.joinpath("Dockerfile").read_text() == SHELL_FORM


# -- output


def test_json_is_what_others_rely_on(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    review(folder, "--format", "json")
    told = as_json(capsys)
    assert list(told) == ["version", "findings", "suppressed", "unreadable", "crashed"]
    assert told["version"] == 1
    (finding,) = told["findings"]
    place = {"path": "Dockerfile", "start_line": 3, "start_column": 1, "end_line": 3, "end_column": 27}
    assert finding["locations"][0] == {**place, "note": ""}
    assert (finding["check"], finding["severity"], finding["state"]) == (
        "shell-form-entrypoint",
        "warning",
        "new",
    )
    (fix,) = finding["fixes"]
    assert (fix["applicability"], fix["caution"], finding["withheld"]) == ("safe", None, None)
    lines = SHELL_FORM.splitlines(keepends=True)
    for edit in reversed(fix["edits"]):
        assert edit["path"] == "Dockerfile"
        assert edit["start_line"] == edit["end_line"] == 3
        start, end = edit["start_column"] - 1, edit["end_column"] - 1
        lines[2] = lines[2][:start] + edit["replacement"] + lines[2][end:]
    assert "".join(lines) == EXEC_FORM


def test_a_report_can_be_written_to_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = folder / "report.json"
    assert review(folder, "--format", "json", "--output", str(target)) == 0
    assert json.loads(target.read_text())["findings"]
    assert capsys.readouterr().out == ""


def test_another_config_can_be_named(folder: Path) -> None:
    configure(folder, "fail-on: never\n")
    other = put(folder, "other.yml", "version: 1\nfail-on: warning\n")
    assert review(folder) == 0
    assert review(folder, "--config", str(other)) == 1


def test_the_order_is_the_same_each_time(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    review(work, "--format", "json")
    first = capsys.readouterr().out
    review(work, "--format", "json")
    assert capsys.readouterr().out == first


# -- the catalogue


def test_the_catalogue_is_listed_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checks"]) == 0
    assert "shell-form-entrypoint" in capsys.readouterr().out
    assert main(["checks", "--format", "json"]) == 0
    ids = [one["id"] for one in as_json(capsys)]
    assert ids == sorted(ids)
    assert main(["checks", "shell-form-entrypoint", "--format", "json"]) == 0
    detail = as_json(capsys)
    assert set(detail) == {"id", "aliases", "title", "severity", "tags", "fixes", "kinds", "page"}
    assert main(["checks", "shell-form-entrypoint"]) == 0
    assert detail["title"] in capsys.readouterr().out


def test_an_unknown_check_is_2_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checks", "shell-form-entrypoin"]) == 2
    assert "shell-form-entrypoint?" in capsys.readouterr().err


# -- the installed command


def command(*arguments: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    installed = Path(sys.executable).with_name("tidewaiter")
    return subprocess.run([installed, *arguments], capture_output=True, check=False, timeout=60, **options)


def test_the_installed_command_reviews_the_current_folder(folder: Path) -> None:
    done = command("review", "--fail-on", "warning", cwd=folder, env={"PATH": os.environ["PATH"]})
    assert (done.returncode, done.stderr) == (1, b"")
    assert "│" in done.stdout.decode()
    assert b"\x1b" not in done.stdout


@pytest.mark.parametrize("closed", [1, 2])
def test_a_stream_that_the_caller_has_closed_changes_no_status(folder: Path, closed: int) -> None:
    report = folder / "report.json"
    shell = f'exec "$0" "$@" {closed}>&-'
    installed = Path(sys.executable).with_name("tidewaiter")
    options = ("--fail-on", "never", "--format", "json", "--output", str(report))
    done = subprocess.run(
        ["/bin/sh", "-c", shell, installed, "review", folder, *options], check=False, timeout=60
    )
    assert done.returncode == 0
    assert report.stat().st_size > 0


def test_a_reader_that_leaves_early_is_no_traceback(folder: Path) -> None:
    installed = Path(sys.executable).with_name("tidewaiter")
    with subprocess.Popen(
        [installed, "review", folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 2
