"""The outcome of a search in a vector store, as rows to compare and as Markdown."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.resources.generation.contents import read_content_text
from tui.resources.language.cells import draw_bar
from tui.resources.language.reading.amounts import word_of
from tui.widgets.text.conversation import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pydantic import BaseModel

SHOWN = 320  # characters of a chunk, so that several can be compared; enter shows all
_HALF_WORD = re.compile(r"\s+\S{0,30}$")  # longer is no word


class Hit(NamedTuple):
    """A chunk that was found."""

    score: float
    file: str
    name: str
    text: str
    attributes: Mapping[str, Any]


def read_hits(answer: Mapping[str, Any]) -> list[Hit]:
    """Return what an answer holds, best first; what is odd in it costs itself only."""
    found = answer.get("data")
    results = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    return [
        Hit(
            float(each["score"]) if isinstance(each.get("score"), int | float) else 0.0,
            str(each.get("file_id") or ""),
            str(each.get("filename") or ""),
            read_content_text(each.get("content")),
            each["attributes"] if isinstance(each.get("attributes"), dict) else {},
        )
        for each in results
    ]


@dataclass(slots=True)
class SearchOutcome:
    """The outcome of one setting: the setting in words, what was found, how long it took, or why it failed."""

    setting: str
    hits: Sequence[Hit] = ()
    rewritten: str = ""  # the query as the platform put it, when that is not as it was typed
    seconds: float = 0.0
    error: str = ""


def describe_setting(model: type[BaseModel], body: Mapping[str, Any]) -> str:
    """Return what of a request is not as usual, in words."""
    unusual = model.model_validate(body).model_dump(exclude_defaults=True, exclude={"query"})
    pairs = {**unusual, **unusual.pop("ranking_options", {})}
    pairs.pop("ranking_options", None)
    words = (f"{name.replace('_', ' ')} {json.dumps(value)}" for name, value in pairs.items())
    return " · ".join(words) or "default settings"


def compare_rank(hit: Hit, rank: int, other: SearchOutcome | None) -> tuple[str, str]:
    """Return where the other setting has the same chunk, as a part of a line."""
    if other is None or other.error:
        return "", ""
    ranks = [at for at, each in enumerate(other.hits, 1) if (each.file, each.text) == (hit.file, hit.text)]
    if not ranks:
        return "  · not there", "warn"
    return (f"  · there #{ranks[0]}", "dim" if ranks[0] == rank else "accent")


def build_entries(outcome: SearchOutcome, other: SearchOutcome | None) -> Iterable[Entry]:
    """Yield what was found, best first."""
    for rank, hit in enumerate(outcome.hits, 1):
        attributes = " ".join(f"{key}={word_of(value)}" for key, value in hit.attributes.items())
        head = (
            (f"{rank:>2} ", "dim"),
            (f"{hit.score:.3f} {draw_bar(min(1.0, hit.score), 6)} ", "accent"),
            (hit.name or hit.file, "strong"),
            compare_rank(hit, rank, other),
        )
        facts = ((attributes, "dim"),) if attributes else ()
        text = re.sub(r"\s*\n\s*", "\n", hit.text.strip())
        yield Entry(str(rank), head, (*facts, (_shorten(text), "")), indent=3)


def _shorten(text: str) -> str:
    """Return the beginning of a chunk, up to the end of a word."""
    return f"{re.sub(_HALF_WORD, '', text[:SHOWN])} …" if len(text) > SHOWN else text


def format_markdown(title: str, query: str, outcomes: Sequence[SearchOutcome]) -> str:
    """Return all that was found as Markdown; the chunks are quoted."""
    parts = [f"# Search in {title}\n\n> {query}"]
    for name, outcome in zip("AB", outcomes, strict=False):
        found = outcome.error or f"{len(outcome.hits)} found in {outcome.seconds:.2f} s"
        parts.append(f"## {name}: {outcome.setting}\n\n{found}")
        for rank, hit in enumerate(outcome.hits, 1):
            quoted = "\n".join(f"> {words}" for words in hit.text.splitlines())
            parts.append(f"### {rank}. {hit.name} · {hit.score:.3f}\n\n`{hit.file}`\n\n{quoted}")
    return "\n\n".join(parts) + "\n"
