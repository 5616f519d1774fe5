"""Digests are pinned, and no bot moves them

A digest keeps what a build stands on from changing by itself, repairs of vulnerabilities included. Without a
bot that offers the next one, a pinned base image or action is as new as the last day on which somebody
looked.

Let Dependabot, or Renovate, look where the pins are. Dependabot looks into the folders that it is given and
not below them, unless a pattern says so:

    updates:
      - package-ecosystem: docker
        directories: ["/", "/services/*"]
        schedule:
          interval: weekly
        cooldown:
          default-days: 7

A bot that the organisation runs may leave no file in the repository. So the check speaks

- of actions, only where one of a workflow is pinned to a release that three later ones of the same major
  version have replaced
- of base images, only in a repository with such an action, or where Dependabot is set up and not given their
  folder. The tag of one has to name a version that a later one of its line has replaced.

It is silent where Renovate is configured, where any file has a tool that moves pins, and for Dockerfiles of
tests and examples.

References:

- https://docs.github.com/en/code-security/reference/supply-chain-security/dependabot-options-reference
- https://github.com/ossf/scorecard/blob/main/docs/checks.md#dependency-update-tool
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from checks.check import (
    Applicability,
    Attention,
    Check,
    Edit,
    Example,
    Finding,
    Fix,
    Kind,
    Location,
    Repository,
    Scope,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.action.releases import Release, of_use, releases
from checks.facts.action.updaters import Dependabot, Update, may_be_updated_otherwise
from checks.facts.deployment.kubernetes import at
from checks.facts.dockerfile.end_of_life import later_of_line
from checks.facts.tree import Scalar, Sequence, append_item
from checks.facts.workflow.uses import ActionUse
from checks.record import Record
from checks.regex import regex

_PATH = ".github/dependabot.yml"
_INTERVAL = regex(r"daily|weekly|monthly|quarterly|semiannually|yearly")
"""What needs no more beside it, as `cron` does."""
_DAYS = regex(r"\d{1,2}")
_DIGEST = "sha256:" + "a" * 64
_PIN = "d08e5c354a6adb9ed34480a06d141179aa583294"


def _base(path: str) -> str:
    return f"-- {path} --\nFROM node:24.10.0-slim@{_DIGEST}\nUSER 1000\n"


_WORKFLOW = f"""\
-- .github/workflows/build.yml --
on: {{push: {{branches: [main]}}}}
permissions: {{contents: read}}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@{_PIN} # v7.0.0
        with: {{context: .}}
"""


def _bot(*entries: str) -> str:
    return f"-- {_PATH} --\nversion: 2\nupdates:\n" + "".join(entries)


def _entry(ecosystem: str, directory: str = "directory: /", interval: str = "weekly") -> str:
    return f"""\
  - package-ecosystem: {ecosystem}
    {directory}
    schedule:
      interval: {interval}
    cooldown:
      default-days: 7
