"""`python tests/sandbox/contract/excerpt.py OPENAPI_JSON`: write `schemas.json.gz` from the API's description.

The excerpt holds what each operation takes and may answer, no more: the schemas of its request's body by content
type and of its query's parameters by name, those of its 2xx answers by status, those of the events it streams,
and the components they stand on. Prose, examples and defaults are left
out. It becomes plain JSON Schema: `nullable`, `$recursiveRef` and `exclusiveMinimum: true`, which that does not
know, are written out, and `oneOf` becomes `anyOf`, because many alternatives of the description overlap.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

JSON = dict[str, Any]

TARGET = Path(__file__).with_name("schemas.json.gz")
_COMPONENTS = "#/components/schemas/"
_METHODS = ("get", "post", "put", "patch", "delete")
_RULES = (
    *("type", "enum", "const", "required", "uniqueItems", "pattern", "minimum", "maximum"),
    *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
)
# Streams that the description tells of in its prose only.
_STREAMS = {
    "POST /threads/runs": "AssistantStreamEvent",
    "POST /threads/{thread_id}/runs": "AssistantStreamEvent",
    "POST /threads/{thread_id}/runs/{run_id}/submit_tool_outputs": "AssistantStreamEvent",
    "GET /responses/{response_id}": "ResponseStreamEvent",
}


class _Excerpt:
    """Cuts schemas down, and gathers the components they refer to."""

    def __init__(self, components: JSON) -> None:
        self._components = components
        self.kept: JSON = {}

    def component(self, name: str) -> JSON:
        """A reference to a component, which is kept."""
        if name not in self.kept:
            self.kept[name] = None  # it may refer to itself
            self.kept[name] = self.cut(self._components[name], name)
        return {"$ref": f"#/$defs/{name}"}

    def cut(self, schema: Any, within: str = "") -> Any:
        """A schema without all that decides nothing. `within` is the component that it is part of."""
        if not isinstance(schema, dict):
            return schema
        cut: JSON = {rule: schema[rule] for rule in _RULES if rule in schema}
        nullable = schema.get("nullable")
        for name, value in schema.items():
            match name:
                case "properties" | "patternProperties":
                    cut[name] = {key: self.cut(part, within) for key, part in value.items()}
                case "anyOf" | "oneOf":
                    cut["anyOf"] = [self.cut(part, within) for part in value]
                case "allOf":  # a part that is nullable means the whole
                    nullable = nullable or any(part.get("nullable") for part in value)
                    cut[name] = [self.cut({**part, "nullable": False}, within) for part in value]
                case "exclusiveMinimum" | "exclusiveMaximum":
                    cut[name] = cut.pop(name[9:].lower()) if value is True else value
                case "items" | "additionalProperties" | "not":
                    cut[name] = self.cut(value, within)
                case "$ref":
                    cut |= self.component(value.removeprefix(_COMPONENTS))
                case "$recursiveRef":
                    cut |= self.component(within)
        return {"anyOf": [cut, {"type": "null"}]} if nullable else cut


def excerpt(description: JSON) -> JSON:
    """`bodies`, `queries`, `answers` and `events` by operation, and `$defs`."""
    found = _Excerpt(description["components"]["schemas"])
    answers: JSON = {}
    bodies: JSON = {}
    queries: JSON = {}
    events: JSON = {name: found.component(component) for name, component in _STREAMS.items()}
    for path, methods in description["paths"].items():
        if "?" in path:  # the same operations in another version
            continue
        for method in set(methods) & set(_METHODS):
            operation = f"{method.upper()} {path}"
            content = methods[method].get("requestBody", {}).get("content", {})
            bodies[operation] = {kind: found.cut(taken.get("schema", {})) for kind, taken in content.items()}
            queries[operation] = {
                given["name"]: found.cut(given["schema"])
                for given in methods[method].get("parameters", ())
                if given["in"] == "query"
            }
            answers[operation] = {}
            for status, answer in methods[method]["responses"].items():
                if status.startswith("2"):
                    content = answer.get("content", {})
                    answers[operation][status] = found.cut(content.get("application/json", {}).get("schema", {}))
                    if stream := content.get("text/event-stream"):
                        events[operation] = found.cut(stream["schema"])
    found.component("ErrorResponse")
    return {"bodies": bodies, "queries": queries, "answers": answers, "events": events, "$defs": found.kept}


def main() -> None:
    """Write the excerpt of the description named on the command line."""
    found = excerpt(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    text = json.dumps(found, sort_keys=True, separators=(",", ":"))
    TARGET.write_bytes(gzip.compress(text.encode(), mtime=0))  # the same description, the same bytes


if __name__ == "__main__":
    main()
