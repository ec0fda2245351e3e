"""Everything that can be read in a sandbox, read once: it answers, and keeps to the API's description."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx

from tests.sandbox.conftest import NOW
from tests.sandbox.contract import hook
from tests.support import nursery
from tui.sandbox.families import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sandbox.contract import JSON

READS = sorted(
    (path for family in FAMILIES for method, path in family.routes if method == "GET"),
    key=lambda path: path.count("{"),
)
# Lists that the API does not have, but the sandbox.
CONTROLS = [path for family in FAMILIES for method, path in family.controls if method == "GET"]
ADMIN = ("/organization", "/projects")
# Lists that only stand elsewhere.
SAME = {"/projects": "/organization/projects"}
# What some must be asked with.
ASKED: dict[str, JSON] = {
    "/organization/usage": {"start_time": int(NOW) - 86_400},
    "/organization/costs": {"start_time": int(NOW) - 86_400},
}
# What answers 404 as long as nobody set it.
MAY_BE_UNSET = {"/organization/projects/{project_id}/spend_limit"}
BREADTH = 3  # objects of each list that are looked into


class Crawl:
    """Reads what there is, from lists to what is in them. `seen` are the statuses by path of the API."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._found: dict[str, list[tuple[str, JSON]]] = defaultdict(list)
        self.seen: dict[str, set[int]] = defaultdict(set)

    def run(self) -> None:
        with httpx.Client(timeout=30, trust_env=False, event_hooks={"response": [hook]}) as client:
            for path in CONTROLS:
                answer = client.get(self._base.removesuffix("/v1") + "/_sandbox" + path)
                self._gather(path, path, answer)
            for template in READS:
                for path in self._paths(template):
                    key = "sk-admin-test" if path.startswith(ADMIN) else "sk-test"
                    asked = next((asked for start, asked in ASKED.items() if path.startswith(start)), {})
                    headers = {"authorization": f"Bearer {key}"}
                    answer = client.get(self._base + path, params=asked, headers=headers)
                    self.seen[template].add(answer.status_code)
                    self._gather(template, path, answer)

    def _gather(self, template: str, path: str, answer: httpx.Response) -> None:
        if answer.is_success and answer.headers["content-type"].startswith("application/json"):
            data = answer.json().get("data")
            objects = data[:BREADTH] if isinstance(data, list) else []
            self._found[template] += [(path, object_) for object_ in objects if isinstance(object_, dict)]

    def _paths(self, template: str) -> Iterator[str]:
        """The paths of a template: for the last of its placeholders whatever the list before it holds."""
        outer, brace, rest = template.rpartition("/{")
        if not brace:
            yield template
            return
        name, _, after = rest.partition("}")
        for path, object_ in self._found[SAME.get(outer, outer)]:
            id_ = object_.get(name) or object_.get("id")
            if isinstance(id_, str):
                yield f"{outer if outer in SAME else path}/{quote(id_, safe=':')}{after}"


def test_whatever_is_read_keeps_to_the_contract() -> None:
    with nursery.sandbox(scenario="busy", now=NOW) as running:
        crawl = Crawl(running.url)
        crawl.run()
    assert {path for path, seen in crawl.seen.items() if 200 not in seen} <= MAY_BE_UNSET
    assert len(crawl.seen) > 0.8 * len(READS), f"not reached: {sorted(set(READS) - set(crawl.seen))}"
