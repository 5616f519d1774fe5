"""Builds that stop since the packages of their release have left the servers that its images ask.

https://lists.debian.org/debian-devel-announce/2024/03/msg00003.html, https://help.ubuntu.com/community/EOLUpgrades
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from checks.facts.dockerfile.base_images import image_name
from checks.facts.dockerfile.dependency_installs import may_be_left_out
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.end_of_life import Release, distribution_of, release_of
from checks.facts.dockerfile.first_process import ends_at_failure
from checks.facts.dockerfile.package_managers import APT, package_call
from checks.facts.dockerfile.stages import Ran
from checks.record import Record
from checks.regex import regex

_ARCHIVES = {"Debian": "archive.debian.org", "Ubuntu": "old-releases.ubuntu.com"}
_MOVED = {
    "Debian": frozenset(("8", "9", "10")),
    "Ubuntu": frozenset(
        (
            *("14.10", "15.04", "15.10", "16.10", "17.04", "17.10", "18.10", "19.04", "19.10"),
            *("20.10", "21.04", "21.10", "22.10", "23.04", "23.10", "24.10"),
        )
    ),
}
"""The releases that are in these archives alone: Debian 10 since July 2025, Ubuntu 24.10 since September 2025."""
_ELSEWHERE = regex(
    r"/etc/apt|archive\.debian|old-releases|snapshot|mirror|prox(?:y|ies)|sources\.list|\.sh\b", re.IGNORECASE
)
"""What a file says, up to the end of the command, that may have apt ask another server."""
_PASSED_OVER = regex(
    r"\bsed\s+(?:-[Er]\s+)?-i(?:\s+-[Er])?\s+(?P<quote>[\"'])s(?P<mark>[|#@,])(?:https?:)?(?://)?(?:\.\*|cn\.)?archive\.ubuntu\.com[\w/]{0,20}(?P=mark)"
    r"(?:(?!old-releases)[\w:./-]){1,80}(?P=mark)g?(?P=quote)\s+/etc/apt/sources\.list(?:\.d/ubuntu\.sources)?(?=[\s;&]|$)"
    r"|(?:>|\brm(?:\s+-r?f)?)\s*/etc/apt/apt\.conf\.d/(?![\w.-]*(?:mirror|prox))[\w.-]+"
)
"""What leaves the image of Ubuntu with `security.ubuntu.com`, which has none of them either: a mirror of the other server, and settings."""
_PARTS = regex(r";|\|\||\n|(?<!&)&(?!&)|(?<!\|)\|(?!\|)")
"""What stands between commands of which the later one runs whatever the one before says."""


class LostPackages(Record):
    """What stops a build for that."""

    ran: Ran
    """The command that fetches the lists of packages."""
    release: Release

    @property
    def archive(self) -> str:
        """The server that still has them."""
        return _ARCHIVES[self.release.product]


def lost_packages(dockerfile: Dockerfile, stage: Stage) -> LostPackages | None:
    """What certainly stops a build of a stage on an official image, whose sources nothing here changes."""
    base = dockerfile.base_image(stage) or ""
    known = (release_of(base), distribution_of(base))
    release = next((one for one in known if one and one.version in _MOVED.get(one.product, ())), None)
    if release is None or "/" in image_name(base):
        return None
    line = dockerfile.ancestry(stage)
    fetching = (ran for ran in dockerfile.commands() if ran.stage in line and _fetches_lists(ran))
    first = next(fetching, None)
    if first is None or _may_bring_sources(dockerfile, line):
        return None
    told = _PASSED_OVER.sub("", dockerfile.text.content[: first.place(first.command.span).span.end])
    return None if _ELSEWHERE.search(told) else LostPackages(first, release)


def _fetches_lists(ran: Ran) -> bool:
    """Whether a command fetches the lists, and its `RUN` fails where it does."""
    call = package_call(ran)
    if call is None or call.program not in APT or call.verb.literal != "update" or may_be_left_out(ran):
        return False
    behind = ran.script.source[ran.command.span.end :]
    is_last = ran.command.pipeline is None and not _PARTS.search(behind)
    return (is_last or ends_at_failure(ran.script)) and not ran.command.in_condition


def _may_bring_sources(dockerfile: Dockerfile, line: Iterable[Stage]) -> bool:
    """Whether a copy may put files where apt reads them: to the root, also where no `WORKDIR` is set, or to where is not known."""
    copies = ((stage, it) for stage in line for it in stage.instructions if it.keyword in ("ADD", "COPY"))
    for stage, it in copies:
        last = dockerfile.text[it.span].split()[-1].strip("\"'],")
        folder = dockerfile.folder_at(stage, it.span.start) or "/"
        if "$" in last or posixpath.normpath(posixpath.join("/", folder, last)) in ("/", "/etc"):
            return True
    return False
