"""Commands that show something over the place: news, what is watched, requests, writes, the keys."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from typing import TYPE_CHECKING, Any

from tui.api.operation import Key
from tui.commands.context import Builtin
from tui.resources.language.cells import stamp
from tui.resources.language.reading.amounts import format_amount, read_number
from tui.resources.registry import REGISTRY
from tui.screens.actions.toast import show_toast
from tui.screens.dialogs.viewer import show_lines
from tui.screens.navigation.command import CommandError
from tui.screens.navigation.history import Location
from tui.workflows.watch_rules.rules import COSTS, ListRule

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import App

    from tui.screens.dialogs.pick import Browse, Choice
    from tui.screens.navigation.accounts.account import Account


class ShowNews(Builtin):
    """Show what has changed since the last visit."""

    name = "news"
    meaning = "what has changed since you were last here"

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Show it; the change that is chosen is opened."""
        from tui.screens.dialogs.pick import Choice

        account = await self.navigator.choose_account("News of")
        news = account.kept.overview.news
        if news.before is None:
            kept = "From now on it is kept." if news.keeps_visits else "Here none is kept."
            _show_lines(self.app, self.name, (), f"No earlier visit of this profile is known. {kept}")
            return
        changes, spent = news.changes(), news.spent()
        gaps = [Choice("", f"not compared: {why}", name) for name, why in news.gaps().items()]
        if not changes and not spent and not gaps:
            _show_lines(self.app, self.name, (), f"Nothing has changed since {stamp(news.before.at)}.")
            return
        money = [Choice("", format_amount(spent, "$"), "spent; :costs tells on what")] if spent else []
        named = [Choice(each.id, each.what, f"{each.resource.singular} {each.name}", each.id) for each in changes]
        choices = [*money, *named, *gaps]
        follow_one(self.app, f"Since {stamp(news.before.at)}", choices, account=account.platform.account)


class ShowWatched(Builtin):
    """Show what the user is told of when it is over."""

    name = "watches"
    meaning = (
        "what you are told of when it is over or stalls (W watches; ctrl+d there ends it), or a day costs more"
    )
    argument = "[DOLLARS]"

    async def run(self, argument: str) -> None:
        """Show it; the object that is chosen is opened. With an amount, watch what a day costs from now on."""
        from tui.screens.dialogs.pick import Choice
        from tui.screens.workflows.watched import WatchedScreen
        from tui.toolkit.terminal.sequences import build_title, write

        account = await self.navigator.choose_account("Watched in")
        session = account.session
        if argument:
            self._watch_costs(argument, account)
            return
        session.ended = 0
        write(self.app, build_title("o9s"))
        rules = session.rules.rules if session.rules else {}
        if not (session.rules and rules):
            nothing = "Nothing is watched. W on a batch or a job has you told of its end, * W on a list of all."
            _show_lines(self.app, self.name, (), nothing)
            return
        choices = [
            Choice(rule.id, ":costs", rule.name)
            if rule.resource == COSTS
            else Choice(rule.id, f"{len(rule.open):,} in progress, and each that comes", rule.name)
            if isinstance(rule, ListRule)
            else Choice(rule.id, rule.id, f"{rule.resource} {rule.name}")
            for rule in rules.values()
        ]
        whose = account.platform.account
        found = (rule for rule in rules.values() if isinstance(rule, ListRule))
        lists = {rule.id: partial(self._open_list, rule, whose) for rule in found}
        costs = {rule.id: self._open_costs for rule in rules.values() if rule.resource == COSTS}
        watched = WatchedScreen("You are told of these", choices, session.rules.end)
        open_chosen(self.app, watched, {**lists, **costs}, whose)

    def _open_costs(self) -> None:
        self.navigator.open_resource(REGISTRY[COSTS])

    def _open_list(self, rule: ListRule, whose: str) -> None:
        """Open the list of a rule as it is filtered."""
        resource, query = REGISTRY[rule.resource], dict(rule.query)
        self.navigator.go(Location(resource, rule.scope, filter=rule.filter, query=query, account=whose))

    def _watch_costs(self, argument: str, account: Account) -> None:
        """Watch what a day costs. Raises CommandError for what is no amount, and where that cannot be known."""
        dollars = read_number(argument.lstrip("$").replace(",", ""))
        if dollars is None or dollars <= 0:
            raise CommandError("Give dollars, such as :watches 200.")
        if account.platform.client.connection.key(Key.ADMIN) is None:
            raise CommandError("What a day costs is told to admin keys only: set OPENAI_ADMIN_KEY.")
        rules = account.session.rules
        try:
            if rules:
                rules.watch_costs(dollars)
        except OSError as error:
            raise CommandError(f"What is watched cannot be kept: {error.strerror or error}.") from None
        self.app.notify(f"You are told when a day costs more than {format_amount(dollars, '$')}.", markup=False)


