"""Rules to be told by: each object is told of once when it is over, whatever else fails, and across restarts."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import PROJECT_KEY
from tests.support.odd_server import odd_server
from tui.api.client import Client
from tui.api.credentials.connection import Connection
from tui.api.credentials.keys import Secret
from tui.live.platform import Platform
from tui.resources.registry import REGISTRY
from tui.system.state_file import StateFile
from tui.workflows.watch_rules.rules import Ended, ListRule, Rule, RuleError, WatchRule, read_rules, write_rules
from tui.workflows.watch_rules.watcher import RuleWatcher

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

BATCHES, FILES = REGISTRY["batches"], REGISTRY["files"]


class Stage:
    """A server whose batches a test moves, and what was told of them. Each new one is made after those before."""

    def __init__(self, path: Path) -> None:
        self.file = StateFile(path)
        self.answers: dict[str, Any] = {}
        self.told: list[Ended] = []
        self.made: dict[str, float] = {}
        self.answers["/batches"] = lambda _: {"object": "list", "data": self.listed[::-1], "has_more": False}

    def set(self, id_: str, status: str, failed: int = 0) -> dict[str, Any]:
        counts = {"total": 2, "completed": 2 - failed, "failed": failed}
        batch: dict[str, Any] = {
            "id": id_,
            "status": status,
            "request_counts": counts,
            "metadata": {"name": f"run of {id_}"},
        }
        batch["created_at"] = self.made.setdefault(id_, time.time() + len(self.made))
        self.answers[f"/batches/{id_}"] = batch
        return batch

    @property
    def listed(self) -> list[Any]:
        return [self.answers[f"/batches/{id_}"] for id_ in self.made if f"/batches/{id_}" in self.answers]

    @property
    def words(self) -> list[tuple[str, str]]:
        return [(each.rule.id, each.outcome) for each in self.told]

    @asynccontextmanager
    async def watcher(self, url: str, *, admin: bool = False) -> AsyncIterator[RuleWatcher]:
        """The program, as far as it tells."""
        key = Secret(PROJECT_KEY)
        connection = Connection(base_url=url, project_key=key, admin_key=key if admin else None)
        platform = Platform(Client(connection), REGISTRY)
        try:
            yield RuleWatcher(platform, self.file, self.told.append)
        finally:
            await platform.aclose()


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "rules.json")


async def test_each_is_told_of_once_with_what_became_of_it(stage: Stage) -> None:
    with odd_server(stage.answers) as url:
        async with stage.watcher(url) as rules:
            for id_ in ("batch_1", "batch_2", "batch_3"):
                assert rules.toggle(BATCHES, {}, BATCHES.record(stage.set(id_, "in_progress")))
            await rules.poll()
            assert not stage.told
            stage.set("batch_1", "completed")
            stage.set("batch_2", "completed", failed=2)
            del stage.answers["/batches/batch_3"]
            await rules.poll()
            await rules.poll()
        stage.told.sort(key=lambda each: each.rule.id)
        assert [(each.rule.id, each.outcome, each.well) for each in stage.told] == [
            ("batch_1", "ok", True),
            ("batch_2", "all failed", False),
            ("batch_3", "gone", False),
        ]
        assert stage.told[0].sentence == "run of batch_1: ok"
        assert not read_rules(stage.file)


async def test_what_ends_while_the_program_is_not_there_is_told_on_the_next_start(stage: Stage) -> None:
    with odd_server(stage.answers) as url:
        async with stage.watcher(url) as rules:
            rules.toggle(BATCHES, {}, BATCHES.record(stage.set("batch_1", "in_progress")))
        stage.set("batch_1", "expired")
        async with stage.watcher(url) as rules:
            await rules.poll()
        async with stage.watcher(url) as rules:
            await rules.poll()
    assert [each.rule.id for each in stage.told] == ["batch_1"]


async def test_two_programs_tell_once(stage: Stage) -> None:
    with odd_server(stage.answers) as url:
        async with stage.watcher(url) as one:
            one.toggle(BATCHES, {}, BATCHES.record(stage.set("batch_1", "in_progress")))
            async with stage.watcher(url) as other:
                stage.set("batch_1", "completed")
                await one.poll()
                await other.poll()
    assert len(stage.told) == 1


async def test_one_that_cannot_be_read_keeps_no_other_from_being_told(stage: Stage) -> None:
    with odd_server(stage.answers) as url:
        async with stage.watcher(url) as rules:
            for id_ in ("batch_1", "batch_2"):
                rules.toggle(BATCHES, {}, BATCHES.record(stage.set(id_, "in_progress")))
            stage.answers["/batches/batch_1"] = 500
            stage.set("batch_2", "completed")
            await rules.poll()
            assert [each.rule.id for each in stage.told] == ["batch_2"]
            assert rules.health.error
            stage.set("batch_1", "completed")
            await rules.poll()
            assert [each.rule.id for each in stage.told] == ["batch_2", "batch_1"]


async def test_only_what_will_change_can_be_watched_and_again_ends_it(stage: Stage) -> None:
    with odd_server(stage.answers) as url:
        async with stage.watcher(url) as rules:
            with pytest.raises(RuleError, match="files do not change"):
                rules.toggle(FILES, {}, FILES.record({"id": "file-1"}))
            with pytest.raises(RuleError, match="this batch is over"):
                rules.toggle(BATCHES, {}, BATCHES.record(stage.set("batch_1", "completed")))
            running = BATCHES.record(stage.set("batch_1", "in_progress"))
            assert rules.toggle(BATCHES, {}, running)
            assert not rules.toggle(BATCHES, {}, running)
            assert not read_rules(stage.file)


async def test_one_that_stalls_is_told_of_once_and_watched_on(stage: Stage) -> None:
    with odd_server(stage.answers) as url:
        async with stage.watcher(url) as rules:
            batch = {**stage.set("batch_1", "validating"), "created_at": time.time() - 3 * 3_600}
            stage.answers["/batches/batch_1"] = batch
            assert rules.toggle(BATCHES, {}, BATCHES.record(batch))
            await rules.poll()
            await rules.poll()
            assert [(each.outcome, each.well) for each in stage.told] == [
                ("stalled, validating; nothing has moved for 3 h", False)
            ]
        async with stage.watcher(url) as rules:
            await rules.poll()
            assert len(stage.told) == 1, "a restart does not tell it again"
            stage.set("batch_1", "completed")
            await rules.poll()
        assert [each.outcome for each in stage.told][1:] == ["ok"]
    assert read_rules(stage.file) == {}


async def watch_list(rules: RuleWatcher, filter_: str = "") -> ListRule | None:
    """What `W` does on the list of batches."""
    platform: Platform = rules._platform
    watch = platform.list_apart(BATCHES, {}, {})
    await watch.poll()
    return rules.toggle_list(watch.collection, {}, filter_)


async def test_of_a_list_what_comes_later_is_told_too_once_and_across_restarts(stage: Stage) -> None:
    for id_, status in (("batch_1", "completed"), ("batch_2", "in_progress"), ("batch_3", "in_progress")):
        stage.set(id_, status)
    with odd_server(stage.answers) as url:
        async with stage.watcher(url) as rules:
            assert await watch_list(rules)
            await rules.poll()
            assert not stage.told, "what was over is no news"
            stage.set("batch_2", "failed")
            stage.set("batch_4", "in_progress")
            stage.set("batch_5", "completed")  # begun and over between two looks
            await rules.poll()
            await rules.poll()
            assert sorted(stage.words) == [("batch_2", "invalid"), ("batch_5", "ok")]
        stage.told.clear()
        stage.set("batch_4", "completed", failed=2)
        stage.set("batch_6", "cancelled")
        del stage.answers["/batches/batch_3"]
        async with stage.watcher(url) as one, stage.watcher(url) as other:
            await one.poll()
            await other.poll()
            assert sorted(stage.words) == [
                ("batch_3", "gone"),
                ("batch_4", "all failed"),
                ("batch_6", "cancelled 100 %"),
            ]
            own = stage.set("batch_7", "in_progress")
            await one.poll()
            assert one.toggle(BATCHES, {}, BATCHES.record(own)), "a rule of its own tells of it"
            stage.set("batch_7", "completed")
            stage.told.clear()
            await one.poll()
            await one.poll()
            await other.poll()
            assert stage.words == [("batch_7", "ok")]
            assert await watch_list(one) is None, "again ends it"
            stage.set("batch_8", "completed")
            await one.poll()
            await other.poll()
            assert stage.words == [("batch_7", "ok")]


async def test_a_filter_fits_while_it_goes_on_or_once_it_is_over(stage: Stage) -> None:
    for id_ in ("batch_1", "batch_2"):
        stage.set(id_, "in_progress")
    with odd_server(stage.answers) as url:
        async with stage.watcher(url) as rules:
            await watch_list(rules, "status:in_progress")
            await watch_list(rules, "status:failed")
            await watch_list(rules, "batch_2 status:finalizing")
            stage.set("batch_1", "completed")  # the first fitted until now
            stage.set("batch_3", "failed")  # the second fits now
            stage.set("batch_4", "completed")  # none does or did
            stage.set("batch_2", "finalizing")
            await rules.poll()
            assert sorted(stage.words) == [("batch_1", "ok"), ("batch_3", "invalid")]
            stage.set("batch_2", "failed")  # all of them: told once
            await rules.poll()
            await rules.poll()
            assert sorted(stage.words) == [("batch_1", "ok"), ("batch_2", "invalid"), ("batch_3", "invalid")]
            with pytest.raises(RuleError):
                await watch_list(rules, "age>")


async def test_more_than_a_page_that_came_is_all_told(stage: Stage) -> None:
    def page(query: Any) -> dict[str, Any]:
        listed = stage.listed[::-1]
        ids = [each["id"] for each in listed]
        start = ids.index(query["after"]) + 1 if query.get("after") else 0
        return {"object": "list", "data": listed[start : start + 100], "has_more": start + 100 < len(listed)}

    stage.answers["/batches"] = page
    with odd_server(stage.answers) as url:
        for n in range(150):
            stage.set(f"old_{n}", "completed")
        async with stage.watcher(url) as rules:
            await watch_list(rules)
        for n in range(250):
            stage.set(f"new_{n}", "completed")
        async with stage.watcher(url) as rules:
            await rules.poll()
            await rules.poll()
    assert sorted(id_ for id_, _ in stage.words) == sorted(f"new_{n}" for n in range(250))


async def test_what_a_day_costs_is_told_once_when_it_is_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.workflows.watch_rules.watcher.COSTS_PACE", 0.0)
    start = int(time.time()) // 86_400 * 86_400

    def spend(*dollars: object) -> None:
        results = [{"amount": {"value": each, "currency": "usd"}, "project_id": "proj_1"} for each in dollars]
        bucket = {"start_time": start, "end_time": start + 86_400, "results": results}
        stage.answers["/organization/costs"] = {"object": "page", "data": [bucket], "has_more": False}

    with odd_server(stage.answers) as url:
        async with stage.watcher(url, admin=True) as rules:
            rules.watch_costs(Decimal(500))
            rules.watch_costs(Decimal("200.5"))
            spend("150", 50.5)
            await rules.poll()
            assert not stage.told
            spend("150", 50.51, None)
            await rules.poll()
            await rules.poll()
    assert [each.sentence for each in stage.told] == ["costs of a day over $200.50: $200.51 +? so far today"]
    (rule,) = (read_rules(stage.file) or {}).values()
    assert isinstance(rule, WatchRule)
    assert (rule.id, rule.told) == ("200.5", time.strftime("%Y-%m-%d", time.gmtime())), "and again tomorrow"


async def test_an_amount_that_is_none_keeps_no_other_from_being_told(stage: Stage) -> None:
    rules: dict[str, Rule] = {
        "many": WatchRule("costs", {}, "many", "costs"),
        "batch_1": WatchRule("batches", {}, "batch_1", "one"),
    }
    write_rules(stage.file, rules)
    stage.set("batch_1", "completed")
    stage.answers["/organization/costs"] = {"object": "page", "data": [], "has_more": False}
    with odd_server(stage.answers) as url:
        async with stage.watcher(url, admin=True) as watcher:
            await watcher.poll()
            watcher.stop()
    assert sorted(each.outcome for each in stage.told) == ["no amount", "ok"], "in whichever order they are asked"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", "null", '[{"id": "batch_1"}]', '[{"filter": ""}]', '[{"scope": 3}]'],
)
def test_a_damaged_file_holds_no_rules(tmp_path: Path, text: str) -> None:
    (tmp_path / "rules.json").write_text(text)
    assert read_rules(StateFile(tmp_path / "rules.json")) is None


async def test_an_end_is_told_soon_and_objects_of_one_list_take_one_request(stage: Stage) -> None:
    with odd_server(stage.answers) as url:
        async with stage.watcher(url) as rules:
            rules.toggle(BATCHES, {}, BATCHES.record(stage.set("batch_0", "in_progress")))
            await rules.poll()
            assert rules.interval() <= 10, "seconds until an end is told"
            assert not rules.heeds_focus, "it is told to who does not look"
            for number in range(1, 9):
                rules.toggle(BATCHES, {}, BATCHES.record(stage.set(f"batch_{number}", "in_progress")))
            exchanges = rules._platform.client.exchanges
            before = len(exchanges)
            await rules.poll()
            assert not [each.path for each in list(exchanges)[before:] if "/batch_" in each.path]
            assert rules.interval() <= 10
            stage.set("batch_4", "completed")
            stage.made.pop("batch_7")  # behind the first page
            stage.answers["/batches/batch_7"] = {**stage.answers["/batches/batch_7"], "status": "cancelled"}
            del stage.answers["/batches/batch_8"]
            await rules.poll()
            await rules.poll()
    assert sorted(stage.words) == [("batch_4", "ok"), ("batch_7", "cancelled 100 %"), ("batch_8", "gone")]


async def test_many_rules_leave_most_of_the_budget_to_others(stage: Stage) -> None:
    with odd_server(stage.answers) as url:
        async with stage.watcher(url) as rules:
            watched = stage.set("batch_0", "in_progress")
            kept = {f"r{n}": WatchRule("eval-runs", {"eval_id": f"e{n}"}, f"r{n}", "run") for n in range(30)}
            rules._hold({**kept, "batch_0": WatchRule("batches", {}, watched["id"], "batch")})
            assert 60 / rules.interval() * len(rules.rules) <= rules._scheduler.budget / 2
