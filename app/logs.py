"""Logs: one JSON object a line on standard error, with secrets taken out in one place.

Never log a body, a header or a file. What slips into a text all the same, an exception's for one, goes
through `redacted`.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import TextIO

import structlog

_SECRETS = re.compile(
    r"""
    \bgh[a-z]_[A-Za-z0-9_.-]{16,}            # GitHub's tokens, those that are a JWT after ghs_ too
  | \bgithub_pat_[A-Za-z0-9_]{16,}
  | \beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?   # a JWT
  | -----BEGIN\ [A-Z ]{0,20}PRIVATE\ KEY-----.*?(?:-----END\ [A-Z ]{0,20}PRIVATE\ KEY-----|\Z)
  | (?<=://)[^/\s:@]{1,200}:[^/\s@]{1,200}(?=@)                   # user:password@ of a URL
  | (?<=sha256=)[0-9a-fA-F]{64}                                   # a webhook's signature
    """,
    re.VERBOSE | re.DOTALL,
)
_GONE = "[redacted]"
_SHORTEST = 6
"""Characters of a configured secret; a shorter one would take the words of every line apart."""


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without what looks like a secret, and without `secrets`."""
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, _GONE)
    return _SECRETS.sub(_GONE, text)


def configure(secrets: Iterable[str] = (), stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send structlog's and the standard library's records to `stream` (standard error), redacted."""
    known = tuple(secrets)

    def redact(
        _logger: object, _name: str, event: MutableMapping[str, object]
    ) -> MutableMapping[str, object]:
        return {key: _without(value, known) for key, value in event.items()}

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.PositionalArgumentsFormatter()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # The plain traceback: the ones with local variables would show what the variables hold.
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # Each request's address at INFO; with what is in its query.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )


def _without(value: object, secrets: tuple[str, ...]) -> object:
    if isinstance(value, (bool, int, float, type(None))):
        return value
    return redacted(value if isinstance(value, str) else str(value), secrets)
