"""Answers of simulated models: deterministic, dependent on the input, and visibly a simulation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tui.sandbox.answers import chat, completions, embeddings, moderations
from tui.sandbox.answers.chat_bodies import ChatBody
from tui.sandbox.answers.completions import CompletionBody
from tui.sandbox.answers.embeddings import EmbeddingBody
from tui.sandbox.answers.moderations import ModerationBody
from tui.sandbox.answers.responses import response as responses
from tui.sandbox.answers.responses.bodies import ResponseBody
from tui.sandbox.answers.words import tokens
from tui.sandbox.protocol import Problem, parse

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tui.sandbox.answers.bodies import Generating

    JSON = dict[str, Any]

__all__ = ["Reply", "answer", "check", "check_model", "tokens"]

_BODIES: Mapping[str, type[Generating]] = {
    "/v1/chat/completions": ChatBody,
    "/v1/responses": ResponseBody,
    "/v1/completions": CompletionBody,
    "/v1/embeddings": EmbeddingBody,
    "/v1/moderations": ModerationBody,
}


class Reply(NamedTuple):
    """The answer to one request: HTTP status, body, and the tokens it took."""

    status: int
    body: JSON
    read: int = 0
    written: int = 0


def check(endpoint: str, body: JSON, models: Collection[str]) -> Generating:
    """Return the body of a request as its model. Raises `Problem` if it cannot be answered."""
    if endpoint not in _BODIES:
        message = f"The sandbox has no simulated model for {endpoint}."
        raise Problem(message, code="unsupported_endpoint")
    if "model" not in body and _BODIES[endpoint].model_fields["model"].is_required():
        raise Problem("you must provide a model parameter", param="model", code="missing_required_parameter")
    if "model" in body:
        check_model(body["model"], body["model"] in models if isinstance(body["model"], str) else False)
    parsed = parse(_BODIES[endpoint], body)
    parsed.check()
    return parsed


def check_model(model: object, known: bool) -> None:
    """Raise `Problem` when a model is not known."""
    if not known:
        message = f"The model '{model}' does not exist or you do not have access to it."
        raise Problem(message, status=404, param="model", code="model_not_found")


def answer(endpoint: str, body: JSON, models: Collection[str], *, created: float, seed: int = 1) -> Reply:
    """Answer a request as the model would. A bad one gets the error object, and the status that goes with it."""
    try:
        parsed = check(endpoint, body, models)
        return _build_answer(parsed, parsed.key(seed), int(created))
    except Problem as problem:
        return Reply(problem.status, {"error": problem.error})


def _build_answer(body: Generating, key: str, created: int) -> Reply:
    match body:
        case ChatBody():
            made = chat.build_completion(body, key, id_=f"chatcmpl-{key}", created=created)
        case ResponseBody():
            context = responses.complete_items(body.input, key)
            made = responses.build_response(body, key, context, id_=f"resp_{key}", created=created)
        case CompletionBody():
            made = completions.build_completion(body, key, id_=f"cmpl-{key}", created=created)
        case EmbeddingBody():
            made = embeddings.build_embeddings(body)
        case ModerationBody():
            made = moderations.build_moderation(body, id_=f"modr-{key}")
    usage = made.get("usage", {})
    read = usage.get("prompt_tokens", usage.get("input_tokens", 0))
    return Reply(200, made, read, usage.get("total_tokens", read) - read)
