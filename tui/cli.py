"""The command line. Nothing heavy is imported until a command needs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from tui import __version__
from tui.sandbox.scenarios import SCENARIOS

if TYPE_CHECKING:
    from tui.api.credentials import Connection

F = TypeVar("F", bound=Callable[..., Any])

_EXAMPLES = """\b
Examples:
  o9s --sandbox                 explore a platform on this machine: no key, no network
  o9s                           your batches, live (OPENAI_API_KEY)
  o9s files --read-only         files, and nothing that changes anything
  o9s get batches -o csv        the same list for a pipe
  o9s costs --by project,key    what the last 30 days cost
  o9s sandbox --port 8090       serve the sandbox for any client
  o9s auth login                keep a key in the system's keyring

In the program: ? for every key, : to go anywhere, / to filter, q to go back, ctrl+q to quit.
"""


class _Group(click.Group):
    """A group whose first word may also be a resource, and whose --sandbox may stand without a scenario."""

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


_CONNECTION: tuple[Callable[[F], F], ...] = (
    click.option(
        "--sandbox",
        type=click.Choice(list(SCENARIOS)),
        help="Start the sandbox and connect to it. "
        + " ".join(f"{name}: {what}." for name, what in SCENARIOS.items()),
        metavar="[SCENARIO]",
    ),
    click.option("--profile", metavar="NAME", help="The profile of the config file to connect as."),
    click.option("--base-url", metavar="URL", help="The server to talk to instead of the profile's."),
    click.option(
        "--read-only", is_flag=True, default=None, help="Refuse everything that would change the platform."
    ),
    click.option("--speed", type=float, help="How much faster than real the sandbox's jobs run."),
    click.option("--seed", type=int, help="Which of its worlds the sandbox starts with."),
    click.option("--faults", metavar="SPEC", help="Faults for the sandbox to make; see `o9s sandbox --help`."),
)
_NAMES = ("sandbox", "profile", "base_url", "read_only", "speed", "seed", "faults")


def connecting(command: F) -> F:
    """Give a command the connection options, which may stand before or after its name."""
    for option in reversed(_CONNECTION):
        command = option(command)
    return command


def _merged(ctx: click.Context, given: dict[str, Any]) -> dict[str, Any]:
    """The connection options of a command, those before its name filling the gaps."""
    before = ctx.find_root().params
    found = {name: given.get(name) if given.get(name) is not None else before.get(name) for name in _NAMES}
    return {name: value for name, value in found.items() if value is not None}


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
    from tui import terminal

    given = _merged(ctx, options)
    if resource.startswith("-"):
        raise click.NoSuchOption(resource)
    _known(resource)
    if not _in_terminal():
        raise click.UsageError("This is no terminal. Use `o9s get` in pipes.")
    terminal.prepare_environment(os.environ)
    from tui.app import Start, run

    terminal.leave(run(Start(resource=resource, **given)))


def _in_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


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
    from tui.sandbox.server import serve

    serve(port=port, scenario=scenario, speed=speed, seed=seed, faults=faults, data=data)


@cli.command()
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def resources(output: str) -> None:
    """List every resource with its operations."""
    from tui.headless import resources as told

    for row in told(output):
        click.echo(row)


@cli.command(
    epilog="""\b
Exit codes: 0 done, 1 the platform or the link failed, 2 wrong usage, 3 no such object, 4 no access.
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
    from tui.headless import get as lines
    from tui.resources.registry import lookup

    _known(resource)
    with _failing(), _connected(_merged(ctx, options)) as connection:
        for row in lines(connection, lookup(resource), id, parents, limit, output, _Aside()):
            click.echo(row)


class _Aside:
    """Tells beside the output how far it is, which passes, and what is missing, which stays."""

    def __call__(self, sentence: str, lasting: bool) -> None:
        watched = sys.stderr.isatty()
        if watched:
            click.echo(f"\r\x1b[K{'' if lasting else sentence}", err=True, nl=False)
        if lasting:
            click.echo(sentence, err=True)


@contextmanager
def _failing() -> Iterator[None]:
    """End with a sentence and the exit code that a failure has."""
    from tui.api.errors import ApiError
    from tui.headless import exit_code

    try:
        yield
    except ApiError as error:
        click.echo(str(error), err=True)
        sys.exit(exit_code(error))


_SPENDING: tuple[Callable[[F], F], ...] = (
    click.option("--since", default="30d", show_default=True, help="The first day: 30d, or 2026-11-20 (UTC)."),
    click.option(
        "--until", default="", metavar="DAY", help="The first day that no longer counts; else today does."
    ),
    click.option("-o", "--output", type=click.Choice(["table", "json", "csv"]), help="[default: table]"),
)


def _spending(command: F) -> F:
    """Give a command the options of costs and usage."""
    command = connecting(command)
    for option in reversed(_SPENDING):
        command = option(command)
    return command


def _opens(ctx: click.Context) -> bool:
    """Whether a command that is a resource as well was given as one: bare, in a terminal."""
    own = {param.name for param in ctx.command.params} - set(_NAMES)
    bare = all(ctx.get_parameter_source(name) is ParameterSource.DEFAULT for name in own if name)
    return bare and _in_terminal()


