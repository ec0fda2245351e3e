"""Each setting's line is found, however TOML lets it be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tui.config.reading import load
from tui.config.source import Source

if TYPE_CHECKING:
    from pathlib import Path

TOML = '''# a comment
theme = "nord"   # [not.a.table]

"places" = [
    "home",      # ] is no end
    "files",
]
note = """
[keys]
theme = 3
"""
profiles.home.project = "p"

[profiles."my work"]
read_only = true
inner = { a = 1, b = { c = 2 } }

[[commands]]
run = ["a"]

[[commands]]
key = "f7"
run = [
    "b",
]
[commands.more]
x = 1
[keys]
'live.refresh' = "f6"'''

COMMAND = "[[commands]]\nkey = 'f7'\non = '*'\nrun = ['a']\n"


@pytest.mark.parametrize(
    ("way", "line"),
    [
        (("theme",), 2),
        (("places",), 4),
        (("profiles", "home", "project"), 12),
        (("profiles", "my work"), 14),
        (("profiles", "my work", "read_only"), 15),
        (("profiles", "my work", "inner", "b", "c"), 16),
        (("commands", 0, "run"), 19),
        (("commands", 1), 21),
        (("commands", 1, "run"), 23),
        (("commands", 1, "more", "x"), 27),
        (("keys", "live.refresh"), 29),
    ],
)
def test_the_line_of_a_setting_is_found(way: tuple[str | int, ...], line: int) -> None:
    assert Source(TOML).lines[way] == line


def test_what_stands_nowhere_has_the_line_of_the_table_around_it() -> None:
    assert Source(TOML).at("commands", 1, "output") == "config.toml line 21: "
    assert Source(TOML).at("nowhere") == ""


def test_a_very_long_list_costs_no_more_than_its_lines() -> None:
    lines = ",\n".join(f'"host-{number}"' for number in range(5_000))
    assert Source(f"a = [\n{lines}\n]\nb = 1\n").lines["b",] == 5_003


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("\ntheem = 'nord'", "line 2: theem is no setting of o9s; did you mean theme?"),
        ("[profile.work]", "line 1: profile is no setting of o9s; did you mean profiles?"),
        (
            "read_only = true",
            "line 1: read_only is no setting of o9s; it belongs into [profiles.PROFILE]. "
            "Until it is mended nothing is written.",
        ),
        (
            "[profiles.work]\napi_key = 'abc'",
            "line 2: profiles.work.api_key is no setting of o9s; keys stand in no file: `o9s auth login` keeps "
            "one in the keyring, key_command prints one.",
        ),
        (
            "commands = 3",
            "line 1: commands must be a list of tables, each begun with [[commands]]; it is ignored.",
        ),
        ("\n[[commands]]\nkey = 'f7'", "line 2: commands[1] has no on and no run; it is ignored."),
        (
            f"{COMMAND}output = 'tost'",
            "line 5: commands[1].output must be pane, toast, terminal or none; did you mean toast?",
        ),
        (f"{COMMAND}confirm = 'yes'", "line 5: commands[1].confirm must be true or false; until then it asks."),
        (f"{COMMAND}[[commands]]\n", "line 5: commands[2] has no key and no on and no run; it is ignored."),
        ("exec = ['a']", "line 1: exec is no setting of o9s; it belongs into [notify]."),
        ("[keys]\nremember = 3", "line 2: keys.remember must be a key or a list of keys; it is ignored."),
        (
            "default_profile = 'wrok'\n[profiles.work]",
            "line 1: default_profile is wrok, and there is no profile of this name; did you mean work?",
        ),
    ],
)
def test_a_notice_says_the_line_and_the_nearest_right_name(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(content)
    assert load(path).notices == (f"config.toml {says}",)


def test_a_command_that_is_wrong_is_left_out_and_asks_where_that_is_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"{COMMAND}confirm = 'yes'\n{COMMAND}input = 3\n{COMMAND}safe = true\n")
    first, last = load(path).commands
    assert (first.confirm, first.number) == (True, 0)
    assert (last.safe, last.number) == (True, 2)
