"""Bodies that no client would send, for what the sandbox takes by POST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tui.sandbox.family import Family

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["user-x", "file-x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def find_posts(families: Iterable[Family]) -> list[tuple[str, list[str]]]:
    """Return the paths that take a body by POST, each with the names of its fields."""
    return sorted(
        (path, sorted(route.body.model_fields))
        for family in families
        for (method, path), route in family.routes.items()
        if method == "POST" and route.body
    )
