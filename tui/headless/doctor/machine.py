"""This machine: its terminal, its config, its keys, its files."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from tui.api.credentials import keystore
from tui.api.errors import KeyringError
from tui.api.operation import Key
from tui.headless.doctor.findings import AREAS, Finding
from tui.system.private_files import directories, private_directory
from tui.system.terminal import find_drawing_refusal
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tui.api.credentials.connection import Connection
    from tui.config.settings import Config
    from tui.headless.doctor.findings import State

_AREA = AREAS[0]
_ROOM = 50 << 20  # bytes that should be free where state is kept
_SMALL = (80, 24)
_TMUX_SECONDS = 2.0


def examine_machine(config: Config, env: Mapping[str, str], *, drawn: bool = False) -> Iterator[Finding]:
    """Yield how this machine is; where the screen is `drawn`, its terminal can. Asks the keyring: for a thread."""
    yield from _examine_terminal(env, drawn=drawn)
    yield _examine_clipboard(env)
    yield from _examine_config(config)
    yield _examine_keyring()
    yield from _examine_directories()


def _examine_terminal(env: Mapping[str, str], *, drawn: bool) -> Iterator[Finding]:
    refusal = "" if drawn else find_drawing_refusal(env)
    name = " in ".join(filter(None, (env.get("TERM"), env.get("TERM_PROGRAM")))) or "not told"
    if refusal and not sys.stdout.isatty():
        yield Finding(_AREA, "terminal", "absent", "the output is none; commands work there, the screen does not")
        return
    if refusal:
        what, _, then = refusal.partition(". ")
        yield Finding(_AREA, "terminal", "broken", clean(what), clean(then))
    else:
        size = shutil.get_terminal_size()
        small = size < _SMALL
        then = f"Make it {_SMALL[0]}×{_SMALL[1]} at least: less has no room for all columns." if small else ""
        told = f"{name}, {size.columns}×{size.lines}, UTF-8"
        yield Finding(_AREA, "terminal", "odd" if small else "good", clean(told), then)
    yield Finding(_AREA, "colours", *_judge_colours(env))
    mouse: tuple[State, str] = (
        ("odd", "none: the console has no mouse") if env.get("TERM") == "linux" else ("good", "on")
    )
    yield Finding(_AREA, "mouse", *mouse)


def _judge_colours(env: Mapping[str, str]) -> tuple[State, str, str]:
    if "NO_COLOR" in env:
        return "good", "none, as NO_COLOR wants", ""
    if env.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "good", "16 million", ""
    if "256color" in env.get("TERM", ""):
        return "good", "256; COLORTERM=truecolor gives all", ""
    return "odd", "16", "Set TERM to what the terminal is, such as xterm-256color."


def _examine_clipboard(env: Mapping[str, str]) -> Finding:
    if env.get("TMUX") and (tmux := shutil.which("tmux")):
        try:
            asked = [tmux, "show-options", "-gsv", "set-clipboard"]
            told = subprocess.run(asked, capture_output=True, text=True, timeout=_TMUX_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired):
            told = None
        if told and told.stdout.strip() == "off":
            then = "tmux set-option -gs set-clipboard on"
            return Finding(_AREA, "clipboard", "odd", "tmux keeps what is copied to itself", then)
    if env.get("TERM_PROGRAM") == "Apple_Terminal":
        then = "Use another terminal, or the mouse with fn held."
        return Finding(_AREA, "clipboard", "odd", "Terminal.app takes no OSC 52: c and Y copy nothing", then)
    far = ", from here over SSH too" if env.get("SSH_CONNECTION") or env.get("SSH_TTY") else ""
    return Finding(_AREA, "clipboard", "good", f"through the terminal (OSC 52){far}, where that allows it")


def _examine_config(config: Config) -> Iterator[Finding]:
    if not config.notices:
        yield Finding(_AREA, "config", "good", clean(str(directories().config)))
    for notice in config.notices:
        yield Finding(_AREA, "config", "odd", clean(notice), "o9s config lists what is in force.")


def _examine_keyring() -> Finding:
    try:
        name = keystore.find_keyring_name()
    except KeyringError as error:
        state: State = "absent" if error.reason == "absent" else "odd"
        return Finding(_AREA, "keyring", state, error.sentence, error.next)
    if name.startswith("none"):
        then = "Keys come from the environment or from key_command in the config."
        return Finding(_AREA, "keyring", "absent", name, then)
    return Finding(_AREA, "keyring", "good", name)


def _examine_directories() -> Iterator[Finding]:
    at = directories().state
    try:
        private_directory(at)
        _try_to_write(at)
        free = shutil.disk_usage(at).free
    except OSError as error:
        then = "Mend that, or point O9S_STATE_DIR elsewhere: until then nothing is remembered, no write noted."
        why = (error.strerror or "unknown fault").lower()
        yield Finding(_AREA, "state", "broken", clean(f"{at} cannot be written: {why}"), then)
        return
    if free < _ROOM:
        yield Finding(_AREA, "state", "odd", clean(f"{at}: {free >> 20} MB are free"), "Free some space.")
    else:
        yield Finding(_AREA, "state", "good", clean(str(at)))


def _try_to_write(directory: Path) -> None:
    """Make a file and remove it. Raises OSError."""
    import tempfile

    with tempfile.TemporaryFile(dir=directory) as file:
        file.write(b"x")


def examine_keys(connection: Connection) -> Iterator[Finding]:
    """Yield where each key comes from, or why there is none."""
    area = AREAS[1]
    if connection.server.auth == "none":
        yield Finding(area, "keys", "good", "none is sent, as the profile says")
        return
    for kind in Key:
        name = f"{kind} key"
        if problem := connection.problems.get(kind):
            yield Finding(area, name, "broken", problem.sentence, problem.next)
        elif key := connection.key(kind):
            yield Finding(area, name, "good", f"{key} of {connection.sources.get(kind, 'this session')}")
        elif kind is Key.PROJECT and connection.needs_key(kind):
            state: State = "odd" if connection.admin_key else "broken"
            yield Finding(area, name, state, "none", "Set OPENAI_API_KEY, or run o9s auth login.")
        else:
            yield Finding(area, name, "absent", "none")
