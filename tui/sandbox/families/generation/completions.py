"""Legacy completions: made and streamed, never kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.sandbox.answers.completions import CompletionBody, ask, chunks, completion
from tui.sandbox.answers.writer import broke, fails, pace
from tui.sandbox.families.generation.requests import accept, answered, spend
from tui.sandbox.family import Family
from tui.sandbox.streams import broken, in_steps, stream

if TYPE_CHECKING:
    from tui.sandbox.protocol import Answer
    from tui.sandbox.world import World

family = Family()


@family.route("POST", "/completions", body=CompletionBody)
def create_completion(world: World, body: CompletionBody) -> Answer:
    """Answer at once, or as a stream."""
    key, now = accept(world, body), world.now()
    asked = ask(body, key, "\n".join(body.prompts), 0)
    if (fate := fails(asked)) and not body.stream:
        raise broke()
    whole = completion(body, key, id_=world.new_id("cmpl-", 29), created=int(now))
    if not body.stream:
        return answered(world, body.model, whole)
    events = in_steps(chunks(whole, body), world.lasting(pace(asked)))
    limits = spend(world, body.model, whole["usage"])
    return stream(world, now, broken(events, broke().error) if fate else events, headers=limits)
