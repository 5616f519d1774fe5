"""What makes us the App, and the file that keeps it where `/setup` has registered one."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

_PEM = re.compile(
    r"-----BEGIN (?P<kind>(?:RSA )?PRIVATE KEY)-----\n[A-Za-z0-9+/=\n]+\n-----END (?P=kind)-----\s*"
)
FILE = "credentials.json"
"""In the state directory."""


@dataclass(frozen=True)
class Credentials:
    """What makes us the App."""

    app_id: int
    private_key: str = field(repr=False)
    """PEM, unencrypted, as GitHub hands it out."""
    webhook_secrets: tuple[str, ...] = field(repr=False)
    """Any of them may have signed a delivery."""


class NotCredentials(Exception):
    """The file is there and does not hold what `keep` writes. The message is one line that says which file."""


def is_private_key(text: str) -> bool:
    """Whether it is one unencrypted RSA private key in PEM, with line endings of one character."""
    if not _PEM.fullmatch(text):
        return False
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return isinstance(load_pem_private_key(text.encode(), None), RSAPrivateKey)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False


def keep(state_dir: Path, credentials: Credentials) -> Path:
    """Write the credentials for the next start, readable by nobody else; answers the file.

    Whole or not at all, whatever happens to the process. `FileExistsError` where there is such a file already,
    other `OSError`s where it can't be written.
    """
    content = json.dumps(
        {
            "app_id": credentials.app_id,
            "private_key": credentials.private_key,
            "webhook_secrets": credentials.webhook_secrets,
        }
    )
    path, beside = state_dir / FILE, state_dir / f"{FILE}.new"
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    # Unlike a rename, a link never replaces what is there.
    os.link(beside, path)
    beside.unlink()
    return path


def kept(state_dir: Path) -> Credentials | None:
    """What `keep` wrote; None where there is no such file. Raises `NotCredentials`."""
    path = state_dir / FILE
    try:
        content = json.loads(path.read_bytes())
        credentials = Credentials(
            int(content["app_id"]), str(content["private_key"]), tuple(map(str, content["webhook_secrets"]))
        )
    except FileNotFoundError:
        return None
    except OSError as error:
        raise NotCredentials(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise NotCredentials(f"{path}: not what /setup writes") from None
    if not (is_private_key(credentials.private_key) and all(credentials.webhook_secrets)):
        raise NotCredentials(f"{path}: not what /setup writes")
    return credentials
