"""The config file: read leniently, written whole and privately."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.api.credentials.resolve import resolve
from tui.api.errors import UnknownProfile, advise_writing
from tui.config.reading import load
from tui.config.settings import Config, Profile
from tui.config.writing import save_profile, set_value
from tui.system.private_files import directories

posix = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")

WHOLE = """
# mine
default_profile = "work"
theme = "nord"
failed_share = 0.05
present = true

[profiles.work]
base_url = "https://eu.api.openai.com/v1"
organization = "org-1"
project = "proj_1"
key_command = ["op", "read", "op://x"]
admin_key_command = ["pass", "x"]
read_only = true
requests_per_minute = 30

[keys]
"live.refresh" = "f5, ctrl+r"
"table.mark" = ["space", "m"]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "o9s" / "config.toml"


def written(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_whole_file_is_read(path: Path) -> None:
    config = load(written(path, WHOLE))
    assert config.notices == ()
    assert (config.default_profile, config.theme) == ("work", "nord")
    assert config.failed_share == 0.05
    assert config.present
    assert config.profile("work") == Profile(
        "work",
        base_url="https://eu.api.openai.com/v1",
        organization="org-1",
        project="proj_1",
        key_command=("op", "read", "op://x"),
        admin_key_command=("pass", "x"),
        read_only=True,
        requests_per_minute=30,
    )
    assert config.keys == {"live.refresh": ("f5", "ctrl+r"), "table.mark": ("space", "m")}


def test_no_file_is_all_defaults(path: Path) -> None:
    assert load(path) == Config()
    assert load(path).profile("default") == Profile("default")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("theme = 3", "theme must be a text"),
        ("failed_share = 5", "failed_share must be a share from 0 to 1"),
        ("failed_share = true", "failed_share must be a share from 0 to 1"),
        ("colour = 'red'", "colour is no setting"),
        ("profiles = 3", "profiles must be a table"),
        ("keys = []", "keys must be a table"),
        ("[profiles]\nwork = 'x'", "profiles.work must be a table"),
        ("[profiles.work]\nread_only = 'yes'", "profiles.work.read_only must be true or false"),
        ("[profiles.work]\nkey_command = 'op read'", "profiles.work.key_command must be a list of texts"),
        ("[profiles.work]\nkey_command = []", "profiles.work.key_command must be a list of texts"),
        ("[profiles.work]\nrequests_per_minute = 0", "profiles.work.requests_per_minute must be a number from 1"),
        (
            "[profiles.work]\nrequests_per_minute = true",
            "profiles.work.requests_per_minute must be a number from 1",
        ),
        ("[profiles.work]\napi_key = 'sk-x'", "profiles.work.api_key is no setting"),
        ("[profiles.work]\nname = 'x'", "profiles.work.name is no setting"),
        ("[profiles.w]\nallow_http = ['*']", "line 2: profiles.w.allow_http[1] must be a host such as"),
        ("[keys]\n'a' = 3", "keys.a must be a key"),
    ],
)
def test_a_fault_costs_one_setting_and_says_so(path: Path, content: str, says: str) -> None:
    config = load(written(path, f"{content}\n"))
    assert len(config.notices) == 1
    assert says in config.notices[0]
    assert "sk-x" not in config.notices[0]
    assert config.theme is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"theme = ", "line 1 is no valid TOML: Invalid value"),
        (b"a = 1\n\n[profiles.w", "line 3 is no valid TOML: "),
        (b"\xff\xfe", "is UTF-16: have the editor save it as UTF-8"),
        ("theme = 'nord'".encode("utf-16"), "is UTF-16"),
        ("theme = 'nord'".encode("utf-16-be"), "is UTF-16"),
        (b"a = 1\nb = '\xe4'", "line 2 is not UTF-8"),
        (b"\x00", "line 1 is no valid TOML"),
        (b"[a]\n[a]", "line 2 is no valid TOML: Cannot declare"),
        (b"x = " + b"[" * 5000, "is no valid TOML"),
        (b"theme = 'a\nb'", "line 1 is no valid TOML"),
    ],
)
def test_a_file_that_cannot_be_read_stays_and_nothing_is_written(path: Path, content: bytes, says: str) -> None:
    target = written(path.with_name("dotfiles"), content)
    path.symlink_to(target)
    for _ in range(2):
        config = load(path)
        (notice,) = config.notices
        assert notice.startswith(f"{path} {says}")
        assert notice.endswith("Until it is mended nothing is written, and no profile is known.")
        assert path.is_symlink()
        assert target.read_bytes() == content
    connection = resolve(profile=None, base_url=None, read_only=False, env={}, config=config, kinds=())
    assert connection.read_only
    with pytest.raises(UnknownProfile, match=re.escape(says)):
        resolve(profile="work", base_url=None, read_only=False, env={}, config=config)
    with pytest.raises(ValueError, match="it is left as it is"):
        set_value(("theme",), "gruvbox", path)
    assert target.read_bytes() == content


