"""What is done to the objects that the keys of a place act on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual import work

from tui.live.listeners import combine_ends
from tui.resources.language.action import Ask, Call, Fetch
from tui.resources.language.cells import with_article
from tui.resources.language.resource import title_of
from tui.screens.actions.actor import Actor
from tui.screens.actions.permissions import find_action
from tui.screens.places.frame import Frame
from tui.toolkit.terminal.clipboard import copy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui.config.settings import OwnCommand
    from tui.live.platform import Platform
    from tui.live.tasks.tasks import Task
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.screens.navigation.accounts.account import Account
    from tui.screens.navigation.history import Location
    from tui.screens.navigation.navigator import Navigator
    from tui.workflows.plan.run import PlanRun
    from tui.workflows.watch_rules.watcher import RuleWatcher

    # Objects of the platform, each with its resource and scope, by the account they are of.
    ObjectGroups = Sequence[tuple[Account, Sequence[tuple[Resource, Mapping[str, str], Record]]]]

NOT_OF_PLATFORM = "This row is no object of the platform."


class ObjectActions(Frame):
    """A place whose keys act on objects; `PlaceScreen` says which keys there are."""

    def __init__(self, navigator: Navigator, location: Location) -> None:
        super().__init__(navigator, location)
        self._end_outcomes: Callable[[], None] = lambda: None

    @property
    def actor(self) -> Actor:
        """What does actions of the resource of the objects that keys act on."""
        return self.make_actor(self.account)

    def make_actor(self, account: Account) -> Actor:
        """Return what does actions of the resource in an account."""
        return Actor(
            self.navigator.app,
            account.platform,
            self.resource,
            self.scope,
            partial(self.show_changed_of, account),
            self.navigator.routes.workflows,
        )

    # What a subclass says.

    def targets(self) -> Sequence[Record]:
        """Return the objects that keys act on."""
        return [self.record] if self.record else []

    def group_targets(self) -> Sequence[tuple[Account, Sequence[Record]]]:
        """Return the objects that keys act on by the account they are of."""
        return [(self.account, targets)] if (targets := self.targets()) else []

    def find_compared(self) -> Sequence[tuple[Account, Record]]:
        """Return the objects that are compared, each with its account: those that keys act on."""
        return [(account, record) for account, records in self.group_targets() for record in records]

    @property
    def acting(self) -> tuple[Record | None, Platform]:
        """The first object that keys act on and its platform, of several the first that may be written to."""
        groups = self.group_targets()
        if not groups:
            return self.record, self.platform
        account, records = next((each for each in groups if not each[0].is_read_only), groups[0])
        return records[0], account.platform

    def find_objects(
        self,
        account: Account,  # noqa: ARG002
        records: Sequence[Record],
    ) -> Sequence[tuple[Resource, Mapping[str, str], Record]]:
        """Return the objects of the platform that rows of an account are about, each with resource and scope."""
        return [(self.resource, self.scope, record) for record in records]

    def show_changed_of(self, account: Account, raw: dict[str, Any]) -> None:  # noqa: ARG002
        """Show an object that an action has made or changed in an account."""
        self.show_changed(raw)

    def show_changed(self, raw: dict[str, Any]) -> None:
        """Show an object that an action has made or changed."""

    # Acting.

    def on_screen_resume(self) -> None:
        """Show what an action on many objects of this list was not done to, once it is over."""
        self._end_outcomes()
        self._end_outcomes = combine_ends(*(each.platform.tasks.listen(self._hear_end) for each in self.accounts))

    def on_screen_suspend(self) -> None:
        """Leave it to `:tasks`."""
        self._end_outcomes()

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self._end_outcomes()

    def _hear_end(self, task: Task) -> None:
        from tui.workflows.plan.run import PlanRun

        if isinstance(task, PlanRun) and not task.whole and self.is_list_of(task):
            self._show_outcome(task)

    @work(group="outcome", exit_on_error=False)
    async def _show_outcome(self, run: PlanRun) -> None:
        from tui.screens.dialogs.outcome import Outcome

        await self.app.push_screen(Outcome(run))

    def action_act(self, key: str) -> None:
        """Do what the resource has on this key."""
        child = next((child for child in self.resource.children if child.key == key), None)
        if child and self.record:
            self.open_child(child.resource)
        elif action := find_action(self.resource, key, *self.acting):
            self.perform(action)
        else:
            what = with_article(self.resource.singular)
            self.actor.say(f"{what[0].upper()}{what[1:]} has nothing on {key}.")

    @work(group="compare", exclusive=True, exit_on_error=False)
    async def action_compare(self) -> None:
        """Compare as the resource has it on this key, else show how the two marked objects differ."""
        if action := find_action(self.resource, "=", *self.acting):
            self.perform(action)
        elif len(compared := self.find_compared()) == 2:  # in two accounts, too: nothing is requested for it
            owners = [account.name if self.navigator.combines else "" for account, _ in compared]
            targets = [record for _, record in compared]
            await self.navigator.routes.workflows["difference"]()(self.actor, None, *targets, owners=owners)
        else:
            self.actor.say(f"Mark two {self.resource.singular} rows with space to see how they differ.")

    def perform(self, action: Action) -> None:
        """Do an action chosen by name, in the accounts of the objects that keys act on now."""
        if action.on == "list":  # a form for a new object starts from the one under the cursor
            like = self.record if isinstance(action.does, Ask) else None
            self._act_on_list(action, self.account, [like] if like else [])
            return
        groups = self.group_targets() or [(self.account, [])]
        if len(groups) == 1 or (action.on == "many" and isinstance(action.does, Call | Fetch)):
            self._act(action, [(self.make_actor(account), list(records)) for account, records in groups])
        else:
            names = " and ".join(account.name for account, _ in groups)
            self.actor.say(
                f"{action.label.capitalize()} is for one account at a time: marked are objects of {names}.",
                bad=True,
            )

    @work(group="act", exit_on_error=False)
    async def _act(self, action: Action, orders: Sequence[tuple[Actor, Sequence[Record]]]) -> None:
        """Do an action in one account after the other, each of which is asked about."""
        for actor, records in orders:
            await actor.perform(action, records)

    @work(group="act", exit_on_error=False)
    async def _act_on_list(self, action: Action, account: Account, like: Sequence[Record]) -> None:
        """Do an action on the list; where keys act in several accounts, in the one that is chosen."""
        chosen: Account | None = account
        if len(self.acting_accounts) > 1:
            from tui.screens.navigation.accounts.choosing import choose_account

            chosen = await choose_account(self.app, f"{action.label.capitalize()} in", self.accounts, account)
        if chosen:
            await self.make_actor(chosen).perform(action, like if chosen is account else [])

    def open_child(self, name: str, cursor: str | None = None) -> None:
        """Open a child of the object that keys act on, the cursor on an object of it."""
        child, record = self.resource.child(name), self.record
        if child is None or record is None:
            return
        if child.tail:
            self.navigator.enter(self.location, record, tab=name)
        else:
            self.navigator.into(self.location, record, child, cursor)

    def group_objects(self) -> ObjectGroups:
        """Return the objects of the platform that keys act on by the account they are of."""
        found = [(account, self.find_objects(account, records)) for account, records in self.group_targets()]
        return [(account, objects) for account, objects in found if objects]

    def objects(self) -> Sequence[tuple[Resource, Mapping[str, str], Record]]:
        """Return the objects of the platform that keys act on, each with its resource and scope."""
        return [each for _, objects in self.group_objects() for each in objects]

    def own_commands(self) -> list[OwnCommand]:
        """Return the user's commands for the objects that keys act on, or for the place where there are none."""
        names = {resource.name for resource, _, _ in self.objects()} or {self.resource.name}
        return [each for each in self.navigator.own.commands if "*" in each.on or names <= set(each.on)]

    def own_refusal(self, command: OwnCommand) -> str:
        """Return why a command of the user cannot be run now, or ""."""
        from tui.screens.actions.own_commands import find_own_refusal

        return find_own_refusal(command, self._group_things())

    def _group_things(self) -> list[tuple[Platform, Sequence[tuple[Resource, Mapping[str, str], Record]]]]:
        """Return the objects that keys act on by their platforms; without any, the platform that keys act on."""
        groups = self.group_objects() or [(self.account, [])]
        return [(account.platform, objects) for account, objects in groups]

    def run_own_command(self, command: OwnCommand) -> None:
        """Run a command of the user on the objects that keys act on now."""
        self._run_own_command(command, self._group_things())

    @work(group="own", exit_on_error=False)
    async def _run_own_command(
        self,
        command: OwnCommand,
        groups: Sequence[tuple[Platform, Sequence[tuple[Resource, Mapping[str, str], Record]]]],
    ) -> None:
        from tui.screens.actions.own_commands import run_own_command

        await run_own_command(self.app, command, groups)

    def action_copy(self) -> None:
        """Copy the ids of the targets."""
        ids = [record.id for _, _, record in self.objects()]
        if ids:
            copy(self.app, "\n".join(ids))

    def action_copy_json(self) -> None:
        """Copy the targets as JSON."""
        from tui.resources.language.reading.amounts import dump_json

        raws = [record.raw for record in self.targets()]
        if raws:
            copy(self.app, dump_json(raws[0] if len(raws) == 1 else raws, indent=2, ensure_ascii=False))

    def action_watch(self) -> None:
        """Watch the targets, so that their end is told; or stop watching them."""
        self.toggle_watches(self.group_watched())

    def group_watched(self) -> ObjectGroups:
        """Return the targets, or none of the account that keys act in."""
        return self.group_objects() or [(self.account, [])]

    def toggle_watches(self, groups: ObjectGroups) -> None:
        """Watch objects, so that their end is told; or stop watching them."""
        for account, objects in groups:
            self._watch(account.session.rules, objects)

    def _watch(
        self, rules: RuleWatcher | None, objects: Sequence[tuple[Resource, Mapping[str, str], Record]]
    ) -> None:
        """Watch objects by the rules of their account, or stop watching them, and tell what is so now."""
        from tui.workflows.watch_rules.rules import RuleError

        if rules is None:
            return
        if not objects:
            self.actor.say(NOT_OF_PLATFORM)
        # Of several, those that are watched already are let go only if all of them are.
        is_end = all(record.id in rules.rules for _, _, record in objects)
        names: list[str] = []
        faults: list[str] = []
        for resource, scope, record in objects:
            if not is_end and record.id in rules.rules:
                continue
            try:
                rules.toggle(resource, scope, record)
            except RuleError as error:
                faults.append(str(error))
            except OSError as error:
                faults.append(f"What is watched cannot be kept: {error.strerror or error}.")
            else:
                names.append(title_of(resource, record) or record.id)
        if names:
            lasting = "" if rules.lasting else ", as long as the program runs"
            told = "No longer watched" if is_end else f"You are told when it is over{lasting}"
            more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
            self.actor.say(f"{told}: {names[0]}{more}.")
        elif faults:
            more = f" So it is with {len(faults) - 1:,} more." if len(faults) > 1 else ""
            self.actor.say(f"{faults[0]}{more}", bad=True)

    def action_used_by(self) -> None:
        """Show what uses the object."""
        from tui.screens.workflows.used_by import UsedBy

        if not (groups := self.group_objects()):
            self.actor.say(NOT_OF_PLATFORM)
        for account, objects in groups[:1]:
            resource, _, record = objects[0]
            self.app.push_screen(UsedBy(account.platform, resource, record))
