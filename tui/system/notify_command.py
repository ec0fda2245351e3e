"""The user's own command that is run when something that was watched is over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tui.system.children import build_child_environment
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST = 30.0  # seconds it may take


def build_facts(resource: str, id_: str, name: str, outcome: str) -> dict[str, str]:
    """Return what a command is told in its environment of an object; `outcome` is "" for one that has no state."""
    return {
        "O9S_ID": id_,
        "O9S_RESOURCE": resource,
        "O9S_NAME": name,
        "O9S_OUTCOME": outcome,
        "O9S_SUMMARY": f"{name}: {outcome}" if outcome else name,
    }


async def run_notify_command(
    command: Sequence[str], facts: Mapping[str, str], called: str = "The notify command"
) -> str:
    """Run a command with facts in its environment, and no key. Returns a sentence where it failed, else "".

    The facts are made harmless, as the command may print them.
    `called` begins that sentence. It is no shell line: the parts are its arguments as they are. What it prints is
    dropped.
    """
    environment = build_child_environment(**{variable: clean(fact) for variable, fact in facts.items()})
    quiet = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
        )
    except OSError as error:
        return f"{called} {command[0]} cannot be run: {error.strerror or error}."
    except ValueError:  # a NUL among them
        return f"{called} {clean(command[0])} has an argument that no command can be given."
    try:
        code = await asyncio.wait_for(process.wait(), LONGEST)
    except TimeoutError:
        process.kill()
        return f"{called} {command[0]} was ended: it took more than {LONGEST:.0f} seconds."
    return f"{called} {command[0]} ended with {code}." if code else ""
