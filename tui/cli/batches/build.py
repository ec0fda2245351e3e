"""`o9s batch build`: the file of a batch, made from a table, a text or a folder by a template."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from tui.cli.output import StatusLine, end_on_error, print_lines, say

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(
    epilog="""
A template is the JSON of a request: its body, or the whole line (custom_id, method, url, body), such as

\b
  {"model": "gpt-5-mini", "input": "Translate to {language}: {text}"}

A {column} stands for the cell of that column, as a value: quotes, lines and braces in it break nothing. A text
that is nothing but "{column}" becomes the value with its type, "{column:json}" reads a cell as JSON; {{ and }}
are braces. {row} and {file} are there in every source; a line of a text and a file are {text}, and {name} is
the name of the file.

Exit codes: 0 written, 3 rows have faults (standard error names them by line; nothing is written), 2 wrong
usage, such as a column that is not there, 6 a file cannot be read or written.
"""
)
@click.argument("source", nargs=-1, required=True)
@click.option(
    "-t", "--template", type=_FILE, help="The JSON file of the template. Without it: each prompt is asked."
)
@click.option(
    "--id", "id_", metavar="TEXT", default="", help="The custom_id.  [default: {id}, or {file}-{row} without it]"
)
@click.option("-m", "--model", default="", help="The model of all requests.")
@click.option("--schema", type=_FILE, help="The JSON schema that answers keep to.")
@click.option("--endpoint", metavar="URL", default="", help="Where requests go, if their body does not tell it.")
@click.option(
    "--as",
    "kind",
    type=click.Choice(["csv", "tsv", "jsonl", "lines", "files"]),
    help="How to read SOURCE.  [default: by its name; folders and several files, a row from each]",
)
@click.option("--preview", is_flag=True, help="Print the first three requests and write nothing.")
@click.option(
    "-o", "--output", type=_FILE, help="The file to write, whole or not at all; - writes to standard output."
)
@click.option("--force", is_flag=True, help="Replace the file where it is there already.")
def build(
    source: tuple[str, ...],
    template: Path | None,
    id_: str,
    model: str,
    schema: Path | None,
    endpoint: str,
    kind: Any,
    preview: bool,
    output: Path | None,
    force: bool,
) -> None:
    """Make the file of a batch: a request for each row of SOURCE.

    SOURCE is a CSV, a TSV, JSON Lines, a text with a prompt on each line, or a folder or several files with a
    prompt in each.
    """
    from tui.headless.batches.build import BuildError, Recipe, build_batch

    if not preview and output is None:
        raise click.UsageError("Give the file to write (-o FILE), or --preview.")
    recipe = Recipe(source, template, id_, model, endpoint, schema, kind)
    line = StatusLine()
    try:
        with end_on_error(6), tempfile.TemporaryDirectory(prefix="o9s-") as folder:
            piped = output == Path("-") and not preview
            target = Path(folder) / "standard output" if piped else None if preview else output
            code, lines = build_batch(recipe, target, replace=force, on_progress=line.progress, on_note=line.note)
            if piped and target and code == 0:  # all rows are sound: nothing is written before that is known
                with target.open("rb") as made:
                    shutil.copyfileobj(made, sys.stdout.buffer)
                say(lines[0].rpartition(":")[0])
                return
    except BuildError as error:
        raise click.UsageError(str(error)) from None
    print_lines(lines)
    sys.exit(code)
