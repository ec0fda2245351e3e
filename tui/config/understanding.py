"""What the config file says, taken setting by setting: what can be used, and a fault for each that cannot."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from tui.config.forbidding import may_forbid
from tui.config.kinds import ByName, Kind, Rows, Setting, Table, settings_of
from tui.config.settings import ALL, Config, Fault, Profile
from tui.config.source import called

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui.config.source import Source, Way

_KEYS = {"api_key", "apikey", "admin_key", "project_key", "token", "secret"}  # what people call a key in a file


class Reader:
    """Reads the settings that can be used, with a notice for each that cannot."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._faults: list[Fault] = []

    def read(self, raw: Mapping[str, object]) -> Config:
        """Return what a file says, which is `raw` as parsed."""
        taken, _ = self._take(Config, raw, ())
        profiles, default = taken.get("profiles", {}), taken.get("default_profile", "default")
        if default not in profiles and default != "default":
            hint = _suggest(default, profiles) or "so it has only what the environment says."
            wrong = f"default_profile is {default}, and there is no profile of this name; {hint}"
            # The one that is meant may forbid writing.
            closes = default if any(each.read_only for each in profiles.values()) else None
            self._note(("default_profile",), wrong, closes=closes)
        for name in profiles if "default" not in profiles and default == "default" else ():
            if name.strip().casefold() == "default":
                wrong = f"{called(('profiles', name))} is not profile default: write its name in small letters."
                self._note(("profiles", name), wrong, closes=default if profiles[name].read_only else None)
        faults = tuple(sorted(self._faults, key=attrgetter("line")))
        return Config(**taken, faults=faults, source=self._source)

    def _take(self, kind: type, table: Mapping[str, object], way: Way) -> tuple[dict[str, Any], dict[str, str]]:
        """Return what can be used of a table that `kind` declares, and sentences on what cannot, each by name."""
        taken: dict[str, Any] = {}
        unusable: dict[str, str] = {}
        known = settings_of(kind)
        for name, value in table.items():
            here = (*way, name)
            declared = known.get(name)
            if declared is None:
                hint = _find_elsewhere(name) or _suggest(name, known)
                self._ignore(here, value, f"{called(here)} is no setting of o9s; {hint or 'it is ignored.'}")
                continue
            try:
                taken[name] = self._value(declared.kind, value, here)
            except ValueError as error:
                wrong = f"{called(here)} must be {error}"
                unusable[name] = f"{wrong}."
                instead, so = declared.instead or (None, "it is ignored")
                near = _suggest(value, declared.kind.choices) if isinstance(declared.kind, Kind) else ""
                if declared.instead:
                    taken[name] = instead
                    closes = way[-1] if declared is settings_of(Profile).get("read_only") else None
                    self._note(here, f"{wrong}; {so}.", closes=closes)
                else:
                    self._ignore(here, value, f"{wrong}; {near or f'{so}.'}")
        return taken, unusable

    def _value(self, kind: Kind | Table | ByName | Rows, value: object, way: Way) -> Any:
        """Return a value as it is used. Raises ValueError, with what it must be, for another kind."""
        if isinstance(kind, Kind):
            try:
                read = kind.read(value)
            except ValueError as error:
                raise ValueError(str(error) or kind.must_be) from None
            return self._entries(kind, kind.entry, read, way) if kind.entry else read
        if isinstance(kind, Rows):
            if not isinstance(value, list):
                raise ValueError(f"a list of tables, each begun with [[{called(way)}]]")
            return tuple(filter(None, (self._row(kind.of, each, (*way, at)) for at, each in enumerate(value))))
        if not isinstance(value, dict):
            raise ValueError("a table")
        if isinstance(kind, Table):
            return kind.of(**self._take(kind.of, value, way)[0])
        if isinstance(kind.of, Kind):
            return self._named_values(kind.of, value, way)
        return {name: self._named_table(kind.of, name, each, (*way, name)) for name, each in value.items()}

    def _entries(self, kind: Kind, entry: Kind, values: Iterable[object], way: Way) -> tuple[Any, ...]:
        """Return the entries of a list that can be used."""
        taken = []
        for at, value in enumerate(values):
            try:
                taken.append(entry.read(value))
            except ValueError:
                self._ignore((*way, at), value, f"{called((*way, at))} must be {entry.must_be}; it is left out.")
        if kind.most is not None and len(taken) > kind.most:
            self._note(way, f"{called(way)} has {len(taken)} entries; those after {kind.most} are left out.")
        return tuple(taken[: kind.most])

    def _named_values(self, kind: Kind, table: Mapping[str, object], way: Way) -> dict[str, Any]:
        taken = {}
        for name, value in table.items():
            try:
                taken[name] = self._value(kind, value, (*way, name))
            except ValueError as error:
                self._ignore((*way, name), value, f"{called((*way, name))} must be {error}; it is ignored.")
        return taken

    def _named_table(self, kind: type, name: str, table: object, way: Way) -> Any:
        """Return a table with a name. What cannot be used of it is told in its `unusable`, if it has that."""
        if isinstance(table, dict):
            taken, unusable = self._take(kind, table, way)
        else:
            first = next(iter(settings_of(kind)))
            taken, unusable = {}, {first: f"{called(way)} must be a table."}
            self._ignore(way, table, f"{called(way)} must be a table; it is ignored.")
        told = {"unusable": unusable} if "unusable" in (each.name for each in fields(kind)) else {}
        if kind is Profile and any(fault.closes == name for fault in self._faults):
            taken["read_only"] = True
        return kind(name=name, **taken, **told)

    def _row(self, kind: type, table: object, way: Way) -> Any:
        """Return a table of a list with its `number` there; None where something in it is missing or wrong."""
        if not isinstance(table, dict):
            self._ignore(way, table, f"{called(way)} must be a table; it is ignored.")
            return None
        taken, unusable = self._take(kind, table, way)
        missing = [
            name
            for name, each in settings_of(kind).items()
            if each.is_required and name not in {*taken, *unusable}
        ]
        if missing:
            self._note(way, f"{called(way)} has no {' and no '.join(missing)}; it is ignored.")
        left_out = missing or unusable.keys() - taken.keys()
        return None if left_out else kind(**taken, number=way[-1])

    def _ignore(self, way: Way, value: object, sentence: str) -> None:
        """Note what is ignored. Where it may have been meant to forbid writing, it does."""
        self._source.unused[way] = value
        is_of_profile = way[0] == "profiles" and (len(way) > 2 or (len(way) == 2 and not may_forbid(way[1], True)))
        closes = (str(way[1]) if is_of_profile else ALL) if may_forbid(way[-1], value) else None
        self._note(way, sentence, closes=closes)

    def _note(self, way: Way, sentence: str, *, closes: str | int | None = None) -> None:
        """Note a fault, and for whom it closes writing: a profile, `ALL`, or nobody."""
        if closes is not None:
            sentence += f" Until it is mended nothing is written{f' as profile {closes}' if closes else ''}."
        told = f"{self._source.at(*way)}{sentence}"
        self._faults.append(
            Fault(self._source.find_line(*way), way, told, None if closes is None else str(closes))
        )


def _suggest(wrong: object, right: Iterable[str]) -> str:
    """Return which of what is right was meant, as a question; "" if none is near."""
    from difflib import get_close_matches

    near = get_close_matches(str(wrong).lower(), list(right), n=1)
    return f"did you mean {near[0]}?" if near else ""


def _find_elsewhere(name: str) -> str:
    """Return where what is meant by a name belongs, such as in another table; "" if that is not known."""
    if name.lower().removeprefix("openai_") in _KEYS:
        return "keys stand in no file: `o9s auth login` keeps one in the keyring, key_command prints one."
    for table in settings_of(Config).values():
        kind = table.kind.of if isinstance(table.kind, Table | ByName | Rows) else None
        if isinstance(kind, type) and name in settings_of(kind):
            return f"it belongs into {_header_of(table)}."
    return "it belongs before the first [table]." if name in settings_of(Config) else ""


def _header_of(table: Setting) -> str:
    """Return the header that a table of the config begins with."""
    if isinstance(table.kind, Rows):
        return f"[[{table.name}]]"
    within = f".{table.kind.named}" if isinstance(table.kind, ByName) and isinstance(table.kind.of, type) else ""
    return f"[{table.name}{within}]"
