"""The organization's admin keys.

https://platform.openai.com/docs/api-reference/admin-api-keys
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Input

from tui.resources.language.action import Risk
from tui.resources.language.cells import id_link
from tui.resources.language.column import Column, Field, Section
from tui.resources.language.objects import Request
from tui.resources.language.parts import create, delete
from tui.resources.language.resource import Resource
from tui.resources.language.units import Unit
from tui.resources.organization.common import ORGANIZATION, Named, Owner, admin, role
from tui.resources.organization.key_risks import (
    ID_COLUMN,
    IDENTITY_FIELDS,
    RISK_COLUMN,
    RISKS,
    TIME_COLUMNS,
    TIME_FIELDS,
    ApiKey,
    find_disuse,
    find_worst_risk,
    kind_of_key,
    rotate,
)


class AdminKey(ApiKey):
    """An admin key as the platform returns it: its secret only when it is made."""

    owner: Owner | None = None

    @property
    def is_project_key(self) -> bool:
        """Whether it is a project's key: some servers list those among the admin keys."""
        return kind_of_key(self.redacted_value) == "project"

    @property
    def flaws(self) -> list[str]:
        """That it is no admin key, if it is none."""
        return ["not an admin key"] if self.is_project_key else []


class CreateAdminKey(Request):
    """The request that makes an admin key."""

    name: Named
    expires_in_seconds: Annotated[int | None, Unit.SECONDS] = Input(
        None, ge=1, le=31_536_000, title="expires after", description="Such as 90d; empty: it lives for ever."
    )


def _refuse_delete(key: AdminKey) -> str | None:
    return "it is no admin key: delete it among the keys of its project" if key.is_project_key else None


_KEYS, _KEY = f"{ORGANIZATION}/admin_api_keys", f"{ORGANIZATION}/admin_api_keys/{{key_id}}"

ADMIN_KEYS: Resource[AdminKey] = Resource(
    name="admin-keys",
    singular="admin key",
    family="Organization",
    model=AdminKey,
    aliases=("ak", "admin-key"),
    list=admin("admin-api-keys-list", "GET", _KEYS),
    get=admin("admin-api-keys-get", "GET", _KEY),
    columns=(
        RISK_COLUMN,
        Column("NAME", "name", width=18, grow=True),
        Column("KEY", lambda key: f"••••{(key.redacted_value or '')[-4:]}", width=8),
        Column("OWNER", lambda key: key.owner and (key.owner.name or key.owner.id), width=18, drop_order=3),
        *TIME_COLUMNS,
        ID_COLUMN,
        Column("OWNER ID", lambda key: key.owner and key.owner.id, id_link, 24, wide=True),
    ),
    title="name",
    attention=find_worst_risk,
    spare=find_disuse,
    stops="expires_at",
    ages=True,
    detail=(
        RISKS,
        Section("Admin key", (*IDENTITY_FIELDS, *TIME_FIELDS)),
        Section(
            "Owner",
            (
                Field("owner", lambda key: key.owner and key.owner.name),
                Field("id", lambda key: key.owner and key.owner.id, id_link),
                Field("role", lambda key: key.owner and key.owner.role, role),
            ),
        ),
    ),
    actions=(
        create(
            admin("admin-api-keys-create", "POST", _KEYS, CreateAdminKey),
            "new admin key",
            secret="value",
            warning="Who has it may do everything in the organization, also to its people, keys and limits.",
        ),
        rotate(admin("admin-api-keys-get", "GET", _KEY), _refuse_delete),
        delete(
            admin("admin-api-keys-delete", "DELETE", _KEY),
            "It stops working at once; if it is the one used here, these pages close with it.",
            risk=Risk.GRAVE,
            refuse=_refuse_delete,
        ),
    ),
    empty="No admin keys. Press n to make one; its secret is shown once.",
)
