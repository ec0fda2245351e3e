"""A hundred thousand files: the first at once, all when asked; counted, filtered and sorted as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.console import opened
from tests.support.driving import Server, served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.console import Console


def every_file(server: Server) -> Iterator[dict[str, Any]]:
    """All files that the server has, newest first."""
    after = ""
    while page := server.call("GET", f"/files?order=desc&limit=10000{after}")["data"]:
        yield from page
        after = f"&after={page[-1]['id']}"


def rows(console: Console) -> list[str]:
    """The names of the files that the table shows, from the top."""
    return [line.split()[0] for line in console.lines[4:-1] if line.strip()]


def test_a_hundred_thousand_files() -> None:
    with served(scenario="huge") as server, opened(server, "files") as console:
        console.sees("● live")
        asked = [seen["path"] for seen in server.requests()]
        assert asked.count("/v1/files") == 1, asked  # one page is enough for the first rows
        console.sees("files  100+")
        console.press("G")  # the end of what is known brings more
        console.sees("files  10,100+")
        console.press("L")
        files = list(every_file(server))
        total = f"{len(files):,}"
        assert len(files) > 100_000
        console.until(lambda: total in console.lines[2] and "+" not in console.lines[2], "all files", 90)
        console.step("p")  # the detail away: there is room for every name

        def ordered(what: str, wanted: list[dict[str, Any]]) -> None:
            """See the first rows and, after G, the last."""
            names = [file["filename"] for file in wanted]
            console.press("g")
            console.until(lambda: rows(console)[:12] == names[:12], f"{what}, first {names[:12]}")
            console.press("G")
            console.until(lambda: rows(console)[-12:] == names[-12:], f"{what}, last {names[-12:]}")

        ordered("newest first", files)
        for key, column, order in (
            ("C", "▾ size", sorted(files, key=lambda file: -file["bytes"])),
            (
                "C",
                "▴ size",
                sorted(sorted(files, key=lambda file: -file["bytes"]), key=lambda file: file["bytes"]),
            ),
            ("N", "▴ name", sorted(files, key=lambda file: file["filename"])),
            ("N", "▾ name", sorted(files, key=lambda file: file["filename"], reverse=True)),
        ):
            console.press(key)
            console.until(lambda column=column: column in console.lines[2], column)  # type: ignore[misc]
            ordered(column, order)

        console.press("/")
        console.fill("purpose:user_data")
        wanted = [file for file in order if file["purpose"] == "user_data"]
        console.until(lambda: f"{len(wanted):,} of {total}" in console.lines[2], "the filter's count")
        console.step("enter")
        ordered("those of a purpose", wanted)
