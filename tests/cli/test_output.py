"""What commands print is harmless to a terminal, whatever the platform names its objects."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import click
import pytest

import tui.cli
from tui.cli.output import StatusLine, clean_refusals, print_lines, say

HOSTILE = "file-\x1b[2J\x1b]52;c;eA==\x07\x9b31m\u202e\r"
OWN = {  # what is printed as it is: the program's own words
    "shell.py": {"RESET", "kind(ctx.find_root().command, {}, 'o9s', VARIABLE).source()"},
}


def is_harmless(text: str) -> bool:
    return not set(text.replace("\r\x1b[K", "")) & set("\x1b\x07\x9b\u202e\r")


def test_commands_print_through_one_door() -> None:
    folder = Path(tui.cli.__file__).parent
    found = [
        f"{path.relative_to(folder)}:{call.lineno}: {ast.unparse(call)}"
        for path in folder.rglob("*.py")
        if path.name != "output.py"
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func)
        in ("print", "click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write")
        and not isinstance(call.args[0], ast.Constant)
        and ast.unparse(call.args[0]) not in OWN.get(path.name, ())
    ]
    assert not found, "use print_lines or say of tui.cli.output"


def test_nothing_from_the_platform_is_obeyed_by_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    for tell in (say, StatusLine().note, StatusLine().progress):
        tell(f"Uploaded {HOSTILE}.")
        told = capsys.readouterr().err
        assert "Uploaded file-␛[2J" in told
        assert is_harmless(told), tell
    for form in ("ids", "csv"):
        print_lines([HOSTILE], form)
        assert capsys.readouterr().out == f"{HOSTILE}\n", "a file or a pipe gets data as it came"
    for form in ("table", "md", ""):
        print_lines([f"{HOSTILE}\nin one line"], form)
        told = capsys.readouterr().out
        assert is_harmless(told), form
        assert told.count("\n") == 1, "one line stays one"
    halves = ["a\ud800b", "\udfff", "\\ud800", "\\\udc00", "😀"]
    for form, escapes in (("json", True), ("jsonl", False)):
        print_lines([json.dumps(halves, ensure_ascii=escapes)], form)
        told = capsys.readouterr().out
        assert json.loads(told) == ["a\ufffdb", "\ufffd", "\\ud800", "\\\ufffd", "😀"]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    for form in ("table", "ids", "csv", ""):
        print_lines([HOSTILE], form)
        assert is_harmless(capsys.readouterr().out), form
    with pytest.raises(click.UsageError) as refused, clean_refusals():
        raise click.UsageError(HOSTILE)
    assert is_harmless(refused.value.message)
