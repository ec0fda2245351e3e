"""What is wrong with the settings of a connection: profiles, addresses, keys and the keyring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tui.api.errors.base import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.api.operation import Key

VARIABLES: Mapping[str, str] = {"project": "OPENAI_API_KEY", "admin": "OPENAI_ADMIN_KEY"}


class BadSetting(ApiError):
    """A setting, from wherever it came, that cannot be used."""

    permanent = True


class UnknownProfile(BadSetting):
    """A name that no profile has."""


class BadUrl(BadSetting):
    """A base URL that keys must not be sent to."""


class BadKey(BadSetting):
    """Text that cannot be a key, or not one of the kind asked for. Never repeats the text."""


class NoKey(ApiError):
    """No key of the kind (`key`) that the operation is called with."""

    permanent = True
    about_caller = True

    def __init__(self, key: Key, then: str = "") -> None:
        self.key = key
        super().__init__(
            f"This needs {'an admin' if key == 'admin' else 'a project'} key and there is none.",
            then or f"Set {VARIABLES[key]}, or run `o9s auth login`.",
        )


class KeyringError(ApiError):
    """The system's keyring is absent, locked, silent (no answer in time), failed, or forgets what it took."""

    def __init__(self, reason: Literal["absent", "locked", "silent", "failed", "forgets"], sentence: str) -> None:
        self.reason = reason
        super().__init__(
            sentence,
            "Set OPENAI_API_KEY, or key_command in the profile, or paste the key for this session only.",
        )
