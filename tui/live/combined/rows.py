"""Rows of several accounts in one list: each says the profile it is of, and they stand newest first."""

from __future__ import annotations

import heapq
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tui.resources.language.column import Column, text
from tui.resources.language.objects import Record, build_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tui.resources.language.column import Show
    from tui.resources.language.resource import Resource

PROFILE = "profile"
"""The field of a row that says whose it is, and the name of its column."""
_BETWEEN = "\x1f"  # in no name of a profile, and not shown
_MADE = ("created_at", "added_at", "created")  # the first of these fields tells when an object was made


class Row(Record[Any]):
    """An object of one account in the list of several. Its id is the row's key; `own` is the object itself."""

    __slots__ = ("account", "own")

    def __init__(self, account: str, own: Record) -> None:
        super().__init__(make_key(account, own.id), add_profile(own.raw, account), own.model)
        self.account, self.own = account, own

    @property
    def object_id(self) -> str:
        """The id of the object itself."""
        return self.own.id


def make_key(account: str, id_: str) -> str:
    """Return the key of a row: the account, and the object's id."""
    return f"{account}{_BETWEEN}{id_}"


def split_key(key: str) -> tuple[str, str]:
    """Return the account and the object's id of a row's key; what is only an id is of no account."""
    account, between, id_ = key.partition(_BETWEEN)
    return (account, id_) if between else ("", key)


def find_own(row: Record, account: str) -> Record | None:
    """Return the object of a row that is of an account; None for a row of another one."""
    if isinstance(row, Row):
        return row.own if row.account == account else None
    return row


def add_profile(raw: Mapping[str, Any], profile: str) -> dict[str, Any]:
    """Return the fields of an object with the profile of its account before them."""
    return {PROFILE: profile} | dict(raw) | {PROFILE: profile}


def add_profile_column(resource: Resource, show: Show[Any] = text) -> Resource:
    """Return the resource with a column for the profile before the others; `show` draws it."""
    column: Column[Any] = Column(PROFILE.upper(), PROFILE, show, width=14)
    return replace(resource, columns=(column, *resource.columns))


def build_time_reader(resource: Resource) -> Callable[[Record], Any] | None:
    """Return what reads when an object was made; None where objects do not tell."""
    field = next((name for name in _MADE if name in resource.model.model_fields), None)
    return build_reader(field) if field else None


def merge_newest(resource: Resource, lists: Iterable[Sequence[Record]]) -> list[Record]:
    """Return the records of lists that are newest first as one such list; those of each keep their order.

    Where objects do not tell when they were made, one list follows the other.
    """
    read = build_time_reader(resource)
    if read is None:
        return [record for records in lists for record in records]
    timed = (_rank_by_time(records, read) for records in lists)
    return [record for _, record in heapq.merge(*timed, key=lambda pair: pair[0])]


def _rank_by_time(records: Sequence[Record], read: Callable[[Record], Any]) -> Iterator[tuple[float, Record]]:
    """Yield each record with how early it comes: by when it was made, and never before the one in front of it."""
    at = math.inf
    for record in records:
        made = read(record)
        if isinstance(made, int | float) and made < at:
            at = made
        yield -at, record
