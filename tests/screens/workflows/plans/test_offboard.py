"""Off-boarding: all that a person holds is found, planned, and taken from them; what fails stays to be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.driving import ADMIN_KEY, PROJECT_KEY, Drive, Server, opened, served
from tests.support.nursery import SLOW
from tui.screens.workflows.plans.offboard import OffboardScreen
from tui.widgets.text.conversation import Conversation
from tui.workflows.offboarding.kinds import API_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADA, LENA, MATEO, ROBIN, TOM, SOFIA = (
    f"{name}@acme.example"
    for name in ("ada.okafor", "lena.fischer", "mateo.rossi", "robin.vega", "tom.hale", "sofia.moreau")
)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """An organization that people leave."""
    with served(scenario="busy", speed=SLOW) as server:
        yield server


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dialogs listen at once, and haste is soon forgiven."""
    monkeypatch.setattr("tui.screens.dialogs.confirm.ARM_SECONDS", 0.01)
    monkeypatch.setattr("tui.api.retries.HASTE", 0.01)


def listed(server: Server, path: str) -> list[dict[str, Any]]:
    """A whole list of the organization."""
    found: list[dict[str, Any]] = server.call("GET", f"/organization{path}?limit=100", admin=True)["data"]
    return found


def user(server: Server, mail: str) -> dict[str, Any]:
    """A user, with the projects they belong to."""
    id_ = next(one["id"] for one in listed(server, "/users") if one["email"] == mail)
    found: dict[str, Any] = server.call("GET", f"/organization/users/{id_}", admin=True)
    return found


def keys_of(server: Server, mail: str, *projects: str) -> set[str]:
    """The names of the keys somebody has, each with its project's: in some projects, or in all."""
    return {
        f"{key['name']} {project['name']}"
        for project in listed(server, "/projects")
        if not projects or project["name"] in projects
        for key in server.call(
            "GET",
            f"/organization/projects/{project['id']}/api_keys?limit=100&owner_project_access=any",
            admin=True,
        )["data"]
        if (key["owner"].get("user") or {}).get("email") == mail
    }


def deletions(server: Server) -> set[str]:
    """What the server was lately asked to delete."""
    return {seen["path"] for seen in server.requests() if seen["method"] == "DELETE"}


async def looked(drive: Drive) -> OffboardScreen:
    """The page, with everything on it."""
    await drive.until(lambda: isinstance(drive.app.screen, OffboardScreen), "the page")
    screen: Any = drive.app.screen
    await drive.until(lambda: screen.search.is_complete, "all that is held")
    assert isinstance(screen, OffboardScreen)
    return screen


async def opens(drive: Drive, mail: str) -> OffboardScreen:
    """The page of somebody, who may be looked for as fast as it goes."""
    assert drive.app.platform
    drive.app.platform.scheduler.budget = 6_000
    await drive.command(f"offboard {mail}")
    return await looked(drive)


async def runs(drive: Drive, mail: str, key: str = "ctrl+d") -> None:
    """Confirm what the page plans, and wait until it is done."""
    screen: Any = drive.app.screen
    before = screen.plan_run
    await drive.press(key)
    await drive.until(lambda: drive.armed, "the dialog to listen")
    await drive.type(mail)
    await drive.press("enter")
    await drive.until(lambda: screen.plan_run is not before and screen.plan_run.is_over, "the end of the calls")


def states(screen: OffboardScreen) -> dict[str, str]:
    """How the steps stand, by what they are about."""
    found = {}
    for step in screen.plan.steps:
        place = step.record.at("project.name") if step.kind is API_KEYS else ""
        found[f"{step.kind.title} {step.name} {place}".rstrip()] = screen.plan.state(step)
    assert len(found) == len(screen.plan.steps)
    return found


def at(drive: Drive, words: str) -> None:
    """Put the cursor on the first line that says this."""
    view = drive.app.screen.query_one(Conversation)
    view.move_to(next(row for row in range(view.count()) if words in view.raw(row)))


