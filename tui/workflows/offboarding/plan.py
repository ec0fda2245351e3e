"""Taking from a person all that they hold: the calls that it needs, in order, and making them. No Textual."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from tui.api.errors import ApiError
from tui.api.requests import fill, target_of
from tui.live.bulk import attempt
from tui.resources.language.amounts import shown
from tui.resources.language.cells import duration, stamp
from tui.resources.language.column import Cell
from tui.resources.organization.audit import AUDIT
from tui.resources.organization.groups import GROUP_USERS
from tui.resources.organization.keys import ADMIN_KEYS, KEYS, kind_of_key
from tui.resources.organization.members import PROJECT_USERS
from tui.resources.organization.people import INVITES, USERS
from tui.resources.organization.roles import USER_ROLES
from tui.text import clean

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from tui.api.credentials.keys import Secret
    from tui.live.platform import Platform
    from tui.resources.language.action import Action
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

LATELY = 86_400.0  # seconds since its last use in which a key counts as in use

_HIDDEN = re.compile(r"(?P<head>[^*.…•]*)[*.…•]+(?P<tail>[^*.…•]{3,})")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A kind of thing that a person holds: the list it is in, what a call does to one, and what leaving it means.

    `name` is the path of what people call one, `scope` the paths of the parameters its calls need. What does not
    `outlive` the user ends with their removal from the organization, too.
    """

    title: str
    verb: str
    resource: Resource
    leaves: str
    name: str = "name"
    scope: Mapping[str, str] = field(default_factory=dict)
    outlives: bool = False

    @property
    def action(self) -> Action:
        """What takes one away."""
        return next(action for action in self.resource.actions if action.removes)


_OF_PROJECT = {"project_id": "project.id"}

API_KEYS = Part(
    "API keys", "delete key", KEYS, "whoever has it can go on using it", scope=_OF_PROJECT, outlives=True
)
ADMINS = Part(
    "Admin keys", "delete admin key", ADMIN_KEYS, "whoever has it can change the organization", outlives=True
)
PROJECTS = Part(
    "Projects", "remove from project", PROJECT_USERS, "they stay in it", "project.name", scope=_OF_PROJECT
)
GROUPS = Part(
    "Groups",
    "take out of group",
    GROUP_USERS,
    "they keep what it is let into",
    "group.name",
    {"group_id": "group.id"},
)
GIVEN = Part("Roles", "withdraw role", USER_ROLES, "they keep its permissions", scope={"user_id": "user.id"})
OPEN = Part("Invites", "delete invite", INVITES, "it lets them in again", name="email", outlives=True)
PERSON = Part("Organization", "remove from the organization", USERS, "they can still sign in", name="email")
EVENTS = Part("Last in the audit log", "", AUDIT, "", name="type", outlives=True)
"""What they did: it is no part of the plan."""
PARTS = (API_KEYS, ADMINS, PROJECTS, GROUPS, GIVEN, OPEN, PERSON)


@dataclass(frozen=True)
class OffboardStep:
    """One call of the plan: what it takes away, or (`blocked`) why that cannot be done from here."""

    part: Part
    record: Record
    scope: Mapping[str, str] = field(default_factory=dict)
    blocked: str = ""
    last: bool = False

    @cached_property
    def call(self) -> str:
        """Method and path, by which it is known."""
        operation, scope = self.part.action.operation, dict(self.scope)
        return f"{operation.method} {target_of(operation, fill(operation, scope, self.record.id), None)}"

    @property
    def name(self) -> str:
        """What people call the thing."""
        return clean(self.record.at(self.part.name) or self.record.id)


@dataclass(frozen=True, slots=True)
class OffboardOutcome:
    """What became of a call. `gone` was taken away before; of an `unknown` one the answer was lost."""

    state: Literal["done", "gone", "failed", "unknown"]
    error: ApiError | None = None


class Owned(NamedTuple):
    """A key of a project, and whose it is: id and address in small letters, "" for a service account's."""

    record: Record
    user: str
    mail: str
    project: str

    @classmethod
    def of(cls, record: Record) -> Owned:
        """Read off whose a key is, once: there may be thousands."""
        on_change = (record.at(path) for path in ("owner.user.id", "owner.user.email", "project.id"))
        user, mail, project = (value if isinstance(value, str) else "" for value in on_change)
        return cls(record, user, mail.casefold(), project)


