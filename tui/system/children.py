"""What programs that are started from here find in their environment."""

from __future__ import annotations

import os

KEYS = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY")
"""The variables that hold a key; they are for this program alone."""
NO_PLUGINS = "PYDANTIC_DISABLE_PLUGINS", "__all__"
"""A variable and its value here: no plugin reads what models read, nor is one searched for."""


def build_child_environment(**more: str) -> dict[str, str]:
    """Return the environment for the user's editor or a command, which gets no key, and `more` variables."""
    kept = (each for each in os.environ.items() if each[0] not in KEYS and each != NO_PLUGINS)
    return {**dict(kept), **more}
