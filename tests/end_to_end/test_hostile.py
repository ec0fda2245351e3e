"""Names that try to take over the terminal: every screen that shows them, every byte that leaves."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.console import Console, opened
from tests.support.driving import ADMIN_KEY, PROJECT_KEY, served
from tests.support.examples import THOROUGH

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "\x1b]52;c;aGk=\x07\x1b[2J\x9b31m[/oops][@click=app.bell]press[/]\u202egnp.jsonl"


def test_no_raw_control_byte_on_any_screen(tmp_path: Path) -> None:
    folder = tmp_path / "down"
    folder.mkdir()
    with served(scenario="nasty", now=1_795_000_000.0) as server:
        content = f'{{"text": "{HOSTILE}"}}\n'.encode()
        files = {"file": (HOSTILE, content)}
        uploaded = server.call("POST", "/files", files=files, data={"purpose": "batch"})
        assert "\x1b" in uploaded["filename"]
        assert "\x9b" in uploaded["filename"]
        with opened(server, "files") as console:
            console.sees("␛]52;c")
            console.sees("[/oops]")
            console.step("y")  # as JSON
            console.sees('"filename"')
            console.step("y", "enter")  # its content
            console.sees("view content ·")
            console.step("q")
            console.command("[/oops]", "/")  # in a filter
            console.sees("/[/oops]")
            console.step("q", "D")  # in a path
            console.fill(str(folder))
            console.step("enter")
            console.sees("Saved")
            console.step("ctrl+d")  # in a dialog
            console.sees("Delete this file?")
            console.step("n", "f")  # over the whole terminal
            console.sees("files ▸")
            console.step("q", "i")  # in the requests made
            console.sees("GET")
            console.step("q", "G")
            for _ in range(12):
                console.step("\x1b[5~")  # page up through all that nasty has
            for command in ("batches", "fine-tuning", "models"):
                console.command(command)
                console.until(lambda command=command: console.lines[2].startswith(f" {command} "), command)  # type: ignore[misc]
                console.step("j", "j", "y", "y", "G")
            console.command("no such thing \x1b[2J")
            console.sees("There is no")
            assert console.strangers() == []
        saved = list(folder.iterdir())
        assert [path.read_bytes() for path in saved] == [content]
        assert not set(saved[0].name) & set("\x1b\x07\x9b\u202e/")


def test_no_raw_control_byte_in_any_form_the_palette_or_a_completion(tmp_path: Path) -> None:
    name = "q\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\u202egnp.jsonl"
    (tmp_path / name).write_text("{}", encoding="utf-8")
    script = (sys.executable, "-m", "tests.support.hostile_forms")
    keys = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY}
    with (
        served(scenario="calm", now=1_795_000_000.0) as server,
        Console(server.url, str(tmp_path), rows=70, columns=100, command=script, env=keys) as console,
    ):
        assert console.ends(within=300) == 0, console.output[-3000:].decode(errors="replace")
        assert "␛]52;c;aGk=".encode() in console.output
        assert console.strangers() == []


def test_no_raw_control_byte_in_any_list() -> None:
    script = (sys.executable, "-m", "tests.support.hostile_forms")
    keys = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY}
    with (
        served(scenario="calm", now=1_795_000_000.0) as server,
        Console(server.url, "", "places", rows=45, command=script, env=keys) as console,
    ):
        while console.is_running:
            console.read(1.0)  # more than an emulator should read: only the bytes matter
        assert console.ends() == 0, console.output[-3000:].decode(errors="replace")
        assert console.strangers() == []


@pytest.mark.skipif(not THOROUGH, reason="it presses some thousand keys, which takes minutes")
def test_no_raw_control_byte_whatever_key_is_pressed(tmp_path: Path) -> None:
    script = (sys.executable, "-m", "tests.support.hostile_keys")
    tools = {"EDITOR": "true", "VISUAL": "true", "PAGER": "true"}
    keys = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY, **tools}
    with (
        served(scenario="calm", now=1_795_000_000.0) as server,
        Console(server.url, str(tmp_path), rows=45, command=script, env=keys) as console,
    ):
        while console.is_running:
            console.read(1.0)  # more than an emulator should read: only the bytes matter
        assert console.ends() == 0, console.output[-3000:].decode(errors="replace")
        sys.stdout.write(console.output[-2000:].decode(errors="replace"))
        console.output = re.sub(rb"\x1b\]52;c;[A-Za-z0-9+/=]*\x07", b"", console.output)  # what was copied
        assert [each for each in console.strangers() if not each.startswith("\a")] == [], "more than the bell"
