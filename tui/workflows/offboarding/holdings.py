"""Finding out what a person holds: a question here, a question there, within the request budget. No Textual."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, NotFound
from tui.api.operation import Key
from tui.api.retries import backoff
from tui.live import shortfall
from tui.live.listeners import Listeners, end_all
from tui.live.polling.poller import Poller
from tui.resources.organization.audit import AUDIT
from tui.resources.organization.groups import GROUP_USERS
from tui.resources.organization.groups import GROUPS as GROUP_LIST
from tui.resources.organization.keys import ADMIN_KEYS, KEYS
from tui.resources.organization.members import PROJECT_USERS
from tui.resources.organization.people import INVITES, USERS
from tui.resources.organization.projects import PROJECTS as PROJECT_LIST
from tui.resources.organization.roles import USER_ROLES
from tui.workflows.offboarding.plan import (
    ADMINS,
    API_KEYS,
    EVENTS,
    GIVEN,
    GROUPS,
    OPEN,
    PERSON,
    PROJECTS,
    Found,
    OffboardPlan,
    Owned,
    Part,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from tui.live.platform import Platform
    from tui.live.polling.poller import Health
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource

NEWEST = 8  # entries of the audit log worth seeing
FRESH = 60.0  # seconds for which the list of all keys need not be read anew
STEP = 2.0  # seconds between rounds of questions while the budget is used up
RETRY, LONGEST = 30.0, 600.0  # seconds until a question that failed is asked again: at first, and at most


@dataclass(slots=True, eq=False)
class HoldingsQuery:
    """Something to ask: the part it is `about`, the call, and of one among many the id (`of`).

    `tries` counts its failures in a row, and `due` is when to ask again (local clock).
    """

    about: str
    ask: Callable[[], Awaitable[None]]
    of: str = ""
    tries: int = 0
    due: float = 0.0


class Holdings(Poller):
    """Looks once for all that a person holds, and again when asked to: `plan` grows meanwhile.

    The keys of all projects come from their own list, which may be there already. A part that is refused or fails
    is noted, and the rest goes on; what failed is asked again later, less often each time.
    """

    def __init__(
        self, platform: Platform, mail: str, user_id: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(platform.scheduler, clock)
        self._client, self._user_id = platform.client, user_id
        self._listeners: Listeners[[]] = Listeners()
        self._questions: deque[HoldingsQuery] = deque()
        self._total = 0
        self._in_a_row = 0  # questions that failed one after another
        self._failed: dict[HoldingsQuery, ApiError] = {}
        self._places: dict[Part, set[str]] = {}  # the ids a part is asked for one by one
        self.keys = platform.watch(KEYS)
        if self.keys.query != KEYS.query:  # somebody lists some of them: here all are wanted
            self.keys = platform.watch(replace(KEYS, name="keys-of-everybody"))
        self.found = Found(mail)
        self.plan = OffboardPlan(self.found, self._client.connection.key(Key.ADMIN))
        self._begin()

    # For screens

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when more is known, or its freshness changed. Return what ends that."""
        return end_all(
            self._listeners.add(listener),
            self.keys.subscribe(lambda delta: self.tell(keys=bool(delta)), lambda _: self._notify()),
            self.listen(lambda _: self._notify()),
        )

    def start(self) -> None:
        """Start watching: this and the list of all keys."""
        if self.keys.health.since < self._clock() - FRESH:
            self.keys.outdate()
        self.keys.start()
        super().start()
        self.tell(keys=True)

    def stop(self) -> None:
        """Stop watching; what runs is cancelled and asked again when somebody looks."""
        super().stop()
        self.keys.stop()

    def look_again(self) -> None:
        """Ask everything anew."""
        self.plan.look_again()
        self._begin()
        for each in (self, self.keys):
            each.outdate()

    @property
    def complete(self) -> bool:
        """Whether all was looked at."""
        return not self._questions and self.keys.collection.complete

    def looked_at(self, part: Part) -> bool:
        """Whether all that is held of a kind is known."""
        keys = self.keys.collection.complete
        if part in (API_KEYS, ADMINS) and not keys:  # a key may tell whose the others are
            return False
        return not any(question.about in (part.title, PERSON.title) for question in self._questions)

    @property
    def progress(self) -> str:
        """How far it came; "" once all was looked at."""
        asked, now = self._total - len(self._questions), self._clock()
        due = next((question for question in self._questions if question.due <= now), None)
        parts = [f"{due.about.lower()} {asked}/{self._total}"] if due else []
        if self._questions and not due:
            parts = [f"{len(self._questions):,} asked again later"]
        return " · ".join(filter(None, (*parts, self.keys.progress)))

    @property
    def worst(self) -> Health:
        """The health of what is in the worse state."""
        return self.health if self.health.error or not self.keys.health.error else self.keys.health

    def tell(self, *, keys: bool = False) -> None:
        """Have the plan hold what is known by now, with `keys` also of them, and whoever listens hear of it."""
        if keys:
            self.found.keys = [Owned.of(record) for record in self.keys.collection.records.values()]
        if unread := self.keys.unread:
            self.found.gaps[API_KEYS.title] = unread
        else:
            self.found.gaps.pop(API_KEYS.title, None)
        self.plan.update()
        self._notify()

    def _notify(self) -> None:
        self._listeners.tell()

    # Asking

    def _begin(self) -> None:
        self._questions.clear()
        self._total = 0
        self._failed.clear()
        self._places.clear()
        self.found.gaps.clear()
        self._ask(PERSON.title, self._user)
        self._ask(ADMINS.title, self._admin_keys)
        self._ask(OPEN.title, self._invites)
        self._ask(EVENTS.title, self._events)

    def _ask(self, about: str, ask: Callable[[], Awaitable[None]], *, of: str = "", next_: bool = False) -> None:
        self._total += 1
        question = HoldingsQuery(about, ask, of)
        if next_:
            self._questions.insert(1, question)  # behind the one that is being asked
        else:
            self._questions.append(question)

    def _pace(self) -> tuple[float, float]:
        if not self._questions:
            return float("inf"), float("inf")
        wait = max(STEP, min(question.due for question in self._questions) - self._clock())
        return wait, wait

    async def _round(self) -> bool:
        """Ask as many questions as there is room for, at least one.

        Raises ApiError where the fault is not the question's: it is asked again then, or once several failed one
        after another the rest is when the server had time.
        """
        while self._to_front():
            asked, failure = self._questions[0], None
            try:
                await asked.ask()
            except ApiError as error:
                if shortfall.affects_all(error):
                    raise
                failure = error
            if not self._questions or self._questions[0] is not asked:
                continue  # everything is asked anew
            self._questions.popleft()
            self._note(asked, failure)
            if failure and not failure.about_object:
                asked.tries += 1
                asked.due = self._clock() + backoff(asked.tries, LONGEST, first=RETRY)
                self._questions.append(asked)
            self.tell()
            if failure and self._in_a_row >= shortfall.IN_A_ROW:
                raise failure
            if self._scheduler.room <= 0:
                break
        return True

    def _to_front(self) -> bool:
        """Bring the next question that is due to the front. Whether there is one."""
        now = self._clock()
        at = next((at for at, question in enumerate(self._questions) if question.due <= now), None)
        if at is None:
            return False
        question = self._questions[at]
        del self._questions[at]
        self._questions.appendleft(question)
        return True

    def _note(self, question: HoldingsQuery, failure: ApiError | None) -> None:
        """Note what of a part cannot be seen, and why."""
        self._in_a_row = self._in_a_row + 1 if isinstance(failure, shortfall.PASSING) else 0
        self._failed.pop(question, None)
        if failure:
            self._failed[question] = failure
        about = question.about
        failed = [(each.of, error) for each, error in self._failed.items() if each.about == about]
        many = {id_: error for id_, error in failed if id_}
        later = any(not error.about_object for _, error in failed)
        asked = next((len(ids) for part, ids in self._places.items() if part.title == about), 0)
        told = [error.sentence for id_, error in failed if not id_]
        told += filter(
            None, [shortfall.describe_missing(about.lower(), asked, many, "asked again later" if later else "")]
        )
        self.found.gaps.pop(about, None)
        if told:
            self.found.gaps[about] = " ".join(told)

    async def _items(self, resource: Resource, scope: Mapping[str, str], **query: Any) -> AsyncIterator[Record]:
        """All objects of a list."""
        assert resource.list
        asked = {**resource.query, **query}
        pages = self._client.pages(resource.list, scope, query=asked, limit=resource.page_max)
        async for page in pages:
            for item in page.items:
                if isinstance(item, dict):
                    yield resource.record(item)
            if page.has_more and page.next is None:
                raise shortfall.cut_off()

    async def _one(self, resource: Resource, scope: Mapping[str, str]) -> dict[str, Any]:
        assert resource.get
        return await self._client.call(resource.get, scope)

    async def _user(self) -> None:
        """Find the user, and by that what else to ask."""
        found, id_ = self.found, self._user_id
        if not id_:
            async for user in self._items(USERS, {}, **{"emails[]": [found.mail]}):
                if str(user.at("email")).casefold() == found.mail.casefold():
                    id_ = user.id
                    break
        try:
            found.user = USERS.record(await self._one(USERS, {"user_id": id_})) if id_ else None
        except NotFound:
            found.user = None
        found.sought, found.left = True, False
        if found.user is None:
            return
        self._user_id = found.user.id
        found.mail = str(found.user.at("email") or found.mail)
        found.goes_by.add(found.user.id)
        for about, question in (
            (GROUPS.title, self._groups),
            (GIVEN.title, self._roles),
            *([(PERSON.title, self._owners)] if found.user.at("role") == "owner" else []),
        ):
            self._ask(about, question, next_=True)
        self._memberships(found.user)

    def _memberships(self, user: Record) -> None:
        """Take the projects that came with the user; where none did, each project is asked."""
        told = user.at("projects.data")
        if not isinstance(told, list):
            self._ask(PROJECTS.title, self._projects, next_=True)
            return
        self.found.joined[PROJECTS] = {}
        for one in told:
            if isinstance(one, dict) and isinstance(one.get("id"), str):
                self._join(one, {"role": one.get("role")})

    def _join(self, project: Mapping[str, Any], member: Mapping[str, Any]) -> None:
        place = {"id": project["id"], "name": project.get("name")}
        record = PROJECT_USERS.record({**member, "id": self._user_id, "project": place})
        self.found.joined.setdefault(PROJECTS, {})[project["id"]] = record

    async def _projects(self) -> None:
        await self._each(PROJECTS, PROJECT_LIST, self._in_project)

    async def _in_project(self, project: Record) -> None:
        path = {"project_id": project.id, "user_id": self._user_id}
        try:
            self._join(project.raw, await self._one(PROJECT_USERS, path))
        except NotFound:
            self.found.joined[PROJECTS].pop(project.id, None)

    async def _groups(self) -> None:
        await self._each(GROUPS, GROUP_LIST, self._in_group)

    async def _in_group(self, group: Record) -> None:
        try:
            member = await self._one(GROUP_USERS, {"group_id": group.id, "user_id": self._user_id})
        except NotFound:
            self.found.joined[GROUPS].pop(group.id, None)
            return
        record = GROUP_USERS.record({**member, "id": self._user_id, "group": group.raw})
        self.found.joined[GROUPS][group.id] = record

    async def _each(self, part: Part, parent: Resource, question: Callable[[Record], Awaitable[None]]) -> None:
        """Ask each object of a list whether the user is in it."""
        places: dict[str, Record] = {}
        asked = self._places.setdefault(part, set())
        try:
            async for place in self._items(parent, {}):
                if place.id:
                    places[place.id] = place
            joined = self.found.joined.get(part, {})
            self.found.joined[part] = {id_: one for id_, one in joined.items() if id_ in places}
        finally:  # where the list fails on the way, those that came are asked all the same
            self.found.joined.setdefault(part, {})
            for id_ in [id_ for id_ in reversed(places) if id_ not in asked]:
                self._ask(part.title, partial(question, places[id_]), of=id_, next_=True)
            asked |= places.keys()

    async def _roles(self) -> None:
        """The roles given to the user themselves; what comes with the user or a group ends with that."""

        def own(role: Record) -> bool:
            sources = role.at("assignment_sources")
            principals = [one.get("principal_id") for one in sources or () if isinstance(one, dict)]
            return not role.at("predefined_role") and (not principals or self._user_id in principals)

        roles = self._items(USER_ROLES, {"user_id": self._user_id})
        user = {"user": {"id": self._user_id}}
        await self._take(GIVEN, (USER_ROLES.record({**role.raw, **user}) async for role in roles if own(role)))

    async def _take(self, part: Part, records: AsyncIterator[Record]) -> None:
        """Hold what a list has of a part; where it fails on the way, what came beside what was there."""
        came: dict[str, Record] = {}
        try:
            async for record in records:
                came[record.id] = record
        except ApiError:
            self.found.joined[part] = self.found.joined.get(part, {}) | came
            raise
        self.found.joined[part] = came

    async def _owners(self) -> None:
        """Whether anybody else is an owner, read no further than to the first."""
        async for user in self._items(USERS, {}):
            if user.at("role") == "owner" and user.id != self._user_id:
                self.found.other_owner = True
                return
        self.found.other_owner = False

    async def _admin_keys(self) -> None:
        found = self.found
        found.joined[ADMINS] = {key.id: key for key in found.admin_keys}
        try:
            await self._take(ADMINS, self._items(ADMIN_KEYS, {}))
        finally:
            found.admin_keys = list(found.joined.pop(ADMINS).values())

    async def _invites(self) -> None:
        """Those still open."""
        mail = self.found.mail.casefold()

        def open_(invite: Record) -> bool:
            return str(invite.at("email")).casefold() == mail and invite.object.status == "pending"

        await self._take(OPEN, (invite async for invite in self._items(INVITES, {}) if open_(invite)))

    async def _events(self) -> None:
        assert AUDIT.list
        page = await self._client.page(AUDIT.list, query={"actor_emails[]": [self.found.mail]}, limit=NEWEST)
        self.found.events = [AUDIT.record(item) for item in page.items if isinstance(item, dict)][:NEWEST]
