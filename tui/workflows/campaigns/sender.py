"""Sending the parts of a campaign to the platform: each once, whatever becomes of the answers.

A POST whose answer was lost may have been done. Before it is sent again, what it would have made is looked for, as
long as a list may lag behind: a file by its name, a batch by its metadata.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, BadAnswer, Conflict, NotFound
from tui.api.operation import Key
from tui.api.retries import backoff
from tui.live.polling.read_one import expect_object
from tui.resources.batch.batches import BATCHES
from tui.resources.files import FILES
from tui.resources.language.reading.amounts import read_count
from tui.resources.organization.limits import RATE_LIMITS
from tui.resources.organization.projects import PROJECTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection
    from pathlib import Path

    from tui.api.client import Client
    from tui.resources.batch.outcomes import Batch
    from tui.workflows.campaigns.campaign import Campaign
    from tui.workflows.campaigns.sending import Sending

    JSON = dict[str, Any]

LATE = 90.0  # seconds after which what was sent is done and in the lists, or never will be
_LOOKS = (1.0, 30.0)  # seconds between looks for it: at first, and at the most
_FILES_PAGE = 1_000
_CREATE, _CANCEL = (
    next(action.operation for action in BATCHES.actions if action.name == name) for name in ("create", "cancel")
)
_DELETE = next(action.operation for action in FILES.actions if action.name == "delete")
NO_ROOM = "token_limit_exceeded"
_TOLD_LIMIT = re.compile(r"[Ll]imit:?\s*([\d,]{1,24})")


class Sender:
    """Makes the calls of a campaign."""

    def __init__(
        self,
        client: Client,
        campaign: Campaign,
        folder: Path,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._client, self._campaign, self._folder = client, campaign, folder
        self._clock, self._sleep = clock, sleep

    async def upload(self, sending: Sending, on_progress: Callable[[int, int | None], None]) -> str:
        """Upload the file of a sending, and return its id. Raises ApiError."""
        raw = await self._client.upload(self._folder / sending.file, "batch", progress=on_progress)
        return _id_of(raw)

    async def find_upload(self, sending: Sending, since: float) -> str:
        """Return the id of the file that was uploaded for a sending; "" if it was not. Raises ApiError."""

        def is_it(raw: JSON) -> bool:
            return raw.get("filename") == sending.file and raw.get("bytes") in (sending.size, None)

        return await self._find(lambda: self._search(FILES, {"purpose": "batch"}, _FILES_PAGE, is_it), since)

    async def create(self, sending: Sending) -> str:
        """Create the batch of a sending, and return its id. Raises ApiError."""
        body = {
            "input_file_id": sending.file_id,
            "endpoint": sending.endpoint,
            "completion_window": "24h",
            "metadata": self._metadata(sending),
        }
        return _id_of(await self._client.call(_CREATE, body=body))

    async def find_batch(self, sending: Sending, since: float) -> str:
        """Return the id of the batch that was created for a sending; "" if it was not. Raises ApiError."""
        wanted = self._metadata(sending)
        keys = ("campaign_id", "part", "generation", "attempt")

        def is_it(raw: JSON) -> bool:
            metadata = raw.get("metadata")
            return isinstance(metadata, dict) and all(metadata.get(key) == wanted[key] for key in keys)

        return await self._find(lambda: self._search(BATCHES, {}, BATCHES.page_max, is_it), since)

    async def _find(self, search: Callable[[], Any], since: float) -> str:
        """Return what a search finds, also where it only comes to be now: until `LATE` after it was sent."""
        # The clock may have been set back meanwhile, or far ahead.
        left = min(max(LATE - (self._clock() - since), 0.0), LATE)
        looks = 0
        while not (found := await search()) and left > 0:
            looks += 1
            pause = min(backoff(looks, _LOOKS[1], first=_LOOKS[0]), left)
            left -= pause
            await self._sleep(pause)
        return str(found)

    async def _search(self, resource: Any, query: JSON, limit: int, is_it: Callable[[JSON], bool]) -> str:
        """Return the id of the object of a list that is the one; "" if there is none. Raises ApiError."""
        async for raw in self._objects(resource, query, limit):
            if is_it(raw):
                return str(raw.get("id") or "")
        return ""

    async def find_unknown_batches(self) -> dict[str, JSON]:
        """Return the metadata of the batches of the campaign that its journal does not know. Raises ApiError."""
        campaign = self._campaign
        found: dict[str, JSON] = {}
        async for raw in self._objects(BATCHES, {}, BATCHES.page_max):
            id_, metadata = str(raw.get("id") or ""), raw.get("metadata")
            if not isinstance(metadata, dict) or metadata.get("campaign_id") != campaign.id:
                continue
            if id_ and id_ not in campaign.batch_ids and id_ not in campaign.extras:
                found[id_] = metadata
        return found

    async def wait_until_listed(self) -> bool:
        """Wait until the list of batches shows all that are known. Returns whether it does. Raises ApiError."""

        async def look() -> str:
            left = set(self._campaign.batch_ids)
            async for raw in self._objects(BATCHES, {}, BATCHES.page_max):
                left.discard(str(raw.get("id")))
                if not left:
                    break
            return "" if left else "all"

        return bool(await self._find(look, self._clock()))

    async def delete_unknown_uploads(self) -> None:
        """Delete the copies of the campaign's files that its journal does not know. Raises ApiError."""
        names = {each.file for each in self._campaign.sendings.values()}
        known = {each.file_id for each in self._campaign.sendings.values()}
        found = [
            str(raw["id"])
            async for raw in self._objects(FILES, {"purpose": "batch"}, _FILES_PAGE)
            if raw.get("filename") in names and raw.get("id") not in (*known, None)
        ]
        for id_ in found:
            with contextlib.suppress(NotFound):
                await self._client.call(_DELETE, {"file_id": id_})

    async def _objects(self, resource: Any, query: JSON, limit: int) -> AsyncIterator[JSON]:
        """Yield the objects of a list. Raises ApiError, also where it is not whole."""
        async for page in self._client.pages(resource.list, query={**resource.query, **query}, limit=limit):
            for raw in page.items:
                if isinstance(raw, dict):
                    yield raw
            if page.cut:
                raise BadAnswer(
                    "shape",
                    f"The list of {resource.name} is not whole: whether something was sent cannot be found out.",
                )

    def _metadata(self, sending: Sending) -> dict[str, str]:
        """Return what a batch is known by."""
        campaign = self._campaign
        told = {
            "campaign": campaign.name,
            "campaign_id": campaign.id,
            "part": str(sending.part),
            "generation": str(sending.generation),
            "attempt": str(sending.attempt),
            "name": f"{campaign.name} {sending.part}/{len(campaign.parts)}"
            + (f" g{sending.generation}" if sending.generation else ""),
        }
        if sending.generation:
            told["retry_of"] = campaign.sendings[sending.part, sending.generation - 1].batch_id
        return told

    async def read_batch(self, id_: str) -> Batch | None:
        """Return a batch as it is now; None if it is gone. Raises ApiError."""
        assert BATCHES.get is not None
        path = {"batch_id": id_}
        try:
            raw = await self._client.call(BATCHES.get, path)
        except NotFound:
            return None
        expect_object(BATCHES, path, raw)
        return BATCHES.record(raw).object

    async def read_batches(self, ids: Collection[str]) -> dict[str, Batch | None]:
        """Return batches as they are now, by id; None is one that is gone. One request reads a hundred.

        Raises ApiError.
        """
        assert BATCHES.list is not None
        found: dict[str, Batch | None] = {}
        pages = -(-len(ids) // BATCHES.page_max) if len(ids) > 1 else 0
        if pages:
            async for page in self._client.pages(BATCHES.list, limit=BATCHES.page_max):
                records = [BATCHES.record(raw) for raw in page.items if isinstance(raw, dict)]
                found |= {record.id: record.object for record in records if record.id in ids}
                pages -= 1
                if not pages or len(found) == len(ids):
                    break
        for id_ in ids:
            if id_ not in found:
                found[id_] = await self.read_batch(id_)
        return found

    async def cancel(self, id_: str) -> None:
        """Cancel a batch; one that is over stays as it is. Raises ApiError."""
        try:
            await self._client.call(_CANCEL, {"batch_id": id_})
        except (Conflict, NotFound):
            return

    async def read_limits(self) -> dict[str, int]:
        """Return how many input tokens the project's queue takes, by model; none of what cannot be known.

        That takes an admin key, and to know the project: from the profile, or from what the platform answers.
        """
        if not self._client.connection.key(Key.ADMIN):
            return {}
        try:
            project = self._client.connection.project or await self._hear_project() or await self._only_project()
            if not project:
                return {}
            limits: dict[str, int] = {}
            assert RATE_LIMITS.list is not None
            async for page in self._client.pages(
                RATE_LIMITS.list, {"project_id": project}, limit=RATE_LIMITS.page_max
            ):
                for raw in page.items:
                    if isinstance(raw, dict):
                        most = read_count(raw.get("batch_1_day_max_input_tokens"))
                        limits |= {} if most is None else {str(raw.get("model")): int(most)}
            return limits
        except ApiError:
            return {}

    async def _hear_project(self) -> str:
        """Return the project of the key, as the platform tells it with an answer; "" if it does not."""
        assert BATCHES.list is not None
        await self._client.page(BATCHES.list, limit=1)
        told = (exchange.headers.get("openai-project", "") for exchange in self._client.exchanges)
        return next(filter(None, told), "")

    async def _only_project(self) -> str:
        assert PROJECTS.list is not None
        page = await self._client.page(PROJECTS.list, limit=2)
        ids = [str(raw.get("id")) for raw in page.items if isinstance(raw, dict)]
        return ids[0] if len(ids) == 1 and not page.has_more else ""


def read_told_limit(batch: Batch) -> int | None:
    """Return the limit of the queue that the refusal of a batch tells; None if it tells none."""
    told = (_TOLD_LIMIT.search(error.message or "") for error in batch.errors if error.code == NO_ROOM)
    found = next(filter(None, told), None)
    digits = found[1].replace(",", "") if found else ""
    return int(digits) if digits else None


def has_no_room(batch: Batch) -> bool:
    """Return whether a batch was refused because the platform's queue is full."""
    return not batch.running and any(error.code == NO_ROOM for error in batch.errors)


def _id_of(raw: JSON) -> str:
    found = raw.get("id")
    if not isinstance(found, str) or not found:
        raise BadAnswer("shape", "The server answered with an object that has no id.")
    return found
