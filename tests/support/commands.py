"""The command line in this process, against a sandbox; and a desk whose writes are all made by commands."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.testing import CliRunner, Result

from tests.support.desk import Desk
from tests.support.driving import ADMIN_KEY, PROJECT_KEY
from tests.support.filling import action_of, filled
from tui.api.errors import Invalid
from tui.cli.main import cli
from tui.headless.writes.targets import list_parents
from tui.resources.language.action import Fetch
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.desk import Scope
    from tui.resources.language.objects import Record

# They talk to no platform.
LOCAL = {
    *("resources", "sandbox", "bindings", "completion", "reset-terminal", "har", "man"),
    "config schema",
    *("auth login", "auth logout", "auth trust", "auth status"),
    *("batch build", "batch status", "batch pause", "batch forget"),
}
ON_THE_SCREEN = {"pick"}  # which opens the program
KEYS = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY}


def run(url: str, *words: str, typed: str = "") -> Result:
    """Run `o9s` with these words on a server; `typed` is its standard input."""
    return CliRunner().invoke(cli, [*words, "--base-url", url], env=KEYS, prog_name="o9s", input=typed)


def list_commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Give the words of each command that is no group."""
    if not isinstance(command, click.Group):
        yield " ".join(path)
        return
    ctx = click.Context(command)
    for name in command.list_commands(ctx):
        inner = command.get_command(ctx, name)
        assert inner
        yield from list_commands(inner, (*path, name))


def lines(result: Result) -> list[dict[str, Any]]:
    """The lines of output, as JSON."""
    return [json.loads(line) for line in result.stdout.splitlines()]


def assignment(name: str, value: Any) -> tuple[str, str]:
    """The words that set a field."""
    text = "" if value is None else value if isinstance(value, str | Path) else json.dumps(value)
    return "--set", f"{name}={text}"


class CommandDesk(Desk):
    """A desk that does everything which is no list by `o9s act`."""

    async def do(
        self, name: str, action: str, record: Record | None = None, scope: Scope | None = None, /, **answers: Any
    ) -> Any:
        """Do an action and give the object of its line; what is bytes comes as bytes."""
        resource, wanted = REGISTRY[name], action_of(name, action)
        self.note(wanted.operation.name)
        url = self.platform.client.connection.base_url
        places = [word for parent in list_parents(resource) for word in ("--in", (scope or {})[parent])]
        if isinstance(wanted.does, Fetch):
            assert record
            folder = str(self._folder / f"{len(list(self._folder.iterdir()))}")
            words = ["download", record.id, *places, "--from", name, "--only", action, "-o", folder]
            told = await asyncio.to_thread(run, url, *words)
            assert told.exit_code == 0, told.output
            return Path(lines(told)[0]["path"]).read_bytes()
        named = {key.replace("__", "."): value for key, value in answers.items()}
        words = ["act", name, action, *([record.id] if record and wanted.on != "list" else ())]
        words += places
        body = ""
        if wanted.edits:
            words += [word for key, value in named.items() for word in assignment(key, value)]
        elif wanted.operation.body:
            files = {key: value for key, value in named.items() if isinstance(value, Path)}
            whole = filled(wanted, **answers | {key: str(path) for key, path in files.items()})
            body = json.dumps({key: value for key, value in whole.items() if key not in files})
            words += ["-f", "-", *(word for key, path in files.items() for word in assignment(key, path))]
        told = await asyncio.to_thread(run, url, *words, "--yes", *self._agreed(wanted.removes), typed=body)
        (line,) = lines(told) or [{"outcome": f"none: {told.output}"}]
        if line["outcome"] not in ("done", "unchanged"):
            raise Invalid(400, line.get("error") or line["outcome"])
        assert told.exit_code == 0, told.output
        return line.get("object")

    def _agreed(self, removes: bool) -> list[str]:
        return ["--used"] if removes else []
