"""Several profiles named at once: `acme,beta`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container


def split_profiles(named: str | None, known: Container[str]) -> list[str | None]:
    """Return the names of the profiles that are asked for, each once; [None] for whichever is the usual one.

    One of the `known` whose own name has a comma is meant whole.
    """
    if not named or named in known or "," not in named:
        return [named or None]
    return [*dict.fromkeys(name.strip() for name in named.split(",") if name.strip())] or [None]


def list_choices(names: list[str]) -> str:
    """Return how one of several profiles is chosen on the command line, in words."""
    return " or ".join(f"--profile {name}" for name in names)
