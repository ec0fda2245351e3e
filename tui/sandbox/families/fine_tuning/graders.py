"""Graders: string checks, text similarity and formulas are computed; what needs a model or Python is simulated."""

from __future__ import annotations

import ast
import hashlib
import json
import math
import operator
import re
import time
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from tui.sandbox.answers.words import embed
from tui.sandbox.family import Family
from tui.sandbox.protocol import Answer, Body, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tui.sandbox.world import JSON, World

family = Family()


class StringCheck(Body):
    """Compares two strings."""

    type: Literal["string_check"]
    name: str
    input: str
    reference: str
    operation: Literal["eq", "ne", "like", "ilike"]


class TextSimilarity(Body):
    """Measures how alike two texts are."""

    type: Literal["text_similarity"]
    name: str
    input: str
    reference: str
    evaluation_metric: Literal[
        "cosine",
        "fuzzy_match",
        "bleu",
        "gleu",
        "meteor",
        "rouge_1",
        "rouge_2",
        "rouge_3",
        "rouge_4",
        "rouge_5",
        "rouge_l",
    ]


class PythonGrader(Body):
    """Runs a function `grade(sample, item)`; simulated here."""

    type: Literal["python"]
    name: str
    source: str
    image_tag: str | None = None


class ScoreModel(Body):
    """Lets a model give a score; simulated here."""

    type: Literal["score_model"]
    name: str
    model: str
    input: list[dict[str, Any]]
    range: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    sampling_params: dict[str, Any] | None = None


class LabelModel(Body):
    """Lets a model choose a label; simulated here."""

    type: Literal["label_model"]
    name: str
    model: str
    input: list[dict[str, Any]]
    labels: list[str]
    passing_labels: list[str]


Single = Annotated[
    StringCheck | TextSimilarity | PythonGrader | ScoreModel | LabelModel, Field(discriminator="type")
]


class Multi(Body):
    """Combines graders by a formula over their names."""

    type: Literal["multi"]
    name: str
    graders: dict[str, Single] | Single
    calculate_output: str


Grader = Annotated[StringCheck | TextSimilarity | PythonGrader | ScoreModel | Multi, Field(discriminator="type")]


class RunGrader(Body):
    """A grader and what to grade."""

    grader: Grader
    model_sample: str
    item: dict[str, Any] = {}


class ValidateGrader(Body):
    """A grader to look at."""

    grader: Grader


class FormulaError(ValueError):
    """A formula that cannot be computed. The text tells."""


@family.route("POST", "/fine_tuning/alpha/graders/validate", body=ValidateGrader)
def validate_grader(world: World, body: ValidateGrader) -> Answer:  # noqa: ARG001
    """Answer with the grader, if it is valid."""
    refuse(body.grader, "grader")
    return {"grader": body.grader.model_dump(exclude_none=True)}


@family.route("POST", "/fine_tuning/alpha/graders/run", body=RunGrader)
def run_grader(world: World, body: RunGrader) -> Answer:  # noqa: ARG001
    """Grade one sample."""
    refuse(body.grader, "grader")
    started = time.perf_counter()
    context = {"sample": {"output_text": body.model_sample, "output_json": _parse(body.model_sample)}}
    context["item"] = body.item
    failed = ""
    parts: dict[str, float] = {}
    try:
        reward, parts = grade(body.grader, context)
    except FormulaError as error:
        reward, failed = 0.0, str(error)
    faults: JSON = dict.fromkeys(_FAULTS, False) | {
        "python_grader_server_error_type": None,
        "python_grader_runtime_error_details": None,
        "model_grader_server_error_details": None,
        "formula_parse_error": bool(failed),
    }
    modelled = isinstance(body.grader, ScoreModel)
    metadata = {
        "name": body.grader.name,
        "type": body.grader.type,
        "errors": faults,
        "execution_time": round(time.perf_counter() - started, 6),
        "scores": parts,
        "token_usage": 42 if modelled else None,
        "sampled_model_name": body.grader.model if isinstance(body.grader, ScoreModel) else None,
    }
    usage = {body.grader.model: {"total_tokens": 42}} if isinstance(body.grader, ScoreModel) else {}
    return {
        "reward": reward,
        "metadata": metadata,
        "sub_rewards": parts,
        "model_grader_token_usage_per_model": usage,
    }


_FAULTS = (
    "formula_parse_error",
    "sample_parse_error",
    "truncated_observation_error",
    "unresponsive_reward_error",
    "invalid_variable_error",
    "other_error",
    "python_grader_server_error",
    "python_grader_runtime_error",
    "model_grader_server_error",
    "model_grader_refusal_error",
    "model_grader_parse_error",
)


