"""The command line. Nothing heavy is imported until a command needs it."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from tui import __version__
from tui.cli.commands import COMMANDS, HEADINGS
from tui.cli.completing import complete_resource
from tui.cli.open import open_program
from tui.cli.options import connection_options, present_option
from tui.cli.output import clean_refusals, end_on_signals, report_lost_output
from tui.sandbox.scenarios import SCENARIOS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_WIDTH = 80  # cells that help takes at the most
_EXAMPLES = """\b
Examples:
  o9s --sandbox                 explore a platform here: no key, no network
  o9s                           what needs you, live (OPENAI_API_KEY)
  o9s home -o json              the same for a pipe
  o9s files --read-only         files, and nothing that changes anything
  o9s get batches -o csv        the same list for a pipe
  o9s create batches --set input_file_id=requests.jsonl
                                make what a form makes; also upload, edit …
  o9s delete files - --dry-run  what would be called, for ids piped in
  o9s batch wait ID --salvage   wait for a batch, keep its results
  o9s wait ID ID --any          until one of them is over
  o9s due --within 30d -o md    what stops or expires, and who uses it
  o9s costs --by project,key    what the last 30 days cost
  o9s storage --unreferenced    files that nothing uses
  o9s store fill docs --new Manuals
                                a folder as a searchable vector store
  o9s takeout DIR               keep what the platform holds, with checksums
  o9s record DIR -- batches     keep what is asked, for o9s --replay DIR
  o9s sandbox --port 8090       serve the sandbox for any client
  o9s bindings                  the ids of all keys, to change them
  o9s auth login                keep a key in the system's keyring

In the program: ? for every key, : to go anywhere, / to filter, q to go back,
ctrl+q to quit. Exit codes are told by the help of each command.
"""

_PROMISE = """\
%(prog)s, version %(version)s
Tested with Python 3.11 to 3.14 on Linux and macOS; it starts on Windows.
Updates and how to report a weakness: https://github.com/o9s/o9s#security\
"""


class _Group(click.Group):
    """A group whose first word may also be a resource, and whose --sandbox may stand without a scenario."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        extra.setdefault("terminal_width", _find_width())
        with report_lost_output(), clean_refusals():  # help and version are printed while arguments are read
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with report_lost_output(), clean_refusals(), end_on_signals():
            return super().invoke(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _name_scenario(args))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not args or args[0] in COMMANDS:
            return super().resolve_command(ctx, args)
        from tui.resources.registry import find_name

        is_known = find_name(args[0])
        if not (is_known or args[0].startswith("-")):
            from tui.cli.wrong_words import describe_wrong_word

            raise click.UsageError(describe_wrong_word(args), ctx)
        if is_known and len(args) > 1 and not args[1].startswith("-"):
            words = " ".join(args)
            raise click.UsageError(
                f"`o9s {args[0]}` takes no more words. Without a screen: `o9s get {words}`.", ctx
            )
        name = args[0] if is_known else "RESOURCE"
        return name, self.get_command(ctx, "open"), args

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer commands, and resources, which open the program."""
        offered = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            return offered
        places = complete_resource(ctx, self.params[0], incomplete)
        known = {each.value for each in offered}  # some are both, such as home
        return [*offered, *(each for each in places if each.value not in known)]

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of the commands."""
        return sorted(COMMANDS.keys() - {"open"})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command, whose module is imported for that: none needs those of the others."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = getattr(import_module(f"tui.cli.{entry.module}"), entry.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the lists of commands under their headings, without importing them."""
        wide = max(map(len, COMMANDS))
        room = formatter.width - wide - 6  # as click leaves beside the longest name
        for heading, entries in HEADINGS.items():
            with formatter.section(heading):
                formatter.write_dl(
                    [
                        (name.ljust(wide), click.Command(name, help=entry.words).get_short_help_str(room))
                        for name, entry in entries.items()
                    ]
                )


def _find_width() -> int:
    """Return how wide help is written: as by click, which imports what compresses files to know that."""
    columns = 0
    with suppress(KeyError, ValueError):
        columns = int(os.environ["COLUMNS"])
    if columns <= 0:
        with suppress(AttributeError, ValueError, OSError):
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns  # type: ignore[union-attr]
    return max(min(columns or _WIDTH, _WIDTH) - 2, 50)


def _name_scenario(args: list[str]) -> list[str]:
    """Return the arguments with a scenario after every bare --sandbox: the next word if it is one, else `busy`."""
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


@click.group(
    cls=_Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EXAMPLES,
    subcommand_metavar="[RESOURCE | COMMAND] [ARGS]...",
)
@click.version_option(__version__, "-V", "--version", prog_name="o9s", message=_PROMISE)
@present_option
@connection_options
@click.pass_context
def cli(ctx: click.Context, /, **_options: Any) -> None:
    """The OpenAI platform in a terminal.

    Without a command it opens the program: on home, or on RESOURCE (batches, files …) if one is named.
    """
    if ctx.invoked_subcommand is None:
        open_program(ctx, "")


def main() -> None:
    """Run the command line."""
    from tui.system.children import NO_PLUGINS
    from tui.system.terminal import prepare_streams
    from tui.toolkit.crash_report import guard_excepthook

    gc.set_threshold(50_000, 20, 20)  # looking for garbage among what is imported takes a while
    os.environ.setdefault(*NO_PLUGINS)
    closed = prepare_streams()
    guard_excepthook()
    if "stdout" in closed:
        sys.stderr.write(
            "Standard output is closed: there is nowhere to print to. Send it to a file or /dev/null.\n"
        )
        sys.exit(2)
    if "_O9S_COMPLETE" in os.environ:
        from tui.cli.setup.shells import mend_shells

        mend_shells()
    cli(prog_name="o9s")
