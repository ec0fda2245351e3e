"""Files of this machine sent without a screen: stored, put into containers and vector stores, made into skills."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui.api.errors import LocalFileError
from tui.headless.writes.each import run_each
from tui.headless.writes.requests import build_request, find_file_questions, prepare_files, read_values
from tui.headless.writes.targets import Target, WrongUse, find_targets
from tui.headless.writes.work import OrderedWork
from tui.live.lost_answers import LOOK_AFTER_STOP, find_outcome
from tui.live.transfers import Upload
from tui.resources.language.action import Ask
from tui.system.paths import BadPath, read_path
from tui.workflows.sending import send

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tui.headless.writes.outcomes import Outcome, Reason
    from tui.resources.language.action import Action
    from tui.resources.language.asking.assignments import Given
    from tui.resources.language.resource import Resource
    from tui.workflows.plan.plan import StepOutcome


@dataclass(frozen=True, slots=True)
class UploadOrder:
    """Files that are to be sent, and what of each is to be made."""

    paths: tuple[Path, ...]
    resource: Resource
    parents: tuple[str, ...] = ()
    assignments: tuple[str, ...] = ()
    dry_run: bool = False


def find_maker(resource: Resource) -> Action:
    """Return the action that makes an object of a file. Raises WrongUse."""
    makers = (each for each in resource.actions if each.on == "list" and isinstance(each.does, Ask))
    found = next((each for each in makers if find_file_questions(each)), None)
    if found is None:
        raise WrongUse(f"{resource.name} are not made of files.")
    return found


class Uploads(OrderedWork[UploadOrder]):
    """An upload as it is carried out."""

    async def run(self) -> list[Outcome]:
        """Check each file, and send it. Raises WrongUse before anything is sent, and ApiError."""
        order, action = self.order, find_maker(self.order.resource)
        (place,) = find_targets(order.resource, action, order.parents, ())
        self._read(action, order.paths[0], fields_only=True)
        paths = {str(path): path for path in order.paths}
        alone = len(paths) == 1
        waiting: list[tuple[Path, StepOutcome]] = []

        def tell(outcome: StepOutcome, answer: dict[str, Any] | None) -> None:
            if outcome.state == "unknown":
                waiting.append((paths[outcome.call], outcome))
            elif answer is not None:
                state = "planned" if order.dry_run else "done"
                self._tell(action, place, paths[outcome.call], state, **answer)
            else:
                self._tell(action, place, paths[outcome.call], "failed", outcome.error)

        async def make(name: str) -> dict[str, Any]:
            return await self._send(action, place, paths[name], alone=alone)

        run, self.stopped = await run_each(order.resource, action, list(paths), make, tell, self.hearing)
        for path, outcome in waiting:
            await self._tell_unknown(action, place, path, outcome)
        for name, path in paths.items():
            if name not in run.outcomes:
                self._tell(action, place, path, "skipped", "It was stopped before.")
        return self.outcomes.all

    def _read(self, action: Action, path: Path, *, fields_only: bool = False) -> Given:
        """Return what is given for the request that sends a file. Raises WrongUse."""
        given = read_values(action, self.order.assignments, None)
        assert given is not None
        given.values[find_file_questions(action)[0]] = str(path)
        if fields_only:
            build_request(action, given, self.order.resource, None)
        return given

    async def _send(self, action: Action, place: Target, path: Path, *, alone: bool) -> dict[str, Any]:
        """Check a file and send it; returns what is told of it. Raises ApiError."""
        order = self.order
        sent = list[Upload]()

        async def upload(source: Path, purpose: str, expires_after: int | None = None) -> dict[str, Any]:
            task = Upload(self.platform, source, purpose, expires_after)
            sent.append(task)
            if alone:
                task.changed = lambda: self.hearing.progress(f"{path.name}: {task.far} · ctrl+c stops")
            try:
                await task.work()
            except BaseException:
                await task.discard()
                raise
            return task.answer

        async def upload_for_id(source: Path, purpose: str) -> str:
            if order.dry_run:
                return f"(id of {source.name}, once uploaded)"
            return str((await upload(source, purpose)).get("id") or "")

        given = self._read(action, path)
        try:
            await prepare_files(action, given, upload_for_id)
            body = build_request(action, given, order.resource, None)
        except WrongUse as error:
            raise LocalFileError(f"{path}: {error}") from None
        if order.dry_run:
            return {"method": action.operation.method, "body": body}
        answer = await send(self.platform, order.resource, place.scope, None, action, dict(body), upload)
        told = {"answer": answer, "sent": body}
        return {**told, "sha256": sent[-1].sha256} if sent else told

    async def _tell_unknown(self, action: Action, place: Target, path: Path, outcome: StepOutcome) -> None:
        """Look for what may have been made of a file whose call was not answered, and tell it."""
        size = await asyncio.to_thread(_size_of, path)
        sent = {"filename": path.name, "bytes": size} if self.order.resource.name == "files" else {}
        words = str(outcome.error) if outcome.error else "It was stopped before the answer came."
        known = await find_outcome(
            *(self.platform, self.order.resource, place.scope, action, "", None, sent),
            patience=LOOK_AFTER_STOP if self.stopped else None,
        )
        self._tell(action, place, path, "unknown", f"{words} {known.sentence}".strip(), **known.more)

    def _tell(
        self,
        action: Action,
        place: Target,
        path: Path,
        state: str,
        error: Reason = None,
        **more: Any,
    ) -> None:
        name = str(path)
        self.outcomes.add(self.order.resource, action, place, state, error, name=name, path=name, **more)


def _size_of(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def read_paths(names: Sequence[str]) -> tuple[Path, ...]:
    """Return the paths that names on the command line mean. Raises WrongUse."""
    try:
        return tuple(read_path(name) for name in dict.fromkeys(names))
    except BadPath as error:
        raise WrongUse(str(error)) from None
