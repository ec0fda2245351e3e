"""The simulated model itself: from what was asked, in either API's words, to what it says, calls or refuses.

Marks in the input make it do what models do rarely:

    [refuse]             a refusal
    [content-filter]     an answer that a filter cuts off
    [broken-arguments]   a tool call whose JSON stops in the middle
    [hostile]            text that terminals and markup parsers trip over
    [flood N]            an answer of N tokens, 10,000 of them per second
    [stream-error]       an error in the middle of the stream; status 500 without one
    [fail]               a response that fails; status 500 unless it is streamed or made in the background
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from tui.sandbox.answers.abilities import check_window
from tui.sandbox.answers.schemas import make_value
from tui.sandbox.answers.words import MARK, Dice, pieces, tokens, write_prose
from tui.sandbox.protocol import Problem
from tui.sandbox.scenarios import HOSTILE

if TYPE_CHECKING:
    from tui.sandbox.world import JSON

Finish = Literal["stop", "length", "tool_calls", "content_filter"]

_THOUGHT = {"minimal": 8, "low": 64, "medium": 192, "high": 512, "xhigh": 1024, "max": 2048}
_WORDINESS = {"low": 1, "medium": 3, "high": 6}
_REFUSAL = f"{MARK} I'm sorry, but I can't help with that."
_FLOOD = re.compile(r"\[flood (\d{1,6})\]")


class Tool(NamedTuple):
    """A tool that the caller runs: a function with a schema, or a custom one that takes any text."""

    name: str
    schema: JSON | None = None
    custom: bool = False


class Call(NamedTuple):
    """A call of a tool: its arguments as JSON text, or its text if it is a custom one."""

    tool: Tool
    arguments: str


class Ask(NamedTuple):
    """A question to a model. `choice` is "none", "auto", "required" or the name of a tool."""

    key: str
    model: str
    prompt: str
    last: str
    """What the user said last; empty when the caller has just answered a tool call."""
    param: str = "input"
    """The parameter that holds the prompt."""
    tools: tuple[Tool, ...] = ()
    choice: str = "auto"
    parallel: bool = True
    schema: JSON | None = None
    json: bool = False
    stop: tuple[str, ...] = ()
    limit: int | None = None
    """The most tokens to write, those of reasoning included."""
    effort: str = "none"
    verbosity: str | None = None
    extra: int = 0
    """Tokens read beside the prompt: images, files, tools."""


class Output(NamedTuple):
    """The output of a model. Without `text`, `refusal` and `calls` it ran out of tokens while it reasoned."""

    finish: Finish
    text: str = ""
    refusal: str | None = None
    calls: tuple[Call, ...] = ()
    thought: str = ""
    """A summary of the reasoning."""
    reasoned: int = 0
    """Tokens spent on reasoning."""
    read: int = 0
    written: int = 0
    """Tokens written, those of reasoning included."""


def write(ask: Ask) -> Output:
    """Answer a question, always the same way. Raises `Problem` when there is too much to read."""
    dice = Dice(ask.key)
    reasoned = _THOUGHT[ask.effort] // 2 + dice.below(_THOUGHT[ask.effort]) if ask.effort != "none" else 0
    thought = (
        write_prose(ask.prompt, f"{ask.key}/thought").replace(MARK, f"{MARK} Weighing it up.", 1)
        if reasoned
        else ""
    )
    out = Output("stop", thought=thought, reasoned=reasoned, read=max(tokens(ask.prompt) + ask.extra, 1))
    check_window(ask.model, out.read, ask.param)
    room = None if ask.limit is None else ask.limit - reasoned
    if room is not None and room <= 0:
        return out._replace(finish="length", reasoned=ask.limit or 0, written=ask.limit or 0)
    if called := _choose_tools(ask):
        calls = tuple(Call(tool, _arguments(ask, tool, dice)) for tool in called)
        return _cut_calls(out._replace(finish="tool_calls", calls=calls), room)
    if "[refuse]" in ask.last:
        return out._replace(refusal=_REFUSAL, written=reasoned + tokens(_REFUSAL))
    text = _text(ask, dice)
    finish: Finish = "stop"
    ends = [at for stop in ask.stop if (at := text.find(stop)) >= 0]
    text = text[: min(ends)] if ends else text
    if room is not None and room < tokens(text):
        text, finish = "".join(pieces(text)[:room]), "length"
    if "[content-filter]" in ask.last:
        text, finish = text[: len(text) // 2], "content_filter"
    return out._replace(finish=finish, text=text, written=reasoned + tokens(text))


def pace_of(ask: Ask) -> float:
    """Return the seconds from one token to the next, at speed 1."""
    return 0.0001 if _FLOOD.search(ask.last) else 0.02


def thinking_time(ask: Ask, reasoned: int) -> float:
    """Return the seconds a model reasons before it writes, at speed 1: an eighth of what words take."""
    return reasoned * pace_of(ask) / 8


def planned_failure(ask: Ask) -> Literal["error", "failed"] | None:
    """Return how an answer ends in the middle: with an error event, or as a failed response; None if not."""
    return "error" if "[stream-error]" in ask.last else "failed" if "[fail]" in ask.last else None


def make_failure() -> Problem:
    """Return the error of a request that fails on demand."""
    message = f"{MARK} The server had an error while processing your request. Sorry about that!"
    return Problem(message, status=500, type="server_error", code="server_error")


def _choose_tools(ask: Ask) -> list[Tool]:
    """Return the tools to call: those asked for, or those that the user spoke of."""
    named = [tool for tool in ask.tools if tool.name == ask.choice]
    if named or ask.choice == "none":
        return named
    spoken = [tool for tool in ask.tools if re.search(rf"\b{re.escape(tool.name)}\b", ask.last)]
    if not spoken and ask.choice == "required":
        spoken = list(ask.tools[:1])
    return spoken if ask.parallel else spoken[:1]


def _arguments(ask: Ask, tool: Tool, dice: Dice) -> str:
    if tool.custom:
        return f"{MARK} {tool.name}"
    text = json.dumps(make_value(tool.schema or {"type": "object"}, dice, MARK))
    return text[:-1] if "[broken-arguments]" in ask.last else text


def _cut_calls(out: Output, room: int | None) -> Output:
    """Return the calls as far as there is room for them."""
    calls: list[Call] = []
    written = 0
    for call in out.calls:
        held = pieces(call.arguments)
        if room is not None and written + len(held) > room:
            calls.append(call._replace(arguments="".join(held[: room - written])))
            return out._replace(finish="length", calls=tuple(calls), written=out.reasoned + room)
        written += len(held)
        calls.append(call)
    return out._replace(written=out.reasoned + written)


def _text(ask: Ask, dice: Dice) -> str:
    if flood := _FLOOD.search(ask.last):
        count = min(int(flood[1]), 200_000)
        return "".join([MARK, *(f" flood{number % 10}" for number in range(max(count - len(pieces(MARK)), 0)))])
    if "[hostile]" in ask.last:
        return " ".join([MARK, *HOSTILE])
    who = f" As {ask.model}:" if ask.model.startswith("ft:") else ""
    if ask.schema is not None:
        return json.dumps(make_value(ask.schema, dice, f"{MARK}{who} {_topic(ask.last)}".strip()))
    if ask.json:
        answer: dict[str, Any] = {"simulated": True, "answer": f"{MARK}{who} {_topic(ask.last)}".strip()}
        return json.dumps(answer | {"tokens_read": tokens(ask.prompt)})
    most = _WORDINESS.get(ask.verbosity or "medium", 3)
    text = write_prose(ask.prompt, ask.key, 1 + dice.below(most))
    return text.replace(MARK, MARK + who, 1)


def _topic(text: str) -> str:
    """Return a few words of the question."""
    return " ".join(re.findall(r"\w+", text)[:4])
