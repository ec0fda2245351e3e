"""Around the shell: its completion, a terminal to be mended, and the ids of all key bindings."""

from __future__ import annotations

import click

from tui.cli.output import PRINTED, print_lines


@click.command(epilog=PRINTED)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, /, shell: str) -> None:
    """Print the completion script of a shell.

    Such as: eval "$(o9s completion bash)".
    """
    from click.shell_completion import get_completion_class

    from tui.cli.setup.shells import VARIABLE, mend_shells

    mend_shells()
    kind = get_completion_class(shell)
    if kind is None:
        raise click.ClickException(f"There is no completion for {shell}.")
    click.echo(kind(ctx.find_root().command, {}, "o9s", VARIABLE).source())


@click.command("reset-terminal", epilog=PRINTED)
def reset_terminal() -> None:
    """Make a terminal usable again after a program was killed."""
    from tui.system.terminal import RESET

    click.echo(RESET, nl=False)


@click.command(epilog=PRINTED)
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
def bindings(output: str) -> None:
    """List every key, with the ids that [keys] may change."""
    import json

    import tui.app  # noqa: F401 (it has bindings, too)
    from tui.commands.keymap import describe_bindings
    from tui.headless.lists.listing import align

    names, rows = ("id", "keys", "does", "where"), describe_bindings()
    if output == "json":
        print_lines([json.dumps([dict(zip(names, row, strict=True)) for row in rows], indent=2)], output)
        return
    print_lines(align([name.upper() for name in names], rows, ["left"] * 4))
