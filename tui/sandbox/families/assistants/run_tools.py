"""Tool calls of a run: sums are computed, vector stores searched, functions asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tui.sandbox import search
from tui.sandbox.answers.generate import tokens
from tui.sandbox.families.fine_tuning.graders import FormulaError, compute
from tui.sandbox.families.vector_stores import work as vector_store_work
from tui.sandbox.jobs.assistant_tools import find_sum, make_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui.sandbox.world import JSON, World

_RANKER = "default_2024_08_21"


def plan_calls(world: World, request: JSON, tools: Sequence[JSON], text: str) -> Iterator[tuple[str, list[JSON]]]:
    """Return kind and calls of each step: the platform's tools one by one, functions together if they may."""
    functions = []
    for tool in tools:
        id_ = world.new_id("call_")
        if tool["type"] == "function":
            wanted = json.dumps(make_arguments(tool["function"].get("parameters"), text))
            call = {"name": tool["function"]["name"], "arguments": wanted, "output": None}
            functions.append({"id": id_, "type": "function", "function": call})
        elif tool["type"] == "code_interpreter":
            yield "tool", [{"id": id_, "type": "code_interpreter", "code_interpreter": _write_code(text)}]
        elif stores := _stores(world, request):
            found = _search(world, stores, tool.get("file_search") or {}, text)
            yield "tool", [{"id": id_, "type": "file_search", "file_search": found}]
    if request["parallel_tool_calls"] and functions:
        yield "function", functions
    else:
        yield from (("function", [call]) for call in functions)


def _write_code(text: str) -> JSON:
    """Write code that computes the first sum of a text. Return it with what it prints."""
    formula = find_sum(text)
    try:
        logs = f"{compute(formula, {}):g}" if formula else "[simulated] nothing was run: the message holds no sum"
    except FormulaError as error:
        logs = f"[simulated] {error}"
    return {"input": f"print({formula})", "outputs": [{"type": "logs", "logs": logs}]}


def _stores(world: World, request: JSON) -> list[str]:
    """Return the vector stores of a run's assistant and thread."""
    ids: list[str] = []
    for kind, id_ in (("assistant", request["assistant_id"]), ("thread", request["thread_id"])):
        row = world.find(kind, id_)
        resources = json.loads(world.text(row)).get("tool_resources") if row else None
        ids += ((resources or {}).get("file_search") or {}).get("vector_store_ids", [])
    return ids


def _search(world: World, stores: Sequence[str], settings: JSON, text: str) -> JSON:
    """Return the pieces of files in stores that answer a text best."""
    ranking = {"ranker": _RANKER, "score_threshold": 0.0} | (settings.get("ranking_options") or {})
    rows = [row for id_ in stores for row in world.rows(vector_store_work.KIND, parent=id_)]
    chunks = vector_store_work.read_chunks(world, rows, lambda _attributes: True)
    scores = search.score_texts([text], [chunk.text for chunk in chunks], ranker=ranking["ranker"])
    best = sorted(zip(scores, chunks, strict=True), key=lambda pair: -pair[0])
    results = [
        {
            "file_id": chunk.file_id,
            "file_name": chunk.filename,
            "score": score,
            "content": [{"type": "text", "text": chunk.text}],
        }
        for score, chunk in best[: settings.get("max_num_results") or 20]
        if score >= ranking["score_threshold"]
    ]
    return {"ranking_options": ranking, "results": results}


def count_tokens(calls: Sequence[JSON]) -> int:
    """Count the tokens a model writes to make these calls."""
    return sum(
        tokens(call.get("function", {}).get("arguments") or call.get("code_interpreter", {}).get("input", ""))
        for call in calls
    )


def logs_of(calls: Sequence[JSON]) -> str:
    """Return what code printed, as the end of an answer."""
    printed = [call["code_interpreter"]["outputs"][0]["logs"] for call in calls if "code_interpreter" in call]
    return "".join(f" The result is {logs}." for logs in printed)


def cite(calls: Sequence[JSON], text: str) -> list[JSON]:
    """Return the mark at the end of an answer that names the best file found."""
    found = [result for call in calls for result in call.get("file_search", {}).get("results", ())]
    if not found:
        return []
    mark = f"【4:0†{found[0]['file_name']}】"
    note = {"type": "file_citation", "text": mark, "file_citation": {"file_id": found[0]["file_id"]}}
    return [note | {"start_index": len(text), "end_index": len(text) + len(mark)}]
