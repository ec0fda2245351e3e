"""What a terminal may send: keys stay keys; anything unknown is ignored whole, and nothing raises."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

import pytest
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser

from tests.support.sequences import corpus
from tui.toolkit.terminal.input import PASTE_PAUSE, CarefulParser

if TYPE_CHECKING:
    from collections.abc import Iterable


def read(*chunks: str) -> list[Any]:
    """What a terminal's bytes mean, when nothing follows them for a while."""
    parser = CarefulParser()
    found: list[Any] = [event for chunk in chunks for event in parser.feed(chunk)]
    parser._came = 0.0
    return [*found, *parser.tick()]


def keys(found: Iterable[Any]) -> list[str]:
    return [event.key for event in found if isinstance(event, events.Key)]


@pytest.mark.parametrize(
    ("sequence", "key"),
    [
        ("a", "a"),
        ("é", "é"),
        ("\x04", "ctrl+d"),
        ("\x1b", "escape"),
        ("\x1b[A", "up"),
        ("\x1bOP", "f1"),
        ("\x1b[[A", "f1"),
        ("\x1b[3~", "delete"),
        ("\x1b[3$", "shift+delete"),
        ("\x1b[1;5B", "ctrl+down"),
        ("\x1b[5B", "ctrl+down"),
        ("\x1b[97;5u", "ctrl+a"),
        ("\x1b[127u", "backspace"),
        ("\x1b[27u", "escape"),
        ("\x1bx", "alt+x"),
        ("\x1b[", "alt+left_square_bracket"),
        ("\x1bP", "alt+shift+p"),
    ],
)
def test_keys(sequence: str, key: str) -> None:
    assert [name.removeprefix("alt+") for name in keys(read(sequence))] == [key.removeprefix("alt+")]


def test_every_key_that_textual_reads_is_read() -> None:
    mistaken = re.compile(r"\x1b\[(?:(?:2[5689]|3[1-4]|6[23])~|5[ABCD]|1;[5-8]u)")  # of a number, a character
    for sequence in (*ANSI_SEQUENCES_KEYS, *(f"\x1b[{code}" for code in FUNCTIONAL_KEYS)):
        if not mistaken.fullmatch(sequence):
            parser = XTermParser()
            theirs: list[Any] = list(parser.feed(sequence))
            if parser._timeout_time:
                parser._timeout_time = 0.0
                theirs += parser.tick()
            assert keys(read(sequence)) == keys(theirs), sequence


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[127;1:1u",
        "\x1b[103:71;2u",
        "\x1b[1;5:2B",
        "\x1b[3;1:1~",
        "\x1b[99999999999;1u",
        f"\x1b[{'9' * 5000};1u",
        "\x1b[1114112;1u",
        "\x1b[55296u",
        "\x1b[4u",
        "\x1b[4B",
        "\x1b[100~",
        "\x1b[97;1;27u",
        "\x1b[-5;1u",
        "\x1b[NaN;undefinedu",
        "\x1b[<32;NaN;NaNM",
        "\x1b[<0;99999999999;1M",
        "\x1b[<0;-1;-1M",
        "\x1b[M abc"[:6],
        "\x1b[48;99999;99999;0;0t",
        "\x1b[?62;22c",
        "\x1b]52;c;amRkZGQ=\x07",
        "\x1b]10;rgb:0000/0000/0000\x1b\\",
        "\x1bP>|xterm(390)\x1b\\",
        "\x1b_Gi=1;OK\x1b\\",
    ],
)
def test_what_is_unknown_is_ignored_whole(sequence: str) -> None:
    assert read(sequence) == []
    assert keys(read(sequence + "j")) == ["j"]
    for at in range(1, len(sequence) if len(sequence) < 40 else 0):
        if sequence[:at] not in ("\x1b", "\x1b]", "\x1bP", "\x1b_", "\x1b[") and "N" not in sequence:
            assert keys(read(sequence[:at], sequence[at:], "j")) == ["j"], at


def test_a_sequence_that_is_cut_is_nothing() -> None:
    assert read("\x1b[<32;1") == []
    assert read("\x1b]52;c;abc") == []
    assert keys(read("\x1b[12", "\x1b[A")) == ["up"]
    assert keys(read("\x1b[<0;1;", "\x1b[A")) == ["up"]


def test_a_paste_may_come_in_any_pieces_and_holds_what_it_holds() -> None:
    text = "line\n\x1b[3~ j \x1b]0;x\x07 é"
    whole = f"\x1b[200~{text}\x1b[201~j"
    for size in range(1, len(whole) + 1):
        parser = CarefulParser()
        found = [
            event for at in range(0, len(whole), size) for event in parser.feed(whole[at : at + size])
        ]  # fmt: skip
        assert [type(event) for event in found] == [events.Paste, events.Key], size
        assert isinstance(found[0], events.Paste)
        assert found[0].text == text


def test_a_pause_ends_a_paste_whose_end_got_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("tui.toolkit.terminal.input.get_time", lambda: now[0])
    parser = CarefulParser()
    assert not list(parser.feed("\x1b[200~some text\x1b[20"))
    now[0] += PASTE_PAUSE * 0.9
    assert not list(parser.tick())
    now[0] += PASTE_PAUSE * 0.2
    assert [event.text for event in parser.tick() if isinstance(event, events.Paste)] == ["some text\x1b[20"]
    (key,) = parser.feed("j")
    assert isinstance(key, events.Key)
    assert key.key == "j"
    assert not list(parser.feed("\x1b[201~")), "an end that comes late is no key"


def test_escape_ends_a_paste_whose_end_got_lost() -> None:
    parser = CarefulParser()
    assert list(parser.feed("\x1b[200~some text")) == []
    assert list(parser.feed("jjj")) == []
    assert list(parser.feed("\x1b")) == []
    parser._came = 0.0
    assert [event.text for event in parser.tick() if isinstance(event, events.Paste)] == ["some textjjj"]
    assert keys(parser.feed("j")) == ["j"]


def test_no_sequence_of_thousands_raises_or_types() -> None:
    """Whatever it is and however it is cut, the key that follows is a key again."""
    chance = random.Random(1)
    for sequence in corpus(6_000, seed=1):
        found = read(sequence)
        for event in found:
            if isinstance(event, events.Key):
                assert len(event.key) > 1 and (event.character is None or event.character in "\t\r\x7f\x1b"), (
                    sequence,
                    event,
                )
        at = chance.randrange(len(sequence) + 1)
        parser = CarefulParser()
        list(parser.feed(sequence[:at]))
        list(parser.feed(sequence[at:]))
        parser._came = 0.0
        list(parser.tick())
        assert keys(parser.feed("\x1b")) == []
        parser._came = 0.0
        list(parser.tick())
        assert keys(parser.feed("j")) == ["j"], sequence
