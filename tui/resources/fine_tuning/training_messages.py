"""What the messages of a training example must be like, and the tools that they may call.

https://platform.openai.com/docs/guides/supervised-fine-tuning, …/vision-fine-tuning
"""

from __future__ import annotations

import binascii
import json
import re
from typing import Any

from tui.resources.language.request_contents import ROLES, name_json_kind, quote

MAX_IMAGES = 10  # in one example
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_NO_NAME = "without a name of letters, digits, _ and -, at most 64"
_KEYS = {"role", "content", "name", "weight", "tool_calls", "tool_call_id", "function_call", "refusal"}
_PARTS = {"user": ("text", "image_url"), "assistant": ("text", "refusal")}  # all others: texts
_IMAGES = ("jpeg", "jpg", "png", "webp")
_DETAILS = ("auto", "low", "high", "original")
_DATA = re.compile(r"data:image/([a-z0-9.+-]+);base64,", re.IGNORECASE)


def check_tools(tools: Any) -> str:
    """Return what is wrong with the tools of an example, or ""."""
    if tools is None:
        return ""
    if not isinstance(tools, list):
        return f"has tools that are {name_json_kind(tools)}: they must be a list"
    for place, tool in enumerate(tools, 1):
        function = tool.get("function") if isinstance(tool, dict) and tool.get("type") == "function" else None
        if not isinstance(function, dict):
            return f"has a tool {place} that is no function"
        name = function.get("name")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            return f"has a tool {place} {_NO_NAME}"
        if not isinstance(function.get("parameters", {}), dict):
            return f"has a tool {name} whose parameters are no object"
    return ""


def check_each(messages: list[Any], tools: set[str] | None) -> str:
    """Return what is wrong with a message, or ""; `tools` are those that may be called, None for any."""
    called: set[str] = set()
    waiting: dict[str, None] = {}  # the calls of the last turn that nothing answered yet
    images = 0
    for place, message in enumerate(messages, 1):
        if not isinstance(message, dict):
            return f"has a message {place} that is {name_json_kind(message)}: it must be an object"
        role = message.get("role")
        if not isinstance(role, str) or not role:
            return f"has a message {place} without a role"
        if role not in ROLES:
            return f"has a message {place} of the unknown role {quote(role)}: known are {', '.join(ROLES)}"
        fault = (
            _check_keys(message)
            or _check_weight(message)
            or _check_calls(message, tools)
            or _check_content(message)
            or _check_answer(message, called)
        )
        if fault:
            return f"has a message {place} ({role}) {fault}"
        if role == "tool":
            waiting.pop(message["tool_call_id"], None)
        elif waiting:
            return f"has a message {place} ({role}) before the call {quote(next(iter(waiting)))} is answered"
        for call in message.get("tool_calls") or ():
            called.add(call["id"])
            waiting[call["id"]] = None
        if isinstance(content := message.get("content"), list):
            images += sum(part["type"] == "image_url" for part in content)
    return f"has {images} images: an example takes at most {MAX_IMAGES}" if images > MAX_IMAGES else ""


def _check_keys(message: dict[str, Any]) -> str:
    unknown = next((name for name, value in message.items() if name not in _KEYS and value is not None), "")
    if unknown:
        return f"with {quote(unknown)}, which no message has"
    if message.get("tool_calls") and message.get("function_call"):
        return "with both tool_calls and function_call: it makes its calls by one of them"
    return ""


def _check_weight(message: dict[str, Any]) -> str:
    if "weight" not in message:
        return ""
    weight = message["weight"]
    if message["role"] != "assistant":
        return "with a weight: only those of the assistant have one"
    return "" if type(weight) in (int, float) and weight in (0, 1) else "whose weight is neither 0 nor 1"


