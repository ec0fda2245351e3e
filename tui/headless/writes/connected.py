"""The platform of a connection, for the time of a command that writes."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from tui.api.client import Client
from tui.api.log.journal import Journal
from tui.live.ledger import Ledger
from tui.live.platform import Platform
from tui.live.tasks.store import open_task_store
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from tui.api.credentials.connection import Connection

LOOKS = 300  # requests a minute with which uses may be looked for, unless the connection says otherwise


@asynccontextmanager
async def connect(
    connection: Connection, note: Callable[[str], object] = lambda _: None
) -> AsyncIterator[Platform]:
    """Give the platform, with the journal of writes, the ledger and the kept tasks of the profile.

    `note` is told at the end where the journal was not kept.
    """
    client = Client(connection, journal=Journal(connection.profile))
    ledger = Ledger(f"{connection.profile} {connection.host}")
    platform = Platform(client, REGISTRY, ledger=ledger, budget=LOOKS)
    platform.tasks.store = open_task_store(connection)
    try:
        with tell_lost_journal(client, note):
            yield platform
    finally:
        await platform.aclose()
        ledger.close()


@contextmanager
def tell_lost_journal(client: Client, note: Callable[[str], object]) -> Iterator[None]:
    """Say at the end of the block where the writes in it could not be noted in the journal."""
    try:
        yield
    finally:
        if client.journal and client.journal.fault:
            note(f"The journal of writes is not kept: {client.journal.fault}")
