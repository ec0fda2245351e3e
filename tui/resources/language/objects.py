"""Base of all models. Objects are read leniently: a field that cannot be read is dropped, the others are kept."""

from __future__ import annotations

import copy
import hashlib
import json
import math
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, Generic, Self, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from typing_extensions import TypeVar  # with `default`, which Python has from 3.13 on

from tui.resources.language.reading.times import unix_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# The platform sometimes sends "" for "no such object".
Id = Annotated[str | None, BeforeValidator(lambda value: value or None)]
Metadata = dict[str, str]
# A time in unix seconds, however the server wrote it; what cannot be read as one is unknown.
Time = Annotated[float | None, BeforeValidator(unix_time)]


class Object(BaseModel):
    """Base of all objects the platform returns. Every field is optional, unknown ones are kept."""

    # Most models are not used in a session: each builds its validator when it is.
    model_config = ConfigDict(
        extra="allow", hide_input_in_errors=True, protected_namespaces=(), defer_build=True, allow_inf_nan=False
    )

    id: str = ""

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """Build from the platform's JSON, dropping only the fields that cannot be understood."""
        pruned: Any = raw
        for depth in (None, 1):  # what is not where the error says goes with the field it is in
            try:
                return cls.model_validate(pruned)
            except ValidationError as error:
                pruned = copy.deepcopy(dict(pruned))
                faults = error.errors(include_input=False, include_url=False)
            for fault in reversed(faults):  # the last of a list first: the others keep their places
                _prune(pruned, fault["loc"][:depth])
        try:
            return cls.model_validate(pruned)
        except ValidationError:
            return cls.model_construct()


class Request(BaseModel):
    """Base of request bodies. Forms are made from these, so they are strict and say what is wrong."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, protected_namespaces=(), defer_build=True)


def make_content_id(raw: Any) -> str:
    """Return an id for what has none: made from its content, so that it is the same whenever it is read again."""
    content = json.dumps(raw, sort_keys=True, default=str).encode()
    return f"unreadable-{hashlib.sha1(content, usedforsecurity=False).hexdigest()[:16]}"


def _prune(raw: Any, location: tuple[int | str, ...]) -> None:
    """Remove what stands at `location`, or its nearest ancestor that exists."""
    for step in location[:-1]:
        try:
            raw = raw[step]
        except (KeyError, IndexError, TypeError):
            return
    try:
        del raw[location[-1]]
    except (KeyError, IndexError, TypeError):
        return


# A family's model; what is declared for no family in particular holds for any.
T = TypeVar("T", bound=Object, default=Any)


class Record(Generic[T]):
    """One object of a collection: its raw JSON, and its model once something asks for it."""

    __slots__ = ("_model", "_object", "id", "raw")

    def __init__(self, id_: str, raw: dict[str, Any], model: type[T]) -> None:
        self.id = id_
        self.raw = raw
        self._model = model
        self._object: T | None = None

    @property
    def object(self) -> T:
        """The object as its family's model."""
        if self._object is None:
            self._object = self._model.read(self.raw)
        return self._object

    @property
    def object_id(self) -> str:
        """The id of the object itself, where that of the record tells whose it is, too."""
        return self.id

    @property
    def model(self) -> type[Object]:
        """Its family's model."""
        return self._model

    def at(self, path: str) -> Any:
        """Return the raw value at a dotted `path`, in which numbers count what is in lists, or None."""
        value: Any = self.raw
        for step in path.split("."):
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return value

    def read(self, path: str) -> Any:
        """Return the value at a dotted `path`: times in unix seconds, numbers written as text as numbers."""
        value = self.at(path)
        reader = _find_reader(self._model, path)
        return reader(value) if reader else value


def is_number(model: type[BaseModel], path: str) -> bool:
    """Return whether a model has a number or a time at a dotted path."""
    return _find_reader(model, path) is not None


@cache
def is_list(model: type[BaseModel], path: str) -> bool:
    """Return whether a model has a list or a mapping at the top of a dotted path."""
    field = model.model_fields.get(path)
    kinds = (field.annotation, *get_args(field.annotation)) if field else ()
    return any((get_origin(kind) or kind) in (list, dict) for kind in kinds)


def build_reader(path: str) -> Callable[[Record[Any]], Any]:
    """Return what does for records of a list what `Record.read` does for one, in a third of the time."""
    if "." in path:
        return lambda record: record.read(path)
    readers: dict[type[Object], Callable[[Any], Any] | None] = {}

    def read(record: Record[Any]) -> Any:
        value = record.raw.get(path)
        model = record.model
        if model not in readers:
            readers[model] = _find_reader(model, path)
        reader = readers[model]
        if reader is None or (reader is _read_number and type(value) is not str):
            return value
        return reader(value)

    return read


_find_model: Callable[[Record[Any]], type[Object]] = attrgetter("_model")


def build_list_reader(path: str) -> Callable[[Sequence[Record[Any]]], list[Any]]:
    """Return what does for a whole list what `build_reader` does for one record, without a call for each."""
    read = build_reader(path)

    def read_all(records: Sequence[Record[Any]]) -> list[Any]:
        readers = {_find_reader(model, path) for model in set(map(_find_model, records))}
        if "." in path or not readers <= {None, _read_number}:
            return list(map(read, records))
        found = [record.raw.get(path) for record in records]
        if _read_number in readers and str in set(map(type, found)):
            return list(map(read, records))
        return found

    return read_all


@cache
def _find_reader(model: type[BaseModel], path: str) -> Callable[[Any], Any] | None:
    """Return how a model reads the field at a dotted path, where that is a time or a number."""
    first, _, rest = path.partition(".")
    field = model.model_fields.get(first)
    if field is None:
        return None
    kinds = (field.annotation, *get_args(field.annotation))
    if rest:
        inner = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        return _find_reader(inner, rest) if inner else None
    if any(isinstance(mark, BeforeValidator) and mark.func is unix_time for mark in field.metadata):
        return unix_time
    return _read_number if float in kinds or int in kinds else None


def _read_number(value: Any) -> Any:
    """Return a number that was written as text as a number; anything else as it is."""
    if not isinstance(value, str):
        return value
    for kind in (int, float):
        try:
            read = kind(value)
            if math.isfinite(read):
                return read
        except (ValueError, OverflowError):
            continue
    return value
