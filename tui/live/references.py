"""References: which objects name which files, read from every list whose objects do."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.api.errors import ApiError, BadAnswer, BadRequest, NotFound, NotServed
from tui.api.paging import Trail
from tui.live.patience import insist
from tui.live.shortfall import CLOSED
from tui.resources.files import FILES
from tui.resources.language.resource import title_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tui.api.client import Client
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Child, Resource
    from tui.system.state_file import StateFile

    ScopeOf = Callable[[Resource, Mapping[str, str], Record, Child], dict[str, str]]

HOLDERS = {
    "batches": "",
    "fine-tuning": "",
    "assistants": "",
    "models": "",
    "vector-stores": "store-files",
    "evals": "eval-runs",
    "containers": "container-files",
}
"""Lists whose objects name others; with the list inside each of their objects that does, where there is one."""
_NAMED = {"batches": "input_file_id", "fine-tuning": "training_file", "eval-runs": "data_source"}
"""The field of each object of a list that names a file, where all have one."""
_FILE_FIELD = re.compile(r"[ _]files?(_ids?)?$")  # such as input_file_id, training_file and result_files
LONGEST_ID = 200  # characters of a text that may be an id
_LABEL = 64  # characters of a field of metadata, and of its value, that are kept
GOOD_FOR = 1_800.0  # seconds until they are read anew


class Reference(NamedTuple):
    """An object that names a file: its resource and id, what people call it, and where in it."""

    resource: str
    id: str
    name: str
    where: str
    labels: str = ""
    """Its metadata, a line for each field: `run=nightly`."""


Users = dict[str, dict[str, Reference]]
"""By a file's id what names it, by that one's id."""


class _Place(NamedTuple):
    """A list to be read. What its objects name is named by `holder`, the object it is in, if there is one."""

    resource: Resource
    scope: Mapping[str, str]
    trail: Trail
    holder: Reference | None = None


class ReferenceWalk:
    """One walk through all lists whose objects name files, a page at a time."""

    def __init__(self, client: Client, registry: Mapping[str, Resource], scope_of: ScopeOf, now: float) -> None:
        self.began_at = now
        self.users: Users = {}
        self.missing: dict[str, ApiError] = {}
        """Why a list could not be read, or not to its end, by its resource."""
        self.read = 0
        """How many lists were read."""
        self._objects = 0  # that were read
        self._client, self._registry, self._scope_of = client, registry, scope_of
        self._left = deque(_Place(registry[name], {}, Trail(identify=registry[name].identify)) for name in HOLDERS)

    @property
    def is_over(self) -> bool:
        """Whether every list was read."""
        return not self._left

    @property
    def progress(self) -> str:
        """How many lists were read, of those known, and how many objects of them: one may be long."""
        return f"{self.read:,}/{self.read + len(self._left):,} lists, {self._objects:,} objects"

    async def step(self) -> None:
        """Read the next page. Raises ApiError where the same page may be read later."""
        place = self._left[0]
        resource = place.resource
        assert resource.list
        try:
            page = await self._client.page(
                resource.list, place.scope, query=resource.query, after=place.trail.next, limit=resource.page_max
            )
        except (NotFound, NotServed):  # what is not there names nothing
            self._end()
            return
        except CLOSED as error:
            self.leave_out(error)
            return
        page = place.trail.take(page)
        if page.is_odd or not _names_something(resource, page.items):
            self.missing[resource.name] = BadAnswer("shape", f"The server answered with odd {resource.name}.")
        if page.cut:
            self.missing[resource.name] = BadRequest(f"The server has more {resource.name} than it gave.")
        self._objects += len(page.items)
        for item in page.items:
            if isinstance(item, dict):
                self._take(place, resource.record(item))
        if page.next is None:
            self._end()

    def leave_out(self, error: ApiError) -> None:
        """Go on without the list that could not be read."""
        self.missing.setdefault(self._left[0].resource.name, error)
        self._end()

    def _end(self) -> None:
        self._left.popleft()
        self.read += 1

    def _take(self, place: _Place, record: Record) -> None:
        """Note what an object names, and queue the list inside it."""
        resource, holder = place.resource, place.holder
        title = title_of(resource, record)
        user = holder or Reference(resource.name, record.id, title, "", describe_metadata(record))
        for id_, path in find_texts(record.raw):
            if id_ != user.id and len(id_) <= LONGEST_ID and _is_file(resource, id_, path):
                where = describe_part(resource) if holder else describe_role(path)
                self.users.setdefault(id_, {}).setdefault(user.id, user._replace(where=where))
        inside = self._registry.get(HOLDERS.get(resource.name, ""))
        if inside and not record.id:
            self.missing[resource.name] = BadAnswer("shape", "The server listed something without an id.")
        child = resource.child(inside.name) if inside else None
        if holder is None and inside and inside.list and child and record.id:
            scope = self._scope_of(resource, place.scope, record, child)
            self._left.append(_Place(inside, scope, Trail(identify=inside.identify), user))


def _is_file(resource: Resource, text: str, path: str) -> bool:
    """Return whether a text is a file's id: by its beginning, or its field, as some servers make their own ids."""
    if text.startswith(FILES.prefixes):
        return True
    own = path == f" {resource.identify}"
    named = not resource.prefixes if own else _FILE_FIELD.search(path) or path == " data_source source id"
    return bool(named) and text.isprintable() and " " not in text


