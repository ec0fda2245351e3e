"""Pre-flight checks: what they pass the platform passes, and what they refuse they name by line and rule."""

from __future__ import annotations

import copy
import gzip
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.resources.files import check_upload
from tui.resources.fine_tuning.training import check_examples
from tui.resources.language.asking.inputs import MAX_FAULTS, Report, Source
from tui.resources.language.checks import ENDPOINTS, check_requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CHAT = "/v1/chat/completions"
MESSAGES = [{"role": "user", "content": "Say hi"}]
BODIES: dict[str, dict[str, Any]] = {
    "/v1/responses": {"model": "m", "input": "Say hi"},
    CHAT: {"model": "m", "messages": MESSAGES},
    "/v1/embeddings": {"model": "m", "input": ["a", "b"]},
    "/v1/completions": {"model": "m", "prompt": "Say hi"},
    "/v1/moderations": {"input": "Say hi"},
    "/v1/images/generations": {"prompt": "A cat"},
    "/v1/images/edits": {"images": [{"file_id": "file-1"}], "prompt": "A cat"},
    "/v1/videos": {"prompt": "A cat"},
}


def request(name: str = "a", url: str = CHAT, **changes: Any) -> dict[str, Any]:
    return {"custom_id": name, "method": "POST", "url": url, "body": dict(BODIES[url]), **changes}