"""


_NPM = _entry("npm", interval="daily")

check = Check(
    id="digest-pin-without-updater",
    doc=__doc__,
    severity=Severity.NOTE,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.DEPENDABOT, Kind.SCRIPT, Kind.MAKEFILE),
    fix=Applicability.SAFE,
    scope=Scope.REPOSITORY,
    attention=Attention.COMMENT_WITH_SUGGESTION,
    tags=("pinning", "updates"),
    follows=("action-not-pinned-to-sha", "base-image-no-digest"),
    examples=(
        Example(
            title="Dependabot updates something else",
            files=_base("web/Dockerfile") + _bot(_NPM),
            at=f"node:24.10.0-slim@{_DIGEST}",
            fixed=_bot(_NPM, _entry("docker", "directory: /web", "daily")),
        ),
        Example(
            title="the interval and the cooldown of what is there",
            files=_WORKFLOW + _bot(_entry("npm", interval="quarterly").replace("days: 7", "days: 14")),
            at=f"docker/build-push-action@{_PIN}",
            fixed=_bot(
                *(
                    _entry(one, interval="quarterly").replace("days: 7", "days: 14")
                    for one in ("npm", "github-actions")
                )
            ),
        ),
        Example(
            title="an interval that needs more beside it",
            files=_WORKFLOW + _bot(_entry("npm", interval="cron\n      cronjob: 0 9 * * 1")),
            at=f"docker/build-push-action@{_PIN}",
            fixed=_bot(_entry("npm", interval="cron\n      cronjob: 0 9 * * 1"), _entry("github-actions")),
        ),
        Example(
            title="images in other folders than the one that Dependabot is given",
            files=_base("api/Dockerfile")
            + _base("web/Dockerfile")
            + _base("Dockerfile")
            + _bot(_entry("docker")),
            at=f"node:24.10.0-slim@{_DIGEST}",
            fixed=_bot(_entry("docker"), _entry("docker", "directories: [/api, /web]")),
        ),
        Example(
            title="a list of folders that lacks one",
            files=_base("web/Dockerfile")
            + _bot(_entry("docker", 'directories:\n      - "/api"'), _entry("github-actions")),
            at=f"node:24.10.0-slim@{_DIGEST}",
            fixed=_bot(
                _entry("docker", 'directories:\n      - "/api"\n      - "/web"'), _entry("github-actions")
            ),
        ),
        Example(
            title="no bot at all",
            files=_WORKFLOW,
            at=f"docker/build-push-action@{_PIN}",
            fixed=_bot(_entry("github-actions")),
        ),
        Example(
            title="somebody let Dependabot do its updates for security only",
            files=_WORKFLOW + _bot(_NPM, _entry("github-actions") + "    open-pull-requests-limit: 0\n"),
        ),
        Example(
            title="the folder of the workflows itself",
            files=_WORKFLOW + _bot(_entry("github-actions", "directories: [/.github/workflows]")),
        ),
        Example(
            title="a folder and all below it",
            files=_base("web/Dockerfile") + _bot(_entry("docker", "directory: /web/**")),
        ),
        Example(
            title="another tool's comments",
            files=_base("Dockerfile").replace("FROM", "# renovate: datasource=docker\nFROM"),
        ),
        Example(
            title="Dependabot, by folders and patterns",
            files=_base("Dockerfile")
            + _base("services/web/Dockerfile")
            + _WORKFLOW
            + _bot(_entry("docker", "directories: [/, '/services/*']"), _entry("github-actions")),
        ),
        Example(
            title="a tag that does not say whether the digest is old; the newest version of a line; an older line",
            files=_base("web/Dockerfile").replace("node:24.10.0", "debian:13")
            + _base("api/Dockerfile").replace("24.10.0", "24.19.0")
            + _base("jobs/Dockerfile").replace("24.10.0", "22.20.0")
            + _base("tools/Dockerfile").replace("node", "ghcr.io/acme/node")
            + _bot(_NPM),
        ),
        Example(
            title="every folder",
            files=_base("a/b/Dockerfile") + _bot(_entry("docker", "directories: ['**/*']")),
        ),
        Example(title="Renovate", files=_base("Dockerfile") + _WORKFLOW, paths=(".github/renovate.json5",)),
        Example(
            title="Renovate in a workflow",
            files=_base("Dockerfile")
            + _WORKFLOW
            + _WORKFLOW.replace("build.yml", "bot.yml").replace(
                "docker/build-push-action", "renovatebot/github-action"
            ),
        ),
        Example(
            title="nothing pinned; a Dockerfile of tests",
            files="-- Dockerfile --\nFROM debian:13-slim\nUSER 1000\n" + _base("tests/fixtures/Dockerfile"),
        ),
        Example(
            title="a release that is nearly the newest: somebody or something put it there",
            files=_base("Dockerfile")
            + _WORKFLOW.replace(f"{_PIN} # v7.0.0", "f9f3042f7e2789586610d6e8b85c8f03e5195baf # v7.2.0"),
        ),
        Example(
            title="base images beside an action that nobody has moved",
            files=_base("Dockerfile") + _WORKFLOW,
            at=(f"node:24.10.0-slim@{_DIGEST}", f"docker/build-push-action@{_PIN}"),
            fixed=_bot(_entry("docker")),
        ),
    ),
)


class _Pin(Record):
    """A base image with a digest."""

    image: str
    """Its name and tag."""
    later: str | None
    """A version that has replaced the tag's; None where none is known."""
    place: Location


_MISSED = 3
"""Later releases that nobody has taken: with fewer, somebody may do it by hand, or a bot may be waiting."""


