"""What the platform may have of a campaign unknown to its journal: sent again since it was listed too late."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tui.resources.language.reading.amounts import read_count
from tui.workflows.campaigns.sending import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.workflows.campaigns.campaign import Campaign
    from tui.workflows.campaigns.patience import Patience
    from tui.workflows.campaigns.sender import Sender

_KEY = ("part", "generation", "attempt")  # what the metadata of a batch tell

_UNLISTED = "The platform does not list all batches of this campaign: whether one was made twice cannot be told."


class Doubts:
    """Looks for it where there may be any. `note` writes into the journal, `on_note` hears what is to be told."""

    def __init__(
        self,
        campaign: Campaign,
        sender: Sender,
        patience: Patience,
        note: Callable[..., None],
        on_note: Callable[[str], None],
    ) -> None:
        self._campaign, self._sender, self._patience = campaign, sender, patience
        self._note, self._on_note = note, on_note

    async def settle_batches(self) -> None:
        """Take a batch that is still wanted as its part's; cancel others, and tell of them. Raises ApiError."""
        if not self._campaign.has_batches_in_doubt:
            return
        for id_, told in (await self._patience.until_done(self._sender.find_unknown_batches)).items():
            part, generation, attempt = (int(read_count(told.get(name)) or 0) for name in _KEY)
            sending = self._campaign.sendings.get((part, generation))
            if sending and sending.stage is Stage.CREATE and attempt == sending.attempt:
                self._note("created", part=part, generation=generation, batch_id=id_)
                continue
            await self._patience.until_done(partial(self._sender.cancel, id_))
            name = sending.name if sending else "a part"
            reason = (
                f"The batch {id_} was made of {name} a second time, after an answer was lost and the platform did "
                "not list it: it was cancelled where it still ran, and what it answered is charged."
            )
            self._note("extra", batch_id=id_, reason=reason)
            self._on_note(reason)

    async def settle_all(self) -> None:
        """Settle what is in doubt for good, once the list shows what is known. Raises ApiError."""
        campaign = self._campaign
        if campaign.has_batches_in_doubt:
            listed = await self._patience.until_done(self._sender.wait_until_listed)
            if listed == bool(campaign.unlisted):
                self._note("listed", reason="" if listed else _UNLISTED)
            await self.settle_batches()
        await self._settle_uploads()

    async def _settle_uploads(self) -> None:
        """Delete second copies of files, which cost nothing. Raises ApiError."""
        if self._campaign.has_uploads_in_doubt:
            await self._patience.until_done(self._sender.delete_unknown_uploads)
