"""What a server does not have: calls that it once said it does not know are not made again in a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.api.errors import LeftOut, NotServed

if TYPE_CHECKING:
    from tui.api.credentials.server import Server
    from tui.api.operation import Operation


class Absences:
    """The lists that are not to be had of a server, and the answer that said so, by the template of their path.

    One that was answered before is no absence: something on the way has failed, and may be mended.
    What servers of its kind are known not to have counts from `expect` on, without being asked for once.
    """

    def __init__(self) -> None:
        self._found: dict[str, NotServed] = {}
        self._answered: set[str] = set()
        self._server: Server | None = None
        self._wanted: set[str] = set()

    def expect(self, server: Server) -> None:
        """Ask for nothing that servers of this kind are known not to have, until `ask_again`."""
        self._server = server

    @property
    def any_known(self) -> bool:
        """Whether there is anything that the server is known not to have."""
        return bool(self._found or (self._server and self._server.kind))

    def find(self, operation: Operation) -> NotServed | None:
        """Return why a list is not asked for; None where it is."""
        path = operation.path
        if path in self._found:
            return self._found[path]
        if self._server and path not in self._wanted and self._server.lacks(path):
            return LeftOut(self._server.kind, path)
        return None

    def note(self, operation: Operation, error: NotServed) -> None:
        """Note that the server says that it does not have a list."""
        if operation.path not in self._answered:
            self._found[operation.path] = error

    def note_answered(self, operation: Operation) -> None:
        """Note that the server has a list."""
        self._answered.add(operation.path)

    def ask_again(self, operation: Operation) -> None:
        """Ask for a list all the same the next time: somebody wants to know."""
        self._found.pop(operation.path, None)
        self._wanted.add(operation.path)
