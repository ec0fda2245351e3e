"""Two objects are compared value by value."""

from __future__ import annotations

from tui.workflows.difference import compare_fields


def test_each_value_is_compared_by_its_path() -> None:
    first = {"id": "a", "tools": [{"type": "x"}, {"type": "y"}], "metadata": {}, "n": 1, "gone": None}
    second = {"id": "b", "tools": [{"type": "x"}], "metadata": {"k": "v"}, "n": 1.0, "new": "é"}
    fields = {field.path: (field.first, field.second, field.differs) for field in compare_fields(first, second)}
    assert fields == {
        "id": ('"a"', '"b"', True),
        "tools[0].type": ('"x"', '"x"', False),
        "tools[1].type": ('"y"', None, True),
        "metadata": ("{}", None, True),
        "n": ("1", "1.0", True),
        "gone": ("null", None, True),
        "metadata.k": (None, '"v"', True),
        "new": (None, '"é"', True),
    }


def test_the_same_object_differs_in_nothing() -> None:
    raw = {"id": "a", "list": [[], {}], "text": "x"}
    assert not any(field.differs for field in compare_fields(raw, dict(raw)))
