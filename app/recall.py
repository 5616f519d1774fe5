"""What the server's database remembers, for commands that only want to know it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory

from app.ledger import Ledger
from app.memory import Memory
from app.settings import Settings
from app.statedir import FILE, database_url


class _Recalled(Memory):
    """Says what is known, and takes up nothing."""

    async def keep_config(self, installation_id: int, slug: str, ref: str, content: str) -> None:
        pass


@contextmanager
def recalled(settings: Settings) -> Iterator[Memory]:
    """What the database remembers; nothing where no server has made one yet. `NoDatabase` if it can't be read."""
    with ExitStack() as stack:
        url = settings.database_url
        if url is None:
            state_dir = settings.state_dir
            is_there = (state_dir / FILE).exists()
            url = database_url(state_dir) if is_there else _empty(stack.enter_context(TemporaryDirectory()))
        ledger = Ledger(url)
        stack.callback(ledger.close)
        yield _Recalled(ledger.engine, stack.enter_context(ThreadPoolExecutor(1, "recall")))


def _empty(folder: str) -> str:
    return f"sqlite:///{folder}/{FILE}"
