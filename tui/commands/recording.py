"""`:record`: what is asked and answered from now on, kept in a folder."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui.commands.context import Builtin
from tui.screens.actions.toast import show_toast
from tui.screens.navigation.command import CommandError
from tui.screens.places.base import PlaceScreen
from tui.system.paths import BadPath, read_path
from tui.toolkit.presenting import is_presenting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.api.recording.recorder import Recorder

_STOP, _MASKED = "stop", "masked"


class Record(Builtin):
    """Begin a recording, end it, or tell how it stands."""

    name = "record"
    meaning = "keep what is asked and answered in a folder, for o9s --replay; no key is in it"
    argument = "DIR [masked] | stop"

    def choices(self) -> Sequence[str]:
        """Return the word that ends it, while there is one to end."""
        return [_STOP] if self._recorder else []

    async def run(self, argument: str) -> None:
        """Do what `argument` says; without one tell how it stands. Raises CommandError where that cannot be."""
        recorder = self._recorder
        if argument == _STOP:
            if recorder is None:
                raise CommandError("Nothing is recorded: :record DIR begins it.")
            self._end()
            show_toast(self.app, recorder.fault or recorder.describe())
        elif argument:
            if len(self.navigator.accounts) > 1:
                raise CommandError("A recording is of one account: P shows one alone.")
            if recorder and recorder.is_open:
                raise CommandError(f"It is recorded in {recorder.folder} already: :record stop ends that.")
            self._begin(argument)
        elif recorder:
            show_toast(self.app, recorder.fault or recorder.describe())
        else:
            raise CommandError("Name a folder, such as :record trouble; masked behind it hides contents, too.")

    @property
    def _recorder(self) -> Recorder | None:
        """What records now; of several accounts one may."""
        found = (account.session.recorder for account in self.navigator.accounts)
        return next(filter(None, found), None)

    def _begin(self, argument: str) -> None:
        from tui.api.recording.masking import Masking
        from tui.api.recording.recorder import Recorder, RecordingError

        name, _, last = argument.rpartition(" ")
        masked = bool(name) and last == _MASKED
        try:
            folder = read_path(name if masked else argument)
            recorder = Recorder(folder, masking=Masking(contents=masked or is_presenting(self.app)))
        except (BadPath, RecordingError) as error:
            raise CommandError(str(error)) from None
        recorder.ended = partial(show_toast, self.app, bad=True)
        self.navigator.accounts[0].record(recorder)
        without = "keys and contents" if recorder.masking.contents else "keys"
        show_toast(self.app, f"Recording in {folder}, without {without}. :record stop ends it.")
        self._say()

    def _end(self) -> None:
        for account in self.navigator.accounts:
            if recorder := account.session.recorder:
                recorder.close()
                account.record(None)
        self._say()

    def _say(self) -> None:
        """Have the header say whether it goes on."""
        if isinstance(self.app.screen, PlaceScreen):
            self.app.screen.say()
