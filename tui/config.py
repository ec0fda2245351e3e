"""The config file. Read leniently: a fault costs one setting and says so, never the start.

    default_profile = "work"
    theme = "textual-dark"
    start = "batches"        # where the program opens; default: home
    present = true           # begin in presentation mode: people, keys and accounts are hidden
    remember = false         # keep nothing of what was last seen for the next start; default: true
    places = ["home", "files"]  # where the digits jump to: ten at the most, each as `:` takes it
    failed_share = 0.05      # how large a share of a batch may fail before it needs you; default: 0

    [profiles.work]
    base_url = "https://eu.api.openai.com/v1"   # default: https://api.openai.com/v1
    organization = "org-…"
    project = "proj_…"
    key_command = ["op", "read", "op://work/openai/key"]
    admin_key_command = ["pass", "openai/admin"]
    read_only = true
    requests_per_minute = 30
    trust = ["llm.example"]  # hosts besides OpenAI's to which keys of the environment may go, unasked

    [notify]
    exec = ["notify-send", "o9s"]               # run when something watched (W) is over

    [keys]                                      # `o9s bindings` lists the ids
    "live.refresh" = "f6"

Keys to the platform never stand in it: they come from the environment, a command or the keyring.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.system.private_files import directories, private_directory, write_private

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tomlkit import TOMLDocument

CONFIG_FILE = "config.toml"
USUAL_PLACES = ("home", "batches", "files", "tuning", "stores", "evals", "threads", "keys", "costs")


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of credentials' sources and where they are used. None or empty: not set."""

    name: str = "default"
    base_url: str | None = None
    organization: str | None = None
    project: str | None = None
    key_command: tuple[str, ...] = ()
    admin_key_command: tuple[str, ...] = ()
    read_only: bool = False
    requests_per_minute: int | None = None
    trust: tuple[str, ...] = ()
    """The hosts besides OpenAI's to which keys of the environment may go."""
    unusable: Mapping[str, str] = field(default_factory=dict)
    """Sentences on settings that are there and cannot be used, by name."""


@dataclass(frozen=True, slots=True)
class Config:
    """What the config file says. `notices` are sentences on what in it could not be used."""

    profiles: Mapping[str, Profile] = field(default_factory=dict)
    default_profile: str = "default"
    theme: str | None = None
    start: str = "home"
    places: tuple[str, ...] = USUAL_PLACES
    """Where the digits 1 to 9 and 0 jump to, as `:` takes it."""
    failed_share: float = 0.0
    present: bool = False
    """Whether the program begins in presentation mode."""
    remember: bool = True
    """Whether what was last seen is kept for the next start."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notify_command: tuple[str, ...] = ()
    """The arguments of the command that is run when something watched is over."""
    notices: tuple[str, ...] = ()

    def profile(self, name: str) -> Profile:
        """The profile of this name; an empty one where the file has none."""
        return self.profiles.get(name) or Profile(name)


def load(path: Path | None = None) -> Config:
    """Read the config file. Never raises: what cannot be read or used becomes a notice."""
    path = path or directories().config / CONFIG_FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Config()
    except OSError as error:
        return Config(notices=(f"{path} cannot be read ({error.strerror}); defaults are used.",))
    import tomllib  # most have no config: the first frame does not wait for it

    try:
        raw = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        aside = _set_aside(path)
        kept = f"is kept as {aside.name}" if aside else "stays where it is"
        return Config(notices=(f"{path} is no valid TOML ({error}); it {kept} and defaults are used.",))
    return _read(raw)


def _set_aside(path: Path) -> Path | None:
    """Rename a file that cannot be read to the first free name beside it, so that the next write loses nothing."""
    for number in range(1, 100):
        aside = path.with_name(f"{path.name}.broken-{number}")
        if not aside.exists():
            with contextlib.suppress(OSError):
                return path.rename(aside)
            return None
    return None


def _read(raw: Mapping[str, object]) -> Config:
    """Return the settings that can be used, with a notice for each that cannot."""
    notices: list[str] = []
    tables: dict[str, dict[str, object]] = {"profiles": {}, "notify": {}, "keys": {}}
    plain: dict[str, object] = {}
    for name, value in raw.items():
        if name not in tables:
            plain[name] = value
        elif isinstance(value, dict):
            tables[name] = value
        else:
            notices.append(f"{name} must be a table; it is ignored.")
    profiles: dict[str, Profile] = {}
    for name, table in tables["profiles"].items():
        if isinstance(table, dict):
            unusable: dict[str, str] = {}
            taken = _take(f"profiles.{name}.", table, _PROFILE, notices, unusable)
            if "read_only" in table and "read_only" not in taken:
                taken["read_only"] = True
                notices[:] = [
                    each.replace("it is ignored", "until then nothing is written")
                    if ".read_only must" in each
                    else each
                    for each in notices
                ]
            profiles[name] = Profile(name, **taken, unusable=unusable)
        else:
            profiles[name] = Profile(name, unusable={"base_url": f"profiles.{name} must be a table."})
            notices.append(f"profiles.{name} must be a table; it is ignored.")
    bound = _take("keys.", tables["keys"], dict.fromkeys(tables["keys"], _keys), notices)
    told = _take("notify.", tables["notify"], {"exec": _command}, notices)
    settings = _take("", plain, _TOP, notices)
    if (default := settings.get("default_profile", "default")) not in profiles and default != "default":
        notices.append(f"default_profile is {default}, and there is no profile of this name.")
    return Config(
        profiles=profiles, keys=bound, notify_command=told.get("exec", ()), notices=tuple(notices), **settings
    )


def _take(
    where: str,
    table: Mapping[str, object],
    readers: Mapping[str, Callable[[object], Any]],
    notices: list[str],
    unusable: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Read each setting of a table with its reader; the unknown and the unusable become notices.

    What cannot be used is put into `unusable` by name, too.
    """
    taken: dict[str, Any] = {}
    for name, value in table.items():
        reader = readers.get(name)
        if reader is None:
            notices.append(f"{where}{name} is no setting of o9s; it is ignored.")
            continue
        try:
            taken[name] = reader(value)
        except ValueError as error:
            notices.append(f"{where}{name} must be {error}; it is ignored.")
            if unusable is not None:
                unusable[name] = f"{where}{name} must be {error}."
    return taken