def lines(*values: Any) -> bytes:
    return b"".join(
        (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n" for value in values
    )


def checked(
    content: bytes, check: Callable[..., Report] = check_requests, name: str = "a.jsonl", **values: Any
) -> Report:
    return check(Source(name, len(content), io.BytesIO(content)), values)


def faults(content: bytes, check: Callable[..., Report] = check_requests, **values: Any) -> list[str]:
    found = checked(content, check, **values).faults
    return [f"line {fault.line} {fault.message}" if fault.line else fault.message for fault in found]


# Batches.


def test_every_endpoint_has_a_body_that_passes() -> None:
    assert set(BODIES) == set(ENDPOINTS)
    for url in ENDPOINTS:
        report = checked(lines(request("a", url), request("b", url)))
        assert not report.faults, url
        assert report.suggested == {"endpoint": url}


NAMED = {"name": "f", "arguments": "{}"}


@pytest.mark.parametrize(
    "message",
    [
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", "function": NAMED}]},
        {"role": "assistant", "refusal": "No."},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {"role": "user", "content": "a whole \U0001f600"},
    ],
)
def test_what_the_platform_takes_for_a_message_passes(message: dict[str, Any]) -> None:
    assert not faults(lines(request(body={"model": "m", "messages": [*MESSAGES, message]})))


def test_an_empty_text_is_not_embedded() -> None:
    url = "/v1/embeddings"
    assert faults(lines(request(url=url, body={"model": "m", "input": ["a", ""]}))) == [
        "line 1 has an empty text in its input"
    ]


def said(part: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": [part]}


CHAT_TOOL = {"type": "function", "function": {"name": "f"}}
RESPONSE_TOOL = {"type": "function", "name": "f"}


@pytest.mark.parametrize(
    ("url", "change", "told"),
    [
        (CHAT, {"stream": True}, "a batch does not stream"),
        (CHAT, {"stream": False, "max_tokens": 100, "temperature": 2, "n": None, "foo": 1}, ""),
        (CHAT, {"max_tokens": "100"}, "has max_tokens in its body that is a text: it must be a whole number"),
        (CHAT, {"n": True}, "has n in its body that is true or false: it must be a whole number"),
        (CHAT, {"n": 1.5}, "has n in its body that is a fraction: it must be a whole number"),
        (CHAT, {"n": 0}, "has n 0 in its body: it must be from 1 to 128"),
        (CHAT, {"temperature": 3}, "has temperature 3 in its body: it must be from 0 to 2"),
        (CHAT, {"tools": "f"}, "has tools in its body that is a text: it must be a list"),
        ("/v1/responses", {"max_output_tokens": 3}, "it must be at least 16"),
        ("/v1/responses", {"response_format": {}}, "does not know: it takes text.format instead"),
        ("/v1/responses", {"seed": 1}, "has seed in its body, which /v1/responses does not know"),
        (CHAT, {"tools": [CHAT_TOOL], "max_completion_tokens": 9}, ""),
        (CHAT, {"tools": [RESPONSE_TOOL]}, "a tool 1 without a name in its function: it is written as in"),
        (CHAT, {"tools": [{"name": "f"}]}, "has a tool 1 without a type"),
        ("/v1/responses", {"tools": [RESPONSE_TOOL, {"type": "web_search"}]}, ""),
        ("/v1/responses", {"tools": [CHAT_TOOL]}, "a tool 1 without a name beside its type: it is written as in"),
        (CHAT, {"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}}, ""),
        (CHAT, {"response_format": {"type": "json_schema", "json_schema": {}}}, "has no name in response_format"),
        ("/v1/responses", {"text": {"format": {"type": "json_schema"}}}, "has no name in text.format"),
        (
            CHAT,
            {"messages": [{"role": "user", "content": [{"type": "input_text", "text": "a"}]}]},
            "has a part of the type 'input_text' in its message 1: /v1/chat/completions takes text, image_url",
        ),
        (CHAT, {"messages": [{"role": "tool", "content": "x"}]}, "has a message 1 (tool) without a tool_call_id"),
        ("/v1/responses", {"input": [{"role": "user", "content": [{"type": "input_text", "text": "a"}]}]}, ""),
        ("/v1/responses", {"input": [{"type": "function_call_output", "output": "x"}, {"id": "msg_1"}]}, ""),
        ("/v1/responses", {"input": [{"role": "user", "content": [{"type": "text"}]}]}, "in its input 1"),
        ("/v1/responses", {"input": [{"role": "tool", "content": "x"}]}, "has an input 1 of the role 'tool'"),
        ("/v1/responses", {"input": ["x"]}, "has an input 1 that is a text: it must be an object"),
        ("/v1/embeddings", {"input": ["a"] * 2_049}, "has 2,049 inputs in its body; a request takes at most"),
        ("/v1/embeddings", {"input": ["a", [1]]}, "mixes texts and tokens"),
        ("/v1/embeddings", {"input": [[1], [2, 3]], "dimensions": 8}, ""),
        ("/v1/moderations", {"input": 5}, "has input in its body that is a number"),
        ("/v1/moderations", {"input": ["a", {"type": "text", "text": "b"}]}, ""),
        ("/v1/moderations", {"input": [{"type": "audio"}]}, "a part that is no text and no image_url"),
        ("/v1/moderations", {"input": [5]}, "an input with a number in it: it must be of texts and images"),
        ("/v1/embeddings", {"input": [[]]}, "tokens that are no whole numbers from 0 on, or none"),
        ("/v1/embeddings", {"input": [-1]}, "tokens that are no whole numbers from 0 on, or none"),
        ("/v1/embeddings", {"encoding_format": "hex"}, "'hex' in its body: it must be float or base64"),
        ("/v1/images/edits", {"images": []}, "has no images or image in its body"),
        ("/v1/images/edits", {"prompt": None}, "has no prompt in its body"),
        (CHAT, {"metadata": {"a": "1"}, "stop": ["a"], "logit_bias": {"5": -100}, "logprobs": True}, ""),
        (CHAT, {"metadata": {"a": 1}}, "has metadata in its body whose 'a' is a number: it must be a text"),
        (CHAT, {"metadata": {"a": "x" * 513}}, "'a' is too long: a key takes at most 64 characters, a value 512"),
        ("/v1/responses", {"metadata": dict.fromkeys("abcdefghijklmnopq", "x")}, "has 17 pairs in its metadata"),
        (CHAT, {"stop": list("abcde")}, "has 5 texts in stop; a request takes at most 4"),
        (CHAT, {"stop": [5]}, "has stop with a number in it"),
        (CHAT, {"logit_bias": {"5": 101}}, "has logit_bias '5' in its body that is no number from -100 to 100"),
        (CHAT, {"top_logprobs": 2}, "has top_logprobs in its body, without logprobs"),
        (CHAT, {"max_tokens": 5, "max_completion_tokens": 5}, "has both max_tokens and max_completion_tokens"),
        (CHAT, {"tool_choice": "maybe", "tools": [CHAT_TOOL]}, "it must be none, auto, required or an object"),
        (CHAT, {"tool_choice": "auto"}, "has tool_choice in its body, and no tools"),
        (CHAT, {"tools": [CHAT_TOOL] * 129}, "has 129 tools in its body; a request takes at most 128"),
        (CHAT, {"tools": [{"type": "function", "function": {"name": "a b"}}]}, "a tool 1 whose name is 'a b'"),
        (
            CHAT,
            {"response_format": {"type": "json_schema", "json_schema": {"name": "ü"}}},
            "json_schema that is 'ü'",
        ),
        (
            "/v1/responses",
            {"text": {"format": {"type": "json_schema", "name": "a"}}},
            "has no schema in text.format",
        ),
        ("/v1/responses", {"prompt": {"version": "1"}}, "has a prompt without an id"),
        ("/v1/responses", {"previous_response_id": "resp_1", "conversation": "conv_1"}, "it takes one of them"),
        ("/v1/responses", {"truncation": "yes"}, "has truncation 'yes' in its body: it must be auto or disabled"),
        ("/v1/responses", {"input": [{"role": "user"}]}, "has an input 1 (user) without content"),
        (
            "/v1/responses",
            {"input": [{"type": "function_call_output"}]},
            "(function_call_output) without an output",
        ),
        ("/v1/completions", {"n": 5, "best_of": 2}, "has n 5, more than its best_of 2"),
        (CHAT, {"messages": [said({"type": "text"})]}, "a part of the type text without text in its message 1"),
        (CHAT, {"messages": [said({"type": "image_url", "image_url": "x"})]}, "that is no object with a url"),
        (CHAT, {"messages": [{"role": "assistant", "tool_calls": [{"id": "c"}]}]}, "a tool call without an id or"),
    ],
)
def test_the_fields_of_a_body_are_as_its_endpoint_takes_them(url: str, change: dict[str, Any], told: str) -> None:
    found = faults(lines(request(url=url, body={**BODIES[url], **change})))
    assert told in found[0] if told else not found


@pytest.mark.parametrize("url", ENDPOINTS)
def test_what_a_body_needs_is_missed(url: str) -> None:
    nothing: tuple[Any, ...] = (None, "", [], {})
    for name in BODIES[url]:
        for empty in nothing:
            bare = {key: value for key, value in BODIES[url].items() if key != name}
            assert faults(lines(request(url=url, body=bare))), name
            assert faults(lines(request(url=url, body={**bare, name: empty}))), f"{name} {empty}"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"custom_id": None}, "has no custom_id"),
        ({"custom_id": ""}, "has no custom_id"),
        ({"custom_id": 2}, "has a custom_id that is a number: it must be a text"),
        ({"custom_id": "a"}, "repeats the custom_id 'a' of line 1"),
        ({"method": "post"}, 'must say "method": "POST"'),
        ({"url": None}, "has no url"),
        ({"url": 7}, "has a url that is a number: it must be a text"),
        ({"url": "/v1/responses"}, f"is for /v1/responses, line 1 for {CHAT}: one endpoint a batch"),
        ({"url": f"https://api.openai.com{CHAT}"}, f"it must be exactly {CHAT}"),
        ({"url": f"https://x.openai.azure.com/openai{CHAT}?api-version=1"}, f"it must be exactly {CHAT}"),
        ({"url": f"{CHAT}/"}, f"it must be exactly {CHAT}"),
        ({"url": "/chat/completions"}, f"it must be exactly {CHAT}"),
        ({"url": "/V1/Chat/Completions"}, f"it must be exactly {CHAT}"),
        ({"url": f" {CHAT}"}, f"it must be exactly {CHAT}"),
        ({"url": "/v1/audio/speech"}, "batches take /v1/responses"),
        ({"body": None}, "has no body"),
        ({"body": "{}"}, "has a body that is a text: it must be an object"),
        ({"body": {"messages": MESSAGES}}, "has no model in its body"),
        ({"body": {"model": "", "messages": MESSAGES}}, "has no model in its body"),
        ({"body": {"model": 5, "messages": MESSAGES}}, "has a model that is a number: it must be a text"),
        ({"body": {"model": "n", "messages": MESSAGES}}, "is for n, line 1 for m: one model a batch"),
        ({"body": {"model": "m", "prompt": "p"}}, "has no messages in its body"),
        ({"body": {"model": "m", "messages": "Hi"}}, "has messages that are a text: they must be a list"),
        ({"body": {"model": "m", "messages": ["Hi"]}}, "has a message 1 that is a text: it must be an object"),
        ({"body": {"model": "m", "messages": [{"content": "Hi"}]}}, "has a message 1 without a role"),
        ({"body": {"model": "  ", "messages": MESSAGES}}, "has no model in its body"),
        (
            {"body": {"model": "m", "messages": [{"role": "human", "content": "Hi"}]}},
            "of the unknown role 'human'",
        ),
        ({"body": {"model": "m", "messages": [{"role": "user"}]}}, "has a message 1 (user) without content"),
        ({"body": {"model": "m", "messages": [{"role": "user", "content": 5}]}}, "content is a number"),
        (
            {"body": {"model": "m", "messages": [*MESSAGES, {"role": "assistant", "content": None}]}},
            "has a message 2 (assistant) without content",
        ),
        ({"custom_id": "\ud83d"}, "has half of a character"),
    ],
)
def test_a_faulty_request_is_told_by_line_and_rule(wrong: dict[str, Any], told: str) -> None:
    found = faults(lines(request("a"), b"", {**request("b"), **wrong}, request("c")))
    assert len(found) == 1
    assert found[0].startswith("line 3 ")
    assert told in found[0]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"custom_id": NaN}', "is not JSON: NaN is no JSON value"),
        (b'{"custom_id": -Infinity}', "is not JSON: -Infinity is no JSON value"),
        (b'{"custom_id": "a", "custom_id": "b"}', "has the key 'custom_id' twice in one object"),
        (b'{"body": {"model": "m", "x": 1, "model": "n"}}', "has the key 'model' twice in one object"),
        (b'{"a": 1e999}', "is not JSON: 1e999 is larger than any number"),
        (b'{"a": "\\ud83d cut"}', "has half of a character, written as"),
        (b'{"a": "\\uD83D cut"}', "has half of a character, written as"),
        (b'{"a" : 1, "a" : 2, "b": "\\":\\":"}', "has the key 'a' twice in one object"),
        (b'{"a": [{"b": 1e999}]}', "is not JSON: 1e999 is larger than any number"),
        (b'{"a": 1},', "ends with a comma: each line is an object by itself"),
        (b"{'a': 1}", "is not JSON: expecting property name enclosed in double quotes at column 2"),
        (b'{"a": 1} {"b": 2}', "is not JSON: extra data at column 10"),
        (b'{"a": "b"', "is not JSON: expecting ',' delimiter at column 10"),
        (b'{"a": "b" \t\r', "is not JSON: expecting ',' delimiter at column 10"),
        (b'{"a": "\xff"}', "is not UTF-8, from byte 8 on"),
        (b'\xef\xbb\xbf{"a": 1}', "is not JSON"),
        (b"[1]", "is not a JSON object"),
        (b"null", "is not a JSON object"),
        (b'{"a":' * 100_000, "is nested too deeply"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "has a number of too many digits"),
    ],
    ids=range(20),
)
def test_a_line_that_is_no_json_object_is_told(line: bytes, told: str) -> None:
    found = faults(lines(request("a"), line, request("c")))
    assert len(found) == 1
    assert found[0].startswith(f"line 2 {told}")


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.jsonl", lines(request()))
    return buffer.getvalue()


