"""What the logs say, and what they never say."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from app import logs
from tests.app.test_settings import KEY

TOKENS = [
    "ghs_16C7e42F292c6912E7710c838347Ae178B4a",
    "ghs_123_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl",
    "github_pat_11ABCDEFG0abcdefghijkl_0123456789",
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl",
    KEY.strip(),
    KEY[:60],
    "a webhook secret",
]


pytestmark = pytest.mark.usefixtures("logging_put_back")


@pytest.fixture
def stream(logging_put_back: None) -> io.StringIO:
    """What is logged."""
    assert logging_put_back is None
    stream = io.StringIO()
    logs.configure(["a webhook secret", "x"], stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_an_object(stream: io.StringIO) -> None:
    structlog.get_logger("app.queue").info("job ended", job="1/2", attempt=3, state="done")
    logging.getLogger("uvicorn.error").warning("Invalid %s", "request")
    ours, theirs = lines(stream)
    assert ours.pop("timestamp")
    assert ours == {
        "event": "job ended", "job": "1/2", "attempt": 3, "state": "done", "level": "info", "logger": "app.queue",
    }  # fmt: skip
    assert (theirs["event"], theirs["level"], theirs["logger"]) == (
        "Invalid request",
        "warning",
        "uvicorn.error",
    )


@pytest.mark.parametrize("secret", TOKENS, ids=lambda secret: secret[:8])
def test_secrets_are_taken_out_wherever_they_stand(stream: io.StringIO, secret: str) -> None:
    log = structlog.get_logger("app")
    log.info(secret, header=f"Bearer {secret}", nested={"list": [secret]})
    try:
        int(secret)
    except ValueError:
        log.exception("failed")
    logging.getLogger("other").error("%s", secret, exc_info=ValueError(secret))
    assert len(lines(stream)) == 3
    assert secret not in "".join(str(line) for line in lines(stream))
    assert "[redacted]" in stream.getvalue()


def test_the_password_of_a_database_is_taken_out() -> None:
    said = logs.redacted("cannot connect to postgresql://bob:letmein@db/tidewaiter?x=1")
    assert said == "cannot connect to postgresql://[redacted]@db/tidewaiter?x=1"


@pytest.mark.parametrize(
    "text",
    [
        "https://ghcr.io:443/a@sha256",
        "sha256:" + "a" * 64,
        "high_availability_zones_are_fine",
        "eyJust a word",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert logs.redacted(text, ["x"]) == text
