"""A text of several lines to edit, drawn harmless. Imported only where one is shown: it is big."""

from __future__ import annotations

from typing import Any

from rich.text import Text
from textual import widgets
from textual.document._document import Document
from textual.document._document_navigator import DocumentNavigator
from textual.document._wrapped_document import WrappedDocument

from tui.text import visible
from tui.toolkit.drawing.layouts import BoundedHeight


class _Seen(Document):
    """A document as it is drawn, for what measures its lines: as many characters, all of them visible."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._newline = document.newline

    @property
    def _lines(self) -> list[str]:  # type: ignore[override]
        """All lines as they are drawn; what else a document can do is made from these."""
        return [_clean(line) for line in self._document.lines]

    @property
    def line_count(self) -> int:
        """The number of lines."""
        return self._document.line_count

    def __getitem__(self, index: Any) -> Any:
        found = self._document[index]
        return _clean(found) if isinstance(found, str) else [_clean(line) for line in found]


def _clean(line: str) -> str:
    """Return a line as it is drawn; its tabs stay, which the text area expands itself."""
    return "\t".join(map(visible, line.split("\t")))


class TextArea(widgets.TextArea, BoundedHeight):
    """A text of several lines to edit. It is drawn and wrapped as what can be seen of it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.set_reactive(TextArea.cursor_blink, False)

    def get_line(self, line_index: int) -> Text:
        """Return a line to draw."""
        return Text(_clean(self.document.get_line(line_index)), end="", no_wrap=True)

    def _set_document(self, text: str, language: str | None) -> None:
        super()._set_document(text, language)
        if isinstance(self.document, Document):
            self.wrapped_document = WrappedDocument(_Seen(self.document), tab_width=self.indent_width)
            self.navigator = DocumentNavigator(self.wrapped_document)
            self._rewrap_and_refresh_virtual_size()
