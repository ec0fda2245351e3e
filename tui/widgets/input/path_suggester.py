"""Completion of paths, where the path of a file on this machine is typed."""

from __future__ import annotations

from textual.suggester import Suggester

from tui.system.paths import BadPath, read_path


class PathSuggester(Suggester):
    """Completes the path of a file on this machine."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return the first entry of the folder that goes on from what is typed."""
        if not value:
            return None
        head, slash, start = value.rpartition("/")
        try:
            folder = read_path(head + slash or ".")
            names = sorted(
                entry.name + ("/" if entry.is_dir() else "")
                for entry in folder.iterdir()
                if entry.name.startswith(start) and (start or not entry.name.startswith("."))
            )
        except (OSError, BadPath):
            return None
        return f"{head}{slash}{names[0]}" if names else None
