"""What other APIs call what stands around a list. Names are compared without case and underscores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, BadAnswer
from tui.api.paging.cursors import read_flag, write_cursor
from tui.api.refusals import make_implied_error, read_refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

_CURSORS = frozenset(
    (
        *("nextcursor", "nextpagetoken", "nexttoken", "continuationtoken", "paginationtoken"),
        *("nextlink", "@odata.nextlink"),
    )
)
_TOTALS = frozenset(["total", "totalcount", "totalresults", "totalitems"])
_FLAGS = frozenset(["hasmore", "more", "hasnext", "hasnextpage", "istruncated", "truncated"])
_WHERE_ELSE = frozenset(["meta", "metadata", "pagination", "paging", "pageinfo", "links"])  # also as `_links`
_OWN = {"hasmore": "has_more", "lastid": "last_id", "nextpage": "next_page"}  # as others spell them: `hasMore`


def use_own_names(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an envelope in which what this API has is named as it names it."""
    others = {own: value for name, value in envelope.items() if (own := _OWN.get(_simplify(name)))}
    if "data" not in envelope and (items := _find_only_list(envelope)):
        others["data"] = items
    return {**others, **envelope} if others else envelope


def explain_no_list(*parts: object) -> ApiError:
    """Return the error for an answer that holds no list: the one it tells of, if it does."""
    told = next((part for part in parts if isinstance(part, dict) and read_refusal(part).message), None)
    return (
        make_implied_error(told)
        if told
        else BadAnswer("shape", "The server answered with something that is no list.")
    )


def _find_only_list(envelope: Mapping[str, Any]) -> list[Any] | None:
    """Return the list of objects that an envelope holds under another name, if there is just one."""
    lists = [value for value in envelope.values() if isinstance(value, list) and value]
    sound = len(lists) == 1 and all(isinstance(item, dict) and "id" in item for item in lists[0])
    return lists[0] if sound else None


def _simplify(name: str) -> str:
    """Return a name without case and underscores."""
    return name.lower().replace("_", "")


def tells_of_more(envelope: Mapping[str, Any], items: list[Any], after: str | None) -> bool:
    """Return whether an envelope tells otherwise than by `has_more` that the list goes on.

    A total counts only where nothing is said of `has_more`: it may count more than the list.
    """
    fields = {_simplify(name): value for name, value in envelope.items()}
    for name in _WHERE_ELSE & fields.keys():
        if isinstance(inner := fields[name], dict):
            here = {_simplify(name): value for name, value in inner.items()}
            way = here.pop("next", here.pop("nextpage", None))  # an address, or an object with one
            fields = {**here, "nextlink": way.get("href") if isinstance(way, dict) else way, **fields}
    ways = [fields[name] for name in _CURSORS & fields.keys()]
    if any(write_cursor(way) or (way and isinstance(way, str)) for way in ways):
        return True
    if read_flag(envelope.get("has_more")) is not None:
        return False
    if any(read_flag(fields.get(name)) for name in _FLAGS):
        return True
    totals = [fields[name] for name in _TOTALS if isinstance(fields.get(name), int)]
    return after is None and any(total > len(items) for total in totals)
