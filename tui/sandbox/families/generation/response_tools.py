"""File search for responses: vector stores are really searched, and the best file found is cited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.sandbox import search
from tui.sandbox.answers.responses.bodies import FileSearch, Ranking
from tui.sandbox.families.vector_stores import work as vector_store_work
from tui.sandbox.families.vector_stores.routes import find_store
from tui.sandbox.protocol import parse

if TYPE_CHECKING:
    from tui.sandbox.answers.responses.bodies import ResponseBody
    from tui.sandbox.world import JSON, World

_RESULTS = "file_search_call.results"


def add_searches(world: World, body: ResponseBody, whole: JSON, query: str) -> JSON:
    """Add its file searches to a response, and cite the best file found at the end of its text.

    Raises `Problem` for a vector store that does not exist or a filter that makes no sense.
    """
    tools = [tool for tool in body.tools or () if isinstance(tool, FileSearch)]
    found = [_search_stores(world, tool, query) for tool in tools]
    calls_something = any(item["type"] in ("function_call", "custom_tool_call") for item in whole["output"])
    if not query or body.tool_choice == "none" or calls_something or not tools:
        return whole
    calls = [
        {
            "id": f"fs_{whole['id'].partition('_')[2]}{number}",
            "type": "file_search_call",
            "status": "completed",
            "queries": [search.rewrite_query(query)],
            "results": results if _RESULTS in (body.include or ()) else None,
        }
        for number, results in enumerate(found)
    ]
    thoughts = [item for item in whole["output"] if item["type"] == "reasoning"]
    rest = [item for item in whole["output"] if item["type"] != "reasoning"]
    said = [item for item in rest if item["type"] == "message"]
    for result in sorted((result for results in found for result in results), key=lambda one: -one["score"])[:1]:
        citation = {"type": "file_citation", "file_id": result["file_id"], "filename": result["filename"]}
        for part in (part for item in said for part in item["content"] if part["type"] == "output_text"):
            part["annotations"] = [{**citation, "index": len(part["text"])}]
    return {**whole, "output": [*thoughts, *calls, *rest]}


def _search_stores(world: World, tool: FileSearch, query: str) -> list[JSON]:
    """Return what the stores of a tool hold about a text, best first."""
    rows = [
        row
        for id_ in tool.vector_store_ids
        for row in world.rows(vector_store_work.KIND, parent=find_store(world, id_).id)
    ]
    condition: search.Comparison | search.Compound | None = None
    if tool.filters:
        kind: Any = search.Compound if tool.filters.get("type") in ("and", "or") else search.Comparison
        condition = parse(kind, tool.filters)
    chunks = vector_store_work.read_chunks(
        world, rows, lambda known: not condition or search.fulfils(condition, known)
    )
    options = tool.ranking_options or Ranking()
    scores = search.score_texts([query], [chunk.text for chunk in chunks], ranker=options.ranker)
    best = sorted(zip(scores, chunks, strict=True), key=lambda pair: -pair[0])
    return [
        {
            "file_id": chunk.file_id,
            "filename": chunk.filename,
            "score": score,
            "attributes": chunk.attributes,
            "text": chunk.text,
        }
        for score, chunk in best[: tool.max_num_results or 20]
        if score >= options.score_threshold
    ]
