"""Every scene of `screenshots/make.py`, and some more, against what it looked like when somebody last looked.

`pytest tests/snapshots --update-snapshots` takes what is there now; look at the difference before it is committed.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenshots.make import SCENES, Sandboxes, Scene, draw, played
from tests.support import nursery
from tests.support.cells import described
from tests.support.people import find_people

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
# By a watch, and of this run only.
MEASURED = r"[0-9.,]+ (s|ms)(?= ·| *$)|req_[0-9a-f]{32}"
SMALL = (80, 24)

MORE = (
    Scene("home-small", "home", size=SMALL),
    Scene("create-small", keys=("n",), size=SMALL),
    Scene("help-small", keys=("question_mark",), size=SMALL),
    Scene("command", keys=("colon", "=vec"), size=SMALL),
    Scene("delete", "files", ("ctrl+d",), size=SMALL),
    Scene("users", "users", ("down",), size=SMALL, theme="o9s-light"),
    Scene("no-colour", env=(("NO_COLOR", "1"),), size=SMALL),
    Scene("nasty", "files", scenario="nasty"),
)


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    with Sandboxes(nursery.sandbox) as running:
        yield running


@pytest.fixture(autouse=True)
def greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times of day are shown as they are in Greenwich."""
    zone = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    if zone is None:
        monkeypatch.delenv("TZ")
    else:
        monkeypatch.setenv("TZ", zone)
    time.tzset()


@pytest.mark.parametrize("scene", [*SCENES, *MORE], ids=lambda scene: scene.name)
def test_it_looks_as_before(scene: Scene, sandboxes: Sandboxes, request: pytest.FixtureRequest) -> None:
    golden = HERE / f"{scene.name}.txt"
    now = asyncio.run(_cells(scene, sandboxes))
    if request.config.getoption("--update-snapshots"):
        golden.write_text(now, encoding="utf-8")
    assert now == golden.read_text(encoding="utf-8")


def test_no_snapshot_is_left_of_a_scene_that_is_gone() -> None:
    assert {path.stem for path in HERE.glob("*.txt")} == {scene.name for scene in (*SCENES, *MORE)}


async def _cells(scene: Scene, sandboxes: Sandboxes) -> str:
    async with played(scene, sandboxes) as app:
        cells = described(draw(app), MEASURED)
        app.present(True)
        assert not find_people(app), "people are seen in presentation mode"
        return cells
