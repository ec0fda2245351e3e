"""What a crash report holds: where it happened and what was done last, never the values at hand."""

from __future__ import annotations

from tui.toolkit.crash_report import build_report, format_last_words


def failing(value: str) -> None:
    """Fail with a value at hand."""
    kept = value.upper()
    if kept:
        raise RuntimeError("it broke")


def test_no_value_of_a_variable_is_in_it() -> None:
    try:
        failing("what-a-local-holds")
    except RuntimeError as error:
        report = build_report(error, ["refresh", "open"])
        assert "RuntimeError: it broke" in report
        assert "in failing" in report
        assert "refresh, open" in report
        assert "what-a-local-holds" not in report.lower().replace('failing("what-a-local-holds")', "")
        assert "it broke" in format_last_words(error, None)
    else:
        raise AssertionError("it did not fail")
