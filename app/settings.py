"""The only reader of the environment.

| variable | meaning | default |
|---|---|---|
| `TIDEWAITER_APP_ID` | the App's id | with the next two: what `/setup` kept in the state directory |
| `TIDEWAITER_PRIVATE_KEY`, `TIDEWAITER_PRIVATE_KEY_FILE` | its private key, or the file that holds it | |
| `TIDEWAITER_WEBHOOK_SECRET` | secret of the webhook; several, separated by commas, while one is replaced | |
| `TIDEWAITER_GITHUB_URL` | base of GitHub's API | `https://api.github.com` |
| `TIDEWAITER_PUBLIC_URL` | where GitHub and people reach this server | unknown: no links to it, no set-up |
| `TIDEWAITER_DATABASE_URL` | `postgresql://…`, needed for more than one replica | SQLite in the state directory |
| `TIDEWAITER_STATE_DIR` | the state directory | `$XDG_STATE_HOME/tidewaiter`, `~/.local/state/tidewaiter` |
| `TIDEWAITER_HOST` | the address to listen on; in a container `0.0.0.0` | `127.0.0.1` |
| `TIDEWAITER_PORT`, `TIDEWAITER_METRICS_PORT` | its ports; 0 takes a free one | 8080, 9090 |

A variable that is empty counts as not set. `HTTPS_PROXY` and `SSL_CERT_FILE` are read by the HTTP client.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from app.credentials import Credentials, NotCredentials, is_private_key, kept

_PEM_EXPECTED = "not a PEM private key (expected -----BEGIN … PRIVATE KEY-----)"
_LARGEST_KEY = 64 * 1024
"""Bytes of a key file; the longest that GitHub makes has 2 KB."""
_APP_ID, _KEY, _KEY_FILE = "TIDEWAITER_APP_ID", "TIDEWAITER_PRIVATE_KEY", "TIDEWAITER_PRIVATE_KEY_FILE"
_SIGNED_WITH = "TIDEWAITER_WEBHOOK_SECRET"


class BadSetting(Exception):
    """A setting is wrong: one line that says which, and what was expected. Exit status 2."""


@dataclass(frozen=True)
class Settings:
    """Everything that the environment says."""

    credentials: Credentials | None
    """None: set-up mode, in which there is no App yet."""
    state_dir: Path
    github_url: str = "https://api.github.com"
    """Without a slash at the end."""
    public_url: str | None = None
    """Likewise."""
    database_url: str | None = field(default=None, repr=False)
    """`postgresql://…`; None is SQLite in the state directory."""
    host: str = "127.0.0.1"
    port: int = 8080
    metrics_port: int = 9090


def environment() -> Mapping[str, str]:
    """What this process was given."""
    return os.environ


def settings_from(environment: Mapping[str, str]) -> Settings:
    """The settings, each checked. `BadSetting` for the first that is wrong.

    Reads the key file, and what `/setup` kept if no credential is set.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    port = _port(given, "TIDEWAITER_PORT", 8080)
    metrics_port = _port(given, "TIDEWAITER_METRICS_PORT", 9090)
    if port == metrics_port != 0:
        raise BadSetting(f"TIDEWAITER_METRICS_PORT: {port}: the same as TIDEWAITER_PORT (expected another)")
    state_dir = _state_dir(given)
    return Settings(
        credentials=_credentials(given) or _kept(state_dir),
        state_dir=state_dir,
        github_url=_url(given, "TIDEWAITER_GITHUB_URL") or "https://api.github.com",
        public_url=_url(given, "TIDEWAITER_PUBLIC_URL"),
        database_url=_database_url(given),
        host=given.get("TIDEWAITER_HOST", "127.0.0.1"),
        port=port,
        metrics_port=metrics_port,
    )


