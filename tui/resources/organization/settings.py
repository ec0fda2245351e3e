"""What is set for the organization or a project: retention, spending limits and alerts.

https://platform.openai.com/docs/api-reference/projects
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from pydantic import Field as Input

from tui.resources.language.action import Action, Ask, Risk
from tui.resources.language.asking.inputs import Power
from tui.resources.language.cells import NO_VALUE, own_id
from tui.resources.language.column import (
    Cell,
    CellContext,
    Column,
    Field,
    Section,
)
from tui.resources.language.objects import Object, Request
from tui.resources.language.parts import create, delete, edit
from tui.resources.language.reading.amounts import word_of
from tui.resources.language.resource import Resource
from tui.resources.language.units import Unit
from tui.resources.organization.common import (
    ORGANIZATION,
    PROJECT,
    admin,
    money,
    threshold_values,
)

if TYPE_CHECKING:
    from tui.resources.language.objects import Record

_Retention = Literal[
    "zero_data_retention",
    "modified_abuse_monitoring",
    "enhanced_zero_data_retention",
    "enhanced_modified_abuse_monitoring",
]


_MEANINGS = {
    "zero_data_retention": (
        "What is asked and answered stands in no log that watches for abuse, and is not stored: "
        "`store` counts as false, whatever a request says."
    ),
    "modified_abuse_monitoring": (
        "What is asked and answered stands in no log that watches for abuse. "
        "What requests ask to be stored is stored."
    ),
    "organization_default": "As the organization has it; :retention tells.",
    "none": "Logs that watch for abuse hold what is asked and answered, for up to 30 days.",
}


class Retention(Object):
    """How long data is kept."""

    type: str | None = None


class SetRetention(Request):
    """The request that changes how long the organization's data is kept."""

    retention_type: Annotated[_Retention, Power()] = Input(
        title="data is kept", description="How long data is kept."
    )


class SetProjectRetention(Request):
    """The request that changes how long a project's data is kept."""

    retention_type: Annotated[Literal["organization_default", "none"] | _Retention, Power()] = Input(
        title="data is kept", description="How long data is kept."
    )


class Enforcement(Object):
    """Whether a limit is in force."""

    status: str | None = None


class Spending(Object):
    """An amount of money that is spent in some time."""

    threshold_amount: Any = None
    currency: str | None = None
    interval: str | None = None


class SetSpending(Request):
    """The request that says at which amount something happens."""

    threshold_amount: Annotated[int, Unit.CENTS] = Input(
        ge=0, title="spent in a month", description="Somebody is told when so much is spent, such as $500."
    )
    currency: Literal["USD"]
    interval: Literal["month"]


class SpendLimit(Spending):
    """The most to spend in a month; requests are refused beyond it."""

    enforcement: Enforcement | None = None


class SetSpendLimit(SetSpending):
    """The request that sets the most to spend."""

    threshold_amount: Annotated[int, Unit.CENTS, Power()] = Input(
        ge=1, title="most in a month", description="Requests are refused once so much is spent, such as $500."
    )


class Channel(Object):
    """Who is told."""

    type: str | None = None
    recipients: list[str] | None = None
    subject_prefix: str | None = None


class SpendAlert(Spending):
    """The spending of a month at which somebody is told."""

    notification_channel: Channel | None = None


class EmailChannel(Request):
    """Who to tell."""

    type: Literal["email"]
    recipients: list[str] = Input(min_length=1, description="Addresses, separated by commas.")
    subject_prefix: str | None = Input(
        None, title="subject begins with", description="What the subject begins with."
    )


class SetSpendAlert(SetSpending):
    """The request that makes or changes an alert."""

    notification_channel: EmailChannel


def _words(value: Any, _record: Record, _context: CellContext) -> Cell:
    return Cell(word_of(value).replace("_", " ")) if value else NO_VALUE


def _explain(retention: Retention, _context: CellContext) -> list[tuple[str, Cell]]:
    return [("", Cell(words))] if (words := _MEANINGS.get(retention.type or "")) else []


def _enforcement(value: Any, _record: Record, _context: CellContext) -> Cell:
    return Cell("✓ enforcing", "good") if value == "enforcing" else Cell(f"■ {word_of(value or 'unknown')}", "dim")


def _alert_values(alert: SpendAlert) -> dict[str, Any]:
    channel = alert.notification_channel or Channel()
    return {
        **threshold_values(alert.threshold_amount),
        "notification_channel.recipients": channel.recipients,
        "notification_channel.subject_prefix": channel.subject_prefix,
    }


class _Scope(NamedTuple):
    """Where settings belong: `word` stands in the names of their operations."""

    word: str
    path: str
    parent: str = ""

    @property
    def prefix(self) -> str:
        """What their resources' names begin with."""
        return f"{self.word}-" if self.parent else ""

    @property
    def owner(self) -> str:
        """The beginning of a sentence on what it has."""
        return "This project has" if self.parent else "The organization has"


