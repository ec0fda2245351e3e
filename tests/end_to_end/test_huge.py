"""A hundred thousand files: the first ones at once, all of them when asked, the count honest throughout."""

from __future__ import annotations

from tests.support.console import opened
from tests.support.driving import served


def test_a_hundred_thousand_files() -> None:
    with served(scenario="huge") as server, opened(server, "files") as console:
        console.sees("● live")
        asked = [seen["path"] for seen in server.requests()]
        assert len(asked) == 1, asked  # one page is enough for the first rows
        console.sees("files  100+")
        console.press("G")  # the end of what is known brings more
        console.sees("files  10,100+")
        console.press("L")
        console.until(lambda: "100,0" in console.lines[1] and "+" not in console.lines[1], "all files", 90)
        console.press("/")
        console.fill("size>1mb")
        console.until(lambda: " of 100,0" in console.lines[1], "the filter's count")
        console.press("esc", "S")
        console.until(lambda: "size" in console.lines[1], "the order")
        console.press("G")
        console.until(lambda: "Loading" not in console.text, "the last row")
