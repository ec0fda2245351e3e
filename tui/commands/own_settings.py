"""What of the config only the whole program can tell to be wrong: names of resources, words, columns, keys."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tui.api.credentials.server_settings import find_faults as find_profile_faults
from tui.commands.keymap import build_keymap, find_key_fault
from tui.commands.routes import ROUTES
from tui.config.settings import USUAL_PLACES
from tui.config.source import called
from tui.live.combined.rows import PROFILE
from tui.live.lists.query import QueryError, expand_saved, find_saved, parse
from tui.live.lists.sorting import NEEDS
from tui.resources.language.column import CellContext
from tui.resources.registry import REGISTRY, UnknownResource, find_name, lookup, lookup_place
from tui.screens.navigation.accounts.session import Own
from tui.screens.navigation.completion import find_line_fault
from tui.toolkit.keys.key_names import key_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tui.config.settings import Config, OwnCommand, OwnView
    from tui.config.source import Way
    from tui.resources.language.resource import Resource

_NEEDS = "needs"  # what sorting by need is called in the config


class OwnSettings:
    """What the user has added and can be used, and notices on the rest. It imports every screen that there is."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.keymap, self.notices = build_keymap(config.keys, config.source)
        """Keys in the place of others, and sentences on what cannot be used."""
        aliases, dead_ends = config.aliases, frozenset[str]()
        if config.aliases or config.places != USUAL_PLACES:
            from tui.commands.builtin import find_words

            words = find_words()
            aliases = dict(self._check_aliases(words))
            dead_ends = frozenset(self._check_places({*words, *aliases}))
        self._check_start()
        self._check_profiles()
        self.own = Own(
            commands=tuple(self._check_commands()),
            views={view.name: view for view in self._check_views()},
            aliases=aliases,
            filters=dict(self._check_filters()),
            dead_ends=dead_ends,
        )

    def _note(self, way: Way, sentence: str) -> None:
        self.notices.append(f"{self._config.source.at(*way)}{sentence}")

    # The user's words and places.

    def _check_aliases(self, words: set[str]) -> Iterator[tuple[str, str]]:
        """Yield the words of the user that lead somewhere; what o9s calls so itself stays what it is."""
        for word, line in self._config.aliases.items():
            if find_name(word) or word in words:
                self._note(("aliases", word), f"aliases.{word} is a word of o9s itself; call it otherwise.")
            elif " " in word.strip() or not word.strip():
                self._note(
                    ("aliases", word), f"aliases.{word} is no word: : takes what stands before the first blank."
                )
            elif (other := line.split()[0]) in self._config.aliases and find_line_fault(other, words):
                self._note(
                    ("aliases", word),
                    f"aliases.{word} stands on {other}, another alias, which none can; write out what is meant.",
                )
            elif fault := find_line_fault(line, words):
                self._note(("aliases", word), f"aliases.{word} leads nowhere: {fault}")
            else:
                yield word, line

    def _check_places(self, words: Collection[str]) -> Iterator[str]:
        """Yield the places that lead nowhere."""
        for place in self._config.places:
            if fault := find_line_fault(place, words):
                self._note(("places",), f"places leads nowhere: {fault}")
                yield place

    def _check_start(self) -> None:
        start = self._config.start
        try:
            if start != "last":
                lookup_place(start)
        except UnknownResource as error:
            self._note(("start",), f"start leads nowhere: {error}")

    def _check_filters(self) -> Iterator[tuple[str, str]]:
        saved = self._config.filters
        for name, text in saved.items():
            at, others = ("filters", name), [each for each in find_saved(text) if each in saved]
            if find_saved(f"@{name}") != [name]:
                self._note(at, f"filters.{name} cannot be meant by @{name}: use letters, digits, - and _ alone.")
                continue
            if others:
                self._note(
                    at,
                    f"filters.{name} stands on @{others[0]}, which filters cannot; write out what is meant by it.",
                )
                continue
            try:
                parse(text)
            except QueryError as error:
                self._note(at, f"filters.{name} cannot be used: {error.message}")
            else:
                yield name, text

    def _check_profiles(self) -> None:
        """Note what would be refused as soon as a profile is used."""
        for name, profile in self._config.profiles.items():
            for way, fault in find_profile_faults(profile):
                at: Way = ("profiles", name, *way)
                self._note(at, f"{called(at)}: {fault}")

    # How lists are shown.

    def _check_views(self) -> Iterator[OwnView]:
        """Yield how lists are shown, each with the name of its resource and without what it cannot show."""
        for name, view in self._config.views.items():
            try:
                resource = lookup(name)
            except UnknownResource as error:
                self._note(("views", name), f"views.{name} is for no list. {error}")
                continue
            at: Way = ("views", name)
            rules = (
                replace(rule, when=expand_saved(rule.when, self._config.filters))
                for rule in view.colours
                if not self._has_fault(resource, rule.when, (*at, "colours", rule.number, "when"))
            )
            yield replace(
                view,
                name=resource.name,
                columns=tuple(each for each in view.columns if self._has_column(resource, each, (*at, "columns"))),
                sort=self._read_sort(resource, view.sort, (*at, "sort")),
                filter="" if self._has_fault(resource, view.filter, (*at, "filter")) else view.filter,
                colours=tuple(rules),
            )

    def _has_column(self, resource: Resource, name: str, way: Way) -> bool:
        if resource.column_at(name):
            return True
        known = [*(column.name for column in resource.columns), *resource.model.model_fields]
        near = get_close_matches(name.lower(), known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known[: len(resource.columns)])}."
        self._note(way, f"{called(way)}: {resource.name} have no column {name}; {hint}")
        return False

    def _read_sort(self, resource: Resource, sort: str, way: Way) -> str:
        """Return what a view sorts by as a list calls it; "" for nothing."""
        sign, name = ("-" if sort.startswith("-") else ""), sort.removeprefix("-")
        if name.lower() == _NEEDS:
            return f"{sign}{NEEDS.header}"
        if not name or not self._has_column(resource, name, way):
            return ""
        column = resource.column_at(name)
        return f"{sign}{column.header}" if column else ""

    def _has_fault(self, resource: Resource, text: str, way: Way) -> bool:
        """Return whether a filter cannot be used in a list, after noting why."""
        try:
            query = parse(expand_saved(text, self._config.filters))
            query.bind(
                resource.columns, lambda _: CellContext(0.0), lambda: 0.0, (*resource.model.model_fields, PROFILE)
            )
        except QueryError as error:
            self._note(way, f"{called(way)} cannot be used: {error.message}")
            return True
        return False

    # The user's commands.

    def _check_commands(self) -> Iterator[OwnCommand]:
        """Yield the commands that can be used, with the names of their resources."""
        taken: list[OwnCommand] = []
        for command in self._config.commands:
            before = len(self.notices)
            found = self._check_command(command, taken)
            if len(self.notices) == before:
                taken.append(found)
                yield found

    def _check_command(self, command: OwnCommand, others: list[OwnCommand]) -> OwnCommand:
        """Return a command with the names of its resources, after noting all that is wrong with it."""
        from tui.workflows.own_commands import find_faults

        at: Way = ("commands", command.number)
        names = []
        for name in command.on:
            try:
                names.append("*" if name == "*" else lookup(name).name)
            except UnknownResource as error:
                self._note((*at, "on"), f"{called(at)}.on is wrong, so it is ignored. {error}")
        found = replace(command, on=tuple(names))
        for fault in find_faults(command):
            self._note((*at, "run"), f"{called(at)}.run cannot be filled, so it is ignored: {fault}.")
        if fault := find_key_fault(command.key, self.keymap, _find_places(names)) or _find_rival(found, others):
            self._note((*at, "key"), f"{called(at)} cannot have {command.key}, {fault}")
        return found


def _find_places(names: Collection[str]) -> set[object]:
    """Return the classes of the places that show objects of these resources; "*" is all."""
    shown = REGISTRY.values() if "*" in names else [REGISTRY[name] for name in names]
    own = {screen() for name, screen in ROUTES.screens.items() if name in {each.screen for each in shown}}
    return {ROUTES.listing(), ROUTES.object(), ROUTES.setting(), *own}


def _find_rival(command: OwnCommand, others: list[OwnCommand]) -> str:
    """Return the clause on another command that has the key for the same objects; "" if there is none."""
    for other in others:
        shared = "*" in (*command.on, *other.on) or set(command.on) & set(other.on)
        if shared and key_name(command.key) == key_name(other.key):
            return f"which commands[{other.number + 1}] has."
    return ""
