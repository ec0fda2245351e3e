"""A key asked for in a terminal: pasted however it comes, it is read whole and shown nowhere."""

from __future__ import annotations

import sys

import pytest

from tests.support.console import O9S, Console
from tests.support.driving import PROJECT_KEY

ASKING = "from tui.system.hidden_prompt import ask_hidden; print('read', ascii(ask_hidden('Key: ')), flush=True)"
HALF, REST = PROJECT_KEY[:12], PROJECT_KEY[12:]


def asking() -> Console:
    console = Console(command=[sys.executable, "-c", ASKING])
    console.sees("Key:")
    return console


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("typed\r", "typed"),
        ("typet\x7fd\r", "typed"),
        ("wrong\x15typed\r", "typed"),
        ("\r\rtyped\r", "typed"),
        ("one line\nand another\n", "one line\nand another"),
        ("\nafter a line break\n", "after a line break"),
        ("\x1b[200~pasted\x1b[201~\r", "pasted"),
        ("\x1b[200~\npasted\n\x1b[201~\r", "pasted"),
        ("\x1b[200~one line\nand another\x1b[201~\r", "one line\nand another"),
        ("\x1b[200~one line\r\nand another\r\n\x1b[201~\r", "one line\n\nand another"),
        ("a\x1b[200~b\x1b[201~c\r", "abc"),
        ("x" * 9000 + "\r", "x" * 9000),
    ],
)
def test_all_of_it_is_read(sent: str, read: str) -> None:
    with asking() as console:
        if len(sent) > 1000:  # a terminal holds no more at once
            for at in range(0, len(sent), 1000):
                console.send(sent[at : at + 1000])
                console.read(0.01)
        else:
            console.send(sent)
        assert console.ends() == 0
        asked, _, told = console.output.decode().partition("\x1b[?2004l")
        assert told.strip() == f"read {read!a}"
        assert read[:5] not in asked, "it was shown"
        console.assert_whole()


def test_a_paste_that_has_not_ended_is_waited_for() -> None:
    with asking() as console:
        console.send("\x1b[200~first\n")
        assert not console.read(0.3)
        console.send("second\x1b[201~")
        assert not console.read(0.3)
        console.send("\r")
        console.sees(r"read 'first\nsecond'")


def test_it_can_be_left() -> None:
    with Console("auth", "login", command=O9S) as console:
        console.sees("Key (not shown):")
        console.send("\x04")
        assert console.ends() == 1
        assert "Traceback" not in console.text
        assert "Aborted" in console.text
        console.assert_whole()


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (f"\x1b[200~{HALF}\n{REST}\x1b[201~\r", "The key has a line break at position 13."),
        (f"{HALF}\n{REST}\n", "The key has a line break at position 13."),
        (f"{HALF}\x1b[A{REST}\r", "The key has a control character at position 13."),
        (f"\x1b[200~\n{PROJECT_KEY}\n\x1b[201~\r", "keyring"),  # it can be one, but this machine keeps none
        (f"\n{PROJECT_KEY}\n", "keyring"),
    ],
)
def test_what_cannot_be_a_key_is_told_in_one_sentence(sent: str, told: str) -> None:
    with Console("auth", "login", command=O9S) as console:
        console.sees("Key (not shown):")
        console.send(sent)
        assert console.ends() == 1
        assert told in " ".join(console.text.split())
        assert REST not in console.output.decode()
        assert HALF not in console.output.decode()
        console.assert_whole()
