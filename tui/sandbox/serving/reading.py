"""Read requests: JSON bodies, multipart forms, queries."""

from __future__ import annotations

import re
import urllib.parse
from typing import TYPE_CHECKING, Any

from starlette.formparsers import MultiPartException, MultiPartParser

from tui.sandbox.protocol import Problem
from tui.sandbox.strict_json import parse_json

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from starlette.datastructures import ImmutableMultiDict
    from starlette.requests import Request

    from tui.sandbox.world import JSON

_MAX_JSON = 32 * 2**20
_MAX_UPLOAD = 512 * 2**20 + 2**16  # the largest file and the form around it
_ENCODED_NAME = re.compile(rb";\s*filename\*\s*=\s*(?P<charset>[\w-]+)'[^']*'(?P<name>[^;\s]*)", re.IGNORECASE)
_PLAIN_NAME = re.compile(rb';\s*filename\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.IGNORECASE)


async def read_json(request: Request) -> Any:
    """Read a body as JSON; none at all is an empty object. Raises `Problem`."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_JSON:
            raise Problem("The request body is too large.", status=413)
    if not body:
        return {}
    _check_media_type(request, "application/json")
    try:
        return parse_json(body)
    except ValueError:
        raise Problem("We could not parse the JSON body of your request.") from None


def media_type(request: Request) -> str:
    """Return the content type of a request without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _check_media_type(request: Request, wanted: str) -> None:
    """Raise `Problem` for a body of another content type than `wanted`."""
    if media_type(request) != wanted:
        sent = request.headers.get("content-type", "")
        message = f"Unsupported content type: '{sent}'. This API method only accepts '{wanted}' requests, but you "
        message += f"specified the header 'Content-Type: {sent}'. Please try again with a supported content type."
        raise Problem(message, code="unsupported_content_type")


async def read_form(request: Request) -> JSON:
    """Read a multipart form. Raises `Problem` when it is none."""
    if request.headers.get("content-length") != "0":
        _check_media_type(request, "multipart/form-data")
    try:
        return read_pairs(await _FormParser(request.headers, _limit_upload(request)).parse())
    except (MultiPartException, KeyError) as error:
        raise Problem(f"Could not parse multipart form: {error}") from None


class _FormParser(MultiPartParser):
    """A form whose file names may be encoded: `filename*=UTF-8''na%C3%AFve.jsonl`, which starlette passes over."""

    def on_headers_finished(self) -> None:
        """Begin a part: a file if it has a name in either form."""
        part = self._current_part
        part.content_disposition = _with_plain_filename(part.content_disposition or b"")
        super().on_headers_finished()


def _with_plain_filename(disposition: bytes) -> bytes:
    """Rewrite `filename*=charset'language'percent-encoded` of RFC 5987 as `filename="..."`, which it outranks."""
    match = _ENCODED_NAME.search(disposition)
    if not match:
        return disposition
    try:
        name = urllib.parse.unquote_to_bytes(match["name"]).decode(match["charset"].decode("ascii"))
    except (UnicodeDecodeError, LookupError):
        raise MultiPartException("The file name is not encoded as it says.") from None
    others = _PLAIN_NAME.sub(b"", disposition[: match.start()] + disposition[match.end() :])
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return others + f'; filename="{quoted}"'.encode()


async def _limit_upload(request: Request) -> AsyncGenerator[bytes, None]:
    """Yield the body of a request. Raises `Problem` when it is longer than any upload may be."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _MAX_UPLOAD:
            raise Problem("File exceeds the maximum size of 512 MB.", status=413)
        yield chunk


def read_pairs(params: ImmutableMultiDict[str, Any]) -> JSON:
    """Return a query or form as a mapping: `x[]=a&x[]=b` and `x=a&x=b` are lists, `m[k]=v` is a mapping."""
    plain = {name: params.getlist(name) for name in params if "[" not in name}
    single: JSON = {name: values[0] if len(values) == 1 else values for name, values in plain.items()}
    for name, value in params.multi_items():
        if re.search(r"\[\d*\]$", name):
            outer = name.partition("[")[0]
            known = single.get(outer, [])
            single[outer] = [*(known if isinstance(known, list) else [known]), value]
    return single | _nest({name: value for name, value in params.items() if re.search(r"\[[^\]\d]", name)})


def _nest(flat: Mapping[str, Any]) -> JSON:
    """Turn `{"a[b]": 1}` into `{"a": {"b": 1}}`."""
    nested: JSON = {}
    for name, value in flat.items():
        outer, bracket, inner = name.partition("[")
        if bracket:
            nested.setdefault(outer, {})[inner.rstrip("]")] = value
        else:
            nested[outer] = value
    return nested
