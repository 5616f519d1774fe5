"""The command line; the only place that wires things together."""

from __future__ import annotations

import argparse
import datetime
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from app.environment import environment, hidden

if TYPE_CHECKING:
    from app.desk import Desk
    from app.examine import Examiner
    from app.github.client import App
    from app.local import Reviewed
    from app.report.text import Terminal
    from app.serving import Reconcile
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
    commands = {
        "review": _review,
        "checks": _checks,
        "chain": _chain,
        "serve": _serve,
        "doctor": _doctor,
        "simulate": _simulate,
        "audit": _audit,
    }
    try:
        return commands[options.command](options)
    except BrokenPipeError:
        # Else the interpreter flushes again at its end, complains, and exits with 120.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _COULD_NOT
    except KeyboardInterrupt:
        return 130


def run() -> NoReturn:
    """The installed command: `main`, and the end of its process with that exit status.

    What has to be closed `main` has closed; to take apart all that a review has made would take as long as one of its steps.
    """
    status = main()
    try:
        for stream in filter(None, (sys.stdout, sys.stderr)):  # None: closed by the caller
            stream.flush()
    except BrokenPipeError:
        status = _COULD_NOT
    os._exit(status)


def _version() -> str:
    from importlib.metadata import version

    return version("tidewaiter")


