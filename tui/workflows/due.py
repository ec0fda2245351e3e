"""Gathers what ends from the live lists, with who used it in the last days."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tui.api.errors import NotServed
from tui.api.operation import Key
from tui.live.lists.collection import Collection
from tui.live.polling.filled import Filled
from tui.live.polling.poller import Health, Poller, find_worst
from tui.live.shortfall import describe_absent, group_alike, join_words
from tui.live.totals import find_last_days, read_totals
from tui.resources.due import DUE, ROTATED, USED_DAYS
from tui.resources.index import ENDING
from tui.resources.language.column import value_of
from tui.resources.language.reading.amounts import Amount, sum_amounts
from tui.resources.language.resource import Resource, title_of
from tui.resources.models import names_model
from tui.resources.registry import pick
from tui.resources.usage import KINDS
from tui.workflows.labels import fetch_names, find_loaded_names
from tui.workflows.rotation import find_rotations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tui.api.credentials.connection import Connection
    from tui.live.lists.collection import Delta
    from tui.live.platform import Platform
    from tui.live.polling.watch import Watch
    from tui.live.tasks.tasks import Task
    from tui.resources.language.objects import Record

PACE = (900.0, 1_800.0)  # seconds between looks at usage: it is of whole days
_NAMED = 3  # lists that are waited for and named
FORGOTTEN = 7 * 86_400.0  # seconds after its end that something is still shown

Names = dict[str, str]  # by id, what people call a project or a key
Uses = dict[str, list[dict[str, Any]]]  # by model, its uses as `Use` has them


def list_resources_with_ends(registry: Mapping[str, Resource], connection: Connection) -> list[Resource]:
    """Return the lists whose objects may end, as far as the keys allow to read them."""
    return [
        resource
        for resource in pick(registry, ENDING)
        if resource.stops and not (connection.needs_key(resource.key) and connection.key(resource.key) is None)
    ]


async def read_uses(platform: Platform, names: Names) -> Uses:
    """Return who called which model in the last days: a use for each project and key. Raises ApiError.

    `names` grows by the names of the projects and keys that it does not hold yet; what no loaded list has is read.
    """
    client, now = platform.client, platform.now()
    found: dict[str, dict[tuple[str | None, str | None], list[Amount]]] = {}
    for kind in KINDS.values():
        at = next((at for at, each in enumerate(kind.measures) if each.path == "num_model_requests"), None)
        if at is None or "model" not in kind.dimensions:
            continue
        totals = await read_totals(
            client, kind, ("model", "project_id", "api_key_id"), *find_last_days(USED_DAYS, now)
        )
        for (model, project, key), figures in totals.items():
            if model:
                found.setdefault(model, {}).setdefault((project, key), []).append(figures[at])
    pairs = {pair for uses in found.values() for pair in uses}
    for at, dimension in enumerate(("project_id", "api_key_id")):
        names |= find_loaded_names(platform, dimension)
        nameless = {pair[0] for pair in pairs if pair[at] and pair[at] not in names}
        if not nameless:
            continue
        async for named in fetch_names(client, dimension, sorted(filter(None, nameless))):
            names |= named
    return {
        model: [
            {
                "project_id": project,
                "project": names.get(project or ""),
                "api_key_id": key,
                "key": names.get(key or ""),
                "requests": _read_whole(sum_amounts(amounts)),
            }
            for (project, key), amounts in uses.items()
        ]
        for model, uses in found.items()
    }


def _read_whole(amount: Amount) -> Amount | int:
    """Return an amount of which nothing is missing as a whole number."""
    return amount if amount.unread else int(amount)


class UseReport(Poller):
    """Keeps fresh who uses which model; `uses` is None before the first answer."""

    priority = 2

    def __init__(self, platform: Platform, on_change: Callable[[], None]) -> None:
        super().__init__(platform.scheduler)
        self.uses: Uses | None = None
        self._platform, self._on_change = platform, on_change
        self._names: Names = {}

    async def _round(self) -> bool:
        uses = await read_uses(self._platform, self._names)
        changed, self.uses = uses != self.uses, uses
        if changed:
            self._on_change()
        return changed

    def _pace(self) -> tuple[float, float]:
        return PACE


class DueWatch(Filled):
    """Holds what ends. While somebody looks, the lists it is gathered from are kept fresh, and who uses what."""

    def __init__(self, platform: Platform) -> None:
        super().__init__(platform.client, Collection(DUE), platform.scheduler)
        self._platform = platform
        self.watches = [
            platform.watch(resource)
            for resource in list_resources_with_ends(platform.registry, platform.client.connection)
        ]
        admin = platform.client.connection.key(Key.ADMIN) is not None
        self._report = UseReport(platform, self._fill) if admin else None
        self._rows: dict[str, dict[str, dict[str, Any]]] = {}  # by list, by id
        self._loading: asyncio.Future[None] | None = None
        self._rotations: list[dict[str, Any]] = []  # keys that others have taken the place of
        for watch in self.watches:
            watch.subscribe(self._listener(watch), lambda _: self._note_health())
            self._take(watch, watch.collection.records)
        platform.tasks.subscribe(self._note_tasks)
        if self._report:
            self._report.listen(lambda _: self._note_uses())
        self._fill()

    @property
    def parts(self) -> list[Poller]:
        """What is asked for."""
        return [*self.watches, *([self._report] if self._report else [])]

    @property
    def progress(self) -> str:
        """How much was read of the lists that are long, and which have not answered yet."""
        reading = [watch.collection for watch in self.watches if watch.loading_more and watch.collection.next]
        told = [f"{len(each.records):,} {each.resource.name} read" for each in reading]
        waiting = [watch.collection.resource.name for watch in self.watches if _is_silent(watch)]
        names = ", ".join(waiting) if len(waiting) <= _NAMED else f"{len(waiting)} lists"
        return ", ".join([*told, *([f"waiting for {names}"] if waiting else [])])

    @property
    def unread(self) -> str:
        """Which lists could not be read, or not to their end, and why."""
        faults = {each.collection.resource.name: error for each in self.watches if (error := each.health.error)}
        absent = [name for name, error in faults.items() if isinstance(error, NotServed)]
        there = {name: error for name, error in faults.items() if name not in absent}
        found = [f"no {join_words(names)} ({error.sentence.rstrip('.')})" for names, error in group_alike(there)]
        for watch in self.watches:
            name, known = watch.collection.resource.name, len(watch.collection.records)
            if name in faults:
                continue
            if watch.health.since and not watch.collection.complete and not (watch.progress or watch.loading_more):
                found.append(f"of {name} only the first {known:,}")
            elif watch.unread:
                found.append(f"{name}: {watch.unread}")
        if self._report is None:
            found.append("who uses it needs an admin key (OPENAI_ADMIN_KEY)")
        elif isinstance(error := self._report.health.error, NotServed):
            absent.append("usage")
        elif error:
            found.append(f"who uses it is not known ({error.sentence.rstrip('.')})")
        told = [describe_absent(absent)] if absent else []
        return " ".join([*told, *([f"Not all was read: {'; '.join(found)}."] if found else [])])

    def start(self) -> None:
        """Keep everything fresh from now on."""
        self._viewers += 1
        for watch in self.watches:
            watch.set_query({})  # all of it, whatever it was filtered by where it was shown last
        for part in self.parts:
            part.start()
        self._loading = asyncio.ensure_future(self.load_more(all=True))  # no longer than somebody looks

    def stop(self) -> None:
        """Undo one `start`."""
        self._viewers = max(0, self._viewers - 1)
        for part in self.parts:
            part.stop()

    async def refresh(self) -> None:
        """Ask for everything anew; it comes when it comes."""
        for part in self.parts:
            part.outdate()

    async def load_more(self, all: bool = False) -> None:  # noqa: A002, ARG002
        """Read the lists that are not whole to their end; `all` or not."""
        await asyncio.gather(*(watch.load_more(all=True) for watch in self.watches))

    def _listener(self, watch: Watch) -> Callable[[Delta], None]:
        def hear(delta: Delta) -> None:
            records, rows = watch.collection.records, self._rows.get(watch.collection.resource.name, {})
            gone = [rows.pop(id_, None) for id_ in delta.removed]
            came = {id_: records[id_] for id_ in (*delta.added, *delta.changed) if id_ in records}
            if self._take(watch, came) or any(gone):
                self._fill()

        return hear

    def _take(self, watch: Watch, records: Mapping[str, Record]) -> bool:
        """Note when objects of a list end. Return whether that was news."""
        resource = watch.collection.resource
        rows, changed = self._rows.setdefault(resource.name, {}), False
        for id_, record in records.items():
            row = _row_of(resource, record)
            if row != rows.get(id_):
                changed = True
                if row:
                    rows[id_] = row
                else:
                    del rows[id_]
        return changed

    def _fill(self) -> None:
        """Hold all that ends, with who uses it."""
        now, uses = self.now, self._report.uses if self._report else None
        rows = [row for each in self._rows.values() for row in each.values()]
        families = pick(self._platform.registry, ENDING)
        rows += _ending_families(each for each in families if not self._platform.describe_absence(each))
        shown = [_with_uses(row, uses) for row in rows if row["ends_at"] > now - FORGOTTEN]
        self._rotations = _list_rotations(self._platform.tasks.all)
        self.fill([*shown, *self._rotations])

    def _note_tasks(self) -> None:
        if self._rotations != _list_rotations(self._platform.tasks.all):
            self._fill()

    def _note_uses(self) -> None:
        report = self._report
        is_read = report is not None and report.visible and report.uses is None and not report.health.error
        self.collection.note_reading("used_by", is_read=is_read)
        self._announce()

    def _judge(self) -> Health:
        """Return the health as it is now: that of the lists where none of them answers."""
        lists = [watch.health for watch in self.watches]
        return find_worst(lists) if lists and all(each.error for each in lists) else super()._judge()

    def _note_health(self) -> None:
        self._publish()
        self._announce()


def _is_silent(watch: Watch) -> bool:
    return not watch.health.since and not watch.health.error


def _row_of(resource: Resource, record: Record) -> dict[str, Any] | None:
    """Return when an object ends, as `End` has it; None for one that does not."""
    ends = value_of(resource.stops, record)
    if ends is None:
        return None
    name = title_of(resource, record) or record.id
    return {
        "id": f"{resource.name}/{record.id}",
        "kind": resource.singular,
        "resource": resource.name,
        "object_id": record.id,
        "name": name,
        "ends_at": ends,
    }


def _list_rotations(tasks: Iterable[Task]) -> list[dict[str, Any]]:
    """Return the old keys that wait to be deleted: each ends once it was unused for long enough."""
    return [
        {
            "id": f"rotation/{each.id}",
            "kind": ROTATED,
            "resource": each.step.resource.name,
            "object_id": each.step.record.id,
            "name": each.what,
            "ends_at": each.due_at,
        }
        for each in find_rotations(tasks)
    ]


def _ending_families(resources: Iterable[Resource]) -> list[dict[str, Any]]:
    """Return the families that the platform ends; their last day is a whole one."""
    return [
        {
            "id": f"family/{resource.name}",
            "kind": "family",
            "resource": resource.name,
            "object_id": None,
            "name": f"all {resource.name} (announced)",
            "ends_at": datetime.fromisoformat(f"{resource.ends}T23:59:59+00:00").timestamp(),
        }
        for resource in resources
        if resource.ends and not resource.parent
    ]


def _with_uses(row: dict[str, Any], uses: Uses | None) -> dict[str, Any]:
    """Return a row with who used it; of what is no model nothing is known."""
    if row["resource"] != "models" or uses is None:
        return row
    used = [use for model, found in uses.items() if names_model(row["object_id"], model) for use in found]
    return {**row, "used_by": used, "requests": _read_whole(sum_amounts(Amount(use["requests"]) for use in used))}
