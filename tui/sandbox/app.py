"""The platform as an ASGI application: finds the operation, checks the key, lets time happen, answers."""

from __future__ import annotations

import asyncio
import json
import math
import re
import sys
import time
import traceback
import urllib.parse
import uuid
from collections import deque
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.datastructures import Headers, ImmutableMultiDict, MutableHeaders
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from tui.sandbox.families import FAMILIES
from tui.sandbox.faults import BadFault, Faults
from tui.sandbox.strict_json import parse_json
from tui.sandbox.wire import Body, Problem, Route, json_response, parse

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from starlette.types import Message, Receive, Scope, Send

    from tui.sandbox.world import JSON, Kind, World

KINDS: Mapping[str, Kind] = {name: kind for family in FAMILIES for name, kind in family.kinds.items()}
_CONTROLS = {spec: route for family in FAMILIES for spec, route in family.controls.items()}

_MAX_JSON = 32 * 2**20
_MAX_UPLOAD = 512 * 2**20 + 2**16  # the largest file and the form around it
_ADMIN = re.compile(r"/(organization|projects)(/|$)|/fine_tuning/checkpoints/.+/permissions")
_STEPS = 100  # of the work that is due, done before a request is answered: well below 0.3 s
_SLICE = 20  # steps done between two requests
_LAST_MOMENT = 32_472_144_000  # the year 2999
_ENCODED_NAME = re.compile(rb";\s*filename\*\s*=\s*(?P<charset>[\w-]+)'[^']*'(?P<name>[^;\s]*)", re.IGNORECASE)
_PLAIN_NAME = re.compile(rb';\s*filename\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.IGNORECASE)
_REAL_KEY = "T3BlbkFJ"  # stands in every key the platform makes
_LOCAL = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")


class _Path(NamedTuple):
    """A path of the API and what its methods do."""

    pattern: re.Pattern[str]
    methods: dict[str, Route]


def _paths() -> list[_Path]:
    """All declared operations by path; literal segments before placeholders."""
    paths: dict[str, dict[str, Route]] = {}
    for family in FAMILIES:
        for (method, path), route in family.routes.items():
            paths.setdefault(path, {})[method] = route
    ordered = sorted(paths, key=lambda path: [step.startswith("{") for step in path.split("/")])
    return [_Path(re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)), paths[path]) for path in ordered]


