"""Bad input and bad days: a clear sentence where one looks, the rows stay, the program goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Drive, Server, opened, served
from tests.support.sent_files import requests_file
from tui.system.private_files import directories

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tui.resources.language.objects import Record


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A sandbox whose faults each test sets, and takes back."""
    with served(scenario="calm") as server:
        yield server


@pytest.fixture
def troubled(server: Server) -> Iterator[Server]:
    yield server
    server.control("faults", spec="")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("503@/batches", "503"),
        ("401@/batches", "key"),
        ("403@/batches", "permission"),
        ("html@/batches", "web page"),
        ("bad-json@/batches", "cut before its end"),
        ("cut@/batches", "cut"),
        ("404@/batches", "404"),
        ("gzip-bomb@/batches", "far more than any real one"),
    ],
)
async def test_a_list_that_cannot_be_read_says_why_and_recovers(troubled: Server, fault: str, told: str) -> None:
    async with opened(troubled) as drive:
        rows = list(drive.table.view.ids)
        assert rows
        troubled.control("faults", spec=fault)
        await drive.press("r")
        await drive.until(lambda: drive.app.platform and drive.app.platform.health.error, "the failure")
        await drive.until(lambda: told.lower() in drive.text().lower(), f"{told!r} on the screen")
        assert list(drive.table.view.ids) == rows
        troubled.control("faults", spec="")
        await drive.press("r")
        await drive.sees("● live")


async def test_a_first_list_that_fails_gives_a_page_with_the_next_step(troubled: Server) -> None:
    troubled.control("faults", spec="500@/batches")
    async with opened(troubled, "files") as drive:
        await drive.command("batches")
        await drive.sees("No answer.")
        await drive.sees("Trying again at")
        await drive.command("files")
        await drive.sees("batch_output")


async def test_a_wrong_key(server: Server) -> None:
    env = {"OPENAI_API_KEY": "wrong-key-that-is-long-enough"}
    async with opened(None, env=env, base_url=server.url) as drive:
        await drive.sees("No access.")
        await drive.sees("Incorrect API key")
        await drive.press("question_mark")
        await drive.sees("type to search · enter runs")


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("sk-broken\nkey-with-a-newline", "line break"),
        ("sk-“typographic-quotes-around”", "not ASCII"),
        ("sk- with blanks in the middle of it", "blank"),
    ],
)
async def test_a_key_that_cannot_be_one_is_told_without_being_shown(server: Server, key: str, told: str) -> None:
    async with opened(None, env={"OPENAI_API_KEY": key}, base_url=server.url) as drive:
        await drive.sees("It needs a key to open")
        await drive.sees(told)
        assert key[3:12] not in drive.text()


@pytest.mark.opens("Welcome")
async def test_no_key_offers_three_ways() -> None:
    # OpenAI's own host, as others may want no key; nothing is sent there before there is one.
    async with opened(None, env={}) as drive:
        await drive.sees("Explore the sandbox")
        assert drive.text().count("Inside, for example:") == 1
        await drive.press("h")
        await drive.sees("key_command")
        await drive.press("p")
        await drive.sees("Paste the key")
        await drive.type("nonsense")
        await drive.press("enter")
        await drive.told("key")
        assert drive.app.platform is None


async def test_the_first_page_tells_all_that_could_not_be_used() -> None:
    config = directories().config / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('start = 3\nno_such = 1\n[profiles.default]\nkey_command = ["false"]\n')
    async with opened(None, env={}) as drive:
        await drive.sees("It needs a key to open")
        await drive.sees("The key command false ended with code 1")
        await drive.sees("config.toml line 1: start must be")
        await drive.sees("And 1 more: f")
        await drive.press("f")
        await drive.sees("no_such")
        assert "start must be" in drive.text()
        await drive.press("escape")
        await drive.sees("Explore the sandbox")
        await drive.pilot.resize_terminal(80, 24)
        await drive.sees("no key yet")


async def test_a_key_pasted_on_the_first_page_opens_the_platform(server: Server) -> None:
    async with opened(None, env={"OPENAI_API_KEY": "sk- with blanks"}, base_url=server.url) as drive:
        await drive.sees("It needs a key to open")
        await drive.press("p")
        await drive.sees("Paste the key")
        await drive.type(PROJECT_KEY)
        await drive.press("enter")
        await drive.sees("● live")


async def test_an_unreachable_host() -> None:
    async with opened(None, env={"OPENAI_API_KEY": PROJECT_KEY}, base_url="http://127.0.0.1:9/v1") as drive:
        await drive.sees("No answer.")
        await drive.sees("refuses the connection")


async def test_a_host_that_keys_must_not_go_to() -> None:
    env = {"OPENAI_API_KEY": PROJECT_KEY}
    async with opened(None, env=env, base_url="http://example.invalid/v1") as drive:
        await drive.sees("It needs a key to open")
        await drive.sees("https")


def succeeded(drive: Drive) -> Record:
    """A job that has checkpoints."""
    records: list[Record] = list(drive.table.view.collection.records.values())
    return next(record for record in records if record.raw["status"] == "succeeded")