def refuse(grader: Grader, param: str) -> None:
    """Raise `Problem` for what the schema cannot say of the grader at `param`."""
    if isinstance(grader, PythonGrader):
        try:
            tree = ast.parse(grader.source)
        except (SyntaxError, ValueError) as error:
            raise Problem(f"The source is not valid Python: {error}", param=f"{param}.source") from None
        if not any(isinstance(node, ast.FunctionDef) and node.name == "grade" for node in tree.body):
            raise Problem("The source must define a function grade(sample, item).", param=f"{param}.source")
    if isinstance(grader, Multi):
        try:
            compute(grader.calculate_output, dict.fromkeys(_parts(grader), 0.5))
        except FormulaError as error:
            raise Problem(str(error), param=f"{param}.calculate_output", code="formula_parse_error") from None


def grade(grader: Grader | Single, context: Mapping[str, Any]) -> tuple[float, dict[str, float]]:
    """Return the reward and, for a multi grader, those of its parts. Raises `FormulaError`."""
    match grader:
        case Multi():
            parts = {name: grade(part, context)[0] for name, part in _parts(grader).items()}
            return compute(grader.calculate_output, parts), parts
        case StringCheck():
            return _string_check(grader, context), {}
        case TextSimilarity():
            left, right = fill_template(grader.input, context), fill_template(grader.reference, context)
            return round(similarity(grader.evaluation_metric, left, right), 6), {}
        case _:
            low, high = (grader.range or [0.0, 1.0]) if isinstance(grader, ScoreModel) else (0.0, 1.0)
            digest = hashlib.blake2b(json.dumps([grader.name, context], default=str).encode(), digest_size=4)
            return round(low + (high - low) * int(digest.hexdigest(), 16) / 0xFFFFFFFF, 4), {}


def _parts(grader: Multi) -> dict[str, Single]:
    return grader.graders if isinstance(grader.graders, dict) else {grader.graders.name: grader.graders}


def _string_check(grader: StringCheck, context: Mapping[str, Any]) -> float:
    left, right = fill_template(grader.input, context), fill_template(grader.reference, context)
    match grader.operation:
        case "eq":
            return float(left == right)
        case "ne":
            return float(left != right)
        case "like":
            return float(right in left)
        case "ilike":
            return float(right.lower() in left.lower())


def fill_template(template: str, context: Mapping[str, Any]) -> str:
    """Replace `{{sample.output_text}}` and `{{item.name}}` by their values; unknown ones by nothing."""

    def value(match: re.Match[str]) -> str:
        found: Any = context
        for step in match[1].split("."):
            found = found.get(step) if isinstance(found, dict) else None
        return "" if found is None else found if isinstance(found, str) else json.dumps(found)

    return re.sub(r"{{\s*([\w.]+)\s*}}", value, template)


def similarity(metric: str, left: str, right: str) -> float:
    """Return how alike two texts are, from 0 to 1."""
    if metric == "cosine":
        return max(0.0, sum(a * b for a, b in zip(embed(left, 512), embed(right, 512), strict=True)))
    if metric == "fuzzy_match":
        return SequenceMatcher(None, left, right, autojunk=False).ratio()
    words, wanted = left.lower().split(), right.lower().split()
    if metric == "rouge_l":
        matcher = SequenceMatcher(None, words, wanted, autojunk=False)
        return _balance(sum(block.size for block in matcher.get_matching_blocks()), len(words), len(wanted))
    if metric.startswith("rouge_"):
        size = int(metric.removeprefix("rouge_"))
        return _balance(_count_shared(words, wanted, size), len(words) - size + 1, len(wanted) - size + 1)
    if metric == "meteor":
        shared = _count_shared(words, wanted, 1)
        precision, recall = shared / (len(words) or 1), shared / (len(wanted) or 1)
        return 10 * precision * recall / (recall + 9 * precision) if shared else 0.0
    sizes = range(1, min(4, len(wanted)) + 1)
    shares = [_count_shared(words, wanted, size) / max(len(words) - size + 1, 1) for size in sizes]
    if not shares or not words:
        return 0.0
    mean = math.exp(sum(math.log(max(share, 1e-9)) for share in shares) / len(shares))
    return mean * min(1.0, math.exp(1 - len(wanted) / len(words)))


def _count_shared(left: list[str], right: list[str], size: int) -> int:
    """Count the sequences of `size` words that both have."""

    def runs(words: list[str]) -> Counter[tuple[str, ...]]:
        return Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))

    return (runs(left) & runs(right)).total()


def _balance(shared: int, left: int, right: int) -> float:
    return 2 * shared / (left + right) if shared else 0.0


_FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "log": math.log,
}
_OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: math.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def compute(formula: str, names: Mapping[str, float]) -> float:
    """Compute an arithmetic formula. Raises `FormulaError`."""

    def value(node: ast.AST) -> float:
        match node:
            case ast.Expression(body=body):
                return value(body)
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name) if name in names:
                return names[name]
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](value(left), value(right))
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
                return _OPERATORS[type(op)](value(operand))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
                return _FUNCTIONS[name](*map(value, arguments))
        raise FormulaError(f"The formula uses something unknown: {ast.unparse(node)}")

    try:
        return round(float(value(ast.parse(formula, mode="eval"))), 6)
    except FormulaError:
        raise
    except (SyntaxError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise FormulaError(f"The formula cannot be computed: {error}") from None


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