@dataclass(slots=True)
class Found:
    """What is known so far of what a person holds. `gaps` are the parts that cannot be seen, and why.

    The keys are those of everybody: whose they are is known once the user is, or one key names their address.
    """

    mail: str
    user: Record | None = None
    sought: bool = False  # whether the user was looked for
    left: bool = False  # whether the user was removed since
    goes_by: set[str] = field(default_factory=set)  # ids told by the user, whom nobody may find a second time
    keys: Sequence[Owned] = ()
    admin_keys: list[Record] = field(default_factory=list)
    joined: dict[Part, dict[str, Record]] = field(default_factory=dict)
    events: list[Record] = field(default_factory=list)
    other_owner: bool | None = None
    gaps: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> set[str]:
        """The ids the person goes by: somebody who left is known only by what their keys tell."""
        mail = self.mail.casefold()
        return self.goes_by | {key.user for key in self.keys if key.user and key.mail == mail}

    def held(self, part: Part) -> list[Record]:
        """What they hold of a kind."""
        if part is API_KEYS:
            ids, mail = self.ids, self.mail.casefold()
            admin = {key.id for key in self.admin_keys}
            theirs = (key.record for key in self.keys if key.user in ids or key.mail == mail)
            return [key for key in theirs if not (key.id in admin and _is_admin(key))]
        if part is ADMINS:
            ids = self.ids
            listed = {key.record.id for key in self.keys}
            owned = (key for key in self.admin_keys if key.at("owner.id") in ids)
            return [key for key in owned if _is_admin(key) or not (key.object.foreign or key.id in listed)]
        if part is PERSON:
            return [self.user] if self.user and not self.left else []
        return list(self.joined.get(part, {}).values())

    def forget(self, step: OffboardStep) -> None:
        """Something is theirs no more."""
        if step.part is API_KEYS:
            self.keys = [key for key in self.keys if key.record is not step.record]
        elif step.part is ADMINS:
            self.admin_keys = [key for key in self.admin_keys if key.id != step.record.id]
        elif step.part is PERSON:
            self.left = True
        else:
            kept = self.joined.get(step.part, {}).items()
            self.joined[step.part] = {at: one for at, one in kept if one is not step.record}

    @property
    def strays(self) -> list[Record]:
        """Their keys that stand among the admin keys, are none, and that no project lists: they are left."""
        ids, listed = self.ids, {key.record.id for key in self.keys}
        theirs = (key for key in self.admin_keys if key.at("owner.id") in ids)
        return [key for key in theirs if key.object.foreign and key.id not in listed]

    @property
    def shared(self) -> int:
        """How many keys of service accounts there are in their projects."""
        theirs = {one.at("project.id") for part in (API_KEYS, PROJECTS) for one in self.held(part)}
        return sum(key.project in theirs and not (key.user or key.mail) for key in self.keys)


def _is_admin(key: Record) -> bool:
    """Whether a key is an admin key by what is left to see of it."""
    return kind_of_key(key.at("redacted_value")) == "admin"


def is_of(secret: Secret | None, redacted: object) -> bool:
    """Whether what is left to see of a key could be of this one."""
    seen = _HIDDEN.fullmatch(redacted) if isinstance(redacted, str) else None
    value = secret.reveal() if secret else ""
    return bool(seen and value.startswith(seen["head"]) and value.endswith(seen["tail"]))


