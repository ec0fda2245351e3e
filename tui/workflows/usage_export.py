"""What a report of usage holds, as rows of plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.export import format_iso_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tui.workflows.usage import UsageFigures


def export_rows(report: UsageFigures, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield every figure of every group and bucket, with the name of the group."""
    question = report.question
    for bucket in report.buckets:
        for group, figures in report.found.get(bucket, {}).items():
            for measure, value in zip(question.kind.measures, figures, strict=True):
                yield {
                    "start": format_iso_time(bucket),
                    "end": format_iso_time(bucket + question.width),
                    "partial": report.is_partial(bucket),
                    "kind": question.kind.name,
                    "by": question.by,
                    "group": group,
                    "label": names.get(str(group)),
                    "measure": measure.path,
                    "value": value,
                    "unreadable": value.unread,
                }
