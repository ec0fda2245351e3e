"""How a message finds its handlers: which classes have one is looked up once for each kind of widget and message.

Textual goes through all classes of a widget, and all handlers of each, for every message; most have none.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from inspect import signature
from typing import TYPE_CHECKING, Any

from textual import _callback
from textual.css.match import match
from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.message_pump import MessagePump


@lru_cache(8192)
def _find_owners(kind: type, name: str, message: Any) -> list[tuple[type, list[type], str]]:
    """Return the classes with handlers of their own: the messages these are declared for, and the name of one."""
    kinds = [each for each in message.__mro__ if issubclass(each, Message)]
    found = []
    for owner in kind.__mro__:
        declared = [each for each in kinds if each in vars(owner).get("_decorated_handlers", {})]
        named = next((each for each in (f"_{name}", name) if vars(owner).get(each)), "")
        if declared or named:
            found.append((owner, declared, named))
    return found


def find_handlers(node: MessagePump, name: str, message: Message) -> Iterator[tuple[type, Callable[..., Any]]]:
    """Yield the handlers of a message and the classes that have them, in the order of inheritance."""
    given = set()
    asked: Any = type(message)  # a Message itself has no hash, its class has
    for owner, declared, named in _find_owners(type(node), name, asked):
        if message._no_default_action:
            return
        for kind in declared:
            for method, selectors in vars(owner)["_decorated_handlers"].get(kind, ()):
                if method not in given and (not selectors or _fits(message, selectors)):
                    given.add(method)
                    yield owner, method.__get__(node, owner)
        method = vars(owner).get(named)
        if method is not None and not getattr(method, "_textual_on", None):
            yield owner, method.__get__(node, owner)


def has_handlers(kind: type, name: str, message: type[Message], *, besides: type) -> bool:
    """Return whether a class of widgets has handlers of a kind of message other than those of one class."""
    asked: Any = message
    return any(owner is not besides for owner, *_ in _find_owners(kind, name, asked))


def _fits(message: Message, selectors: dict[str, Any]) -> bool:
    """Return whether a message is about the widgets that a handler is declared for."""
    if not message._sender:
        return False
    about = [(getattr(message, name), selector) for name, selector in selectors.items()]
    return all(node is not None and match(selector, node) for node, selector in about)


def _count_parameters(func: Callable[..., Any]) -> int:
    """Return how many parameters a function takes, which is found out once.

    Textual remembers it with the function, but not for one that was given arguments, as most callbacks are.
    """
    count: int | None = getattr(func, "_param_count", None)
    if count is None:
        count = len(signature(func).parameters)
        with suppress(AttributeError, TypeError):  # what is built in remembers nothing
            plain: Any = getattr(func, "__func__", func)
            plain._param_count = count
    return count


_callback._count_parameters = _count_parameters
