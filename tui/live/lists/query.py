"""The filter language: what is typed after `/`.

    nightly gpt-5      rows that contain both, anywhere in what they show, their id or metadata
    !failed            rows that do not
    "two words"        a phrase            ~gpmini   letters in this order            /v[12]$/   a pattern
    status:failed,expired    a column, a field of the object or a path such as metadata.run; `status:!ok` denies
    purpose=batch      exactly             age<2d  size>5mb  fail>0  progress>=50%    compares
    purpose=""  nothing there    "say ""hi"" twice"  quotes in quotes    used_by.name=nightly  of any in a list

Numbers and times are compared, not searched: text is looked for in what the object says in words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tui.live.lists.sorting import cut
from tui.live.lists.values import (
    KNOWN_WORDS,
    TextReaders,
    Texts,
    build_getter,
    build_path_getter,
    build_text_reader,
    number_of,
)
from tui.resources.language.column import (
    META,
    CellContext,
    Column,
    text,
)

if TYPE_CHECKING:
    from tui.resources.language.objects import Record

Test = Callable[["Record"], bool]

AT_ONCE = 500  # records whose texts are looked through at once: so few stay in what a core has at hand

_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_BYTES = {"b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "pb": 1e15, "eb": 1e18}
_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?)([a-z%]*)", re.IGNORECASE)
_FIELD = re.compile(r"([A-Za-z_][\w.-]*)(>=|<=|!=|[:=<>])")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_REGEX = re.compile(r"/((?:[^/\\]|\\.)+)/(?=\s|$)")
_QUOTED = re.compile('"((?:[^"]|"")*+)"')
_SAVED = re.compile(r"(?<!\S)@([\w-]+)(?!\S)")
_MOMENT = 1e8  # a number from here on is a moment in unix time (from 1973), below it a span of seconds
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


class QueryError(ValueError):
    """A fault in a filter: a sentence, and the character it is at."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. Without a name, `operator` is "text", "fuzzy" or "regex" and looks at all of a row."""

    operator: str
    value: str
    name: str = ""
    denied: bool = False
    position: int = field(default=0, compare=False)

    def narrows(self, other: Term) -> bool:
        """Return whether what fulfils this certainly fulfils `other`: one more letter was typed."""
        longer = self.operator == other.operator == "text" and not (self.denied or other.denied)
        return self == other or (longer and other.value in self.value)


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions that all must hold. An empty query holds for every row."""

    terms: tuple[Term, ...] = ()
    source: str = ""

    def __bool__(self) -> bool:
        return bool(self.terms)

    def narrows(self, other: Query) -> bool:
        """Return whether what fulfils this certainly fulfils `other`."""
        return all(any(term.narrows(old) for term in self.terms) for old in other.terms)

    def bind(
        self,
        columns: Sequence[Column],
        context_of: Callable[[Record], CellContext],
        now: Callable[[], float],
        fields: Iterable[str],
    ) -> list[Test]:
        """Make the tests that a record must pass, cheap ones first. `fields` are names known of the objects.

        Raises:
            QueryError: when a term names neither a column nor a field.
        """
        read_text = build_text_reader(columns, context_of)
        known = tuple(fields)
        return [
            _negate(test) if term.denied else test
            for term in sorted(self.terms, key=lambda term: not term.name)
            for test in [
                _make_field_test(term, columns, context_of, now, known)
                if term.name
                else _make_text_test(term, read_text)
            ]
        ]

    def matches(self, record: Record, columns: Sequence[Column], context: CellContext) -> bool:
        """Return whether one record fulfils all conditions. A field it does not have is empty."""
        known = (*record.raw, *(term.name.split(".")[0] for term in self.terms))
        return all(test(record) for test in self.bind(columns, lambda _: context, lambda: context.now, known))


def expand_saved(source: str, saved: Mapping[str, str]) -> str:
    """Return a filter with saved ones in place of `@name`; other words that begin so stay."""
    return _SAVED.sub(lambda found: saved.get(found[1], found[0]), source)


def find_saved(source: str) -> list[str]:
    """Return the names of the saved filters that a filter stands on, as far as there are such."""
    return _SAVED.findall(source)


def parse(source: str) -> Query:
    """Read what was typed.

    Raises:
        QueryError: when it cannot be understood, naming the place.
    """
    terms: list[Term] = []
    at = 0
    while at < len(source):
        if source[at].isspace():
            at += 1
            continue
        term, at = _read_term(source, at)
        terms.append(term)
    return Query(tuple(terms), source.strip())


def _read_term(source: str, at: int) -> tuple[Term, int]:
    """Read one term that starts at `at`. Returns it with the place behind it."""
    start = at
    denied = source[at] == "!"
    at += denied
    if match := _REGEX.match(source, at):
        _compile(match[1], at)
        return Term("regex", match[1], denied=denied, position=start), match.end()
    if match := _FIELD.match(source, at):
        name, operator = match.groups()
        at = match.end()
        if source[at : at + 1] == "!" or operator == "!=":
            denied = not denied
            at += source[at : at + 1] == "!"
            operator = "=" if operator == "!=" else operator
        value, end = _read_word(source, at)
        if not value and (end == at or operator != "="):
            raise QueryError(f'Say what "{name}{operator}" is to be compared with.', at)
        if operator in _COMPARE:
            _read_amount(value, at)
        return Term(operator, value.casefold(), name, denied, start), end
    fuzzy = source[at : at + 1] == "~"
    at += fuzzy
    value, end = _read_word(source, at)
    if not value:
        raise QueryError(
            f'Say what to look for after "{source[start:at]}".' if at > start else "Empty quotes.", at
        )
    return Term("fuzzy" if fuzzy else "text", value.casefold(), denied=denied, position=start), end


def _read_word(source: str, at: int) -> tuple[str, int]:
    """Read a word, in which quotes protect blanks, and two stand for one. Returns it with the place behind it."""
    word: list[str] = []
    while at < len(source) and not source[at].isspace():
        if source[at] != '"':
            word.append(source[at])
            at += 1
            continue
        quoted = _QUOTED.match(source, at)
        if quoted is None:
            raise QueryError('A quote is not closed: add a ".', at)
        word.append(quoted[1].replace('""', '"'))
        at = quoted.end()
    return "".join(word), at


def _compile(pattern: str, position: int) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise QueryError(f'"/{pattern}/" is no regular expression: {error}.', position) from None


def _read_amount(value: str, position: int) -> tuple[float, str]:
    """Return a number to compare with and its kind: "seconds", "percent" or "" for a plain number or bytes."""
    match = _AMOUNT.fullmatch(value)
    unit = match[2].lower() if match else ""
    if match and unit in _SECONDS:
        return float(match[1]) * _SECONDS[unit], "seconds"
    if match and unit in ("", *_BYTES):
        return float(match[1]) * _BYTES.get(unit, 1.0), ""
    if match and unit == "%":
        return float(match[1]) / 100, "percent"
    raise QueryError(
        f'"{value}" cannot be compared: use a number such as 5, a time (30s 5m 3h 2d 1w), '
        "a size (10kb 5mb 1gb) or a share (50%).",
        position,
    )


def _negate(test: Test) -> Test:
    return lambda record: not test(record)


class TextTest:
    """Looks for a text in the texts of a record, or of a list of them at once."""

    def __init__(self, value: str, readers: TextReaders) -> None:
        self._value = value
        self._read, self._read_all, self._read_derived = readers

    def __call__(self, record: Record) -> bool:
        """Return whether a record has it."""
        return self._value in self._read(record) or self._is_derived(record)

    def test_all(self, records: Sequence[Record]) -> list[bool]:
        """Return for each of some records whether it has it."""
        value, found = self._value, list[bool]()
        for part in cut(records, AT_ONCE):
            has = [value in text for text in self._read_all(part)]
            if self._read_derived:
                has = [known or self._is_derived(record) for known, record in zip(has, part, strict=True)]
            found += has
        return found

    def _is_derived(self, record: Record) -> bool:
        return self._read_derived is not None and self._value in self._read_derived(record)


def find_passing(test: Test, records: Sequence[Record]) -> list[bool]:
    """Return for each of some records whether it passes a test."""
    return test.test_all(records) if isinstance(test, TextTest) else list(map(test, records))


def _make_text_test(term: Term, readers: TextReaders) -> Test:
    """Look for a term in each line of a record's texts."""
    if term.operator == "text":
        return TextTest(term.value, readers)
    tests = [_line_test(term, read) for read in (readers.read, readers.read_derived) if read]
    return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)


