"""Cutting the input: streamed, judged before anything is sent, and never what changes meanwhile."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.support.campaigns import write_parts
from tui.resources.language.prices import LineItem
from tui.workflows.campaigns.journal import CampaignError
from tui.workflows.campaigns.parts import Cutter, digest_of, find_sources
from tui.workflows.campaigns.tokens import TokenRule, choose_rule, describe_parts

if TYPE_CHECKING:
    from pathlib import Path


def quiet(_: str) -> None:
    return None


def test_parts_hold_every_line_as_it_was_and_no_more_than_a_batch_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.workflows.campaigns.parts.MAX_REQUESTS", 4)
    write_parts(tmp_path / "in", 2, 10)
    first = tmp_path / "in" / "part1.jsonl"
    first.write_text(first.read_text().replace("\n", "\n\n").rstrip())  # blank lines, and no last line feed
    cutter = Cutter(tmp_path, "stem", lambda _: None, quiet)
    cutter.cut(find_sources([str(tmp_path / "in")]))
    assert [part["lines"] for part in cutter.parts] == [4, 4, 2, 4, 4, 2]
    sent = b""
    for part in cutter.parts:
        content = (tmp_path / part["file"]).read_bytes()
        assert (len(content), content.count(b"\n")) == (part["size"], part["lines"])
        assert part["tokens"] == sum(map(TokenRule().count, content.splitlines(keepends=True)))
        assert part["sha256"] == digest_of(tmp_path / part["file"])
        sent += content
    second = (tmp_path / "in" / "part2.jsonl").read_bytes()
    assert sent == first.read_bytes().replace(b"\n\n", b"\n") + b"\n" + second


def test_parts_fit_into_the_queue_and_a_request_that_does_not_is_told(tmp_path: Path) -> None:
    write_parts(tmp_path / "in", 1, 10)
    one = TokenRule().count((tmp_path / "in" / "part1.jsonl").read_bytes().splitlines(keepends=True)[0])
    cutter = Cutter(tmp_path, "stem", lambda _: 3 * one, quiet)
    cutter.cut(find_sources([str(tmp_path / "in")]))
    assert [part["lines"] for part in cutter.parts] == [3, 3, 3, 1]
    with pytest.raises(CampaignError, match="alone has about"):
        Cutter(tmp_path, "stem", lambda _: one - 1, quiet).cut(find_sources([str(tmp_path / "in")]))


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    write_parts(tmp_path / "in", 1, 3)
    path = tmp_path / "in" / "part1.jsonl"

    def write_meanwhile(_: str) -> None:
        with path.open("a") as file:
            file.write("\n")

    with pytest.raises(CampaignError, match=r"part1\.jsonl changed while it was read"):
        Cutter(tmp_path, "stem", write_meanwhile, quiet).cut([path])


def test_files_come_in_the_order_in_which_people_number_them(tmp_path: Path) -> None:
    for name in ("part10.jsonl", "part9.jsonl", "notes.txt"):
        (tmp_path / name).write_text(json.dumps({}))
    names = [path.name for path in find_sources([str(tmp_path), str(tmp_path / "part9.jsonl")])]
    assert names == ["part9.jsonl", "part10.jsonl"]
    assert [path.name for path in find_sources([str(tmp_path / "*.txt")])] == ["notes.txt"]


def test_tokens_are_counted_for_the_platform_and_reckoned_for_other_servers(tmp_path: Path) -> None:
    pytest.importorskip("toktok", reason="o9s[tokens] is not installed")
    write_parts(tmp_path / "in", 1, 2)
    line = (tmp_path / "in" / "part1.jsonl").read_bytes().splitlines(keepends=True)[0]
    for url, words, tokens in (
        ("https://eu.api.openai.com/v1", "counted offline", 4 + 3 + len(["Say", " ", "1", " and", " ", "0"])),
        ("https://api.openai.com.example/v1", "bytes ÷ 4", len(line) // 4 + 1),
        ("http://127.0.0.1:1/v1", "bytes ÷ 4", len(line) // 4 + 1),
    ):
        rule = choose_rule(url)
        assert (rule.words, rule.count(line)) == (words, tokens)


def test_what_is_about_to_be_sent_is_told_with_its_tokens_and_by_the_bill_in_dollars() -> None:
    bill = [LineItem(86_400 * 20_000, "gpt-5-mini, input", Decimal(2), Decimal(1_000_000))]
    parts = [{"model": "gpt-5-mini", "tokens": 1_500_000, "lines": 5}] * 2
    told = "10 requests in 2 parts, about 3M input tokens (bytes ÷ 4)"
    found = describe_parts(parts, TokenRule(), bill)
    assert found == f"{told}: $6.00 by your bill of 10-04, answers not counted."
    other = [*parts, {"model": "gpt-9", "tokens": 1, "lines": 1}]
    assert "$" not in describe_parts(other, TokenRule(), bill), "one price is not known"
    assert describe_parts(parts, TokenRule(), []) == f"{told}."
