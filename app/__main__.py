"""The command line; the only place that wires things together."""

from __future__ import annotations

import argparse
import datetime
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from app.settings import environment

if TYPE_CHECKING:
    from app.jobs import GaveUp, Perform
    from app.local import Reviewed
    from app.report.text import Terminal
    from app.settings import Settings
    from checks.engine import Found

HOME = "https://github.com/tidewaiter/tidewaiter"
"""Where the product is documented."""
PAGES = f"{HOME}#checks"
"""Where the checks have their pages: the table that leads to each."""
_FOUND, _COULD_NOT = 1, 2
"""Exit statuses: something reached the threshold; the command could not do its work."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = _parser().parse_args(arguments)
    commands = {"review": _review, "checks": _checks, "serve": _serve}
    try:
        return commands[options.command](options)
    except BrokenPipeError:
        # Else the interpreter flushes again at its end, complains, and exits with 120.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _COULD_NOT
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tidewaiter",
        description="Reviews Dockerfiles, image workflows, Terraform for ECR and image policies, together.",
    )
    parser.add_argument("--version", action="version", version=f"tidewaiter {version('tidewaiter')}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    review = commands.add_parser("review", help="review a folder", description="Review a folder.")
    review.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="the folder (default: %(default)s)"
    )
    review.add_argument(
        "--base", metavar="REV", help="tell only what is new since the merge base of REV and HEAD"
    )
    review.add_argument("--format", choices=("text", "json", "sarif", "github"), default="text")
    review.add_argument("--output", metavar="FILE", help="write there instead of to the terminal")
    review.add_argument(
        "--fail-on",
        choices=("error", "warning", "note", "never"),
        help="exit with 1 from this severity on (default: the config's, else error)",
    )
    review.add_argument("--fix", action="store_true", help="apply the safe fixes, and report what remains")
    review.add_argument("--unsafe", action="store_true", help="with --fix: apply those too that want a look")
    review.add_argument("--config", metavar="FILE", help="instead of PATH/.github/tidewaiter.yml")

    checks = commands.add_parser("checks", help="list the checks, or show one", description="The catalogue.")
    checks.add_argument("check", nargs="?", metavar="CHECK", help="the id of one check: show its page")
    checks.add_argument("--format", choices=("text", "json"), default="text")

    commands.add_parser("serve", help="run the GitHub App", description="Run the GitHub App until SIGTERM.")
    return parser


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return _COULD_NOT


def _review(options: argparse.Namespace) -> int:
    from app.config import InvalidConfig
    from app.local import Local, Request
    from app.worktree import FolderError, GitError
    from checks.source.snapshot import EditConflict

    if options.unsafe and not options.fix:
        return _fail("tidewaiter review: --unsafe goes with --fix")
    request = Request(
        folder=Path(options.path),
        base=options.base,
        config_file=Path(options.config) if options.config else None,
        slug=environment().get("GITHUB_REPOSITORY") or None,
    )
    try:
        local = Local(request, datetime.datetime.now(datetime.UTC).date())
        reviewed = local.review()
        if options.fix:
            reviewed = local.fix(reviewed, unsafe=options.unsafe)
        _write(_report(options, reviewed), options.output)
    except (FolderError, GitError, InvalidConfig, EditConflict) as error:
        return _fail(str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        return _fail(f"{error.filename or options.output}: can't be written: {error.strerror}")
    return _status(options.fail_on, reviewed)


def _report(options: argparse.Namespace, reviewed: Reviewed) -> str:
    """The review in the format that was asked for."""
    from app import worktree

    outcome, texts = reviewed.review, reviewed.snapshot.texts
    if options.format == "json":
        from app.report.data import data, dumps

        return dumps(data(outcome, texts))
    if options.format == "github":
        from app.report.annotations import workflow_commands

        return workflow_commands(outcome, worktree.prefix(Path(options.path)))
    if options.format == "sarif":
        from app.report.sarif import Source, sarif

        source = Source(
            version=version("tidewaiter"),
            pages=PAGES,
            home=HOME,
            prefix=worktree.prefix(Path(options.path)),
        )
        checks = [module.check for module in reviewed.modules]
        return sarif(outcome, checks, texts, source, compared=options.base is not None, suppressed=False)
    from app.report.text import text

    return text(outcome, texts, _terminal(to_file=options.output is not None))


def _terminal(*, to_file: bool) -> Terminal:
    from app.report.text import Terminal, wants_colour

    is_terminal = sys.stdout.isatty() and not to_file
    width = min(shutil.get_terminal_size((100, 24)).columns, 120) if is_terminal else 100
    return Terminal(colour=wants_colour(environment(), is_terminal=is_terminal), width=width)


def _write(report: str, output: str | None) -> None:
    if output is None:
        sys.stdout.write(report)
        sys.stdout.flush()
    else:
        Path(output).write_text(report, encoding="utf-8")


def _status(fail_on: str | None, reviewed: Reviewed) -> int:
    """1 if a new finding reaches the threshold, else 2 if a check crashed, else 0."""
    from checks.check import Severity

    def reaches(found: Found) -> bool:
        if fail_on is None:
            return reviewed.config.fails(found.check.id, found.severity)
        return fail_on != "never" and found.severity.reaches(Severity(fail_on))

    if any(reaches(found) for found in reviewed.review.new):
        return _FOUND
    return _COULD_NOT if reviewed.review.crashed else 0


def _checks(options: argparse.Namespace) -> int:
    from app.report import catalogue as pages
    from app.report.data import dumps
    from checks.catalogue import catalogue, find

    modules = catalogue()
    if options.check is None:
        checks = [module.check for module in modules]
        as_json = options.format == "json"
        _write(
            dumps([pages.summary(check) for check in checks])
            if as_json
            else pages.listing(checks, _terminal(to_file=False)),
            None,
        )
        return 0
    module = find(options.check, modules)
    if module is None:
        return _fail(_unknown(options.check, [known.check.id for known in modules]))
    if options.format == "json":
        _write(dumps(pages.detail(module.check)), None)
    else:
        _write(pages.rendered(module.check, _terminal(to_file=False)), None)
    return 0


def _unknown(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, known, 1)
    meant = f"; did you mean {close[0]}?" if close else ""
    return f"tidewaiter checks: no check is called {name!r}{meant} `tidewaiter checks` lists them."


def _serve(_options: argparse.Namespace) -> int:
    from app import pages
    from app.serving import CannotServe, serve
    from app.settings import BadSetting, settings_from
    from checks.catalogue import catalogue

    try:
        settings = settings_from(environment())
        with _reviewing(settings) as (perform, gave_up):
            serve(settings, perform, gave_up=gave_up, routes=pages.routes(catalogue()))
    except (BadSetting, CannotServe) as error:
        return _fail(str(error))
    return 0


@contextmanager
def _reviewing(settings: Settings) -> Iterator[tuple[Perform, GaveUp]]:
    """What does the jobs, with its child processes, until the server ends."""
    from app.analysis import Analyst
    from app.desk import Desk
    from app.github.client import App
    from app.review import Pages, Reviewer

    credentials = settings.credentials
    app = (
        App(str(credentials.app_id), credentials.private_key, settings.github_url)
        if credentials
        else App("", "")
    )
    checks = f"{settings.public_url}/checks" if settings.public_url else ""
    analyst = Analyst()
    try:
        reviewer = Reviewer(app, analyst, Pages(version("tidewaiter"), HOME, checks))
        desk = Desk(app, reviewer.perform, reviewer.gave_up)
        yield desk.perform, desk.gave_up
    finally:
        analyst.close()


if __name__ == "__main__":
    sys.exit(main())
