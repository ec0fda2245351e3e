"""The file of a batch on the screen: built from a table, tried, counted and priced before it is sent."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.support.driving import Server, opened, served
from tui.resources.language.reading.amounts import format_amount
from tui.screens.dialogs.viewer import Viewer
from tui.screens.forms.batch_form import BatchForm
from tui.screens.forms.build_file import BuildForm
from tui.screens.forms.first_requests import FirstRequests
from tui.screens.forms.form import Form
from tui.toolkit.controls import Input
from tui.toolkit.text_area import TextArea

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def acme() -> Iterator[Server]:
    with served(scenario="calm") as server:
        yield server


@pytest.mark.usefixtures("at_once")
async def test_a_batch_tells_what_it_cost_and_a_file_what_it_will(
    acme: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.screens.forms.asking._CHECK_AFTER", 1.5)  # the check ends after the count
    path = tmp_path / "b.jsonl"
    body = {"model": "gpt-5-mini", "input": "Say hello."}
    line = {"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": body}
    path.write_text("".join(f"{json.dumps({**line, 'custom_id': str(at)})}\n" for at in range(5)))
    listed = acme.call("GET", "/batches?limit=100")["data"]
    batch = next(each for each in listed if each["usage"]["total_tokens"] and each["model"] == "gpt-5-mini")
    async with opened(acme, "batches", size=(200, 50)) as drive:
        await drive.command(f"open {batch['id']}")
        platform = drive.app.platform
        assert platform
        platform.scheduler.budget = 1_000
        await drive.until(lambda: platform.bill.prices_of("gpt-5-mini"), "the bill")
        prices = platform.bill.prices_of("gpt-5-mini")
        assert prices and prices.batch and prices.input and prices.output
        read, written = batch["usage"]["input_tokens"], batch["usage"]["output_tokens"]
        dollars = read * prices.input.per_token + written * prices.output.per_token
        assert dollars > Decimal("0.001")
        await drive.sees(f"{format_amount(dollars, '$')} at your price of {prices.output.date}")

        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        await drive.press("ctrl+n", "ctrl+g")
        await drive.sees("Give the path of a file of this machine")
        drive.app.screen.query(Input).first().value = str(path)
        told = acme.call("POST", "/responses/input_tokens", json=body)["input_tokens"]
        await drive.press("ctrl+g")
        tokens = f"{5 * told} tokens to read, <$0.01 at your price of {prices.input.date}"
        await drive.sees(tokens)
        await drive.sees("requests 5")
        named: list[bool] = []
        platform.names.subscribe(lambda: named.append(True))
        platform.names.of("file-that-nobody-has")
        await drive.until(lambda: named, "names")
        await drive.rest()
        assert "requests 5" in drive.text()
        assert tokens in drive.text()
        drive.app.screen.query(Input).first().value = f"{path}.gone"
        await drive.until(lambda: tokens not in drive.text(), "that nothing is said of another file")
        await drive.until(lambda: "requests 5" not in drive.text(), "that nothing is said of another file")
        await drive.press("escape")
        await drive.command("vs")
        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form of a store")
        await drive.press("ctrl+g")
        await drive.sees("Nothing is counted here")


@pytest.mark.usefixtures("at_once")
@pytest.mark.opens("BatchForm", "BuildForm", "FirstRequests")
async def test_a_table_becomes_a_batch_by_keys(acme: Server, tmp_path: Path) -> None:
    path = tmp_path / "prompts.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["id", "text"], *([f"r{at}", f'a "{{b}}"\n{at}'] for at in range(5))])
    before = len(acme.call("GET", "/batches?limit=100")["data"])
    async with opened(acme, "batches", size=(160, 50)) as drive:
        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, BatchForm), "the form")
        await drive.press("ctrl+n")
        drive.app.screen.query(Input).first().value = str(path)
        await drive.sees("rows, no requests yet: ctrl+s builds them from prompts.csv")
        await drive.press("ctrl+s")
        await drive.until(lambda: isinstance(drive.app.screen, BuildForm), "the form that builds")
        await drive.sees("columns: id, text")
        await drive.sees('"input": "a \\"{b}\\"\\n0"')
        source = next(each for each in drive.app.screen.query(Input) if each.value == str(path))
        source.value = str(tmp_path / "gone.csv")
        await drive.until(lambda: "columns: id, text" not in drive.text(), "the columns of the other file")
        source.value = str(path)
        await drive.sees("columns: id, text")
        prompt = drive.app.screen.query(TextArea).first()
        prompt.text = "Say {txt}"
        await drive.sees("There is no column txt; did you mean {text}?")
        await drive.press("ctrl+r")
        await drive.until(lambda: drive.app.screen.query_one("#state").display, "that it cannot be shown")
        prompt.text = "Say {text}"
        await drive.press("ctrl+r")
        await drive.until(lambda: isinstance(drive.app.screen, FirstRequests), "the first requests")
        await drive.sees('"custom_id": "r2"')
        await drive.press("t")
        await drive.until(lambda: type(drive.app.screen) is Viewer, "the answer")
        await drive.sees("Answer to r0")
        await drive.sees("[simulated]")
        await drive.press("escape", "escape")
        await drive.until(lambda: isinstance(drive.app.screen, BuildForm), "the form that builds")
        await drive.press("ctrl+s")
        await drive.until(lambda: isinstance(drive.app.screen, BatchForm), "the form")
        built = tmp_path / "prompts.requests.jsonl"
        await drive.sees(f"Built 5 requests: {built}")
        await drive.sees("requests 5 · endpoint /v1/responses · model gpt-5-mini")
        await drive.press("ctrl+s")
        await drive.until(lambda: len(acme.call("GET", "/batches?limit=100")["data"]) > before, "the batch")
    batch = acme.call("GET", "/batches?limit=1")["data"][0]
    assert batch["endpoint"] == "/v1/responses"
    sent = acme.call("GET", f"/files/{batch['input_file_id']}/content")
    lines = [json.loads(line) for line in built.read_text().splitlines()]
    assert [(line["custom_id"], line["body"]["input"]) for line in lines] == [
        (f"r{at}", f'Say a "{{b}}"\n{at}') for at in range(5)
    ]
    assert sent == built.read_bytes()


@pytest.mark.usefixtures("at_once")
async def test_what_was_chosen_is_sent_or_refused_but_never_changed_unseen(acme: Server, tmp_path: Path) -> None:
    path = tmp_path / "b.jsonl"
    body = {"model": "gpt-5-mini", "input": "Say hello."}
    path.write_text(json.dumps({"custom_id": "a", "method": "POST", "url": "/v1/responses", "body": body}))
    before = len(acme.call("GET", "/batches?limit=100")["data"])
    files = len(acme.call("GET", "/files?limit=10000")["data"])
    async with opened(acme, "batches") as drive:
        await drive.until(lambda: drive.record, "a batch")
        await drive.press("n")
        await drive.until(lambda: isinstance(drive.app.screen, Form), "the form")
        form = drive.app.screen
        assert isinstance(form, Form)
        await drive.press("ctrl+n")
        form._fields["input_file_id"].write(str(path))
        await drive.sees("requests 1 · endpoint /v1/responses")
        await drive.until(lambda: "Same input file" not in drive.text(), "what was said of the other file to go")
        form._fields["endpoint"].put("/v1/moderations")
        await drive.until(lambda: form._list.read_typed()["endpoint"] == "/v1/moderations", "the other endpoint")
        await drive.press("ctrl+s")
        await drive.sees("b.jsonl is for /v1/responses: choose")
        await drive.sees("Nothing was sent.")
        assert form._list.read_typed()["endpoint"] == "/v1/moderations", "the answer stays as it was chosen"
        assert len(acme.call("GET", "/files?limit=10000")["data"]) == files, "nothing goes up"
        form._fields["endpoint"].put("/v1/responses")
        await drive.press("ctrl+s")
        await drive.until(lambda: len(acme.call("GET", "/batches?limit=100")["data"]) > before, "the batch")
    assert acme.call("GET", "/batches?limit=1")["data"][0]["endpoint"] == "/v1/responses"
