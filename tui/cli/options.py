"""The options of a connection, which commands share, and the connection they make."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tui.cli.completing import complete_profile
from tui.cli.output import say
from tui.sandbox.scenarios import SCENARIOS
from tui.system.terminal import find_drawing_refusal

if TYPE_CHECKING:
    from pathlib import Path

    from tui.api.credentials.connection import Connection
    from tui.config.settings import Config
    from tui.resources.language.resource import Resource

F = TypeVar("F", bound=Callable[..., Any])


def _check_recording(_ctx: click.Context, _option: click.Parameter, folder: str | None) -> Path | None:
    """Return the folder of a recording that can be replayed. Raises BadParameter for another."""
    if folder is None:
        return None
    from pathlib import Path

    from tui.sandbox.recordings import RecordingFault, read_head

    found = Path(folder)
    try:
        read_head(found)
    except RecordingFault as fault:
        raise click.BadParameter(str(fault)) from None
    return found


def _check_profile(_ctx: click.Context, _option: click.Parameter, named: str | None) -> str | None:
    """Return the profiles that are named. Raises BadParameter for nothing but blanks and commas."""
    if named is not None and not named.replace(",", "").strip():
        raise click.BadParameter("It names no profile: leave it out for the usual one.")
    return named


def check_faults(_ctx: click.Context, _option: click.Parameter, spec: str | None) -> str | None:
    """Return the faults that the sandbox is to make. Raises BadParameter for what is none."""
    if spec:
        from tui.sandbox.serving.faults import BadFault, Faults

        try:
            Faults(spec)
        except BadFault as error:
            raise click.BadParameter(f"{str(error)[0].upper()}{str(error)[1:]}.") from None
    return spec


SPEED = click.FloatRange(min=0, min_open=True)


class _ConnectionOption(click.Option):
    """An option that commands share: `o9s --help` describes it, that of a command only names the first."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return how the option is written, and what it does; None where that is not told."""
        if ctx.parent is None:
            return super().get_help_record(ctx)
        if self.name != "sandbox":
            return None
        return "--profile, --sandbox …", "Whom to connect as, and how: see o9s --help."


_option = partial(click.option, cls=_ConnectionOption)
_CONNECTION: tuple[Callable[[F], F], ...] = (
    _option(
        "--sandbox",
        type=click.Choice(list(SCENARIOS)),
        help="Start the sandbox and connect to it. "
        + " ".join(f"{name}: {what}." for name, what in SCENARIOS.items()),
        metavar="[SCENARIO]",
    ),
    _option(
        "--profile",
        metavar="NAME",
        shell_complete=complete_profile,
        callback=_check_profile,
        help="The profile of the config file to connect as; several with commas, where lists are shown.",
    ),
    _option("--base-url", metavar="URL", help="The server to talk to instead of the profile's."),
    _option("--read-only", is_flag=True, default=None, help="Refuse everything that would change the platform."),
    _option(
        "--replay",
        metavar="DIR",
        type=click.Path(file_okay=False),
        callback=_check_recording,
        help="Open a recording (o9s record) as of the time it was made.",
    ),
    _option(
        "--speed",
        type=SPEED,
        metavar="TIMES",
        help="How much faster than real the sandbox's jobs run, or time in a replay.",
    ),
    _option("--seed", type=int, help="Which of its worlds the sandbox starts with."),
    _option(
        "--faults",
        metavar="SPEC",
        callback=check_faults,
        help="Faults for the sandbox to make; `o9s sandbox --list-faults` lists them.",
    ),
)
NAMES = (*("sandbox", "replay", "profile", "base_url", "read_only", "speed", "seed", "faults", "present"),)


def connection_options(command: F) -> F:
    """Give a command the connection options, which may stand before or after its name."""
    for option in reversed(_CONNECTION):
        command = option(command)
    return command


present_option = click.option(
    "--present",
    is_flag=True,
    default=None,
    help="Hide people, keys and accounts on the screen; :present off ends it.",
)


def merge_options(ctx: click.Context, given: dict[str, Any]) -> dict[str, Any]:
    """Return the connection options of a command, completed by those given before its name. Raises UsageError."""
    levels, at = [given], ctx.parent
    while at:
        levels.append(at.params)
        at = at.parent
    found = {name: [level[name] for level in levels if level.get(name) is not None] for name in NAMES}
    merged = {name: values[0] for name, values in found.items() if values}
    others = [name for name in ("sandbox", "profile", "base_url") if merged.get(name)]
    if merged.get("replay") and others:
        raise click.UsageError(
            f"--replay takes the place of --{others[0].replace('_', '-')}: leave one of them out."
        )
    if ctx.obj is not None:
        merged["recorder"] = ctx.obj  # given by `o9s record`
    if merged.get("recorder") and "," in (merged.get("profile") or ""):
        raise click.UsageError("A recording is of one profile: name one with --profile.")
    return merged


@contextmanager
def open_connection(given: dict[str, Any], resource: Resource | None = None) -> Iterator[Connection]:
    """Give the one connection of a command that works on one account; see `open_connections`.

    Raises UsageError where several profiles are named, too.
    """
    refuse_several(given)
    with open_connections(given, resource) as (connection,):
        yield connection


def refuse_several(given: dict[str, Any]) -> None:
    """Raise UsageError where several profiles are named for a command that works on one account."""
    if given.get("sandbox") or given.get("replay"):
        return
    context = click.get_current_context(silent=True)
    command = f"`{context.command_path}`" if context else "This command"
    read_one_profile(given, f"{command} is for one profile at a time")


