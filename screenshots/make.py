"""Make the pictures of this folder from the running program: `python screenshots/make.py [NAME ...]`.

Each scene opens the sandbox on a fixed clock and seed, presses keys and keeps what is on the screen. It needs the
`dev` extra.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from textual import events

from tui.system.terminal import prepare_environment

NOW = 1_795_000_000.0  # 2026-11-18
HERE = Path(__file__).parent
THREAD = "thread_i2UkMyKb312yQrsLOX6g2HEw"  # of the seed: its run waits for a tool
_FONT = re.compile(r"@font-face \{.*?\}", re.DOTALL)  # fetched from elsewhere; the reader has a font


@dataclass(frozen=True)
class Scene:
    """What to open and press. A key that starts with `=` is text to type; `~N` waits for N seconds."""

    name: str
    resource: str = "batches"
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (120, 34)
    theme: str = "o9s-dark"
    scenario: str = "busy"
    faults: str = ""  # of the sandbox, such as to have a stream come slowly: its clock stands still


SCENES = (
    Scene("batches", keys=("down", "down")),
    Scene("results", keys=("slash", "=outcome:expired", "enter", "~0.3", "enter", "~2", "j", "j", "~0.5")),
    Scene("fine-tuning", "fine-tuning", ("enter", "~1")),
    Scene("files", "files", ("down", "y")),
    Scene("filter", "batches", ("slash", "=outcome:invalid", "enter")),
    Scene("create", "batches", ("n",)),
    Scene("help", "batches", ("question_mark",)),
    Scene("light", theme="o9s-light"),
    Scene("small", size=(80, 24)),
    Scene("search", "vector-stores", ("G", "k", "F", "~0.5", "=refund after 30 days", "ctrl+s", "~2")),
    Scene(
        "thread", "assistants", ("colon", "=open thread_i2UkMyKb312yQrsLOX6g2HEw", "enter", "~2", "enter", "~1")
    ),
    Scene("eval-run", "evals", ("G", "enter", "~1", "enter", "~1")),
    Scene("keys", "projects", ("colon", "=keys", "enter", "~6")),
    Scene(
        "offboard",
        "users",
        ("colon", "=offboard lena.fischer@acme.example", "enter", "~9", "j", "j", "j", "space"),
    ),
    Scene("limits", "projects", ("colon", "=limits", "enter", "~6")),
    Scene("costs", "projects", ("colon", "=costs", "enter", "~3")),
    Scene("audit", "projects", ("colon", "=audit", "enter", "~3")),
    Scene(
        "chat",
        "models",
        (
            *("colon", "=chat gpt-4.1", "enter", "~1", "=Why do leaves turn red in autumn?", "enter", "~5"),
            *("=And why do they not turn blue, as the sky does?", "enter", "~1.2"),
        ),
        faults="drip=200ms@POST /chat",
    ),
    Scene(
        "side-by-side",
        "models",
        (
            *("colon", "=chat", "enter", "~1", "ctrl+b", "~0.5", "=gpt-4.1", "enter", "~0.5"),
            *("=Why do leaves turn red in autumn, and not blue?", "enter", "~3"),
        ),
    ),
    Scene(
        "embeddings",
        "models",
        (
            *("colon", "=embed", "enter", "~1", "=Where is my parcel?", "ctrl+j", "=Where is my delivery?"),
            *("ctrl+j", "=Reset my password", "ctrl+j", "=I forgot my password", "enter", "~2", "tab", "j"),
        ),
    ),
    Scene(
        "moderations",
        "models",
        (
            *("colon", "=moderate", "enter", "~1", "=a cup of tea, please", "ctrl+j", "=I will attack you"),
            *("ctrl+j", "=I want to hurt somebody", "enter", "~2", "tab"),
        ),
    ),
)


async def shoot(scene: Scene) -> str:
    """Play a scene and return its picture as SVG."""
    from tui.app import O9s, Start

    app = O9s(Start(resource=scene.resource, sandbox=scene.scenario, now=NOW, faults=scene.faults))
    app.theme = scene.theme
    async with app.run_test(size=scene.size) as pilot:
        await _settled(app)
        await pilot.pause(0.3)
        for key in scene.keys:
            if key.startswith("~"):
                await pilot.pause(float(key[1:]))
            elif key.startswith("="):
                app.post_message(events.Paste(key[1:]))
                await pilot.pause()
            else:
                await pilot.press(key)
        await pilot.pause(0.8)
        return app.export_screenshot(title="o9s")


async def _settled(app: object) -> None:
    """Wait until the first list is there."""
    for _ in range(300):
        platform = getattr(app, "platform", None)
        if platform is not None and platform.health.state == "live":
            return
        await asyncio.sleep(0.05)
    raise TimeoutError("the sandbox did not answer")


def main(names: list[str]) -> None:
    """Make the scenes named, or all."""
    prepare_environment(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["O9S_CONFIG_DIR"] = os.environ["O9S_STATE_DIR"] = folder
        for scene in SCENES:
            if names and scene.name not in names:
                continue
            svg = _FONT.sub("", asyncio.run(shoot(scene))).replace("Fira Code", "ui-monospace")
            (HERE / f"{scene.name}.svg").write_text(svg, encoding="utf-8")
            sys.stdout.write(f"{scene.name}.svg\n")


if __name__ == "__main__":
    main(sys.argv[1:])
