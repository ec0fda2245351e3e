"""What o9s takes, beside what it is measured by: `python -m tests.benchmarks [--only NAME] [--json FILE]`.

Everything runs in terminals of its own and on this machine alone. Each figure and its yardstick are measured in
turn, so that what else the machine does weighs on both; take no figure from another run.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figures import Figure, write_json, write_table
from tests.support.nursery import share_worlds

NAMES = ("start", "keys", "lists", "commands", "client", "streams", "joins", "quiet", "slow_link")


def main() -> int:
    """Measure, and print the table. Returns 1 where a budget is not kept, or a part failed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument(
        "--only", action="append", choices=NAMES, help="measure this and nothing else; again for more"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    options = parser.parse_args()
    found: list[Figure] = []
    failed: list[str] = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="o9s-benchmarks-") as folder:
        for name in [name for name in os.environ if name.startswith(("OPENAI_", "O9S_"))]:
            del os.environ[name]
        os.environ |= {
            "O9S_CONFIG_DIR": f"{folder}/config",
            "O9S_STATE_DIR": f"{folder}/state",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        sys.dont_write_bytecode = False
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        share_worlds()
        for name in options.only or NAMES:
            began = time.monotonic()
            try:
                for figure in importlib.import_module(f"tests.benchmarks.{name}").figures():
                    found.append(figure)
                    sys.stderr.write(f"  {'  '.join(filter(None, figure.cells))}\n")
            except (AssertionError, OSError, RuntimeError) as error:  # the other parts are worth having
                failed.append(name)
                sys.stderr.write(f"{name} could not be measured to its end: {error}\n")
            sys.stderr.write(f"{name}: {time.monotonic() - began:.0f} s\n")
    sys.stderr.write(f"all: {time.monotonic() - started:.0f} s\n")
    sys.stdout.write(f"{write_table(found)}\n")
    if options.json:
        write_json(found, options.json)
    return int(bool(failed) or any(figure.met is False for figure in found))


if __name__ == "__main__":
    sys.exit(main())
