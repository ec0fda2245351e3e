"""A connection: whom to call the platform as, and to which address keys may be sent."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui.api.credentials.keys import Secret, kind_of
from tui.api.credentials.server import OPENAI, Server
from tui.api.errors import ApiError, BadUrl, is_official
from tui.api.operation import Key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tui.api.credentials.closing import Closing
    from tui.api.recording.recorder import Recorder

DEFAULT_BASE_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class Connection:
    """All that is needed to call the platform as somebody."""

    profile: str = "default"
    base_url: str = DEFAULT_BASE_URL
    project_key: Secret | None = None
    admin_key: Secret | None = None
    organization: str | None = None
    project: str | None = None
    read_only_by: str = ""
    """Who said that nothing may be changed as o9s began, such as `--read-only`; "" where it may be."""
    closing: Closing | None = field(default=None, compare=False, repr=False)
    """What the config file says of that now."""
    requests_per_minute: int | None = None
    sandbox: bool = False
    server: Server = OPENAI
    """How the server wants to be talked to."""
    sources: Mapping[Key, str] = field(default_factory=dict)
    """Where each key came from; never the key."""
    problems: Mapping[Key, ApiError] = field(default_factory=dict)
    """Why a slot is empty though a key was meant to be there."""
    notes: tuple[str, ...] = ()
    """Sentences on settings that were found and are not used."""
    recorder: Recorder | None = field(default=None, compare=False, repr=False)
    """What keeps all that is asked and answered, where that is asked for."""
    is_replay: bool = False
    """Whether it is a recording that answers, with the time it was made at."""
    replay_ends: float = 0.0
    """When that was over, by its server's clock; 0 where that is not known."""
    taken_at: float | None = None
    """When the take-out was made that answers (unix seconds); None where it is none, or not known yet."""

    @property
    def held_by(self) -> str:
        """Who says that nothing may be changed, whatever `:rw` says; "" where it may be."""
        return self.read_only_by or (self.closing.by if self.closing else "")

    @property
    def read_only(self) -> bool:
        """Whether whatever would change the platform is refused, whatever `:rw` says."""
        return bool(self.held_by)

    def look_for_closing(self) -> bool:
        """Read what the config file says of writing, where it was written since the last look.

        Returns whether writing is forbidden.
        """
        if self.closing:
            self.closing.look()
        return self.read_only

    def key(self, kind: Key) -> Secret | None:
        """Return the key in a slot."""
        return self.admin_key if kind is Key.ADMIN else self.project_key

    def needs_key(self, kind: Key) -> bool:
        """Return whether a call is refused without a key of this kind; other servers may want no project key."""
        if self.server.auth == "none":
            return False
        return kind is Key.ADMIN or self.official or kind in self.problems

    @property
    def account(self) -> list[str]:
        """What is shown of whose account it is: organization and project, and the ends of the keys."""
        ends = [f"{secret:end}" for secret in (self.project_key, self.admin_key) if secret]
        return [part for part in (self.organization, self.project, *ends) if part]

    @property
    def host(self) -> str:
        """The host keys are sent to, with its port where it is not the usual one."""
        return host_of(self.base_url)

    @property
    def official(self) -> bool:
        """Whether the host is OpenAI's; others deserve a mark where the user looks."""
        return is_official(urlsplit(self.base_url).hostname or "")

    @property
    def is_plain(self) -> bool:
        """Whether what is said goes unencrypted over a network, as the user allowed."""
        parts = urlsplit(self.base_url)
        return parts.scheme == "http" and not is_loopback(parts.hostname or "")

    @property
    def shortest_key(self) -> int:
        """The fewest characters a key has: only OpenAI's are known to be long; other servers take any word."""
        return 20 if self.official else 1

    @property
    def usable(self) -> bool:
        """Whether there is something to connect with: a key, or a server that may not want one."""
        if self.server.auth == "none":
            return True
        return bool(self.project_key or self.admin_key) or not (self.official or self.problems)

    def with_key(self, secret: Secret, source: str = "this session") -> Connection:
        """Return the connection with one more key, in the slot its prefix names; nothing is stored."""
        kind = kind_of(secret.reveal()) or Key.PROJECT
        return dataclasses.replace(
            self,
            project_key=secret if kind is Key.PROJECT else self.project_key,
            admin_key=secret if kind is Key.ADMIN else self.admin_key,
            sources={**self.sources, kind: source},
            problems={other: problem for other, problem in self.problems.items() if other is not kind},
        )


def host_of(base_url: str) -> str:
    """Return the host and port by which a key is bound to a server."""
    return urlsplit(base_url).netloc.lower()


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine; `localhost` is if it resolves so."""
    if host == "localhost":
        try:
            found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
        except OSError:
            return False
        return bool(found) and all(ipaddress.ip_address(address).is_loopback for address in found)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_base_url(url: str, plain_hosts: Collection[str] = ()) -> str:
    """Return a base URL to which keys may be sent, without a slash at its end.

    Plain http is for this machine, and for the hosts that the user names (`plain_hosts`, with a port or without).

    Raises:
        BadUrl: not encrypted though it must be, or it holds what hides where it leads.
    """
    url = url.strip()
    then = f"The usual one is {DEFAULT_BASE_URL}."
    if not re.fullmatch(r"[!-~]+", url):
        try:
            host = (urlsplit(url).hostname or "").encode("idna").decode()
        except (UnicodeError, ValueError):
            host = ""
        spelled = (
            f"; its host is spelled {host} on the network" if host.startswith("xn--") or ".xn--" in host else ""
        )
        raise BadUrl(f"The base URL has a blank, control or non-ASCII character{spelled}.", then)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadUrl("The base URL cannot be read.", then) from None
    if "@" in parts.netloc:
        raise BadUrl("The base URL must not hold a user name or password.", then)
    if parts.query or parts.fragment or "?" in url or "#" in url or re.search(r"[\\<>\"{}|^`]", url):
        raise BadUrl("The base URL must end with its path, such as /v1.", then)
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[a-z0-9.-]+|[0-9a-f:.]+", host):
        raise BadUrl("The base URL must look like https://host/v1.", then)
    if parts.scheme == "http" and not ({host, parts.netloc.lower()} & {*plain_hosts} or is_loopback(host)):
        raise BadUrl(
            f"The base URL {url} is not encrypted; plain http is for this machine only.",
            f'Use https, or name the host in the profile: allow_http = ["{host}"].',
        )
    if port == 0 or ".." in parts.path:
        raise BadUrl("The base URL cannot be used.", then)
    return url.rstrip("/")
