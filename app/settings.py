"""What the environment says.

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

A variable that is empty counts as not set. `HTTPS_PROXY` and `SSL_CERT_FILE` are read by the HTTP client, and looked at
here, as it does not say in a line what is wrong with them.
"""

from __future__ import annotations

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
_SIGNED_WITH, _DATABASE = "TIDEWAITER_WEBHOOK_SECRET", "TIDEWAITER_DATABASE_URL"
SECRETS = (_KEY, _SIGNED_WITH, _DATABASE)
"""The variables that a child process must not see."""
_PREFIX = "TIDEWAITER_"
_NAMES = tuple(
    name.removeprefix(_PREFIX)
    for line in __doc__.splitlines()
    for name in re.findall(rf"`({_PREFIX}\w+)`", line.partition(" | ")[0])
)
"""The variables of the table above, without the prefix."""
_LINK = re.compile(r"\w+_(?:SERVICE_HOST|SERVICE_PORT\w*|PORT_\d+_(?:TCP|UDP|SCTP)\w*)")
_PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy")


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


def settings_from(environment: Mapping[str, str]) -> Settings:
    """The settings, each checked. `BadSetting` for the first that is wrong.

    Reads the key file, and what `/setup` kept if no credential is set.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    _misspelled(given)
    _network(given)
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


def _misspelled(given: Mapping[str, str]) -> None:
    """Refuses a variable that is nearly one of ours; others of our prefix may be somebody else's."""
    from difflib import get_close_matches

    for name, value in given.items():
        if not name.startswith(_PREFIX) or _is_link(name, value):
            continue
        ours = name.removeprefix(_PREFIX)
        close = [] if ours in _NAMES else get_close_matches(ours, _NAMES, 1)
        if close:
            raise BadSetting(f"{name}: not a setting; did you mean {_PREFIX}{close[0]}?")


def _is_link(name: str, value: str) -> bool:
    """Whether Kubernetes set it, as it does in every pod for a service called NAME: `NAME_PORT=tcp://…` and more.

    https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
    """
    return value.startswith(("tcp://", "udp://", "sctp://")) or bool(_LINK.fullmatch(name))


def _network(given: Mapping[str, str]) -> None:
    """Refuses what the HTTP client would fail on at its first call."""
    import ssl

    path = given.get("SSL_CERT_FILE")
    try:
        ssl.create_default_context(cafile=path) if path else None
    except OSError as error:
        why = "no certificate in it" if isinstance(error, ssl.SSLError) else error.strerror
        raise BadSetting(f"SSL_CERT_FILE: {path}: {why} (expected certificates in PEM)") from None
    for name in (name for name in _PROXIES if name in given):
        value = given[name]
        try:
            parts = urlsplit(value if "://" in value else f"http://{value}")
            fits = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
        except ValueError:
            fits = False
        if not fits:
            # Not shown: it may hold a password.
            raise BadSetting(f"{name}: expected http://host:port or https://host:port")


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
    if not value or _is_link(name, value):
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
    value = given.get(_DATABASE)
    if value is None:
        return None
    scheme, separator, rest = value.partition("://")
    if scheme not in {"postgres", "postgresql"} or not separator or "/" not in rest.partition("?")[0]:
        # Not shown: it may hold a password.
        raise BadSetting(f"{_DATABASE}: expected postgresql://user:password@host/database")
    return f"postgresql://{rest}"
