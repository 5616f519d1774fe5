"""Certificates or signatures are not checked when something is downloaded

The build takes whatever answers, or packages without a known signature: who stands between it and the server
chooses what is installed into the image. A variable such as `NODE_TLS_REJECT_UNAUTHORIZED=0` stays in the
image and does the same to the program at run time.

Take the option out, and fetch from `https://`: at an `http://` address no certificate is asked for. If the server
has a certificate of your own authority, copy that authority's certificate into the image.

The check is silent

- for requests to the machine itself (health checks)
- for options that are not known to turn the check off
- for `PYTHONHTTPSVERIFY`, which Python 2.7 alone reads, but on an image of Python 2
- for apt's `--allow-unauthenticated` where nothing lets apt take in a repository without a signature, which
  it refuses since 1.5
- for package files that lie in the build already, or whose signature or checksum the same `RUN` checks first
- for packages that are made in the build, by `abuild` perhaps, or copied into it: no server gives them
- for files that the same `RUN` compares with a checksum of the Dockerfile
- in stages that the image does not need
- in Dockerfiles of tests and examples

References:

- https://curl.se/docs/manpage.html#-k
- https://wiki.alpinelinux.org/wiki/Alpine_Package_Keeper
- https://nodejs.org/api/cli.html#node_tls_reject_unauthorizedvalue
- https://pip.pypa.io/en/stable/cli/pip/#cmdoption-trusted-host
- https://peps.python.org/pep-0493/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

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
from checks.facts.code_span import listed
from checks.facts.dockerfile.dockerfiles import Dockerfile, Stage
from checks.facts.dockerfile.end_of_life import distribution_of, release_of
from checks.facts.dockerfile.first_process import ERREXIT, ends_at_failure
from checks.facts.dockerfile.root_certificates import missing_roots
from checks.facts.dockerfile.stages import Ran
from checks.facts.script.scripts import Command
from checks.regex import regex

_BARE = """\
-- Dockerfile --
FROM ubuntu:24.04
RUN apt-get update; \\
    apt-get install -y {recommends}{package}wget; \\
    wget{option} -q https://example.com/tool.tar.gz; \\
    tar xf tool.tar.gz
USER 1000
"""

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
            title="the certificate that the image is to trust",
            files="""\
-- Dockerfile --
FROM registry.access.redhat.com/ubi9/ubi-minimal:9.6
RUN curl --insecure --output /etc/pki/ca-trust/source/anchors/acme.pem https://pki.acme.example/root-ca.pem && update-ca-trust
USER 1000
CMD ["/srv/app"]
""",
            at="--insecure",
        ),
        Example(
            title="two of them, whose addresses are arguments",
            files="""\
-- Dockerfile --
FROM registry.access.redhat.com/ubi9/ubi-minimal:9.6
ARG acme_root_ca_url=https://pki.acme.example/1
ARG acme_ca_cert_second_url=https://pki.acme.example/2
RUN curl --insecure -o first.crt "${acme_root_ca_url}" \\
    && curl --insecure -o second.crt "${acme_ca_cert_second_url}" \\
    && mv *.crt /etc/pki/ca-trust/source/anchors && update-ca-trust
USER 1000
""",
            at=("--insecure", "--insecure"),
        ),
        Example(
            title="a program, by a list of authorities that an argument names",
            files="""\
-- Dockerfile --
FROM debian:13
ARG ROOT_CA=/etc/acme/ca.crt
RUN curl -k --cacert "$ROOT_CA" -o /tmp/app.tgz https://example.com/app.tgz && update-ca-certificates
USER 1000
""",
            at="-k",
            fixed="""\
-- Dockerfile --
FROM debian:13
ARG ROOT_CA=/etc/acme/ca.crt
RUN curl --cacert "$ROOT_CA" -o /tmp/app.tgz https://example.com/app.tgz && update-ca-certificates
USER 1000
""",
        ),
        Example(
            title="the same by wget",
            files="""\
