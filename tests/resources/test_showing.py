"""Showing objects: whatever a server sends, every column, section and judgement of a resource bears it."""

from __future__ import annotations

import ast
import contextlib
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tui.resources
from tests.support.examples import examples
from tests.support.samples import CONTEXT, NOW, SAMPLES, sample_of
from tests.support.showing import mutated, show
from tui.resources.language.cells import count
from tui.resources.language.column import (
    Cell,
    CellContext,
)
from tui.resources.registry import REGISTRY
from tui.widgets.detail.summary import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tui.resources.language.resource import Resource

EVERY = [pytest.param(resource, id=resource.name) for resource in REGISTRY.values()]
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, "", "never_heard_of", "\x1b[31m", 0, -1, 1e300, True, [], {}, [None], {"a": None}, [{}]),
        *(10**400, "9" * 400, 10**18, 1e18, math.nan, math.inf, "nan", "12", "1790000000", 1_790_000_000_000),
        *("2026-11-27T05:00:00Z", "2026-11-27", "COMPLETED", "In Progress", "Canceled", "ft:", "\ud800"),
    ]
)
ODD_ONES = st.one_of(ODD, st.lists(ODD, max_size=2), st.dictionaries(st.sampled_from(["type", "text", "id"]), ODD))


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place within an object."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield (*at, key)
        yield from places(inner, (*at, key))


@pytest.mark.parametrize("resource", EVERY)
def test_a_normal_object_is_shown_whole(resource: Resource) -> None:
    texts = show(resource, resource.record(sample_of(resource)))
    assert not [text for text in texts if "cannot be read" in text]
    if resource.name in SAMPLES:
        blank = [column.header for column in resource.columns if not column.drop_order and not column.wide]
        shown = [resource.record(SAMPLES[resource.name])]
        empty = [
            header
            for header in blank
            if (column := resource.column(header)) and column.cell(shown[0], CONTEXT).text in ("", "·")
        ]
        allowed = {"ETA", "EXPIRES", "TOKENS", "FINE-TUNED MODEL", "FAIL", "VALID", "SHUTDOWN", "STOPS IN"}
        assert set(empty) <= allowed, "the most telling columns say nothing of a normal object"


@pytest.mark.parametrize("resource", EVERY)
def test_an_object_that_has_nothing_is_shown(resource: Resource) -> None:
    show(resource, resource.record({}))
    show(resource, resource.record({resource.identify: "x", "unheard": {"of": [1]}}), CellContext(NOW))


@pytest.mark.parametrize("resource", EVERY)
def test_every_field_may_be_missing_or_null(resource: Resource) -> None:
    raw = sample_of(resource)
    for at in places(raw):
        show(resource, resource.record(mutated(raw, at, None, drop=True)))
        show(resource, resource.record(mutated(raw, at, None, drop=False)))


@pytest.mark.parametrize("resource", EVERY)
def test_what_is_odd_is_shown_as_json(resource: Resource) -> None:
    raw = sample_of(resource)
    for at in places(raw):
        for text in show(resource, resource.record(mutated(raw, at, {"a": [None, True]}, drop=False))):
            assert "{'" not in text and "None" not in text and "True" not in text, (at, text)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1.5, "1.5"), ("0.25", "0.25"), (2.0, "2"), (999.4, "999"), (12_345.6, "12.3k"), (True, "? true")],
)
def test_a_count_keeps_its_fraction_where_that_can_be_seen(value: Any, shown: str) -> None:
    assert count(value, REGISTRY["files"].record({}), CONTEXT).text == shown


@pytest.mark.parametrize("resource", EVERY)
def test_one_clock_judges_and_what_changes_as_time_passes_says_so(resource: Resource) -> None:
    subject = resource.record(SAMPLES.get(resource.name, sample_of(resource))).object
    at_times = {resource.attention(subject, CellContext(NOW + days * 86_400)) for days in (-3_000, 0, 3_000)}
    assert len(at_times) == 1 or resource.ages, "declare that the answer `ages`"


