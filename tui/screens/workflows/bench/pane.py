"""One conversation with one model: asks, shows what comes as it comes, and how long it took."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from textual import work
from textual.containers import Vertical
from textual.message import Message

from tui.api.errors import ApiError, BadAnswer, LinkError
from tui.resources.generation.endpoints import CANCEL, RESPONSE
from tui.screens.workflows.bench.blocks import build_answer_blocks, build_user_block, describe_speed
from tui.widgets.base.bars import TitleBar
from tui.widgets.text.transcript import Transcript
from tui.workflows.generation.dialects import Dialect, Turn, UserTurn, open_calls
from tui.workflows.generation.generation import Answer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.timer import Timer

    from tui.api.streams import ServerEvent
    from tui.live.platform import Platform
    from tui.workflows.generation.answer_parts import AnswerPart

FRAME = 1 / 15  # seconds between two paints, however fast events come
# Seconds after which the keyboard gets its turn. A key takes some ten turns to the screen, so they must be short.
_BREATH = 0.0005
_ATTACHES = 5  # times a response in the background is taken up again by itself
_POLL = 1.0  # seconds between two looks at a response that is not streamed


class Pane(Vertical):
    """A conversation, its settings, and the answer that is on its way."""

    DEFAULT_CSS = """
    Pane { width: 1fr; }
    Pane.-beside { border-left: solid $panel; }
    Pane > .head { background: $panel; }
    """

    class Changed(Message):
        """An answer began or ended: other things can be done."""

    def __init__(self, platform: Platform, dialect: Dialect, settings: Mapping[str, Any]) -> None:
        super().__init__()
        self.dialect = dialect
        self.settings: dict[str, Any] = {**dialect.start(), **settings}
        self.turns: list[Turn] = []
        self.frames = 0
        self._platform = platform
        self._painting: Timer | None = None

    def compose(self) -> ComposeResult:
        """Yield the settings, the conversation, how it went."""
        yield TitleBar(classes="head")
        yield Transcript(empty="Write below. Enter sends it." if self.dialect.talks else "Write a prompt below.")
        yield TitleBar(classes="status")

    def on_mount(self) -> None:
        """Say what would be asked."""
        self.paint()

    # The answer, and how it stands.

    @property
    def answer(self) -> Answer | None:
        """The last answer."""
        return next((turn for turn in reversed(self.turns) if isinstance(turn, Answer)), None)

    @property
    def busy(self) -> bool:
        """True while an answer is on its way."""
        return self.answer is not None and not self.answer.is_over

    @property
    def calls(self) -> list[AnswerPart]:
        """The calls that wait for what their tools give."""
        return open_calls(self.turns)

    @property
    def failed(self) -> bool:
        """True if the last answer is worth another try."""
        return self.answer is not None and self.answer.is_over and not self.answer.is_whole

    @property
    def goes_on(self) -> bool:
        """True while the platform works on at the last answer, be it followed or not."""
        return self.answer is not None and self._goes_on(self.answer)

    @property
    def unfinished(self) -> bool:
        """True if the last answer could be gone on with: some of it came, then it was stopped or cut short."""
        answer = self.answer
        if answer is None or not answer.text or not self.dialect.talks or self.goes_on:
            return False
        return answer.stopped or answer.finish in ("length", "max_output_tokens")

    # Sending, and taking what comes.

    def say(self, *said: UserTurn) -> None:
        """Say something; once no call waits any more, the model answers."""
        self.turns += said
        if self.calls:
            self.paint()
        else:
            self._ask()

    def retry(self) -> None:
        """Ask the same again, or take up a response that goes on in the background."""
        answer = self.answer
        if answer is None or self.busy:
            return
        if self._goes_on(answer):
            answer.ended, answer.trouble, answer.stopped = None, "", False
            self._follow(answer, None)
            self.post_message(self.Changed())
            return
        del self.turns[self.turns.index(answer) :]
        self._ask()

    def stop(self) -> None:
        """Stop listening; what came stays."""
        self.workers.cancel_group(self, "answer")
        if self.answer:
            self._end(self.answer, stopped=True)

    def clear(self) -> None:
        """Begin a new conversation."""
        self.take_up(self.settings, [])

    def take_up(self, settings: Mapping[str, Any], turns: Sequence[Turn]) -> None:
        """Go on with another conversation."""
        self.stop()
        self.settings, self.turns = dict(settings), list(turns)
        self.paint()

    def _goes_on(self, answer: Answer) -> bool:
        """Return whether the platform works on at an answer that is no longer followed."""
        return bool(self.settings.get("background") and answer.id and not answer.finish)

    def _ask(self) -> None:
        body = self.dialect.build_body(self.settings, self.turns)
        answer = Answer(began=time.monotonic(), model=str(self.settings.get("model", "")))
        self.turns.append(answer)
        self.query_one(Transcript).following = True
        self.paint()
        self._follow(answer, body)
        self.post_message(self.Changed())

    @work(group="answer", exclusive=True)
    async def _follow(self, answer: Answer, body: dict[str, Any] | None) -> None:
        """Take what comes for an answer until it ends; without a body, of one that was asked for before."""
        trouble = ""
        try:
            if self.settings.get("stream", True):
                await self._stream(answer, body)
            else:
                await self._poll(answer, body)
        except ApiError as error:
            trouble = error.before_retry
            answer.request_id = getattr(error, "request_id", "") or answer.request_id
        self._end(answer, trouble)

    async def _stream(self, answer: Answer, body: dict[str, Any] | None) -> None:
        for attempt in range(_ATTACHES + 1):
            try:
                async with aclosing(self._events(answer, body)) as events:
                    since = time.monotonic()
                    async for event in events:
                        now = time.monotonic()
                        self.dialect.take_event(answer, event.data, now)
                        answer.request_id = event.request_id or answer.request_id
                        self._wake()
                        if now - since > _BREATH:
                            await asyncio.sleep(0)
                            since = time.monotonic()
            except (LinkError, BadAnswer):
                if attempt == _ATTACHES or not self._goes_on(answer):
                    raise
            if not self._goes_on(answer):
                return
            body = None
            await asyncio.sleep(attempt * _POLL)

    def _events(self, answer: Answer, body: dict[str, Any] | None) -> AsyncGenerator[ServerEvent, None]:
        client = self._platform.client
        if body is not None:
            return client.events(self.dialect.operation, body=body)
        query = {"stream": "true", "starting_after": max(0, answer.sequence)}
        return client.events(RESPONSE, {"response_id": answer.id}, query=query)

    async def _poll(self, answer: Answer, body: dict[str, Any] | None) -> None:
        client = self._platform.client
        if body is not None:
            self.dialect.take_whole(answer, await client.call(self.dialect.operation, body=body), time.monotonic())
            self._wake()
        while self._goes_on(answer):
            await asyncio.sleep(_POLL)
            whole = await client.call(RESPONSE, {"response_id": answer.id})
            self.dialect.take_whole(answer, whole, time.monotonic())
            self._wake()

    def _end(self, answer: Answer, trouble: str = "", *, stopped: bool = False) -> None:
        if not answer.is_over:
            answer.end(time.monotonic(), trouble, stopped=stopped)
            self.paint()
            self.post_message(self.Changed())

    @work(group="cancel", exclusive=True)
    async def cancel(self) -> None:
        """End a response that is made in the background."""
        answer = self.answer
        if answer is None or not answer.id or not self.settings.get("background"):
            self.notify(
                "Only a response made in the background can be cancelled.", severity="warning", markup=False
            )
            return
        try:
            whole = await self._platform.client.call(CANCEL, {"response_id": answer.id})
        except ApiError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.dialect.take_whole(answer, whole, time.monotonic())
        if self._goes_on(answer):
            self.notify(f"Asked to cancel it; it is still {whole.get('status')}.", markup=False)
            self._wake()
            return
        self.workers.cancel_group(self, "answer")
        answer.end(time.monotonic())
        self.paint()
        self.post_message(self.Changed())

    # Drawing.

    def _wake(self) -> None:
        """Paint soon: what comes until then is painted along."""
        if self._painting is None:
            self._painting = self.set_timer(FRAME, self.paint)

    def paint(self) -> None:
        """Show how things stand."""
        if self._painting is not None:
            self._painting.stop()
            self._painting = None
        if not self.is_attached:
            return
        self.frames += 1
        as_json = bool(self.settings.get("json_schema"))
        self.query_one(Transcript).show(
            [
                block
                for turn in self.turns
                for block in (
                    [build_user_block(turn)]
                    if isinstance(turn, UserTurn)
                    else build_answer_blocks(turn, as_json=as_json)
                )
            ]
        )
        self._say()

    def on_transcript_moved(self) -> None:
        """Say how much there is below."""
        self._say()

    def _say(self) -> None:
        parts = [
            f"{name.replace('_', ' ')} {_gist(value)}" for name, value in self.settings.items() if name != "model"
        ]
        model = str(self.settings.get("model", ""))
        transcript = self.query_one(Transcript)
        self.query_one(".head", TitleBar).show(
            [(f" {model}", "strong"), (f"  {' · '.join(parts)}" if parts else "", "dim")],
            [(f" {transcript.found} " if transcript.found else "", "warn")],
        )
        below = transcript.below
        right = [(f" ▼ {below:,} more " if below else "", "warn")]
        self.query_one(".status", TitleBar).show(self._status(), right)

    def _status(self) -> list[tuple[str, str]]:
        answer = self.answer
        if answer is None:
            return [(" nothing asked yet", "dim")]
        word, tone = self._state(answer)
        facts = describe_speed(answer)
        return [(f" {word}", tone), (f"  {' · '.join(facts)}" if facts else "", "dim")]

    def _state(self, answer: Answer) -> tuple[str, str]:
        """Return how an answer stands, and in which tone."""
        if not answer.is_over:
            return ("● writing" if answer.first is not None else "◌ waiting"), "accent"
        if not answer.outcome:
            return ("◆ calls a tool", "warn") if self.calls else ("✓ complete", "good")
        if answer.stopped or answer.finish == "cancelled":
            return f"■ {answer.outcome}", "warn"
        return f"▲ {answer.outcome}", "warn" if answer.is_whole else "bad"


def _gist(value: object) -> str:
    """Return a setting in a few letters."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | dict):
        return f"({len(value)})"
    text = " ".join(str(value).split())
    return text if len(text) <= 24 else text[:23] + "…"
