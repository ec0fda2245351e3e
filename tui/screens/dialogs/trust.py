"""The question before a key goes to a host for the first time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.api.credentials.trust import Untrusted, allow
from tui.screens.dialogs.confirm import Confirm

if TYPE_CHECKING:
    from textual.app import App

    from tui.api.credentials.connection import Connection

_WARNING = "It is neither OpenAI's nor this machine. Whoever runs it can use these keys. You are asked once."


async def ask_for_trust(app: App[Any], connection: Connection) -> bool:
    """Ask whether keys of the environment may go to a host; return whether they may from now on.

    Call it in a worker. It asks nothing where all keys may go already. Raises BadSetting where it cannot be kept.
    """
    asked = [problem for problem in connection.problems.values() if isinstance(problem, Untrusted)]
    if not asked:
        return False
    keys = [(problem.source, str(problem.secret)) for problem in asked]
    agreed = await app.push_screen_wait(Confirm(f"Send keys to {asked[0].host}?", keys, _WARNING, verb="send"))
    for problem in asked if agreed else ():
        await asyncio.to_thread(allow, problem)
    return agreed
