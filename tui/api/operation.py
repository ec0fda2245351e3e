"""An operation of the API, as data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

_PLACEHOLDER = re.compile(r"{([a-z_]+)}")


class Key(StrEnum):
    """Which credential an operation is called with."""

    PROJECT = "project"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Operation:
    """One HTTP call of the API.

    `name` is the operation id of the API's description, `path` its template. `body` is the model of the
    request: forms are made from it. `multipart` bodies are sent as form data. `binary` answers are bytes to
    save or view, not JSON. `stream` marks server-sent events. `safe` marks a POST that only reads, which
    read-only mode lets pass. A `single` GET answers with the one object there is in a place, or with 404 while
    there is none: a list of at most one. A `whole` list comes on one page and takes no `limit`. Numbers with a
    point in `exact` answers are read as Decimal: amounts of money must not pass through a float.
    `relate` completes the objects of a page by what others on it tell.
    """

    name: str
    method: str
    path: str
    key: Key = Key.PROJECT
    body: type[BaseModel] | None = None
    multipart: bool = False
    binary: bool = False
    stream: bool = False
    safe: bool = False
    single: bool = False
    whole: bool = False
    relate: Callable[[list[Any]], list[Any]] | None = None
    exact: bool = False

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Names of the path's parameters, in order."""
        return tuple(_PLACEHOLDER.findall(self.path))

    @property
    def reads_only(self) -> bool:
        """Whether calling it leaves the platform as it was."""
        return self.safe or self.method in ("GET", "HEAD")
