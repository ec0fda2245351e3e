"""Groups of files: by purpose, age, end, use and metadata, and copies; how many each has, and their bytes."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from tui.dataclass import dataclass
from tui.resources.language.reading.amounts import Amount, read_count
from tui.resources.language.reading.times import unix_time
from tui.workflows.overview.storage import Stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tui.resources.language.objects import Record

DAY = 86_400.0
_AGES = (("under a day", 1.0), ("1 to 7 days", 7.0), ("7 to 30 days", 30.0), ("30 to 90 days", 90.0))
_OLD = "over 90 days"
_ENDS = (("within a day", 1.0), ("within 7 days", 7.0), ("within 30 days", 30.0))
_LATER, _NEVER = "later than 30 days", "never"
_UNUSED, _UNUSED_OLD, _UNKNOWN = "nothing uses it", "nothing uses it, over 30 days old", "not known"
_COPIES, _METADATA = "copies", "metadata"
_FEW = 2  # files that share a field of metadata, at the least, for it to be a group
_MOST = 10  # groups by metadata: fields of runs may have as many values as there are runs
KINDS = ("purpose", "use", "age", "expires", _COPIES, _METADATA)
"""The kinds of groups, in their order."""


@dataclass(slots=True)
class FileGroup:
    """Files that have something in common."""

    kind: str
    name: str
    filter: str
    """What shows them in the list of files; "" where nothing does."""
    held: Stored = field(default_factory=Stored)
    unused: Stored = field(default_factory=Stored)
    """Those that nothing uses, as far as that is known."""
    unknown: int = 0
    """How many of them may be unused: what uses them is not known."""

    def take(self, record: Record) -> None:
        """Count a file."""
        told = read_count(record.at("bytes"))
        size = Amount(0, 1) if told is None else Amount(told)
        self.held = self.held.plus(size)
        users = record.at("used_by")
        self.unknown += users is None
        if users == []:
            self.unused = self.unused.plus(size)


def group_files(records: Iterable[Record], now: float) -> list[FileGroup]:
    """Return the groups that hold files, by kind, in the order of their names or ages."""
    records = list(records)
    groups: dict[tuple[str, str], FileGroup] = {}
    order = {
        "age": [name for name, _ in _AGES] + [_OLD],
        "expires": [name for name, _ in _ENDS] + [_LATER, _NEVER],
        "use": [_UNUSED, _UNUSED_OLD, _UNKNOWN],
    }
    copies = {id(record) for record in find_copies(records)}
    for record in records:
        for kind, name, filter_ in _find_groups(record, now):
            groups.setdefault((kind, name), FileGroup(kind, name, filter_)).take(record)
        if id(record) in copies:
            name = "same name and size as a newer file"
            groups.setdefault((_COPIES, name), FileGroup(_COPIES, name, "")).take(record)
    labelled = [group for group in groups.values() if group.kind == _METADATA]
    labelled.sort(key=lambda group: (group.held.files < _FEW, -group.held.size, group.name))
    for rank, group in enumerate(labelled):
        if rank >= _MOST or group.held.files < _FEW:
            del groups[group.kind, group.name]
    return sorted(
        groups.values(),
        key=lambda group: (
            KINDS.index(group.kind),
            order[group.kind].index(group.name) if group.kind in order else 0,
            -group.held.size,
            group.name,
        ),
    )


def select_group(records: Sequence[Record], now: float, id_: str) -> list[Record]:
    """Return the files of a group, by its id: `purpose/batch`."""
    kind, _, name = id_.partition("/")
    if kind == _COPIES:
        return find_copies(records)
    return [record for record in records if (kind, name) in {each[:2] for each in _find_groups(record, now)}]


def _find_groups(record: Record, now: float) -> list[tuple[str, str, str]]:
    """Return kind, name and filter of each group that a file is in; metadata is that of what uses it."""
    purpose = str(record.at("purpose") or "no purpose")
    found = [("purpose", purpose, f'purpose="{purpose}"')]
    made, ends, users = (
        unix_time(record.at("created_at")),
        unix_time(record.at("expires_at")),
        record.at("used_by"),
    )
    if made is not None:
        days = (now - made) / DAY
        name = next((name for name, most in _AGES if days < most), _OLD)
        bounds = dict(_AGES)
        before = max((most for most in bounds.values() if most <= days), default=0.0)
        filter_ = f"age>={before:g}d" if before else ""
        filter_ += f" age<{bounds[name]:g}d" if name in bounds else ""
        found.append(("age", name, filter_.strip()))
    if ends is None:
        found.append(("expires", _NEVER, ""))
    else:
        name = next((name for name, most in _ENDS if ends - now < most * DAY), _LATER)
        days_left = dict(_ENDS).get(name)
        found.append(("expires", name, f"expires<{days_left:g}d" if days_left else "expires>=30d"))
    if users == []:
        found.append(("use", _UNUSED, "used_by=0"))
        if made is not None and now - made > 30 * DAY:
            found.append(("use", _UNUSED_OLD, "used_by=0 age>30d"))
    elif users is None:
        found.append(("use", _UNKNOWN, ""))
    for label in sorted(_find_labels(users)):
        found.append((_METADATA, label, ""))
    return found


def _find_labels(users: Any) -> set[str]:
    """Return the fields of metadata of what uses a file, with their values: `run=nightly`."""
    told = (user.get("labels") for user in users if isinstance(user, dict)) if isinstance(users, list) else ()
    return {label for labels in told if isinstance(labels, str) for label in labels.split("\n") if label}


def find_copies(records: Sequence[Record]) -> list[Record]:
    """Return the files that have the name and size of a newer one."""
    newest: dict[tuple[Any, Any], Record] = {}
    for record in records:
        key = _key(record)
        if key and ((known := newest.get(key)) is None or _made(record) > _made(known)):
            newest[key] = record
    return [record for record in records if (key := _key(record)) and newest[key] is not record]


def _key(record: Record) -> tuple[Any, Any] | None:
    name, size = record.at("filename"), record.at("bytes")
    return (name, size) if isinstance(name, str) and name and isinstance(size, int) and size else None


def _made(record: Record) -> float:
    return unix_time(record.at("created_at")) or 0.0
