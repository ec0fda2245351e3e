"""Faults that answer 200 with what no client can use."""

from __future__ import annotations

import functools
import gzip
import random
import zlib
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response

from tui.sandbox.serving.effects.effect import Effect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Receive, Scope, Send

_PAGE = "<!doctype html><html><head><title>Gateway</title></head><body><h1>Please wait</h1></body></html>"
_OBJECT = b'{"id":"odd_1","object":"list","data":[],"has_more":false}'
_SHAPES = {
    "null": b"null",
    "list": b"[1,null,[]]",
    "text": b'"fine"',
    "number": b"1e400",
    "true": b"true",
    "object": b"{}",
    "data-null": b'{"object":"list","data":null}',
    "data-text": b'{"object":"list","data":"none","has_more":true}',
    "data-object": b'{"object":"list","data":{"id":"odd_1"}}',
    "data-values": b'{"object":"list","data":[null,1,"two",[3],true,{}]}',
    "error": b'{"error":{"message":"It did not work.","type":"server_error"}}',
    "failure": b'{"success":false,"message":"It did not work."}',
}


def _answer(body: bytes, example: str, says: str, **headers: str) -> Effect:
    """Return what answers 200 with this body, as JSON unless the headers say otherwise."""
    given = {
        "content-type": "application/json",
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }

    async def answer(_value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        await Response(body, headers=given)(scope, receive, send)

    return Effect(answer, example, says, final=True)


async def _html(_value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await HTMLResponse(_PAGE)(scope, receive, send)


async def _no_content(_value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await Response(status_code=204)(scope, receive, send)


async def _shape(value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await Response(_SHAPES[value], media_type="application/json")(scope, receive, send)


@functools.cache
def _pack_spaces(mebibytes: int) -> bytes:
    squeeze = zlib.compressobj(9, wbits=31)
    spaces = b" " * 2**20
    return b"".join(squeeze.compress(spaces) for _ in range(mebibytes)) + squeeze.flush()


async def _bomb(value: str, _app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    body = _pack_spaces(int(value or 64))
    await Response(body, headers={"content-encoding": "gzip"}, media_type="application/json")(scope, receive, send)


BODIES: Mapping[str, Effect] = {
    "html": Effect(_html, "html", "answer 200 with a page of HTML", final=True),
    "empty": _answer(b"", "empty", "answer 200 with nothing"),
    "no-content": Effect(_no_content, "no-content", "answer 204 without a body", final=True),
    "plain": _answer(b"Service temporarily in maintenance.\n", "plain", "answer 200 with a line of plain text"),
    "bad-json": _answer(
        b'{"object":"list","data":[{"id":"ba', "bad-json", "answer 200 with JSON that stops in the middle"
    ),
    "garbage": _answer(random.Random(1).randbytes(400), "garbage", "answer 200 with bytes that mean nothing"),
    "nan": _answer(b'{"id":"odd_1","created_at":NaN,"bytes":-Infinity}', "nan", "answer 200 with NaN for numbers"),
    "digits": _answer(
        b'{"id":"odd_1","bytes":' + b"9" * 5_000 + b"}", "digits", "answer 200 with a number of 5,000 digits"
    ),
    "deep": _answer(b"[" * 100_000 + b"]" * 100_000, "deep", "answer 200 with 100,000 lists in each other"),
    "nested": _answer(b'{"a":' * 400 + b"1" + b"}" * 400, "nested", "answer 200 with 400 objects in each other"),
    "shape": Effect(
        _shape,
        "shape=list",
        "answer 200 with JSON of another shape",
        final=True,
        values=tuple(_SHAPES),
    ),
    "bad-gzip": _answer(
        b"\x1f\x8b" + _OBJECT,
        "bad-gzip",
        "answer 200 with what says it is packed, and is not",
        content_encoding="gzip",
    ),
    "cut-gzip": _answer(
        gzip.compress(_OBJECT)[:-12],
        "cut-gzip",
        "answer 200 with packed JSON that stops in the middle",
        content_encoding="gzip",
    ),
    "brotli": _answer(
        _OBJECT, "brotli", "answer 200 with JSON packed in a way that was not asked for", content_encoding="br"
    ),
    "gzip-bomb": Effect(
        _bomb,
        "gzip-bomb=64",
        "answer so many MiB of spaces, compressed to almost nothing",
        final=True,
        check=lambda value: int(value or 64),
    ),
}
