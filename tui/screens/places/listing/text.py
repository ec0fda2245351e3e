"""The words of a list: the line above it, the page in its place when empty."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tui.api.errors import Forbidden, Invalid, LeftOut, NoKey, NotFound, NotServed, NoVersion, Unauthorized
from tui.live.shortfall import describe_doubled
from tui.resources.language.cells import duration
from tui.resources.registry import REGISTRY
from tui.screens.places.frame import describe_remedy
from tui.widgets.base.bars import WAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.api.errors import ApiError
    from tui.live.lists.view import View
    from tui.live.polling.watch import Watch
    from tui.resources.language.resource import Resource
    from tui.screens.navigation.history import Location
    from tui.widgets.base.freshness import Parts
    from tui.widgets.base.tones import Part


_EXPLAINED = 2_000  # objects in which it is looked for what words there are


def name_list(location: Location) -> Parts:
    """Return what is listed, behind the way there."""
    trail = [(f" {WAY.join((*location.trail, ''))}".rstrip(), "dim")] if location.trail else []
    return [*trail, (f" {location.resource.name}", "strong")]


def describe_sides(count: int, shown: int) -> Parts:
    """Return how many accounts stand side by side, and how many of them are `shown`."""
    some = f"{shown} of " if shown < count else ""
    return [(f"  {some}{count} accounts side by side", ""), (" · tab goes on" if some else "", "dim")]


def describe_list(location: Location, watch: Watch, view: View) -> Parts:
    """Return how much is listed, and what is to be said of it; the count stands first."""
    count = _describe_count(location, watch, view), ""
    return [count, *_describe_rows(view), *_describe_lacks(watch), *_describe_join(location, watch)]


def _describe_count(location: Location, watch: Watch, view: View) -> str:
    """Return how many objects are shown, of how many; "" while that is not known."""
    collection = watch.collection
    if not collection.records and (watch.health.error or not watch.health.since):
        return ""
    loaded = f"{len(collection.records):,}" + ("" if collection.complete else "+")
    narrowed = bool(location.filter) or view.attention_only
    shown = "…" if view.is_working else f"{len(view):,}"
    return f"  {shown} of {loaded}" if narrowed else f"  {loaded}"


def _describe_rows(view: View) -> Iterator[Part]:
    """Yield how many of the objects shown are under way, need somebody or changed, and how many are marked."""
    if view.is_working:
        yield " · filtering and sorting…", "accent"
    if active := view.count(view.collection.active()):
        yield f" · {active:,} running", "accent"
    if needing := view.count(view.collection.attention()):
        yield f" · {needing:,} need{'s' * (needing == 1)} you", "bad"
    if news := view.count(view.news):
        yield f" · {news:,} changed since you were here", "accent"
    yield from describe_marks(view)


def describe_marks(view: View) -> Iterator[Part]:
    """Yield how many of the objects are marked, and how many of those the filter hides."""
    if view.marks:
        hidden = sum(view.index(id_) is None for id_ in view.marks) if len(view.marks) < 1000 else 0
        yield f" · {len(view.marks):,} marked{f' ({hidden:,} hidden)' if hidden else ''}", "warn"


def _describe_lacks(watch: Watch) -> Iterator[Part]:
    """Yield what of the list cannot be shown, and how far it has come."""
    collection = watch.collection
    if collection.unreadable:
        yield f" · {collection.unreadable:,} unreadable", "warn"
    if doubled := describe_doubled(collection.doubled):
        yield f" · {doubled}: the first is shown", "warn"
    if far := watch.progress:
        yield f" · {far}", "accent"
    if watch.loading_more:
        yield " · loading… esc stops", "accent"
    elif collection.cut and collection.records:
        yield " · the server gives no more", "warn"


def _describe_join(location: Location, watch: Watch) -> Iterator[Part]:
    """Yield what is not known, or left out, of figures that stand beside the objects of each account."""
    label = location.resource.join.label if location.resource.join else ""
    for account, each in watch.by_account.items():
        join, whose = each.join, f"{account}: " if account else ""
        if not join:
            continue
        if label and not each.health.error and (missing := join.health.error):
            yield f" · {whose}{label} unknown: {missing.sentence.rstrip('.')}", "warn"
        elif join.unread:
            yield f" · ▲ {whose}{join.unread}", "warn"
        if not location.query and (outside := join.outside):
            yield f" · {whose}{outside}", "warn"


def describe_selection(location: Location, watch: Watch, view: View) -> Parts:
    """Return until when there is such a list, and by what it is narrowed and sorted."""
    parts = _describe_end(location.resource, watch.now)
    parts += [(f"{name}={value} ", "accent") for name, value in location.query.items()]
    if view.attention_only:
        parts.append(("! ", "warn"))
    if location.filter:
        parts.append((f"/{location.filter} ", "accent"))
    if view.sort:
        arrow = "▾" if view.sort.startswith("-") else "▴"
        parts.append((f"{arrow} {view.sort.lstrip('-').lower()} ", "dim"))
    return parts


def _describe_end(resource: Resource, now: float) -> Parts:
    """Return when the platform ends the family, after its last day, or that it has."""
    if not resource.ends:
        return []
    left = datetime.fromisoformat(f"{resource.ends}T23:59:59+00:00").timestamp() - now
    return [(f"▲ ends in {duration(left)} ", "warn") if left > 0 else (f"■ ended {resource.ends} ", "dim")]


def _describe_refusal(location: Location, error: ApiError) -> Parts:
    """Return why a list is not given, when asking again would not help."""
    resource = location.resource
    if not isinstance(error, NotFound | NotServed):
        heading = "No access. " if isinstance(error, Unauthorized | Forbidden | NoKey) else "Refused. "
        return [(heading, "bad"), (f"{error.sentence} {error.hint}".rstrip(), "")]
    if isinstance(error, NotFound) and resource.within:
        parent = REGISTRY[resource.parent].singular if resource.parent else "object"
        return [("Not found. ", "bad"), (f"The {parent} is gone, or of another project. q goes back.", "")]
    path = resource.list.path if resource.list else ""
    if isinstance(error, LeftOut):
        return [("Not on this server. ", "bad"), (f"{error.known_of}, and it was not asked.", "")]
    answers = f"GET {path} answers {error.status}" + (f": {error.message.rstrip('.')}." if error.message else ".")
    advice = error.hint if isinstance(error, NoVersion) else ""
    return [("Not on this server. ", "bad"), (f"{resource.notice} {answers} {advice}".strip(), "")]


def _explain_nothing(location: Location, watch: Watch, view: View) -> Iterator[str]:
    """Yield sentences on words of the filter that stand for nothing in a list, unless that is long."""
    records = watch.collection.records
    if location.filter and len(records) <= _EXPLAINED:
        from tui.live.lists.explaining import explain_nothing

        yield from explain_nothing(view.query, location.resource, records.values(), watch.now)


def build_empty_page(location: Location, watch: Watch, view: View) -> list[Parts]:
    """Return what stands where rows would, in paragraphs: why there are none, and what to do."""
    health = watch.health
    if len(watch.collection.records):
        why = f"Nothing matches /{location.filter}" if location.filter else "Nothing needs you"
        among = len(watch.collection.records)
        more = (
            ", and the server gives no more" if watch.collection.cut else ", and more on the server: L loads all"
        )
        more = "" if watch.collection.complete else more
        page: list[Parts] = [[(f"{why}", "strong"), (f" among {among:,} loaded{more}. Esc shows everything.", "")]]
        return [*page, *([(sentence, "")] for sentence in _explain_nothing(location, watch, view))]
    if health.error:
        error = health.error
        if health.state == "refused":
            return [_describe_refusal(location, error), [("r tries again.", "")]]
        heading = "Refused. " if isinstance(error, Invalid) else "No answer. "
        return [[(heading, "bad"), (error.sentence, "")], [(describe_remedy(health), "")]]
    if health.state == "loading" or watch.progress:
        return [[(f"Loading… {watch.progress}", "dim")]]
    if watch.unread:
        return [[("▲ ", "warn"), (watch.unread, "")], [("r tries again.", "")]]
    if location.query:
        chosen = ", ".join(f"{name} {value}" for name, value in location.query.items())
        return [[(f"No {location.resource.name} with {chosen}. Esc shows all.", "")]]
    if not watch.collection.complete:
        return [[(f"The server says that there are {location.resource.name}, and gives none. r asks again.", "")]]
    return [[(location.resource.empty or f"No {location.resource.name} yet.", "")]]
