"""Commands that only read code or releases from GitHub, for which a token needs no more than `contents: read`.

https://curl.se/docs/manpage.html
https://www.gnu.org/software/wget/manual/wget.html
https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
"""

from __future__ import annotations

from collections.abc import Mapping

from checks.facts.script.scripts import Command, Word
from checks.regex import regex
from checks.source.command_line import Syntax, read_arguments

_READING: Mapping[str, Syntax] = {
    "curl": Syntax.of(
        "# 4 6 compressed connect-timeout= create-dirs f/fail fail-with-body g/globoff H/header= I/head i/include J/remote-header-name"
        " k/insecure L/location m/max-time= no-progress-meter O/remote-name o/output= output-dir= progress-bar proto= q X/request="
        " retry= retry-all-errors retry-connrefused retry-delay= retry-max-time= S/show-error s/silent tlsv1.2 tlsv1.3 u/user="
        " A/user-agent= v/verbose w/write-out="
    ),
    "wget": Syntax.of(
        "4 6 auth-no-challenge content-disposition c/continue P/directory-prefix= header= N no-check-certificate nv/no-verbose"
        " O/output-document= password= q/quiet show-progress T/timeout= t/tries= user= U/user-agent= v/verbose waitretry="
    ),
}
"""By program the options with which it sends nothing; with any other it may."""
_METHOD = "X"
_READ = frozenset(("GET", "HEAD"))
_OF_CODE = regex(
    r"https://(?:(?:codeload\.)?github\.com|raw\.githubusercontent\.com)/.*"
    r"|https://api\.github\.com/repos/[^?]*/(?:(?:branches|commits|compare|contents|git|releases/tags|tags|tarball|zipball)(?:[/?].*)?"
    r"|releases/latest)"
)
"""Of code, and of releases that everybody sees: of those that are listed one may be a draft, which needs more."""
_OF_OTHERS = regex(r"/commits/[^?]*/(?:check-runs|check-suites|pulls|status|statuses)\b")
"""What of a commit is read with other scopes."""


def only_downloads(command: Command) -> bool:
    """Whether `curl` or `wget` certainly reads code or releases from GitHub, and sends nothing anywhere."""
    syntax = _READING.get(command.program or "")
    if syntax is None or command.uncertain:
        return False
    read = read_arguments(command.arguments, syntax)
    addresses = [_shown(word) for word in read.operands]
    are_of_code = bool(addresses) and all(map(_is_of_code, addresses))
    return read.certain and are_of_code and all(word.literal in _READ for word in read.all(_METHOD))


def _is_of_code(address: str) -> bool:
    return bool(_OF_CODE.fullmatch(address)) and not _OF_OTHERS.search(address)


def _shown(word: Word) -> str:
    """A word with a `*` for each part that is not known."""
    return "".join(part if isinstance(part, str) else "*" for part in word.parts)
