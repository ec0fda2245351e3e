"""The vocabulary in which a resource is declared.

A `Resource` holds all there is to know of one kind of object. The list screen, the detail pane, forms, the `:`
command, the palette, help, confirmations, polling and the headless commands read it and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from tui.api.operation import Key, Operation
from tui.resources.language.objects import Object, Record

if TYPE_CHECKING:
    from tui.resources.language.consumption import Kind

Tone = Literal["", "dim", "accent", "good", "warn", "bad"]


class Cell(NamedTuple):
    """What stands in a table cell or beside a label: raw text (cleaned where it is drawn) and its tone.

    `ref` is the id of another object that `enter` or a click follows; of a file it may end with `#` and a line.
    """

    text: str
    tone: Tone = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What a cell may know beside its object.

    That is the server's time; from what was seen of its progress the rate in units per second, and the seconds
    since it last moved; and what people call an object of this id, "" as long as that is not known.
    """

    now: float
    rate: float | None = None
    still: float | None = None
    name: Callable[[str], str] = lambda _: ""


class Progress(NamedTuple):
    """How far an object is: units done (of which failed), of a total."""

    done: int
    failed: int
    total: int


@dataclass(frozen=True, slots=True)
class Timed:
    """A value that changes as time passes: a function of the object and what a cell may know beside it."""

    of: Callable[[Any, Look], Any]

    def __call__(self, subject: Any, look: Look) -> Any:
        """The value of an object at a time."""
        return self.of(subject, look)


# What a column or field shows: a dotted path into the raw JSON, or a function of the object (and of the time).
Value = str | Callable[[Any], Any] | Timed
Show = Callable[[Any, Record, Look], Cell]


def text(value: Any, _record: Record, _look: Look) -> Cell:
    """Show a value as it is; nothing as `·`."""
    return Cell("·", "dim") if value in (None, "", [], {}) else Cell(str(value))


def value_of(value: Value, record: Record, look: Look | None = None) -> Any:
    """The value a column or field stands for. A function that trips over odd data costs its cell only.

    Values that change as time passes need a `look`, and are None without one.
    """
    if isinstance(value, str):
        return record.read(value)
    try:
        if isinstance(value, Timed):
            return value(record.object, look) if look else None
        return value(record.object)
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, IndexError, OSError):
        return None


def cell_of(value: Value, show: Show, record: Record, look: Look) -> Cell:
    """The cell for a record. A formatter that trips over odd data shows the value as it is."""
    worth = value_of(value, record, look)
    try:
        return show(worth, record, look)
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, IndexError, OSError):
        return text(worth, record, look)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list. `value` sorts, filters and exports; `show` draws it.

    `width` is in cells. Columns with `grow` share what is left. `rank` says how early a column goes when the
    terminal is narrow: 0 never, 9 first. `wide` columns appear only in wide mode. `first` is the direction the
    first press of its sort key gives. `drawn` columns sort by what they show: names, where the value is an id.
    """

    header: str
    value: Value
    show: Show = text
    width: int = 10
    grow: bool = False
    align: Literal["left", "right"] = "left"
    rank: int = 0
    wide: bool = False
    first: Literal["up", "down"] = "up"
    drawn: bool = False

    @property
    def name(self) -> str:
        """How filters, exports and headless output call the column."""
        return self.header.lower().replace(" ", "_")

    def cell(self, record: Record, look: Look) -> Cell:
        """The cell of `record`."""
        return cell_of(self.value, self.show, record, look)


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled line of the detail pane. Without a label the value spans the line."""

    label: str
    value: Value
    show: Show = text


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of lines in the detail pane: declared fields, or lines computed from the object."""

    title: str
    fields: tuple[Field, ...] = ()
    lines: Callable[[Any, Look], Sequence[tuple[str, Cell]]] | None = None


class Risk(Enum):
    """How much an action asks before it acts."""

    NONE = 0  # does it
    CHANGE = 1  # changes or costs something that can be undone or is small: y
    STOP = 2  # stops or deletes one thing for good: y, with Cancel as the default
    GRAVE = 3  # many things, or a name others depend on: type the name or the count


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done to an object, or (`whole`) to the list.

    `refuse` gives the reason why it cannot be done to an object now, or None. `warn` gives a sentence on what
    follows, shown before it is done. `bulk` actions take all marked objects. An action whose operation has a
    body opens the form made from it; `fill` gives the values the form starts with, from the object. With
    `edit` the form starts with what the object has, and only what was changed is sent. An operation that
    answers bytes is saved to disk (`view=False`) or opened in the viewer (`view=True`); other answers of a
    `view` are shown as JSON.
    `ids` names the field of the body that takes the ids of all objects at once: one call, all or nothing.
    `secret` is the path of what the answer tells this once: it is shown by itself and kept nowhere.
    `field` is the path of the id it is called with, when that is not the object's own. `screen` names
    the module of `tui.screens` that does it on a screen of its own. `uses` names further operations it may call
    on the way.
    """

    name: str
    key: str
    label: str
    operation: Operation
    risk: Risk = Risk.NONE
    refuse: Callable[[Any], str | None] = lambda _: None
    warn: Callable[[Any], str] = lambda _: ""
    fill: Callable[[Any], dict[str, Any]] = lambda _: {}
    edit: bool = False
    whole: bool = False
    bulk: bool = False
    view: bool = False
    ids: str = ""
    secret: str = ""
    field: str = "id"
    screen: str = ""
    uses: tuple[Operation, ...] = ()

    @property
    def removes(self) -> bool:
        """Whether the object is gone afterwards."""
        return self.operation.method == "DELETE"


