"""A command of the user has the terminal until it ends; then o9s has it as before. Its ctrl+c is no end of o9s."""

from __future__ import annotations

import signal

from tests.support.console import Console, opened
from tests.support.driving import served, write_config

F8 = "\x1b[19~"
CONFIG = """
[[commands]]
key = "f8"
on = "batches"
run = ["sh", "-c", "echo hello; read word; echo got $word $(env | grep -c ^OPENAI_API_KEY); exit 3"]
description = "talk"
output = "terminal"
"""


def _begin(console: Console) -> None:
    """Start the command, until it has the terminal."""
    before = console.output.count(b"hello")
    console.press(F8)
    console.until(lambda: console.output.count(b"hello") > before, "the command's greeting")


def test_a_program_has_the_terminal_and_gives_it_back() -> None:
    write_config(CONFIG)
    with served(scenario="calm") as server, opened(server, "batches") as console:
        console.sees("enter results")
        _begin(console)
        console.send("you\r")
        console.sees("got you 0")
        console.sees("'sh' ended with 3. Enter goes back to o9s.")
        console.send("\r")
        console.sees("talk ended with 3.")
        _begin(console)
        console.kill(signal.SIGINT)
        console.send("again\r")
        console.sees("got again 0")
        console.send("\r")
        console.sees("● live")
        _begin(console)
        console.kill(signal.SIGTERM)
        console.sees("'sh' ended with -15. Enter")
        console.send("\r")
        assert console.ends() == 143
        console.assert_whole()