class ShowRequests(Builtin):
    """Show the requests made."""

    name = "http"
    meaning = "the requests made"
    aliases = ("requests",)

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Show them over what is shown."""
        from tui.screens.dialogs.http_log import ExchangesScreen

        client = (await self.navigator.choose_account("Requests of")).platform.client
        self.app.push_screen(ExchangesScreen(client.exchanges, client.connection))


class ShowOutcome(Builtin):
    """Show which objects the last action on many was not done to."""

    name = "outcome"
    meaning = "what the last action on many objects was not done to"

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Show them over what is shown."""
        from tui.screens.dialogs.outcome import Outcome
        from tui.workflows.plan.run import find_run

        run = find_run((await self.navigator.choose_account("The last action in")).platform)
        if run is None:
            _show_lines(self.app, self.name, (), "Nothing was done to many objects yet.")
        else:
            self.app.push_screen(Outcome(run))


class ShowJournal(Builtin):
    """Show the journal of writes."""

    name = "journal"
    meaning = "the writes made from this machine"

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Show it over what is shown."""
        from tui.api.log.journal import Journal
        from tui.screens.dialogs.journal import JournalScreen

        self.app.push_screen(JournalScreen(Journal("").entries()))


class ShowDoctor(Builtin):
    """Show what works here and what does not."""

    name = "doctor"
    meaning = "what works here and what does not: terminal, keys, server"
    asks_server = True

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Look at everything, then show it."""
        from tui.config.reading import load
        from tui.headless.doctor.findings import format_findings, group_by_area
        from tui.headless.doctor.machine import examine_keys, examine_machine
        from tui.headless.doctor.server import examine_server

        client = (await self.navigator.choose_account("Look at")).platform.client
        asked = [each async for each in examine_server(client, REGISTRY, os.environ)]
        machine = await asyncio.to_thread(lambda: list(examine_machine(load(), os.environ, drawn=True)))
        found = group_by_area([*machine, *examine_keys(client.connection), *asked])
        _show_lines(self.app, self.name, list(format_findings(found)), "", wrapped=True)


class ShowFaults(Builtin):
    """Show what could not be used when the program began."""

    name = "faults"
    meaning = "what in the config, the keys and the credentials could not be used"

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Show it over what is shown, whole: first what is of no line of the config, then line after line."""
        from tui.config.listing import find_line

        faults = sorted(self.context.faults, key=find_line)
        _show_lines(self.app, self.name, faults, "Everything could be used.", wrapped=True)


class ShowHelp(Builtin):
    """Show the keys that work here."""

    name = "help"
    meaning = "every key that works here"
    aliases = ("?",)

    async def run(self, argument: str) -> None:  # noqa: ARG002
        """Show them over what is shown."""
        self.context.show_help()


def _show_lines(
    app: App[Any], title: str, lines: Sequence[str], nothing: str, note: str = "", *, wrapped: bool = False
) -> None:
    """Show lines over what is shown, or tell why there are none."""
    if not lines:
        show_toast(app, nothing)
        return
    show_lines(app, title, lines, note, wrapped=wrapped)


def follow_one(
    app: App[Any],
    title: str,
    choices: list[Choice],
    openers: Mapping[str, Callable[[], object]] | None = None,
    *,
    account: str = "",
) -> None:
    """Offer several objects of an account; the one that is chosen is opened. The command is done meanwhile.

    `openers` open, by their value, the choices that are no ids.
    """
    from tui.screens.dialogs.pick import Browse

    open_chosen(app, Browse(title, choices), openers or {}, account)


def open_chosen(
    app: App[Any], offer: Browse, openers: Mapping[str, Callable[[], object]], account: str = ""
) -> None:
    """Show an offer; what is chosen is opened, an object of an account by its id."""

    async def choose_and_open() -> None:
        from tui.screens.navigation.follow import follow

        chosen = await app.push_screen_wait(offer)
        if chosen and (open_ := openers.get(chosen[0])):
            open_()
        elif chosen and chosen[0]:
            follow(app, chosen[0], account)

    app.run_worker(choose_and_open(), exit_on_error=False)
