"""A memory on a database of its own, for tests without a queue."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.ledger import Ledger
from app.memory import Memory
from app.statedir import database_url


def memory(folder: Path) -> Memory:
    folder.mkdir(exist_ok=True)
    return Memory(Ledger(database_url(folder)).engine, ThreadPoolExecutor(1))