def run(repo: Repository) -> Iterator[Finding]:
    kinds = (Kind.WORKFLOW, Kind.DOCKERFILE, Kind.SCRIPT, Kind.MAKEFILE)
    automation = tuple(text for kind in kinds for text in repo.texts(kind))
    if not repo.snapshot.complete or may_be_updated_otherwise(repo.snapshot.paths, automation):
        return
    if repo.dependabot is None and not repo.snapshot.paths.isdisjoint((_PATH, _PATH.replace("yml", "yaml"))):
        return
    bot, old = repo.dependabot, next(_replaced(repo), None)
    if old is not None and not (bot and any(bot.of("github-actions"))):
        folders = {posixpath.dirname(use.scalar.text.path): use for use in _in_actions(repo)}
        elsewhere = {folder: use.location for folder, use in sorted(folders.items()) if folder}
        yield _of_action(bot, *old, elsewhere, _of_named(repo.pin_named_elsewhere))
    updates = list(bot.of("docker")) if bot else []
    pins = _images(repo) if bot is not None or old is not None else {}
    left = {folder: pin for folder, pin in pins.items() if not any(one.covers(folder) for one in updates)}
    old_image = next((pin for pin in left.values() if pin.later), None)
    if old_image is not None:
        yield _of_images(bot, old_image, {folder: pin.place for folder, pin in left.items()})


def _replaced(repo: Repository) -> Iterator[tuple[ActionUse, Release, tuple[Release, ...]]]:
    """The pinned actions of workflows that nobody has moved, with their release and the later ones of its
    major version."""
    for use in repo.action_uses:
        release = of_use(use) if use.is_commit else None
        if release is None or repo.kinds.get(use.scalar.text.path) is not Kind.WORKFLOW:
            continue
        same = (one for one in releases(use.repository) if one.number[0] == release.number[0])
        later = tuple(one for one in same if one.number > release.number)
        if len(later) >= _MISSED:
            yield use, release, later


def _in_actions(repo: Repository) -> Iterator[ActionUse]:
    """The pinned actions of composite actions, into whose folders Dependabot looks only if it is told to."""
    kinds = repo.kinds
    return (
        use for use in repo.action_uses if use.is_commit and kinds.get(use.scalar.text.path) is Kind.ACTION
    )


def _of_named(named: tuple[str, Location] | None) -> str:
    """The question after what holds the commit of an action, too, and fails perhaps once only the workflow has another one."""
    if named is None:
        return ""
    action, place = named
    return f"Does {code(place.path)}, whose line {place.line} names the commit of {code(action)}, go along with each update?"


def _images(repo: Repository) -> dict[str, _Pin]:
    """The folders of Dockerfiles with a digest in each: one that is known to be old, else the first."""
    found: dict[str, _Pin] = {}
    for dockerfile in repo.dockerfiles:
        folder = posixpath.dirname(dockerfile.path)
        for stage in dockerfile.stages if not dockerfile.is_aside else ():
            base = stage.base.literal or ""
            if "@sha256:" in base and (folder not in found or not found[folder].later):
                found[folder] = _Pin(
                    base.partition("@")[0], later_of_line(base), dockerfile.location(stage.base.span)
                )
    return found


def _of_action(
    bot: Dependabot | None,
    use: ActionUse,
    release: Release,
    later: tuple[Release, ...],
    elsewhere: dict[str, Location],
    asked: str,
) -> Finding:
    place, last = use.location, later[-1]
    newest = max(releases(use.repository), key=lambda one: one.number)
    beyond = (
        f", in its major version alone ({code(newest.version)} is out)" if newest.number > last.number else ""
    )
    return Finding(
        message=(
            f"{code(use.repository)} is pinned to {code(release.version)}, at least {len(later)} releases behind "
            f"{code(last.version)}{beyond}, and no file here lets a bot move the pins of actions."
        ),
        consequence=(
            "Unless a bot is set up elsewhere, what those releases repair reaches no run before somebody moves the pin by hand."
        ),
        location=place,
        related=_leaves_out(bot, "github-actions"),
        fixes=_fixes(bot, "github-actions", {"": place, **elsewhere}, asked),
        stands_for="github-actions",
    )


