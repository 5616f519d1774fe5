"""Whether an image has the certificates of authorities by which a download is checked, and where to install them.

The images of Debian and Ubuntu bring none, and `curl` and `wget` only recommend the package that has them; Alpine's have
had them since 3.7.
https://packages.debian.org/trixie/wget, https://packages.debian.org/trixie/libcurl4t64,
https://github.com/docker-library/python/pull/307
"""

from __future__ import annotations

from checks.facts.dockerfile.base_images import image_name
from checks.facts.dockerfile.dockerfiles import Dockerfile
from checks.facts.dockerfile.package_managers import APT, PackageCall, package_call
from checks.facts.dockerfile.stages import Ran
from checks.regex import regex
from checks.source.snapshot import Edit
from checks.source.text import Span

_PACKAGE = "ca-certificates"
_PLAIN = ("debian", "ubuntu")
"""Images without."""
_DOWNLOADING = frozenset(("curl", "wget"))
_MAY_BRING = regex(r"ca-certificates|/etc/ssl|/usr/share/ca-|cacert|CURL_CA_BUNDLE|SSL_CERT_")


def missing_roots(dockerfile: Dockerfile, ran: Ran) -> tuple[Edit | None, ...]:
    """What installs the certificates that a download needs: nothing where they may be there; a None where none can be placed."""
    base = dockerfile.base_image(ran.stage)
    if ran.command.program not in _DOWNLOADING or base is None or image_name(base) not in _PLAIN:
        return ()
    stages = dockerfile.ancestry(ran.stage)
    lines = [dockerfile.text[it.span] for stage in stages for it in stage.instructions]
    calls = [call for one in dockerfile.commands() if one.stage in stages and (call := _installing(one, ran))]
    named = ((call, word) for call in calls for word in call.arguments.operands[1:])
    call, word = next(
        ((call, word) for call, word in named if word.literal == ran.command.program), (None, None)
    )
    if any(map(_MAY_BRING.search, lines)) or call is None or word is None or not all(map(_leaves_out, calls)):
        return ()
    at = call.ran.place(word.span).span.start
    is_plain = not call.ran.command.in_condition and not call.hangs_on_variable
    return (Edit(dockerfile.path, Span(at, at), f"{_PACKAGE} ") if is_plain else None,)


def _installing(one: Ran, ran: Ran) -> PackageCall | None:
    """What apt installs by a command ahead of another."""
    is_ahead = one.instruction.span.start < ran.instruction.span.start or (
        one.instruction is ran.instruction and one.command.span.end <= ran.command.span.start
    )
    call = package_call(one) if is_ahead else None
    return call if call and call.program in APT and call.verb.literal == "install" else None


def _leaves_out(call: PackageCall) -> bool:
    """Whether it certainly installs nothing that a package only recommends."""
    return call.arguments.certain and call.arguments.span_of("no-install-recommends") is not None
