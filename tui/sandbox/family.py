"""`Family`: the declaration of a part of the API, with its operations, its objects and its seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tui.sandbox.protocol import Answer
from tui.sandbox.world import Kind, Row, World

if TYPE_CHECKING:
    from pydantic import BaseModel

    from tui.sandbox.world import JSON

Handler = TypeVar("Handler", bound=Callable[..., Answer])
Show = TypeVar("Show", bound=Callable[[World, Row], "JSON"])
Settle = TypeVar("Settle", bound=Callable[[World, Row], Iterator[None] | None])
Forget = TypeVar("Forget", bound=Callable[[World, str], None])
Seed = TypeVar("Seed", bound=Callable[[World, str], None])


class Route(NamedTuple):
    """An operation: its handler, and the models of its JSON body, query and form, where it has them."""

    handler: Callable[..., Answer]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    form: type[BaseModel] | None = None


class Family:
    """A part of the API: its operations, its derived objects and what each scenario starts it with.

    A handler takes the world, the placeholders of its path by name and, if its route declares models for them,
    `body`, `query` and `form`.
    """

    def __init__(self) -> None:
        self.routes: dict[tuple[str, str], Route] = {}
        """By method and path."""
        self.controls: dict[tuple[str, str], Route] = {}
        """The same below `/_sandbox`."""
        self.kinds: dict[str, Kind] = {}
        self.seed: Callable[[World, str], None] = lambda _world, _scenario: None

    def route(
        self,
        method: str,
        path: str,
        *,
        body: type[BaseModel] | None = None,
        query: type[BaseModel] | None = None,
        form: type[BaseModel] | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declare the handler of an operation. `path` is below /v1 and may hold `{placeholders}`."""
        return _declare(self.routes, method, path, body, query, form)

    def control(
        self, method: str, path: str, *, body: type[BaseModel] | None = None, query: type[BaseModel] | None = None
    ) -> Callable[[Handler], Handler]:
        """Declare the handler of an operation below `/_sandbox`, which steers or shows the sandbox itself."""
        return _declare(self.controls, method, path, body, query, None)

    def shows(self, kind: str) -> Callable[[Show], Show]:
        """Declare the function that returns the JSON of a derived object."""

        def declare(show: Show) -> Show:
            self.kinds[kind] = self._kind(kind)._replace(show=show)
            return show

        return declare

    def settles(self, kind: str) -> Callable[[Settle], Settle]:
        """Declare the function that is called when an object of a kind is due."""

        def declare(settle: Settle) -> Settle:
            self.kinds[kind] = self._kind(kind)._replace(settle=settle)
            return settle

        return declare

    def forgets(self, kind: str) -> Callable[[Forget], Forget]:
        """Declare a function that is called with the id of each object of a kind that is removed.

        The kind may be another family's.
        """

        def declare(forget: Forget) -> Forget:
            known = self._kind(kind)
            self.kinds[kind] = known._replace(forget=(*known.forget, forget))
            return forget

        return declare

    def seeds(self, seed: Seed) -> Seed:
        """Declare the function that makes what a scenario starts with."""
        self.seed = seed
        return seed

    def _kind(self, kind: str) -> Kind:
        return self.kinds.get(kind, Kind())


def _declare(
    routes: dict[tuple[str, str], Route],
    method: str,
    path: str,
    body: type[BaseModel] | None,
    query: type[BaseModel] | None,
    form: type[BaseModel] | None,
) -> Callable[[Handler], Handler]:
    def declare(handler: Handler) -> Handler:
        routes[method, path] = Route(handler, body, query, form)
        return handler

    return declare


def merge_kinds(families: Iterable[Family]) -> Mapping[str, Kind]:
    """Return the behaviour of all kinds of objects: several families may have their share in one."""
    merged: dict[str, Kind] = {}
    for family in families:
        for name, kind in family.kinds.items():
            known = merged.get(name, Kind())
            merged[name] = Kind(
                kind.show or known.show, kind.settle or known.settle, (*known.forget, *kind.forget)
            )
    return merged