def _check_calls(message: dict[str, Any], tools: set[str] | None) -> str:
    calls, alone = message.get("tool_calls"), message.get("function_call")
    if message["role"] != "assistant" and (calls is not None or alone is not None):
        return f"with {'function_call' if calls is None else 'tool_calls'}: only the assistant calls tools"
    if alone is not None:
        return _check_function(alone, None) if isinstance(alone, dict) else "whose function_call is no object"
    if calls is None:
        return ""
    if not isinstance(calls, list) or not calls:
        return "whose tool_calls are no list of calls"
    for call in calls:
        function = call.get("function") if isinstance(call, dict) and call.get("type") == "function" else None
        if not isinstance(function, dict):
            return "with a tool call that is no call of a function"
        if not isinstance(call.get("id"), str) or not call["id"]:
            return "with a tool call without an id"
        if fault := _check_function(function, tools):
            return fault
    return ""


def _check_function(function: dict[str, Any], tools: set[str] | None) -> str:
    """Return what is wrong with a called function, or ""."""
    name, arguments = function.get("name"), function.get("arguments")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return f"with a tool call {_NO_NAME}"
    if tools is not None and name not in tools:
        return f"that calls {name}, which is not among its tools"
    if not isinstance(arguments, str):
        return f"that calls {name} with arguments that are no text of JSON"
    try:
        json.loads(arguments)
    except (ValueError, RecursionError):
        return f"that calls {name} with arguments that are no JSON: {quote(arguments)}"
    return ""


def _check_content(message: dict[str, Any]) -> str:
    content, role = message.get("content"), message["role"]
    if isinstance(content, list) and content:
        return next(filter(None, (_check_part(part, role) for part in content)), "")
    if isinstance(content, str) and (content or role != "assistant"):
        return ""
    acts = role == "assistant" and (message.get("tool_calls") or isinstance(message.get("function_call"), dict))
    if acts and content in (None, ""):
        return ""
    if content in (None, "", []):
        return "without content or tool_calls" if role == "assistant" else "without content"
    return f"whose content is {name_json_kind(content)}: it must be a text or a list of parts"


def _check_part(part: Any, role: str) -> str:
    """Return what is wrong with a part of the content of a message, or ""."""
    if not isinstance(part, dict) or not isinstance(kind := part.get("type"), str):
        return "with a part of its content that has no type"
    if kind == "image_url" and role != "user":
        return "with an image: only the user shows images"
    known = _PARTS.get(role, ("text",))
    if kind not in known:
        return f"with a part of the type {quote(kind)}: training takes {' and '.join(known)}"
    if kind == "image_url":
        return _check_image(part.get("image_url"))
    return "" if isinstance(part.get(kind), str) else f"with a part of its content that has no {kind}"


def _check_image(image: Any) -> str:
    """Return what is wrong with an image, or "": it is an address in the web, or its data in base64."""
    url = image.get("url") if isinstance(image, dict) else None
    if not isinstance(url, str):
        return 'with an image that is not written as {"url": …}'
    if image.get("detail") not in (None, *_DETAILS):
        return f"with an image of the detail {image['detail']!r:.40}: known are {', '.join(_DETAILS)}"
    if url.startswith(("https://", "http://")):
        return ""
    data = _DATA.match(url)
    if not data:
        return f"with the image {quote(url)}: it must be an address (https://…) or data:image/png;base64,…"
    if data[1].lower() not in _IMAGES:
        return f"with an image of the format {data[1]}: training takes JPEG, PNG and WEBP"
    try:
        decoded = binascii.a2b_base64(url[data.end() :], strict_mode=True)
    except ValueError:
        return "with an image whose data is no base64"
    return "" if decoded else "with an image without data"


def _check_answer(message: dict[str, Any], called: set[str]) -> str:
    """Return what is wrong with the answer of a tool, or "": it must name a call that was made before."""
    if message["role"] != "tool":
        return ""
    id_ = message.get("tool_call_id")
    if not isinstance(id_, str) or not id_:
        return "without a tool_call_id"
    return "" if id_ in called else f"that answers {quote(id_)}, which nothing called"
