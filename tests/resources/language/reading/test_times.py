"""Times: in whatever form a server writes them, every resource shows the right moment, or that it is not known."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.samples import CONTEXT, NOW, sample_of
from tests.support.showing import mutated, show
from tui.live.lists.values import build_getter
from tui.resources.fine_tuning.events import EVENTS
from tui.resources.language.cells import age, duration, instant, moment, stamp, until
from tui.resources.language.column import Cell
from tui.resources.language.curves import read_figure
from tui.resources.language.objects import Object, Record
from tui.resources.language.reading.times import unix_time
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.resources.language.resource import Resource

FORMS: list[Callable[[float], Any]] = [
    lambda at: at,
    lambda at: int(at),
    lambda at: int(at) * 1_000,
    lambda at: int(at) * 1_000_000,
    lambda at: int(at) * 1_000_000_000,
    lambda at: float(at) * 1e3,
    lambda at: str(int(at)),
    lambda at: f" {at:.1f} ",
    lambda at: str(int(at) * 1_000),
    lambda at: datetime.fromtimestamp(at, UTC).isoformat(),
    lambda at: datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    lambda at: (
        datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.123456789Z").replace(".123456789", ".000")
    ),
    lambda at: datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S"),
    lambda at: datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
    lambda at: datetime.fromtimestamp(at + 7_200, UTC).strftime("%Y-%m-%dT%H:%M:%S+02:00"),
    lambda at: datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ"),
    lambda at: datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S +0000 UTC"),
    lambda at: datetime.fromtimestamp(at + 3_600, UTC).strftime("%Y-%m-%d %H:%M:%S.000000000 +0100 CET m=+0.01"),
    lambda at: datetime.fromtimestamp(at, UTC).strftime("%Y/%m/%d %H:%M:%S"),
    lambda at: datetime.fromtimestamp(at + 3_600, UTC).strftime("%Y-%m-%dT%H:%M:%S+01:00[Europe/Berlin]"),
    lambda at: datetime.fromtimestamp(at, UTC).strftime("%a %b %d %H:%M:%S %Y"),
    lambda at: f"/Date({int(at) * 1_000})/",
    lambda at: format_datetime(datetime.fromtimestamp(at, UTC)),
    lambda at: format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True),
]
NONSENSE: list[Any] = [
    *(None, "", "soon", "nan", "inf", "-", "2026-13-45", "Mon, 99 Foo 2026 99:99:99 GMT", "\x1b[31m", "²", "٣٤٥"),
    *(0, -1, 1, 86_400, True, False, math.nan, math.inf, -math.inf, 1e300, -1e300, 10**400),
    *(
        "9" * 60,
        "9" * 5_000,
        "1e400",
        "0",
        "-5",
        "0001-01-01",
        "1970-01-01T00:00:00Z",
        "9999-12-31T23:59:59+14:00",
    ),
    *([], {}, [1_790_000_000], {"seconds": 1_790_000_000}),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("at", [NOW - 7_200, NOW + 90_000, 100_000_001.0])
def test_a_time_is_read_in_every_form(form: Callable[[float], Any], at: float) -> None:
    assert unix_time(form(at)) == at


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: repr(value)[:20])
def test_nonsense_is_no_time_and_shows_as_unknown(value: Any) -> None:
    assert unix_time(value) is None
    record = Record("x", {}, Object)
    assert {show(value, record, CONTEXT).text for show in (age, until, instant)} == {"·"}


@given(
    st.one_of(st.floats(), st.integers(), st.text(max_size=30), st.from_regex(r"\d{4}-\d\d-\d\d.\d\d:\d\d.{0,8}"))
)
def test_whatever_comes_is_a_time_calendars_have_or_none(value: Any) -> None:
    found = unix_time(value)
    assert found is None or 365 * 86_400 < found < 253_402_300_800
    if found is not None:
        assert stamp(found)[0] in "12345678"
        assert moment(found) != "·"


@pytest.mark.parametrize("value", [1e18, math.nan, math.inf, -1e18])
def test_a_time_beyond_calendars_is_written_as_unknown(value: float) -> None:
    assert stamp(value) == moment(value) == "·"


def test_the_time_to_now_is_never_now_for_what_is_no_time() -> None:
    record = Record("x", {}, Object)
    assert age(1_790_000_000_000, record, CONTEXT).text == "now", "the sample's own now, in milliseconds"
    assert age((NOW - 7_200) * 1_000, record, CONTEXT).text == "2 h"


def time_paths(resource: Resource) -> list[str]:
    """The paths at which a resource's columns and details read a time from the object as it came."""
    raw = sample_of(resource)
    values = [column.value for column in resource.columns]
    values += [field.value for section in resource.detail for field in section.fields]
    paths = {value for value in values if isinstance(value, str) and value}
    record = resource.record(raw)
    return sorted(
        path for path in paths if "tokens" not in path and 1e9 < (read_figure(record.at(path)) or 0) < 1e10
    )


@pytest.mark.parametrize("resource", REGISTRY.values(), ids=lambda resource: resource.name)
def test_every_time_of_every_resource_is_read_in_every_form(resource: Resource) -> None:
    raw = sample_of(resource)
    usual = show(resource, resource.record(raw))
    for path in time_paths(resource):
        at = resource.record(raw).at(path)
        for form in FORMS:
            record = resource.record(mutated(raw, tuple(path.split(".")), form(at), drop=False))
            assert show(resource, record) == usual, f"{path} as {form(at)!r}"
            assert build_getter(path, lambda _: CONTEXT)(record) == at, "what is sorted by and compared"
        for value in NONSENSE:
            record = resource.record(mutated(raw, tuple(path.split(".")), value, drop=False))
            assert not [text for text in show(resource, record) if "1970" in text]
            assert record.read(path) is None


def test_there_are_times_to_test() -> None:
    assert {"created_at", "expires_at"} <= {
        path for resource in REGISTRY.values() for path in time_paths(resource)
    }


def test_numbers_written_as_text_are_numbers() -> None:
    files = REGISTRY["files"]
    record = files.record({"id": "file-1", "bytes": "1200"})
    size = files.column("size")
    assert size
    assert size.cell(record, CONTEXT).text == "1.2 kB"
    assert build_getter("bytes", lambda _: CONTEXT)(record) == 1200
    batches = REGISTRY["batches"]
    fail = batches.column("fail")
    assert fail
    assert fail.cell(
        batches.record({"id": "b", "request_counts": {"total": "9", "completed": "6", "failed": "3"}}), CONTEXT
    ) == Cell("3", "bad", "")


@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: repr(value)[:20])
def test_an_event_of_no_time_is_still_an_event(value: Any) -> None:
    event = EVENTS.record({"id": "e", "created_at": value, "level": "info", "message": "Hello"})
    assert event.read("created_at") is None
    words = next(column for column in EVENTS.columns if column.grow)
    assert words.cell(event, CONTEXT).text == "Hello"


@pytest.mark.parametrize(
    ("days", "shown"), [(0.5, "12 h"), (999, "999 d"), (1360, "3.7 y"), (9201, "25 y"), (4e6, "10,951 y")]
)
def test_spans_are_short_however_long_they_are(days: float, shown: str) -> None:
    assert duration(days * 86_400) == shown
