"""What simulated models answer: deterministic, dependent on the input, and visibly a simulation."""

from __future__ import annotations

import base64
import hashlib
import math
import re
import zlib
from array import array
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    JSON = dict[str, Any]

_OPENINGS = (
    "Here is what stands out",
    "In short",
    "Looking at it step by step",
    "The main point",
    "A careful reading suggests",
)
_MIDDLES = (
    "{a} depends on {b}, and both should be checked before anything changes",
    "{a} explains most of what is asked about {b}",
    "the question of {b} comes down to {a}",
    "start with {a}; {b} follows from it",
    "{a} and {b} are worth keeping apart",
)
_WORDS = re.compile(r"[^\W\d_]{4,}")
_DIMENSIONS = {"text-embedding-3-large": 3072}
_FLAGS = {
    "violence": {"attack", "hurt", "kill", "murder", "shoot", "stab", "weapon"},
    "harassment": {"idiot", "loser", "moron", "stupid"},
    "hate": {"hate", "vermin"},
    "self-harm": {"suicide"},
    "sexual": {"nude", "porn", "sexual"},
    "illicit": {"bomb", "counterfeit", "drugs", "steal"},
}
_QUIET = (
    "harassment/threatening",
    "hate/threatening",
    "illicit/violent",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual/minors",
    "violence/graphic",
)


class Reply(NamedTuple):
    """The answer to one request: HTTP status, body, and the tokens it took."""

    status: int
    body: JSON
    read: int = 0
    written: int = 0


class Refusal(ValueError):
    """A request that is answered with an error object."""

    def __init__(self, message: str, param: str | None, code: str | None = None) -> None:
        super().__init__(message)
        self.error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}


def answer(endpoint: str, body: JSON, models: Collection[str], *, created: float, seed: int = 1) -> Reply:
    """Answer a request as the model would. A bad one gets an error with status 400."""
    try:
        check(endpoint, body, models)
        text = f"{seed}{endpoint}{sorted(body.items())!r}".encode("utf-8", "replace")
        return _ANSWERS[endpoint](body, hashlib.blake2b(text, digest_size=12).hexdigest(), int(created))
    except Refusal as refusal:
        return Reply(400, {"error": refusal.error})


