"""Where keys come from, and to which host they may go.

A key is looked for in the environment, then by the profile's command, then in the keyring; a stored or commanded
key goes only to the host it was meant for. Nothing is ever written in plain text.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui.api import keystore
from tui.api.errors import VARIABLES, ApiError, BadKey, BadSetting, BadUrl, KeyringError
from tui.api.keys import Secret, check_key, fingerprint, kind_of, redact
from tui.api.keystore import logout as logout  # logs out what `login` here logs in
from tui.api.operation import Key
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.config import Config, Profile

DEFAULT_BASE_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class Connection:
    """All that is needed to call the platform as somebody.

    `sources` names where each key came from, never the key; `problems` why a slot is empty though a key was
    meant to be there.
    """

    profile: str = "default"
    base_url: str = DEFAULT_BASE_URL
    project_key: Secret | None = None
    admin_key: Secret | None = None
    organization: str | None = None
    project: str | None = None
    read_only: bool = False
    requests_per_minute: int | None = None
    sandbox: bool = False
    sources: Mapping[Key, str] = field(default_factory=dict)
    problems: Mapping[Key, ApiError] = field(default_factory=dict)

    def key(self, kind: Key) -> Secret | None:
        """The key in a slot."""
        return self.admin_key if kind is Key.ADMIN else self.project_key

    @property
    def host(self) -> str:
        """The host keys are sent to, with its port where it is not the usual one."""
        return host_of(self.base_url)

    @property
    def official(self) -> bool:
        """Whether the host is OpenAI's; others deserve a mark where the user looks."""
        return f".{urlsplit(self.base_url).hostname}".endswith(".openai.com")

    def with_key(self, secret: Secret, source: str = "this session") -> Connection:
        """The same connection with one more key, in the slot its prefix names; nothing is stored."""
        kind = kind_of(secret.reveal()) or Key.PROJECT
        return dataclasses.replace(
            self,
            project_key=secret if kind is Key.PROJECT else self.project_key,
            admin_key=secret if kind is Key.ADMIN else self.admin_key,
            sources={**self.sources, kind: source},
            problems={other: problem for other, problem in self.problems.items() if other is not kind},
        )


def host_of(base_url: str) -> str:
    """Host and port by which a key is bound to a server."""
    return urlsplit(base_url).netloc.lower()


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine. `localhost` counts if it resolves so."""
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


def check_base_url(url: str) -> str:
    """Take a base URL to which keys may be sent, without a slash at its end.

    Raises:
        BadUrl: not https (plain http is for this machine only), or it holds what hides where it leads.
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
    if parts.scheme == "http" and not is_loopback(host):
        raise BadUrl(f"The base URL {url} is not encrypted; plain http is for this machine only.", "Use https.")
    if port == 0 or ".." in parts.path:
        raise BadUrl("The base URL cannot be used.", then)
    return url.rstrip("/")


def resolve(
    *, profile: str | None, base_url: str | None, read_only: bool, env: Mapping[str, str], config: Config
) -> Connection:
    """Work out whom to connect as. Waits for commands and the keyring, so it belongs in a thread.

    What is asked for goes before the environment, and that before the profile. An empty variable is not set. A key
    that is there but cannot be used leaves its slot empty and is told in `problems`: no other key takes its place.

    Raises:
        BadSetting: there is no such profile, or a header value that cannot be sent.
        BadUrl: see `check_base_url`.
    """
    name = profile or config.default_profile
    if profile and config.profiles and profile not in config.profiles and profile != "default":
        raise BadSetting(f"There is no profile {profile}.", f"There are: {', '.join(sorted(config.profiles))}.")
    settings = config.profile(name)
    given = {variable: value.strip() for variable, value in env.items() if value.strip()}
    meant_for = check_base_url(settings.base_url or DEFAULT_BASE_URL)
    connection = Connection(
        profile=name,
        base_url=check_base_url(base_url or given.get("OPENAI_BASE_URL") or meant_for),
        organization=_header("organization", given.get("OPENAI_ORG_ID") or settings.organization),
        project=_header("project", given.get("OPENAI_PROJECT_ID") or settings.project),
        read_only=read_only or settings.read_only,
        requests_per_minute=settings.requests_per_minute,
    )
    sources = {kind: _source(kind, given, settings) for kind in Key}
    found: dict[Key, Secret] = {}
    problems: dict[Key, ApiError] = {}
    try:
        stored = keystore.stored(name, [kind for kind, source in sources.items() if source == "keyring"])
    except KeyringError as problem:
        stored = {}
        if problem.reason != "absent":  # over SSH there is none; that alone is no fault
            problems = {kind: problem for kind, source in sources.items() if source == "keyring"}
    for kind, source in sources.items():
        try:
            if source == VARIABLES[kind]:
                text = given[source]
            elif source != "keyring":
                _same_host(host_of(meant_for), source, connection)
                text = keystore.from_command(_command(kind, settings))
            elif kind in stored:
                host, text = stored[kind]
                _same_host(host, source, connection)
            else:
                continue
            found[kind] = _for_slot(kind, text, source, connection)
        except ApiError as problem:
            problems[kind] = problem
    return dataclasses.replace(
        connection,
        project_key=found.get(Key.PROJECT),
        admin_key=found.get(Key.ADMIN),
        sources={kind: sources[kind] for kind in found},
        problems=problems,
    )


