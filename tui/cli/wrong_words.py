"""What may be meant by a first word that is neither a command nor a resource."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from tui.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MEANT: Mapping[str, str] = {
    **dict.fromkeys(("list", "ls", "show", "describe", "view", "print", "cat", "fetch", "read"), "get"),
    **dict.fromkeys(("watch", "follow", "tail"), "watch"),
    **dict.fromkeys(("rm", "remove", "del", "destroy", "purge"), "delete"),
    **dict.fromkeys(("new", "make", "add"), "create"),
    **dict.fromkeys(("update", "set", "modify", "patch", "change"), "edit"),
    **dict.fromkeys(("stop", "abort", "kill"), "cancel"),
    **dict.fromkeys(("push", "put", "send"), "upload"),
    **dict.fromkeys(("pull", "save"), "download"),
    **dict.fromkeys(("do", "exec"), "act"),
    **dict.fromkeys(("login", "logout", "status"), "auth"),
    **dict.fromkeys(("export", "backup", "dump"), "takeout"),
    **dict.fromkeys(("settings", "configure"), "config"),
    **dict.fromkeys(("serve", "server", "mock"), "sandbox"),
    **dict.fromkeys(("bill", "billing"), "costs"),
    "replay": "--replay",
    "version": "--version",
    "help": "--help",
    "manual": "man",
    "check": "batch check",
    "estimate": "batch estimate",
    "sync": "store sync",
}
"""What others call it, and how it is called here."""


def describe_wrong_word(args: Sequence[str]) -> str:
    """Return a sentence on a first word that stands for nothing, with what to write instead."""
    word, *rest = args
    return f"There is no command or resource {word}{_advise(word.lower(), rest)}"


def _advise(word: str, rest: Sequence[str]) -> str:
    """Return what to write in place of a wrong first word, to go on with a sentence."""
    meant = _MEANT.get(word)
    behind = " ".join(rest)
    if meant == "--help":
        named = f"{' '.join(rest)} " if rest and rest[0] in COMMANDS else ""
        return f": write `o9s {named}--help`."
    if meant == "watch":
        return f": write `o9s get {behind or 'RESOURCE'} --watch`, or `o9s wait ID` until it is over."
    if meant == "auth":
        return f": write `o9s auth {word}`."
    if meant == "--replay":
        return f": write `o9s --replay {behind or 'DIR'}`."
    if meant:
        return f": write `o9s {' '.join((meant, *rest)) if meant != '--version' else meant}`."
    from tui.resources.registry import find_name, list_near

    near = get_close_matches(word, COMMANDS.keys() - {"open"}, n=1, cutoff=0.66)
    resources = [] if near and rest else [find_name(each) for each in list_near(word)]
    suggested = [f"`o9s {' '.join((each, *rest))}`" for each in dict.fromkeys((*resources[:1], *near))]
    if suggested:
        return f": did you mean {' or '.join(suggested)}?"
    return ": `o9s --help` lists the commands, `o9s resources` the resources."


class Commands(click.Group):
    """A group of commands that tells of a wrong word which there are."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first word names. Raises UsageError."""
        names = self.list_commands(ctx)
        if args and args[0] not in names and not args[0].startswith("-"):
            near = get_close_matches(args[0].lower(), names, n=1)
            meant = f" Did you mean `{ctx.command_path} {near[0]}`?" if near else ""
            there = ", ".join(names)
            raise click.UsageError(
                f"`{ctx.command_path}` has no command {args[0]}.{meant} There are: {there}.", ctx
            )
        return super().resolve_command(ctx, args)