GOOD = lines(*({"messages": [*MESSAGES, {"role": "assistant", "content": "Hi"}]} for _ in range(10)))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda good: b"\xef\xbb\xbf" + good, "The file begins with a BOM"),
        (lambda good: good.decode().encode("utf-16"), "The file is UTF-16: save it as UTF-8"),
        (lambda good: good.decode().encode("utf-16-le"), "The file is UTF-16: save it as UTF-8"),
        (lambda good: good.decode().encode("utf-16-be"), "The file is UTF-16: save it as UTF-8"),
        (
            lambda good: good.decode().replace("Hello", "你好世界" * 9).encode("utf-16-le"),
            "The file is UTF-16: save it as UTF-8",
        ),
        (
            lambda good: good.decode().replace("Hello", "你好世界" * 9).encode("utf-16-be"),
            "The file is UTF-16: save it as UTF-8",
        ),
        (lambda good: good.decode().encode("utf-32"), "The file is UTF-32: save it as UTF-8"),
        (lambda good: good.decode().encode("utf-32-be"), "The file is UTF-32: save it as UTF-8"),
        (gzip.compress, "The file is compressed with gzip: unpack it first"),
        (lambda _: _zip(), "The file is a zip archive"),
        (lambda _: b"%PDF-1.7\n...", "The file is a PDF"),
        (lambda good: b"[" + b",".join(good.splitlines()) + b"]", "The file is a JSON array"),
        (
            lambda good: json.dumps([json.loads(line) for line in good.splitlines()], indent=1).encode(),
            "The file is a JSON array",
        ),
        (
            lambda good: json.dumps(json.loads(good.splitlines()[0]), indent=1).encode(),
            "The file is JSON spread over several lines",
        ),
        (lambda _: b"prompt,answer\na,b\n", "The file reads like CSV"),
        (lambda _: b"prompt;answer\na;b\n", "The file reads like CSV"),
        (lambda good: good.replace(b"\n", b"\r"), "The file ends its lines with carriage returns alone"),
        (lambda _: b"<!doctype html>\n", "The file is a page of HTML or XML"),
        (lambda _: b"\x00\x01\x02" * 50, "The file is no text"),
        (
            lambda _: b'{"id": "r", "custom_id": "a", "response": {}, "error": null}\n' * 2,
            "The file is the output of",
        ),
        (lambda _: b'{"item": {}}\n' * 2, "The file holds the data of an eval, not "),
    ],
    ids=range(21),
)
def test_a_file_that_is_something_else_is_told_in_one_sentence(
    change: Callable[[bytes], bytes], told: str
) -> None:
    for good, check, values in (
        (lines(request("a"), request("b")), check_requests, {}),
        (GOOD, check_examples, {}),
        (GOOD, check_upload, {"purpose": "fine-tune"}),
    ):
        assert not faults(good, check, **values)
        found = faults(change(good), check, **values)
        assert len(found) == 1, check
        assert found[0].startswith(told)


