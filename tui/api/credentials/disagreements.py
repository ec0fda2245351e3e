"""Where the environment and a profile say different things: what is used, what is not, and the sentences on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.api.credentials.connection import DEFAULT_BASE_URL, host_of
from tui.api.errors import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui.api.operation import Key
    from tui.config.settings import Profile

VARIABLES_USED = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")
"""The variables of the environment that say where to connect to, and with which keys."""
# What other programs call these, or did.
_OTHER_NAMES = {
    "OPENAI_API_BASE": "OPENAI_BASE_URL",
    "OPENAI_API_URL": "OPENAI_BASE_URL",
    "OPENAI_ORGANIZATION": "OPENAI_ORG_ID",
    "OPENAI_PROJECT": "OPENAI_PROJECT_ID",
}


def find_unused(given: Mapping[str, str], own: list[Key], *, named: bool) -> list[str]:
    """Return the variables that are set and make way for the profile, which has keys of its own in these slots.

    What says whose keys those of the environment are, goes with them.
    """
    if named:
        return [variable for variable in VARIABLES_USED if variable in given] if own else []
    keys = [VARIABLES[kind] for kind in own if VARIABLES[kind] in given]
    return [*keys, *(each for each in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID") if each in given)] if keys else []


def describe_disagreements(
    name: str, settings: Profile, given: Mapping[str, str], unused: list[str], *, named: bool
) -> tuple[str, ...]:
    """Return sentences on sources that disagree: which is used, and which is not."""
    kept = {
        "OPENAI_BASE_URL": settings.base_url,
        "OPENAI_ORG_ID": settings.organization,
        "OPENAI_PROJECT_ID": settings.project,
        "OPENAI_API_KEY": "key_command" if settings.key_command else None,
        "OPENAI_ADMIN_KEY": "admin_key_command" if settings.admin_key_command else None,
    }
    both = [
        variable
        for variable in VARIABLES_USED
        if variable in given and variable not in unused and kept[variable] not in (None, given[variable])
    ]
    if named:
        listed, are = _list(unused or both, "is", "are")
        return (f"Profile {name} was named and goes first: {listed} {are} not used.",) if listed else ()
    notes = []
    if unused:
        listed, are = _list(unused, "is", "are")
        here, there = host_of(DEFAULT_BASE_URL), host_of(settings.base_url or DEFAULT_BASE_URL)
        notes.append(f"{listed} {are} for {here} and {are} not sent to {there}: what profile {name} has is used.")
    if both:
        listed, goes = _list(both, "goes", "go")
        notes.append(f"{listed} {goes} before what profile {name} says; --profile {name} turns that round.")
    left = [each for each in ("organization", "project") if getattr(settings, each)]
    if left and is_all_given(given, named=named) and not unused:
        told, verb = " and ".join(left), "is" if len(left) == 1 else "are"
        notes.append(
            f"The {told} of profile {name} {verb} not sent: key and base URL are those of the environment."
        )
    return tuple(notes)


def find_other_names(env: Mapping[str, str], given: Mapping[str, str], base_url: str | None) -> Iterator[str]:
    """Yield a sentence on each variable that says under another name what nothing else does."""
    for other, variable in _OTHER_NAMES.items():
        if (
            env.get(other, "").strip()
            and variable not in given
            and not (base_url and variable == "OPENAI_BASE_URL")
        ):
            yield f"{other} of the environment is not read: it is called {variable}."


def is_all_given(given: Mapping[str, str], *, named: bool) -> bool:
    """Return whether the environment says both where to connect to and with which key."""
    return not named and "OPENAI_BASE_URL" in given and any(variable in given for variable in VARIABLES.values())


def _list(variables: list[str], one: str, several: str) -> tuple[str, str]:
    """Return variables as the subject of a sentence, and the verb for so many; "" for none."""
    listed = f"{', '.join(variables)} of the environment" if variables else ""
    return listed, one if len(variables) == 1 else several
