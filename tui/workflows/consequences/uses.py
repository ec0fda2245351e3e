"""What uses an object: the batches, jobs, stores, evals, assistants and containers that name it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, NotFound, NotServed
from tui.api.paging import Trail
from tui.live.polling.used_by import NAME as USED_BY
from tui.live.references.naming import HOLDERS, LONGEST_ID, describe_part, describe_role, find_texts
from tui.live.use import Use
from tui.resources.files import FILES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence, Set

    from tui.live.platform import Platform
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

# Which of them may name an object of a kind.
_NAMED_BY = {"files": tuple(HOLDERS), "vector-stores": ("assistants",), "models": ("assistants", "fine-tuning")}
# Fields that hold words, which may begin as ids do: the purpose batch_output is no batch.
_WORDS = ("purpose", "filename", "name", "object", "type", "status")
_OLDER = "older "  # begins the words on what lies behind a page
_DEEP = 50  # objects whose inner lists are looked into
PATIENCE = 3.0  # seconds that somebody before a screen waits for what uses an object


@dataclass(slots=True)
class Unseen:
    """What was not looked at."""

    beyond: list[str] = field(default_factory=list)
    """What lies behind the pages that are looked at."""
    unasked: list[str] = field(default_factory=list)
    """What the budget of requests had no room for."""
    failed: list[str] = field(default_factory=list)
    """What could not be read."""
    late: list[str] = field(default_factory=list)
    """What is still to be looked at, when the time is over."""
    fault: ApiError | None = None
    """Why the first of these could not be read."""

    def fail(self, what: str, error: ApiError | None) -> None:
        """Note what could not be read, and why."""
        self.failed.append(what)
        self.fault = self.fault or error

    def __str__(self) -> str:
        """Return a sentence on it; "" for nothing."""
        left_out = ", ".join(dict.fromkeys((*self.failed, *self.late, *self.unasked, *self.beyond)))
        slow = ", as it takes too long" if self.late and not (self.failed or self.unasked or self.beyond) else ""
        return f"Not looked at{slow}: {left_out}." if left_out else ""

    @property
    def leaves_open(self) -> bool:
        """Whether something that was to be looked at may use the objects."""
        return bool(self.failed or self.late)

    @property
    def open(self) -> frozenset[str]:
        """What was to be looked at, and could not be, or not in time."""
        return frozenset((*self.failed, *self.late))


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
    return list(_find_known_uses(platform, {id_}).get(id_, {}).values())


def _find_known_uses(platform: Platform, ids: Set[str]) -> dict[str, dict[str, Use]]:
    """Return the uses that are known of each id, by the id of what uses it."""
    found = {id_: dict(platform.uses[id_]) for id_ in ids if id_ in platform.uses}
    for id_ in ids & platform.references.users.keys():
        for user in platform.references.users[id_].values():
            resource = platform.registry[user.resource]
            record = resource.record({resource.identify: user.id, "name": user.name})
            found.setdefault(id_, {}).setdefault(user.id, Use(resource, record, user.where))
    for collection in platform.loaded():
        if not collection.resource.parent:
            _gather(found, collection.resource, tuple(collection.records.values()), ids)
    return found


def _gather(
    found: dict[str, dict[str, Use]], resource: Resource, records: Iterable[Record], ids: Collection[str]
) -> None:
    """Add to `found` what the records name of `ids`."""
    for record in records:
        for id_, path in _find_mentions(_as_told(record), ids):
            if id_ != record.id:
                found.setdefault(id_, {}).setdefault(record.id, Use(resource, record, path))


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

    That is a page of each list that may name such objects, and the newest page of files of each vector store;
    before a deletion all files of all of them, unless they were read lately. Each is asked for anew, whatever is
    known of it: what was read before may be out of date.
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
        """What is not looked at is added to `unseen`. What `is_last` before a deletion does not ask the budget."""
        self._platform, self._ids, self._unseen = platform, frozenset(ids), unseen
        self._is_last = is_last
        # What goes by the id of what it holds, such as a file of a store, is named by nothing itself.
        has_own_id = bool(resource.prefixes) or not resource.parent
        self._found = _find_known_uses(platform, self._ids) if has_own_id else {}
        self._is_known = resource.name == FILES.name
        self.left = list(_NAMED_BY.get(resource.name, ()))
        """The lists that are still to be looked at."""

    async def run(self) -> None:
        """Look at one list after the other."""
        seen_before = len(self._unseen.beyond)
        while self.left:
            await _search_list(
                self._platform, self.left[0], self._ids, self._found, self._unseen, is_last=self._is_last
            )
            del self.left[0]
        if self._is_known and self._platform.references.is_fresh:  # what lies behind these pages was read before
            beyond = self._unseen.beyond
            beyond[seen_before:] = [each for each in beyond[seen_before:] if not each.startswith(_OLDER)]

    @property
    def users(self) -> dict[str, list[Use]]:
        """What uses each of the objects, as far as it looked."""
        for id_, users in self._found.items():
            self._platform.uses.setdefault(id_, {}).update(users)
        return {id_: list(users.values()) for id_, users in self._found.items() if users}


async def _search_list(
    platform: Platform,
    holder: str,
    ids: frozenset[str],
    found: dict[str, dict[str, Use]],
    unseen: Unseen,
    *,
    is_last: bool,
) -> None:
    """Search one list, and what its objects hold, for mentions of `ids`; add them to `found`."""
    resource = platform.registry[holder]
    watch = platform.watch_whole(resource)
    is_asked = is_last or platform.scheduler.room > 0
    if is_asked:
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
        unseen.beyond.append(f"{_OLDER}{holder}")
    _gather(found, resource, tuple(collection.records.values()), ids)
    part = platform.registry[HOLDERS[holder]] if HOLDERS[holder] else None
    child = resource.child(part.name) if part else None
    if part is None or child is None:
        return
    # What lies behind the first pages was read before, or is read now that it counts.
    is_deep = is_last and not platform.references.is_fresh
    if is_deep and not collection.complete:
        await watch.load_more(all=True)
    records = [collection.records[each] for each in collection.order]
    looked_into = records if is_deep else records[:_DEEP]
    for record in looked_into:
        if platform.scheduler.room <= 0 and not is_last:
            (unseen.failed if platform.scheduler.unreachable else unseen.unasked).append(f"some {part.name}")
            return
        scope = platform.child_scope(resource, {}, record, child)
        for id_ in await _search_inside(platform, part, scope, ids, unseen, is_deep=is_deep):
            found.setdefault(id_, {}).setdefault(record.id, Use(resource, record, describe_part(part)))
    if len(looked_into) < len(records):
        unseen.beyond.append(f"some {part.name}")


async def _search_inside(
    platform: Platform,
    part: Resource,
    scope: Mapping[str, str],
    ids: frozenset[str],
    unseen: Unseen,
    *,
    is_deep: bool,
) -> set[str]:
    """Return which of `ids` the objects inside another name: those of the newest page, or all where it `is_deep`.

    What is not looked at is added to `unseen`.
    """
    assert part.list
    trail, named = Trail(identify=part.identify), set[str]()
    while True:
        try:
            page = await platform.client.page(
                part.list, scope, query=part.query, after=trail.next, limit=part.page_max
            )
        except NotFound:
            return named  # it is gone, and holds nothing
        except ApiError as error:
            unseen.fail(f"some {part.name}", error)
            return named
        taken = trail.take(page)
        if page.is_odd or (is_deep and taken.cut):
            unseen.failed.append(f"some {part.name}")
        for item in page.items:
            if isinstance(item, dict):
                named.update(id_ for id_, _ in _find_mentions(part.record(item).raw, ids))
        if not is_deep and page.has_more:
            unseen.beyond.append(f"{_OLDER}{part.name}")
        if not is_deep or taken.next is None:
            return named


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
            for record in [collection.records[each] for each in collection.order][:_DEEP]:
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