def test_a_mark_at_the_beginning_is_no_fault_and_a_link_stays_one(path: Path) -> None:
    target = written(path.with_name("dotfiles"), b"\xef\xbb\xbftheme = 'nord'\n")
    path.symlink_to(target)
    assert load(path).theme == "nord"
    assert load(path).notices == ()
    set_value(("theme",), "gruvbox", path)
    assert path.is_symlink()
    assert load(target).theme == "gruvbox"


@pytest.mark.parametrize("folder_too", [False, True])
def test_a_link_that_leads_nowhere_may_have_forbidden_writing(path: Path, folder_too: bool) -> None:
    link = path.parent if folder_too else path
    target = link.with_name("elsewhere")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)
    config = load(path)
    assert config.notices == (
        f"{link} is a link to {target}, which is not there. "
        "Until it is mended nothing is written, and no profile is known.",
    )
    assert not _is_open(config, None)
    with pytest.raises(ValueError, match="which is not there; it is left as it is"):
        set_value(("theme",), "gruvbox", path)
    assert link.is_symlink() and not target.exists()


@pytest.mark.parametrize("name", ["Default", "DEFAULT", "' default'"])
def test_a_profile_that_differs_from_the_default_in_case_only_is_told(path: Path, name: str) -> None:
    config = load(written(path, f"[profiles.{name}]\nread_only = true\n"))
    assert not _is_open(config, None) and not _is_open(config, "default")
    (notice,) = config.notices
    assert " is not profile default: write its name in small letters. Until it is mended" in notice
    config = load(written(path, f"[profiles.{name}]\nproject = 'p'\n"))
    assert _is_open(config, None) and len(config.notices) == 1
    other = f"[profiles.{name}]\nread_only = true\n"
    for more in ("[profiles.default]\n", "[profiles.work]\n"):
        start = "default_profile = 'work'\n" if "work" in more else ""
        assert _is_open(load(written(path, f"{start}{other}{more}")), None), "it is another"


