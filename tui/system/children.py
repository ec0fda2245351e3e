"""What programs that are started from here find in their environment."""

from __future__ import annotations

import os

KEYS = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY")
"""The variables that hold a key; they are for this program alone."""


def child_environment(**more: str) -> dict[str, str]:
    """Return the environment for the user's editor or a command, which gets no key, and `more` variables."""
    return {**{name: value for name, value in os.environ.items() if name not in KEYS}, **more}
