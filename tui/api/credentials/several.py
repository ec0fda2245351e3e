"""Several profiles named at once: `acme,beta`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from tui.config.settings import Config


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


def require_profile(name: str, config: Config) -> None:
    """Raise UnknownProfile for a name given by hand that no profile has; `default` need not be there."""
    from difflib import get_close_matches

    from tui.api.errors import UnknownProfile  # the first frame does not wait for it

    if config.unreadable:
        raise UnknownProfile(f"Profile {name} cannot be looked up.", config.unreadable)
    if name in config.profiles or name == "default":
        return
    near = get_close_matches(name, config.profiles, n=1)
    there_are = f"There are: {', '.join(sorted(config.profiles))}."
    if not config.profiles:
        there_are = "There are none: `o9s auth login --profile NAME` makes one, README shows how one is written."
    raise UnknownProfile(
        f"There is no profile {name}.", f"Did you mean {near[0]}? {there_are}" if near else there_are
    )
