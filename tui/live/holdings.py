"""Finding out what a person holds: a question here, a question there, within the request budget. No Textual."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from tui.api.errors import BadAnswer, Forbidden, Invalid, NotFound
from tui.api.operation import Key
from tui.live.offboarding import (
    ADMINS,
    API_KEYS,
    EVENTS,
    GIVEN,
    GROUPS,
    OPEN,
    PERSON,
    PROJECTS,
    Found,
    Owned,
    Part,
    Plan,
)
from tui.live.poller import Poller, attach
from tui.resources.organization.audit import AUDIT
from tui.resources.organization.groups import GROUP_USERS
from tui.resources.organization.groups import GROUPS as GROUP_LIST
from tui.resources.organization.keys import ADMIN_KEYS, KEYS
from tui.resources.organization.members import PROJECT_USERS
from tui.resources.organization.people import INVITES, USERS
from tui.resources.organization.projects import PROJECTS as PROJECT_LIST
from tui.resources.organization.roles import USER_ROLES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from tui.live.platform import Platform
    from tui.live.poller import Health
    from tui.resources.base import Resource
    from tui.resources.objects import Record

    Question = tuple[str, Callable[[], Awaitable[None]]]  # what it is about, and asking it

ANSWERS = (NotFound, Forbidden, Invalid, BadAnswer)  # what asking again would not change
NEWEST = 8  # entries of the audit log worth seeing
FRESH = 60.0  # seconds for which the list of all keys need not be read anew
STEP = 2.0  # seconds between rounds of questions while the budget is used up


class Holdings(Poller):
    """Looks once for all that a person holds, and again when asked to: `plan` grows meanwhile.

    The keys of all projects come from their own list, which may be there already. A part that is refused is
    noted, and the rest goes on; what failed on the way is asked again.
    """

    def __init__(
        self, platform: Platform, mail: str, user_id: str = "", clock: Callable[[], float] = time.time
    ) -> None:
        super().__init__(platform.scheduler, clock)
        self._client, self._user_id = platform.client, user_id
        self._listeners: list[Callable[[], None]] = []
        self._questions: deque[Question] = deque()
        self._total = 0
        self.keys = platform.watch(KEYS)
        if self.keys.query != KEYS.query:  # somebody lists some of them: here all are wanted
            self.keys = platform.watch(replace(KEYS, name="keys-of-everybody"))
        self.found = Found(mail)
        self.plan = Plan(self.found, self._client.connection.key(Key.ADMIN))
        self._begin()

    # For screens

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Hear that more is known, or how fresh it is. Returns what ends that."""
        ends = (
            attach(self._listeners, listener),
            self.keys.subscribe(lambda delta: self.tell(keys=bool(delta)), lambda _: self._notify()),
            self.listen(lambda _: self._notify()),
        )

        def end() -> None:
            for each in ends:
                each()

        return end

    def start(self) -> None:
        """Somebody looks."""
        if self.keys.health.since < self._clock() - FRESH:
            self.keys.outdate()
        self.keys.start()
        super().start()
        self.tell(keys=True)

    def stop(self) -> None:
        """Somebody looks no more; what runs is cancelled and asked again when somebody looks."""
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
        return not any(about in (part.title, PERSON.title) for about, _ in self._questions)

    @property
    def progress(self) -> str:
        """How far it came; "" once all was looked at."""
        asked = self._total - len(self._questions)
        parts = [f"{self._questions[0][0].lower()} {asked}/{self._total}"] if self._questions else []
        return " · ".join(filter(None, (*parts, self.keys.progress)))

    @property
    def worst(self) -> Health:
        """The health of what is in the worse state."""
        return self.health if self.health.error or not self.keys.health.error else self.keys.health

    def tell(self, *, keys: bool = False) -> None:
        """Have the plan hold what is known by now, with `keys` also of them, and whoever listens hear of it."""
        if keys:
            self.found.keys = [Owned.of(record) for record in self.keys.collection.records.values()]
        self.plan.update()
        self._notify()

    def _notify(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    # Asking

    def _begin(self) -> None:
        self._questions.clear()
        self._total = 0
        self.found.gaps.clear()
        self._ask(PERSON.title, self._user)
        self._ask(ADMINS.title, self._admin_keys)
        self._ask(OPEN.title, self._invites)
        self._ask(EVENTS.title, self._events)

    def _ask(self, about: str, question: Callable[[], Awaitable[None]], *, next_: bool = False) -> None:
        self._total += 1
        if next_:
            self._questions.insert(1, (about, question))  # behind the one that is being asked
        else:
            self._questions.append((about, question))

    def _pace(self) -> tuple[float, float]:
        return (STEP, STEP) if self._questions else (float("inf"), float("inf"))

    async def _round(self) -> bool:
        """Ask as many questions as there is room for, at least one. Raises ApiError; it was not answered then."""
        while self._questions:
            asked = self._questions[0]
            try:
                await asked[1]()
            except ANSWERS as error:
                self.found.gaps[asked[0]] = error.sentence
            if not self._questions or self._questions[0] is not asked:
                continue  # everything is asked anew
            self._questions.popleft()
            self.tell()
            if self._scheduler.room <= 0:
                break
        return True

    async def _items(self, resource: Resource, scope: Mapping[str, str], **query: Any) -> AsyncIterator[Record]:
        """All objects of a list."""
        assert resource.list
        asked = {**resource.query, **query}
        pages = self._client.pages(resource.list, scope, query=asked, limit=resource.page_max)
        async for page in pages:
            for item in page.items:
                if isinstance(item, dict):
                    yield resource.record(item)

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
        places = [place async for place in self._items(parent, {})]
        joined, ids = self.found.joined.get(part, {}), {place.id for place in places}
        self.found.joined[part] = {id_: one for id_, one in joined.items() if id_ in ids}
        for place in reversed(places):
            self._ask(part.title, partial(question, place), next_=True)

    async def _roles(self) -> None:
        """The roles given to the user themselves; what comes with the user or a group ends with that."""
        given: dict[str, Record] = {}
        async for role in self._items(USER_ROLES, {"user_id": self._user_id}):
            sources = role.at("assignment_sources")
            principals = [one.get("principal_id") for one in sources or () if isinstance(one, dict)]
            if not role.at("predefined_role") and (not principals or self._user_id in principals):
                given[role.id] = USER_ROLES.record({**role.raw, "user": {"id": self._user_id}})
        self.found.joined[GIVEN] = given

    async def _owners(self) -> None:
        """Whether anybody else is an owner, read no further than to the first."""
        async for user in self._items(USERS, {}):
            if user.at("role") == "owner" and user.id != self._user_id:
                self.found.other_owner = True
                return
        self.found.other_owner = False

    async def _admin_keys(self) -> None:
        self.found.admin_keys = [key async for key in self._items(ADMIN_KEYS, {})]

    async def _invites(self) -> None:
        """Those still open."""
        mail = self.found.mail.casefold()
        self.found.joined[OPEN] = {
            invite.id: invite
            async for invite in self._items(INVITES, {})
            if str(invite.at("email")).casefold() == mail and invite.object.status == "pending"
        }

    async def _events(self) -> None:
        assert AUDIT.list
        page = await self._client.page(AUDIT.list, query={"actor_emails[]": [self.found.mail]}, limit=NEWEST)
        self.found.events = [AUDIT.record(item) for item in page.items if isinstance(item, dict)][:NEWEST]
