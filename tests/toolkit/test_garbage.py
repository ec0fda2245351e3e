"""When garbage is looked for."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from tui.toolkit.garbage import THRESHOLDS


class Painted:
    """Something painted, which remembers itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def as_in_the_program() -> Iterator[None]:
    """Garbage is looked for as in the program."""
    before, was_on = gc.get_threshold(), gc.isenabled()
    gc.collect()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()
    yield
    gc.set_threshold(*before)
    if not was_on:
        gc.disable()


@pytest.mark.usefixtures("as_in_the_program")
def test_what_outlived_a_look_is_let_go_soon_after_it_left_the_screen() -> None:
    newest = THRESHOLDS[0]
    shown = Painted()
    told = weakref.ref(shown)
    kept: list[object] = [[] for _ in range(newest + 1)]  # a look, while it is on the screen
    del shown
    kept += [[] for _ in range(4 * newest)]
    assert told() is None, f"after {len(kept):,} objects more it is still there"
