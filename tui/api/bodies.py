"""Reading the bodies of answers: unpacked within bounds, then parsed.

httpx bounds nothing: 200 kB of gzip may become 200 MB in one step. So bodies are taken raw and unpacked here.
"""

from __future__ import annotations

import json
import zlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tui.api.errors import BadAnswer, LinkError, StatusError
from tui.api.numbers import read_float
from tui.api.redaction import hide_echoes, redact
from tui.api.refusals import is_error, make_implied_error, make_status_error, read_refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

JSON_BYTES = 32 << 20  # the most a JSON answer may hold, unpacked
ERROR_BYTES = 256 << 10  # of an error's body no more is looked at
ENCODINGS = "gzip, deflate"  # what `unpack` can unpack step by step
HEARD = "hear"
"""The extension of an answer that hears each chunk of its body, unpacked: a recording's."""
_STEP_BYTES = 256 << 10
_RATIO = 200  # times: JSON shrinks by 10 to 40, only bombs by more than this
_RATIO_FROM = 1 << 20  # bytes: small bodies may repeat themselves
_DEPTH = 100
_CONTAINERS = frozenset((dict, list))
_AROUND = ("job", "data", "result")  # what other servers put an object under


async def unpack(response: httpx.Response, most: int | None = None) -> AsyncIterator[bytes]:
    """Yield the body of an answer, unpacked in steps of bounded size.

    Raises:
        BadAnswer: more than `most` bytes, a bomb, an unknown encoding, or a body that is cut.
    """
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("gzip", "deflate", "identity"):
        raise _make_error(
            response, "encoding", f"The answer is packed in a way that was not asked for ({encoding})."
        )
    inflate = zlib.decompressobj(47) if encoding != "identity" else None
    hear = response.extensions.get(HEARD)
    total = 0
    async for raw in response.aiter_raw():
        rest = raw
        while rest:
            if inflate is None:
                chunk, rest = rest, b""
            else:
                try:
                    chunk = inflate.decompress(rest, _STEP_BYTES)
                except zlib.error:
                    raise _make_error(response, "encoding", "The answer cannot be unpacked.") from None
                rest = inflate.unconsumed_tail
                if inflate.eof and not chunk:
                    break
            total += len(chunk)
            if most is not None and total > most:
                raise _make_error(response, "big", f"The answer is larger than {most >> 20} MiB.")
            if inflate and total > _RATIO_FROM and total > _RATIO * response.num_bytes_downloaded:
                raise _make_error(response, "big", "The answer unpacks to far more than any real one.")
            if chunk:
                if hear:
                    hear(chunk)
                yield chunk
    if inflate and total and not inflate.eof:
        raise _make_error(response, "cut", "The answer was cut before its end.")


async def read(response: httpx.Response, most: int = JSON_BYTES) -> bytes:
    """Read the whole body of an answer, without the keys in use. Raises BadAnswer as `unpack` does."""
    return hide_echoes(b"".join([chunk async for chunk in unpack(response, most)]))


def parse(response: httpx.Response, body: bytes, *, lists: bool = False, exact: bool = False) -> dict[str, Any]:
    """Read the JSON object in an answer's body; {} for an empty body. With `exact`, fractions are Decimal.

    Else they are floats, which keep their text where they do not hold all of their digits.

    Where a list was asked for (`lists`), a bare array or null is one, and is put into the envelope of a list.

    Raises:
        BadAnswer: it is a web page, no JSON, cut, nested too deep, or no object.
        StatusError: it tells of an error, whatever the status says.
    """
    if not body.strip():
        return {}
    try:
        found = json.loads(body, parse_float=Decimal if exact else read_float)
    except RecursionError:
        raise _make_error(response, "deep", "The answer is nested too deep.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        if body.lstrip()[:1] == b"<":
            then = (
                "Check that the base URL ends where the API begins (…/v1), and any proxy or login page on the way."
            )
            words = _read_words(body)
            what = "The server answered with a web page instead of JSON"
            raise _make_error(response, "html", f"{what}: {words}" if words else f"{what}.", then) from None
        if _is_cut(body, error):
            raise _make_error(response, "cut", "The answer was cut before its end.") from None
        words = _read_words(body)
        what = "The server answered with something that is no JSON"
        raise _make_error(response, "json", f"{what}: {words}" if words else f"{what}.") from None
    except (ValueError, ArithmeticError):  # a number of thousands of digits, or with such an exponent
        raise _make_error(
            response, "json", "The answer holds a number that no computer number can hold."
        ) from None
    if isinstance(found, list) and found and all(is_error(item, reading=True) for item in found):
        found = found[0]  # some wrap an error in a list
    if lists and (found is None or isinstance(found, list)):
        found = {"object": "list", "data": found}
    if not isinstance(found, dict):
        raise _make_error(response, "shape", "The server answered with JSON that is no object.")
    if _is_deeper(found, _DEPTH):
        raise _make_error(response, "deep", f"The answer is nested more than {_DEPTH} deep.")
    if is_error(found, reading=response.request.method == "GET"):
        raise make_implied_error(found, request_id=read_request_id(response), host=response.request.url.host)
    return found if lists else _unwrap(found)


def _unwrap(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the object of an answer that has it under a name, as Together's to a new batch; else the answer."""
    inner = [answer[name] for name in _AROUND if isinstance(answer.get(name), dict)]
    if len(inner) == 1 and "id" not in answer and isinstance(inner[0].get("id"), str):
        return dict(inner[0])
    return answer


def _read_words(body: bytes) -> str:
    """Return what a body that is no JSON says, where that is words; "" otherwise."""
    words = read_refusal(body[:ERROR_BYTES].decode(errors="replace")).message
    return words if words.isprintable() else ""


def _is_cut(body: bytes, error: json.JSONDecodeError | UnicodeDecodeError) -> bool:
    """Return whether what a JSON text lacks is its end."""
    if isinstance(error, UnicodeDecodeError):
        return error.reason == "unexpected end of data"
    at_end = error.pos >= len(error.doc.rstrip()) - len("false") or error.msg.startswith("Unterminated")
    return at_end and error.msg != "Extra data" and body.lstrip()[:1] in (b"{", b"[")


def _is_deeper(value: dict[str, Any], depth: int) -> bool:
    """Return whether containers nest deeper than `depth`: what shows them later recurses."""
    level: list[Any] = [value]
    for _ in range(depth):
        # By exact type: this looks at each value of every answer, and JSON makes no subclasses.
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in _CONTAINERS
        ]
        if not level:
            return False
    return True


async def read_error(response: httpx.Response) -> StatusError:
    """Read the error of an answer with a status of 400 or more."""
    from tui.api.retries import retry_after, should_retry

    try:
        text = (await read(response, ERROR_BYTES)).decode(errors="replace")
    except (BadAnswer, LinkError):
        text = ""  # the status says enough
    try:
        body: object = json.loads(text)
    except (ValueError, RecursionError):
        body = text
    return make_status_error(
        response.status_code,
        body,
        request_id=read_request_id(response),
        retry_after=retry_after(response.headers),
        should_retry=should_retry(response.headers),
        host=response.request.url.host,
    )


def _make_error(response: httpx.Response, reason: Any, sentence: str, then: str = "") -> BadAnswer:
    return BadAnswer(reason, sentence, then, request_id=read_request_id(response))


def read_request_id(response: httpx.Response) -> str:
    """Return the server's name of a request, as it may be shown and kept."""
    return redact(str(response.headers.get("x-request-id", "")))
