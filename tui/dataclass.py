"""Dataclasses as those of the standard library, of which only what is called is written and compiled.

The standard library writes and compiles six functions for each as its module is imported. Of the hundred that are
there when a list stands, half are never made by then: that was a twelfth of the time to the first rows. Here an
`__init__` is written when it is first called, and the other functions are the same for all.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, Field, FrozenInstanceError, fields
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as dataclass  # as which a type checker knows it
else:

    def dataclass(cls: type | None = None, /, **options: bool) -> Any:
        """Make a class a dataclass; it may be `frozen`, `slots`, `kw_only`, and not `eq`."""
        if cls is not None:
            return _make(cls)
        return lambda each: _make(each, **options)


def _make(
    cls: type[Any], *, frozen: bool = False, eq: bool = True, slots: bool = False, kw_only: bool = False
) -> type[Any]:
    """Return a class as a dataclass: its fields by the standard library, its functions from here."""
    own = vars(cls)
    given: dict[str, Any] = {"__repr__": _show}
    if frozen:
        given |= {"__setattr__": _refuse, "__delattr__": _refuse}
    bare = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)
    made: type[Any] = bare(cls)
    if eq:
        read = _build_reader([each.name for each in fields(made) if each.compare])
        given |= {"__eq__": _build_comparison(read), "__hash__": _build_hash(read) if frozen else None}
    for name, function in {"__init__": _build_init(made, frozen=frozen), **given}.items():
        if name not in own or (name == "__hash__" and own[name] is None):
            setattr(made, name, function)
    return made


def _build_init(cls: type[Any], *, frozen: bool) -> Callable[..., None]:
    def init(self: Any, *args: Any, **named: Any) -> None:
        cls.__init__ = written = _write_init(cls, frozen=frozen)
        written(self, *args, **named)

    return init


def _write_init(cls: type[Any], *, frozen: bool) -> Callable[..., None]:
    """Return the `__init__` of a class, compiled."""
    known: dict[str, Any] = {"set_": object.__setattr__, "absent": MISSING}
    plain, by_name, lines = ["self"], ["*"], []
    for each in fields(cls):
        value = name = each.name
        if each.default_factory is not MISSING:
            known[f"make_{name}"] = each.default_factory
            value = f"make_{name}() if {name} is absent else {name}"
        known[f"default_{name}"] = each.default
        default = "" if _is_needed(each) else f"=default_{name}"  # MISSING where one is made
        (by_name if each.kw_only else plain).append(name + default)
        lines.append(f" set_(self, {name!r}, {value})" if frozen else f" self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    parameters = ", ".join(plain + (by_name if len(by_name) > 1 else []))
    exec(f"def __init__({parameters}):\n" + "\n".join(lines or [" pass"]), known)
    written: Callable[..., None] = known["__init__"]
    written.__qualname__ = f"{cls.__qualname__}.__init__"
    return written


def _is_needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _build_reader(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what gives the values of some attributes."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda each: tuple([getattr(each, name) for name in names])


def _build_comparison(read: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any, object], bool]:
    def equals(self: Any, other: object) -> bool:
        return read(self) == read(other) if other.__class__ is self.__class__ else NotImplemented

    return equals


def _build_hash(read: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], int]:
    def hash_(self: Any) -> int:
        return hash(read(self))

    return hash_


@recursive_repr()
def _show(self: Any) -> str:
    shown = [f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse(_self: Any, name: str, _value: object = None) -> NoReturn:
    raise FrozenInstanceError(f"{name} of what is frozen cannot be set")
