"""Workers whose failure costs what they were doing, and is told, but not the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.worker import Worker, WorkerState

if TYPE_CHECKING:
    from textual.app import App


class Working:
    """Mixed into a screen or widget: hands a failed worker's error to the application's `report`."""

    if TYPE_CHECKING:

        @property
        def app(self) -> App[Any]:
            """The application."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tell of a failure that nobody else would hear of."""
        error, report = event.worker.error, getattr(self.app, "report", None)
        if event.state is WorkerState.ERROR and error is not None and report is not None:
            report(error)