-- Dockerfile --
FROM debian:13
ARG ROOT_CA=/etc/acme/ca.crt
RUN wget --no-check-certificate --ca-certificate="$ROOT_CA" -O /tmp/app.tgz https://example.com/app.tgz && update-ca-certificates
USER 1000
""",
            at="--no-check-certificate",
            fixed="""\
-- Dockerfile --
FROM debian:13
ARG ROOT_CA=/etc/acme/ca.crt
RUN wget --ca-certificate="$ROOT_CA" -O /tmp/app.tgz https://example.com/app.tgz && update-ca-certificates
USER 1000
""",
        ),
        Example(
            title="a program, by a list of authorities that the image brings: not the certificate itself",
            files="""\
-- Dockerfile --
FROM debian:13
COPY acme.crt /usr/local/share/ca-certificates/
RUN curl -k --cacert /etc/acme/ca.crt -o /tmp/app.tgz https://example.com/app.tgz && update-ca-certificates
USER 1000
""",
            at="-k",
            fixed="""\
-- Dockerfile --
FROM debian:13
COPY acme.crt /usr/local/share/ca-certificates/
RUN curl --cacert /etc/acme/ca.crt -o /tmp/app.tgz https://example.com/app.tgz && update-ca-certificates
USER 1000
""",
        ),
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
            title="addresses without encryption: one of a host that anybody may reach, and others",
            files="""\
-- Dockerfile --
FROM debian:13
RUN curl -k -sSLO "http://downloads.example.com/tool.tar.gz?v=2"
RUN curl -k -O http://files.example.com:8081/tool
RUN curl -k -x http://proxy.example.com -O https://files.example.com/tool
RUN curl -k -fsSd http://hook.example.com https://files.example.com/tool
RUN wget --no-check-certificate http://$MIRROR/tool
USER 1000
""",
            at=("-k", "-k", "-k", "-k", "--no-check-certificate"),
            fixed="""\
-- Dockerfile --
FROM debian:13
RUN curl -sSLO "https://downloads.example.com/tool.tar.gz?v=2"
RUN curl -k -O http://files.example.com:8081/tool
RUN curl -k -x http://proxy.example.com -O https://files.example.com/tool
RUN curl -k -fsSd http://hook.example.com https://files.example.com/tool
RUN wget --no-check-certificate http://$MIRROR/tool
USER 1000
""",
        ),
        Example(
            title="an image that has no certificates of authorities: they are installed, too, where nothing may bring them yet",
            files=_BARE.format(
                package="", option=" --no-check-certificate", recommends="--no-install-recommends "
            ),
            at="--no-check-certificate",
            fixed=_BARE.format(package="ca-certificates ", option="", recommends="--no-install-recommends "),
        ),
        Example(
            title="`wget` brings them, as the package recommends them",
            files=_BARE.format(package="", option=" --no-check-certificate", recommends=""),
            at="--no-check-certificate",
            fixed=_BARE.format(package="", option="", recommends=""),
        ),
        Example(
            title="they are installed",
            files=_BARE.format(
                package="",
                option=" --no-check-certificate",
                recommends="--no-install-recommends ca-certificates ",
            ),
            at="--no-check-certificate",
            fixed=_BARE.format(package="", option="", recommends="--no-install-recommends ca-certificates "),
        ),
        Example(
            title="only some builds install anything: nothing says where the certificates are to come from",
            files=_BARE.format(
                package="", option=" --no-check-certificate", recommends="--no-install-recommends "
            ).replace("    apt-get install", '    test -z "$LEAN" && apt-get install'),
            at="--no-check-certificate",
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
            title="a variable that Python 2.7 reads, on an image of that",
            files="""\
-- Dockerfile --
FROM python:2.7-slim
ENV PYTHONHTTPSVERIFY=0
USER 1000
CMD ["python", "/srv/app.py"]
""",
            at="PYTHONHTTPSVERIFY=0",
        ),
        Example(
            title="the same where Python is a newer one, which never reads it, or is not known",
            files="""\
