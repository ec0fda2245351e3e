"""The audit log, followed: newest at the bottom, every entry once, filtered by the server."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding
from textual.containers import Container

from tui.resources.language.cells import pluralize
from tui.resources.language.column import CellContext
from tui.resources.organization.audit import EVENT_TYPES
from tui.screens.places.audit.text import LEAST, build_log_lines, format_filter, parse_filter, share_room
from tui.screens.places.detail_beside import DetailBeside
from tui.screens.places.follow_one import follow_one
from tui.widgets.base.bars import Bar, FooterBar, KeyHint
from tui.widgets.detail.detail_pane import DetailPane
from tui.widgets.detail.split import Split
from tui.widgets.input.prompt import Prompt
from tui.widgets.text.event_log import EventLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult

    from tui.live.polling.tail import Tail
    from tui.resources.language.objects import Record
    from tui.screens.navigation.history import Location
    from tui.screens.navigation.navigator import Navigator
    from tui.widgets.base.freshness import Parts
    from tui.widgets.text.line_view import LineView
    from tui.widgets.text.log_lines import LogLine


class AuditScreen(DetailBeside):
    """Follows the audit log; beside it the entry under the cursor, in full."""

    SLASH = "search"
    BINDINGS = [
        Binding("slash", "search", "search what is loaded", id="list.filter", key_display="/", priority=True),
        Binding("space", "follow", "follow, or stop", id="audit.follow"),
        Binding("K", "like('event_types[]')", "only this kind of event", id="audit.kind"),
        Binding("W", "like('actor_ids[]')", "only who did this", id="audit.who"),
        Binding("B", "like('project_ids[]')", "only this project", id="audit.project"),
        # With priority over the log, whose timestamps have the large letter here.
        Binding("t", "types", "kinds of event, with counts", id="audit.types", priority=True),
        Binding("T", "stamps", "timestamps", id="audit.stamps"),
        Binding("o", "open", "object or actor", id="audit.open"),
        Binding("f", "full", "entry over the terminal", id="detail.full"),
        Binding("tab", "other_pane", "log or entry", id="detail.focus"),
        Binding("L", "load_all", "load older", id="list.load_all"),
        Binding("ctrl+s", "save", "save as JSONL", id="list.save"),
    ]

    def __init__(self, navigator: Navigator, location: Location) -> None:
        super().__init__(navigator, location)
        self._tail = self._tail_of()
        self.source = self._tail
        self._found = ""
        self._widths = LEAST  # of the columns of the log
        self._let_go: Callable[[], None] = lambda: None

    def _tail_of(self) -> Tail:
        """Return the tail of the entries that pass the filters."""
        resource = replace(self.resource, query={**self.resource.query, **self.location.query})
        return self.platform.tail(resource, {}, lambda: True)

    def compose(self) -> ComposeResult:
        """Yield header, title, log and entry, prompt, keys."""
        yield from self.compose_top()
        with Container(id="body"):
            yield EventLog(id="list", empty="", now=self.platform.now)
            yield Split()
            yield DetailPane(self.platform, self.navigator.session.tabs)
        yield Bar(id="line")
        yield Prompt()
        yield FooterBar()

    def on_mount(self) -> None:
        """Show what is known, and follow."""
        self.arrange_detail()
        self.focus_home()
        self._follow_tail()

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self._let_go()

    # Following the log.

    @property
    def _log(self) -> EventLog:
        return self.query_one(EventLog)

    def _follow_tail(self) -> None:
        """Show the entries of the tail, and hear of new ones."""
        self._let_go = self._tail.subscribe(self._add_entries, lambda _: self.say())
        self._log.clear()
        self._log.append(self._lines(self._tail.entries))
        self.say()

    def _add_entries(self, new: list[Record], at_end: bool) -> None:
        entries, log = self._tail.entries, self._log
        if at_end:
            log.append(self._lines(new))
        elif [record.id for record in entries[: len(new)]] == [record.id for record in new]:
            log.prepend(self._lines(new))
        else:  # something was written late, in between
            log.clear()
            log.append(self._lines(entries))
        self.say()

    def _lines(self, records: Iterable[Record]) -> list[LogLine]:
        return build_log_lines(self.resource, records, self.platform.now(), self._widths)

    def put_detail(self, where: str) -> None:
        """Put the detail somewhere, and make the columns of the log as wide as it leaves room for."""
        super().put_detail(where)
        self.call_after_refresh(self._fit_columns)

    def _fit_columns(self) -> None:
        log = self._log
        if self._widths == (widths := share_room(log.size.width)):
            return
        self._widths = widths
        following, key = log.following, log.current.key if log.current else ""
        log.clear()
        log.append(self._lines(self._tail.entries))
        if not following:
            log.move_to_key(key)

    @property
    def record(self) -> Record | None:
        """The entry under the cursor."""
        current = self._log.current if self.is_mounted else None
        key = current.key if current else ""
        return next((entry for entry in reversed(self._tail.entries) if entry.id == key), None)

    def headline(self) -> tuple[Parts, Parts]:
        """Return how much of the log is here, and how the server filters it."""
        tail = self._tail
        more = "" if tail.complete_back else "+"
        left: Parts = [(" audit", "strong"), (f"  {len(tail.entries):,}{more}" if tail.entries else "", "")]
        left.append((f" · times in {time.strftime('%Z')}", "dim"))
        if tail.cut:
            left.append((" · the server gives no more", "warn"))
        if tail.dropped:
            left.append((f" · {tail.dropped:,} older let go", "dim"))
        if self._found:
            left.append((f" · {self._found}", "accent"))
        right: Parts = [
            (f"{name.removesuffix('[]')}={format_filter(value)} ", "accent")
            for name, value in self.location.query.items()
        ]
        return left, right

    def say(self) -> None:
        """Bring the lines up to date, and what stands where entries would."""
        super().say()
        if self.query(EventLog) and not self._tail.entries and self._log.empty != self._describe_nothing():
            self._log.empty = self._describe_nothing()
            self._log.refresh_rows()

    def _describe_nothing(self) -> str:
        """Return what stands where entries would."""
        if self._tail.health.error:
            return ""
        if self._tail.health.state == "loading":
            return "Loading…"
        return "No entries pass these filters. Esc shows all." if self.location.query else self.resource.empty

    def keys(self) -> list[KeyHint]:
        """Return the keys to follow and to narrow."""
        able = self.record is not None
        return [
            KeyHint("enter", "entry", able),
            KeyHint("o", "open", able),
            KeyHint("t", "kinds"),
            KeyHint("space", "follow"),
            KeyHint("K", "this kind", able),
            KeyHint("W", "this actor", able),
            KeyHint("B", "this project", able),
            KeyHint("ctrl+s", "save", able),
        ]

    # The server's filters.

    def set_server_filter(self, param: str, value: str) -> None:
        """Let the server filter; without a value it no longer does. Raises CommandError."""
        query = {name: old for name, old in self.location.query.items() if name != param}
        if value:
            query[param] = parse_filter(param, value, self.platform.now())
        self._narrow(query)

    def _narrow(self, query: dict[str, Any]) -> None:
        if query == self.location.query:
            return
        self._let_go()
        self._tail.stop()
        self.location.query = query
        self.source = self._tail = self._tail_of()
        self._follow_tail()
        self._tail.start()

    def action_like(self, param: str) -> None:
        """Show only entries that share this with the one under the cursor; again shows all."""
        record = self.record
        if param in self.location.query:
            self.set_server_filter(param, "")
        elif record:
            of = {
                "event_types[]": record.at("type"),
                "actor_ids[]": record.object.done_by.id,
                "project_ids[]": record.at("project.id"),
            }
            if value := of[param]:
                self.set_server_filter(param, str(value))
            else:
                self.actor.say(f"This entry has no {param.removesuffix('s[]').replace('_', ' ')}.")

    @work(group="types", exclusive=True, exit_on_error=False)
    async def action_types(self) -> None:
        """Choose the kinds of event to see, from those there are and how many of each are loaded."""
        from tui.screens.dialogs.pick import Choice, Pick

        narrowed = self.location.query.get("event_types[]", [])
        entries = self._whole().entries
        counted = Counter(str(entry.at("type") or "") for entry in entries)
        kinds = [kind for kind, _ in counted.most_common() if kind]
        kinds += [kind for kind in (*narrowed, *EVENT_TYPES) if kind not in counted]
        choices = [Choice(kind, f"{counted[kind] or '·':>5}") for kind in dict.fromkeys(kinds)]
        pick = Pick("Kinds of event", choices, narrowed, note=f"counted in {len(entries):,} loaded")
        chosen = await self.app.push_screen_wait(pick)
        if chosen is not None:
            self.set_server_filter("event_types[]", ",".join(chosen))

    def _whole(self) -> Tail:
        """Return the entries of all kinds, as far as they were loaded before they were narrowed."""
        query = {name: value for name, value in self.location.query.items() if name != "event_types[]"}
        tail = self.platform.tail(replace(self.resource, query=query), {}, lambda: True)
        return tail if tail.entries else self._tail

    @work(group="open", exclusive=True, exit_on_error=False)
    async def action_open(self) -> None:
        """Open what the entry names: the object, who did it, the key it was done with, the project."""
        if record := self.record:
            await follow_one(self, record.object.names, within=str(record.at("project.id") or ""))

    # Keys.

    def action_stamps(self) -> None:
        """Show times, ages, or neither before the entries."""
        self._log.action_stamps()

    def action_unwind(self) -> None:
        """Undo one layer: loading, the entry, the newest filter, then the place."""
        if self.stop_loading() or self.leave_detail():
            return
        if self.location.query:
            self._narrow(dict(list(self.location.query.items())[:-1]))
        else:
            super().action_unwind()

    def action_follow(self) -> None:
        """Follow the newest entry, or stop."""
        self._log.action_follow()

    def action_search(self) -> None:
        """Ask what to look for in what is loaded."""
        self.query_one(Prompt).open_search(self._log, self._log.search)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave `t` to the prompt while one types in it."""
        if action == "types" and self.query(Prompt) and self.query_one(Prompt).has_focus_within:
            return False
        return super().check_action(action, parameters)

    def context_of(self, record: Record | None) -> CellContext:  # noqa: ARG002
        """Return what the entry's cells are made with: they name who and what themselves."""
        return CellContext(self.platform.now())

    def action_full(self) -> None:
        """Show the entry in the log's place."""
        if self.record:
            self.put_detail("instead")
            self.show_soon()
            self.call_after_refresh(self.detail.focus_body)

    async def on_event_log_chosen(self) -> None:
        """Focus the entry: what it names can be followed."""
        await self.show_detail()
        self.detail.focus_body()

    def focus_home(self) -> None:
        """Focus the log."""
        self.set_focus(self._log)

    def on_line_view_moved(self, event: LineView.Moved) -> None:
        """Let the entry follow once the cursor rests."""
        if event.view is self._log:
            self.follow_cursor()

    def on_line_view_searched(self, event: LineView.Searched) -> None:
        """Say how the search stands."""
        self._found = event.words
        self.say()

    def on_event_log_older_wanted(self) -> None:
        """Load older entries."""
        self._load_older()

    @work(group="load", exit_on_error=False)
    async def action_load_all(self) -> None:
        """Load entries as far back as there is room for."""
        if self._tail.complete_back:
            self.actor.say(f"All is here: {pluralize(len(self._tail.entries), 'entry')}.")
        await self._tail.older(all=True)
        self.say()

    @work(group="load", exit_on_error=False)
    async def _load_older(self) -> None:
        await self._tail.older()
        self.say()

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Write the entries that are here to a file."""
        from tui.export import save
        from tui.screens.dialogs.ask import Ask

        name = await self.app.push_screen_wait(
            Ask("Save the entries loaded to (.jsonl, .json, .csv)", "audit.jsonl")
        )
        if name:
            self.actor.say(save(name, self.resource, list(self._tail.entries), self.platform.now()))
