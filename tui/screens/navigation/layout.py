"""How lists are laid out, and where digits lead, as the user chose it: kept from one start to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tui.system.state_file import StateFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

VERSION = 1
PLACES = ("right", "below", "off")
SHARES = {"right": 36, "below": 34}  # percent of the place that the detail takes, until the user says otherwise
_LEAST, _MOST = 15, 80  # percent
_FILLED = 60  # cells that a detail fills; what is wider the list has
_KEPT = 200  # resources whose columns are kept, and columns of one


class _Places(NamedTuple):
    """Where the digits lead, and where the config had them lead when the user changed that."""

    chosen: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()


class Layout:
    """Where a list's detail stands and how much of the place it takes, its columns, which are side by side, and
    the places of the digits.

    `keep` writes it; what another program has kept meanwhile of other resources stays.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Begin with what is kept in `path`; without it nothing is kept."""
        self._file = StateFile(path, "how lists are laid out")
        self.detail = ""
        """Where the user wants the detail: `right`, `below`, `off`, or "" for where there is room."""
        self.last = ""
        """The list by itself that the user was in last, as a `:` line."""
        self._shares: dict[str, int] = {}
        self._columns: dict[str, tuple[str, ...]] = {}
        self._beside: dict[str, bool] = {}  # whether accounts stand side by side, by the name of the resource
        self._places = _Places()
        self._put: _Places | None = None  # by this program
        self._take_up()

    def share(self, where: str, width: int = 0) -> int:
        """Return the percent of a place, of some width, that the detail takes there."""
        usual = SHARES[where]
        if where == "right" and width:
            usual = min(usual, 100 * _FILLED // width)
        return self._shares.get(where, usual)

    def is_sized(self, where: str) -> bool:
        """Return whether the user said how much of a place the detail takes there."""
        return where in self._shares

    def columns(self, resource: str) -> tuple[str, ...]:
        """Return the names of the columns chosen for a resource, in order; none for those it has by itself."""
        return self._columns.get(resource, ())

    def resize(self, where: str, share: int) -> None:
        """Give the detail another share of the place."""
        self._shares[where] = max(_LEAST, min(_MOST, share))

    def choose(self, resource: str, columns: Sequence[str]) -> None:
        """Show these columns of a resource, or with none those it has by itself."""
        self._columns[resource] = tuple(columns)

    def is_beside(self, resource: str) -> bool:
        """Return whether the lists of several accounts stand side by side."""
        return self._beside.get(resource, False)

    def flip_beside(self, resource: str) -> None:
        """Have the lists of several accounts stand side by side, or be one again."""
        self._beside[resource] = not self.is_beside(resource)

    def find_places(self, usual: Sequence[str]) -> tuple[str, ...]:
        """Return where the digits lead: as the user chose, unless the config, which says `usual`, was changed."""
        if self._places.usual != tuple(usual):
            self._places = _Places(tuple(usual), tuple(usual))
        return self._places.chosen

    def put_places(self, chosen: Sequence[str]) -> None:
        """Have the digits lead elsewhere, until the config says other than now."""
        self._places = self._put = _Places(tuple(chosen), self._places.usual)

    def _take_up(self) -> None:
        """Begin with what is kept."""
        if (kept := self._file.read(_read_kept)) is not None:
            self.detail, shares, self._columns, self.last, self._beside, self._places = kept
            for where, share in shares.items():
                self.resize(where, share)

    @property
    def fault(self) -> str:
        """A sentence on the file, where it cannot be used."""
        return self._file.fault

    def keep(self) -> None:
        """Keep all as it is now. Raises OSError."""
        if self._file.path is None:
            return
        kept = self._file.read(_read_kept)
        columns = {**(kept[2] if kept else {}), **self._columns}
        beside = {**(kept[4] if kept else {}), **self._beside}
        self._file.write(
            {
                "version": VERSION,
                "detail": self.detail,
                "shares": self._shares,
                "last": self.last,
                "beside": [name for name, is_beside in beside.items() if is_beside],
                "columns": {name: chosen for name, chosen in columns.items() if chosen},
                "places": (self._put or (kept[5] if kept else self._places))._asdict(),
            }
        )


def _read_kept(told: Any) -> tuple[str, dict[str, int], dict[str, tuple[str, ...]], str, dict[str, bool], _Places]:
    """Return where the detail is, its shares, columns by resource, the last line, what is side by side, places.

    Raises where data is odd.
    """
    if told["version"] != VERSION:
        raise ValueError
    shares = {where: int(told["shares"][where]) for where in SHARES.keys() & told["shares"].keys()}
    columns = list(told["columns"].items())[:_KEPT]
    return (
        told["detail"] if told["detail"] in PLACES else "",
        shares,
        {str(name): tuple(str(each) for each in chosen[:_KEPT]) for name, chosen in columns},
        str(told.get("last", "")),
        {str(name): True for name in told.get("beside", [])[:_KEPT]},
        _Places(*(tuple(map(str, told.get("places", {}).get(name, ())[:_KEPT])) for name in _Places._fields)),
    )
