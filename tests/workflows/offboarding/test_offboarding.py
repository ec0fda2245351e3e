"""What a person holds, found in any shape the platform tells it, and the plan that is made of it."""

from __future__ import annotations

import asyncio
import dataclasses
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Server, served
from tests.support.nursery import SLOW
from tests.support.odd_server import odd_server
from tests.support.virtual import VirtualLoop, run
from tui.api.client import Client, Page
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.api.errors import Forbidden, NotFound, RateLimited, ServerError, Unauthorized
from tui.api.retries import TRIES
from tui.live.platform import Platform
from tui.live.tasks.tasks import Tasks
from tui.live.use import Use
from tui.resources.registry import REGISTRY
from tui.workflows.consequences.lockouts import matches_redacted
from tui.workflows.offboarding.holdings import Holdings, OwnedKey
from tui.workflows.offboarding.kinds import (
    ADMIN_API_KEYS,
    API_KEYS,
    GIVEN_ROLES,
    GROUPS,
    KINDS,
    OPEN_INVITES,
    PERSON,
    PROJECTS,
)
from tui.workflows.offboarding.owner_look import OwnerLook
from tui.workflows.offboarding.plan import OffboardPlan
from tui.workflows.offboarding.search import HoldingsSearch
from tui.workflows.offboarding.step_cells import build_step_cells
from tui.workflows.plan.changes import UseLook
from tui.workflows.plan.plan import StepOutcome, describe_steps, read_steps
from tui.workflows.plan.run import PlanRun, begin_plan, make_call
from tui.workflows.plan.text import format_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

MAIL, NOW = "ada@acme.example", 1_800_000_000.0


def key(id_: str, owner: str, mail: str) -> OwnedKey:
    """A key of a project, as the list across all of them has it."""
    user = {"type": "user", "user": {"id": owner, "email": mail}}
    raw = {"id": id_, "name": id_, "owner": user, "project": {"id": "proj_1"}}
    return OwnedKey.of(API_KEYS.resource.record(raw))


def admin_key(id_: str, owner: str, redacted: str = "sk-admin-****zzzz") -> Record:
    """An admin key: it names its owner by the id alone."""
    return ADMIN_API_KEYS.resource.record(
        {"id": id_, "name": id_, "owner": {"id": owner}, "redacted_value": redacted}
    )


def found(**more: Any) -> Holdings:
    """Somebody who holds one thing of each kind, beside what others hold."""
    place = {"id": "user-1", "project": {"id": "proj_1", "name": "one"}, "role": "member"}
    group = {"id": "user-1", "group": {"id": "group_1", "name": "all", "is_scim_managed": False}}
    role = {"id": "role_1", "name": "auditor", "permissions": ["a", "b"], "user": {"id": "user-1"}}
    known = Holdings(
        MAIL,
        user=PERSON.resource.record({"id": "user-1", "email": MAIL, "role": "owner"}),
        known_ids={"user-1"},
        keys=[key("key_a", "user-1", "Ada@ACME.example"), key("key_b", "user-2", "b@acme.example")],
        admin_keys=[admin_key("key_c", "user-1"), admin_key("key_d", "user-2")],
        joined={
            PROJECTS: {"proj_1": PROJECTS.resource.record(place)},
            GROUPS: {"group_1": GROUPS.resource.record(group)},
            GIVEN_ROLES: {"role_1": GIVEN_ROLES.resource.record(role)},
            OPEN_INVITES: {"invite-1": OPEN_INVITES.resource.record({"id": "invite-1", "email": MAIL})},
        },
        user_looked_for=True,
    )
    for name, value in more.items():
        setattr(known, name, value)
    return known


def planned(known: Holdings, secret: str = "") -> OffboardPlan:
    """The plan for what is known."""
    plan = OffboardPlan(known, Secret(secret) if secret else None)
    plan.update()
    return plan


