"""Imported by the process that programs in terminals are forked from: all that the program may come to import."""

import os

from tui.system.terminal import prepare_environment

os.environ.pop("TEXTUAL_FPS", None)  # of the tests that share their process with the program
prepare_environment(os.environ)

from tui.cli.main import main  # noqa: E402, F401
from tui.commands.keymap import find_owners  # noqa: E402
from tui.commands.routes import ROUTES  # noqa: E402, F401
from tui.resources.registry import REGISTRY  # noqa: E402, F401

find_owners()
