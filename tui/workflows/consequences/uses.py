"""What uses an object: the batches, jobs, stores, evals, assistants and containers that name it."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, LinkError, NotFound, NotServed
from tui.live.patience import insist
from tui.live.polling.used_by import NAME as USED_BY
from tui.live.references.naming import HOLDERS, LONGEST_ID, describe_part, describe_role, find_texts
from tui.live.use import Use
from tui.resources.files import FILES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence, Set

    from tui.live.platform import Platform
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.workflows.consequences.unseen import Unseen

# Which of them may name an object of a kind.
_NAMED_BY = {"files": tuple(HOLDERS), "vector-stores": ("assistants",), "models": ("assistants", "fine-tuning")}
# Fields that hold words, which may begin as ids do: the purpose batch_output is no batch.
_WORDS = ("purpose", "filename", "name", "object", "type", "status")
_ALL = "what uses files"
_TRIES = 2  # times that a page is asked for before its list is left out
_SOME = 500  # objects that are looked up in memory before keys have their turn
_DEEP = 50  # objects whose inner lists are looked into
PATIENCE = 3.0  # seconds that somebody before a screen waits for what uses an object


def find_path(raw: Any, id_: str) -> str:
    """Return as what the first value is named that is this id; "" for none."""
    return next((describe_role(path) for text, path in find_texts(raw) if text == id_), "")


def _as_told(record: Record) -> dict[str, Any]:
    """Return an object as the platform told it: what uses it was added here, and is named by it in no way."""
    return {key: value for key, value in record.raw.items() if key != USED_BY}


def _find_naming(resource: Resource, records: Iterator[Record], id_: str) -> Iterator[Use]:
    for record in records:
        if record.id != id_ and (at := find_path(_as_told(record), id_)):
            yield Use(resource, record, at)


def list_known_uses(platform: Platform, id_: str) -> list[Use]:
    """Return the uses that are known without a request: found before, or in the lists in memory."""
    found = _find_noted_uses(platform, {id_})
    for resource, records in _list_naming(platform):
        _gather(found, resource, records, {id_})
    return list(found.get(id_, {}).values())


def _list_naming(platform: Platform) -> list[tuple[Resource, Sequence[Record]]]:
    """Return the objects in memory that may name others; a file names none, and there may be very many."""
    lists = (each for each in platform.loaded() if not each.resource.parent and each.resource.name != FILES.name)
    return [(each.resource, tuple(each.records.values())) for each in lists]


def _find_noted_uses(platform: Platform, ids: Set[str]) -> dict[str, dict[str, Use]]:
    """Return the uses of each id that were found before, by the id of what uses it."""
    found = {id_: dict(platform.uses[id_]) for id_ in ids if id_ in platform.uses}
    for id_ in ids & platform.references.users.keys():
        for user in platform.references.users[id_].values():
            resource = platform.registry[user.resource]
            record = resource.record({resource.identify: user.id, "name": user.name})
            found.setdefault(id_, {}).setdefault(user.id, Use(resource, record, user.where))
    return found


def _gather(
    found: dict[str, dict[str, Use]], resource: Resource, records: Iterable[Record], ids: Collection[str]
) -> None:
    """Add to `found` what the records name of `ids`."""
    for record in records:
        for id_, path in _find_mentions(_as_told(record), ids):
            if id_ != record.id:
                found.setdefault(id_, {}).setdefault(record.id, Use(resource, record, path))


def _gather_all(
    lists: Iterable[tuple[Resource, Sequence[Record]]], ids: Collection[str]
) -> dict[str, dict[str, Use]]:
    """Return the uses of each id that objects in memory name; any thread may call it."""
    found: dict[str, dict[str, Use]] = {}
    for resource, records in lists:
        _gather(found, resource, records, ids)
    return found


def _find_mentions(raw: Any, ids: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each of `ids` that a value is, and as what."""
    return ((text, describe_role(path)) for text, path in find_texts(raw) if text in ids)


def list_named(platform: Platform, record: Record) -> list[Use]:
    """Return the objects that an object names, and where; what is not in memory is known by its id alone."""
    lists = [collection.records for collection in platform.loaded()]
    named: dict[str, Use] = {}
    for id_, path in _find_ids(_as_told(record)):
        resource = platform.find(id_)
        if resource and resource.get and id_ not in (*named, record.id):
            known = next((records[id_] for records in lists if id_ in records), None)
            named[id_] = Use(resource, known or resource.record({resource.identify: id_}), path)
    return list(named.values())


