"""`tidewaiter audit`: every repository once, whatever comes between, and one page that tells of all."""

from __future__ import annotations

import asyncio
import datetime
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from app.__main__ import main
from app.analysis import Analyst
from app.audit import Audit, CannotAudit, Plan
from app.credentials import Credentials
from app.examine import Examiner, Pages
from app.github.client import App
from app.progress import Progress
from app.recall import recalled
from app.report.audited import Audited, Occurrence
from app.settings import Settings
from tests.app.cargo import CONFIG, EXEC, SCAN, SCAN_PATH, SHELL
from tests.app.github_job import no_pause
from tests.github import faults
from tests.github.call import RefusedError
from tests.github.fake import FakeGitHub
from tests.github.repositories import Files, build, create

REPOSITORIES: dict[str, Files] = {
    "web": {"Dockerfile": SHELL},
    "scans": {SCAN_PATH: SCAN, "broken.tf": "resource {\n"},
    "quiet": {"README.md": "Hello\n"},
    ".github": {CONFIG: "version: 1\nchecks: {shell-form-entrypoint: error}\n"},
}


class Interrupted(Exception):
    """Stands for a kill."""


@dataclass
class Ground:
    """An owner with repositories, and our App beside it."""

    fake: FakeGitHub
    analyst: Analyst
    folder: Path
    output: io.StringIO = field(default_factory=io.StringIO)
    slept: list[float] = field(default_factory=list)
    plan: Plan = field(init=False)

    def __post_init__(self) -> None:
        self.plan = Plan("acme", self.folder / "audit", "Tidewaiter 1, checks a", "https://checks.example/{}")

    def run(self, progress: type[Progress] = Progress) -> list[Audited]:
        credentials = Credentials(self.fake.app_id, self.fake.private_key, ("hush",))
        app = App(
            str(self.fake.app_id), self.fake.private_key, self.fake.url, pause=no_pause, write_interval=0
        )
        examiner = Examiner(app, self.analyst, Pages("1", "https://home.example", ""))
        with recalled(Settings(credentials, self.folder / "state")) as memory:
            audit = Audit(
                app,
                examiner,
                memory,
                self.plan,
                lambda total, done: progress(self.output, total, done),
                self.sleep,
            )
            return asyncio.run(audit.run())

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.fake.faults.clear()

    def analysed(self) -> set[str]:
        """The repositories whose files were listed."""
        return {one.path.split("/")[3] for one in self.fake.requests("GET", "/repos/acme/*/git/trees/*")}

    def sarif(self, name: str) -> list[dict[str, Any]]:
        document = json.loads((self.plan.folder / f"sarif/{name}.sarif").read_text())
        found: list[dict[str, Any]] = document["runs"][0]["results"]
        return found

    def page(self) -> str:
        return (self.plan.folder / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def analyst() -> Iterator[Analyst]:
    made = Analyst()
    yield made
    made.close()


@pytest.fixture
def ground(tmp_path: Path, analyst: Analyst) -> Iterator[Ground]:
    with FakeGitHub() as fake:
        for name, files in REPOSITORIES.items():
            fake.add_repository("acme", name, build(tmp_path / name, files, {}).git_dir)
        yield Ground(fake, analyst, tmp_path)


def test_every_repository_of_the_installation(ground: Ground) -> None:
    audited = ground.run()
    assert [one.name for one in audited] == sorted(REPOSITORIES)
    assert {one.name for one in audited if one.findings} >= {"web", "scans"}
    (shell,) = (it for one in audited for it in one.findings if it.check == "shell-form-entrypoint")
    assert shell.severity == "error", "as the organisation's config has it"
    sha = next(one.sha for one in audited if one.name == "web")
    assert shell.address == f"https://github.com/acme/web/blob/{sha}/Dockerfile#L4"
    for one in audited:
        assert len(ground.sarif(one.name)) == len(one.findings)


def test_it_only_reads(ground: Ground) -> None:
    ground.run()
    written = {one.path for one in ground.fake.log if one.method not in {"GET", "HEAD"}}
    assert {path.rpartition("/")[2] for path in written} == {"access_tokens", "graphql"}
    assert {level for one in ground.fake.hub.tokens.values() for level in one.permissions.values()} == {
        "read"
    }


def test_the_page_tells_of_all(ground: Ground) -> None:
    archived = ground.fake.add_repository("acme", "old", ground.folder / "web")
    archived.archived = True
    audited = ground.run()
    page = Seen(ground.page())
    assert page.heading == "What stands on the default branches of acme"
    assert "old" not in {one.name for one in audited}
    assert "1 repository is archived: acme/old." in page.text
    assert "broken.tf line 1 can't be read" in page.text
    assert page.summaries[0].startswith("acme/web: ") or page.summaries[0].startswith("acme/scans: ")
    assert page.summaries[-1].endswith("nothing found")
    assert len(page.summaries) == len(audited)
    for one in audited:
        assert f"sarif/{one.name}.sarif" in page.links
        assert {finding.address for finding in one.findings} <= page.links
    assert "https://checks.example/shell-form-entrypoint" in page.links
    assert "script" not in page.elements


class Seen(HTMLParser):
    """What there is in a page."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.links: set[str] = set()
        self.text, self.heading = "", ""
        self.summaries: list[str] = []
        self._in: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.links |= {value for name, value in attributes if name == "href" and value}
        self._in.append(tag)
        if tag == "summary":
            self.summaries.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.text += data
        if "h1" in self._in:
            self.heading += data
        if "summary" in self._in:
            self.summaries[-1] += data


def test_what_a_file_says_is_no_html(ground: Ground) -> None:
    hostile = '<img src=x onerror="alert(1)">'
    files: Files = {".github/workflows/a.yml": SCAN.replace("acme/web", hostile).replace("scan:", "'<b>x':")}
    ground.fake.add_repository("acme", "hostile", build(ground.folder / "hostile", files, {}).git_dir)
    ground.run()
    assert "<img" not in ground.page()
    assert "<b>x" not in ground.page()


# Interrupted, and run again


class Dying(Progress):
    """The process is killed after two repositories."""

    def step(self, words: str) -> None:
        super().step(words)
        if self.done == 2:
            raise Interrupted


def test_it_goes_on_where_it_ended(ground: Ground) -> None:
    with pytest.raises(Interrupted):
        ground.run(Dying)
    assert not (ground.plan.folder / "index.html").exists()
    lines = (ground.plan.folder / "progress.jsonl").read_text().splitlines()
    done = {Audited.from_json(line).name for line in lines[1:]}
    assert len(done) >= 2
    ground.fake.log.clear()
    audited = ground.run()
    assert ground.analysed() == set(REPOSITORIES) - done
    assert sorted(one.name for one in audited) == sorted(REPOSITORIES)
    assert all((ground.plan.folder / f"sarif/{name}.sarif").exists() for name in REPOSITORIES)


def test_a_line_that_was_cut_off_is_done_again(ground: Ground) -> None:
    with pytest.raises(Interrupted):
        ground.run(Dying)
    path = ground.plan.folder / "progress.jsonl"
    path.write_text(path.read_text()[:-20])
    assert sorted(one.name for one in ground.run()) == sorted(REPOSITORIES)


def test_once_all_is_done_it_begins_anew(ground: Ground) -> None:
    ground.run()
    assert not (ground.plan.folder / "progress.jsonl").exists()
    ground.fake.log.clear()
    ground.run()
    assert ground.analysed() == set(REPOSITORIES)


def test_what_another_release_found_does_not_count(ground: Ground) -> None:
    with pytest.raises(Interrupted):
        ground.run(Dying)
    ground.fake.log.clear()
    ground.plan = replace(ground.plan, about="Tidewaiter 2, checks b")
    ground.run()
    assert ground.analysed() == set(REPOSITORIES)


def test_one_that_fails_is_told_and_tried_again(ground: Ground) -> None:
    ground.fake.faults.on("GET", "/repos/acme/web/commits/main", 1, faults.bad_gateway(), times=None)
    (failed,) = (one for one in ground.run() if one.problem)
    assert failed.name == "web"
    page = Seen(ground.page())
    assert "1 repository not reviewed" in page.text
    assert "acme/web: GET /repos/acme/web/commits/main: 502" in page.text
    ground.fake.faults.clear()
    ground.fake.log.clear()
    assert not any(one.problem for one in ground.run())
    assert ground.analysed() == {"web"}
    assert "not reviewed" not in ground.page()


def test_a_rate_limit_is_waited_for(ground: Ground) -> None:
    ground.fake.faults.on("GET", "/repos/acme/web/commits/main", 1, faults.secondary_limit(90), times=None)
    assert not any(one.problem for one in ground.run())
    assert len(ground.slept) == 1
    assert 80 < ground.slept[0] <= 90
    assert "GitHub's rate limit: it goes on at" in ground.output.getvalue()


# Edges


def test_an_empty_repository(ground: Ground) -> None:
    create(ground.folder / "empty")
    ground.fake.add_repository("acme", "empty", ground.folder / "empty")
    (empty,) = (one for one in ground.run() if one.name == "empty")
    assert (empty.problem, empty.gaps) == ("", ("It has no commit yet.",))
    page = Seen(ground.page())
    assert "acme/empty: nothing found, 1 remark" in page.summaries
    linked = {link for link in page.links if link.startswith("sarif/")}
    assert {f"sarif/{path.name}" for path in (ground.plan.folder / "sarif").iterdir()} == linked


def test_a_repository_that_went_away_meanwhile(ground: Ground) -> None:
    gone = faults.Fault(reply=RefusedError(404, "Not Found").reply())
    ground.fake.faults.on("GET", "/repos/acme/web/git/trees/*", 1, gone, times=None)
    (failed,) = (one for one in ground.run() if one.problem)
    assert failed.name == "web"


def test_a_person(ground: Ground) -> None:
    ground.fake.hub.users.clear()
    ground.plan = replace(ground.plan, owner="ACME")
    assert len(ground.run()) == len(REPOSITORIES)


def test_an_owner_without_the_app(ground: Ground) -> None:
    ground.plan = replace(ground.plan, owner="zulu")
    with pytest.raises(CannotAudit, match="zulu: the App is not installed there"):
        ground.run()
    assert not ground.plan.folder.exists()


def test_what_is_kept_of_a_repository_is_read_again() -> None:
    finding = Occurrence(
        "error", "a-check", "`x` is.", "`a` line 1", "https://github.com/acme/web/blob/1/a#L1"
    )
    one = Audited("acme/web", "https://github.com/acme/web", "main", "1" * 40, (finding,), ("`b` can't.",))
    assert Audited.from_json(one.to_json()) == one


# The bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_on_a_terminal() -> None:
    terminal = Terminal()
    bar = Progress(terminal, 4, 1, width=40)
    bar.step("acme/web: nothing found")
    assert terminal.getvalue() == f"\r\x1b[K{'█' * 12}{'░' * 12} 2/4 acme/web: "[: 4 + 39]
    bar.say("wait")
    bar.end()
    assert terminal.getvalue().endswith("\r\x1b[Kwait\n\r\x1b[K")


def test_lines_elsewhere() -> None:
    stream = io.StringIO()
    bar = Progress(stream, 2)
    bar.step("acme/web: \x1b[2J")
    bar.end()
    assert stream.getvalue() == "1/2 acme/web: \\x1b[2J\n"


# The command


@pytest.mark.parametrize("output", [None, "there"])
def test_the_command(
    ground: Ground,
    output: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(ground.folder)
    values = {
        "APP_ID": str(ground.fake.app_id),
        "PRIVATE_KEY": ground.fake.private_key,
        "WEBHOOK_SECRET": "hush-hush",
        "GITHUB_URL": ground.fake.url,
        "STATE_DIR": str(ground.folder / "state"),
    }
    for name, value in values.items():
        monkeypatch.setenv(f"TIDEWAITER_{name}", value)
    folder = output or "audit-acme"
    assert main(["audit", "acme", *(["--output", output] if output else [])]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"{folder}/index.html\n"
    assert captured.err.count("\n") == len(REPOSITORIES)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    page = (ground.folder / folder / "index.html").read_text(encoding="utf-8")
    assert f"4 repositories, reviewed on {today} by Tidewaiter " in page
    ground.fake.faults.on("GET", "/repos/acme/web/commits/main", 1, faults.bad_gateway(), times=None)
    assert main(["audit", "acme", "--output", folder]) == 2
    assert capsys.readouterr().err.endswith("1 not reviewed: run it again to try them\n")
    assert main(["audit", "zulu"]) == 2
    assert capsys.readouterr().err.startswith("tidewaiter audit: zulu: the App is not installed there")


def test_the_findings_are_those_of_a_review(ground: Ground) -> None:
    build_of = {one.name: {it.check for it in one.findings} for one in ground.run()}
    assert "shell-form-entrypoint" in build_of["web"]
    assert "action-on-branch" in build_of["scans"]
    assert EXEC != SHELL
