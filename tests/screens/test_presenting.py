"""Presentation mode: nobody who looks at the screen, a picture of it or what is copied sees who or whose it is."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from rich.style import Style

from tests.support.driving import PROJECT_KEY, opened, write_config
from tests.support.people import find_people
from tests.support.samples import CONTEXT, sample_of
from tui.resources.registry import REGISTRY
from tui.screens.dialogs.secret import SecretScreen
from tui.toolkit.editor import edit
from tui.toolkit.mask import Mask
from tui.toolkit.terminal.clipboard import copy, put
from tui.toolkit.terminal.sequences import notify_terminal
from tui.widgets.base.bars import HeaderBar
from tui.widgets.detail.summary import describe
from tui.widgets.table.table_rows import Painter

if TYPE_CHECKING:
    from tests.support.driving import Server

CANARIES = {"email": "xyzzy.plugh@quux.example", "name": "Xyzzy Plugh", "redacted_value": "sk-xyz**plugh"}
SEEN = re.compile("xyz|plug|quu", re.IGNORECASE)


def peopled(value: Any) -> Any:
    """JSON of the platform in which all people, and all ends of keys, are one."""
    if isinstance(value, list):
        return [peopled(each) for each in value]
    if not isinstance(value, dict):
        return value
    family = str(value.get("object") or "")
    is_person = "email" in value or value.get("type") == "user" or family.endswith(".user")
    return {
        key: CANARIES[key]
        if key in ("email", "redacted_value") or (key == "name" and is_person)
        else peopled(each)
        for key, each in value.items()
    }


@pytest.mark.parametrize("resource", REGISTRY.values(), ids=lambda each: each.name)
def test_no_list_or_detail_shows_people_at_any_width(resource: Any) -> None:
    raw = peopled({**sample_of(resource), "owner": {"type": "user", "user": dict(CANARIES)}, "email": "a@b"})
    record, mask = resource.record(raw), Mask()
    mask.learn(raw)
    lines = [f"{row.label}  {row.cell.text}" for row in describe(resource, record, CONTEXT)]
    for width in range(20, 200, 9):
        painter = Painter(lambda _: Style())
        painter.arrange(resource.columns, width, wide=True)
        lines.append(painter.row(record, lambda _: CONTEXT, cursor=False, marked=False).text)
    assert [line for line in lines if SEEN.search(mask.hide(line))] == []


async def test_a_session_that_others_see(fresh: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    write_config("present = true\n")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-acme")
    async with opened(fresh, "users", painted=True) as drive:
        app = drive.app

        async def hidden(words: str) -> None:
            await drive.sees(words)
            assert find_people(app) == []
            assert "acme" not in (seen := drive.text()), seen
            assert PROJECT_KEY[-4:] not in seen.splitlines()[0]

        await drive.sees(" presenting ")
        await drive.until(lambda: len(drive.table.view.ids) > 5, "the users")
        await hidden("owner")
        app.notify("Robin Vega is told of sk-test-only…, robin.vega@acme.example", markup=False)
        await hidden("is told of")
        await drive.press("enter")
        await hidden("•••")
        await drive.command("users")
        await drive.press("y")
        await hidden('"email"')
        assert "robin" not in app.export_screenshot().lower()
        await drive.press("ctrl+d")
        await hidden("Cancel")
        await drive.press("escape")
        await drive.press("colon")
        await drive.type("offboard robin.vega@acme.example")
        await hidden("offboard")
        await drive.press("escape")
        for place in ("home", "keys", "admin-keys", "projects", "audit", "invites", "usage", "limits"):
            await drive.command(place)
            await drive.until(lambda: app.screen.query(HeaderBar), place)
            await hidden(" presenting ")
        await drive.press("i", "enter")
        await hidden('"openai-organization"')
        await drive.press("escape", "escape")
        await app.push_screen(SecretScreen("robot", "sk-test-a-new-secret"))
        await hidden("c copies it as it is")
        await drive.press("escape", "escape")
        with patch.object(app._driver, "write") as written:
            copy(app, "robin.vega@acme.example")
            app.copy_to_clipboard("Robin Vega")
            notify_terminal(app, "robin.vega@acme.example left")
            put(app, "a new key as it is")
        sent = "".join(call.args[0] for call in written.call_args_list)
        copied = [base64.b64decode(found).decode() for found in re.findall(r"52;c;([\w+/=]*)", sent)]
        assert copied == ["•" * 23, "•" * 10, "a new key as it is"]
        assert "robin" not in sent
        assert edit(app, "Robin Vega") is None
        await drive.told(":present off ends it")
        await drive.command("present maybe")
        await drive.sees(":present off ends it.")
        await drive.press("escape")
        await drive.command("present off")
        await drive.until(lambda: " presenting " not in drive.text(), "the mark to go")
        await drive.command("users")
        await drive.sees("robin.vega@acme.example")
        await drive.command("present")
        await drive.sees(" presenting ")
        assert find_people(app) == []
