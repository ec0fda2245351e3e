"""The one door for text from outside."""

from __future__ import annotations

import csv
import io
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.resources.language.reading.amounts import Amount
from tui.text import (
    cell_width,
    clean,
    clean_lines,
    cut_between_numbers,
    fit,
    harmless,
    safe_name,
    visible,
    write_csv_cell,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# Everything that has hurt a terminal program, and much that may.
anything = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "\x1b\x9b\x00\x07\x7f\n\r\t\u202e\u2066\u200b\u200d\ufeff\ufe0f\u0301\U000e0041漢🇩👩👨👧❤é[]"
        ),
        st.integers(0xD800, 0xDFFF).map(chr),
    ),
    max_size=80,
)


def is_harmless(text: str) -> bool:
    """No control, format (but joins inside emoji), surrogate or line separator."""
    return not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c != "\u200d" for c in text)


@given(anything)
def test_clean_lets_nothing_through_that_acts(text: str) -> None:
    assert is_harmless(clean(text))


@given(anything)
def test_clean_changes_nothing_twice(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(anything, st.integers(1, 30))
def test_clean_keeps_the_limit(text: str, limit: int) -> None:
    assert len(clean(text, limit)) <= limit


def test_what_is_cut_says_so_and_nothing_else_does() -> None:
    assert clean("x" * 2000) == "x" * 2000
    assert clean("x" * 2001) == "x" * 1999 + "…"
    assert clean("12345", 5) == "12345"
    assert clean("123456", 5) == "1234…"
    assert clean("a\x9b", 5) == "a\\x9b"
    assert clean("ab\x9b", 5) == "ab\\x…"
    assert clean_lines("12345", 5) == ["12345"]
    assert clean_lines("123456", 5) == ["1234…"]
    assert clean_lines("x" * 3000) == ["x" * 3000], "a line may be longer than a name"


@pytest.mark.parametrize("show", [clean, visible, harmless])
@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0)])
def test_no_control_is_shown_as_it_is(show: Callable[[str], str], code: int) -> None:
    """Also between letters of ASCII, of which most texts are."""
    assert chr(code) not in show(f"a{chr(code)}b")
    assert chr(code) not in show(f"é{chr(code)}")
    assert show(f"a{chr(code)}b")[:: len(show(f"a{chr(code)}b")) - 1] == "ab"


@given(anything, st.integers(0, 40), st.sampled_from(["left", "right"]), st.booleans())
def test_fit_is_exactly_as_wide_as_asked(text: str, width: int, align: str, middle: bool) -> None:
    fitted = fit(text, width, "right" if align == "right" else "left", middle)
    assert cell_len(fitted) == width
    assert is_harmless(fitted)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("\x1b]52;c;AAAA\x07", "␛]52;c;AAAA␇"),
        ("\x9b31m", "\\x9b31m"),
        ("\x80\x9f\xa0", "\\x80\\x9f\xa0"),
        ("\x1f !~", "␟ !~"),
        ("a\nb\tc\rd\x00\x7f", "a↵b⇥c␍d␀␡"),
        ("\ud800", "\ufffd"),
        ("gpj\u202e.exe", "gpj‹U+202E›.exe"),
        ("\ufeffa\u200bb\u2028c", "‹U+FEFF›a‹U+200B›b‹U+2028›c"),
        ("x\U000e0041", "x‹U+E0041›"),
        ("pass\u200dword", "pass‹U+200D›word"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"),
        ("[@click=app.bell]", "[@click=app.bell]"),
        ("\u0301start", "◌\u0301start"),
        ("a\ue000b\uffffc\ufdd0", "a‹U+E000›b‹U+FFFF›c‹U+FDD0›"),
        (None, ""),
        (12, "12"),
        (True, "True"),
    ],
)
def test_clean_shows(raw: object, shown: str) -> None:
    assert clean(raw) == shown


def test_stacked_marks_are_limited_on_each_base() -> None:
    assert clean("e" + "\u0301" * 200 + "f\u0301") == "e" + "\u0301" * 8 + "f\u0301"


def test_emoji_do_not_chain_without_end() -> None:
    assert clean("👩" + "\u200d👩" * 50).count("\u200d") == 3
    assert clean("👩" + "\u200d👩" * 4) == "👩" + "\u200d👩" * 3 + "‹U+200D›👩"
    three = "👩\U0001f3fd\u200d❤\ufe0f\u200d👩\U0001f3fd"
    assert clean(f"{three} {three} {three}") == f"{three} {three} {three}", "each emoji counts for itself"


@pytest.mark.parametrize(
    ("text", "width", "middle", "shown"),
    [
        ("batch_0123456789", 16, True, "batch_0123456789"),
        ("batch_0123456789", 9, True, "batc…6789"),
        ("batch_0123456789", 9, False, "batch_01…"),
        ("漢字かな", 4, False, "漢… "),
        ("漢字かな", 5, False, "漢字…"),
        ("漢字かな", 1, False, "…"),
        ("ab", 5, False, "ab   "),
        ("漢字batch6789", 9, True, "漢字…6789"),
        ("a 1234567890", 9, True, "a 12…7890"),
        ("é 1234567890", 9, True, "é 12…7890"),
        ("é 1234567 x", 6, False, "é …   "),
        ("batch漢字かな", 9, True, "batc…かな"),
        ("batch漢字かな", 8, True, "batc…な "),
        ("a" * 20 + " 1,234 of it", 23, True, "a" * 11 + "…1,234 of it"),
        ("a" * 20 + " 1,234 of it", 19, True, "a" * 9 + "… of it   "),
        ("a" * 20 + " 12345 of it", 15, True, "a" * 7 + "… of it "),
    ],
)
def test_fit(text: str, width: int, middle: bool, shown: str) -> None:
    assert fit(text, width, middle=middle) == shown


