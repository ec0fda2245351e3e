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
    """One HTTP call of the API."""

    name: str
    """The operation id of the API's description."""
    method: str
    path: str
    """The template of the path, behind the base URL."""
    key: Key = Key.PROJECT
    body: type[BaseModel] | None = None
    """The model of the request; forms are made from it."""
    multipart: bool = False
    """Whether the body is sent as form data."""
    stream: bool = False
    """Whether the answer is server-sent events."""
    safe: bool = False
    """Whether a POST only reads; read-only mode lets it pass."""
    single: bool = False
    """Whether a GET answers with the one object there is in a place, or with 404: a list of at most one."""
    whole: bool = False
    """Whether a list comes on one page and takes no `limit`."""
    relate: Callable[[list[Any]], list[Any]] | None = None
    """Completes the objects of a page by what others on it tell."""
    exact: bool = False
    """Whether numbers with a point are read as Decimal: amounts of money must not pass through a float."""

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Names of the path's parameters, in order."""
        return tuple(_PLACEHOLDER.findall(self.path))

    @property
    def reads_only(self) -> bool:
        """Whether calling it leaves the platform as it was."""
        return self.safe or self.method in ("GET", "HEAD")
