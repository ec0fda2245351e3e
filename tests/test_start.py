"""The place to open on: what is inside something cannot be one, and says where it is."""

from __future__ import annotations

import pytest

from tui.config.settings import Config
from tui.resources.registry import REGISTRY
from tui.start import Start, find_first_place


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_each_list_is_opened_or_the_one_that_it_is_inside_of(name: str) -> None:
    place, fault = find_first_place(Start(resource=name), Config(), "")
    assert not place.resource.parent
    assert (place.resource.name == name) == (not REGISTRY[name].parent) == (not fault)
    if fault:
        assert fault.startswith(f"{name} belong to a")
