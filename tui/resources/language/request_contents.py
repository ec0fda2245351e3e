"""What the fields of a batch's requests hold: messages, inputs, tools, forms of the answer.

https://platform.openai.com/docs/api-reference. `RULES` has what is looked at beyond types and limits, by endpoint
and field: each gives what is wrong with a value, to be read after "line 3 ", or "".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Rule = Callable[[Any, Mapping[str, Any]], str]

RESPONSES, CHAT, COMPLETIONS = "/v1/responses", "/v1/chat/completions", "/v1/completions"
EMBEDDINGS, MODERATIONS = "/v1/embeddings", "/v1/moderations"
MAX_EMBEDDED = 2_048  # texts, or tokens of one text, in one request
_SHOWN = 80  # characters of a value that stand in a fault
_KINDS = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
_ROLES = ("system", "developer", "user", "assistant")  # of a response's input
ROLES = (*_ROLES, "tool", "function")  # of a chat's messages
_WITHOUT_CONTENT = ("tool_calls", "function_call", "refusal", "audio")  # what an assistant may say instead
# The parts of a message, and what each holds: one of these.
_PARTS: dict[str, dict[str, tuple[str, ...]]] = {
    RESPONSES: {
        "input_text": ("text",),
        "input_image": ("image_url", "file_id"),
        "input_file": ("file_id", "file_data", "file_url"),
        "input_audio": ("input_audio", "data"),
        "output_text": ("text",),
        "refusal": ("refusal",),
    },
    CHAT: {name: (name,) for name in ("text", "image_url", "input_audio", "file", "refusal")},
}
_OTHER = {CHAT: RESPONSES, RESPONSES: CHAT}
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MOST_TOOLS = 128
_MOST_PAIRS, _LONGEST_KEY, _LONGEST_VALUE = 16, 64, 512  # of metadata
_MOST_STOPS = 4


def name_json_kind(value: Any) -> str:
    """Return in words what a JSON value is."""
    return "null" if value is None else _KINDS.get(type(value), "a text")


def quote(value: str) -> str:
    """Return a text of a file as a fault shows it: in quotes and not too long."""
    return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")


# Messages and inputs.


def find_messages_fault(messages: Any) -> str:
    """Return what is wrong with the messages of a chat, or ""."""
    if not isinstance(messages, list):
        return f"has messages that are {name_json_kind(messages)}: they must be a list"
    for place, message in enumerate(messages, 1):
        if not isinstance(message, dict):
            return f"has a message {place} that is {name_json_kind(message)}: it must be an object"
        role, content = message.get("role"), message.get("content")
        if type(content) is str and role in _ROLES:
            continue  # as nearly all are
        if not isinstance(role, str) or not role:
            return f"has a message {place} without a role"
        if role not in ROLES:
            return f"has a message {place} of the unknown role {quote(role)}: known are {', '.join(ROLES)}"
        if content is not None and not isinstance(content, str | list):
            return f"has a message {place} whose content is {name_json_kind(content)}: it must be a text or a list"
        acts = role == "function" or (role == "assistant" and any(message.get(name) for name in _WITHOUT_CONTENT))
        if (content is None or content == []) and not acts:
            return f"has a message {place} ({role}) without content"
        if fault := _find_part_fault(content, CHAT, f"message {place}"):
            return fault
        if role == "tool" and not message.get("tool_call_id"):
            return f"has a message {place} (tool) without a tool_call_id"
        if fault := _find_calls_fault(message.get("tool_calls"), place):
            return fault
    return ""


def _find_calls_fault(calls: Any, place: int) -> str:
    if calls is not None and not isinstance(calls, list):
        return f"has a message {place} whose tool_calls are {name_json_kind(calls)}: they must be a list"
    for call in calls or ():
        held = call.get(call.get("type") or "function") if isinstance(call, dict) else None
        if not (isinstance(held, dict) and held.get("name") and call.get("id")):
            return f"has a tool call without an id or a name in its message {place}"
    return ""


def _find_part_fault(content: Any, url: str, what: str) -> str:
    """Return the first part of a message's content that the endpoint does not know, in words, or ""."""
    known = _PARTS[url]
    for part in content if isinstance(content, list) else ():
        kind = part.get("type") if isinstance(part, dict) else None
        held = known.get(kind) if isinstance(kind, str) else None
        if held is None:
            found = f"a part of the type {kind!r:.40}" if kind else "a part that has no type"
            return f"has {found} in its {what}: {url} takes {', '.join(known)}"
        if all(part.get(name) is None for name in held):
            return f"has a part of the type {kind} without {' or '.join(held)} in its {what}"
        if kind == "image_url" and not (isinstance(part[kind], dict) and part[kind].get("url")):
            return f"has an image_url in its {what} that is no object with a url"
    return ""


