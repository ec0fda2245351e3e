"""The choice of an object by its name, where a form asks for its id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import work

from tui.resources.language.column import CellContext, value_of
from tui.resources.language.resource import title_of
from tui.screens.dialogs.pick import Choice, Pick

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.live.platform import Platform
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource


class PickObject(Pick):
    """Lists the objects of a scope: those known at once, then those that the server has."""

    def __init__(
        self, platform: Platform, resource: Resource, scope: Mapping[str, str], purpose: str = ""
    ) -> None:
        """Files of the `purpose` that is asked for come first."""
        super().__init__(f"Choose from {resource.name}", ())
        self._platform, self._resource = platform, resource
        self._purpose = purpose
        self._watch = platform.watch(resource, {name: scope.get(name, "") for name in resource.within})

    def begin(self) -> None:
        """Offer the objects known, and load the others."""
        self._tell()
        self._load()

    @work(exclusive=True, exit_on_error=False)
    async def _load(self) -> None:
        await self._watch.refresh()
        self._tell()

    def _tell(self) -> None:
        collection, health = self._watch.collection, self._watch.health
        # A stable sort: those that fit come first, each part in the list's own order.
        records = sorted(collection.records.values(), key=lambda each: each.at("purpose") != self._purpose)
        choices = [self._choice(record) for record in (records if self._purpose else collection.records.values())]
        if health.error:
            self.offer(choices, f"{health.error}", "bad")
        elif health.state == "loading":
            self.offer(choices, "Loading…")
        elif not choices:
            self.offer(choices, self._resource.empty_sentence, "warn")
        else:
            rest = "" if collection.complete else "; the server has more, which can be given by id"
            self.offer(choices, f"{len(choices):,} {self._resource.name}{rest}")

    def _choice(self, record: Record) -> Choice:
        """Return an object as a choice, by its name or by the column that says most."""
        columns = self._resource.columns
        grown = next((column for column in columns if column.grow), None)
        name = title_of(self._resource, record)
        context = CellContext(self._platform.now())
        if not name and grown:
            name = grown.cell(record, context).text
        told = " ".join(str(value_of(column.value, record, context)) for column in columns if column.value)
        return Choice(record.id, record.id, name or record.id, told)
