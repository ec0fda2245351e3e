"""The platform used through what is declared, without a screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.filling import action_of, changed, filled
from tui.api.errors import Invalid, NotDone
from tui.resources.language.action import Fetch, Open
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from tui.live.platform import Platform
    from tui.resources.language.objects import Record

Scope = dict[str, str]


class Desk:
    """A platform used through what is declared, that remembers which operations were called."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self.platform, self._folder = platform, folder
        self._called: set[str] = set()

    def note(self, operation: str) -> None:
        """Remember that an operation was called in some other way."""
        self._called.add(operation)

    async def stop(self, name: str, record: Record, scope: Scope) -> str:
        """Cancel what may have ended meanwhile, and give its status then."""
        try:
            return str((await self.do(name, "cancel", record, scope))["status"])
        except (Invalid, NotDone):
            return "completed"

    async def do(
        self, name: str, action: str, record: Record | None = None, scope: Scope | None = None, /, **answers: Any
    ) -> Any:
        """Do an action and give its answer; what is bytes comes as bytes."""
        resource, wanted = REGISTRY[name], action_of(name, action)
        self._called.add(wanted.operation.name)
        path = self.platform.path(wanted.operation, None if wanted.on == "list" else record, resource, scope or {})
        if isinstance(wanted.does, Fetch):
            target = self._folder / f"{len(list(self._folder.iterdir()))}"
            return (await self.platform.client.download(wanted.operation, path, target)).read_bytes()
        body = None
        if wanted.operation.body and wanted.edits:
            assert record
            body = changed(name, wanted, record.raw, **answers)
        elif wanted.operation.body:
            files = {name: value for name, value in answers.items() if isinstance(value, Path)}
            body = {**filled(wanted, **{**answers, **{name: str(path) for name, path in files.items()}}), **files}
        return await self.platform.act(resource, scope or {}, record, wanted, body)

    async def make(
        self, name: str, action: str = "create", scope: Scope | None = None, /, **answers: Any
    ) -> Record:
        """Make an object and read it back as its resource does."""
        made = await self.do(name, action, None, scope, **answers)
        return await self.get(name, made["id"], scope)

    async def get(self, name: str, id_: str, scope: Scope | None = None) -> Record:
        """Read one object."""
        get = REGISTRY[name].get
        assert get
        self._called.add(get.name)
        return await self.platform.get(REGISTRY[name], scope or {}, id_)

    async def list(self, name: str, scope: Scope | None = None) -> dict[str, Record]:
        """Read the first page of a list."""
        resource = REGISTRY[name]
        assert resource.list
        self._called.add(resource.list.name)
        watch = self.platform.watch(resource, scope or {})
        await watch.refresh()
        assert watch.health.state != "refused", watch.health
        return dict(watch.collection.records)

    def into(self, name: str, record: Record, child: str, scope: Scope | None = None) -> Scope:
        """The scope of a child of an object."""
        resource = REGISTRY[name]
        found = resource.child(child)
        assert found
        return self.platform.child_scope(resource, scope or {}, record, found)

    async def gone(self, name: str, action: str, record: Record, scope: Scope | None = None) -> None:
        """Remove an object, and see that no list holds it any more."""
        await self.do(name, action, record, scope)
        if REGISTRY[name].list:
            assert record.id not in await self.list(name, scope)

    def all_called(self, *names: str) -> None:
        """Check that nothing these resources declare was left out."""
        declared = {operation.name for name in names for operation in REGISTRY[name].operations}
        actions = [action for name in names for action in REGISTRY[name].actions]
        benches = {
            action.operation.name
            for action in actions
            if isinstance(action.does, Open) and action.does.workflow == "bench"
        }  # tested by themselves
        benches -= {action.operation.name for action in actions if not isinstance(action.does, Open)}
        assert not declared - self._called - benches
