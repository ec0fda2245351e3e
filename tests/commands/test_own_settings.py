"""What only the whole program can tell of the config is told with its line, and the rest is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui.commands.own_settings import OwnSettings
from tui.config.reading import load

if TYPE_CHECKING:
    from pathlib import Path

GOOD = '\n[[commands]]\nkey = "f7"\non = "ft"\nrun = ["true"]\n'


def check(path: Path, text: str) -> OwnSettings:
    (path / "config.toml").write_text(text)
    config = load(path / "config.toml")
    assert config.notices == ()
    return OwnSettings(config)


@pytest.mark.parametrize(
    ("key", "on", "run", "says"),
    [
        (
            "f8",
            "batchs",
            "a",
            "config.toml line 3: commands[1].on is wrong, so it is ignored. There is no resource",
        ),
        ("d", "files", "a", "config.toml line 2: commands[1] cannot have d, which detail.describe has;"),
        ("ctrl+p", "*", "a", "config.toml line 2: commands[1] cannot have ctrl+p, which app.palette has;"),
        ("crtl+g", "files", "a", "line 2: commands[1] cannot have crtl+g, which is no key; did you mean ctrl+"),
        ("f8", "files", "{", "config.toml line 4: commands[1].run cannot be filled, so it is ignored: { stands"),
    ],
)
def test_a_command_that_cannot_be_used_is_told(tmp_path: Path, key: str, on: str, run: str, says: str) -> None:
    own = check(tmp_path, f'[[commands]]\nkey = "{key}"\non = "{on}"\nrun = ["{run}"]\n{GOOD}')
    (notice,) = own.notices
    assert says in notice
    assert [(each.key, each.on) for each in own.commands] == [("f7", ("fine-tuning",))], "the other is kept"


def test_two_commands_share_a_key_only_for_different_objects(tmp_path: Path) -> None:
    other = GOOD.replace('"ft"', '"files"')
    assert check(tmp_path, GOOD + other).notices == []
    (notice,) = check(tmp_path, GOOD + other.replace('"files"', '["files", "fine-tuning"]')).notices
    assert notice == "config.toml line 8: commands[2] cannot have f7, which commands[1] has."


def test_a_key_that_was_given_away_is_free(tmp_path: Path) -> None:
    text = '[keys]\n"detail.describe" = "f9"\n' + GOOD.replace("f7", "d")
    assert check(tmp_path, text).notices == []
    (notice,) = check(tmp_path, '[keys]\n\n"detail.describ" = "f9"\n').notices
    assert notice.startswith("config.toml line 3: keys: there is no binding detail.describ; did you mean")