def test_calls_come_in_order_and_only_for_what_is_theirs() -> None:
    plan = planned(found())
    assert [step.kind for step in plan.steps] == list(KINDS)
    assert [step.call for step in plan.steps] == [
        "DELETE /organization/projects/proj_1/api_keys/key_a",
        "DELETE /organization/admin_api_keys/key_c",
        "DELETE /organization/projects/proj_1/users/user-1",
        "DELETE /organization/groups/group_1/users/user-1",
        "DELETE /organization/users/user-1/roles/role_1",
        "DELETE /organization/invites/invite-1",
        "DELETE /organization/users/user-1",
    ]


def test_who_left_is_known_by_what_their_keys_tell() -> None:
    plan = planned(found(user=None, known_ids=set(), joined={}))
    assert [step.record.id for step in plan.steps] == ["key_a", "key_c"]
    assert "Nobody" in next(plan.cautions())


def test_what_only_their_keys_told_of_somebody_stays_known_once_these_are_gone() -> None:
    shared = OwnedKey.of(API_KEYS.resource.record({"id": "key_e", "project": {"id": "proj_1"}}))
    known = found(user=None, known_ids=set(), joined={})
    known.take_keys([*known.keys, shared])
    plan = planned(known)
    for step in plan.order():
        plan.note_begin(step)
        known.take_keys([key for key in known.keys if key.record.id != step.record.id])  # the list tells it first
        plan.note_outcome(step, StepOutcome(step.call, "done"))
    assert {step.record.id: plan.state(step) for step in plan.steps} == {"key_a": "done", "key_c": "done"}
    assert known.service_account_keys == 1, "what else to do is no longer told, just when it is to be done"


def test_a_key_listed_twice_is_deleted_once_and_where_it_belongs() -> None:
    listed = [key(id_, "user-1", MAIL) for id_ in ("key_p", "key_q", "key_r")]
    listed[2].record.raw["redacted_value"] = "sk-admin-****zzzz"
    admins = [
        admin_key("key_c", "user-1"),
        admin_key("key_p", "user-1", "sk-proj-...efgh"),
        admin_key("key_q", "user-1", "sk-...efgh"),  # what it is cannot be seen, but a project lists it
        admin_key("key_r", "user-1"),
        admin_key("key_s", "user-1", "sk-svca...ijkl"),
        admin_key("key_t", "user-1", "…ijkl"),
    ]
    plan = planned(found(keys=listed, admin_keys=admins, joined={}))
    assert [step.call for step in plan.steps][:-1] == [
        "DELETE /organization/projects/proj_1/api_keys/key_p",
        "DELETE /organization/projects/proj_1/api_keys/key_q",
        "DELETE /organization/admin_api_keys/key_c",
        "DELETE /organization/admin_api_keys/key_r",
        "DELETE /organization/admin_api_keys/key_t",
    ]
    assert [caution for caution in plan.cautions() if "key_s" in caution]


def test_what_is_left_out_says_what_access_that_leaves() -> None:
    plan = planned(found())
    steps = {step.kind: step for step in plan.steps}
    plan.left_out = {steps[API_KEYS].call, steps[PROJECTS].call}
    assert plan.leaves_access(steps[API_KEYS]) and not plan.leaves_access(steps[PROJECTS])
    assert "ends with the user" in plan.remark(steps[PROJECTS]).text  # type: ignore[union-attr]
    plan.left_out.add(steps[PERSON].call)
    assert plan.leaves_access(steps[PROJECTS])
    assert steps[PROJECTS].kind.if_left in plan.remark(steps[PROJECTS]).text  # type: ignore[union-attr]
    parts = [(kind.title, kind.verb, [step for step in plan.steps if step.kind is kind]) for kind in KINDS]
    text = "".join(format_plan("Off-boarding", plan, parts, build_step_cells, NOW))
    assert f"[ ] 1. delete key key_a  never used\n      {steps[API_KEYS].call}\n" in text
    assert f"[x] 2. delete admin key key_c  never used\n      {steps[ADMIN_API_KEYS].call}\n" in text


