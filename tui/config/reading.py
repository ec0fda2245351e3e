"""The config file read leniently: a fault costs one setting and says so, never the start.

Reading never changes the file: an editor may be at work on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.config.settings import ALL, Config, Fault
from tui.config.source import CONFIG_FILE, Source, parse
from tui.system.private_files import directories

if TYPE_CHECKING:
    from pathlib import Path


def find_config_path() -> Path:
    """Return where the config file is, or would be."""
    return directories().config / CONFIG_FILE


def load(path: Path | None = None) -> Config:
    """Read the config file. Never raises: what cannot be read or used becomes a notice."""
    path = path or find_config_path()
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        if broken := find_broken_link(path):
            return _refuse(f"{broken}.")
        return Config()
    except OSError as error:
        return _refuse(f"{path} cannot be read: {(error.strerror or 'unknown fault').lower()}.")
    try:
        text, raw = parse(content)
    except ValueError as error:
        return _refuse(f"{path} {error}.")
    from tui.config.understanding import Reader  # most start without a file

    return Reader(Source(text)).read(raw)


def find_broken_link(path: Path) -> str:
    """Return in words that a file, or a folder it is in, is a link that leads nowhere; "" where none is."""
    for each in (path, *path.parents):
        if each.is_symlink() and not each.exists():
            return f"{each} is a link to {each.readlink()}, which is not there"
    return ""


def _refuse(why: str) -> Config:
    """Return the config in place of a file that cannot be read. It may forbid writing, so nothing is written."""
    sentence = f"{why} Until it is mended nothing is written, and no profile is known."
    return Config(unreadable=why, faults=(Fault(0, (), sentence, ALL),))