async def test_all_that_somebody_holds_is_taken_but_what_was_left_out(server: Server) -> None:
    mateo, keys = user(server, MATEO), keys_of(server, MATEO)
    assert len(keys) > 5
    async with opened(server, "users") as drive:
        screen = await opens(drive, MATEO)
        text = "\n".join(map(screen.query_one(Conversation).raw, range(screen.query_one(Conversation).count())))
        assert {f"{step.name} {step.record.at('project.name')}" for step in screen.plan.steps[: len(keys)]} == keys
        assert all(one["name"] in text for one in mateo["projects"]["data"])
        for words in ("Key auditor", "All engineers", "identity provider", "keys of service accounts", "in 30 d"):
            assert words in text
        at(drive, "month-end")
        await drive.press("space")
        await drive.sees("1 left open")
        planned = len(screen.plan.remaining)
        await drive.press("ctrl+d")
        await drive.sees("Left open: month-end.")
        await drive.type("somebody@else.example")
        await drive.press("enter", "escape")
        assert not [seen for seen in server.requests() if seen["method"] == "DELETE"], "nothing happens unasked"
        server.control("faults", spec="429@DELETE /organization x2")
        await runs(drive, MATEO)
        found = list(states(screen).values())
        assert found.count("done") == planned, "each stays to be seen"
        assert set(found) == {"done", "out", "blocked"}
        assert keys_of(server, MATEO) == {"month-end billing"}
        assert MATEO not in [one["email"] for one in listed(server, "/users")]
        await drive.press("escape")
        await drive.sees("users")
        screen = await opens(drive, MATEO)
        assert list(states(screen)) == ["API keys month-end billing"], (
            "what is left is known though the user is gone"
        )
        await drive.sees("Nobody of the organization has this address")
        await runs(drive, MATEO, "R")
        assert not keys_of(server, MATEO, "billing")


async def test_what_fails_is_marked_and_done_when_asked_again(server: Server, tmp_path: Path) -> None:
    async with opened(server, "users", size=(80, 24)) as drive:
        screen = await opens(drive, LENA)
        first = screen.plan.steps[0]
        server.call("DELETE", first.call.removeprefix("DELETE "), admin=True)
        spec = "drop-after@DELETE /organization/projects/ x1,400@DELETE /organization/users x1"
        server.control("faults", spec=spec)
        await runs(drive, LENA)
        found = states(screen)
        assert found["Organization " + LENA] == "failed"
        assert found["Groups Finance"] == "blocked"
        assert next(iter(found.values())) == "done", "its answer was lost, and it is gone"
        assert "done" in found.values()
        await drive.sees("R run the rest")
        target = tmp_path / "plan.txt"
        await drive.press("ctrl+s")
        await drive.sees("Save the plan to")
        await drive.press("ctrl+a", "ctrl+k")
        await drive.type(str(target))
        await drive.press("enter")
        await drive.until(target.exists, "the plan")
        saved = target.read_text()
        assert "[failed]" in saved and "[done]" in saved and f"\n      {first.call}\n" in saved
        await runs(drive, LENA, "R")
        assert set(states(screen).values()) == {"done", "blocked"}
        assert not keys_of(server, LENA)
        assert LENA not in [one["email"] for one in listed(server, "/users")]


async def test_the_user_stays_while_an_admin_key_does(server: Server) -> None:
    server.control("faults", spec="500@DELETE /organization/admin_api_keys x1")
    async with opened(server, "users") as drive:
        screen = await opens(drive, ADA)
        await runs(drive, ADA)
        assert user(server, ADA)
        assert sorted(states(screen).values())[-2:] == ["failed", "failed"], (
            "the key is still there, so it was not done"
        )
        await drive.sees("failed")
        await runs(drive, ADA, "R")
        assert ADA not in [one["email"] for one in listed(server, "/users")]
        assert "Ada Okafor" not in [key["owner"]["name"] for key in listed(server, "/admin_api_keys")]