def _declare_retention(scope: _Scope, body: type[Request]) -> Resource[Retention]:
    """Return the resource of how long data is kept; it is changed by a request of type `body`."""
    return Resource(
        name=f"{scope.prefix}retention",
        singular=f"{scope.prefix}retention".replace("-", " "),
        family="Organization",
        model=Retention,
        aliases=() if scope.parent else ("data-retention",),
        parent=scope.parent,
        list=admin(f"retrieve-{scope.word}-data-retention", "GET", f"{scope.path}/data_retention", single=True),
        columns=(Column("RETENTION", "type", _words, 36, grow=True),),
        detail=(
            Section("Data retention", (Field("type", "type", _words),)),
            Section("What it means", lines=_explain),
        ),
        actions=(
            Action(
                "edit",
                "e",
                "change",
                Ask(
                    admin(f"update-{scope.word}-data-retention", "POST", f"{scope.path}/data_retention", body),
                    fill=lambda now: {"retention_type": now.type},
                ),
                Risk.GRAVE,
                warn=lambda _: "It decides what is stored of every request from then on.",
            ),
        ),
        empty="The platform tells no retention.",
    )


def _declare_spend_limit(scope: _Scope) -> Resource[SpendLimit]:
    """Return the resource of the most to spend."""
    limit = f"{scope.path}/spend_limit"
    return Resource(
        name=f"{scope.prefix}spend-limit",
        singular=f"{scope.prefix}spend limit".replace("-", " "),
        family="Organization",
        model=SpendLimit,
        parent=scope.parent,
        list=admin(f"Get{scope.word}spendlimit", "GET", limit, single=True),
        columns=(
            Column("LIMIT", "threshold_amount", money, 14, align="right"),
            Column("EVERY", "interval", width=6),
            Column("STATE", "enforcement.status", _enforcement, 14, grow=True),
        ),
        detail=(
            Section(
                "Spend limit",
                (
                    Field("limit", "threshold_amount", money),
                    Field("interval", "interval"),
                    Field("currency", "currency"),
                    Field("state", "enforcement.status", _enforcement),
                ),
            ),
        ),
        actions=(
            create(admin(f"Update{scope.word}spendlimit", "POST", limit, SetSpendLimit), "set limit"),
            edit(
                admin(f"Update{scope.word}spendlimit", "POST", limit, SetSpendLimit),
                "change",
                fill=lambda now: threshold_values(now.threshold_amount),
            ),
            delete(
                admin(f"Delete{scope.word}spendlimit", "DELETE", limit),
                "Spending has no cap from then on.",
                risk=Risk.GRAVE,
            ),
        ),
        empty=f"{scope.owner} no hard limit of its spending. Press n to set one.",
    )


def _declare_spend_alerts(scope: _Scope) -> Resource[SpendAlert]:
    """Return the resource of who is told at which spending."""
    alerts, alert = f"{scope.path}/spend_alerts", f"{scope.path}/spend_alerts/{{alert_id}}"
    return Resource(
        name=f"{scope.prefix}spend-alerts",
        singular=f"{scope.prefix}spend alert".replace("-", " "),
        family="Organization",
        model=SpendAlert,
        aliases=() if scope.parent else ("spend-alert",),
        prefixes=() if scope.parent else ("alert_",),
        parent=scope.parent,
        list=admin(f"list-{scope.word}-spend-alerts", "GET", alerts),
        get=admin(f"retrieve-{scope.word}-spend-alert", "GET", alert),
        columns=(
            Column("AT", "threshold_amount", money, 14, align="right"),
            Column("EVERY", "interval", width=6),
            Column("TELLS", lambda one: ", ".join(one.notification_channel.recipients), width=30, grow=True),
            Column("ID", "id", own_id, 17, drop_order=2),
        ),
        detail=(
            Section(
                "Spend alert",
                (
                    Field("id", "id", own_id),
                    Field("at", "threshold_amount", money),
                    Field("interval", "interval"),
                    Field("tells", lambda one: ", ".join(one.notification_channel.recipients)),
                    Field("subject", lambda one: one.notification_channel.subject_prefix),
                ),
            ),
        ),
        actions=(
            create(admin(f"create-{scope.word}-spend-alert", "POST", alerts, SetSpendAlert), "new alert"),
            edit(admin(f"update-{scope.word}-spend-alert", "POST", alert, SetSpendAlert), fill=_alert_values),
            delete(admin(f"delete-{scope.word}-spend-alert", "DELETE", alert), "Nobody is told any more."),
        ),
        empty="Nobody is told of spending. Press n to make an alert.",
    )


_WHOLE, _EACH = _Scope("organization", ORGANIZATION), _Scope("project", PROJECT, "projects")
RETENTION = _declare_retention(_WHOLE, SetRetention)
SPEND_LIMIT = _declare_spend_limit(_WHOLE)
SPEND_ALERTS = _declare_spend_alerts(_WHOLE)
PROJECT_RETENTION = _declare_retention(_EACH, SetProjectRetention)
PROJECT_SPEND_LIMIT = _declare_spend_limit(_EACH)
PROJECT_SPEND_ALERTS = _declare_spend_alerts(_EACH)
