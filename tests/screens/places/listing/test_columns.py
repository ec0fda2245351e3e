"""The columns of a list, chosen by its user."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.driving import opened
from tui.resources.batch.batches import BATCHES
from tui.resources.files import FILES
from tui.resources.language.column import CellContext
from tui.widgets.detail.detail_pane import DetailPane

if TYPE_CHECKING:
    from tests.support.driving import Drive, Server


def headers(drive: Drive) -> list[str]:
    """Return the headers of the columns shown."""
    return [column.header for column in drive.table.seen_columns]


@pytest.mark.opens("ChooseColumns")
async def test_columns_are_chosen_ordered_kept_and_reset(fresh: Server) -> None:
    async with opened(fresh) as drive:
        await drive.sees("faq-embeddings")
        await drive.until(lambda: headers(drive), "the columns")
        usual = headers(drive)
        assert usual[:2] == ["OUTCOME", "NAME"]
        await drive.press("o")
        await drive.sees("[x] OUTCOME")
        await drive.sees("[ ] meta.run")
        await drive.press("j", "K")  # the name first
        await drive.press("j", "j", "space")  # no model
        await drive.press("end", "space", "home")
        await drive.press("enter")
        await drive.until(lambda: headers(drive)[:2] == ["NAME", "OUTCOME"], "the columns in their order")
        chosen = headers(drive)
        assert "MODEL" not in chosen
        assert chosen[-1].startswith("meta.")
        await drive.press("shift+left", "O")
        assert drive.table.view.sort == chosen[-1]
        await drive.command("files")
        await drive.sees(" files ")
        await drive.press("left_square_bracket")
        await drive.until(lambda: headers(drive) == chosen, "the columns again")
        await drive.press("o")
        await drive.sees("[x] meta.")
        await drive.press("escape")
    kept = next(Path(os.environ["O9S_STATE_DIR"]).glob("layout.json"))
    assert json.loads(kept.read_text())["columns"] == {"batches": chosen}
    kept.write_text(kept.read_text().replace("FAIL", "a column of another version"))
    async with opened(fresh) as drive:
        await drive.sees("faq-embeddings")
        known = [name for name in chosen if name != "FAIL"]
        await drive.until(lambda: headers(drive) == known, "the columns that there are")
        await drive.press("o")
        await drive.sees("[x] NAME")
        await drive.press("r")
        await drive.until(lambda: headers(drive) == usual, "the columns of the start")


async def test_the_columns_are_ticked_where_nothing_matches(fresh: Server) -> None:
    async with opened(fresh, "models") as drive:
        await drive.command("files /zzzz")
        await drive.sees("Nothing matches")
        await drive.press("o")
        await drive.sees("[x] NAME")
        await drive.sees("[x] SIZE")
        await drive.press("enter")
        await drive.press("escape")
        await drive.until(lambda: headers(drive)[:1] == ["NAME"], "the rows with their columns")


def test_a_key_of_the_metadata_is_a_column() -> None:
    column = BATCHES.column("meta.run")
    assert column is not None
    assert column is BATCHES.column("meta.run")
    context = CellContext(0.0)
    record = BATCHES.record({"id": "batch_1", "metadata": {"run": "nightly"}})
    assert column.cell(record, context).text == "nightly"
    assert column.cell(BATCHES.record({"id": "batch_2"}), context).text == "·"
    assert FILES.column("meta.run") is None, "files have none"


async def test_the_detail_beside_gives_way_to_what_columns_hold(servers: tuple[Server, Server]) -> None:
    async with opened(servers[0], "models", size=(200, 60)) as drive:
        await drive.until(lambda: headers(drive) and len(drive.table.view), "the models")
        assert drive.app.screen.query_one(DetailPane).outer_size.width == 60, "nothing is cut there"
        await drive.command("keys")
        await drive.sees("storefront-staging")
        await drive.sees("sofia.moreau@acme.example")
        pane = drive.app.screen.query_one(DetailPane)
        narrowed = pane.outer_size.width
        assert narrowed in range(43, 60)
        await drive.press("+")  # now the user says how much is whose, beginning with what it is
        await drive.until(lambda: narrowed < pane.outer_size.width < narrowed + 20, "a larger detail")
