"""What is claimed about speed, as commands: `gridcommand bench NAME [--json]`.

Every row has our figure, the baseline's and the limit's from one run, since this machine is shared and noisy: trust ratios.
"""

from __future__ import annotations

from typing import TypedDict


class BenchRow(TypedDict):
    """`baseline`: what one would do without us; `limit`: what the machine can do at all. None where there is none."""

    what: str
    ours: float
    baseline: float | None
    limit: float | None
    unit: str
    n: int
