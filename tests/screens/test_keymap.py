"""Every key can be changed: each binding has an id and says what it does; footer and help show the changes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from textual.binding import Binding

import tui.app
from tests.support.driving import opened, write_config
from tui.cli.main import cli
from tui.commands.keymap import build_keymap, find_bindings, find_contexts, find_owners
from tui.toolkit.text_area import TextArea

if TYPE_CHECKING:
    from tests.support.driving import Server

OWNERS = [
    pytest.param(kind, id=kind.__name__) for kind in (tui.app.O9s, *find_owners()) if vars(kind).get("BINDINGS")
]
EVERY = find_bindings(tui.app.O9s, *find_owners())
README = Path(__file__).parents[2] / "README.md"
FREE = "ctrl+f12"  # a key that nothing has


@pytest.mark.parametrize("kind", OWNERS)
def test_every_binding_has_an_id_and_says_what_it_does(kind: type) -> None:
    for binding in vars(kind)["BINDINGS"]:
        assert isinstance(binding, Binding), binding
        assert binding.id, binding
        assert re.fullmatch(r"[a-z]+(\.[a-z_0-9]+)+", binding.id), binding
        assert binding.description, binding


def test_every_binding_can_have_another_key() -> None:
    for id_ in EVERY:
        assert build_keymap({id_: (FREE,)}) == ({id_: FREE}, [])


def test_every_class_is_in_a_context_with_what_it_inherits() -> None:
    owners, known = set(find_owners()), [set(context) for context in find_contexts()]
    for kind in owners:
        assert any(set(kind.__mro__) & owners <= context for context in known), kind


def test_an_unknown_id_is_told_with_the_nearest() -> None:
    _, notices = build_keymap({f"{id_}x": (FREE,) for id_ in EVERY})
    for id_, notice in zip(EVERY, notices, strict=True):
        assert f"there is no binding {id_}x; did you mean {id_}?" in notice
    _, (notice,) = build_keymap({"zzzz": ("x",)})
    assert "`o9s bindings` lists them" in notice


@pytest.mark.parametrize(("key", "other"), [("/", "list.filter"), ("?", "app.help"), ("ctrl+p", "app.palette")])
def test_a_clash_is_seen_however_the_key_is_written(key: str, other: str) -> None:
    assert build_keymap({"act.delete": (key,)})[1] == [
        f"keys: act.delete cannot have {key}, which {other} has; give that another key first."
    ]


def test_what_the_documents_name_exists() -> None:
    named = re.findall(r'^"([a-z]+\.[a-z_]+)" = ', README.read_text(), re.MULTILINE)
    assert named
    assert set(named) <= set(EVERY)


def test_the_command_lists_every_id() -> None:
    told = json.loads(CliRunner().invoke(cli, ["bindings", "-o", "json"]).output)
    assert {row["id"] for row in told} == set(EVERY)
    table = CliRunner().invoke(cli, ["bindings"]).output
    assert len(table.splitlines()) == len(EVERY) + 1


async def test_footer_and_help_show_the_users_own_keys(fresh: Server) -> None:
    write_config(
        '[keys]\n"act.new" = "ctrl+n"\n"list.filter" = "ctrl+f"\n"app.help" = "f2"\n"app.palette" = "f3"\n'
    )
    async with opened(fresh, "files") as drive:
        await drive.sees("ctrl+n upload")
        assert "ctrl+f filter" in drive.text()
        assert "f2 help" in drive.text()
        await drive.press("f2")
        await drive.sees("type to search · enter runs")
        await drive.type("upload")
        await drive.until(lambda: re.search(r"ctrl\+n +upload", drive.text()), "the user's key in the help")
        await drive.press("escape")
        await drive.press("ctrl+n")
        await drive.sees("POST /files")
        await drive.press("escape")
        await drive.press("f3")
        await drive.until(lambda: type(drive.app.screen).__name__ == "CommandPalette", "the palette")


def test_a_dialog_takes_nothing_that_is_typed_for_the_shell() -> None:
    assert EVERY["app.suspend"].priority
    writing: Any = SimpleNamespace(focused=TextArea())
    assert tui.app.O9s.check_action(writing, "suspend_process", ()) is False, "there it takes back what was typed"
