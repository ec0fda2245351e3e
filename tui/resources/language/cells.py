"""Formatters: functions from a value to its `Cell` or text: durations, sizes, counts, statuses, bars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tui.resources.language.column import (
    Cell,
    CellContext,
    Progress,
    Show,
    Tone,
)
from tui.resources.language.reading import amounts
from tui.resources.language.reading.amounts import short_size as short_size
from tui.resources.language.reading.amounts import word_of
from tui.resources.language.reading.statuses import normalize_status
from tui.resources.language.reading.times import unix_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from tui.resources.language.objects import Record

NO_VALUE = Cell("·", "dim")
NOT_KNOWN = Cell("?", "dim")

# Glyph, tone. The word beside them is the platform's own.
_STATUS: dict[str, tuple[str, Tone]] = {
    **dict.fromkeys(("completed", "succeeded", "processed", "active", "ok", "pass"), ("✓", "good")),
    **dict.fromkeys(("in_progress", "running"), ("◐", "accent")),
    **dict.fromkeys(
        ("validating", "validating_files", "queued", "finalizing", "uploaded", "pending"), ("◌", "accent")
    ),
    **dict.fromkeys(("failed", "error", "errored", "invalid", "all failed", "fail"), ("✖", "bad")),
    **dict.fromkeys(
        ("expired", "incomplete", "partial", "completed ?", "nothing ran", "unsure", "requires_action"),
        ("▲", "warn"),
    ),
    **dict.fromkeys(("cancelled", "canceled", "archived", "deleted"), ("■", "dim")),
    **dict.fromkeys(("cancelling", "pausing", "paused"), ("‖", "warn")),
}

_EIGHTHS = " ▏▎▍▌▋▊▉"
_HEIGHTS = "▁▂▃▄▅▆▇"
BAR = f"█{_EIGHTHS}░"
"""What a bar is drawn with, which goes where there is no room for it beside its number."""


def status_cell(status: str, words: str | None = None) -> Cell:
    """Return a status as glyph, word and tone; an unknown one keeps its word, with a `?`."""
    glyph, tone = _STATUS.get(status) or _STATUS.get(normalize_status(status) or "", ("?", "warn"))
    return Cell(f"{glyph} {(words or status).replace('_', ' ')}", tone)


def status_like(meanings: Mapping[str, str]) -> Show:
    """Return a formatter of a status that shows it with the glyph of the platform's own that means the same."""
    return lambda value, _record, _context: status_cell(meanings.get(str(value), str(value)), str(value))


def status(value: Any, _record: Record, _context: CellContext) -> Cell:
    """Show a status as glyph and word."""
    return status_cell(word_of(value)) if value else NO_VALUE


def unless_stalled(stalled: Callable[[Any, CellContext], str | None], show: Show = status) -> Show:
    """Return a formatter of a status that shows `stalled` for one that has lasted too long."""

    def shown(value: Any, record: Record, context: CellContext) -> Cell:
        return Cell("▲ stalled", "warn") if stalled(record.object, context) else show(value, record, context)

    return shown


@dataclass(frozen=True, slots=True)
class TimeFormatter:
    """A formatter of times, in unix seconds. Exports write what it shows as ISO 8601."""

    show: Show

    def __call__(self, value: Any, record: Record, context: CellContext) -> Cell:
        """Show a time."""
        return self.show(value, record, context)


def duration(seconds: float) -> str:
    """Return a span of time in its largest sensible unit: `41 s`, `12 m`, `9 h`, `3 d`, `3.7 y`."""
    seconds = max(0.0, seconds)
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} m"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.0f} h"
    if (days := seconds / 86400) < 1000:
        return f"{days:.0f} d"
    years = days / 365.25
    return f"{years:.1f} y" if years < 10 else f"{years:,.0f} y"


