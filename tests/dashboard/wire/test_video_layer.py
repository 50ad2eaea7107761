"""What the browser gets of a video point: place, view and status, to the centimetre, and no name."""

from __future__ import annotations

import json

import numpy as np

from dashboard.video.point import VideoPoint
from dashboard.wire.video_layer import encode

POINTS = [
    VideoPoint("32010000001320000001", "secret door", "huiyan", "road", 118.7654321, 32.0123456, 359.96, 90, 120, "VLOST"),
    VideoPoint("32010000001320000002", "gate", "huiyan", "road", -70.5, -33.4, 0, 360, 70_000),
]


def test_columns_come_back() -> None:
    blob = encode(POINTS)
    size = int.from_bytes(blob[:4], "little")
    head = json.loads(blob[4 : 4 + size])

    def column(name: str) -> list[int]:
        kind, offset, length = head["columns"][name]
        values: list[int] = np.frombuffer(blob, f"<{kind}", length, 4 + size + offset).tolist()
        return values

    assert [x / 1e7 - 180 for x in column("lon")] == [118.7654321, -70.5]
    assert [y / 1e7 - 90 for y in column("lat")] == [32.0123456, -33.4]
    assert (column("direction"), column("fov"), column("range")) == ([3600, 0], [90, 360], [120, 65535])
    assert [head["statuses"][s] for s in column("status")] == ["VLOST", "ON"]
    assert b"gate" not in blob and b"3201" not in blob


def test_no_points_is_an_empty_sheet() -> None:
    assert json.loads(encode([])[4:])["count"] == 0
