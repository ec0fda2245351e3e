"""What is known so far of what a person holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tui.resources.organization.key_risks import kind_of_key
from tui.workflows.offboarding.kinds import ADMIN_API_KEYS, API_KEYS, PERSON, PROJECTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.resources.language.objects import Record
    from tui.workflows.offboarding.kinds import HoldingKind


class OwnedKey(NamedTuple):
    """A project's key and its owner's id and address (lower case); both are "" for a service account."""

    record: Record
    user: str
    mail: str
    project: str

    @classmethod
    def of(cls, record: Record) -> OwnedKey:
        """Return a key with its owner, read once: there may be thousands."""
        on_change = (record.at(path) for path in ("owner.user.id", "owner.user.email", "project.id"))
        user, mail, project = (value if isinstance(value, str) else "" for value in on_change)
        return cls(record, user, mail.casefold(), project)


@dataclass(slots=True)
class Holdings:
    """What is known so far of what a person holds.

    `gaps` holds a sentence for each kind that cannot be seen, by its title. `keys` are those of everybody: whose
    they are is known once the user is, or one key names their address.
    """

    mail: str
    user: Record | None = None
    user_looked_for: bool = False  # whether the user was looked for
    user_removed: bool = False  # whether the user was removed since
    known_ids: set[str] = field(default_factory=set)  # ids told by the user or by keys, which may be gone since
    known_projects: set[str] = field(default_factory=set)  # projects they were found in, and may have left since
    keys: Sequence[OwnedKey] = ()
    admin_keys: list[Record] = field(default_factory=list)
    joined: dict[HoldingKind, dict[str, Record]] = field(default_factory=dict)
    events: list[Record] = field(default_factory=list)
    other_owner: bool | None = None
    gaps: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> set[str]:
        """The ids of the person: the user's, and those that keys with their address name."""
        mail = self.mail.casefold()
        return self.known_ids | {key.user for key in self.keys if key.user and key.mail == mail}

    def of_kind(self, kind: HoldingKind) -> list[Record]:
        """Return what they hold of a kind."""
        if kind is API_KEYS:
            ids, mail = self.ids, self.mail.casefold()
            admin = {key.id for key in self.admin_keys}
            theirs = (key.record for key in self.keys if key.user in ids or key.mail == mail)
            return [key for key in theirs if not (key.id in admin and _is_admin(key))]
        if kind is ADMIN_API_KEYS:
            ids = self.ids
            listed = {key.record.id for key in self.keys}
            owned = (key for key in self.admin_keys if key.at("owner.id") in ids)
            return [key for key in owned if _is_admin(key) or not (key.object.is_project_key or key.id in listed)]
        if kind is PERSON:
            return [self.user] if self.user and not self.user_removed else []
        return list(self.joined.get(kind, {}).values())

    def take_keys(self, keys: Sequence[OwnedKey]) -> None:
        """Take the keys of everybody as they are now."""
        self._remember()
        self.keys = keys

    def _remember(self) -> None:
        """Keep what only the things they hold tell of them, before these go."""
        self.known_ids |= self.ids
        self.known_projects = self._find_projects()

    def _find_projects(self) -> set[str]:
        found = {one.at("project.id") for kind in (API_KEYS, PROJECTS) for one in self.of_kind(kind)}
        return self.known_projects | {id_ for id_ in found if isinstance(id_, str)}

    def forget(self, kind: HoldingKind, record: Record) -> None:
        """Drop what is no longer theirs."""
        self._remember()
        if kind is API_KEYS:
            self.keys = [key for key in self.keys if key.record is not record]
        elif kind is ADMIN_API_KEYS:
            self.admin_keys = [key for key in self.admin_keys if key.id != record.id]
        elif kind is PERSON:
            self.user_removed = True
        else:
            kept = self.joined.get(kind, {}).items()
            self.joined[kind] = {at: one for at, one in kept if one is not record}

    @property
    def unlisted_keys(self) -> list[Record]:
        """Their project keys that only the list of admin keys shows; no call can delete these."""
        ids, listed = self.ids, {key.record.id for key in self.keys}
        theirs = (key for key in self.admin_keys if key.at("owner.id") in ids)
        return [key for key in theirs if key.object.is_project_key and key.id not in listed]

    @property
    def service_account_keys(self) -> int:
        """The number of keys of service accounts in their projects, also in those that they were taken out of."""
        theirs = self._find_projects()
        return sum(key.project in theirs and not (key.user or key.mail) for key in self.keys)


def _is_admin(key: Record) -> bool:
    """Return whether a key is an admin key by its visible beginning."""
    return kind_of_key(key.at("redacted_value")) == "admin"
