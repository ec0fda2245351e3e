"""Objects of the platform, read leniently: what one field got wrong costs that field and nothing else."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

# The platform sometimes sends "" for "no such object".
Id = Annotated[str | None, BeforeValidator(lambda value: value or None)]
Metadata = dict[str, str]


class Object(BaseModel):
    """Base of all objects the platform returns. Every field is optional, unknown ones are kept."""

    # Most models are not used in a session: each builds its validator when it is.
    model_config = ConfigDict(extra="allow", hide_input_in_errors=True, protected_namespaces=(), defer_build=True)

    id: str = ""

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Self:
        """Build from the platform's JSON, dropping only the fields that cannot be understood."""
        try:
            return cls.model_validate(raw)
        except ValidationError as error:
            pruned = copy.deepcopy(dict(raw))
            for fault in error.errors(include_input=False, include_url=False):
                _prune(pruned, fault["loc"])
            try:
                return cls.model_validate(pruned)
            except ValidationError:
                return cls.model_construct()


class Request(BaseModel):
    """Base of request bodies. Forms are made from these, so they are strict and say what is wrong."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, protected_namespaces=(), defer_build=True)


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


class Record:
    """One object of a collection: its raw JSON, and its model once something asks for it."""

    __slots__ = ("_model", "_object", "id", "raw")

    def __init__(self, id_: str, raw: dict[str, Any], model: type[Object]) -> None:
        self.id = id_
        self.raw = raw
        self._model = model
        self._object: Any = None

    @property
    def object(self) -> Any:
        """The object as its family's model."""
        if self._object is None:
            self._object = self._model.read(self.raw)
        return self._object

    def at(self, path: str) -> Any:
        """The raw value at a dotted `path`, or None."""
        value: Any = self.raw
        for step in path.split("."):
            if not isinstance(value, dict):
                return None
            value = value.get(step)
        return value