def _find_ids(raw: Any) -> Iterator[tuple[str, str]]:
    """Yield each text in a value that could be an id, and as what it is named."""
    for text, path in find_texts(raw):
        is_word = path.rpartition(" ")[2] in _WORDS
        if not is_word and len(text) <= LONGEST_ID and text.isprintable() and " " not in text:
            yield text, describe_role(path)


class UseSearch:
    """Looks for what uses objects: in memory, and on the platform as far as the budget goes.

    That is a page of each list that may name such objects, and the newest page of files of each vector store.
    Before a deletion of files all lists are read that may name them, to their ends, unless they were read lately.
    First pages are asked for anew, whatever is known: what was read before may be out of date.
    """

    def __init__(
        self,
        platform: Platform,
        resource: Resource,
        ids: Collection[str],
        unseen: Unseen,
        *,
        is_last: bool = False,
    ) -> None:
        """What is not looked at is added to `unseen`. What `is_last` before a deletion looks to the end."""
        self._platform, self._ids, self._unseen = platform, frozenset(ids), unseen
        self._is_last = is_last
        # What goes by the id of what it holds, such as a file of a store, is named by nothing itself.
        self._has_own_id = bool(resource.prefixes) or not resource.parent
        self._found: dict[str, dict[str, Use]] = {}
        self._is_known = resource.name == FILES.name
        # What is known of files, and is not read now, is read before they go.
        self._behind = unseen.later if self._is_known else unseen.beyond
        self.left = list(_NAMED_BY.get(resource.name, ()))
        """The lists that are still to be looked at."""

    async def run(self) -> None:
        """Look at one list after the other; where the server is not reached, at no more."""
        if self._is_last and self._is_known:
            await self._read_references()
        if self._has_own_id:
            lists = _list_naming(self._platform)
            self._add(await asyncio.to_thread(_gather_all, lists, self._ids))
            ids = iter(self._ids)
            while some := set(islice(ids, _SOME)):
                self._add(_find_noted_uses(self._platform, some))
                await asyncio.sleep(0)
        while self.left:
            await self._search_list(self.left[0])
            del self.left[0]
            if isinstance(self._unseen.fault, LinkError):
                self._unseen.failed += self.left
                self.left.clear()
        if self._is_known and (self._is_last or self._platform.references.is_fresh):
            self._unseen.later.clear()  # it was read, or could not be

    async def _read_references(self) -> None:
        """Read on, page by page, which objects name files, unless that was done lately."""
        platform, references = self._platform, self._platform.references
        left_out: dict[str, ApiError] = {}
        while references.is_due:
            async with platform.scheduler.turn():
                try:
                    await insist(references.step, tries=_TRIES)
                except LinkError as error:
                    self._unseen.fail(_ALL, error)
                    self.left.clear()
                    return
                except ApiError as error:
                    references.leave_out(error)
                    left_out[error.sentence] = error
        for name, why in references.missing.items():
            self._unseen.fail(name, left_out.get(why) or ApiError(why))

    def _add(self, found: Mapping[str, Mapping[str, Use]]) -> None:
        for id_, users in found.items():
            self._found.setdefault(id_, {}).update(users)

    @property
    def users(self) -> dict[str, list[Use]]:
        """What uses each of the objects, as far as it looked."""
        for id_, users in self._found.items():
            self._platform.uses.setdefault(id_, {}).update(users)
        return {id_: list(users.values()) for id_, users in self._found.items() if users}

    async def _search_list(self, holder: str) -> None:
        """Search the first page of a list, and of what its newest objects hold."""
        platform, unseen = self._platform, self._unseen
        resource = platform.registry[holder]
        watch = platform.watch_whole(resource)
        is_asked = self._is_last or self._has_room
        if is_asked:
            async with platform.scheduler.turn():
                await watch.refresh()
        collection, health = watch.collection, watch.health
        if isinstance(health.error, NotServed):
            return  # what a server does not have uses nothing there
        if health.error or platform.scheduler.unreachable:
            unseen.fail(holder, health.error or platform.health.error)
        elif not is_asked:
            unseen.unasked.append(f"the newest {holder}" if health.since else holder)
        elif collection.unreadable:
            unseen.failed.append(f"some {holder}")
        elif not collection.complete:
            self._behind.append(f"older {holder}")
        records = [collection.records[each] for each in collection.order]
        _gather(self._found, resource, records, self._ids)
        part = platform.registry[HOLDERS[holder]] if HOLDERS[holder] else None
        child = resource.child(part.name) if part else None
        if part is None or child is None:
            return
        holding = [record for record in records if not child.is_over(record)]
        for record in holding[:_DEEP]:
            if not (self._is_last or self._has_room):
                (unseen.failed if platform.scheduler.unreachable else unseen.unasked).append(f"some {part.name}")
                return
            scope = platform.child_scope(resource, {}, record, child)
            async with platform.scheduler.turn():
                named = await self._search_inside(part, scope)
            for id_ in named:
                use = Use(resource, record, describe_part(part))
                self._found.setdefault(id_, {}).setdefault(record.id, use)
        if len(holding) > _DEEP:
            self._behind.append(f"some {part.name}")

    @property
    def _has_room(self) -> bool:
        """Whether the budget has room for a request that may as well be made later."""
        return self._platform.scheduler.room > 0 and not self._platform.scheduler.is_crowded

    async def _search_inside(self, part: Resource, scope: Mapping[str, str]) -> set[str]:
        """Return which of the ids the newest objects inside another name."""
        assert part.list
        try:
            page = await self._platform.client.page(part.list, scope, query=part.query, limit=part.page_max)
        except NotFound:
            return set()  # it is gone, and holds nothing
        except ApiError as error:
            self._unseen.fail(f"some {part.name}", error)
            return set()
        if page.is_odd:
            self._unseen.failed.append(f"some {part.name}")
        if page.has_more:
            self._behind.append(f"older {part.name}")
        items = [part.record(item).raw for item in page.items if isinstance(item, dict)]
        return {id_ for item in items for id_, _ in _find_mentions(item, self._ids)}