@pytest.mark.parametrize("name", ["a.txt", "a.json", "a.jsonl.txt", "a", "a.JSONL", "a.jsonl.gz"])
def test_the_name_is_looked_at_before_anything_is_sent(name: str) -> None:
    for content, check, values in (
        (lines(request()), check_requests, {}),
        (GOOD, check_examples, {}),
        (lines(request()), check_upload, {"purpose": "batch"}),
        (GOOD, check_upload, {"purpose": "fine-tune"}),
    ):
        (fault,) = checked(content, check, name, **values).faults
        assert fault.message.startswith("The name must end in .jsonl")
        assert fault.message.endswith(f"rename {name}")


def test_a_file_that_is_too_large_is_not_read() -> None:
    def never() -> Iterable[bytes]:
        raise AssertionError
        yield b""

    for check, size in ((check_requests, 200_000_001), (check_examples, 512_000_001)):
        (fault,) = check(Source("a.jsonl", size, never()), {}).faults
        assert fault.message.endswith(f"takes at most {size // 1_000_000} MB")
    (fault,) = check_upload(Source("a.jsonl", 200_000_001, never()), {"purpose": "batch"}).faults
    assert "200 MB" in fault.message


def test_a_batch_has_so_many_requests_and_texts() -> None:
    many = (json.dumps(request(str(number))).encode() for number in range(50_001))
    (fault,) = check_requests(Source("a.jsonl", 1, many), {}).faults
    assert fault.message == "50,001 requests; a batch takes at most 50,000"
    url = "/v1/embeddings"
    texts = [request(str(number), url, body={"model": "m", "input": ["x"] * 2_000}) for number in range(26)]
    assert faults(lines(*texts)) == ["52,000 texts to embed; a batch takes at most 50,000"]
    assert not faults(
        lines(*(request(str(at), url, body={"model": "m", "input": [1] * 2_000}) for at in range(26)))
    )