def _word(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return value.strip()


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _share(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError("a share from 0 to 1")
    return float(value)


def _rate(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 10_000:
        raise ValueError("a number from 1 to 10000")
    return value


def _command(value: object) -> tuple[str, ...]:
    # A list, so that no shell ever reads it.
    if not isinstance(value, list) or not value or not all(isinstance(part, str) and part for part in value):
        raise ValueError('a list of texts such as ["pass", "openai"]')
    return tuple(value)


def _texts(value: object, example: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(part, str) and part.strip() for part in value):
        raise ValueError(f"a list of texts such as {example}")
    return tuple(part.strip() for part in value)


def _hosts(value: object) -> tuple[str, ...]:
    return tuple(host.lower() for host in _texts(value, '["llm.example"]'))


def _places(value: object) -> tuple[str, ...]:
    places = _texts(value, '["home", "files"]')
    if len(places) > 10:
        raise ValueError("a list of ten places at the most")
    return places


def _keys(value: object) -> tuple[str, ...]:
    bound = value if isinstance(value, list) else str(value).split(",") if isinstance(value, str) else []
    if not bound or not all(isinstance(key, str) and key.strip() for key in bound):
        raise ValueError("a key or a list of keys")
    return tuple(key.strip() for key in bound)


_TOP: Mapping[str, Callable[[object], Any]] = {
    "default_profile": _word,
    "theme": _word,
    "start": _word,
    "places": _places,
    "failed_share": _share,
    "present": _switch,
    "remember": _switch,
}
_PROFILE: Mapping[str, Callable[[object], Any]] = {
    "base_url": _word,
    "organization": _word,
    "project": _word,
    "key_command": _command,
    "admin_key_command": _command,
    "read_only": _switch,
    "requests_per_minute": _rate,
    "trust": _hosts,
}

Setting = str | bool | int | list[str] | None


def set_value(name: Sequence[str], value: Setting, path: Path | None = None) -> None:
    """Set one setting, such as `("theme",)` or `("keys", "live.refresh")`; None removes it.

    The rest of the file, comments included, stays as it is. Raises OSError when it cannot be written, and
    ValueError when it cannot be read.
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
        for name in _PROFILE:
            value = getattr(profile, name)
            if value:
                table[name] = list(value) if isinstance(value, tuple) else value
            else:
                table.pop(name, None)

    _edit(change, path)


def _edit(change: Callable[[TOMLDocument], None], path: Path | None) -> None:
    """Read, change and replace the file in one step, readable by this user only. Raises OSError and ValueError."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = path or directories().config / CONFIG_FILE
    private_directory(path.parent)
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
        change(document)
    except (TOMLKitError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path} is no valid TOML ({error})") from error
    except (AttributeError, TypeError) as error:
        raise ValueError(f"{path} has a value where a table belongs") from error
    write_private(path, tomlkit.dumps(document).encode())
