"""What files take, in groups: enter shows the files of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.resources.files import FILES
from tui.resources.storage import STORAGE
from tui.screens.navigation.history import Location
from tui.screens.places.base import NO_OBJECT
from tui.screens.places.listing.screen import ResourceScreen
from tui.widgets.base.bars import KeyHint
from tui.workflows.storage.groups import select_group
from tui.workflows.storage.watch import StorageWatch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tui.live.polling.watch import Watch
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.screens.navigation.accounts.account import Account
    from tui.widgets.base.freshness import Parts
    from tui.widgets.table.side import Side


class StorageScreen(ResourceScreen):
    """Lists groups of files."""

    def watch_of(self, account: Account) -> Watch:
        """Return what sums up the files."""
        used_by, platform = account.kept.used_by(), account.platform
        return platform.keep(StorageWatch, STORAGE, {}, lambda: StorageWatch(platform, used_by))

    def describe_side(self, side: Side) -> Parts:
        """Return how many groups a side lists, and when what uses the files was read."""
        told = [
            f" · {account}: {watch.as_of}" if account else f" · {watch.as_of}"
            for account, watch in side.list_watch.by_account.items()
            if isinstance(watch, StorageWatch) and watch.as_of
        ]
        return [*super().describe_side(side), *((words, "dim") for words in told)]

    def find_objects(
        self, _account: Account, _records: Sequence[Record]
    ) -> Sequence[tuple[Resource, Mapping[str, str], Record]]:
        """Return none: groups are no objects of the platform."""
        return []

    def keys(self) -> list[KeyHint]:
        """Return what enter does."""
        plan = KeyHint("Z", "plan a deletion", self.record is not None)
        return [super().keys()[0]._replace(label="show files"), plan]

    def action_enter(self) -> None:
        """Show the files of the group."""
        record = self.record
        if record is None:
            self.actor.say(NO_OBJECT)
        elif found := record.at("filter"):
            trail = (STORAGE.name,)
            owner = self.location.account
            self.navigator.go(Location(FILES, {}, "", trail, up=self.location, filter=str(found), account=owner))
        else:
            self.actor.say("No filter of the list of files shows these; o9s storage can list copies.")

    def action_plan(self) -> None:
        """Show what of the group under the cursor would be deleted: the files that nothing uses."""
        if self.record is None:
            self.actor.say(NO_OBJECT)
            return
        now = self.platform.now()
        files = list(self.platform.watch(FILES).collection.records.values())
        spare = [each for each in select_group(files, now, self.record.id) if FILES.find_spare(each, now)]
        if spare:
            from tui.screens.workflows.plans.removal import plan_removal

            plan_removal(self.app, self.platform, FILES, {}, spare)
        else:
            self.actor.say("Nothing of this group is known to be unused.")

    def action_full(self) -> None:
        """Show the files likewise: a group is no object by itself."""
        self.action_enter()