def test_the_last_owner_and_the_key_in_use_are_seen_before() -> None:
    secret = "sk-admin-simulated-for-a-test-zzzz"
    plan = planned(found(other_owner=False), secret)
    assert plan.steps[-1].record.id == "key_c"
    blocked = [step for step in plan.steps if plan.state(step) == "blocked"]
    assert [step.kind for step in blocked] == [PERSON]
    assert len(list(plan.cautions())) == 2


async def test_one_that_was_killed_and_goes_on_is_not_held_up_by_the_keys_it_takes_away() -> None:
    none = {"object": "list", "data": [], "has_more": False}
    users = {**none, "data": [{"id": "user-1", "role": "reader"}, {"id": "user-2", "role": "owner"}]}
    keys = dict.fromkeys(["/organization/admin_api_keys", "/organization/projects/proj_1/api_keys"], none)
    with odd_server({**keys, "/organization/users": users}) as url:
        platform = Platform(Client(Connection(base_url=url, admin_key=Secret(ADMIN_KEY))), REGISTRY)
        held = {each.id: Use(API_KEYS.resource, each, "as owner") for each in found().of_kind(API_KEYS)}
        platform.uses["user-1"] = dict(held)
        steps = read_steps(REGISTRY, describe_steps(planned(found()).order()))
        theirs = [step for step in steps if step.resource in (API_KEYS.resource, PERSON.resource)]
        assert await UseLook(platform).find(theirs) == ({}, "")
        (person,) = (step for step in theirs if step.resource is PERSON.resource)
        used, _ = await UseLook(platform).find([person])
        assert list(used) == [person.call], "a key that stays does hold it up"
        await platform.aclose()


@pytest.mark.parametrize(
    ("others", "stays", "why"),
    [
        ([{"id": "user-2", "role": "owner"}], False, ""),
        ([{"id": "user-2", "role": "reader"}], True, "They are the last owner by now."),
        (b"no JSON", True, "It is not known whether anybody else is an owner"),
        (403, False, ""),
    ],
)
async def test_who_became_the_last_owner_since_the_plan_was_made_stays(others: Any, stays: bool, why: str) -> None:
    deleted = []
    owner = {"id": "user-1", "email": MAIL, "role": "owner"}

    def delete(_: Any) -> dict[str, Any]:
        deleted.append("user-1")
        return {"id": "user-1", "deleted": True}

    users = (
        others if not isinstance(others, list) else {"object": "list", "data": [owner, *others], "has_more": False}
    )
    path = "/organization/users"
    with odd_server({path: users, f"DELETE {path}/user-1": delete}) as url:
        platform = Platform(Client(Connection(base_url=url, admin_key=Secret(ADMIN_KEY))), REGISTRY)
        search = HoldingsSearch(platform, MAIL, "user-1")
        search.found.user, search.found.other_owner = PERSON.resource.record(owner), True
        search.update()
        plan = search.plan
        (step,) = steps = plan.order()
        plan_run = begin_plan(platform, "off-board", steps, plan, OwnerLook(search))
        await plan_run.end.wait()
        assert (deleted, plan_run.counts["used"]) == ([] if stays else ["user-1"], int(stays))
        assert why in str(plan_run.outcomes[step.call].error or "")
        remark = plan.remark(plan.steps[0]) if stays else None
        assert not stays or (remark and "owner" in remark.text)
        await platform.aclose()


@pytest.mark.parametrize(
    ("redacted", "matches"),
    [
        ("sk-admin-****zzzz", True),
        ("sk-admin...zzzz", True),
        ("sk-admin…zzzz", True),
        ("sk-proj-****zzzz", False),
        ("sk-admin-****zzzy", False),
        ("sk-admin-****", False),
        ("", False),
        (None, False),
        (7, False),
    ],
)
def test_a_key_is_told_by_what_is_left_to_see_of_it(redacted: object, matches: bool) -> None:
    assert matches_redacted(Secret("sk-admin-simulated-for-a-test-zzzz"), redacted) is matches
    assert not matches_redacted(None, redacted)


