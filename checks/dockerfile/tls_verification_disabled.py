"""Certificates or signatures are not checked when something is downloaded

The build takes whatever answers, or packages without a known signature: who stands between it and the server chooses what is installed into the image. A
variable such as `NODE_TLS_REJECT_UNAUTHORIZED=0` stays in the image and does the same to the program at run time.

Take the option out. If the server has a certificate of your own authority, copy that authority's certificate into the image.

The check is silent for requests to the machine itself (health checks), for options that are not known to turn the check
off, in stages that the image does not need, and in Dockerfiles of tests and examples.

References:

- https://curl.se/docs/manpage.html#-k
- https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper
- https://nodejs.org/api/cli.html#node_tls_reject_unauthorizedvalue
- https://pip.pypa.io/en/stable/cli/pip/#cmdoption-trusted-host
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from checks.check import (
    Applicability,
    Check,
    Edit,
    Example,
    Finding,
    Kind,
    Location,
    Repository,
    Severity,
    Span,
    code,
    offer,
)  # fmt: skip
from checks.facts.dockerfiles import Dockerfile
from checks.facts.scripts import Command

check = Check(
    id="tls-verification-disabled",
    doc=__doc__,
    severity=Severity.ERROR,
    kinds=(Kind.DOCKERFILE,),
    fix=Applicability.UNSAFE,
    tags=("dockerfile", "security"),
    security_severity=7.4,
    examples=(
        Example(
            title="curl and wget",
            files="""\
-- Dockerfile --
FROM debian:13
RUN curl -fsSL --insecure https://example.com/tool.tar.gz | tar xz
RUN wget --no-check-certificate https://example.com/tool
USER 1000
""",
            at=("--insecure", "--no-check-certificate"),
            fixed="""\
-- Dockerfile --
FROM debian:13
RUN curl -fsSL https://example.com/tool.tar.gz | tar xz
RUN wget --no-check-certificate https://example.com/tool
USER 1000
""",
        ),
        Example(
            title="variables that stay in the image",
            files="""\
-- Dockerfile --
FROM node:24
ENV NODE_TLS_REJECT_UNAUTHORIZED=0
RUN npm ci
USER 1000
""",
            at="NODE_TLS_REJECT_UNAUTHORIZED=0",
        ),
        Example(
            title="a proxy for tests",
            files="""\
-- test/proxy.Dockerfile --
FROM alpine:3.24
RUN curl --insecure https://example.com/x
USER 1000
""",
        ),
        Example(
            title="the machine itself, other options, a stage that nothing needs",
            files="""\
-- Dockerfile --
FROM debian:13 AS unused
RUN curl --insecure https://example.com/x
FROM debian:13
ENV NODE_TLS_REJECT_UNAUTHORIZED=1
RUN curl -fsSL https://example.com/x && ./start & curl --insecure https://localhost:8443/
RUN curl -o insecure https://example.com/insecure && grep -k x y
HEALTHCHECK CMD curl -k https://localhost/
USER 1000
""",
        ),
    ),
)

_OPTIONS = {
    "curl": frozenset(("--insecure", "-k")),
    "wget": frozenset(("--no-check-certificate",)),
    "apk": frozenset(("--allow-untrusted",)),
    "apt-get": frozenset(("--allow-unauthenticated",)),
    "apt": frozenset(("--allow-unauthenticated",)),
}
_VARIABLES = {
    "NODE_TLS_REJECT_UNAUTHORIZED": ("0",),
    "GIT_SSL_NO_VERIFY": ("1", "true"),
    "PYTHONHTTPSVERIFY": ("0",),
}
_PACKAGE_MANAGERS = ("apk", "apt", "apt-get")
_SELF = re.compile(r"//(?:localhost|127\.|\[::1\]|0\.0\.0\.0)")
_LOCAL_PACKAGE = re.compile(r"\.apk$|\.deb$|^/|^\./|\*")


def run(repo: Repository) -> Iterator[Finding]:
    for dockerfile in repo.dockerfiles:
        if dockerfile.is_aside:
            continue
        for ran in dockerfile.commands():
            span = _option(ran.command) if ran.stage in dockerfile.built else None
            if span is not None:
                yield _finding(ran.place(span), of_packages=ran.command.program in _PACKAGE_MANAGERS)
        yield from _variables(dockerfile)


def _option(command: Command) -> Span | None:
    options = _OPTIONS.get(command.program or "", frozenset())
    words = [word.literal or word.prefix for word in command.arguments]
    if any(_SELF.search(word) for word in words):
        return None
    if command.program in _PACKAGE_MANAGERS and any(_LOCAL_PACKAGE.search(word) for word in words):
        return None
    return next((word.span for word in command.arguments if word.literal in options), None)


def _variables(dockerfile: Dockerfile) -> Iterator[Finding]:
    for stage in (one for one in dockerfile.stages if one in dockerfile.built):
        for instruction in stage.instructions:
            for pair in instruction.pairs if instruction.keyword == "ENV" else ():
                value = pair.value.literal if pair.value else None
                if value in _VARIABLES.get(pair.name.value, ()):
                    yield Finding(
                        message=f"{code(dockerfile.text[pair.span])} turns the check of certificates off.",
                        consequence="It holds for the rest of the build, and for the program in the container too.",
                        location=dockerfile.location(pair.span),
                    )


def _finding(place: Location, *, of_packages: bool) -> Finding:
    content = place.text.content
    before = content[place.span.start - 1 : place.span.start] == " "
    return Finding(
        message=f"{code(place.fragment)} takes packages that nobody known has signed."
        if of_packages
        else f"{code(place.fragment)} takes any certificate.",
        consequence="Who stands between the build and the server chooses what is installed into the image.",
        location=place,
        fixes=offer(
            "check the signatures" if of_packages else "check the certificate",
            Applicability.UNSAFE,
            Edit(place.path, Span(place.span.start - before, place.span.end), ""),
            caution="Does the image have the key that the packages are signed with?"
            if of_packages
            else "Does the server's certificate come from an authority that the image knows?",
        ),
    )
