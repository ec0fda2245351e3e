"""The log of `:http`: every request and its outcome."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding

from tui.api.log import curl
from tui.resources.language.cells import pluralize, short_size, stamp
from tui.screens.dialogs.viewer import Viewer
from tui.toolkit.terminal.clipboard import copy
from tui.widgets.text.text_view import MemoryLines, TextView

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.api.credentials.connection import Connection
    from tui.api.log.exchanges import Exchange, Exchanges


HEADS = f"{'TIME':8}  {'STATUS':<8} {'TOOK':>9} {'SIZE':>9}  {'METHOD':<6} PATH AND REQUEST ID"


def format_exchange(exchange: Exchange) -> str:
    """Return an exchange in a line."""
    outcome = str(exchange.status or exchange.error or "…")
    volume = short_size(exchange.bytes_in)
    retries = f"  after {exchange.retries} retries" if exchange.retries else ""
    return (
        f"{stamp(exchange.when)[11:19]}  {outcome:<8} {exchange.ms:6.0f} ms {volume:>9}  "
        f"{exchange.method:<6} {exchange.path}  {exchange.request_id or ''}{retries}"
    ).rstrip()


def describe_exchange(exchange: Exchange, base_url: str) -> dict[str, object]:
    """Return all that is kept of an exchange, in words of HTTP."""
    return {
        "request": {
            "method": exchange.method,
            "url": f"{base_url}{exchange.path}",
            "sent": stamp(exchange.when),
            "key": f"the {exchange.key} key, which is not kept",
            "bytes": exchange.bytes_out,
            "body": "not kept" if exchange.bytes_out else None,
            "tries_before": exchange.retries,
        },
        "answer": {
            "status": exchange.status,
            "error": exchange.error or None,
            "milliseconds": round(exchange.ms),
            "bytes": exchange.bytes_in,
            "body": "not kept" if exchange.bytes_in else None,
            "request_id": exchange.request_id or None,
            "rate_limits": dict(exchange.limits),
            "headers": dict(exchange.headers),
        },
    }


class ExchangesScreen(Viewer):
    """The exchanges, newest last; new ones are added as they happen."""

    BINDINGS = [
        Binding("Y", "curl", "copy as curl", id="http.curl"),
        Binding("D", "save", "save all as an HTTP archive (HAR)", id="http.save"),
    ]

    def __init__(self, exchanges: Exchanges, connection: Connection) -> None:
        self._exchanges = list(exchanges)
        self._connection = connection
        self._lines = MemoryLines([format_exchange(exchange) for exchange in self._exchanges])
        self._view = TextView(self._lines, empty="No request yet.")
        self._log = exchanges
        self._let_go: Callable[[], None] = lambda: None
        super().__init__(
            "http",
            self._view,
            note=f"{connection.base_url} · Y copies as curl, D saves all as HAR",
            heads=HEADS,
            closed=lambda: self._let_go(),
        )

    def on_mount(self) -> None:
        """Show the newest and follow."""
        self._let_go = self._log.subscribe(self._append)
        self._view.action_last()

    def _append(self, exchange: Exchange) -> None:
        self._exchanges.append(exchange)
        self._lines.lines.append(format_exchange(exchange))
        self._view.show_growth()

    def value_of(self, line: TextView.LineChosen) -> object:
        """Return all that is kept of the exchange on a line: neither keys nor bodies are."""
        return describe_exchange(self._exchanges[line.number - 1], self._connection.base_url)

    @work(group="save", exclusive=True)
    async def action_save(self) -> None:
        """Write all that is shown to a file that browsers and proxies open; bodies are not kept, nor keys."""
        from tui.api.log.har import describe_line, make_archive
        from tui.export import write_text
        from tui.screens.dialogs.ask import Ask

        lines = [describe_line(exchange, self._connection.base_url) for exchange in self._exchanges]
        if name := await self.app.push_screen_wait(Ask("Save as HAR to", "o9s.har")):
            text = json.dumps(make_archive(lines), indent=1, ensure_ascii=False)
            self.notify(write_text(Path(name), [text, "\n"], pluralize(len(lines), "request")), markup=False)

    def action_curl(self) -> None:
        """Copy the request under the cursor as a command; the key stays a variable."""
        if self._exchanges:
            copy(self.app, curl.write_exchange_command(self._exchanges[self._view.cursor], self._connection))