async def test_an_admin_list_without_an_admin_key_says_what_is_needed(server: Server, tmp_path: Path) -> None:
    before = len(server.requests())
    async with opened(server, "fine-tuning", env={"OPENAI_API_KEY": PROJECT_KEY}) as drive:
        job = next(
            each for each in drive.table.view.collection.records.values() if each.raw["status"] == "succeeded"
        )

        await drive.command(f"checkpoints {job.id}")
        await drive.sees("ft:gpt")
        await drive.press("enter")
        await drive.sees("OPENAI_ADMIN_KEY")
    paths = [seen["path"] for seen in server.requests()[before:]]
    assert not any("permissions" in path for path in paths)


async def test_permissions_with_an_admin_key(server: Server) -> None:
    async with opened(server, "fine-tuning") as drive:
        job = next(
            each for each in drive.table.view.collection.records.values() if each.raw["status"] == "succeeded"
        )
        await drive.command(f"checkpoints {job.id}")
        await drive.sees("ft:gpt")
        await drive.press("enter")
        await drive.sees("Shared with no other project")
        await drive.press("n")
        await drive.sees("projects *")
        await drive.type("proj_one, proj_two")
        await drive.press("ctrl+s")
        await drive.answer()
        await drive.sees("proj_two")
        model = server.call("GET", f"/fine_tuning/jobs/{job.id}/checkpoints")["data"][0][
            "fine_tuned_model_checkpoint"
        ]
        shared = server.call("GET", f"/fine_tuning/checkpoints/{model}/permissions", admin=True)["data"]
        assert {each["project_id"] for each in shared} == {"proj_one", "proj_two"}
        await drive.press("ctrl+d")
        await drive.answer()
        await drive.until(
            lambda: (
                len(server.call("GET", f"/fine_tuning/checkpoints/{model}/permissions", admin=True)["data"]) == 1
            ),
            "one to go",
        )
    assert all(ADMIN_KEY not in str(seen) for seen in server.requests())


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("nosuchfield:x", "nosuchfield"),
        ("age<soon", "soon"),
        ("/[/", "regular expression"),
        ('"open', "quot"),
    ],
)
async def test_a_bad_filter_is_told_beside_it_and_the_rows_stay(server: Server, typed: str, told: str) -> None:
    async with opened(server) as drive:
        rows = list(drive.table.view.ids)
        await drive.press("slash")
        await drive.type(typed)
        await drive.until(lambda: told in drive.text().lower(), f"{told!r} beside the filter")
        assert list(drive.table.view.ids) == rows


async def test_an_unknown_command_offers_what_is_near(server: Server) -> None:
    async with opened(server) as drive:
        await drive.command("bathces")
        await drive.sees("did you mean batches")
        await drive.press("escape")
        await drive.command("open nothing_known")
        await drive.sees("is no id of the platform")


async def test_read_only_sends_nothing_and_says_so(server: Server) -> None:
    before = len(server.requests())
    async with opened(server, "files", read_only=True) as drive:
        await drive.press("ctrl+d")
        await drive.told("read-only")
        await drive.press("n")
        assert "POST /files" not in drive.text()
        await drive.command("rw")
        await drive.sees("--read-only says read-only, until o9s ends")
        await drive.press("escape", "ctrl+d")
        assert "Delete this file?" not in drive.text()
    assert {seen["method"] for seen in server.requests()[before:]} == {"GET"}


async def test_read_only_of_the_session_ends_only_when_that_is_agreed_to(server: Server) -> None:
    async with opened(server, "files") as drive:
        assert drive.app.navigator
        client, session = drive.app.navigator.platform.client, drive.app.navigator.session
        await drive.command("rw")
        await drive.told("Writing is open.")
        await drive.command("ro")
        assert client.read_only
        assert session.of_next().read_only, "the next profile begins so, too"
        await drive.command("rw")
        await drive.until(lambda: drive.armed, "the question, armed")
        await drive.press("enter")
        await drive.until(lambda: drive.app.screen.query("LiveTable"), "the list")
        assert client.read_only, "enter leaves it"
        await drive.command("rw")
        await drive.answer()
        await drive.told("Writing is open again.")
        assert not client.read_only


async def test_a_path_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    async with opened(server, "files") as drive:
        await drive.press("D")
        await drive.sees("Download to")
        await drive.press("backspace")
        await drive.type(str(tmp_path / "no" / "such" / "folder"))
        await drive.press("enter")
        await drive.until(
            lambda: any("folder" in note.message for note in drive.app._notifications), "what is wrong"
        )
        await drive.press("j")
        await drive.sees("● live")


async def test_a_create_whose_answer_is_lost_is_not_sent_again(troubled: Server, tmp_path: Path) -> None:
    path = requests_file(tmp_path, 1)
    before = {file["id"] for file in troubled.call("GET", "/files")["data"]}
    async with opened(troubled, "files") as drive:
        troubled.control("faults", spec="drop-after@POST /files")
        await drive.press("n")
        await drive.sees("POST /files")
        await drive.type(str(path))
        await drive.press("ctrl+s")
        await drive.until(lambda: "not known whether" in drive.text(), "that it is not known")
        troubled.control("faults", spec="")
        made = [file for file in troubled.call("GET", "/files")["data"] if file["id"] not in before]
        assert len(made) == 1


