"""How a server is talked to, by a profile: for the host of the profile, and for no other."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tui.api.credentials import keystore
from tui.api.credentials.connection import check_base_url, host_of
from tui.api.credentials.server import Auth, Server, check_header, check_proxy
from tui.api.errors import BadSetting
from tui.api.redaction import remember
from tui.config.presets import PRESETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tui.config.settings import Profile

_AUTH: Mapping[str, Auth] = {"bearer": "bearer", "api-key": "api-key", "none": "none"}
_MEND = "Mend it in the config file."
_FOR_HOST = ("auth", "headers", "query", "client_cert", "client_key")
"""The settings that only the host of the profile is meant for."""


def complete(settings: Profile) -> Profile:
    """Return a profile with what servers of its kind want, where it does not say otherwise.

    Raises BadSetting where it says something that cannot be used: to go on without that would ask another server,
    or ask as somebody else.
    """
    for name in (*_FOR_HOST, "kind", "ca", "proxy", "allow_http"):
        if name in settings.unusable:
            raise BadSetting(settings.unusable[name], _MEND)
    preset = PRESETS.get(settings.kind or "")
    if preset is None:
        return settings
    base_url = (settings.base_url or preset.base_url).rstrip("/")
    if base_url.count("/") == 2:  # a host, and no path
        base_url += preset.path
    return replace(settings, base_url=base_url or None, auth=settings.auth or preset.auth)


def describe_missing_address(settings: Profile) -> tuple[str, str]:
    """Return the sentence on a profile whose kind does not say where its server is, and what to do."""
    path = PRESETS[settings.kind or ""].path
    return (
        f"profiles.{settings.name} is of kind {settings.kind} and has no base_url; each such server has its own.",
        f'Write it into the profile, such as base_url = "https://HOST{path}".',
    )


def find_faults(settings: Profile) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what of a profile would be refused at connecting: the way to it within the profile, and why."""
    preset = PRESETS.get(settings.kind or "")
    checks: list[tuple[tuple[str, ...], Callable[[], object]]] = []
    if settings.base_url:
        checks.append((("base_url",), partial(check_base_url, settings.base_url, settings.allow_http)))
    elif preset and not preset.base_url and "base_url" not in settings.unusable:
        yield ("kind",), " ".join(describe_missing_address(settings))
    if isinstance(settings.proxy, str):
        checks.append((("proxy",), partial(check_proxy, settings.proxy)))
    for name, value in settings.headers.items():
        text = value if isinstance(value, str) else ""
        checks.append((("headers", name), partial(_check_header, name, text, auth=_read_auth(settings))))
    for way, check in checks:
        try:
            check()
        except BadSetting as error:
            yield way, str(error)
    for name in ("ca", "client_cert", "client_key"):
        path = _read_path(getattr(settings, name))
        if path and not path.exists():
            yield (name,), f"There is no {path}."
    if settings.client_key and not settings.client_cert:
        yield ("client_key",), "Name the certificate that the key belongs to, as client_cert."


def _read_auth(settings: Profile) -> Auth:
    preset = PRESETS.get(settings.kind or "")
    return _AUTH[settings.auth or (preset.auth if preset else "bearer")]


def _check_header(name: str, value: str, *, auth: Auth, secret: bool = False) -> str:
    """Return the value of a header that can be sent. Raises BadSetting, also where the key has its place."""
    if auth == "bearer" and name.lower() == "authorization":
        raise BadSetting(
            "The profile has a header Authorization of its own, in whose place the key would be sent.",
            'With auth = "none" no key is sent.',
        )
    return check_header(name, value, secret=secret)


def read_server(settings: Profile, base_url: str, meant_for: str) -> tuple[Server, tuple[str, ...]]:
    """Return how the server at a base URL is talked to, and sentences on what is not used there.

    `meant_for` is the base URL of the profile, whose headers go to no other host. Commands are run for their
    values: call it in a thread. Raises BadSetting.
    """
    server = Server(
        ca=_read_path(settings.ca),
        proxy=check_proxy(_read_value("proxy", settings.proxy)) if settings.proxy else "",
        plain_hosts=settings.allow_http,
    )
    if host_of(base_url) != host_of(meant_for):
        left = [name for name in _FOR_HOST if getattr(settings, name)]
        told = f"{' and '.join(left)} of profile {settings.name} {'are' if len(left) > 1 else 'is'} for "
        told += f"{host_of(meant_for)} and not used for {host_of(base_url)}."
        return server, (told,) if left else ()
    preset = PRESETS.get(settings.kind or "")
    auth = _read_auth(settings)
    headers = {
        name: _check_header(
            name, _read_value(f"headers.{name}", value), auth=auth, secret=not isinstance(value, str)
        )
        for name, value in settings.headers.items()
    }
    named = {name.lower() for name in headers}
    headers |= {name: value for name, value in preset.headers.items() if name not in named} if preset else {}
    secret_query = frozenset(name for name, value in settings.query.items() if not isinstance(value, str))
    return replace(
        server,
        kind=settings.kind or "",
        auth=auth,
        headers=headers,
        query={name: _read_query(name, value) for name, value in settings.query.items()},
        secret_query=secret_query,
        client_cert=_read_path(settings.client_cert),
        client_key=_read_path(settings.client_key),
        serves=preset.serves if preset else (),
    ), ()


def _read_value(name: str, value: str | tuple[str, ...]) -> str:
    """Return a value of the config, or what its command prints. Raises BadSetting."""
    return value if isinstance(value, str) else keystore.read_from_command(value, f"The command of {name},")


def _read_query(name: str, value: str | tuple[str, ...]) -> str:
    text = _read_value(f"query.{name}", value).strip()
    if not isinstance(value, str):
        remember(text)
    return text


def _read_path(text: str | None) -> Path | None:
    return Path(text).expanduser() if text else None


def list_settings(server: Server) -> list[tuple[str, str]]:
    """Return what is set of a server, as labels and values to print: of headers no more than their names."""
    shown = {name: "…" if name in server.secret_query else value for name, value in server.query.items()}
    found = [
        ("kind", server.kind),
        ("auth", "" if server.auth == "bearer" else server.auth),
        ("headers", ", ".join(server.headers)),
        ("query", ", ".join(f"{name}={value}" for name, value in shown.items())),
        ("ca", str(server.ca or "")),
        ("client_cert", str(server.client_cert or "")),
        ("client_key", str(server.client_key or "")),
        ("proxy", server.shown_proxy),
        ("allow_http", ", ".join(server.plain_hosts)),
    ]
    return [(label, value) for label, value in found if value]
