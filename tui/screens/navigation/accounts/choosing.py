"""The choice of one account, where several are in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.credentials.connection import host_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import App

    from tui.config.settings import Profile
    from tui.screens.navigation.accounts.account import Account


async def choose_account(
    app: App[Any], question: str, accounts: Sequence[Account], usual: Account
) -> Account | None:
    """Return the account that is chosen, the `usual` one offered first; None for none."""
    from tui.screens.dialogs.pick import Choice, Pick

    by_name = {each.name: each for each in (usual, *accounts)}
    choices = [Choice(name, _describe(each)) for name, each in by_name.items()]
    chosen = await app.push_screen_wait(Pick(f"{question} which account?", choices))
    return by_name[chosen[0]] if chosen else None


async def choose_profiles(
    app: App[Any], accounts: Sequence[Account], profiles: Mapping[str, Profile]
) -> list[str] | None:
    """Return the names of the profiles that are ticked, of those in use and those of the config; None for none.

    Those in use are ticked to begin with.
    """
    from tui.screens.dialogs.pick import Choice, Pick

    in_use = {account.name: _describe(account) for account in accounts}
    known = {name: host_of(profile.base_url) if profile.base_url else "" for name, profile in profiles.items()}
    if len({**in_use, **known}) < 2:
        app.notify("There is one profile: [profiles.NAME] in the config adds another.", markup=False)
        return None
    choices = [Choice(name, in_use.get(name, note)) for name, note in {**known, **in_use}.items()]
    pick = Pick("Profiles, each with an account of its own", choices, in_use, verb="show these")
    chosen: list[str] | None = await app.push_screen_wait(pick)
    return None if chosen == list(in_use) else chosen


def _describe(account: Account) -> str:
    """Return where an account is, and whether it may be written to."""
    return f"{account.platform.client.connection.host}{', read-only' if account.is_read_only else ''}"
