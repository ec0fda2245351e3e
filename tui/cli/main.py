"""The command line. Nothing heavy is imported until a command needs it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from tui import __version__
from tui.cli import batch as batch_commands
from tui.cli import spending as spending_commands
from tui.cli.options import aside, connected, connecting, failing, merged
from tui.cli.options import output as written
from tui.sandbox.scenarios import SCENARIOS

_EXAMPLES = """\b
Examples:
  o9s --sandbox                 explore a platform on this machine: no key, no network
  o9s                           your batches, live (OPENAI_API_KEY)
  o9s files --read-only         files, and nothing that changes anything
  o9s get batches -o csv        the same list for a pipe
  o9s batch wait ID --salvage   wait for a batch, keep its results
  o9s costs --by project,key    what the last 30 days cost
  o9s sandbox --port 8090       serve the sandbox for any client
  o9s bindings                  the ids of all keys, to change them
  o9s auth login                keep a key in the system's keyring

In the program: ? for every key, : to go anywhere, / to filter, q to go back, ctrl+q to quit.
"""


class _Group(click.Group):
    """A group whose first word may also be a resource, and whose --sandbox may stand without a scenario."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with written():  # help and version are printed while arguments are read
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with written():
            return super().invoke(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _named_scenario(args))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            args = ["open", *args]
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in super().list_commands(ctx) if name != "open"]


def _named_scenario(args: list[str]) -> list[str]:
    """Give every bare --sandbox its scenario: the word after it when that is one, else `busy`."""
    named: list[str] = []
    rest = list(args)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return [*named, word, *rest]
        if word == "--sandbox":
            word = f"--sandbox={rest.pop(0) if rest and rest[0] in SCENARIOS else 'busy'}"
        named.append(word)
    return named


def _complete_resource(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[str]:
    from tui.resources.registry import REGISTRY

    return [name for name in REGISTRY if name.startswith(typed)]


@click.group(
    cls=_Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EXAMPLES,
    subcommand_metavar="[RESOURCE | COMMAND] [ARGS]...",
)
@click.version_option(__version__, "--version", prog_name="o9s")
@connecting
@click.pass_context
def cli(ctx: click.Context, /, **_options: Any) -> None:
    """The OpenAI platform in a terminal.

    Without a command it opens the program, on RESOURCE (batches, files, fine-tuning, models …) if one is named.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(open_, resource="batches")


@cli.command("open", hidden=True)
@click.argument("resource", shell_complete=_complete_resource)
@connecting
@click.pass_context
def open_(ctx: click.Context, /, resource: str, **options: Any) -> None:
    """Open the program on a resource."""
    from tui.system import terminal

    given = merged(ctx, options)
    if resource.startswith("-"):
        raise click.NoSuchOption(resource)
    _known(resource)
    if refused := terminal.drawing_refusal(os.environ):
        raise click.UsageError(refused)
    terminal.prepare_environment(os.environ)
    from tui.app import Start, run

    terminal.leave(run(Start(resource=resource, **given)))


def _known(resource: str) -> None:
    """Refuse an unknown resource now; the usual ones need no registry to know."""
    if resource in ("batches", "files", "fine-tuning", "models"):
        return
    from tui.resources.registry import UnknownResource, lookup

    try:
        lookup(resource)
    except UnknownResource as error:
        raise click.UsageError(str(error)) from None


@cli.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="0 picks a free one.", show_default=True)
@click.option("--scenario", type=click.Choice(list(SCENARIOS)), default="busy", show_default=True)
@click.option("--speed", type=float, default=1.0, show_default=True, help="How much faster than real jobs run.")
@click.option("--seed", type=int, default=1, show_default=True, help="Which world it starts with.")
@click.option("--faults", metavar="SPEC", default="", help="Faults to make: name[=value][@[METHOD ]path][xN], …")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Keep its state in this folder.")
def sandbox(port: int, scenario: str, speed: float, seed: int, faults: str, data: Path | None) -> None:
    """Serve the sandbox on 127.0.0.1 for any client.

    The first line printed is its base URL. It takes any key that starts with sk-; the organization's paths want
    one that starts with sk-admin-.
    """
    from tui.sandbox.serving.server import serve

    serve(port=port, scenario=scenario, speed=speed, seed=seed, faults=faults, data=data)


@cli.command()
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def resources(output: str) -> None:
    """List every resource with its operations."""
    from tui.headless.listing import resources as told

    for row in told(output):
        click.echo(row)


@cli.command()
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def bindings(output: str) -> None:
    """List every key binding: the ids that [keys] in the config file may give other keys."""
    import json

    import tui.app  # noqa: F401 (it has bindings, too)
    from tui.commands.keymap import listing
    from tui.headless.listing import aligned

    names, rows = ("id", "keys", "does", "where"), listing()
    if output == "json":
        click.echo(json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=2))
        return
    for row in aligned([name.upper() for name in names], rows, ["left"] * 4):
        click.echo(row)


@cli.command(
    epilog="""\b
Exit codes: 0 done, 1 the platform or the link failed, 2 wrong usage, 3 no such object, 4 no access,
6 the output could not be written, 7 printed, but not whole: standard error says what is missing,
141 its reader ended first (as with `| head -1`).
"""
)
@click.argument("resource", shell_complete=_complete_resource)
@click.argument("id", required=False)
@click.option("--in", "parents", multiple=True, metavar="PARENT_ID", help="What it is in, outermost first.")
@click.option(
    "-o", "--output", type=click.Choice(["table", "json", "jsonl", "csv"]), default="table", show_default=True
)
@click.option("--limit", type=click.IntRange(min=1), help="At most so many; without it, all.")
@connecting
@click.pass_context
def get(
    ctx: click.Context,
    /,
    resource: str,
    id: str | None,  # noqa: A002
    parents: tuple[str, ...],
    output: str,
    limit: int | None,
    **options: Any,
) -> None:
    """Print a list, or one object, without a screen."""
    from tui.headless.listing import get as lines
    from tui.resources.registry import lookup

    _known(resource)
    missing = False

    def told(sentence: str, lasting: bool) -> None:
        nonlocal missing
        missing = missing or lasting
        aside(sentence, lasting)

    with failing(), connected(merged(ctx, options)) as connection:
        for row in lines(
            connection, lookup(resource), id, parents, limit, output, told, lambda said: aside(said, True)
        ):
            click.echo(row)
    if missing:
        from tui.headless.listing import NOT_WHOLE

        sys.exit(NOT_WHOLE)


cli.add_command(batch_commands.batch)
cli.add_command(spending_commands.costs)
cli.add_command(spending_commands.usage)


@cli.group()
def auth() -> None:
    """Keys: keep one in the system's keyring, forget it, see which is used."""


@auth.command()
@click.option("--with-key", is_flag=True, help="Read the key from standard input, for scripts.")
@connecting
@click.pass_context
def login(ctx: click.Context, /, with_key: bool, **options: Any) -> None:
    """Keep a key in the system's keyring. The key is asked for, or read from standard input; never an argument."""
    from tui.api.credentials import resolve as credentials
    from tui.api.errors import ApiError

    given = merged(ctx, options)
    try:
        _know_profile(given)
        with connected(given) as connection:
            # All that is piped in: of a key with a line break inside the first part alone is no key.
            piped = with_key and not sys.stdin.isatty()
            text = sys.stdin.read(4096) if piped else click.prompt("Key (not shown)", hide_input=True)
            kind = credentials.login(connection.profile, text, connection.host)
    except ApiError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"The {kind} key of profile {connection.profile} is in the keyring, for {connection.host} only.")


