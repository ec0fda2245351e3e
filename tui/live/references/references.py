"""What is known of who names which file: read from all lists, and added to by every answer since."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError
from tui.live.listeners import Listeners
from tui.live.patience import insist
from tui.live.references.answers import AnswerReader
from tui.live.references.naming import HOLDERS, Reference
from tui.resources.files import FILES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.api.client import Client
    from tui.api.operation import Operation
    from tui.live.references.naming import Users
    from tui.live.references.walk import ReferenceWalk, ScopeOf
    from tui.resources.language.resource import Resource
    from tui.system.state_file import StateFile

GOOD_FOR = 1_800.0  # seconds until they are read anew


class References:
    """What is known of who names which file, kept from one start to the next and read anew every half hour."""

    def __init__(
        self,
        client: Client,
        registry: Mapping[str, Resource],
        scope_of: ScopeOf,
        now: Callable[[], float],
    ) -> None:
        self.users: Users = {}
        self.version = 0
        """Grows when they are others altogether."""
        self.news: set[str] = set()
        """The files of which something changed since they were; whoever shows them takes them out."""
        self.read_at = 0.0
        """When they were read to the end, in unix seconds; 0 for never."""
        self.began_at = 0.0
        """When that reading began: what was made later may be named, and not be among them."""
        self.missing: dict[str, str] = {}
        """Why a list could not be read, by its resource."""
        self._parts = client, registry, scope_of
        self._reader = AnswerReader(registry)
        self._listeners: Listeners[[]] = Listeners()
        # What changed while they are read: by a file and what uses it what is noted, or None for no longer.
        self._meanwhile: dict[tuple[str, str], Reference | None] = {}
        self._is_written = True  # whether the file has all that is known
        self.now = now
        """Returns the server's time, in unix seconds."""
        self._file: StateFile | None = None
        self._walk: ReferenceWalk | None = None
        self._turn = asyncio.Lock()

    def keep_in(self, file: StateFile) -> None:
        """Take up what an earlier run has kept in a file, and keep there what is read from now on."""
        self._file = file
        if kept := file.read(_read_kept):
            users, self.read_at, self.began_at, self.missing = kept
            for id_, known in self.users.items():  # what this run was told already
                users.setdefault(id_, {}).update(known)
            self._hold(users)

    @property
    def is_kept(self) -> bool:
        """Whether they are kept for the next start."""
        return self._file is not None

    @property
    def is_known(self) -> bool:
        """Whether they were read to the end, now or lately."""
        return self.read_at > 0

    @property
    def is_whole(self) -> bool:
        """Whether what no object is known to name is named by none."""
        return self.is_known and not self.missing

    @property
    def is_fresh(self) -> bool:
        """Whether all of it was read lately: what is new since then stands on the first pages."""
        return self.is_whole and self.now() < self.read_at + GOOD_FOR

    @property
    def is_due(self) -> bool:
        """Whether they are to be read, or are being read."""
        return self._walk is not None or self.now() >= self.read_at + GOOD_FOR

    @property
    def progress(self) -> str:
        """How far the reading is; "" while none is under way."""
        return self._walk.progress if self._walk else ""

    def outdate(self) -> None:
        """Read them anew when there is time."""
        if self._walk is None:
            self.read_at = min(self.read_at, self.now() - GOOD_FOR)

    async def step(self) -> bool:
        """Read a page more; return whether that was the last. Raises ApiError where it may be read later."""
        async with self._turn:
            if not self.is_due:  # somebody else has read the last
                return True
            if self._walk is None:
                self._walk = self._make_walk()
                self._meanwhile.clear()
            walk = self._walk
            if not walk.is_over:  # the last list may have been left out
                await walk.step()
            if not walk.is_over:
                return False
            self._take(walk)
            return True

    async def read(self, on_progress: Callable[[str], object]) -> None:
        """Read them to the end; a list that cannot be read is left out. Raises ApiError where none can."""
        walk = self._make_walk()
        while not walk.is_over:
            on_progress(f"what uses files: {walk.progress}")
            try:
                await insist(walk.step)
            except ApiError as error:
                walk.leave_out(error)
        on_progress("")
        if len(walk.missing) == len(HOLDERS):
            raise next(iter(walk.missing.values()))
        self._take(walk)

    def leave_out(self, error: ApiError) -> None:
        """Go on without the list that fails again and again."""
        if self._walk and not self._walk.is_over:
            self._walk.leave_out(error)

    def _make_walk(self) -> ReferenceWalk:
        from tui.live.references.walk import ReferenceWalk

        return ReferenceWalk(*self._parts, self.now())

    def subscribe(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Call `listener` when `news` has more. Return what ends that."""
        return self._listeners.add(listener)

    def note(
        self,
        operation: Operation,
        path: Mapping[str, str],
        body: Mapping[str, Any] | None,
        answer: Mapping[str, Any],
    ) -> None:
        """Take up what a call that was answered tells of who names which files."""
        news = {}
        for id_, reference in self._reader.find(operation, path, body, answer):
            known = self.users.get(id_, {}).get(reference.id)
            if known is None or not operation.reads_only:
                news[id_, reference.id] = reference
        self._change(news)

    def forget(self, resource: Resource, scope: Mapping[str, str], id_: str) -> None:
        """Forget an object that is gone, as a file and as what names others."""
        inside = scope.get(resource.within[0]) if resource.within else None
        if inside is not None:  # such as a file of a store, which goes by its own id there
            gone = {(id_, inside)} if inside in self.users.get(id_, {}) else set()
        else:
            gone = {(id_, user) for user in self.users.get(id_, {})}
            gone |= {(file, id_) for file, users in self.users.items() if resource is not FILES and id_ in users}
        self._change(dict.fromkeys(gone))

    def _change(self, changes: Mapping[tuple[str, str], Reference | None]) -> None:
        """Note what names a file, or names it no longer (None), by both their ids."""
        for (id_, user), reference in changes.items():
            if reference:
                self.users.setdefault(id_, {})[user] = reference
            else:
                self.users.get(id_, {}).pop(user, None)
            self.news.add(id_)
        if self._walk:
            self._meanwhile |= changes
        if changes:
            self._is_written = False
            self._listeners.tell()

    def _hold(self, users: Users) -> None:
        self.users, self.version = users, self.version + 1
        self.news.clear()

    def _take(self, walk: ReferenceWalk) -> None:
        self._walk, self.read_at, self.began_at = None, self.now(), walk.began_at
        self._hold(walk.users)
        self._change(self._meanwhile)
        self._meanwhile.clear()
        self.missing = {name: error.sentence for name, error in walk.missing.items()}
        self._is_written = False
        self.write()

    def write(self) -> None:
        """Keep what is known for the next start."""
        if not self._file or not self.is_known or self._is_written:
            return
        kept = {id_: [list(each) for each in users.values()] for id_, users in self.users.items() if users}
        told = {"read_at": self.read_at, "began_at": self.began_at, "missing": self.missing, "users": kept}
        try:
            self._file.write(told)
            self._is_written = True
        except OSError as error:
            self._file.fault = f"What uses files is not kept: {error.strerror or error}."


def _read_kept(told: Any) -> tuple[Users, float, float, dict[str, str]]:
    users = {
        str(id_): {str(each[1]): Reference(*map(str, each)) for each in found}
        for id_, found in told["users"].items()
    }
    read_at = float(told["read_at"])
    began_at = float(told.get("began_at", read_at))
    return users, read_at, began_at, {str(name): str(why) for name, why in told["missing"].items()}