-- Dockerfile --
FROM python:3.13-slim
ENV PYTHONHTTPSVERIFY=0
USER 1000
CMD ["python", "/srv/app.py"]
-- worker/Dockerfile --
FROM registry.example.com/runtimes/python
ENV PYTHONHTTPSVERIFY="0"
USER 1000
CMD ["python", "/srv/worker.py"]
""",
        ),
        Example(
            title="a package file whose signature or checksum is checked first",
            files="""\
-- Dockerfile --
FROM alpine:3.24
ARG TARGETARCH
RUN set -e; \\
    gpg --verify "printer-$TARGETARCH.apk.asc" "printer-$TARGETARCH.apk"; \\
    apk add --allow-untrusted --no-cache "printer-$TARGETARCH.apk"
RUN echo "$PRINTER_SUM  scanner-$TARGETARCH.apk" | sha256sum -c - \\
    && apk add --allow-untrusted "./scanner-$TARGETARCH.apk"
RUN sha512sum -c "modem-$TARGETARCH.sum" || exit 1; apk add --allow-untrusted "modem-$TARGETARCH.apk"
RUN cosign verify-blob --key release.pub --signature fax.sig "fax-$TARGETARCH.apk" && apk add --allow-untrusted "fax-$TARGETARCH.apk"
USER 1000
""",
        ),
        Example(
            title="packages that an earlier stage has made, or the same one, or that are copied by their names",
            files="""\
-- Dockerfile --
FROM alpine:3.24 AS tools
RUN apk add --no-cache abuild
FROM tools AS packages
WORKDIR /printer
COPY APKBUILD .
RUN abuild -F -P /made
RUN echo /made/root >> /etc/apk/repositories && apk add --allow-untrusted printer
FROM alpine:3.24 AS drivers
ARG TARGETARCH
COPY --from=packages /made/printer-*.apk /drivers/
RUN cd /drivers && apk add --no-cache --allow-untrusted "printer-$TARGETARCH.apk"
FROM alpine:3.24
ARG TARGETARCH
COPY "scanner-$TARGETARCH.apk" .
RUN apk add --allow-untrusted "scanner-$TARGETARCH.apk"
COPY --from=drivers /drivers /drivers
RUN cd /drivers && apk add --no-cache --allow-untrusted */*.apk
USER 1000
""",
        ),
        Example(
            title="a server gives them, whatever else is made in the build or copied into it",
            files="""\
-- Dockerfile --
FROM alpine:3.24 AS packages
RUN abuild -F -P /made
FROM alpine:3.24
ARG VERSION
COPY --from=packages /made /made
COPY scanner.apk .
RUN apk add --allow-untrusted --repository http://apk.example.com printer
RUN wget "https://apk.example.com/modem-$VERSION.apk" && apk add --allow-untrusted "modem-$VERSION.apk"
USER 1000
""",
            at=("--allow-untrusted",) * 2,
            fixed="""\
-- Dockerfile --
FROM alpine:3.24 AS packages
RUN abuild -F -P /made
FROM alpine:3.24
ARG VERSION
COPY --from=packages /made /made
COPY scanner.apk .
RUN apk add --repository http://apk.example.com printer
RUN wget "https://apk.example.com/modem-$VERSION.apk" && apk add --allow-untrusted "modem-$VERSION.apk"
USER 1000
""",
        ),
        Example(
            title="what is copied is no package",
            files="""\
-- Dockerfile --
FROM alpine:3.24 AS build
RUN make --directory=/srv
FROM alpine:3.24
COPY --from=build /srv /srv
RUN apk add --no-cache --allow-untrusted --repository http://apk.example.com printer
USER 1000
""",
            at="--allow-untrusted",
            fixed="""\
-- Dockerfile --
FROM alpine:3.24 AS build
RUN make --directory=/srv
FROM alpine:3.24
COPY --from=build /srv /srv
RUN apk add --no-cache --repository http://apk.example.com printer
USER 1000
""",
        ),
        Example(
            title="an archive that is compared with a checksum before it is opened",
            files="""\
-- Dockerfile --
FROM alpine:3.24
ARG FONTS_SHA256
RUN wget --no-check-certificate --header "Accept: */*" \\
    https://fonts.example.com/fonts.zip \\
    && echo "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  fonts.zip" | sha256sum -c - \\
    && unzip fonts.zip
