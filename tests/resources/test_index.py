"""The index of resources against their declarations, and what is known by it alone."""

from __future__ import annotations

from tui.resources.index import COMPARED, ENDING, NEEDING, RESOURCES, Entry
from tui.resources.index import PLACES as PLACE_ENTRIES
from tui.resources.language.resource import Resource
from tui.resources.registry import PLACES, REGISTRY, UnknownResource, find_name, find_prefixes

REGISTRIES = ((REGISTRY, RESOURCES), (PLACES, PLACE_ENTRIES))


def test_the_index_says_what_the_declarations_say() -> None:
    for registry, entries in REGISTRIES:
        for entry in entries:
            declared = registry[entry.name]
            line = Entry(declared.name, entry.module, declared.aliases, declared.prefixes)
            assert entry == line, f"the line of tui/resources/index.py should be {line}"
        assert list(registry) == [entry.name for entry in entries], "a name stands twice"


def test_home_asks_for_all_that_may_need_somebody_or_end() -> None:
    by_themselves = [each for each in REGISTRY.values() if not each.parent]
    usual = Resource.__dataclass_fields__["attention"].default
    needing = {each.name for each in by_themselves if each.list and each.attention is not usual}
    assert needing == NEEDING
    assert {each.name for each in by_themselves if each.ends or each.stops} == ENDING


def test_every_list_that_stands_by_itself_is_compared_with_the_last_visit() -> None:
    by_themselves = {
        each.name for each in REGISTRY.values() if each.list and not each.within and not each.list.single
    }
    no_objects = {"limits", "audit"}  # settings of the projects, and a log
    assert by_themselves - no_objects == COMPARED


def test_ids_and_names_are_found_by_the_index() -> None:
    declared = [(prefix, each.name) for each in REGISTRY.values() for prefix in each.prefixes]
    assert sorted(find_prefixes(REGISTRY)) == sorted(declared)
    assert REGISTRY.find(" FT ") == "fine-tuning"
    assert REGISTRY.find("nothing") is None
    assert (find_name("pulse"), find_name("FT"), find_name("batchs")) == ("home", "fine-tuning", "")
    assert "did you mean batch" in str(UnknownResource("batchs"))
