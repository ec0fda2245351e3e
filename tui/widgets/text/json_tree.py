"""A JSON value as the lines of its pretty print, each knowing what holds it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tui.resources.language.reading.amounts import dump_json
from tui.text import clean

Step = str | int
Path = tuple[Step, ...]


class Node(NamedTuple):
    """One line of the pretty-printed value."""

    value: object
    """The value it shows; a closing line has the one of the line it closes."""
    step: Step | None
    """Its key or index in what holds it; None at the top and for a closing line."""
    depth: int
    parent: int
    """The line of what holds it, -1 at the top; of a closing line, the one it closes."""
    end: int
    """The line of its closing bracket, or its own where there is none."""
    last: bool
    """Whether it is the last in what holds it, so that no comma follows."""
    closes: bool = False

    @property
    def opens(self) -> bool:
        """Whether it has lines of its own, down to a closing bracket."""
        return not self.closes and isinstance(self.value, dict | list) and bool(self.value)


def nodes_of(value: object) -> list[Node]:
    """Return the lines of `value`, top down. Iterative: nesting may be deeper than Python's stack."""
    nodes = [Node(value, None, 0, -1, 0, True)]
    stack: list[tuple[int, Iterator[tuple[Step, object]], int]] = []

    def descend(index: int) -> None:
        held = nodes[index].value
        if isinstance(held, dict):
            stack.append((index, ((str(key), item) for key, item in held.items()), len(held)))
        elif isinstance(held, list):
            stack.append((index, iter(enumerate(held)), len(held)))

    if nodes[0].opens:
        descend(0)
    while stack:
        parent, items, left = stack.pop()
        opener = nodes[parent]
        for step, item in items:
            left -= 1
            nodes.append(Node(item, step, opener.depth + 1, parent, len(nodes), left == 0))
            if nodes[-1].opens:
                stack.append((parent, items, left))
                descend(len(nodes) - 1)
                break
        else:
            nodes[parent] = opener._replace(end=len(nodes))
            nodes.append(opener._replace(step=None, parent=parent, end=len(nodes), closes=True))
    return nodes


class NodeLines:
    """The lines of a JSON value as a search reads them."""

    complete = True

    def __init__(self, nodes: list[Node]) -> None:
        self._tree = nodes

    def __len__(self) -> int:
        return len(self._tree)

    def line(self, index: int) -> str:
        """Return the key and the value of a line, strings whole and raw."""
        node = self._tree[index]
        key = f"{json.dumps(node.step, ensure_ascii=False)}: " if isinstance(node.step, str) else ""
        if isinstance(node.value, dict | list):
            return "" if node.closes else key
        return key + (node.value if isinstance(node.value, str) else format_scalar(node.value))


def format_scalar(value: object) -> str:
    """Return a number, true, false or null as JSON, made harmless."""
    try:
        return clean(dump_json(value, ensure_ascii=False))
    except ValueError:  # an integer too long for Python to print
        return "an integer of more digits than are shown"


def identity_of(value: object) -> object:
    """Return the `id` of an object: two values with the same one are states of the same object."""
    return value.get("id") if isinstance(value, Mapping) else None
