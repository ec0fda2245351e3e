"""One sandbox per test module, on a clock that only moves when a test moves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import openai
import pytest

from tests.sandbox.contract import hook
from tests.support import nursery

if TYPE_CHECKING:
    from tui.sandbox.serving.child import Sandbox

NOW = 1_790_000_000.0
Steer = Callable[..., Any]


@pytest.fixture(scope="module")
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    options: dict[str, Any] = {"scenario": "calm", "now": NOW} | getattr(request.module, "SANDBOX", {})
    with nursery.sandbox(**options) as running:
        yield running


@pytest.fixture(scope="module")
def api(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """A client whose every answer is held against the description of the API."""
    headers = {"authorization": "Bearer sk-test"}
    hooks = {"response": [hook]}
    with httpx.Client(
        base_url=sandbox.url, headers=headers, timeout=30, trust_env=False, event_hooks=hooks
    ) as client:
        yield client


@pytest.fixture(scope="module")
def official(sandbox: Sandbox) -> Iterator[openai.OpenAI]:
    """The official client, its answers held against the description too."""
    http = openai.DefaultHttpxClient(event_hooks={"response": [hook]})
    with openai.OpenAI(api_key="sk-test", base_url=sandbox.url, max_retries=0, http_client=http) as client:
        yield client


@pytest.fixture(scope="module")
def admin_api(sandbox: Sandbox) -> Iterator[httpx.Client]:
    """As `api`, with an admin key."""
    headers = {"authorization": "Bearer sk-admin-test"}
    hooks = {"response": [hook]}
    with httpx.Client(
        base_url=sandbox.url, headers=headers, timeout=30, trust_env=False, event_hooks=hooks
    ) as client:
        yield client


@pytest.fixture(scope="module")
def official_admin(sandbox: Sandbox) -> Iterator[openai.OpenAI]:
    """As `official`, with an admin key only."""
    http = openai.DefaultHttpxClient(event_hooks={"response": [hook]})
    with openai.OpenAI(
        api_key="sk-unused", admin_api_key="sk-admin-test", base_url=sandbox.url, max_retries=0, http_client=http
    ) as client:
        yield client


@pytest.fixture
def steer(sandbox: Sandbox) -> Iterator[Steer]:
    """`steer("clock", advance=60)`, `steer("faults", spec="429")`, `steer("requests")`; ends all faults."""
    base = sandbox.url.removesuffix("/v1") + "/_sandbox/"
    with httpx.Client(base_url=base, timeout=30, trust_env=False) as client:

        def call(name: str, **body: Any) -> Any:
            if name == "clock":
                body = {"settle": True, **body}  # then what follows does not depend on how long work takes
            answer = client.post(name, json=body) if body else client.get(name)
            answer.raise_for_status()
            return answer.json()

        yield call
        call("faults", spec="")


def upload(api: httpx.Client, content: bytes | str, purpose: str = "batch", name: str = "input.jsonl") -> str:
    """Upload a file; its id."""
    data = content.encode() if isinstance(content, str) else content
    answer = api.post("/files", data={"purpose": purpose}, files={"file": (name, data)})
    assert answer.status_code == 200, answer.text
    file_id: str = answer.json()["id"]
    return file_id


def get(api: httpx.Client, path: str) -> dict[str, Any]:
    """An answer that must be good."""
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
