"""Words: tokens, prose, log probabilities and embeddings, always the same for the same input."""

from __future__ import annotations

import hashlib
import math
import re
import zlib
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tui.sandbox.world import JSON

T = TypeVar("T")

MARK = "[simulated]"  # so that no one takes an answer for a real one

_OPENINGS = (
    "Here is what stands out",
    "In short",
    "Looking at it step by step",
    "The main point",
    "A careful reading suggests",
)
_MIDDLES = (
    "{a} depends on {b}, and both should be checked before anything changes",
    "{a} explains most of what is asked about {b}",
    "the question of {b} comes down to {a}",
    "start with {a}; {b} follows from it",
    "{a} and {b} are worth keeping apart",
)
_WORDS = re.compile(r"[^\W\d_]{4,}")
_PIECES = re.compile(r" ?\w{1,7}| ?[^\w\s]{1,3}|\s+")


class Dice:
    """Chance that depends on a key only: the same key throws the same sequence."""

    def __init__(self, key: str) -> None:
        # A random.Random made for each of 50,000 batch lines would take longer than all the rest.
        self._key = key.encode("utf-8", "replace")
        self._throws = 0

    def below(self, end: int) -> int:
        """Return a number from 0 to `end` - 1."""
        self._throws += 1
        digest = hashlib.blake2b(self._key + b"/%d" % self._throws, digest_size=8).digest()
        return int.from_bytes(digest, "big") % end

    def share(self) -> float:
        """Return a number from 0 up to, but not including, 1."""
        return self.below(2**32) / 2**32

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self.below(len(choices))]


def pieces(text: str) -> list[str]:
    """Cut a text into tokens, about as a tokenizer would. Joined they are the text again."""
    return _PIECES.findall(text)


def tokens(text: str) -> int:
    """Count the tokens of a text."""
    return len(pieces(text))


def write_prose(prompt: str, key: str, sentences: int = 1) -> str:
    """Write sentences about a prompt, the same for the same key."""
    words = _WORDS.findall(prompt[-500:]) or ["silence"]
    dice = Dice(key)
    said = []
    for _ in range(sentences):
        a, b = dice.pick(words).lower(), dice.pick(words).lower()
        said.append(f"{dice.pick(_OPENINGS)}: {dice.pick(_MIDDLES).format(a=a, b=b)}.")
    return f"{MARK} {' '.join(said)} ({tokens(prompt)} tokens read)"


def text_of(content: Any) -> str:
    """Return the text inside a prompt, a message, a list of parts or of messages."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(filter(None, map(text_of, content)))
    if isinstance(content, dict):
        named = (content.get(name) for name in ("content", "text", "refusal", "arguments", "output", "summary"))
        return "\n".join(filter(None, map(text_of, named)))
    return ""


def log_probabilities(text: str, top: int, key: str) -> Iterator[JSON]:
    """Yield each token of a text with its log probability and those of `top` candidates, itself the first."""
    dice = Dice(key)
    for token in pieces(text):
        chance = 0.6 + 0.39 * dice.share()
        rest, candidates = 1 - chance, [_candidate(token, chance)]
        for number in range(1, top):
            rest *= 0.6
            candidates.append(_candidate(f"{token[:1]}{number}", rest))
        yield {**candidates[0], "top_logprobs": candidates[:top]}


def _candidate(token: str, chance: float) -> JSON:
    return {"token": token, "logprob": round(math.log(chance), 6), "bytes": list(token.encode("utf-8", "replace"))}


def make_padding(said: str) -> str:
    """Return letters that give deltas about one length, so that a listener cannot guess the words."""
    return "simulatedveil"[: (16 - len(said)) % 13]


def embed(text: str, dimensions: int) -> list[float]:
    """Return a unit vector; texts that share character n-grams are near each other."""
    found: defaultdict[int, float] = defaultdict(float)
    padded = f"  {text.lower()} "
    for gram, count in Counter(padded[at : at + 3] for at in range(len(padded) - 2)).items():
        number = zlib.crc32(gram.encode("utf-8", "replace"))
        found[number % dimensions] += math.sqrt(count) * (1 if number >> 31 else -1)
    length = math.sqrt(sum(value * value for value in found.values())) or 1.0
    vector = [0.0] * dimensions
    for place, value in found.items():
        vector[place] = round(value / length, 6)
    return vector
