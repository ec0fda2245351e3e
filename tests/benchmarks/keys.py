"""What a cursor key takes, from the key to the byte, beside the smallest program that answers one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure
from tests.benchmarks.programs import DATA_TABLE, LATER, SMALLEST, hide_detail, open_o9s, press_in_turn, settle
from tests.support.console import Console
from tests.support.driving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 30
SIZES = ((120, 40), (200, 60))
BESIDE = "the smallest program"


def figures() -> Iterator[Figure]:
    """Move the cursor of a list, alone and with its detail following."""
    with served(scenario="calm") as server:
        for columns, rows in SIZES:
            at = f"at {columns}×{rows}"
            with (
                Console(command=SMALLEST, columns=columns, rows=rows) as small,
                Console(command=(*DATA_TABLE, "1000"), columns=columns, rows=rows) as table,
                open_o9s(server.url, "batches", columns, rows) as console,
            ):
                small.sees("here")
                table.sees("file-00000030")
                console.sees(" today")  # what the header counts is read last
                for each in (small, table, console):
                    settle(each)
                keys = {BESIDE: "xy", "table": "j", "o9s": "jjjjkkkk"}
                consoles = {BESIDE: small, "table": table, "o9s": console}
                following = press_in_turn({"o9s": console}, keys, 16, LATER)["o9s"]
                hide_detail(console)
                taken = press_in_turn(consoles, keys, ROUNDS)
            smallest, own = taken[BESIDE], taken["o9s"]
            limited = columns == 120
            yield Figure(f"cursor key {at}", own.seen, "ms", BESIDE, smallest.seen, times=1.7)
            yield Figure(f"CPU of a cursor key {at}", own.cpu, "ms", BESIDE, smallest.cpu)
            yield Figure(f"sent for a cursor key {at}", own.sent, "B", most=500 if limited else None)
            sent = following.sent
            yield Figure(f"the same with its detail following {at}", sent, "B", most=1700 if limited else None)
            yield Figure(
                f"cursor key of a DataTable {at}, for comparison", taken["table"].seen, "ms", BESIDE, smallest.seen
            )
