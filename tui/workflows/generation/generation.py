"""The state of an answer, built from the events of its stream, whichever API sends them. No I/O."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.api.refusals import read_refusal
from tui.api.streams import DONE, UNREADABLE
from tui.resources.language.reading.statuses import OVER, normalize_status
from tui.workflows.generation.answer_parts import AnswerPart, PartKind, TokensSpent
from tui.workflows.generation.stream_parts import (
    BEATS,
    OF_ITEMS,
    SAID,
    as_count,
    as_dict,
    as_dicts,
    as_number,
    as_text,
    split_content,
    text_of,
    thoughts_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_CHOICES = 128  # kept apart; what further ones say is kept together
MAX_OTHER = 2_000  # the same of events of one name that nothing is known of

# Why answers end early, in words, for the reasons of all APIs.
_CUT = {
    "length": "cut short by its limit of tokens",
    "max_output_tokens": "cut short by its limit of tokens",
    "content_filter": "cut off by the content filter",
    "incomplete": "cut short",
    "cancelled": "cancelled",
    "failed": "failed",
}


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
    _unreadable: int = 0  # events
    _choices: int = 0  # parts that belong to other choices than the first
    _other_finish: str = ""  # why one of these stopped

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
        written = self.usage.written if self.usage else None
        return (written - self.usage.reasoned) / took if self.usage and written and took > 0 else None

    def part(self, place: tuple[object, ...], kind: PartKind) -> AnswerPart:
        """Return the part at a place of the stream; it is begun if it is new."""
        found = self._places.get(place)
        if found is None:
            found = self._places[place] = AnswerPart(kind)
            is_other_choice = place[0] == "choice"
            self._choices += is_other_choice
            # What other choices say stands behind the answer.
            self.parts.insert(len(self.parts) - (0 if is_other_choice else self._choices), found)
        return found

    def end(self, now: float, trouble: str = "", *, stopped: bool = False) -> None:
        """Mark the answer as over: the stream ended, an error came, or the user stopped it."""
        if self.is_over:
            return
        if self.parts and self._choices == len(self.parts):  # some servers count choices from 1
            self.parts[0].kind, self.finish = "text", self.finish or self._other_finish
            self._choices -= 1
        self.ended, self.stopped = now, stopped and not self.finish
        if not self.finish and not stopped:
            self.trouble = trouble or "The stream ended before the answer did."

    def take_chat(self, data: Mapping[str, Any], now: float) -> None:
        """Take a chunk of a chat completion, or a whole one."""
        if self._take_mark(data):
            return
        self._read_head(data)
        for choice in self._first_choice(data, now):
            said = as_dict(choice.get("delta")) or as_dict(choice.get("message"))
            self._add_text(
                (0, "reasoning"), "reasoning", next(filter(None, map(text_of, thoughts_of(said))), ""), now
            )
            for kind, piece in split_content(said.get("content") or (choice.get("text") if not said else None)):
                self._add_text((0, kind), kind, piece, now)
            self._add_text((0, "refusal"), "refusal", said.get("refusal"), now)
            calls = as_dicts(said.get("tool_calls"))
            if alone := as_dict(said.get("function_call")):
                calls.append({"function": alone})
            for number, call in enumerate(calls):
                self._take_call(call, number, now)
            for name, value in said.items():
                if name not in SAID and value not in (None, "", [], {}):
                    self._keep_unknown(name, value)
            self._note_finish(choice.get("finish_reason"))
        if "choices" not in data and "usage" not in data:
            self._keep_unknown(as_text(data.get("type")) or as_text(data.get("object")) or "event", data)

    def _take_mark(self, data: Mapping[str, Any]) -> bool:
        """Take what a stream says of itself: that it is done, or that an event could not be read; else False."""
        if data.get("type") == DONE:
            self.finish = self.finish or ("stop" if self.text or self.refusal else "")
            return True
        if data.get("type") != UNREADABLE:
            return False
        self._keep_unknown(UNREADABLE, data.get("sent"))
        self._unreadable += 1
        several = f"{self._unreadable:,} events of the stream, which are no JSON objects"
        self.part(("event", UNREADABLE), "other").name = (
            several if self._unreadable > 1 else "an event of the stream, which is no JSON object"
        )
        return True

    def _first_choice(self, data: Mapping[str, Any], now: float) -> Iterator[dict[str, Any]]:
        """Yield what a chunk holds of the first choice; what others say is kept apart."""
        for choice in as_dicts(data.get("choices")):
            index = as_number(choice.get("index")) or 0
            if index == 0:
                if choice.get("error") or choice.get("finish_reason") == "error":
                    told = read_refusal(choice.get("error")).message.rstrip(".")
                    self.trouble = f"The server broke the answer off: {told or 'it does not say why'}."
                yield choice
                continue
            said = as_dict(choice.get("delta")) or as_dict(choice.get("message"))
            part = self.part(("choice", index if 0 < index < MAX_CHOICES else MAX_CHOICES), "other")
            part.name = f"choice {index + 1:,}, of which the first is the answer above"
            self._note_first_piece(now)
            part.append(text_of(said.get("content")) or as_text(choice.get("text")))
            rest = {name: value for name, value in said.items() if name not in ("role", "content") and value}
            part.append(json.dumps(rest, ensure_ascii=False, default=str) if rest else "")
            self._other_finish = as_text(choice.get("finish_reason")) or self._other_finish

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
        inner = as_dict(call.get("custom" if custom else "function"))
        place = ("call", as_number(call.get("index", number)))
        part = self.part(place, "call")
        part.custom = part.custom or custom
        part.call_id = as_text(call.get("id")) or part.call_id
        part.name = as_text(inner.get("name")) or part.name
        self._add_text(place, "call", inner.get("input" if part.custom else "arguments"), now)

    def take_completion(self, data: Mapping[str, Any], now: float) -> None:
        """Take a chunk of a legacy completion, or a whole one."""
        if self._take_mark(data):
            return
        self._read_head(data)
        for choice in self._first_choice(data, now):
            self._add_text((0,), "text", choice.get("text"), now)
            told = as_dict(choice.get("logprobs"))
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
        if self._take_mark(data):
            return
        number = data.get("sequence_number")
        if isinstance(number, int):
            if number <= self.sequence:  # told already, before the stream was taken up again
                return
            self.sequence = number
        kind = as_text(data.get("type")).removeprefix("response.")
        index = as_number(data.get("output_index"))
        place = (index, as_number(data.get("content_index", data.get("summary_index"))))
        subject, _, verb = kind.rpartition(".")
        if "response" in data:
            self._take_final(as_dict(data["response"]), now)
        elif subject == "output_item":
            self._take_item(index, as_dict(data.get("item")), now, done=verb == "done")
        elif subject in _TOLD:
            part_kind, field_ = _TOLD[subject]
            place = place if part_kind != "call" else (index, None)
            if verb == "delta":
                self._add_text((*place, subject), part_kind, data.get("delta"), now)
            elif verb == "done" and isinstance(whole := data.get(field_), str) and whole:
                self.part((*place, subject), part_kind).replace_text(whole)
        elif "_call" not in subject and subject not in OF_ITEMS:
            rest = {name: value for name, value in data.items() if name not in ("type", "sequence_number")}
            self._keep_unknown(as_text(data.get("type")) or "event", rest)

    def _take_final(self, response: dict[str, Any], now: float) -> None:
        self._read_head(response)
        status = normalize_status(response.get("status"))
        if status is None or status not in OVER:
            return
        for index, item in enumerate(as_dicts(response.get("output"))):
            self._take_item(index, item, now, done=True)
        error, reason = as_dict(response.get("error")), as_dict(response.get("incomplete_details")).get("reason")
        ends = {"completed": "stop", "succeeded": "stop", "incomplete": as_text(reason) or "incomplete"}
        self._note_finish(ends.get(status, status))
        if status == "failed":
            self.trouble = (
                ": ".join(filter(None, (as_text(error.get("code")), as_text(error.get("message"))))) or "failed"
            )

    def _take_item(self, index: int | None, item: dict[str, Any], now: float, *, done: bool) -> None:
        """Take an item of the output: its head when it begins, all of it when it is done."""
        match item.get("type"):
            case "message":
                for number, content in enumerate(as_dicts(item.get("content"))):
                    refused = content.get("type") == "refusal"
                    subject, name = ("refusal", "refusal") if refused else ("output_text", "text")
                    self._take_whole_text((index, number), subject, content.get(name), now, done=done)
            case "reasoning":
                for number, summary in enumerate(as_dicts(item.get("summary"))):
                    self._take_whole_text(
                        (index, number), "reasoning_summary_text", summary.get("text"), now, done=done
                    )
            case "function_call" | "custom_tool_call" as type_:
                custom = type_ == "custom_tool_call"
                subject = "custom_tool_call_input" if custom else "function_call_arguments"
                part = self.part((index, None, subject), "call")
                part.name, part.call_id, part.custom = (
                    as_text(item.get("name")),
                    as_text(item.get("call_id")),
                    custom,
                )
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
        self.id = as_text(data.get("id")) or self.id
        self.model = as_text(data.get("model")) or self.model
        told = as_dict(data.get("usage"))
        if told:
            details = as_dict(told.get("completion_tokens_details")) or as_dict(told.get("output_tokens_details"))
            self.usage = TokensSpent(
                as_count(told.get("prompt_tokens", told.get("input_tokens"))),
                as_count(told.get("completion_tokens", told.get("output_tokens"))),
                as_count(details.get("reasoning_tokens")) or 0,
            )

    def _add_text(self, place: tuple[object, ...], kind: PartKind, piece: object, now: float) -> None:
        if isinstance(piece, str) and piece:
            self._note_first_piece(now)
            self.part(place, kind).append(piece)

    def _note_first_piece(self, now: float) -> None:
        if self.first is None:
            self.first = now

    def _note_finish(self, reason: object) -> None:
        self.finish = as_text(reason) or self.finish


# Subjects of a response's events: the kind of part they tell of, and the field that holds it in full.
_TOLD: dict[str, tuple[PartKind, str]] = {
    "output_text": ("text", "text"),
    "refusal": ("refusal", "refusal"),
    "reasoning_summary_text": ("reasoning", "text"),
    "reasoning_text": ("reasoning", "text"),
    "function_call_arguments": ("call", "arguments"),
    "custom_tool_call_input": ("call", "input"),
}
