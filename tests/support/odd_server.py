"""A server that answers what a test tells it to, for what the sandbox would never say."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

Answer = Any
"""Bytes as they are, an `int` as a status without more, and everything else as JSON."""
Routes = Mapping[str, Answer | Callable[[Mapping[str, str]], Answer]]


@contextmanager
def odd_server(routes: Routes) -> Iterator[str]:
    """Serve the paths of `routes`; a function is asked each time, with the query. Gives the base URL.

    A path is what GET asks for; another method stands before it: `POST /files`.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer("")

        def do_POST(self) -> None:
            self.answer("POST ")

        def do_DELETE(self) -> None:
            self.answer("DELETE ")

        def answer(self, method: str) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            target = urlsplit(self.path)
            found = routes.get(method + target.path.removeprefix("/v1"), 404)
            answer = found(dict(parse_qsl(target.query))) if callable(found) else found
            status = answer if isinstance(answer, int) else 200
            body = answer if isinstance(answer, bytes) else json.dumps({} if status != 200 else answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Say nothing of what clients send or leave."""

    with Quiet(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        finally:
            server.shutdown()
            thread.join()


def with_batch(batch: Mapping[str, Any], **files: bytes) -> dict[str, Any]:
    """The routes of a server with one batch and its files: `input`, `output` and `error`."""
    made: dict[str, Any] = {"id": "batch_1", "object": "batch", "status": "completed", **batch}
    routes: dict[str, Any] = {}
    for kind, content in files.items():
        made.setdefault(f"{kind}_file_id", f"file-{kind}")
        routes[f"/files/file-{kind}"] = {"id": f"file-{kind}", "object": "file", "bytes": len(content)}
        routes[f"/files/file-{kind}/content"] = content
    listed = {"object": "list", "data": [made], "has_more": False}
    return {**routes, "/batches": listed, "/batches/batch_1": made}
