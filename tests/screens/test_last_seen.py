"""What was seen last: shown with the first frame, then live in its place, and to nobody but its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.driving import PROJECT_KEY, Drive, is_connected, served
from tests.support.recording import recorded
from tui.app import O9s
from tui.config.settings import Config
from tui.resources.registry import REGISTRY
from tui.screens.places.frame import Frame
from tui.screens.places.listing.screen import ResourceScreen
from tui.start import Start
from tui.system.last_seen import LastSeen, Seen, forget
from tui.system.private_files import directories

if TYPE_CHECKING:
    from pathlib import Path

    from textual.widget import Widget

    from tests.support.driving import Server
    from tests.support.recording import Recording

NOW = 1_795_000_000.0


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", PROJECT_KEY)


def start(server: Server, config: Config | None = None, *, present: bool = False) -> O9s:
    return O9s(Start(resource="batches", base_url=server.url, present=present), config or Config())


def kept() -> list[Path]:
    return list(directories().state.glob("last-seen-*"))


async def live(app: O9s, recording: Recording) -> list[str]:
    """The rows that stand once the platform has answered."""
    drive = Drive(app, recording.pilot)
    await drive.until(lambda: is_connected(app), "the list")
    await app.settled()
    await recording.take()
    return [line for line in recording.lines if line.startswith(" ✓ ")]


async def test_rows_stand_with_the_first_frame_and_become_live(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(scenario="calm", now=NOW) as server:
        app = start(server)
        async with recorded(app) as recording:
            rows = await live(app, recording)
            assert len(rows) > 5
            app.remember_for("another profile")  # and what stands there still is not theirs
            app.exit()
        assert [oct(file.stat().st_mode & 0o777) for file in kept()] == ["0o600"]
        assert LastSeen("another profile").of("batches") is None

        server.control("faults", spec="hang@/batches")
        app = start(server)
        async with recorded(app) as recording:
            assert [line for line in recording.lines if line.startswith(" ✓ ")] == rows
            assert "starting…" in recording.lines[0]
            assert "▲ as of " in recording.lines[0]
            await recording.pilot.press("ctrl+d")  # is for a place that is live, not for a picture of it
            drive = Drive(app, recording.pilot)
            await drive.until(lambda: isinstance(app.screen, ResourceScreen), "the place, which a key opens")
            await app.settled()
            assert isinstance(app.screen, ResourceScreen), "no dialog"
            server.control("faults", spec="")
            await recording.pilot.press("r")
            assert await live(app, recording) == rows
            assert "● live" in recording.lines[0]
            assert not app.screen_stack[0].query("KeptLines")

        server.control("faults", spec="hang@/batches")
        for hides_it in (start(server, Config(remember=False)), start(server, present=True), None):
            if hides_it is None:
                monkeypatch.setenv("OPENAI_API_KEY", "sk-another-account-of-mine")
            async with recorded(hides_it or start(server)) as recording:
                assert not [line for line in recording.lines if line.startswith(" ✓ ")]


def find_remembered(app: O9s) -> Widget | None:
    """The part of the place that the next start shows, once it stands."""
    part = app.screen.find_remembered() if isinstance(app.screen, Frame) else None
    return part if part and part.region else None


async def test_home_is_kept_also_while_more_is_about_to_be_drawn() -> None:
    with served(scenario="calm", now=NOW) as server:
        app = O9s(Start(resource="home", base_url=server.url), Config())
        async with recorded(app) as recording:
            await Drive(app, recording.pilot).until(lambda: find_remembered(app), "home")
            app.screen._show_soon()  # type: ignore[attr-defined]
            app.exit()
    assert LastSeen(app._owner).of("home")


@pytest.mark.parametrize(("place", "fault", "cause"), [("batches", "401", "API key"), ("home", "drop", "was cut")])
async def test_rows_stay_where_there_is_no_answer(place: str, fault: str, cause: str) -> None:
    with served(scenario="calm", now=NOW) as server:
        first, again = (O9s(Start(resource=place, base_url=server.url), Config()) for _ in range(2))
        async with recorded(first) as recording:
            drive = Drive(first, recording.pilot)
            await drive.until(lambda: find_remembered(first) and "Loading" not in drive.text(), "the place")
            await first.settled()
            await recording.take()
            rows = set(recording.lines)
            first.exit()

        server.control("faults", spec=fault)
        async with recorded(again) as recording:
            drive = Drive(again, recording.pilot)
            await drive.until(lambda: isinstance(again.screen, Frame) and cause in drive.text(), "the cause")
            await again.settled()
            await recording.take()
            assert "▲ as of " in recording.lines[0]
            shown = [line for line in recording.lines[5:-2] if line]
            assert len(shown) > 10
            assert set(shown) <= rows

            await recording.pilot.press("j", "ctrl+d")
            assert isinstance(again.screen, Frame), "no key acts on them"
            server.control("faults", spec="")
            await recording.pilot.press("r")
            await drive.until(lambda: find_remembered(again), "the place")
            await again.settled()
            await recording.take()
            assert "● live" in recording.lines[0]
            assert again.screen.focused, "keys reach the rows"


def seen(text: str) -> Seen:
    return Seen(1.0, "textual-dark", 120, 0, 3, [[(text, "bold")]])


def test_a_few_places_are_kept_for_one_owner() -> None:
    LastSeen("").note("batches", seen("of nobody"))
    mine = LastSeen("me")
    for number in range(12):
        mine.note(f"place-{number}", seen(f"row {number}"))
    mine.write()
    again = LastSeen("me")
    assert again.of("place-11") == seen("row 11")
    assert again.of("place-3") is None, "too many"
    assert LastSeen("another").of("place-11") is None
    (file,) = kept()
    file.write_text('{"version": 1, "seen": {"batches": {"at": 1}}}')
    damaged = LastSeen("me")
    assert damaged.of("batches") is None
    assert "begins anew" in damaged.file.fault
    forget()
    assert not kept()


def test_rows_of_what_people_and_models_wrote_are_not_kept() -> None:
    alone = {name for name, each in REGISTRY.items() if each.family in ("Responses", "Chat", "Conversations")}
    alone = {name for name in alone if not REGISTRY[name].parent} | {"threads"}
    assert {name for name, each in REGISTRY.items() if each.holds_text} == alone