def _names_something(resource: Resource, items: list[Any]) -> bool:
    """Return whether any object of a page has the text that each of them has to have."""
    field = _NAMED.get(resource.name)
    return not (field and items) or any(
        isinstance(item, dict) and item.get(field) and isinstance(item[field], str | dict) for item in items
    )


def find_texts(raw: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text in a value, and the names of the fields that lead to it."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            yield from find_texts(value, f"{path} {key}")
    elif isinstance(raw, list):
        for value in raw:
            yield from find_texts(value, path)
    elif isinstance(raw, str):
        yield raw, path


def describe_metadata(record: Record) -> str:
    """Return the metadata of an object, a line for each field: `run=nightly`."""
    told = record.at("metadata")
    pairs = told.items() if isinstance(told, dict) else ()
    fields = (f"{key[:_LABEL]}={value[:_LABEL]}" for key, value in pairs if isinstance(value, str))
    return "\n".join(each.replace("\n", " ") for each in fields)


def describe_role(path: str) -> str:
    """Return as what an object names another, by the path to its id: `input_file_id` is `as input file`."""
    words = path.replace("_", " ").split()
    if words[:1] == ["metadata"]:
        return f"in {' '.join(words)}"
    if words[:2] == ["tool", "resources"]:
        del words[:2]
    if len(words) > 1 and words[-1] in ("id", "ids"):
        del words[-1]
    if words[-1:] == ["files"]:
        words[-1] = "file"
    return f"as {' '.join(words)}" if words else ""


def describe_part(part: Resource) -> str:
    """Return where an object names another that one inside it names: of store files `in its files`."""
    return f"in its {part.name.rpartition('-')[2]}"


class References:
    """What is known of who names which file, kept from one start to the next and read anew every half hour."""

    def __init__(
        self,
        client: Client,
        registry: Mapping[str, Resource],
        scope_of: ScopeOf,
        now: Callable[[], float],
    ) -> None:
        self.users: Users = {}
        self.version = 0
        """Grows with each change of them."""
        self._using: set[str] = set()  # the ids of all that uses a file
        self.read_at = 0.0
        """When they were read to the end, in unix seconds; 0 for never."""
        self.began_at = 0.0
        """When that reading began: what was made later may be named, and not be among them."""
        self.missing: dict[str, str] = {}
        """Why a list could not be read, by its resource."""
        self._parts = client, registry, scope_of
        self._now = now
        self._file: StateFile | None = None
        self._walk: ReferenceWalk | None = None
        self._turn = asyncio.Lock()

    def keep_in(self, file: StateFile) -> None:
        """Take up what an earlier run has kept in a file, and keep there what is read from now on."""
        self._file = file
        if kept := file.read(_read_kept):
            users, self.read_at, self.began_at, self.missing = kept
            self._hold(users)

    @property
    def is_kept(self) -> bool:
        """Whether they are kept for the next start."""
        return self._file is not None

    @property
    def is_known(self) -> bool:
        """Whether they were read to the end, now or lately."""
        return self.read_at > 0

    @property
    def is_whole(self) -> bool:
        """Whether what no object is known to name is named by none."""
        return self.is_known and not self.missing

    @property
    def is_fresh(self) -> bool:
        """Whether all of it was read lately: what is new since then stands on the first pages."""
        return self.is_whole and self._now() < self.read_at + GOOD_FOR

    @property
    def is_due(self) -> bool:
        """Whether they are to be read, or are being read."""
        return self._walk is not None or self._now() >= self.read_at + GOOD_FOR

    @property
    def progress(self) -> str:
        """How far the reading is; "" while none is under way."""
        return self._walk.progress if self._walk else ""

    def outdate(self) -> None:
        """Read them anew when there is time."""
        if self._walk is None:
            self.read_at = min(self.read_at, self._now() - GOOD_FOR)

    async def step(self) -> bool:
        """Read a page more; return whether that was the last. Raises ApiError where it may be read later."""
        async with self._turn:
            if self._walk is None:
                self._walk = ReferenceWalk(*self._parts, self._now())
            walk = self._walk
            await walk.step()
            if not walk.is_over:
                return False
            self._take(walk)
            return True

    async def read(self, on_progress: Callable[[str], object]) -> None:
        """Read them to the end; a list that cannot be read is left out. Raises ApiError where none can."""
        walk = ReferenceWalk(*self._parts, self._now())
        while not walk.is_over:
            on_progress(f"what uses files: {walk.progress}")
            try:
                await insist(walk.step)
            except ApiError as error:
                walk.leave_out(error)
        on_progress("")
        if len(walk.missing) == len(HOLDERS):
            raise next(iter(walk.missing.values()))
        self._take(walk)

    def leave_out(self, error: ApiError) -> None:
        """Go on without the list that fails again and again."""
        if self._walk and not self._walk.is_over:
            self._walk.leave_out(error)

    def forget(self, id_: str) -> None:
        """Forget an object that is gone, as a file and as what names others."""
        self.users.pop(id_, None)
        if id_ in self._using:
            self.version += 1
            self._using.discard(id_)
            for users in self.users.values():
                users.pop(id_, None)

    def _hold(self, users: Users) -> None:
        self.users, self.version = users, self.version + 1
        self._using = {id_ for found in users.values() for id_ in found}

    def _take(self, walk: ReferenceWalk) -> None:
        self._walk, self.read_at, self.began_at = None, self._now(), walk.began_at
        self._hold(walk.users)
        self.missing = {name: error.sentence for name, error in walk.missing.items()}
        if self._file:
            kept = {id_: [list(each) for each in users.values()] for id_, users in self.users.items()}
            told = {"read_at": self.read_at, "began_at": self.began_at, "missing": self.missing, "users": kept}
            try:
                self._file.write(told)
            except OSError as error:
                self._file.fault = f"What uses files is not kept: {error.strerror or error}."


def _read_kept(told: Any) -> tuple[Users, float, float, dict[str, str]]:
    users = {
        str(id_): {str(each[1]): Reference(*map(str, each)) for each in found}
        for id_, found in told["users"].items()
    }
    read_at = float(told["read_at"])
    began_at = float(told.get("began_at", read_at))
    return users, read_at, began_at, {str(name): str(why) for name, why in told["missing"].items()}
