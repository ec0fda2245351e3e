"""A stylesheet that remembers gives widgets what Textual's own gives them, and has nothing drawn for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.containers import Grid, Horizontal, Vertical
from textual.widgets import Button, Collapsible, Input, OptionList, Static, TextArea

from tui.toolkit.drawing.styling import MARKS, RememberedStyles, RememberingStylesheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.widget import Widget


class Textuals(App[None]):
    """Widgets of many kinds, and rules that ask for all that rules can ask for."""

    CSS = """
    Static { color: red; text-style: $link-style; }
    Static:first-child { color: green; }
    Static:last-child, Static.-bad { background: blue; }
    Static.-bad.-worse { color: $error; }
    Static:even { text-style: bold; }
    Static:hover { text-style: underline; }
    #one Static { height: 2; }
    #one > Horizontal > Static { width: 5; }
    #one.-open .word { display: none; }
    #one:focus-within Static { color: yellow; }
    Vertical:disabled Static { color: grey; }
    Input:focus { border: solid $primary; }
    #one.-open Input > .input--cursor { background: red; }
    #one.-wide { layout: horizontal; }
    Grid { grid-size: 2; }
    """

    def compose(self) -> ComposeResult:
        """Yield widgets in widgets."""
        with Vertical(id="one"):
            yield Static("a", classes="word")
            with Horizontal():
                yield Static("b")
                yield Static("c", classes="-bad")
                yield Input("d", id="line")
            with Grid():
                yield Button("e")
                yield Button("f", variant="primary")
        with Vertical(id="two"):
            yield OptionList("g", "h")
            yield TextArea("i")
            with Collapsible(title="j"):
                yield Static("k")


class Remembering(RememberedStyles, Textuals):
    """The same, with the stylesheet that remembers."""


def classes(names: str, query: str) -> Callable[[Textuals], Any]:
    return lambda app: [widget.toggle_class(*names.split()) for widget in app.query(query)]


def theme(name: str) -> Callable[[Textuals], Any]:
    return lambda app: setattr(app, "theme", name)


STEPS: tuple[Callable[[Textuals], Any], ...] = (
    lambda app: None,
    lambda app: app.query_one(Input).focus(),
    classes("-open", "#one"),
    classes("-worse", "Static"),
    lambda app: app.query_one(TextArea).focus(),
    classes("-open -wide", "#one"),
    lambda app: setattr(app.query_one("#one"), "disabled", True),
    theme("textual-light"),
    lambda app: app.query_one("#two").mount(Static("l"), before=0),
    lambda app: setattr(app.query_one("#one"), "disabled", False),
    classes("-wide", "#one"),
    theme("textual-dark"),
    lambda app: app.query_one(Collapsible).remove(),
    lambda app: app.query_one("#one").mount(Vertical(Static("m"), Input("n"))),
)


def styles(app: App[None]) -> list[str]:
    """Return the styles of all widgets and their components, and what Textual marks them with, as text."""
    nodes = [
        node
        for widget in app.screen.walk_children(with_self=True)
        for node in (widget, *(styles.node for _, styles in sorted(widget._component_styles.items())))
    ]
    return [
        f"{node}: {sorted(node.styles.base.get_rules().items())} {[getattr(node, mark) for mark in MARKS]}"
        for node in nodes
        if node
    ]


async def test_every_widget_has_the_styles_that_textual_gives_it() -> None:
    async with Textuals().run_test() as usual, Remembering().run_test() as remembering:
        for number, step in enumerate(STEPS):
            found = []
            for pilot in (usual, remembering):
                with pilot.app._context():
                    step(pilot.app)  # type: ignore[arg-type]
                    await pilot.pause()
                    found.append(styles(pilot.app))
            assert len(found[0]) > 30
            assert found[1] == found[0], f"after step {number}"


async def test_each_widget_has_a_layout_of_its_own() -> None:
    async with Remembering().run_test() as pilot:
        layouts = [widget.layout for widget in pilot.app.query("Vertical, Horizontal, Grid")]
        assert len({id(layout) for layout in layouts}) == len(layouts)


async def test_what_has_the_same_styles_again_is_not_drawn_again() -> None:
    refreshed: list[Widget] = []
    async with Remembering().run_test() as pilot:
        for widget in pilot.app.query(
            "Static, Input, TextArea, Button"
        ):  # other lists draw whenever they are told
            vars(widget)["refresh"] = lambda *_, of=widget, **__: refreshed.append(of)
        pilot.app.screen.update_node_styles()
        assert not refreshed
        pilot.app.query_one("#one").add_class("-open")
        assert pilot.app.query_one(Input) in refreshed, "its cursor has another colour"
        assert not any(isinstance(widget, TextArea) for widget in refreshed)


async def test_rules_outlive_the_stylesheet_but_not_the_colours() -> None:
    async with Remembering().run_test() as first, Remembering().run_test() as second:
        one, other = first.app.stylesheet, second.app.stylesheet
        assert isinstance(one, RememberingStylesheet)
        assert one.rules[0] is other.rules[0]
        with first.app._context():
            first.app.theme = "textual-light"
            await first.pause()
        assert one.rules[0] is not other.rules[0]
