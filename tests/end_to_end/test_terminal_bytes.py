"""Whatever a terminal sends besides keys: the program lives, does nothing for it, and reads the next key."""

from __future__ import annotations

import os
import signal

from textual import events

from tests.support.console import Console
from tests.support.driving import opened, served
from tests.support.sequences import corpus
from tui.toolkit.terminal.input import CarefulParser

NAMED = (
    "\x1b[127;1:1u\x1b[103:71;2u\x1b[1;5:2B\x1b[3;1:1~\x1b[99999999999;1u\x1b[1114112;1u\x1b[<32;NaN;NaNM"
    "\x1b[4B\x1b[100~\x1b[48;99999;99999;0;0t\x1b[12"
)


def test_sequences_that_are_no_keys() -> None:
    with (
        served(scenario="calm") as server,
        Console("--base-url", server.url, env={"OPENAI_API_KEY": "sk-test-only"}) as console,
    ):
        console.sees("● live")
        console.step(NAMED)
        os.write(console._master, b"\xff\xfe\xe9\x80")
        for sequence in corpus(400, seed=2):
            console.send(sequence)
            console.read(0)
        console.step()
        console.step("\x1b[200~a paste without its end")
        console.step("esc")
        console.press("?")
        console.sees("type to search · enter runs")
        console.kill(signal.SIGTERM)
        assert console.ends() == 143
        console.assert_whole()


async def test_nothing_is_done_for_them() -> None:
    with served(scenario="calm") as server:
        async with opened(server) as drive:
            parser = CarefulParser()
            before = list(drive.app._trail)
            screen, focused = drive.app.screen, drive.app.focused
            for sequence in corpus(2_000, seed=3):
                for event in parser.feed(sequence):
                    drive.app.post_message(event)
                parser._came = 0.0
                for event in parser.tick():
                    drive.app.post_message(event)
            drive.app.post_message(events.Key("question_mark", "?"))
            await drive.sees("type to search · enter runs")
            assert [*before, "app.help"] == list(drive.app._trail)
            assert drive.app.screen_stack[1] is screen
            assert screen.focused is focused
