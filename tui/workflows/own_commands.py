"""The user's own commands: their arguments and what they are given, made from objects before anything is run."""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from tui.resources.language.column import value_of
from tui.resources.language.reading.amounts import dump_json
from tui.resources.language.resource import title_of
from tui.system.paths import BadPath, read_path
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tui.config.settings import OwnCommand
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_BLANK = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_FIELD = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_LAST = "--"  # after this argument nothing is an option


class Unfit(ValueError):
    """A command that cannot be run; the message is a sentence."""


class Question(NamedTuple):
    """What is asked before a command is run: `{?words}`, or `{?words:one|another}`."""

    words: str
    choices: tuple[str, ...]


def find_faults(command: OwnCommand) -> Iterator[str]:
    """Yield a clause for each blank of a command that cannot be filled, whatever it is run on."""
    if any(found[1] is not None for found in _BLANK.finditer(command.run[0])):
        yield "the program stands first and by its name: nothing that an object says is run"
    for argument in command.run:
        for found in _BLANK.finditer(argument):
            name = found[1]
            if name is None:
                if found[0] in "{}":
                    yield f"{found[0]} stands alone: write {found[0] * 2} for one that is meant"
            elif name.startswith("?"):
                if not read_question(name).words:
                    yield "{?} asks nothing: write what is asked, such as {?title}"
            elif not _FIELD.fullmatch(name):
                yield f"{found[0]} names no field: write {{{{…}}}} for braces that are meant"


def read_question(name: str) -> Question:
    """Return the question of a blank that begins with a question mark."""
    words, colon, rest = name[1:].partition(":")
    if colon and "|" in rest:
        return Question(words.strip(), tuple(filter(None, map(str.strip, rest.split("|")))))
    return Question(name[1:].strip(), ())


def find_questions(command: OwnCommand) -> list[Question]:
    """Return what is asked before a command is run, each once."""
    names = (name for name in _blanks(command) if name.startswith("?"))
    return list(dict.fromkeys(map(read_question, names)))


def is_about_each(command: OwnCommand) -> bool:
    """Return whether the arguments of a command are of one object, so that it is run once for each."""
    return any(not name.startswith("?") for name in _blanks(command))


def needs_object(command: OwnCommand) -> bool:
    """Return whether a command is of no use without an object."""
    return is_about_each(command) or command.input != "none"


def _blanks(command: OwnCommand) -> Iterator[str]:
    for argument in command.run:
        yield from (found[1] for found in _BLANK.finditer(argument) if found[1] is not None)


def build_arguments(
    command: OwnCommand, resource: Resource | None, record: Record | None, answers: Mapping[Question, str]
) -> list[str]:
    """Return the arguments of a command for an object. Raises Unfit where a field is missing.

    What comes from the object is made harmless, as the program may print it, and is no option of the program:
    where it would be read as one, that is told instead.
    """
    arguments: list[str] = []
    for written in command.run:

        def fill(found: re.Match[str], begins: bool = _LAST not in arguments) -> str:
            name = found[1]
            if name is None:
                return found[0][0]
            if name.startswith("?"):
                return answers[read_question(name)]
            value = clean(_find_value(resource, record, name), sys.maxsize)
            if begins and not found.start() and value.startswith("-"):
                raise Unfit(
                    f"{name} of {record.id if record else 'it'} begins with a dash, which "
                    f'{command.run[0]} would take for an option; put "--" before it among the arguments.'
                )
            return value

        arguments.append(_BLANK.sub(fill, written))
    if arguments[0].startswith("~"):
        try:
            arguments[0] = str(read_path(arguments[0]))
        except BadPath as error:
            raise Unfit(str(error)) from None
    if any("\0" in argument for argument in arguments):
        raise Unfit(f"{command.run[0]} cannot be given an argument with a NUL in it.")
    return arguments


def _find_value(resource: Resource | None, record: Record | None, name: str) -> str:
    """Return what a field, or a column, of an object says. Raises Unfit where it says nothing."""
    if record is None or resource is None:
        raise Unfit(f"There is no object here that {{{name}}} could be of; nothing was run.")
    if name == "id":
        return record.id
    value = record.at(name)
    if value is None and name == "name":
        return title_of(resource, record) or record.id
    if value is None and (column := resource.column(name)):
        value = value_of(column.value, record)
    if value is None:
        known = [key for key, held in record.raw.items() if held is not None]
        known += [column.name for column in resource.columns]
        near = get_close_matches(name, known, n=1)
        meant = f"did you mean {{{near[0]}}}?" if near and near[0] != name else "its JSON (y) shows what there is."
        raise Unfit(f"{record.id} has no {name}, so nothing was run; {meant}")
    return value if isinstance(value, str) else dump_json(value)


_OUTCOMES = ("outcome", "status", "state")


def find_outcome(resource: Resource, record: Record) -> str:
    """Return how an object is, as the column of its list says that; "" for a kind that has none."""
    columns = (column for name in _OUTCOMES if (column := resource.column(name)))
    value = next((value for column in columns if (value := value_of(column.value, record)) is not None), "")
    return value if isinstance(value, str) else dump_json(value)


def build_input(command: OwnCommand, records: Sequence[Record]) -> bytes:
    """Return what a command reads from its standard input.

    JSON in it is ASCII, so that nothing in it does anything to a terminal it may be printed on.
    """
    match command.input:
        case "ids":
            return "".join(f"{clean(record.id)}\n" for record in records).encode()
        case "jsonl":
            return "".join(f"{dump_json(record.raw)}\n" for record in records).encode()
        case "json":
            raws = [record.raw for record in records]
            return f"{dump_json(raws[0] if len(raws) == 1 else raws)}\n".encode()
    return b""
