"""Finding one's way in a bench: help that runs, search, keys of one's own, sessions that go on."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.support.benching import ask, bench, leave, panes, posted
from tests.support.driving import Server, opened, served
from tui.commands.keymap import build_keymap, find_bindings, find_contexts
from tui.resources.generation import endpoints as generation
from tui.resources.registry import REGISTRY
from tui.screens.navigation.completion import names_of
from tui.screens.places.help import HelpScreen
from tui.widgets.charts.vector_matrix import VectorMatrix
from tui.widgets.text.transcript import Transcript
from tui.workflows.generation.generation import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A sandbox whose models write ten times as fast as real."""
    with served(scenario="calm", speed=10.0) as server:
        yield server


ALIKE = {"enter", "left", "right", "pageup", "pagedown"}  # what is nearer has them, and does much the same
# The key that a widget inside has, too, while it has the focus.
NEARER = {
    "AuditScreen": {"n", "c", "space", "T", *"0123456"},  # the log's own: its digits go before places
    "Comparison": {"c"},  # the screen's, of both answers; a line of the item is copied where it has the focus
    "Confirm": {"home", "end"},  # those of its line do the same where it has the focus
    "ConfirmMany": {"home", "end"},
    "Difference": {"c"},  # the screen's: the rows leave it
    "HomeScreen": {"n", "c"},  # the screen's: the rows leave them
    "HomeSums": {"n", "c"},  # a part of it
    "LimitsScreen": {"l"},  # to the right; a limit has no log
    "ObjectScreen": {"n", "c"},
    "ThreadScreen": {"n", "N"},  # with priority over the next and the previous match
    "UsageScreen": {"n", "c"},
}


def test_no_key_means_two_things_on_one_screen() -> None:
    for context in find_contexts():
        own, *inherited = (kind for kind in context if issubclass(context[0], kind))
        keys = Counter(key for binding in find_bindings(*context).values() for key in binding.key.split(","))
        # A class may give another meaning to a key that it inherits.
        keys -= Counter(
            key
            for binding in find_bindings(*inherited).values()
            for key in binding.key.split(",")
            if any(key in mine.key.split(",") for mine in find_bindings(own).values())
        )
        twice = {key for key, times in keys.items() if times > 1} - ALIKE - NEARER.get(context[0].__name__, set())
        assert not twice, f"{context[0].__name__}: {twice}"


def test_keys_of_benches_can_be_changed_and_clash_with_their_own_only() -> None:
    keys, faults = build_keymap({"bench.model": ("b",), "bench.retry": ("p",), "thread.older": ("A",)})
    assert keys == {"bench.model": "b", "thread.older": "A"}
    assert len(faults) == 1
    assert "bench.settings has" in faults[0]


async def test_no_command_hides_a_resource(server: Server) -> None:
    async with opened(server) as drive:
        lists = {name for resource in REGISTRY.values() for name in names_of(resource)}
        # Where filters of the server do not apply, the resource of that name is meant.
        navigator = drive.app.navigator
        assert navigator
        always = (each for each in navigator.commands.values() if each.argument != "VALUE")
        assert not lists & {name for command in always for name in (command.name, *command.aliases)}


@pytest.mark.opens("HelpScreen", "Talk", "Embed", "Moderate", "Settings")
async def test_help_lists_the_keys_of_a_bench_and_runs_them(server: Server) -> None:
    async with opened(server) as drive:
        for command, words in (("chat", "side by side"), ("embed", "lines of a file"), ("moderate", "wrap")):
            await drive.command(command)
            await drive.sees(f"POST /{'chat' if command == 'chat' else command[:5]}")
            await drive.press("f1")
            await drive.until(lambda: isinstance(drive.app.screen, HelpScreen), "help while writing")
            await drive.press("escape", "escape", "question_mark")
            await drive.sees("type to search · enter runs")
            await drive.type(words)
            await drive.sees(words)
            assert "Cursor" not in drive.text(), "how to move in a text is no news"
            await drive.press("escape")
            await drive.until(lambda: not isinstance(drive.app.screen, HelpScreen), "the bench")
            await drive.press("question_mark")
            await drive.type("parameters")
            await drive.press("enter")
            await drive.sees("ctrl+s keep")
            await drive.press("escape", "q")
            await drive.until(lambda: len(drive.app.screen_stack) == 2, "the way back")


async def test_what_was_said_is_searched(server: Server) -> None:
    async with opened(server) as drive:
        pane = await bench(drive, generation.CHAT, model="gpt-4.1")
        await ask(drive, "Tell me of the lighthouse")
        await drive.press("escape", "slash")
        await drive.type("lighthouse")
        await drive.press("enter")
        await drive.sees("match 1/")
        assert drive.app.screen.focused is pane.query_one(Transcript)
        await drive.press("n")
        await drive.sees("match 2/")
        await drive.press("slash")
        await drive.type("/(unclosed/")
        await drive.press("enter")
        await drive.sees("not a pattern")
        await drive.press("escape")
        assert drive.app.screen.focused is pane.query_one(Transcript)
        await leave(drive)
        await drive.command("embed")
        await drive.sees("nothing asked yet")
        await drive.type("one fish\ntwo fish\nred fish\nblue whale")
        await drive.press("enter")
        await drive.sees("nearest to 1")
        await drive.press("escape", "slash")
        await drive.type("whale")
        await drive.press("enter")
        await drive.until(lambda: drive.app.screen.query_one(VectorMatrix).cursor == 3, "the whale")


