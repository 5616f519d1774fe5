"""Script from the network runs unseen

`curl … | sh` runs what a server answers at the moment of the build. Nothing says what that was: who gets hold
of the server, its domain or its storage runs commands in the build, and the same Dockerfile may make another
image tomorrow.

Download the script of one version, compare it with a checksum that stands in the Dockerfile, and run it then:

```dockerfile
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/v1.2.3/install.sh /tmp/
RUN sh /tmp/install.sh
```

It is a note where the address names a version (`/v0.40.1/install.sh`): what answers there stays the same until
somebody moves that.

The check is silent

- where the same `RUN` compares a checksum or a signature
- for addresses that hold a commit, and for those that are not known
- where the comment above says why no version is named, or that the pipe stays as it is, or one in the
  configuration of hadolint at a rule that it leaves out speaks of `curl | bash`
- for scripts of the repository itself: who can change what its branch holds can change the Dockerfile, too; not
  for those of a pull request or an attachment, which anybody puts there
- for stages that the image does not need
- in files whose image others hardly run: those of development, tests and examples, those that builds here
  leave aside, and those that don't say how they are run; of those that a build pushes,
  only the ones in folders of tests and in `.devcontainer/`

References:

- https://github.com/ossf/scorecard/blob/main/docs/checks.md#pinned-dependencies
- https://docs.docker.com/reference/dockerfile/#add---checksum
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import Check, Example, Finding, Kind, Location, Repository, Scope, Severity, code
from checks.facts.dockerfile.dockerfiles import Dockerfile, is_development
from checks.facts.dockerfile.remote_scripts import reader_of
from checks.facts.dockerfile.stages import Ran
from checks.regex import regex

check = Check(
    id="remote-script-piped-to-shell",
    doc=__doc__,
    severity=Severity.WARNING,
    kinds=(Kind.DOCKERFILE, Kind.WORKFLOW, Kind.ACTION, Kind.SCRIPT, Kind.LINTER_CONFIG),
    scope=Scope.REPOSITORY,
    tags=("dockerfile", "security", "supply-chain"),
    security_severity=6.0,
    examples=(
        Example(
            title="by a pipe, as an argument, as a file, the first again, into another language, by way of sed",
            files="""\
