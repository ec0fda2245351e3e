"""The list of all that an object is used by, and of what it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.screen import Screen

from tui.api.errors import ApiError
from tui.resources.language.cells import status_cell
from tui.resources.language.resource import title_of
from tui.screens.navigation.follow import follow
from tui.toolkit.terminal.clipboard import copy
from tui.widgets.base.bars import FooterBar, HeaderBar, KeyHint, TitleBar
from tui.widgets.text.conversation import Conversation, Entry
from tui.workflows.consequences.uses import find_uses, list_known_uses, list_named

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.live.platform import Platform
    from tui.live.use import Use
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.widgets.text.line_view import LineView


class UsedBy(Screen[None]):
    """Lists what uses an object, and what it uses itself; each can be followed."""

    BINDINGS = [
        Binding("escape,q", "back", "back", id="uses.back"),
        Binding("r", "refresh", "look again", id="uses.refresh"),
    ]

    def __init__(self, platform: Platform, resource: Resource, record: Record) -> None:
        super().__init__()
        self._platform, self._resource, self._record = platform, resource, record
        self._uses: dict[str, Use] = {}

    def compose(self) -> ComposeResult:
        """Yield header, title, uses, what was looked at, keys."""
        yield HeaderBar()
        yield TitleBar()
        yield Conversation(empty="Looking…")
        yield TitleBar(id="state")
        yield FooterBar()

    def on_mount(self) -> None:
        """Show what is known, then look."""
        self.query_one(FooterBar).show_keys(
            [KeyHint("enter", "go to it"), KeyHint("r", "look again"), KeyHint(":", "go"), KeyHint("esc", "back")]
        )
        self.set_focus(self.query_one(Conversation))
        for use in list_known_uses(self._platform, self._record.id):
            self._uses[use.record.id] = use
        self._show()
        self.action_refresh()

    def _show(self, state: str = "Looking…") -> None:
        named = [use for use in list_named(self._platform, self._record) if use.record.id not in self._uses]
        counts: list[tuple[str, str]] = [(" used by", "strong"), (f"  {len(self._uses):,}", "")]
        counts += [(" · uses", "strong"), (f"  {len(named):,}", "")] if named else []
        self.query_one(TitleBar).show(counts, [(f"{self._record.id} ", "dim")])
        entries = [build_entry(use, "used by") for use in self._uses.values()]
        entries += [build_entry(use, "uses", self._platform.names.of(use.record.id)) for use in named]
        self.query_one(Conversation).show(entries, state)
        self.query_one("#state", TitleBar).show([(f" {state}", "dim")])

    @work(group="look", exclusive=True, exit_on_error=False)
    async def action_refresh(self) -> None:
        """Look for uses."""
        rest = ""
        try:
            name = str(self._record.at("filename") or "")
            async for found in find_uses(self._platform, self._resource, self._record.id, name):
                if isinstance(found, str):
                    rest = found
                else:
                    self._uses[found.record.id] = found
                    self._show()
        except ApiError as error:
            rest = f"{error.sentence} {error.hint} r looks again."
        found = "That is all that was found." if self._uses else "Nothing that uses this was found."
        self._show(f"{found} {rest}")

    def on_conversation_chosen(self, event: Conversation.Chosen) -> None:
        """Go to the object."""
        follow(self.app, event.key, self._platform.account)

    def on_line_view_copy_requested(self, event: LineView.CopyRequested) -> None:
        """Copy a line."""
        copy(self.app, event.text)

    def action_back(self) -> None:
        """Leave."""
        self.dismiss(None)


def build_entry(use: Use, how: str, name: str = "") -> Entry:
    """Return a use in a line: which way, what, how it stands, and where one names the other."""
    status = use.record.at("status")
    cell = status_cell(status) if isinstance(status, str) else None
    title = title_of(use.resource, use.record) or name
    told = (use.record.id, use.where) if title else (use.where,)  # no title: the id stands in its place
    head = (
        (f"{how:<8}", "dim"),
        (use.resource.singular, ""),
        (f"  {title or use.record.id}", "strong"),
        (f"  {cell.text}" if cell else "", cell.tone if cell else ""),
    )
    below = (("  ".join(told), "dim"),)
    return Entry(use.record.id, head, below, indent=len(f"{how:<8}"), space=False)
