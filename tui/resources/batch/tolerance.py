"""What the user lets pass before an object counts as needing them. Set once, from the config file."""

from __future__ import annotations

from typing import ClassVar


class Tolerance:
    """The limits in force."""

    failed_share: ClassVar[float] = 0.0
    """How large a share of a batch's requests may fail; with 0 every failure counts."""
