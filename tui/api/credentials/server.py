"""How a server wants to be talked to, where that differs from OpenAI's: headers, key, certificates, proxy."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, unquote, urlsplit

from tui.api.errors import BadSetting
from tui.api.redaction import remember

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Auth = Literal["bearer", "api-key", "none"]
"""How a key is sent: as `Authorization: Bearer …`, as `api-key: …`, or not at all."""

# Words in a header's name that tell that its value is secret.
_SECRET = re.compile(r"auth|cookie|credential|key|pass|secret|session|signature|token", re.IGNORECASE)
# What the client itself writes: another would change where a request ends, or how its answer is understood.
_OURS = (
    *("accept", "accept-encoding", "connection", "content-length", "content-type", "expect", "host", "if-range"),
    *("keep-alive", "proxy-authorization", "proxy-connection", "range", "te", "trailer", "transfer-encoding"),
    "upgrade",
)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\t -~]{0,4000}")
DIRECT = "none"
"""The proxy of a profile that wants none, not even that of the environment."""
_PROXIES = ("http", "https", "socks5", "socks5h")


@dataclass(frozen=True, slots=True)
class Server:
    """How a server is talked to. The values of its headers and its proxy are never shown."""

    kind: str = ""
    """The name of what it runs, as the config gives it."""
    auth: Auth = "bearer"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What is sent with each request besides the headers of the API, by name."""
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What is added to the query of each request."""
    secret_query: frozenset[str] = frozenset()
    """The names in `query` whose values are not shown."""
    ca: Path | None = None
    """Certificates that are trusted besides the usual ones."""
    client_cert: Path | None = None
    client_key: Path | None = None
    proxy: str = field(default="", repr=False)
    """The address of the proxy; "" for that of the environment, `none` for none at all."""
    plain_hosts: tuple[str, ...] = ()
    """The hosts besides this machine to which plain http may go."""
    serves: tuple[str, ...] = ()
    """How the paths begin of all the lists that it has, as far as that is known of its kind; () for any."""

    def lacks(self, path: str) -> bool:
        """Return whether it is known of its kind that it does not have a list, by the template of its path."""
        family = path.split("/")[1]
        if self.kind and family == "organization":  # OpenAI's own
            return True
        return bool(self.serves) and family not in self.serves

    def add_query(self, target: str, *, shown: bool = False) -> str:
        """Return path and query of a request with what is added to each; where it is `shown`, without secrets."""
        hidden = self.secret_query if shown else ()
        pairs = [
            f"{quote(name, safe='')}={'…' if name in hidden else quote(value, safe='')}"
            for name, value in self.query.items()
        ]
        return f"{target}{'&' if '?' in target else '?'}{'&'.join(pairs)}" if pairs else target

    def key_header(self, key: str) -> tuple[str, str]:
        """Return name and value of the header that carries a key."""
        return ("api-key", key) if self.auth == "api-key" else ("Authorization", f"Bearer {key}")

    @property
    def shown_proxy(self) -> str:
        """The proxy without what it is logged in with."""
        return hide_login(self.proxy)


OPENAI = Server()
"""What is usual."""


def check_header(name: str, value: str, *, secret: bool = False) -> str:
    """Return the value of a header that can be sent; one that is `secret`, or called so, is never shown again.

    Raises BadSetting, which does not repeat the value.
    """
    if not _NAME.fullmatch(name):
        raise BadSetting(f"headers has {name!r}, which is no name of a header.", "Mend it in the config file.")
    if name.lower() in _OURS:
        raise BadSetting(f"headers has {name}, which o9s writes itself.", "Take it out of the config file.")
    text = value.strip()
    if not _VALUE.fullmatch(text):
        raise BadSetting(
            f"The value of the header {name} has a line break or another character that no header may have.",
            "Mend it in the config file.",
        )
    if secret or _SECRET.search(name):
        remember(text)
        remember(text.rpartition(" ")[2])  # without a word such as Basic before it
    return text


def check_proxy(text: str) -> str:
    """Return the address of a proxy, whose password is never shown again.

    Raises BadSetting, which does not repeat it.
    """
    address = text.strip()
    if address == DIRECT:
        return address
    then = 'It looks like http://proxy.example:3128; "none" uses none at all.'
    try:
        parts = urlsplit(address)
        password, host, _ = parts.password, parts.hostname, parts.port
    except ValueError:
        raise BadSetting("The proxy of the profile cannot be read.", then) from None
    if password:
        for form in (password, unquote(password), address):
            remember(form)
    if parts.scheme not in _PROXIES or not host or not re.fullmatch(r"[!-~]+", address):
        raise BadSetting("The proxy of the profile is no address of a proxy.", then)
    return address


def hide_login(address: str) -> str:
    """Return an address without user name and password."""
    return re.sub(r"//.*@", "//…@", address)