def _find_input_fault(items: Any, _body: Mapping[str, Any]) -> str:
    """Return what is wrong with the input of a response, or ""."""
    if not isinstance(items, list):
        return ""
    for place, item in enumerate(items, 1):
        if not isinstance(item, dict):
            return f"has an input {place} that is {name_json_kind(item)}: it must be an object"
        kind, role = item.get("type"), item.get("role")
        said = kind == "message" or (kind is None and "role" in item)
        if said and role not in _ROLES:
            return f"has an input {place} of the role {role!r:.40}: {RESPONSES} takes {', '.join(_ROLES)}"
        if kind is None and not said and "id" not in item:
            return f"has an input {place} without a type or a role"
        if kind == "function_call_output" and item.get("output") is None:
            return f"has an input {place} (function_call_output) without an output"
        if said and item.get("content") in (None, []):
            return f"has an input {place} ({role}) without content"
        if said and (fault := _find_part_fault(item.get("content"), RESPONSES, f"input {place}")):
            return fault
    return ""


def _find_embedding_fault(value: Any, _body: Mapping[str, Any]) -> str:
    """Return what is wrong with what is to be embedded, or "": a text, a list of them, or either as tokens."""
    if not isinstance(value, list):
        return ""
    if len(value) > MAX_EMBEDDED:
        return f"has {len(value):,} inputs in its body; a request takes at most {MAX_EMBEDDED:,}"
    kinds = {type(each) for each in value}
    if len(kinds) > 1:
        return "has an input that mixes texts and tokens"
    if "" in value:
        return "has an empty text in its input"
    if not kinds <= {str, int, list}:
        return f"has an input with {name_json_kind(value[0])} in it: it must be of texts or tokens"
    for tokens in value if kinds == {list} else [value] if kinds == {int} else ():
        if not tokens or any(type(token) is not int or token < 0 for token in tokens):
            return "has an input with tokens that are no whole numbers from 0 on, or none"
    return ""


def _find_moderation_fault(value: Any, _body: Mapping[str, Any]) -> str:
    """Return what is wrong with what is to be judged, or "": a text, or a list of them or of texts and images."""
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            kind = each.get("type")
            if kind not in ("text", "image_url") or not each.get(kind):
                return "has an input with a part that is no text and no image_url"
        elif not isinstance(each, str):
            return f"has an input with {name_json_kind(each)} in it: it must be of texts and images"
    return ""


# Tools and the form of the answer.


def _find_tools_fault(url: str, tools: Any) -> str:
    """Return what is wrong with the tools, which the endpoints write differently."""
    if url == CHAT and len(tools) > _MOST_TOOLS:
        return f"has {len(tools):,} tools in its body; a request takes at most {_MOST_TOOLS}"
    for place, tool in enumerate(tools, 1):
        if not isinstance(tool, dict) or not isinstance(kind := tool.get("type"), str):
            return f"has a tool {place} without a type"
        held = tool.get(kind) if url == CHAT else tool
        if kind not in ("function", "custom"):
            continue
        name = held.get("name") if isinstance(held, dict) else None
        if not name:
            other = isinstance(tool.get(kind), dict) if url == RESPONSES else bool(tool.get("name"))
            where = f"in its {kind}" if url == CHAT else "beside its type"
            return f"has a tool {place} without a name {where}" + f": it is written as in {_OTHER[url]}" * other
        if fault := _find_name_fault(name):
            return f"has a tool {place} whose name {fault}"
    return ""


def _find_name_fault(name: Any) -> str:
    if isinstance(name, str) and _NAME.fullmatch(name):
        return ""
    told = quote(name) if isinstance(name, str) else name_json_kind(name)
    return f"is {told}: it must be of a-z, A-Z, 0-9, _ and -, at most 64"


def _find_form_fault(form: Any, where: str, held: Any) -> str:
    """Return what is wrong with the form of an answer; `held` is what names its schema, at `where`."""
    if not isinstance(form, dict) or form.get("type") != "json_schema":
        return ""
    if not isinstance(held, dict) or not held.get("name"):
        return f"has no name in {where}"
    fault = _find_name_fault(held["name"])
    return f"has a name in {where} that {fault}" if fault else ""


