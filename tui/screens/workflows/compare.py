"""Two runs of an eval compared item by item: what got worse first, then what got better."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from textual import work
from textual.binding import Binding
from textual.screen import Screen

from tui.api.errors import ApiError
from tui.live.gathered import Gathered
from tui.resources.language.cells import pluralize
from tui.resources.language.column import Cell, Tone
from tui.resources.language.resource import title_of
from tui.resources.registry import REGISTRY
from tui.screens.dialogs.viewer import Viewer
from tui.toolkit.terminal.clipboard import copy
from tui.widgets.base.bars import Bar, FooterBar, HeaderBar, KeyHint, TitleBar
from tui.widgets.detail.summary import Summary, SummaryRow
from tui.widgets.text.cells_view import CellRow, CellsView
from tui.widgets.text.json_view import JsonView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from textual.app import ComposeResult

    from tui.resources.evals.items import EvalItem, Verdict
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.screens.actions.actor import Actor
    from tui.widgets.text.line_view import LineView

_EXCERPT = 400  # characters of an answer in its row
_LABEL = 24  # most cells of a grader's name
_HEADS = ("CHANGE", "ITEM", "SCORE", "DATA", "A", "B")
MOST = 2_000  # items of a run that are read

# What became of an item, worst first: glyph, tone, words.
_KINDS = {
    "regression": ("✖", "bad", "regressed"),
    "worse": ("▼", "warn", "scored less"),
    "fixed": ("✓", "good", "fixed"),
    "better": ("▲", "good", "scored more"),
    "failing": ("✖", "dim", "failed in both"),
    "same": ("·", "dim", "passed in both"),
    "alone": ("?", "warn", "in one only"),
}


async def open_comparison(actor: Actor, action: Action, record: Record | None = None, *others: Record) -> None:
    """Compare two marked runs, or one with the run before it."""
    if record is None:
        return
    known = actor.platform.watch(actor.resource, actor.scope).collection
    # The list is newest first; of two made in the same second it alone knows which was first.
    oldest_first = [known.records[id_] for id_ in reversed(known.order)]
    marked = {each.id for each in (record, *others)}
    runs = [run for run in oldest_first if run.id in marked]
    if not others and runs:
        runs = oldest_first[: oldest_first.index(runs[0])][-1:] + runs
    if len(runs) != 2:
        what = "Mark two runs to compare" if others else "There is no earlier run to compare with; mark two"
        actor.say(f"{what}.", bad=True)
        return
    await actor.app.push_screen(Comparison(actor, action, runs))


class ItemPair(NamedTuple):
    """An item as each run has it."""

    key: str
    before: Record | None
    after: Record | None

    @property
    def kind(self) -> str:
        """The difference, in one word."""
        if self.before is None or self.after is None:
            return "alone"
        old, new = self.before.object, self.after.object
        if old.status != new.status and "pass" in (old.status, new.status):
            return "fixed" if new.status == "pass" else "regression"
        change = (new.score or 0) - (old.score or 0)
        if abs(change) > 1e-9:
            return "better" if change > 0 else "worse"
        return "same" if new.status == "pass" else "failing"


def pair_items(before: Iterable[Record], after: Iterable[Record]) -> list[ItemPair]:
    """Bring the items of two runs together by their number in the data, what got worse first."""
    olds, news = ({_make_key(record): record for record in records} for records in (before, after))
    pairs = [ItemPair(key, olds.get(key), news.get(key)) for key in {**olds, **news}]
    order = list(_KINDS)
    return sorted(pairs, key=lambda pair: order.index(pair.kind))


def _make_key(record: Record) -> str:
    number = record.raw.get("datasource_item_id")
    return record.id if number is None else str(number)


def _answer_text(item: EvalItem | None) -> str:
    if item is None:
        return "(not in this run)"
    error = item.sample.error if item.sample else None
    return item.answer or (f"{error.code or 'error'}: {error.message or ''}" if error else "") or "(nothing)"


def build_row(pair: ItemPair) -> CellRow:
    """Return an item as a row: what became of it, its scores, its data and both answers."""
    glyph, tone, words = _KINDS[pair.kind]
    items = _objects(pair)
    scores = " → ".join("·" if item is None or item.score is None else f"{item.score:.3g}" for item in items)
    texts = list(map(_answer_text, items))
    looks = "dim" if texts[0] == texts[1] else ""
    if looks:
        texts[1] = "the same"
    cells = [(f"{glyph} {words}", tone), (pair.key, ""), (scores, "dim"), (_data_text(pair), "dim")]
    cells += [(" ".join(text[:_EXCERPT].split()), looks) for text in texts]
    return CellRow(pair.key, tuple(cells))


def describe_pair(pair: ItemPair) -> list[SummaryRow]:
    """Return the data of an item, both answers and what each grader says of them, in full."""
    items = _objects(pair)
    rows = [("data", Cell(_data_text(pair), "dim"))]
    rows += [(run, Cell(_answer_text(item))) for run, item in zip("AB", items, strict=True)]
    verdicts = [{each.name or "?": each for each in item.results or []} if item else {} for item in items]
    for name in {**verdicts[0], **verdicts[1]}:
        old, new = (each.get(name) for each in verdicts)
        changed = old is not None and new is not None and old.passed != new.passed
        tone: Tone = ("good" if new and new.passed else "bad") if changed else "dim"
        rows.append((name, Cell(" → ".join(map(_verdict_text, (old, new))), tone)))
    indent = min(_LABEL, 2 + max(len(label) for label, _ in rows))
    return [SummaryRow(label, cell, indent) for label, cell in rows]


def _objects(pair: ItemPair) -> list[EvalItem | None]:
    return [record.object if record else None for record in (pair.before, pair.after)]


def _data_text(pair: ItemPair) -> str:
    return next((item.parts for item in _objects(pair) if item), "")


def _verdict_text(verdict: Verdict | None) -> str:
    if verdict is None:
        return "not judged"
    score = "" if verdict.score is None else f" {verdict.score:.4g}"
    return f"{'passed' if verdict.passed else 'failed'}{score}"


def share_passed(records: Sequence[Record]) -> str:
    """Return how many of a run's items passed: `92 % passed`."""
    passed = sum(record.object.status == "pass" for record in records)
    return f"{100 * passed / len(records):.0f} % passed" if records else ""