RUN set -e; curl -k -o /tmp/more.tgz https://fonts.example.com/more.tgz; \\
    echo "$FONTS_SHA256  /tmp/more.tgz" | sha256sum --check; tar xf /tmp/more.tgz
USER 1000
""",
        ),
        Example(
            title="an archive whose checksum comes from the same server, stops nothing, or comes too late",
            files="""\
-- Dockerfile --
FROM alpine:3.24
RUN SHA=$(wget -qO- https://fonts.example.com/a.sum) && wget --no-check-certificate https://fonts.example.com/a.zip \\
    && echo "$SHA  a.zip" | sha256sum -c - && unzip a.zip
RUN curl -k -o b.run https://fonts.example.com/b.run && sh b.run \\
    && echo "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  b.run" | sha256sum -c -
RUN curl -k -o c https://fonts.example.com/c \\
    && echo "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  cd" | sha256sum -c - && ./c
RUN curl -k -o d https://fonts.example.com/d \\
    && echo "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  d" | sha256sum -c - && ./d; rm d
RUN wget --no-check-certificate https://fonts.example.com/fonts.zip \\
    && wget -q https://fonts.example.com/fonts.sum && sha256sum -c fonts.sum && unzip fonts.zip
RUN curl -k -O https://fonts.example.com/more.tgz; \\
    echo "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  more.tgz" | sha256sum -c -; tar xf more.tgz
USER 1000
""",
            at=("--no-check-certificate", "-k", "-k", "-k", "--no-check-certificate", "-k"),
            fixed="""\
-- Dockerfile --
FROM alpine:3.24
RUN SHA=$(wget -qO- https://fonts.example.com/a.sum) && wget https://fonts.example.com/a.zip \\
    && echo "$SHA  a.zip" | sha256sum -c - && unzip a.zip
RUN curl -k -o b.run https://fonts.example.com/b.run && sh b.run \\
    && echo "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  b.run" | sha256sum -c -
RUN curl -k -o c https://fonts.example.com/c \\
    && echo "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  cd" | sha256sum -c - && ./c
RUN curl -k -o d https://fonts.example.com/d \\
    && echo "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  d" | sha256sum -c - && ./d; rm d
RUN wget --no-check-certificate https://fonts.example.com/fonts.zip \\
    && wget -q https://fonts.example.com/fonts.sum && sha256sum -c fonts.sum && unzip fonts.zip
RUN curl -k -O https://fonts.example.com/more.tgz; \\
    echo "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  more.tgz" | sha256sum -c -; tar xf more.tgz
USER 1000
""",
        ),
        Example(
            title="another file is checked, the answer stops nothing, or one of two packages is left out",
            files="""\
-- Dockerfile --
FROM alpine:3.24
ARG TARGETARCH
RUN gpg --verify notes.asc notes.txt && apk add --allow-untrusted "printer-$TARGETARCH.apk"
RUN sha256sum -c sums.txt || true; apk add --allow-untrusted "scanner-$TARGETARCH.apk"
RUN sha256sum -c sums.txt; apk add --allow-untrusted "copier-$TARGETARCH.apk"
RUN gpg --verify fax.asc "fax-$TARGETARCH.apk" && apk add --allow-untrusted "fax-$TARGETARCH.apk" "modem-$TARGETARCH.apk"
USER 1000
""",
            at=("--allow-untrusted",) * 4,
            fixed="""\
-- Dockerfile --
FROM alpine:3.24
ARG TARGETARCH
RUN gpg --verify notes.asc notes.txt && apk add "printer-$TARGETARCH.apk"
RUN sha256sum -c sums.txt || true; apk add --allow-untrusted "scanner-$TARGETARCH.apk"
RUN sha256sum -c sums.txt; apk add --allow-untrusted "copier-$TARGETARCH.apk"
RUN gpg --verify fax.asc "fax-$TARGETARCH.apk" && apk add --allow-untrusted "fax-$TARGETARCH.apk" "modem-$TARGETARCH.apk"
USER 1000
""",
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
_OF_PYTHON_2 = "PYTHONHTTPSVERIFY"
"""Which no other Python reads: https://peps.python.org/pep-0493/"""
_PACKAGE_MANAGERS = ("apk", "apt", "apt-get")
_WITH_OLD_APT = {
    "Debian": ("7", "8", "9"),
    "Ubuntu": ("12.04", "14.04", "16.04", "16.10", "17.04"),
}
"""Releases whose apt is older than 1.5."""
_TAKES_IN = regex(r"allow-insecure|AllowInsecureRepositories|\btrusted=yes|--force-yes", re.IGNORECASE)
_CERTIFICATE = regex(r"\.(?:cer|crt|pem)\b|(?:^|[^a-z])ca[-_.]?cert|root[-_.]?ca(?![a-z])", re.IGNORECASE)
_FILES_OF_TLS = frozenset((
    "--ca-certificate", "--cacert", "--capath", "--cert", "--certificate", "--crlfile", "--key", "--private-key",
    "--proxy-cacert", "--proxy-cert", "--proxy-key", "-E",
))  # fmt: skip
"""Options of curl and wget whose value, the next word or behind `=`, is a file that is there already."""
_TRUSTING = frozenset(("update-ca-certificates", "update-ca-trust"))
"""Programs that have an image trust the certificates that were put into a folder of theirs."""
_OF_AUTHORITY = (
    "the certificate comes from a server that the image can't check before it has it: copy it from the repository, "
    "or compare its checksum"
)
_WITHOUT_ROOTS = "nothing installs `ca-certificates`, without which the image knows no authority: have it installed before this runs"
_NO_HTTPS = (
    "the server of the `http://` address has to answer at an `https://` one first: where, can't be known here"
)
_PLAIN = regex(r"[\"']?(?P<address>http://[^/\s\"'?]*)")
_PUBLIC = regex(r"(?:[a-z0-9-]{1,63}\.){1,9}(?!internal|intranet|lan|local)[a-z]{2,18}", re.IGNORECASE)
"""A host that anybody may reach, without a port."""
_NOT_FETCHED = {
    "curl": regex(
        r"-[A-Za-z0-9#]{0,9}[AbdeFHx]|--(?:cookie|data(?:-\w{1,12})?|form(?:-string)?|header|json|(?:pre)?proxy|referer|url-query|user-agent)"
    ),
    "wget": regex(r"-[A-Za-z]{0,9}[eU]|--(?:body-data|execute|header|post-data|referer|user-agent)"),
}
"""Options behind which an address is not fetched: https://curl.se/docs/manpage.html,
https://www.gnu.org/software/wget/manual/wget.html"""
_SELF = regex(r"//(?:localhost|127\.|\[::1\]|0\.0\.0\.0)")
_LOCAL_PACKAGE = regex(r"\.apk$|\.deb$|^/|^\./|\*")
_MAKING_PACKAGES = regex(r"\b(?:abuild|apk index|debuild|dpkg-buildpackage|melange|nfpm)\b")
_SERVER = regex(r"\b(?:https?|ftp)://")
_SUFFIX_OF_PACKAGE = regex(r"\.(?:apk|deb)\b")
_PACKAGE_FILE = regex(r"[^/\"']+\.(?:apk|deb)(?=[\"']?$)")
_SEPARATOR = regex(r"&&|;|\|\|")
_OF_ALL = regex(r"sums\b", re.IGNORECASE)
"""In the name of a file with the checksums of several."""
_SUM = regex(r"\b[0-9a-f]{40,128}\b|\$\{?(\w*(?:CHECKSUM|DIGEST|SHA)\w*)", re.IGNORECASE)
"""A checksum, or what holds one."""
_DOWNLOADING = ("curl", "wget")
_PARTS = regex(r";|\|\||\n|(?<!&)&(?!&)")
"""What stands between commands of which the later one runs whatever the one before says."""
_SUMS = regex(r"(?:sha\d+|b2)sum|shasum")


def run(repo: Repository) -> Iterator[Finding]:
    for dockerfile in repo.dockerfiles:
        if dockerfile.is_aside:
            continue
        for ran in dockerfile.commands():
            span = _option(ran.command) if ran.stage in dockerfile.built else None
            if span is not None and not _is_harmless(dockerfile, ran):
                yield _finding(
                    ran.place(span),
                    of_packages=ran.command.program in _PACKAGE_MANAGERS,
                    of_authority=_brings_authority(dockerfile, ran),
                    roots=missing_roots(dockerfile, ran),
                    plain=tuple(_plain_addresses(ran)),
                )
        yield from _variables(dockerfile)


def _is_harmless(dockerfile: Dockerfile, ran: Ran) -> bool:
    """Whether nobody chooses what is installed although nothing asks for a certificate or a signature."""
    is_checked = _are_from_here(dockerfile, ran) or _are_checked(ran) or _is_compared(ran)
    return is_checked or _is_refused_anyway(dockerfile, ran)


def _brings_authority(dockerfile: Dockerfile, ran: Ran) -> bool:
    """Whether what is fetched is a certificate that the image is told to trust from then on."""
    words = [ran.script[word.span] for word in ran.command.arguments]
    fetched = (
        word
        for before, word in pairwise(("", *words))
        if _FILES_OF_TLS.isdisjoint((before, word.partition("=")[0]))
    )
    return any(("://" in word or "$" in word) and _CERTIFICATE.search(word) for word in fetched) and any(
        later.command.program in _TRUSTING
        for later in dockerfile.commands()
        if later.stage is ran.stage and later.instruction.span.start >= ran.instruction.span.start
    )


def _option(command: Command) -> Span | None:
    options = _OPTIONS.get(command.program or "", frozenset())
    words = [word.literal or word.prefix for word in command.arguments]
    if any(_SELF.search(word) for word in words):
        return None
    if command.program in _PACKAGE_MANAGERS and any(_LOCAL_PACKAGE.search(word) for word in words):
        return None
    return next((word.span for word in command.arguments if word.literal in options), None)


def _plain_addresses(ran: Ran) -> Iterator[Location]:
    """What curl and wget are told to fetch without any certificate: each address that begins with `http://`, up to its host."""
    others = _NOT_FETCHED.get(ran.command.program or "")
    if others is None:
        return
    before = ""
    for word in ran.command.arguments:
        found = None if others.fullmatch(before) else _PLAIN.match(ran.script[word.span])
        if found:
            yield ran.place(Span(word.span.start + found.start("address"), word.span.start + found.end()))
        before = word.literal or ""


def _is_refused_anyway(dockerfile: Dockerfile, ran: Ran) -> bool:
    """Whether apt takes in no repository without a signature, whatever is said to its `install`, as it is since 1.5.

    https://wiki.debian.org/Teams/Apt/Spec/AptSecureByDefault
    """
    if ran.command.program not in ("apt", "apt-get"):
        return False
    base = dockerfile.base_image(ran.stage) or ""
    known = [one for one in (release_of(base), distribution_of(base)) if one is not None]
    is_old = any(one.version in _WITH_OLD_APT.get(one.product, ()) for one in known)
    lines = dockerfile.ancestry(ran.stage)
    return not is_old and not any(
        _TAKES_IN.search(dockerfile.text[it.span]) for stage in lines for it in stage.instructions
    )


def _are_from_here(dockerfile: Dockerfile, ran: Ran) -> bool:
    """Whether what is installed are files by a pattern, or packages that are made in the build or copied into it."""
    if ran.command.program not in _PACKAGE_MANAGERS or _are_fetched(ran):
        return False
    operands = _operands(ran)
    own = [
        it
        for one in dockerfile.ancestry(ran.stage)
        for it in one.instructions
        if it.span.start <= ran.instruction.span.start
    ]
    lines = [it for it in own if it.keyword == "RUN"]
    lines += [
        it
        for one in own
        for stage in dockerfile.sources_of(one)
        for line in dockerfile.ancestry(stage)
        for it in line.instructions
    ]
    copied = [dockerfile.text[word.span] for it in own if it.keyword == "COPY" for word in it.sources]
    are_files = bool(operands) and all(map(_PACKAGE_FILE.search, operands))
    return (
        any("*" in one and _SUFFIX_OF_PACKAGE.search(one) for one in operands)
        or any(_MAKING_PACKAGES.search(dockerfile.text[it.span]) for it in lines)
        or (are_files and any(map(_SUFFIX_OF_PACKAGE.search, copied)))
    )


def _are_fetched(ran: Ran) -> bool:
    """Whether a server gives what is installed, or some of it: by its address here, or to a command above in the same `RUN`."""
    files = [match.group() for match in map(_PACKAGE_FILE.search, _operands(ran)) if match]
    above = (one for one in ran.script.commands if one.span.end <= ran.command.span.start)
    fetched = [ran.script[one.span] for one in above if one.program in _DOWNLOADING]
    return _SERVER.search(ran.script[ran.command.span]) is not None or any(
        name in one for name in files for one in fetched
    )


def _are_checked(ran: Ran) -> bool:
    """Whether what is installed are package files, each of which a command above it in its `RUN` has checked."""
    if ran.command.program not in _PACKAGE_MANAGERS:
        return False
    names = [match and match.group() for match in map(_PACKAGE_FILE.search, _operands(ran))]
    above = [one for one in ran.script.commands if one.span.end <= ran.command.span.start]
    checking = [one for one in above if _stops(ran, one, above)]
    return bool(names) and all(name and any(_checks(ran, one, name) for one in checking) for name in names)


def _is_compared(ran: Ran) -> bool:
    """Whether what curl or wget saves is compared with a checksum of the Dockerfile before anything else below names it.

    The `RUN` has to fail where it differs: nothing but `&&` follows, or `set -e` stands ahead.
    """
    name, source = _saved(ran), ran.script.source
    if not name or ran.command.pipeline is not None or ran.command.in_condition:
        return False
    word = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])")
    below = [one for one in ran.script.commands if one.span.start >= ran.command.span.end]
    naming = [one for one in below if word.search(ran.script[one.span])]
    first = next((one for one in naming if one.program not in ("echo", "printf")), None)
    summing = [one for one in below if _SUMS.fullmatch(one.program or "")]
    comparing = next((one for one in summing if word.search(_said(ran, one))), None)
    if comparing is None or (first is not None and first.span.start < comparing.span.start):
        return False
    sums = _SUM.search(_said(ran, comparing))
    is_own = sums is not None and (sums[1] is None or not re.search(rf"\b{sums[1]}=|\bread\b", source))
    return is_own and _checks(ran, comparing, name) and _ends_at(ran, comparing)


