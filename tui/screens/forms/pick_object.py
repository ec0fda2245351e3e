"""The choice of objects by their names, where a form asks for ids, or of values that objects have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from tui.resources.language.column import CellContext, value_of
from tui.resources.language.resource import title_of
from tui.screens.dialogs.pick import Choice, Pick

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui.live.platform import Platform
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_FEW = 6  # that fit what is typed: then more are loaded
_MOST_LOADED = 2_000  # objects; beyond them an id is typed
_TAIL = 6  # characters of an id that tell it from others
_TOLD = {"SIZE": 9, "AGE": 5}  # columns of a resource that tell its objects apart, and their cells


class PickObject(Pick):
    """Lists the objects of a scope: those known at once, then those that the server has.

    Where several can be chosen, enter adds the one under the cursor to those before, unless some were ticked.
    """

    def __init__(
        self,
        platform: Platform,
        resource: Resource,
        scope: Mapping[str, str],
        purpose: str = "",
        *,
        before: Iterable[str] | None = None,
        wanted: str = "",
    ) -> None:
        """Files of the `purpose` come first. `before` are those chosen already, where there can be several."""
        self._before = None if before is None else list(before)
        super().__init__(f"Choose from {resource.name}", (), self._before, wanted=wanted)
        self._platform, self._resource = platform, resource
        self._purpose = purpose
        self._watch = platform.watch_whole(resource, {name: scope.get(name, "") for name in resource.within})

    def begin(self) -> None:
        """Offer the objects known, and load the others."""
        self._tell()
        self._load()

    @work(exclusive=True, exit_on_error=False)
    async def _load(self) -> None:
        await self._watch.refresh()
        self._tell()
        self.narrowed()

    def narrowed(self) -> None:
        """Load more when few fit what is typed and the server has more."""
        collection = self._watch.collection
        if len(self._shown) < _FEW and not collection.complete and len(collection.records) < _MOST_LOADED:
            self._load_more()

    @work(exclusive=True, group="more", exit_on_error=False)
    async def _load_more(self) -> None:
        before = len(self._watch.collection.records)
        await self._watch.load_more()
        self._tell()
        if len(self._watch.collection.records) > before:
            self.narrowed()

    def list_chosen(self) -> list[str] | None:
        """Return what is chosen now: what was ticked, else those before and the one under the cursor."""
        if self._before is None or self._ticked is None:
            return super().list_chosen()
        if self._ticked != set(self._before):
            listed = [choice.value for choice in self._choices if choice.value not in self._before]
            return [value for value in (*self._before, *listed) if value in self._ticked]
        at = self._at
        return None if at is None else list(dict.fromkeys((*self._before, self._shown[at].value)))

    def choices(self) -> list[Choice]:
        """Return what there is to choose from, as far as it is loaded."""
        records = list(self._watch.collection.records.values())
        if self._purpose:  # a stable sort: those that fit come first, each part in the list's own order
            records.sort(key=lambda each: each.at("purpose") != self._purpose)
        return list(map(self._choice, records))

    def _tell(self) -> None:
        collection, health = self._watch.collection, self._watch.health
        choices = self.choices()
        if health.error:
            self.offer(choices, f"{health.error}", "bad")
        elif health.state == "loading":
            self.offer(choices, "Loading…")
        elif not choices:
            self.offer(choices, self._resource.empty_sentence, "warn")
        else:
            more = "" if collection.complete else "+; what is not found can be given by its id"
            self.offer(choices, f"{len(choices):,} {self._resource.name}{more}")

    def _choice(self, record: Record) -> Choice:
        """Return an object as a choice: its name, the end of its id, its size and age."""
        resource, context = self._resource, CellContext(self._platform.now())
        found_by = [str(value_of(column.value, record, context)) for column in resource.columns if column.value]
        return Choice(
            record.id,
            tell_apart(resource, record, context),
            name_of(resource, record, context),
            " ".join((record.id, *found_by)),
        )


class PickValue(PickObject):
    """Lists the values that the objects of a scope have at a path."""

    def __init__(
        self,
        platform: Platform,
        resource: Resource,
        scope: Mapping[str, str],
        path: str,
        *,
        before: Iterable[str] | None = None,
        wanted: str = "",
    ) -> None:
        super().__init__(platform, resource, scope, before=before, wanted=wanted)
        self._path = path

    def choices(self) -> list[Choice]:
        """Return the values that some object has, and those chosen before."""
        found = dict.fromkeys(self._before or (), "")
        for record in self._watch.collection.records.values():
            value = record.at(self._path)
            values = value if isinstance(value, list) else [value]
            found |= dict.fromkeys((str(each) for each in values if each is not None), "")
        return [Choice(value) for value in sorted(found)]


def name_of(resource: Resource, record: Record, context: CellContext) -> str:
    """Return what people call an object, else what the column that says most has of it, else its id."""
    grown = next((column for column in resource.columns if column.grow), None)
    return title_of(resource, record) or (grown.cell(record, context).text if grown else "") or record.id


def tell_apart(resource: Resource, record: Record, context: CellContext) -> str:
    """Return what tells objects of a name apart: size, age, and the end of the id."""
    cells = {each.header: each.cell(record, context).text for each in resource.columns if each.header in _TOLD}
    told = [f"{cells[name]:>{width}}" for name, width in _TOLD.items() if name in cells]
    if len(record.id) > _TAIL and name_of(resource, record, context) != record.id:
        told.append(f"…{record.id[-_TAIL:]}")
    return "  ".join(told)
