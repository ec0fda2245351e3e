"""What many families have: errors, tokens, metadata, and the actions that are the same everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.resources.language.action import Action, Always, Ask, Call, Risk, refuse_nothing
from tui.resources.language.cells import NO_VALUE, metadata, metadata_lines, short_count
from tui.resources.language.column import Cell, Column, Section
from tui.resources.language.objects import Object, T
from tui.resources.language.reading.statuses import state_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tui.api.operation import Operation
    from tui.resources.language.column import CellContext
    from tui.resources.language.objects import Record

META = Column("META", "metadata", metadata, 14, drop_order=8, wide=True)
METADATA = Section("Metadata", lines=metadata_lines)


class Trouble(Object):
    """Why something failed, or (`reason`) ended early."""

    code: str | None = None
    message: str | None = None
    reason: str | None = None

    @property
    def words(self) -> str:
        """What went wrong, as the platform says it."""
        return f"{self.code or 'error'}: {self.message or ''}"


def describe_cut(details: Trouble | None) -> str:
    """Return why something is incomplete."""
    return f"cut short: {(details.reason if details else None) or 'no reason given'}"


class TokenUsage(Object):
    """Tokens used. What is read is called prompt or input, what is written completion or output."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_tokens_details: dict[str, Any] | None = None
    prompt_tokens_details: dict[str, Any] | None = None

    @property
    def tokens_in(self) -> int | None:
        """Tokens the model read."""
        return self.prompt_tokens if self.input_tokens is None else self.input_tokens

    @property
    def tokens_out(self) -> int | None:
        """Tokens the model wrote."""
        return self.completion_tokens if self.output_tokens is None else self.output_tokens

    @property
    def cached(self) -> int:
        """Tokens of those read that were in the cache, which are cheaper."""
        details = self.input_tokens_details or self.prompt_tokens_details or {}
        found = details.get("cached_tokens")
        return found if isinstance(found, int) and found > 0 else 0


def tokens(_value: Any, record: Record, _context: CellContext) -> Cell:
    """Show the tokens read and written, as `1,204/311`."""
    usage: TokenUsage | None = record.object.usage
    if usage is None or not usage.total_tokens:
        return NO_VALUE
    return Cell(f"{short_count(usage.tokens_in or 0)}/{short_count(usage.tokens_out or 0)}")


def list_tokens(source: Any, _context: CellContext) -> Sequence[tuple[str, Cell]]:
    """Return the tokens used, each kind in a line; nothing where there are none."""
    usage = source.usage or TokenUsage()
    parts = (("in", usage.tokens_in), ("out", usage.tokens_out), ("total", usage.total_tokens))
    return (
        [(name, Cell(f"{number:,}")) for name, number in parts if number is not None] if usage.total_tokens else []
    )


TOKENS = Section("Tokens", lines=list_tokens)


def refuse_cancel(source: Any) -> str | None:
    """Return why what has `running` and a `status` cannot be cancelled, or None."""
    if not source.running:
        return f"it is {state_of(source)} already"
    return "it is being cancelled already" if source.status == "cancelling" else None


# Actions. `T` is the model of the resource they stand in: mypy holds their functions against it.


def create(
    operation: Operation,
    label: str,
    *,
    secret: str = "",
    fill: Callable[[T], Mapping[str, Any]] = lambda _: {},
    warning: str = "",
) -> Action[T]:
    """Return the action that makes a new object from a form, which starts with what another has.

    `secret` is the path of what the answer tells this once, and `fill` gives what the request says in other words
    than the object. With a `warning`, a sentence on what the object may do, it asks before it is sent.
    """
    risk = Risk.CHANGE if warning else Risk.NONE
    does: Ask[T] = Ask(operation, fill=fill, secret=secret)
    return Action("create", "n", label, does, risk, on="list", warn=Always(warning))


def edit(
    operation: Operation,
    label: str = "edit",
    *,
    refuse: Callable[[T], str | None] = refuse_nothing,
    fill: Callable[[T], Mapping[str, Any]] | None = None,
) -> Action[T]:
    """Return the action that changes an object by a form.

    The form starts with what the object has and sends what was touched; with `fill` it starts with that and sends
    the whole of it.
    """
    does: Ask[T] = Ask(operation, fill=fill) if fill else Ask(operation, edit=True)
    return Action("edit", "e", label, does, refuse=refuse)


def cancel(
    operation: Operation,
    warning: str | Callable[[T], str],
    refuse: Callable[[T], str | None] = refuse_cancel,
) -> Action[T]:
    """Return the action that stops what is on its way."""
    return Action(
        "cancel",
        "ctrl+x",
        "cancel",
        Call(operation),
        Risk.STOP,
        on="many",
        refuse=refuse,
        warn=_warn_function(warning),
    )


def delete(
    operation: Operation,
    warning: str | Callable[[T], str],
    label: str = "delete",
    *,
    name: str = "delete",
    risk: Risk = Risk.STOP,
    refuse: Callable[[T], str | None] = refuse_nothing,
) -> Action[T]:
    """Return the action that takes objects away for good."""
    return Action(
        name, "ctrl+d", label, Call(operation), risk, on="many", refuse=refuse, warn=_warn_function(warning)
    )


def _warn_function(warning: str | Callable[[T], str]) -> Callable[[T], str]:
    """Return a function that gives the sentence for an object."""
    return Always(warning) if isinstance(warning, str) else warning
