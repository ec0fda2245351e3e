"""The colours: one accent for what moves, one for warnings, one for failures, and calm everywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Mapping

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
)


def choose_theme(env: Mapping[str, str]) -> str:
    """The theme to start with: the terminal's own sixteen colours where it has no more."""
    term = env.get("TERM", "")
    many = env.get("COLORTERM") in ("truecolor", "24bit") or "256" in term or "direct" in term
    known = env.get("TERM_PROGRAM") or term in ("xterm-kitty", "alacritty", "foot", "xterm-ghostty")
    if not (many or known or "NO_COLOR" in env):
        return "ansi-dark"
    # COLORFGBG is "foreground;background"; from 7 on the background is a light one.
    ground = env.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT.name if ground.isdigit() and int(ground) in (7, 15) else DARK.name