-- Dockerfile --
FROM debian:13
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN apt-get update && curl -fsSL https://example.com/install.sh | sudo -E bash -
RUN sh -c "$(wget -qO- https://example.com/setup.sh)"
RUN bash <(curl -fsSL https://example.com/get.sh) --yes
RUN curl -fsSL https://example.com/install.sh | sh
RUN curl -fsSL https://example.com/install.py | python3 - --version 1.2
RUN curl -fsSL "https://example.com/${VERSION}/install.sh" | sed 's/a/b/' | sh -s -- --yes
USER 1000
""",
            at=(
                "curl -fsSL https://example.com/install.sh | sudo -E bash -",
                'sh -c "$(wget -qO- https://example.com/setup.sh)"',
                "bash <(curl -fsSL https://example.com/get.sh) --yes",
                "curl -fsSL https://example.com/install.py | python3 - --version 1.2",
                "curl -fsSL \"https://example.com/${VERSION}/install.sh\" | sed 's/a/b/' | sh -s -- --yes",
            ),
        ),
        Example(
            title="comments: some say why no version is named, or that it is to be so, the others what is installed",
            files="""\
-- Dockerfile --
FROM debian:13
# The maker offers the scanner only by an installer that
# follows its releases: there is no versioned address.
RUN curl -fsSL https://example.com/scanner.sh | sh
# The latest printer, by its installer
RUN curl -fsSL https://example.com/printer.sh | sh
# Only the pump's installer knows where it has to lie
RUN curl -fsSL https://example.com/pump.sh | sh
# Follows the line of 3.x only; there is no exact version to pin.
# Left as-is.
RUN curl -fsSL https://example.com/setup_3.x | sh
# We pipe the maker's script into a shell on purpose.
RUN curl -fsSL https://example.com/lamp.sh | sh
# Not pinned: add a version once we have chosen one to pin
RUN curl -fsSL https://example.com/clock.sh | sh
# Uses wget on purpose, since curl is not in the image; its license is accepted by the flag
RUN wget -qO- https://example.com/lift.sh | sh
# TODO: this curl | sh is not intentional
RUN curl -fsSL https://example.com/belt.sh | sh
# Our settings are kept as-is, the script only adds some
RUN curl -fsSL https://example.com/crane.sh | sh
USER 1000
""",
            at=(
                "curl -fsSL https://example.com/printer.sh | sh",
                "curl -fsSL https://example.com/pump.sh | sh",
                "curl -fsSL https://example.com/clock.sh | sh",
                "wget -qO- https://example.com/lift.sh | sh",
                "curl -fsSL https://example.com/belt.sh | sh",
                "curl -fsSL https://example.com/crane.sh | sh",
            ),
        ),
        Example(
            title="a checksum, a commit, data, scripts of the image, an address that is not known, a stage that is not needed",
            files="""\
-- Dockerfile --
FROM debian:13 AS unused
RUN curl -fsSL https://example.com/install.sh | sh
FROM debian:13
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN curl -fsSLo /tmp/i.sh https://example.com/i.sh && echo "0a1b  /tmp/i.sh" | sha256sum -c - && sh /tmp/i.sh
RUN curl -fsSL https://raw.githubusercontent.com/acme/web/0123456789abcdef0123456789abcdef01234567/install.sh | sh
RUN curl -fsSL https://example.com/key.asc | gpg --dearmor -o /etc/key.gpg
RUN curl -fsSL https://example.com/list | sh /opt/read.sh && curl -fsSL https://example.com/list | python3 /opt/read.py
RUN curl -fsSL https://example.com/list | bash -c 'tar xz' && curl -fsSL https://example.com/x | python3 -m json.tool
RUN curl -fsSL "$ADDRESS" | sh && echo 'echo hello' | sh && sh -c "$(cat /opt/run.sh)"
USER 1000
-- Dockerfile.local --
FROM debian:13
RUN curl -fsSL https://example.com/install.sh | sh
USER 1000
-- toolbox/Dockerfile --
FROM debian:13
RUN curl -fsSL https://example.com/install.sh | sh
-- agent/local.Dockerfile --
FROM debian:13
RUN curl -fsSL https://example.com/install.sh | sh
USER 1000
-- test/Dockerfile --
FROM debian:13
RUN curl -fsSL https://example.com/install.sh | sh
USER 1000
""",
        ),
        Example(
            title="the container that the repository is worked on in, and a tool, both pushed",
            files="""\
-- .devcontainer/Dockerfile --
FROM debian:13
RUN curl -fsSL https://example.com/install.sh | sh
USER 1000
-- tools/Dockerfile --
FROM debian:13
RUN curl -fsSL https://example.com/tools.sh | sh
USER 1000
-- .github/workflows/build.yml --
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    strategy: {matrix: {folder: [.devcontainer, tools]}}
    steps:
      - uses: docker/build-push-action@v7
        with:
          file: ${{ matrix.folder }}/Dockerfile
          push: true
          tags: ghcr.io/acme/web:1
""",
            at="curl -fsSL https://example.com/tools.sh | sh",
        ),
        Example(
            title="a comment in the configuration of hadolint accepts such downloads",
            files="""\
-- .hadolint.yaml --
ignored:
  - DL3008
  # The vendor's way to install it, curl ... | bash,
  # fails with this shell only where the answer is empty.
  - DL4006
-- Dockerfile --
FROM debian:13
RUN curl -fsSL https://example.com/install.sh | sh
USER 1000
CMD ["/srv/run"]
""",
        ),
        Example(
            title="comments in the configuration of hadolint that speak of other pipes, and of a rule that is kept",
            files="""\
-- .hadolint.yaml --
# curl | bash is what we don't want.
ignored:
  - DL4006 # wget -qO- | tar x is fine
-- Dockerfile --
FROM debian:13
RUN curl -fsSL https://example.com/install.sh | sh
USER 1000
CMD ["/srv/run"]
""",
            at="curl -fsSL https://example.com/install.sh | sh",
        ),
    ),
)

_VERIFIES = regex(
    r"\b(?:sha\d+sum|shasum|b2sum|md5sum|gpgv|minisign|cosign)\b|gpg\s[^\n;&|]*--verify|openssl\s+dgst"
)
_COMMIT = regex(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])|(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_EXPLAINED = regex(
    r"\bno\s+(?:per-version|versioned|pinned|stable)\s+(?:\w+\s+)?(?:url|address|download|release|artifact|installer|script)"
    r"|\b(?:tracks?|follows?|takes?|installs?)\s+(?:\w+\s+)?(?:the\s+)?(?:latest|newest)\b[^.]{0,80}\b(?:by\s+design|on\s+purpose|intentional\w*|deliberate\w*)"
    r"|\b(?:intentionally|deliberately|on\s+purpose|by\s+design)\b[^.]{0,80}\b(?:unpinned|not\s+pinned|latest|newest|rolling)\b"
    r"|\b(?:unpinned|not\s+pinned)\b[^.]{0,80}\b(?:intentionally|deliberately|on\s+purpose|by\s+design|because|since)\b"
    r"|\b(?:distribut|publish|releas|provid|offer|ship)\w*[^.]{0,80}\b(?:only|solely|exclusively)\b[^.]{0,80}\b(?:install\w*|script)\b"
    r"|\b(?:only|solely|exclusively)\s+(?:distribut|publish|releas|provid|offer|ship)\w*[^.]{0,80}\b(?:install\w*|script)\b"
    r"|\bno\s+(?:\w+\s+){0,3}version\s+to\s+pin\b"
    r"|(?m:^|[.;,])[#\s]{0,9}(?:(?:this|it|(?:the\s+)?(?:script|installer|pipe))\s+(?:is\s+)?)?(?:left|kept)\s+as[-\s]is(?=\s{0,9}(?:[.;:(]|(?m:$)|because\b|since\b|by\s+design|on\s+purpose))"
    r"|(?:\bpip(?:ed?|es|ing)\b|\b(?:curl|wget)\b[^.|]{0,40}\|)[^.]{0,80}(?<!\bnot )(?<!n't )\b(?:on\s+purpose|by\s+design|intentional\w*|deliberate\w*|is\s+accepted)\b"
    r"|(?<!\bnot )(?<!n't )\b(?:on\s+purpose|by\s+design|intentional\w*|deliberate\w*|we\s+accept)\b[^.]{0,80}(?:\bpip(?:ed?|es|ing)\b|\b(?:curl|wget)\b[^.|]{0,40}\|)",
    re.IGNORECASE,
)
"""Of a comment: a version can't be named, or is left out on purpose; or the pipe stays."""
_SHOWN = regex(r"https?://(?:\$\([^()]{0,80}\)|[^\s\"'])+")
"""An address in a word, with the commands in it that are no longer than that."""
_VERSION = regex(
    r"(?<=[^/])/(?:[\w-]{1,40}[-_@])?(?:v\d{1,4}\.\d{1,4}|\d{1,4}\.\d{1,4}\.\d{1,4})(?!\.x)[\w.+-]{0,40}(?=/)"
)
"""A version as a folder in the path of an address; two numbers alone may be those of a distribution."""
_MOVES = regex(
    r"/(?:[\w-]{1,40}\.)?api[./]|/heads/|/(?:release|stable|maint(?:enance)?)[-_/]v?\d{1,4}\.\d{1,4}/"
    r"|\d[\w.+-]{0,40}[.+-](?:latest|nightly|snapshot)\b",
    re.IGNORECASE,
)
"""In an address whose version is that of an API, or of a branch or a build that go on changing."""
_ON_GITHUB = regex(
    r"https://(?:raw\.githubusercontent\.com|(?:www\.)?github\.com)/([\w-]{1,39})/([\w.-]{1,100})/",
    re.IGNORECASE,
)
"""What a repository holds, or has released: whose it is, and its name."""
_OF_ANYBODY = regex(r"^/(?:files|assets|wiki|(?:raw/)?(?:refs/)?pull)/|/\.{1,2}/|%2|\\", re.IGNORECASE)
"""In such an address: the head of a pull request, what was attached to an issue, a path that leads out of it."""


def run(repo: Repository) -> Iterator[Finding]:
    for dockerfile in repo.dockerfiles:
        accepted = any(one.accepts_downloads_piped_to_shell(dockerfile.text) for one in repo.peer_configs)
        if dockerfile.may_ship and not accepted:
            yield from _findings(repo, dockerfile)


def _findings(repo: Repository, dockerfile: Dockerfile) -> Iterator[Finding]:
    found: dict[str, list[tuple[Location, str]]] = {}
    for ran in dockerfile.commands():
        address = _address(ran)
        if not address or ran.stage not in dockerfile.built or _VERIFIES.search(ran.script.source):
            continue
        words = (ran.script[word.span] for word in ran.command.arguments)
        if all(_is_own(repo, shown[0]) for shown in map(_SHOWN.search, words) if shown):
            continue
        reader = reader_of(ran)
        is_inner = is_development(dockerfile, ran.stage) and not dockerfile.is_published
        if reader is None or is_inner or _EXPLAINED.search(dockerfile.comment_above(ran.instruction.span)):
            continue
        pipeline = ran.command.pipeline
        span = (
            pipeline
            if pipeline is not None and reader.in_substitution is ran.command.in_substitution
            else reader.span
        )
        found.setdefault(address, []).append((ran.place(span), reader.program or ""))
    for address, ((place, program), *more) in found.items():
        is_of_version = bool(_VERSION.search(address)) and not _MOVES.search(address)
        tomorrow = (
            "nobody sees it here when another script is put under that version"
            if is_of_version
            else "the same Dockerfile may make another image tomorrow"
        )
        yield Finding(
            message=f"{code(program)} runs what {code(address)} answers, and nothing checks what that is.",
            consequence=f"Who gets hold of that server runs commands in the build, and {tomorrow}.",
            severity=Severity.NOTE if is_of_version else None,
            location=place,
            related=tuple(Location(one.text, one.span, "runs it again") for one, _ in more),
        )


def _address(ran: Ran) -> str:
    """The address that a command downloads, as it is written; empty if it is another command or that is not known."""
    command = ran.command
    if command.program not in ("curl", "wget"):
        return ""
    for word in command.arguments:
        written = ran.script[word.span]
        if word.prefix.startswith(("http://", "https://")) and not _COMMIT.search(written):
            shown = _SHOWN.search(written)
            return shown[0] if shown else ""
    return ""


def _is_own(repo: Repository, address: str) -> bool:
    """Whether an address is in the repository itself, where who may change it writes alone.

    Not under another owner: a copy's writers can't change what the original answers.
    """
    found, own = _ON_GITHUB.match(address), (repo.outside.slug or "").lower()
    if found is None or _OF_ANYBODY.search(address[found.end() - 1 :]):
        return False
    return f"{found[1]}/{found[2]}".lower() == own
