"""How many input tokens a request takes up in the platform's queue: counted here where that can be, else reckoned.

What is installed with `o9s[tokens]` counts as OpenAI's models do; other servers have encodings of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tui.resources.language.json_lines import object_of
from tui.workflows.estimate.requests import read_line
from tui.workflows.estimate.tokenizers import NoTokenizer, Tokenizer, load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Mapping

BYTES_PER_TOKEN = 4  # of a request: on the safe side for most texts
_HOST = "api.openai.com"


class TokenRule:
    """A fourth of the bytes of a request."""

    words = "bytes ÷ 4"
    """How it counts, for a sentence."""

    def count(self, line: bytes, request: Mapping[str, Any] | None = None) -> int:  # noqa: ARG002
        """Return the input tokens of a request, given as its line, and read where that is known."""
        return len(line) // BYTES_PER_TOKEN + 1


class CountedTokens(TokenRule):
    """What the encoding of the model makes of a request's texts."""

    words = "counted offline"

    def __init__(self) -> None:
        """Raises NoTokenizer where none is installed."""
        self._tokenizers: dict[str, Tokenizer] = {"": load_tokenizer("")}

    def count(self, line: bytes, request: Mapping[str, Any] | None = None) -> int:
        """Return the input tokens of a request, given as its line, and read where that is known."""
        asked = read_line(request if request is not None else object_of(line) or {})
        tokenizer = self._tokenizers.get(asked.model)
        if tokenizer is None:
            tokenizer = self._tokenizers[asked.model] = load_tokenizer(asked.model)
        return max(tokenizer.count([asked]), 1)


def choose_rule(base_url: str) -> TokenRule:
    """Return how tokens are counted for a server: with OpenAI's encodings for OpenAI's own, if they are there."""
    host = urlsplit(base_url).hostname or ""
    if host == _HOST or host.endswith(f".{_HOST}"):
        try:
            return CountedTokens()
        except NoTokenizer:
            pass
    return TokenRule()
