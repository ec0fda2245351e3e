"""What uses an object: the batches, jobs, stores, evals and assistants that name its id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from textual import work
from textual.binding import Binding
from textual.screen import Screen

from tui.api.errors import ApiError, NotFound
from tui.resources.cells import status_cell
from tui.resources.registry import REGISTRY
from tui.screens.acting import title_of
from tui.screens.copying import copy
from tui.screens.following import follow
from tui.widgets.bars import FooterBar, TitleBar
from tui.widgets.conversation import Conversation, Entry
from tui.widgets.working import Working

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from textual.app import ComposeResult

    from tui.live.platform import Platform
    from tui.resources.base import Resource
    from tui.resources.objects import Record
    from tui.widgets.line_view import LineView

# Lists whose objects name others; with the list inside each of their objects that does, where there is one.
_HOLDERS = {
    "batches": "",
    "fine-tuning": "",
    "assistants": "",
    "models": "",
    "vector-stores": "store-files",
    "evals": "eval-runs",
}
_DEEP = 50  # objects whose inner lists are looked into


class Use(NamedTuple):
    """An object that names another, and where in it."""

    resource: Resource
    record: Record
    where: str


def where(raw: Any, id_: str, path: str = "") -> str:
    """The first path at which a value is this id, in words; "" for none."""
    if isinstance(raw, dict):
        found = (where(value, id_, f"{path} {key}") for key, value in raw.items())
    elif isinstance(raw, list):
        found = (where(value, id_, path) for value in raw)
    else:
        return path.strip().replace("_", " ") if raw == id_ else ""
    return next(filter(None, found), "")


def _naming(resource: Resource, records: Iterator[Record], id_: str) -> Iterator[Use]:
    for record in records:
        if record.id != id_ and (at := where(record.raw, id_)):
            yield Use(resource, record, at)


def known(platform: Platform, id_: str) -> list[Use]:
    """The uses that can be told without asking anybody."""
    return [
        use
        for collection in platform.loaded()
        if not collection.resource.parent
        for use in _naming(collection.resource, iter(collection.records.values()), id_)
    ]


async def uses(platform: Platform, id_: str) -> AsyncIterator[Use | str]:
    """The uses in a page of each list, and within the budget inside their objects; then what was left out."""
    left_out: list[str] = []
    for name, part in _HOLDERS.items():
        resource = REGISTRY[name]
        watch = platform.watch(resource)
        if watch.health.state != "live":
            await watch.refresh()
        collection = watch.collection
        if watch.health.error and not collection.records:
            left_out.append(name)
            continue
        for use in _naming(resource, iter(list(collection.records.values())), id_):
            yield use
        if not collection.complete:
            left_out.append(f"older {name}")
        if part and platform.find(id_) is REGISTRY["files"]:
            for record in [collection.records[each] for each in collection.order][:_DEEP]:
                if platform.scheduler.room <= 0:
                    left_out.append(f"some {part}")
                    break
                if at := await _inside(platform, resource, record, REGISTRY[part], id_):
                    yield Use(resource, record, at)
    if left_out:
        yield f"Not looked at: {', '.join(left_out)}."


async def _inside(platform: Platform, resource: Resource, record: Record, part: Resource, id_: str) -> str:
    """Where the objects inside another name an id: by that id where they go by it, else among the newest."""
    child = resource.child(part.name)
    if child is None or part.list is None or part.get is None:
        return ""
    path = platform.child_scope(resource, {}, record, child)
    client = platform.client
    try:
        if not part.prefixes:  # its objects go by the id of what they hold
            await client.call(part.get, {**path, part.get.placeholders[-1]: id_})
            return part.name.replace("-", " ")
        page = await client.page(part.list, path, query=part.query, limit=part.page)
    except NotFound:
        return ""
    items = (part.record(raw) for raw in page.items if isinstance(raw, dict))
    return next((use.where for use in _naming(part, items, id_)), "")


class UsedBy(Working, Screen[None]):
    """Lists what uses an object; each can be followed."""

    BINDINGS = [
        Binding("escape,q", "back", "back", id="uses.back"),
        Binding("r", "refresh", "look again", id="uses.refresh"),
    ]

    def __init__(self, platform: Platform, record: Record) -> None:
        super().__init__()
        self._platform, self._record = platform, record
        self._uses: dict[str, Use] = {}

    def compose(self) -> ComposeResult:
        """Title, uses, what was looked at, keys."""
        yield TitleBar()
        yield Conversation(empty="Looking…")
        yield TitleBar(id="state")
        yield FooterBar()

    def on_mount(self) -> None:
        """Show what is known, then look."""
        self.query_one(FooterBar).show_keys(
            [("enter", "go to it", True), ("r", "look again", True), ("esc", "back", True)]
        )
        self.set_focus(self.query_one(Conversation))
        for use in known(self._platform, self._record.id):
            self._uses[use.record.id] = use
        self._show()
        self.action_refresh()

    def _show(self, state: str = "Looking…") -> None:
        count = f"  {len(self._uses):,}" if self._uses else ""
        self.query_one(TitleBar).show([(" used by", "strong"), (count, "")], [(f"{self._record.id} ", "dim")])
        self.query_one(Conversation).show(map(entry, self._uses.values()), state)
        self.query_one("#state", TitleBar).show([(f" {state}", "dim")])

    @work(group="look", exclusive=True, exit_on_error=False)
    async def action_refresh(self) -> None:
        """Look for uses."""
        rest = ""
        try:
            async for found in uses(self._platform, self._record.id):
                if isinstance(found, str):
                    rest = found
                else:
                    self._uses[found.record.id] = found
                    self._show()
        except ApiError as error:
            rest = f"{error.sentence} {error.next} r looks again."
        self._show(f"{'That is all that was found.' if self._uses else 'Nothing found that names it.'} {rest}")

    def on_conversation_chosen(self, event: Conversation.Chosen) -> None:
        """Go to the object."""
        follow(self.app, event.key)

    def on_line_view_copy_requested(self, event: LineView.CopyRequested) -> None:
        """Copy a line."""
        copy(self.app, event.text)

    def action_back(self) -> None:
        """Leave."""
        self.dismiss(None)


def entry(use: Use) -> Entry:
    """A use in a line: what, how it stands, and where it names the object."""
    status = use.record.at("status")
    cell = status_cell(status) if isinstance(status, str) else None
    head = (
        (use.resource.singular, ""),
        (f"  {title_of(use.resource, use.record)}", "strong"),
        (f"  {cell.text}" if cell else "", cell.tone if cell else ""),
    )
    return Entry(use.record.id, head, ((f"{use.record.id}  {use.where}", "dim"),), space=False)


def warning(platform: Platform, id_: str) -> str:
    """What is known to use an object, as a sentence for whoever is about to delete it; "" for nothing."""
    found = known(platform, id_)
    named = ", ".join(f"{use.resource.singular} {use.record.id}" for use in found[:3])
    more = f" and {len(found) - 3:,} more" if len(found) > 3 else ""
    return f"Used by {named}{more}." if found else ""
