"""Where keys are kept outside this program: commands that print them, and the system's keyring.

Both may hang or lie, so both are limited in time, and what was stored is read back.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from tui.api.errors import BadSetting, KeyringError
from tui.api.operation import Key
from tui.system.children import build_child_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keyring.backend import KeyringBackend

COMMAND_SECONDS = 10.0
COMMAND_BYTES = 4096
KEYRING_SECONDS = 3.0
_SERVICE = "o9s"

T = TypeVar("T")


def read_from_command(command: tuple[str, ...], called: str = "The key command") -> str:
    """Return what a command prints. Raises BadSetting when it fails, says nothing, or takes too long.

    `called` is how the command is spoken of.
    """
    then = "Run it in a shell to see what it says."
    name = f"{called} {command[0]}"
    try:
        # A session of its own: it cannot ask on the terminal that shows the screen, and goes with its children.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=build_child_environment(),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise BadSetting(
            f"{name} cannot be run ({getattr(error, 'strerror', None) or 'bad argument'}).", then
        ) from None
    with process:
        assert process.stdout is not None
        read = process.stdout.read

        def finish() -> tuple[bytes, int]:
            output = read(COMMAND_BYTES + 1)
            return output, process.wait() if len(output) <= COMMAND_BYTES else 0

        try:
            output, code = _call_within(finish, COMMAND_SECONDS)
        except TimeoutError:
            raise BadSetting(f"{name} did not finish within {COMMAND_SECONDS:.0f} s.", then) from None
        finally:
            _kill(process)
    if code:
        raise BadSetting(f"{name} ended with code {code}.", then)
    if not output.strip() or len(output) > COMMAND_BYTES:
        raise BadSetting(f"{name} printed {'nothing' if not output.strip() else 'more than a key'}.", then)
    return output.decode("utf-8", "replace")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a command and what it started."""
    try:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):
        return


def _call_within(call: Callable[[], T], seconds: float) -> T:
    """Call in a thread that is left behind when it hangs: a locked keyring must not freeze the screen.

    Raises TimeoutError after `seconds`, and what the call raises.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:  # handed to the caller, whatever it is
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return outcome.result(seconds)


def _keyring(act: Callable[[KeyringBackend], T]) -> T:
    """Use the keyring, whose back ends raise what they like. Raises KeyringError."""

    def run() -> T:
        import keyring

        return act(keyring.get_keyring())

    try:
        return _call_within(run, KEYRING_SECONDS)
    except TimeoutError:
        sentence = f"The keyring did not answer within {KEYRING_SECONDS:.0f} s; it may be waiting to be unlocked."
        raise KeyringError("silent", sentence) from None
    except Exception as error:
        # By name: to import keyring's errors here would cost the time this thread is there to save.
        kind = type(error).__name__
        if kind == "NoKeyringError":
            raise KeyringError("absent", "This system has no keyring.") from None
        if kind == "KeyringLocked":
            raise KeyringError("locked", "The keyring is locked.") from None
        raise KeyringError("failed", f"The keyring failed ({kind}).") from None


def read_keys(profile: str, kinds: Sequence[Key]) -> dict[Key, tuple[str, str]]:
    """Return host and key of each kind that the keyring holds for a profile. Raises KeyringError."""
    if not kinds:
        return {}
    kept = _keyring(lambda ring: {kind: ring.get_password(_SERVICE, f"{profile}/{kind}") for kind in kinds})
    pairs = {kind: value.partition(" ") for kind, value in kept.items() if value}
    return {kind: (host, key) for kind, (host, _, key) in pairs.items()}


def store(profile: str, kind: Key, host: str, key: str) -> None:
    """Keep a key and the host it is for. Raises KeyringError where it is not there afterwards."""
    value = f"{host} {key}"

    def act(ring: KeyringBackend) -> str | None:
        ring.set_password(_SERVICE, f"{profile}/{kind}", value)
        return ring.get_password(_SERVICE, f"{profile}/{kind}")

    # Some back ends take everything and keep nothing.
    if _keyring(act) != value:
        raise KeyringError("forgets", "The keyring took the key but does not give it back; it is not stored.")


def logout(profile: str) -> list[Key]:
    """Remove a profile's keys from the keyring; returns which there were. Raises KeyringError."""

    def act(ring: KeyringBackend) -> list[Key]:
        names = {kind: f"{profile}/{kind}" for kind in Key}
        held = [kind for kind, name in names.items() if ring.get_password(_SERVICE, name) is not None]
        for kind in held:
            ring.delete_password(_SERVICE, names[kind])
        return held

    return _keyring(act)


def find_keyring_name() -> str:
    """Return the name of the keyring in use. Raises KeyringError."""
    name = _keyring(lambda ring: type(ring).__module__)
    return "none on this system" if name == "keyring.backends.fail" else name