@cli.command(
    epilog="""\b
Exit codes: 0 done, 1 the platform or the link failed, 2 wrong usage, 4 no access, 5 above --fail-above.
For cron, each morning for the day before: o9s costs --since 2d --until 1d --fail-above 200
"""
)
@click.option("--by", default="project", show_default=True, help="Any of project, key, line_item, with commas.")
@click.option("--fail-above", type=click.FloatRange(min=0), metavar="DOLLARS", help="End with 5 if it is more.")
@_spending
@click.pass_context
def costs(
    ctx: click.Context,
    /,
    by: str,
    since: str,
    until: str,
    output: str | None,
    fail_above: float | None,
    **options: Any,
) -> None:
    """Print what was spent, without a screen. Bare, in a terminal, it opens the program on costs."""
    if _opens(ctx):
        ctx.invoke(open_, resource="costs", **options)
        return
    total = _print_spending(ctx, "costs", by, since, until, output, options)
    if fail_above is not None and total > fail_above:
        from tui.headless import ABOVE

        click.echo(f"${total:,.2f} is more than ${fail_above:,.2f}.", err=True)
        sys.exit(ABOVE)


@cli.command()
@click.argument("kind", required=False)
@click.option("--by", default="project", show_default=True, help="Such as project, user, key, model, with commas.")
@_spending
@click.pass_context
def usage(
    ctx: click.Context,
    /,
    kind: str | None,
    by: str,
    since: str,
    until: str,
    output: str | None,
    **options: Any,
) -> None:
    """Print what was used of a KIND, such as completions, embeddings or images, without a screen.

    Bare, in a terminal, it opens the program on usage.
    """
    if _opens(ctx):
        ctx.invoke(open_, resource="usage", **options)
        return
    _print_spending(ctx, kind or "completions", by, since, until, output, options)


def _print_spending(
    ctx: click.Context, kind: str, by: str, since: str, until: str, output: str | None, options: dict[str, Any]
) -> float:
    """Print what was spent or used; returns what it comes to by its first measure."""
    from tui.spending import asked, read, rendered

    try:
        question = asked(kind, by, since, until)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with _failing(), _connected(_merged(ctx, options)) as connection:
        spending = read(connection, question)
    for row in rendered(output or "table", spending):
        click.echo(row)
    return spending.total[0]


@contextmanager
def _connected(given: dict[str, Any]) -> Iterator[Connection]:
    """A connection for the time of a command; the sandbox it may need ends with it."""
    from tui.api.credentials import resolve
    from tui.config import load
    from tui.headless import to_sandbox

    if scenario := given.get("sandbox"):
        from tui.sandbox.child import Sandbox, SandboxError

        settings = {name: given[name] for name in ("speed", "seed", "faults") if name in given}
        try:
            child = Sandbox.start(scenario=scenario, **settings)
        except SandboxError as error:
            raise click.ClickException(str(error)) from None
        with child:
            yield to_sandbox(child.url)
        return
    config = load()
    for notice in config.notices:
        click.echo(notice, err=True)
    yield resolve(
        profile=given.get("profile"),
        base_url=given.get("base_url"),
        read_only=bool(given.get("read_only")),
        env=os.environ,
        config=config,
    )


@cli.group()
def auth() -> None:
    """Keys: keep one in the system's keyring, forget it, see which is used."""


@auth.command()
@click.option("--with-key", is_flag=True, help="Read the key from standard input, for scripts.")
@connecting
@click.pass_context
def login(ctx: click.Context, /, with_key: bool, **options: Any) -> None:
    """Keep a key in the system's keyring. The key is asked for, or read from standard input; never an argument."""
    from tui.api import credentials
    from tui.api.errors import ApiError

    given = _merged(ctx, options)
    try:
        _know_profile(given)
        with _connected(given) as connection:
            text = sys.stdin.readline() if with_key else click.prompt("Key (not shown)", hide_input=True)
            kind = credentials.login(connection.profile, text.strip("\r\n"), connection.host)
    except ApiError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"The {kind} key of profile {connection.profile} is in the keyring, for {connection.host} only.")


def _know_profile(given: dict[str, Any]) -> None:
    """Write a new profile down, so that its keys can be found again."""
    from tui.api.credentials import check_base_url
    from tui.config import Profile, load, save_profile

    name, url = given.get("profile"), given.get("base_url")
    if name and name not in load().profiles:
        save_profile(Profile(name, base_url=check_base_url(url) if url else None))


@auth.command()
@connecting
@click.pass_context
def logout(ctx: click.Context, /, **options: Any) -> None:
    """Forget a profile's keys."""
    from tui.api import credentials
    from tui.api.errors import ApiError
    from tui.config import load

    profile = _merged(ctx, options).get("profile") or load().default_profile
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
    from tui.api import credentials
    from tui.api.errors import ApiError

    try:
        with _connected(_merged(ctx, options)) as connection:
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
    from tui.terminal import RESET

    click.echo(RESET, nl=False)


def main() -> None:
    """Run the command line."""
    from tui.terminal import guard_excepthook

    guard_excepthook()
    cli(prog_name="o9s")
