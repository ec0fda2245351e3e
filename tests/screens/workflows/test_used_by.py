"""What uses an object, and what it uses: each has a name, or stands there by its id."""

from __future__ import annotations

from tui.live.use import Use
from tui.resources.registry import REGISTRY
from tui.screens.workflows.used_by import build_entry


def test_what_has_no_name_stands_there_by_its_id_once() -> None:
    models = REGISTRY["models"]
    use = Use(models, models.record({"id": "gpt-5-mini"}), "as model")
    entry = build_entry(use, "uses")
    assert "".join(text for text, _ in entry.head) == "uses    model  gpt-5-mini"
    assert [text for text, _ in entry.body] == ["as model"]
    named = build_entry(use, "uses", "Small one")
    assert [text for text, _ in named.body] == ["gpt-5-mini  as model"]
