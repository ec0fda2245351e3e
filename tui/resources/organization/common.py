"""What the organization's families share: paths, operations, models of people, columns and formatters.

https://platform.openai.com/docs/api-reference/administration
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as Input

from tui.api.operation import Key, Operation
from tui.resources.language.asking.inputs import Kept, ObjectId, Own
from tui.resources.language.cells import NO_VALUE, TimeFormatter, age, duration, id_link, instant, own_id
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Object, Time
from tui.resources.language.reading.amounts import format_amount, read_count, read_number, word_of
from tui.resources.language.reading.times import unix_time

if TYPE_CHECKING:
    from pydantic import BaseModel

    from tui.resources.language.objects import Record

ORGANIZATION = "/organization"
PROJECT = "/organization/projects/{project_id}"
DAY = 86_400
SOON = 30 * DAY  # how long before its end something needs its owner

MemberRole = Literal["member", "owner"]
UserId = Annotated[
    str, ObjectId("users"), Own(), Input(min_length=1, description="The id of a user, such as user-abc.")
]
Named = Annotated[str, Own(), Input(min_length=1, max_length=255, description="Name.")]
Rename = Annotated[str | None, Own(), Kept(), Input(min_length=1, max_length=255, description="Name.")]


def admin(
    name: str, method: str, path: str, body: type[BaseModel] | None = None, *, single: bool = False
) -> Operation:
    """Return an operation that is called with an admin key."""
    return Operation(name, method, path, Key.ADMIN, body=body, single=single)


class Person(Object):
    """Base of people, wherever they are listed."""

    name: str | None = None
    email: str | None = None
    role: str | None = None
    added_at: Time = None


class Owner(Person):
    """Who a key belongs to."""

    type: str | None = None


class NamedObject(Object):
    """Base of objects with a name and a time of creation."""

    name: str | None = None
    created_at: Time = None


class ParentObject(Object):
    """The object that a row of a list across many belongs to."""

    name: str | None = None


# Cells, and what has them.


def role(value: Any, _record: Record, _context: CellContext) -> Cell:
    """Show a role; one that may do everything stands out."""
    return Cell(word_of(value), "accent" if value == "owner" else "") if value else NO_VALUE


def switch(value: Any, _record: Record, _context: CellContext) -> Cell:
    """Show whether something is on."""
    return Cell("✓ active", "good") if value else Cell("■ off", "dim")


@TimeFormatter
def expiry(value: Any, _record: Record, context: CellContext) -> Cell:
    """Show when something ends: far, near or past. A time that cannot be read is unknown."""
    if (at := unix_time(value)) is None:
        return Cell("unknown", "warn") if value else Cell("never", "dim")
    left = at - context.now
    if left <= 0:
        return Cell("expired", "bad")
    return Cell(duration(left), "warn" if left < SOON else "")


def money(cents: Any, record: Record, _context: CellContext) -> Cell:
    """Show an amount of money given in cents, in its object's currency. One that cannot be read stays as it is."""
    if cents is None:
        return NO_VALUE
    amount, currency = read_number(cents), record.at("currency") or "USD"
    if amount is None:
        return Cell(f"? {word_of(cents)}", "warn")
    if str(currency).strip().upper() == "USD":
        return Cell(format_amount(amount / 100, "$"))
    return Cell(f"{amount / 100:,.2f} {word_of(currency)}", "warn")


def cost(value: Any, _record: Record, _context: CellContext) -> Cell:
    """Show an amount of dollars to the last digit; one that lacks parts stands out."""
    if not isinstance(value, Decimal):
        return NO_VALUE
    return Cell(format_amount(value, "$"), "warn" if getattr(value, "unread", 0) else "" if value else "dim")


def threshold_values(cents: Any) -> dict[str, int]:
    """Return the amount a form starts with; none where it cannot be read, so that nobody sends 0 instead."""
    amount = read_count(cents)
    return {} if amount is None else {"threshold_amount": int(amount)}


@TimeFormatter
def last_use(value: Any, _record: Record, context: CellContext) -> Cell:
    """Show how long ago something was used, if ever. A time that cannot be read is unknown."""
    if (at := unix_time(value)) is None:
        return Cell("unknown", "warn") if value else Cell("never", "dim")
    passed = context.now - at
    return Cell("now" if passed < 60 else duration(passed))


def age_column(header: str, path: str) -> Column:
    """Return a column of how long ago something happened; sorting shows the newest first."""
    return Column(header, path, age, 5, align="right", drop_order=1, first_sort="down")


AGE, ADDED = age_column("AGE", "created_at"), age_column("ADDED", "added_at")
ROLE = Column("ROLE", "role", role, 8)
EMAIL = Column("EMAIL", "email", width=28, grow=True)


def identity_section(title: str, *fields: Field) -> Section:
    """Return the section on an object: its name, its id and further `fields`."""
    return Section(title, (Field("name", "name"), Field("id", "id", own_id), *fields))


def person_section(title: str, *fields: Field) -> Section:
    """Return the section on somebody who is listed a second time: name, address, user and further `fields`."""
    return Section(title, (Field("name", "name"), Field("email", "email"), Field("user", "id", id_link), *fields))


CREATED, GIVEN_ROLE = Field("created", "created_at", instant), Field("role", "role", role)