class _ShowVersion(argparse.Action):
    """`--version`; asks for the version only when it is to be shown, which takes longer than reading arguments."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(f"tidewaiter {_version()}")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tidewaiter",
        description="Reviews Dockerfiles, image workflows, Terraform for ECR and image policies, together.",
    )
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="show the version and exit")
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

    chain = commands.add_parser(
        "chain",
        help="show the way of each image through the files",
        description="Show the way of each image through the files, from its build to what runs and expires it.",
    )
    chain.add_argument(
        "path", nargs="?", default=".", metavar="PATH", help="the folder (default: %(default)s)"
    )
    chain.add_argument("--format", choices=("text", "json", "mermaid"), default="text")

    commands.add_parser("serve", help="run the GitHub App", description="Run the GitHub App until SIGTERM.")
    simulate = commands.add_parser(
        "simulate",
        help="print what a review would post",
        description="Print what a review of a pull request would post, and post nothing.",
    )
    simulate.add_argument("address", metavar="PULL_REQUEST_URL", help="https://github.com/OWNER/NAME/pull/N")
    audit = commands.add_parser(
        "audit",
        help="review all repositories of an installation",
        description="Review the default branch of every repository of an installation; run again, it goes on.",
    )
    audit.add_argument("owner", metavar="OWNER", help="the organisation or person whose installation it is")
    audit.add_argument("--output", metavar="FOLDER", help="for the report (default: audit-OWNER)")
    commands.add_parser(
        "doctor",
        help="say what keeps the App from working",
        description="Say what keeps the App from working.",
    )
    return parser


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return _COULD_NOT


def _review(options: argparse.Namespace) -> int:
    from app.garbage import collect_rarely

    collect_rarely()  # before the imports below, which are objects that stay, too
    from app.config.model import InvalidConfig
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
            version=_version(),
            pages=PAGES,
            home=HOME,
            prefix=worktree.prefix(Path(options.path)),
        )
        checks = [module.check for module in reviewed.modules]
        return sarif(outcome, checks, texts, source, compared=options.base is not None, suppressed=False)
    from app.report.text import text

    return text(outcome, texts, _terminal(to_file=options.output is not None), reviewed.images)


def _terminal(*, to_file: bool) -> Terminal:
    from app.report.text import Terminal, wants_colour

    is_terminal = sys.stdout.isatty() and not to_file
    width = 100
    if is_terminal:
        from shutil import get_terminal_size

        width = min(get_terminal_size((100, 24)).columns, 120)
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


def _chain(options: argparse.Namespace) -> int:
    from app.config.model import InvalidConfig
    from app.local import Local, Request
    from app.report import chain
    from app.report.data import dumps
    from app.worktree import FolderError, GitError
    from checks.chain import images_in

    request = Request(Path(options.path), slug=environment().get("GITHUB_REPOSITORY") or None)
    try:
        repository = Local(request, datetime.datetime.now(datetime.UTC).date()).read()
    except (FolderError, GitError, InvalidConfig) as error:
        return _fail(str(error))
    images = images_in(repository)
    if options.format == "json":
        _write(dumps(chain.data(images)), None)
    elif options.format == "mermaid":
        _write(chain.mermaid(images), None)
    else:
        _write(chain.text(images, _terminal(to_file=False), repository.unreadable), None)
    return 0


def _serve(_options: argparse.Namespace) -> int:
    from app import pages
    from app.serving import CannotServe, serve
    from app.settings import BadSetting, settings_from
    from checks.catalogue import catalogue

    # The database holds lines of private code, in whatever directory it is.
    os.umask(0o077)
    try:
        settings = settings_from(environment())
        if settings.credentials is None:
            if not _set_up(settings):
                return 0
            settings = settings_from(environment())
        with _reviewing(settings) as (desk, reconcile):
            serve(
                settings,
                desk.perform,
                gave_up=desk.gave_up,
                reconcile=reconcile,
                routes=pages.routes(catalogue()),
            )
    except (BadSetting, CannotServe) as error:
        return _fail(str(error))
    return 0


def _set_up(settings: Settings) -> bool:
    """Whether there is an App now; not, if the server was ended before."""
    from functools import partial

    from app.credentials import keep
    from app.github.conversion import converted
    from app.github.site import site_of
    from app.registration import Registration
    from app.serving import set_up

    registration = Registration(
        site_of(settings.github_url),
        settings.public_url,
        partial(converted, settings.github_url),
        partial(keep, settings.state_dir),
    )
    return set_up(settings, registration)


def _doctor(_options: argparse.Namespace) -> int:
    import asyncio

    from app.diagnosis import Health
    from app.doctor import diagnoses
    from app.settings import BadSetting, settings_from

    async def look(settings: Settings) -> bool:
        found = []
        async for diagnosis in diagnoses(settings):
            _write(str(diagnosis), None)
            found.append(diagnosis.health)
        return Health.WRONG not in found

    try:
        return 0 if asyncio.run(look(settings_from(environment()))) else _FOUND
    except BadSetting as error:
        print(error, file=sys.stderr)
        return _FOUND


def _simulate(options: argparse.Namespace) -> int:
    import asyncio

    from app.analysis import AnalysisFailed
    from app.database import NoDatabase
    from app.github.errors import GitHubError
    from app.github.installations import Grants
    from app.recall import recalled
    from app.report.simulated import text
    from app.review import Reviewer
    from app.settings import BadSetting, settings_from
    from app.simulate import CannotSimulate, simulate

    try:
        settings = settings_from(environment())
        with _examining(settings) as (app, examiner), recalled(settings) as memory:
            made = asyncio.run(simulate(app, Reviewer(examiner, Grants(app)), options.address, memory))
    except (BadSetting, NoDatabase, CannotSimulate, GitHubError, AnalysisFailed) as error:
        return _fail(f"tidewaiter simulate: {error}")
    _write(text(made.where, made.plan, made.summary), None)
    return 0


def _audit(options: argparse.Namespace) -> int:
    import asyncio
    import hashlib
    import shutil
    from functools import partial

    from app.audit import Audit, CannotAudit, Plan
    from app.database import NoDatabase
    from app.github.errors import GitHubError
    from app.progress import Progress
    from app.recall import recalled
    from app.settings import BadSetting, settings_from
    from checks.catalogue import catalogue

    checks = "\n".join(module.check.doc for module in catalogue())
    digest = hashlib.sha256(checks.encode()).hexdigest()[:12]
    folder = Path(options.output or f"audit-{options.owner}")
    width = shutil.get_terminal_size((80, 24)).columns
    try:
        settings = settings_from(environment())
        pages = f"{settings.public_url}/checks/{{}}" if settings.public_url else PAGES
        plan = Plan(options.owner, folder, f"Tidewaiter {_version()}, checks {digest}", pages)
        with _examining(settings) as (app, examiner), recalled(settings) as memory:
            audit = Audit(app, examiner, memory, plan, partial(Progress, sys.stderr, width=width))
            audited = asyncio.run(audit.run())
    except (BadSetting, NoDatabase, CannotAudit, GitHubError) as error:
        return _fail(f"tidewaiter audit: {error}")
    except OSError as error:
        return _fail(f"{error.filename or folder}: can't be written: {error.strerror}")
    failed = sum(bool(one.problem) for one in audited)
    _write(f"{folder / 'index.html'}\n", None)
    return _fail(f"{failed} not reviewed: run it again to try them") if failed else 0


@contextmanager
def _examining(settings: Settings) -> Iterator[tuple[App, Examiner]]:
    """The App, and what examines commits for it with child processes of its own. `BadSetting` without an App."""
    from app.analysis import Analyst
    from app.examine import Examiner, Pages
    from app.github.client import App
    from app.settings import SECRETS, BadSetting

    credentials = settings.credentials
    if credentials is None:
        raise BadSetting("TIDEWAITER_APP_ID: not set (expected all of the App's credentials)")
    app = App(str(credentials.app_id), credentials.private_key, settings.github_url)
    checks = f"{settings.public_url}/checks" if settings.public_url else ""
    with hidden(SECRETS):
        analyst = Analyst()
        try:
            yield app, Examiner(app, analyst, Pages(_version(), HOME, checks))
        finally:
            analyst.close()


@contextmanager
def _reviewing(settings: Settings) -> Iterator[tuple[Desk, Reconcile]]:
    """What does the jobs, with its child processes, until the server ends; and what finds lost ones."""
    from app.branches import Branches
    from app.clerk import Clerk
    from app.desk import Desk, Hand
    from app.fixing import Fixer
    from app.github.installations import Grants
    from app.jobs import Kind
    from app.keeping import Keeping
    from app.reconcile import Reconciler
    from app.review import Reviewer
    from app.signed_links import links_of

    links = links_of(settings)
    keeping = Keeping(links) if links else None
    with _examining(settings) as (app, examiner):
        grants = Grants(app)
        reviewer, branches = Reviewer(examiner, grants, keeping), Branches(examiner)
        hands = {
            Kind.REVIEW: Hand(reviewer.perform, reviewer.gave_up),
            Kind.GROUP: Hand(branches.group, branches.group_gave_up),
            Kind.BASELINE: Hand(branches.baseline, branches.baseline_gave_up),
        }
        checks = f"{settings.public_url}/checks" if settings.public_url else ""
        clerk = Clerk(app, examiner.configs.enforced, Fixer(app, examiner, grants), checks)
        yield Desk(app, hands, clerk), Reconciler(app, grants).run


if __name__ == "__main__":
    run()
