"""Search by meaning, as far as simulated embeddings have one: filters, scores, rewritten queries."""

from __future__ import annotations

import functools
import math
import operator
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from tui.sandbox.answers.words import embed
from tui.sandbox.protocol import Body

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Scalar = str | int | float | bool

_DIMENSIONS = 512
_WORD = re.compile(r"\w+")
_FILLERS = re.compile(
    r"an?|about|and|are|can|could|do|does|for|from|give|how|i|in|is|it|me|my|of|on|or|our|please|show|tell|that|the"
    r"|their|there|this|to|was|we|what|when|where|which|who|why|will|with|would|you|your",
    re.IGNORECASE,
)
_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


class Comparison(Body):
    """A condition on one attribute."""

    type: Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]
    key: str
    value: Scalar | list[Scalar]


class Compound(Body):
    """Conditions of which all or any must hold."""

    type: Literal["and", "or"]
    filters: list[Filter]


Filter = Annotated[Comparison | Compound, Field(discriminator="type")]
Compound.model_rebuild()


def fulfils(condition: Comparison | Compound, attributes: Mapping[str, Any]) -> bool:
    """Return whether attributes fulfil a condition. A missing one is unequal to everything."""
    if isinstance(condition, Compound):
        return (all if condition.type == "and" else any)(fulfils(part, attributes) for part in condition.filters)
    found, wanted = attributes.get(condition.key), condition.value
    values = wanted if isinstance(wanted, list) else [wanted]
    match condition.type:
        case "eq" | "in":
            return any(_same(found, value) for value in values)
        case "ne" | "nin":
            return not any(_same(found, value) for value in values)
    comparable = _kind_of(found) == _kind_of(wanted) in ("number", "text")
    return comparable and _ORDER[condition.type](found, wanted)


def _same(one: object, other: object) -> bool:
    return _kind_of(one) == _kind_of(other) and one == other


def _kind_of(value: object) -> str:
    """Return the kind of a value: for Python, but not for the platform, true is 1."""
    if isinstance(value, bool):
        return "truth"
    return "number" if isinstance(value, int | float) else "text" if isinstance(value, str) else "none"


def rewrite_query(query: str) -> str:
    """Return a query without the words that say nothing about what is sought."""
    words = [word for word in _WORD.findall(query) if not _FILLERS.fullmatch(word)]
    return " ".join(words) or query


def score_texts(queries: Sequence[str], texts: Sequence[str], *, ranker: str) -> list[float]:
    """Return how well each text answers the best of the queries, from 0 to 1.

    Without a ranker that is the likeness of their embeddings. A ranker looks at the words too; rare ones decide.
    """
    return [max(found) for found in zip(*(_scores(query, texts, ranker) for query in queries), strict=True)]


def _scores(query: str, texts: Sequence[str], ranker: str) -> list[float]:
    wanted, vector = _words(query), _vector(query)
    near = [max(sum(map(operator.mul, vector, _vector(text))), 0.0) for text in texts]
    if ranker != "none":
        weights = {
            word: math.log(2 + len(texts) / (1 + sum(word in _words(text) for text in texts))) for word in wanted
        }
        whole = sum(weights.values()) or 1.0
        shared = [sum(weights[word] for word in wanted & _words(text)) / whole for text in texts]
        near = [0.4 * likeness + 0.6 * share for likeness, share in zip(near, shared, strict=True)]
    return [round(min(score, 1.0), 4) for score in near]


@functools.lru_cache(maxsize=4096)
def _vector(text: str) -> tuple[float, ...]:
    return tuple(embed(text, _DIMENSIONS))


@functools.lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))
