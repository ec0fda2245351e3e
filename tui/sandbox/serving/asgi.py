"""The platform as an ASGI application: finds the operation, checks the key, lets time happen, answers."""

from __future__ import annotations

import asyncio
import functools
import json
import sys
import time
import traceback
import uuid
from collections import deque
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route as PathRoute
from starlette.routing import Router

from tui.sandbox.families import FAMILIES
from tui.sandbox.protocol import Body, Problem, json_response, parse
from tui.sandbox.serving.faults import BadFault, Faults
from tui.sandbox.serving.keys import authorize, key_of, kind_of, looks_real, mask
from tui.sandbox.serving.reading import media_type, read_form, read_json, read_pairs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from starlette.types import Message, Receive, Scope, Send

    from tui.sandbox.family import Family, Route
    from tui.sandbox.world import JSON, World

    Handle = Callable[[Request], Awaitable[Response]]

_STEPS = 100  # of the work that is due, done before a request is answered: well below 0.3 s
_SLICE = 20  # steps done between two requests
_LAST_MOMENT = 32_472_144_000  # the year 2999
_LOCAL = ("127.0.0.1", "localhost", "[::1]")


class FaultSpec(Body):
    """Faults to make from now on."""

    spec: str


class ClockShift(Body):
    """Seconds to shift the clock by."""

    advance: float
    settle: bool = False
    """Whether to answer only when all is done that is due by then."""


