"""Sizes and times that all screens share."""

from __future__ import annotations

BESIDE = 110
"""Cells from which on a second pane has room beside the first."""
ROOMY = 150
"""Cells from which on a second pane stands beside the first by itself, and the header has room for everything."""
BELOW = 30
"""Lines from which on a second pane has room below the first."""
SETTLE = 0.12
"""Seconds the cursor rests before the detail follows it."""
TICK = 30.0
"""Seconds between looks at the clock; what reads the same is not repainted."""
