"""`python -m tui.sandbox`: the sandbox alone."""

from __future__ import annotations

import argparse
from pathlib import Path

from tui.sandbox.scenarios import SCENARIOS
from tui.sandbox.serving import faults


def main() -> None:
    """Parse the command line and serve."""
    scenarios = "\n".join(f"  {name:6} {text}" for name, text in SCENARIOS.items())
    known = "\n".join(f"  {name:24} {says}" for name, says in faults.list_faults())
    parser = argparse.ArgumentParser(
        prog="python -m tui.sandbox",
        description="Serve the embedded platform on 127.0.0.1. The first line printed is its base URL.",
        epilog=f"scenarios:\n{scenarios}\n\nfaults:\n{known}\n\n{faults.__doc__}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="port to serve on; 0 picks a free one")
    parser.add_argument("--scenario", choices=SCENARIOS, default="busy", help="what is there at the start")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times faster jobs go")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same objects")
    parser.add_argument("--faults", default="", metavar="SPEC", help="trouble to make, see below")
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep state here; by default it is gone at exit")
    parser.add_argument("--now", type=float, metavar="UNIX", help="freeze the clock")
    parser.add_argument("--follow-stdin", action="store_true", help="stop when stdin ends")
    options = vars(parser.parse_args())
    from tui.sandbox.serving.server import serve  # whose libraries take long: not for help

    serve(**options)


if __name__ == "__main__":
    main()
