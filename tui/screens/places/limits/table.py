"""The rate limits of all projects as a table of models by projects, with what differs from the usual marked."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.resources.language.cells import short_count
from tui.resources.language.reading.amounts import read_count
from tui.widgets.table.matrix import CellKey, Spot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tui.resources.language.objects import Record
    from tui.workflows.limits import LimitChange

Values = tuple[Any, Any]  # two limits, as the server sent them


class LimitPair(NamedTuple):
    """Two limits that are shown together, and what people call them."""

    words: str
    briefly: str
    """What the key that leads to it says."""
    fields: tuple[str, str]

    def read(self, record: Record) -> Values:
        """Return both limits of a record."""
        first, second = (record.at(field) for field in self.fields)
        return first, second


_MINUTE = ("max_requests_per_1_minute", "max_tokens_per_1_minute")
HEADROOM = LimitPair("busiest minute of 7 days ÷ limit", "headroom", _MINUTE)
"""How near the limits came, in place of the limits themselves."""
PAIRS = (
    LimitPair("requests/tokens a minute", "a minute", _MINUTE),
    HEADROOM,
    LimitPair("requests/batch tokens a day", "a day", ("max_requests_per_1_day", "batch_1_day_max_input_tokens")),
    LimitPair(
        "images/audio MB a minute",
        "images, audio",
        ("max_images_per_1_minute", "max_audio_megabytes_per_1_minute"),
    ),
)


class LimitTable:
    """Compares one pair of limits of all records."""

    def __init__(self, records: Iterable[Record], pair: LimitPair) -> None:
        self.pair = pair
        self.limits = {cell_of(record): record for record in records if record.at("model")}
        self.usual = self._find_usual()
        """What most projects have, by model."""
        self.differing = {at for at, record in self.limits.items() if pair.read(record) != self.usual[at[0]]}
        """The cells that have something else."""

    def _find_usual(self) -> dict[str, Values]:
        held: dict[str, Counter[Values]] = {}
        for (model, _), record in self.limits.items():
            held.setdefault(model, Counter())[self.pair.read(record)] += 1
        return {model: counted.most_common(1)[0][0] for model, counted in held.items()}

    def sort_models(self, *, only_differing: bool) -> list[str]:
        """Return the models, those first in which most differs; with `only_differing` no others."""
        counts = Counter(model for model, _ in self.differing)
        models = [model for model in self.usual if counts[model] or not only_differing]
        return sorted(models, key=lambda model: -counts[model])

    def sort_projects(self) -> list[tuple[str, str]]:
        """Return id and name of each project, those first in which most differs."""
        names = {project: project_name(record) for (_, project), record in self.limits.items()}
        counts = Counter(project for _, project in self.differing)
        return sorted(names.items(), key=lambda column: -counts[column[0]])

    def build_spots(self) -> dict[CellKey, Spot]:
        """Return what stands in each cell; what differs from the usual is marked."""
        return {at: self._build_spot(at, self.pair.read(record)) for at, record in self.limits.items()}

    def _build_spot(self, at: CellKey, values: Values) -> Spot:
        if at not in self.differing:
            return Spot(_format_pair(values))
        return Spot(f"≠ {'/'.join(map(_tell_apart, values, self.usual[at[0]]))}", "warn")

    def build_usual_spots(self) -> dict[str, Spot]:
        """Return what stands beside each model: what most projects have."""
        return {model: Spot(_format_pair(values)) for model, values in self.usual.items()}

    def find_odd(self, here: CellKey) -> set[CellKey]:
        """Return the cells of a row that differ from the one in it that is `here`."""
        row = {at: self.pair.read(record) for at, record in self.limits.items() if at[0] == here[0]}
        return {at for at, values in row.items() if values != row[here]}


def cell_of(record: Record) -> CellKey:
    """Return where a limit stands: its model and the id of its project."""
    return str(record.at("model")), str(record.at("project.id"))


def project_name(record: Record) -> str:
    """Return what the project of a limit is called; its id where that is not known."""
    return str(record.at("project.name") or record.at("project.id"))


def describe_change(change: LimitChange) -> str:
    """Return what a call changes, from what to what."""
    words = {name: name.removeprefix("max_").replace("_per_1_", "/").replace("_", " ") for name in change.body}
    held = {name: _format_limit(change.cell.at(name), _format_in_full) for name in change.body}
    return ", ".join(f"{words[name]} {held[name]} → {value:,}" for name, value in change.body.items())


def _format_pair(values: Values) -> str:
    return "/".join(_format_limit(each, short_count) for each in values)


def _tell_apart(value: Any, other: Any) -> str:
    """Return a limit as people read it; in full where another one, though different, would read the same."""
    text = _format_limit(value, short_count)
    alike = value != other and text == _format_limit(other, short_count)
    return _format_limit(value, _format_in_full) if alike else text


def _format_in_full(number: float) -> str:
    return f"{number:,.0f}"


def _format_limit(value: Any, form: Callable[[float], str]) -> str:
    """Return a limit as people read it; `?` for one that cannot be read."""
    found = read_count(value)
    return "·" if value is None else "?" if found is None else form(float(found))
