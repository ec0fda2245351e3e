"""What is kept of exchanges: how many there were in a minute does not depend on how many are kept."""

from __future__ import annotations

from tui.api.log.exchanges import Exchange, Exchanges


def test_every_answer_of_a_minute_counts_also_of_exchanges_that_fell_out() -> None:
    exchanges = Exchanges(size=5)
    for at in range(1_200):
        exchanges.add(Exchange(when=1_000.0 + at / 20, method="GET", path="/files", status=200))
    assert len(exchanges) == 5
    assert exchanges.requests_last_minute(1_060.0) == 1_199
    assert exchanges.requests_last_minute(1_200.0) == 0
