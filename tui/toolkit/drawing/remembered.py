"""How much is remembered of what was drawn: what a screen takes, not what all screens took that there ever were.

Textual keeps thousands of answers about regions, texts and lines, and memory grows for hours until it has them.
It also gives every line seven memories, most of which never hold anything.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rich import cells
from rich.segment import Segment
from textual.cache import FIFOCache
from textual.css.scalar import Scalar
from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 256  # answers of a method that are kept: those of one screen, and what changes in it
TEXTS = 1024  # whose widths are kept
OF_A_LINE = 4  # answers of each kind that a strip keeps: how it was cut, cropped, styled


def remember_less() -> None:
    """Have Textual keep few answers, and a strip only those it was asked for."""
    for owner in (Region, Scalar, Segment, Strip):
        for name, method in list(vars(owner).items()):
            answering: Any = getattr(method, "__func__", method)
            if hasattr(answering, "cache_info"):
                fewer: Any = lru_cache(MOST)(answering.__wrapped__)
                setattr(owner, name, fewer if answering is method else classmethod(fewer))
    _remember_fewer_widths()
    strip: Any = Strip
    strip.__init__, strip.__getattr__ = _begin, _make_memory


def _remember_fewer_widths() -> None:
    """Have the widths of few texts kept, by whatever Textual and Rich call the function that tells them."""
    telling = cells.cached_cell_len
    fewer = lru_cache(TEXTS)(telling.__wrapped__)
    for name, module in list(sys.modules.items()):
        if name.startswith(("textual.", "rich.")):
            for own in [own for own, held in vars(module).items() if held is telling]:
                setattr(module, own, fewer)


def _begin(strip: Strip, segments: Iterable[Segment], cell_length: int | None = None) -> None:
    """Make a strip that remembers nothing yet."""
    strip._segments = list(segments)
    strip._cell_length = cell_length
    strip._render_cache = strip._link_ids = strip._cell_count = None


def _make_memory(strip: Strip, name: str) -> FIFOCache[Any, Any]:
    """Return a memory of a strip, which is asked for the first time."""
    if not name.endswith("_cache"):
        raise AttributeError(name)
    memory: FIFOCache[Any, Any] = FIFOCache(OF_A_LINE)
    setattr(strip, name, memory)
    return memory
