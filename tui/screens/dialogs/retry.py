"""The choice of requests of a batch to send again, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from textual import on, work
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.resources.language.cells import pluralize, short_size
from tui.toolkit.controls import Option, OptionList
from tui.widgets.base.bars import Bar
from tui.workflows.batch_results.results import LEFT_OUT, REFUSED, WORTH_RETRYING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.app import ComposeResult

    from tui.workflows.batch_results.results import Results

MARKED = "only the marked"


class RetryPlan(NamedTuple):
    """The requests to send again, whether as a new batch now or from a file later, and with which model."""

    ids: Sequence[str]
    create: bool
    model: str = ""
    """The model in the place of that of each request; "" leaves those."""


class Retry(ModalScreen["RetryPlan | None"]):
    """Asks which requests to send again. Dismissed with the plan, or None."""

    BINDINGS = [
        Binding("escape,q", "leave", "cancel", id="retry.cancel"),
        # With priority over the list, which has both keys for choosing.
        Binding("space", "tick", "tick", id="retry.tick", priority=True),
        Binding("enter", "take(True)", "a new batch", id="retry.create", priority=True),
        Binding("w", "take(False)", "write a file", id="retry.write"),
        Binding("m", "model", "with another model", id="retry.model"),
    ]

    DEFAULT_CSS = """
    Retry { align: center middle; }
    Retry > Vertical {
        width: 64; max-width: 98%; height: auto; border: round $primary; padding: 0 1; background: $surface;
    }
    Retry OptionList, Retry OptionList:focus { height: auto; border: none; padding: 0; background: $surface; }
    Retry #sum { margin-top: 1; }
    """

    def __init__(
        self,
        results: Results,
        marked: Sequence[str],
        choose_model: Callable[[], Awaitable[str]],
        *,
        refused: str = "",
    ) -> None:
        """`choose_model` asks for one, "" for none; `refused` is the reason why no batch can be made now."""
        super().__init__()
        self._results, self._refused = results, refused
        self._choose_model, self._model = choose_model, ""
        self._groups = results.group_for_retry()
        # What would be refused again is sent again only if somebody says so, or if there is nothing else; and what
        # was answered, or may have been, only if somebody says so.
        self._ticked = set(self._groups) & set(WORTH_RETRYING) or set(self._groups) & {REFUSED}
        if marked:
            self._groups[MARKED] = list(marked)
            self._ticked = {MARKED}

    def compose(self) -> ComposeResult:
        """Yield the groups of requests, their sum, and the keys."""
        with Vertical() as box:
            box.border_title = "Send requests again"
            yield OptionList()
            yield Bar(id="sum")
            yield Bar(id="keys")

    def on_mount(self) -> None:
        """Start with everything that went wrong, or with what was marked."""
        self.set_focus(self.query_one(OptionList))
        tone = "dim" if self._refused else ""
        keys = [("space", "key"), (" tick   ", ""), ("enter", tone or "key"), (" new batch   ", tone)]
        keys += [("w", "key"), (" write a file   ", ""), ("m", "key"), (" model   ", "")]
        keys += [("esc", "key"), (" cancel", "")]
        self.query_one("#keys", Bar).show(keys)
        self._show(0)

    @property
    def ids(self) -> list[str]:
        """The requests that are ticked."""
        return [id_ for name, ids in self._groups.items() if name in self._ticked for id_ in ids]

    def _show(self, at: int) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        for name, ids in self._groups.items():
            note = f"  {LEFT_OUT[name]}" if name in LEFT_OUT else ""
            # In one colour, which is legible under the cursor too.
            options.add_option(Option(f"{'✓' if name in self._ticked else ' '} {name:<17}{len(ids):>9,}{note}"))
        options.highlighted = at
        ids = self.ids
        sum_ = f"{pluralize(len(ids), 'request')} · {short_size(self._results.count_request_bytes(ids))}"
        model = f" · with {self._model}" if self._model else " · with the model of each"
        told: list[tuple[str, str]] = [(sum_, "strong"), (model, "accent" if self._model else "dim")]
        self.query_one("#sum", Bar).show(told if ids else [("Nothing is ticked.", "warn")])

    def action_tick(self) -> None:
        """Tick the group under the cursor, or untick it. The marked requests stand for themselves."""
        at = self.query_one(OptionList).highlighted or 0
        name = list(self._groups)[at]
        self._ticked ^= {name}
        if name in self._ticked:
            self._ticked = {name} if name == MARKED else self._ticked - {MARKED}
        self._show(at)

    def action_take(self, create: bool) -> None:
        """Leave with the plan, if something is ticked and it may be done."""
        if not self.ids:
            self.app.bell()
        elif create and self._refused:
            self.query_one("#sum", Bar).show([(f"Cannot make a batch: {self._refused}.", "bad")])
        else:
            self.dismiss(RetryPlan(self.ids, create, self._model))

    @work(group="model", exclusive=True, exit_on_error=False)
    async def action_model(self) -> None:
        """Choose a model for all of them; with it what was refused may be taken."""
        if model := await self._choose_model():
            self._model = model
            if MARKED not in self._ticked:
                self._ticked |= set(self._groups) & {REFUSED}
            self._show(self.query_one(OptionList).highlighted or 0)

    @on(OptionList.OptionSelected)
    def _clicked(self) -> None:
        self.action_tick()

    def action_leave(self) -> None:
        """Leave without a plan."""
        self.dismiss(None)
