"""Embeddings: vectors of texts, near each other where the texts are."""

from __future__ import annotations

import base64
from array import array
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from tui.sandbox.answers.abilities import base_of, check_use, max_dimensions
from tui.sandbox.answers.bodies import Generating, list_texts
from tui.sandbox.answers.words import embed, tokens
from tui.sandbox.protocol import Problem

if TYPE_CHECKING:
    from tui.sandbox.world import JSON

_MOST_TEXTS = 2048
_MOST_TOKENS = 8192
Tokens = Annotated[list[int], Field(min_length=1)]


class EmbeddingBody(Generating):
    """Texts to embed."""

    input: str | list[str] | Tokens | list[Tokens]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Annotated[int, Field(ge=1)] | None = None

    @property
    def texts(self) -> list[str]:
        """The input as texts: arrays of tokens become their digits."""
        return list_texts(self.input)

    def check(self) -> None:
        """Raise `Problem` for texts and sizes that the model does not take."""
        check_use(self.model, "embedding", "v1/embeddings")
        texts = self.texts
        if not texts or len(texts) > _MOST_TEXTS:
            message = (
                f"Invalid 'input': expected an array of 1 to {_MOST_TEXTS} texts, but got {len(texts)} instead."
            )
            raise Problem(message, param="input", code="invalid_value")
        if "" in texts:
            raise Problem("Invalid 'input': input cannot be an empty string.", param="input", code="invalid_value")
        if (longest := max(map(tokens, texts))) > _MOST_TOKENS:
            message = f"This model's maximum context length is {_MOST_TOKENS} tokens, however you requested "
            raise Problem(f"{message}{longest} tokens.", param="input", code="context_length_exceeded")
        if self.dimensions is not None:
            if base_of(self.model) == "text-embedding-ada-002":
                raise Problem("This model does not support specifying dimensions.", param="dimensions")
            if self.dimensions > (most := max_dimensions(self.model)):
                message = (
                    f"Invalid value for 'dimensions' = {self.dimensions}. Must be less than or equal to {most}."
                )
                raise Problem(message, param="dimensions", code="invalid_value")


def build_embeddings(body: EmbeddingBody) -> JSON:
    """Return the vectors."""
    size = body.dimensions or max_dimensions(body.model)
    data = []
    for index, text in enumerate(body.texts):
        vector = embed(text, size)
        packed = body.encoding_format == "base64"
        value = base64.b64encode(array("f", vector).tobytes()).decode() if packed else vector
        data.append({"object": "embedding", "index": index, "embedding": value})
    read = sum(map(tokens, body.texts))
    usage = {"prompt_tokens": read, "total_tokens": read}
    return {"object": "list", "data": data, "model": body.model, "usage": usage}
