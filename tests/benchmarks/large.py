"""A server of very many files, made as they are asked for."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_795_000_000
_FILE = (
    '{"id":"file-%024d","object":"file","bytes":%d,"created_at":%d,"expires_at":null,'
    '"filename":"%s-%06d.jsonl","purpose":"%s","status":"processed","status_details":null}'
)
_NAMES = ("requests", "nightly", "training", "results", "answers", "eval", "catalogue")
_PURPOSES = ("batch", "batch_output", "fine-tune", "user_data", "evals")


def write_file(number: int) -> str:
    """Return one file as JSON. Higher numbers are older."""
    name, purpose = _NAMES[number % 7], _PURPOSES[number % 5]
    return _FILE % (number, (number * 7919) % 50_000_003, NOW - 60 * number, name, number * 31 % 999_983, purpose)


def write_page(count: int, after: str, limit: int) -> bytes:
    """Return the page of a list of `count` files behind an id."""
    start = int(after.removeprefix("file-")) + 1 if after else 0
    end = min(count, start + limit)
    data = ",".join(map(write_file, range(start, end)))
    has_more = "true" if end < count else "false"
    ids = f'"first_id":"file-{start:024}","last_id":"file-{end - 1:024}"'
    return f'{{"object":"list","data":[{data}],{ids},"has_more":{has_more}}}'.encode()


@dataclass
class Files:
    """A server of so many files."""

    count: int
    url: str = ""
    sent_at: float = 0.0
    """The time of the last page's last byte, as of `time.monotonic`."""


@contextmanager
def served_files(count: int) -> Iterator[Files]:
    """Serve so many files over loopback."""
    files = Files(count)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            target = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(target.query).items()}
            found = target.path == "/v1/files"
            body = write_page(count, query.get("after", ""), int(query.get("limit", 20))) if found else b"{}"
            self.send_response(200 if found else 404)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            if found and "after" in query:
                files.sent_at = time.monotonic()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: Any) -> None:
            """Say nothing of programs that end."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        files.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        try:
            yield files
        finally:
            server.shutdown()