async def find_uses(platform: Platform, kind: Resource, id_: str, name: str = "") -> AsyncIterator[Use | str]:
    """Yield the uses in a page of each list and, within the budget, inside their objects; then what was left out.

    `kind` is what the id is of. `name` is the file's, by which copies of it are known.
    """
    left_out: list[str] = []
    fault: ApiError | None = None
    is_file = kind.name == FILES.name
    is_known = is_file and platform.references.is_fresh
    for holder, part in HOLDERS.items():
        resource = platform.registry[holder]
        watch = platform.watch_whole(resource)
        if watch.health.state != "live":
            await watch.refresh()
        collection = watch.collection
        if (error := watch.health.error) and not isinstance(error, NotServed):
            left_out.append(holder)
            fault = fault or error
        for use in _find_naming(resource, iter(list(collection.records.values())), id_):
            platform.uses.setdefault(id_, {})[use.record.id] = use
            yield use
        if not (error or collection.complete or is_known):
            left_out.append(f"older {holder}")
        if part and is_file:
            records = [collection.records[each] for each in collection.order]
            child = resource.child(part)
            for record in [each for each in records if not (child and child.is_over(each))][:_DEEP]:
                if platform.scheduler.room <= 0:
                    left_out += [] if is_known else [f"some {part}"]
                    break
                if at := await _find_inside(platform, resource, record, platform.registry[part], id_, name):
                    use = Use(resource, record, at)
                    platform.uses.setdefault(id_, {})[record.id] = use
                    yield use
    if left_out:
        why = f": {fault.sentence}" if fault else "."
        yield f"Not looked at: {', '.join(left_out)}{why}"


async def _find_inside(
    platform: Platform, resource: Resource, record: Record, part: Resource, id_: str, name: str
) -> str:
    """Return where the objects inside another name an id: read by that id where they have it, else the newest."""
    child = resource.child(part.name)
    if child is None or part.list is None or part.get is None:
        return ""
    path = platform.child_scope(resource, {}, record, child)
    client = platform.client
    try:
        if not part.prefixes:  # its objects go by the id of what they hold
            await client.call(part.get, {**path, part.get.placeholders[-1]: id_})
            return describe_part(part)
        page = await client.page(part.list, path, query=part.query, limit=part.page)
    except NotFound:
        return ""
    items = [part.record(raw) for raw in page.items if isinstance(raw, dict)]
    if next(_find_naming(part, iter(items), id_), None):
        return describe_part(part)
    # A container holds copies under ids of their own; only their path tells what they are of.
    paths = (str(item.at("path") or "") for item in items) if name else ()
    return next(
        (f"as a file of this name, {path}" for path in paths if path.endswith((f"/{name}", f"-{name}"))), ""
    )


def describe_uses(users: Sequence[Use]) -> str:
    """Return a sentence on what uses an object, for whoever is about to delete it; "" for nothing."""
    named = ", ".join(f"{use.resource.singular} {use.record.id}" for use in users[:3])
    more = f" and {len(users) - 3:,} more" if len(users) > 3 else ""
    return f"Used by {named}{more}." if users else ""