@dataclass(frozen=True, slots=True)
class Child:
    """A resource that lives inside another. Its last open path parameter is `field` of the parent.

    `tail` lists grow at their newest end and are followed instead of refreshed.
    """

    resource: str
    key: str = ""
    field: str = "id"
    tail: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """Curves drawn from a child's records: of every number under the path `data`, over the one named `x`.

    Quantities with a word of `first` in their names are drawn first; those named in `without` are not drawn.
    """

    child: str
    data: str
    x: str
    first: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerFilter:
    """A filter the server applies: query parameter and its choices (none: free text)."""

    param: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Join:
    """A figure that no list tells of its objects, but usage of all of them at once: the last days by `dimension`.

    It stands in each row under `name` as soon as it is known; `label` is what it is called while it is not.
    """

    name: str
    label: str
    kind: Kind
    dimension: str
    days: int = 30


@dataclass(frozen=True, slots=True)
class Resource:
    """A kind of object of the platform.

    `name` is plural and unique; `singular` names one object in sentences. `prefixes` are those of its ids.
    `list` and `get` read it; `query` is sent with each list call; `page` is the page size to ask for and
    `page_max` the most a page may hold. `active` objects are polled often. `attention` gives the reason why an
    object needs its owner, or None (where `ages` is set, the answer changes as time passes); `stalled` the reason
    why an active one does by now. `progress` feeds rates and
    times to go. `sort` is the header to sort by at first, "-" before it for descending; without it the server's
    order stays. `enter` names the child or action that `enter` opens. `chart` adds a tab with curves. `empty` says
    what would be here and which key makes one. `notice` is a sentence on the family's life, and `ends`
    the day (ISO) on which the platform ends it.
    `parent` is the resource this one is a child of. `screen` names the module of `tui.screens` that shows it
    instead of a list, and `uses` further operations which that asks. `across` names a resource: `list` is called
    for each of its objects, and the rows of all stand in one list, each with the id and title of its object under
    that one's singular.
    `join` is a figure that another call tells of all objects; the list never waits for it.
    """

    name: str
    singular: str
    family: str
    model: type[Object]
    columns: tuple[Column, ...]
    list: Operation | None = None
    get: Operation | None = None
    aliases: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    parent: str = ""
    query: Mapping[str, Any] = field(default_factory=dict)
    filters: tuple[ServerFilter, ...] = ()
    page: int = 100
    page_max: int = 100
    identify: str = "id"
    title: Value = "id"
    active: Callable[[Any], bool] = lambda _: False
    attention: Callable[[Any, Look], str | None] = lambda *_: None
    ages: bool = False
    stalled: Callable[[Any, Look], str | None] = lambda *_: None
    progress: Callable[[Any], Progress | None] = lambda _: None
    sort: str = ""
    detail: tuple[Section, ...] = ()
    actions: tuple[Action, ...] = ()
    children: tuple[Child, ...] = ()
    chart: Chart | None = None
    enter: str = ""
    empty: str = ""
    notice: str = ""
    ends: str = ""
    screen: str = ""
    uses: tuple[Operation, ...] = ()
    across: str = ""
    join: Join | None = None

    @property
    def key(self) -> Key:
        """The credential its lists and objects are read with."""
        operation = self.list or self.get or next(iter(self.uses), None)
        return operation.key if operation else Key.PROJECT

    @property
    def ledger(self) -> bool:
        """Whether the API has no list of these, so that only ids seen before can be shown."""
        return self.list is None and self.get is not None

    @property
    def within(self) -> tuple[str, ...]:
        """The path parameters that say which place its objects are at, outermost first."""
        if self.list:
            return self.list.placeholders[:-1] if self.across else self.list.placeholders
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
            found += (action.operation, *action.uses)
        named = {operation.name: operation for operation in reversed(found) if operation}
        return tuple(reversed(named.values()))

    @property
    def none(self) -> str:
        """That there are none, for where its keys do not work."""
        return self.empty.partition(" Press ")[0] or f"There are no {self.name}."

    def column(self, name: str) -> Column | None:
        """The column with this header or name, whatever its case."""
        return next((column for column in self.columns if column.name == name.lower().replace(" ", "_")), None)

    def action(self, name: str) -> Action | None:
        """The action with this name."""
        return next((action for action in self.actions if action.name == name), None)

    def child(self, name: str) -> Child | None:
        """The child of this name."""
        return next((child for child in self.children if child.resource == name), None)

    def identity(self, raw: Any) -> str:
        """The id of an object as text; "" for what has none, or is no object. Some servers count."""
        found = raw.get(self.identify) if isinstance(raw, Mapping) else None
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        return found if isinstance(found, str) else ""

    def record(self, raw: Mapping[str, Any]) -> Record:
        """Wrap one object of a list."""
        return Record(self.singular if self.single else self.identity(raw), dict(raw), self.model)


def title_of(resource: Resource, record: Record) -> str:
    """What people call an object, when that is not its id."""
    title = value_of(resource.title, record)
    return "" if title in (None, record.id) else str(title)
