"""The line at the top of a place: whose it is, what may be written, what goes on, how fresh all is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.resources.language.cells import pluralize, stamp
from tui.resources.language.reading.amounts import format_amount, sum_amounts
from tui.text import cell_width, clean, fit
from tui.widgets.base.layout import BESIDE

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tui.resources.language.resource import Resource
    from tui.screens.navigation.accounts.account import Account
    from tui.widgets.base.freshness import Parts
    from tui.widgets.base.tones import Part

CHOSEN: Part = ("▸", "accent")
"""What stands before the account that keys act in."""
_WORTH = 6  # cells of the account that tell something


def build_header(
    accounts: Sequence[Account],
    resource: Resource,
    freshness: Parts,
    marks: Sequence[Part],
    width: int,
    at_fault: Collection[str] = (),
    chosen: str = "",
) -> tuple[Parts, Parts]:
    """Return the parts of the left and right, for a place that shows a resource of accounts in `width` cells.

    `marks` stand beside the program's name; of several accounts, `at_fault` are those whose lists are old, and
    keys act in the `chosen` one if they do not go by the row.
    """
    counts = _count(accounts, wide=width >= BESIDE)
    recorders = [account.session.recorder for account in accounts]
    recording: Parts = [(" ● rec ", "bad")] if any(each and each.is_open for each in recorders) else []
    start: Parts = [(" o9s ", "strong"), *marks, *recording]
    if len(accounts) > 1:
        return _head_several(accounts, start, counts, freshness, width, at_fault, chosen)
    account = accounts[0]
    platform, connection = account.platform, account.platform.client.connection
    where = " / ".join(part for part in (connection.organization, connection.project) if part)
    if connection.is_replay:
        told = ", over" if account.is_over else str(account.session.pace)
        where = f"▲ replay of {stamp(platform.now())[:16]}{told}"
    elif connection.taken_at is not None:
        where = f"▲ take-out of {stamp(connection.taken_at)[:16]}"
    elif not connection.official and not connection.sandbox:
        where = f"{'http://' if connection.is_plain else ''}{connection.host} {where}"
    secret = connection.key(resource.key)
    left = [*start, build_badge(account)]
    right = [_tell_writing(account), ("   ", ""), *freshness, ("   ", "")]
    # What changes goes before what stays, where there is not room for all.
    room = width - _add_cells(*left, *counts, *right) - 1
    rate = f"{_find_steady_rate(accounts)}/{platform.budget} rpm "
    if secret and not connection.sandbox:
        source = connection.sources.get(resource.key, "this session")
        key = f"key {secret:end}"
        rest = room - len(f"{platform.budget}/{rate}")  # however many there are
        choices = (f"{where.strip()} {key} of {source}", f"{where.strip()} {key}", where.strip())
        where = next((each for each in choices if cell_width(clean(each)) <= rest), where.strip())
    where = f" {where.strip()}"
    if (taken := cell_width(clean(where))) > room:
        where, taken = fit(where, room if room >= _WORTH else 0), room
    right.append((rate if room - taken >= len(rate) else "", "dim"))
    return [*left, (where, ""), *counts], right


def _head_several(
    accounts: Sequence[Account],
    left: list[Part],
    counts: Parts,
    freshness: Parts,
    width: int,
    at_fault: Collection[str],
    chosen: str,
) -> tuple[Parts, Parts]:
    """Return the line for several accounts: each by its colour, with whether it may be written to."""
    right = [*freshness, ("   ", "")]
    room = width - _add_cells(*left, *counts, *right) - 1
    badges: Parts = []
    for account in accounts:
        old: Parts = [(" ▲", "warn")] if account.name in at_fault else []
        mark: Parts = [CHOSEN] if account.name == chosen else []
        badges += [*mark, build_badge(account), *old, (" ", ""), _tell_writing(account), (" ", "")]
    if _add_cells(*badges) > room:
        writing = {account.is_read_only for account in accounts}
        told = _tell_writing(accounts[0]) if len(writing) == 1 else ("rw and ro", "warn")
        badges = [(f" {len(accounts)} profiles ", "badge-warn"), (" ", ""), told]
        for account in accounts:
            if account.name == chosen:
                badges = [CHOSEN, build_badge(account), (f" of {len(accounts)} ", "dim"), _tell_writing(account)]
    budget = sum(account.platform.budget for account in accounts)
    rate = f"{_find_steady_rate(accounts)}/{budget} rpm "
    right.append((rate if room - _add_cells(*badges) >= len(rate) else "", "dim"))
    return [*left, *badges, *counts], right


def build_badge(account: Account) -> Part:
    """Return the name of an account, in its own colour where several are in use."""
    if account.platform.account:
        return f" {account.name} ", f"badge-{account.tone}"
    connection = account.platform.client.connection
    if connection.is_replay or connection.taken_at is not None:
        return (
            " REPLAY " if connection.is_replay else " TAKE-OUT ",
            "badge" if connection.sandbox else "badge-warn",
        )
    name = " SANDBOX " if connection.sandbox else f" {account.name} "
    return name, "badge" if connection.sandbox else "badge-warn"


def _tell_writing(account: Account) -> Part:
    return ("ro", "dim") if account.is_read_only else ("rw", "warn")


def _add_cells(*parts: Part) -> int:
    return sum(cell_width(text) for text, _ in parts)


def _count(accounts: Sequence[Account], *, wide: bool) -> Parts:
    """Return the tasks under way; once home was opened, what is in flight, needs somebody and was spent."""
    under_way = sum(len(account.platform.tasks.under_way) for account in accounts)
    tasks = [(f"   ◐ {pluralize(under_way, 'task') if wide else under_way}", "accent")] if under_way else []
    known = [account.session.overview for account in accounts]
    overviews = [each for each in known if each and any(watch.health.since for watch in each.watches)]
    if not overviews:
        return tasks
    more = "" if all(each.is_whole for each in overviews) and len(overviews) == len(accounts) else "+"
    flights = sum(each.flight_count for each in overviews)
    needing = sum(each.need_count for each in overviews)
    parts: Parts = [
        *tasks,
        (f"   ▸ {flights:,}{more}{' in flight' if wide else ''}", "accent" if flights else "dim"),
    ]
    words = " needs you" if needing == 1 and not more else " need you"
    parts.append((f"  ! {needing:,}{more}{words if wide else ''}", "bad" if needing else "dim"))
    if spent := [money.today for each in overviews if (money := each.money())]:
        parts.append((f"  {format_amount(sum_amounts(spent), '$')}{' today' if wide else ''}", ""))
    return parts


def _find_steady_rate(accounts: Sequence[Account]) -> int:
    """Return the requests of the last minute, as last shown unless they changed by a tenth of the budget.

    A count that flickers by one with each poll would send bytes when there is nothing new.
    """
    now = sum(account.platform.requests_last_minute for account in accounts)
    budget, session = sum(account.platform.budget for account in accounts), accounts[0].session
    if abs(now - session.rate_shown) >= max(2, budget // 10) or not session.rate_shown:
        session.rate_shown = now
    return session.rate_shown
