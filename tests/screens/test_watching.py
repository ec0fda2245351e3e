"""W: a batch that ends while another place is shown rings, notifies through tmux, and runs the command once."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from tests.support.driving import Server, opened, served, write_config
from tui.system.notify_command import run_notify_command
from tui.toolkit.terminal.sequences import build_notification

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def running(server: Server) -> str:
    """Return a batch that is on its way."""
    batches = server.call("GET", "/batches?limit=100")["data"]
    return next(str(batch["id"]) for batch in batches if batch["status"] == "in_progress")


async def test_its_end_is_told_wherever_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "told.jsonl"
    script = "import json, os, sys; print(json.dumps(dict(os.environ)), file=open(sys.argv[1], 'a'))"
    write_config(f"[notify]\nexec = {json.dumps([sys.executable, '-c', script, str(out)])}\n")
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    with served(scenario="busy") as server:
        id_ = running(server)
        async with opened(server, "batches") as drive:
            written: list[str] = []
            monkeypatch.setattr(drive.app._driver, "write", written.append)
            drive.table.cursor_id = id_
            await drive.until(lambda: drive.record and drive.record.id == id_, "the row")
            await drive.press("W")
            await drive.told("You are told when it is over")
            assert drive.app.navigator
            rules: Any = drive.app.navigator.session.rules
            await drive.press("asterisk", "W")  # the whole list
            await drive.told("You are told when each of batches is over, also of what comes later")
            place: Any = drive.app.screen
            (rule,) = [rule for rule in rules.rules.values() if rule.id != id_]
            assert set(rule.open) == set(place.list_watch.collection.active())
            await drive.press("W", "escape", "slash", *"status:in_progress", "enter", "W")
            await drive.sees("and each that comes")
            await drive.press("escape", "escape")
            assert [*rules.rules] == [id_]
            await drive.command("files")
            await drive.sees("PURPOSE")
            server.call("POST", f"/batches/{id_}/cancel")
            server.control("clock", advance=120)
            await drive.until(
                lambda: not rules.rules or drive.app.call_later(rules.outdate), "the end to be noticed"
            )
            await drive.told("cancelled")
            await drive.until(lambda: out.exists() and out.read_text().endswith("\n"), "the command to run")
            assert "\a" in "".join(written)
            assert "\x1bPtmux;\x1b\x1b]9;" in "".join(written)
            assert "\x1b]2;(1) o9s" in "".join(written)
        async with opened(server, "files") as drive:
            await drive.sees("PURPOSE")
        (told,) = [json.loads(line) for line in out.read_text().splitlines()]
        assert told["O9S_ID"] == id_
        assert told["O9S_OUTCOME"].startswith("cancelled")


async def test_a_command_that_fails_says_so() -> None:
    assert "ended with 3" in await run_notify_command([sys.executable, "-c", "raise SystemExit(3)"], {})
    assert "cannot be run" in await run_notify_command(["/there/is/no/such/command"], {})
    assert await run_notify_command([sys.executable, "-c", ""], {"O9S_NAME": "a"}) == ""
    assert "no command can be given" in await run_notify_command(["a\0b"], {})


def test_a_notification_holds_no_sequence_of_its_text() -> None:
    told = build_notification("evil\x1b]52;c;aGk=\x07\x9b name", {})
    assert told.count("\x1b") == 2
    assert told.count("\x07") == 3
    assert "\x9b" not in told