class OffboardPlan:
    """The calls that take from a person what they hold, which of them were taken out, and what became of them."""

    def __init__(self, found: Found, admin_key: Secret | None = None) -> None:
        self.found = found
        self.out: set[str] = set()  # calls that are not to be made
        self.outcomes: dict[str, OffboardOutcome] = {}
        self.running = ""  # the call on its way
        self.steps: list[OffboardStep] = []
        """In the order of their calls: first what works without the person, then the person."""
        self._admin_key = admin_key
        self._tried: set[str] = set()  # these stay to be seen when they are done

    def update(self) -> None:
        """Rebuild the steps from what is known now."""
        held = (self._step(part, record) for part in PARTS for record in self.found.held(part) if record.id)
        now = {step.call: step for step in held}
        stay = {*now, *self._tried, self.running}  # a list may tell that it is gone before the call has ended
        kept = {step.call: step for step in self.steps if step.call in stay}
        self.steps = sorted((kept | now).values(), key=lambda step: (step.last, PARTS.index(step.part)))

    def _step(self, part: Part, record: Record) -> OffboardStep:
        scope = {name: str(record.at(path) or "") for name, path in part.scope.items()}
        in_use = part is ADMINS and is_of(self._admin_key, record.at("redacted_value"))
        return OffboardStep(part, record, scope, self._blocked(part, record), in_use)

    def _blocked(self, part: Part, record: Record) -> str:
        if part is GROUPS and record.at("group.is_scim_managed"):
            return "the identity provider manages this group, take them out there"
        if part is PERSON and record.at("role") == "owner" and self.found.other_owner is False:
            return "they are the last owner, make somebody else one first"
        return ""

    @property
    def remaining(self) -> list[OffboardStep]:
        """The steps that are to be done still."""
        return [step for step in self.steps if self.state(step) in ("planned", "failed", "unknown")]

    def state(self, step: OffboardStep) -> str:
        """How a step stands: planned, out, blocked, running, done, gone, failed or unknown."""
        call = step.call
        outcome = self.outcomes.get(call)
        if call == self.running:
            return "running"
        if outcome and outcome.state in ("done", "gone"):
            return outcome.state
        if step.blocked:
            return "blocked"
        return "out" if call in self.out else outcome.state if outcome else "planned"

    def remark(self, step: OffboardStep) -> Cell | None:
        """What is to be said of how a step stands."""
        state, outcome = self.state(step), self.outcomes.get(step.call)
        if state == "unknown":
            why = outcome.error.sentence if outcome and outcome.error else "It was stopped on its way."
            return Cell(f"{why} A second try does no harm.", "warn")
        if state == "failed":
            return Cell(str(outcome.error) if outcome else "", "bad")
        if state not in ("out", "blocked"):
            if state == "gone":
                return Cell("It was gone before.", "dim")
            return Cell("The key that o9s uses now: these pages close with it.", "warn") if step.last else None
        why = step.blocked or "taken out"
        if self._ends(step):
            return Cell(f"{why}; it ends with the user all the same", "dim")
        return Cell(f"{why}: {step.part.leaves}", "warn")

    def leaves(self, step: OffboardStep) -> bool:
        """Whether access is left because a step is not done."""
        return self.state(step) in ("out", "blocked") and not self._ends(step)

    def _ends(self, step: OffboardStep) -> bool:
        """Whether the user's removal, which is planned or done, ends it as well."""
        if step.part.outlives or step.part is PERSON:
            return False
        person = next((each for each in self.steps if each.part is PERSON), None)
        return person is None or self.state(person) not in ("out", "blocked")

    def cautions(self) -> Iterator[str]:
        """What to know before it begins."""
        found = self.found
        if found.sought and not found.user:
            yield "Nobody of the organization has this address; what is left of them is below."
        if found.user and found.user.at("is_scim_managed"):
            yield "The identity provider manages this user: remove them there too, or they come back."
        if strays := found.strays:
            names = ", ".join(clean(key.at("name") or key.id) for key in strays)
            yield f"Listed among the admin keys, but of a project that does not list it: {names}. It is left."
        for step in self.steps:
            if step.last and self.state(step) != "done":
                yield f"The admin key that o9s uses now, {step.name}, is theirs. It goes last."
            if step.part is PERSON and step.blocked:
                yield f"They cannot be removed: {step.blocked}."

    def note_outcome(self, step: OffboardStep, outcome: OffboardOutcome) -> None:
        """Note the outcome of a call."""
        self.outcomes[step.call] = outcome
        self._tried.add(step.call)
        if outcome.state in ("done", "gone"):
            self.found.forget(step)
        self.update()

    def look_again(self) -> None:
        """Forget outcomes, so that what was done leaves the plan."""
        self.outcomes.clear()
        self._tried.clear()
        self.update()