def test_fit_aligns_right() -> None:
    assert fit("12", 5, "right") == "   12"
    assert fit("batch_0123456789", 9) == "batch_01…", "it is cut at its end unless asked otherwise"


@pytest.mark.parametrize(
    ("text", "length", "head"),
    [
        ("of 1,268 requests", 8, "of 1,268"),
        ("of 1,268 requests", 7, "of "),
        ("of 1,268 requests", 4, "of "),
        ("at 45%", 5, "at "),
        ("in 30d", 5, "in "),
        ("sum 12, and", 6, "sum "),
        ("name2 of it", 5, "name2"),
        ("less -5.25", 8, "less "),
        ("plain words", 8, "plain wo"),
    ],
)
def test_a_cut_goes_round_a_number(text: str, length: int, head: str) -> None:
    assert cut_between_numbers(text, length) == head


def test_cell_width_counts_cells() -> None:
    assert [cell_width(text) for text in ("abc", "漢字", "e\u0301")] == [3, 4, 1]


def test_lines_are_split_and_tabs_expanded() -> None:
    assert clean_lines("a\tb\r\nc\rd\n\x1b") == ["a   b", "c␍d", "␛"]


def test_lines_are_cut_at_the_limit() -> None:
    assert clean_lines("ab\ncdef", 5) == ["ab", "c…"]


@given(st.text(max_size=60), anything)
def test_safe_name_is_one_plain_name(id_: str, filename: str) -> None:
    name = safe_name(id_, filename)
    assert name
    assert not set(name) & set('/\\<>:"|?*\0')
    assert is_harmless(name)
    assert name[0] not in ".-"
    assert name[-1] not in ". "
    assert len(name.encode()) <= 180


@pytest.mark.parametrize(
    ("id_", "filename", "name"),
    [
        ("file-1", "train.jsonl", "file-1-train.jsonl"),
        ("file-1", "../../etc/passwd", "file-1-passwd"),
        ("file-1", "C:\\Windows\\evil.txt", "file-1-evil.txt"),
        ("file-1", "..", "file-1"),
        ("file-1", "-rf", "file-1-rf"),
        ("", "CON.txt", "download-CON.txt"),
        ("", "", "download"),
        ("../x", "a", "_x-a"),
        ("file-1", "notes. .", "file-1-notes"),
        ("", "v1.2 " + "x" * 300 + ".jsonl", "v1.2 " + "x" * 169 + ".jsonl"),
        ("", "x" * 300 + "." + "e" * 16, "x" * 163 + "." + "e" * 16),
        ("", "x" * 300 + "." + "e" * 17, "x" * 180),
        ("", "a." + "b" * 300, "a." + "b" * 178),
        ("", "a" * 174 + ". " + "b" * 9 + ".txt", "a" * 174 + ".txt"),
    ],
)
def test_safe_name(id_: str, filename: str, name: str) -> None:
    assert safe_name(id_, filename) == name


def test_safe_name_keeps_the_extension_of_a_long_name() -> None:
    assert safe_name("file-1", "漢" * 4000 + ".jsonl").endswith("漢.jsonl")


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1",
        "+1+1",
        "-1-1",
        "-A1",
        "-",
        "+1e",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "-5\n",
        "\n=1",
        "＝1+1",
        "－1",
        "＠A(1)",
    ],
)
def test_csv_quotes_what_a_spreadsheet_would_run(formula: str) -> None:
    assert write_csv_cell(formula) == f"'{formula}"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        *((-5, "-5"), (None, ""), (1.5, "1.5"), ("half \ud800 pair", "half \ufffd pair")),
        *((Decimal("1E-7"), "0.0000001"), (Decimal("-12.50"), "-12.50"), (Decimal(0), "0")),
        *((Amount(0, unread=1), ""), (Amount(Decimal("2.50"), unread=1), "2.50"), (Amount(0), "0")),
    ],
)
def test_csv_writes_numbers_nothing_and_halves_of_characters(value: object, cell: str) -> None:
    assert write_csv_cell(value) == cell


@pytest.mark.parametrize(
    "text", ["-5", "+3.5e2", "-1", "-.5E-7", "می\u200cخواهم", "a\x1bb", "a,b", "two\n\tlines\r"]
)
def test_csv_keeps_texts_to_the_character(text: str) -> None:
    assert write_csv_cell(text) == text


@given(anything)
def test_a_csv_row_comes_back_as_one_row(text: str) -> None:
    written = io.StringIO()
    csv.writer(written).writerow([write_csv_cell(text), "end"])
    assert list(csv.reader(io.StringIO(written.getvalue(), newline=""))) == [[write_csv_cell(text), "end"]]


@given(anything)
def test_visible_stands_sign_for_sign(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert is_harmless(shown)
    assert visible(shown) == shown


def test_visible_limits_the_marks_on_one_base() -> None:
    assert visible("\u0301e") == "\u0301e"
    marks = "\u0301" * 9
    assert visible(f"e{marks}f{marks}") == ("e" + "\u0301" * 8 + "\ufffd" + "f" + "\u0301" * 8 + "\ufffd")


def test_visible_is_legible() -> None:
    assert visible("a\x1b]0;b\x9c\u202ec\n👩‍👧") == "a␛]0;b\ufffd\ufffdc↵👩‍👧"


@given(anything)
@example("\u200d\x1f0")
def test_harmless_takes_what_acts_and_no_cell(text: str) -> None:
    shown = harmless(text)
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in "\u202e\u2066" for c in shown)
    assert cell_len(shown) == cell_len(text)
    assert harmless("plain [text] é漢👩‍👧") == "plain [text] é漢👩‍👧"
    assert harmless("a\x1bb\u202ec") == "abc"
