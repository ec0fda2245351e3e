"""Parts that the bodies of all generating endpoints have in common."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from tui.sandbox.answers.schemas import check_schema
from tui.sandbox.protocol import Body, Metadata, Problem

Share = Annotated[float, Field(ge=0, le=1)]
Heat = Annotated[float, Field(ge=0, le=2)]
Penalty = Annotated[float, Field(ge=-2, le=2)]
Top = Annotated[int, Field(ge=0, le=20)]
Stop = str | Annotated[list[str], Field(min_length=1, max_length=4)]
Tier = Literal["auto", "default", "flex", "scale", "priority", "fast", "ultrafast"]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
Verbosity = Literal["low", "medium", "high"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
FileIds = list[tuple[str, str]]
"""Ids of files a body names, each with the parameter that names it."""


class Generating(Body):
    """A body that a model answers."""

    # What changes how an answer is sent, kept or cut, but not what the model would say.
    _SILENT: ClassVar[tuple[str, ...]] = (
        *("stream", "stream_options", "store", "metadata", "background", "user", "n", "include", "logprobs"),
        *("top_logprobs", "safety_identifier", "service_tier", "stop", "max_tokens", "max_completion_tokens"),
        *("max_output_tokens", "echo", "best_of", "parallel_tool_calls"),
    )

    model: str
    user: str | None = None

    def check(self) -> None:
        """Raise `Problem` for what no type tells: what the model does not take, what contradicts itself."""

    def files(self) -> FileIds:
        """Return the files this body refers to."""
        return []

    def key(self, seed: int) -> str:
        """Return a hexadecimal digest of all that the answer depends on."""
        said = self.model_dump(exclude_unset=True, exclude=set(self._SILENT))
        text = f"{seed}/{sorted(said.items())!r}"
        return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=12).hexdigest()


class Settings(Generating):
    """Settings that chat completions and responses have in common."""

    metadata: Metadata | None = None
    temperature: Heat | None = None
    top_p: Share | None = None
    top_logprobs: Top | None = None
    store: bool | None = None
    stream: bool | None = None
    parallel_tool_calls: bool | None = None
    service_tier: Tier | None = None
    safety_identifier: Annotated[str, StringConstraints(max_length=64)] | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: Literal["in_memory", "24h"] | None = None
    prompt_cache_options: dict[str, Any] | None = None
    moderation: dict[str, Any] | None = None


class StreamOptions(Body):
    """Options of a stream."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class Structure(Body):
    """A structured output."""

    name: Name
    description: str | None = None
    schema_: Annotated[dict[str, Any] | None, Field(alias="schema")] = None
    strict: bool | None = None

    def check(self, param: str) -> None:
        """Raise `Problem` when the schema cannot be kept to."""
        schema = {"type": "object"} if self.schema_ is None else self.schema_
        check_schema(schema, param=param, name=f"response_format '{self.name}'", strict=bool(self.strict))


class Function(Body):
    """A function that the caller runs."""

    name: Name
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None

    def check(self, param: str) -> None:
        """Raise `Problem` when its schema cannot be kept to."""
        if self.parameters is not None:
            schema = {"type": "object", **self.parameters}
            check_schema(schema, param=param, name=f"function '{self.name}'", strict=bool(self.strict))


def list_texts(given: str | list[str] | list[int] | list[list[int]]) -> list[str]:
    """Return texts, each given as it is or as an array of tokens; tokens become their digits."""
    if isinstance(given, str):
        return [given]
    if given and isinstance(given[0], int):
        return [" ".join(map(str, given))]
    return [item if isinstance(item, str) else " ".join(map(str, item)) for item in given]  # type: ignore[arg-type]


def check_url(url: str, param: str) -> None:
    """Raise `Problem` unless a URL is one that could be fetched, or data that can be read."""
    if url.startswith(("https://", "http://")):
        return
    if not url.startswith("data:"):
        message = f"Invalid '{param}'. Expected a valid URL, but got a value with an invalid format."
        raise Problem(message, param=param, code="invalid_value")
    head, comma, data = url.partition(",")
    if not comma or not head.endswith(";base64"):
        message = f"Invalid '{param}'. Expected a base64-encoded data URL with a MIME type."
        raise Problem(message, param=param, code="invalid_value")
    check_base64(data, param)


def check_base64(data: str, param: str) -> None:
    """Raise `Problem` unless this is the base64 of something."""
    try:
        decoded = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded:
        raise Problem(f"Invalid '{param}'. Expected base64-encoded data.", param=param, code="invalid_base64")


def check_choice(known: set[str], choice: str | None, tools: object, param: str = "tool_choice") -> None:
    """Raise `Problem` when tools are to be called that are not there."""
    if choice is None:
        return
    if not tools:
        raise Problem(f"'{param}' is only allowed when 'tools' are specified.", param=param)
    if choice not in ("none", "auto", "required") and choice not in known:
        message = f"Tool choice '{choice}' not found in 'tools' parameter."
        raise Problem(message, param=param, code="invalid_value")


def check_json_word(prompt: str, field: str, param: str) -> None:
    """Raise `Problem` unless the word JSON is said: a model left in JSON mode without it would never end."""
    if "json" not in prompt.lower():
        message = f"'{field}' must contain the word 'json' in some form, to use '{param}' of type 'json_object'."
        raise Problem(message, param=field)