async def carry_out(
    platform: Platform,
    plan: OffboardPlan,
    on_change: Callable[[], None],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Make the calls that remain, one after another, and tell when one begins or ends.

    It does not wait for room in the budget; the polls give way to it: a leaver's key is to be dead now. What fails
    is noted and the rest goes on, unless no further call could succeed. Cancelling stops at once.
    """
    step = None
    try:
        for step in plan.remaining:
            plan.running = step.call
            on_change()
            outcome = _held_back(plan, step) or await _take_away(platform, step, sleep)
            plan.running = ""
            plan.note_outcome(step, outcome)
            if outcome.error and outcome.error.about_caller:
                return
    finally:
        if plan.running and step:  # it was stopped
            plan.running = ""
            plan.note_outcome(step, OffboardOutcome("unknown"))
        on_change()


def _held_back(plan: OffboardPlan, step: OffboardStep) -> OffboardOutcome | None:
    """Keep the user while an admin key could not be deleted: its owner is known by the user's id alone."""
    open_ = (each for each in plan.steps if each.part is ADMINS and plan.state(each) in ("failed", "unknown"))
    if step.part is PERSON and (key := next(open_, None)):
        return OffboardOutcome(
            "failed", ApiError(f"{key.name} is still there, and only this user tells whose it is.")
        )
    return None


async def _take_away(
    platform: Platform, step: OffboardStep, sleep: Callable[[float], Awaitable[None]]
) -> OffboardOutcome:
    """Make the call of a step."""
    part = step.part
    made = await attempt(lambda: platform.act(part.resource, step.scope, step.record, part.action), sleep)
    return OffboardOutcome(made.state, made.error)


def step_cells(step: OffboardStep, now: float) -> list[Cell]:
    """What is to be known of a thing before it is taken away, in columns; the first is its name."""
    record, name = step.record, Cell(step.name)
    if step.part is API_KEYS:
        cost = record.at(KEYS.join.name) if KEYS.join else None
        spent = Cell("")
        if isinstance(cost, Decimal):
            spent = Cell(
                f"{shown(cost, '$')} in 30 d", "warn" if getattr(cost, "unread", 0) else "" if cost else "dim"
            )
        return [name, Cell(clean(record.at("project.name") or "")), _used(record, now), spent]
    if step.part is ADMINS:
        return [name, _used(record, now)]
    if step.part is GIVEN:
        permissions = record.at("permissions")
        return [name, Cell(f"{len(permissions)} permissions" if isinstance(permissions, list) else "", "dim")]
    role = str(record.at("role") or "")
    return [name, Cell(clean(role), "accent" if role == "owner" else "dim")]


def _used(record: Record, now: float) -> Cell:
    """When a key was last used. One in use serves something that will stop."""
    at = record.read("last_used_at")
    if at is None:
        return Cell("last use unknown", "warn") if record.at("last_used_at") else Cell("never used", "dim")
    passed = now - at
    return Cell("used now" if passed < 60 else f"used {duration(passed)} ago", "warn" if passed < LATELY else "")


def plan_text(plan: OffboardPlan, now: float) -> Iterator[str]:
    """The plan as text: what would be called, or what became of it."""
    marks, part = {"planned": "[x]", "out": "[ ]", "blocked": "[-]"}, None
    yield f"Off-boarding {clean(plan.found.mail)}, {stamp(now)}\n"
    yield from (f"! {caution}\n" for caution in plan.cautions())
    yield from (f"! {title} cannot be seen: {clean(why)}\n" for title, why in plan.found.gaps.items())
    for number, step in enumerate(plan.steps, 1):
        if step.part is not part:
            part = step.part
            yield f"\n{part.title}\n"
        cells = "  ".join(cell.text for cell in step_cells(step, now) if cell.text)
        state = plan.state(step)
        yield f"{marks.get(state, f'[{state}]')} {number}. {step.part.verb} {cells}\n"
        yield f"      {step.call}\n"
        if remark := plan.remark(step):
            yield f"      {remark.text}\n"