def _find_text_fault(text: Any, _body: Mapping[str, Any]) -> str:
    form = text.get("format")
    if fault := _find_form_fault(form, "text.format", form):
        return fault
    has_schema = isinstance(form, dict) and isinstance(form.get("schema"), dict)
    needs_one = isinstance(form, dict) and form.get("type") == "json_schema"
    return "has no schema in text.format" if needs_one and not has_schema else ""


def _find_choice_fault(choice: Any, body: Mapping[str, Any]) -> str:
    if isinstance(choice, str) and choice not in ("none", "auto", "required"):
        return f"has tool_choice {quote(choice)} in its body: it must be none, auto, required or an object"
    return "" if body.get("tools") else "has tool_choice in its body, and no tools"


# All other fields.


def _find_metadata_fault(pairs: Any, _body: Mapping[str, Any]) -> str:
    if len(pairs) > _MOST_PAIRS:
        return f"has {len(pairs):,} pairs in its metadata; a request takes at most {_MOST_PAIRS}"
    for key, value in pairs.items():
        if not isinstance(value, str):
            return f"has metadata in its body whose {quote(key)} is {name_json_kind(value)}: it must be a text"
        if len(key) > _LONGEST_KEY or len(value) > _LONGEST_VALUE:
            most = f"a key takes at most {_LONGEST_KEY} characters, a value {_LONGEST_VALUE}"
            return f"has metadata in its body whose {quote(key)} is too long: {most}"
    return ""


def _find_stop_fault(stops: Any, _body: Mapping[str, Any]) -> str:
    if not isinstance(stops, list):
        return ""
    if len(stops) > _MOST_STOPS:
        return f"has {len(stops):,} texts in stop; a request takes at most {_MOST_STOPS}"
    return next((f"has stop with {name_json_kind(each)} in it" for each in stops if not isinstance(each, str)), "")


def _find_bias_fault(biases: Any, _body: Mapping[str, Any]) -> str:
    odd = (key for key, value in biases.items() if type(value) not in (int, float) or not -100 <= value <= 100)
    return next((f"has logit_bias {quote(key)} in its body that is no number from -100 to 100" for key in odd), "")


def _one_of(name: str, *words: str) -> Rule:
    def find_fault(value: Any, _body: Mapping[str, Any]) -> str:
        must = f"it must be {' or '.join(words)}"
        return "" if value in words else f"has {name} {quote(str(value))} in its body: {must}"

    return find_fault


def _require_other(name: str, other: str) -> Rule:
    return lambda _, body: "" if body.get(other) else f"has {name} in its body, without {other}"


def _refuse_other(name: str, other: str) -> Rule:
    def find_fault(_value: Any, body: Mapping[str, Any]) -> str:
        return "" if body.get(other) is None else f"has both {name} and {other} in its body: it takes one of them"

    return find_fault


def _find_best_fault(best: Any, body: Mapping[str, Any]) -> str:
    count = body.get("n")
    return f"has n {count}, more than its best_of {best}" if type(count) is int and count > best else ""


RULES: dict[str, dict[str, Rule]] = {
    RESPONSES: {
        "input": _find_input_fault,
        "metadata": _find_metadata_fault,
        "previous_response_id": _refuse_other("previous_response_id", "conversation"),
        "prompt": lambda prompt, _: "" if prompt.get("id") else "has a prompt without an id",
        "text": _find_text_fault,
        "tools": lambda tools, _: _find_tools_fault(RESPONSES, tools),
        "truncation": _one_of("truncation", "auto", "disabled"),
    },
    CHAT: {
        "logit_bias": _find_bias_fault,
        "max_tokens": _refuse_other("max_tokens", "max_completion_tokens"),
        "metadata": _find_metadata_fault,
        "response_format": lambda form, _: _find_form_fault(
            form, "response_format.json_schema", form.get("json_schema")
        ),
        "stop": _find_stop_fault,
        "tool_choice": _find_choice_fault,
        "tools": lambda tools, _: _find_tools_fault(CHAT, tools),
        "top_logprobs": _require_other("top_logprobs", "logprobs"),
    },
    COMPLETIONS: {"best_of": _find_best_fault, "logit_bias": _find_bias_fault, "stop": _find_stop_fault},
    EMBEDDINGS: {
        "encoding_format": _one_of("encoding_format", "float", "base64"),
        "input": _find_embedding_fault,
    },
    MODERATIONS: {"input": _find_moderation_fault},
}
