"""Sizes and times that all screens share."""

from __future__ import annotations

BESIDE = 110
"""Cells from which on a second pane has room beside the first."""
SETTLE = 0.12
"""Seconds the cursor rests before the detail follows it."""
TICK = 30.0
"""Seconds between looks at the clock; what reads the same is not repainted."""
