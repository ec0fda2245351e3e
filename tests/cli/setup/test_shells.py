"""Completion as each shell asks for it and takes it: commands, places, profiles, ids, and values behind a sign."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.shell_completion import get_completion_class
from click.testing import CliRunner

from tests.support.driving import write_config
from tui.cli.main import cli
from tui.cli.setup.shells import VARIABLE, mend_shells
from tui.live.ledger import Ledger
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
MODEL = "ft:gpt-5-mini:acme::A1b2C3"


def ask_bash(line: str) -> dict[str, str]:
    return {"COMP_WORDS": line, "COMP_WORDBREAKS": " \t\n\"'><=;|&(:"}


def ask_zsh(line: str) -> dict[str, str]:
    return {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}


def ask_fish(line: str) -> dict[str, str]:
    return {"COMP_WORDS": line, "COMP_CWORD": line.split(" ")[-1]}


def read_zsh(told: str) -> list[str]:
    return told.splitlines()[1::3]


def read_comma(told: str) -> list[str]:
    return [line.partition(",")[2].partition("\t")[0] for line in told.splitlines()]


SHELLS: dict[str, tuple[Callable[[str], dict[str, str]], Callable[[str], list[str]]]] = {
    "bash": (ask_bash, read_comma),
    "zsh": (ask_zsh, read_zsh),
    "fish": (ask_fish, read_comma),
}


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_completes(shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write_config("[profiles.work]\n")
    ledger = Ledger("work host")
    ledger.note(REGISTRY["models"], {}, {"id": MODEL})
    ledger.note(REGISTRY["threads"], {}, {"id": "thread_1"})
    ledger.close()
    mend_shells()
    kind = get_completion_class(shell)
    assert kind
    ask, read = SHELLS[shell]

    def offered(line: str) -> list[str]:
        for name, value in ask(line).items():
            monkeypatch.setenv(name, value)
        return read(kind(cli, {}, "o9s", VARIABLE).complete())

    assert offered("o9s due") == ["due"], "a command that is a place stands there once"
    assert {"files", "fine-tuning"} <= set(offered("o9s fi"))
    assert offered("o9s --profile w") == ["work"]
    assert offered("o9s delete threads thr") == ["thread_1"]
    assert offered("o9s record kept -- get thr") == ["threads"]
    assert "--limit" in offered("o9s record kept get files --li")
    assert {"id,outcome", "id,output_file_id"} == set(offered("o9s get batches --columns id,out"))
    value = "/v1/responses" if shell == "bash" else "endpoint=/v1/responses"
    assert offered("o9s create batches --set endpoint=/v1/r") == [value]
    named = "A1b2C3" if shell == "bash" else MODEL
    assert offered("o9s delete models ft:gpt-5-mini:acme::A") == [named]


def test_the_scripts_are_those_of_their_shells() -> None:
    for shell, words in (("bash", "complete -o nosort"), ("zsh", "#compdef o9s"), ("fish", 'split -m 1 ","')):
        told = CliRunner().invoke(cli, ["completion", shell], prog_name="o9s")
        assert words in told.output
        assert f"{VARIABLE}={shell}_complete" in told.output


def run_shell(tmp_path: Path, shell: str, *words: str) -> str:
    """What a shell prints, to which `o9s` is a command."""
    program = tmp_path / "o9s"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tui "$@"\n')
    program.chmod(0o755)
    found = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    return subprocess.run([shell, *words], capture_output=True, text=True, check=True, env=found).stdout


def script_of(shell: str) -> str:
    return CliRunner().invoke(cli, ["completion", shell], prog_name="o9s").output


LINE, TOLD = "o9s create batches --set endpoint=/v1/resp", "/v1/responses"


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_bash_takes_what_it_is_told(tmp_path: Path) -> None:
    asked = f'compopt() {{ :; }}\nCOMP_LINE="{LINE}" COMP_POINT={len(LINE)} COMPREPLY=()\n_o9s_completion o9s\n'
    told = run_shell(tmp_path, "bash", "-c", f'{script_of("bash")}\n{asked}\nprintf "%s\n" "${{COMPREPLY[@]}}"')
    assert told == f"{TOLD}\n"


@pytest.mark.skipif(not shutil.which("fish"), reason="there is no fish")
def test_fish_takes_what_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "o9s.fish").write_text(script_of("fish"))
    asked = f"source '{tmp_path}/o9s.fish'; complete -C '{LINE}'; complete -C 'o9s get batches --columns id,outc'"
    told = run_shell(tmp_path, "fish", "--no-config", "-c", asked)
    assert told == f"endpoint={TOLD}\nid,outcome\n"
