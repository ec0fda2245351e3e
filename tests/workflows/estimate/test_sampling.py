"""Sums from samples: exact where they can be, and with an error that holds."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.workflows.estimate.sampling import Reservoir, Sampled, estimate_total


@given(
    sizes=st.lists(st.integers(1, 10_000), min_size=9, max_size=60),
    slope=st.floats(0.05, 1),
    around=st.integers(0, 50),
)
def test_what_grows_evenly_is_found_exactly(sizes: list[int], slope: float, around: int) -> None:
    every = [(size, around + slope * size) for size in sizes]
    found = estimate_total(every[:8], len(every), sum(sizes))
    spread = len(set(sizes[:8])) > 1
    if spread:
        assert found.total == pytest.approx(sum(figure for _, figure in every))
        assert found.error == pytest.approx(0, abs=1e-6)
    assert estimate_total(every, len(every), sum(sizes)) == Sampled(sum(figure for _, figure in every), 0.0)


def test_the_true_sum_lies_within_the_error_in_nineteen_of_twenty_cases() -> None:
    chance = random.Random(5)
    sizes = [chance.randrange(100, 3_000) for _ in range(1_000)]
    every = [(size, 12 + size / chance.uniform(3.4, 4.6)) for size in sizes]
    truth = sum(figure for _, figure in every)
    held, runs = 0, 200
    for seed in range(runs):
        kept = Reservoir[tuple[int, float]](120, seed)
        for pair in every:
            kept.take(pair)
        found = estimate_total(kept.items()[:30], len(every), sum(sizes))
        assert found.error is not None
        assert found.share == pytest.approx(found.error / found.total)
        held += abs(found.total - truth) <= found.error
    assert 0.91 <= held / runs <= 0.985


def test_a_reservoir_keeps_a_fair_sample_that_is_always_the_same() -> None:
    counts = [0] * 40
    for seed in range(2_000):
        kept = Reservoir[int](10, seed)
        for number in range(40):
            kept.take(number)
        found = kept.items()
        assert len(set(found)) == 10
        counts[found[0]] += 1
    assert min(counts) > 20, "each is the first as often as others"
    again = Reservoir[int](10, 1_999)
    for number in range(40):
        again.take(number)
    assert again.items() == found


def test_of_too_few_no_error_is_claimed() -> None:
    assert estimate_total([(10, 5)], 4, 40) == Sampled(20, None)
    assert estimate_total([(10, 5), (20, 10)], 4, 60) == Sampled(30, 0)
