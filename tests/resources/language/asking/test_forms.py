"""Forms: every request model can be asked for, answered and changed, and gives the body the API takes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.filling import action_of, changed, every, filled
from tests.support.samples import SAMPLES
from tui.api.operation import Key
from tui.resources.language.action import Risk
from tui.resources.language.asking.forms import FaultyAnswers, build_body, draft_body, start_values
from tui.resources.language.asking.questions import Question, QuestionKind, gives_power
from tui.resources.registry import REGISTRY

if TYPE_CHECKING:
    from tui.resources.language.action import Action

BODIES = [
    pytest.param(action, id=f"{resource.name}-{action.name}")
    for resource in REGISTRY.values()
    for action in resource.actions
    if action.operation.body
]
ADMIN = {
    f"{resource.name}-{action.name}": action
    for resource in REGISTRY.values()
    for action in resource.actions
    if action.operation.body and action.operation.key is Key.ADMIN
}
EDITS = [
    pytest.param(resource.name, action, id=f"{resource.name}-{action.name}")
    for resource in REGISTRY.values()
    for action in resource.actions
    if action.edits and resource.name in SAMPLES
]


@pytest.mark.parametrize("action", BODIES)
def test_every_form_can_be_filled(action: Action) -> None:
    found = every(action)
    names = [question.name for question in found]
    assert len(names) == len(set(names))
    assert {condition.path for question in found for condition in question.when} <= set(names)
    for question in found:
        if question.required and question.kind not in (QuestionKind.CHOICE, QuestionKind.FIXED):
            assert question.description or question.default, f"{question.name} teaches nothing"
        if question.kind is QuestionKind.JSON:
            assert question.description, f"nobody can know what JSON {question.name} wants"
    if all(
        question.default is not None or question.kind is not QuestionKind.JSON
        for question in found
        if question.required
    ):
        body = filled(action)
        needed = {question.path[0] for question in found if question.required and not question.when}
        assert needed <= set(body)


@pytest.mark.parametrize("action", BODIES)
def test_examples_are_valid(action: Action) -> None:
    for question in every(action):
        if question.default is not None and question.kind is not QuestionKind.FLAG:
            again = question.answer_of(question.default)
            assert again == question.default or str(question.default) == again, (
                f"{question.name} changes as it is read"
            )


@pytest.mark.parametrize(("name", "action"), EDITS)
def test_an_edit_of_nothing_sends_nothing(name: str, action: Action) -> None:
    assert changed(name, action) == {}


@pytest.mark.parametrize(("name", "action"), EDITS)
def test_an_edit_that_clears_metadata_says_so(name: str, action: Action) -> None:
    if SAMPLES[name].get("metadata"):
        assert changed(name, action, metadata=None) == {"metadata": None}
        assert changed(name, action, metadata={"x": "y"}) == {"metadata": {"x": "y"}}


def test_an_edit_sends_whole_parts_that_were_touched() -> None:
    edit = action_of("vector-stores", "edit")
    longer = {"expires_after": {"anchor": "last_active_at", "days": 30}}
    assert changed("vector-stores", edit, expires_after__days="30") == longer
    assert changed("vector-stores", edit, expires_after__days=None) == {"expires_after": None}
    assert changed("vector-stores", edit, name=None) == {"name": None}
    edit = action_of("assistants", "edit")
    assert changed("assistants", edit, tools=None) == {"tools": []}
    assert changed("assistants", edit, temperature="0.7") == {"temperature": 0.7}
    assert changed("assistants", edit, reasoning_effort="high") == {"reasoning_effort": "high"}
    edit = action_of("store-files", "edit")
    assert changed("store-files", edit, attributes={"year": 2027}) == {"attributes": {"year": 2027}}
    assert changed("store-files", edit, attributes=None) == {"attributes": None}


def test_a_value_that_no_form_can_show_is_not_wiped_by_an_edit() -> None:
    edit = action_of("assistants", "edit")
    before = start_values(
        edit, REGISTRY["assistants"].record({**SAMPLES["assistants"], "reasoning_effort": "galactic"})
    )
    assert edit.operation.body
    values = {question: question.answer_of(before.get(question.name)) for question in every(edit)}
    assert build_body(edit.operation.body, values, before) == {}


def test_bodies_are_those_the_api_takes() -> None:
    assert filled(action_of("vector-stores", "search"), query="cats", ranking_options__score_threshold="0.5") == {
        "query": "cats",
        "ranking_options": {"ranker": "auto", "score_threshold": 0.5},  # what is as usual goes with its sibling
    }
    sizes = {"max_chunk_size_tokens": 400, "chunk_overlap_tokens": 100}
    body = filled(
        action_of("vector-stores", "create"),
        name="docs",
        chunking_strategy__type="static",
        chunking_strategy__static__max_chunk_size_tokens="400",
        chunking_strategy__static__chunk_overlap_tokens="100",
        expires_after__days="3",
    )
    assert body == {
        "name": "docs",
        "chunking_strategy": {"type": "static", "static": sizes},
        "expires_after": {"anchor": "last_active_at", "days": 3},
    }
    assert filled(action_of("containers", "create"), name="c", expires_after__minutes="5") == {
        "name": "c",
        "expires_after": {"anchor": "last_active_at", "minutes": 5},
    }
    attributes = {"year": 2026, "draft": False, "share": 0.5}
    assert filled(action_of("store-files", "attach"), file_id="file-1", attributes=attributes) == {
        "file_id": "file-1",
        "attributes": attributes,
    }
    assert filled(action_of("responses", "create"), input="Hello", background=True) == {
        "model": "gpt-5-mini",
        "input": "Hello",
        "background": True,
    }
    assert filled(action_of("messages", "create"), content="Hi, you, there") == {
        "role": "user",
        "content": "Hi, you, there",
    }


def test_what_is_out_of_range_is_told_at_its_question() -> None:
    with pytest.raises(FaultyAnswers) as caught:
        filled(action_of("vector-stores", "search"), query="x", max_num_results="51")
    assert caught.value.faults == {"max_num_results": "Should be at most 50."}
    with pytest.raises(FaultyAnswers) as caught:
        filled(action_of("vector-stores", "create"), expires_after__days="0")
    assert set(caught.value.faults) == {"expires_after.days"}
    with pytest.raises(FaultyAnswers) as caught:
        filled(
            action_of("vector-stores", "create"),
            chunking_strategy__type="static",
            chunking_strategy__static__max_chunk_size_tokens=None,
            chunking_strategy__static__chunk_overlap_tokens=None,
        )
    assert set(caught.value.faults) == {
        "chunking_strategy.static.max_chunk_size_tokens",
        "chunking_strategy.static.chunk_overlap_tokens",
    }


def test_a_request_is_drafted_as_far_as_there_are_good_answers() -> None:
    action = action_of("vector-stores", "create")
    assert action.operation.body
    values = {each: each.default for each in every(action)}
    typed = {
        **{"name": "Manuals", "expires_after.days": 0, "file_ids": ["file-1"]},
        **{"chunking_strategy.type": "static", "chunking_strategy.static.chunk_overlap_tokens": "200"},
    }
    values |= {each: typed[each.name] for each in values if each.name in typed}
    body, faults = draft_body(action.operation.body, values)
    assert set(faults) == {"chunking_strategy.static.max_chunk_size_tokens"}, "what is needed comes first"
    assert body["name"] == "Manuals"
    assert body["file_ids"] == ["file-1"]
    assert body["chunking_strategy"]["type"] == "static"
    values = {each: "800" if each.name in faults else value for each, value in values.items()}
    body, faults = draft_body(action.operation.body, values)
    assert faults == {"expires_after.days": "Should be at least 1d."}
    assert body["chunking_strategy"]["static"]["max_chunk_size_tokens"] == 800, "as it is sent"
    assert "expires_after" not in body


def test_a_run_that_waits_is_answered_by_a_form_that_names_its_calls() -> None:
    submit, runs = action_of("runs", "submit"), REGISTRY["runs"]
    start = start_values(submit, runs.record(SAMPLES["runs"]))
    assert start == {"tool_outputs": [{"tool_call_id": "call_1", "output": ""}]}
    assert filled(submit, **start) == start


def test_a_run_on_a_new_thread_starts_with_its_assistant() -> None:
    run, assistants = action_of("assistants", "run"), REGISTRY["assistants"]
    assert start_values(run, assistants.record(SAMPLES["assistants"])) == {"assistant_id": "asst_1"}
    assert filled(run, assistant_id="asst_1", tool_choice="auto") == {
        "assistant_id": "asst_1",
        "tool_choice": "auto",
    }


def question(kind: QuestionKind, *choices: str) -> Question:
    return Question(("it",), kind, required=False, choices=choices)


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=8), max_size=4))
def test_pairs_read_as_they_are_written(pairs: dict[str, str]) -> None:
    asking = question(QuestionKind.PAIRS)
    assert (asking.read(asking.write(pairs)) or {}) == pairs


@given(st.lists(st.text(max_size=8), max_size=4))
def test_lists_read_as_they_are_written(words: list[str]) -> None:
    asking = question(QuestionKind.LIST)
    assert (asking.read(asking.write(words)) or []) == words


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=6,
    )
)
def test_json_reads_as_it_is_written(value: Any) -> None:
    asking = question(QuestionKind.JSON, "auto")
    assert asking.read(asking.write(value)) == value


def test_a_first_message_may_be_said_in_plain_words() -> None:
    questions = {each.name: each for each in every(action_of("assistants", "run"))}
    first = questions["thread.messages"]
    assert first.read("Hello there") == [{"role": "user", "content": "Hello there"}]
    assert first.read('[{"role": "user", "content": "a"}]') == [{"role": "user", "content": "a"}]
    with pytest.raises(ValueError, match="not JSON"):
        first.read("[Hello")
    assert list(questions)[:2] == ["assistant_id", "thread.messages"], "it stands before what is seldom needed"


def test_json_may_be_one_of_the_words_that_are_offered() -> None:
    asking = question(QuestionKind.JSON, "auto", "none")
    assert asking.read("auto") == "auto"
    assert asking.write("auto") == "auto"
    with pytest.raises(ValueError, match="This is not JSON"):
        asking.read("sometimes")


def test_pairs_say_what_is_no_pair() -> None:
    with pytest.raises(ValueError, match="'b' is no pair"):
        question(QuestionKind.PAIRS).read("a=1, b")


@pytest.mark.parametrize("action", BODIES)
def test_every_field_for_an_id_offers_a_list(action: Action) -> None:
    for asking in every(action):
        if asking.path[-1].removesuffix("s").endswith("_id") and asking.path[-1] != "external_key_id":
            assert asking.resource in REGISTRY, f"{asking.name} of {action.operation.name} offers no list"


def test_what_is_as_usual_goes_along_with_its_sibling() -> None:
    create = action_of("fine-tuning", "create")
    body = filled(create, training_file="file-1", method__supervised__hyperparameters__n_epochs="3")
    assert body["method"]["type"] == "supervised"
    assert body["method"]["supervised"]["hyperparameters"]["n_epochs"] == 3
    assert "method" not in filled(create, training_file="file-1")
    policy = filled(
        action_of("containers", "create"),
        name="c",
        network_policy__type="allowlist",
        network_policy__allowed_domains=["example.com"],
    )["network_policy"]
    assert policy == {"type": "allowlist", "allowed_domains": ["example.com"]}


def test_a_value_that_nobody_touched_is_sent_as_it_is() -> None:
    edit = action_of("vector-stores", "edit")
    raw = {**SAMPLES["vector-stores"], "name": "  two\x1b spaces\r\n ", "metadata": {"a\u2028b": " =,x "}}
    assert changed("vector-stores", edit, raw) == {}
    before = start_values(edit, REGISTRY["vector-stores"].record(raw))
    for asking in every(edit):
        assert asking.answer_of(before.get(asking.name)) in (before.get(asking.name), None)


def test_an_old_value_that_no_request_may_hold_does_not_stop_an_edit() -> None:
    edit = action_of("assistants", "edit")
    raw = {**SAMPLES["assistants"], "temperature": 7, "description": 5}
    assert changed("assistants", edit, raw, name="new") == {"name": "new"}


def test_what_must_have_a_value_cannot_be_emptied() -> None:
    with pytest.raises(FaultyAnswers) as caught:
        changed("evals", action_of("evals", "edit"), {**SAMPLES["evals"], "name": "n"}, name=None)
    assert caught.value.faults == {"name": "This cannot be emptied."}


def test_a_new_one_starts_from_the_one_under_the_cursor() -> None:
    start = start_values(action_of("batches", "create"), REGISTRY["batches"].record(SAMPLES["batches"]))
    assert start.pop("completion_window", "24h") == "24h"
    assert start == {"input_file_id": "file-1", "endpoint": "/v1/responses", "metadata": {"run": "nightly"}}
    raw = {**SAMPLES["batches"], "endpoint": "/v1/telepathy"}
    assert "endpoint" not in start_values(action_of("batches", "create"), REGISTRY["batches"].record(raw))
    # What names the one is not the name of the other, and what does not fit is left out.
    raw = {**SAMPLES["vector-stores"], "name": "docs", "metadata": {"a": 1}}
    assert "name" not in start_values(action_of("vector-stores", "create"), REGISTRY["vector-stores"].record(raw))
    assert "metadata" not in start_values(
        action_of("vector-stores", "create"), REGISTRY["vector-stores"].record(raw)
    )


_POWER = re.compile(r"role(_id)?|permissions|scopes|retention_type|projects|project_ids|max_.*|batch_1_day_.*")


@pytest.mark.parametrize("action", ADMIN.values(), ids=ADMIN)
def test_what_gives_power_or_money_is_declared(action: Action) -> None:
    for asking in every(action):
        is_limit = asking.name == "threshold_amount" and "limit" in action.operation.path
        gives = bool(_POWER.fullmatch(asking.name)) or is_limit
        assert gives_power(asking) == gives, f"{asking.name} of {action.operation.name}"
    if action.operation.name == "admin-api-keys-create":
        assert action.risk is Risk.CHANGE, "a key that may do everything is asked about"


@given(st.text(max_size=20), st.sampled_from([QuestionKind.TEXT, QuestionKind.LONG]))
def test_text_starts_as_it_is_and_stays_so(value: str, kind: QuestionKind) -> None:
    assert question(kind).answer_of(value) == (value if value.strip() else None)


@given(st.lists(st.text(max_size=8), max_size=4))
def test_what_json_shows_can_be_seen_and_edited_in_lines(words: list[str]) -> None:
    shown = question(QuestionKind.JSON).write(words)
    assert shown.replace("\n", "").isprintable()
    assert question(QuestionKind.JSON).read("\n".join(shown.splitlines())) == words
