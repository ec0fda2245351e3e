"""Whom to connect as, and the place to open on: by the command line and the config."""

from __future__ import annotations

import pytest

from tui.api.credentials.keys import Secret
from tui.api.errors import BadSetting
from tui.config.settings import Config, Profile
from tui.resources.registry import REGISTRY
from tui.screens.dialogs.welcome import WelcomeChoice
from tui.start import Connector, Start, find_first_place


@pytest.mark.parametrize("named", ["acme", "acme,", " acme ,acme"])
def test_a_profile_that_is_named_with_commas_is_the_one_that_is_meant(named: str) -> None:
    connector = Connector(Start(profile=named), Config(profiles={"acme": Profile("acme")}))
    assert connector.names == ["acme"]
    assert connector.resolve().profile == "acme"


def test_a_key_that_is_pasted_goes_as_the_profile_says_or_not_at_all() -> None:
    choice = WelcomeChoice("key", Secret("sk-proj-" + "TESTONLY" * 4))
    url, headers = "https://llm.example/v1", {"x-tenant": "acme"}
    profile = Profile("acme", base_url=url, headers=headers, organization="org-1", proxy="none")
    made = Connector(Start(), Config("acme", profiles={"acme": profile})).choose(choice, None)
    assert (made.server.headers, made.server.proxy, made.organization) == (headers, "none", "org-1")
    failing = Profile("acme", base_url=url, headers={"x-tenant": ("false",)})
    with pytest.raises(BadSetting, match="x-tenant"):
        Connector(Start(), Config("acme", profiles={"acme": failing})).choose(choice, None)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_each_list_is_opened_or_the_one_that_it_is_inside_of(name: str) -> None:
    place, fault = find_first_place(Start(resource=name), Config(), "")
    assert not place.resource.parent
    assert (place.resource.name == name) == (not REGISTRY[name].parent) == (not fault)
    if fault:
        assert fault.startswith(f"{name} belong to a")
