"""Moderations: what texts and images are flagged for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.export import write_text
from tui.resources.generation.endpoints import MODERATE
from tui.resources.language.reading.amounts import dump_json
from tui.screens.workflows.bench.attachments import BadAttachment, read_with_files
from tui.screens.workflows.bench.sheet import Sheet
from tui.text import clean
from tui.widgets.base.bars import FooterBar, HeaderBar, TitleBar
from tui.widgets.charts.category_bars import CategoryBars, Score
from tui.widgets.input.line import Line
from tui.widgets.input.prompt import Prompt
from tui.widgets.text.line_view import LineView
from tui.widgets.text.lines import MemoryLines
from tui.widgets.text.painted import Painted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult

    from tui.live.platform import Platform
    from tui.widgets.text.lines import LineSource

_SHOWN = 300  # characters of a text that its row shows


class Verdict(NamedTuple):
    """A text, and what was found in it."""

    text: str
    flagged: bool
    scores: tuple[Score, ...]

    @property
    def worst(self) -> str:
        """The categories it is flagged for, the strongest first."""
        flagged = sorted((score for score in self.scores if score.flagged), key=lambda score: -score.value)
        return ", ".join(score.name for score in flagged)


def read_verdict(text: str, result: Mapping[str, Any]) -> Verdict:
    """Read one result; what is odd in it is left out."""
    names = ("categories", "category_scores", "category_applied_input_types")
    flags, scores, seen = (part if isinstance(part := result.get(name), dict) else {} for name in names)
    found = [
        Score(name, float(value), flags.get(name) is True, "+".join(map(str, seen.get(name) or ())))
        for name, value in scores.items()
        if isinstance(value, int | float)
    ]
    return Verdict(text, result.get("flagged") is True, tuple(found))


def _image_address(text: str) -> str:
    """Return the address of an image, or `@` and its path, when a line is nothing but that; else ""."""
    word = text.strip()
    return word if word.startswith(("@", "https://", "data:image/")) and len(word.split()) == 1 else ""


class Verdicts(LineView):
    """The texts, the flagged first."""

    def __init__(self) -> None:
        super().__init__(empty="One text a line below; enter sends. A line with @path or an address is an image.")
        self.verdicts: list[Verdict] = []

    def show(self, verdicts: list[Verdict]) -> None:
        """Show these."""
        self.verdicts = sorted(verdicts, key=lambda each: -max((score.value for score in each.scores), default=0))
        self.verdicts.sort(key=lambda each: not each.flagged)
        self.refresh_rows()
        self.move_to(0)

    def count(self) -> int:
        """Return the number of texts."""
        return len(self.verdicts)

    def raw(self, row: int) -> str:
        """Return the text."""
        return self.verdicts[row].text

    def paint(self, row: int) -> Painted:
        """Return the verdict, then the text."""
        each = self.verdicts[row]
        mark = "▲ flagged " if each.flagged else "✓ clear   "
        why = f"  {each.worst}" if each.flagged else ""
        text = mark + clean(each.text[:_SHOWN]) + why
        spans = [(0, len(mark), "bad" if each.flagged else "good"), (len(text) - len(why), len(text), "warn")]
        return Painted(text, spans)

    def searchable(self) -> LineSource:
        """Return the texts."""
        return MemoryLines([each.text for each in self.verdicts])


class Moderate(Sheet):
    """Texts with their verdicts, and the scores of the one under the cursor."""

    DEFAULT_CSS = """
    Moderate #flagged { background: $surface; display: none; }
    """

    SAVES = ".json"
    AT_ONCE = 100

    def __init__(self, platform: Platform, settings: Mapping[str, Any]) -> None:
        super().__init__(platform, MODERATE, settings)

    def compose(self) -> ComposeResult:
        """Yield title, model, verdicts, scores, how it went, the texts, keys."""
        yield HeaderBar()
        yield TitleBar(id="title")
        yield TitleBar(id="head")
        yield Verdicts()
        yield TitleBar(id="flagged")
        yield CategoryBars()
        yield TitleBar(id="status")
        yield Line()
        yield Prompt()
        yield FooterBar()

    @property
    def results(self) -> list[Verdicts]:
        """The verdicts."""
        return [self.query_one(Verdicts)]

    def first_chunk(self, texts: list[str]) -> list[str]:
        """Return the texts to go into one request: one image, whose parts would get one result, or many texts."""
        stop = next((number for number, text in enumerate(texts) if _image_address(text)), self.AT_ONCE)
        return texts[: min(max(1, stop), self.AT_ONCE)]

    async def body(self, texts: list[str]) -> dict[str, Any]:
        """Return the request for some texts, or for an image."""
        address = _image_address(texts[0])
        if not address:
            return {**self.settings, "input": texts}
        if address.startswith("@"):
            said = await read_with_files(address, self._platform.client)
            if not said.files:
                raise BadAttachment(f"There is no file {address[1:]}.")
            address = said.files[0][1]
        return {**self.settings, "input": [{"type": "image_url", "image_url": {"url": address}}]}

    def read_answers(self, answer: Mapping[str, Any]) -> list[Any]:
        """Return the results, in the order of the texts."""
        results = answer.get("results")
        return [result for result in results if isinstance(result, dict)] if isinstance(results, list) else []

    def _verdicts(self) -> list[Verdict]:
        return [read_verdict(text, result) for text, result in zip(self.texts, self.answers, strict=False)]

    async def show(self) -> None:
        """Show the verdicts, the flagged first."""
        verdicts = self._verdicts()
        self.query_one(Verdicts).show(verdicts)
        flagged = sum(each.flagged for each in verdicts)
        said = [(f" {flagged:,} of {len(verdicts):,} flagged", "bad" if flagged else "good")]
        bar = self.query_one("#flagged", TitleBar)
        bar.show(said if verdicts else [])
        bar.display = bool(verdicts)

    def on_line_view_moved(self, event: LineView.Moved) -> None:
        """Show the scores of the one under the cursor."""
        verdicts = self.query_one(Verdicts).verdicts
        if event.row < len(verdicts):
            self.query_one(CategoryBars).show(verdicts[event.row].scores)

    def on_line_view_searched(self, event: LineView.Searched) -> None:
        """Say how the search stands."""
        self.show_found(event.words)

    def save(self, name: str) -> str:
        """Write the texts and their results."""
        pairs = [{"text": text, "result": result} for text, result in zip(self.texts, self.answers, strict=False)]
        return write_text(Path(name), [dump_json({**self.settings, "results": pairs}, indent=2) + "\n"])
