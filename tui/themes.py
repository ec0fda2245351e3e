"""The colours: one accent for what moves, one for warnings, one for failures, and calm everywhere else."""

from __future__ import annotations

import os
from dataclasses import fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from textual.app import App, InvalidThemeError
from textual.color import Color, ColorParseError
from textual.screen import SystemModalScreen
from textual.theme import BUILTIN_THEMES, Theme

from tui.toolkit.terminal import ground
from tui.toolkit.terminal.sequences import write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_CHOSEN = "73"
"""How much of the primary colour the line has that a key acts on, as the last byte of a colour: it is told from
the others without colour, too."""

DARK = Theme(
    name="o9s-dark",
    primary="#4f8ac9",
    secondary="#8fa3b8",
    accent="#58b5c9",
    warning="#dba64a",
    error="#e0737b",
    success="#86b86b",
    foreground="#d3d9e0",
    background="#12161b",
    surface="#181d23",
    panel="#1f262e",
    dark=True,
    variables={"block-cursor-blurred-background": f"#4f8ac9{_CHOSEN}"},
)

LIGHT = Theme(
    name="o9s-light",
    primary="#2b6cb0",
    secondary="#4a5a6a",
    accent="#0b6f86",
    warning="#96590a",
    error="#b3202c",
    success="#2f7030",
    foreground="#1d242b",
    background="#fbfbf9",
    surface="#f2f3f1",
    panel="#e4e8e8",
    dark=False,
    variables={"block-cursor-blurred-background": f"#2b6cb0{_CHOSEN}"},
)


AUTO = "auto"
"""The name, in the config, of what follows the terminal."""
# The fields of a theme that are no colours.
_KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "dark": ((bool,), "true or false"),
    "ansi": ((bool,), "true or false"),
    "luminosity_spread": ((int, float), "a number"),
    "text_alpha": ((int, float), "a number"),
    "variables": ((dict,), "a table of colours"),
}
_FEW = {True: "ansi-dark", False: "ansi-light"}  # in the sixteen colours of the terminal
_MANY = {True: DARK.name, False: LIGHT.name}


def choose_theme(env: Mapping[str, str]) -> str:
    """Return the theme to start with: the terminal's own sixteen colours where it has no more."""
    term = env.get("TERM", "")
    many = env.get("COLORTERM") in ("truecolor", "24bit") or "256" in term or "direct" in term
    known = env.get("TERM_PROGRAM") or term in ("xterm-kitty", "alacritty", "foot", "xterm-ghostty")
    # COLORFGBG is "foreground;background"; from 7 on the background is a light one.
    ground = env.get("COLORFGBG", "").rpartition(";")[2]
    is_dark = not (ground.isdigit() and int(ground) in (7, 15))
    return (_MANY if many or known or "NO_COLOR" in env else _FEW)[is_dark]


def read_themes(folder: Path) -> tuple[list[Theme], list[str]]:
    """Return the themes in the files of a folder, and a sentence on each file that is none."""
    found, faults = [], []
    try:
        paths = sorted(folder.glob("*.toml"))
    except OSError as error:
        return [], [f"{folder} cannot be read ({error.strerror}): there are no themes of your own."]
    for path in paths:
        try:
            found.append(_read_theme(path))
        except (OSError, ValueError, TypeError, RecursionError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            faults.append(f"The theme {path.name} cannot be used: {str(reason).rstrip('.')}.")
    return found, faults


def _read_theme(path: Path) -> Theme:
    """Return the theme of a file. Raises OSError where it cannot be read, ValueError where it is none."""
    import tomllib  # few have such files

    values: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    known = [field.name for field in fields(Theme) if field.name != "name"]
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"it sets {name}, but a theme has {', '.join(known)}")
        wanted = _KINDS.get(name)
        if wanted is None:
            _check_colour(name, value)
        elif not isinstance(value, wanted[0]) or (isinstance(value, bool) and bool not in wanted[0]):
            raise ValueError(f"{name} must be {wanted[1]}")
    for name, value in values.get("variables", {}).items():
        _check_colour(f"variables.{name}", value)
    if "primary" not in values:
        raise ValueError("it sets no primary, the one colour that a theme needs")
    return Theme(name=path.stem, **values)


def _check_colour(name: str, value: object) -> None:
    try:
        Color.parse(value if isinstance(value, str) else "")
    except ColorParseError:
        raise ValueError(f"{name} is no colour: {value!r}") from None


def find_theme_fault(chosen: str | None, folder: Path) -> str:
    """Return the sentence on a theme that is neither one of o9s, nor of Textual, nor in a folder; "" for one."""
    known = {AUTO, DARK.name, LIGHT.name, *BUILTIN_THEMES, *(theme.name for theme in read_themes(folder)[0])}
    return "" if chosen in (None, *known) else _describe_unknown(str(chosen), known)


def _describe_unknown(theme: str, known: Iterable[str]) -> str:
    near = get_close_matches(theme, list(known), n=1)
    return f"There is no theme {theme}; {f'did you mean {near[0]}?' if near else ':theme lists them.'}"


class Themed(App[None]):
    """Has the themes of the user, and is dark or light as the terminal where the user chose none."""

    follows_terminal = False
    """Whether the colours follow the terminal's: read by the driver, which asks for them."""

    def start_theme(
        self, chosen: str | None, folder: Path, env: Mapping[str, str], at: Callable[[str], str] = lambda _: ""
    ) -> list[str]:
        """Begin with the theme that was chosen, or with what fits the terminal. Returns what could not be used.

        `at` tells where a setting stands.
        """
        own, faults = read_themes(folder)
        for theme in (DARK, LIGHT, *own):
            self.register_theme(theme)
        self.follows_terminal = chosen in (None, "", AUTO)
        self.theme = choose_theme(env)
        if chosen and not self.follows_terminal:
            try:
                self.theme = chosen
            except InvalidThemeError:
                self.follows_terminal = True
                faults.append(f"{at('theme')}{_describe_unknown(chosen, self.available_themes)}")
        return faults

    def follow_terminal(self, follow: bool) -> None:
        """Follow the terminal's colours from now on, or no longer."""
        self.follows_terminal = follow
        if follow:
            self.theme = choose_theme(os.environ)
            write(self, ground.FOLLOW)

    def refresh_css(self, animate: bool = True) -> None:
        """Take other colours everywhere: in an open palette too, which Textual leaves out."""
        super().refresh_css(animate)
        if self.screen_stack and isinstance(self.screen, SystemModalScreen):
            self.stylesheet.update(self.screen, animate=animate)

    def on_ground_told(self, event: ground.GroundTold) -> None:
        """Take the theme that fits the terminal's background."""
        if self.follows_terminal:
            few = choose_theme(os.environ) in _FEW.values()
            self.theme = (_FEW if few else _MANY)[event.is_dark]
