"""Choosing a model: those of one's own first, those that stopped last, with the day each stops answering."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.api.errors import ApiError
from tui.resources.models import MODELS, answers_path, find_shutdown_time
from tui.widgets.input.prompt import Suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.screen import Screen

    from tui.live.platform import Platform


class ModelPicker:
    """The models of the project, asked for once."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.models: list[dict[str, Any]] = []

    def load(self, screen: Screen[Any]) -> None:
        """Ask for the models. Without them any name can still be typed."""
        screen.run_worker(self._load(), group="models")

    async def _load(self) -> None:
        if MODELS.list is None:
            return
        try:
            page = await self._platform.client.page(MODELS.list)
        except ApiError:
            return
        known = (raw for raw in page.items if isinstance(raw, dict) and isinstance(raw.get("id"), str))
        self.models = sorted(
            known, key=lambda raw: (not raw["id"].startswith("ft:"), self._has_stopped(raw), raw["id"])
        )

    def complete(self, path: str) -> Callable[[str], Sequence[Suggestion]]:
        """Return ways to go on from a few letters of a model's name."""

        def found(text: str) -> Sequence[Suggestion]:
            wanted = text.strip().lower()
            names = [raw for raw in self.models if wanted in raw["id"].lower()]
            return [
                Suggestion(raw["id"], self._describe_model(raw))
                for raw in names
                if wanted or answers_path(raw["id"], path)
            ]

        return found

    def resolve(self, text: str, path: str) -> str:
        """Return the model meant: by its whole name, or the first that a few letters find; else what was typed."""
        wanted = text.strip()
        if not wanted or any(raw["id"] == wanted for raw in self.models):
            return wanted
        found = self.complete(path)(wanted)
        return found[0].text if found else wanted

    def _has_stopped(self, raw: dict[str, Any]) -> bool:
        at = find_shutdown_time(raw.get("shutdown_date") or raw.get("base_shutdown_date"))
        return at is not None and at <= self._platform.now()

    def _describe_model(self, raw: dict[str, Any]) -> str:
        date = raw.get("shutdown_date") or raw.get("base_shutdown_date")
        ends = "stopped" if self._has_stopped(raw) else f"until {date}" if find_shutdown_time(date) else ""
        return " · ".join(filter(None, ("yours" if raw["id"].startswith("ft:") else "", ends)))
