"""Whom the program connects as, by the command line and the config."""

from __future__ import annotations

import pytest

from tui.config.settings import Config, Profile
from tui.start import Connector, Start


@pytest.mark.parametrize("named", ["acme", "acme,", " acme ,acme"])
def test_a_profile_that_is_named_with_commas_is_the_one_that_is_meant(named: str) -> None:
    connector = Connector(Start(profile=named), Config(profiles={"acme": Profile("acme")}))
    assert connector.names == ["acme"]
    assert connector.resolve().profile == "acme"
