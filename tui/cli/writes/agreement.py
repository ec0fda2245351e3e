"""Agreeing to a write on the command line: asked in a terminal, said beforehand with --yes elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tui.cli.output import Refusal, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.cli.output import StatusLine
    from tui.headless.writes.orders import Consent, Hearing
    from tui.headless.writes.outcomes import Outcome

_NAMED = 10  # objects that are named in a question


def can_ask() -> bool:
    """Return whether somebody can be asked: standard input and standard error are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def agree(question: Consent, *, yes: bool) -> bool:
    """Return whether it shall be done. Raises UsageError where nobody said so and nobody can be asked."""
    from tui.text import clean

    lines = [f"  {clean(name, 200)}  {clean(words, 200)}".rstrip() for name, words in question.things[:_NAMED]]
    if len(question.things) > _NAMED:
        lines.append(f"  … and {len(question.things) - _NAMED:,} more")
    warnings = [clean(words, 1000) for words in question.warnings]
    if yes:  # to what is always so, beforehand; not to what was found out of these objects
        for words in question.warnings:
            if words != question.general:
                say(clean(words, 1000))
        return True
    whole = (question.title, *lines, *warnings)
    if not can_ask():
        raise Refusal(*whole, "Nobody can be asked here: say --yes.")
    say(*whole)
    if question.typed:
        words = f"Type {clean(question.typed, 200)} to {question.verb} {'them' if question.count > 1 else 'it'}"
        typed = click.prompt(words, default="", show_default=False, err=True)
        return str(typed).strip() == question.typed
    return click.confirm(f"{question.verb.capitalize()}?", default=False, err=True)


def make_hearing(line: StatusLine, *, yes: bool, tell: Callable[[Outcome], None] = lambda _: None) -> Hearing:
    """Return who hears of work: a status line of sentences and progress, `tell` of what becomes of each object."""
    from tui.headless.writes.orders import Hearing

    return Hearing(
        tell=tell,
        say=line.note,
        progress=line.progress,
        agree=lambda question: agree(question, yes=yes),
        asks=can_ask() and not yes,
    )
