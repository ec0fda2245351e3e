"""The command line whatever its streams are: closed, redirected, full, read by nobody, in another encoding."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.console import Console
from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Server, served
from tests.support.forked import Forks
from tests.support.nursery import SLOW

if TYPE_CHECKING:
    from collections.abc import Iterator

O9S = f"{shlex.quote(sys.executable)} -m tui"
FULL = Path("/dev/full")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served(scenario="nasty", speed=SLOW) as server:
        yield server


def shell(line: str, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of bash, `o9s` in it standing for the program."""
    keys = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY}
    line = f"set -o pipefail; {line.replace('o9s', O9S)}"
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, env={**os.environ, **keys, **env}, timeout=60, check=False
    )


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with Forks() as forks:
        yield forks


def printed(
    forks: Forks, server: Server, line: str, output: int | None = None, **env: str
) -> subprocess.CompletedProcess[bytes]:
    """What one of the lines that print gives on a server."""
    keys = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ADMIN_KEY}
    return forks.run(line.replace("URL", server.url).split()[1:], output, **keys, **env)


def reports() -> list[Path]:
    """The crash reports written."""
    return list(Path(os.environ["O9S_STATE_DIR"]).rglob("crash-*"))


PRINTING = [
    "o9s --help",
    "o9s --version",
    "o9s resources -o json",
    "o9s get batches --base-url URL",
    "o9s get files -o csv --base-url URL",
    "o9s get files -o jsonl --base-url URL",
    "o9s costs --since 3d --base-url URL",
    "o9s auth status --base-url URL",
]


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("line", PRINTING)
def test_a_full_disk_is_named_and_has_an_exit_code_of_its_own(forks: Forks, server: Server, line: str) -> None:
    with FULL.open("wb") as full:
        done = printed(forks, server, line, full.fileno())
    assert done.returncode == 6
    assert done.stderr.count(b"the disk is full") == 1
    assert b"Traceback" not in done.stderr
    assert not reports()


@pytest.mark.parametrize("line", PRINTING)
def test_a_reader_that_is_gone_ends_it_quietly(forks: Forks, server: Server, line: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = printed(forks, server, line, pipe.fileno())
    assert (done.returncode, done.stderr) == (141, b"")
    assert not reports()


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("line", PRINTING)
def test_every_encoding_gets_every_row(forks: Forks, server: Server, line: str, encoding: str) -> None:
    plain = printed(forks, server, line)
    assert plain.returncode == 0, plain.stderr
    done = printed(forks, server, line, PYTHONIOENCODING=encoding)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    read = "utf-8" if encoding == "ascii" else encoding  # ASCII is what a system without settings has
    assert len(done.stdout.decode(read).splitlines()) >= len(plain.stdout.decode().splitlines())
    assert not reports()


def test_an_error_shows_what_its_encoding_lacks_as_a_question_mark(server: Server) -> None:
    done = shell(f"o9s get files 'file-é✓' --base-url {server.url}", PYTHONIOENCODING="cp1252")
    assert done.returncode == 3
    assert "file-é?" in done.stderr.decode("cp1252")


@pytest.mark.parametrize(
    ("redirected", "names"),
    [
        ("</dev/null", b"standard input leads elsewhere"),
        ("<&-", b"standard input leads elsewhere"),
        (">/dev/null", b"standard output leads elsewhere"),
        ("| cat", b"standard output leads elsewhere"),
        (">&-", b"Standard output is closed"),
    ],
)
def test_in_a_terminal_with_one_stream_elsewhere_it_refuses(redirected: str, names: bytes) -> None:
    line = f"{O9S} --sandbox calm {redirected}; echo ended"
    with Console(command=("bash", "-c", line)) as console:
        console.sees("ended")
        assert names in console.output.replace(b"\r\n", b" ").replace(b"  ", b" ")
        assert b"\x1b[?1049h" not in console.output
    assert not reports()


@pytest.mark.parametrize("command", ["--sandbox calm", "files --sandbox calm", "batch --sandbox calm"])
@pytest.mark.parametrize("redirected", ["2>&-", "2>FILE"])
def test_no_screen_is_drawn_into_a_redirected_standard_error(
    tmp_path: Path, command: str, redirected: str
) -> None:
    file = tmp_path / "errors"
    line = f"{O9S} {command} {redirected.replace('FILE', str(file))}; echo ended with $?"
    with Console(command=("bash", "-c", line)) as console:
        console.sees("ended with 2")
        assert b"\x1b" not in console.output
    if file.exists():
        assert "standard error leads elsewhere" in file.read_text()
        assert "\x1b" not in file.read_text()


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ({"TERM": "dumb"}, "TERM is dumb"),
        ({"TERM": ""}, "TERM is not set"),
        ({"PYTHONIOENCODING": "ascii"}, "encoding is ascii"),
        ({"PYTHONIOENCODING": "cp1252"}, "encoding is cp1252"),
    ],
)
def test_a_terminal_that_cannot_show_the_screen_is_told_what_can(env: dict[str, str], names: str) -> None:
    with Console("--sandbox", "calm", env=env) as console:
        assert console.ends() == 2
        assert names in console.text.replace("\n", " ")
        assert "o9s get" in console.text
        assert "\x1b[" not in console.output.decode()
    # What prints lists works there all the same.
    with Console("resources", env=env) as console:
        assert console.ends() == 0


def test_lists_need_no_standard_input(server: Server) -> None:
    done = shell(f"o9s get files -o json --base-url {server.url} <&-")
    assert done.returncode == 0, done.stderr
    assert b'"object": "file"' in done.stdout
