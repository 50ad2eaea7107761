"""The video points as the map's worker reads them: columns, no names. The container is that of dashboard/wire/geometry.py.

| column | shape | meaning |
|---|---|---|
| lon, lat | uint32 [points] | 1e-7 degrees WGS-84 east of 180 W, north of 90 S: about 1 cm |
| direction | uint16 [points] | tenths of a degree clockwise from north |
| fov | uint16 [points] | opening angle, degrees; 360 = all around |
| range | uint16 [points] | metres |
| status | uint8 [points] | index into the header's `statuses`; 0 is the only one that works |
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from dashboard.video.point import Status, VideoPoint
from dashboard.wire.geometry import pack

VERSION = 1
STATUSES: tuple[str, ...] = get_args(Status)


def encode(points: Sequence[VideoPoint]) -> bytes:
    """The blob described above, in the order of `points`: a point's index is its name in the browser."""
    table = np.array([(p.lon, p.lat, p.direction, p.fov, p.range_m) for p in points], np.float64).reshape(-1, 5)
    columns: dict[str, NDArray[Any]] = {
        "lon": np.round((table[:, 0] + 180) * 1e7).astype("<u4"),
        "lat": np.round((table[:, 1] + 90) * 1e7).astype("<u4"),
        "direction": np.round(table[:, 2] % 360 * 10).astype("<u2"),
        "fov": np.clip(np.round(table[:, 3]), 0, 360).astype("<u2"),
        "range": np.clip(np.round(table[:, 4]), 0, 0xFFFF).astype("<u2"),
        "status": np.array([STATUSES.index(p.status) for p in points], "u1"),
    }
    return pack({"version": VERSION, "count": len(points), "statuses": STATUSES}, columns)
