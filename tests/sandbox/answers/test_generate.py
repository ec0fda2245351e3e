from __future__ import annotations

import json

import pytest

from tui.sandbox.answers.generate import answer
from tui.sandbox.answers.words import embed
from tui.sandbox.families.fine_tuning.graders import FormulaError, compute, fill_template, similarity

MODELS = {"gpt-5-mini", "text-embedding-3-small", "omni-moderation-latest"}
CHAT = "/v1/chat/completions"


def ask(endpoint: str, **body: object) -> dict[str, object]:
    reply = answer(endpoint, body, MODELS, created=1)
    assert reply.status == 200, reply.body
    return reply.body


def test_answers_depend_on_the_prompt_and_say_what_they_are() -> None:
    texts = [json.dumps(ask(CHAT, model="gpt-5-mini", messages=[{"role": "user", "content": c}])) for c in "aab"]
    assert texts[0] == texts[1] != texts[2]
    assert "[simulated]" in texts[0]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": [{}]}, "model"),
        ({"model": "gpt-9", "messages": [{}]}, "model"),
        ({"model": ["x"], "messages": [{}]}, "model"),
        ({"model": "gpt-5-mini"}, "messages"),
        ({"model": "gpt-5-mini", "messages": []}, "messages"),
        ({"model": "gpt-5-mini", "messages": "hello"}, "messages"),
    ],
)
def test_a_bad_request_gets_the_error_object(body: dict[str, object], param: str) -> None:
    reply = answer(CHAT, body, MODELS, created=1)
    assert reply.status == (404 if body.get("model", "gpt-5-mini") != "gpt-5-mini" else 400)
    assert reply.body["error"]["param"] == param


def test_similar_texts_have_near_vectors() -> None:
    def nearness(a: str, b: str) -> float:
        return sum(x * y for x, y in zip(embed(a, 256), embed(b, 256), strict=True))

    near = nearness("refund for a broken kettle", "refunds for broken kettles")
    far = nearness("refund for a broken kettle", "timetable of the night trains")
    assert near > 0.6 > 0.3 > far
    assert nearness("same", "same") == pytest.approx(1, abs=1e-3)


def test_embeddings_keep_to_their_size_and_format() -> None:
    found = ask("/v1/embeddings", model="text-embedding-3-small", input=["a", "b"], dimensions=8)
    assert [len(item["embedding"]) for item in found["data"]] == [8, 8]  # type: ignore[attr-defined]
    packed = ask("/v1/embeddings", model="text-embedding-3-small", input="a", encoding_format="base64")
    assert isinstance(packed["data"][0]["embedding"], str)  # type: ignore[index]


def test_moderation_follows_words() -> None:
    found = ask("/v1/moderations", input=["I will attack you with a weapon", "a cup of tea"])
    assert [item["flagged"] for item in found["results"]] == [True, False]  # type: ignore[attr-defined]


def test_graders_measure() -> None:
    assert similarity("fuzzy_match", "same words", "same words") == 1
    assert similarity("rouge_2", "a b c d", "a b c e") == pytest.approx(2 / 3)
    assert similarity("rouge_l", "a b c", "x y z") == 0
    for metric in ("cosine", "bleu", "gleu", "meteor", "rouge_1"):
        close, apart = similarity(metric, "the cat sat here", "the cat sat there"), similarity(metric, "q", "zzz")
        assert 1 >= close > apart >= 0, metric


def test_templates_are_filled() -> None:
    context = {"item": {"a": 1}, "sample": {"output_text": "x"}}
    assert fill_template("{{ item.a }}-{{sample.output_text}}-{{item.none}}", context) == "1-x-"


def test_formulas_compute_and_nothing_else() -> None:
    assert compute("0.5 * a + max(b, 1) ** 2", {"a": 1, "b": 3}) == 9.5
    for bad in ("__import__('os')", "a.real", "c", "1/0", "(", "[1][0]", "10**10**10", "'x'"):
        with pytest.raises(FormulaError):
            compute(bad, {"a": 1.0})
