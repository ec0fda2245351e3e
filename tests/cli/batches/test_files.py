"""Files of batches without a screen: built from rows, whole or not at all, and checked."""

from __future__ import annotations

import csv
import errno
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from tui.api.transfers import local_files
from tui.cli.main import cli

if TYPE_CHECKING:
    from pathlib import Path

NASTY = 'He said: "{x}",\n\\n }} {{ \u2028 ' + "\U0001f469\u200d\U0001f52c"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["batch", *map(str, arguments)], prog_name="o9s")


def write_csv(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "text", "language"], *rows])
    return path


def template(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value, indent=2))
    return path


@pytest.fixture
def asked(tmp_path: Path) -> tuple[Path, Path]:
    """2,000 rows, and a template for them."""
    rows = write_csv(tmp_path / "prompts.csv", [[f"r{n}", f"{NASTY} {n}", "French"] for n in range(2_000)])
    body = {"model": "gpt-5-mini", "input": "{text}", "instructions": "Translate to {language}."}
    return rows, template(tmp_path / "t.json", body)


def test_a_batch_is_built_from_rows_whatever_they_hold(asked: tuple[Path, Path], tmp_path: Path) -> None:
    target = tmp_path / "big.jsonl"
    shown = run("build", asked[0], "-t", asked[1], "--preview")
    assert (shown.exit_code, shown.output.count('"custom_id"'), target.exists()) == (0, 3, False)
    done = run("build", asked[0], "-t", asked[1], "-o", target)
    assert done.exit_code == 0, done.output
    assert done.output.startswith("2,000 requests for /v1/responses, gpt-5-mini, ")
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert [(line["custom_id"], line["body"]["input"]) for line in lines] == [
        (f"r{n}", f"{NASTY} {n}") for n in range(2_000)
    ]
    assert lines[0]["body"]["instructions"] == "Translate to French."
    checked = run("check", target)
    assert (checked.exit_code, checked.output.startswith("big.jsonl: no fault (batch, requests 2,000")) == (
        0,
        True,
    )
    piped = run("build", asked[0], "-t", asked[1], "-o", "-")
    assert (piped.exit_code, piped.stdout) == (0, target.read_text()), piped.stderr
    again = run("build", asked[0], "-t", asked[1], "-o", target)
    assert (again.exit_code, "exists already" in again.stderr) == (6, True)
    other = run("build", asked[0], "-m", "gpt-5", "--id", "{language}/{row}", "-o", target, "--force")
    assert other.exit_code == 0, other.output
    assert json.loads(target.read_text().splitlines()[6]) == {
        "custom_id": "French/7",
        "method": "POST",
        "url": "/v1/responses",
        "body": {"input": f"{NASTY} 6", "model": "gpt-5"},
    }


def test_rows_with_faults_are_named_and_nothing_is_written(tmp_path: Path) -> None:
    rows = write_csv(tmp_path / "p.csv", [["a", "one", "x"], ["a", "two", "x"], ["c", "", "x"], ["d"]])
    done = run("build", rows, "-m", "gpt-5-mini", "-o", tmp_path / "o.jsonl")
    assert done.exit_code == 3
    assert done.stderr.splitlines() == [
        "p.csv line 3 repeats the custom_id 'a' of line 2",
        "p.csv line 4 has no input or prompt in its body",
        "p.csv line 5 has 1 cell, the first line 3",
        "Nothing was written.",
    ]
    (tmp_path / "empty.csv").write_text("text\n")
    assert (
        "empty.csv holds no row.\n" in run("build", tmp_path / "empty.csv", "-m", "m", "-o", tmp_path / "o").stderr
    )
    (tmp_path / "empty.csv").write_text("text,temp\na,0.5\n")
    path = template(tmp_path / "heat.json", {"model": "m", "input": "{text}", "temperature": "{temp}"})
    for extra in (("-o", tmp_path / "o"), ("--preview",)):
        words = run("build", tmp_path / "empty.csv", "-t", path, *extra)
        assert 'is a text: it must be a number; "{column:json}" in the template' in words.stderr
        assert words.exit_code == 3
    path.unlink()
    (tmp_path / "open.csv").write_text('text\n"a\n')
    assert run("build", tmp_path / "open.csv", "-m", "m", "-o", tmp_path / "o").exit_code == 3
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["empty.csv", "open.csv", "p.csv"]
    assert run("build", rows, "-m", "m").exit_code == 2
    nameless = run("build", rows, "-t", template(tmp_path / "t.json", {"input": "{txt}"}), "--preview")
    assert (nameless.exit_code, "did you mean {text}?" in nameless.stderr) == (2, True)
    (tmp_path / "t.json").write_text('{\n"input":,\n}')
    broken = run("build", rows, "-t", tmp_path / "t.json", "--preview")
    assert (broken.exit_code, "(line 2, column 9)" in broken.stderr) == (2, True)


