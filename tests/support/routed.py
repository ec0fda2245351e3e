"""Imported by the process that sandboxes are forked from: the patterns of all their paths are compiled once."""

import tempfile
from pathlib import Path

from tui.sandbox.families import KINDS
from tui.sandbox.serving.asgi import Platform
from tui.sandbox.serving.faults import Faults
from tui.sandbox.world import World

with tempfile.TemporaryDirectory(prefix="o9s-sandbox-") as folder:
    world = World(Path(folder), kinds=KINDS)
    Platform(world, Faults("", 1))
    world.close()
