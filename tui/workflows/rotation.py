"""Rotating a key: a new one in the place of an old one, which is deleted later, once nothing uses it any more."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, NotFound, OutcomeUnknown
from tui.live import shortfall
from tui.live.lost_answers import find_alike, find_outcome
from tui.resources.language.action import Ask
from tui.resources.language.cells import duration, stamp
from tui.resources.language.reading.times import unix_time
from tui.resources.language.resource import title_of
from tui.workflows.plan.plan import Step, StepOutcome, read_steps
from tui.workflows.plan.run import PlanRun, make_call

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tui.live.platform import Platform
    from tui.live.tasks.store import Fact
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

_ADMIN_KEYS, _ACCOUNTS, _PROJECT_KEYS = "admin-keys", "service-accounts", "project-keys"
OVERLAP = 7 * 86_400.0  # seconds that an old key stays after its last use, unless another time is given


class Rotation(PlanRun):
    """The deletion of a key that another has taken the place of. It waits, paused, and never begins by itself."""

    def __init__(self, platform: Platform, step: Step, name: str, made_at: float, overlap: float) -> None:
        """`made_at` is when the new one was made (unix seconds); the old one stays `overlap` seconds unused."""
        super().__init__(f"delete the old {step.resource.singular} {name}", [step], partial(make_call, platform))
        self.step, self.name, self.made_at, self.overlap = step, name, made_at, overlap
        self._platform = platform
        self._let_go = platform.listen_gone(self._note_gone)
        self.used_at = 0.0
        """When the old one was last used, as far as is known (unix seconds)."""
        self.is_kept = False
        """Whether the disk has it, so that any run of the program can do it."""

    @property
    def due_at(self) -> float:
        """When the old one may go: so long after its last use, or after the new one was made."""
        return max(self.made_at, self.used_at) + self.overlap

    def _note_gone(self, resource: Resource, id_: str) -> None:
        """End it, as nothing is left to do, where the old one was deleted otherwise."""
        if (resource, id_) != (self.step.resource, self.step.record.id):
            return
        self._let_go()
        if self in self._platform.tasks.all and self.can_go_on:
            self._settle(self.step, StepOutcome(self.step.call, "gone"))
            self._platform.tasks.go_on(self)

    def describe(self) -> Fact:
        """Return what waits to be done."""
        return {
            **super().describe(),
            "kind": "rotation",
            "called": self.name,
            "made_at": self.made_at,
            "overlap": self.overlap,
            "used_at": self.used_at,
        }

    async def look(self, platform: Platform) -> str:
        """Read when the old one was last used; return in a sentence why it shall not go yet, "" where it may."""
        try:
            self.used_at = max(self.used_at, await _read_last_use(platform, self.step))
        except NotFound:
            return ""  # it is gone, which is what is wanted
        except ApiError as error:
            return f"When it was last used cannot be read: {error.sentence}"
        now = platform.now()
        if self.due_at <= now:
            return ""
        used = f"It was used {duration(max(0.0, now - self.used_at))} ago. " if self.used_at > self.made_at else ""
        return f"{used}It is not due before {stamp(self.due_at)}: what still uses it stops working at once."


class LostRotation(OutcomeUnknown):
    """A new key that may have been made, whose secret nobody heard."""

    def __init__(self, cause: ApiError, doubt: str, alike: Sequence[str]) -> None:
        """`doubt` says what a look at the list tells, `alike` are the ids of those that may be the new one."""
        super().__init__(cause)
        self.alike = list(alike)
        self.sentence = f"{self.sentence} {doubt}".strip()
        self.next = "" if alike else "Look whether there is a new one of this name before you rotate again."


def remake_rotation(platform: Platform, begin: Fact) -> Rotation:
    """Return a rotation as an earlier run has kept it. Raises KeyError, TypeError or LookupError."""
    (step,) = read_steps(platform.registry, begin["groups"])
    rotation = Rotation(platform, step, str(begin["called"]), float(begin["made_at"]), float(begin["overlap"]))
    rotation.used_at = float(begin["used_at"])
    return rotation


def find_rotations(tasks: Iterable[object]) -> list[Rotation]:
    """Return the rotations whose old key waits to be deleted."""
    return [task for task in tasks if isinstance(task, Rotation) and not task.is_over]


async def find_subject(
    platform: Platform, resource: Resource, scope: Mapping[str, str], record: Record
) -> tuple[Resource, Mapping[str, str], Record]:
    """Return what is made anew for a key: an admin key, or the service account that a project's key belongs to.

    Raises ApiError: also for a key of a user, whom alone the platform lets make one.
    """
    if resource.name in (_ADMIN_KEYS, _ACCOUNTS):
        return resource, scope, record
    account = record.at("owner.service_account.id")
    if not isinstance(account, str) or not account:
        raise ApiError(
            "The API makes admin keys and keys of service accounts; its owner makes this one anew, on the web.",
            "Once the new one is in use, delete this one.",
        )
    project = scope.get("project_id") or str(record.at("project.id") or "")
    accounts = platform.registry[_ACCOUNTS]
    found = await platform.get(accounts, {"project_id": project}, account)
    return accounts, {"project_id": project}, found


async def rotate(
    platform: Platform, resource: Resource, scope: Mapping[str, str], record: Record, overlap: float
) -> tuple[dict[str, Any], Rotation]:
    """Make a new key, or service account with one, like another; return the answer, and the deletion that waits.

    The answer has the new secret, which is told this once. Raises ApiError, and then nothing waits: LostRotation
    where it is not known whether a new one was made.
    """
    create = resource.action("create")
    delete = next(action for action in resource.actions if action.removes)
    assert create
    body = _build_body(resource, record)
    step = Step(resource=resource, action=delete, record=record, scope=scope)
    rotation = Rotation(platform, step, body["name"], platform.now(), overlap)
    rotation.used_at = unix_time(record.at("last_used_at")) or 0.0
    try:
        answer = await platform.act(resource, scope, None, create, body)
    except OutcomeUnknown as error:
        raise await look_for_rotation(platform, resource, scope, record, error.cause) from None
    rotation.made_at = platform.now()
    rotation.is_kept = platform.tasks.hold(rotation)
    return answer, rotation


async def look_for_rotation(
    platform: Platform,
    resource: Resource,
    scope: Mapping[str, str],
    record: Record,
    cause: ApiError,
    *,
    patience: float | None = None,
) -> LostRotation:
    """Return what a look tells of a new key whose answer did not come, within `patience` (seconds)."""
    create = resource.action("create")
    assert create
    body = _build_body(resource, record)
    found = await find_outcome(platform, resource, scope, create, "", record, body, patience=patience)
    return LostRotation(cause, found.doubt, found.alike)


async def describe_doubles(
    platform: Platform, resource: Resource, scope: Mapping[str, str], record: Record
) -> str:
    """Return in sentences that a key seems to be rotated already: a newer one of its name is there; else "".

    Raises ApiError.
    """
    made = unix_time(record.at("created_at")) or 0.0
    found = await find_alike(platform, resource, scope, {"name": _build_body(resource, record)["name"]})
    newer = [
        each.id for each in found if each.id != record.id and (unix_time(each.at("created_at")) or 0.0) >= made
    ]
    if not newer:
        return ""
    return (
        f"It may be rotated already: {', '.join(newer)} of this name was made in the last minutes. "
        "One whose secret nobody has is to be deleted first."
    )


def _build_body(resource: Resource, record: Record) -> dict[str, Any]:
    """Return the request that makes another like a key, of the same name and life."""
    body: dict[str, Any] = {"name": title_of(resource, record) or record.id}
    made, ends = unix_time(record.at("created_at")), unix_time(record.at("expires_at"))
    if made and ends and ends > made:
        body["expires_in_seconds"] = int(ends - made)
    return body


def describe_old_owner(resource: Resource, record: Record) -> str:
    """Return in a sentence whose the new key will be, where that may be another than that of the old; else ""."""
    if resource.name != _ADMIN_KEYS:
        return ""
    name = record.at("owner.name") or record.at("owner.id")
    whose = f", not to {name}, whose the old one is, unless that is the same" if name else ""
    return f"The new one belongs to the owner of the admin key in use{whose}."


def describe_new_owner(resource: Resource, answer: Mapping[str, Any]) -> str:
    """Return in a sentence whose a new admin key is; "" for others, and where that is not told."""
    owner = answer.get("owner")
    name = (owner.get("name") or owner.get("id")) if isinstance(owner, dict) else ""
    return f"The new one belongs to {name}." if name and resource.name == _ADMIN_KEYS else ""


def find_secret_path(resource: Resource) -> str:
    """Return where the answer to making one has its secret, as a dotted path."""
    create = resource.action("create")
    return create.does.secret if create and isinstance(create.does, Ask) else ""


async def _read_last_use(platform: Platform, step: Step) -> float:
    """Return when a key, or any key of a service account, was last used (unix seconds). Raises ApiError."""
    if step.resource.name == _ADMIN_KEYS:
        found = await platform.get(step.resource, step.scope, step.record.id)
        return unix_time(found.at("last_used_at")) or 0.0
    await platform.get(step.resource, step.scope, step.record.id)  # NotFound where it is gone
    keys, used = platform.registry[_PROJECT_KEYS], 0.0
    assert keys.list
    pages = platform.client.pages(keys.list, step.scope, query=keys.query, limit=keys.page_max)
    async for page in pages:
        if page.cut or page.is_odd:  # the key that was used last may be what is missing
            raise shortfall.describe_cut() if page.cut else shortfall.describe_unreadable()
        for raw in page.items:
            record = keys.record(raw) if isinstance(raw, dict) else None
            if record and record.at("owner.service_account.id") == step.record.id:
                used = max(used, unix_time(record.at("last_used_at")) or 0.0)
    return used
