"""Planning the deletion of many objects of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from tui.resources.language.cells import pluralize
from tui.screens.places.listing.news import ListNews

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.objects import Record


class ListPlans(ListNews):
    """A list of which marked objects, or all that nobody needs, are deleted as a plan that is seen first."""

    BINDINGS = [
        Binding("P", "plan", "plan a deletion: of what is marked, or of all that nobody needs", id="list.plan")
    ]

    def action_plan(self) -> None:
        """Show what would be deleted."""
        collection = self.list_watch.collection
        shown = [self.view.record(row) for row in range(len(self.view))]
        if self.view.marks or self.resource.spare is None:
            hidden = self.view.marks - {record.id for record in shown}
            marked = [record for record in shown if record.id in self.view.marks]
            self.plan_removal([*marked, *(collection.records[id_] for id_ in hidden if id_ in collection.records)])
            return
        now = self.platform.now()
        spare = [record for record in shown if self.resource.find_spare(record, now)]
        self.plan_removal(spare)
        if spare and not collection.complete:
            count = pluralize(len(collection.records), self.resource.singular)
            self.actor.say(f"Planned from the first {count}: L loads all of them.")

    def plan_removal(self, records: Sequence[Record]) -> None:
        """Show the plan of deleting objects of this list, or say why there is none."""
        from tui.screens.workflows.removal import plan_removal

        name = self.resource.name
        if not any(action.removes for action in self.resource.actions):
            self.actor.say(f"No {name} can be deleted here.")
        elif records:
            plan_removal(self.app, self.platform, self.resource, self.scope, records)
        elif self.resource.spare:
            self.actor.say(f"Nothing here is known to be spare; mark {name} with space to plan their deletion.")
        else:
            self.actor.say(f"Mark {name} with space: P plans their deletion.")
