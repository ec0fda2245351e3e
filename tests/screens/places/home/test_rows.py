"""The lines of home, from what is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.live.combined.rows import make_key
from tui.resources.due import DUE
from tui.screens.places.home.rows import build_end_rows, group_ends

if TYPE_CHECKING:
    from tui.resources.due import End
    from tui.resources.language.objects import Record

NOW, HOUR, DAY = 1_800_000_000.0, 3600, 86400


def make_end(kind: str, name: str, left: float, **more: Any) -> Record[End]:
    raw = {"id": f"{kind}/{name}", "kind": kind, "resource": f"{kind}s", "object_id": name, "name": name}
    return DUE.record({**raw, "ends_at": NOW + left, **more})


def test_what_ends_alike_is_one_line_and_what_is_in_use_has_its_own() -> None:
    ends = [
        *(make_end("file", f"part-{at}.jsonl", 9 * HOUR + at) for at in range(41)),
        make_end("API key", "laptop", 9 * HOUR),
        make_end("file", "later.jsonl", 20 * DAY),
        make_end("model", "gpt-a", 19 * DAY, requests=12),
        make_end("model", "gpt-b", 19 * DAY, requests=0),
        make_end("model", "gpt-c", 19 * DAY, requests=0),
    ]
    groups = group_ends(ends, NOW)
    told = [tuple(part[0] for part in row.cells[:3]) for row in build_end_rows(groups, NOW, 40)]
    assert told == [
        ("9 h", "file", "part-0.jsonl +40"),
        ("9 h", "key", "laptop"),
        ("20 d", "file", "later.jsonl"),
        ("19 d", "model", "gpt-a"),
        ("19 d", "model", "gpt-b +1"),
    ]
    assert sum(map(len, groups)) == len(ends), "each is in one line"


def test_alike_ends_of_two_accounts_are_told_apart() -> None:
    kept = {"resource": "files", "kind": "file", "name": "one", "ends_at": NOW + DAY}
    ends = [DUE.record({"id": make_key(account, "file/one"), **kept}) for account in ("a", "b", "b")]
    assert [len(group) for group in group_ends(ends, NOW)] == [1, 2]
