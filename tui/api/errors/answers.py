"""Answers that do not come, or are none: the link, and what stands on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tui.api.errors.base import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

LinkFault = Literal["refused", "dns", "tls", "timeout", "cut", "proxy"]

_LINK_NEXT: Mapping[LinkFault, str] = {
    "refused": "Check that the server runs and that the base URL has the right host and port.",
    "dns": "Check the host of the base URL and this machine's network.",
    "tls": "Check the host of the base URL; for a private authority name its certificate as `ca` in the profile.",
    "timeout": "If it lasts, check the network and the server.",
    "cut": "If it lasts, check the network and the server.",
    "proxy": "Check `proxy` in the profile, HTTPS_PROXY and NO_PROXY.",
}


class LinkError(ApiError):
    """The link failed: no whole answer came."""

    def __init__(
        self, reason: LinkFault, sentence: str, *, sent: bool = True, at_proxy: bool | None = None
    ) -> None:
        self.reason = reason
        self.sent = sent
        """Whether the request may have arrived."""
        self.at_proxy = reason == "proxy" if at_proxy is None else at_proxy
        """Whether it was the proxy that failed, and the server was not reached."""
        super().__init__(
            sentence,
            _LINK_NEXT["proxy" if self.at_proxy else reason],
            again="Try again." if reason in ("timeout", "cut") else "",
        )


BadAnswerFault = Literal["html", "json", "cut", "part", "big", "deep", "shape", "encoding"]


class BadAnswer(ApiError):
    """An answer that is not what the API sends. `request_id` is the server's."""

    def __init__(self, reason: BadAnswerFault, sentence: str, then: str = "", *, request_id: str = "") -> None:
        self.reason = reason
        self.request_id = request_id
        lasting = "If it lasts, check the base URL and any proxy on the way."
        super().__init__(sentence, then or lasting, again="" if then else "Try again.")


class Redirected(ApiError):
    """An answer that points to another address. It is not followed: keys stay with their host."""

    def __init__(self, status: int, target: str) -> None:
        self.status = status
        self.target = target
        """The address, as the server sent it."""
        # Without its query: a signed address is a credential.
        shown = target.partition("?")[0] or "nowhere"
        super().__init__(
            f"The server answered {status} and points to {shown}; this is not followed.",
            "If that is where the API lives, set it as the base URL.",
        )
