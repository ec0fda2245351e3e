"""How many examples a property is tried on: few each time, a thousand with `HYPOTHESIS_PROFILE=thorough`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


def examples(number: int) -> settings:
    """Return the settings of a property that needs another number of examples than usual (20)."""
    # A fixture of a function serves all examples: they change nothing in it.
    return settings(
        max_examples=1_000 if THOROUGH else number,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
