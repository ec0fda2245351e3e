"""What says who and whose account this is, hidden from whoever looks at the screen in a presentation.

Mail addresses, keys and their ends, ids of organizations, projects and users are known by their form; names of
people by the answers in which they came. What hides them takes as many cells, so nothing on a line moves.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from tui.text import cell_width, clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.segment import Segment

DOT = "•"
_WORDS = 6  # of a line that are looked at, at its begin
_CUT = 4  # characters at the end of a line that are taken for the beginning of a name
_LOCAL, _DOMAIN = r"[\w.+%'…\-]", r"[\w.…\-]"
_HEADER = r"""(?i:\bopenai-organization)["']?: ?["']?"""  # by which the platform names whose account this is
_FORMS = (
    rf"{_LOCAL}+@{_DOMAIN}*|@{_DOMAIN}+",
    r"\bsk-[\w.*…•\-]+|•{3,}[\w\-]+",
    rf"{_HEADER}(?P<hidden>[\w.\-]+)",
    r"\b(?:in|for) organization (?P<hidden>[\w.\-]*\w)(?= on\b|[.:,]|$)",
    # The last four characters stay, to tell one from another. What has no digit is a word such as user-defined.
    r"\b(?:org-|proj_|user-)(?=[\w…]*[\d…])(?P<hidden>[\w…]{6,}(?=\w{4}\b)|[\w…]+)",
)
_WORD = re.compile(r"\w+")
_GAP = re.compile(r"…\S*|(?=\s{2,}|\s*[│┃║▌▐▎]|\s*$)")  # where a text may have been cut, or goes on a line below


class Mask:
    """What hides people and accounts in lines while it is on. `learn` tells it of the people."""

    def __init__(self) -> None:
        self.is_on = False
        self._names: set[str] = set()
        self._by_word: dict[str, list[tuple[str, int]]] = {}  # by the first word, which begins at the number
        self._ends: set[str] = set()  # their last words, which a line may begin with
        self._sorted: list[str] = []

    def __len__(self) -> int:
        """Return how many texts it knows to hide."""
        return len(self._names)

    def learn(self, value: object) -> None:
        """Take in the people and the keys that JSON of the platform names."""
        if isinstance(value, list):
            for each in value:
                self.learn(each)
        elif isinstance(value, dict):
            person = _is_person(value)
            for key, each in value.items():
                if key in ("email", "redacted_value") or (person and key == "name"):
                    self.add(each)
                elif isinstance(each, dict | list):
                    self.learn(each)

    def add(self, value: object) -> None:
        """Take in one more text to hide; what is none, or too short to be told from others, is left."""
        name = " ".join(clean(value).split()) if isinstance(value, str) else ""
        first = _WORD.search(name)
        if first is None or len(name) < 2 or name in self._names:
            return
        self._names.add(name)
        self._by_word.setdefault(first[0], []).append((name, first.start()))
        words = name.split(" ")
        self._ends.update(" ".join(words[at:]) for at in range(1, len(words)))

    def find(self, line: str) -> list[tuple[int, int]]:
        """Return from where to where there is something to hide, in order and apart from each other."""
        found: list[tuple[int, int]] = []
        for start, end in sorted((*_find_forms(line), *self._find_names(line))):
            if found and start <= found[-1][1]:
                found[-1] = found[-1][0], max(found[-1][1], end)
            else:
                found.append((start, end))
        return found

    def hide(self, text: str) -> str:
        """Return a text with dots for what is to be hidden; its lines stay as wide."""
        return "\n".join(hide_spans(line, self.find(line)) for line in text.split("\n"))

    def _find_names(self, line: str) -> Iterator[tuple[int, int]]:
        """Yield where names stand: whole, their beginnings before a cut, and their ends at the begin of a line."""
        if len(self._sorted) != len(self._names):
            self._sorted = sorted(self._names)
        words = list(_WORD.finditer(line)) if self._names else []
        for word in words:
            start = word.start()
            for name, offset in self._by_word.get(word[0], ()):
                if line.startswith(name, start - offset) and not _goes_on(line, start - offset + len(name)):
                    yield start - offset, start - offset + len(name)
            gap = _GAP.search(line, start)
            if gap and self._is_beginning(line[start : gap.start()], is_cut=bool(gap[0])):
                yield start, gap.end()
        if words:
            start = words[0].start()
            ends = (word.end() for word in words[:_WORDS])
            yield from ((start, end) for end in ends if line[start:end] in self._ends)

    def _is_beginning(self, text: str, *, is_cut: bool) -> bool:
        """Return whether a name begins so: one that is cut there, or else goes on in the line below."""
        at = bisect_left(self._sorted, text)
        found = self._sorted[at] if at < len(self._sorted) else ""
        whole = is_cut or len(text) >= _CUT or found[len(text) :].startswith(" ")
        return whole and bool(text) and found.startswith(text)


def hide_spans(line: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a line with dots from where to where each of `spans` says; it stays as wide."""
    kept: list[str] = []
    at = 0
    for start, end in spans:
        kept += line[at:start], DOT * cell_width(line[start:end])
        at = end
    return "".join((*kept, line[at:])) if kept else line


def hide_parts(segments: Iterable[Segment], spans: Sequence[tuple[int, int]]) -> list[Segment]:
    """Return the pieces of a line, each as wide, with dots from where to where each of `spans` says."""
    at, shown = 0, list[Any]()
    for each in segments:
        end = at + len(each.text)
        own = [(max(start, at) - at, min(stop, end) - at) for start, stop in spans if start < end and stop > at]
        shown.append(each._replace(text=hide_spans(each.text, own)) if own else each)
        at = end
    return shown


def _find_forms(line: str) -> Iterator[tuple[int, int]]:
    for form in map(re.compile, _FORMS):  # which remembers them; no start without the mode waits for it
        for found in form.finditer(line):
            yield found.span("hidden" if "hidden" in form.groupindex else 0)


def _goes_on(line: str, at: int) -> bool:
    return line[at : at + 1].isalnum()


def _is_person(value: dict[str, Any]) -> bool:
    """Return whether a JSON object is of a person, so that its name is one's."""
    kind, family = value.get("type"), str(value.get("object") or "")
    return "email" in value or kind == "user" or family.endswith(".user")
