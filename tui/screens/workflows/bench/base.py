"""The base of all benches: a line to write in, a model to choose, parameters, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from textual import work
from textual.binding import Binding
from textual.screen import Screen

from tui.screens.workflows.bench.model_picker import ModelPicker
from tui.text import clean
from tui.widgets.base.bars import FooterBar, KeyHint, TitleBar
from tui.widgets.input.line import Line
from tui.widgets.input.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.api.operation import Operation
    from tui.live.platform import Platform
    from tui.widgets.charts.vector_matrix import VectorMatrix
    from tui.widgets.text.line_view import LineView
    from tui.widgets.text.transcript import Transcript

    Result = Transcript | VectorMatrix | LineView


class SettingsHolder(Protocol):
    """A part of a bench that has settings and shows them."""

    settings: dict[str, Any]

    def paint(self) -> None:
        """Show how things stand."""
        ...


class Bench(Screen[None]):
    """A screen to try one endpoint."""

    BINDINGS: ClassVar[list[Any]] = [
        Binding("escape", "unwind", "stop or back", id="bench.back"),
        Binding("q", "leave", "back", id="bench.leave"),
        Binding("i,enter", "write", "write", id="bench.write"),
        Binding("r,ctrl+r", "retry", "try again", id="bench.retry"),
        Binding("m,ctrl+t", "model", "model", id="bench.model"),
        Binding("p,ctrl+o", "settings", "parameters", id="bench.settings"),
        Binding("slash", "find", "search", key_display="/", id="bench.find"),
        Binding("ctrl+e", "edit", "write in $EDITOR", id="bench.editor", priority=True),
        Binding("ctrl+s", "save", "save", id="bench.save"),
        Binding("tab", "other", "next pane", id="bench.other", priority=True),
    ]

    SAVES = ""  # what a file it is saved to may end in

    def __init__(self, platform: Platform, operation: Operation) -> None:
        super().__init__()
        self._platform, self._operation = platform, operation
        self._models = ModelPicker(platform)
        self._searched: Result | None = None

    def on_mount(self) -> None:
        """Start writing."""
        operation = self._operation
        self.query_one("#title", TitleBar).show(
            [
                (f" {operation.path.removeprefix('/')}", "strong"),
                ("  try a model", ""),
                (f"  in {self._platform.account}" if self._platform.account else "", "warn"),
            ],
            [(f"{operation.method} {operation.path} ", "dim")],
        )
        line = self.query_one(Line)
        line.text = self._platform.drafts.pop(("bench", operation.path), line.text)
        line.move_cursor(line.document.end)
        self.set_focus(line)
        self._say()
        self._models.load(self)

    # What a subclass says.

    @property
    def holder(self) -> SettingsHolder:
        """The part whose settings are changed."""
        raise NotImplementedError

    @property
    def busy(self) -> bool:
        """True while an answer is on its way."""
        raise NotImplementedError

    @property
    def failed(self) -> bool:
        """True if something is worth another try."""
        raise NotImplementedError

    @property
    def results(self) -> Sequence[Result]:
        """The views that tab goes to after the line."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop the answers that are awaited."""
        raise NotImplementedError

    def action_retry(self) -> None:
        """Try again."""
        raise NotImplementedError

    def save(self, name: str) -> str:
        """Write what came to a file and return a sentence on how it went."""
        raise NotImplementedError

    @property
    def retry_label(self) -> str:
        """The word for another try."""
        return "try again"

    @property
    def may_leave(self) -> bool:
        """True once a key that would stop an answer may mean to leave."""
        return True

    def own_keys(self) -> list[KeyHint]:
        """Return the keys of this bench while the line has not the focus."""
        return []

    # How things stand.

    @property
    def writing(self) -> bool:
        """True while keys go into the line."""
        return isinstance(self.focused, Line)

    def _say(self) -> None:
        """Name the keys that work here and now."""
        busy, writing = self.busy, self.writing
        keys: list[KeyHint] = [KeyHint("esc", "stop")] if busy else []
        if self.failed:
            keys.append(KeyHint("ctrl+r" if writing else "r", self.retry_label, not busy))
        if writing:
            keys += [
                KeyHint("enter", "send", not busy),
                KeyHint("ctrl+t", "model"),
                KeyHint("ctrl+o", "parameters"),
            ]
            keys += [KeyHint("ctrl+s", "save"), KeyHint("ctrl+e", "$EDITOR"), KeyHint("tab", "results")]
        else:
            keys += [
                KeyHint("i", "write"),
                KeyHint("m", "model"),
                KeyHint("p", "parameters"),
                KeyHint("/", "search"),
            ]
            keys += [KeyHint(":", "go"), KeyHint("?", "help"), *self.own_keys(), KeyHint("ctrl+s", "save")]
        keys += [] if busy else [KeyHint("esc", "leave field" if writing else "back")]
        self.query_one(FooterBar).show_keys(keys)

    def on_descendant_focus(self) -> None:
        """Name the keys that work where the focus is now."""
        self._say()

    # Settings.

    def action_model(self) -> None:
        """Choose another model."""
        holder = self.holder

        def chosen(model: str) -> None:
            holder.settings["model"] = model or holder.settings["model"]
            holder.paint()

        self.ask_model(chosen)

    def ask_model(self, chosen: Callable[[str], object]) -> None:
        """Ask for a model; `chosen` gets its name, or "" when it may stay."""
        prompt, path = self.query_one(Prompt), self._operation.path

        def accept(text: str) -> bool:
            prompt.close()
            self.set_focus(self.query_one(Line))
            chosen(self._models.resolve(text, path))
            return True

        prompt.open("m", "", self._models.complete(path), accept)

    def on_prompt_closed(self, event: Prompt.Closed) -> None:
        """Put the focus back to what the prompt was opened from."""
        self.set_focus(self._searched if event.sign == "/" else self.query_one(Line))

    def action_find(self) -> None:
        """Ask what to look for in what came."""
        results = self.results
        view = self._searched = next((each for each in results if each is self.focused), results[0])
        self.query_one(Prompt).open_search(view, view.search)

    @work(exclusive=True, group="settings")
    async def action_settings(self) -> None:
        """Change the parameters."""
        from tui.screens.workflows.bench.settings import ask_settings

        holder = self.holder
        settings = await ask_settings(self.app, self._platform, self._operation, holder.settings)
        if settings is not None:
            holder.settings = settings
            holder.paint()

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave tab and ctrl+e to the prompt while a model is chosen."""
        if action in ("other", "edit") and self.query_one(Prompt).is_open:
            return False
        return super().check_action(action, parameters)

    def action_edit(self) -> None:
        """Write in the user's own editor."""
        from tui.toolkit.editor import edit

        line = self.query_one(Line)
        written = edit(self.app, line.text, ".md")
        if written is not None:
            line.text = written.rstrip("\n")
            line.move_cursor(line.document.end)

    def action_other(self) -> None:
        """Move the focus from the line to the results and back."""
        stops = [self.query_one(Line), *self.results]
        at = next((number for number, stop in enumerate(stops) if stop is self.focused), -1)
        self.set_focus(stops[(at + 1) % len(stops)])

    def action_write(self) -> None:
        """Put the focus into the line."""
        self.set_focus(self.query_one(Line))

    def action_unwind(self) -> None:
        """Stop what is on its way; else leave the line; else leave."""
        if self.busy:
            self.stop()
        elif self.writing:
            self.set_focus(self.results[0])
        elif self.may_leave:
            self.action_leave()

    def action_leave(self) -> None:
        """Leave, and keep what was not sent; what is on its way is stopped."""
        self.stop()
        if (text := self.query_one(Line).text).strip():
            self._platform.drafts["bench", self._operation.path] = text
        self.dismiss(None)

    @work(exclusive=True, group="save")
    async def action_save(self) -> None:
        """Write what came to a file, as what its name ends in."""
        from tui.screens.dialogs.ask import Ask

        suffix = self.SAVES.split(",")[0].split()[0]
        start = self._operation.path[1:].replace("/", "-") + suffix
        name = await self.app.push_screen_wait(Ask(f"Save as {self.SAVES}", start))
        if name:
            self.notify(clean(self.save(name)), markup=False, timeout=5)