def check(endpoint: str, body: JSON, models: Collection[str]) -> None:
    """Raise `Refusal` if the request cannot be answered."""
    model = body.get("model", "omni-moderation-latest" if endpoint == "/v1/moderations" else None)
    if model is None:
        raise Refusal("you must provide a model parameter", "model", "missing_required_parameter")
    if not isinstance(model, str) or model not in models:
        message = f"The model '{model}' does not exist or you do not have access to it."
        raise Refusal(message, "model", "model_not_found")
    if endpoint not in _ANSWERS:
        raise Refusal(f"The sandbox has no simulated model for {endpoint}.", None, "unsupported_endpoint")
    name = {"/v1/chat/completions": "messages", "/v1/completions": "prompt"}.get(endpoint, "input")
    if not body.get(name):
        raise Refusal(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
    if name == "messages" and not (isinstance(body[name], list) and all(isinstance(m, dict) for m in body[name])):
        raise Refusal(f"Invalid type for '{name}': expected an array of objects.", name, "invalid_type")


def tokens(text: str) -> int:
    """About as many as a tokenizer would count."""
    return len(text) // 4 + 1


def prose(prompt: str, key: str) -> str:
    """Two sentences about a prompt, the same for the same key."""
    words = _WORDS.findall(prompt[-500:]) or ["silence"]
    # Slices of the key choose: a Random made for each of 50,000 lines would take longer than all the rest.
    first, second, third, fourth = (int(key[at : at + 4], 16) for at in range(0, 16, 4))
    a, b = words[first % len(words)].lower(), words[second % len(words)].lower()
    middle = _MIDDLES[third % len(_MIDDLES)].format(a=a, b=b)
    return f"[simulated] {_OPENINGS[fourth % len(_OPENINGS)]}: {middle}. ({tokens(prompt)} tokens read)"


def embed(text: str, dimensions: int) -> list[float]:
    """A unit vector; texts that share character n-grams are near each other."""
    found: defaultdict[int, float] = defaultdict(float)
    padded = f"  {text.lower()} "
    for gram, count in Counter(padded[at : at + 3] for at in range(len(padded) - 2)).items():
        number = zlib.crc32(gram.encode("utf-8", "replace"))
        found[number % dimensions] += math.sqrt(count) * (1 if number >> 31 else -1)
    length = math.sqrt(sum(value * value for value in found.values())) or 1.0
    vector = [0.0] * dimensions
    for place, value in found.items():
        vector[place] = round(value / length, 6)
    return vector


def _text(content: Any) -> str:
    """The text inside a prompt, a message, a list of parts or of messages."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(_text(part) for part in content)
    return _text(content.get("content", content.get("text", ""))) if isinstance(content, dict) else ""


def _chat(body: JSON, key: str, created: int) -> Reply:
    prompt = _text(body["messages"])
    format_ = body.get("response_format")
    text = prose(prompt, key)
    if isinstance(format_, dict) and format_.get("type") in ("json_object", "json_schema"):
        text = f'{{"simulated": true, "tokens_read": {tokens(prompt)}}}'
    read, written = tokens(prompt), tokens(text)
    message: JSON = {"role": "assistant", "content": text, "refusal": None, "annotations": []}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    completion = {
        "id": f"chatcmpl-{key}",
        "object": "chat.completion",
        "created": created,
        "model": body["model"],
        "choices": [choice],
        "usage": {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": "fp_simulated",
    }
    return Reply(200, completion, read, written)


def _response(body: JSON, key: str, created: int) -> Reply:
    prompt = _text(body["input"])
    text = prose(prompt, key)
    read, written = tokens(prompt), tokens(text)
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    message: JSON = {"id": f"msg_{key}", "type": "message", "status": "completed", "role": "assistant"}
    message["content"] = [part]
    completion = {
        "id": f"resp_{key}",
        "object": "response",
        "created_at": created,
        "status": "completed",
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "metadata": body.get("metadata") or {},
        "model": body["model"],
        "output": [message],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "temperature": body.get("temperature", 1.0),
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": {
            "input_tokens": read,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": read + written,
        },
    }
    return Reply(200, completion, read, written)


def _completion(body: JSON, key: str, created: int) -> Reply:
    prompt = _text(body["prompt"])
    text = prose(prompt, key)
    read, written = tokens(prompt), tokens(text)
    completion = {
        "id": f"cmpl-{key}",
        "object": "text_completion",
        "created": created,
        "model": body["model"],
        "choices": [{"text": text, "index": 0, "logprobs": None, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written},
    }
    return Reply(200, completion, read, written)


def _embeddings(body: JSON, _key: str, _created: int) -> Reply:
    texts = _texts(body["input"])
    size = body.get("dimensions", _DIMENSIONS.get(body["model"], 1536))
    if not isinstance(size, int) or not 1 <= size <= 3072:
        raise Refusal("Invalid 'dimensions': expected an integer from 1 to 3072.", "dimensions", "invalid_value")
    packed = body.get("encoding_format") == "base64"
    data = []
    for index, text in enumerate(texts):
        vector = embed(text, size)
        value = base64.b64encode(array("f", vector).tobytes()).decode() if packed else vector
        data.append({"object": "embedding", "index": index, "embedding": value})
    read = sum(map(tokens, texts))
    usage = {"prompt_tokens": read, "total_tokens": read}
    return Reply(200, {"object": "list", "data": data, "model": body["model"], "usage": usage}, read)


def _moderation(body: JSON, key: str, _created: int) -> Reply:
    results = []
    for text in _texts(body["input"]):
        words = set(re.findall(r"\w+", text.lower()))
        scores = dict.fromkeys(_QUIET, 0.0001)
        scores |= {name: round(1 - 0.98 * 0.05 ** len(words & bad), 6) for name, bad in _FLAGS.items()}
        flags = {name: score > 0.5 for name, score in scores.items()}
        applied = {name: ["text"] for name in scores}
        results.append(
            {
                "flagged": any(flags.values()),
                "categories": flags,
                "category_scores": scores,
                "category_applied_input_types": applied,
            }
        )
    model = body.get("model", "omni-moderation-latest")
    return Reply(200, {"id": f"modr-{key}", "model": model, "results": results})


def _texts(given: Any) -> list[str]:
    """The inputs of an embedding or moderation request, as texts: arrays of tokens become their digits."""
    items: Iterable[Any] = given if isinstance(given, list) else [given]
    if all(isinstance(item, int) for item in items):
        items = [given]
    return [item if isinstance(item, str) else _text(item) or str(item) for item in items]


_ANSWERS: dict[str, Callable[[JSON, str, int], Reply]] = {
    "/v1/chat/completions": _chat,
    "/v1/responses": _response,
    "/v1/completions": _completion,
    "/v1/embeddings": _embeddings,
    "/v1/moderations": _moderation,
}