def _of_images(bot: Dependabot | None, old: _Pin, left: dict[str, Location]) -> Finding:
    return Finding(
        message=(
            f"{code(old.image)} is pinned by its digest and behind {code(old.later or '')}, and no file here lets a bot "
            "update it."
        ),
        consequence=(
            "Unless a bot is set up elsewhere, what later versions repair reaches no build before somebody moves the pin by hand."
        ),
        location=old.place,
        related=_leaves_out(bot, "docker"),
        fixes=_named_too(bot, left) or _fixes(bot, "docker", left),
        stands_for="docker",
    )


def _leaves_out(bot: Dependabot | None, ecosystem: str) -> tuple[Location, ...]:
    if bot is None:
        return ()
    start = next((entry.node.span.start for entry in bot.of(ecosystem)), bot.updates.span.start)
    key = bot.text.line(bot.text.line_of(start)) if start else Span(0, 0)
    return (Location(bot.text, key, "leaves them out"),)


def _named_too(bot: Dependabot | None, left: dict[str, Location]) -> tuple[Fix, ...]:
    """One folder more in the list of the one entry for Docker, where it has a list and updates versions."""
    entries = list(bot.of("docker")) if bot else []
    listed = entries[0].node.get("directories") if len(entries) == 1 else None
    if not isinstance(listed, Sequence) or not listed.items or len(left) != 1 or _is_for_security(entries):
        return ()
    quote = listed.text.content[listed.items[0].span.start]
    folder = f"/{next(iter(left))}"
    item = f"{quote}{folder}{quote}" if quote in "\"'" else folder
    return offer(f"let Dependabot look into {code(folder)}", Applicability.SAFE, append_item(listed, item))


def _fixes(
    bot: Dependabot | None, ecosystem: str, left: dict[str, Location], asked: str = ""
) -> tuple[Fix, ...]:
    """`asked` is to be asked in any case."""
    names = [f"/{folder}" for folder in left]
    where = f"directory: {names[0]}" if len(names) == 1 else f"directories: [{', '.join(names)}]"
    interval = _of_first(bot, _INTERVAL, "schedule", "interval") or "weekly"
    days = _of_first(bot, _DAYS, "cooldown", "default-days") or "7"
    schedule = f"schedule:\n  interval: {interval}\ncooldown:\n  default-days: {days}"
    entry = f"package-ecosystem: {ecosystem}\n{where}\n{schedule}"
    title = f"let Dependabot update {code(ecosystem)}"
    alike = list(bot.of(ecosystem)) if bot is not None else []
    cautions = (
        [_caution(bot, ecosystem, is_named=bool(alike))]
        if not bot or _is_for_security(alike or bot.entries)
        else []
    )
    caution = " ".join((*cautions, asked)).strip()
    edit = append_item(bot.updates, entry) if bot is not None else _created(entry, next(iter(left.values())))
    return offer(title, Applicability.UNSAFE if caution else Applicability.SAFE, edit, caution=caution)


def _caution(bot: Dependabot | None, ecosystem: str, *, is_named: bool) -> str:
    """What to ask where no bot is set up here, or where it updates nothing but for security."""
    if bot is None:
        return "Does a bot of the organisation move these pins already?"
    entry = f"No other entry{f' for {code(ecosystem)}' if is_named else ''} updates versions"
    return f"{entry}, by `open-pull-requests-limit: 0`: may this one?"


def _created(entry: str, like: Location) -> Edit:
    """The configuration with one entry, its lines ended as those of another file."""
    lines = ["version: 2", "updates:", *f"  - {entry}".replace("\n", "\n    ").split("\n")]
    text = like.text
    ending = text.newline if text.content.endswith("\n") else ""
    return Edit(_PATH, Span(0, 0), text.newline.join(lines) + ending)


def _of_first(bot: Dependabot | None, form: re.Pattern[str], *path: str) -> str:
    """What the first entry says, so that all are alike; empty where it is not of a form."""
    found = at(bot.entries[0].node, *path) if bot and bot.entries else None
    return found.value if isinstance(found, Scalar) and form.fullmatch(found.value) else ""


def _is_for_security(entries: Iterable[Update]) -> bool:
    """Whether each of some entries is one for updates of security only."""
    limits = [at(entry.node, "open-pull-requests-limit") for entry in entries]
    return bool(limits) and all(isinstance(one, Scalar) and one.value == "0" for one in limits)
