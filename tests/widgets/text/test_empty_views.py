"""Views with nothing in them: every key does what it can, which is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from tests.support.viewing import staged
from tui.screens.workflows.bench.moderate import Verdicts
from tui.widgets.charts.bars_chart import BarsChart
from tui.widgets.detail.summary import Summary
from tui.widgets.text.cells_view import CellsView
from tui.widgets.text.conversation import Conversation
from tui.widgets.text.event_log import EventLog
from tui.widgets.text.json_view import JsonView
from tui.widgets.text.keyed_rows import KeyedRows
from tui.widgets.text.line_view import LineView
from tui.widgets.text.text_view import TextView
from tui.widgets.text.transcript import Transcript

if TYPE_CHECKING:
    from textual.widget import Widget

VIEWS = (Verdicts, Summary, EventLog, TextView, JsonView, Conversation, BarsChart, CellsView)
BASES = {LineView, KeyedRows}


def find_views(kind: type[LineView]) -> set[type[LineView]]:
    return {kind, *(each for below in kind.__subclasses__() for each in find_views(below))}


async def test_no_key_finds_a_row_where_there_is_none() -> None:
    assert BASES.union(VIEWS) == {each for each in find_views(LineView) if each.__module__.startswith("tui.")}
    views: list[Widget] = [Transcript(), *(kind() for kind in VIEWS)]
    async with staged(Vertical(*views), height=30) as stage:
        for view in views:
            actions = {each.action for bound in view._bindings.key_to_bindings.values() for each in bound}
            for action in sorted(actions):
                for wrapped in (False, True):
                    if isinstance(view, LineView):
                        view.wrapped = wrapped
                    await stage.pilot.app.run_action(action, view)
            await stage.pilot.pause()