def _credentials(given: Mapping[str, str]) -> Credentials | None:
    if _KEY in given and _KEY_FILE in given:
        raise BadSetting(f"{_KEY}: set together with {_KEY_FILE} (expected one of them)")
    present = {
        _APP_ID: _APP_ID in given,
        f"{_KEY} or {_KEY_FILE}": _KEY in given or _KEY_FILE in given,
        _SIGNED_WITH: _SIGNED_WITH in given,
    }
    if not any(present.values()):
        return None
    missing = [name for name, is_set in present.items() if not is_set]
    if missing:
        raise BadSetting(f"{', '.join(missing)}: not set (expected all of the App's credentials, or none)")
    return Credentials(_app_id(given), _private_key(given), _secrets(given))


def _kept(state_dir: Path) -> Credentials | None:
    try:
        return kept(state_dir)
    except NotCredentials as error:
        raise BadSetting(
            f"TIDEWAITER_STATE_DIR: {error} (expected the App's credentials; without the file it is set up anew)"
        ) from None


def _app_id(given: Mapping[str, str]) -> int:
    if not re.fullmatch("[1-9][0-9]{0,18}", given[_APP_ID]):
        raise BadSetting(f"{_APP_ID}: {given[_APP_ID]}: not an App's id (expected a positive integer)")
    return int(given[_APP_ID])


def _private_key(given: Mapping[str, str]) -> str:
    if _KEY in given:
        # Many places that keep variables keep one line only, with the line endings written out.
        key = given[_KEY].replace("\\n", "\n").replace("\r\n", "\n").strip()
        if not is_private_key(key):
            raise BadSetting(f"{_KEY}: {_PEM_EXPECTED}; a path belongs in {_KEY_FILE}")
        return key + "\n"
    path = Path(given[_KEY_FILE])
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_KEY)
    except OSError as error:
        raise BadSetting(f"{_KEY_FILE}: {path}: {error.strerror} (expected a readable file)") from None
    key = content.decode("ascii", "replace").replace("\r\n", "\n").strip()
    if not is_private_key(key):
        raise BadSetting(f"{_KEY_FILE}: {path}: {_PEM_EXPECTED}")
    return key + "\n"


def _secrets(given: Mapping[str, str]) -> tuple[str, ...]:
    secrets = tuple(secret.strip() for secret in given[_SIGNED_WITH].split(","))
    if not all(secrets):
        raise BadSetting(
            f"{_SIGNED_WITH}: an empty secret between commas (expected secrets separated by commas)"
        )
    return secrets


def _state_dir(given: Mapping[str, str]) -> Path:
    if "TIDEWAITER_STATE_DIR" in given:
        return Path(given["TIDEWAITER_STATE_DIR"]).absolute()
    if "XDG_STATE_HOME" in given:
        return Path(given["XDG_STATE_HOME"]).absolute() / "tidewaiter"
    if "HOME" in given:
        return Path(given["HOME"]).absolute() / ".local/state/tidewaiter"
    raise BadSetting("TIDEWAITER_STATE_DIR: not set, and there is no HOME (expected a directory)")


def _port(given: Mapping[str, str], name: str, default: int) -> int:
    value = given.get(name, "")
    # Kubernetes sets NAME_PORT=tcp://… in every pod for a service called NAME; nobody asked for that one:
    # https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
    if not value or value.startswith(("tcp://", "udp://")):
        return default
    if not re.fullmatch("[0-9]{1,5}", value) or int(value) > 65535:
        raise BadSetting(f"{name}: {value}: not a port (expected 0 to 65535)")
    return int(value)


def _url(given: Mapping[str, str], name: str) -> str | None:
    if name not in given:
        return None
    expected = f"{name}: expected https://host or http://host, with neither user, query nor fragment"
    try:
        parts = urlsplit(given[name])
        _ = parts.port
    except ValueError:
        raise BadSetting(expected) from None
    plain = not (parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise BadSetting(expected)
    return given[name].rstrip("/")


def _database_url(given: Mapping[str, str]) -> str | None:
    value = given.get("TIDEWAITER_DATABASE_URL")
    if value is None:
        return None
    scheme, separator, rest = value.partition("://")
    if scheme not in {"postgres", "postgresql"} or not separator or "/" not in rest.partition("?")[0]:
        # Not shown: it may hold a password.
        raise BadSetting("TIDEWAITER_DATABASE_URL: expected postgresql://user:password@host/database")
    return f"postgresql://{rest}"