def _saved(ran: Ran) -> str:
    """The name of the one file that curl or wget saves; empty where it is not known."""
    if ran.command.program not in _DOWNLOADING:
        return ""
    words = [word.literal or word.prefix for word in ran.command.arguments]
    urls = [word for word in words if "://" in word]
    flags = ("-O", "--output-document") if ran.command.program == "wget" else ("-o", "--output")
    given = [words[at + 1] for at, word in enumerate(words[:-1]) if word in flags]
    named = given or [url.partition("?")[0] for url in urls]
    return named[0].rpartition("/")[2] if len(urls) == len(named) == 1 else ""


def _ends_at(ran: Ran, command: Command) -> bool:
    """Whether a `RUN` fails where a command does."""
    if command.fallbacks or command.in_condition:
        return False
    behind = ran.script.source[command.span.end :]
    is_apart = not command.guards and not behind.lstrip(" \t\n\\").startswith(("&&", "||"))
    return not _PARTS.search(behind) or (is_apart and ends_at_failure(ran.script))


def _stops(ran: Ran, command: Command, above: list[Command]) -> bool:
    """Whether the installation is not reached where a command above it fails."""
    if command.fallbacks:
        others = [one for span in command.fallbacks for one in ran.script.within(span)]
        return any(one.program == "exit" for one in others)
    options = [text for one in above if one.program == "set" for text in one.literals]
    shell = [it for it in ran.stage.instructions if it.keyword == "SHELL"]
    options += [word.value for it in shell for word in it.arguments]
    holds = any(
        guard.holds and guard.condition.start <= command.span.start < guard.condition.end
        for guard in ran.command.guards
    )
    return holds or (not command.in_condition and any(map(ERREXIT.fullmatch, options)))


