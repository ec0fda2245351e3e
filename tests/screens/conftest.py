"""Sandboxes for the screens' tests of a worker; each test makes its own objects in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.driving import OPENED, Server, served

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def fresh() -> Iterator[Server]:
    """A sandbox where nothing moves but what a test makes, and that twenty times as fast as real."""
    with served(scenario="calm", speed=20.0) as server:
        yield server


@pytest.fixture(scope="session")
def slow() -> Iterator[Server]:
    """A sandbox where what a test makes hardly moves while it looks."""
    with served(scenario="calm", speed=0.1) as server:
        yield server


@pytest.fixture(autouse=True)
def opens(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hold tests to the screens that they say they open."""
    OPENED.clear()
    yield
    promised = {name for marker in request.node.iter_markers("opens") for name in marker.args}
    assert promised <= OPENED, f"said to be opened and never shown: {sorted(promised - OPENED)}"


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dialogs listen at once."""
    monkeypatch.setattr("tui.screens.dialogs.confirm.ARM_SECONDS", 0.01)