async def test_locking_oneself_out_is_told_before(server: Server) -> None:
    own = next(key for key in listed(server, "/admin_api_keys") if key["owner"]["name"] == "Robin Vega")
    keys = {"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": f"{ADMIN_KEY}-{own['redacted_value'][-4:]}"}
    for one in listed(server, "/users"):
        if one["role"] == "owner" and one["email"] != ROBIN:
            server.call("DELETE", f"/organization/users/{one['id']}", admin=True)
    async with opened(server, "users", env=keys) as drive:
        screen = await opens(drive, ROBIN)
        assert screen.plan.steps[-1].name == own["name"]
        await drive.sees(f"The admin key that o9s uses now, {own['name']}, is theirs.")
        await drive.sees("the last owner")
        assert states(screen)[f"Organization {ROBIN}"] == "blocked"


async def test_keys_of_somebody_who_left_are_found_over_refusals(server: Server) -> None:
    spec = "429@GET /organization/admin_api_keys x1,403@GET /organization/audit_logs x1"
    server.control("faults", spec=spec)
    before = deletions(server)
    async with opened(server, "users") as drive:
        screen = await opens(drive, TOM)
        assert list(states(screen)) == [
            "API keys checkout-prod storefront",
            "API keys tom-old-notebook storefront",
            "Admin keys old-siem",
        ]
        await drive.sees("cannot be seen")
        assert deletions(server) <= before


async def test_what_was_taken_from_somebody_who_left_stays_on_the_page() -> None:
    with served(scenario="busy", speed=SLOW) as server:
        async with opened(server, "users", size=(120, 40)) as drive:
            screen = await opens(drive, TOM)
            await drive.sees("space skip or include")
            await drive.sees("nobody's and stay")
            await runs(drive, TOM)
            await drive.sees("3 done")
            await drive.sees("✓ delete admin key  old-siem")
            await drive.sees("nobody's and stay")
            assert list(states(screen).values()) == ["done"] * 3
            await drive.until(lambda: "skip or include" not in drive.text(), "nothing to be left out any more")


@pytest.mark.opens("OffboardScreen")
async def test_it_opens_from_the_list_and_writes_nothing_when_read_only(server: Server) -> None:
    async with opened(server, "users") as drive:
        assert drive.app.platform
        drive.app.platform.scheduler.budget = 6_000
        await drive.command("offboard sofia")
        await drive.sees("Give the mail address")
        await drive.press("escape")
        await drive.command("ro")
        await drive.press("slash")
        await drive.type("sofia")
        await drive.press("enter")
        await drive.until(lambda: drive.record and drive.record.raw["email"] == SOFIA, "her row")
        await drive.press("ctrl+x")
        screen = await looked(drive)
        await drive.press("ctrl+d")
        await drive.told("read-only mode is on")
        assert set(states(screen).values()) <= {"planned", "blocked"}


async def test_stopping_leaves_the_rest(server: Server) -> None:
    async with opened(server, "users") as drive:
        screen = await opens(drive, SOFIA)
        server.control("faults", spec="latency=2s@DELETE /organization")
        await drive.press("ctrl+d")
        await drive.until(lambda: drive.armed, "the dialog to listen")
        await drive.type(SOFIA)
        await drive.press("enter")
        await drive.until(lambda: screen.plan.running, "the first call")
        await drive.press("escape")
        await drive.told("to make. R goes on.")
        first, *others = states(screen).values()
        assert first == "unknown"
        assert set(others) <= {"planned", "blocked"}
        server.control("faults", spec="")


async def test_without_an_admin_key_it_says_what_is_needed(server: Server) -> None:
    async with opened(server, "batches", env={"OPENAI_API_KEY": PROJECT_KEY, "OPENAI_ADMIN_KEY": ""}) as drive:
        await drive.command(f"offboard {TOM}")
        await drive.sees("This needs an admin key")
