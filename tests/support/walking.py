"""Walking through the program by its keys, one operation after the other."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.widgets import Checkbox, Select

from tui.api.operation import Key
from tui.resources.registry import REGISTRY
from tui.screens.dialogs.confirm import Confirm
from tui.screens.forms.form import Form
from tui.screens.places.base import PlaceScreen
from tui.screens.places.help import HelpScreen
from tui.screens.places.listing.screen import ResourceScreen
from tui.screens.places.object import ObjectScreen

if TYPE_CHECKING:
    from tests.support.driving import Drive, Server
    from tui.api.operation import Operation


class Walk:
    """Drives the program and knows which operations it has called."""

    def __init__(self, drive: Drive, server: Server, key: Key = Key.PROJECT) -> None:
        """`key` is what the test itself calls the server with."""
        self.drive, self.server = drive, server
        self.press = drive.press
        self.call = partial(server.call, admin=key is Key.ADMIN)

    def called(self, name: str) -> bool:
        """Whether the program has called an operation and got what it asked for."""
        assert self.drive.app.platform
        return any(
            meant(seen.method, seen.path.split("?")[0]) == name
            for seen in self.drive.app.platform.client.exchanges
            if seen.status is not None and seen.status < 400
        )

    @property
    def place(self) -> PlaceScreen | None:
        """The place shown, when nothing lies over it."""
        screen = self.drive.app.screen
        return screen if isinstance(screen, PlaceScreen) else None

    def _lists(self, name: str) -> bool:
        place = self.place
        return (
            isinstance(place, ResourceScreen)
            and place.resource.name == name
            and (place.list_watch.health.state == "live")
        )

    async def lists(self, name: str, *keys: str, by: str = "") -> None:
        """Come to a list, by a command or by keys, and see it loaded."""
        if by:
            await self.drive.command(by)
        await self.press(*keys)
        await self.drive.until(lambda: self._lists(name), f"the list of {name}")

    def ids(self) -> set[str]:
        """What the list has loaded."""
        return set(self.place.list_watch.collection.records) if self.place else set()

    async def on(self, id_: str) -> None:
        """Have the cursor on an object."""
        await self.drive.until(lambda: id_ in self.ids(), f"{id_} in the list")
        self.drive.table.cursor_id = id_
        await self.drive.until(lambda: self.drive.record.id == id_, f"the cursor on {id_}")

    async def reads(self, id_: str) -> None:
        """Open an object by itself, ask the server for it again, and come back."""
        await self.on(id_)
        assert self.place
        get = self.place.resource.get
        assert get
        await self.press("f")
        await self.drive.until(lambda: isinstance(self.place, ObjectScreen), "the object by itself")
        await self.press("r")
        await self.drive.until(lambda: self.called(get.name), f"{get.name} to be called")
        await self.press("escape")
        await self.drive.until(lambda: isinstance(self.place, ResourceScreen), "the list again")

    async def fill(self, **answers: Any) -> None:
        """Answer the form's questions, named with `__` for dots, and send it."""
        drive = self.drive
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        form = drive.app.screen
        assert isinstance(form, Form)
        for name, text in answers.items():
            field = form._fields[name.replace("__", ".")]
            control: Any = field.control
            if not field.is_attached:
                await form._list.set_open(True)
            if isinstance(control, Select):
                control.value = text
                continue
            form.set_focus(control)
            if isinstance(control, Checkbox):
                if control.value is not text:
                    await self.press("space")
                continue
            control.select_all()
            await drive.type(text)
        await self.press("ctrl+s")
        await drive.until(lambda: drive.app.screen is not form, "the form to be sent")
        if isinstance(drive.app.screen, Confirm):  # it gives power or money
            await drive.answer()
            await drive.until(lambda: not isinstance(drive.app.screen, Confirm | Form), "the form to be sent")

    async def makes(self, key: str = "n", **answers: Any) -> str:
        """Make an object by the form on a key; gives the id of the row that is new."""
        before = self.ids()
        await self.press(key)
        await self.fill(**answers)
        new: set[str] = await self.drive.until(lambda: self.ids() - before, "the new row")
        return new.pop()

    async def agrees(self, key: str, word: str = "") -> None:
        """Press a key that asks first, and agree; with the `word` that grave things want typed."""
        await self.press(key)
        await self.drive.until(lambda: self.drive.armed, "the dialog to listen")
        if word:
            await self.drive.type(word)
        await self.press("enter" if word else "y")

    async def removes(self, id_: str, word: str = "") -> None:
        """Delete an object and see its row go."""
        await self.on(id_)
        await self.agrees("ctrl+d", word)
        await self.drive.until(lambda: id_ not in self.ids(), f"{id_} to go")

    async def chooses(self, label: str) -> None:
        """Choose an action from the menu."""
        await self.press("a")
        await self.drive.until(lambda: isinstance(self.drive.app.screen, HelpScreen), "the menu")
        await self.drive.type(label)
        await self.press("enter")

    async def shows(self, words: str) -> None:
        """See words over the place, and go back."""
        await self.drive.sees(words)
        await self.press("escape")
        await self.drive.until(lambda: self.place is not None, "the place again")

    async def holds(self, what: str, path: str, *keys: str, is_: Any) -> None:
        """See that the server has a value at a path of an object."""

        def value() -> Any:
            found = self.call("GET", path)
            for key in keys:
                found = found[key]
            return found == is_ or None

        await self.drive.until(value, what)


Script = Callable[[Walk, Path], Awaitable[None]]


class Scripts:
    """What drives the operations of a key, and which."""

    def __init__(self, key: Key) -> None:
        self.key = key
        self.operations: dict[Script, tuple[str, ...]] = {}
        self.slow: set[Script] = set()  # those that need work to last

    def does(self, *operations: str, slowly: bool = False) -> Callable[[Script], Script]:
        """Register what drives some operations."""

        def register(script: Script) -> Script:
            self.operations[script] = operations
            if slowly:
                self.slow.add(script)
            return script

        return register

    @property
    def driven(self) -> set[str]:
        """Every operation that some script drives."""
        return {name for operations in self.operations.values() for name in operations}

    async def run(self, script: Script, drive: Drive, server: Server, folder: Path) -> None:
        """Run a script and see that it drove what it says."""
        walk = Walk(drive, server, self.key)
        await script(walk, folder)
        undone = [name for name in self.operations[script] if not walk.called(name)]
        assert not undone, f"not called by the program: {undone}"


def declared(key: Key) -> dict[str, Operation]:
    """Every operation that the registry has for a key, by name."""
    every = (operation for resource in REGISTRY.values() for operation in resource.operations)
    return {operation.name: operation for operation in every if operation.key == key}


@cache
def meant(method: str, path: str) -> str:
    """The operation that a request is for: of those its path fits, the one that leaves least open."""
    every = (*declared(Key.PROJECT).values(), *declared(Key.ADMIN).values())
    fits = [
        operation
        for operation in every
        if operation.method == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", operation.path), path)
    ]
    return min(fits, key=lambda operation: len(operation.placeholders)).name if fits else ""
