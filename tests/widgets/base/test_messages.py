"""Messages stand in the line of the footer, whole and in order, and cover nothing that one reads."""

from __future__ import annotations

from tests.support.driving import opened, served
from tui.widgets.base.bars import FooterBar

LONG = (
    "A sentence that is longer than the terminal is wide, so that it is wrapped and can be read to its very end."
)


async def test_they_stand_where_the_keys_are_and_push_up_what_is_above() -> None:
    with served(scenario="calm", now=1_790_000_000.0) as server:
        async with opened(server, "batches", size=(80, 24)) as drive:
            app = drive.app
            lines = len(drive.text().splitlines()) - 1
            app.notify("Short.", markup=False, timeout=60)
            await drive.sees(" ● Short.")
            shown = drive.text().splitlines()
            assert shown[-1].startswith(" ● Short. ")
            assert shown[-1].rstrip().endswith("? help"), "the keys at the right stay"
            app.notify(LONG, markup=False, severity="warning", timeout=60)
            app.notify("Third.", markup=False, severity="error", timeout=60)
            await drive.sees(" ✖ Third.")
            await drive.until(lambda: app.screen.query_one(FooterBar).size.height == 4, "room for four lines")
            shown = drive.text().splitlines()
            assert [line[:3] for line in shown[-4:]] == [" ● ", " ▲ ", " an", " ✖ "]
            assert " ".join(" ".join(shown[-3:-1]).split()) == f"▲ {LONG}", "a long one is whole"
            assert drive.table.region.bottom <= lines - 3, "what stood there is above them"
            app.clear_notifications()
            await drive.until(lambda: drive.text().splitlines()[-1].startswith(" enter"), "the keys again")
            assert app.screen.query_one(FooterBar).size.height == 1
            await drive.press("ctrl+p")
            app.notify("Over the palette.", markup=False, timeout=60)
            await drive.until(lambda: drive.text().splitlines()[-1].startswith(" ● Over"), "a line of a dialog")
