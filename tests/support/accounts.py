"""Two accounts as profiles of the config: two sandboxes of the same world, so that all their ids are the same."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.support.driving import ADMIN_KEY, PROJECT_KEY, served, write_config
from tui.api.log.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.support.driving import Server

ACCOUNTS = ("acme", "beta")
NOW = 1_795_000_000.0


@contextmanager
def two_accounts(**options: Any) -> Iterator[tuple[Server, Server]]:
    """Two sandboxes that begin alike, each with a world of its own."""
    given = {"scenario": "calm", "now": NOW, **options}
    with served(**given) as first, served(**given) as second:
        yield first, second


def urls_of(servers: Sequence[Server]) -> dict[str, str]:
    """Return the base URLs of two accounts, by their names."""
    return {name: server.url for name, server in zip(ACCOUNTS, servers, strict=True)}


def write_profiles(
    urls: Mapping[str, str], more: Mapping[str, str] | None = None, commands: Sequence[Mapping[str, Any]] = ()
) -> None:
    """Write a config with a profile for each address, whose keys a command tells; `more` by the profile's name."""
    project, admin = (f'["printf", "%s%s", "{key[:8]}", "{key[8:]}"]' for key in (PROJECT_KEY, ADMIN_KEY))
    keys = f"key_command = {project}\nadmin_key_command = {admin}\n"
    own = more or {}
    tables = (f'[profiles.{name}]\nbase_url = "{url}"\n{keys}{own.get(name, "")}\n' for name, url in urls.items())
    added = (
        '[[commands]]\non = "*"\n' + "".join(f"{name} = {json.dumps(value)}\n" for name, value in each.items())
        for each in commands
    )
    write_config("\n".join([*tables, *added]))


def writes_of(name: str) -> list[dict[str, Any]]:
    """The writes that the journal names an account with, oldest first."""
    return [entry for entry in Journal("").entries() if entry.get("profile") == name]
