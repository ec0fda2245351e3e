"""What a search found, as it is shown: chunks that are too long end with a word."""

from __future__ import annotations

import pytest

from tui.screens.workflows.search_outcomes import SHOWN, Hit, SearchOutcome, build_entries


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short enough", "short enough"),
        (f"{'word ' * (SHOWN // 5)}more and more", f"{'word ' * (SHOWN // 5 - 1)}word …"),
        (f"{'x' * (SHOWN - 4)} unfinished", f"{'x' * (SHOWN - 4)} …"),
        ("語" * (SHOWN + 5), f"{'語' * SHOWN} …"),
    ],
)
def test_a_long_chunk_ends_with_a_word(text: str, shown: str) -> None:
    (entry,) = build_entries(SearchOutcome("", [Hit(0.5, "file-1", "notes.md", text, {})]), None)
    assert entry.body[-1][0] == shown
