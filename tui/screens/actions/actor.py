"""Doing what a resource declares: forms, dialogs, transfers, and one clear word on how it went."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError
from tui.resources.language.action import Action, Ask, Call, Fetch, Open, Read, Risk
from tui.resources.language.cells import short_size
from tui.resources.language.resource import Resource, title_of
from tui.screens.dialogs.confirm import Confirm, ConfirmMany, Thing
from tui.screens.dialogs.viewer import Viewer
from tui.screens.forms.form import Form
from tui.screens.navigation.follow import follow
from tui.text import clean, safe_name
from tui.widgets.text.json_view import JsonView
from tui.widgets.text.text_view import FileLines, TextView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.app import App

    from tui.live.bulk import Bulk
    from tui.live.platform import Platform
    from tui.resources.language.objects import Record
    from tui.screens.navigation.navigator import Task


def refusal(action: Action, record: Record | None, platform: Platform) -> str | None:
    """Why an action cannot be done now, or None."""
    if platform.client.read_only and not action.operation.reads_only:
        return "read-only mode is on; :rw turns it off"
    if action.on == "list":
        return None
    if record is None:
        return "there is nothing to do it to"
    try:
        return action.refuse(record.object)
    except (AttributeError, TypeError, ValueError):
        return None


def chosen(resource: Resource, key: str, record: Record | None, platform: Platform) -> Action | None:
    """The action a key stands for: of several, the first that can be done."""
    candidates = [action for action in resource.actions if action.key == key]
    able = (action for action in candidates if refusal(action, record, platform) is None)
    return next(able, candidates[0] if candidates else None)


def told_once(answer: dict[str, Any], path: str) -> str:
    """Take the secret at a dotted path out of an answer, which goes on without it; "" when there is none."""
    *parents, last = path.split(".")
    part: Any = answer
    for step in parents:
        part = part.get(step) if isinstance(part, dict) else None
    secret = part.pop(last, None) if isinstance(part, dict) else None
    return secret if isinstance(secret, str) else ""


_SENTENCES = 3  # of what an action does, where it does not do the same to each object
_EASY = 32  # characters of a name that people may be asked to type


class Actor:
    """Performs actions of one resource. It asks what must be asked and tells how it went.

    `done` is called with the object an action has made or changed. `tasks` are the screens of their own that an
    action may open, by name, imported when they are. `follow_bulk` runs an action on many objects and shows how
    far it is.
    """

    def __init__(
        self,
        app: App[Any],
        platform: Platform,
        resource: Resource,
        scope: Mapping[str, str],
        done: Callable[[dict[str, Any]], None] = lambda _: None,
        tasks: Mapping[str, Callable[[], Task]] | None = None,
        follow_bulk: Callable[[Bulk], None] = lambda _: None,
    ) -> None:
        self.app, self.platform, self.resource, self.scope = app, platform, resource, scope
        self._done, self.tasks, self._follow_bulk = done, tasks or {}, follow_bulk

    def made(self, raw: dict[str, Any]) -> None:
        """Tell whoever asked for it that an object is there."""
        self._done(raw)

    def say(self, sentence: str, *, bad: bool = False) -> None:
        """A toast; the text may come from outside."""
        words = clean(sentence)
        if bad:
            self.app.notify(words, severity="error", markup=False, timeout=8)
        else:
            self.app.notify(words, markup=False, timeout=4)

    async def perform(self, action: Action, records: Sequence[Record]) -> None:
        """Do `action` to `records`: the marked ones or the one under the cursor, as they were at the key press."""
        record = records[0] if records else None
        if len(records) > 1 and action.on != "many":
            self.say(f"{action.label.capitalize()} takes one {self.resource.singular} at a time.", bad=True)
            return
        able = [each for each in records if refusal(action, each, self.platform) is None]
        if (not able) if action.on != "list" else refusal(action, None, self.platform):
            reason = refusal(action, record, self.platform)
            self.say(f"Cannot {action.label}: {reason}.", bad=True)
            return
        try:
            match action.does:
                case Open(task=task):
                    await self.tasks[task]()(self, action, *records)
                case Fetch(to="screen"):
                    await self.view(action, able[0])
                case Fetch():
                    await self._download(action, able)
                case Ask() as ask:
                    await self._ask(action, ask, record)
                case Read():
                    self._show(action, await self.platform.act(self.resource, self.scope, record, action))
                case Call() as call:
                    await self._change(action, call, able, left_out=len(records) - len(able))
        except ApiError as error:
            self.say(str(error), bad=True)
        journal = self.platform.client.journal
        if journal and journal.fault and not action.operation.reads_only:
            self.say(f"The journal of writes is not kept: {journal.fault}", bad=True)

    async def _ask(self, action: Action, ask: Ask, record: Record | None) -> None:
        grave = action.risk in (Risk.STOP, Risk.GRAVE) and record is not None and action.on != "list"
        if grave and not await self._agreed(action, [record] if record else [], 0):
            return
        form = Form(self.platform, self.resource, self.scope, action, record)
        answer = await self.app.push_screen_wait(form)
        if answer is None:
            return
        if ask.secret and (secret := told_once(answer, ask.secret)):
            from tui.screens.dialogs.secret import SecretScreen

            await self.app.push_screen_wait(
                SecretScreen(str(answer.get("name") or self.resource.singular), secret)
            )
            return
        if ask.show:
            self._show(action, answer)
            return
        id_ = str(answer.get(self.resource.identify) or "")
        if ask.edit or (record and action.on != "list" and id_ in ("", record.id)) or self.resource.single:
            self.say(f"Changed {record.id if record else self.resource.singular}.")
        else:
            made = self.platform.find(id_) or self.resource
            self.say(f"Created {made.singular} {id_}.")
            if made.parent not in ("", self.resource.parent):
                follow(self.app, id_)  # it stands in another list than this one
        self._done(answer)

    def _show(self, action: Action, answer: Mapping[str, Any]) -> None:
        """Show what an action that only looks has found."""
        view = JsonView()
        view.show(answer)
        self.app.push_screen(Viewer(action.label, view))

    async def _change(self, action: Action, call: Call, records: Sequence[Record], left_out: int) -> None:
        if action.risk is not Risk.NONE:
            records = await self._agreed(action, records, left_out)
        if not records:
            return
        if call.ids:
            ids = [record.id for record in records]
            await self.platform.act(self.resource, self.scope, None, action, {call.ids: ids})
            self.say(f"{_past(action)} {ids[0] if len(ids) == 1 else f'{len(ids):,} {self.resource.name}'}.")
            return
        if len(records) == 1:
            answer = await self.platform.act(self.resource, self.scope, records[0], action)
            self.say(f"{_past(action)} {records[0].id}.")
            if not action.removes:
                self._done(answer)
            return
        if (running := self.platform.bulk) and not running.over:
            self.say(f"Wait until this is over: {running.action.label} {running.progress}.", bad=True)
            return
        ids = [record.id for record in records]
        self._follow_bulk(self.platform.begin_bulk(self.resource, self.scope, ids, action))

    async def _agreed(self, action: Action, records: Sequence[Record], left_out: int) -> list[Record]:
        """Ask before it is done; returns what it shall be done to. Many or grave ones want a number or name typed.

        Of many that are to be deleted, those that something uses are left out unless they are ticked.
        """
        users, not_looked = await self._users(action, records)
        what = f"this {self.resource.singular}"
        if len(records) == 1:
            warning = " ".join(filter(None, (*users.values(), action.warn(records[0].object), not_looked)))
            typed = self._word(records[0]) if action.risk is Risk.GRAVE else ""
            things = [(records[0].id, self._described(records[0]))]
            dialog = Confirm(
                f"{action.label.capitalize()} {what}?", things, warning, verb=action.label, typed=typed
            )
        else:
            dialog = ConfirmMany(
                action.label.capitalize(),
                self.resource.name,
                [self._thing(record) for record in records if record.id not in users],
                [self._thing(record, users[record.id]) for record in records if record.id in users],
                " ".join(filter(None, (self._left_out(left_out), self._warning(action, records), not_looked))),
                verb=action.label,
            )
        if not await self.app.push_screen_wait(dialog):
            return []
        return [record for record in records if record.id in dialog.agreed]

    async def _users(self, action: Action, records: Sequence[Record]) -> tuple[dict[str, str], str]:
        """For each object to be deleted that something uses, a sentence on that; and what was not looked at."""
        if not action.removes:
            return {}, ""
        from tui.workflows.uses import dependents, used_by

        found, not_looked = await dependents(self.platform, self.resource, [record.id for record in records])
        return {id_: used_by(users) for id_, users in found.items() if users}, not_looked

    @staticmethod
    def _warning(action: Action, records: Sequence[Record]) -> str:
        """What the action does to each of many objects, as a sentence on all of them."""
        sentences = list(dict.fromkeys(filter(None, (action.warn(record.object) for record in records))))
        if not sentences:
            return "This cannot be undone." if action.risk in (Risk.STOP, Risk.GRAVE) else ""
        if sentences == ["This cannot be undone."]:
            return sentences[0]
        each = "For each of them" if len(sentences) == 1 else "For some of them"
        return " ".join(f"{each}: {words[0].lower()}{words[1:]}" for words in sentences[:_SENTENCES])

    @staticmethod
    def _left_out(number: int) -> str:
        if not number:
            return ""
        return f"{number:,} of the marked {'is' if number == 1 else 'are'} left out: not possible there."

    def _thing(self, record: Record, use: str = "") -> Thing:
        size = record.at("bytes")
        return Thing(record.id, f"{self._described(record)}  {use}".strip(), size if isinstance(size, int) else 0)

    def _word(self, record: Record) -> str:
        """What to type before something grave: what people call it, if that can be typed, else its id."""
        title = title_of(self.resource, record)
        easy = title.isascii() and title.isprintable() and title == title.strip() and len(title) <= _EASY
        return title if title and easy else record.id

    def _described(self, record: Record) -> str:
        size = record.at("bytes")
        name = title_of(self.resource, record) or self.platform.names.of(record.id)
        parts = [name, short_size(size) if isinstance(size, int) else ""]
        return "  ".join(part for part in parts if part)

    # Bytes.

    def _path(self, action: Action, record: Record) -> dict[str, str]:
        path = self.platform.path(action.operation, record, self.resource, self.scope)
        if isinstance(action.does, Fetch) and action.does.field != "id":
            path[action.operation.placeholders[-1]] = str(record.at(action.does.field) or "")
        return path

    async def view(self, action: Action, record: Record, line: int = 1) -> None:
        """Fetch to a private temporary file and show it, whatever its size, from a line on. Raises ApiError."""
        folder = tempfile.TemporaryDirectory(prefix="o9s-")
        try:
            target = Path(folder.name) / "content"
            decoded = await self._fetch(action, record, target)
            lines = FileLines(target)
            while not lines.complete and len(lines) < line:
                await asyncio.to_thread(lines.extend)
        except OSError as error:
            folder.cleanup()
            self.say(f"The content cannot be kept on this disk: {error.strerror or error}.", bad=True)
            return
        except BaseException:
            folder.cleanup()
            raise

        def closed() -> None:
            lines.close()
            folder.cleanup()

        name = title_of(self.resource, record) or record.id
        note = f"{action.label} · {short_size(target.stat().st_size)}{' · decoded from base64' if decoded else ''}"
        text = TextView(lines, empty="The file is empty.")
        self.app.push_screen(Viewer(name, text, note=note, line=line, closed=closed))

    async def _download(self, action: Action, records: Sequence[Record]) -> None:
        from tui.screens.dialogs.ask import Ask

        folder = await self.app.push_screen_wait(
            Ask(
                f"Download {len(records):,} {self.resource.name} to the folder"
                if len(records) > 1
                else "Download to",
                ".",
            )
        )
        if folder is None:
            return
        kept = 0
        for record in records:
            target = Path(folder) / safe_name(record.id, title_of(self.resource, record))
            await self._fetch(action, record, target)
            kept += 1
        self.say(f"Saved {target} in full." if kept == 1 else f"Saved {kept:,} files in {folder}.")

    async def _fetch(self, action: Action, record: Record, target: Path) -> bool:
        """Download, under a screen that Esc stops it from. Raises ApiError, also when it was stopped.

        Results of fine-tuning come as base64 and are kept decoded; returns whether that was so.
        """
        from tui.screens.dialogs.transfer import transferred
        from tui.workflows.decoded import unwrap

        own = isinstance(action.does, Fetch) and action.does.field == "id"
        size = record.at("bytes") if own else None
        expected = size if isinstance(size, int) else None
        client, path = self.platform.client, self._path(action, record)
        await transferred(
            self.app,
            title_of(self.resource, record) or record.id,
            expected,
            lambda moved: client.download(action.operation, path, target, progress=moved, expected=expected),
        )
        if record.at("purpose") != "fine-tune-results":
            return False
        return await asyncio.to_thread(unwrap, target)


def _past(action: Action) -> str:
    word = action.label.split()[0]
    return {"cancel": "Cancelling", "withdraw": "Withdrew"}.get(
        word, f"{word.capitalize()}{'d' if word.endswith('e') else 'ed'}"
    )
