"""The limits matrix: models by projects, what differs marked, one changed or many set alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import work
from textual.binding import Binding

from tui.api.errors import ApiError
from tui.api.requests import target_of
from tui.resources.language.cells import pluralize
from tui.resources.organization.limits import RATE_LIMITS
from tui.screens.actions.permissions import find_refusal
from tui.screens.dialogs.confirm import Confirm
from tui.screens.forms.form import Form
from tui.screens.places.base import PlaceScreen
from tui.screens.places.limits.headroom import HeadroomTable, keep_peaks
from tui.screens.places.limits.table import HEADROOM, PAIRS, LimitTable, cell_of, describe_change, project_name
from tui.widgets.base.bars import FooterBar, KeyHint, NoticeBar
from tui.widgets.input.prompt import Prompt
from tui.widgets.table.matrix import Matrix
from tui.workflows.limits import LimitChange, LimitOutcome, carry_out, plan_changes

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.live.lists.collection import Delta
    from tui.resources.language.objects import Record
    from tui.screens.navigation.history import Location
    from tui.screens.navigation.navigator import Navigator
    from tui.screens.places.limits.table import LimitPair
    from tui.widgets.base.freshness import Parts

_WIDE = 110  # from this many cells the title has room for words


class LimitsScreen(PlaceScreen):
    """Shows the rate limits of all projects side by side."""

    SLASH = ""
    BINDINGS = [
        Binding("enter,e", "edit", "change this limit", id="limits.edit"),
        Binding("equals_sign", "alike", "set the marked to this", id="limits.alike", key_display="="),
        Binding("asterisk", "mark_odd", "mark what differs in the row", id="limits.mark_odd", key_display="*"),
        Binding("exclamation_mark", "attention", "only what differs", id="list.attention", key_display="!"),
        Binding("M", "measure", "other limits, headroom", id="usage.measure"),
        Binding("ctrl+s", "save", "save", id="list.save"),
    ]

    def __init__(self, navigator: Navigator, location: Location) -> None:
        super().__init__(navigator, location)
        self._pair = PAIRS[0]
        self._setting: tuple[int, int] | None = None  # how many calls were made, of how many
        self._table = LimitTable((), self._pair)
        self._peaks = keep_peaks(self.platform, self.list_watch)
        self._looks = False  # whether the peaks are kept fresh

    def compose(self) -> ComposeResult:
        """Yield header, title, matrix, prompt, keys."""
        yield from self.compose_top()
        yield Matrix()
        yield NoticeBar(id="about")
        yield Prompt()
        yield FooterBar()

    def on_mount(self) -> None:
        """Show what is known already."""
        ends = (
            self.list_watch.subscribe(self._apply_delta, lambda _: self._show()),
            self._peaks.subscribe(self._show),
            self._peaks.listen(lambda _: self._show()),
        )
        self._let_go = lambda: [end() for end in ends]
        self.focus_home()
        self._show()

    def on_unmount(self) -> None:
        """Unsubscribe."""
        self._let_go()

    def on_screen_resume(self) -> None:
        """Look for the busiest minutes while they are shown."""
        self._look(wanted=self._pair is HEADROOM)

    def on_screen_suspend(self) -> None:
        """Ask nothing while hidden."""
        self._look(wanted=False)

    def _look(self, *, wanted: bool) -> None:
        if wanted != self._looks:
            self._looks = wanted
            (self._peaks.start if wanted else self._peaks.stop)()

    @property
    def _matrix(self) -> Matrix:
        return self.query_one(Matrix)

    def _apply_delta(self, _delta: Delta) -> None:
        self._show()

    # What is shown.

    def _show(self) -> None:
        if not self.query(Matrix):
            return
        records, nearness = self.list_watch.collection.records.values(), self._pair is HEADROOM
        table = self._table = (
            HeadroomTable(records, self._peaks.find_peaks()) if nearness else LimitTable(records, self._pair)
        )
        self._matrix.empty = self._describe_nothing()
        models = table.sort_models(only_differing=self.location.attention)
        self._matrix.show(
            models,
            table.sort_projects(),
            table.build_spots(),
            ("NEAREST" if nearness else "USUAL", table.build_usual_spots()),
        )
        self.say()

    def _describe_nothing(self) -> str:
        """Return what stands where limits would."""
        if self._table.limits:
            what = "No limit was near" if self._pair is HEADROOM else "Nothing differs"
            return f"{what}. Esc shows everything."
        health = self.list_watch.health
        if health.error:
            return ""
        return "Loading…" if health.state == "loading" or self.list_watch.progress else self.resource.empty

    @property
    def record(self) -> Record | None:
        """The limit under the cursor."""
        at = self._matrix.cell if self.is_mounted else None
        return self._table.limits.get(at) if at else None

    def headline(self) -> tuple[Parts, Parts]:
        """Return which limits, of how many, what differs, how far it came."""
        matrix = self._matrix
        left: Parts = [(" limits", "strong"), (f"  {self._pair.words}", "")]
        models, projects = ({each[axis] for each in self._table.limits} for axis in (0, 1))
        wide = self.size.width >= _WIDE
        size = (
            f"{pluralize(len(models), 'model')} × {pluralize(len(projects), 'project')}"
            if wide
            else f"{len(models)}×{len(projects)}"
        )
        if self._table.limits:
            left.append((f" · {size}", ""))
        if isinstance(self._table, HeadroomTable):
            left.append((f" · {len(self._table.near):,} at 80 % or more", "warn" if self._table.near else "dim"))
            if far := self._peaks.progress:
                left.append((f" · {far}", "accent"))
        elif self._table.differing:
            left.append((f" · ≠ {len(self._table.differing):,}{' differ from the usual' if wide else ''}", "warn"))
        if matrix.marks:
            left.append((f" · {len(matrix.marks):,} marked", "warn"))
        if far := self.list_watch.progress:
            left.append((f" · {far}", "accent"))
        if self._setting:
            left.append((f" · setting {self._setting[0]}/{self._setting[1]}, esc stops", "accent"))
        right: Parts = [("! ", "warn")] if self.location.attention else []
        before, behind = matrix.hidden
        more = [f"← {before} more"] * bool(before) + [f"{behind} more →"] * bool(behind)
        return left, [*right, (" · ".join(more) + " " * bool(more), "dim")]

    def keys(self) -> list[KeyHint]:
        """Return the keys to change one or many."""
        able, marked = self.record is not None, bool(self._matrix.marks)
        return [
            KeyHint("enter", "change", able),
            KeyHint("space", "mark", able),
            KeyHint("*", "mark ≠", able),
            KeyHint("=", "set marked to this", able and marked),
            KeyHint("!", "only near" if self._pair is HEADROOM else "only ≠"),
            KeyHint("M", self._next_pair.briefly),
        ]

    @property
    def _next_pair(self) -> LimitPair:
        return PAIRS[(PAIRS.index(self._pair) + 1) % len(PAIRS)]

    def say(self) -> None:
        """Bring the lines up to date, that on how near the limit under the cursor came too."""
        super().say()
        about, at = self.query_one_optional("#about", NoticeBar), self._matrix.cell if self.query(Matrix) else None
        if about is None:
            return
        table, error = self._table, self._peaks.health.error
        if not isinstance(table, HeadroomTable):
            about.show([])
            return
        told = error.sentence if error else table.describe(at) if at in table.limits and at else ""
        about.show([(told or " ", "warn" if error else "")])

    def on_matrix_moved(self) -> None:
        """Name the keys anew: they may do other things in this cell."""
        self.say()

    # Keys.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Turn off the keys that need a detail pane."""
        if action in ("tab", "next_tab", "act", "actions"):
            return False
        return super().check_action(action, parameters)

    def focus_home(self) -> None:
        """Focus the matrix."""
        self.set_focus(self._matrix)

    def action_unwind(self) -> None:
        """Stop setting, clear marks, show everything, then leave."""
        if self._setting:
            self.workers.cancel_group(self, "alike")
            self.actor.say(f"Stopped after {self._setting[0]} of {self._setting[1]}.")
            self._setting = None
            self._show()
        elif self._matrix.marks:
            self._matrix.action_unmark()
        elif self.location.attention:
            self.action_attention()
        else:
            super().action_unwind()

    def action_attention(self) -> None:
        """Show only the models that some projects have other limits for, or all."""
        self.location.attention = not self.location.attention
        self._show()

    def action_measure(self) -> None:
        """Show the next pair of limits."""
        self._pair = self._next_pair
        self._look(wanted=self._pair is HEADROOM)
        self._show()
        if self._pair is HEADROOM:  # the limit that came nearest stands first
            self._matrix.go_home()
            self.say()

    def action_mark_odd(self) -> None:
        """Mark the cells of this row that differ from the one under the cursor, or none."""
        here = self._matrix.cell
        if here is None or self.record is None:
            return
        odd = self._table.find_odd(here)
        self._matrix.set_marks(set() if odd == self._matrix.marks else odd)

    @work(group="edit", exclusive=True, exit_on_error=False)
    async def action_edit(self) -> None:
        """Change the limit under the cursor."""
        record, action = self.record, RATE_LIMITS.actions[0]
        if record is None:
            return
        if reason := find_refusal(action, record, self.platform):
            self.actor.say(f"Cannot change this limit: {reason}.", bad=True)
            return
        called = f"of {record.at('model')} in {project_name(record)}"
        limit = RATE_LIMITS.record({**record.raw, "name": called})
        scope = {"project_id": str(record.at("project.id"))}

        async def send(body: dict[str, Any]) -> dict[str, Any]:
            if not await self._agree([LimitChange(record, body)]):
                raise ApiError("Nothing was sent.", "Change it, or leave with esc.")
            return await self.platform.act(RATE_LIMITS, scope, limit, action, body)

        form = Form(self.platform, RATE_LIMITS, scope, action, limit, send=send)
        answer = await self.app.push_screen_wait(form)
        if answer is not None:
            self._show_changed(record, answer)
            self.actor.say(f"Changed the limit {called}.")

    async def _agree(self, changes: list[LimitChange]) -> bool:
        """Show the calls that are about to be made, what each changes, and ask."""
        count, operation = len(changes), RATE_LIMITS.actions[0].operation
        things = [(_label(each), describe_change(each)) for each in changes]
        limit = {"project_id": changes[0].project, "rate_limit_id": str(changes[0].cell.at("id"))}
        call = f"{operation.method} {target_of(operation, limit, None)}"
        title, words, typed = "Set this limit?", call, ""
        if count > 1:
            title, typed = f"Set {count:,} limits?", str(count)
            words = f"{count:,} calls, at most {self.platform.budget} a minute; the first is {call}"
        dialog = Confirm(title, things, words, verb="set", typed=typed)
        agreed: bool = await self.app.push_screen_wait(dialog)
        return agreed

    def _show_changed(self, record: Record, answer: dict[str, Any]) -> None:
        self.list_watch.put({**record.raw, **answer})

    def action_alike(self) -> None:
        """Give the marked cells the limits of the one under the cursor."""
        record = self.record
        targets = [self._table.limits[at] for at in sorted(self._matrix.marks) if at in self._table.limits]
        if self.platform.client.read_only:
            self.actor.say(f"Cannot set limits: {self.platform.client.why_read_only}.", bad=True)
        elif self._setting:
            self.actor.say("Limits are being set; esc stops that first.", bad=True)
        elif record is None or not targets:
            self.actor.say("Mark the cells to set with space, or * for those that differ in this row.")
        elif changes := plan_changes(record, [target for target in targets if target is not record]):
            self._alike(changes)
        else:
            self.actor.say("What can be read of the marked is so already.")

    @work(group="alike", exclusive=True, exit_on_error=False)
    async def _alike(self, changes: list[LimitChange]) -> None:
        """Make the calls that set limits alike, once agreed to, and tell what became of them."""
        if not await self._agree(changes):
            return
        count = len(changes)
        outcomes: list[LimitOutcome] = []
        self._setting = (0, count)

        def show_outcome(outcome: LimitOutcome) -> None:
            outcomes.append(outcome)
            self._setting = (len(outcomes), count)
            if outcome.answer is not None:
                self._matrix.marks.discard(cell_of(outcome.change.cell))
                self._show_changed(outcome.change.cell, dict(outcome.answer))
            self.say()

        try:
            await carry_out(self.platform, changes, show_outcome)
        finally:
            self._setting = None
        failed = [outcome for outcome in outcomes if outcome.error]
        done = len(outcomes) - len(failed)
        self.actor.say(f"Set {done:,} of {count:,}.")
        if failed:
            first = failed[0]
            self.actor.say(f"{count - done:,} are still marked; {_label(first.change)}: {first.error}", bad=True)
        self._show()

    @work(group="save", exclusive=True, exit_on_error=False)
    async def action_save(self) -> None:
        """Write all limits to a file."""
        from tui.export import save
        from tui.screens.dialogs.ask import Ask

        name = await self.app.push_screen_wait(Ask("Save all limits to (.csv, .json, .jsonl)", "limits.csv"))
        if name:
            self.actor.say(
                save(name, self.resource, list(self.list_watch.collection.records.values()), self.platform.now())
            )


def _label(change: LimitChange) -> str:
    return f"{project_name(change.cell)} {change.cell.at('model')}"
