"""Which files are named in what the server answers, whoever asked, and in what was sent to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.live.references.naming import HOLDERS, Reference, find_files, make_user

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui.api.operation import Operation
    from tui.resources.language.resource import Resource

FIRST = {
    "batches": "batches",
    "fine_tuning": "fine-tuning",
    "assistants": "assistants",
    "models": "models",
    "vector_stores": "vector-stores",
    "evals": "evals",
    "containers": "containers",
}
"""By the first part of the path of a call, the list with its objects: those not asked for need not be imported."""


class AnswerReader:
    """Finds in calls that were answered who names which files."""

    def __init__(self, registry: Mapping[str, Resource]) -> None:
        self._registry = registry
        self._holders: dict[str, Reference] = {}  # by id, the objects seen with lists inside that name files

    def find(
        self,
        operation: Operation,
        path: Mapping[str, str],
        body: Mapping[str, Any] | None,
        answer: Mapping[str, Any],
    ) -> Iterator[tuple[str, Reference]]:
        """Yield the id of each file that is named, and what names it. `path` holds the ids of the call's path."""
        name = FIRST.get(operation.path.split("/")[1])
        if name is None or operation.method == "DELETE":
            return
        resource = self._registry[name]
        part = self._registry[HOLDERS[name]] if HOLDERS[name] else None
        assert resource.list
        listed = answer.get("data")
        items: list[Any] = listed if isinstance(listed, list) else [answer]
        if operation.path in (resource.list.path, resource.get and resource.get.path):
            for record in (resource.record(item) for item in items if isinstance(item, dict)):
                user = make_user(resource, record)
                if part:
                    self._holders[record.id] = user
                yield from find_files(resource, [record.raw, body], user)
        elif part and operation.path.startswith(f"{resource.list.path}/"):
            id_ = path[operation.placeholders[0]]
            named = items if operation in (part.list, part.get) else () if operation.reads_only else [body]
            yield from find_files(part, list(named), self._holders.get(id_, Reference(name, id_, "", "")))
