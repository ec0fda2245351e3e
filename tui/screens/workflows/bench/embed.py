"""Embeddings: how near texts are to each other."""

from __future__ import annotations

import asyncio
import base64
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.content import Content
from textual.widgets import Static

from tui.export import write_csv_line, write_text
from tui.resources.generation.endpoints import EMBED
from tui.resources.language.reading.amounts import dump_json
from tui.screens.workflows.bench.sheet import Sheet
from tui.widgets.base.bars import FooterBar, HeaderBar, TitleBar
from tui.widgets.base.tones import build_line
from tui.widgets.charts.vector_matrix import VectorMatrix, find_nearest, similarities
from tui.widgets.input.line import Line
from tui.widgets.input.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult

    from tui.live.platform import Platform

_NEAREST = 3
_WELCOME = "One text a line below; enter sends them. It shows how near they are: 1 is the same, 0 unlike."


def vector_of(value: object) -> list[float]:
    """Return a vector, from numbers or from base64 of 32-bit floats; empty when it is neither."""
    if isinstance(value, list) and all(isinstance(number, int | float) for number in value):
        return [float(number) for number in value]
    if isinstance(value, str):
        try:
            raw = base64.b64decode(value, validate=True)
            return list(struct.unpack(f"<{len(raw) // 4}f", raw))
        except (ValueError, struct.error):
            return []
    return []


class Embed(Sheet):
    """Texts, their similarities, and the nearest of the one under the cursor."""

    DEFAULT_CSS = """
    Embed #nearest { height: 4; padding: 0 1; background: $surface; }
    """

    SAVES = ".json or .csv"
    AT_ONCE = 100
    MOST = 100  # more would make a matrix that nobody reads

    def __init__(self, platform: Platform, settings: Mapping[str, Any]) -> None:
        super().__init__(platform, EMBED, settings)

    def compose(self) -> ComposeResult:
        """Yield title, model, matrix, nearest, how it went, the texts, keys."""
        yield HeaderBar()
        yield TitleBar(id="title")
        yield TitleBar(id="head")
        yield VectorMatrix()
        yield Static(_WELCOME, id="nearest", markup=False)
        yield TitleBar(id="status")
        yield Line()
        yield Prompt()
        yield FooterBar()

    @property
    def results(self) -> list[VectorMatrix]:
        """The matrix."""
        return [self.query_one(VectorMatrix)]

    async def body(self, texts: list[str]) -> dict[str, Any]:
        """Return the request for some texts."""
        return {**self.settings, "input": texts, "encoding_format": "float"}

    def read_answers(self, answer: Mapping[str, Any]) -> list[Any]:
        """Return the vectors, in the order of the texts."""
        data = answer.get("data")
        found = [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []
        found.sort(key=lambda item: item["index"] if isinstance(item.get("index"), int) else 0)
        return [vector for item in found if (vector := vector_of(item.get("embedding")))]

    async def show(self) -> None:
        """Work out how near they are, beside the keyboard."""
        rows = await asyncio.to_thread(similarities, self.answers)
        self.query_one(VectorMatrix).show(self.texts[: len(rows)], rows)

    def on_vector_matrix_moved(self, event: VectorMatrix.Moved) -> None:
        """Name the nearest."""
        matrix = self.query_one(VectorMatrix)
        self.show_found(matrix.found)
        if not matrix.rows:
            return
        row = matrix.rows[event.cursor]
        said = [build_line([(f"nearest to {event.cursor + 1}  ", "dim"), (matrix.texts[event.cursor], "strong")])]
        said += [
            build_line(
                [(f"  {row[number]:+.4f}  ", "good"), (f"{number + 1:>3}  ", "dim"), (matrix.texts[number], "")]
            )
            for number in find_nearest(row, event.cursor)[:_NEAREST]
        ]
        self.query_one("#nearest", Static).update(Content("\n").join(said))

    def save(self, name: str) -> str:
        """Write the texts and their vectors."""
        path = Path(name)
        pairs = list(zip(self.texts, self.answers, strict=False))
        if path.suffix.lower() == ".csv":
            return write_text(path, (write_csv_line([text, *vector]) for text, vector in pairs))
        whole = {**self.settings, "data": [{"text": text, "embedding": vector} for text, vector in pairs]}
        return write_text(path, [dump_json(whole, ensure_ascii=False) + "\n"])
