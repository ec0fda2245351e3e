"""Counting tokens on this machine: with the encodings of real models, or as the sandbox pretends to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.workflows.estimate.requests import CHAT, RESPONSES, Asked, dump_forms, iter_texts, list_messages

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SIMULATED = "simulated"
_OLDER = re.compile(r"gpt-4(?!o|\.|-o)|gpt-3|gpt-35|text-embedding-|davinci-002|babbage-002")
_PER_MESSAGE, _PER_REQUEST = 4, 3  # tokens around each message, and before the answer, as guides of chats tell
_IMAGE_TOKENS, _TOOL_TOKENS, _FRAME_TOKENS = 85, 8, 3  # of the sandbox
_UNSEEN = ("image", "file", "audio")  # how types of parts begin, or end, that are no text


class NoTokenizer(ValueError):
    """Tokens cannot be counted here; the message is a sentence."""


class Tokenizer(NamedTuple):
    """A way to count on this machine the tokens that a model reads."""

    name: str
    count: Callable[[Sequence[Asked]], int]
    """Counts the tokens of several requests together, which is quicker than one by one."""

    @property
    def words(self) -> str:
        """How it counted, for a sentence."""
        simulated = "as the sandbox does, whose tokens are simulated"
        return simulated if self.name == SIMULATED else f"offline, with {self.name}"


def encoding_of(model: str) -> str:
    """Return the encoding of a model; of one that is not known, the one of all since gpt-4o."""
    return "cl100k_base" if _OLDER.match(model.removeprefix("ft:").casefold()) else "o200k_base"


def load_tokenizer(model: str, *, simulated: bool = False) -> Tokenizer:
    """Return the tokenizer of a model, or that of the sandbox. Raises NoTokenizer where it is not installed."""
    if simulated:
        return Tokenizer(SIMULATED, lambda asked: sum(map(_count_as_sandbox, asked)))
    try:
        import toktok
    except ImportError:
        raise NoTokenizer("Counting offline needs pip install 'o9s[tokens]'.") from None
    name = encoding_of(model)

    def count_texts(texts: list[str]) -> int:
        # Half a surrogate pair, which JSON may hold, has no UTF-8.
        sound = [text.encode(errors="replace").decode() for text in texts]
        return sum(toktok.batch_count(sound, name))

    return Tokenizer(name, lambda asked: count_requests(asked, count_texts))


def count_requests(requests: Sequence[Asked], count_texts: Callable[[list[str]], int]) -> int:
    """Count the tokens of requests: of their texts, and of what stands around them in chats and responses."""
    texts: list[str] = []
    around = 0
    for asked in requests:
        messages = list_messages(asked)
        texts += (text for message in messages for text in iter_texts(message))
        if asked.endpoint in (CHAT, RESPONSES):
            texts += dump_forms(asked)
            around += _PER_MESSAGE * len(messages) + _PER_REQUEST
        else:
            around += sum(map(_count_given, messages))
    return count_texts(texts) + around


def _count_given(value: Any) -> int:
    """Count what is given in tokens already, as numbers."""
    return sum(map(_count_given, value)) if isinstance(value, list) else int(isinstance(value, int))


def _count_as_sandbox(asked: Asked) -> int:
    from tui.sandbox.answers.words import text_of, tokens

    if asked.endpoint not in (CHAT, RESPONSES):
        return sum(tokens(text) for each in list_messages(asked) for text in iter_texts(each))
    given = asked.body.get("messages" if asked.endpoint == CHAT else "input")
    messages = [{"content": given}] if isinstance(given, str) else given or []
    told = "" if asked.endpoint == CHAT else asked.body.get("instructions") or ""
    parts = [part for each in messages if isinstance(each, dict) for part in _list_parts(each.get("content"))]
    unseen = sum(str(part.get("type")).removeprefix("input_").startswith(_UNSEEN) for part in parts)
    tools = len(asked.body.get("tools") or ()) if asked.endpoint == RESPONSES else 0
    extra = _FRAME_TOKENS * len(messages) + _IMAGE_TOKENS * unseen + _TOOL_TOKENS * tools
    return max(tokens(text_of([told, *messages])) + extra, 1)


def _list_parts(content: Any) -> list[dict[str, Any]]:
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
