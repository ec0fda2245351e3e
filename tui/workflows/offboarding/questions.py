"""The requests that find out what a person holds, and reading their answers."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, NotFound
from tui.api.retries import backoff, seconds_until
from tui.live import shortfall
from tui.resources.organization.admin_keys import ADMIN_KEYS
from tui.resources.organization.audit import AUDIT
from tui.resources.organization.groups import GROUP_USERS
from tui.resources.organization.groups import GROUPS as GROUP_LIST
from tui.resources.organization.members import PROJECT_USERS
from tui.resources.organization.people import INVITES, USERS
from tui.resources.organization.projects import PROJECTS as PROJECT_LIST
from tui.resources.organization.roles import USER_ROLES
from tui.workflows.offboarding.kinds import (
    ADMIN_API_KEYS,
    EVENTS,
    GIVEN_ROLES,
    GROUPS,
    OPEN_INVITES,
    PERSON,
    PROJECTS,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from tui.api.client import Client
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.workflows.offboarding.holdings import Holdings
    from tui.workflows.offboarding.kinds import HoldingKind

RETRY, LONGEST = 30.0, 600.0  # seconds until a question that failed is asked again: at first, and at most
NEWEST = 8  # entries of the audit log worth seeing


@dataclass(slots=True, eq=False)
class HoldingsQuery:
    """One question: `about` is the title of the kind it belongs to, `of` the id where many are asked one by one.

    `tries` counts its failures in a row, and `due` is when to ask again (local clock).
    """

    about: str
    ask: Callable[[], Awaitable[None]]
    of: str = ""
    tries: int = 0
    due: float = 0.0

    def seconds_left(self, now: float) -> float:
        """Return the seconds until it is to be asked, at a time (local clock)."""
        return seconds_until(self.due, now, LONGEST)

    def put_off(self, now: float) -> None:
        """Ask it again later, as it failed at a time (local clock)."""
        self.tries += 1
        self.due = now + backoff(self.tries, LONGEST, first=RETRY)


class Questions:
    """The questions still to be asked about a person, the next one first; their answers go into `found`.

    An answer may lead to more questions, which are asked right after it.
    """

    def __init__(self, client: Client, found: Holdings, user_id: str) -> None:
        self.waiting: deque[HoldingsQuery] = deque()
        self.total = 0
        """How many there are, with those already asked."""
        self._client, self._found, self._user_id = client, found, user_id
        self._places: dict[HoldingKind, set[str]] = {}  # the ids a kind is asked for one by one

    def begin(self) -> None:
        """Start from the first questions again."""
        self.waiting.clear()
        self.total = 0
        self._places.clear()
        self._ask(PERSON.title, self._find_user)
        self._ask(ADMIN_API_KEYS.title, self._read_admin_keys)
        self._ask(OPEN_INVITES.title, self._read_invites)
        self._ask(EVENTS.title, self._read_events)

    def count_places(self, about: str) -> int:
        """Return how many objects of the kind with this title are asked one by one."""
        return next((len(ids) for kind, ids in self._places.items() if kind.title == about), 0)

    def bring_to_front(self, now: float) -> HoldingsQuery | None:
        """Move the next question due at `now` (local clock) to the front and return it, or None."""
        question = next((each for each in self.waiting if not each.seconds_left(now)), None)
        if question is not None:
            self.waiting.remove(question)
            self.waiting.appendleft(question)
        return question

    def _ask(self, about: str, ask: Callable[[], Awaitable[None]], *, of: str = "", next_: bool = False) -> None:
        self.total += 1
        question = HoldingsQuery(about, ask, of)
        if next_:
            self.waiting.insert(1, question)  # behind the one that is being asked
        else:
            self.waiting.append(question)

    async def _read_list(
        self, resource: Resource, scope: Mapping[str, str], **query: Any
    ) -> AsyncIterator[Record]:
        """Yield all objects of a list. Raises ApiError, also for a list that breaks off or holds no objects."""
        assert resource.list
        asked = {**resource.query, **query}
        pages = self._client.pages(resource.list, scope, query=asked, limit=resource.page_max)
        odd = False
        async for page in pages:
            for item in page.items:
                if isinstance(item, dict):
                    yield resource.record(item)
                else:
                    odd = True
            odd = odd or bool(page.doubled)  # nobody knows which of two with one id is right
            if page.has_more and page.next is None:
                raise shortfall.describe_cut()
        if odd:
            raise shortfall.describe_unreadable()

    async def _read_one(self, resource: Resource, scope: Mapping[str, str]) -> dict[str, Any]:
        assert resource.get
        return await self._client.call(resource.get, scope)

    async def _find_user(self) -> None:
        """Find the user, and add the questions that need their id."""
        found, id_ = self._found, self._user_id
        if not id_:
            async for user in self._read_list(USERS, {}, **{"emails[]": [found.mail]}):
                if str(user.at("email")).casefold() == found.mail.casefold():
                    id_ = user.id
                    break
        try:
            found.user = USERS.record(await self._read_one(USERS, {"user_id": id_})) if id_ else None
        except NotFound:
            found.user = None
        found.user_looked_for, found.user_removed = True, False
        if found.user is None:
            return
        self._user_id = found.user.id
        found.mail = str(found.user.at("email") or found.mail)
        found.known_ids.add(found.user.id)
        for about, question in (
            (GROUPS.title, self._ask_groups),
            (GIVEN_ROLES.title, self._read_roles),
            *([(PERSON.title, self.find_other_owner)] if found.user.at("role") == "owner" else []),
        ):
            self._ask(about, question, next_=True)
        self._take_memberships(found.user)

    def _take_memberships(self, user: Record) -> None:
        """Take the projects that came with the user; where none did, each project is asked."""
        told = user.at("projects.data")
        if not isinstance(told, list):
            self._ask(PROJECTS.title, self._ask_projects, next_=True)
            return
        self._found.joined[PROJECTS] = {}
        for one in told:
            if isinstance(one, dict) and isinstance(one.get("id"), str):
                self._add_project(one, {"role": one.get("role")})

    def _add_project(self, project: Mapping[str, Any], member: Mapping[str, Any]) -> None:
        place = {"id": project["id"], "name": project.get("name")}
        record = PROJECT_USERS.record({**member, "id": self._user_id, "project": place})
        self._found.joined.setdefault(PROJECTS, {})[project["id"]] = record

    async def _ask_projects(self) -> None:
        await self._ask_each(PROJECTS, PROJECT_LIST, self._check_project)

    async def _check_project(self, project: Record) -> None:
        path = {"project_id": project.id, "user_id": self._user_id}
        try:
            self._add_project(project.raw, await self._read_one(PROJECT_USERS, path))
        except NotFound:
            self._found.joined[PROJECTS].pop(project.id, None)

    async def _ask_groups(self) -> None:
        await self._ask_each(GROUPS, GROUP_LIST, self._check_group)

    async def _check_group(self, group: Record) -> None:
        try:
            member = await self._read_one(GROUP_USERS, {"group_id": group.id, "user_id": self._user_id})
        except NotFound:
            self._found.joined[GROUPS].pop(group.id, None)
            return
        record = GROUP_USERS.record({**member, "id": self._user_id, "group": group.raw})
        self._found.joined[GROUPS][group.id] = record

    async def _ask_each(
        self, kind: HoldingKind, parent: Resource, question: Callable[[Record], Awaitable[None]]
    ) -> None:
        """Ask each object of a list whether the user is in it."""
        places: dict[str, Record] = {}
        asked = self._places.setdefault(kind, set())
        try:
            async for place in self._read_list(parent, {}):
                if place.id:
                    places[place.id] = place
            joined = self._found.joined.get(kind, {})
            self._found.joined[kind] = {id_: one for id_, one in joined.items() if id_ in places}
        finally:  # where the list fails on the way, those that came are asked all the same
            self._found.joined.setdefault(kind, {})
            for id_ in [id_ for id_ in reversed(places) if id_ not in asked]:
                self._ask(kind.title, partial(question, places[id_]), of=id_, next_=True)
            asked |= places.keys()

    async def _read_roles(self) -> None:
        """Find the roles given to the user directly; those that come from the user or a group end with it."""

        def own(role: Record) -> bool:
            sources = role.at("assignment_sources")
            principals = [one.get("principal_id") for one in sources or () if isinstance(one, dict)]
            return not role.at("predefined_role") and (not principals or self._user_id in principals)

        roles = self._read_list(USER_ROLES, {"user_id": self._user_id})
        user = {"user": {"id": self._user_id}}
        await self._read_kind(
            GIVEN_ROLES, (USER_ROLES.record({**role.raw, **user}) async for role in roles if own(role))
        )

    async def _read_kind(self, kind: HoldingKind, records: AsyncIterator[Record]) -> None:
        """Put the records of a list into `found`; where it fails on the way, beside what was known."""
        came: dict[str, Record] = {}
        try:
            async for record in records:
                came[record.id] = record
        except ApiError:
            self._found.joined[kind] = self._found.joined.get(kind, {}) | came
            raise
        self._found.joined[kind] = came

    async def find_other_owner(self) -> None:
        """Find out whether anybody else is an owner; stops reading at the first one."""
        async for user in self._read_list(USERS, {}):
            if user.at("role") == "owner" and user.id != self._user_id:
                self._found.other_owner = True
                return
        self._found.other_owner = False

    async def _read_admin_keys(self) -> None:
        found = self._found
        found.joined[ADMIN_API_KEYS] = {key.id: key for key in found.admin_keys}
        try:
            await self._read_kind(ADMIN_API_KEYS, self._read_list(ADMIN_KEYS, {}))
        finally:
            found.admin_keys = list(found.joined.pop(ADMIN_API_KEYS).values())

    async def _read_invites(self) -> None:
        """Find the invites to this address that are still open."""
        mail = self._found.mail.casefold()

        def open_(invite: Record) -> bool:
            return str(invite.at("email")).casefold() == mail and invite.object.status == "pending"

        await self._read_kind(
            OPEN_INVITES, (invite async for invite in self._read_list(INVITES, {}) if open_(invite))
        )

    async def _read_events(self) -> None:
        assert AUDIT.list
        page = await self._client.page(AUDIT.list, query={"actor_emails[]": [self._found.mail]}, limit=NEWEST)
        self._found.events = [AUDIT.record(item) for item in page.items if isinstance(item, dict)][:NEWEST]
