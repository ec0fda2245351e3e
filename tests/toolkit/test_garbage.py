"""When garbage is looked for."""

import ctypes
import gc
import weakref
from collections.abc import Iterator, Sequence
from types import SimpleNamespace

import pytest

from tui.toolkit.garbage import THRESHOLDS, give_back_from_now


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


@pytest.fixture
def callbacks() -> Iterator[Sequence[object]]:
    """What is called when garbage is looked for; as before afterwards."""
    before = [*gc.callbacks]
    yield gc.callbacks
    gc.callbacks[:] = before


def test_what_is_free_is_given_back_once_all_was_looked_through(
    monkeypatch: pytest.MonkeyPatch, callbacks: Sequence[object]
) -> None:
    given: list[int] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(malloc_trim=given.append))
    give_back_from_now()
    gc.collect(0)
    gc.collect(1)
    assert not given, "given back after a look at the newest objects alone"
    gc.collect()
    assert given == [0], "it keeps no room for what may come"
    assert callbacks


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_a_system_that_cannot_be_given_anything_back_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, callbacks: Sequence[object], error: type[Exception]
) -> None:
    before = [*callbacks]

    def refuse(_: object) -> object:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    give_back_from_now()
    assert callbacks == before