def test_the_faults_of_a_large_file_are_bounded() -> None:
    report = checked(lines(*(request("same") for _ in range(5_000))))
    assert report.fault_count == 4_999
    assert len(report.faults) == MAX_FAULTS


def test_nothing_is_told_as_such() -> None:
    assert faults(b"") == faults(b"\n \r\n\t\n") == ["The file holds no request"]
    assert faults(b"", check_upload, purpose="assistants") == ["The file is empty"]


def test_blank_lines_and_line_ends_are_no_faults() -> None:
    report = checked(
        lines(request("a")).replace(b"\n", b"\r\n") + b"  \t\r\n\n" + json.dumps(request("b")).encode()
    )
    assert not report.faults
    assert report.lines == 2


# Training.


def example_of(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"messages": list(messages), **more}


USER, ANSWER = {"role": "user", "content": "u"}, {"role": "assistant", "content": "a"}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CALLS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
TOOL = {"role": "tool", "tool_call_id": "c1", "content": "12"}
TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]


def image(url: str = "https://x/y.png", role: str = "user", **more: Any) -> dict[str, Any]:
    return {"role": role, "content": [{"type": "image_url", "image_url": {"url": url, **more}}]}


def training(value: Any, kind: str = "supervised", **values: Any) -> list[str]:
    return faults(lines(*[value] * 10), check_examples, method={"type": kind}, **values)[:1]


