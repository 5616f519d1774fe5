"""The state directory: one process's, for as long as that process lives."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

FILE = "tidewaiter.db"
"""The name of the database in it."""


class StateDirTaken(Exception):
    """Another process uses the state directory, or it can't be used: one line. Exit status 2."""


def lock_state_dir(state_dir: Path) -> int:
    """Make the state directory ours until the process ends, however it ends; it is created if need be.

    What SQLite's last user left unfinished can then be taken over at once: that process is dead. Answers the
    descriptor of the lock, which is held while it is open. `StateDirTaken` if another process has it.
    """
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(state_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StateDirTaken(
            f"TIDEWAITER_STATE_DIR: {state_dir}: {error.strerror} (expected a directory to write in)"
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise StateDirTaken(
            f"TIDEWAITER_STATE_DIR: {state_dir}: used by another process (expected a directory of its own; "
            "several replicas need TIDEWAITER_DATABASE_URL)"
        ) from None
    return descriptor


def database_url(state_dir: Path) -> str:
    """The URL of the state directory's own database."""
    return f"sqlite:///{state_dir / FILE}"
