"""Links that show a page to whoever has them, until a time: the page of a review shows private code.

The key is made of the webhook's secret, so that every replica has it and nothing more has to be kept; while the
secret is replaced, links that the old one signed go on.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from app.settings import Settings

_PURPOSE = b"tidewaiter: links to reviews, version 1"
"""Sets the key apart from the secret: what signs a link signs no delivery."""
_UNTIL, _SIGNATURE = re.compile(r"[0-9]{1,12}", re.ASCII), re.compile(r"[0-9a-f]{64}", re.ASCII)


class Admission(Enum):
    """What a link is worth."""

    FORGED = "forged"
    """Signed by none of our keys, or not at all."""
    EXPIRED = "expired"
    VALID = "valid"


@dataclass(frozen=True)
class SignedLinks:
    """Makes and judges links to reviews."""

    address: str
    """The public address of this server, without a slash at its end."""
    secrets: Sequence[str] = field(repr=False)
    """The webhook's: the first signs, each may have signed."""

    def to(self, review: str, until: int) -> str:
        """The link to a review that holds until a time, in seconds since 1970."""
        signature = _signature(self.secrets[0], review, until)
        return f"{self.address}/reviews/{review}?until={until}&signature={signature}"

    def judge(self, review: str, until: str, signature: str, now: float) -> Admission:
        """What a link with these parts is worth at a time."""
        if not _UNTIL.fullmatch(until) or not _SIGNATURE.fullmatch(signature):
            return Admission.FORGED
        given = signature.encode()
        # All of them, so that the time does not tell which one fits.
        right = [
            hmac.compare_digest(_signature(secret, review, int(until)).encode(), given)
            for secret in self.secrets
        ]
        if not any(right):
            return Admission.FORGED
        return Admission.VALID if now <= int(until) else Admission.EXPIRED


def links_of(settings: Settings) -> SignedLinks | None:
    """Those of this server; None where it has no public address, so that nobody could follow them."""
    if settings.public_url is None or settings.credentials is None:
        return None
    return SignedLinks(settings.public_url, settings.credentials.webhook_secrets)


def _signature(secret: str, review: str, until: int) -> str:
    key = hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)
    return hmac.digest(key, f"{until}/{review}".encode("utf-8", "surrogatepass"), hashlib.sha256).hex()
