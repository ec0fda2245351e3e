"""The application as a process."""

from __future__ import annotations

import gc

from tests.support.driving import opened, served


async def test_garbage_is_looked_for_again_once_the_first_place_stands() -> None:
    gc.disable()  # as `o9s` starts
    try:
        with served(scenario="calm") as server:
            async with opened(server) as drive:
                await drive.until(gc.isenabled, "looking for garbage")
    finally:
        gc.unfreeze()
        gc.enable()
