"""What only the whole program can tell of the config is told with its line, and the rest is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import tui.app  # noqa: F401 (it has bindings, too)
from tui.commands.keymap import build_keymap, describe_bindings
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
        ("ctrl+i", "*", "a", "commands[1] cannot have ctrl+i, which a terminal takes for tab; take another."),
        ("crtl+g", "files", "a", "line 2: commands[1] cannot have crtl+g, which is no key; did you mean ctrl+"),
        ("hyper+q", "files", "a", "line 2: commands[1] cannot have hyper+q, which is no key; "),
        ("foo", "files", "a", "line 2: commands[1] cannot have foo, which is no key; "),
        ("f8", "files", "{", "config.toml line 4: commands[1].run cannot be filled, so it is ignored: { stands"),
    ],
)
def test_a_command_that_cannot_be_used_is_told(tmp_path: Path, key: str, on: str, run: str, says: str) -> None:
    own = check(tmp_path, f'[[commands]]\nkey = "{key}"\non = "{on}"\nrun = ["{run}"]\n{GOOD}')
    (notice,) = own.notices
    assert says in notice
    assert [(each.key, each.on) for each in own.own.commands] == [("f7", ("fine-tuning",))], "the other is kept"


def test_two_commands_share_a_key_only_for_different_objects(tmp_path: Path) -> None:
    other = GOOD.replace('"ft"', '"files"')
    assert check(tmp_path, GOOD + other).notices == []
    (notice,) = check(tmp_path, GOOD + other.replace('"files"', '["files", "fine-tuning"]')).notices
    assert notice == "config.toml line 8: commands[2] cannot have f7, which commands[1] has."


def test_a_key_of_another_place_is_free(tmp_path: Path) -> None:
    assert check(tmp_path, GOOD.replace("f7", "b")).notices == []


def test_a_key_that_was_given_away_is_free(tmp_path: Path) -> None:
    text = '[keys]\n"detail.describe" = "f9"\n' + GOOD.replace("f7", "d")
    assert check(tmp_path, text).notices == []
    (notice,) = check(tmp_path, '[keys]\n\n"detail.describ" = "f9"\n').notices
    assert notice.startswith("config.toml line 3: keys: there is no binding detail.describ; did you mean")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[aliases]\nft = 'batches'", "config.toml line 2: aliases.ft is a word of o9s itself"),
        ("[aliases]\ntheme = 'batches'", "line 2: aliases.theme is a word of o9s itself"),
        ("[aliases]\n'a b' = 'batches'", "line 2: aliases.a b is no word"),
        (
            "[aliases]\nnight = 'batchs /x'",
            "line 2: aliases.night leads nowhere: there is nothing called 'batchs'; did",
        ),
        (
            "\nplaces = ['home', 'fils']",
            "line 2: places leads nowhere: there is nothing called 'fils'; did you mean",
        ),
        ("\nstart = 'batchess'", "line 2: start leads nowhere: There is no resource called 'batchess': did you"),
        ("[aliases]\nloop = 'loop'", "line 2: aliases.loop stands on loop, another alias, which none can;"),
        (
            "[filters]\n'b d' = 'x'",
            "line 2: filters.b d cannot be meant by @b d: use letters, digits, - a",
        ),
        ("[filters]\nbad = 'x @bad'", "line 2: filters.bad stands on @bad, which filters cannot; write out what"),
        ("[keys]\n'act.edit' = 'foo+bar'", "line 2: keys: act.edit cannot have foo+bar, which is no key; "),
        (
            "[keys]\n'act.edit' = ['f8', 'ctrl+i']",
            "keys: act.edit cannot have ctrl+i, which a terminal takes",
        ),
        ("[profiles.w]\nbase_url = 'ftp://x'", "line 2: profiles.w.base_url: The base URL must look like https:"),
        ("[profiles.w]\nbase_url = 'not a url'", "line 2: profiles.w.base_url: The base URL has a blank"),
        ("[profiles.w]\nbase_url = 'https://a:b@c/v1'", "profiles.w.base_url: The base URL must not hold a user"),
        (
            "[profiles.w]\nbase_url = 'https://c/v1?x=1'",
            "profiles.w.base_url: The base URL must end",
        ),
        (
            "[profiles.w]\nkind = 'azure'",
            "line 2: profiles.w.kind: profiles.w is of kind azure and has no",
        ),
        (
            "[profiles.w]\n\nproxy = 'socks9://x'",
            "line 3: profiles.w.proxy: The proxy of the profile",
        ),
        (
            "[profiles.w.headers]\n'X Bad' = 'a'",
            "line 2: profiles.w.headers.X Bad: headers has 'X Bad', which",
        ),
        ("[profiles.w.headers]\n'Ünder' = 'a'", "which is no name of a header"),
        (
            "[profiles.w.headers]\nHost = 'a'",
            "profiles.w.headers.Host: headers has Host, which o9s writes",
        ),
        ("[profiles.w.headers]\nContent-Length = ['a']", "headers has Content-Length, which o9s writes itself."),
        (
            "[profiles.w.headers]\nauthorization = 'a'",
            "line 2: profiles.w.headers.authorization: The profile",
        ),
        ('[profiles.w.headers]\nX-A = "a\\nb"', "profiles.w.headers.X-A: The value of the header X-A"),
        (
            "[profiles.w]\nclient_key = '.'",
            "line 2: profiles.w.client_key: Name the certificate that the key belongs",
        ),
        ("[profiles.w]\nca = '/no/such.pem'", "line 2: profiles.w.ca: There is no "),
        ("[profiles.w]\nclient_cert = '/no/such.pem'", "line 2: profiles.w.client_cert: There is no "),
        ("[filters]\nbad = 'age<'", "line 2: filters.bad cannot be used:"),
        (
            "[views.batchs]",
            "line 1: views.batchs is for no list. There is no resource called 'batchs': did you mean",
        ),
        (
            "[views.batches]\ncolumns = ['NAME', 'FAL']",
            "line 2: views.batches.columns: batches have no column FAL; did",
        ),
        (
            "[views.batches]\nsort = '-agee'",
            "line 2: views.batches.sort: batches have no column agee; did you mean age?",
        ),
        ("[views.batches]\nfilter = 'agee<2d'", "line 2: views.batches.filter cannot be used:"),
        (
            "[views.batches]\n[[views.batches.colours]]\nwhen = 'x<'\ntone = 'bad'",
            "line 3: views.batches.colours[1].when cannot be used:",
        ),
    ],
)
def test_a_word_or_a_view_that_cannot_be_used_is_told(tmp_path: Path, text: str, says: str) -> None:
    own = check(tmp_path, text)
    (notice,) = own.notices
    assert says in notice
    assert not own.own.aliases
    assert not own.own.filters


def test_words_and_views_are_read_by_the_names_of_resources(tmp_path: Path) -> None:
    text = (
        'places = ["night", "files /a", "batch_abc", "costs"]\n'
        '[aliases]\nnight = "b /@bad"\n[filters]\nbad = "!ok"\n'
        '[views.b]\ncolumns = ["name", "meta.run", "request_counts.total"]\n'
        'sort = "needs"\nfilter = "@bad age<2d"\n'
        'colours = [{when = "outcome:failed", tone = "bad"}, {when = "meta.team=data", tone = "good"}]\n'
    )
    own = check(tmp_path, text)
    assert own.notices == []
    (view,) = own.own.views.values()
    assert (view.name, view.sort, len(view.columns)) == ("batches", "NEEDS YOU", 3)
    assert own.own.expand_line("night age<2d") == "b /@bad age<2d"
    assert own.own.expand_line("files") == "files"


def test_all_that_is_wrong_with_a_command_is_told_at_once(tmp_path: Path) -> None:
    own = check(tmp_path, '[[commands]]\nkey = "foo"\non = ["files", "batchs"]\nrun = ["a", "{?}", "{"]\n')
    about = [notice.split()[3] for notice in own.notices]
    assert about == ["commands[1].on", "commands[1].run", "commands[1].run", "commands[1]"]


def test_every_key_of_o9s_can_be_given_to_something_else() -> None:
    keys = {key for row in describe_bindings() for key in row[1].split(",")} | {"/", "ctrl+g", "alt+x"}
    told = [notice for key in keys for notice in build_keymap({"act.edit": (key,)})[1]]
    assert [notice for notice in told if "is no key" in notice] == []
