"""State has an owner: what stands in a module or a class is made once and never changed."""

from __future__ import annotations

import ast
from pathlib import Path

import tui

ROOT = Path(tui.__file__).parent
CONTAINERS = (ast.Dict, ast.List, ast.Set, ast.DictComp, ast.ListComp, ast.SetComp)
MAKERS = {"dict", "list", "set", "deque", "defaultdict", "Counter", "OrderedDict", "WeakSet", "WeakKeyDictionary"}
CHANGES = {
    *(
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "popleft",
        "remove",
    ),
    *("setdefault", "update", "move_to_end"),
}
OWNED_BY_THE_PROCESS = {"api/redaction.py: _known"}  # a key is kept out of texts as long as it may be in any


def containers(tree: ast.Module) -> set[str]:
    """The names of lists, dicts and sets that stand in a module, or in a class of it."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    names = set()
    for node in (each for body in (tree.body, *(cls.body for cls in classes)) for each in body):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        made = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in MAKERS
        if made or isinstance(value, CONTAINERS):
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def changed(tree: ast.Module, names: set[str]) -> set[str]:
    """Which of them a function of the module changes, and which of its globals one sets."""
    found = set()
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
        nodes = [*ast.walk(function)]
        own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        for node in nodes:
            if isinstance(node, ast.Global):
                found |= set(node.names)
            changes = isinstance(node, ast.Attribute) and node.attr in CHANGES
            stores = isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)
            if not (changes or stores):
                continue
            assert isinstance(node, ast.Attribute | ast.Subscript)
            match node.value:
                case ast.Name(name) if name in names - own:
                    found.add(name)
                case ast.Attribute(ast.Name("cls"), name) if name in names:
                    found.add(name)
    return found


def test_no_module_and_no_class_holds_what_changes() -> None:
    found = set()
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        names = containers(tree)
        if names or "global" in text:  # the rest has nothing that could change
            found |= {f"{path.relative_to(ROOT).as_posix()}: {name}" for name in changed(tree, names)}
    assert found == OWNED_BY_THE_PROCESS


def test_state_in_a_module_would_be_found() -> None:
    for text in (
        "seen = set()\ndef note(name):\n    seen.add(name)",
        "seen: dict[str, int] = {}\nasync def note(name):\n    seen[name] = 1",
        "seen = 0\ndef note():\n    global seen\n    seen += 1",
        "class Screen:\n    seen = []\n    @classmethod\n    def note(cls):\n        cls.seen.append(1)",
    ):
        tree = ast.parse(text)
        assert changed(tree, containers(tree)) == {"seen"}, text
    tree = ast.parse("NAMES = {}\ndef note():\n    NAMES = {}\n    NAMES['a'] = NAMES.get('b')")
    assert not changed(tree, containers(tree))
