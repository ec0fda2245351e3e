"""Whatever part of the program raises: it is told in one sentence, and the rest goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual import on, work
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message
from textual.notifications import Notification
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Button, Static
from textual.widgets._toast import Toast

from tests.support.driving import Drive, until
from tui.app import O9s
from tui.start import Start
from tui.toolkit.faults import FaultTolerant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.app import ComposeResult

pytestmark = pytest.mark.faulty


def broken(*_: object) -> Any:
    raise RuntimeError("it broke")


class Ping(Message):
    """Sent by a part to its screen."""


class Part(Widget, can_focus=True):
    """A part of which one thing may be broken."""

    DEFAULT_CSS = "Part { height: 2; width: 10; }"
    BINDINGS = [
        Binding("x", "act", "act"),
        Binding("X", "act", "act", priority=True),
        Binding("w", "begin", "begin"),
    ]

    def action_act(self) -> None: ...

    def action_begin(self) -> None:
        self.begin()

    @work
    async def begin(self) -> None: ...

    def render_line(self, y: int) -> Strip:
        return Strip.blank(self.size.width)


class Stage(ModalScreen[None]):
    """A screen that a broken part is put on."""

    BINDINGS = [Binding("a", "act", "act")]

    def __init__(self, *parts: Widget) -> None:
        super().__init__()
        self.parts, self.heard = parts, 0

    def compose(self) -> ComposeResult:
        with Vertical():
            yield from self.parts
            yield Static("still here")
            yield Button("press")

    def action_act(self) -> None:
        self.heard += 1

    def on_ping(self) -> None:
        self.heard += 1

    @on(Button.Pressed)
    def pressed(self) -> None:
        self.heard += 1


class Told:
    """What was reported."""

    def __init__(self) -> None:
        self.errors: list[BaseException] = []


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    told, report = Told(), FaultTolerant.report

    def noting(app: FaultTolerant, error: BaseException) -> None:
        told.errors.append(error)
        report(app, error)

    monkeypatch.setattr(FaultTolerant, "report", noting)
    yield told


async def staged(stage: Stage, act: Callable[[Drive, Stage], Any], told: Told, *, faults: bool = True) -> Drive:
    """Show a stage in the program, do something to it, and see it told and everything else alive."""
    app = O9s(Start(base_url="http://127.0.0.1:9/v1"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", "sk-test-only-project-key")
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            drive = Drive(app, pilot)
            await until(lambda: len(app.screen_stack) == 2, "the first place")
            app.push_screen(stage)
            await until(lambda: stage.is_mounted, "the stage")
            outcome = act(drive, stage)
            if hasattr(outcome, "__await__"):
                await outcome
            if faults:
                await drive.told("This did not work because of a fault in o9s: RuntimeError: it broke")
                # Told, and the screen drawn again with that: still no more than one sentence.
                await pilot.pause()
                assert len([each for each in app._notifications if "it broke" in each.message]) == 1
            before = stage.heard
            await pilot.press("a")
            await drive.until(lambda: stage.heard > before, "a key to work")
            await drive.sees("still here")
            await pilot.press("question_mark")
            assert app.return_code is None
            assert app.is_running
    return drive


KINDS: dict[str, tuple[Callable[[Part], object], Callable[[Drive, Stage], Any]]] = {
    "an action": (lambda part: setattr(part, "action_act", broken), lambda drive, _: drive.press("x")),
    "an action with priority": (
        lambda part: setattr(part, "action_act", broken),
        lambda drive, _: drive.press("X"),
    ),
    "a check of an action": (
        lambda part: setattr(part, "check_action", broken),
        lambda drive, _: drive.press("x"),
    ),
    "a worker": (lambda part: setattr(part, "begin", None), lambda drive, _: drive.press("w")),
    "a timer": (lambda part: None, lambda _, stage: stage.set_timer(0.01, broken)),
    "an interval": (lambda part: None, lambda _, stage: stage.set_interval(0.01, broken)),
    "a callback": (lambda part: None, lambda _, stage: stage.call_later(broken)),
    "a callback of the application": (lambda part: None, lambda drive, _: drive.app.call_later(broken)),
    "a callback after painting": (lambda part: None, lambda _, stage: stage.call_after_refresh(broken)),
    "a callback at once": (lambda part: None, lambda _, stage: stage.call_next(broken)),
    "painting a line": (lambda part: setattr(part, "render_line", broken), lambda _, stage: None),
    "painting": (lambda part: setattr(part, "render_lines", broken), lambda _, stage: None),
    "measuring": (lambda part: setattr(part, "get_content_height", broken), lambda _, stage: None),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_told_and_the_rest_goes_on(kind: str, told: Told) -> None:
    breaks, act = KINDS[kind]
    part = Part()
    if kind == "measuring":
        part.styles.height = "auto"
    if kind == "a worker":

        async def work_() -> None:
            broken()

        part.begin = lambda: part.run_worker(work_())  # type: ignore[method-assign]
    else:
        breaks(part)

    def acting(drive: Drive, stage: Stage) -> Any:
        stage.set_focus(part)
        return act(drive, stage)

    await staged(Stage(part), acting, told)
    assert all("it broke" in str(error) for error in told.errors)


@pytest.mark.parametrize(
    "handler", ["on_mount", "on_key", "on_resize", "on_show", "on_focus", "on_idle", "on_ping"]
)
async def test_a_handler_that_raises_keeps_no_other_from_the_message(handler: str, told: Told) -> None:
    breaking = type("Breaking", (Part,), {handler: broken})
    part = breaking()

    def acting(drive: Drive, stage: Stage) -> Any:
        stage.set_focus(part)
        part.post_message(Ping())
        return drive.press("a")

    stage = Stage(part)
    await staged(stage, acting, told)
    assert stage.heard >= 2 + (handler == "on_ping"), "the message and the key went on to the screen"


async def test_a_screen_that_cannot_be_composed_or_mounted_is_left_again(told: Told) -> None:
    for name in ("compose", "on_mount", "on_screen_resume"):
        failing = type("Failing", (Stage,), {name: broken})

        async def acting(drive: Drive, stage: Stage, failing: Any = failing) -> None:
            over = failing()
            drive.app.push_screen(over)
            await drive.until(lambda: drive.app._notifications, "it to be told")
            await drive.until(lambda: over.is_mounted, "its turn")
            drive.app.pop_screen()

        await staged(Stage(), acting, told)


async def test_nothing_raised_is_nothing_told(told: Told) -> None:
    await staged(Stage(Part()), lambda drive, _: drive.press("x", "X", "w"), told, faults=False)
    assert not told.errors


async def test_what_looks_for_parts_of_what_was_taken_away_is_not_told(told: Told) -> None:
    part = Part()

    async def acting(drive: Drive, _: Stage) -> None:
        await part.remove()

        async def look() -> None:
            part.query_one(Button)

        worker = part.run_worker(look())
        await drive.until(lambda: worker.is_finished, "its end")
        assert worker.error

    await staged(Stage(part), acting, told, faults=False)
    assert not told.errors


async def test_a_toast_whose_time_was_up_before_it_was_there_goes() -> None:
    """A timer of less than no time would hold up the program for ever."""
    late = Toast(Notification("too late", timeout=-1))
    assert late._timeout < 0
    async with O9s(Start(base_url="http://127.0.0.1:9/v1")).run_test() as pilot:
        await pilot.app.screen.mount(late)
        assert late._timeout > 0, "the program stands still"
        await until(lambda: not late.is_attached, "the toast to go")
