"""`python -m tests.support.hostile_forms URL FOLDER`: the program, showing every form with hostile values.

It goes through the forms of all actions, then opens the palette, the `:` line with its completion and a form with
the path of a file typed, each as soon as the one before is drawn, and ends.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import work

import tui.app
from tests.support.hostile_places import HostilePlatform, Watched, find_places, is_shown
from tests.support.samples import SAMPLES
from tui.app import O9s
from tui.resources.language.asking.questions import QuestionKind, list_questions
from tui.resources.registry import REGISTRY
from tui.screens.forms.form import Form
from tui.screens.navigation.command import Command
from tui.screens.places.base import PlaceScreen
from tui.start import Start
from tui.widgets.input.prompt import Prompt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.api.credentials.connection import Connection

HOSTILE = "q\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\x9d0;t\x9c[/oops][@click=app.bell]press[/]\u202egnp\u2066\u2028.jsonl"
_VALUES: dict[QuestionKind, Any] = {
    QuestionKind.TEXT: HOSTILE,
    QuestionKind.LONG: f"{HOSTILE}\n{HOSTILE}",
    QuestionKind.LIST: [HOSTILE, "b"],
    QuestionKind.PAIRS: {HOSTILE: HOSTILE},
    QuestionKind.JSON: [{HOSTILE: HOSTILE}],
}


class _Offboard(Command):
    name, meaning, argument = "offboard", "what somebody holds", "MAIL"

    def choices(self) -> list[str]:
        return [HOSTILE]

    async def run(self, argument: str) -> None:
        raise NotImplementedError


class Showing(O9s):
    """The program, which shows by itself what it is asked for."""

    CSS_PATH = str(Path(tui.app.__file__).with_name("app.tcss"))
    CSS = "FormField TextArea { height: 3; }"  # all of a form at once
    folder = ""
    only_places = False

    def __init__(self, start: Start) -> None:
        super().__init__(start)
        self._harmless = self.door = Watched(self)

    async def _open(self, connections: Sequence[Connection]) -> None:
        await super()._open(connections)
        if self.only_places:
            self.show_places()
        else:
            self.show_all()

    @work
    async def show_places(self) -> None:
        """Show every list, and an object of each, of a platform on which strangers had their say."""
        platform, navigator = self.platform, self.navigator
        assert platform
        assert navigator
        platform.client._wire.json = HostilePlatform().json  # type: ignore[method-assign]
        for location in find_places():
            navigator.go(location)
            while not is_shown(self.screen, location):
                await self.frame()
        await self.frame()
        self.exit(return_code=5 if self.door.late else 0)

    async def frame(self) -> None:
        """Wait until the application has drawn once more, whichever its screen is by then."""
        done = asyncio.Event()
        self.call_after_refresh(self.call_after_refresh, done.set)  # a screen that is left draws no more
        await done.wait()

    def report(self, error: BaseException) -> None:
        """End at the first fault: what comes after it would not be shown."""
        super().report(error)
        self.exit(return_code=4)

    async def drawn(self) -> None:
        """Wait until what was done last is on the terminal."""
        done = asyncio.Event()
        self.screen.call_after_refresh(self.call_after_refresh, done.set)
        await done.wait()

    @work
    async def show_all(self) -> None:
        """Show everything, one after the other."""
        platform, navigator = self.platform, self.navigator
        assert platform
        assert navigator
        while not isinstance(self.screen, PlaceScreen) or not self.screen.query(Prompt):
            await self.drawn()
        seen: set[type] = set()
        self.push_screen(Form(platform, REGISTRY["batches"], {}, REGISTRY["batches"].actions[0]))
        for resource in REGISTRY.values():
            for action in resource.actions:
                body = action.operation.body
                if body is None or body in seen:
                    continue
                seen.add(body)
                record = resource.record({**SAMPLES.get(resource.name, {}), resource.identify: HOSTILE})
                start = {each.name: _VALUES.get(each.kind) for each in list_questions(body)}
                form = Form(platform, resource, dict.fromkeys(resource.within, HOSTILE), action, record, start)
                self.switch_screen(form)
                await self.drawn()
        self.pop_screen()
        navigator.add(_Offboard())
        self.action_command_palette()
        await self.drawn()
        line: Any = self.screen.query_one("CommandInput")
        line.value = ":offboard"
        while HOSTILE[-6:] not in str(self.screen.query_one("CommandList").render_lines(self.screen.region)):
            await self.drawn()
        self.pop_screen()
        await self.drawn()
        prompt = self.screen.query_one(Prompt)
        prompt.open(":", "offboard q", navigator.complete)
        await self.drawn()
        prompt.action_choose(1)
        await self.drawn()
        prompt.action_close()
        upload = REGISTRY["files"].action("upload")
        assert upload
        form = Form(platform, REGISTRY["files"], {}, upload)
        self.push_screen(form)
        while not isinstance(self.screen, Form):
            await self.drawn()
        while form.focused is None:
            await self.drawn()
        line = form.focused
        line.value = f"{self.folder}/q"
        while not line._suggestion:
            await self.drawn()
        await self.drawn()
        line.action_cursor_right()  # takes it
        await self.drawn()
        self.exit(return_code=0 if line.value.startswith(f"{self.folder}/q\x1b") else 3)


if __name__ == "__main__":
    gc.disable()  # as `o9s` starts
    app = Showing(Start(resource="batches", base_url=sys.argv[1]))
    app.folder = sys.argv[2]
    app.only_places = "places" in sys.argv[3:]
    app.run()
    sys.stdout.writelines(f"not made harmless on {screen}: {came!r}\n" for screen, came in app.door.late.items())
    sys.exit(app.return_code)