@pytest.mark.parametrize(
    "value",
    [
        example_of(USER, ANSWER),
        example_of(
            {"role": "developer", "content": "d"}, USER, {**ANSWER, "weight": 0}, USER, {**ANSWER, "weight": 1}
        ),
        example_of(USER, CALLS, tools=TOOLS, parallel_tool_calls=False),
        example_of(USER, CALLS, TOOL, ANSWER, tools=TOOLS),
        example_of({"role": "user", "content": [{"type": "text", "text": "u"}]}, ANSWER),
        example_of(
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x/y.gif"}}]}, ANSWER
        ),
        example_of(image("data:image/png;base64,aGk=", detail="low"), ANSWER),
        example_of({**USER, "annotations": None, "tool_call_id": ["c"]}, ANSWER),
        example_of(USER, {"role": "assistant", "content": "", "tool_calls": [CALL]}),
    ],
)
def test_good_examples_pass(value: dict[str, Any]) -> None:
    assert not training(value)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"prompt": "p", "completion": "c"}, "has prompt and completion, but a chat model learns from messages"),
        ({}, "has no messages"),
        ({"messages": []}, "has no messages"),
        ({"messages": "x"}, "has no messages"),
        (example_of(USER), "has no message of the assistant to learn from"),
        (example_of(USER, ANSWER, USER), "ends with a message of the user: the last must be the assistant's"),
        (example_of({"role": "human", "content": "u"}, ANSWER), "has a message 1 of the unknown role 'human'"),
        (example_of(USER, {"role": "gpt", "content": "a"}), "has a message 2 of the unknown role 'gpt'"),
        (example_of({"content": "u"}, ANSWER), "has a message 1 without a role"),
        (example_of(USER, {"role": "assistant", "content": None}), "without content or tool_calls"),
        (example_of(USER, {"role": "assistant"}), "without content or tool_calls"),
        (example_of(USER, {"role": "assistant", "content": ""}), "without content or tool_calls"),
        (example_of({"role": "user"}, ANSWER), "has a message 1 (user) without content"),
        (example_of({"role": "user", "content": 5}, ANSWER), "whose content is a number"),
        (example_of({"role": "user", "content": ["u"]}, ANSWER), "with a part of its content that has no type"),
        (example_of(USER, {**ANSWER, "weight": 2}), "has a message 2 (assistant) whose weight is neither 0 nor 1"),
        (example_of(USER, {**ANSWER, "weight": "1"}), "whose weight is neither 0 nor 1"),
        (example_of(USER, {**ANSWER, "weight": True}), "whose weight is neither 0 nor 1"),
        (example_of(USER, {**ANSWER, "weight": None}), "whose weight is neither 0 nor 1"),
        (example_of({**USER, "weight": 1}, ANSWER), "with a weight: only those of the assistant have one"),
        (example_of(USER, {**ANSWER, "weight": 0}), "has weight 0 for every message of the assistant"),
        (example_of(USER, {"role": "assistant", "tool_calls": []}), "whose tool_calls are no list of calls"),
        (
            example_of(USER, {"role": "assistant", "tool_calls": [{"id": "c"}]}),
            "a tool call that is no call of a function",
        ),
        (example_of(USER, {**CALLS, "tool_calls": [{**CALL, "id": ""}]}), "with a tool call without an id"),
        (
            example_of(USER, {**CALLS, "tool_calls": [{**CALL, "function": {"name": "a b"}}]}),
            "a tool call without a name",
        ),
        (
            example_of(USER, {**CALLS, "tool_calls": [{**CALL, "function": {"name": "f", "arguments": {}}}]}),
            "arguments that are no text",
        ),
        (
            example_of(USER, CALLS, tools=[{**TOOLS[0], "function": {"name": "g"}}]),
            "that calls f, which is not among its tools",
        ),
        (
            example_of(USER, ANSWER, tools=[{"type": "function", "function": {"name": "a b"}}]),
            "has a tool 1 without a name",
        ),
        (example_of(USER, ANSWER, tools={"f": 1}), "has tools that are an object"),
        (example_of(USER, TOOL, ANSWER), "has a message 2 (tool) that answers 'c1', which nothing called"),
        (example_of(USER, CALLS, {"role": "tool", "content": "x"}, ANSWER), "without a tool_call_id"),
        (example_of(USER, CALLS, USER, ANSWER), "has a message 3 (user) before the call 'c1' is answered"),
        (
            example_of(USER, {**CALLS, "tool_calls": [{**CALL, "function": {"name": "f", "arguments": "{x"}}]}),
            "that calls f with arguments that are no JSON: '{x'",
        ),
        (example_of(USER, {**CALLS, "function_call": {"name": "f"}}), "with both tool_calls and function_call"),
        (example_of(USER, {"role": "assistant", "function_call": {"name": "f"}}), "arguments that are no text"),
        (example_of(USER, ANSWER, tools=TOOLS, functions=[{"name": "f"}]), "has both tools and functions"),
        (example_of({**USER, "foo": 1}, ANSWER), "has a message 1 (user) with 'foo', which no message has"),
        (example_of(USER, image(role="assistant")), "has a message 2 (assistant) with an image: only the user"),
        (example_of(*[image()] * 11, ANSWER), "has 11 images: an example takes at most 10"),
        (example_of(image("/home/me/a.png"), ANSWER), "with the image '/home/me/a.png': it must be an address"),
        (example_of(image("data:image/bmp;base64,Qk0="), ANSWER), "an image of the format bmp: training takes"),
        (example_of(image("data:image/png;base64,@@@"), ANSWER), "with an image whose data is no base64"),
        (example_of(image(detail="ultra"), ANSWER), "with an image of the detail 'ultra': known are auto"),
        (
            example_of({"role": "user", "content": [{"type": "image_url", "image_url": "https://x"}]}, ANSWER),
            "with an image that is not written as",
        ),
        (
            example_of({"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}, ANSWER),
            "with a part of the type 'input_audio': training takes text and image_url",
        ),
        (example_of(USER, ANSWER, parallel_tool_calls="no"), "has parallel_tool_calls that is not true or false"),
    ],
)
def test_a_faulty_example_is_told_by_its_rule(value: dict[str, Any], told: str) -> None:
    (found,) = training(value)
    assert found.startswith("line 1 ")
    assert told in found


