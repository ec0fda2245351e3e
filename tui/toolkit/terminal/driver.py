"""Textual's driver of a terminal on Linux and macOS, with a careful reader in place of its own."""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING

from textual.drivers.linux_driver import LinuxDriver
from textual.events import InputEvent, MouseMove

from tui.toolkit.terminal import ground
from tui.toolkit.terminal.flow import Arrived, Flow
from tui.toolkit.terminal.input import CarefulParser

if TYPE_CHECKING:
    from textual.message import Message

LAST_ANSWERS = 0.5  # seconds to wait for them when the terminal is given back


class TerminalDriver(LinuxDriver):
    """Reads what the terminal sends with `CarefulParser`. Bytes that are no UTF-8 do not end it either."""

    def run_input_thread(self) -> None:
        """Read from the terminal until the program ends or the terminal is gone."""
        parser = CarefulParser(self._debug)
        decoder = getincrementaldecoder("utf-8")("replace")
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    try:
                        read = os.read(self.fileno, 4096)
                    except OSError:
                        read = b""
                    if not read:  # the terminal is gone; `on_hangup` ends the program
                        return
                    for event in parser.feed(decoder.decode(read)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)

    @property
    def _flow(self) -> Flow:
        flow: Flow = getattr(self._app, "flow", None) or Flow()
        return flow

    def process_message(self, message: Message) -> None:
        """Take in what the terminal sent. An answer is taken in at once, in the thread that reads."""
        if isinstance(message, Arrived):
            self._flow.arrived()
        elif isinstance(message, InputEvent) and not isinstance(message, MouseMove):
            self._flow.take_key()
        super().process_message(message)

    def start_application_mode(self) -> None:
        """Take the terminal, and ask for its background where the colours follow that. Waits for no answer."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self.input_tty:
            self.write(self._flow.begin())
        if getattr(self._app, "follows_terminal", False):
            self.write(ground.FOLLOW)

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        thread = self._key_thread
        self._flow.end(LAST_ANSWERS if thread is not None and thread.is_alive() else 0.0)
        self.write(ground.LEAVE)
        super().stop_application_mode()

    def disable_input(self) -> None:
        """Stop reading, also where Textual gives up half way because the terminal is gone."""
        super().disable_input()
        thread = self._key_thread
        if thread is not None and thread.is_alive():
            self.exit_event.set()
            thread.join()
            self.exit_event.clear()

    def _sigcont_application(self, *_: object) -> None:
        """Take the terminal back after ctrl+z.

        A program that was not suspended is told to continue, too, when its terminal hangs up. Textual would
        start a second reader then, and stop only that one.
        """
        if self._must_signal_resume:
            super()._sigcont_application()
