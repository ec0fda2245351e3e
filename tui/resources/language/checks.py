"""Pre-flight checks: a local file read as the platform would read it, before anything is sent.

https://platform.openai.com/docs/guides/batch, https://platform.openai.com/docs/guides/evals
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import urlsplit

from tui.resources.language.asking.inputs import Report
from tui.resources.language.json_lines import read_objects
from tui.resources.language.request_contents import find_messages_fault, name_json_kind, quote
from tui.resources.language.request_fields import find_field_fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tui.resources.language.asking.inputs import Source

Endpoint = Literal[
    "/v1/responses",
    "/v1/chat/completions",
    "/v1/embeddings",
    "/v1/completions",
    "/v1/moderations",
    "/v1/images/generations",
    "/v1/images/edits",
    "/v1/videos",
]
ENDPOINTS: tuple[str, ...] = get_args(Endpoint)
MAX_REQUESTS = 50_000
MAX_INPUTS = 50_000  # texts to embed in all requests of a batch
BATCH_BYTES, FILE_BYTES = 200_000_000, 512_000_000
_SHOWN = 80  # characters of a value that stand in a fault
_CHAT = "/v1/chat/completions"
# Where a request may leave out its model.
_WITHOUT_MODEL = ("/v1/moderations", "/v1/images/generations", "/v1/images/edits", "/v1/videos")
# What the body of a request must have, by endpoint: one of each row.
_NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "/v1/responses": (("input", "prompt"),),
    _CHAT: (("messages",),),
    "/v1/embeddings": (("input",),),
    "/v1/completions": (("prompt",),),
    "/v1/moderations": (("input",),),
    "/v1/images/generations": (("prompt",),),
    "/v1/images/edits": (("images", "image"), ("prompt",)),
    "/v1/videos": (("prompt",),),
}
_EMPTY: tuple[Any, ...] = ("", [], {})


def check_bounds(file: Source, report: Report, most: int, what: str) -> None:
    """Note a name that does not end as the platform wants it, and a size beyond `most` bytes."""
    if not file.name.endswith(".jsonl"):
        report.fault(0, f"The name must end in .jsonl for {what}: rename {file.name}")
    if file.size > most:
        report.fault(0, f"{file.size / 1e6:,.0f} MB; {what} takes at most {most // 1_000_000} MB")


def needs_model(url: str, body: Mapping[str, Any]) -> bool:
    """Return whether a request has to name its model."""
    return not (url in _WITHOUT_MODEL or (url == "/v1/responses" and body.get("prompt")))


class RequestJudge:
    """Judges the requests of a batch one by one: each by itself and against those before.

    What is wrong is noted in the report, with the number that the request is given with. Where ids need not be
    `unique`, whoever reads more than one file compares them. A `hint` follows where a text should be a number.
    """

    def __init__(self, report: Report, *, unique: bool = True, hint: str = "") -> None:
        self._report, self._unique, self._hint = report, unique, hint
        self._ids: dict[str, int] = {}
        self.models: dict[str, int] = {}  # and the line that asks for each first
        self.endpoint = ""
        self._first = 0  # the line whose endpoint that is
        self.inputs = 0

    def take(self, number: int, request: dict[str, Any]) -> None:
        """Judge a request."""
        if fault := self._name(number, request.get("custom_id")):
            self._report.fault(number, fault, "custom_id")
        if request.get("method") != "POST":
            self._report.fault(number, 'must say "method": "POST"', "method")
        if fault := self._url(number, request.get("url")):
            self._report.fault(number, fault, "url")
        if fault := self._body(number, request):
            self._report.fault(number, fault, "body")

    @property
    def excesses(self) -> list[str]:
        """What is more than one batch takes, in sentences."""
        lines, inputs = self._report.lines, self.inputs
        found = [f"{lines:,} requests; a batch takes at most {MAX_REQUESTS:,}"] if lines > MAX_REQUESTS else []
        if inputs > MAX_INPUTS:
            found.append(f"{inputs:,} texts to embed; a batch takes at most {MAX_INPUTS:,}")
        return found

    def conclude(self) -> None:
        """Note in the report what all requests have in common, or that there are none."""
        report = self._report
        if not report.lines and not report.fault_count:
            report.fault(0, "The file holds no request")
        models = ", ".join(model[:_SHOWN] for model in self.models)
        report.facts = {"requests": f"{report.lines:,}", "endpoint": self.endpoint or "none"}
        report.facts["model"] = models or "none"
        if self.endpoint:
            report.suggested["endpoint"] = self.endpoint

    def _name(self, number: int, custom_id: Any) -> str:
        if custom_id is None or custom_id == "":
            return "has no custom_id"
        if not isinstance(custom_id, str):
            return f"has a custom_id that is {name_json_kind(custom_id)}: it must be a text"
        before = self._ids.setdefault(custom_id, number) if self._unique else number
        return f"repeats the custom_id {quote(custom_id)} of line {before:,}" if before != number else ""

    def _url(self, number: int, url: Any) -> str:
        if url == self.endpoint and url:
            return ""
        if not isinstance(url, str) or not url:
            return (
                "has no url"
                if url in (None, "")
                else f"has a url that is {name_json_kind(url)}: it must be a text"
            )
        if url not in ENDPOINTS:
            return f"has the url {quote(url)}: {_suggest_url(url)}"
        self.endpoint, self._first = (self.endpoint, self._first) if self.endpoint else (url, number)
        if url != self.endpoint:
            return f"is for {url}, line {self._first:,} for {self.endpoint}: one endpoint a batch"
        return ""

    def _body(self, number: int, request: dict[str, Any]) -> str:
        """Return what is wrong with the body of a request, or ""."""
        body, url = request.get("body"), request.get("url")
        if not isinstance(body, dict):
            return (
                "has no body"
                if body is None
                else f"has a body that is {name_json_kind(body)}: it must be an object"
            )
        if fault := self._model(number, body, str(url)):
            return fault
        if not url or url != self.endpoint:
            return ""
        for names in _NEEDED[self.endpoint]:
            if all(body.get(name) is None or body[name] in _EMPTY for name in names):
                return f"has no {' or '.join(names)} in its body"
        if self.endpoint == _CHAT and (fault := find_messages_fault(body["messages"])):
            return fault
        if fault := find_field_fault(self.endpoint, body, self._hint):
            return fault
        if self.endpoint == "/v1/embeddings":
            self.inputs += _count_inputs(body["input"])
        return ""

    def _model(self, number: int, body: dict[str, Any], url: str) -> str:
        model = body.get("model")
        if isinstance(model, str) and model in self.models:
            return ""
        if model is None or (isinstance(model, str) and not model.strip()):
            return "" if model is None and not needs_model(url, body) else "has no model in its body"
        if not isinstance(model, str):
            return f"has a model that is {name_json_kind(model)}: it must be a text"
        for other, line in self.models.items():
            return f"is for {model[:_SHOWN]}, line {line:,} for {other[:_SHOWN]}: one model a batch"
        self.models[model] = number
        return ""


def _suggest_url(url: str) -> str:
    """Return what to write in place of a url that is no endpoint of batches."""
    path = urlsplit(url).path.rstrip("/") if "//" in url else url.split("?")[0].rstrip("/")
    for endpoint in ENDPOINTS:
        tail = endpoint.removeprefix("/v1")
        if path.casefold().endswith(tail) and (tail != "/completions" or not path.endswith("/chat/completions")):
            return f"it must be exactly {endpoint}"
    return f"batches take {', '.join(ENDPOINTS)}"


def _count_inputs(value: Any) -> int:
    """Return how many texts an embedding request holds; a list of numbers is one text in tokens."""
    return len(value) if isinstance(value, list) and not all(isinstance(each, int) for each in value) else 1


def check_requests(file: Source, _values: Mapping[str, Any]) -> Report:
    """Check a batch's input as the platform would, naming every faulty line.

    One JSON object a line, `custom_id` unique, POST, one endpoint and one model, what that endpoint needs in the
    body, at most 50,000 lines (and texts to embed) and 200 MB.
    """
    report = Report()
    check_bounds(file, report, BATCH_BYTES, "a batch")
    if file.size > BATCH_BYTES:
        return report
    judge = RequestJudge(report)
    for number, request in read_objects(file, report, ("body", "url", "method"), "its input"):
        judge.take(number, request)
    judge.conclude()
    for excess in judge.excesses:
        report.fault(0, excess)
    return report


def check_items(file: Source, _values: Mapping[str, Any]) -> Report:
    """Check a file of an eval's data: one JSON object a line, with an item."""
    report = Report()
    check_bounds(file, report, FILE_BYTES, "purpose evals")
    if file.size > FILE_BYTES:
        return report
    for number, line in read_objects(file, report, ("item",), "that of an eval"):
        if not isinstance(line.get("item"), dict):
            report.fault(number, "has no item, which is what an eval reads: an object", "item")
    if not report.lines and not report.fault_count:
        report.fault(0, "The file holds no line")
    report.facts = {"lines": f"{report.lines:,}"}
    return report
