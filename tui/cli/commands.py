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
            "Show what needs you, what is in flight, money and storage: on the screen, or with -o as output.",
        ),
        "due": Entry(
            "reading.due",
            "due",
            "Show what stops or expires, and who uses it: on the screen, or with -o or --within as output.",
        ),
        "get": Entry("reading.get", "get", "Print a list, or one object, without a screen."),
        "pick": Entry(
            "reading.pick",
            "pick",
            'Choose in a list on the screen, and print the ids: o9s batch wait "$(o9s pick batches)".',
        ),
        "resources": Entry("reading.get", "resources", "List every resource with its operations."),
    },
    "Money and storage": {
        "costs": Entry(
            "reading.spending",
            "costs",
            "Print what was spent, without a screen. Bare, in a terminal, it opens the program on costs.",
        ),
        "usage": Entry(
            "reading.spending",
            "usage",
            "Print what was used of a KIND, such as completions, embeddings or images, without a screen.",
        ),
        "storage": Entry(
            "reading.storage",
            "storage",
            "Print what files take by purpose, use, age and end, or list the files that fit.",
        ),
    },
    "Make and change": {
        "create": Entry(
            "writes.actions",
            "create",
            "Make an object, as its form does: o9s create batches --set input_file_id=requests.jsonl.",
        ),
        "edit": Entry(
            "writes.actions",
            "edit",
            "Change an object: what is set and differs is sent, and nothing else. FIELD= empties.",
        ),
        "upload": Entry(
            "writes.transfers",
            "upload",
            "Send files of this machine, each checked for its purpose first; large ones go up in parts.",
        ),
        "download": Entry(
            "writes.transfers",
            "download",
            "Save contents: of files, files of containers (CONTAINER/FILE), skills, and the files of batches.",
        ),
        "cancel": Entry("writes.actions", "cancel", "Stop what is on its way: batches, jobs, runs, responses."),
        "delete": Entry(
            "writes.actions",
            "delete",
            "Delete objects for good, such as o9s delete files - --dry-run, with ids from o9s get files -o ids.",
        ),
        "rotate": Entry(
            "writes.rotate",
            "rotate",
            "Put a new key in the place of one, and keep the old one until it is no longer used.",
        ),
        "act": Entry(
            "writes.actions", "act", "Do an action by its name, such as o9s act fine-tuning pause ftjob-abc."
        ),
    },
    "Work over many": {
        "batch": Entry(
            "batches.batch",
            "batch",
            "Batches by the folder, and one that is waited for. Bare, it opens the program on batches.",
        ),
        "wait": Entry(
            "wait",
            "wait",
            "Wait until batches, jobs, stores, runs or responses are over; PARENT/ID names one inside another.",
        ),
        "store": Entry(
            "stores",
            "store",
            "Folders of this machine as the files of a vector store. Bare, it opens the program on vector stores.",
        ),
        "tasks": Entry(
            "tasks",
            "tasks",
            "What is left of transfers and of actions on many objects: go on with it, or give it up.",
        ),
        "takeout": Entry(
            "takeout",
            "takeout",
            "Take lists, what is inside their objects and the contents of files out into DIR.",
        ),
    },
    "Keys and settings": {
        "auth": Entry(
            "setup.auth", "auth", "Keys: keep one in the system's keyring, forget it, see which is used."
        ),
        "config": Entry(
            "setup.config",
            "config",
            "List what the config file sets and what of it cannot be used; o9s config schema prints its schema.",
        ),
        "bindings": Entry(
            "setup.shell",
            "bindings",
            "List every key binding: the ids that [keys] in the config file may give other keys.",
        ),
        "doctor": Entry(
            "setup.doctor",
            "doctor",
            "Tell what works here and what does not: the terminal, keys, the way to the server, and what it has.",
        ),
    },
    "Around the program": {
        "sandbox": Entry("sandbox", "sandbox", "Serve the sandbox on 127.0.0.1 for any client."),
        "record": Entry("record", "record", "Run o9s as usual, and keep in DIR what it asks and is answered."),
        "har": Entry(
            "record", "har", "Tell a recording as an HTTP archive (HAR 1.2), which browsers and proxies open."
        ),
        "completion": Entry(
            "setup.shell",
            "completion",
            'Print the completion script of a shell, such as: eval "$(o9s completion bash)".',
        ),
        "man": Entry("setup.manual", "man", "Print the manual page: o9s man | man -l -"),
        "reset-terminal": Entry(
            "setup.shell",
            "reset_terminal",
            "Make a terminal usable again after a program in it was killed outright.",
        ),
    },
}
"""The commands by their names, under the headings of `o9s --help` and of the manual page."""
COMMANDS: Mapping[str, Entry] = {"open": OPEN} | {
    name: entry for entries in HEADINGS.values() for name, entry in entries.items()
}
