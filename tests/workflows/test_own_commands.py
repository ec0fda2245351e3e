"""What the user's own commands are given: arguments, input, and what is told before anything runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tui.config.settings import OwnCommand
from tui.resources.registry import REGISTRY, lookup
from tui.system.notify_command import build_facts
from tui.workflows.own_commands import (
    Question,
    Unfit,
    build_arguments,
    build_input,
    find_faults,
    find_outcome,
    find_questions,
    is_about_each,
    needs_object,
)

FILES = lookup("files")
RAW = {
    "id": "file-abc",
    "object": "file",
    "filename": "a b; rm -rf ~.jsonl",
    "bytes": 12_000,
    "purpose": "batch",
    "metadata": {"run": "nightly", "odd": "-x"},
    "parts": [{"id": "part_1"}, {"id": "part_2"}],
    "evil": "a\x1b]52;c;aGk=\x07b",
    "gone": None,
    "flag": True,
}


def command(*run: str, **settings: Any) -> OwnCommand:
    return OwnCommand(key="f7", on=("*",), run=run, **settings)


def built(*run: str, answers: dict[Question, str] | None = None, **raw: Any) -> list[str]:
    return build_arguments(command(*run), FILES, FILES.record({**RAW, **raw}), answers or {})


def test_how_an_object_is_is_told_as_its_list_shows_it() -> None:
    counts = {"total": 2, "completed": 2, "failed": 0}
    batch = lookup("batches").record({"id": "batch_1", "status": "completed", "request_counts": counts})
    assert find_outcome(lookup("batches"), batch) == "ok"
    assert find_outcome(FILES, FILES.record({**RAW, "status": "processed"})) == "processed"
    assert find_outcome(FILES, FILES.record(RAW)) == ""
    assert build_facts("files", "file-abc", "a", "")["O9S_SUMMARY"] == "a"
    for resource in REGISTRY.values():
        assert isinstance(find_outcome(resource, resource.record({"id": "x"})), str), resource.name


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("{id}", "file-abc"),
        ("{name}", "a b; rm -rf ~.jsonl"),
        ("https://x.example/{id}?n={bytes}", "https://x.example/file-abc?n=12000"),
        ("{metadata.run}", "nightly"),
        ("{parts.1.id}", "part_2"),
        ("{flag}", "true"),
        ("{metadata}", '{"run": "nightly", "odd": "-x"}'),
        ('{{"a": "{id}"}}', '{"a": "file-abc"}'),
        ("$(id) `id` {id}", "$(id) `id` file-abc"),
        ("{evil}", "a␛]52;c;aGk=␇b"),
    ],
)
def test_a_blank_is_filled_from_the_object_and_no_shell_reads_it(written: str, filled: str) -> None:
    assert built("echo", written) == ["echo", filled]


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("{metadata.rum}", "file-abc has no metadata.rum, so nothing was run"),
        ("{filenam}", "did you mean {filename}?"),
        ("{gone}", "file-abc has no gone"),
        ("{metadata.odd}", 'which echo would take for an option; put "--" before it'),
        ("{parts.7.id}", "has no parts.7.id"),
    ],
)
def test_what_cannot_be_filled_is_told(written: str, says: str) -> None:
    with pytest.raises(Unfit) as told:
        built("echo", written)
    assert says in str(told.value)


def test_a_dash_is_taken_where_it_can_be_no_option() -> None:
    assert built("echo", "--", "{metadata.odd}")[-1] == "-x"
    assert built("echo", "--run={metadata.odd}")[-1] == "--run=-x"


def test_questions_are_asked_once_each_with_their_choices() -> None:
    asking = command("gh", "{?title}", "{?model: gpt-5 | gpt-5-mini}", "again {?title}", "{?when: now}")
    title, model = Question("title", ()), Question("model", ("gpt-5", "gpt-5-mini"))
    when = Question("when: now", ())
    assert find_questions(asking) == [title, model, when]
    assert not is_about_each(asking)
    assert not needs_object(asking)
    answers = {title: "-a b", model: "gpt-5", when: ""}
    assert build_arguments(asking, None, None, answers) == ["gh", "-a b", "gpt-5", "again -a b", ""]


@pytest.mark.parametrize(
    ("written", "says"),
    [("{", "write {{"), ("a } b", "write }}"), ("{a b}", "names no field"), ("{?}", "asks nothing")],
)
def test_what_can_never_be_filled_is_told_at_the_start(written: str, says: str) -> None:
    (fault,) = find_faults(command("echo", written))
    assert says in fault


def test_the_program_is_never_of_an_object_and_a_home_is_found() -> None:
    (fault,) = find_faults(command("{name}", "a"))
    assert "nothing that an object says is run" in fault
    with pytest.raises(Unfit):
        built("~nobody-of-this-name/x")
    assert built("~/bin/x", "~/{id}") == [str(Path("~/bin/x").expanduser()), "~/file-abc"]


def test_what_it_reads_is_objects_ids_or_nothing() -> None:
    two = [FILES.record(RAW), FILES.record({**RAW, "id": "file-def"})]
    assert build_input(command("cat"), two) == b""
    assert build_input(command("cat", input="ids"), two) == b"file-abc\nfile-def\n"
    lines = build_input(command("cat", input="jsonl"), two)
    assert [json.loads(line)["id"] for line in lines.splitlines()] == ["file-abc", "file-def"]
    assert b"\x1b" not in lines
    assert json.loads(build_input(command("cat", input="json"), two[:1])) == RAW
    assert len(json.loads(build_input(command("cat", input="json"), two))) == 2
