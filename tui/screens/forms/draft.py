"""The draft of a form: what was typed into it and not sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.widgets.input.form_field import FormField


class Draft:
    """Keeps what is typed into `fields` among the `drafts` of all that is written."""

    def __init__(
        self, drafts: dict[tuple[str, ...], Any], key: tuple[str, ...], fields: Mapping[str, FormField]
    ) -> None:
        """`key` says what is asked, and about which object."""
        self._kept, self._key, self._fields = drafts, key, fields
        self._first: dict[str, Any] = {}  # what the fields hold before anything is typed

    def _read_fields(self) -> dict[str, Any]:
        return {name: field.held for name, field in self._fields.items()}

    @property
    def is_kept(self) -> bool:
        """Whether something was typed earlier and not sent."""
        return self._key in self._kept

    def take_up(self) -> bool:
        """Put what was typed earlier into the fields, which hold what they begin with. Returns whether any was."""
        self._first = self._read_fields()
        for name, held in self._kept.get(self._key, {}).items():
            self._fields[name].hold(held)
        return self.is_kept

    def keep(self) -> bool:
        """Keep what was typed for the next time. Returns whether there is something."""
        typed = {name: held for name, held in self._read_fields().items() if held != self._first.get(name)}
        self.drop()
        if typed:
            self._kept[self._key] = typed
        return bool(typed)

    def drop(self) -> None:
        """Keep nothing: it was sent, or shall be forgotten."""
        self._kept.pop(self._key, None)

    def undo(self) -> None:
        """Take what was typed earlier out of the fields again, and forget it."""
        for name in self._kept.pop(self._key, {}):
            self._fields[name].hold(self._first[name])
