"""Legacy completions: made and streamed, never kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sandbox.answers.completions import CompletionBody, build_ask, build_completion, split_chunks
from tui.sandbox.answers.writer import make_failure, pace_of, planned_failure
from tui.sandbox.families.generation.requests import accept, count_request, respond
from tui.sandbox.family import Family
from tui.sandbox.streams import break_off, pace_chunks, stream

if TYPE_CHECKING:
    from tui.sandbox.protocol import Answer
    from tui.sandbox.world import World

family = Family()


@family.route("POST", "/completions", body=CompletionBody)
def create_completion(world: World, body: CompletionBody) -> Answer:
    """Answer at once, or as a stream."""
    key, now = accept(world, body), world.now()
    asked = build_ask(body, key, "\n".join(body.prompts), 0)
    if (fate := planned_failure(asked)) and not body.stream:
        raise make_failure()
    whole = build_completion(body, key, id_=world.new_id("cmpl-", 29), created=int(now))
    if not body.stream:
        return respond(world, body.model, whole)
    events = pace_chunks(split_chunks(whole, body), world.lasting(pace_of(asked)))
    limits = count_request(world, body.model, whole["usage"])
    return stream(world, now, break_off(events, make_failure().error) if fate else events, headers=limits)
