"""What is said to help against an error, and when it is tried again."""

from __future__ import annotations

import time

from tui.api.errors import LinkError
from tui.live.polling.poller import Health
from tui.screens.places.frame import describe_remedy


def test_a_time_to_try_again_is_named_until_it_is_there() -> None:
    error = LinkError("timeout", "No answer.")
    assert describe_remedy(Health("stale", 0, error, time.time() + 3600)).startswith("Trying again at ")
    assert describe_remedy(Health("stale", 0, error, time.time() - 1)).startswith("Trying again now.")
    assert "r tries again." in describe_remedy(Health("stale", 0, error))
