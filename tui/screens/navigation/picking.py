"""Picking: the program opened for the ids of what is chosen in a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Picking:
    """What the program was opened for: enter chooses in the first list, and leaving that gives up."""

    take: Callable[[Sequence[str], str], object]
    """Ends the program with these ids, and a sentence to print beside them; "" for none."""
    give_up: Callable[[], object]
