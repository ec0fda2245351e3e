"""What uses an object: the batches, jobs, stores, evals, assistants and containers that name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tui.api.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tui.live.platform import Platform
    from tui.resources.base import Resource
    from tui.resources.objects import Record

# Lists whose objects name others; with the list inside each of their objects that does, where there is one.
_HOLDERS = {
    "batches": "",
    "fine-tuning": "",
    "assistants": "",
    "models": "",
    "vector-stores": "store-files",
    "evals": "eval-runs",
    "containers": "container-files",
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


async def uses(platform: Platform, id_: str, name: str = "") -> AsyncIterator[Use | str]:
    """The uses in a page of each list, and within the budget inside their objects; then what was left out.

    `name` is the file's, by which copies of it are known.
    """
    left_out: list[str] = []
    for holder, part in _HOLDERS.items():
        resource = platform.registry[holder]
        watch = platform.watch(resource)
        if watch.health.state != "live":
            await watch.refresh()
        collection = watch.collection
        if watch.health.error and not collection.records:
            left_out.append(holder)
            continue
        for use in _naming(resource, iter(list(collection.records.values())), id_):
            yield use
        if not collection.complete:
            left_out.append(f"older {holder}")
        if part and platform.find(id_) is platform.registry["files"]:
            for record in [collection.records[each] for each in collection.order][:_DEEP]:
                if platform.scheduler.room <= 0:
                    left_out.append(f"some {part}")
                    break
                if at := await _inside(platform, resource, record, platform.registry[part], id_, name):
                    yield Use(resource, record, at)
    if left_out:
        yield f"Not looked at: {', '.join(left_out)}."


async def _inside(
    platform: Platform, resource: Resource, record: Record, part: Resource, id_: str, name: str
) -> str:
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
    items = [part.record(raw) for raw in page.items if isinstance(raw, dict)]
    if found := next((use.where for use in _naming(part, iter(items), id_)), ""):
        return found
    # A container holds copies under ids of their own; only their path tells what they are of.
    paths = (str(item.at("path") or "") for item in items) if name else ()
    return next((f"a file of this name, {path}" for path in paths if path.endswith((f"/{name}", f"-{name}"))), "")
