"""What the shell offers after a tab: resources, actions, fields, profiles, ids seen before. It asks nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import click
    from click.shell_completion import CompletionItem

    from tui.resources.language.action import Action
    from tui.resources.language.resource import Resource

_MOST_IDS = 50


def complete_resource(ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the resources a command is for that begin with what was typed; else their aliases that do."""
    from tui.resources.registry import PLACES, REGISTRY

    found = list(REGISTRY.values())
    if ctx.info_name in ("open", "o9s"):
        found = [*PLACES.values(), *found]
    elif ctx.info_name == "get":
        found = [each for each in found if each.list or each.get]
    elif ctx.info_name == "pick":
        found = [each for each in found if each.list and not each.single]
    elif ctx.info_name in ("create", "edit", "cancel", "delete"):
        found = [each for each in found if _find_action(each, ctx.info_name)]
    names = _offer(((each.name, each.family) for each in found), typed)
    aliases = ((alias, each.name) for each in found for alias in each.aliases)
    return names or _offer(aliases, typed)


def complete_action(ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the actions of the resource that was named."""
    from tui.headless.writes.orders import list_possible

    resource = _find_named(ctx)
    return _offer(((each.name, each.label) for each in list_possible(resource)), typed) if resource else []


def complete_field(ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the fields that may be set, `NAME=`; behind the sign, the values that there are."""
    from tui.headless.writes.requests import model_of
    from tui.resources.language.asking.questions import QuestionKind, list_questions

    resource = _find_named(ctx)
    verb = (ctx.params.get("action") or _word(ctx, 1)) if ctx.info_name == "act" else ctx.info_name
    action = _find_action(resource, str(verb)) if resource else None
    model = model_of(action) if action else None
    if model is None:
        return []
    questions = [each for each in list_questions(model) if each.kind is not QuestionKind.FIXED]
    name, sign, _ = typed.partition("=")
    if not sign:
        return _offer(((f"{each.name}=", each.description) for each in questions), typed)
    chosen = next((each for each in questions if each.name == name), None)
    values = () if chosen is None else ("true", "false") if chosen.kind is QuestionKind.FLAG else chosen.choices
    return _offer(((f"{name}={value}", "") for value in values), typed)


def complete_column(ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the columns and fields of the resource that was named, one more of a list with commas."""
    resource = _find_named(ctx)
    if resource is None:
        return []
    before, comma, _ = typed.rpartition(",")
    names = dict.fromkeys([*(column.name for column in resource.columns), *resource.model.model_fields])
    return _offer(((f"{before}{comma}{name}", "") for name in names), typed)


def complete_id(ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return ids of the resource that was named, or of any, which were seen before: last seen first."""
    from tui.live.ledger import recall_ids

    resource = _find_named(ctx)
    profile = next((at.params["profile"] for at in _levels(ctx) if at.params.get("profile")), None)
    seen = recall_ids(resource.name if resource else None, profile)
    return _offer(((id_, "") for id_ in seen), typed)[:_MOST_IDS]


def complete_waitable(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return what can be waited for, before the first id; and ids, of what was named or of any."""
    from tui.headless.waiting.several import is_waitable
    from tui.resources.registry import REGISTRY

    resources = () if ctx.params.get("words") else filter(is_waitable, REGISTRY.values())
    return [*_offer(((each.name, each.family) for each in resources), typed), *complete_id(ctx, param, typed)]


def complete_parent(ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return ids seen before of what the resource that was named is in."""
    from tui.live.ledger import recall_ids

    resource = _find_named(ctx)
    seen = recall_ids(resource.parent) if resource and resource.parent else []
    return _offer(((id_, "") for id_ in seen if "/" not in id_), typed)[:_MOST_IDS]


def complete_profile(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the profiles of the config; behind a comma those that the list does not name yet."""
    from tui.config.reading import load

    before, comma, _ = typed.rpartition(",")
    named = before.split(",")
    profiles = {name: profile.base_url or "" for name, profile in load().profiles.items() if name not in named}
    return _offer(((f"{before}{comma}{name}", url) for name, url in profiles.items()), typed)


def complete_kind(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return the kinds of usage."""
    from tui.resources.usage import KINDS

    return _offer(((name, "") for name in KINDS), typed)


def complete_dimension(ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return what usage or costs are told by, one more of a list with commas."""
    from tui.resources.usage import KINDS, name_dimension

    name = "costs" if ctx.info_name == "costs" else ctx.params.get("kind") or "completions"
    before, comma, _ = typed.rpartition(",")
    kind = KINDS.get(name)
    return _offer(
        ((f"{before}{comma}{name_dimension(each)}", "") for each in (kind.dimensions if kind else ())), typed
    )


def complete_purpose(_ctx: click.Context, _param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Return what a file may be uploaded for."""
    from typing import get_args

    from tui.resources.files import Purpose

    return _offer(((purpose, "") for purpose in get_args(Purpose)), typed)


def _offer(found: Iterable[tuple[str, str]], typed: str) -> list[CompletionItem]:
    """Return what begins with what was typed, of names and words on each."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(name, help=words or None) for name, words in found if name.startswith(typed)]


def _levels(ctx: click.Context) -> Iterable[click.Context]:
    at: click.Context | None = ctx
    while at:
        yield at
        at = at.parent


def _word(ctx: click.Context, at: int) -> str | None:
    """Return a word that click leaves where it is, while an option before it has no value yet."""
    return ctx.args[at] if at < len(ctx.args) else None


def _find_named(ctx: click.Context) -> Resource | None:
    """Return the resource that was named before, if it is one."""
    from tui.resources.registry import UnknownResource, lookup

    # `words` are taken by a command whose first word may be a resource.
    words = ctx.params.get("words") or (_word(ctx, 0),)
    named: Resource | str | None = ctx.params.get("resource") or words[0]
    try:
        return lookup(named) if isinstance(named, str) else named
    except UnknownResource:
        return None


def _find_action(resource: Resource, name: str) -> Action | None:
    from tui.headless.writes.orders import find_action
    from tui.headless.writes.targets import WrongUse

    try:
        return find_action(resource, name)
    except WrongUse:
        return None