@contextmanager
def open_connections(given: dict[str, Any], resource: Resource | None = None) -> Iterator[list[Connection]]:
    """Give the connections for the time of a command, one for each profile; a sandbox started ends with it.

    Where only a list of one `resource` is to be read, no key is looked for that this does not need. Of several
    profiles one that cannot be used has the reason as its problem: each of its calls raises that.

    Raises ClickException where the sandbox does not start, UsageError for an unknown profile, and ApiError as
    `resolve` does for a single one.
    """
    from dataclasses import replace

    with _open_unrecorded(given, resource) as found:
        recorder = given.get("recorder")
        yield [replace(each, recorder=recorder) for each in found] if recorder else found


@contextmanager
def _open_unrecorded(given: dict[str, Any], resource: Resource | None) -> Iterator[list[Connection]]:
    """Give the connections that options ask for: to a sandbox, a replay, or as each profile says."""
    from tui.api.credentials.connection import Connection
    from tui.api.credentials.resolve import resolve
    from tui.api.credentials.several import split_profiles
    from tui.api.errors import ApiError
    from tui.api.operation import Key
    from tui.config.reading import load
    from tui.headless.lists.listing import connect_to_sandbox

    scenario, recorded = given.get("sandbox"), given.get("replay")
    if scenario or recorded:
        from tui.sandbox.serving.child import Sandbox, SandboxError

        settings = {name: given[name] for name in ("speed", "seed", "faults") if name in given}
        try:
            child = Sandbox.start(scenario=scenario or "busy", data=recorded, **settings)
        except SandboxError as error:
            raise click.ClickException(str(error)) from None
        with child:
            for note in child.notes if recorded else ():
                say(note)
            yield [connect_to_sandbox(child.url, read_only=bool(given.get("read_only")))]
        return
    config = load()
    names = split_profiles(given.get("profile"), config.profiles)
    _tell_faults(config, [name or config.default_profile for name in names])
    refuse_profiles(given, config)
    found = []
    for name in names:
        try:
            connection = resolve(
                profile=name,
                base_url=given.get("base_url"),
                read_only=bool(given.get("read_only")),
                env=os.environ,
                config=config,
                kinds=(resource.key,)
                if resource and not resource.join and not resource.listed_per
                else tuple(Key),
            )
        except ApiError as error:
            if len(names) == 1:
                raise
            connection = Connection(profile=str(name), problems=dict.fromkeys(Key, error))
        for note in connection.notes:
            say(note if len(names) == 1 else f"{name}: {note}")
        found.append(connection)
    yield found


def _tell_faults(config: Config, profiles: list[str]) -> None:
    """Print what of the config cannot be used and is of these profiles, and of the rest that there is some.

    How much that is only the whole program can tell, which takes half a second to import.
    """
    from tui.config.settings import ALL

    others = False
    for fault in config.faults:
        table, *inside = fault.way or ("",)
        is_used = (
            inside[0] in profiles if table == "profiles" and inside else table in ("profiles", "default_profile")
        )
        if is_used or fault.closes in (ALL, *profiles):
            say(fault.sentence)
        else:
            others = True
    if others:
        say("The config file has settings that cannot be used: `o9s config` lists them.")


def refuse_profiles(given: dict[str, Any], config: Config) -> None:
    """Raise UsageError for profiles that are not there, and for one address given by hand for several."""
    from tui.api.credentials.several import require_profile, split_profiles
    from tui.api.errors import UnknownProfile

    names = split_profiles(given.get("profile"), config.profiles)
    try:
        for name in filter(None, names):
            require_profile(name, config)
    except UnknownProfile as error:
        raise click.UsageError(str(error)) from None
    if given.get("base_url") and len(names) > 1:
        raise click.UsageError("--base-url is for one profile: each of several has its own in the config.")


def read_one_profile(given: dict[str, Any], why: str) -> str | None:
    """Return the profile that is named, None for the usual one. Raises UsageError, which says `why`, for more."""
    named: str | None = given.get("profile")
    if not named or "," not in named:
        return named  # and the config need not be read
    from tui.api.credentials.several import list_choices, split_profiles
    from tui.config.reading import load

    names = split_profiles(named, load().profiles)
    if len(names) > 1:
        raise click.UsageError(f"{why}: give {list_choices([str(name) for name in names])}.")
    return names[0]


def in_terminal() -> bool:
    """Return whether the screen can be drawn here."""
    return not find_drawing_refusal(os.environ)


def read_seconds(_ctx: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    """Read a length of time as seconds. Raises BadParameter for what is none."""
    if value is None:
        return None
    unit = {"s": 1, "m": 60, "h": 3600, "d": 86400}.get(value[-1:])
    number = value[:-1] if unit else value
    if not (number.isascii() and number.replace(".", "", 1).isdecimal()) or float(number) <= 0:
        raise click.BadParameter("Give a time such as 90 (seconds), 30m, 2h or 1d.")
    return float(number) * (unit or 1)


def read_span(ctx: click.Context, option: click.Parameter, value: str | None) -> float | None:
    """Read a length of time whose unit is said, as most mean days by a number alone. Raises BadParameter."""
    if value and value[-1:].isdecimal():
        raise click.BadParameter(f"Say of what: {value}d are days, {value}h hours.")
    return read_seconds(ctx, option, value)
