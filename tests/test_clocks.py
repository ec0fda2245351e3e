"""Times follow the platform's clock: the machine's is read where there is no platform, and for pacing."""

from __future__ import annotations

import ast
import json
import time
from pathlib import Path

from tests.support.commands import run
from tests.support.driving import opened, served

ROOT = Path(__file__).parents[1] / "tui"
DAY, PAGE = 86400, 100
# Modules that read this machine's clock, and for what.
OWN = {
    "api/client.py": "the one place that knows by how much the server's differs",
    "api/log/journal.py": "a log of this machine",
    "api/recording/recorder.py": "what is replayed has one clock: the one it was recorded by",
    "api/retries.py": "how long a date is ahead, where no answer has told the server's time",
    "headless/doctor/server.py": "it compares the two",
    "live/fan_out/sweep.py": "pacing",
    "live/ledger.py": "a log of this machine",
    "live/lists/view.py": "its default, of views without a platform",
    "live/platform.py": "it adds what the client knows",
    "live/polling/poller.py": "pacing",
    "live/polling/scheduler.py": "pacing",
    "live/polling/tail.py": "pacing",
    "live/polling/used_by.py": "pacing",
    "live/polling/watch.py": "pacing, and it adds what the client knows",
    "live/tasks/tasks.py": "its default, of tasks without a platform",
    "screens/places/frame.py": "when this program asks again",
    "screens/places/usage/screen.py": "the poller adds what the client knows",
    "toolkit/remembering.py": "the last screen, kept for the next start",
    "widgets/text/event_log.py": "its default, of logs without a platform",
    "workflows/campaigns/journal.py": "a log of this machine",
    "workflows/campaigns/rows.py": "how long it took, by that log",
    "workflows/campaigns/runner.py": "pacing, and it adds what the client knows",
    "workflows/offboarding/search.py": "pacing",
    "workflows/overview/lookout.py": "pacing",
    "workflows/overview/spending.py": "the poller adds what the client knows",
    "workflows/overview/storage.py": "pacing, and it adds what the client knows",
    "workflows/watch_rules/watcher.py": "pacing",
}


def reads_clock(text: str) -> bool:
    return any(
        (isinstance(node, ast.Attribute) and ast.unparse(node) in ("time.time", "datetime.now", "date.today"))
        or (isinstance(node, ast.ImportFrom) and node.module == "time")
        for node in ast.walk(ast.parse(text))
    )


def test_each_module_that_reads_the_machines_clock_says_for_what() -> None:
    found = {
        name
        for path in ROOT.rglob("*.py")
        if not (name := path.relative_to(ROOT).as_posix()).startswith("sandbox/") and reads_clock(path.read_text())
    }
    assert found == OWN.keys(), "what is of the platform goes by client.now() or platform.now()"


def test_spans_are_counted_back_from_the_servers_time() -> None:
    for off in (-400, 400):
        now = time.time() + off * DAY
        with served(scenario="busy", now=now) as server:
            entries = json.loads(run(server.url, "get", "audit", "-o", "json").stdout)
            recent = [each["id"] for each in entries if each["effective_at"] >= now - 9 * DAY]
            assert PAGE < len(recent) < len(entries)
            told = run(server.url, "get", "audit", "--since", "9d", "-o", "ids")
            assert told.stdout.split() == recent, off
            day = time.strftime("%Y-%m-%d", time.gmtime(now))
            told = run(server.url, "costs", "--since", day, "-o", "json")
            assert told.exit_code == 0, f"{off}: {told.output}"
            later = time.strftime("%Y-%m-%d", time.gmtime(now + 9 * DAY))
            told = run(server.url, "costs", "--since", later, "-o", "json")
            assert (told.exit_code, "leaves no day before" in told.output) == (2, True), told.output


async def test_a_span_given_to_the_audit_log_is_counted_back_from_the_servers_time() -> None:
    now = time.time() - 400 * DAY
    with served(scenario="busy", now=now) as server:
        query = f"limit=100&effective_at[gte]={int(now) - 7200}"
        wanted = {
            each["id"] for each in server.call("GET", f"/organization/audit_logs?{query}", admin=True)["data"]
        }
        assert wanted
        async with opened(server, "audit") as drive:
            await drive.until(lambda: drive.record, "an entry")
            await drive.command("effective_at[gte] 2h")
            log = drive.app.screen._tail  # type: ignore[attr-defined]
            await drive.until(lambda: {each.id for each in log.entries} == wanted, "the last two hours")


def test_days_are_checked_without_a_clock() -> None:
    for words in (("--since", "1d", "--until", "2d"), ("--since", "2026-01-02", "--until", "2026-01-01")):
        told = run("http://127.0.0.1:9/v1", "costs", *words)
        assert told.exit_code == 2, told.output
        assert "leaves no day before" in told.output
        assert json.dumps(words[1])[1:-1] in told.output