class Comparison(Screen[None]):
    """Shows two runs of an eval side by side, item by item."""

    BINDINGS = [
        Binding("escape,q", "back", "back", id="compare.back"),
        Binding("exclamation_mark", "differing", "only what differs", id="compare.differing", key_display="!"),
        Binding("x", "swap", "swap the runs", id="compare.swap"),
        Binding("r", "refresh", "read again", id="compare.refresh"),
        Binding("c", "copy", "copy both answers", id="compare.copy"),
        Binding("enter", "open", "both as JSON", id="compare.open"),
        Binding("tab", "app.focus_next", "list or item", id="compare.focus"),
    ]
    DEFAULT_CSS = """
    Comparison Summary { height: 9; border-top: solid $surface-lighten-2; }
    """

    def __init__(self, actor: Actor, action: Action, runs: Sequence[Record]) -> None:
        super().__init__()
        self._actor, self._action = actor, action
        self._compared = list(runs)
        self._items: dict[str, list[Record]] = {}
        self._pairs: dict[str, ItemPair] = {}
        self._differing = self._cut = False
        self._view = CellsView(3, 4, 5, right=(1,), drop=(3,), heads=_HEADS)

    def compose(self) -> ComposeResult:
        """Yield header, title, items, the one under the cursor in full, how many of which kind, keys."""
        yield HeaderBar()
        yield TitleBar()
        yield Bar(id="heads")
        yield self._view
        yield Summary()
        yield TitleBar(id="state")
        yield FooterBar()

    def on_mount(self) -> None:
        """Read both runs' items."""
        self.set_focus(self._view)
        self._headline()
        self.action_refresh()

    def _headline(self) -> None:
        """Name both runs with their shares, and the keys."""
        names = [title_of(self._actor.resource, run) or run.id for run in self._compared]
        shares = [share_passed(self._items.get(run.id, [])) for run in self._compared]
        self.query_one(TitleBar).show(
            [
                (" compare  ", "dim"),
                (" A ", "badge"),
                (f" {names[0]} ", "strong"),
                (f" {shares[0]}  ", ""),
                (" B ", "badge"),
                (f" {names[1]} ", "strong"),
                (f" {shares[1]}", ""),
            ]
        )
        keys = [KeyHint("enter", "both as JSON"), KeyHint("!", "all" if self._differing else "only what differs")]
        keys += [
            KeyHint("x", "swap"),
            KeyHint("r", "read again"),
            KeyHint(":", "go"),
            KeyHint("esc", "back"),
        ]
        self.query_one(FooterBar).show_keys(keys)

    def _say(self, parts: list[tuple[str, str]]) -> None:
        self.query_one("#state", TitleBar).show([(" ", ""), *parts])

    @work(group="read", exclusive=True, exit_on_error=False)
    async def action_refresh(self) -> None:
        """Read the items of both runs."""
        self._cut = False
        try:
            for run in tuple(self._compared):  # they may be swapped meanwhile
                self._items[run.id] = await self._read(run)
        except ApiError as error:
            self._say([(f"{error.sentence} {error.hint} r reads again.", "bad")])
            return
        self._arrange()

    async def _read(self, run: Record) -> list[Record]:
        actor, resource = self._actor, REGISTRY["eval-items"]
        path = {**actor.scope, "run_id": run.id}
        found = Gathered()
        async for page in actor.platform.client.pages(self._action.operation, path, limit=100):
            found.take(page)
            self._say([(f"Loading… {pluralize(len(found.items), 'item')} of {run.id}", "dim")])
            if len(found.items) >= MOST or page.cut:
                self._cut = True
                break
        return [resource.record(raw) for raw in found.items if isinstance(raw, dict)]

    def _arrange(self) -> None:
        pairs = pair_items(*(self._items.get(run.id, []) for run in self._compared))
        self._pairs = {pair.key: pair for pair in pairs}
        shown = [pair for pair in pairs if not self._differing or pair.kind not in ("same", "failing")]
        nothing = "Nothing differs." if pairs else "Neither run has results yet."
        self._view.show(map(build_row, shown), nothing)
        self._show_heads()
        self._describe()
        self._headline()
        counts: Mapping[str, int] = Counter(pair.kind for pair in pairs)
        parts = [
            part
            for kind, (glyph, tone, words) in _KINDS.items()
            if counts.get(kind)
            for part in ((f"{glyph} {counts[kind]:,} {words}", tone), ("   ", ""))
        ]
        self._say([*parts, ("not all items, only the first" if self._cut else "", "warn")])

    @property
    def _pair(self) -> ItemPair | None:
        """The item under the cursor."""
        return self._pairs.get(self._view.row.key) if self._view.row else None

    def _describe(self) -> None:
        """Show the item under the cursor in full."""
        self.query_one(Summary).show_rows(describe_pair(pair) if (pair := self._pair) else [])

    def on_line_view_moved(self, event: LineView.Moved) -> None:
        """Let what stands below follow the cursor."""
        if event.view is self._view:
            self._describe()

    def action_open(self) -> None:
        """Show the item as both runs have it."""
        if pair := self._pair:
            view = JsonView()
            view.show({name: record.raw if record else None for name, record in zip("AB", pair[1:], strict=True)})
            self.app.push_screen(Viewer(f"item {pair.key}", view))

    def on_line_view_copy_requested(self, event: LineView.CopyRequested) -> None:
        """Copy a line of what stands below."""
        copy(self.app, event.text)

    def action_copy(self) -> None:
        """Copy both answers to an item."""
        if pair := self._pair:
            copy(self.app, "\t".join(map(_answer_text, _objects(pair))))

    def action_differing(self) -> None:
        """Leave out what is the same in both, or show it."""
        self._differing = not self._differing
        self._arrange()

    def action_swap(self) -> None:
        """Swap the two runs."""
        self._compared.reverse()
        self._arrange()

    def on_resize(self) -> None:
        """Put the titles where the columns stand now."""
        self.call_after_refresh(self._show_heads)

    def _show_heads(self) -> None:
        self.query_one("#heads", Bar).show([(self._view.head_line(), "dim")])

    def action_back(self) -> None:
        """Leave."""
        self.dismiss(None)
