"""The command line. Nothing heavy is imported until a command needs it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tui import __version__
from tui.cli.auth import auth
from tui.cli.batches.batch import batch
from tui.cli.completing import complete_resource
from tui.cli.get import get, resources
from tui.cli.home import home
from tui.cli.open import open_command, open_program
from tui.cli.options import connection_options, present_option
from tui.cli.output import clean_refusals, report_lost_output
from tui.cli.sandbox import sandbox
from tui.cli.shell import bindings, completion, reset_terminal
from tui.cli.spending import costs, usage
from tui.cli.storage import storage
from tui.cli.takeout import takeout
from tui.cli.wait import wait
from tui.cli.writes.actions import act, cancel, create, delete, edit
from tui.cli.writes.transfers import download, upload
from tui.sandbox.scenarios import SCENARIOS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_EXAMPLES = """\b
Examples:
  o9s --sandbox                 explore a platform on this machine: no key, no network
  o9s                           what needs you, live (OPENAI_API_KEY)
  o9s home -o json              the same for a pipe
  o9s files --read-only         files, and nothing that changes anything
  o9s get batches -o csv        the same list for a pipe
  o9s create batches --set input_file_id=requests.jsonl
                                make what a form makes; also upload, download, edit, cancel, delete, act
  o9s delete files - --dry-run  what would be called, for ids on standard input
  o9s batch wait ID --salvage   wait for a batch, keep its results
  o9s wait ID ID --any          until one of them is over
  o9s costs --by project,key    what the last 30 days cost
  o9s storage --unreferenced    files that nothing uses; -o ids for o9s delete files -
  o9s takeout DIR               keep what the platform holds, with checksums
  o9s sandbox --port 8090       serve the sandbox for any client
  o9s bindings                  the ids of all keys, to change them
  o9s auth login                keep a key in the system's keyring

In the program: ? for every key, : to go anywhere, / to filter, q to go back, ctrl+q to quit.
"""

_PROMISE = """\
%(prog)s, version %(version)s
Tested with Python 3.11 to 3.14 on Linux and macOS; it starts on Windows.
Updates and how to report a weakness: https://github.com/o9s/o9s#security\
"""


class _Group(click.Group):
    """A group whose first word may also be a resource, and whose --sandbox may stand without a scenario."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with report_lost_output(), clean_refusals():  # help and version are printed while arguments are read
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with report_lost_output(), clean_refusals():
            return super().invoke(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _name_scenario(args))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            args = ["open", *args]
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer commands, and resources, which open the program."""
        offered = super().shell_complete(ctx, incomplete)
        if incomplete.startswith("-"):
            return offered
        return [*offered, *complete_resource(ctx, self.params[0], incomplete)]

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in super().list_commands(ctx) if name != "open"]


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
@click.version_option(__version__, "--version", prog_name="o9s", message=_PROMISE)
@present_option
@connection_options
@click.pass_context
def cli(ctx: click.Context, /, **_options: Any) -> None:
    """The OpenAI platform in a terminal.

    Without a command it opens the program: on home, or on RESOURCE (batches, files …) if one is named.
    """
    if ctx.invoked_subcommand is None:
        open_program(ctx, "")


_COMMANDS = (
    *(open_command, home, get, resources, batch, wait, costs, usage, storage, takeout),
    *(create, upload, download, edit, cancel, delete, act),
    *(sandbox, auth, bindings, completion, reset_terminal),
)
for _command in _COMMANDS:
    cli.add_command(_command)


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