def _operands(ran: Ran) -> list[str]:
    """What a package manager is told to install, as it is written; its verb left out."""
    words = [ran.script[word.span] for word in ran.command.arguments]
    return [word for word in words if not word.startswith("-")][1:]


def _checks(ran: Ran, command: Command, name: str) -> bool:
    """Whether a command fails where a file is not what somebody known has signed or written down."""
    words = [ran.script[word.span] for word in command.arguments]
    if _SUMS.fullmatch(command.program or ""):
        is_check = any(word in ("-c", "--check") or re.fullmatch("-[a-z]*c[a-z]*", word) for word in words)
        said = _said(ran, command)
        return is_check and ((name.rpartition(".")[0] or name) in said or _OF_ALL.search(said) is not None)
    asked = {"gpg": "--verify", "cosign": "verify-blob"}.get(command.program or "")
    return asked in words and any(word.strip("\"'").endswith(name) for word in words)


def _said(ran: Ran, command: Command) -> str:
    """What is written up to the end of a command, from the one ahead of its pipe on."""
    return _SEPARATOR.split(ran.script.source[: command.span.end])[-1]


def _variables(dockerfile: Dockerfile) -> Iterator[Finding]:
    for stage in (one for one in dockerfile.stages if one in dockerfile.built):
        for instruction in stage.instructions:
            for pair in instruction.pairs if instruction.keyword == "ENV" else ():
                name, value = pair.name.value, pair.value.literal if pair.value else None
                if value in _VARIABLES.get(name, ()) and (
                    name != _OF_PYTHON_2 or _is_of_python_2(dockerfile, stage)
                ):
                    yield Finding(
                        message=f"{code(dockerfile.text[pair.span])} turns the check of certificates off.",
                        consequence="It holds for the rest of the build, and for the program in the container too.",
                        location=dockerfile.location(pair.span),
                    )


