"""Writing in the user's own editor."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import SuspendNotSupported

from tui.system.children import build_child_environment
from tui.toolkit.presenting import is_presenting

if TYPE_CHECKING:
    from textual.app import App


def edit(app: App[Any], text: str, suffix: str = ".txt") -> str | None:
    """Let the user change `text` in $VISUAL or $EDITOR. Returns None after showing why, when that fails."""
    if is_presenting(app):
        app.notify("An editor would show what presentation mode hides. :present off ends it.", severity="warning")
        return None
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    descriptor, name = tempfile.mkstemp(suffix=suffix, prefix="o9s-")  # 0600
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        with app.suspend():
            done = subprocess.run([*command, name], env=build_child_environment(), check=False)
        if done.returncode:
            app.notify(f"{command[0]} ended with {done.returncode}; nothing was changed.", severity="warning")
            return None
        return path.read_text(encoding="utf-8")
    except SuspendNotSupported:
        app.notify("This terminal cannot be handed to an editor.", severity="warning", markup=False)
    except (OSError, ValueError) as error:
        app.notify(f"{command[0]} could not be used: {error}. Set EDITOR.", severity="error", markup=False)
    finally:
        path.unlink(missing_ok=True)
    return None