def test_reinforcement_ends_with_the_user() -> None:
    assert not training(example_of(USER, reference="42"), "reinforcement")
    (found,) = training(example_of(USER, ANSWER), "reinforcement")
    assert "ends with a message of the assistant: the last must be the user's" in found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, ""),
        ({"input": None}, "has an input that is null"),
        ({"input": "u"}, "has an input that is a text: it must be an object with messages"),
        ({"input": {"messages": []}}, "has no messages (in its input)"),
        ({"input": {"messages": [{"role": "human", "content": "u"}]}}, "unknown role 'human'"),
        ({"preferred_output": "a"}, "has no messages (in its preferred_output)"),
        ({"preferred_output": []}, "has no messages (in its preferred_output)"),
        (
            {"preferred_output": [USER]},
            "has a message of the user: it is the assistant's (in its preferred_output)",
        ),
        ({"preferred_output": [ANSWER, ANSWER]}, "has 2 messages: an output is one message"),
        ({"preferred_output": [{**ANSWER, "weight": 1}]}, "has a message with a weight"),
        ({"preferred_output": [{**ANSWER, "tools": TOOLS}]}, "with 'tools', which no message has"),
        ({"preferred_output": [{**ANSWER, "content": "b"}]}, "has the same preferred_output and non_preferred"),
        ({"input": {"messages": [USER, ANSWER]}}, "has an input that ends with a message of the assistant"),
        ({"tools": TOOLS}, "has tools beside its input: they belong into it"),
        (
            {"non_preferred_output": [{"role": "assistant"}]},
            "without content or tool_calls (in its non_preferred_output)",
        ),
    ],
)
def test_preferences_have_their_shape(change: dict[str, Any], told: str) -> None:
    good = {
        "input": {"messages": [USER]},
        "preferred_output": [ANSWER],
        "non_preferred_output": [{**ANSWER, "content": "b"}],
    }
    found = training({**good, **change}, "dpo")
    assert told in found[0] if told else not found
    for name in good:
        assert training({key: good[key] for key in good if key != name}, "dpo") == [f"line 1 has no {name}"]
    assert training({"prompt": "p", "chosen": "c", "rejected": "r"}, "dpo")


def test_legacy_models_learn_from_pairs() -> None:
    assert not training({"prompt": "p", "completion": "c"}, model="davinci-002")
    assert training({"prompt": "p"}, model="babbage-002") == ["line 1 has no completion that is a text"]


def test_nine_examples_are_too_few() -> None:
    assert faults(lines(*[example_of(USER, ANSWER)] * 9), check_examples) == [
        "9 examples; training takes at least 10"
    ]


# Evals.


def test_the_lines_of_an_eval_have_items() -> None:
    assert not faults(lines({"item": {"q": 1}}), check_upload, purpose="evals")
    (found,) = faults(lines({"item": {}}, {"q": 1}), check_upload, purpose="evals")
    assert found.startswith("line 2 has no item")
    assert not faults(b"Anything at all", check_upload, purpose="user_data")


def test_a_file_to_be_stored_is_checked_as_what_is_made_of_it_later() -> None:
    """By purpose: a batch, and a job of any method."""
    mixed = lines(request("a"), request("a", url="/v1/responses"), {"custom_id": "c"}, b"{")
    assert len(faults(mixed)) > 4
    assert faults(mixed, check_upload, purpose="batch") == faults(mixed)
    assert checked(lines(request("a")), check_upload, purpose="batch").facts["endpoint"] == CHAT
    chat, asked = example_of(USER, ANSWER), example_of(USER)
    prefers = {
        "input": {"messages": [USER]},
        "preferred_output": [ANSWER],
        "non_preferred_output": [{**ANSWER, "content": "b"}],
    }
    for good, kind, model in (
        (chat, "supervised", "m"),
        (asked, "reinforcement", "m"),
        (prefers, "dpo", "m"),
        ({"prompt": "a", "completion": "b"}, "supervised", "davinci-002"),
    ):
        values = {"method": {"type": kind}, "model": model}
        assert not faults(lines(*[good] * 10), check_upload, purpose="fine-tune")
        bad = lines(*[good] * 9, {"messages": [{"role": "nobody"}]}, {"x": 1})
        told = faults(bad, check_upload, purpose="fine-tune")
        assert len(told) == 2
        assert told == faults(bad, check_examples, **values)


