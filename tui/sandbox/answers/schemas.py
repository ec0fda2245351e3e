"""JSON schemas of structured outputs and tools: what the platform refuses of them, and values that conform."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from tui.sandbox.answers.words import MARK
from tui.sandbox.protocol import Problem

if TYPE_CHECKING:
    from tui.sandbox.answers.words import Dice
    from tui.sandbox.world import JSON

_DEEP = 6  # from here on a value is as small as its schema allows: schemas may contain themselves
_TYPES = {"object", "array", "string", "number", "integer", "boolean", "null"}
_FORMATS = {
    "date-time": "2026-01-15T09:30:00Z",
    "date": "2026-01-15",
    "time": "09:30:00Z",
    "duration": "P1DT2H",
    "email": "simulated@example.com",
    "hostname": "simulated.example.com",
    "uri": "https://example.com/simulated",
    "ipv4": "192.0.2.7",
    "ipv6": "2001:db8::7",
    "uuid": "00000000-0000-4000-8000-000000000007",
}
# What each word of a schema has to be, and how long, or as a number how great, at least and at most.
_SHAPES: dict[str, tuple[Any, float, float]] = {
    **dict.fromkeys(("properties", "$defs", "definitions"), (dict, 0, 5000)),
    **dict.fromkeys(("enum", "anyOf", "oneOf", "allOf", "prefixItems"), (list, 1, 1000)),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), (int, 0, 10000)),
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        (int | float, -1000000000000000.0, 1000000000000000.0),
    ),
    "multipleOf": (int | float, 1e-9, 1e15),
    "required": (list, 0, 5000),
    "type": (str | list, 1, 7),
    "items": (dict | bool, 0, 5000),
    "$ref": (str, 1, 500),
    "pattern": (str, 0, 500),
    "format": (str, 0, 100),
}
# Tried in turn where a string must match a pattern; a pattern none of them matches is not kept.
_SAMPLES: tuple[str, ...] = (
    *("simulated", "SIMULATED", "Simulated", "sim-1", "SIM_1", "S", "s", "@sim", "#112233", *_FORMATS.values()),
    *("1234567890123456"[:length] for length in range(1, 17)),
    *("AB-123", "ABC-1234", "AB1234", "A1", "1.0", "1.0.0", "v1.0.0", "+1234567890", "192.0.2.0/24", ""),
)


def check_schema(schema: Any, *, param: str, name: str, strict: bool) -> None:
    """Raise `Problem` for what structured outputs and tools do not take. `name` is whose schema it is."""
    _check(schema, (), schema, param=param, name=name, strict=strict)


def _check(schema: Any, path: tuple[str, ...], root: Any, *, param: str, name: str, strict: bool) -> None:
    """Raise `Problem` for what is wrong with a schema at a path, and inside it."""

    def wrong(what: str) -> Problem:
        return Problem(
            f"Invalid schema for {name}: In context={path!r}, {what}", param=param, code="invalid_schema"
        )

    if not isinstance(schema, dict):
        raise wrong(f"{schema!r} is not of type 'object'.")
    if not path and strict and schema.get("type") != "object":
        raise wrong(f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema.get('type')}\"'.")
    for word, (type_, least, most) in _SHAPES.items():
        if word in schema and not _fits(schema[word], type_, least, most):
            raise wrong(f"{schema[word]!r} is not valid for '{word}'.")
    kinds = schema.get("type")
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind is not None and (not isinstance(kind, str) or kind not in _TYPES):
            raise wrong(f"{kind!r} is not valid under any of the given schemas.")
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if strict and "object" in (kinds if isinstance(kinds, list) else [kinds]):
        if schema.get("additionalProperties") is not False:
            raise wrong("'additionalProperties' is required to be supplied and to be false.")
        if missing := next((key for key in properties if key not in required), None):
            more = f"an array including every key in properties. Missing '{missing}'."
            raise wrong(f"'required' is required to be supplied and to be {more}")
    if "$ref" in schema and _resolve(schema, root) is None:
        raise wrong(f"reference {schema['$ref']!r} can not be resolved.")
    inner: list[tuple[tuple[str, ...], Any]]
    inner = [((word,), schema[word]) for word in ("items", "not") if isinstance(schema.get(word), dict)]
    for word in ("properties", "$defs", "definitions"):
        inner += [((word, key), value) for key, value in schema.get(word, {}).items()]
    for word in ("anyOf", "oneOf", "allOf", "prefixItems"):
        inner += [((word, str(number)), value) for number, value in enumerate(schema.get(word, []))]
    if len(path) > 40:
        raise wrong("the schema is nested too deeply.")
    for step, value in inner:
        _check(value, path + step, root, param=param, name=name, strict=strict)


def _fits(value: Any, type_: Any, least: float, most: float) -> bool:
    if not isinstance(value, type_) or (isinstance(value, bool) and type_ in (int, int | float)):
        return False
    size = value if isinstance(value, int | float) else len(value)
    return least <= size <= most


def make_value(schema: JSON, dice: Dice, text: str) -> Any:
    """Make a value that conforms to a schema; `text` goes where a string may be anything."""
    return _value(schema, schema, dice, text, 0)


def _resolve(schema: JSON, root: Any) -> JSON | None:
    """Return the schema that a local reference points to, or None."""
    match = re.fullmatch(r"#(?:/(\$defs|definitions)/([^/]+))?", schema["$ref"])
    found = root.get(match[1], {}).get(match[2]) if match and match[1] else root if match else None
    return found if isinstance(found, dict) else None


def _value(schema: Any, root: JSON, dice: Dice, text: str, depth: int) -> Any:
    """Make a value that conforms to a schema, down to a depth."""
    if not isinstance(schema, dict) or depth > 60:
        return None
    if "$ref" in schema:
        return _value(_resolve(schema, root), root, dice, text, depth + 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return dice.pick(schema["enum"])
    for word in ("anyOf", "oneOf"):
        if schema.get(word):
            choices = schema[word]
            # Deep down the simplest branch: the one that may be null or has nothing inside.
            choice = min(choices, key=_weight) if depth >= _DEEP else dice.pick(choices)
            rest = {key: value for key, value in schema.items() if key != word}
            return _value(_merge([rest, choice], root), root, dice, text, depth + 1)
    if schema.get("allOf"):
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        return _value(_merge([rest, *schema["allOf"]], root), root, dice, text, depth + 1)
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = "null" if depth >= _DEEP and "null" in kind else dice.pick(kind)
    if kind == "object" or (kind is None and "properties" in schema):
        wanted = schema.get("required", []) if depth >= _DEEP else schema.get("properties", {})
        properties = schema.get("properties", {})
        names = [name for name in properties if name in wanted]
        names += [name for name in schema.get("required", []) if name not in properties]
        return {name: _value(properties.get(name, {}), root, dice, text, depth + 1) for name in names}
    if kind == "array":
        return _array(schema, root, dice, text, depth)
    if kind in ("number", "integer"):
        return _number(schema, dice, whole=kind == "integer")
    if kind == "boolean":
        return bool(dice.below(2))
    return None if kind == "null" else _string(schema, text)


def _weight(schema: Any) -> int:
    """Return an estimate of how much a value of this schema holds."""
    if not isinstance(schema, dict) or "$ref" in schema:
        return 4
    kinds = schema.get("type")
    return next((n for n, kind in enumerate(("null", "boolean", "string", "array")) if kind == kinds), 3)


def _merge(schemas: list[Any], root: JSON) -> JSON:
    """Combine schemas that hold together into one."""
    merged: JSON = {}
    for schema in schemas:
        if not isinstance(schema, dict):
            continue
        for _ in range(_DEEP):  # a reference may lead to itself
            if "$ref" in schema:
                schema = {**(_resolve(schema, root) or {}), **{k: v for k, v in schema.items() if k != "$ref"}}
        properties = {**merged.get("properties", {}), **schema.get("properties", {})}
        required = [*merged.get("required", []), *schema.get("required", [])]
        merged |= schema
        if properties:
            merged |= {"properties": properties, "required": required}
    return merged


def _array(schema: JSON, root: JSON, dice: Dice, text: str, depth: int) -> list[Any]:
    first = schema.get("prefixItems", [])
    least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
    wanted = len(first) if first else 1 + dice.below(3)
    count = int(least if depth >= _DEEP else min(max(wanted, least), most))
    kinds = [first[at] if at < len(first) else schema.get("items", {}) for at in range(count)]
    return [_value(kind, root, dice, text, depth + 1) for kind in kinds]


def _number(schema: JSON, dice: Dice, *, whole: bool) -> float:
    step = schema.get("multipleOf") or (1 if whole else 0.01)
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if isinstance(schema.get("exclusiveMinimum"), int | float):
        low = max(low, schema["exclusiveMinimum"] + step / 2)
    if isinstance(schema.get("exclusiveMaximum"), int | float):
        high = min(high, schema["exclusiveMaximum"] - step / 2)
    if low == -math.inf:
        low = min(0, high - 100 * step) if high < math.inf else 0
    first = math.ceil(round(low / step, 9))
    last = first + 100 if high == math.inf else math.floor(round(high / step, 9))
    value = (first + dice.below(max(last - first, 0) + 1)) * step
    return int(value) if whole else round(value, 9)


def _string(schema: JSON, text: str) -> str:
    least: int = schema.get("minLength", 0)
    most: float = schema.get("maxLength", math.inf)
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    if "pattern" in schema:
        try:
            fitting = (s for s in _SAMPLES if least <= len(s) <= most and re.search(schema["pattern"], s))
            return next(fitting, MARK)
        except re.error:
            return MARK
    padded = text + " simulated" * math.ceil(max(least - len(text), 0) / 10)
    return padded if len(padded) <= most else padded[: int(max(most, least))].rstrip().ljust(least, ".")
