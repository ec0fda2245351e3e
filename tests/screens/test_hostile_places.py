"""What strangers may write, on every screen: it is made harmless where it is drawn, and nothing breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.driving import opened
from tests.support.examples import THOROUGH
from tests.support.hostile_places import HostilePlatform, Watched, press_through

if TYPE_CHECKING:
    from tests.support.driving import Server


@pytest.mark.skipif(not THOROUGH, reason="looks at every screen for minutes: HYPOTHESIS_PROFILE=thorough")
async def test_the_last_door_before_the_terminal_has_nothing_to_do(fresh: Server) -> None:
    async with opened(fresh, "batches") as drive:
        platform = HostilePlatform()
        assert drive.app.platform
        drive.app.platform.client._wire.json = platform.json  # type: ignore[method-assign]
        door = drive.app._harmless = Watched(drive.app)
        await press_through(drive)
        assert door.late == {}
        assert platform.count > 200
