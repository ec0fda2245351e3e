"""Whatever is typed or pasted for a path gives a path or one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.driving import opened, served
from tui.config.writing import set_value
from tui.system.paths import BadPath, read_path

BAD = [
    "~nobody-of-this-name/",
    "~nobody-of-this-name/x.jsonl",
    '{"a": "' + "b" * 300,
    "x" * 5_000,
    "a\0b",
    "\udcff\ud800",
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_path_is_told_in_a_sentence(text: str) -> None:
    with pytest.raises(BadPath, match=r"^[^\n\0]{5,200}\.$"):
        read_path(text)


@pytest.mark.parametrize("text", ["", ".", "nothing-here.txt", "a/b/c", "é 1.jsonl", "/", "~"])
def test_a_path_is_read_whether_there_is_a_file_or_not(text: str) -> None:
    assert read_path(text) == Path(text).expanduser()


def test_a_name_below_a_file_is_free() -> None:
    assert not read_path(f"{__file__}/below").exists()


def test_a_table_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("keys = 5\n")
    with pytest.raises(ValueError, match="where a table belongs"):
        set_value(("keys", "x"), "y", path)


async def test_every_field_for_a_path_and_every_file_of_ones_own_may_be_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.screens.dialogs.ask import Ask
    from tui.screens.forms.form import Form

    with served(scenario="calm") as server:
        async with opened(server, "files") as drive:
            for key in ("ctrl+s", "D"):  # save, download
                await drive.until(lambda: drive.record, "a file")
                await drive.press(key)
                await drive.until(lambda: isinstance(drive.app.screen, Ask), "the question")
                for text in ("~nobody-of-this-name/", "x" * 300):
                    drive.app.screen.query_one("Input").value = text  # type: ignore[attr-defined]
                    await drive.press("enter")
                    await drive.sees("There is no user" if text.startswith("~") else "too long")
                await drive.press("escape")
            await drive.press("n")  # upload
            await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
            form = drive.app.screen
            assert isinstance(form, Form)
            for text in BAD[:4]:
                form._fields["file"].put(text)
                await drive.press("ctrl+s")
                await drive.sees("There is no user" if text.startswith("~") else "too long")
            await drive.press("escape")

            state = tmp_path / "state"
            state.mkdir(exist_ok=True)
            (state / "journal.jsonl").write_text(
                '{"entry":"a","time":1e300,"phase":"begin"}\n{"entry":"b","outcome":["x"],"status":{},"time":[]}\n'
                '{"entry":["c"]}\n[]\n5\n' + "[" * 100_000 + "\n"
            )
            await drive.command("journal")
            await drive.sees("['x']")
            await drive.press("escape")
            (tmp_path / "config").write_text("no folder")
            await drive.command("theme nord")
            await drive.told("The theme lasts until the end only")
            assert drive.app.theme == "nord"