def test_a_full_disk_leaves_nothing(
    asked: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: object) -> None:
        raise OSError(errno.ENOSPC, "")

    monkeypatch.setattr(local_files, "sync", full)
    done = run("build", asked[0], "-t", asked[1], "-o", tmp_path / "o.jsonl")
    assert (done.exit_code, "full" in done.stderr) == (6, True)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["prompts.csv", "t.json"]


def test_nothing_but_a_file_is_replaced_and_nothing_that_is_read(asked: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    os.mkfifo(tmp_path / "pipe")
    for name, said in (("/dev/null", "a device or a pipe"), ("link", "a link"), ("pipe", "a device or a pipe")):
        for force in ((), ("--force",)):
            told = run("build", asked[0], "-m", "m", "-o", tmp_path / name, *force)
            assert (told.exit_code, f"{name} is {said}, not a file" in told.stderr) == (6, True), told.output
    assert (tmp_path / "mine").read_text() == "mine"
    assert (tmp_path / "link").is_symlink()
    for read in asked:
        told = run("build", asked[0], "-t", asked[1], "-o", read, "--force")
        assert (told.exit_code, f"{read} is what is read" in told.stderr) == (2, True), told.output
    (tmp_path / "empty").touch()
    for name, said in (("none", "There is no file"), ("empty", "is empty"), ("pipe", "is a device or a pipe")):
        told = run("build", tmp_path / name, "-m", "m", "-o", tmp_path / "o.jsonl")
        assert (told.exit_code, said in told.stderr) == (6, True), told.output
    told = run("build", asked[0], "--id", "{id}", "-o", tmp_path / "o.jsonl")
    assert (told.exit_code, told.stderr.count("No model is named")) == (2, 1), told.output
    for path, said in ((tmp_path / "empty", "is empty"), ("/dev/null", "is a device or a pipe")):
        assert said in run("check", path).output
    (tmp_path / "twice.csv").write_text("prompt,id,id\na,b,c\n")
    told = run("build", tmp_path / "twice.csv", "-m", "m", "--preview")
    assert "twice.csv has more than one column called id: none of these is used." in told.stderr


CHAT = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
PREFERENCE = {
    "input": {"messages": [{"role": "user", "content": "a"}]},
    "preferred_output": [{"role": "assistant", "content": "b"}],
    "non_preferred_output": [{"role": "assistant", "content": "c"}],
}


@pytest.mark.parametrize(
    ("kind", "good", "bad", "fault"),
    [
        ("chat", CHAT, {"messages": []}, "line 11 has no messages"),
        ("dpo", PREFERENCE, {"input": {}}, "line 11 has no preferred_output"),
        ("reinforcement", PREFERENCE["input"], CHAT, "line 11 ends with a message of the assistant"),
        ("pairs", {"prompt": "a", "completion": "b"}, {"prompt": "a"}, "line 11 has no completion"),
        ("evals", {"item": {"a": 1}}, {"items": 1}, "line 11 has no item"),
    ],
)
def test_training_and_eval_files_are_known_by_what_they_hold(
    kind: str, good: dict[str, Any], bad: dict[str, Any], fault: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(f"{json.dumps(good)}\n" * 10)
    fine = run("check", path, "-o", "json")
    told = json.loads(fine.output)
    assert (fine.exit_code, told["kind"], told["fault_count"], told["lines"]) == (0, kind, 0, 10)
    path.write_text(f"{json.dumps(good)}\n" * 10 + json.dumps(bad))
    broken = json.loads(run("check", path, "-o", "json").output)["faults"]
    assert [(each["line"], each["rule"]) for each in broken] == [(11, "item" if kind == "evals" else "example")]
    for extra in ((), ("--as", kind)):
        faulty = run("check", path, *extra)
        assert (faulty.exit_code, fault in faulty.output) == (3, True)
    as_batch = json.loads(run("check", path, "--as", "batch", "-o", "json").output)
    rules = {"custom_id", "method", "url", "body"} if kind == "pairs" else {"file"}  # it says what the file is
    assert {each["rule"] for each in as_batch["faults"]} == rules
