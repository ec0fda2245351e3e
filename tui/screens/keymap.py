"""The user's own keys: which bindings there are, and what is wrong with a change."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from textual.binding import Binding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def contexts() -> tuple[tuple[type, ...], ...]:
    """Classes whose bindings are listened to at the same time, for each kind of screen."""
    # Imported only for who has keys of his own: the first list does not wait for the benches.
    from tui.screens.bench.base import Bench
    from tui.screens.bench.embed import Embed
    from tui.screens.bench.moderate import Moderate
    from tui.screens.bench.sheet import Sheet
    from tui.screens.bench.talk import Talk
    from tui.screens.compare import Comparison
    from tui.screens.form import Form
    from tui.screens.object import ObjectScreen
    from tui.screens.place import PlaceScreen
    from tui.screens.resource import ResourceScreen
    from tui.screens.search_bench import SearchBench
    from tui.screens.thread import ThreadScreen
    from tui.screens.viewer import Viewer
    from tui.widgets.conversation import Conversation
    from tui.widgets.event_log import EventLog
    from tui.widgets.json_view import JsonView
    from tui.widgets.line_view import LineView
    from tui.widgets.live_table import LiveTable
    from tui.widgets.search_view import SearchView
    from tui.widgets.text_view import TextView
    from tui.widgets.transcript import Transcript
    from tui.widgets.vector_matrix import VectorMatrix

    return (
        (ResourceScreen, PlaceScreen, LiveTable),
        (ObjectScreen, PlaceScreen),
        (TextView, LineView, SearchView, Viewer),
        (EventLog, LineView, SearchView),
        (JsonView, LineView, SearchView),
        (Form,),
        (Talk, Bench, Transcript),
        (Embed, Sheet, Bench, VectorMatrix),
        (Moderate, Sheet, Bench, LineView, SearchView),
        (SearchBench, Conversation, LineView),
        (ThreadScreen, Conversation, LineView),  # whose own n goes before that of a search
        (Comparison, Conversation, LineView),
    )


def bindings(*owners: type) -> dict[str, Binding]:
    """Every binding that has an id, by id."""
    found = (binding for owner in owners for binding in vars(owner).get("BINDINGS", ()))
    return {binding.id: binding for binding in found if isinstance(binding, Binding) and binding.id}


def keymap(wanted: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, str], list[str]]:
    """The keymap for Textual, and a sentence for every change that cannot be made."""
    if not wanted:
        return {}, []
    known = contexts()
    every = bindings(*{owner for context in known for owner in context})
    notices, accepted = [], dict[str, str]()
    for id_, keys in wanted.items():
        if id_ not in every:
            near = get_close_matches(id_, every, n=1)
            notices.append(f"keys: there is no binding {id_}{f'; did you mean {near[0]}?' if near else '.'}")
        elif clash := _clash(known, id_, keys, {**accepted, id_: ",".join(keys)}):
            notices.append(
                f"keys: {id_} cannot have {clash[0]}, which {clash[1]} has; give that another key first."
            )
        else:
            accepted[id_] = ",".join(keys)
    return accepted, notices


def _clash(
    known: Iterable[tuple[type, ...]], id_: str, keys: Iterable[str], changed: Mapping[str, str]
) -> tuple[str, str] | None:
    """The first key that another binding of the same context has, and that binding's id."""
    for context in known:
        here = bindings(*context)
        if id_ not in here:
            continue
        for other, binding in here.items():
            taken = changed.get(other, binding.key).split(",")
            for key in keys:
                if other != id_ and key in taken:
                    return key, other
    return None
