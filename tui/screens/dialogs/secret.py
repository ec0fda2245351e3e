"""A new secret, shown once and kept nowhere; on request it is copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.toolkit.presenting import is_presenting
from tui.toolkit.terminal.clipboard import put
from tui.widgets.base.tones import build_line

if TYPE_CHECKING:
    from textual.app import ComposeResult


class SecretScreen(ModalScreen[None]):
    """Shows a secret until it is closed."""

    AT_ONCE = True  # whatever is shown by then: a screen that waits may never show

    BINDINGS = [
        Binding("c", "copy", "copy", id="secret.copy"),
        Binding("escape,q", "leave", "close", id="secret.close"),
    ]

    DEFAULT_CSS = """
    SecretScreen { align: center middle; }
    SecretScreen Vertical {
        width: 84; max-width: 96%; height: auto; border: round $warning; padding: 1 2; background: $surface;
    }
    SecretScreen Static { height: auto; }
    SecretScreen #secret { margin: 1 0; padding: 0 1; background: $boost; }
    """

    def __init__(self, name: str, secret: str) -> None:
        super().__init__()
        self._called, self._secret = name, secret
        self._may_close = False  # once it was copied, or whoever closes it was told

    def compose(self) -> ComposeResult:
        """Yield its name, the secret, and the keys."""
        with Vertical() as box:
            box.border_title = build_line([("New key", "strong")]).markup
            yield Static(
                build_line([("The secret of ", ""), (self._called, "strong"), (" is shown once, now.", "")])
            )
            yield Static(build_line([(self._secret, "accent")]), id="secret")
            if is_presenting(self.app):
                yield Static(
                    build_line(
                        [
                            ("It is hidden, as this is a presentation: ", ""),
                            ("c", "key"),
                            (" copies it as it is.", ""),
                        ]
                    )
                )
            yield Static(build_line([("The platform never tells it again, and o9s keeps it nowhere.", "warn")]))
            yield Static(id="keys")

    def on_mount(self) -> None:
        """Name the keys."""
        self._say([("c", "key"), (" copy   ", ""), ("esc", "key"), (" close for good", "")])

    def on_unmount(self) -> None:
        """Forget the secret."""
        self._secret = ""

    def _say(self, parts: list[tuple[str, str]]) -> None:
        self.query_one("#keys", Static).update(build_line(parts))

    def action_copy(self) -> None:
        """Copy it to the terminal's clipboard, without a word of it in a toast."""
        if not put(self.app, self._secret):
            return
        self._may_close = True
        self._say([("Copied.   ", "good"), ("esc", "key"), (" close for good", "")])

    def action_leave(self) -> None:
        """Close. Keys typed ahead must not lose it: one that was not copied wants a second press."""
        if self._may_close:
            self.dismiss(None)
            return
        self._may_close = True
        self._say(
            [
                ("It was not copied. ", "bad"),
                ("c", "key"),
                (" copy   ", ""),
                ("esc", "key"),
                (" close all the same", ""),
            ]
        )