def _is_of_python_2(dockerfile: Dockerfile, stage: Stage) -> bool:
    release = release_of(dockerfile.base_image(stage) or "")
    return release is not None and release.product == "Python" and release.version.startswith("2")


def _finding(
    place: Location,
    *,
    of_packages: bool,
    of_authority: bool,
    roots: tuple[Edit | None, ...],
    plain: tuple[Location, ...],
) -> Finding:
    """`plain` are the addresses behind the option of which no certificate is asked for at all."""
    hosts = [one.fragment.removeprefix("http://") for one in plain]
    is_told = of_authority or not all(map(_PUBLIC.fullmatch, hosts))
    content = place.text.content
    before = content[place.span.start - 1 : place.span.start] == " "
    return Finding(
        message=f"{code(place.fragment)} takes packages that nobody known has signed."
        if of_packages
        else f"{code(place.fragment)} takes any certificate, and {code('http://')} asks for none."
        if plain
        else f"{code(place.fragment)} takes any certificate.",
        consequence="Who stands between the build and the server chooses what is installed into the image.",
        location=place,
        withheld=_OF_AUTHORITY
        if of_authority
        else _NO_HTTPS
        if is_told
        else _WITHOUT_ROOTS
        if None in roots
        else "",
        fixes=()
        if is_told
        else offer(
            "check the signatures" if of_packages else "check the certificate",
            Applicability.UNSAFE,
            Edit(place.path, Span(place.span.start - before, place.span.end), ""),
            *(Edit(one.path, Span(one.span.start, one.span.start + len("http")), "https") for one in plain),
            *roots,
            caution="Does the image have the key that the packages are signed with?"
            if of_packages
            else f"Does {listed(list(dict.fromkeys(map(code, hosts))))} answer at `https://`, with a certificate from an authority that the image knows?"
            if plain
            else "Does the server's certificate come from an authority that the image knows?",
        ),
    )
