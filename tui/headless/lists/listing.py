"""Lists and single objects without a screen, for pipes and cron."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import check_key
from tui.api.errors import (
    ApiError,
    BadKey,
    BadRequest,
    BadUrl,
    Forbidden,
    NoKey,
    NotFound,
    NotServed,
    Unauthorized,
)
from tui.api.requests import order_ids
from tui.export import (
    add_parents,
    csv_lines,
    export_chosen_lines,
    export_chosen_object,
    json_object,
    list_id_names,
    name_path,
)
from tui.headless.lists.selection import Selection, find_columns, is_older
from tui.live.gathered import Gathered
from tui.live.lists.explaining import NOTHING, explain_nothing
from tui.live.lists.query import parse
from tui.live.shortfall import CLOSED, describe_doubled
from tui.resources.language.column import CellContext
from tui.resources.language.reading.amounts import dump_json
from tui.resources.registry import REGISTRY
from tui.text import clean, fit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from tui.api.paging.pages import Page
    from tui.resources.language.column import Column
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Join, Resource

EVERYTHING = Selection()
Align = Literal["left", "right"]
_LEFT: Align = "left"
_WHOLE = 512  # characters; ids are never cut
_LONG, _FREE = 80, 32  # characters of a cell, and of words that nobody asked for: one widens the whole column
# Exit codes, besides 0.
FAILED, WRONG_USE, NOT_FOUND, NO_ACCESS, ABOVE = 1, 2, 3, 4, 5
NOT_WHOLE = 7  # what is printed is right, but a part of it could not be read: standard error says which


def connect_to_sandbox(url: str, *, read_only: bool = False) -> Connection:
    """Return the connection to a sandbox, which takes any key of the right form."""
    return Connection(
        profile="sandbox",
        base_url=url,
        project_key=check_key("sk-sandbox-takes-any-key"),
        admin_key=check_key("sk-admin-sandbox-takes-any-key"),
        read_only_by="--read-only" if read_only else "",
        sandbox=True,
    )


def exit_code(error: ApiError) -> int:
    """Return the exit code for a failure."""
    if isinstance(error, BadRequest | BadUrl):
        return WRONG_USE
    if isinstance(error, NotFound | NotServed):
        return NOT_FOUND
    return NO_ACCESS if isinstance(error, Unauthorized | Forbidden | NoKey | BadKey) else FAILED


class Reporter:
    """Hears how a list is read: how far it is, and what of it cannot be read."""

    def __init__(
        self,
        on_progress: Callable[[str], None] = lambda _: None,
        on_note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.whole = True
        """Whether all that was asked for could be read."""
        self.progress = on_progress
        """Hears how far it is, where that takes many requests."""
        self.note = on_note
        """Hears what this key may not see beside the list."""

    def note_odd(self, count: int, resource: Resource) -> None:
        """Note so many items of a list that are no objects."""
        if count:
            self.missing(f"The list is not whole: {count:,} of the {resource.name} in it cannot be read.")

    def note_nameless(self, count: int, resource: Resource, *, several: bool) -> None:
        """Note so many objects whose ids were to be printed and that have none."""
        if count and not resource.single:
            what = resource.name if several else resource.singular
            self.missing(f"{count:,} of the {what} cannot be printed: the server gave no id that can be used.")

    def missing(self, sentence: str) -> None:
        """Note a part that could not be read."""
        self.whole = False
        self.note(sentence)


async def fetch(
    connection: Connection,
    resource: Resource,
    id_: str | None,
    parents: Sequence[str],
    limit: int | None,
    reporter: Reporter | None = None,
    selection: Selection = EVERYTHING,
    figures: Collection[str] | None = None,
) -> tuple[list[Record], float]:
    """Read one object, or what is selected of a list up to `limit`, and the server's time (unix seconds).

    With it come the `figures` beside the list, or those that the selection names.
    Raises ApiError, and WrongUse for a selection by what there is not.
    """
    figures = selection.find_figures(resource) if figures is None else figures
    reporter = reporter or Reporter()
    most = None if selection.needs_all or selection.since else limit

    client = Client(connection)
    scope: dict[str, str] = {}
    try:
        if id_ is not None:
            from tui.live.polling.read_one import read_one

            operation = resource.get
            path = order_ids(operation, parents, id_) if operation else {}
            scope = {name: path[name] for name in list(path)[:-1]}
            raws: list[Any] = [await read_one(client, resource, path)]
        elif resource.listed_per and not parents:
            from tui.live.fan_out.at_once import read_all_rows

            parent = REGISTRY[resource.listed_per]
            raws = await read_all_rows(client, resource, parent, reporter.progress, reporter.missing, most)
        else:
            scope = order_ids(resource.list, parents) if resource.list else {}
            raws = await _read_list(client, resource, scope, most, reporter, selection)
        records = [resource.record(raw) for raw in raws if isinstance(raw, dict)]
        reporter.note_odd(len(raws) - len(records), resource)
        if resource.join and records:
            every = limit is None and id_ is None
            await _join_figures(client, resource, resource.join, records, scope, reporter, every=every)
        if figures:
            from tui.headless.lists.beside import read_beside

            records = await read_beside(
                client, resource, records, scope, figures, reporter.progress, reporter.missing
            )
        now = client.now()
        placed = [add_parents(resource, record, scope) for record in records]
        return (select(resource, placed, now, limit, selection, reporter) if id_ is None else placed), now
    finally:
        await client.aclose()


def select(
    resource: Resource,
    records: Sequence[Record],
    now: float,
    limit: int | None,
    selection: Selection,
    reporter: Reporter,
) -> list[Record]:
    """Return what is selected of a list up to `limit`; `reporter` hears why nothing may be. Raises WrongUse."""
    found = selection.select(resource, records, now)[:limit]
    if records and not found:
        for sentence in [*explain_nothing(parse(selection.filter), resource, records, now)] or [NOTHING]:
            reporter.note(sentence)
    return found


async def _join_figures(
    client: Client,
    resource: Resource,
    join: Join,
    records: Sequence[Record],
    scope: Mapping[str, str],
    reporter: Reporter,
    *,
    every: bool,
) -> None:
    """Put into objects the figures that stand beside them; `every` says that all there are were asked for."""
    from tui.live.polling.joined import read_figures

    try:
        known = await read_figures(client, join, client.now(), scope)
    except ApiError as error:
        sentence = f"The {join.label} is unknown: {error}"
        (reporter.note if isinstance(error, CLOSED) else reporter.missing)(sentence)
        return
    for record in records:
        record.raw[join.name] = known.by_id.get(record.id, known.others)
    listed = {record.id for record in records}
    if every and reporter.whole and (outside := known.outside(join, listed, resource.singular)):
        reporter.note(f"{outside}.")
    if unread := known.missing(join):
        reporter.missing(f"The {join.label} is not whole: {unread}.")


async def _read_list(
    client: Client,
    resource: Resource,
    scope: Mapping[str, str],
    limit: int | None,
    reporter: Reporter,
    selection: Selection,
) -> list[Any]:
    """Read a list up to `limit`, newest first no further than is selected. Errors are those of `walk_list`."""
    found = Gathered(resource.identify)
    async for page in walk_list(client, resource, scope, limit, reporter, selection):
        found.take(page)
    return found.items[:limit]


async def walk_list(
    client: Client,
    resource: Resource,
    scope: Mapping[str, str],
    limit: int | None,
    reporter: Reporter,
    selection: Selection = EVERYTHING,
) -> AsyncIterator[Page]:
    """Yield the pages of a list up to `limit`, newest first no further than is selected.

    A page that cannot be read ends it, which `reporter` hears of. Raises ApiError where that is the first.
    """
    if resource.list is None:
        raise BadRequest(f"The API does not list {resource.name}: give an id, `o9s get {resource.name} ID`.")
    read = doubled = 0
    size = min(resource.page_max, limit or resource.page_max)
    pages = client.pages(resource.list, scope, query=resource.query, limit=size, identify=resource.identify)
    try:
        async for page in pages:
            read += len(page.items)
            doubled += len(page.doubled)
            yield page
            if limit is not None and read >= limit:
                break
            start = selection.start(resource, client.now())  # the first answer told the server's time
            if start is not None and is_older(resource, page.items, start):
                break
            if page.cut:
                reporter.missing(
                    f"The list is not whole: the server has more {resource.name} and gives no more than these."
                )
    except ApiError as error:
        if not read:
            raise
        were_read = f"{read:,} {'was' if read == 1 else 'were'} read"
        reporter.missing(f"The list is not whole, {were_read}: {error}")
    if sentence := describe_doubled(doubled):
        reporter.missing(f"{sentence}; the first of each is given.")


def table_lines(
    resource: Resource, records: Sequence[Record], now: float, chosen: Sequence[tuple[str, Column]] = ()
) -> Iterator[str]:
    """Yield the lines of a table, made harmless."""
    yield from align(*table_rows(resource, records, now, chosen))


def table_rows(
    resource: Resource, records: Sequence[Record], now: float, chosen: Sequence[tuple[str, Column]] = ()
) -> tuple[list[str], list[list[str]], list[Align]]:
    """Return headers, cells and alignments; ids that only wide lists show, or no column, stand at the end.

    With `chosen` columns it has those and no others.
    """
    if chosen:
        cells = [[_format_cell(column, record, now, is_chosen=True) for _, column in chosen] for record in records]
        return (
            [name.upper().replace("_", " ") for name, _ in chosen],
            cells,
            [column.align for _, column in chosen],
        )
    columns = [column for column in resource.columns if column.value and (not column.wide or column.is_id)]
    ids = [name for name in list_id_names(resource) if name not in {column.name for column in columns}]
    rows = [
        [
            *(_format_cell(column, record, now) for column in columns),
            *(clean(record.at(name), _WHOLE) for name in ids),
        ]
        for record in records
    ]
    headers = [*(column.header for column in columns), *(name.replace("_", " ").upper() for name in ids)]
    return headers, rows, [*(column.align for column in columns), *(_LEFT for _ in ids)]


def align(headers: Sequence[str], rows: Sequence[Sequence[str]], aligns: Sequence[Any]) -> Iterator[str]:
    """Yield a header and rows as lines, in columns as wide as their cells."""
    from tui.text import cell_width

    widths = [max(map(cell_width, column)) for column in zip(headers, *rows, strict=True)]
    for row in (headers, *rows):
        cells = (fit(cell, width, align) for cell, width, align in zip(row, widths, aligns, strict=True))
        yield "  ".join(cells).rstrip()


def _format_cell(column: Column, record: Record, now: float, *, is_chosen: bool = False) -> str:
    """Return a cell: an id whole, words no longer than they may be, where the column was not asked for by name."""
    shown = column.cell(record, CellContext(now)).text
    is_free = " " in shown.strip() and column.name != "name" and not is_chosen
    return clean(shown, _WHOLE if shown == record.id else _FREE if is_free else _LONG)


def render(
    form: str,
    resource: Resource,
    records: Sequence[Record],
    now: float,
    one: bool,
    columns: Sequence[str] = (),
) -> Iterable[str]:
    """Return the lines of the output in a form: `table`, `json`, `jsonl`, `csv` or `ids`.

    With names of `columns` it has those and no others. Raises WrongUse for a name that stands for nothing.
    """
    chosen = find_columns(resource, columns, records)
    match form:
        case "ids":
            return filter(None, (name_path(resource, record) for record in records))
        case "json" if chosen:
            values = [export_chosen_object(resource, chosen, record, now) for record in records]
            return [dump_json(values[0] if one and values else values, indent=2)]
        case "jsonl" if chosen:
            return (dump_json(export_chosen_object(resource, chosen, record, now)) for record in records)
        case "csv" if chosen:
            return (row.rstrip("\n") for row in export_chosen_lines(resource, chosen, records, now))
        case "json":
            objects = [json_object(resource, record, now) for record in records]
            return [dump_json(objects[0] if one and objects else objects, indent=2)]
        case "jsonl":
            return (dump_json(json_object(resource, record, now)) for record in records)
        case "csv":
            return (row.rstrip("\n") for row in csv_lines(resource, records, now))
        case _:
            return table_lines(resource, records, now, chosen)
