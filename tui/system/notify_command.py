"""The user's own command that is run when something that was watched is over."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST = 30.0  # seconds it may take


def build_facts(resource: str, id_: str, name: str, outcome: str) -> dict[str, str]:
    """Return what a command is told in its environment of an object that is over."""
    return {
        "O9S_ID": id_,
        "O9S_RESOURCE": resource,
        "O9S_NAME": name,
        "O9S_OUTCOME": outcome,
        "O9S_SUMMARY": f"{name}: {outcome}",
    }


async def run_notify_command(
    command: Sequence[str], facts: Mapping[str, str], called: str = "The notify command"
) -> str:
    """Run a command with facts in its environment. Returns a sentence where it failed, else "".

    `called` begins that sentence. It is no shell line: the parts are its arguments as they are. What it prints is
    dropped.
    """
    environment = {**os.environ, **facts}
    quiet = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
    except OSError as error:
        return f"{called} {command[0]} cannot be run: {error.strerror or error}."
    except ValueError:  # a NUL in a fact
        return f"{called} {command[0]} cannot be given these texts."
    try:
        code = await asyncio.wait_for(process.wait(), LONGEST)
    except TimeoutError:
        process.kill()
        return f"{called} {command[0]} was ended: it took more than {LONGEST:.0f} seconds."
    return f"{called} {command[0]} ended with {code}." if code else ""