class Platform:
    """The ASGI application. What begins with `/_sandbox/` steers it, see `_control`."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._paths = _paths()
        self._requests: deque[JSON] = deque(maxlen=1000)
        self._catching_up: asyncio.Task[None] | None = None
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = time.perf_counter()
        headers = Headers(scope=scope)
        record: JSON = {
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode("latin-1"),
            "key": _masked(_key(headers)),
            "kind": _key_kind(_key(headers)),
            "status": None,
        }

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                record["status"] = message["status"]
                answer = MutableHeaders(scope=message)
                answer["x-request-id"] = "req_" + uuid.uuid4().hex
                answer["openai-processing-ms"] = str(round((time.perf_counter() - started) * 1000))
                answer["openai-version"] = "2020-10-01"
                answer["openai-organization"] = "acme"
                answer["date"] = formatdate(self._world.now(), usegmt=True)
            await send(message)

        if not _LOCAL.fullmatch(headers.get("host", "")) or "origin" in headers:
            # A web page could reach a loopback port through a name of its own.
            refusal = Problem("The sandbox answers local programs only.", status=421)
            await refusal.response()(scope, receive, stamped)
        elif scope["path"].startswith("/_sandbox/"):
            await self._serve(scope, receive, stamped)
        else:
            self._requests.append(record)
            if _REAL_KEY in _key(headers) and not self._warned:
                self._warned = True
                sys.stderr.write("warning: a key that looks real was sent here; anything after sk- will do\n")
            path = scope["path"].removeprefix("/v1")
            await self._faults.around(self._serve, scope["method"], path)(scope, receive, stamped)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer = self._control if scope["path"].startswith("/_sandbox/") else self._answer
        try:
            response = await answer(request)
        except Problem as problem:
            response = problem.response()
        except ClientDisconnect:
            return
        except Exception:
            traceback.print_exc()  # a defect of the sandbox: told on stderr, answered as the platform would
            response = Problem("The server had an error.", status=500, type="server_error").response()
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        method, path = request.method, request.scope["path"]
        found = (
            (entry.methods, match)
            for entry in self._paths
            if path.startswith("/v1/") and (match := entry.pattern.fullmatch(path[3:]))
        )
        methods, match = next(found, ({}, None))
        if match is None:
            raise Problem(f"Invalid URL ({method} {path})", status=404)
        if method == "HEAD":  # as GET, of which the server sends the headers only
            method = "GET"
        if method not in methods:
            message = f"Not allowed to {method} on {path}."
            raise Problem(message, status=405, code="method_not_supported", headers={"allow": ", ".join(methods)})
        _authorize(_key(request.headers), path[3:])
        return await self._run(methods[method], request, match.groupdict())

    async def _run(self, route: Route, request: Request, placeholders: Mapping[str, str]) -> Response:
        """What a handler answers, once time has passed for the world."""
        arguments: dict[str, Any] = dict(placeholders)
        if route.query:
            arguments["query"] = parse(route.query, _query(request.query_params))
        if route.body:
            arguments["body"] = parse(route.body, await _json(request))
        if route.form and _media_type(request) == "application/json":
            arguments["form"] = parse(route.form, await _json(request))  # some operations take either
        elif route.form:
            arguments["form"] = parse(route.form, await _form(request))
        self._settle(_STEPS)
        with self._world.transaction():
            answer = route.handler(self._world, **arguments)
        return answer if isinstance(answer, Response) else json_response(json.dumps(answer))

    def _settle(self, steps: int) -> None:
        """Let happen what is due, as far as `steps` go; the rest of it follows while no request is answered."""
        with self._world.transaction():
            left = self._world.settle(steps)
        if left and (self._catching_up is None or self._catching_up.done()):
            self._catching_up = asyncio.create_task(self._catch_up())

    async def _catch_up(self) -> None:
        """Let happen all that is due, in slices so short that requests meanwhile are answered at once."""
        left = True
        while left:
            await asyncio.sleep(0)
            with self._world.transaction():
                left = self._world.settle(_SLICE)

    async def _control(self, request: Request) -> Response:
        """Steer the sandbox itself, for tests: see its requests, set its faults, shift its clock. Needs no key."""
        match request.method, request.scope["path"]:
            case "GET", "/_sandbox/requests":
                return json_response(json.dumps({"data": list(self._requests)}))
            case "POST", "/_sandbox/faults":
                try:
                    self._faults = Faults(parse(_Spec, await _json(request)).spec)
                except BadFault as error:
                    return Problem(str(error), param="spec").response()
                return json_response(json.dumps({"spec": self._faults.spec}))
            case "POST", "/_sandbox/clock":
                shift = parse(_Shift, await _json(request))
                if not math.isfinite(now := self._world.now() + shift.advance) or not 0 <= now <= _LAST_MOMENT:
                    return Problem("The clock goes from 1970 to 2999.", param="advance").response()
                self._world.advance(shift.advance)
                if shift.settle:
                    await self._catch_up()
                return json_response(json.dumps({"now": self._world.now()}))
        steps = (request.method, request.scope["path"].removeprefix("/_sandbox"))
        if steps in _CONTROLS:
            return await self._run(_CONTROLS[steps], request, {})
        known = ("GET /requests", "POST /faults", "POST /clock", *map(" ".join, _CONTROLS))
        return Problem(f"Below /_sandbox there are: {', '.join(known)}.", status=404).response()


class _Spec(Body):
    spec: str


class _Shift(Body):
    advance: float
    """Seconds."""
    settle: bool = False
    """Whether to answer only when all is done that is due by then."""


def _key(headers: Mapping[str, str]) -> str:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _key_kind(key: str) -> str:
    if key.startswith("sk-admin-"):
        return "admin"
    return "project" if key.startswith("sk-") else "none"


def _masked(key: str) -> str:
    return f"{key[:8]}{'*' * 4}{key[-4:]}" if len(key) > 16 else "*" * len(key)


def _authorize(key: str, path: str) -> None:
    kind, wanted = _key_kind(key), "admin" if _ADMIN.match(path) else "project"
    if not key:
        message = "You didn't provide an API key. Send one in the Authorization header: 'Bearer YOUR_KEY'."
        raise Problem(message, status=401)
    if kind == "none":
        message = f"Incorrect API key provided: {_masked(key)}."
        raise Problem(message, status=401, code="invalid_api_key")
    if kind != wanted:
        scope = "api.management.read" if wanted == "admin" else "api.model.request"
        message = f"You have insufficient permissions for this operation. Missing scopes: {scope}."
        raise Problem(message, status=403, code="missing_scope")


async def _json(request: Request) -> Any:
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


def _media_type(request: Request) -> str:
    """Return the content type of a request without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _check_media_type(request: Request, wanted: str) -> None:
    """Raise `Problem` for a body of another content type than `wanted`."""
    if _media_type(request) != wanted:
        sent = request.headers.get("content-type", "")
        message = f"Unsupported content type: '{sent}'. This API method only accepts '{wanted}' requests, but you "
        message += f"specified the header 'Content-Type: {sent}'. Please try again with a supported content type."
        raise Problem(message, code="unsupported_content_type")


async def _form(request: Request) -> JSON:
    """Read a multipart form. Raises `Problem` when it is none."""
    if request.headers.get("content-length") != "0":
        _check_media_type(request, "multipart/form-data")
    try:
        return _query(await _FormParser(request.headers, _limited(request)).parse())
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


async def _limited(request: Request) -> AsyncGenerator[bytes, None]:
    """The body, as long as it is not longer than any upload may be."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > _MAX_UPLOAD:
            raise Problem("File exceeds the maximum size of 512 MB.", status=413)
        yield chunk


def _query(params: ImmutableMultiDict[str, Any]) -> JSON:
    """A query or form as a mapping: `x[]=a&x[]=b` and `x=a&x=b` are lists, `m[k]=v` is a mapping."""
    plain = {name: params.getlist(name) for name in params if "[" not in name}
    single: JSON = {name: values[0] if len(values) == 1 else values for name, values in plain.items()}
    for name, value in params.multi_items():
        if re.search(r"\[\d*\]$", name):
            outer = name.partition("[")[0]
            known = single.get(outer, [])
            single[outer] = [*(known if isinstance(known, list) else [known]), value]
    return single | _nested({name: value for name, value in params.items() if re.search(r"\[[^\]\d]", name)})


def _nested(flat: Mapping[str, Any]) -> JSON:
    """`{"a[b]": 1}` as `{"a": {"b": 1}}`."""
    nested: JSON = {}
    for name, value in flat.items():
        outer, bracket, inner = name.partition("[")
        if bracket:
            nested.setdefault(outer, {})[inner.rstrip("]")] = value
        else:
            nested[outer] = value
    return nested
