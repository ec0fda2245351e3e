"""Commands of the user: on their keys, in help, actions and the palette, and however their programs end."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import opened, write_config
from tui.screens.dialogs.confirm import Confirm
from tui.screens.dialogs.viewer import Viewer
from tui.screens.navigation.command_line import Waiting

if TYPE_CHECKING:
    from tests.support.driving import Drive, Server

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the programs are of POSIX")

SHOW = 'echo "id $1"; printf "evil \\033]52;c;aGk=\\007 end\\n"; env | grep -c "^OPENAI_.*KEY="; cat'


def configure(**commands: dict[str, Any]) -> None:
    """Write a config with a command on each of these keys."""
    tables = []
    for key, settings in commands.items():
        lines = {"key": key, "on": "files", **settings}
        tables.append(
            "[[commands]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in lines.items())
        )
    write_config("\n".join(tables))


async def in_files(drive: Drive) -> None:
    await drive.until(lambda: drive.record and drive.record.id.startswith("file-"), "a file")


async def leave_viewer(drive: Drive) -> str:
    """Wait for what a program printed, and leave it."""
    await drive.until(lambda: isinstance(drive.app.screen, Viewer), "what it printed")
    await drive.rest()
    text = str(await drive.until(drive.text, "its text"))
    await drive.press("escape")
    return text


async def test_on_a_key_it_runs_and_what_it_prints_is_shown(fresh: Server) -> None:
    configure(
        f7={"run": ["sh", "-c", SHOW, "sh", "{id}"], "input": "json", "description": "look at it"},
        f8={"run": ["sh", "-c", "echo gone; exit 4"], "output": "toast", "description": "check it"},
        f9={"run": ["no-such-program", "{id}"]},
        f12={"run": ["echo", "{metadata.run}"], "description": "needs a run"},
    )
    async with opened(fresh, "files", size=(80, 24)) as drive:
        await in_files(drive)
        id_ = drive.record.id
        await drive.press("f7")
        text = await leave_viewer(drive)
        assert "look at it" in text
        assert f"id {id_}" in text
        assert "evil ␛]52;c;aGk=␇ end" in text, "what it prints is harmless"
        assert "\n    3 0" in text or " 0 " in text, "it has no key"
        assert '"object": "file"' in text
        await drive.press("f8")
        await drive.told("check it ended with 4: gone")
        await drive.press("f9")
        await drive.told("There is no program no-such-program here")
        await drive.press("f12")
        await drive.told(f"{id_} has no metadata.run, so nothing was run")
        await drive.press("question_mark")
        await drive.sees("look at it")
        await drive.press("escape", "a")
        await drive.type("look")
        await drive.press("enter")
        await leave_viewer(drive)
        await drive.press("ctrl+p")
        await drive.type("look at it")
        await drive.sees("look at it")
        await drive.press("escape", "escape")
        await drive.command("ro")
        await drive.press("f7")
        await drive.told("Not now: read-only mode is on, and the command is not said to be safe.")
        await drive.command("batches")
        await drive.until(lambda: drive.record and drive.record.id.startswith("batch_"), "a batch")
        await drive.press("f7")
        assert not isinstance(drive.app.screen, Viewer), "it is for files"


async def test_it_asks_agrees_and_runs_once_on_many_or_once_for_each(fresh: Server, at_once: None) -> None:
    configure(
        f7={"run": ["sh", "-c", "echo $1-$2; wc -l", "sh", "{?title}", "{?model:one|two}"], "input": "jsonl"},
        f8={"run": ["echo", "is {id}"], "description": "each"},
        f9={"run": ["true"], "confirm": True, "safe": True, "output": "none", "description": "quiet"},
    )
    async with opened(fresh, "files") as drive:
        await in_files(drive)
        await drive.press("space", "down", "space")
        await drive.press("f7")
        await drive.sees("title")
        await drive.type("hello")
        await drive.press("enter")
        await drive.sees("two")
        await drive.press("down", "enter")
        text = await leave_viewer(drive)
        assert "hello-two" in text
        assert " 2 " in text, "both marked files, a line each"
        await drive.press("f7", "escape")
        assert not isinstance(drive.app.screen, Viewer), "left, it does not run"
        await drive.press("f8")
        await drive.sees("Runs 2 times, once for each: echo 'is file-")
        await drive.answer()
        assert (await leave_viewer(drive)).count("is file-") == 2
        await drive.press("f9")
        await drive.until(lambda: isinstance(drive.app.screen, Confirm), "the question")
        await drive.press("escape")


async def test_what_never_ends_is_stopped_and_a_megabyte_is_cut(fresh: Server) -> None:
    configure(
        f7={"run": ["sleep", "600"], "description": "wait for ever"},
        f8={"run": ["sh", "-c", "yes 0123456789 | head -c 2000000"], "description": "talk"},
        f9={"run": ["true"], "on": "*", "description": "say nothing"},
    )
    async with opened(fresh, "files", size=(120, 40)) as drive:
        await in_files(drive)
        await drive.press("f7")
        await drive.until(lambda: isinstance(drive.app.screen, Waiting), "how to stop it")
        await drive.sees("$ wait for ever")
        await drive.press("escape")
        await drive.told("wait for ever was stopped.")
        await drive.press("f8")
        assert "cut after 1 MB" in await leave_viewer(drive)
        await drive.press("f9")
        await drive.told("say nothing is done; it printed nothing.")
