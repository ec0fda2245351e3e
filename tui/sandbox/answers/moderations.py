"""Moderations: categories that a text or an image is flagged for, by the words in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from tui.sandbox.answers.abilities import check_use
from tui.sandbox.answers.bodies import Generating, check_url
from tui.sandbox.protocol import Body, Problem

if TYPE_CHECKING:
    from tui.sandbox.world import JSON

_FLAGS = {
    "harassment": {"idiot", "loser", "moron", "stupid"},
    "harassment/threatening": {"regret", "warning"},
    "hate": {"hate", "vermin"},
    "hate/threatening": {"exterminate"},
    "illicit": {"bomb", "counterfeit", "drugs", "steal"},
    "illicit/violent": {"bomb", "grenade"},
    "self-harm": {"suicide"},
    "self-harm/intent": {"suicide"},
    "self-harm/instructions": {"overdose"},
    "sexual": {"nude", "porn", "sexual"},
    "sexual/minors": set[str](),
    "violence": {"attack", "hurt", "kill", "murder", "shoot", "stab", "weapon"},
    "violence/graphic": {"blood", "gore"},
}
_SEEN = {"self-harm", "self-harm/intent", "self-harm/instructions", "sexual", "violence", "violence/graphic"}


class ModeratedText(Body):
    """A text to moderate."""

    type: Literal["text"]
    text: str


class Address(Body):
    """Address of an image."""

    url: str


class ModeratedImage(Body):
    """An image to moderate. The simulation looks at the words of its address."""

    type: Literal["image_url"]
    image_url: Address


class ModerationBody(Generating):
    """Input to moderate: one text, several, or the parts of one message."""

    model: str = "omni-moderation-latest"
    input: str | list[str] | list[Annotated[ModeratedText | ModeratedImage, Field(discriminator="type")]]

    def check(self) -> None:
        """Raise `Problem` for what cannot be moderated."""
        check_use(self.model, "moderation", "v1/moderations")
        if not self.input:
            raise Problem("Invalid 'input': expected something to moderate.", param="input", code="invalid_value")
        images = [item for item in self.input if isinstance(item, ModeratedImage)]
        if len(images) > 1:
            raise Problem("Too many images. Only 1 image is supported.", param="input", code="too_many_images")
        for image in images:
            check_url(image.image_url.url, "input.image_url.url")


def build_moderation(body: ModerationBody, *, id_: str) -> JSON:
    """Return the moderation of an input. The parts of one message get one result."""
    given = [body.input] if isinstance(body.input, str) else body.input
    texts = [item for item in given if isinstance(item, str)]
    if texts:
        results = [_result([("text", text)]) for text in texts]
    else:
        parts = [("text", item.text) for item in given if isinstance(item, ModeratedText)]
        parts += [("image", item.image_url.url) for item in given if isinstance(item, ModeratedImage)]
        results = [_result(parts)]
    return {"id": id_, "model": body.model, "results": results}


def _result(parts: list[tuple[str, str]]) -> JSON:
    words = {(kind, word) for kind, text in parts for word in re.findall(r"[^\W_]+", text.lower())}
    scores, applied = {}, {}
    for name, bad in _FLAGS.items():
        kinds = {kind for kind, _ in parts if kind == "text" or name in _SEEN}
        found = len({word for kind, word in words if kind in kinds} & bad)
        scores[name] = round(1 - 0.98 * 0.05**found, 6) if found else 0.0001
        applied[name] = sorted(kinds, reverse=True)
    flags = {name: score > 0.5 for name, score in scores.items()}
    return {
        "flagged": any(flags.values()),
        "categories": flags,
        "category_scores": scores,
        "category_applied_input_types": applied,
    }
