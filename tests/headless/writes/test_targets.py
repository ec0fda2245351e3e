"""The objects that a command names: whether an id can be one of theirs."""

from __future__ import annotations

import pytest

from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.headless.writes.targets import Target, WrongUse, check_kinds
from tui.live.platform import Platform
from tui.resources.registry import REGISTRY


def platform_at(url: str, *, sandbox: bool = False) -> Platform:
    return Platform(Client(Connection(base_url=url, sandbox=sandbox)), REGISTRY)


def test_ids_of_another_kind_are_refused_only_where_they_tell_their_kind() -> None:
    ids = {name: f"{each.prefixes[0]}abc123" for name, each in REGISTRY.items() if each.prefixes}
    official = (platform_at("https://api.openai.com/v1"), platform_at("http://127.0.0.1:9/v1", sandbox=True))
    others = (platform_at("http://127.0.0.1:9/v1"), platform_at("https://models.example/v1"))
    refused = 0
    for name in ids:
        for id_ in ids.values():
            target = Target(id_, {})
            for other in others:
                check_kinds(other, REGISTRY[name], [target])
            if not id_.startswith(REGISTRY[name].prefixes) and official[0].find(id_) is not REGISTRY[name]:
                for platform in official:
                    with pytest.raises(WrongUse, match=f"{id_} is the id of an? .*, not of an? "):
                        check_kinds(platform, REGISTRY[name], [target])
                    refused += 1
    assert refused > 1000