async def test_a_deletion_whose_answer_is_lost_is_looked_for(troubled: Server) -> None:
    async with opened(troubled, "vector-stores") as drive:
        troubled.control("faults", spec="drop-after@DELETE /vector_stores x1")
        record = drive.record
        await drive.press("ctrl+d")
        await drive.answer()
        await drive.sees(f"Deleted {record.at('name')}")
        await drive.until(lambda: drive.record.id != record.id, "the row to go")
        troubled.control("faults", spec="500@DELETE /vector_stores x1")
        left = drive.record
        await drive.press("ctrl+d")
        await drive.answer()
        await drive.sees("It is still there, so it was not done.")
        assert drive.record.id == left.id
        asked = [each for each in troubled.requests() if each["path"].endswith((record.id, left.id))]
        assert [each["method"] for each in asked].count("DELETE") == 2, "each once"


async def test_a_change_whose_answer_is_lost_is_looked_for(troubled: Server) -> None:
    async with opened(troubled, "vector-stores") as drive:
        troubled.control("faults", spec="drop-after@POST /vector_stores x1")
        await drive.press("e")
        await drive.sees("Edit vector store")
        await drive.press("ctrl+a", "ctrl+k")
        await drive.type("another name")
        await drive.press("ctrl+s")
        await drive.sees("Changed another name")


async def test_a_key_goes_to_another_host_only_when_that_is_agreed_to() -> None:
    env = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY}
    async with opened(env=env, base_url="https://llm.example:1/v1") as drive:
        await drive.until(lambda: drive.armed, "the question, armed")
        await drive.sees("Send keys to llm.example:1?")
        await drive.sees("OPENAI_ADMIN_KEY")
        assert PROJECT_KEY not in drive.text()
        await drive.press("enter")
        await drive.sees("was never sent to llm.example:1 before")
        assert drive.app.platform is None, "nothing was asked of it"
    async with opened(env=env, base_url="https://llm.example:1/v1") as drive:
        await drive.answer()
        await drive.until(lambda: drive.app.platform, "the connection")
        assert drive.app.connection
        assert drive.app.connection.project_key
        assert drive.app.connection.admin_key


async def test_a_new_key_whose_answer_is_lost_is_not_made_twice_unasked(troubled: Server) -> None:
    def made() -> list[str]:
        listed = troubled.call("GET", "/organization/admin_api_keys?limit=100", admin=True)["data"]
        return [each["id"] for each in listed if each["name"] == "lost"]

    async with opened(troubled, "admin-keys") as drive:
        troubled.control("faults", spec="drop-after@POST /organization/admin_api_keys x1")
        await drive.press("n")
        await drive.sees("POST /organization/admin_api_keys")
        await drive.type("lost")
        await drive.press("ctrl+s")
        await drive.answer()
        await drive.sees("Its secret cannot be had any")
        (first,) = made()
        assert first in drive.text()
        await drive.press("ctrl+s")
        await drive.sees("Send it again?")
        await drive.sees(f"The last try may have made {first}")
        await drive.answer(key="n")
        await drive.sees("Nothing was sent.")
        assert made() == [first]

        troubled.control("faults", spec="hang-after@POST /organization/admin_api_keys x1")
        await drive.press("ctrl+s")
        await drive.answer()  # again
        await drive.answer()  # the power that it has
        await drive.until(lambda: len(made()) == 2, "the second key")
        await drive.press("escape")
        (second,) = set(made()) - {first}
        await drive.sees("Stopped. It is not known whether the request arrived.")
        await drive.until(lambda: second in drive.text(), "what may have been made")
        await drive.press("ctrl+s")
        await drive.sees("The last try may have made")
        await drive.answer(key="n")
        assert len(made()) == 2


async def test_read_only_that_is_written_while_it_runs_is_heeded(server: Server, tmp_path: Path) -> None:
    config = directories().config / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f'[profiles.default]\nbase_url = "{server.url}"\n')
    before = len(server.requests())
    async with opened(server, "files") as drive:
        assert drive.app.navigator
        client = drive.app.navigator.platform.client
        await drive.press("n")
        await drive.sees("POST /files")
        config.write_text("[profiles.default]\nread_only = true\n")
        await drive.type(str(requests_file(tmp_path, 1)))
        await drive.press("ctrl+s")
        await drive.sees("Writing is off: this is read-only. To write, change read_only = true of profile default")
        await drive.press("escape")
        await drive.press("ctrl+d")
        await drive.told("read-only mode is on; to write, change read_only = true of profile default")
        await drive.command("rw")
        await drive.sees("profile default says read-only now. To write, change read_only = true of")
        await drive.press("escape")
        assert client.read_only
        config.write_text("[profiles.default]\n")
        await drive.command("rw")
        await drive.told("Writing is open.")
    assert {seen["method"] for seen in server.requests()[before:]} == {"GET"}
