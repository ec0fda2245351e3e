"""`o9s auth status`, and what commands tell of a faulty config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from tests.support.commands import run
from tests.support.driving import served, write_config
from tui.cli.main import cli

if TYPE_CHECKING:
    from pathlib import Path


def test_a_default_profile_that_is_not_there_is_told_as_that() -> None:
    write_config("default_profile = 'wrok'\n[profiles.work]\n")
    told = CliRunner().invoke(cli, ["auth", "status"])
    assert told.exit_code == 1
    assert "wrok, which is not in the config file" in told.stdout
    assert "did you mean work?" in told.stderr
    write_config("default_profile = 'work'\n[profiles.work]\n")
    told = CliRunner().invoke(cli, ["auth", "status"])
    assert told.exit_code == 0
    assert "not in the config file" not in told.stdout


def test_each_note_is_told_once() -> None:
    write_config("[profiles.default]\nbase_url = 'https://llm.example/v1'\norganization = 'org-a'\n")
    env = {"OPENAI_BASE_URL": "https://api.openai.com/v1", "OPENAI_ORG_ID": "org-b"}
    told = CliRunner().invoke(cli, ["auth", "status"], env=env)
    notes = told.stderr.splitlines()
    assert notes
    assert not [note for note in notes if note in told.stdout]


def test_a_command_tells_what_concerns_its_profile_and_that_others_are_wrong() -> None:
    faults = "theme = 3\nplaces = 4\n[profiles.work]\nrequests_per_minute = 0\n"
    write_config(f"{faults}[profiles.home]\nauth = 'x'\n[notify]\nexec = 3\n")
    told = CliRunner().invoke(cli, ["auth", "status", "--profile", "work"]).stderr.splitlines()
    assert len(told) == 2, told
    assert told[0].startswith("config.toml line 4: profiles.work.requests_per_minute must be")
    assert told[1] == "The config file has settings that cannot be used: `o9s config` lists them."


def test_a_misspelled_read_only_keeps_commands_from_writing(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("text")
    with served(scenario="calm") as server:
        before = server.call("GET", "/files")
        for profile in ("work", "default"):
            write_config(f"[profiles.{profile}]\nreadonly = true\n")
            told = run(server.url, "upload", str(source), "--purpose", "user_data", "--profile", profile)
            assert told.exit_code == 1
            assert f"Until it is mended nothing is written as profile {profile}." in told.stderr
            assert "Writing is off: this is read-only." in told.stderr
        assert server.call("GET", "/files") == before
