"""The commands by what they are for: where each is, and the first paragraph of its help. None is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Entry(NamedTuple):
    """A command that is imported once it is given."""

    module: str
    """Its module in `tui.cli`."""
    name: str
    """What it is called there."""
    words: str
    """The first paragraph of its help."""


OPEN = Entry("open", "open_command", "Open the program on a resource.")
"""What a resource as the first word stands for; it is shown nowhere."""
HEADINGS: Mapping[str, Mapping[str, Entry]] = {
    "Look": {
        "home": Entry(
            "reading.home",
            "home",
            "Show what needs you, what is in flight, money, storage.",
        ),
        "due": Entry(
            "reading.due",
            "due",
            "Show what stops or expires soon, and who uses it.",
        ),
        "get": Entry("reading.get", "get", "Print a list, or objects by their ids, without a screen."),
        "pick": Entry(
            "reading.pick",
            "pick",
            "Choose in a list on the screen, and print the ids.",
        ),
        "resources": Entry("reading.get", "resources", "List every resource with its operations."),
    },
    "Money and storage": {
        "costs": Entry(
            "reading.spending",
            "costs",
            "Print what was spent, by project, key, model …",
        ),
        "usage": Entry(
            "reading.spending",
            "usage",
            "Print what was used: tokens, requests, images …",
        ),
        "storage": Entry(
            "reading.storage",
            "storage",
            "Sum up what files take, or list those that fit.",
        ),
    },
    "Make and change": {
        "create": Entry(
            "writes.actions",
            "create",
            "Make an object, as its form does.",
        ),
        "edit": Entry(
            "writes.actions",
            "edit",
            "Change fields of objects; nothing else is sent.",
        ),
        "upload": Entry(
            "writes.transfers",
            "upload",
            "Send files of this machine, each checked first.",
        ),
        "download": Entry(
            "writes.transfers",
            "download",
            "Save contents of files, skills and batches.",
        ),
        "cancel": Entry("writes.actions", "cancel", "Stop what is on its way: batches, jobs, runs, responses."),
        "delete": Entry(
            "writes.actions",
            "delete",
            "Delete objects for good; what is used is left alone.",
        ),
        "rotate": Entry(
            "writes.rotate",
            "rotate",
            "Put a new key in the place of an old one.",
        ),
        "act": Entry("writes.actions", "act", "Do any other action by its name, or list those there are."),
    },
    "Work over many": {
        "batch": Entry(
            "batches.batch",
            "batch",
            "Build, check, price, run and wait for batches.",
        ),
        "wait": Entry(
            "wait",
            "wait",
            "Wait until batches, jobs, runs and the like are over.",
        ),
        "store": Entry(
            "stores",
            "store",
            "Keep folders of this machine as vector stores.",
        ),
        "tasks": Entry(
            "tasks",
            "tasks",
            "List what was left undone; go on with it, or forget it.",
        ),
        "takeout": Entry(
            "takeout",
            "takeout",
            "Keep what the platform holds in a folder, and verify it.",
        ),
    },
    "Keys and settings": {
        "auth": Entry("setup.auth", "auth", "Keep a key in the keyring, forget it, see which is used."),
        "config": Entry(
            "setup.config",
            "config",
            "List what the config file sets, and its faults.",
        ),
        "bindings": Entry(
            "setup.shell",
            "bindings",
            "List every key, with the ids that [keys] may change.",
        ),
        "doctor": Entry(
            "setup.doctor",
            "doctor",
            "Tell what works here and what does not.",
        ),
    },
    "Around the program": {
        "sandbox": Entry("sandbox", "sandbox", "Serve the sandbox on 127.0.0.1 for any client."),
        "record": Entry("record", "record", "Run o9s as usual, and keep what it asks and is answered."),
        "har": Entry("record", "har", "Turn a recording into an HTTP archive (HAR 1.2)."),
        "completion": Entry(
            "setup.shell",
            "completion",
            "Print the completion script of a shell.",
        ),
        "man": Entry("setup.manual", "man", "Print the manual page: o9s man | man -l -"),
        "reset-terminal": Entry(
            "setup.shell",
            "reset_terminal",
            "Make a terminal usable again after a program was killed.",
        ),
    },
}
"""The commands by their names, under the headings of `o9s --help` and of the manual page."""
COMMANDS: Mapping[str, Entry] = {"open": OPEN} | {
    name: entry for entries in HEADINGS.values() for name, entry in entries.items()
}
