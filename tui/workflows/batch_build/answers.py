"""Building the file of a batch as a form asks for it: its answers as wishes, a preview, and the file."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError, LocalFileError
from tui.resources.language.cells import pluralize
from tui.workflows.batch_build.build import Build, NotBuilt
from tui.workflows.batch_build.plan import CHAT, Wishes, plan_requests, read_json_file
from tui.workflows.batch_build.rows import OF_EVERY_ROW, TEXT, BadRows, open_rows
from tui.workflows.batch_build.template import BadTemplate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.workflows.batch_build.rows import Rows

_SHOWN_FAULTS = 3
_LOOKED_AT = 10  # rows, of which the first good ones are shown
_PROMPTS = ("prompt", "input", TEXT, "question", "content")  # columns that are likely to be what is asked
_TABLES = (".csv", ".tsv", ".tab", ".txt", ".md", ".ndjson")


def is_source(path: Path) -> bool:
    """Return whether a path is one that requests are made from, and no file of requests."""
    return path.is_dir() or (path.is_file() and path.suffix.lower() in _TABLES)


def start_answers(source: str) -> dict[str, Any]:
    """Return the answers that a form begins with for a source: the likeliest prompt, and a name to save as."""
    if not source:
        return {}
    path = Path(source).expanduser()
    found: dict[str, Any] = {
        "source": source,
        "target": str(path.with_name(f"{path.stem or 'batch'}.requests.jsonl")),
    }
    try:
        columns = [column for column in _read_begin(source).columns if column not in OF_EVERY_ROW]
    except (BadRows, LocalFileError):
        return found
    column = next((name for name in _PROMPTS if name in columns), columns[-1] if columns else TEXT)
    return {**found, "prompt": f"{{{column}}}"}


def describe_columns(source: str) -> str:
    """Return the columns of a source in a sentence, or why it cannot be read; "" without one."""
    if not source:
        return ""
    try:
        columns = _read_begin(source).columns
    except (BadRows, LocalFileError) as error:
        return str(error)
    return f"columns: {', '.join(column for column in columns if column not in OF_EVERY_ROW)}"


def _read_begin(source: str) -> Rows:
    """Return the first rows of a source. Raises BadRows and LocalFileError."""
    try:
        stamp = Path(source).expanduser().stat().st_mtime_ns
    except OSError:
        stamp = 0
    return _keep_begin(source, stamp)()


@lru_cache(maxsize=4)
def _keep_begin(source: str, _stamp: int) -> Callable[[], Rows]:
    with open_rows([source]) as rows:
        return rows.read_begin(_LOOKED_AT)


def preview_requests(answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the first requests. Raises BadRows, BadTemplate and LocalFileError."""
    rows = _read_begin(str(answers.get("source") or ""))
    build = Build(rows, plan_requests(rows, _read_wishes(answers)))
    found = build.preview()
    if not found and build.report.faults:
        fault = build.report.faults[0]
        raise BadRows(f"{rows.locate(fault.line)} {fault.message}.")
    return found


def build_file(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Write the file, and return where it is and what was made. Raises ApiError."""
    target = Path(str(answers["target"])).expanduser()
    try:
        with open_rows([str(answers["source"])], but=target) as rows:
            build = Build(rows, plan_requests(rows, _read_wishes(answers)))
            try:
                build.write(target)
            except NotBuilt:
                raise ApiError(f"{_describe_faults(build)}.", "Nothing was written.") from None
    except (BadRows, BadTemplate) as error:
        raise ApiError(str(error), "Nothing was written.") from None
    words = "; ".join((pluralize(build.report.lines, "request"), *build.excesses))
    return {"path": str(target), "words": f"Built {words}: {target}"}


def _describe_faults(build: Build) -> str:
    faults = build.report.faults[:_SHOWN_FAULTS]
    shown = [f"{build.rows.locate(each.line)} {each.message}" if each.line else each.message for each in faults]
    more = build.report.fault_count - len(shown)
    return "; ".join(shown) + (f"; and {pluralize(more, 'more fault')}" if more > 0 else "")


def _read_wishes(answers: Mapping[str, Any]) -> Wishes:
    """Return what the answers ask for. Raises BadTemplate and LocalFileError."""
    endpoint = str(answers.get("endpoint") or "")
    told = str(answers.get("template") or "").strip()
    schema = answers.get("schema_file")
    path = Path(str(schema)).expanduser() if schema else None
    return Wishes(
        _read_template(told) if told else _write_template(answers, endpoint),
        str(answers.get("custom_id") or ""),
        str(answers.get("model") or ""),
        endpoint,
        read_json_file(path) if path else None,
        path.stem if path else "",
    )


def _read_template(told: str) -> dict[str, Any]:
    if not told.startswith(("{", "[")):
        return read_json_file(Path(told).expanduser())
    try:
        value = json.loads(told.rstrip())
    except json.JSONDecodeError as error:
        raise BadTemplate(f"The template is not JSON: {error.msg} in line {error.lineno:,}.") from None
    if not isinstance(value, dict):
        raise BadTemplate("The template is no JSON object.")
    return value


def _write_template(answers: Mapping[str, Any], endpoint: str) -> dict[str, Any]:
    """Return the body that asks a prompt. Raises BadTemplate."""
    prompt, instructions = str(answers.get("prompt") or ""), str(answers.get("instructions") or "")
    if not prompt:
        raise BadTemplate("There is no prompt yet.")
    if endpoint == CHAT:
        told = [{"role": "system", "content": instructions}] if instructions else []
        return {"messages": [*told, {"role": "user", "content": prompt}]}
    if endpoint == "/v1/completions":
        return {"prompt": prompt}
    return {"input": prompt, **({"instructions": instructions} if instructions else {})}
