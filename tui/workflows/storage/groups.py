"""Groups of files: by purpose, age, end, use and metadata, and copies; how many each has, and their bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.resources.language.reading.times import unix_time
from tui.workflows.overview.storage import Stored, read_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tui.resources.language.objects import Record

DAY = 86_400.0
_UNUSED, _UNUSED_OLD, _UNKNOWN = "nothing uses it", "nothing uses it, over 30 days old", "not known"
_PAST, _NEVER, _NO_PURPOSE = "past", "never", "no purpose"
_COPIES, _COPY = "copies", "same name and size as a newer file"
_METADATA = "metadata"
_AGES = (
    ("under a day", 1.0, "age<1d"),
    ("1 to 7 days", 7.0, "age>=1d age<7d"),
    ("7 to 30 days", 30.0, "age>=7d age<30d"),
    ("30 to 90 days", 90.0, "age>=30d age<90d"),
    ("over 90 days", float("inf"), "age>=90d"),
)
_ENDS = (
    ("within a day", 1.0, "expires<1d !expires=past"),
    ("in 1 to 7 days", 7.0, "expires>=1d expires<7d !expires=past"),
    ("in 7 to 30 days", 30.0, "expires>=7d expires<30d !expires=past"),
    ("in over 30 days", float("inf"), "expires>=30d !expires=past"),
)
_USES = {_UNUSED: "used_by=0", _UNUSED_OLD: "used_by=0 age>=30d", _UNKNOWN: 'used_by=""'}
_FILTERS = {
    **{("age", name): shown for name, _, shown in _AGES},
    ("expires", _PAST): "expires=past",
    **{("expires", name): shown for name, _, shown in _ENDS},
    ("expires", _NEVER): 'expires=""',
    **{("use", name): shown for name, shown in _USES.items()},
    ("purpose", _NO_PURPOSE): 'purpose=""',
    (_COPIES, _COPY): "",
}
_FIELDS = {"purpose": "purpose", _METADATA: "used_by.labels"}  # by kind, the field whose words its groups are of
_FEW = 2  # files that share a field of metadata, at the least, for it to be a group
_MOST = 10  # groups by metadata: fields of runs may have as many values as there are runs
KINDS = ("purpose", "use", "age", "expires", _COPIES, _METADATA)
"""The kinds of groups, in their order."""
_ORDER = {each: number for number, each in enumerate(_FILTERS)}  # in which groups of a kind are told

Key = tuple[str, str]  # the kind of a group and its name; names that differ in their case alone are one


@dataclass(slots=True)
class FileGroup:
    """Files that have something in common."""

    kind: str
    name: str
    filter: str
    """What shows them, and no others, in the list of files; "" where nothing does."""
    held: Stored = field(default_factory=Stored)
    unused: Stored = field(default_factory=Stored)
    """Those that nothing uses, as far as that is known."""
    unknown: int = 0
    """How many of them may be unused: what uses them is not known."""

    def take(self, size: int | None, users: object) -> None:
        """Count a file of this size, and what uses it."""
        self.held.take(size)
        if users is None:
            self.unknown += 1
        elif users == []:
            self.unused.take(size)


def group_files(records: Iterable[Record], now: float) -> list[FileGroup]:
    """Return the groups that hold files, by kind, in the order of their names or ages."""
    records = list(records)
    groups: dict[Key, FileGroup] = {}
    copies = {id(record) for record in find_copies(records)}
    for record in records:
        raw = record.raw
        size, users = read_size(raw.get("bytes")), raw.get("used_by")
        for kind, name in (*_find_groups(raw, now), *([(_COPIES, _COPY)] if id(record) in copies else ())):
            key = kind, name.casefold()
            group = groups.get(key)
            if group is None:
                group = groups[key] = FileGroup(kind, name, _describe_filter(kind, name))
            group.take(size, users)
    labelled = [group for group in groups.values() if group.kind == _METADATA and group.held.files >= _FEW]
    labelled.sort(key=lambda group: (-group.held.known, group.name))
    others = [group for group in groups.values() if group.kind != _METADATA]
    return sorted([*others, *labelled[:_MOST]], key=_make_order_key)


def _make_order_key(group: FileGroup) -> tuple[int, int, int, str]:
    """Return what groups are told in the order of."""
    at = 0 if group.kind in _FIELDS else _ORDER[group.kind, group.name]
    return KINDS.index(group.kind), at, -group.held.known, group.name


def _describe_filter(kind: str, name: str) -> str:
    """Return what shows the files of a group, and no others, in the list of files; "" where nothing does."""
    known = _FILTERS.get((kind, name))
    if known is not None:
        return known
    quoted = name.replace('"', '""')
    return f'{_FIELDS[kind]}="{quoted}"'


def select_group(records: Sequence[Record], now: float, id_: str) -> list[Record]:
    """Return the files of a group, by its id: `purpose/batch`."""
    kind, _, name = id_.partition("/")
    if kind == _COPIES:
        return find_copies(records)
    key = kind, name.casefold()
    return [
        record
        for record in records
        if key in ((kind, name.casefold()) for kind, name in _find_groups(record.raw, now))
    ]


def _find_groups(raw: dict[str, Any], now: float) -> Iterator[Key]:
    """Yield the kind and name of each group that a file is in; metadata is that of what uses it."""
    purpose = raw.get("purpose")
    yield "purpose", _NO_PURPOSE if purpose is None or purpose == "" else str(purpose)
    made, ends, users = unix_time(raw.get("created_at")), unix_time(raw.get("expires_at")), raw.get("used_by")
    if made is not None:
        days = abs(now - made) / DAY
        yield "age", next(name for name, most, _ in _AGES if days < most)
    if ends is None:
        yield "expires", _NEVER
    else:
        left = (ends - now) / DAY
        yield "expires", _PAST if left <= 0 else next(name for name, most, _ in _ENDS if left < most)
    if users == []:
        yield "use", _UNUSED
        if made is not None and days >= 30:
            yield "use", _UNUSED_OLD
    elif users is None:
        yield "use", _UNKNOWN
    elif isinstance(users, list):
        for label in sorted(_find_labels(users)):
            yield _METADATA, label


def _find_labels(users: list[Any]) -> set[str]:
    """Return the fields of metadata of what uses a file, with their values: `run=nightly`."""
    told = (user.get("labels") for user in users if isinstance(user, dict))
    return {label for labels in told if isinstance(labels, str) for label in labels.split("\n") if label}


def find_copies(records: Sequence[Record]) -> list[Record]:
    """Return the files that have the name and size of a newer one."""
    newest: dict[tuple[Any, Any], Record] = {}
    for record in records:
        key = _make_copy_key(record)
        if key and ((known := newest.get(key)) is None or _read_creation(record) > _read_creation(known)):
            newest[key] = record
    return [record for record in records if (key := _make_copy_key(record)) and newest[key] is not record]


def _make_copy_key(record: Record) -> tuple[Any, Any] | None:
    name, size = record.raw.get("filename"), record.raw.get("bytes")
    return (name, size) if isinstance(name, str) and name and isinstance(size, int) and size else None


def _read_creation(record: Record) -> float:
    return unix_time(record.raw.get("created_at")) or 0.0
