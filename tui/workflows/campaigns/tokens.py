"""How many input tokens a request takes up in the platform's queue: counted here where that can be, else reckoned.

What is installed with `o9s[tokens]` counts as OpenAI's models do; other servers have encodings of their own.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tui.api.errors import is_official
from tui.resources.language.cells import pluralize, short_count
from tui.resources.language.json_lines import object_of
from tui.resources.language.prices import find_prices
from tui.resources.language.reading.amounts import Amount, format_amount
from tui.workflows.estimate.requests import read_line
from tui.workflows.estimate.tokenizers import NoTokenizer, Tokenizer, load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.resources.language.prices import LineItem

BYTES_PER_TOKEN = 4  # of a request: on the safe side for most texts


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
    if is_official(urlsplit(base_url).hostname or ""):
        try:
            return CountedTokens()
        except NoTokenizer:
            pass  # the tokens are reckoned from the bytes, as on other servers
    return TokenRule()


def describe_parts(parts: Sequence[Mapping[str, Any]], rule: TokenRule, bill: Sequence[LineItem]) -> str:
    """Return how many requests and tokens parts have, given by their records, and what reading them costs.

    The dollars are by the organization's own bill; without prices of all models on it none are told.
    """
    tokens: Counter[str] = Counter()
    for part in parts:
        tokens[part["model"]] += part["tokens"]
    words = (
        f"{pluralize(sum(part['lines'] for part in parts), 'request')} in {pluralize(len(parts), 'part')}, "
        f"about {short_count(tokens.total())} input tokens ({rule.words})"
    )
    costs = [find_prices(bill, model).cost(count, 0, 0) for model, count in tokens.items()]
    known = [cost for cost in costs if cost is not None]
    if not known or len(known) < len(costs):
        return f"{words}."
    oldest = min((price for _, price in known), key=lambda price: price.item.day)
    dollars = format_amount(Amount(sum(dollars for dollars, _ in known), 0), "$")
    return f"{words}: {dollars} by your bill of {oldest.date}, answers not counted."
