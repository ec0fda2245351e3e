"""Taking out, begun from a command or from a family that ends; it goes on in the background."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING, Any

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.api.errors import LocalFileError
from tui.screens.actions.toast import show_toast
from tui.screens.dialogs.confirm import Confirm
from tui.system.paths import BadPath, read_path
from tui.toolkit.controls import Input, Option, OptionList
from tui.widgets.base.bars import Bar
from tui.widgets.base.tones import build_line
from tui.widgets.input.path_suggester import PathSuggester
from tui.workflows.takeout.folder import DamagedManifest, Folder
from tui.workflows.takeout.takeout import Takeout, list_families, list_usual_families

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from textual.app import App, ComposeResult

    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.screens.actions.actor import Actor

    Chosen = tuple[list[str], Path]


async def take_out_family(actor: Actor, action: Action, *records: Record) -> None:  # noqa: ARG001
    """Ask where the families of some rows of what ends go, and take them out."""
    await ask_and_take_out(actor.app, actor.platform, {str(record.at("resource")) for record in records})


async def ask_and_take_out(app: App[Any], platform: Platform, ticked: Collection[str] = ()) -> None:
    """Ask what is to be taken out and where to, and begin that in the background."""
    registry = platform.registry
    families = [registry[name] for name in list_families(registry)]
    start, today = name_folder(platform), _name_day(platform)
    dialog = TakeoutDialog(families, ticked or list_usual_families(registry), start, platform.whose, today)
    if chosen := await app.push_screen_wait(dialog):
        names, folder = chosen
        anew: bool = False
        try:
            await asyncio.to_thread(Folder(folder).read_manifest)
        except DamagedManifest as error:
            words = "It is put aside, and what is not known without it is taken out again."
            ask = Confirm("Take everything out anew?", [(str(folder), error.sentence)], words, verb="take out")
            anew = await app.push_screen_wait(ask)
            if not anew:
                return
        except LocalFileError:
            pass  # there is none yet
        task = Takeout(platform, names, folder.absolute(), anew=anew)
        platform.tasks.add(task)
        show_toast(app, f"Begun: {task.what} to {folder}. :tasks shows how far it is.")


def name_folder(platform: Platform) -> str:
    """Return the name of the folder of a new take-out: whose it is, as two accounts share none, and the day."""
    connection = platform.client.connection
    owner = (connection.organization or connection.profile, connection.project or "")
    words = (re.sub(r"[^A-Za-z0-9]+", "-", word).strip("-") for word in owner)
    return "-".join(("takeout", *filter(None, words), _name_day(platform)))


def _name_day(platform: Platform) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(platform.now()))


class TakeoutDialog(ModalScreen["Chosen | None"]):
    """Lists that can be taken out, with ticks, and the folder they go to. Dismissed with both, or None."""

    BINDINGS = [
        Binding("escape", "leave", "cancel", id="takeout.cancel"),
        Binding("space", "tick", "take it, or not", id="takeout.tick"),
        Binding("j", "move(1)", "next", id="takeout.next", show=False),
        Binding("k", "move(-1)", "previous", id="takeout.previous", show=False),
    ]
    DEFAULT_CSS = """
    TakeoutDialog { align: center middle; }
    TakeoutDialog > Vertical {
        width: 76; max-width: 98%; height: auto; max-height: 96%;
        border: round $primary; padding: 0 1; background: $surface;
    }
    TakeoutDialog OptionList, TakeoutDialog OptionList:focus {
        height: auto; max-height: 58vh; border: none; padding: 0; background: $surface; text-wrap: nowrap;
    }
    TakeoutDialog Input { height: 1; border: none; padding: 0; }
    TakeoutDialog #fault { color: $text-error; display: none; }
    """

    def __init__(
        self,
        families: Sequence[Resource],
        ticked: Collection[str],
        folder: str,
        whose: str = "",
        today: str = "",
    ) -> None:
        """`ticked` are the names of those that are taken unless they are unticked, `whose` such as ` of acme`.

        `today` is the day, as `2026-11-28`.
        """
        super().__init__()
        self._today = today
        self._whose = whose
        self._families, self._ticked, self._start = families, set(ticked), folder

    def compose(self) -> ComposeResult:
        """Yield the lists, the folder, and the keys."""
        with Vertical() as box:
            box.border_title = build_line([(f"Take out{self._whose}", "")]).markup
            yield OptionList()
            yield Static(build_line([("to the folder", "dim")]))
            yield Input(self._start, suggester=PathSuggester(), compact=True)
            yield Static(id="fault", markup=False)
            yield Bar()

    def on_mount(self) -> None:
        """Show the lists."""
        keys = (("space", "tick"), ("tab", "folder"), ("enter", "take out"), ("esc", "cancel"))
        self.query_one(Bar).show([part for key, word in keys for part in ((key, "key"), (f" {word}  ", ""))])
        names = [family.name for family in self._families]
        self._show(min((names.index(name) for name in self._ticked if name in names), default=0))
        self.set_focus(self.query_one(OptionList))

    def _show(self, at: int) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        for family in self._families:
            tick = ("[x] ", "good") if family.name in self._ticked else ("[ ] ", "dim")
            word = "ended" if family.ends < self._today else "ends"
            ends = (f"  {word} {family.ends}", "warn") if family.ends else ("", "")
            needs = ("  needs the admin key", "dim") if family.key == "admin" else ("", "")
            options.add_option(Option(build_line([tick, (family.name, ""), ends, needs])))
        options.highlighted = max(0, min(at, len(self._families) - 1))

    @property
    def _at(self) -> int:
        return self.query_one(OptionList).highlighted or 0

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self.query_one(OptionList).highlighted = max(0, min(len(self._families) - 1, self._at + by))

    def action_tick(self) -> None:
        """Take the list under the cursor, or not, and go down."""
        self._ticked ^= {self._families[self._at].name}
        self._show(self._at + 1)

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _take(self) -> None:
        names = [family.name for family in self._families if family.name in self._ticked]
        typed = self.query_one(Input).value.strip()
        if not names:
            self._fault("Nothing is ticked: space ticks a list.")
        elif not typed:
            self._fault("Name the folder that it goes to.")
        else:
            try:
                self.dismiss((names, read_path(typed)))
            except BadPath as error:
                self._fault(str(error))

    def _fault(self, sentence: str) -> None:
        """Show why it cannot begin."""
        fault = self.query_one("#fault", Static)
        fault.update(build_line([(sentence, "")]))
        fault.display = True

    def action_leave(self) -> None:
        """Take nothing out."""
        self.dismiss(None)
