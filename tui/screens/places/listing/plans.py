"""Planning the deletion of many objects of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from tui.live.combined.rows import find_own
from tui.resources.language.cells import pluralize
from tui.screens.places.listing.news import ListNews

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.objects import Record
    from tui.screens.navigation.accounts.account import Account


class ListPlans(ListNews):
    """A list of which marked objects, or all that nobody needs, are deleted as a plan that is seen first."""

    BINDINGS = [
        Binding("Z", "plan", "plan a deletion: of what is marked, or of all that nobody needs", id="list.plan")
    ]

    def action_plan(self) -> None:
        """Show what would be deleted, of one account."""
        groups = self.group_targets()
        if len(groups) > 1:
            self.actor.say("A plan is for one account at a time, and objects of several are marked.", bad=True)
            return
        account = groups[0][0] if groups else self.account
        if self.view.marks or self.resource.spare is None:
            self.plan_removal(account, groups[0][1] if self.view.marks and groups else [])
            return
        rows = (self.view.record(row) for row in range(len(self.view)))
        shown = [own for row in rows if (own := find_own(row, account.name))]
        now = account.platform.now()
        spare = [record for record in shown if self.resource.find_spare(record, now)]
        self.plan_removal(account, spare)
        collection = self.list_watch.collection
        if spare and not collection.complete:
            count = pluralize(len(collection.records), self.resource.singular)
            self.actor.say(f"Planned from the first {count}: L loads all of them.")

    def plan_removal(self, account: Account, records: Sequence[Record]) -> None:
        """Show the plan of deleting objects of this list in an account, or say why there is none."""
        from tui.screens.workflows.plans.removal import plan_removal

        name = self.resource.name
        if not any(action.removes for action in self.resource.actions):
            self.actor.say(f"No {name} can be deleted here.")
        elif records:
            plan_removal(self.app, account.platform, self.resource, self.scope, records)
        elif self.resource.spare:
            self.actor.say(f"Nothing here is known to be spare; mark {name} with space to plan their deletion.")
        else:
            self.actor.say(f"Mark {name} with space: Z plans their deletion.")
