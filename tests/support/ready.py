"""Imported by the process that sandboxes are forked from: what each of them would do first is done there once.

The patterns of all paths are compiled, the models of all bodies built, and what is there is no garbage.
"""

import gc
import tempfile
from pathlib import Path

from tui.sandbox.families import KINDS
from tui.sandbox.protocol import Body
from tui.sandbox.serving.asgi import Platform
from tui.sandbox.serving.faults import Faults
from tui.sandbox.world import World


def build(model: type[Body]) -> None:
    """Build a model and those made of it."""
    model.model_rebuild()
    for other in model.__subclasses__():
        build(other)


with tempfile.TemporaryDirectory(prefix="o9s-sandbox-") as folder:
    world = World(Path(folder), kinds=KINDS)
    Platform(world, Faults("", 1))
    world.close()
build(Body)
gc.collect()
gc.freeze()