def _know_profile(given: dict[str, Any]) -> None:
    """Write a new profile down, so that its keys can be found again."""
    from tui.api.credentials.resolve import check_base_url
    from tui.config import Profile, load, save_profile

    name, url = given.get("profile"), given.get("base_url")
    if name and name not in load().profiles:
        try:
            save_profile(Profile(name, base_url=check_base_url(url) if url else None))
        except (OSError, ValueError) as error:
            raise click.ClickException(f"The profile cannot be written down: {error}.") from None


@auth.command()
@connecting
@click.pass_context
def logout(ctx: click.Context, /, **options: Any) -> None:
    """Forget a profile's keys."""
    from tui.api.credentials import resolve as credentials
    from tui.api.errors import ApiError
    from tui.config import load

    profile = merged(ctx, options).get("profile") or load().default_profile
    try:
        gone = credentials.logout(profile)
    except ApiError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"Forgot {' and '.join(f'the {kind} key' for kind in gone) or 'nothing: there was no key'}.")


@auth.command()
@connecting
@click.pass_context
def status(ctx: click.Context, /, **options: Any) -> None:
    """Tell whom o9s would connect as, and where each key comes from. Keys are masked."""
    from tui.api.credentials import resolve as credentials
    from tui.api.errors import ApiError

    try:
        with connected(merged(ctx, options)) as connection:
            for label, value in credentials.status(connection, os.environ):
                click.echo(f"{label:<14}{value}")
    except ApiError as error:
        raise click.ClickException(str(error)) from None


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell, such as: eval "$(o9s completion bash)"."""
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    if kind is None:
        raise click.ClickException(f"There is no completion for {shell}.")
    click.echo(kind(cli, {}, "o9s", "_O9S_COMPLETE").source())


@cli.command("reset-terminal")
def reset_terminal() -> None:
    """Make a terminal usable again after a program in it was killed outright."""
    from tui.system.terminal import RESET

    click.echo(RESET, nl=False)


def main() -> None:
    """Run the command line."""
    from tui.system.terminal import prepare_streams
    from tui.toolkit.crash_report import guard_excepthook

    closed = prepare_streams()
    guard_excepthook()
    if "stdout" in closed:
        sys.stderr.write(
            "Standard output is closed: there is nowhere to print to. Send it to a file or /dev/null.\n"
        )
        sys.exit(2)
    cli(prog_name="o9s")
