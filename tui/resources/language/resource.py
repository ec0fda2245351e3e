"""The declaration of a resource.

A `Resource` holds all there is to know of one kind of object. The list screen, the detail pane, forms, the `:`
command, the palette, help, confirmations, polling and the headless commands read it and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic

from tui.api.operation import Key, Operation
from tui.resources.language.column import (
    META,
    ODD_DATA,
    CellContext,
    Column,
    Progress,
    Section,
    Value,
    make_metadata_column,
    make_path_column,
    value_of,
)
from tui.resources.language.objects import Record, T, is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.resources.language.action import Action
    from tui.resources.language.consumption import UsageKind


@dataclass(frozen=True, slots=True, eq=False)
class Child:
    """A resource that lives inside another. Its last open path parameter is `field` of the parent.

    `tail` lists grow at their newest end and are followed instead of refreshed.
    """

    resource: str
    key: str = ""
    field: str = "id"
    tail: bool = False
    over: Callable[[Any], bool] = lambda _: False
    """Whether an object of the parent has lost it, and is not asked for it."""

    def is_over(self, record: Record[Any]) -> bool:
        """Return whether an object has lost it; odd data has not."""
        try:
            return self.over(record.object)
        except ODD_DATA:
            return False


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """Curves drawn from the records of a child."""

    child: str
    data: str
    """The path of what was measured: every number under it is a curve,"""
    x: str
    """but for the one of this name, over which they are drawn."""
    first: tuple[str, ...] = ()
    """Words in the names of the quantities that are drawn first."""
    without: tuple[str, ...] = ()
    """Names of quantities that are not drawn."""
    marks: tuple[str, str] | None = None
    """A child whose objects are marked on the axis of x, and the path of where they stand on it."""


@dataclass(frozen=True, slots=True, eq=False)
class ServerFilter:
    """A filter the server applies: query parameter and its choices (none: free text)."""

    param: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """A figure that no list tells of its objects, but usage of all of them at once: the last days by `dimension`.

    It stands in each row under `name` as soon as it is known; `label` is what it is called while it is not.
    """

    name: str
    label: str
    kind: UsageKind
    dimension: str
    days: int = 30


@dataclass(frozen=True, slots=True, eq=False)
class Peek:
    """What the newest objects of a child tell of their parent: read for rows in sight, and for no others.

    It stands in the row under `name` as soon as it is known.
    """

    name: str
    child: str
    read: Callable[[Sequence[Any], bool], Any]
    """Makes it, as JSON, of the child's raw objects, newest first, and of whether there are more."""
    limit: int = 20
    """How many of them are asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Resource(Generic[T]):
    """A kind of object of the platform."""

    name: str
    """Plural and unique."""
    singular: str
    """Names one object in sentences."""
    family: str
    model: type[T]
    columns: tuple[Column[T], ...]
    list: Operation | None = None
    get: Operation | None = None
    aliases: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    """What its ids begin with."""
    parent: str = ""
    """The resource this one is a child of."""
    query: Mapping[str, Any] = field(default_factory=dict)
    """Sent with each list call."""
    filters: tuple[ServerFilter, ...] = ()
    page: int = 100
    """Objects asked for in a page."""
    page_max: int = 100
    """The most objects a page may hold."""
    identify: str = "id"
    """The field that holds the id."""
    title: Value[T] = "id"
    """What people call an object."""
    named_after: str = ""
    """The field with the id of another object whose name it goes by where it has none."""
    mends: tuple[str, ...] = ()
    """The actions that mend an object which needs its owner: the first that can be done; else `enter`."""
    active: Callable[[T], bool] = lambda _: False
    """Whether an object may still change by itself; it is polled often."""
    attention: Callable[[T, CellContext], str | None] = lambda *_: None
    """The reason why an object needs its owner, or None."""
    retry_of: Callable[[T], str | None] = lambda _: None
    """The id of the object whose failures this one tries again, or None."""
    makes_up: Callable[[T, T, bool], bool] = lambda *_: False
    """Whether a retry ends that an object needs its owner; it hears whether that one was made up for itself."""
    ages: bool = False
    """Whether that reason changes as time passes."""
    spare: Callable[[T, float], str | None] | None = None
    """Why nobody needs an object at a time (unix seconds), or None; `Z` plans the removal of all such."""
    stalled: Callable[[T, CellContext], str | None] = lambda *_: None
    """The reason why an active object needs its owner by now, or None."""
    stops: Value[T] = ""
    """When an object stops working or expires, in unix seconds; "" where none does, None for one that does not."""
    progress: Callable[[T], Progress | None] = lambda _: None
    """Feeds rates and times to go."""
    sort: str = ""
    """The header to sort by at first, "-" before it for descending; without it the server's order stays."""
    detail: tuple[Section[T], ...] = ()
    actions: tuple[Action[T], ...] = ()
    children: tuple[Child, ...] = ()
    chart: Chart | None = None
    """Adds a tab with curves."""
    enter: str = ""
    """The child or action that `enter` opens."""
    empty: str = ""
    """What would be here, and which key makes one."""
    notice: str = ""
    """A sentence on the family's life."""
    ends: str = ""
    """The day (ISO) on which the platform ends the family."""
    screen: str = ""
    """The route of the screen that shows it instead of a list."""
    uses: tuple[Operation, ...] = ()
    """Further calls which that screen makes."""
    holds_text: bool = False
    """Whether its rows tell what people and models have written: nothing of them is kept on this machine."""
    listed_per: str = ""
    """A resource: `list` is called for each of its objects, and the rows of all stand in one list, each with the
    id and title of its object under that one's singular."""
    join: Join | None = None
    """A figure that another call tells of all objects; the list never waits for it."""
    peeks: tuple[Peek, ...] = ()
    """What a child tells of the objects in sight."""

    @property
    def key(self) -> Key:
        """The credential its lists and objects are read with."""
        operation = self.list or self.get or next(iter(self.uses), None)
        return operation.key if operation else Key.PROJECT

    @property
    def changes_itself(self) -> bool:
        """Whether its objects may change by themselves, until they are over."""
        return self.active is not type(self).__dataclass_fields__["active"].default

    @property
    def ledger(self) -> bool:
        """Whether the API has no list of these, so that only ids seen before can be shown."""
        return self.list is None and self.get is not None

    @property
    def within(self) -> tuple[str, ...]:
        """The path parameters that say which place its objects are at, outermost first."""
        if self.list:
            return self.list.placeholders[:-1] if self.listed_per else self.list.placeholders
        return self.get.placeholders[:-1] if self.get else ()

    @property
    def single(self) -> bool:
        """Whether there is at most one of these in a place, which has no id of its own."""
        return self.list is not None and self.list.single

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation this resource uses, each once."""
        found = [self.list, self.get, *self.uses, self.join.kind.operation if self.join else None]
        for action in self.actions:
            found += action.operations
        named = {operation.name: operation for operation in reversed(found) if operation}
        return tuple(reversed(named.values()))

    @property
    def empty_sentence(self) -> str:
        """The sentence for an empty list, without the key that makes an object."""
        return self.empty.partition(" Press ")[0] or f"There are no {self.name}."

    def column(self, name: str) -> Column[T] | None:
        """Return the column with this header or name, whatever its case; `meta.KEY` is a key of the metadata."""
        if name.startswith(META) and "metadata" in self.model.model_fields:
            return make_metadata_column(name.removeprefix(META))
        return next((column for column in self.columns if column.name == name.lower().replace(" ", "_")), None)

    def column_at(self, name: str) -> Column[T] | None:
        """Return the column of this name, or one for a field of the objects or what is inside it, `a.b.0`."""
        if found := self.column(name):
            return found
        if name.split(".")[0] not in self.model.model_fields:
            return None
        from tui.resources.language.cells import instant

        if name.endswith("_at"):
            return make_path_column(name, instant)
        return make_path_column(name, is_number=is_number(self.model, name))

    def action(self, name: str) -> Action[T] | None:
        """Return the action with this name."""
        return next((action for action in self.actions if action.name == name), None)

    def child(self, name: str) -> Child | None:
        """Return the child of this name."""
        return next((child for child in self.children if child.resource == name), None)

    def identity(self, raw: Any) -> str:
        """Return the id of an object as text; "" for what has none, or is no object. Some servers count."""
        found = raw.get(self.identify) if isinstance(raw, Mapping) else None
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        return found if isinstance(found, str) else ""

    def find_spare(self, record: Record[T], now: float) -> str | None:
        """Return why nobody needs an object at a time (unix seconds); None where somebody may."""
        try:
            return self.spare(record.object, now) if self.spare else None
        except ODD_DATA:
            return None

    def record(self, raw: Mapping[str, Any]) -> Record[T]:
        """Wrap one object of a list."""
        return Record(self.singular if self.single else self.identity(raw), dict(raw), self.model)


def title_of(resource: Resource[T], record: Record[T]) -> str:
    """Return what people call an object, when that is not its id."""
    title = value_of(resource.title, record)
    return "" if title in (None, record.object_id) else str(title)
