"""Calls of the tools that the platform runs itself, or has the caller run: web search, code, images, MCP, shells.

The tools of the platform are called whenever they may be, as its file search is; nothing is searched, drawn or run
in truth. Those that the caller has to run are called when they are asked for: by `tool_choice`, or by their name
(`shell`, `apply_patch`) in the last message. Then the caller owes an output and there is no text.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tui.sandbox.answers.responses.bodies import HostedChoice, HostedTool
from tui.sandbox.answers.words import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tui.sandbox.answers.responses.bodies import ResponseBody
    from tui.sandbox.world import JSON

# A black square of one pixel.
_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
_CODE = "print(6 * 7)"
_SOURCE = {"type": "url", "url": "https://example.com/simulated"}


def make_hosted_calls(body: ResponseBody, context: Sequence[JSON], question: str, suffix: str) -> list[JSON]:
    """Return the items that calls of hosted tools leave before the text: of at most `max_tool_calls` calls.

    `context` holds the items that the response goes on from, `question` what the user said last; it is empty when
    the caller has just answered a call. `suffix` ends the ids.
    """
    if not question or body.tool_choice == "none":
        return []
    items: list[JSON] = []
    calls = 0
    for number, tool in enumerate(_choose_tools(body, question)):
        made = list(_CALLS[_kind(tool)](body, tool, context, question, f"{suffix}{number}"))
        calls += sum(item["type"] != "mcp_list_tools" for item in made)
        if body.max_tool_calls is None or calls <= body.max_tool_calls:
            items += made
    return items


def awaits_caller(items: Sequence[JSON]) -> bool:
    """Return whether one of these items wants something of the caller, so that there is no text yet."""
    return any(item["type"] in _FOR_CALLER for item in items)


def _kind(tool: HostedTool) -> str:
    """Return the type of a tool without the date and the word "preview" of its versions."""
    kind = tool.type
    return next((name for name in ("web_search", "computer") if kind.startswith(name)), kind)


def _choose_tools(body: ResponseBody, question: str) -> list[HostedTool]:
    tools = [tool for tool in body.tools or () if isinstance(tool, HostedTool) and _kind(tool) in _CALLS]
    if isinstance(body.tool_choice, HostedChoice):
        return [tool for tool in tools if tool.type == body.tool_choice.type]
    return [tool for tool in tools if _kind(tool) not in _CLIENT_TOOLS or tool.type in question]


def _search_web(
    body: ResponseBody, _tool: HostedTool, _context: Sequence[JSON], question: str, id_: str
) -> Iterator[JSON]:
    action: JSON = {"type": "search", "query": question, "queries": [question]}
    if "web_search_call.action.sources" in (body.include or ()):
        action["sources"] = [_SOURCE]
    yield {"id": f"ws_{id_}", "type": "web_search_call", "status": "completed", "action": action}


def _run_code(
    body: ResponseBody, tool: HostedTool, _context: Sequence[JSON], _question: str, id_: str
) -> Iterator[JSON]:
    container = (tool.model_extra or {}).get("container")
    shown = "code_interpreter_call.outputs" in (body.include or ())
    yield {
        "id": f"ci_{id_}",
        "type": "code_interpreter_call",
        "status": "completed",
        "container_id": container if isinstance(container, str) else f"cntr_{id_}",
        "code": _CODE,
        "outputs": [{"type": "logs", "logs": "42\n"}] if shown else None,
    }


def _draw_image(
    _body: ResponseBody, _tool: HostedTool, _context: Sequence[JSON], _question: str, id_: str
) -> Iterator[JSON]:
    yield {"id": f"ig_{id_}", "type": "image_generation_call", "status": "completed", "result": _PNG}


def _ask_server(
    _body: ResponseBody, tool: HostedTool, context: Sequence[JSON], question: str, id_: str
) -> Iterator[JSON]:
    """Call a tool of an MCP server, or ask for leave to, which is needed unless the request says otherwise."""
    given = tool.model_extra or {}
    allowed = given.get("allowed_tools")
    names = allowed if isinstance(allowed, list) and allowed else ["search"]
    server = {"server_label": str(given.get("server_label", "server"))}
    schema = {"type": "object", "properties": {"query": {"type": "string"}}}
    listed = [{"name": str(name), "description": f"{MARK} {name}", "input_schema": schema} for name in names]
    if not any(
        item["type"] == "mcp_list_tools" and item.get("server_label") in server.values() for item in context
    ):
        yield {"id": f"mcpl_{id_}", "type": "mcp_list_tools", **server, "tools": listed}
    call = {**server, "name": str(names[0]), "arguments": json.dumps({"query": question})}
    answered = [item for item in context if item["type"] == "mcp_approval_response"]
    if answered and not answered[-1].get("approve"):
        return
    if answered or given.get("require_approval") == "never":
        output = f"{MARK} {names[0]} found nothing in truth."
        leave = answered[-1].get("approval_request_id") if answered else None
        result = {"output": output, "error": None, "approval_request_id": leave, "status": "completed"}
        yield {"id": f"mcp_{id_}", "type": "mcp_call", **call, **result}
    else:
        yield {"id": f"mcpr_{id_}", "type": "mcp_approval_request", **call}


def _take_screenshot(
    _body: ResponseBody, _tool: HostedTool, _context: Sequence[JSON], _question: str, id_: str
) -> Iterator[JSON]:
    yield _make_client_call("computer", "cu_", id_, action={"type": "screenshot"}, pending_safety_checks=[])


def _run_local_command(
    _body: ResponseBody, _tool: HostedTool, _context: Sequence[JSON], _question: str, id_: str
) -> Iterator[JSON]:
    yield _make_client_call("local_shell", "lsh_", id_, action={"type": "exec", "command": ["ls"], "env": {}})


def _run_commands(
    _body: ResponseBody, _tool: HostedTool, _context: Sequence[JSON], _question: str, id_: str
) -> Iterator[JSON]:
    action = {"commands": ["ls"], "timeout_ms": None, "max_output_length": None}
    yield _make_client_call("shell", "sh_", id_, action=action, environment={"type": "local"})


def _apply_patch(
    _body: ResponseBody, _tool: HostedTool, _context: Sequence[JSON], _question: str, id_: str
) -> Iterator[JSON]:
    operation = {"type": "create_file", "path": "simulated.txt", "diff": f"+{MARK}\n"}
    yield _make_client_call("apply_patch", "apc_", id_, operation=operation)


def _make_client_call(kind: str, prefix: str, id_: str, **more: object) -> JSON:
    head = {"id": prefix + id_, "type": f"{kind}_call", "call_id": f"call_{id_[-24:]}", "status": "completed"}
    return {**head, **more}


_CALLS: dict[str, Callable[[ResponseBody, HostedTool, Sequence[JSON], str, str], Iterator[JSON]]] = {
    "web_search": _search_web,
    "code_interpreter": _run_code,
    "image_generation": _draw_image,
    "mcp": _ask_server,
    "computer": _take_screenshot,
    "local_shell": _run_local_command,
    "shell": _run_commands,
    "apply_patch": _apply_patch,
}
_CLIENT_TOOLS = ("computer", "local_shell", "shell", "apply_patch")
_FOR_CALLER = ("mcp_approval_request", *(f"{name}_call" for name in _CLIENT_TOOLS))
