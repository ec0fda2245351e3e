"""The choice of requests to send again, and how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from textual import on, work
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.resources.language.cells import pluralize, short_size
from tui.resources.language.reading.amounts import dump_json
from tui.screens.dialogs.ask import Ask
from tui.toolkit.controls import Option, OptionList
from tui.widgets.base.bars import Bar
from tui.workflows.batch_results.changes import read_change
from tui.workflows.batch_results.results import LEFT_OUT, REFUSED, WORTH_RETRYING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Container, Mapping

    from textual.app import ComposeResult

MARKED = "only the marked"


class RetryPlan(NamedTuple):
    """The groups of requests to send again, whether now or from a file later, and with what changed."""

    groups: frozenset[str]
    now: bool
    changes: Mapping[str, Any]
    """Fields of the bodies that are set anew, by their path."""


class Retry(ModalScreen["RetryPlan | None"]):
    """Asks which requests to send again. Dismissed with the plan, or None."""

    BINDINGS = [
        Binding("escape,q", "leave", "cancel", id="retry.cancel"),
        # With priority over the list, which has both keys for choosing.
        Binding("space", "tick", "tick", id="retry.tick", priority=True),
        Binding("enter", "take(True)", "send now", id="retry.create", priority=True),
        Binding("w", "take(False)", "write a file", id="retry.write"),
        Binding("m", "model", "with another model", id="retry.model"),
        Binding("s", "field", "with a field set", id="retry.field"),
    ]

    DEFAULT_CSS = """
    Retry { align: center middle; }
    Retry > Vertical {
        width: 78; max-width: 98%; height: auto; border: round $primary; padding: 0 1; background: $surface;
    }
    Retry OptionList, Retry OptionList:focus { height: auto; border: none; padding: 0; background: $surface; }
    Retry #sum { margin-top: 1; }
    """

    def __init__(
        self,
        groups: Mapping[str, int],
        choose_model: Callable[[], Awaitable[str]],
        *,
        marked: int = 0,
        size_of: Callable[[Container[str]], int] | None = None,
        makes: str = "new batch",
        refused: str = "",
    ) -> None:
        """Take the number of requests in each group, and that of those that are marked.

        `choose_model` asks for one, "" for none; `size_of` tells the bytes of the requests of groups; `makes` is
        what comes of them now, and `refused` the reason why it cannot.
        """
        super().__init__()
        self._groups, self._size_of = dict(groups), size_of
        self._makes, self._refused = makes, refused
        self._choose_model, self._changes = choose_model, dict[str, Any]()
        # What would be refused again is sent again only if somebody says so, or if there is nothing else; and what
        # was answered, or may have been, only if somebody says so.
        self._ticked = set(self._groups) & set(WORTH_RETRYING) or set(self._groups) & {REFUSED}
        if marked:
            self._groups[MARKED] = marked
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
        keys = [("space", "key"), (" tick  ", ""), ("enter", tone or "key"), (f" {self._makes}  ", tone)]
        keys += [("w", "key"), (" file  ", ""), ("m", "key"), (" model  ", "")]
        keys += [("s", "key"), (" field  ", ""), ("esc", "key"), (" cancel", "")]
        self.query_one("#keys", Bar).show(keys)
        self._show(0)

    def _show(self, at: int) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        for name, count in self._groups.items():
            note = f"  {LEFT_OUT[name]}" if name in LEFT_OUT else ""
            # In one colour, which is legible under the cursor too.
            box = "[x]" if name in self._ticked else "[ ]"
            options.add_option(Option(f"{box} {name:<17}{count:>9,}{note}"))
        options.highlighted = at
        sum_ = pluralize(sum(self._groups[name] for name in self._ticked), "request")
        if self._size_of:
            sum_ += f" · {short_size(self._size_of(self._ticked))}"
        told = [
            (value if path == "model" else f"{path}={dump_json(value)}") for path, value in self._changes.items()
        ]
        words = f" · with {', '.join(told)}" if told else " · each with its own model"
        shown: list[tuple[str, str]] = [(sum_, "strong"), (words, "accent" if told else "dim")]
        self.query_one("#sum", Bar).show(shown if self._ticked else [("Nothing is ticked.", "warn")])

    def action_tick(self) -> None:
        """Tick the group under the cursor, or untick it. The marked requests stand for themselves."""
        at = self.query_one(OptionList).highlighted or 0
        name = list(self._groups)[at]
        self._ticked ^= {name}
        if name in self._ticked:
            self._ticked = {name} if name == MARKED else self._ticked - {MARKED}
        self._show(at)

    def action_take(self, now: bool) -> None:
        """Leave with the plan, if something is ticked and it may be done."""
        if not self._ticked:
            self.app.bell()
        elif now and self._refused:
            self.query_one("#sum", Bar).show([(f"Cannot send them now: {self._refused}.", "bad")])
        else:
            self.dismiss(RetryPlan(frozenset(self._ticked), now, self._changes))

    @work(group="change", exclusive=True, exit_on_error=False)
    async def action_model(self) -> None:
        """Choose a model for all of them; with it what was refused may be taken."""
        if model := await self._choose_model():
            self._change("model", model)

    @work(group="change", exclusive=True, exit_on_error=False)
    async def action_field(self) -> None:
        """Set a field of the body in all of them."""
        question = "Field of the body to set, such as temperature=0 or reasoning.effort=low"
        if asked := await self.app.push_screen_wait(
            Ask(question, title="Set a field of the requests sent again", read=read_change)
        ):
            self._change(*read_change(asked))

    def _change(self, path: str, value: Any) -> None:
        self._changes[path] = value
        if MARKED not in self._ticked:
            self._ticked |= set(self._groups) & {REFUSED}
        self._show(self.query_one(OptionList).highlighted or 0)

    @on(OptionList.OptionSelected)
    def _clicked(self) -> None:
        self.action_tick()

    def action_leave(self) -> None:
        """Leave without a plan."""
        self.dismiss(None)
