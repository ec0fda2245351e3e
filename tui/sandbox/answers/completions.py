"""Legacy completions: texts that go on where a prompt ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from tui.sandbox.answers.abilities import check_limit, check_use
from tui.sandbox.answers.bodies import Generating, Heat, Penalty, Share, Stop, StreamOptions, list_texts
from tui.sandbox.answers.words import log_probabilities, pieces, tokens
from tui.sandbox.answers.writer import Ask, Output, write
from tui.sandbox.protocol import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.sandbox.world import JSON

_MOST_PROMPTS = 2048


class CompletionBody(Generating):
    """A completion to make."""

    prompt: str | Annotated[list[str], Field(min_length=1)] | list[int] | list[list[int]] | None
    best_of: Annotated[int, Field(ge=0, le=20)] | None = None
    echo: bool | None = None
    frequency_penalty: Penalty | None = None
    logit_bias: dict[str, int] | None = None
    logprobs: Annotated[int, Field(ge=0, le=5)] | None = None
    max_tokens: Annotated[int, Field(ge=0)] | None = 16
    n: Annotated[int, Field(ge=1, le=128)] | None = None
    presence_penalty: Penalty | None = None
    seed: int | None = None
    stop: Stop | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    suffix: str | None = None
    temperature: Heat | None = None
    top_p: Share | None = None

    @property
    def prompts(self) -> list[str]:
        """The prompts as texts: arrays of tokens become their digits."""
        return list_texts("<|endoftext|>" if self.prompt is None else self.prompt)

    def check(self) -> None:
        """Raise `Problem` for what cannot be asked of this model, or contradicts itself."""
        check_use(self.model, "completion", "v1/completions")
        check_limit(self.model, self.max_tokens, "max_tokens")
        if self.best_of is not None and self.best_of < (self.n or 1):
            message = "You requested that the server return more choices than it will generate "
            message += "(HINT: you must set 'n' (currently {}) to be at most 'best_of' (currently {}))."
            raise Problem(message.format(self.n or 1, self.best_of), param="best_of")
        if self.best_of and self.best_of > 1 and self.stream:
            raise Problem("'best_of' greater than 1 is not supported when streaming.", param="best_of")
        if self.suffix and not self.model.startswith("gpt-3.5-turbo-instruct"):
            raise Problem("This model does not support insertion.", param="suffix")
        if self.stream_options and not self.stream:
            message = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
            raise Problem(message, param="stream_options")
        if not 0 < len(self.prompts) <= _MOST_PROMPTS:
            raise Problem(f"Invalid 'prompt': expected 1 to {_MOST_PROMPTS} prompts.", param="prompt")


def build_ask(body: CompletionBody, key: str, prompt: str, index: int) -> Ask:
    """Return the question to the model for one choice of one prompt."""
    return Ask(
        key=f"{key}/{index}",
        model=body.model,
        prompt=prompt,
        last=prompt,
        param="prompt",
        stop=(body.stop,) if isinstance(body.stop, str) else tuple(body.stop or ()),
        limit=16 if body.max_tokens is None else body.max_tokens,
    )


def build_completion(body: CompletionBody, key: str, *, id_: str, created: int) -> JSON:
    """Return the answer as a whole."""
    asked = [(prompt, number) for prompt in body.prompts for number in range(body.n or 1)]
    outputs = [write(build_ask(body, key, prompt, index)) for index, (prompt, _) in enumerate(asked)]
    read = sum(map(tokens, body.prompts))
    written = sum(output.written for output in outputs) * max((body.best_of or 1) // (body.n or 1), 1)
    return {
        "id": id_,
        "object": "text_completion",
        "created": created,
        "model": body.model,
        "choices": [
            _choice(body, key, index, asked[index][0] if body.echo else "", output)
            for index, output in enumerate(outputs)
        ],
        "usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written},
    }


def _choice(body: CompletionBody, key: str, index: int, echo: str, output: Output) -> JSON:
    text = echo + (output.refusal or output.text)
    logprobs = None if body.logprobs is None else _logprobs(text, body.logprobs, key)
    return {"text": text, "index": index, "logprobs": logprobs, "finish_reason": output.finish}


def _logprobs(text: str, top: int, key: str, start: int = 0) -> JSON:
    found = list(log_probabilities(text, max(top, 1), key))
    offsets = [start]
    for item in found[:-1]:
        offsets.append(offsets[-1] + len(item["token"]))
    return {
        "tokens": [item["token"] for item in found],
        "token_logprobs": [item["logprob"] for item in found],
        "top_logprobs": [
            {other["token"]: other["logprob"] for other in item["top_logprobs"][:top]} for item in found
        ],
        "text_offset": offsets if found else [],
    }


def split_chunks(whole: JSON, body: CompletionBody) -> Iterator[tuple[JSON, bool]]:
    """Yield a completion in chunks, each with whether it took the model a step to write it."""
    head = {name: whole[name] for name in ("id", "object", "created", "model")}
    counted = bool(body.stream_options and body.stream_options.include_usage)
    usage = {"usage": None} if counted else {}
    for choice in whole["choices"]:
        told = choice["logprobs"]
        for number, piece in enumerate(pieces(choice["text"])):
            one = told and {name: values[number : number + 1] for name, values in told.items()}
            made = {"text": piece, "index": choice["index"], "logprobs": one, "finish_reason": None}
            yield {**head, "choices": [made], **usage}, True
        yield {**head, "choices": [{**choice, "text": "", "logprobs": None}], **usage}, False
    if counted:
        yield {**head, "choices": [], "usage": whole["usage"]}, False
