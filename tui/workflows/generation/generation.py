"""The state of an answer, built from the events of its stream, whichever API sends them. No I/O."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tui.resources.language.reading.statuses import OVER, normalize_status
from tui.workflows.generation.stream_parts import (
    BEATS,
    OF_ITEMS,
    SAID,
    split_content,
    text_of,
    thoughts_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_TEXT = 4 << 20  # characters of one part that are kept; what comes after is only counted
MAX_OTHER = 2_000  # the same of events of one name that nothing is known of

PartKind = Literal["reasoning", "text", "refusal", "call", "other"]

# Why answers end early, in words, for the reasons of all APIs.
_CUT = {
    "length": "cut short by its limit of tokens",
    "max_output_tokens": "cut short by its limit of tokens",
    "content_filter": "cut off by the content filter",
    "incomplete": "cut short",
    "cancelled": "cancelled",
    "failed": "failed",
}


class AnswerPart:
    """One part of an answer: a text, a refusal, reasoning, or a tool call, whose arguments are the text."""

    __slots__ = ("_size", "_taken", "call_id", "custom", "dropped", "kind", "name", "tokens")

    def __init__(self, kind: PartKind, name: str = "", call_id: str = "", *, custom: bool = False) -> None:
        self.kind, self.name, self.call_id, self.custom = kind, name, call_id, custom
        self.tokens: list[tuple[str, float]] = []  # with their log probabilities, where these were asked for
        self.dropped = 0  # characters beyond what is kept
        self._taken: list[str] = []
        self._size = 0

    @property
    def text(self) -> str:
        """The text so far."""
        if len(self._taken) > 1:
            # Joined when somebody looks, not for each of 10,000 pieces a second.
            self._taken = ["".join(self._taken)]
        return self._taken[0] if self._taken else ""

    def append(self, piece: str) -> None:
        """Add a piece to the end."""
        room = MAX_TEXT - self._size
        if len(piece) > room:
            self.dropped += len(piece) - room
            piece = piece[:room]
        if piece:
            self._taken.append(piece)
            self._size += len(piece)

    def replace_text(self, whole: str) -> None:
        """Replace the text by the whole one that the platform tells, should a piece have been lost."""
        if not self.dropped and self.text != whole:
            self._taken, self._size = [], 0
            self.append(whole)


@dataclass(slots=True)
class TokensSpent:
    """Tokens read and written; of the latter, those spent on reasoning."""

    read: int = 0
    written: int = 0
    reasoned: int = 0


@dataclass(slots=True)
class Answer:
    """An answer as far as it has come. Times are in seconds, of any one clock.

    `finish` is why the model stopped, "" while it has not; `trouble` a sentence on what went wrong. `sequence` is
    the number of the last event, from which a response made in the background is taken up again.
    """

    began: float = 0.0
    id: str = ""
    model: str = ""
    request_id: str = ""
    finish: str = ""
    trouble: str = ""
    stopped: bool = False
    sequence: int = -1
    first: float | None = None
    ended: float | None = None
    usage: TokensSpent | None = None
    parts: list[AnswerPart] = field(default_factory=list)
    _places: dict[tuple[object, ...], AnswerPart] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self.ended is not None

    @property
    def is_whole(self) -> bool:
        """Whether the model ended the answer and all of it came."""
        return self.finish not in ("", "cancelled", "failed") and not self.trouble

    @property
    def text(self) -> str:
        """The answer itself, without refusals and thoughts."""
        return "".join(part.text for part in self.parts if part.kind == "text")

    @property
    def refusal(self) -> str:
        """The refusal that came instead of an answer, or ""."""
        return "".join(part.text for part in self.parts if part.kind == "refusal")

    @property
    def calls(self) -> list[AnswerPart]:
        """The tools it calls; none of an answer that broke off, for their arguments may have."""
        return [part for part in self.parts if part.kind == "call"] if self.is_whole else []

    @property
    def outcome(self) -> str:
        """How it ended, where that is worth a word; else ""."""
        if self.stopped and not self.finish:
            return "stopped"
        return self.trouble or _CUT.get(self.finish, "")

    @property
    def latency(self) -> float | None:
        """Seconds until the first piece came."""
        return None if self.first is None else self.first - self.began

    def tokens_per_second(self, now: float) -> float | None:
        """Return tokens per second since the first, reasoning left out; None until their count is known."""
        took = (now if self.ended is None else self.ended) - (now if self.first is None else self.first)
        return (self.usage.written - self.usage.reasoned) / took if self.usage and took > 0 else None

    def part(self, place: tuple[object, ...], kind: PartKind) -> AnswerPart:
        """Return the part at a place of the stream; it is begun if it is new."""
        found = self._places.get(place)
        if found is None:
            found = self._places[place] = AnswerPart(kind)
            self.parts.append(found)
        return found

    def end(self, now: float, trouble: str = "", *, stopped: bool = False) -> None:
        """Mark the answer as over: the stream ended, an error came, or the user stopped it."""
        if self.is_over:
            return
        self.ended, self.stopped = now, stopped and not self.finish
        if not self.finish and not stopped:
            self.trouble = trouble or "The stream ended before the answer did."

    def take_chat(self, data: Mapping[str, Any], now: float) -> None:
        """Take a chunk of a chat completion, or a whole one."""
        self._read_head(data)
        for choice in _dicts(data.get("choices"))[:1]:
            said = _dict(choice.get("delta")) or _dict(choice.get("message"))
            self._add_text(
                (0, "reasoning"), "reasoning", next(filter(None, map(text_of, thoughts_of(said))), ""), now
            )
            for kind, piece in split_content(said.get("content")):
                self._add_text((0, kind), kind, piece, now)
            self._add_text((0, "refusal"), "refusal", said.get("refusal"), now)
            calls = _dicts(said.get("tool_calls"))
            if alone := _dict(said.get("function_call")):
                calls.append({"function": alone})
            for number, call in enumerate(calls):
                self._take_call(call, number, now)
            for name, value in said.items():
                if name not in SAID and value not in (None, "", [], {}):
                    self._keep_unknown(name, value)
            self._note_finish(choice.get("finish_reason"))
        if "choices" not in data and "usage" not in data:
            self._keep_unknown(_text(data.get("type")) or _text(data.get("object")) or "event", data)

    def _keep_unknown(self, name: str, value: object) -> None:
        """Keep an event or field that belongs to no known part under its name, so that nothing is lost."""
        if name.rpartition(".")[2].replace("_", "") in BEATS:
            return
        part = self.part(("event", name), "other")
        part.name = name
        if len(part.text) < MAX_OTHER:
            whole = json.dumps(value, ensure_ascii=False, default=str)
            part.append(("\n" if part.text else "") + whole[:MAX_OTHER])

    def _take_call(self, call: dict[str, Any], number: int, now: float) -> None:
        """Take what a chunk holds of a tool call: first its name and id, then its arguments piece by piece."""
        custom = call.get("type") == "custom" or "custom" in call
        inner = _dict(call.get("custom" if custom else "function"))
        place = ("call", _number(call.get("index", number)))
        part = self.part(place, "call")
        part.custom = part.custom or custom
        part.call_id = _text(call.get("id")) or part.call_id
        part.name = _text(inner.get("name")) or part.name
        self._add_text(place, "call", inner.get("input" if part.custom else "arguments"), now)

    def take_completion(self, data: Mapping[str, Any], now: float) -> None:
        """Take a chunk of a legacy completion, or a whole one."""
        self._read_head(data)
        for choice in _dicts(data.get("choices"))[:1]:
            self._add_text((0,), "text", choice.get("text"), now)
            told = _dict(choice.get("logprobs"))
            tokens, chances = told.get("tokens"), told.get("token_logprobs")
            if isinstance(tokens, list) and isinstance(chances, list):
                pairs = zip(tokens, chances, strict=False)
                self.part((0,), "text").tokens += [
                    (token, float(chance) if isinstance(chance, int | float) else 0.0)
                    for token, chance in pairs
                    if isinstance(token, str)
                ]
            self._note_finish(choice.get("finish_reason"))

    def take_response(self, data: Mapping[str, Any], now: float) -> None:
        """Take an event of a response, or a whole response as the `response` of one that ends it."""
        number = data.get("sequence_number")
        if isinstance(number, int):
            if number <= self.sequence:  # told already, before the stream was taken up again
                return
            self.sequence = number
        kind = _text(data.get("type")).removeprefix("response.")
        index = _number(data.get("output_index"))
        place = (index, _number(data.get("content_index", data.get("summary_index"))))
        subject, _, verb = kind.rpartition(".")
        if "response" in data:
            self._take_final(_dict(data["response"]), now)
        elif subject == "output_item":
            self._take_item(index, _dict(data.get("item")), now, done=verb == "done")
        elif subject in _TOLD:
            part_kind, field_ = _TOLD[subject]
            place = place if part_kind != "call" else (index, None)
            if verb == "delta":
                self._add_text((*place, subject), part_kind, data.get("delta"), now)
            elif verb == "done" and isinstance(whole := data.get(field_), str) and whole:
                self.part((*place, subject), part_kind).replace_text(whole)
        elif "_call" not in subject and subject not in OF_ITEMS:
            rest = {name: value for name, value in data.items() if name not in ("type", "sequence_number")}
            self._keep_unknown(_text(data.get("type")) or "event", rest)

    def _take_final(self, response: dict[str, Any], now: float) -> None:
        self._read_head(response)
        status = normalize_status(response.get("status"))
        if status is None or status not in OVER:
            return
        for index, item in enumerate(_dicts(response.get("output"))):
            self._take_item(index, item, now, done=True)
        error, reason = _dict(response.get("error")), _dict(response.get("incomplete_details")).get("reason")
        ends = {"completed": "stop", "succeeded": "stop", "incomplete": _text(reason) or "incomplete"}
        self._note_finish(ends.get(status, status))
        if status == "failed":
            self.trouble = (
                ": ".join(filter(None, (_text(error.get("code")), _text(error.get("message"))))) or "failed"
            )

    def _take_item(self, index: int | None, item: dict[str, Any], now: float, *, done: bool) -> None:
        """Take an item of the output: its head when it begins, all of it when it is done."""
        match item.get("type"):
            case "message":
                for number, content in enumerate(_dicts(item.get("content"))):
                    refused = content.get("type") == "refusal"
                    subject, name = ("refusal", "refusal") if refused else ("output_text", "text")
                    self._take_whole_text((index, number), subject, content.get(name), now, done=done)
            case "reasoning":
                for number, summary in enumerate(_dicts(item.get("summary"))):
                    self._take_whole_text(
                        (index, number), "reasoning_summary_text", summary.get("text"), now, done=done
                    )
            case "function_call" | "custom_tool_call" as type_:
                custom = type_ == "custom_tool_call"
                subject = "custom_tool_call_input" if custom else "function_call_arguments"
                part = self.part((index, None, subject), "call")
                part.name, part.call_id, part.custom = _text(item.get("name")), _text(item.get("call_id")), custom
                self._take_whole_text(
                    (index, None), subject, item.get("input" if custom else "arguments"), now, done=done
                )
            case str() as type_:
                self.part((index, None, "other"), "other").name = type_

    def _take_whole_text(
        self, place: tuple[object, ...], subject: str, whole: object, now: float, *, done: bool
    ) -> None:
        if done and isinstance(whole, str) and whole:
            self._note_first_piece(now)
            self.part((*place, subject), _TOLD[subject][0]).replace_text(whole)

    def _read_head(self, data: Mapping[str, Any]) -> None:
        """Read id, model and token counts, which every chunk and every response may hold."""
        self.id = _text(data.get("id")) or self.id
        self.model = _text(data.get("model")) or self.model
        told = _dict(data.get("usage"))
        if told:
            details = _dict(told.get("completion_tokens_details")) or _dict(told.get("output_tokens_details"))
            self.usage = TokensSpent(
                _count(told.get("prompt_tokens", told.get("input_tokens"))),
                _count(told.get("completion_tokens", told.get("output_tokens"))),
                _count(details.get("reasoning_tokens")),
            )

    def _add_text(self, place: tuple[object, ...], kind: PartKind, piece: object, now: float) -> None:
        if isinstance(piece, str) and piece:
            self._note_first_piece(now)
            self.part(place, kind).append(piece)

    def _note_first_piece(self, now: float) -> None:
        if self.first is None:
            self.first = now

    def _note_finish(self, reason: object) -> None:
        self.finish = _text(reason) or self.finish


# Subjects of a response's events: the kind of part they tell of, and the field that holds it in full.
_TOLD: dict[str, tuple[PartKind, str]] = {
    "output_text": ("text", "text"),
    "refusal": ("refusal", "refusal"),
    "reasoning_summary_text": ("reasoning", "text"),
    "reasoning_text": ("reasoning", "text"),
    "function_call_arguments": ("call", "arguments"),
    "custom_tool_call_input": ("call", "input"),
}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    def found() -> Iterator[dict[str, Any]]:
        for each in value if isinstance(value, list) else ():
            if isinstance(each, dict):
                yield each

    return list(found())
