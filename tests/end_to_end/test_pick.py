"""`$(o9s pick …)`: the screen is on the terminal, the ids are in the output."""

from __future__ import annotations

import shlex

from tests.support.console import O9S, Console
from tests.support.driving import PROJECT_KEY, served


def test_the_screen_is_on_the_terminal_and_the_choice_in_the_output() -> None:
    with served(scenario="calm") as server:
        newest = server.call("GET", "/files?limit=1")["data"][0]["id"]
        pick = shlex.join([*O9S, "--base-url", server.url, "pick"])
        script = (
            f'ids=$({pick} files); echo "[$ids] $?"; ids=$({pick} evals 2>/dev/null); echo "[$ids] $?"; read end'
        )
        with Console(command=["sh", "-c", script], env={"OPENAI_API_KEY": PROJECT_KEY}) as console:
            console.sees("enter choose")
            console.press("enter")
            console.sees(f"[{newest}] 0")
            console.sees("GRADERS")
            console.sees("enter choose")
            console.press("q")
            console.sees("[] 1")
