"""What goes wrong while a model answers: shown as what it is, what came stays, and one key tries again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.support.benching import ask, bench, leave, posted
from tests.support.driving import Server, opened, served
from tui.widgets.text.transcript import Transcript
from tui.workflows.generation.dialects import CHAT, COMPLETE, RESPOND, Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.screens.workflows.bench.pane import Pane
    from tui.workflows.generation.generation import Answer


SCHEMA = {"type": "object", "properties": {"at": {"type": "string"}}, "required": ["at"]}
TOOL = {"type": "function", "name": "weather", "parameters": SCHEMA}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A sandbox whose models write ten times as fast as real."""
    with served(scenario="calm", speed=10.0) as server:
        yield server


class Wrong(NamedTuple):
    """Settings and a prompt that go wrong, the words for it, and whether something had come."""

    words: str
    prompt: str = "Tell me of the sea"
    settings: dict[str, Any] = {"model": "gpt-4.1"}
    came: bool = False
    fault: str = ""


COMMON = (
    Wrong("refuses", "Please [refuse] this"),
    Wrong("cut off by the content filter", "Let a [content-filter] see it", came=True),
    Wrong("its arguments are no JSON", "The weather [broken-arguments]", {"model": "gpt-4.1", "tools": [TOOL]}),
    Wrong("The server had an error", "Break [stream-error] here", came=True),
    Wrong("connection", "Cut this in the middle", came=True, fault="cut@POST {path} x1"),
    Wrong("does not exist", settings={"model": "no-such-model"}),
    Wrong("'temperature' does not support 0.3", settings={"model": "gpt-5-mini", "temperature": 0.3}),
)
EACH: dict[Dialect, tuple[Wrong, ...]] = {
    CHAT: (
        *COMMON,
        Wrong("limit of tokens", settings={"model": "gpt-4.1", "max_completion_tokens": 3}, came=True),
    ),
    RESPOND: (
        *COMMON,
        Wrong("limit of tokens", settings={"model": "gpt-4.1", "max_output_tokens": 16}, came=True),
        Wrong("server_error", "Let it [fail] now"),
    ),
    COMPLETE: (
        Wrong("limit of tokens", settings={"max_tokens": 3}, came=True),
        Wrong("thus not supported", settings={"model": "gpt-4.1"}),
        Wrong("does not exist", settings={"model": "no-such-model"}),
    ),
}


async def test_what_goes_wrong_is_shown_what_came_stays_and_one_key_tries_again(server: Server) -> None:
    async with opened(server) as drive:
        for dialect, wrongs in EACH.items():
            path = dialect.operation.path
            pane = await bench(drive, dialect.operation)
            for wrong in wrongs:
                if wrong.fault:
                    server.control("faults", spec=wrong.fault.format(path=path))
                pane.take_up({**dialect.start(), **wrong.settings}, [])
                await ask(drive, wrong.prompt)
                await drive.sees(wrong.words)
                answer = pane.answer
                assert answer
                if wrong.came:
                    assert answer.text, f"{wrong.words}: what had come is lost"
                    assert answer.text[:12] in drive.text()
                if answer.is_whole:
                    await drive.press("escape")
                await drive.until(lambda: isinstance(drive.app.screen.focused, Transcript), "one key to do")
                before = posted(server, path)
                await drive.press("r")
                await drive.until(partial(again, pane, answer), "another try")
                assert posted(server, path) == before + 1
                assert len(pane.turns) == 2, "what failed is still among what was said"
                if wrong.fault:
                    assert pane.answer
                    assert pane.answer.is_whole
                    assert pane.answer.text.startswith(answer.text)
                await drive.press("i")
            await leave(drive)


def again(pane: Pane, answer: Answer) -> bool:
    """Whether there is an answer, and another one."""
    return pane.answer is not answer and not pane.busy
