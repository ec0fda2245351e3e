"""The user's own: keys, theme, profiles."""

from __future__ import annotations

import json
import os
import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.driving import PROJECT_KEY, opened, write_config
from tui.commands.keymap import build_keymap
from tui.screens.dialogs.pick import Pick

if TYPE_CHECKING:
    from tests.support.driving import Drive, Server
    from tui.screens.navigation.accounts.session import Session


def _printing(key: str) -> str:
    """A program that prints a key, and does not hold it as it is: no file of the user may."""
    return f"print({key[:8]!r} + {key[8:]!r})"


def _session(drive: Drive) -> Session:
    assert drive.app.navigator
    return drive.app.navigator.session


def test_a_clash_is_told_and_left_out() -> None:
    keys, faults = build_keymap({"act.delete": ("ctrl+k",), "go.up": ("n",), "no.such": ("x",), "act.new": ("j",)})
    assert keys == {"act.delete": "ctrl+k"}
    assert any("act.new cannot" in fault for fault in faults)
    assert any("no.such" in fault for fault in faults)
    assert any("table.down" in fault for fault in faults)


async def test_a_key_of_ones_own(fresh: Server) -> None:
    write_config('[keys]\n"act.delete" = "ctrl+k"\n')
    async with opened(fresh, "files") as drive:
        await drive.press("ctrl+k")
        await drive.sees("Delete this file?")
        await drive.press("escape")
        await drive.sees("n upload")
        await drive.press("ctrl+d")
        await drive.rest()
        assert "Delete this file?" not in drive.text()


async def test_the_header_names_the_key_of_the_profile_and_not_that_of_the_environment(fresh: Server) -> None:
    own = f"{PROJECT_KEY[:-4]}mine"
    write_config(
        f'[profiles.work]\nbase_url = "{fresh.url}"\n'
        f"key_command = {json.dumps([sys.executable, '-c', _printing(own)])}\n"
    )
    async with opened(None, profile="work", env={"OPENAI_API_KEY": PROJECT_KEY}) as drive:
        await drive.sees("key …mine of key_command")
        assert f"…{PROJECT_KEY[-4:]}" not in drive.text()
    async with opened(None, base_url=fresh.url, env={"OPENAI_API_KEY": PROJECT_KEY}) as drive:
        await drive.sees(f"key …{PROJECT_KEY[-4:]} of OPENAI_API_KEY")


async def test_a_theme_is_kept(fresh: Server) -> None:
    async with opened(fresh) as drive:
        await drive.command("theme o9s-light")
        await drive.until(lambda: drive.app.theme == "o9s-light", "the theme")
        await drive.command("theme no-such")
        await drive.sees("There is no theme")
        await drive.press("escape")
        await drive.command("theme")
        await drive.until(lambda: isinstance(drive.app.screen, Pick), "the themes")
        await drive.type("nord")
        await drive.press("enter")
        await drive.until(lambda: drive.app.theme == "nord", "the theme that was chosen")
        await drive.command("theme o9s-light")
        await drive.until(lambda: drive.app.theme == "o9s-light", "the theme again")
    config = Path(os.environ["O9S_CONFIG_DIR"]) / "config.toml"
    assert tomllib.loads(config.read_text())["theme"] == "o9s-light"
    async with opened(fresh) as drive:
        assert drive.app.theme == "o9s-light"


async def test_another_profile_is_another_connection(fresh: Server) -> None:
    write_config(
        f'[profiles.second]\nbase_url = "{fresh.url}"\nread_only = true\n'
        f"key_command = {json.dumps([sys.executable, '-c', _printing(PROJECT_KEY)])}\n"
        'organization = "org-two"\n'
    )
    async with opened(fresh) as drive:
        await drive.command("profile second")
        await drive.sees(" second ")
        await drive.sees("org-two")
        await drive.sees("ro ")
        await drive.sees("● live")


async def test_a_misspelled_read_only_closes_the_screen_too(fresh: Server) -> None:
    write_config("[profiles.default]\nreadonly = true\n")
    async with opened(None, base_url=fresh.url, env={"OPENAI_API_KEY": PROJECT_KEY}) as drive:
        await drive.sees(" ro ")
        notices, said = drive.app.notices, "nothing is written as profile default."
        await drive.until(lambda: any(said in each for each in notices.told), said)
        await drive.command("rw")
        await drive.sees("config.toml line 2 says read-only")


async def test_another_profile_keeps_how_things_are_laid_out(fresh: Server) -> None:
    command = json.dumps([sys.executable, "-c", _printing(PROJECT_KEY)])
    write_config(f'[profiles.second]\nbase_url = "{fresh.url}"\nkey_command = {command}\n')
    async with opened(fresh) as drive:
        await drive.press("p", "p")
        await drive.until(lambda: _session(drive).layout.detail == "right", "the detail on the right")
        _session(drive).tabs["batches"] = "json"
        await drive.command("profile second")
        await drive.sees(" second ")
        await drive.sees("● live")
        await drive.until(lambda: getattr(drive.app.screen, "detail_at", "") == "right", "it on the right")
        assert _session(drive).tabs["batches"] == "json"


async def test_a_key_given_to_a_profile_that_cannot_be_used_is_not_taken_for_the_one_before(fresh: Server) -> None:
    write_config('[profiles.broken]\nbase_url = "http://example.invalid/v1"\n')
    async with opened(fresh) as drive:
        await drive.sees("● live")
        await drive.command("profile broken")
        await drive.sees("It needs a key to open")
        await drive.press("p")
        await drive.sees("Paste the key")
        await drive.type(PROJECT_KEY)
        await drive.press("enter")
        await drive.sees("It needs a key to open")
        await drive.sees("https")
        assert drive.app.connection is None


async def test_a_config_that_cannot_be_read_is_set_aside(fresh: Server) -> None:
    write_config("this is = = no toml")
    async with opened(fresh) as drive:
        await drive.told("config")
        await drive.sees("● live")


async def test_what_could_not_be_used_is_told_once_and_listed_whole(fresh: Server) -> None:
    wrong = [f"[profiles.work]\napi_key = 'sk-{'x' * 40}'", '[keys]\n"no.such" = "x"\n"act.new" = "j"']
    write_config("colour = 'red'\nfailed_share = 'much'\ntheme = 'no-such'\n" + "\n".join(wrong))
    async with opened(fresh, "files", size=(80, 24)) as drive:
        await drive.told("6 notices on the config and the keys: :faults lists them.")
        assert len(drive.toasts) == 2, "how many, and the first"
        await drive.command("faults")
        for words in (
            "colour is no setting",
            "failed_share must",
            "no theme no-such",
            "no.such",
            "act.new cannot",
        ):
            await drive.sees(words)
        told = re.findall(r"config.toml line (\d+): ", drive.text())
        assert told[:6] == ["1", "2", "3", "5", "7", "8"], "behind them is a toast"
        await drive.press("escape")
        for command, words in (("watches", "Nothing is watched."), ("outcome", "Nothing was done to many")):
            await drive.command(command)
            await drive.told(words)
