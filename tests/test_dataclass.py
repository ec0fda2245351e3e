"""Dataclasses whose functions are written late: in all that is used of them they are as the standard library's."""

from __future__ import annotations

import dataclasses
from dataclasses import FrozenInstanceError, asdict, field, fields, replace
from typing import TYPE_CHECKING, Any

import pytest

from tui.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable

MAKERS = [pytest.param(dataclass, id="late"), pytest.param(dataclasses.dataclass, id="standard")]


def make(maker: Callable[..., Any], **options: bool) -> type[Any]:
    @maker(**options)
    class Thing:
        """A thing."""

        id: str
        tags: list[str] = field(default_factory=list)
        count: int = 3
        note: str = field(default="", compare=False, repr=False, kw_only=True)

        def __post_init__(self) -> None:
            if self.count < 0:
                raise ValueError(self.id)

    return Thing


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("slots", [True, False])
@pytest.mark.parametrize("frozen", [True, False])
def test_it_is_made_shown_and_compared_by_its_fields(maker: Callable[..., Any], frozen: bool, slots: bool) -> None:
    kind = make(maker, frozen=frozen, slots=slots)
    first, second = kind("a"), kind("a", note="seen")
    assert (first.id, first.tags, first.count, first.note) == ("a", [], 3, "")
    assert first.tags is not second.tags
    assert first == second != kind("a", count=4)
    assert first != ("a", [], 3)
    assert repr(second).endswith("Thing(id='a', tags=[], count=3)")
    assert replace(first, count=5) == kind("a", [], 5)
    assert [each.name for each in fields(kind)] == [*asdict(first)] == ["id", "tags", "count", "note"]
    assert hasattr(first, "__dict__") is not slots
    with pytest.raises(TypeError, match=r"__init__\(\) missing 1 required positional argument: 'id'"):
        kind()
    with pytest.raises(TypeError):
        kind("a", [], 3, "no keyword")
    with pytest.raises(ValueError, match="b"):
        kind("b", count=-1)
    match first:
        case kind(id_, _, count):
            assert (id_, count) == ("a", 3)


@pytest.mark.parametrize("maker", MAKERS)
def test_what_is_frozen_stays_as_it_is_and_is_a_key(maker: Callable[..., Any]) -> None:
    kind = make(maker, frozen=True, slots=True)
    thing = kind("a", ())
    assert {thing: 1}[kind("a", ())] == 1
    with pytest.raises(FrozenInstanceError):
        thing.id = "b"
    with pytest.raises(FrozenInstanceError):
        del thing.id
    with pytest.raises(TypeError):
        hash(make(maker)("a"))


@pytest.mark.parametrize("maker", MAKERS)
def test_one_that_is_compared_by_nothing_is_itself_alone(maker: Callable[..., Any]) -> None:
    kind = make(maker, frozen=True, eq=False)
    thing = kind("a")
    assert thing != kind("a")
    assert {thing: 1}[thing] == 1


@pytest.mark.parametrize("maker", MAKERS)
def test_it_inherits_fields_and_leaves_functions_that_are_its_own(maker: Callable[..., Any]) -> None:
    @maker(frozen=True)
    class Wide(make(maker, frozen=True)):  # type: ignore[misc]
        """A thing with a width."""

        width: int = 0

        def __repr__(self) -> str:
            return "wide"

    wide = Wide("a", [], 3, 7)
    assert (wide.width, repr(wide)) == (7, "wide")
    assert wide != make(maker, frozen=True)("a")