async def test_a_saved_conversation_goes_on_another_day(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    async with opened(server) as drive:
        pane = await bench(drive, generation.RESPOND, model="gpt-4.1", instructions="Be kind.", temperature=0.4)
        await ask(drive, "Hello there")
        first = pane.answer
        assert first
        await drive.press("ctrl+s")
        await drive.sees("Save as")
        await drive.press("ctrl+u")
        await drive.type(str(path))
        await drive.press("enter")
        await drive.until(path.exists, "the file")
        await drive.press("escape")
        await leave(drive)
        for command, words in (("chat", "was saved in the bench of /responses"), ("respond", "Hello there")):
            await drive.command(command)
            await drive.sees("nothing asked yet")
            await drive.press("ctrl+l")
            await drive.sees("A conversation saved as .json")
            await drive.type(str(path))
            await drive.press("enter")
            await drive.sees(words)
            if command == "chat":
                await drive.press("escape")
                await leave(drive)
        await drive.sees("instructions Be kind. · temperature 0.4")
        (pane,) = panes(drive)
        taken = pane.answer
        assert taken
        assert (taken.text, taken.usage, taken.is_whole) == (first.text, first.usage, True)
        assert taken.latency == pytest.approx(first.latency)
        await ask(drive, "And now?")
        assert pane.answer
        assert server.call("GET", f"/responses/{pane.answer.id}")["previous_response_id"] == first.id


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"endpoint": 1}', '{"turns": [{}], "endpoint": "", "settings": {}}']
)
async def test_a_file_that_holds_no_conversation_is_refused(text: str, tmp_path: Path) -> None:
    from tui.screens.workflows.bench.saved_conversation import NotAConversation, read_conversation
    from tui.workflows.generation.dialects import CHAT

    path = tmp_path / "odd.json"
    path.write_text(text)
    with pytest.raises(NotAConversation, match=r"odd\.json holds no saved conversation"):
        read_conversation(str(path), CHAT)
    with pytest.raises(NotAConversation, match="cannot be read"):
        read_conversation(str(tmp_path / "none.json"), CHAT)


async def test_a_cut_answer_is_gone_on_with(server: Server) -> None:
    async with opened(server) as drive:
        pane = await bench(drive, generation.CHAT, model="gpt-4.1", max_completion_tokens=5, store=True)
        await ask(drive, "Tell me a tale")
        await drive.press("escape")
        await drive.sees("+ go on")
        before = posted(server, "/chat/completions")
        await drive.press("plus")
        await drive.until(lambda: len(pane.turns) == 4 and pane.answer and pane.answer.is_over, "more of it")
        assert posted(server, "/chat/completions") == before + 1
        assert pane.answer
        messages = server.call("GET", f"/chat/completions/{pane.answer.id}/messages")["data"]
        assert [message["role"] for message in messages] == ["user", "assistant", "user"]
        first = pane.turns[1]
        assert isinstance(first, Answer)
        assert messages[1]["content"] == first.text


async def test_files_are_shown_by_their_ids(server: Server, tmp_path: Path) -> None:
    spaced = tmp_path / "two words.txt"
    spaced.write_text("hello")
    image, text = (
        server.call("POST", "/files", files={"file": (name, b"x" * 9)}, data={"purpose": "user_data"})["id"]
        for name in ("photo.png", "notes.pdf")
    )
    async with opened(server) as drive:
        pane = await bench(drive, generation.RESPOND, model="gpt-4.1")
        await ask(drive, f'What is @{image} and @{text} and @"{spaced}"')
        assert pane.answer
        items = server.call("GET", f"/responses/{pane.answer.id}/input_items")["data"]
        kinds = [part["type"] for part in items[0]["content"]]
        assert kinds == ["input_text", "input_image", "input_file", "input_file"]
        assert "with @photo.png  @notes.pdf  @two words.txt" in drive.text()
        before = posted(server, "/responses")
        await drive.type("And @file-nosuchthing?")
        await drive.press("enter")
        await drive.sees("404")
        assert posted(server, "/responses") == before
        assert "file-nosuchthing" in drive.text(), "what was written is lost"
        await drive.press("escape")
        await leave(drive)
        await bench(drive, generation.CHAT, model="gpt-4.1")
        before = posted(server, "/chat/completions")
        await drive.type(f"What is @{image}")
        await drive.press("enter")
        await drive.sees("take no image by its id")
        assert posted(server, "/chat/completions") == before
