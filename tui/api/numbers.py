"""Numbers of JSON that a float does not hold to the last digit."""

from __future__ import annotations

import math

_SURE = 15  # digits that any float holds


class LongFloat(float):
    """A float that is written as it came: its digits are more than it can reckon with."""

    text: str

    def __new__(cls, text: str | float) -> LongFloat:
        """Read the number that a text is."""
        made = super().__new__(cls, text)
        made.text = str(text)
        return made

    def __repr__(self) -> str:
        """Return the number as it came."""
        return self.text

    def __getnewargs__(self) -> tuple[float]:
        """Return what a copy is made of."""
        return (self.text,)  # type: ignore[return-value]


def read_float(text: str) -> float:
    """Return the number that a fraction in JSON is, with its text where that says more than a float."""
    found = float(text)
    if repr(found) == text or (len(text) <= _SURE and found and math.isfinite(found)):
        return found
    return LongFloat(text)
