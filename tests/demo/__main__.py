"""Shows two reviews from webhook to conclusion: `python -m tests.demo`.

The server is the real one; GitHub is a fake on loopback that refuses what GitHub refuses.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from app.report.text import Terminal, wants_colour
from tests.demo.render import BOLD, CYAN, DIM, changed, rendered
from tests.demo.service import DemoFailed, Service, serving
from tests.demo.states import NAME, OWNER, PROPOSALS, Proposal, build
from tests.github.fake import FakeGitHub
from tests.github.state import CheckRun, Pull, ReviewComment

REVIEW_SECONDS = 60.0
"""After which a review is not waited for any longer."""
_SUGGESTION = re.compile(r"^`{3,}(suggestion)\n(?:(?!`{3}).*\n)*`{3,}$", re.MULTILINE)


def main() -> int:
    """Exit status 1 and one message if something does not come."""
    columns = min(shutil.get_terminal_size((100, 24)).columns, 110)
    terminal = Terminal(wants_colour(os.environ, is_terminal=sys.stdout.isatty()), columns)
    try:
        with tempfile.TemporaryDirectory(prefix="tidewaiter-demo-") as folder:
            _demo(Path(folder), terminal)
    except (DemoFailed, AssertionError) as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 1
    return 0


def _demo(folder: Path, terminal: Terminal) -> None:
    build(folder / "git")
    with FakeGitHub() as fake:
        repository = fake.add_repository(OWNER, NAME, folder / "git", "public")
        began = time.monotonic()
        with serving(fake, folder) as service:
            print(
                f"`tidewaiter serve` was ready after {time.monotonic() - began:.1f} s; GitHub is a fake at {fake.url}."
            )
            fake.webhook_url = f"{service.address}/webhook"
            for one in PROPOSALS:
                pull = fake.open_pull_request(
                    repository, one.number, one.branch, title=one.title, author="rquay"
                )
                _shown(fake, pull, one, terminal, service)


def _shown(fake: FakeGitHub, pull: Pull, proposal: Proposal, terminal: Terminal, service: Service) -> None:
    calls = len(fake.log)
    began = time.monotonic()
    delivery = fake.deliver("pull_request", fake.payloads.pull_request(pull, "opened"))
    if delivery.status_code != 202:
        raise DemoFailed(f"the webhook answered {delivery.status_code}: {delivery.response_body}")
    service.until(
        lambda: _concluded(fake, pull), REVIEW_SECONDS, f"the check run of #{pull.number} to conclude"
    )
    seconds = time.monotonic() - began
    run = _as_expected(fake, pull, proposal)
    for line in _report(fake, pull, proposal, run, terminal):
        print(line)
    print(
        terminal.paint(
            DIM,
            f"{seconds:.1f} s from the webhook to the conclusion, the webhook itself answered in"
            f" {delivery.duration * 1000:.0f} ms, {len(fake.log) - calls} calls to GitHub"
            " (writes stand a second apart, as GitHub asks).",
        )
    )


def _as_expected(fake: FakeGitHub, pull: Pull, proposal: Proposal) -> CheckRun:
    """The check run. `DemoFailed` unless all that belongs to the review is there."""
    run = _concluded(fake, pull)
    if run is None or run.conclusion != proposal.conclusion:
        raise DemoFailed(
            f"#{pull.number} is concluded as {run.conclusion if run else None}: {run and run.title}"
        )
    if proposal.conclusion == "failure" and not fake.review_comments(pull):
        raise DemoFailed(f"#{pull.number} has no review comments")
    if not fake.sarifs(_ref(pull)):
        raise DemoFailed(f"nothing was uploaded to code scanning for {_ref(pull)}")
    return run


def _concluded(fake: FakeGitHub, pull: Pull) -> CheckRun | None:
    return next((run for run in fake.check_runs(pull) if run.status == "completed"), None)


def _report(
    fake: FakeGitHub, pull: Pull, proposal: Proposal, run: CheckRun, terminal: Terminal
) -> Iterator[str]:
    """What a reviewer of the pull request would see."""
    yield "\n" + terminal.paint(
        BOLD, f"═══ {OWNER}/{NAME}#{pull.number}: {pull.title} ".ljust(terminal.width, "═")
    )
    yield f"\nCheck run {run.name}: {run.conclusion}, “{run.title}”, {len(run.annotations)} annotations\n"
    yield from (f"  {line}".rstrip() for line in rendered(run.summary or "", terminal))
    yield ""
    files = proposal.files()
    for comment in sorted(fake.review_comments(pull), key=lambda it: (it.path, it.line or 0)):
        yield from _comment(fake, comment, files[comment.path], terminal)
    yield _uploaded(fake, pull)


def _comment(fake: FakeGitHub, comment: ReviewComment, content: str, terminal: Terminal) -> Iterator[str]:
    last = comment.line or 1
    first = comment.start_line or last
    where = f"{first}" if first == last else f"{first}–{last}"
    yield terminal.paint(BOLD, f"─── {comment.path} {where} ".ljust(terminal.width, "─"))
    for number, line in enumerate(content.splitlines()[first - 1 : last], first):
        yield terminal.paint(CYAN, f"{number:>5} │ {line}")
    yield ""
    for part in _SUGGESTION.split(comment.body):
        if part == "suggestion":
            yield "  Commit suggestion:"
            yield from (f"    {one}" for one in changed(content, fake.suggestion_result(comment), terminal))
            yield ""
        else:
            yield from (f"  {line}".rstrip() for line in rendered(part, terminal))
            yield ""


def _uploaded(fake: FakeGitHub, pull: Pull) -> str:
    results = sum(len(run["results"]) for run in fake.sarifs(_ref(pull))[-1].document["runs"])
    return f"Uploaded to code scanning for {_ref(pull)}: {results} results in SARIF, new or not."


def _ref(pull: Pull) -> str:
    return f"refs/pull/{pull.number}/head"


if __name__ == "__main__":
    sys.exit(main())
