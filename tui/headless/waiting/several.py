"""Waiting for several objects of any kind without a screen, until all of them or one is over."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tui.api.client import Client
from tui.api.errors import ApiError, NotFound
from tui.api.requests import order_ids
from tui.headless.waiting.object_wait import ObjectWait
from tui.live.addresses import Addresses
from tui.resources.language.column import CellContext
from tui.resources.language.reading.amounts import dump_json
from tui.resources.language.reading.statuses import is_unknown
from tui.resources.registry import REGISTRY
from tui.system.notify_command import build_facts, run_notify_command
from tui.text import clean
from tui.workflows.overview.attention import name_of, state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tui.api.credentials.connection import Connection
    from tui.live.listeners import Hear
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

# Exit codes, besides 0, 2 and 6 as everywhere; they are those of `o9s batch wait`.
FAULT, SOME_FAILED, NOT_FOUND, NONE_WELL, UNCERTAIN, NOT_OVER = 1, 3, 3, 4, 7, 8


class WaitError(ValueError):
    """An object cannot be waited for; the message is a sentence."""


class End(NamedTuple):
    """What became of an object that was waited for."""

    resource: Resource
    id: str
    name: str
    outcome: str
    """The word for its state, `gone`, or why it is not known."""
    code: int
    """The exit code for it alone."""

    @property
    def facts(self) -> dict[str, str]:
        """What a command is told of it in its environment."""
        return build_facts(self.resource.name, self.id, self.name, self.outcome)

    def line(self, form: str) -> str:
        """Return it as a line of output: `table` or `json`."""
        if form == "json":
            told = {"resource": self.resource.name, "id": self.id, "name": self.name, "outcome": self.outcome}
            return dump_json({**told, "ended_well": self.code == 0})
        named = f" ({self.name})" if self.name != self.id else ""
        return clean(f"{self.id}{named} {self.outcome}", 500)


def is_waitable(resource: Resource) -> bool:
    """Return whether objects change by themselves until they are over."""
    return resource.changes_itself and resource.get is not None


def find_waitable(written: str, named: Resource | None = None) -> tuple[Resource, dict[str, str]]:
    """Return the resource of an id, and the path to it; `PARENT/ID` for an object inside another.

    It is the one that was `named`, else the one whose ids begin so. Raises WaitError for what does not change by
    itself or cannot be found.
    """
    *parents, id_ = written.split("/") if "/" in written and _is_inside(named) else [written]
    resource = named or Addresses(REGISTRY).find(id_)
    if resource is None:
        raise WaitError(
            f"{written}: no kind of object has ids that begin so; say what it is: o9s wait batches {written}."
        )
    if not id_:
        raise WaitError(f"{written!r}: an id is empty.")
    if not is_waitable(resource) or resource.get is None:
        raise WaitError(f"{written}: {resource.name} do not change by themselves, there is nothing to wait for.")
    wanted = len(resource.get.placeholders) - 1
    if len(parents) != wanted:
        inside = " with the ids of what it is in before it, such as PARENT/ID" if wanted else " alone"
        raise WaitError(f"{written}: give the id of a {resource.singular}{inside}.")
    return resource, order_ids(resource.get, parents, id_)


def _is_inside(named: Resource | None) -> bool:
    """Return whether a stroke in an id may stand between a parent's and its own."""
    return named is None or named.get is None or len(named.get.placeholders) > 1


def split_named(words: Sequence[str]) -> tuple[Resource | None, Sequence[str]]:
    """Return the resource that the first word names, if it does, and the ids. Raises WaitError for no ids."""
    name = REGISTRY.find(words[0])
    if not name:
        return None, words
    if len(words) == 1:
        raise WaitError(f"Give the ids of the {name} to wait for.")
    return REGISTRY[name], words[1:]


def exit_code_of(ends: Sequence[End]) -> int:
    """Return the exit code for all: a fault's, else unsure, not over, not there, none well or some failed."""
    codes = [end.code for end in ends]
    for code in (FAULT, UNCERTAIN, NOT_OVER, NOT_FOUND):
        if code in codes:
            return code
    bad = sum(map(bool, codes))
    return 0 if not bad else NONE_WELL if bad == len(codes) else SOME_FAILED


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How several objects are waited for, and who hears of it."""

    any_: bool
    """Whether the first that is over ends it."""
    timeout: float | None
    """Seconds after which the waiting ends."""
    command: Sequence[str]
    """Run for each that ends, with facts in its environment."""
    on_end: Callable[[End], None]
    on_progress: Hear
    """Hears how far they are ("" at the end)."""
    on_note: Hear
    """Hears what is to stay on the screen."""

    def run(self, connection: Connection, words: Sequence[str]) -> int:
        """Wait for objects by their ids, which the name of what they are may stand before. Returns the exit code.

        Raises WaitError before anything is asked.
        """
        named, ids = split_named(words)
        targets = [find_waitable(written, named) for written in dict.fromkeys(ids)]
        return asyncio.run(self._wait(connection, targets))

    async def _wait(self, connection: Connection, targets: Sequence[tuple[Resource, dict[str, str]]]) -> int:
        client, ends = Client(connection), list[End]()
        try:
            tasks = [asyncio.create_task(self._wait_for_one(client, *target)) for target in targets]
            try:
                for task in asyncio.as_completed(tasks):
                    ends.append(end := await task)
                    await self._tell(end)
                    if self.any_ and end.code not in (FAULT, NOT_OVER):
                        break
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            return exit_code_of(ends[-1:] if self.any_ else ends)
        finally:
            await client.aclose()

    async def _tell(self, end: End) -> None:
        """Tell of an object that is over, and run the command for it if that is known."""
        self.on_end(end)
        if self.command and end.code not in (FAULT, NOT_FOUND):
            failed = await run_notify_command(self.command, end.facts, "The --exec command")
            if failed:
                self.on_note(failed)

    async def _wait_for_one(self, client: Client, resource: Resource, path: dict[str, str]) -> End:
        """Return what became of an object; a fault that lasts is its own, the others are waited for."""
        waiting = ObjectWait(client, resource, path, self.on_progress, self.on_note)
        try:
            record, why = await waiting.until_over_within(self.timeout)
        except NotFound as error:
            if waiting.seen is None:  # it never was
                self.on_note(str(error))
                return End(resource, waiting.id, waiting.id, "not found", NOT_FOUND)
            return End(resource, waiting.id, waiting.id, "gone", NONE_WELL)
        except ApiError as error:
            return End(resource, waiting.id, waiting.id, str(error), FAULT)
        name, state = name_of(resource, record, lambda _: ""), _state_of(resource, record, client)
        if is_unknown(record.object):
            return End(resource, waiting.id, name, f"{state[0]} ({why or 'a state not known here'})", UNCERTAIN)
        if why:
            return End(resource, waiting.id, name, f"{state[0]} ({why})", NOT_OVER)
        if state[0].endswith("?"):  # it is over, and does not tell how
            return End(resource, waiting.id, name, state[0], UNCERTAIN)
        return End(resource, waiting.id, name, state[0], 0 if state[1] else NONE_WELL)


def _state_of(resource: Resource, record: Record, client: Client) -> tuple[str, bool]:
    """Return the word for how an object is, and whether that is well."""
    cell = state_of(resource, record, CellContext(client.now()))
    return cell.text[2:] or "over", cell.tone == "good"