def span(seconds: float) -> str:
    """Return a span of time to the second: `0:41`, `2:14:09`."""
    minutes, second = divmod(int(max(0, seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


@TimeFormatter
def age(value: Any, _record: Record, context: CellContext) -> Cell:
    """Show how long ago a time is; "now" within the first minute, so that a quiet list stays quiet."""
    if (at := unix_time(value)) is None:
        return NO_VALUE
    passed = context.now - at
    return Cell("now" if passed < 60 else duration(passed), "dim")


@TimeFormatter
def until(value: Any, _record: Record, context: CellContext) -> Cell:
    """Show how long until a time; a past one says so."""
    if (at := unix_time(value)) is None:
        return NO_VALUE
    left = at - context.now
    if left <= 0:
        return Cell("past", "warn")
    return Cell("<1 m" if left < 60 else duration(left), "warn" if left < 7200 else "")


def count_down(past: str, soon: float, near: float = 0.0) -> TimeFormatter:
    """Return a formatter of how long it is until a time, with the word for a `past` one.

    A time nearer than `soon` seconds warns; one nearer than `near` is bad.
    """

    @TimeFormatter
    def shown(value: Any, _record: Record, context: CellContext) -> Cell:
        if (at := unix_time(value)) is None:
            return NO_VALUE
        left = at - context.now
        if left <= 0:
            return Cell(past, "bad")
        return Cell(duration(left), "bad" if left < near else "warn" if left < soon else "")

    return shown


def stamp(value: float) -> str:
    """Return a unix time in local time, to the second, with its zone."""
    return _local(value, "%Y-%m-%d %H:%M:%S %Z")


def moment(value: float) -> str:
    """Return a unix time in local time, without year and zone."""
    return _local(value, "%m-%d %H:%M:%S")


def _local(value: float, form: str) -> str:
    try:
        return datetime.fromtimestamp(value).astimezone().strftime(form)
    except (OverflowError, OSError, ValueError):  # no calendar has it
        return NO_VALUE.text


@TimeFormatter
def instant(value: Any, _record: Record, context: CellContext) -> Cell:
    """Show a time, absolute and relative."""
    if (at := unix_time(value)) is None:
        return NO_VALUE
    away = at - context.now
    relative = f"in {duration(away)}" if away > 0 else f"{duration(-away)} ago" if away < -60 else "now"
    return Cell(f"{stamp(at)} ({relative})")


@TimeFormatter
def date_time(value: Any, _record: Record, _context: CellContext) -> Cell:
    """Show a time, absolute alone, where another column counts to it."""
    return NO_VALUE if (at := unix_time(value)) is None else Cell(stamp(at))


def short_count(value: float) -> str:
    """Return a number in at most five cells: `900`, `35.5k`, `18.2M`."""
    for limit, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= limit:
            scale = 1e3 if unit == "k" else limit
            return f"{value / scale:.1f}".rstrip("0").rstrip(".") + unit
    return f"{value:,.0f}"


def pluralize(number: int, noun: str, more: str = "") -> str:
    """Return a number with its noun: `1 request`, `1,204 requests`, `100+ requests` where there are more."""
    if number != 1 or more:
        is_sharp = noun.endswith("ch") and not noun.endswith("epoch")
        noun = f"{noun[:-1]}ies" if noun.endswith("ry") else noun + ("es" if is_sharp else "s")
    return f"{number:,}{more} {noun}"


def with_article(noun: str) -> str:
    """Return a noun with its article: `a batch`, `an assistant`, `a user`, `an upload`."""
    return f"{'an' if noun.lower().startswith(('a', 'e', 'i', 'o', 'up')) else 'a'} {noun}"


def count(value: Any, _record: Record, _context: CellContext) -> Cell:
    """Show a number, shortened. One that cannot be read is shown as it is."""
    if value is None:
        return NO_VALUE
    found = amounts.read_number(value)
    return Cell(f"? {word_of(value)}", "warn") if found is None else Cell(_count_words(found))


def exact_count(value: Any, record: Record, context: CellContext) -> Cell:
    """Show a number with all its digits. One that cannot be read is shown as it is."""
    found = amounts.read_number(value)
    return count(value, record, context) if found is None else Cell(f"{found:,}")


def _count_words(number: Decimal) -> str:
    """Return a count as people read it, with its fraction where it has one that can be seen."""
    if number == number.to_integral_value() or abs(number) >= 1_000:
        return short_count(float(number))
    return f"{number:,.3g}" if abs(number) >= 1 else f"{number:.2g}"


def error_count(value: Any, _record: Record, _context: CellContext) -> Cell:
    """Show a number that should be nought; any other stands out."""
    if not isinstance(value, int | float):
        return NO_VALUE
    return Cell(short_count(value), "bad" if value else "dim")


def number(value: Any, _record: Record, _context: CellContext) -> Cell:
    """Show a measured number, to four digits."""
    return Cell(f"{value:.4g}") if isinstance(value, int | float) else NO_VALUE


def size(value: Any, _record: Record, _context: CellContext) -> Cell:
    """Show a number of bytes."""
    return Cell(short_size(value)) if isinstance(value, int | float) else NO_VALUE


def id_link(value: Any, _record: Record, _context: CellContext) -> Cell:
    """Show the id of another object, which can be followed."""
    return Cell(word_of(value), ref=word_of(value)) if value else NO_VALUE


def name_link(value: Any, _record: Record, context: CellContext) -> Cell:
    """Show another object by its name, once that is known; it can be followed."""
    return Cell(context.name(word_of(value)) or word_of(value), ref=word_of(value)) if value else NO_VALUE


def name_or(field: str) -> Show:
    """Return a formatter that shows a name; without one that of the object whose id is in `field`, else the id."""

    def show(value: Any, record: Record, context: CellContext) -> Cell:
        other = record.read(field)
        named = value or (context.name(other) if isinstance(other, str) and other else "")
        return Cell(word_of(named)) if named else Cell(record.object_id, "dim")

    return show


def own_id(value: Any, _record: Record, _context: CellContext) -> Cell:
    """Show the object's own id: nothing to follow."""
    return Cell(word_of(value)) if value else NO_VALUE


def excerpt(value: Any, _record: Record, _context: CellContext) -> Cell:
    """Show the beginning of a long text, on one line."""
    return Cell(" ".join(value[:1_000].split())) if isinstance(value, str) and value.strip() else NO_VALUE


def alert_lines(
    reason: Callable[[Any, CellContext], str | None],
) -> Callable[[Any, CellContext], list[tuple[str, Cell]]]:
    """Return a function of detail lines with what is wrong with an object, if anything is."""

    def lines(source: Any, context: CellContext) -> list[tuple[str, Cell]]:
        found = reason(source, context)
        return [("", Cell(found, "bad"))] if found else []

    return lines


def paragraphs(text: str | None) -> list[tuple[str, Cell]]:
    """Return a detail line for each line of a long text."""
    return [("", Cell(line)) for line in (text or "").splitlines()]


def metadata(value: Any, _record: Record, _context: CellContext) -> Cell:
    """Show metadata as `key=value` pairs."""
    if not isinstance(value, dict) or not value:
        return NO_VALUE
    return Cell(" ".join(f"{key}={word_of(item)}" for key, item in value.items()), "dim")


def metadata_lines(source: Any, _context: CellContext) -> list[tuple[str, Cell]]:
    """Return a detail line for each pair of metadata."""
    return [(str(key), Cell(word_of(item))) for key, item in (source.metadata or {}).items()]


def tally_of(done: Progress) -> str:
    """Return how much of something is done that goes no further: `20`, or where that is not all `130/150`."""
    part, total = short_count(done.done), short_count(done.total)
    return part if part == total else f"{part}/{total}"


def draw_bar(share: float, width: int, rest: str = "░") -> str:
    """Return a bar of `width` cells of which a share is filled, to an eighth of a cell."""
    eighths = round(min(1.0, max(0.0, share)) * width * 8)
    full, part = divmod(eighths, 8)
    drawn = "█" * full + (_EIGHTHS[part] if part else "")
    return drawn + rest * (width - len(drawn))


def draw_column(share: float) -> str:
    """Return a share as a block of a height. The top of its cell stays free: such rows stand below each other."""
    return _HEIGHTS[min(len(_HEIGHTS) - 1, max(0, int(share * len(_HEIGHTS))))]


def progress(of: Callable[[Any], Progress | None], tone: Callable[[Any], Tone], width: int = 12) -> Any:
    """Return a formatter: bar, percentage, done and total."""

    def show(_value: Any, record: Record, _context: CellContext) -> Cell:
        seen = of(record.object)
        if seen is None or seen.total <= 0:
            none = f"{draw_bar(0, width)}   0 %"
            return Cell(none, "dim", short=none)
        share = seen.done / seen.total
        # Never round up to 100: what is not finished must not look it.
        percent = 100 if seen.done >= seen.total else min(99, round(share * 100))
        tally = f"{short_count(seen.done)}/{short_count(seen.total)}"
        bar = f"{draw_bar(share, width)} {percent:3} %"
        return Cell(f"{bar} {tally:>11}", tone(record.object), short=bar)

    return show


def time_left(of: Callable[[Any], Progress | None]) -> Any:
    """Return a formatter: the time to go at the rate seen, for what is still moving."""

    def show(_value: Any, record: Record, context: CellContext) -> Cell:
        seen = of(record.object)
        if seen is None or not context.rate or seen.done >= seen.total:
            return NO_VALUE
        return Cell(duration((seen.total - seen.done) / context.rate))

    return show