def _command(kind: Key, settings: Profile) -> tuple[str, ...]:
    return settings.admin_key_command if kind is Key.ADMIN else settings.key_command


def _source(kind: Key, given: Mapping[str, str], settings: Profile) -> str:
    """The name of the first place that claims to have a key."""
    if VARIABLES[kind] in given:
        return VARIABLES[kind]
    if _command(kind, settings):
        return "admin_key_command" if kind is Key.ADMIN else "key_command"
    return "keyring"


def _same_host(host: str, source: str, connection: Connection) -> None:
    """Refuse to take a key to another host than it was meant for, whatever moved the base URL."""
    if host != connection.host:
        raise BadKey(
            f"The key from {source} is for {host} and is not sent to {connection.host}.",
            f"Log in again for {connection.host}, or use the base URL of {host}.",
        )


def _for_slot(kind: Key, text: str, source: str, connection: Connection) -> Secret:
    """Check a key and that it is of the slot's kind: an admin key never goes where a project key belongs."""
    # Servers on this machine take any word for a key.
    local = is_loopback(urlsplit(connection.base_url).hostname or "")
    try:
        secret = check_key(text, shortest=1 if local else 20)
    except BadKey as error:
        raise BadKey(f"From {source}: {error.sentence}", error.next) from None
    actual = kind_of(secret.reveal())
    if Key.ADMIN in (kind, actual) and actual not in (kind, None):
        what = {Key.ADMIN: "an admin key", Key.PROJECT: "a project key"}
        raise BadKey(
            f"{source} holds {what[actual]} where {what[kind]} belongs.",
            f"Put it into {VARIABLES[actual]} instead.",
        )
    return secret


def _header(name: str, value: str | None) -> str | None:
    """A value that can be sent as a header."""
    if value and not re.fullmatch(r"[!-~]{1,200}", value):
        raise BadSetting(
            f"The {name} id has a character that no id has.", "Check the environment and the profile."
        )
    return value or None


def login(profile: str, key: str, host: str) -> Key:
    """Store a key in the keyring for a profile and a host; returns the slot its prefix names.

    Raises:
        BadKey: it cannot be a key.
        KeyringError: it is not stored.
    """
    secret = check_key(key)
    kind = kind_of(secret.reveal()) or Key.PROJECT
    keystore.store(profile, kind, host, secret.reveal())
    return kind


def status(connection: Connection, env: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is used to connect, as labels and values fit to print: keys masked, proxies without passwords."""
    lines = [
        ("profile", connection.profile),
        ("base URL", connection.base_url),
        *((f"{kind} key", _key_line(connection, kind)) for kind in Key),
        ("organization", connection.organization or "the key's own"),
        ("project", connection.project or "the key's own"),
        ("writing", "refused (read-only)" if connection.read_only else "allowed, behind dialogs"),
    ]
    try:
        lines.append(("keyring", keystore.backend()))
    except KeyringError as error:
        lines.append(("keyring", error.sentence))
    for variable in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        value = env.get(variable) or env.get(variable.lower())
        if value:
            lines.append((variable, re.sub(r"//[^/@]*@", "//…@", value)))
    return [(label, clean(redact(value))) for label, value in lines]


def _key_line(connection: Connection, kind: Key) -> str:
    secret, problem = connection.key(kind), connection.problems.get(kind)
    if secret:
        return f"{secret} from {connection.sources.get(kind, 'this session')} ({fingerprint(secret)})"
    return str(problem) if problem else "none"