class Scripted:
    """A platform that answers the calls of a plan as told, each in turn, and then with success."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers, self.asked = list(answers), list[str]()

    async def act(self, _resource: object, _scope: object, record: Record, _action: object) -> None:
        self.asked.append(record.id)
        if self.answers and (answer := self.answers.pop(0)):
            raise answer


async def carry_out(platform: Any, plan: OffboardPlan) -> PlanRun:
    """Make the calls that remain, to their end."""
    run = PlanRun("off-board", plan.order(), partial(make_call, platform), plan)
    run.state = "running"
    await run.work()
    return run


def test_haste_is_waited_out_failures_are_passed_and_a_bad_key_ends_it() -> None:
    async def main(loop: VirtualLoop) -> None:
        plan = planned(found())
        haste = [RateLimited(429, retry_after=3.0)] * (TRIES + 1)
        platform: Any = Scripted(*haste[:2], None, Forbidden(403, "no"), *haste, Unauthorized(401))
        await carry_out(platform, plan)
        assert loop.time() == pytest.approx(3.0 * (2 + TRIES))
        states = [plan.state(step) for step in plan.steps]
        assert states == ["done", "failed", "failed", "failed", "planned", "planned", "planned"]
        platform = Scripted(Forbidden(403, "no"))
        await carry_out(platform, plan)
        assert platform.asked == ["key_c", "user-1", "user-1", "role_1", "invite-1"], "the user waits for the key"
        assert plan.state(plan.steps[-1]) == "failed"

    run(main)


def test_what_was_stopped_on_its_way_is_not_known() -> None:
    async def main(_loop: VirtualLoop) -> None:
        plan = planned(found())

        async def act(*_: object) -> None:
            await asyncio.Event().wait()

        tasks = Tasks()
        run = begin_plan(SimpleNamespace(act=act, tasks=tasks, scheduler=None), "off-board", plan.order(), plan)  # type: ignore[arg-type]
        await asyncio.sleep(0.1)
        assert plan.state(plan.steps[0]) == "running"
        tasks.cancel(run)
        await run.end.wait()
        assert plan.state(plan.steps[0]) == "unknown"
        assert len(plan.remaining) == len(plan.steps)

    run(main)


class Killed(BaseException):
    """The program is killed."""


class Mortal:
    """A platform of which a call `at` a number is the last that the program makes, done or not."""

    def __init__(self, at: int, *, is_done: bool) -> None:
        self.done: list[tuple[str, str]] = []
        self._at, self._is_done, self._dies = at, is_done, True

    async def act(self, resource: Resource, _scope: object, record: Record, _action: object) -> None:
        if (call := (resource.name, record.id)) in self.done:
            raise NotFound(404)
        dies, self._dies = self._dies and len(self.done) == self._at, self._dies and len(self.done) != self._at
        if self._is_done or not dies:
            self.done.append(call)
        if dies:
            raise Killed


@pytest.mark.parametrize("is_done", [False, True], ids=["before the call arrives", "before its answer does"])
def test_killed_at_any_call_a_plan_is_carried_out_by_another_and_nothing_is_done_twice(is_done: bool) -> None:
    async def main(_loop: VirtualLoop) -> None:
        for at in range(len(planned(found()).steps)):
            platform: Any = Mortal(at, is_done=is_done)
            with pytest.raises(BaseExceptionGroup):
                await carry_out(platform, planned(found()))
            plan = planned(found())
            await carry_out(platform, plan)
            assert {plan.state(step) for step in plan.steps} <= {"done", "gone"}
            assert len(platform.done) == len(set(platform.done)) == len(plan.steps)

    run(main)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """An organization to look at."""
    with served(scenario="busy", speed=SLOW) as server:
        yield server


class Terse(Client):
    """A platform that does not tell a user's projects, and says no to some lists."""

    async def page(self, operation: Any, *args: Any, **kwargs: Any) -> Page:
        if operation.name == "list-invites":
            raise Forbidden(403, "not for this key")
        return await super().page(operation, *args, **kwargs)

    async def call(self, operation: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        answer = await super().call(operation, *args, **kwargs)
        if operation.name == "retrieve-user":
            del answer["projects"]
        return answer


class Failing(Terse):
    """As well, the first project that is asked fails, again and again."""

    bad = ""

    async def call(self, operation: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        if operation.name == "retrieve-project-user":
            self.bad = self.bad or args[0]["project_id"]
            if args[0]["project_id"] == self.bad:
                raise ServerError(500)
        return await super().call(operation, *args, **kwargs)


class Odd(Client):
    """A platform that lists something among the invitations that is no object."""

    async def page(self, operation: Any, *args: Any, **kwargs: Any) -> Page:
        page = await super().page(operation, *args, **kwargs)
        return dataclasses.replace(page, items=[*page.items, None]) if operation.name == "list-invites" else page


async def test_what_is_listed_and_cannot_be_read_is_no_proof_that_nothing_is_held(server: Server) -> None:
    connection = Connection(base_url=server.url, admin_key=Secret(ADMIN_KEY), requests_per_minute=6_000)
    platform = Platform(Odd(connection), REGISTRY)
    holdings = HoldingsSearch(platform, "kenji.sato@acme.example")
    running = asyncio.ensure_future(platform.run())
    ends = holdings.subscribe(lambda: None)
    holdings.start()
    async with asyncio.timeout(30):
        while OPEN_INVITES.title not in holdings.found.gaps:
            await asyncio.sleep(0.01)
    assert not holdings.is_complete
    holdings.stop()
    ends()
    running.cancel()
    await platform.aclose()


async def test_one_project_that_fails_hides_nothing_else(server: Server) -> None:
    connection = Connection(
        base_url=server.url,
        project_key=Secret(PROJECT_KEY),
        admin_key=Secret(ADMIN_KEY),
        requests_per_minute=6_000,
    )
    platform = Platform(Failing(connection), REGISTRY)
    holdings = HoldingsSearch(platform, "kenji.sato@acme.example")
    running = asyncio.ensure_future(platform.run())
    ends = holdings.subscribe(lambda: None)
    holdings.start()
    async with asyncio.timeout(30):
        while not ("later" in holdings.progress and holdings.keys.collection.complete):
            await asyncio.sleep(0.01)
    assert not holdings.is_complete
    assert " projects could not be read: proj_" in holdings.found.gaps[PROJECTS.title]
    assert "(500); asked again later." in holdings.found.gaps[PROJECTS.title]
    assert len(holdings.found.of_kind(PROJECTS)) >= 2
    assert holdings.is_known(GIVEN_ROLES) and holdings.is_known(GROUPS)
    holdings.stop()
    ends()
    running.cancel()
    await platform.aclose()


async def test_projects_not_told_are_asked_one_by_one_and_keys_not_listed_are_found(server: Server) -> None:
    connection = Connection(
        base_url=server.url,
        project_key=Secret(PROJECT_KEY),
        admin_key=Secret(ADMIN_KEY),
        requests_per_minute=6_000,
    )
    whole, terse = (Platform(kind(connection), REGISTRY) for kind in (Client, Terse))
    terse.watch(API_KEYS.resource).set_query({"owner_project_access": "active"})
    plans = []
    for platform in (whole, terse):
        holdings = HoldingsSearch(platform, "kenji.sato@acme.example")
        running = asyncio.ensure_future(platform.run())
        ends = holdings.subscribe(lambda: None)
        holdings.start()
        async with asyncio.timeout(30):
            while not holdings.is_complete:
                await asyncio.sleep(0.01)
        holdings.stop()
        ends()
        plans.append((sorted(step.call for step in holdings.plan.steps), dict(holdings.found.gaps)))
        running.cancel()
        await platform.aclose()
    (full, none), (asked, gaps) = plans
    assert asked == full
    assert sum("/users/user-" in call and "/projects/" in call for call in full) == 3
    assert "inactive" in [one.record.at("owner_project_access") for one in holdings.found.keys]
    assert not none
    assert list(gaps) == [OPEN_INVITES.title]
