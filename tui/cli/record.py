"""`o9s record`: any other command, with all it asks and is answered kept in a folder. `o9s har`: that as HAR."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.cli.output import PRINTED, print_lines, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.shell_completion import CompletionItem


def _read_size(_ctx: click.Context, _option: click.Parameter, value: str) -> int:
    """Read a size as bytes. Raises BadParameter for what is none."""
    from tui.resources.language.units import read_size

    try:
        return read_size(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _complete_words(ctx: click.Context, _argument: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer what the command behind DIR takes next."""
    from click.shell_completion import ShellComplete

    words = [*ctx.params.get("words", ())]
    return ShellComplete(ctx.find_root().command, {}, "o9s", "_O9S_COMPLETE").get_completions(words, incomplete)


class _Wrapping(click.Command):
    """A command that is given another with its arguments, whose options are offered behind it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; its own options may stand behind DIR, too, where the other command has not begun."""
        own = {name: each for each in self.get_params(ctx) if isinstance(each, click.Option) for name in each.opts}
        first: list[str] = []
        folder: list[str] = []
        rest = list(args)
        while rest and (rest[0].partition("=")[0] in own or not (folder or rest[0].startswith("-"))):
            word = rest.pop(0)
            if not word.startswith("-"):
                folder.append(word)
                continue
            first.append(word)
            if "=" not in word and not own[word].is_flag and rest:
                first.append(rest.pop(0))
        return super().parse_args(ctx, [*first, *folder, *rest])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer its own options, and behind the other command those of that."""
        if ctx.params.get("words"):
            return _complete_words(ctx, self.params[0], incomplete)
        return super().shell_complete(ctx, incomplete)


@click.command(
    cls=_Wrapping,
    epilog="Exit codes: those of what is run; 2 wrong usage, such as a DIR that has a recording.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument(
    "words",
    metavar="[--] [RESOURCE | COMMAND] [ARGS]...",
    nargs=-1,
    type=click.UNPROCESSED,
    shell_complete=_complete_words,
)
@click.option("--mask", type=click.Choice(["contents"]), help="Hide prompts, answers, names and accounts, too.")
@click.option("--contents", is_flag=True, help="Keep contents of files that are downloaded, too.")
@click.option(
    "--most",
    metavar="SIZE",
    default="200 MB",
    show_default=True,
    callback=_read_size,
    help="End the recording at this size.",
)
@click.pass_context
def record(
    ctx: click.Context, /, folder: Path, words: tuple[str, ...], mask: str | None, contents: bool, most: int
) -> None:
    """Run o9s as usual, and keep what it asks and is answered.

    Keys and cookies are never kept. o9s --replay DIR shows it again, o9s har DIR turns it into HAR.

    \b
      o9s record trouble -- batches
      o9s record trouble --mask contents -- get files -o csv
    """
    from tui.api.recording.masking import Masking
    from tui.api.recording.recorder import Recorder, RecordingError

    if mask and contents:
        raise click.UsageError("--mask contents hides what --contents keeps: leave one of them out.")
    try:
        recorder = Recorder(folder, masking=Masking(contents=bool(mask)), contents=contents, most=most)
    except RecordingError as error:
        raise click.UsageError(str(error)) from None
    root = ctx.find_root().command
    if words[:1] == ("--",):
        words = words[1:]
    is_done = False
    try:
        with root.make_context("o9s", [*_repeat_options(ctx.find_root()), *words], obj=recorder) as inner:
            root.invoke(inner)
        is_done = True
    finally:
        recorder.close()
        if is_done or recorder.count or recorder.fault:  # else the error says all there is to say
            say(recorder.fault or recorder.describe())


def _repeat_options(ctx: click.Context) -> Iterator[str]:
    """Yield the options that a command was given, as they are written."""
    for option in ctx.command.params:
        value = ctx.params.get(option.name or "")
        if isinstance(option, click.Option) and value:
            yield option.opts[0] if option.is_flag else f"{option.opts[0]}={value}"


@click.command(epilog=PRINTED)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Where to; else it is printed."
)
def har(folder: Path, output: Path | None) -> None:
    """Turn a recording into an HTTP archive (HAR 1.2).

    Browsers and proxies open it. No key is in it.
    """
    import json

    from tui.api.log.har import make_archive
    from tui.sandbox.recordings import Recording, RecordingFault

    try:
        recording = Recording(folder)
    except RecordingFault as fault:
        raise click.UsageError(str(fault)) from None
    for note in recording.notes:
        say(note)
    text = json.dumps(make_archive(recording.exchanges()), indent=1, ensure_ascii=False)
    if output is None:
        print_lines([text], "json")
        return
    from tui.export import write_text

    said = write_text(output, [text, "\n"], "the archive")
    say(said)
    if not said.startswith("Saved"):
        raise SystemExit(6)
