"""What is ready only after the server has answered, when the user has gone on to something else by then."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import Drive, Server, opened, served
from tui.screens.dialogs.confirm import Confirm
from tui.screens.dialogs.secret import SecretScreen
from tui.screens.dialogs.transfer import Transfer
from tui.screens.dialogs.viewer import Viewer
from tui.screens.forms.form import Form
from tui.screens.forms.preview import Preview
from tui.screens.places.base import PlaceScreen
from tui.screens.places.object import ObjectScreen
from tui.toolkit.controls import Input
from tui.toolkit.keys.screen_order import READY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from textual.screen import Screen


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialog waits for all that is asked before it, however busy the machine is."""
    monkeypatch.setattr("tui.screens.actions.agreement.PATIENCE", 60.0)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="calm") as server:
        yield server


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Path]]:
    """The temporary folders that there are."""
    room = tmp_path / "temporary"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    return lambda: list(room.iterdir())


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a busy machine time to open a form before a transfer is worth a dialog."""
    monkeypatch.setattr("tui.screens.dialogs.transfer._QUICK", 3.0)


class Held:
    """Answers that do not come before they may."""

    def __init__(self) -> None:
        self.asked, self._may_come = asyncio.Event(), asyncio.Event()

    def let_come(self) -> None:
        self._may_come.set()

    async def wait(self) -> None:
        self.asked.set()
        await self._may_come.wait()


@contextmanager
def held(drive: Drive, *methods: str, only: str = "") -> Iterator[Held]:
    """Hold back what is asked by methods of the client, of one HTTP method only where that is given."""
    client, held = drive.app.platform.client, Held()  # type: ignore[union-attr]
    for method in methods:
        own = getattr(client, method)

        async def late(operation: Any, *args: Any, own: Any = own, **options: Any) -> Any:
            if only in ("", operation.method):
                await held.wait()
            return await own(operation, *args, **options)

        setattr(client, method, late)
    try:
        yield held
    finally:
        for method in methods:
            delattr(client, method)


async def shows(drive: Drive, kind: type[Screen[Any]]) -> None:
    await drive.until(lambda: isinstance(drive.app.screen, kind) and drive.app.screen.is_mounted, kind.__name__)


async def agree(drive: Drive) -> None:
    """Agree in the dialog that is asked before a key with all power is made."""
    await shows(drive, Confirm)
    await drive.answer()


async def in_a_form(drive: Drive) -> Input:
    """Open the form of a new object and begin to fill it in. Returns the field."""
    await drive.press("n")
    await shows(drive, Form)
    await drive.type("half of a")
    field = drive.app.focused
    assert isinstance(field, Input)
    assert field.value == "half of a"
    return field


async def test_content_waits_for_the_form_and_its_folder_goes(
    server: Server, folders: Callable[[], list[Path]]
) -> None:
    async with opened(server, "files") as drive:
        with held(drive, "download") as answer:
            await drive.press("enter")
            await asyncio.wait_for(answer.asked.wait(), 40)
            field = await in_a_form(drive)
            answer.let_come()
            await drive.told(READY)
        await drive.press("x")
        assert field.value == "half of ax"
        assert not any(isinstance(screen, Viewer | Transfer) for screen in drive.app.screen_stack)
        await drive.press("escape")
        await shows(drive, Viewer)
        assert folders()
        await drive.press("escape")
        await drive.until(lambda: not folders(), "the folder to go")


async def test_content_of_a_place_that_is_left_leaves_no_folder(
    server: Server, folders: Callable[[], list[Path]]
) -> None:
    async with opened(server, "files") as drive:
        with held(drive, "download") as answer:
            await drive.press("enter")
            await asyncio.wait_for(answer.asked.wait(), 40)
            await in_a_form(drive)
            answer.let_come()
            await drive.told(READY)
        assert folders()
        assert drive.app.navigator
        drive.app.navigator.open_resource(drive.app.navigator.platform.registry["batches"])
        await drive.until(lambda: not folders(), "the folder to go")
        assert not any(isinstance(screen, Viewer) for screen in drive.app.screen_stack)


async def test_progress_of_what_is_over_closes_itself_and_nothing_else(server: Server) -> None:
    async with opened(server, "files") as drive:
        place = drive.app.screen
        progress, dialog = Transfer("some file", None), Confirm("Go on?", [], "It is only asked.", verb="go on")
        drive.app.push_screen(progress)
        progress.finish()  # before it is shown
        drive.app.push_screen(dialog)
        await drive.until(lambda: progress.is_mounted and dialog.is_mounted, "both to be shown")
        await drive.press("escape")
        await drive.until(lambda: drive.app.screen is place, "the place")
        assert drive.app.screen_stack[-1] is place
        drive.app.push_screen(progress := Transfer("some file", None))
        progress.finish()
        await drive.until(lambda: not progress.is_attached, "it to close")
        assert drive.app.screen is place


async def test_what_is_typed_before_a_dialog_stands_opens_nothing_under_it(server: Server) -> None:
    async with opened(server, "files") as drive:
        with held(drive, "page", "call") as answer:
            await drive.press("ctrl+d")
            await asyncio.wait_for(answer.asked.wait(), 40)
            await drive.press("slash", "2")
            answer.let_come()
            await shows(drive, Confirm)
        await drive.press("escape")
        await drive.until(lambda: isinstance(drive.app.screen, PlaceScreen), "the list")
        assert not isinstance(drive.app.focused, Input), "no filter was opened"
        await drive.sees("files  ")
    assert not [each for each in server.requests() if each["method"] == "DELETE"]


async def test_a_place_waits_for_the_form(server: Server) -> None:
    id_ = server.call("GET", "/files")["data"][0]["id"]
    async with opened(server, "vector-stores") as drive:
        with held(drive, "call", only="GET") as answer:
            place = drive.app.screen
            assert isinstance(place, PlaceScreen)
            place.follow(id_)
            await asyncio.wait_for(answer.asked.wait(), 40)
            field = await in_a_form(drive)
            answer.let_come()
            await drive.told(READY)
        await drive.press("x")
        assert field.value == "half of ax"
        await drive.press("escape")
        await shows(drive, ObjectScreen)


async def test_a_secret_is_shown_whatever_lies_over_the_form(server: Server) -> None:
    async with opened(server, "admin-keys") as drive:
        await drive.press("n")
        await shows(drive, Form)
        await drive.type("a name")
        with held(drive, "call", only="POST") as answer:
            await drive.press("ctrl+s")
            await agree(drive)
            await asyncio.wait_for(answer.asked.wait(), 40)
            await drive.press("ctrl+p")
            assert isinstance(drive.app.screen, Form), "the palette could leave the form"
            await drive.press("ctrl+r")
            await shows(drive, Preview)
            answer.let_come()
            await drive.until(lambda: drive.app.screen_stack[-2] in drive.app._to_close, "the answer")
        assert isinstance(drive.app.screen, Preview)
        await drive.press("escape")
        await shows(drive, SecretScreen)
        assert len(drive.app.screen_stack) == 3


async def test_a_request_that_is_left_while_under_way_is_not_said_to_be_unsent(server: Server) -> None:
    async with opened(server, "admin-keys") as drive:
        await drive.press("n")
        await shows(drive, Form)
        await drive.type("a name")
        with held(drive, "call", only="POST") as answer:
            await drive.press("ctrl+s")
            await agree(drive)
            await asyncio.wait_for(answer.asked.wait(), 40)
            await drive.press("escape")
            await drive.sees("It is not known whether the request arrived.")
        await drive.press("escape")
        await drive.until(lambda: not isinstance(drive.app.screen, Form), "the form to close")
