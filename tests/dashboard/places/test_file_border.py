"""Files from outside: what no database keeps, or no reader can read, is refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.places.file import BadFile, geojson, read_bytes
from dashboard.places.unit_file import read_units
from dashboard.video.file import read_points


@pytest.mark.parametrize("body", [b'{"features":[{"name":"\xff"}]}', b'{"features":[' + b"[" * 50_000], ids=["no UTF-8", "nested"])
def test_a_map_that_cannot_be_read(body: bytes) -> None:
    with pytest.raises(BadFile, match=r"UTF-8|nested"):
        geojson(body)


@pytest.mark.parametrize("body", [b"code,name\n\0,x", b'{"features":[{"name":"\\u0000"}]}'])
def test_nul_is_refused_before_it_reaches_a_database(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "f").write_bytes(body)
    with pytest.raises(BadFile, match="NUL"):
        read_bytes(tmp_path / "f")


def test_cells_longer_than_their_column_are_findings() -> None:
    _, found = read_units(b"code,parent,name,level\nc,,City," + b"l" * 40, None)
    assert [f.where for f in found] == ["row 2, column level"]
    points, found = read_points(b"id,name,network,category,lon,lat\np,P," + b"n" * 40 + b",x,118,32", "wgs84")
    assert (points, [f.where for f in found]) == ([], ["row 2, column network"])
