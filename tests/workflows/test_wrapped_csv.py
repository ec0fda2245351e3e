"""Results of fine-tuning, which come as base64: read by their content, kept as CSV."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.workflows.wrapped_csv import decode_csv, unwrap_csv_file

if TYPE_CHECKING:
    from pathlib import Path

CSV = "step,train_loss,note\n1,3.0,é\n2,1.5,\n".encode()


@pytest.mark.parametrize(
    "wrapped",
    [
        base64.b64encode(CSV),
        base64.b64encode(CSV) + b"\n",
        base64.encodebytes(CSV * 20),
        base64.urlsafe_b64encode(CSV).rstrip(b"="),
        base64.b64encode(CSV.replace(b"\n", b"\r\n")),
    ],
)
def test_what_is_wrapped_becomes_csv(wrapped: bytes, tmp_path: Path) -> None:
    path = tmp_path / "anything"
    path.write_bytes(wrapped)
    assert unwrap_csv_file(path)
    assert path.read_bytes().startswith(b"step,train_loss,note")
    assert [each.name for each in tmp_path.iterdir()] == ["anything"]
    assert not unwrap_csv_file(path), "it is plain now"


@pytest.mark.parametrize(
    "plain",
    [
        CSV,
        b"",
        b"step\n",
        b"{}",
        b"AAAAAAAAAAAA",
        base64.b64encode(b"\x00\x01,\x02\n" * 9),
        base64.b64encode(b"no table"),
    ],
)
def test_what_is_something_else_stays_as_it_is(plain: bytes, tmp_path: Path) -> None:
    path = tmp_path / "step_metrics.csv"
    path.write_bytes(plain)
    assert not unwrap_csv_file(path)
    assert path.read_bytes() == plain


@given(st.binary(max_size=80))
def test_whatever_comes_is_decoded_or_left(content: bytes) -> None:
    found = decode_csv(content)
    assert found is None or b"," in found
