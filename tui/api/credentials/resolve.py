"""Where keys come from, and to which host they may go.

A key is looked for in the environment, then by the profile's command, then in the keyring; for a profile named by
hand its own command and keyring come first. A stored or commanded key goes only to the host it was meant for.
Nothing is ever written in plain text.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui.api.credentials import keystore
from tui.api.credentials.keys import (
    Secret,
    check_key,
    fingerprint,
    kind_of,
)
from tui.api.credentials.keystore import logout as logout  # logs out what `login` here logs in
from tui.api.errors import VARIABLES, ApiError, BadKey, BadSetting, BadUrl, KeyringError, is_official
from tui.api.operation import Key
from tui.api.redaction import redact
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.config import Config, Profile

DEFAULT_BASE_URL = "https://api.openai.com/v1"
_USED = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")


@dataclass(frozen=True, slots=True)
class Connection:
    """All that is needed to call the platform as somebody.

    `sources` names where each key came from, never the key; `problems` why a slot is empty though a key was
    meant to be there, and `notes` are sentences on what else was there and is not used.
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
    notes: tuple[str, ...] = ()

    def key(self, kind: Key) -> Secret | None:
        """The key in a slot."""
        return self.admin_key if kind is Key.ADMIN else self.project_key

    def needs_key(self, kind: Key) -> bool:
        """Whether a call is refused without a key of this kind; servers not OpenAI's may want no project key."""
        return kind is Key.ADMIN or self.official or kind in self.problems

    @property
    def host(self) -> str:
        """The host keys are sent to, with its port where it is not the usual one."""
        return host_of(self.base_url)

    @property
    def official(self) -> bool:
        """Whether the host is OpenAI's; others deserve a mark where the user looks."""
        return is_official(urlsplit(self.base_url).hostname or "")

    @property
    def shortest_key(self) -> int:
        """The fewest characters a key has: only OpenAI's are known to be long; other servers take any word."""
        return 20 if self.official else 1

    @property
    def usable(self) -> bool:
        """Whether there is something to connect with: a key, or a server that may not want one."""
        return bool(self.project_key or self.admin_key) or not (self.official or self.problems)

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

    What is asked for by hand goes first: `base_url`, and a `profile` with a key of its own, which then takes
    nothing from the environment. One without a key takes from there what it does not say itself. Where no profile
    is named, the environment goes before the default one. An empty variable is not set. `notes` tell of what was
    there and is not used. A key that is there but cannot be used leaves its slot empty and is told in `problems`:
    no other key takes its place.

    Raises:
        BadSetting: there is no such profile, or a header value that cannot be sent.
        BadUrl: see `check_base_url`.
    """
    name = profile or config.default_profile
    if profile and config.profiles and profile not in config.profiles and profile != "default":
        raise BadSetting(f"There is no profile {profile}.", f"There are: {', '.join(sorted(config.profiles))}.")
    settings = config.profile(name)
    given = {variable: value.strip() for variable, value in env.items() if variable in _USED and value.strip()}
    asked = list(Key) if profile else [kind for kind in Key if VARIABLES[kind] not in given]
    kept = [kind for kind in asked if not _command(kind, settings)]
    stored, trouble = _stored(name, kept)
    own = {kind for kind in asked if _command(kind, settings) or kind in stored}
    notes = _notes(name, settings, given, named=bool(profile), own=bool(own or trouble))
    if profile and (own or trouble):
        given = {}
    connection = _addressed(name, settings, given, base_url, named=bool(profile))
    connection = dataclasses.replace(connection, read_only=read_only or settings.read_only, notes=notes)
    meant_for = host_of(check_base_url(settings.base_url or DEFAULT_BASE_URL))
    found: dict[Key, Secret] = {}
    sources: dict[Key, str] = {}
    problems: dict[Key, ApiError] = dict.fromkeys(kept, trouble) if trouble else {}
    for kind in Key:
        try:
            if VARIABLES[kind] in given and kind not in own:
                source, text = VARIABLES[kind], given[VARIABLES[kind]]
                if profile and settings.base_url and not base_url:  # the host is not the environment's
                    usual = given.get("OPENAI_BASE_URL") or DEFAULT_BASE_URL
                    _same_host(host_of(check_base_url(usual)), source, connection)
            elif _command(kind, settings):
                source = "admin_key_command" if kind is Key.ADMIN else "key_command"
                _same_host(meant_for, source, connection)
                text = keystore.from_command(_command(kind, settings))
            elif kind in stored:
                source = "keyring"
                host, text = stored[kind]
                _same_host(host, source, connection)
            else:
                continue
            found[kind] = _for_slot(kind, text, source, connection)
            sources[kind] = source
        except ApiError as problem:
            problems[kind] = problem
    return dataclasses.replace(
        connection,
        project_key=found.get(Key.PROJECT),
        admin_key=found.get(Key.ADMIN),
        sources=sources,
        problems=problems,
    )


def _stored(name: str, kinds: list[Key]) -> tuple[dict[Key, tuple[str, str]], KeyringError | None]:
    """What the keyring holds for a profile, and why it does not tell, where that is a fault."""
    try:
        return keystore.stored(name, kinds), None
    except KeyringError as problem:
        # Over SSH there is none; that alone is no fault.
        return {}, None if problem.reason == "absent" else problem


def _addressed(
    name: str, settings: Profile, given: Mapping[str, str], base_url: str | None, *, named: bool
) -> Connection:
    """The connection without its keys: where to, and for which organization and project."""

    def chosen(variable: str, value: str | None) -> str | None:
        return (value or given.get(variable)) if named else (given.get(variable) or value)

    return Connection(
        profile=name,
        base_url=check_base_url(base_url or chosen("OPENAI_BASE_URL", settings.base_url) or DEFAULT_BASE_URL),
        organization=_header("organization", chosen("OPENAI_ORG_ID", settings.organization)),
        project=_header("project", chosen("OPENAI_PROJECT_ID", settings.project)),
        requests_per_minute=settings.requests_per_minute,
    )


def _notes(name: str, settings: Profile, given: Mapping[str, str], *, named: bool, own: bool) -> tuple[str, ...]:
    """Sentences on sources that disagree: which is used, and which is not."""
    kept = {
        "OPENAI_BASE_URL": settings.base_url,
        "OPENAI_ORG_ID": settings.organization,
        "OPENAI_PROJECT_ID": settings.project,
        "OPENAI_API_KEY": "key_command" if settings.key_command else None,
        "OPENAI_ADMIN_KEY": "admin_key_command" if settings.admin_key_command else None,
    }
    both = [variable for variable in _USED if variable in given and kept[variable] not in (None, given[variable])]
    unused = [variable for variable in _USED if variable in given] if named and own else both
    if not unused:
        return ()
    listed = ", ".join(unused)
    if named:
        return (f"Profile {name} was named and goes first: {listed} of the environment is not used.",)
    return (
        f"{listed} of the environment goes before what profile {name} says; --profile {name} turns that round.",
    )


def _command(kind: Key, settings: Profile) -> tuple[str, ...]:
    return settings.admin_key_command if kind is Key.ADMIN else settings.key_command


def _same_host(host: str, source: str, connection: Connection) -> None:
    """Refuse to take a key to another host than it was meant for, whatever moved the base URL."""
    if host != connection.host:
        raise BadKey(
            f"The key from {source} is for {host} and is not sent to {connection.host}.",
            f"Log in again for {connection.host}, or use the base URL of {host}.",
        )


def _for_slot(kind: Key, text: str, source: str, connection: Connection) -> Secret:
    """Check a key and that it is of the slot's kind: an admin key never goes where a project key belongs."""
    try:
        secret = check_key(text, shortest=connection.shortest_key)
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
    secret = check_key(key, Connection(base_url=f"https://{host}").shortest_key)
    kind = kind_of(secret.reveal()) or Key.PROJECT
    keystore.store(profile, kind, host, secret.reveal())
    return kind


def status(connection: Connection, env: Mapping[str, str]) -> list[tuple[str, str]]:
    """What is used to connect, as labels and values fit to print: keys masked, proxies without passwords."""
    lines = [
        ("profile", connection.profile),
        ("base URL", connection.base_url),
        *(("note", note) for note in connection.notes),
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
        source = connection.sources.get(kind, "this session")
        return f"{secret} from {source} for {connection.host} ({fingerprint(secret)})"
    if problem:
        return str(problem)
    return "none" if connection.needs_key(kind) else f"none; {connection.host} may not want one"
