"""What click's completion lacks in some shells: values behind `=` and `:` in bash, values with commas in fish."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from click.shell_completion import BashComplete, FishComplete, add_completion_class, split_arg_string

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

VARIABLE = "_O9S_COMPLETE"  # set while a shell asks
_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n'
    local response

    # The line as it is: bash has cut its words where they hold a = or a :
    response=$(env COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" \\
        %(complete_var)s=bash_complete "$1")

    for completion in $response; do
        IFS=',' read -r type value <<< "$completion"

        if [[ $type == 'dir' ]]; then
            COMPREPLY=()
            compopt -o dirnames
        elif [[ $type == 'file' ]]; then
            COMPREPLY=()
            compopt -o default
        elif [[ $type == 'plain' ]]; then
            COMPREPLY+=("$value")
        fi
    done

    # What goes on behind its = gets no blank.
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace
    fi

    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class Bash(BashComplete):
    """Bash, which is told what comes behind the last sign that cuts words for it."""

    source_template = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words that are there, and the one that is begun."""
        line = os.environ.get("COMP_WORDS", "")
        words = split_arg_string(line)[1:]
        return (words, "") if line[-1:].isspace() or not words else (words[:-1], words[-1])

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Return what may come next."""
        breaks = [sign for sign in os.environ.get("COMP_WORDBREAKS", "") if sign in "=:"]
        cut = max((incomplete.rfind(sign) for sign in breaks), default=-1) + 1
        found = super().get_completions(args, incomplete)
        for item in found:
            item.value = item.value[cut:]
        return found


class Fish(FishComplete):
    """Fish, which takes all behind the first comma for the value."""

    source_template = re.sub(r'string split ","', 'string split -m 1 ","', FishComplete.source_template)


def mend_shells() -> None:
    """Have click complete so."""
    add_completion_class(Bash)
    add_completion_class(Fish)
