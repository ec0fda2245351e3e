"""The read-only setting of a profile, as the config file has it now: it may be written while o9s runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.config.reading import find_config_path, load

if TYPE_CHECKING:
    from tui.config.settings import Config, Profile


def find_read_only(settings: Profile, config: Config) -> str:
    """Return what of the config says that nothing may be changed; "" where it may be."""
    if config.unreadable:
        return "a config file that cannot be read"
    if fault := config.find_closing(settings.name):
        return fault
    return f"profile {settings.name}" if settings.read_only else ""


class Closing:
    """What the config file says of writing as a profile."""

    def __init__(self, profile: str) -> None:
        self._profile = profile
        self._seen: object = None
        self.by = ""
        """What of the file says that nothing may be changed, at the last look; "" where it may be."""

    def look(self) -> None:
        """Read the file again where it is another than at the last look."""
        try:
            found = find_config_path().stat()
            stamp: object = (found.st_mtime_ns, found.st_size, found.st_ino)
        except OSError:
            stamp = "none"
        if stamp != self._seen:
            config = load()
            self._seen, self.by = stamp, find_read_only(config.profile(self._profile), config)
