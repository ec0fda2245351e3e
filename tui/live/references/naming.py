"""Which files an object names, and as what: found in the JSON of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.resources.files import FILES
from tui.resources.language.resource import title_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

HOLDERS = {
    "batches": "",
    "fine-tuning": "",
    "assistants": "",
    "models": "",
    "vector-stores": "store-files",
    "evals": "eval-runs",
    "containers": "container-files",
}
"""Lists whose objects name others; with the list inside each of their objects that does, where there is one."""
_FILE_FIELD = re.compile(r"[ _]files?(_ids?)?$")  # such as input_file_id, training_file and result_files
LONGEST_ID = 200  # characters of a text that may be an id
_LABEL = 64  # characters of a field of metadata, and of its value, that are kept


class Reference(NamedTuple):
    """An object that names a file: its resource and id, what people call it, and where in it."""

    resource: str
    id: str
    name: str
    where: str
    labels: str = ""
    """Its metadata, a line for each field: `run=nightly`."""


Users = dict[str, dict[str, Reference]]
"""By a file's id what names it, by that one's id."""


def make_user(resource: Resource, record: Record) -> Reference:
    """Return an object as what may name files."""
    return Reference(resource.name, record.id, title_of(resource, record), "", describe_metadata(record))


def find_files(resource: Resource, raw: Any, user: Reference) -> Iterator[tuple[str, Reference]]:
    """Yield the id of each file that an object names, and what names it: `user`, which is it, or what it is in."""
    for id_, path in find_texts(raw):
        if id_ != user.id and len(id_) <= LONGEST_ID and _is_file(resource, id_, path):
            where = describe_role(path) if resource.name in HOLDERS else describe_part(resource)
            yield id_, user._replace(where=where)


def _is_file(resource: Resource, text: str, path: str) -> bool:
    """Return whether a text is a file's id: by its beginning, or its field, as some servers make their own ids."""
    if text.startswith(FILES.prefixes):
        return True
    own = path == f" {resource.identify}"
    named = not resource.prefixes if own else _FILE_FIELD.search(path) or path == " data_source source id"
    return bool(named) and text.isprintable() and " " not in text


def find_texts(raw: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text in a value, and the names of the fields that lead to it."""
    if isinstance(raw, dict):
        for key, value in raw.items():
            yield from find_texts(value, f"{path} {key}")
    elif isinstance(raw, list):
        for value in raw:
            yield from find_texts(value, path)
    elif isinstance(raw, str):
        yield raw, path


def describe_metadata(record: Record) -> str:
    """Return the metadata of an object, a line for each field: `run=nightly`."""
    told = record.at("metadata")
    pairs = told.items() if isinstance(told, dict) else ()
    fields = (f"{key[:_LABEL]}={value[:_LABEL]}" for key, value in pairs if isinstance(value, str))
    return "\n".join(each.replace("\n", " ") for each in fields)


def describe_role(path: str) -> str:
    """Return as what an object names another, by the path to its id: `input_file_id` is `as input file`."""
    words = path.replace("_", " ").split()
    if words[:1] == ["metadata"]:
        return f"in {' '.join(words)}"
    if words[:2] == ["tool", "resources"]:
        del words[:2]
    if len(words) > 1 and words[-1] in ("id", "ids"):
        del words[-1]
    if words[-1:] == ["files"]:
        words[-1] = "file"
    return f"as {' '.join(words)}" if words else ""


def describe_part(part: Resource) -> str:
    """Return where an object names another that one inside it names: of store files `in its files`."""
    return f"in its {part.name.rpartition('-')[2]}"
