"""Trust: which keys of the environment may go to which hosts that are neither OpenAI's nor this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.credentials.connection import is_loopback
from tui.api.credentials.keys import Secret, fingerprint
from tui.api.errors import BadKey, BadSetting
from tui.system.private_files import directories
from tui.system.state_file import StateFile

if TYPE_CHECKING:
    from collections.abc import Collection

    from tui.api.credentials.connection import Connection


class Untrusted(BadKey):
    """A key that the user has not yet said may go to a host."""

    def __init__(self, source: str, secret: Secret, host: str) -> None:
        self.source, self.secret, self.host = source, secret, host
        super().__init__(
            f"The key {secret} from {source} was never sent to {host} before, and is not until you say so.",
            f"`o9s auth trust` allows it, once for all; so does trust = [{host!r}] in the profile.".replace(
                "'", '"'
            ),
        )


def require_trust(source: str, secret: Secret, connection: Connection, named: Collection[str]) -> None:
    """Raise Untrusted unless a key may go to the host of a connection.

    It may to OpenAI's hosts, to this machine, to the hosts that the profile names, and to those trusted with it.
    """
    host = connection.host
    name = host.rsplit(":", 1)[0] if host.rpartition(":")[2].isdecimal() else host
    if connection.official or is_loopback(name.strip("[]")) or host in named or name in named:
        return
    if fingerprint(secret) not in (_open_file().read(_understand) or {}).get(host, ()):
        raise Untrusted(source, secret, host)


def allow(problem: Untrusted) -> None:
    """Remember that a key may go to a host. Raises BadSetting where that cannot be kept."""
    file = _open_file()
    kept = file.read(_understand) or {}
    kept[problem.host] = sorted({*kept.get(problem.host, ()), fingerprint(problem.secret)})
    if file.path is None:
        raise BadSetting(file.fault, "Name the host in the profile's trust.")
    try:
        file.write({"version": 1, "hosts": kept})
    except OSError as error:
        raise BadSetting(
            f"Which hosts are trusted cannot be kept ({error.strerror}).", "Name the host in the profile's trust."
        ) from None


def _open_file() -> StateFile:
    return StateFile(directories().state / "trusted.json", "which hosts are trusted")


def _understand(told: Any) -> dict[str, list[str]]:
    """Return the fingerprints of keys by host. Raises what StateFile takes for damage."""
    if told["version"] != 1:
        raise ValueError("another version")
    return {str(host): [str(each) for each in keys] for host, keys in told["hosts"].items()}