# Whatever is done to a line, a judge written apart from the checks agrees.


def passes(content: bytes) -> bool:
    """Whether the platform takes a batch input, by its rules as the guide tells them."""

    def refuse(_: str) -> None:
        raise ValueError

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise ValueError
        return dict(pairs)

    found = []
    for line in content.decode("utf-8", "surrogateescape").split("\n"):
        if line.strip(" \t\r\v\f"):
            try:
                line.encode()
                found.append(json.loads(line, parse_constant=refuse, object_pairs_hook=unique))
            except (ValueError, RecursionError):
                return False
    return (
        bool(found)
        and all(isinstance(one, dict) and isinstance(one.get("body"), dict) for one in found)
        and all(isinstance(one.get("custom_id"), str) and one["custom_id"] for one in found)
        and len({one["custom_id"] for one in found}) == len(found)
        and all(one.get("method") == "POST" for one in found)
        and all(one.get("url") == CHAT for one in found)
        and all(isinstance(one["body"].get("model"), str) and one["body"]["model"].strip() for one in found)
        and len({one["body"]["model"] for one in found}) == 1
        and all(isinstance(one["body"].get("messages"), list) and one["body"]["messages"] for one in found)
        and all(
            isinstance(message, dict)
            and message.get("role") in ("system", "developer", "user", "assistant", "tool", "function")
            and isinstance(message.get("content"), str)
            for one in found
            for message in one["body"]["messages"]
        )
    )


VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, "", "a", "m", "n", "POST", CHAT, "/v1/x", 0, 1, True, [], {}, [{}], MESSAGES, 1.5]),
    st.text(max_size=3),
    st.floats(),
)
PATHS = [("custom_id",), ("method",), ("url",), ("body",), ("body", "model"), ("body", "messages"), ("more",)]


@st.composite
def batches(draw: st.DrawFn) -> bytes:
    """Some good requests of which one or the other was damaged, as a value or as bytes."""
    made = [request(str(number)) for number in range(draw(st.integers(1, 3)))]
    found = []
    for one in made:
        changed: Any = copy.deepcopy(one)
        for path in draw(st.lists(st.sampled_from(PATHS), max_size=2)):
            inner = changed if len(path) == 1 else changed.get("body")
            if isinstance(inner, dict):
                if draw(st.booleans()):
                    inner.pop(path[-1], None)
                else:
                    inner[path[-1]] = draw(VALUES)
        line = bytearray(json.dumps(changed, ensure_ascii=draw(st.booleans())).encode("utf-8", "replace"))
        if draw(st.integers(0, 3)) == 0:
            at = draw(st.integers(0, len(line)))
            line[at : at + draw(st.integers(0, 2))] = draw(
                st.sampled_from([b"", b",", b"\xff", b" ", b'"', b"NaN", b"{}"])
            )
        found.append(bytes(line) + draw(st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\n \n"])))
    return b"".join(found)


@given(batches())
@example(lines(request("a"), request("a")))
def test_the_check_and_a_judge_of_its_own_agree_on_every_change_to_a_line(content: bytes) -> None:
    report = checked(content)
    assert (not report.fault_count) == passes(content), report.faults


JSON = st.recursive(
    st.sampled_from([None, True, 0, 1, 2, "", "a", "user", "assistant", "tool", "c1"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["role", "content", "weight", "tool_calls", "type", "function"]), inner)
    ),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(["messages", "tools", "input", "preferred_output", "non_preferred_output", "prompt"]), JSON
    ),
    st.sampled_from(["supervised", "dpo", "reinforcement", "of tomorrow"]),
)
def test_an_example_may_be_anything_and_is_judged(value: dict[str, Any], kind: str) -> None:
    training(value, kind)


@given(st.binary(max_size=200))
def test_a_file_may_be_anything_and_is_judged(content: bytes) -> None:
    for check, values in ((check_requests, {}), (check_examples, {}), (check_upload, {"purpose": "evals"})):
        assert checked(content, check, **values).fault_count
