"""What an app writes to its terminal, in the same process: exact, and without waiting for quiet."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyte
from textual.drivers.headless_driver import HeadlessDriver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from textual.app import App
    from textual.pilot import Pilot


class Recorder(HeadlessDriver):
    """A driver that keeps what would go to the terminal."""

    written: str = ""

    @property
    def is_headless(self) -> bool:
        """Headless drivers are not written to."""
        return False

    def write(self, data: str) -> None:
        """Keep."""
        self.written += data


@dataclass
class Recording:
    """A running app, and a terminal that shows what it wrote."""

    pilot: Pilot[None]
    terminal: pyte.Screen
    _stream: pyte.ByteStream = field(init=False)

    def __post_init__(self) -> None:
        self._stream = pyte.ByteStream(self.terminal)

    async def press(self, *keys: str) -> bytes:
        """What the app writes when these keys are pressed."""
        await self.pilot.press(*keys)
        return await self.take()

    async def take(self) -> bytes:
        """What the app wrote since the last time."""
        await self.pilot.pause()
        driver = self.pilot.app._driver
        assert isinstance(driver, Recorder)
        taken, driver.written = driver.written.encode(), ""
        self._stream.feed(taken)
        return taken

    @property
    def lines(self) -> list[str]:
        """What the terminal shows."""
        return [line.rstrip() for line in self.terminal.display]

    def bold(self, y: int) -> str:
        """The bold characters of a line."""
        line = self.terminal.buffer[y]
        return "".join(line[x].data for x in range(self.terminal.columns) if line[x].bold).strip()

    def painted(self) -> list[list[tuple[str, str, str]]]:
        """Each cell of the terminal with its colours."""
        return [
            [(cell.data, cell.fg, cell.bg) for x in range(self.terminal.columns) for cell in [line[x]]]
            for line in (self.terminal.buffer[y] for y in range(self.terminal.lines))
        ]


def seen(terminal: pyte.Screen) -> list[tuple[object, ...]]:
    """What is seen of each cell of a terminal: of an empty one neither its letter's colour nor its boldness."""
    cells = [terminal.buffer[y][x] for y in range(terminal.lines) for x in range(terminal.columns)]
    return [
        (cell.data, cell.bg, cell.underscore, cell.strikethrough, cell.reverse)
        + ((cell.fg, cell.bold, cell.italics) if cell.data != " " or cell.reverse else ())
        for cell in cells
    ]


@asynccontextmanager
async def recorded(app: App[None], width: int = 120, height: int = 40) -> AsyncIterator[Recording]:
    """Run an app, its first frame already taken."""
    app.driver_class = Recorder
    async with app.run_test(size=(width, height), headless=False) as pilot:
        recording = Recording(pilot, pyte.Screen(width, height))
        await recording.take()
        yield recording
