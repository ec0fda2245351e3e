"""Home: what matters now over all resources. It is no kind of object of the platform, so it is not registered."""

from __future__ import annotations

from tui.resources.language.column import Column
from tui.resources.language.objects import Object
from tui.resources.language.resource import Resource


class HomeLine(Object):
    """A line of home, as it is exported."""

    part: str | None = None
    """The part of home it stands in: `needs_you`, `in_flight`, `money` or `storage`."""
    resource: str | None = None
    """The resource of its object, if it has one."""
    name: str | None = None
    words: str | None = None
    """What it says: a reason, a progress, an amount."""


HOME: Resource[HomeLine] = Resource(
    name="home",
    singular="line",
    family="Home",
    model=HomeLine,
    aliases=("pulse", "overview"),
    columns=(
        Column("PART", "part", width=10),
        Column("RESOURCE", "resource", width=14),
        Column("NAME", "name", width=24),
        Column("WORDS", "words", width=40, grow=True),
    ),
    notice="what needs you, what is in flight, money and storage",
    screen="home",
)