class Platform:
    """The ASGI application.

    Paths below /v1 are the API's. Those below /_sandbox steer the sandbox and need no key.
    """

    def __init__(
        self,
        world: World,
        faults: Faults,
        families: Sequence[Family] = FAMILIES,
        taken_at: float | None = None,
    ) -> None:
        """`taken_at` is when the take-out was made (unix seconds), where that is what it serves."""
        self._world = world
        self._families, self._taken_at = families, taken_at
        self._faults = faults
        world.shares = faults.shares
        self._requests: deque[JSON] = deque(maxlen=5000)
        self._catching_up: asyncio.Task[None] | None = None
        self._warned = False
        self._router = Router(self._paths(), redirect_slashes=False, default=self._refuse_path)

    def _paths(self) -> list[PathRoute]:
        """Return all declared operations by path; literal segments before placeholders."""
        paths: dict[str, dict[str, Handle]] = {
            "/_sandbox/requests": {"GET": self._list_requests},
            "/_sandbox/faults": {"POST": self._set_faults},
            "/_sandbox/clock": {"POST": self._shift_clock},
        }
        for family in self._families:
            for (method, path), route in family.routes.items():
                paths.setdefault("/v1" + path, {})[method] = functools.partial(self._call, route)
            for (method, path), route in family.controls.items():
                paths.setdefault("/_sandbox" + path, {})[method] = functools.partial(self._run, route)
        ordered = sorted(paths, key=lambda path: [step.startswith("{") for step in path.split("/")])
        return [PathRoute(path, _Endpoint(paths[path])) for path in ordered]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = time.perf_counter()
        headers = Headers(scope=scope)
        key = key_of(headers)
        record: JSON = {
            "at": self._world.now(),
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode("latin-1"),
            "key": mask(key),
            "kind": kind_of(key),
            "status": None,
        }

        async def stamp(message: Message) -> None:
            if message["type"] == "http.response.start":
                record["status"] = message["status"]
                answer = MutableHeaders(scope=message)
                answer["x-request-id"] = "req_" + uuid.uuid4().hex
                answer["openai-processing-ms"] = str(round((time.perf_counter() - started) * 1000))
                answer["openai-version"] = "2020-10-01"
                answer["openai-organization"] = "acme"
                if record["kind"] == "project":
                    answer["openai-project"] = self._world.meta("default project", "")
                if self._taken_at is not None:
                    answer["o9s-takeout"] = str(int(self._taken_at))
                answer["date"] = formatdate(self._world.now(), usegmt=True)
            await send(message)

        if not is_local(headers.get("host", "")) or "origin" in headers:
            # A web page could reach a loopback port through a name of its own.
            refusal = Problem("The sandbox answers local programs only.", status=421)
            await refusal.response()(scope, receive, stamp)
        elif scope["path"].startswith("/_sandbox/"):
            await self._router(scope, receive, stamp)
        else:
            self._requests.append(record)
            if looks_real(key) and not self._warned:
                self._warned = True
                sys.stderr.write("warning: a key that looks real was sent here; anything after sk- will do\n")
            path = scope["path"].removeprefix("/v1")
            await self._faults.around(self._router, scope["method"], path)(scope, receive, stamp)

    async def _refuse_path(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = Problem(f"Invalid URL ({scope['method']} {scope['path']})", status=404)
        if scope["path"].startswith("/_sandbox/"):
            known = [
                f"{method} {route.path.removeprefix('/_sandbox')}"
                for route in self._router.routes
                if isinstance(route, PathRoute) and isinstance(endpoint := route.endpoint, _Endpoint)
                if route.path.startswith("/_sandbox/")
                for method in endpoint.methods
            ]
            problem = Problem(f"Below /_sandbox there are: {', '.join(known)}.", status=404)
        await problem.response()(scope, receive, send)

    async def _call(self, route: Route, request: Request) -> Response:
        """Answer a request to the API. Raises `Problem`."""
        authorize(key_of(request.headers), request.scope["path"].removeprefix("/v1"))
        return await self._run(route, request)

    async def _run(self, route: Route, request: Request) -> Response:
        """Return what a handler answers to a request, once time has passed for the world. Raises `Problem`."""
        arguments: dict[str, Any] = dict(request.path_params)
        if route.query:
            arguments["query"] = parse(route.query, read_pairs(request.query_params))
        if route.body:
            arguments["body"] = parse(route.body, await read_json(request))
        if route.form and media_type(request) == "application/json":
            arguments["form"] = parse(route.form, await read_json(request))  # some operations take either
        elif route.form:
            arguments["form"] = parse(route.form, await read_form(request))
        self._settle(_STEPS)
        with self._world.transaction():
            answer = route.handler(self._world, **arguments)
        return answer if isinstance(answer, Response) else json_response(json.dumps(answer))

    def _settle(self, steps: int) -> None:
        """Let happen what is due, as far as `steps` go; the rest of it follows while no request is answered."""
        with self._world.transaction():
            left = self._world.settle(steps)
        if left:
            self._start_catching_up()

    def _start_catching_up(self) -> asyncio.Task[None]:
        """Return the task that does what is due, begun now if there is none."""
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = asyncio.create_task(self._catch_up())
        return self._catching_up

    async def _catch_up(self) -> None:
        """Let happen all that is due, in slices so short that requests meanwhile are answered at once."""
        left = True
        while left:
            await asyncio.sleep(0)
            with self._world.transaction():
                left = self._world.settle(_SLICE)

    # Steering the sandbox, for tests.

    async def _list_requests(self, _request: Request) -> Response:
        return json_response(json.dumps({"data": list(self._requests)}))

    async def _set_faults(self, request: Request) -> Response:
        try:
            self._faults = Faults(parse(FaultSpec, await read_json(request)).spec)
        except BadFault as error:
            raise Problem(str(error), param="spec") from None
        self._world.shares = self._faults.shares
        return json_response(json.dumps({"spec": self._faults.spec}))

    async def _shift_clock(self, request: Request) -> Response:
        shift = parse(ClockShift, await read_json(request))
        if not 0 <= self._world.now() + shift.advance <= _LAST_MOMENT:  # nor NaN
            raise Problem("The clock goes from 1970 to 2999.", param="advance")
        self._world.advance(shift.advance)
        if shift.settle:
            await self._start_catching_up()
        return json_response(json.dumps({"now": self._world.now()}))


class _Endpoint:
    """A path of the sandbox as an ASGI application: what each method does there."""

    def __init__(self, methods: Mapping[str, Handle]) -> None:
        self.methods = methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request to this path."""
        try:
            response = await self._answer(Request(scope, receive))
        except Problem as problem:
            response = problem.response()
        except ClientDisconnect:
            return
        except Exception:
            traceback.print_exc()  # a defect of the sandbox: told on stderr, answered as the platform would
            response = Problem("The server had an error.", status=500, type="server_error").response()
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        # The server sends the headers only of what answers HEAD.
        handle = self.methods.get("GET" if request.method == "HEAD" else request.method)
        if handle is None:
            message = f"Not allowed to {request.method} on {request.scope['path']}."
            headers = {"allow": ", ".join(self.methods)}
            raise Problem(message, status=405, code="method_not_supported", headers=headers)
        return await handle(request)


def is_local(host: str) -> bool:
    """Return whether a Host header names this machine."""
    name, colon, port = host.rpartition(":")
    return host in _LOCAL or (bool(colon) and name in _LOCAL and port.isdecimal())
