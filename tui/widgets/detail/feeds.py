"""Feeds: what brings the entries of a tail into the log and the curves of a tab."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui.resources.language.column import CellContext, value_of
from tui.resources.language.curves import read_figure, sort_curves

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.live.polling.tail import Tail
    from tui.live.polling.watch import Watch
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Chart, Resource
    from tui.widgets.charts.chart import CurveChart
    from tui.widgets.text.event_log import EventLog

    Feed = Callable[[list[Record], bool], None]
    """Takes entries, oldest first, and whether they follow all others."""


def feed_log(resource: Resource, now: Callable[[], float], log: EventLog) -> Feed:
    """Return what writes entries of a resource into a log; `now` gives the server's time."""
    from tui.widgets.text.log_lines import LogLine

    words = next(column for column in resource.columns if column.grow)
    time = resource.columns[0]

    def line(entry: Record, context: CellContext) -> LogLine:
        moment, level = value_of(time.value, entry), str(entry.at("level") or "")
        if entry.at("type") == "metrics" and level == "info":
            level = ""
        return LogLine(math.nan if moment is None else moment, level, words.cell(entry, context).text, entry.id)

    def feed(entries: list[Record], at_end: bool) -> None:
        context = CellContext(now())
        (log.append if at_end else log.prepend)([line(entry, context) for entry in entries])

    return feed


def feed_marks(path: str, watch: Watch, widgets: Sequence[CurveChart]) -> Callable[[], None]:
    """Mark in charts where the objects of a watch stand, and keep that fresh. Returns what ends it."""

    def show(_: object = None) -> None:
        records = watch.collection.records.values()
        places = sorted(place for record in records if (place := read_figure(record.at(path))) is not None)
        for widget in widgets:
            widget.show_marks(watch.collection.resource.singular, places)

    let_go = watch.subscribe(show, lambda _: None)
    show()
    watch.start()

    def end() -> None:
        let_go()
        watch.stop()

    return end


def feed_curves(chart: Chart, tail: Tail, widgets: Sequence[CurveChart]) -> Feed:
    """Return what draws the curves of all entries of a tail anew."""

    def feed(_entries: list[Record], _at_end: bool) -> None:
        if widgets:
            groups = sort_curves(chart, tail.entries)
            for widget in widgets:
                widget.show_groups(groups)

    return feed