@given(content=st.binary(max_size=200))
def test_any_content_loads(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = written(tmp_path_factory.getbasetemp() / "any" / "config.toml", content)
    assert isinstance(load(path), Config)


def test_a_directory_in_its_place_is_a_notice(path: Path) -> None:
    path.mkdir(parents=True)
    assert "cannot be read" in load(path).notices[0]


def test_setting_a_value_keeps_the_rest(path: Path) -> None:
    written(path, WHOLE)
    set_value(("theme",), "gruvbox", path)
    set_value(("keys", "live.refresh"), ["f6"], path)
    set_value(("keys", "table.mark"), None, path)
    text = path.read_text()
    assert text == WHOLE.replace("nord", "gruvbox").replace('"f5, ctrl+r"', '["f6"]').replace(
        '"table.mark" = ["space", "m"]\n', ""
    )


def test_a_profile_is_written_and_read_back(path: Path) -> None:
    profile = Profile("home", base_url="https://x.example/v1", key_command=("a", "b"), read_only=True)
    save_profile(profile, path)
    assert load(path).profile("home") == profile
    save_profile(Profile("home", project="proj_1"), path)
    assert load(path).profile("home") == Profile("home", project="proj_1")


@posix
def test_files_and_directories_are_private(path: Path) -> None:
    path.parent.mkdir(mode=0o755, parents=True)
    set_value(("theme",), "nord", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(path, WHOLE)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tui.system.private_files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        set_value(("theme",), "gruvbox", path)
    assert path.read_text() == WHOLE
    assert list(path.parent.iterdir()) == [path]


def test_a_corrupt_file_is_not_written_over(path: Path) -> None:
    written(path, "theme = ")
    with pytest.raises(ValueError, match="no valid TOML"):
        set_value(("theme",), "gruvbox", path)
    assert path.read_text() == "theme = "


def test_the_environment_moves_the_directories() -> None:
    moved = directories({"O9S_CONFIG_DIR": "/a", "O9S_STATE_DIR": "/b"})
    assert (moved.config, moved.state) == (Path("/a"), Path("/b"))
    assert "o9s" in str(directories({"O9S_STATE_DIR": "/b"}).config)


def test_what_cannot_be_used_of_a_profile_is_kept_with_its_reason(path: Path) -> None:
    config = load(
        written(path, "[profiles]\nhome = 'x'\n[profiles.work]\nkey_command = 'op read'\nproject = 'p'\n")
    )
    assert "must be a list of texts" in config.profiles["work"].unusable["key_command"]
    assert config.profiles["work"].project == "p"
    assert config.profiles["home"].unusable["base_url"] == "profiles.home must be a table."


def _is_open(config: Config, profile: str | None) -> bool:
    env = {"OPENAI_API_KEY": "sk-proj-" + "a" * 40}
    found = resolve(profile=profile, base_url=None, read_only=False, env=env, config=config, kinds=())
    assert not found.read_only_by or advise_writing(found.read_only_by)
    return not found.read_only


@pytest.mark.parametrize(
    "content",
    [
        *(f"[profiles.work]\n{name} = true" for name in ("readonly", "read-only", "ReadOnly", "read_onyl", "ro")),
        *(f"[profiles.work]\nread_only = {value}" for value in ("'yes'", "'false'", "1", "[true]", "{}")),
        "[profiles.work]\nwritable = false",
        "[profiles.work]\nmode = 'read-only'",
        "[profiles.work.headers]\nX-Team = 'a'\nread_only = true",
    ],
)
def test_what_may_be_meant_as_read_only_closes_its_profile(path: Path, content: str) -> None:
    config = load(written(path, f"[profiles.home]\nread_only = false\n{content}\n"))
    assert not _is_open(config, "work"), config.notices
    assert _is_open(config, "home")
    assert _is_open(config, None)
    (notice,) = config.notices
    assert notice.endswith("Until it is mended nothing is written as profile work."), notice


@pytest.mark.parametrize(
    "content",
    [
        "read_only = true",
        "readonly = 1",
        "[profiles]\nread_only = true",
        "[profile.work]\nread_only = true",
        "[[profiles]]\nname = 'work'\nread_only = true",
        "[notify]\nread_only = true",
        "[keys]\nread_only = true",
        "[[commands]]\nkey = 'f7'\non = '*'\nrun = ['x']\nreadonly = true",
    ],
)
def test_what_may_be_meant_as_read_only_and_names_no_profile_closes_all(path: Path, content: str) -> None:
    config = load(written(path, f"{content}\n"))
    assert not _is_open(config, None), config.notices
    assert not _is_open(config, "default")
    assert any(each.endswith("Until it is mended nothing is written.") for each in config.notices), config.notices


@pytest.mark.parametrize(
    "content",
    [
        "[aliases]\nreadonly = 'files'",
        "[filters]\nro = '!ok'",
        "[profiles.readonly]\nproject = 'p'",
        "[profiles.work]\nreadonly = false",
        "[profiles.work.headers]\nX-Read-Only = '1'",
        "[profiles.work]\ncolour = 'red'",
    ],
)
def test_what_cannot_be_meant_as_read_only_leaves_writing_open(path: Path, content: str) -> None:
    config = load(written(path, f"{content}\n"))
    assert _is_open(config, None), config.notices
    assert all(_is_open(config, name) for name in config.profiles)


def test_a_misspelled_default_profile_does_not_open_what_it_may_mean(path: Path) -> None:
    config = load(written(path, "default_profile = 'wrok'\n[profiles.work]\nread_only = true\n"))
    assert not _is_open(config, None)
    assert config.notices == (
        "config.toml line 1: default_profile is wrok, and there is no profile of this name; did you mean work? "
        "Until it is mended nothing is written as profile wrok.",
    )
    assert _is_open(load(written(path, "default_profile = 'wrok'\n[profiles.work]\n")), None)


def test_faults_are_told_in_the_order_of_the_lines(path: Path) -> None:
    config = load(written(path, "theme = 3\ndefault_profile = 'wrok'\ncolour = 'red'\n[notify]\nexec = 3\n"))
    assert [each.partition(":")[0] for each in config.notices] == [f"config.toml line {n}" for n in (1, 2, 3, 5)]


def test_of_a_list_only_the_entries_that_are_wrong_are_left_out(path: Path) -> None:
    config = load(written(path, "places = ['home', 3, 'files']\n[views.b]\ncolumns = ['', 'NAME']\n"))
    assert config.places == ("home", "files")
    assert config.views["b"].columns == ("NAME",)
    assert config.notices == (
        "config.toml line 1: places[2] must be a text; it is left out.",
        "config.toml line 3: views.b.columns[1] must be a text; it is left out.",
    )
    config = load(written(path, f"places = {['home'] * 11}\n"))
    assert len(config.places) == 10
    assert config.notices == ("config.toml line 1: places has 11 entries; those after 10 are left out.",)
