"""Benches that take texts, one a line, and show numbers for them: embeddings and moderations."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.binding import Binding

from tui.api.errors import ApiError
from tui.resources.language.cells import pluralize
from tui.screens.workflows.bench.attachments import BadAttachment
from tui.screens.workflows.bench.base import Bench
from tui.text import clean
from tui.widgets.base.bars import KeyHint, TitleBar
from tui.widgets.input.line import Line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.api.operation import Operation
    from tui.live.platform import Platform

MAX_FILE = 4 << 20  # bytes of a file whose lines are taken


class Sheet(Bench):
    """Asks for many texts at once, `at_once` to a request; what came before one failed stays."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("o,ctrl+l", "load", "lines of a file", id="bench.load"),
    ]

    AT_ONCE = 100
    MOST = 100_000

    def __init__(self, platform: Platform, operation: Operation, settings: Mapping[str, Any]) -> None:
        super().__init__(platform, operation)
        example: list[Any] = operation.body.model_fields["model"].examples or [""] if operation.body else [""]
        self.settings: dict[str, Any] = {"model": example[0], **settings}
        self.texts: list[str] = []
        self.answers: list[Any] = []  # one for each text that was answered
        self._trouble = self._found = ""
        self._asking = False
        self._took = 0.0
        self._read = 0

    def on_mount(self) -> None:
        """Say what would be asked."""
        self.paint()

    # What a subclass says.

    def first_chunk(self, texts: list[str]) -> list[str]:
        """Return the first of these texts, as many as go into one request."""
        return texts[: self.AT_ONCE]

    async def body(self, texts: list[str]) -> dict[str, Any]:
        """Return the request for some texts. Raises BadAttachment."""
        raise NotImplementedError

    def read_answers(self, answer: Mapping[str, Any]) -> list[Any]:
        """Return what a request's answer holds, one for each of its texts."""
        raise NotImplementedError

    async def show(self) -> None:
        """Show what came."""
        raise NotImplementedError

    # How things stand.

    @property
    def holder(self) -> Sheet:
        """The sheet itself: it has one set of settings."""
        return self

    @property
    def busy(self) -> bool:
        """True while an answer is on its way."""
        return self._asking

    @property
    def failed(self) -> bool:
        """True if some texts have no answer."""
        return bool(self._trouble)

    def own_keys(self) -> list[KeyHint]:
        """Return the keys for lines."""
        return [KeyHint("o", "lines of file")]

    def paint(self) -> None:
        """Say how things stand."""
        more = [f"{name} {value}" for name, value in self.settings.items() if name != "model"]
        self.query_one("#head", TitleBar).show(
            [(f" {self.settings['model']}", "strong"), (f"  {' · '.join(more)}", "dim")]
        )
        done, total = len(self.answers), len(self.texts)
        if self._asking:
            said = [(f" ◌ {done:,} of {total:,} answered", "accent")]
        elif self._trouble:
            kept = f"{done:,} of {total:,} answered. " if done else ""
            said = [(f" ▲ {kept}{self._trouble} r tries again.", "bad")]
        elif total:
            tokens = f" · {pluralize(self._read, 'token')}" if self._read else ""
            said = [(" ✓ complete", "good"), (f"  {pluralize(total, 'text')}{tokens} · {self._took:.2f} s", "dim")]
        else:
            said = [(" nothing asked yet: one text a line, ctrl+j begins another", "dim")]
        self.query_one("#status", TitleBar).show(said, [(f"{self._found} " if self._found else "", "warn")])

    def show_found(self, words: str) -> None:
        """Say how a search stands."""
        self._found = words
        self.paint()

    # Sending texts.

    @on(Line.Sent)
    def _sent(self, event: Line.Sent) -> None:
        self.ask([line for line in event.text.splitlines() if line.strip()])

    def ask(self, texts: list[str]) -> None:
        """Ask for other texts."""
        if self._asking:
            self.notify("An answer is on its way; esc stops it.", severity="warning", markup=False)
        elif len(texts) > self.MOST:
            self.notify(f"At most {self.MOST:,} texts at once; these are {len(texts):,}.", severity="error")
        elif texts:
            self.texts, self.answers, self._took, self._read = texts, [], 0.0, 0
            self._go_on()

    def action_retry(self) -> None:
        """Ask for what has no answer yet; when all have, for all again."""
        if self._trouble and len(self.answers) < len(self.texts) and not self._asking:
            self._go_on()
        else:
            self.ask(self.texts)

    @work(exclusive=True, group="ask")
    async def _go_on(self) -> None:
        """Ask for the texts that have no answer yet, a request after the other."""
        self._trouble, self._asking = "", True
        self.paint()
        self._say()
        began = time.monotonic()
        try:
            while len(self.answers) < len(self.texts):
                texts = self.first_chunk(self.texts[len(self.answers) :])
                answer = await self._platform.client.call(self._operation, body=await self.body(texts))
                usage = answer.get("usage")
                tokens = usage.get("total_tokens") if isinstance(usage, dict) else 0
                self._read += tokens if isinstance(tokens, int) else 0
                found = self.read_answers(answer)
                if len(found) != len(texts):
                    self._trouble = (
                        f"The answer has {pluralize(len(found), 'result')} for {pluralize(len(texts), 'text')}."
                    )
                    break
                self.answers += found
                self.paint()
        except (ApiError, BadAttachment) as error:
            self._trouble = error.before_retry if isinstance(error, ApiError) else str(error)
        except asyncio.CancelledError:
            self._trouble = "Stopped."
            raise
        finally:
            self._asking = False
            self._took += time.monotonic() - began
            if self.is_attached:
                self.paint()
                self._say()
        await self.show()
        if self._trouble and self.writing:
            self.set_focus(self.results[0])

    def stop(self) -> None:
        """Cancel what is being asked; what came stays."""
        self.workers.cancel_group(self, "ask")

    @work(exclusive=True, group="load")
    async def action_load(self) -> None:
        """Take the lines of a file as the texts."""
        from tui.screens.dialogs.ask import Ask

        name = await self.app.push_screen_wait(Ask("A file with one text a line"))
        if not name:
            return
        path = Path(name)
        try:
            if path.stat().st_size > MAX_FILE:
                self.notify(f"{path.name} is larger than {MAX_FILE >> 20} MiB.", severity="error", markup=False)
                return
            content = await asyncio.to_thread(path.read_text, "utf-8", "replace")
        except OSError as error:
            said = f"{path} cannot be read: {error.strerror or error}."
            self.notify(clean(said), severity="error", markup=False)
            return
        self.ask([line for line in content.splitlines() if line.strip()])
