"""`o9s auth`: keys kept in the system's keyring."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from tui.cli.options import connection_options, merge_options, open_connection, read_one_profile
from tui.cli.output import end_on_error, print_lines
from tui.cli.wrong_words import Commands

_FAILED = 1
_CODES = "Exit codes: 0 done, 1 it could not be done: standard error says why, 2 wrong usage."


@click.group(cls=Commands)
def auth() -> None:
    """Keep a key in the keyring, forget it, see which is used."""


@auth.command(epilog=_CODES)
@click.option("--with-key", is_flag=True, help="Read the key from standard input, for scripts.")
@connection_options
@click.pass_context
def login(ctx: click.Context, /, with_key: bool, **options: Any) -> None:
    """Keep a key in the system's keyring.

    The key is asked for, or read from standard input; it is never an argument.
    """
    from tui.api.credentials import resolve as credentials

    given = merge_options(ctx, options)
    given["profile"] = read_one_profile(given, "A key is kept for one profile")
    with end_on_error(_FAILED):
        _save_new_profile(given)
        with open_connection(given) as connection:
            # All that is piped in: of a key with a line break inside the first part alone is no key.
            piped = with_key and not sys.stdin.isatty()
            text = sys.stdin.read(4096) if piped else _ask_for_key()
            kind = credentials.login(connection.profile, text, connection.host)
    print_lines([f"The {kind} key of profile {connection.profile} is in the keyring, for {connection.host} only."])


def _ask_for_key() -> str:
    """Ask for the key on the terminal, without showing it."""
    from tui.system.hidden_prompt import ask_hidden

    try:
        return ask_hidden("Key (not shown): ")
    except EOFError:
        raise click.Abort from None
    except OSError as error:
        raise click.ClickException(
            f"There is no terminal to ask for the key ({error.strerror}). --with-key reads it from standard input."
        ) from None


def _save_new_profile(given: dict[str, Any]) -> None:
    """Write a profile that the config file lacks, so that its keys are found again. Raises ClickException."""
    from tui.api.credentials.connection import check_base_url
    from tui.config.reading import load
    from tui.config.settings import Profile
    from tui.config.writing import save_profile

    name, url = given.get("profile"), given.get("base_url")
    if name and name not in load().profiles:
        try:
            save_profile(Profile(name, base_url=check_base_url(url) if url else None))
        except (OSError, ValueError) as error:
            raise click.ClickException(f"The profile cannot be written down: {error}.") from None


@auth.command(epilog=_CODES)
@connection_options
@click.pass_context
def logout(ctx: click.Context, /, **options: Any) -> None:
    """Forget a profile's keys, and what was last seen and read."""
    from tui.api.credentials import resolve as credentials
    from tui.config.reading import load
    from tui.system import last_read, last_seen

    named = read_one_profile(merge_options(ctx, options), "Keys are forgotten of one profile")
    profile = named or load().default_profile
    with end_on_error(_FAILED):
        gone = credentials.logout(profile)
    last_seen.forget()
    last_read.forget()
    print_lines([f"Forgot {' and '.join(f'the {kind} key' for kind in gone) or 'nothing: there was no key'}."])


@auth.command(epilog=_CODES)
@click.option("--yes", is_flag=True, help="Do not ask, for scripts.")
@connection_options
@click.pass_context
def trust(ctx: click.Context, /, yes: bool, **options: Any) -> None:
    """Allow a host that is not OpenAI's to get the environment's keys.

    The host is that of the profile, or of --base-url. Whoever runs it can use the keys. It is asked once for each
    host and key; `trust` in a profile of the config names hosts that are never asked about.
    """
    from tui.api.credentials.trust import Untrusted, allow

    with end_on_error(_FAILED), open_connection(merge_options(ctx, options)) as connection:
        asked = [each for each in connection.problems.values() if isinstance(each, Untrusted)]
        if not asked:
            print_lines([f"There is nothing to allow: no key of the environment waits for {connection.host}."])
        for problem in asked:
            key = f"{problem.secret} of {problem.source}"
            if not yes:
                click.confirm(f"Send the key {key} to {problem.host}?", abort=True, err=True)
            allow(problem)
            print_lines([f"The key {key} may go to {problem.host} from now on."])


@auth.command()
@connection_options
@click.pass_context
def status(ctx: click.Context, /, **options: Any) -> None:
    """Tell whom o9s would connect as, and where each key comes from. Keys are masked.

    Exit codes: 0 done, 1 it cannot connect so, or the default profile is not in the config file, 2 wrong usage.
    """
    from tui.api.credentials import resolve as credentials
    from tui.config.reading import load

    given = merge_options(ctx, options)
    with end_on_error(_FAILED), open_connection(given) as connection:
        status = dict(credentials.describe_status(connection, os.environ))
        name = connection.profile
        is_there = given.get("sandbox") or given.get("replay") or name in {"default", *load().profiles}
        if not is_there:
            status["profile"] += ", which is not in the config file: it has what the environment says"
        print_lines(f"{label:<14}{value}" for label, value in status.items())
        if not is_there:
            sys.exit(_FAILED)
