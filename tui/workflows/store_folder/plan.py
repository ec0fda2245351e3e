"""What has to be done for a store to hold the files of a folder: which are new, changed and gone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.workflows.store_folder.scan import MOST_ATTRIBUTES, PATH, SHA256

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tui.workflows.store_folder.scan import LocalFile, Scan, Value

UNREAD = ("failed", "cancelled")
READING = "in_progress"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a store that was put there from a folder."""

    id: str
    name: str
    sha256: str
    status: str = ""
    fault: str = field(default="", compare=False)
    """Why the platform could not read it."""
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(slots=True)
class FolderPlan:
    """The changes that make a store hold the files of a folder."""

    new: list[LocalFile] = field(default_factory=list)
    changed: dict[str, tuple[LocalFile, list[StoredFile]]] = field(default_factory=dict)
    """By name, with what takes their place now."""
    again: list[StoredFile] = field(default_factory=list)
    """Those that the platform could not read, and may when they are added once more."""
    gone: list[StoredFile] = field(default_factory=list)
    """Those that the folder has no longer."""
    labelled: dict[str, tuple[LocalFile, StoredFile]] = field(default_factory=dict)
    """By name, those of which only the attributes are others now."""
    lost: int = 0
    """How many of those that are gone have nothing in their place: where they are several, that is agreed to."""
    same: int = 0
    reading: int = 0
    """How many of those that stay as they are the platform is still reading."""

    @property
    def size(self) -> int:
        """The bytes to send."""
        return sum(each.size for each in (*self.new, *(file for file, _ in self.changed.values())))

    @property
    def changes(self) -> int:
        """How many files of the store are added, replaced, added again or taken out."""
        return len(self.new) + len(self.changed) + len(self.again) + len(self.gone) + len(self.labelled)

    def describe(self) -> str:
        """Return in words what is to be done: `3 new, 5 changed, 2 gone; 290 as they are`."""
        counts = (
            (len(self.new), "new"),
            (len(self.changed), "changed"),
            (len(self.again), "to be read again"),
            (len(self.labelled), "with other attributes"),
            (len(self.gone), "gone"),
        )
        told = ", ".join(f"{count:,} {word}" for count, word in counts if count)
        same = f"; {self.same:,} as {'it is' if self.same == 1 else 'they are'}" if self.same else ""
        return f"{told or 'nothing to do'}{same}"


def read_stored(items: Iterable[Any]) -> list[StoredFile]:
    """Return those files of a store that were put there from a folder."""
    found = []
    for item in items:
        told = item.get("attributes") if isinstance(item, dict) else None
        if not isinstance(told, dict):
            continue
        id_, name, sha256 = item.get("id"), told.get(PATH), told.get(SHA256)
        if isinstance(id_, str) and isinstance(name, str) and isinstance(sha256, str):
            found.append(StoredFile(id_, name, sha256, str(item.get("status") or ""), _read_fault(item), told))
    return found


def _read_fault(item: Mapping[str, Any]) -> str:
    error = item.get("last_error")
    return str(error.get("message") or error.get("code") or "") if isinstance(error, dict) else ""


def join_attributes(file: LocalFile, stored: Iterable[StoredFile]) -> dict[str, Value]:
    """Return the attributes of a file, and those that others have given it in the store, or to what it replaces.

    Where they are more than a file may have, what is there stays.
    """
    there = {key: value for each in stored for key, value in each.attributes.items()}
    joined = {key: file.attributes.get(key, value) for key, value in there.items()}
    marks = {key: file.attributes[key] for key in (PATH, SHA256)}
    return dict(list({**marks, **joined, **file.attributes}.items())[:MOST_ATTRIBUTES])


def make_plan(scan: Scan, stored: Iterable[StoredFile], *, removes: bool) -> FolderPlan:
    """Compare a folder with a store; `removes` says whether what the folder has no longer is taken out."""
    plan = FolderPlan()
    known: dict[str, list[StoredFile]] = {}
    for each in stored:
        known.setdefault(each.name, []).append(each)
    for name, file in scan.files.items():
        here = known.pop(name, [])
        fitting = [each for each in here if each.sha256 == file.sha256]
        readable = [each for each in fitting if each.status not in UNREAD]
        kept = next(iter(readable or fitting), None)
        others = [each for each in here if each is not kept]
        if readable:  # others are there where a change was not brought to its end
            plan.reading += readable[0].status == READING
            there = readable[0].attributes
            if not there or dict(there) == join_attributes(file, readable[:1]):
                plan.same += 1
            else:
                plan.labelled[name] = file, readable[0]
            plan.gone += others
        elif fitting and not others:
            plan.again += fitting
        elif here:
            plan.changed[name] = file, here
        else:
            plan.new.append(file)
    if removes:
        lost = [each for files in known.values() for each in files]
        plan.gone += lost
        plan.lost = len(lost)
    return plan
