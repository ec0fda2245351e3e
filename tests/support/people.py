"""Who and whose account can be seen on a screen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from screenshots.make import draw
from tui.sandbox.families.organization.roster import PEOPLE

if TYPE_CHECKING:
    from tui.app import O9s

_WORDS = {word for person in PEOPLE for word in (person.name, *person.name.split(), *person.email.split("@"))}
# Whole, or what a cut or the end of a line leaves of it.
_SEEN = re.compile(
    "|".join(rf"\b{re.escape(word)}\b" for word in sorted(_WORDS, key=len, reverse=True))
    + r"|\b(?:"
    + "|".join(sorted({person.name[:length] for person in PEOPLE for length in range(2, len(person.name))}))
    + r")…|\S@\w|\bsk-\w+-…|(?<![\w•])•{2,4}\w{4}\b|\b(?:org-|proj_|user-)\w{5,}"
)


def find_people(app: O9s) -> list[str]:
    """Return what of people, keys and ids of accounts the screen shows; a picture of it shows the same."""
    lines = ("".join(part.text for part in strip) for strip in draw(app))
    return [f"{found[0]} in {line.strip()!r}" for line in lines for found in _SEEN.finditer(line)]
