"""Video points from a CSV: places in WGS-84, every wrong cell named, nothing guessed but what is said to be usual."""

from __future__ import annotations

import pytest

from dashboard.places.crs import wgs84_to_gcj02
from dashboard.places.file import BadFile
from dashboard.video.file import read_points
from dashboard.video.point import VideoPoint

HEAD = "id,name,network,category,lon,lat,direction,fov,range_m,status,active,secret\n"
GOOD = "32010200001320000001,路口,huiyan,crossing,118.8,32.05,90,60,50,VLOST,1,1\n"


def read(rows: str, crs: str = "wgs84") -> tuple[list[VideoPoint], list[str]]:
    points, findings = read_points((HEAD + rows).encode(), crs)
    return points, [f"{f.where}: {f.detail or f.kind}" for f in findings]


def test_a_row_is_a_point() -> None:
    whole = VideoPoint("32010200001320000001", "路口", "huiyan", "crossing", 118.8, 32.05, 90.0, 60.0, 50.0, "VLOST", True, True)
    assert read(GOOD) == ([whole], [])
    (least,), _ = read("1,x,n,c,118.8,32.05,,,,,,\n")
    assert (least.status, least.active, least.secret, least.fov, least.range_m) == ("ON", True, False, 360.0, 30.0)


def test_points_are_moved_to_wgs84() -> None:
    lon, lat = (float(v) for v in wgs84_to_gcj02(118.8, 32.05))
    (point,), _ = read(f"1,x,n,c,{lon},{lat},,,,,,\n", "gcj02")
    assert abs(point.lon - 118.8) < 1e-6 and abs(point.lat - 32.05) < 1e-6


MISTAKES = [
    ("1,x,n,c,118.8,,,,,,,\n", "row 2, column lat: is empty"),
    ("1,x,n,c,east,32,,,,,,\n", "row 2, column lon: 'east' is not a number from -180 to 180"),
    ("1,x,n,c,669000,32,,,,,,\n", "row 2, column lon: '669000' is not a number from -180 to 180"),
    ("1,x,n,c,118,32,400,,,,,\n", "row 2, column direction: '400' is not a number from 0 to 360"),
    ("1,x,n,c,118,32,,nan,,,,\n", "row 2, column fov: 'nan' is not a number from 0 to 360"),
    ("1,x,n,c,118,32,,,,BROKEN,,\n", "row 2, column status: 'BROKEN' is not one of ON, OFF, VLOST, DEFECT"),
    ("1,x,n,c,118,32,,,,,maybe,\n", "row 2, column active: 'maybe' is not 0 or 1"),
    (GOOD + GOOD, "row 3, column id: twice"),
]


@pytest.mark.parametrize(("rows", "told"), MISTAKES)
def test_a_wrong_cell_is_named(rows: str, told: str) -> None:
    assert read(rows)[1] == [told]


def test_a_coordinate_system_must_be_said() -> None:
    with pytest.raises(BadFile, match="--crs"):
        read_points((HEAD + GOOD).encode(), None)