def _line_test(term: Term, read_text: Callable[[Record], str]) -> Test:
    if term.operator == "fuzzy":
        first, *others = map(re.escape, term.value)
        search = _compile(first + "".join(f"[^{letter}\\n]*+{letter}" for letter in others), term.position).search
        return lambda record: bool(search(read_text(record)))
    find = _compile(term.value, term.position).search
    return lambda record: any(map(find, read_text(record).split("\n")))


def _make_field_test(
    term: Term,
    columns: Sequence[Column],
    context_of: Callable[[Record], CellContext],
    now: Callable[[], float],
    known: Sequence[str],
) -> Test:
    """Look at one column, field or path."""
    name = term.name.lower().replace("-", "_")
    column = next((column for column in columns if column.name.replace("-", "_") == name), None)
    is_metadata = term.name.startswith(META) and "metadata" in known  # as columns are called
    if column is None and not is_metadata and term.name.split(".")[0] not in known:
        possible = ", ".join(dict.fromkeys((*(column.name for column in columns), *known)))
        raise QueryError(
            f'There is no "{term.name}" here. Possible: {possible}; or put quotes around the text.', term.position
        )
    path = f"metadata.{term.name.removeprefix(META)}" if is_metadata else term.name
    value = build_getter(column.value, context_of) if column else build_path_getter(path)
    if term.operator in _COMPARE:
        return _make_comparison(value, _COMPARE[term.operator], *_read_amount(term.value, term.position), now)

    told_before: dict[str, list[str]] = {}  # by a word, what it reads like and how it is drawn

    def words(record: Record) -> list[str]:
        told = value(record)
        if type(told) is str and told in told_before:
            return told_before[told]
        found = [each.casefold() for each in told] if isinstance(told, Texts) else [_write_plain(told).casefold()]
        if column and column.show is not text:
            found.append(column.cell(record, context_of(record)).text.casefold())
        if type(told) is str and len(told_before) < KNOWN_WORDS:
            told_before[told] = found
        return found

    if term.operator == ":":
        choices = [choice for choice in term.value.split(",") if choice]
        return lambda record: any(choice in word for word in words(record) for choice in choices)
    wanted = float(term.value) if _NUMBER.fullmatch(term.value) else None
    return lambda record: (
        term.value in words(record) or (wanted is not None and number_of(value(record)) == wanted)
    )


def _make_comparison(
    value: Callable[[Record], Any],
    holds: Callable[[float, float], bool],
    amount: float,
    kind: str,
    now: Callable[[], float],
) -> Test:
    """Compare a number. A moment is compared by its distance from now: how old it is, or how long to go."""

    def test(record: Record) -> bool:
        seen = number_of(value(record))
        if seen is None:
            return False
        if kind == "seconds" and seen >= _MOMENT:
            seen = abs(now() - seen)
        return holds(seen, amount)

    return test


def _write_plain(value: Any) -> str:
    """Return a value as text to search in."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return "\n".join(f"{key}={item}" for key, item in value.items())
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