def test_resources_have_no_clock_of_their_own() -> None:
    for path in Path(tui.resources.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            read = ""
            if isinstance(node, ast.Import):
                read = "time" if "time" in {alias.name for alias in node.names} else ""
            elif isinstance(node, ast.ImportFrom):
                read = "time" if node.module == "time" else ""
            elif isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow"):
                read = ast.unparse(node) if "date" in ast.unparse(node.value).lower() else ""
            assert not read, (
                f"{path.name}:{getattr(node, 'lineno', 0)} reads the clock ({read}); take the time of `context`"
            )


@pytest.mark.parametrize("resource", EVERY)
@examples(25)
@given(data=st.data())
def test_fields_may_be_anything(resource: Resource, data: st.DataObject) -> None:
    raw = sample_of(resource)
    for at in data.draw(st.lists(st.sampled_from(list(places(raw))), min_size=1, max_size=4, unique=True)):
        with contextlib.suppress(KeyError, TypeError, IndexError):  # an earlier change took the place away
            raw = mutated(raw, at, data.draw(ODD_ONES), drop=False)
    show(resource, resource.record(raw))


def cell(name: str, column: str, **changes: Any) -> Cell:
    resource = REGISTRY[name]
    found = resource.column(column)
    assert found, f"{name} has no column {column}"
    return found.cell(resource.record({**SAMPLES[name], **changes}), CONTEXT)


def reason(name: str, **changes: Any) -> str | None:
    resource = REGISTRY[name]
    return resource.attention(resource.record({**SAMPLES[name], **changes}).object, CONTEXT)


def details(name: str, **changes: Any) -> dict[str, Cell]:
    resource = REGISTRY[name]
    record = resource.record({**SAMPLES[name], **changes})
    return {row.label: row.cell for row in describe(resource, record, CONTEXT)}


def test_columns_that_tell_most() -> None:
    assert cell("vector-stores", "files").text.split() == ["████▍", "88", "%", "7/8"]
    assert cell("vector-stores", "files", file_counts={"total": 0}).text == "·", "an empty store looks unfinished"
    assert cell("vector-stores", "fail") == Cell("1", "bad", "")
    assert cell("store-files", "chunks").text == "800/400"
    assert cell("store-files", "error").text == "unsupported_file"
    assert cell("store-files", "file").ref == "file-1"
    assert cell("assistants", "tools").text == "file_search, weather"
    assert cell("messages", "text").text == "See the plan. [image_file file-9]"
    assert cell("runs", "status") == Cell("▲ requires action", "warn", "")
    assert cell("runs", "took").text == "0:39"
    assert cell("steps", "what").text == 'weather({"city": "Bern"}) · code_interpreter'
    assert cell("steps", "took").text == "0:10"
    assert cell("eval-runs", "passed").text.split() == ["███░░", "60", "%", "6/10"]
    assert cell("eval-items", "result") == Cell("✖ fail", "bad", "")
    assert cell("eval-items", "score").text == "0.500"
    assert cell("eval-items", "answer").text == "Lyon"
    assert cell("completions", "reply").text == 'Hello weather({"city": "Bern"})'
    assert cell("completions", "tokens").text == "10/20"
    assert cell("responses", "text").text == "A cat. Or not."
    assert cell("input-items", "text").text == "What is in the box? [input_image file-p]"
    assert cell("conversation-items", "who").text == "function call output"
    assert cell("conversation-items", "text").text == "12 °C"
    assert cell("containers", "expires").text == "19 m"


def test_what_needs_its_owner() -> None:
    assert reason("vector-stores") == "1 of 8 files could not be read"
    assert reason("vector-stores", status="expired") == "expired, and can no longer be searched"
    assert reason("vector-stores", file_counts={"completed": 3, "total": 3}) is None
    assert reason("store-files") == "unsupported_file: Not a text."
    assert reason("store-files", status="completed") is None
    assert reason("runs") == 'waits for the output of weather({"city": "Bern"})'
    assert reason("runs", status="failed") == "server_error: Sorry."
    assert reason("runs", status="incomplete") == "cut short: max_prompt_tokens"
    assert reason("runs", status="completed") is None
    assert reason("messages") == "cut short: max_tokens"
    assert reason("eval-runs") == "1 of 10 items ended in an error"
    assert reason("eval-items") is None
    assert reason("eval-items", sample={"error": {"code": "refused", "message": "No."}}) == "refused: No."
    assert reason("responses") == "cut short: max_output_tokens"
    assert reason("responses", status="failed") == "server_error: Sorry."
    assert reason("completions") == "cut short by its limit of tokens"


@pytest.mark.parametrize(
    ("name", "ends"),
    [
        ("runs", ("cancelled", "failed", "completed", "incomplete", "expired")),
        ("steps", ("cancelled", "failed", "completed", "expired")),
        ("eval-runs", ("completed", "canceled", "failed")),
        ("responses", ("completed", "failed", "cancelled", "incomplete")),
    ],
)
def test_what_has_ended_is_not_watched_closely(name: str, ends: tuple[str, ...]) -> None:
    resource = REGISTRY[name]

    sample = {field: value for field, value in SAMPLES[name].items() if field not in ("completed_at", "failed_at")}

    def active(status: str, **more: float) -> bool:
        return resource.active(resource.record({**sample, **more, "status": status}).object)

    assert not [status for status in ends if active(status)]
    assert active("in_progress")
    assert active("a_status_of_tomorrow"), "a status nobody has heard of may still change"
    assert not active("a_status_of_tomorrow", completed_at=1_760_000_000.0), "a time tells that it is over"
    odd = {
        **sample,
        "status": "a_status_of_tomorrow",
        "completed_at": 1_760_000_000.0,
        "finished_at": 1_760_000_000,
    }
    cells = [column.cell(resource.record(odd), CellContext(1_760_000_100.0)) for column in resource.columns]
    told = [cell for cell in cells if "of tomorrow" in cell.text]
    assert [cell.text[0] for cell in told] == ["?"], "a state nobody knows is shown as such"
    assert not [cell for cell in cells if cell.tone == "good"]


def test_a_store_is_active_while_files_are_read_whatever_its_status_says() -> None:
    stores = REGISTRY["vector-stores"]
    counts = {"in_progress": 1, "completed": 0, "total": 1}
    assert stores.active(stores.record({"id": "vs_1", "status": "completed", "file_counts": counts}).object)
    assert not stores.active(stores.record({"id": "vs_1", "status": "completed"}).object)


def stalled(name: str, seconds_idle: float | None = None, **changes: Any) -> str | None:
    resource = REGISTRY[name]
    record = resource.record({**SAMPLES[name], **changes})
    assert resource.active(record.object)
    return resource.stalled(record.object, CellContext(NOW, seconds_idle=seconds_idle))


def test_what_stands_still_is_told_by_the_clock() -> None:
    counts = {"total": 10, "completed": 0, "failed": 0}
    begun: dict[str, Any] = {"status": "in_progress", "in_progress_at": NOW - 2400, "request_counts": counts}
    assert stalled("batches", **begun) == "in progress; nothing has moved for 40 m"
    some: dict[str, Any] = {**begun, "request_counts": {**counts, "completed": 4}}
    assert stalled("batches", **some) is None, "when it answered last is not told"
    assert stalled("batches", seconds_idle=1200.0, **some) is None
    assert stalled("batches", seconds_idle=3600.0, **some) == "in progress; nothing has moved for 1 h"
    assert (
        stalled("batches", status="finalizing", finalizing_at=NOW - 7200)
        == "finalizing; nothing has moved for 2 h"
    )
    waiting: dict[str, Any] = {"status": "in_progress", "created_at": NOW - 840}
    assert "still being read after 14 m" in str(stalled("store-files", **waiting))
    assert stalled("store-files", status="in_progress", created_at=NOW - 60) is None
    reading: dict[str, Any] = {"status": "in_progress", "file_counts": {"in_progress": 1, "total": 2}}
    assert "no file was read for 20 m" in str(stalled("vector-stores", seconds_idle=1200.0, **reading))
    assert stalled("file-batches", **reading) is None
    shown = cell("store-files", "status", **waiting)
    assert shown == Cell("▲ stalled", "warn", "")


def test_an_id_is_shown_by_the_name_it_is_known_by() -> None:
    context = CellContext(NOW, name={"asst_1": "Helper", "file-1": "cats.txt"}.get)  # type: ignore[arg-type]
    run, file = REGISTRY["runs"].record(SAMPLES["runs"]), REGISTRY["store-files"].record({"id": "file-1"})
    column = REGISTRY["store-files"].column("file")
    assert column
    assert column.cell(file, context) == Cell("cats.txt", "", "file-1")
    rows = {row.label: row.cell for row in describe(REGISTRY["runs"], run, context)}
    assert rows["assistant"] == Cell("asst_1  Helper", "", "asst_1")


def test_ids_in_details_can_be_followed() -> None:
    assert details("runs")["assistant"].ref == "asst_1"
    assert details("responses")["goes on from"].ref == "resp_0"
    assert details("responses")["conversation"].ref == "conv_1"
    assert details("assistants")["file search"].ref == "vs_1"
    assert details("messages")["file"].ref == "file-1"


def test_an_eval_tells_what_its_items_have() -> None:
    assert details("evals")["answer"].text == "string"


def refusal(name: str, action: str, **changes: Any) -> str | None:
    resource = REGISTRY[name]
    found = resource.action(action)
    assert found, f"{name} has no {action}"
    return found.refuse(resource.record({**SAMPLES[name], **changes}).object)


def test_what_cannot_be_done_says_why() -> None:
    assert refusal("runs", "submit") is None
    assert refusal("runs", "submit", status="in_progress") == "it waits for no tool output"
    assert refusal("runs", "cancel", status="completed") == "it is completed already"
    assert refusal("runs", "cancel", status="cancelling") == "it is being cancelled already"
    assert refusal("responses", "cancel", status="in_progress", completed_at=None) is None
    foreground = "only responses made in the background can be cancelled"
    assert refusal("responses", "cancel", status="in_progress", completed_at=None, background=False) == foreground
    assert refusal("eval-runs", "cancel", status="canceled") == "it is cancelled already"
    assert refusal("file-batches", "cancel", status="completed", file_counts=None) == "it is completed already"
    assert refusal("vector-stores", "search", status="expired") == "it is expired"
    assert refusal("store-files", "content") == "it has no text yet"
    assert refusal("store-files", "content", status="completed") is None


@pytest.mark.parametrize(
    ("actor", "words"),
    [
        (
            {"type": "workload_identity", "workload_identity": {"subject": "repo:acme/app"}},
            "workload identity repo:acme/app",
        ),
        ({"type": "session", "session": None}, "session"),
        ({"type": "robot"}, "robot"),
        (None, "·"),
    ],
)
def test_an_actor_of_an_unknown_kind_is_shown_by_what_it_says(actor: Any, words: str) -> None:
    assert cell("audit", "ACTOR", actor=actor).text == words


@pytest.mark.parametrize("value", ["9" * 400, "-" + "9" * 400, 10**400, "1e400"])
def test_a_number_that_no_float_holds_is_shown(value: Any) -> None:
    files = REGISTRY["files"]
    column = files.column("size")
    assert column
    assert column.cell(files.record({"id": "file-1", "bytes": value}), CONTEXT).text
