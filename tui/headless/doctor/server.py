"""The way to the server and what it has: one small read of each list, one after the other."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tui.api.credentials.connection import is_loopback
from tui.api.credentials.server import DIRECT, hide_login
from tui.api.errors import (
    VARIABLES,
    ApiError,
    BadSetting,
    Forbidden,
    LinkError,
    NotServed,
    RateLimited,
)
from tui.api.log.exchanges import Exchanges
from tui.api.operation import Key
from tui.headless.doctor.findings import AREAS, Finding
from tui.live.shortfall import affects_all
from tui.resources.language.cells import duration, pluralize
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from tui.api.client import Client
    from tui.headless.doctor.findings import State
    from tui.resources.language.resource import Resource

_WAY, _HAS = AREAS[1:]
_SKEW = 30.0  # seconds that the clocks may differ
_SLOW = 1000.0  # milliseconds
_SOON = 14 * 86_400.0  # seconds before its end from which a certificate is told of
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


def find_families(registry: Mapping[str, Resource]) -> list[Resource]:
    """Return the resources that a list of their own tells whether the server has them, models first."""
    lists = [each for each in registry.values() if each.list and not (each.parent or each.list.placeholders)]
    return sorted(lists, key=lambda each: each.name != "models")


async def examine_server(
    client: Client, registry: Mapping[str, Resource], env: Mapping[str, str], now: float | None = None
) -> AsyncIterator[Finding]:
    """Yield what the server has, as it comes, then how the way to it is. Everything is only read."""
    before = len(client.exchanges)
    stopped: ApiError | None = None
    found: list[State] = []
    odd: dict[tuple[str, str], list[Finding]] = {}
    error: ApiError | None = None
    families = find_families(registry)
    locked = [each for each in families if _is_key_missing(client, each.key)]
    for resource in families:
        if resource in locked:
            continue
        if stopped is None:
            finding, error = await _ask(client, resource)
            stopped = error if error and _ends_all(error) else None
            found.append(finding.state)
            if stopped is None and finding.state == "odd":
                odd.setdefault((finding.what, finding.then), []).append(finding)
            elif stopped is None:
                yield finding
    if error and len(found) > 1 and [len(same) for same in odd.values()] == [len(found)]:
        stopped, odd = error, {}  # every list says the same: the server is at fault, not a list
    for (what, then), same in odd.items():
        names = [each.name for each in same]
        told = (
            same[0] if len(same) == 1 else Finding(_HAS, f"{len(same)} lists", "odd", _tell_of(names, what), then)
        )
        yield told
    if stopped is None and found and "good" not in found:
        stopped = BadSetting(
            "None of the lists of the API is to be had there.",
            "Check the path of the base URL: most end with /v1.",
        )
    for kind in Key:
        if names := [each.name for each in locked if each.key is kind]:
            then = f"Set {VARIABLES[kind]}, or run o9s auth login."
            yield Finding(_HAS, f"with {kind} key", "absent", f"not asked: {', '.join(names)}", then)
    made = Exchanges()
    for exchange in list(client.exchanges)[before:]:
        made.add(exchange)
    for finding in describe_way(client, made, stopped, env, time.time() if now is None else now):
        yield finding


def _tell_of(names: list[str], what: str) -> str:
    """Return once what several lists say."""
    return f"{what} That is said of {', '.join(names)}."


def _ends_all(error: ApiError) -> bool:
    """Return whether every further list would only fail so, too."""
    return isinstance(error, BadSetting) or (affects_all(error) and not isinstance(error, RateLimited))


def _is_key_missing(client: Client, kind: Key) -> bool:
    """Return whether nothing that wants a key of a kind can be asked."""
    connection = client.connection
    return connection.key(kind) is None and connection.needs_key(kind)


async def _ask(client: Client, resource: Resource) -> tuple[Finding, ApiError | None]:
    """Return how one list is, and the error of one that could not be read."""
    assert resource.list
    try:
        page = await client.page(resource.list, query=resource.query, limit=1)
    except ApiError as error:
        return _describe(resource, error), error
    if resource.list.single and not page.items:
        return Finding(_HAS, resource.name, "absent", "there is none"), None
    *_, exchange = client.exchanges
    return Finding(_HAS, resource.name, "good", f"{exchange.ms:.0f} ms"), None


def _describe(resource: Resource, error: ApiError) -> Finding:
    state: State = "odd"
    what, then = error.sentence, error.hint
    match error:
        case NotServed():
            state, then = "absent", ""
            what = f"not on this server ({error.status})" if error.was_sent else what
        case Forbidden():
            state = "absent"
        case RateLimited():
            then = "Run it again in a while."
    return Finding(_HAS, resource.name, state, clean(what), clean(then))


def describe_way(
    client: Client, made: Exchanges, stopped: ApiError | None, env: Mapping[str, str], now: float
) -> Iterator[Finding]:
    """Yield how the way to the server is, by the exchanges that were made. `stopped` is what ended them early."""
    connection = client.connection
    server = connection.server
    loopback = is_loopback(urlsplit(connection.base_url).hostname or "")
    kind = f", as {server.kind}" if server.kind else ""
    at_proxy = isinstance(stopped, LinkError) and stopped.at_proxy
    if at_proxy:
        told = f"{connection.base_url}: not reached through the proxy"
        yield Finding(_WAY, "server", "broken", clean(told))
    elif stopped:
        yield Finding(
            _WAY, "server", "broken", clean(f"{connection.base_url}: {stopped.sentence}"), clean(stopped.hint)
        )
    elif not any(each.status for each in made):
        yield Finding(_WAY, "server", "odd", f"{connection.base_url}{kind}: nothing was asked")
    else:
        yield Finding(_WAY, "server", "good", f"{connection.base_url}{kind}")
    if connection.is_plain:
        yield Finding(
            _WAY, "encryption", "odd", "none: others can read all of it, keys too", "Use https where it is."
        )
    if took := [each.ms for each in made if each.status and each.status < 500]:
        slow = median(took) > _SLOW
        of = pluralize(len(took), "request")
        told = f"{median(took):.0f} ms in the middle, {max(took):.0f} ms at the most, of {of}"
        yield Finding(_WAY, "latency", "odd" if slow else "good", told)
        yield _judge_clock(client.skew, loopback=loopback)
    yield from _judge_certificates(client, now)
    if stopped and at_proxy:
        yield Finding(_WAY, "proxy", "broken", clean(stopped.sentence), clean(stopped.hint))
    else:
        yield _judge_proxy(server.proxy, env, loopback=loopback)


def _judge_clock(skew: float, *, loopback: bool) -> Finding:
    if abs(skew) < _SKEW or loopback:
        return Finding(
            _WAY, "clock", "good", f"{duration(abs(skew)) if skew else 'less than 2 s'} apart from the server's"
        )
    off = f"{duration(abs(skew))} {'behind' if skew > 0 else 'ahead of'} the server's"
    return Finding(_WAY, "clock", "odd", off, "Ages and times left follow the server's; set this machine's right.")


def _judge_certificates(client: Client, now: float) -> Iterator[Finding]:
    from tui.api.tls import read_end

    server = client.connection.server
    if client.certificate_ends is not None:
        yield _judge_end("certificate", client.certificate_ends, now, "Tell whoever runs the server.")
    if server.ca:
        yield Finding(_WAY, "ca", "good", clean(f"{server.ca}, besides the usual ones"))
    if server.client_cert:
        end = read_end(server.client_cert)
        if end is None:
            yield Finding(_WAY, "client certificate", "odd", clean(f"{server.client_cert} does not tell its end"))
        else:
            yield _judge_end("client certificate", end, now, "Have a new one made, and name it as client_cert.")


def _judge_end(name: str, end: float, now: float, then: str) -> Finding:
    if end <= now:
        return Finding(_WAY, name, "broken", f"ended {duration(now - end)} ago", then)
    soon = end - now < _SOON
    return Finding(_WAY, name, "odd" if soon else "good", f"ends in {duration(end - now)}", then if soon else "")


def _judge_proxy(proxy: str, env: Mapping[str, str], *, loopback: bool) -> Finding:
    if proxy:
        told = "none, as the profile says" if proxy == DIRECT else f"{hide_login(proxy)} of the profile"
        return Finding(_WAY, "proxy", "good", clean(told))
    given = ((name, env.get(name) or env.get(name.lower())) for name in _PROXIES)
    name, value = next(((name, value) for name, value in given if value), ("", ""))
    if value and not loopback:
        return Finding(_WAY, "proxy", "good", clean(f"{hide_login(value)} of {name}"))
    return Finding(_WAY, "proxy", "absent", "none" if not value else "none to this machine")
