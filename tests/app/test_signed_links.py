"""Links that only we can make, and that end."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from app.credentials import Credentials
from app.settings import Settings
from app.signed_links import Admission, SignedLinks, links_of

LINKS = SignedLinks("https://tidewaiter.example/behind/a/proxy", ("new", "old"))
UNTIL = 1_800_000_000


def parts(link: str) -> tuple[str, str, str]:
    """The review, the time and the signature of a link."""
    address = urlsplit(link)
    query = {name: values[0] for name, values in parse_qs(address.query, strict_parsing=True).items()}
    assert query.keys() == {"until", "signature"}
    return address.path.rpartition("/")[2], query["until"], query["signature"]


def test_a_link_leads_to_the_page_at_the_public_address() -> None:
    assert LINKS.to("abc", UNTIL).startswith("https://tidewaiter.example/behind/a/proxy/reviews/abc?")


@pytest.mark.parametrize(
    ("now", "admission"),
    [
        (0, Admission.VALID),
        (UNTIL, Admission.VALID),
        (UNTIL + 0.1, Admission.EXPIRED),
        (UNTIL + 1e9, Admission.EXPIRED),
    ],
)
def test_a_link_holds_until_its_time(now: float, admission: Admission) -> None:
    assert LINKS.judge(*parts(LINKS.to("abc", UNTIL)), now) is admission


@pytest.mark.parametrize("secrets", [("newest", "new"), ("new",), ("old", "new")])
def test_a_link_goes_on_while_its_secret_counts(secrets: tuple[str, ...]) -> None:
    rotated = replace(LINKS, secrets=secrets)
    assert rotated.judge(*parts(LINKS.to("abc", UNTIL)), 0) is Admission.VALID


def test_a_link_ends_with_its_secret() -> None:
    assert replace(LINKS, secrets=("other",)).judge(*parts(LINKS.to("abc", UNTIL)), 0) is Admission.FORGED


GIVEN = parts(LINKS.to("abc", UNTIL))[2]


@pytest.mark.parametrize(
    ("review", "until", "signature"),
    [
        ("abd", str(UNTIL), GIVEN),
        ("abc", str(UNTIL + 1), GIVEN),
        ("abc", f"0{UNTIL}"[:12], GIVEN[::-1]),
        ("abc", str(UNTIL), ""),
        ("abc", str(UNTIL), GIVEN[:-1]),
        ("abc", str(UNTIL), GIVEN[:-1] + "é"),
        ("abc", str(UNTIL), GIVEN.upper()),
        ("abc", str(UNTIL), GIVEN + "\n"),
        ("abc", "", GIVEN),
        ("abc", "-1", GIVEN),
        ("abc", "1e9", GIVEN),
        ("abc", "١٢٣", GIVEN),
        ("abc", "9" * 400, GIVEN),
        ("\ud800", str(UNTIL), GIVEN),
        ("", "", ""),
    ],
)
def test_anything_else_is_forged(review: str, until: str, signature: str) -> None:
    assert LINKS.judge(review, until, signature, 0) is Admission.FORGED


def test_what_the_webhook_s_secret_signs_as_a_delivery_is_no_link() -> None:
    for body in (f"{UNTIL}/abc", f"abc/{UNTIL}", f"abc?until={UNTIL}"):
        signature = hmac.digest(b"new", body.encode(), hashlib.sha256).hex()
        assert LINKS.judge("abc", str(UNTIL), signature, 0) is Admission.FORGED


def test_the_secret_is_not_shown() -> None:
    assert "new" not in repr(LINKS)


def test_a_server_without_a_public_address_has_none() -> None:
    credentials = Credentials(1, "key", ("secret",))
    settings = Settings(credentials, Path("/state"))
    assert links_of(settings) is None
    found = links_of(replace(settings, public_url="https://tidewaiter.example"))
    assert found == SignedLinks("https://tidewaiter.example", ("secret",))
    assert links_of(replace(settings, public_url="https://tidewaiter.example", credentials=None)) is None
