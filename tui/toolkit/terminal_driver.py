"""Textual's driver of a terminal on Linux and macOS, with a careful reader in place of its own."""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder

from textual.drivers.linux_driver import LinuxDriver

from tui.toolkit.terminal_input import CarefulParser


class TerminalDriver(LinuxDriver):
    """Reads what the terminal sends with `CarefulParser`. Bytes that are no UTF-8 do not end it either."""

    def run_input_thread(self) -> None:
        """Read from the terminal until the program ends."""
        parser = CarefulParser(self._debug)
        decoder = getincrementaldecoder("utf-8")("replace")
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    for event in parser.feed(decoder.decode(os.read(self.fileno, 4096))):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
