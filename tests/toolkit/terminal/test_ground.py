"""What a terminal tells of its background."""

from __future__ import annotations

import pytest

from tui.toolkit.terminal.ground import GroundTold
from tui.toolkit.terminal.input import CarefulParser


@pytest.mark.parametrize(
    ("sequence", "is_dark"),
    [
        ("\x1b]11;rgb:0000/0000/0000\x1b\\", True),
        ("\x1b]11;rgb:ffff/ffff/ffff\x07", False),
        ("\x1b]11;rgb:fd/f6/e3\x07", False),
        ("\x1b]11;rgba:2828/2c2c/3434/ffff\x1b\\", True),
        ("\x1b[?997;1n", True),
        ("\x1b[?997;2n", False),
        ("\x1b]11;?\x07", None),
        ("\x1b]11;rgb:zz/00/00\x07", None),
        ("\x1b]10;rgb:ffff/ffff/ffff\x07", None),
        ("\x1b[?997;3n", None),
    ],
)
def test_a_background_is_dark_or_light(sequence: str, is_dark: bool | None) -> None:
    found = list(CarefulParser().feed(sequence))
    assert [each.is_dark for each in found if isinstance(each, GroundTold)] == [is_dark] * (is_dark is not None)
    assert len(found) <= 1
