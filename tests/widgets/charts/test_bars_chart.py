"""Bars: their notes give way before the bars are short."""

from __future__ import annotations

from unittest.mock import patch

from tests.support.viewing import staged
from tui.widgets.charts.bars_chart import BarRow, BarsChart


async def test_a_note_is_told_in_brief_where_it_would_leave_the_bars_short() -> None:
    chart = BarsChart()
    async with staged(chart, width=90) as stage:
        note = "▲ 4.5× usual, mostly search"
        chart.show(
            [
                BarRow(1, "Mon 11-09", 100.0, "$100.00"),
                BarRow(2, "Tue 11-10", 600.0, "$600.00", note=note, brief="▲ 4.5× usual"),
            ]
        )
        await stage.until(lambda: note in stage.text()[1], "the whole note")
        await stage.pilot.resize_terminal(60, 24)
        await stage.until(lambda: stage.text()[1].endswith("▲ 4.5× usual"), "the note in brief")
        assert stage.text()[1].count("█") >= 20


def test_what_stands_out_is_told_by_label_and_note_and_its_bar_keeps_its_parts() -> None:
    chart = BarsChart()
    chart._widths, chart._most = (9, 7, 12, 0, 12), 600.0
    chart.rows = [BarRow(1, "Tue 11-10", 600.0, "$600.00", part=300.0, note="▲ 4.5× usual", tone="warn")]
    with patch.object(BarsChart, "text_width", 80):
        painted = chart.paint(0)
    tones = {painted.text[start:end].strip()[:9]: tone for start, end, tone in painted.spans if start < end}
    assert tones["Tue 11-10"] == tones["▲ 4.5× us"] == "warn"
    assert [tone for start, end, tone in painted.spans if "█" in painted.text[start:end]] == ["good", "key"]
