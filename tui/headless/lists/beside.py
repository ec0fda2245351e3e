"""What a list does not tell of its objects and is read beside it: by a command only where it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError
from tui.live.addresses import Addresses
from tui.live.patience import insist
from tui.live.polling.used_by import NAME as USED_BY
from tui.live.shortfall import HOPELESS, describe_missing
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from tui.api.client import Client
    from tui.live.listeners import Hear
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource


async def read_beside(
    client: Client,
    resource: Resource,
    records: Sequence[Record],
    scope: Mapping[str, str],
    figures: Collection[str],
    on_progress: Hear,
    on_missing: Hear,
) -> list[Record]:
    """Return the objects with the figures named; `on_missing` hears what cannot be read. Raises ApiError."""
    if USED_BY in figures:
        from tui.live.references.references import References

        references = References(client, REGISTRY, Addresses(REGISTRY).child_scope, client.now)
        await references.read(on_progress)
        for name, why in references.missing.items():
            on_missing(f"Which files are unused is not known: the {name} could not be read. {why}")
        nobody: list[Any] | None = [] if references.is_whole else None
        for record in records:
            users = references.users.get(record.id)
            record.raw[USED_BY] = [each._asdict() for each in users.values()] if users else nobody
    peeks = [peek for peek in resource.peeks if peek.name in figures]
    await _read_peeks(client, resource, peeks, records, scope, on_progress, on_missing)
    # What is read from the raw object later is made anew of it.
    return [resource.record(record.raw) for record in records]


async def _read_peeks(
    client: Client,
    resource: Resource,
    peeks: Iterable[Any],
    records: Sequence[Record],
    scope: Mapping[str, str],
    on_progress: Hear,
    on_missing: Hear,
) -> None:
    """Put into objects what their children tell of them: a request each."""
    from tui.live.polling.peeks import ask_peek

    scope_of, failed = Addresses(REGISTRY).child_scope, dict[str, ApiError]()
    for peek in peeks:
        for number, record in enumerate(records):
            on_progress(f"{peek.child}: {number:,}/{len(records):,}")
            try:
                told = await insist(lambda: ask_peek(client, REGISTRY, scope_of, resource, scope, peek, record))  # noqa: B023
            except HOPELESS:
                raise
            except ApiError as error:
                failed[record.id] = error
                continue
            if told is not None:
                record.raw[peek.name] = told
    on_progress("")
    if failed:
        on_missing(describe_missing(resource.name, len(records), failed))
