"""Writes without a screen: an action of a resource, agreed to, done, and told as a line for each object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tui.api.errors import LinkError, LocalFileError, NotFound, ReadOnly
from tui.api.requests import target_of
from tui.headless.writes.consent import build_question
from tui.headless.writes.each import run_each, run_steps
from tui.headless.writes.orders import Order, explain_impossible
from tui.headless.writes.outcomes import describe_failure
from tui.headless.writes.requests import build_request, model_of, prepare_files, read_values
from tui.headless.writes.targets import (
    FEW,
    Target,
    WrongUse,
    check_kinds,
    find_targets,
    make_stand_in,
    read_targets,
)
from tui.headless.writes.work import OrderedWork
from tui.live.lost_answers import LOOK_AFTER_STOP, find_outcome
from tui.resources.language.action import Action, Call, Risk, refuse_nothing
from tui.resources.language.cells import pluralize
from tui.workflows.consequences.consequences import find_users, needs_look
from tui.workflows.consequences.unseen import Unseen
from tui.workflows.plan.calls import LOOK_BEHIND
from tui.workflows.plan.plan import Step
from tui.workflows.sending import send

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tui.headless.writes.outcomes import Outcome, Reason
    from tui.resources.language.asking.assignments import Given
    from tui.workflows.plan.plan import StepOutcome

_NAMED = 5  # objects of which it is told what uses them
USED = "--used does it anyway"


@dataclass(slots=True)
class _Job:
    """An object with the request that is made for it."""

    target: Target
    body: dict[str, Any] | None = None


class Actions(OrderedWork[Order]):
    """An action on objects as it is carried out."""

    async def run(self) -> list[Outcome]:
        """Look, ask, and do it. Raises WrongUse before anything is done, and ApiError where nothing could be."""
        order, action = self.order, self.order.action
        if impossible := explain_impossible(order.resource, action):
            raise WrongUse(impossible)
        given = read_values(action, order.assignments, order.body)
        targets = find_targets(order.resource, action, order.parents, order.ids)
        check_kinds(self.platform, order.resource, targets)
        self._check_count(len(targets))
        if self.platform.client.read_only and not order.dry_run and not action.operation.reads_only:
            raise ReadOnly(self.platform.client.connection.held_by)
        if self._needs_records(targets):
            # What is switched on together, such as certificates, tells only in its list whether it is.
            listed = any(map(_ids_field, order.resource.actions))
            await read_targets(self.platform, order.resource, targets, listed=listed)
        able = [target for target in targets if self._can(target)]
        if given is not None and able:
            await self._prepare(given)
        jobs = [job for target in able if (job := self._plan(target, given))]
        users, unseen = await self._look_for_users(jobs)
        jobs = [job for job in jobs if self._may_go(job, users, unseen, len(jobs))]
        left_out = str(unseen)
        if order.dry_run:
            for job in jobs:
                self._tell_plan(job, users)
            if left_out:
                self.hearing.say(left_out)
            return self.outcomes.all
        if not jobs:
            return self.outcomes.all
        if unseen.leaves_open:
            left_out = f"It is not known whether something uses {'it' if len(jobs) == 1 else 'them'}. {left_out}"
        targets = [job.target for job in jobs]
        question = await build_question(self.platform, order, targets, given, [*_sum_up(users), left_out])
        if question and not self.hearing.agree(question):
            for job in jobs:
                self._tell(job.target, "skipped")
            return self.outcomes.all
        if question and self.hearing.asks and not order.used_too:
            jobs = await self._leave_used(jobs, users)
        if jobs:
            await self._do(jobs)
        return self.outcomes.all

    # What is looked at before.

    def _check_count(self, number: int) -> None:
        """Raise WrongUse where many objects are not counted, or the count is another."""
        order = self.order
        if order.count not in (None, number):
            raise WrongUse(f"--count says {order.count:,}, and {pluralize(number, 'id')} came: nothing was done.")
        several = number > 1 and not order.action.operation.reads_only
        if several and order.count is None and not (self.hearing.asks or order.dry_run):
            what = f"{order.action.label.capitalize()} is for {number:,} {order.resource.name}"
            raise WrongUse(f"{what}: say so with --yes --count {number}, or look first with --dry-run.")

    def _needs_records(self, targets: Sequence[Target]) -> bool:
        """Return whether the objects have to be read first: to know if it can be done, or what is sent."""
        action = self.order.action
        if action.on == "list":
            return False
        if self.order.dry_run and action.removes and self.order.resource.get and not self.order.resource.single:
            return True  # what is not there would not be deleted
        if action.refuse is not refuse_nothing or model_of(action):
            return True
        named = self.hearing.asks and len(targets) <= FEW  # whoever is asked is told what they are called
        return named and action.risk is not Risk.NONE

    def _can(self, target: Target) -> bool:
        """Return whether it can be done to an object; tell why not."""
        action = self.order.action
        if isinstance(target.error, NotFound) and action.removes:
            self._tell(target, "gone", error=str(target.error))
            return False
        if target.error:
            self._tell(target, "failed", target.error)
            return False
        refusal = action.find_refusal(target.record) if target.record else None
        if refusal:
            self._tell(target, "refused", error=f"Cannot {action.verb}: {refusal}.")
        return not refusal

    async def _prepare(self, given: Given) -> None:
        """Check and upload the files of this machine that are given. Raises ApiError."""

        async def upload(path: Path, purpose: str) -> str:
            if self.order.dry_run:
                return f"(id of {path.name}, once uploaded)"
            made = await self.platform.client.upload(path, purpose)
            self.hearing.say(f"Uploaded {path.name} as {made.get('id')}.")
            return str(made.get("id") or "")

        try:
            await prepare_files(self.order.action, given, upload)
        except LocalFileError as error:
            raise WrongUse(str(error)) from None

    def _plan(self, target: Target, given: Given | None) -> _Job | None:
        """Return what is sent for an object; None, and tell it, where an edit changes nothing."""
        if given is None:
            return _Job(target)
        body = build_request(self.order.action, given, self.order.resource, target.record)
        if self.order.action.edits and not body:
            self._tell(target, "unchanged")
            return None
        return _Job(target, body)

    async def _look_for_users(self, jobs: Sequence[_Job]) -> tuple[dict[str, str], Unseen]:
        """Return a sentence for each object to go that something uses; and what was not looked at.

        Raises LinkError where nothing is reached.
        """
        order, action = self.order, self.order.action
        if not (jobs and needs_look(order.resource, action)):
            return {}, Unseen()
        self.hearing.progress("Looking for what uses them … · ctrl+c stops")
        records = [make_stand_in(self.platform, order.resource, job.target) for job in jobs]
        found = await find_users(
            self.platform, order.resource, action, records, jobs[0].target.scope, LOOK_BEHIND, is_last=True
        )
        self.hearing.progress("")
        fault = found[1].fault
        if isinstance(fault, LinkError) and not (fault.sent or order.used_too):
            raise fault
        return found

    async def _leave_used(self, jobs: Sequence[_Job], known: Mapping[str, str]) -> list[_Job]:
        """Return the objects that nothing has begun to use while somebody was asked; tell the others."""
        users, _ = await self._look_for_users(jobs)
        left = {job.target.id for job in jobs if job.target.id in users.keys() - known.keys()}
        for job in jobs:
            if job.target.id in left:
                self._tell(job.target, "used", error=f"{users[job.target.id]} {USED}.")
        return [job for job in jobs if job.target.id not in left]

    def _tell_plan(self, job: _Job, users: Mapping[str, str]) -> None:
        """Tell what would be called."""
        operation = self.order.action.operation
        together = _ids_field(self.order.action)
        body = {together: [job.target.id]} if together else job.body
        planned: dict[str, Any] = {
            "method": operation.method,
            "path": target_of(operation, self._path(job.target)),
        }
        if body is not None:
            planned["body"] = body
        if used := users.get(job.target.id):
            planned["used_by"] = used
        self._tell(job.target, "planned", **planned)

    def _path(self, target: Target) -> dict[str, str]:
        order = self.order
        together = order.action.on == "list" or _ids_field(order.action)
        record = None if together else make_stand_in(self.platform, order.resource, target)
        return self.platform.path(order.action.operation, record, order.resource, target.scope)

    def _may_go(self, job: _Job, users: Mapping[str, str], unseen: Unseen, count: int) -> bool:
        """Return whether an object is to go though something uses it, or may; tell it where it is not.

        Somebody who is asked is told what uses the one object, and what is not known.
        """
        used, asks = users.get(job.target.id, ""), self.hearing.asks
        if self.order.used_too:
            return True
        if used and not (asks and count == 1):
            self._tell(job.target, "used", error=f"{used} {USED}.")
            return False
        if unseen.leaves_open and not used and not asks:
            words = f"It is not known whether something uses it. {replace(unseen, beyond=[])}"
            why = unseen.fault.with_words(words, f"{USED}.") if unseen.fault else f"{words} {USED}."
            self._tell(job.target, "unchecked", error=why)
            return False
        return True

    # The calls.

    async def _do(self, jobs: Sequence[_Job]) -> None:
        """Do it: for all at once where the call takes all ids, else for a few at a time."""
        action = self.order.action
        if together := _ids_field(action):
            jobs = _gather(jobs, together)
        if together or action.on == "list" or self.order.resource.single or any(job.body for job in jobs):
            by_call = {job.target.name or str(at): job for at, job in enumerate(jobs)}
            run, self.stopped = await run_each(
                self.order.resource,
                action,
                list(by_call),
                lambda name: self._write(by_call[name]),
                lambda outcome, answer: self._tell_outcome(by_call[outcome.call], outcome, answer),
                self.hearing,
                self.platform.scheduler,
            )
        else:  # what is left of it when the program is killed is kept
            steps = [self._make_step(job.target) for job in jobs]
            by_call = {step.call: job for step, job in zip(steps, jobs, strict=True)}
            run, self.stopped = await run_steps(
                self.platform.tasks,
                steps,
                lambda step: self._write(by_call[step.call]),
                lambda outcome, answer: self._tell_outcome(by_call[outcome.call], outcome, answer),
                self.hearing,
                self.platform.scheduler,
            )
        for call, job in by_call.items():
            if call not in run.outcomes:
                self._tell_each(job, "skipped", "It was stopped before.")
            elif run.outcomes[call].state == "unknown":
                await self._tell_unknown(job, run.outcomes[call])

    def _make_step(self, target: Target) -> Step:
        order = self.order
        record = make_stand_in(self.platform, order.resource, target)
        return Step(resource=order.resource, action=order.action, record=record, scope=target.scope)

    async def _write(self, job: _Job) -> dict[str, Any]:
        """Make the call for one object, or for all at once. Raises ApiError."""
        order = self.order
        record = None if order.action.on == "list" else make_stand_in(self.platform, order.resource, job.target)
        if job.body is None or isinstance(order.action.does, Call):
            return await self.platform.act(order.resource, job.target.scope, record, order.action, job.body)

        async def upload(path: Path, purpose: str, expires_after: int | None = None) -> dict[str, Any]:
            return await self.platform.client.upload(path, purpose, expires_after=expires_after)

        return await send(
            self.platform, order.resource, job.target.scope, record, order.action, dict(job.body), upload
        )

    def _tell_outcome(self, job: _Job, outcome: StepOutcome, answer: dict[str, Any] | None) -> None:
        """Tell what became of an object."""
        match outcome.state:
            case "done":
                fault = describe_failure(self.order.action, answer or {})
                self._tell_each(job, "failed" if fault else "done", fault, answer=answer or {}, sent=job.body)
            case "gone" if not self.order.action.removes:
                self._tell_each(job, "failed", outcome.error)
            case "failed" | "skipped" | "gone":
                self._tell_each(job, outcome.state, outcome.error)
            case "unknown":
                pass  # told after a look at how it is

    async def _tell_unknown(self, job: _Job, outcome: StepOutcome) -> None:
        """Look how an object is whose call was not answered, and tell it."""
        order = self.order
        target = job.target
        known = await find_outcome(
            *(self.platform, order.resource, target.scope, order.action, target.id, target.record, job.body),
            patience=LOOK_AFTER_STOP if self.stopped else None,
        )
        state, reason = known.judge(outcome.error)
        if state == "done":
            self._tell_each(job, state, answer=known.object, note=reason)
        else:
            self._tell_each(job, state, reason, **known.more)

    def _tell_each(self, job: _Job, state: str, error: Reason = None, **more: Any) -> None:
        """Tell the outcome of a call for each object it was made for."""
        together = _ids_field(self.order.action)
        ids = (job.body or {}).get(together, []) if together else [job.target.id]
        for id_ in ids:
            target = Target(id_, job.target.scope, job.target.record) if together else job.target
            self._tell(target, state, error, **more)

    def _tell(self, target: Target, state: str, error: Reason = None, **more: Any) -> None:
        self.outcomes.add(self.order.resource, self.order.action, target, state, error, **more)


def _sum_up(users: Mapping[str, str]) -> list[str]:
    """Return sentences on what uses the objects, a few of them in full."""
    if len(users) == 1:
        return list(users.values())
    told = [f"{id_}: {words}" for id_, words in list(users.items())[:_NAMED]]
    return [*told, f"{len(users) - _NAMED:,} more are used, too."] if len(users) > _NAMED else told


def _gather(jobs: Sequence[_Job], together: str) -> list[_Job]:
    """Return one job for all the objects of a place, whose ids go into one call."""
    places: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for job in jobs:
        places.setdefault(tuple(job.target.scope.items()), []).append(job.target.id)
    return [_Job(Target("", dict(scope)), {together: ids}) for scope, ids in places.items()]


def _ids_field(action: Action) -> str:
    return action.does.ids if isinstance(action.does, Call) else ""
