"""`:record`: what is asked and answered, kept in a folder. `:pause` and `:speed`: how time passes in a replay."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tui.commands.context import Builtin
from tui.screens.actions.toast import show_toast
from tui.screens.navigation.command import CommandError
from tui.screens.places.base import PlaceScreen
from tui.system.paths import BadPath, read_path
from tui.toolkit.presenting import is_presenting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App

    from tui.api.recording.recorder import Recorder
    from tui.screens.navigation.accounts.session import Pace
    from tui.screens.navigation.navigator import Navigator

_STOP, _MASKED = "stop", "masked"
FASTEST = 10_000  # times that time may pass as fast in a replay


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
        _say(self.app)

    def _end(self) -> None:
        for account in self.navigator.accounts:
            if recorder := account.session.recorder:
                recorder.close()
                account.record(None)
        _say(self.app)


class PauseReplay(Builtin):
    """Stop the time of a replay, or let it go on."""

    name = "pause"
    meaning = "stop the time of a replay, or let it go on"

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Do so. Raises CommandError where no recording is shown."""
        pace = _find_pace(self.navigator)
        pace.is_paused = not pace.is_paused
        self.context.tell_replay("pause" if pace.is_paused else "go on")
        show_toast(self.app, "Time stands still; :pause lets it go on." if pace.is_paused else "Time goes on.")
        _say(self.app)


class SetReplaySpeed(Builtin):
    """Have time pass faster or more slowly in a replay."""

    name = "speed"
    meaning = "how many times as fast time passes in a replay"
    argument = "NUMBER"

    async def run(self, argument: str) -> None:
        """Do so. Raises CommandError where no recording is shown, and for what is no such number."""
        pace = _find_pace(self.navigator)
        try:
            speed = float(argument)
        except ValueError:
            speed = 0.0
        if not 0 < speed <= FASTEST:
            raise CommandError(f"Give how many times as fast, such as :speed 10; {FASTEST:,} at the most.")
        pace.speed = speed
        self.context.tell_replay(f"speed {speed}")
        show_toast(self.app, f"Time passes {speed:g} times as fast.")
        _say(self.app)


def _find_pace(navigator: Navigator) -> Pace:
    """Return how time passes in the replay that is shown. Raises CommandError where none is, or it is over."""
    if not navigator.platform.client.connection.is_replay:
        raise CommandError("Only the time of a replay can be changed: o9s --replay DIR shows a recording.")
    if navigator.account.is_over:
        raise CommandError("The recording is over: its time goes no further.")
    return navigator.account.session.pace


def _say(app: App[Any]) -> None:
    """Have the header say how it stands."""
    if isinstance(app.screen, PlaceScreen):
        app.screen.say()
