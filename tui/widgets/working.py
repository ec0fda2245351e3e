"""Workers whose failure costs what they were doing, and is told, but not the program."""

from __future__ import annotations

from textual.worker import Worker, WorkerState


class Working:
    """Mixed into a screen or widget: hands a failed worker's error to the application's `report`."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tell of a failure that nobody else would hear of."""
        error, report = event.worker.error, getattr(event.worker.node.app, "report", None)
        if event.state is WorkerState.ERROR and error is not None and report is not None:
            report(error)
