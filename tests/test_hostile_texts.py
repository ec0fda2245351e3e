"""What strangers may write, through every field of every resource, to all that can be reached without a screen."""

from __future__ import annotations

import csv
import io
import itertools
import json
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from rich.cells import cell_len
from rich.style import Style
from textual.color import Color

from tests.support.examples import THOROUGH
from tests.support.hostile_texts import KINDS, TEXTS, fill
from tests.support.samples import CONTEXT, sample_of
from tui.export import csv_lines, export_file_lines, name_path, save, write_csv_line
from tui.resources.language.column import value_of
from tui.resources.registry import REGISTRY
from tui.text import clean, clean_lines, fit, harmless, safe_name, visible
from tui.toolkit.drawing.harmless import Harmless
from tui.toolkit.mask import Mask
from tui.toolkit.terminal.sequences import build_notification, build_title
from tui.widgets.base.tones import build_line
from tui.widgets.detail.summary import Summary, describe
from tui.widgets.table.table_rows import Painter
from tui.widgets.text.json_view import JsonView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui.resources.language.resource import Resource

ROUNDS = len(TEXTS) if THOROUGH else 4
"""How many objects of each resource are made, the texts of each further on in the list of them."""


def acts(text: str) -> list[str]:
    """What of a text a terminal would obey, or nobody would see."""
    return [
        sign
        for sign in text
        if (unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") and sign != "\u200d")
        or ord(sign) & 0xFFFE == 0xFFFE
    ]


def test_there_are_many_and_each_is_another() -> None:
    assert len(TEXTS) == len(set(TEXTS)) >= 300


def test_every_way_to_the_screen_makes_them_harmless() -> None:
    mask = Mask()
    for at, each in enumerate(TEXTS):
        mask.add(each)
        drawn = [
            clean(each),
            *clean_lines(each),
            visible(each),
            fit(each, 20, middle=True),
            mask.hide(clean(each)),
        ]
        drawn += [build_line([(each, "bad")]).plain, safe_name(each, each), safe_name("file-1", each)]
        # What goes to the terminal outside the screen: nothing but the sequences themselves.
        title = build_title(each)
        drawn += [title.removeprefix("\x1b]2;").removesuffix("\x07")]
        told = build_notification(each, {}).removeprefix("\a").split("\x07")
        drawn += [part.removeprefix("\x1b]9;").removeprefix("\x1b]777;notify;o9s;") for part in told]
        assert [line for line in drawn if acts(line)] == [], (at, each)
        assert len(told) == 3
        assert cell_len(fit(each, 20)) == 20
        assert harmless(clean(each)) == clean(each), "nothing is left for the last door"
        assert write_csv_line([each, 1]).startswith(("'", "\"'")) or not each.startswith(
            tuple("=+@\t\r\n＝＋－＠")
        )
        assert next(csv.reader(io.StringIO(write_csv_line([each, 1]), newline="")))[1] == "1"
        assert not set(safe_name("file-1", each)) & set("/\\\0")


def painted(resource: Resource, raw: dict[str, Any]) -> Iterator[str]:
    """All lines of a list and a detail that hold an object."""
    record = resource.record(raw)
    for width, wide in ((40, False), (160, True)):
        painter = Painter(lambda _: Style())
        painter.arrange(resource.columns, width, wide=wide)
        yield painter.row(record, lambda _: CONTEXT, cursor=False, marked=False).text
    for view in (Summary(), JsonView(raw)):
        if isinstance(view, Summary):
            view._rows_shown = list(describe(resource, record, CONTEXT))
        for row in range(view.count()):
            for strip in view.paint(row).strips(60, lambda _: Style(), None):
                yield strip.text


@pytest.mark.parametrize("resource", REGISTRY.values(), ids=lambda each: each.name)
def test_every_field_is_drawn_harmless_and_exported_whole(resource: Resource, tmp_path: Path) -> None:
    records = []
    for number in range(ROUNDS):
        start = (sum(map(ord, resource.name)) + number * 83) % len(TEXTS)
        texts = itertools.cycle((*TEXTS[start:], *TEXTS[:start]))
        raw = fill(sample_of(resource), texts, keep=KINDS if number % 2 else frozenset())
        record = resource.record(raw)
        records.append(record)
        lines = list(painted(resource, raw))
        assert [line for line in lines if acts(line)] == [], number
        assert [line for line in lines if harmless(line) != line] == [], "the last door had something to do"
        subject = record.object
        for action in resource.actions:
            for sentence in (action.refuse(subject), action.warn(subject)):
                assert not acts(build_line([(sentence or "", "")]).plain)
        assert not acts(safe_name(record.id, str(value_of(resource.title, record) or "")))
        assert len(name_path(resource, record).splitlines()) <= 1
    rows = list(csv.reader(io.StringIO("".join(csv_lines(resource, records, CONTEXT.now)), newline="")))
    assert len(rows) == ROUNDS + 1
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not [
        cell
        for row in rows
        for cell in row
        if cell.startswith(("=", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    ]
    exported = "".join(export_file_lines(".jsonl", resource, records, CONTEXT.now))
    assert [json.loads(line) for line in exported.removesuffix("\n").split("\n")] == [
        record.raw for record in records
    ]
    assert save(str(tmp_path / "all.json"), resource, records, CONTEXT.now).startswith("Saved")


def test_the_last_door_lets_through_what_was_made_visible_and_nothing_that_acts() -> None:
    from rich.segment import Segment

    door = Harmless()
    for each in TEXTS:
        (shown,) = door.apply([Segment(each)], Color(0, 0, 0)) or [Segment("")]
        assert not [sign for sign in shown.text if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")]
        visible_text = clean(each)
        assert [part.text for part in door.apply([Segment(visible_text)], Color(0, 0, 0))] == [visible_text]
