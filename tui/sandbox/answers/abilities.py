"""The abilities of each model; requests beyond them are refused as the platform refuses them."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from tui.sandbox.protocol import Problem

if TYPE_CHECKING:
    from collections.abc import Collection

_EFFORTS = {
    "o": ("low", "medium", "high"),
    "gpt-5": ("minimal", "low", "medium", "high"),
    "gpt-5.": ("none", "low", "medium", "high", "xhigh", "max"),
}
_DIMENSIONS = {"text-embedding-3-large": 3072, "text-embedding-3-small": 1536, "text-embedding-ada-002": 1536}


# The beginning of a name, the tokens that it reads and writes at most together, and those that it writes.
_SIZES = (
    ("gpt-5", 400_000, 128_000),
    ("o", 200_000, 100_000),
    ("gpt-4.1", 1_047_576, 32_768),
    ("gpt-4o", 128_000, 16_384),
    ("gpt-3.5-turbo-instruct", 4_097, 4_096),
    ("gpt-3.5", 16_385, 4_096),
    ("", 16_384, 16_384),
)


class Abilities(NamedTuple):
    """Purpose of a model (`chat`, `completion`, `embedding`, `moderation`), its reasoning efforts and sizes."""

    use: str
    efforts: tuple[str, ...] = ()
    window: int = 0
    longest: int = 0

    @property
    def effort(self) -> str:
        """The reasoning effort unless asked for another."""
        return "none" if not self.efforts or "none" in self.efforts else "medium"


@functools.lru_cache(256)  # asked for each of 50,000 lines of a batch
def abilities_of(model: str) -> Abilities:
    """Return what a model can do, looked up by its name; a fine-tuned model can do what its base can."""
    base = base_of(model)
    for use in ("embedding", "moderation"):
        if use in base:
            return Abilities(use)
    window, longest = next(sizes for start, *sizes in _SIZES if base.startswith(start))
    if base.endswith(("-instruct", "-002")):
        return Abilities("completion", (), window, longest)
    family = re.match(r"(?:(o)\d|(gpt-5\.)\d|(gpt-5)(?!-chat))", base)
    efforts = _EFFORTS[next(filter(None, family.groups()))] if family else ()
    return Abilities("chat", efforts, window, longest)


def base_of(model: str) -> str:
    """Return the model that a fine-tuned one was made of, or the model itself."""
    return model.split(":")[1] if model.startswith("ft:") else model


def max_dimensions(model: str) -> int:
    """Return the number of dimensions of an embedding model."""
    return _DIMENSIONS.get(base_of(model), 1536)


def check_use(model: str, use: str, endpoint: str) -> None:
    """Raise `Problem` when a model is for another endpoint."""
    found = abilities_of(model).use
    if found != use:
        message = f"This is not a {use} model and thus not supported in the {endpoint} endpoint."
        if use == "chat" and found == "completion":
            message += " Did you mean to use v1/completions?"
        raise Problem(message, status=404, param="model")


def check_effort(model: str, effort: str | None, param: str) -> str:
    """Return the reasoning effort to use. Raises `Problem` when the model does not take the one asked for."""
    able = abilities_of(model)
    if effort is None:
        return able.effort
    if not able.efforts:
        raise make_refusal(param)
    if effort not in able.efforts:
        choices = ", ".join(f"'{choice}'" for choice in able.efforts)
        message = f"Unsupported value: '{param}' does not support '{effort}' with this model. "
        raise Problem(f"{message}Supported values are: {choices}.", param=param, code="unsupported_value")
    return effort


def check_reasoning(effort: str, body: object, forbidden: Collection[str]) -> None:
    """Raise `Problem` for settings of a body that cannot be changed while a model reasons."""
    if effort == "none":
        return
    for name in ("temperature", "top_p", "presence_penalty", "frequency_penalty", "n"):
        value, default = getattr(body, name, None), 0 if name.endswith("penalty") else 1
        if value is not None and value != default:
            message = f"Unsupported value: '{name}' does not support {value} with this model. "
            message += f"Only the default ({default}) value is supported."
            raise Problem(message, param=name, code="unsupported_value")
    for name in forbidden:
        if getattr(body, name):
            raise make_refusal(name)


def check_limit(model: str, limit: int | None, param: str) -> None:
    """Raise `Problem` for more tokens than a model can write."""
    if limit is not None and limit > (longest := abilities_of(model).longest):
        message = f"{param} is too large: {limit}. This model supports at most {longest} completion tokens, "
        raise Problem(f"{message}whereas you provided {limit}.", param=param, code="invalid_value")


def check_window(model: str, read: int, param: str) -> None:
    """Raise `Problem` for more tokens than a model can read."""
    if read > (window := abilities_of(model).window):
        message = (
            f"This model's maximum context length is {window} tokens. However, your input resulted in {read} "
        )
        raise Problem(f"{message}tokens. Please reduce its length.", param=param, code="context_length_exceeded")


def make_refusal(param: str, hint: str = "") -> Problem:
    """Return the refusal of a parameter that the model does not have."""
    message = f"Unsupported parameter: '{param}' is not supported with this model.{hint}"
    return Problem(message, param=param, code="unsupported_parameter")
