"""A command of the user run on objects: asked, agreed to, stopped with esc, and what it printed shown."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tui.resources.language.resource import title_of
from tui.screens.actions.toast import show_toast
from tui.system.children import build_child_environment
from tui.system.notify_command import build_facts
from tui.system.programs import CannotRun, Ended, refuse, run_program
from tui.text import clean
from tui.toolkit.presenting import is_presenting
from tui.workflows.own_commands import (
    Unfit,
    build_arguments,
    build_input,
    find_outcome,
    find_questions,
    is_about_each,
    needs_object,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual.app import App

    from tui.config.settings import OwnCommand
    from tui.live.platform import Platform
    from tui.resources.language.objects import Record
    from tui.resources.language.resource import Resource
    from tui.workflows.own_commands import Question

    Things = Sequence[tuple[Resource, Mapping[str, str], Record]]
    Groups = Sequence[tuple[Platform, Things]]

_QUICK = 0.3  # seconds; what is over by then needs no line that says how to stop it


class _Run:
    """One start of a program: its arguments, what it reads, and whose it is."""

    def __init__(
        self, command: OwnCommand, platform: Platform, things: Things, answers: Mapping[Question, str]
    ) -> None:
        """Raises Unfit where the arguments cannot be made."""
        self.account = platform.account
        resource, record = (things[0][0], things[0][2]) if things else (None, None)
        self.id = record.id if record else ""
        self.name = (title_of(resource, record) if resource and record else "") or self.id
        self.arguments = build_arguments(command, resource, record, answers)
        self.given = build_input(command, [record for _, _, record in things])
        outcome = find_outcome(resource, record) if resource and record else ""
        facts = build_facts(resource.name if resource else "", self.id, self.name, outcome)
        facts |= {"O9S_PROFILE": platform.client.connection.profile}
        self.environment = build_child_environment(**{name: clean(fact) for name, fact in facts.items()})


def find_own_refusal(command: OwnCommand, groups: Groups) -> str:
    """Return why a command cannot be run on the objects of each of some accounts now, or ""."""
    held = [platform for platform, _ in groups if platform.client.read_only]
    if held and not command.safe:
        where = f" in {held[0].account}" if held[0].account else ""
        return f"read-only mode is on{where}, and the command is not said to be safe"
    if len(groups) > 1 and not is_about_each(command):
        names = " and ".join(platform.account for platform, _ in groups)
        return f"it is run once on all that is marked, in one account at a time: marked are objects of {names}"
    return (
        "there is nothing to do it to" if needs_object(command) and not any(things for _, things in groups) else ""
    )


async def run_own_command(app: App[Any], command: OwnCommand, groups: Groups) -> None:
    """Run a command: once on all objects, or once on each where its arguments are of one.

    The objects come by account, and each is given to the command with the account it is of.
    """
    if refusal := find_own_refusal(command, groups):
        show_toast(app, f"Not now: {refusal}.", bad=True)
        return
    if command.output == "terminal" and is_presenting(app):
        show_toast(app, "A program would show what presentation mode hides. :present off ends it.", bad=True)
        return
    parts = [(platform, things) for platform, things in groups]
    if is_about_each(command):
        parts = [(platform, [thing]) for platform, things in groups for thing in things]
    try:
        blank = dict.fromkeys(find_questions(command), "")
        for platform, part in parts:  # what an object lacks is told before anything is asked
            _Run(command, platform, part, blank)
        answers = await _ask(app, command)
        if answers is None:
            return
        runs = [_Run(command, platform, part, answers) for platform, part in parts]
    except Unfit as error:
        show_toast(app, str(error), bad=True)
        return
    if (command.confirm or (len(runs) > 1 and not command.safe)) and not await _agree(app, command, groups, runs):
        return
    if command.output == "terminal":
        _run_in_terminal(app, command, runs)
    else:
        await _run_here(app, command, runs)


def _name(command: OwnCommand, runs: Sequence[_Run]) -> str:
    """Return the name of a command with the accounts it is run in, where several are in use."""
    accounts = dict.fromkeys(run.account for run in runs if run.account)
    return f"{command.name} in {' and '.join(accounts)}" if accounts else command.name


async def _ask(app: App[Any], command: OwnCommand) -> dict[Question, str] | None:
    """Return the answers to what a command asks; None where the user leaves."""
    from tui.screens.dialogs.ask import Ask
    from tui.screens.dialogs.pick import Choice, Pick

    answers: dict[Question, str] = {}
    for question in find_questions(command):
        if question.choices:
            picked = await app.push_screen_wait(Pick(question.words, [Choice(each) for each in question.choices]))
            answer = picked[0] if picked else None
        else:
            answer = await app.push_screen_wait(Ask(question.words, title=command.name, read=str))
        if answer is None:
            return None
        answers[question] = answer
    return answers


async def _agree(app: App[Any], command: OwnCommand, groups: Groups, runs: Sequence[_Run]) -> bool:
    """Return whether the user agrees to what is run, and on what."""
    from tui.screens.dialogs.confirm import Confirm

    about = [
        (record.id, "  ".join(filter(None, (platform.account, title_of(resource, record)))))
        for platform, things in groups
        for resource, _, record in things
    ]
    times = f" {len(runs)} times, once for each" if len(runs) > 1 else ""
    question = Confirm(f"{_name(command, runs)}?", about, f"Runs{times}: {_show(runs[0].arguments)}", verb="run")
    agreed: bool | None = await app.push_screen_wait(question)
    return bool(agreed)


def _show(arguments: Sequence[str]) -> str:
    """Return arguments as a line of a shell would write them."""
    import shlex

    return shlex.join(arguments)


def _run_in_terminal(app: App[Any], command: OwnCommand, runs: Sequence[_Run]) -> None:
    from tui.toolkit.handing_over import CannotHandOver, run_in_terminal

    for run in runs:
        try:
            code = run_in_terminal(
                app, run.arguments, None if command.input == "none" else run.given, run.environment
            )
        except (OSError, ValueError) as error:
            show_toast(app, str(refuse(run.arguments[0], error)), bad=True)
            return
        except CannotHandOver as error:
            show_toast(app, str(error), bad=True)
            return
        if code:
            show_toast(app, Ended(code, "", is_cut=False).describe(_name(command, [run])), bad=True)
            return


async def _run_here(app: App[Any], command: OwnCommand, runs: Sequence[_Run]) -> None:
    """Run programs one after the other; esc stops the one under way, and with it the others."""
    ended: list[tuple[_Run, Ended]] = []
    for run in runs:
        running = asyncio.ensure_future(run_program(run.arguments, run.given, run.environment))
        try:
            if command.output != "none":
                await _wait(app, _name(command, [run]), running)
            ended.append((run, await running))
        except CannotRun as error:
            show_toast(app, str(error), bad=True)
            return
        except asyncio.CancelledError:
            running.cancel()
            if (task := asyncio.current_task()) and task.cancelling():
                raise  # o9s ends, and the program with it
            show_toast(app, f"{_name(command, [run])} was stopped.")
            break
    _show_output(app, command, ended)


async def _wait(app: App[Any], name: str, running: asyncio.Future[Ended]) -> None:
    """Wait until a program is over, with a line that says how to stop it."""
    from tui.screens.navigation.command_line import Waiting

    below = app.screen
    await asyncio.wait({running}, timeout=_QUICK)
    if running.done() or app.screen is not below:
        return
    waiting = Waiting(name, running.cancel, "$ ")
    app.push_screen(waiting)
    await asyncio.wait({running})
    waiting.dismiss()


def _show_output(app: App[Any], command: OwnCommand, ended: Sequence[tuple[_Run, Ended]]) -> None:
    """Show what programs printed, as the command says; what failed is told in any case."""
    name, failed = _name(command, [run for run, _ in ended]), [each for _, each in ended if each.code]
    lines = [line for run, each in ended for line in _list_lines(run, each, with_name=len(ended) > 1)]
    if command.output == "pane" and any(each.output.strip() for _, each in ended):
        from tui.screens.dialogs.viewer import show_lines

        notes = [failed[0].describe(_show(ended[0][0].arguments)[:60])] if failed else []
        notes += ["cut after 1 MB: it printed more"] if any(each.is_cut for _, each in ended) else []
        show_lines(app, name, lines, " · ".join(notes))
    elif failed:
        last = _last_line(failed[0])
        words = failed[0].describe(name)
        show_toast(app, f"{words[:-1]}: {last}" if last else words, bad=True)
    elif ended and command.output != "none":
        last = _last_line(ended[-1][1])
        silent = f"{name} is done; it printed nothing."
        show_toast(app, last if last else silent)


def _list_lines(run: _Run, ended: Ended, *, with_name: bool) -> list[str]:
    words = ("──", run.account, run.id, run.name if run.name != run.id else "")
    head = [" ".join(filter(None, words))] if with_name else []
    return [*head, *ended.output.splitlines()]


def _last_line(ended: Ended) -> str:
    """Return the last line with anything in it, short enough for a message."""
    lines = [line for line in ended.output.splitlines() if line.strip()]
    return clean(lines[-1].strip(), 300) if lines else ""
