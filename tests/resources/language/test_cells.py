"""Numbers with their nouns."""

from __future__ import annotations

import pytest

from tui.resources.language.cells import pluralize


@pytest.mark.parametrize(
    ("number", "noun", "words"),
    [
        (1, "request", "1 request"),
        (1_204, "request", "1,204 requests"),
        (0, "batch", "0 batches"),
        (1, "entry", "1 entry"),
        (2, "entry", "2 entries"),
        (2, "key", "2 keys"),
        (1, "busy hour", "1 busy hour"),
    ],
)
def test_a_number_has_its_noun(number: int, noun: str, words: str) -> None:
    assert pluralize(number, noun) == words
