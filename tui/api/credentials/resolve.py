"""Resolving: from the settings and the keys there are to a connection.

A key is looked for in the environment, then by the profile's command, then in the keyring; for a profile named by
hand its own command and keyring come first. A key goes only to the host it is for, wherever it comes from: one of
the environment is for the base URL of the environment, without one for OpenAI; a base URL given by hand takes it.
To a host that is not OpenAI's it goes only once the user has said so (`trust`).
Nothing is ever written in plain text.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.api.credentials import keystore
from tui.api.credentials.closing import Closing, find_read_only
from tui.api.credentials.connection import DEFAULT_BASE_URL, Connection, check_base_url, host_of
from tui.api.credentials.disagreements import (
    VARIABLES_USED,
    describe_disagreements,
    find_other_names,
    find_unused,
    is_all_given,
)
from tui.api.credentials.keys import (
    Secret,
    check_key,
    fingerprint,
    kind_of,
)
from tui.api.credentials.keystore import logout as logout  # logs out what `login` here logs in
from tui.api.credentials.server import hide_login
from tui.api.credentials.server_settings import complete, describe_missing_address, list_settings, read_server
from tui.api.credentials.several import require_profile
from tui.api.credentials.trust import require_trust
from tui.api.errors import VARIABLES, ApiError, BadKey, BadSetting, KeyringError
from tui.api.operation import Key
from tui.api.redaction import redact
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tui.config.settings import Config, Profile

_COMMANDS = {Key.PROJECT: "key_command", Key.ADMIN: "admin_key_command"}
_MEND = "Mend it in the config file."


def resolve(
    *,
    profile: str | None,
    base_url: str | None,
    read_only: bool,
    env: Mapping[str, str],
    config: Config,
    kinds: Collection[Key] = tuple(Key),
) -> Connection:
    """Return the connection to use. Waits for commands and the keyring, so it belongs in a thread.

    Keys that are not of these `kinds` need not be found: the keyring is a quarter of a second to ask.

    What is asked for by hand goes first: `base_url`, and a `profile` with a key of its own, which then takes
    nothing from the environment. One without a key takes from there what it does not say itself. Where no profile
    is named, the environment goes before the default one, whose own keys are used where those of the environment
    are for another host. An empty variable is not set. `notes` tell of what was there and is not used. A key that
    is there but cannot be used leaves its slot empty and is told in `problems`: no other key takes its place.

    Raises:
        UnknownProfile: there is no such profile.
        BadSetting: a header value that cannot be sent, or a setting of the profile that cannot be used.
        BadUrl: see `check_base_url`.
    """
    name = profile or config.default_profile
    if profile:
        require_profile(profile, config)
    settings = complete(config.profile(name))
    given = {
        variable: value.strip() for variable, value in env.items() if variable in VARIABLES_USED and value.strip()
    }
    if not base_url and (profile or "OPENAI_BASE_URL" not in given):
        _require_base_url(settings)
    meant_for = check_base_url(settings.base_url or DEFAULT_BASE_URL, settings.allow_http)
    elsewhere = not (profile or base_url or "OPENAI_BASE_URL" in given or Connection(base_url=meant_for).official)
    wanted = [kind for kind in Key if kind in kinds or profile or elsewhere]
    asked = [kind for kind in wanted if profile or elsewhere or VARIABLES[kind] not in given]
    kept = [kind for kind in asked if not _has_command(kind, settings)]
    stored, trouble = _read_keyring(name, kept)
    own = [kind for kind in asked if trouble or _has_command(kind, settings) or kind in stored]
    unused = find_unused(given, own, named=bool(profile))
    notes = describe_disagreements(name, settings, given, unused, named=bool(profile))
    if not profile:
        notes += tuple(find_other_names(env, given, base_url))
    given = {variable: value for variable, value in given.items() if variable not in unused}
    connection = _connect_without_keys(name, settings, given, base_url, named=bool(profile))
    server, unsent = read_server(settings, connection.base_url, meant_for)
    connection = dataclasses.replace(
        connection,
        read_only_by="--read-only" if read_only else find_read_only(settings, config),
        closing=Closing(settings.name),
        notes=(*notes, *unsent),
        server=server,
    )
    if server.auth == "none":
        return connection
    keys = _Keys(connection, settings, given, stored, base_url)
    found: dict[Key, tuple[str, Secret]] = {}
    problems: dict[Key, ApiError] = dict.fromkeys(kept, trouble) if trouble else {}
    for kind in wanted:
        try:
            if key := keys.take(kind):
                found[kind] = key
        except ApiError as problem:
            problems[kind] = problem
    secrets = {kind: secret for kind, (_, secret) in found.items()}
    return dataclasses.replace(
        connection,
        project_key=secrets.get(Key.PROJECT),
        admin_key=secrets.get(Key.ADMIN),
        sources={kind: source for kind, (source, _) in found.items()},
        problems=problems,
    )


def _require_base_url(settings: Profile) -> None:
    """Raise BadSetting where a profile does not say where its server is, though it is not OpenAI's."""
    if "base_url" in settings.unusable:
        raise BadSetting(settings.unusable["base_url"], _MEND)
    if settings.kind and not settings.base_url:
        raise BadSetting(*describe_missing_address(settings))


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys there are, and the connection that takes those that are for its host."""

    connection: Connection
    settings: Profile
    given: Mapping[str, str]
    """The variables of the environment that are used."""
    stored: Mapping[Key, tuple[str, str]]
    """Host and text of each key that the keyring holds."""
    base_url: str | None
    """The address given by hand."""

    def take(self, kind: Key) -> tuple[str, Secret] | None:
        """Return where a key comes from, and the key; None where there is none.

        Raises ApiError for one that is there and cannot be used.
        """
        if VARIABLES[kind] in self.given:
            return self._take_given(kind)
        if _has_command(kind, self.settings):
            source = _COMMANDS[kind]
            if source in self.settings.unusable:
                raise BadSetting(self.settings.unusable[source], _MEND)
            meant_for = check_base_url(self.settings.base_url or DEFAULT_BASE_URL, self.settings.allow_http)
            _require_host(host_of(meant_for), source, self.connection)
            text = keystore.read_from_command(_command(kind, self.settings))
        elif kind in self.stored:
            source = "keyring"
            host, text = self.stored[kind]
            _require_host(host, source, self.connection)
        else:
            return None
        return source, _check_for_slot(kind, text, source, self.connection)

    def _take_given(self, kind: Key) -> tuple[str, Secret]:
        """Return a key of the environment. For which host it is, only the base URL of the environment can say."""
        source = VARIABLES[kind]
        usual = self.base_url or self.given.get("OPENAI_BASE_URL")
        if usual or not self.connection.official:
            usual = check_base_url(usual or DEFAULT_BASE_URL, self.settings.allow_http)
            _require_host(host_of(usual), source, self.connection)
        secret = _check_for_slot(kind, self.given[source], source, self.connection)
        require_trust(source, secret, self.connection, self.settings.trust)
        return source, secret


def _read_keyring(name: str, kinds: list[Key]) -> tuple[dict[Key, tuple[str, str]], KeyringError | None]:
    """Read the keys that the keyring holds for a profile, and why it does not tell, where that is a fault."""
    try:
        return keystore.read_keys(name, kinds), None
    except KeyringError as problem:
        # Over SSH there is none; that alone is no fault.
        return {}, None if problem.reason == "absent" else problem


def _connect_without_keys(
    name: str, settings: Profile, given: Mapping[str, str], base_url: str | None, *, named: bool
) -> Connection:
    """Return the connection without its keys: address, organization and project."""

    def choose(variable: str, value: str | None) -> str | None:
        return (value or given.get(variable)) if named else (given.get(variable) or value)

    if is_all_given(given, named=named):  # whose organization and project they are, the profile does not say
        settings = dataclasses.replace(settings, organization=None, project=None)
    return Connection(
        profile=name,
        base_url=check_base_url(
            base_url or choose("OPENAI_BASE_URL", settings.base_url) or DEFAULT_BASE_URL, settings.allow_http
        ),
        organization=_read_header("organization", choose("OPENAI_ORG_ID", settings.organization)),
        project=_read_header("project", choose("OPENAI_PROJECT_ID", settings.project)),
        requests_per_minute=settings.requests_per_minute,
    )


def _command(kind: Key, settings: Profile) -> tuple[str, ...]:
    return settings.admin_key_command if kind is Key.ADMIN else settings.key_command


def _has_command(kind: Key, settings: Profile) -> bool:
    """Return whether a profile names a command for a key, be it one that cannot be used."""
    return bool(_command(kind, settings)) or _COMMANDS[kind] in settings.unusable


def _require_host(host: str, source: str, connection: Connection) -> None:
    """Raise BadKey for a key that was meant for another host, whatever moved the base URL."""
    if host != connection.host:
        raise BadKey(
            f"The key from {source} is for {host} and is not sent to {connection.host}.",
            f"Log in again for {connection.host}, or use the base URL of {host}.",
        )


def _check_for_slot(kind: Key, text: str, source: str, connection: Connection) -> Secret:
    """Check a key for a slot and return it. Raises BadKey for what is no key, and for one of the other kind."""
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


def _read_header(name: str, value: str | None) -> str | None:
    """Return a value that can be sent as a header. Raises BadSetting."""
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


def describe_status(connection: Connection, env: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what is used to connect, as labels and values to print: keys masked, proxies without passwords."""
    lines = [
        ("profile", connection.profile),
        ("base URL", connection.base_url),
        *list_settings(connection.server),
        *((f"{kind} key", _describe_key(connection, kind)) for kind in Key),
        ("organization", connection.organization or "the key's own"),
        ("project", connection.project or "the key's own"),
        (
            "writing",
            f"refused (read-only, by {connection.read_only_by})"
            if connection.read_only
            else "allowed, behind dialogs",
        ),
    ]
    try:
        lines.append(("keyring", keystore.find_keyring_name()))
    except KeyringError as error:
        lines.append(("keyring", error.sentence))
    for variable in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        value = env.get(variable) or env.get(variable.lower())
        if value:
            lines.append((variable, hide_login(value)))
    return [(label, clean(redact(value))) for label, value in lines]


def _describe_key(connection: Connection, kind: Key) -> str:
    """Return what is printed of a slot."""
    secret, problem = connection.key(kind), connection.problems.get(kind)
    if secret:
        source = connection.sources.get(kind, "this session")
        return f"{secret} from {source} for {connection.host} (fingerprint {fingerprint(secret)})"
    if problem:
        return str(problem)
    return "none" if connection.needs_key(kind) else f"none; {connection.host} may not want one"
