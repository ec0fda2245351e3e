"""Changes to the config file: it is written whole, and the rest of it, comments included, stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tui.config.kinds import settings_of
from tui.config.reading import find_broken_link, find_config_path
from tui.config.settings import Profile
from tui.config.source import parse
from tui.system.private_files import private_directory, write_private

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tomlkit import TOMLDocument

Value = str | bool | int | list[str] | None


def set_value(name: Sequence[str], value: Value, path: Path | None = None) -> None:
    """Set one setting, such as `("theme",)` or `("keys", "live.refresh")`; None removes it.

    Raises OSError when it cannot be written, and ValueError when it cannot be read.
    """
    *tables, last = name

    def change(document: TOMLDocument) -> None:
        table: Any = document
        for part in tables:
            table = table.setdefault(part, {})
        if value is None:
            table.pop(last, None)
        else:
            table[last] = value

    _edit(change, path)


def save_profile(profile: Profile, path: Path | None = None) -> None:
    """Write a profile; settings that are not set leave the file. Raises as `set_value` does."""

    def change(document: TOMLDocument) -> None:
        table = document.setdefault("profiles", {}).setdefault(profile.name, {})
        for name in settings_of(Profile):
            value = getattr(profile, name)
            if value:
                table[name] = _write_toml(value)
            else:
                table.pop(name, None)

    _edit(change, path)


def _write_toml(value: Any) -> Any:
    """Return a value of a setting as it stands in the file."""
    if isinstance(value, Mapping):
        return {name: _write_toml(each) for name, each in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _edit(change: Callable[[TOMLDocument], None], path: Path | None) -> None:
    """Read, change and replace the file in one step, readable by this user only. Raises OSError and ValueError."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = path or find_config_path()
    if broken := find_broken_link(path):
        raise ValueError(f"{broken}; it is left as it is")
    private_directory(path.parent)
    path = path.resolve()  # a link stays one
    try:
        text = parse(path.read_bytes())[0] if path.exists() else ""
    except ValueError as error:
        raise ValueError(f"{path} {error}; it is left as it is") from None
    try:
        document = tomlkit.parse(text)
        change(document)
    except (TOMLKitError, RecursionError) as error:
        raise ValueError(f"{path} is no valid TOML ({error}); it is left as it is") from error
    except (AttributeError, TypeError) as error:
        raise ValueError(f"{path} has a value where a table belongs") from error
    write_private(path, tomlkit.dumps(document).encode())
