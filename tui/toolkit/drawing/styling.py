"""How widgets come by their styles: what the rules say of widgets that are alike is worked out once."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.app import App
from textual.cache import LRUCache
from textual.css.match import _check_selectors
from textual.css.model import CombinatorType
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode

if TYPE_CHECKING:
    from collections.abc import Hashable

    from textual.css.model import RuleSet, Selector
    from textual.css.styles import RulesMap

SOURCES = 1024  # pieces of CSS whose rules are kept; Textual keeps 64, fewer than there are classes of widgets
MARKS = ("_has_hover_style", "_has_focus_within", "_has_order_style", "_has_odd_or_even")  # as Textual sets them


class OpenSelectors(NamedTuple):
    """Selectors that fit some widgets of a kind only: they ask for more than class, id and CSS classes."""

    states: frozenset[str]
    """The pseudo classes that the widget itself must have."""
    selectors: list[Selector]
    """All of them, where they ask about widgets around it, too; else none."""

    def fits(self, node: DOMNode, path: list[DOMNode]) -> bool:
        """Return whether they fit a widget of the kind, with the widgets that lead to it."""
        return node.has_pseudo_classes(self.states) and (  # type: ignore[arg-type]
            not self.selectors or _check_selectors(self.selectors, path)
        )


class Kind(NamedTuple):
    """Widgets of the same class, id and CSS classes, and the rules that may fit them."""

    rules: list[RuleSet]
    open: list[OpenSelectors]
    found: dict[Hashable, tuple[RulesMap, dict[str, bool]]]
    """By which of them fit: the styles of the widget, and what Textual marks it with."""


class StyleMemory:
    """What was found with certain colours. It depends on nothing else, so that it outlives a stylesheet."""

    def __init__(self, colours: frozenset[tuple[str, str]]) -> None:
        self.colours = colours
        self.sources: LRUCache[Any, Any] = LRUCache(SOURCES)
        self.kinds: dict[Hashable, Kind] = {}


recall = lru_cache(8)(StyleMemory)


class RememberingStylesheet(Stylesheet):
    """A stylesheet that remembers what it found.

    Textual goes through all rules for each widget whenever something about it or about one around it changes, then
    for each component of the widget; and it draws a widget that has components again though none has changed.
    """

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        # Textual remembers no rule that depends on siblings or children; here that is part of the key.
        vars(self)["_EXCLUDE_PSEUDO_CLASSES_FROM_CACHE"] = frozenset()
        self._kinds: dict[Hashable, Kind] = {}
        self._kinds_of: object = None  # the rules that those are of
        self._recall()

    def _recall(self) -> None:
        self._memory = recall(frozenset(self._variables.items()))
        self._parse_cache = self._memory.sources

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take other colours."""
        self._parse_cache = LRUCache(1)  # Textual clears it
        super().set_variables(variables)
        self._recall()

    def reparse(self) -> None:
        """Make the rules anew, with colours that have changed."""
        self.parse()

    def apply(self, node: DOMNode, *, animate: bool = False, **_: Any) -> None:
        """Give a widget the styles that the rules have for it."""
        if self.rules_map is not self._kinds_of:
            self._kinds_of = self.rules_map
            self._kinds.clear()
        alike = type(node), node._id if f"#{node._id}" in self.rules_map else None, node.classes
        kind = self._kinds.get(alike)
        if kind is None:
            kind = self._kinds[alike] = self._find_kind(node, alike)
        path = node.css_path_nodes
        fitting = tuple([each.fits(node, path) for each in kind.open])
        if fitting in kind.found:
            rules, marks = kind.found[fitting]
            vars(node).update(marks)
            self._give(node, rules, animate)
            self._process_component_classes(node)
        else:
            found: dict[Any, RulesMap] = {}
            super().apply(node, animate=animate, cache=found)
            for rules in found.values():
                model = DOMNode()
                self.replace_rules(model, rules)  # reads what is written, such as styles of text
                kind.found[fitting] = model.styles.base.get_rules(), {mark: getattr(node, mark) for mark in MARKS}

    def _find_kind(self, node: DOMNode, alike: Hashable) -> Kind:
        """Return what is known of the widgets that are `alike`, of which `node` is one."""
        names = self.rules_map.keys() & node._selector_names
        possible = {id(rule) for rule in chain.from_iterable(self.rules_map[name] for name in names)}
        rules = [rule for rule in self.rules if id(rule) in possible]
        key = alike, *[id(rule) for rule in rules]
        if key not in self._memory.kinds:
            selectors = [each.selectors for rule in rules for each in rule.selector_set]
            found = (_find_open(each, node) for each in selectors)
            self._memory.kinds[key] = Kind(rules, [each for each in found if each], {})
        return self._memory.kinds[key]

    def _process_component_classes(self, node: DOMNode) -> None:
        """Give the components of a widget their styles, and draw it anew if one has changed."""
        changed = False
        for name in sorted(node._get_component_classes()):
            if name not in node._component_styles:
                component = DOMNode(classes=name)
                component._attach(node)
                node._component_styles[name] = component.styles
            styles = node._component_styles[name]
            before = styles.base.get_rules()
            assert styles.node
            self.apply(styles.node)
            changed |= styles.base._rules != before
        if changed:
            node.refresh()

    def _give(self, node: DOMNode, rules: RulesMap, animate: bool) -> None:
        """Give a widget the styles of these rules. What it has already, and one not shown yet, costs little."""
        styles = node.styles.base
        held, layout = styles.layout, rules.get("layout")
        if held and layout and held.name == layout.name:
            rules = {**rules, "layout": held}  # each widget has a layout of its own
        if animate and node.app.animator._animations:
            self.replace_rules(node, rules, animate=animate)
        elif styles._rules == rules:
            node.notify_style_update()
        elif not styles._rules and not node._is_mounted:
            styles.merge_rules(rules)
            styles.clear_rule("layout")
            styles.layout = layout
            node.notify_style_update()
        else:
            self.replace_rules(node, rules, animate=animate)


def _find_open(selectors: list[Selector], node: DOMNode) -> OpenSelectors | None:
    """Return what these ask of a widget besides class, id and CSS classes; None if nothing, or they never fit."""
    first = len(selectors) - 1
    while first and selectors[first].combinator is CombinatorType.SAME:
        first -= 1
    own = selectors[first:]  # those that ask about the widget itself, not about one around it
    states = frozenset().union(*(each.pseudo_classes for each in own))
    if not all(each._check(node) for each in own) or not (first or states):
        return None
    return OpenSelectors(states, selectors if first else [])


class RememberedStyles(App[None]):
    """An application whose widgets come by their styles quickly."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.stylesheet = RememberingStylesheet(variables=self.get_css_variables())
