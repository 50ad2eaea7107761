"""Units from a CSV: codes stay text, words of the national division become ours, every mistake names row and column."""

from __future__ import annotations

import pytest

from dashboard.places.crs import wgs84_to_gcj02
from dashboard.places.file import BadFile
from dashboard.places.finding import Finding, sentence
from dashboard.places.unit import Unit
from dashboard.places.unit_file import circles, hung, read_units
from tests.dashboard.places.drawn import CITY, UNITS

HEAD = "code,parent,name,level,lon_gcj02,lat_gcj02\n"


def test_a_file_gives_units_with_our_levels_and_codes_as_text() -> None:
    units, findings = read_units(UNITS, None)
    assert findings == []
    assert [u.level for u in units] == ["city", "district", "street", "community"]
    assert [u.initials for u in units] == ["njs", "xwq", "xjkjd", "wjssq"], "made from the name where the file has none"
    assert read_units(b"code,parent,name,level\n001,,x,city\n", None)[0][0].code == "001"


def test_centres_become_wgs84_by_what_the_column_declares() -> None:
    lon, lat = (float(v) for v in wgs84_to_gcj02(118.79, 32.05))
    units, _ = read_units(f"{HEAD}1,,x,city,{lon},{lat}\n2,1,y,district,,\n".encode(), None)
    assert (units[0].lon, units[0].lat) == (pytest.approx(118.79, abs=1e-6), pytest.approx(32.05, abs=1e-6))
    assert units[1].lon is None
    with pytest.raises(BadFile, match="declares gcj02, --crs says wgs84"):
        read_units(f"{HEAD}1,,x,city,{lon},{lat}\n".encode(), "wgs84")
    with pytest.raises(BadFile, match="does not say its coordinate system"):
        read_units(b"code,parent,name,level,lon,lat\n1,,x,city,118,32\n", None)


MISTAKES = [
    ("1 2,,x,city,,\n", Finding("bad_code", "row 2, column code", detail="1 2")),
    ("1,,,city,,\n", Finding("bad_cell", "row 2, column name", "1", detail="is empty")),
    ("1,,x,city,,\n1,,y,city,,\n", Finding("twice", "row 3, column code", "1")),
    ("1,,x,city,east,32\n", Finding("bad_cell", "row 2", "1", detail="column lon_gcj02: 'east' is not a number")),
]


@pytest.mark.parametrize(("rows", "wanted"), MISTAKES)
def test_a_mistake_names_its_row_and_column(rows: str, wanted: Finding) -> None:
    findings = read_units((HEAD + rows).encode(), None)[1]
    assert findings == [wanted]
    assert sentence(wanted).startswith("row ")


def test_metres_are_not_taken_for_degrees() -> None:
    (finding,) = read_units(f"{HEAD}1,,x,city,669000,3546000\n".encode(), None)[1]
    assert "projected" in finding.detail


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"code,name\n1,x\n", "column parent is missing"), (b"code,parent,name,level\n", "no rows"), (b"\xff\xfe\x00", "not UTF-8"),
        (b"code,parent,name,level\n1,,x\n", "row 2: 3 cells under 4"), (b'code,parent,name,level\n1,,"x"y,city\n', "not CSV: row 2"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_of_units_is_refused_whole(body: bytes, why: str) -> None:
    with pytest.raises(BadFile, match=why):
        read_units(body, None)


ROOT = Unit(CITY, "南京市", "city")


def test_unknown_parents_are_findings_unless_somebody_says_where_to_put_them() -> None:
    lost = Unit("x", "X", "district", "nobody")
    assert [f.kind for f in hung([lost], {CITY: ROOT}, None)[1]] == ["unknown_parent"]
    moved, told = hung([lost], {CITY: ROOT}, CITY)
    assert (moved[0].parent, [f.kind for f in told]) == (CITY, ["put_under_root"])
    assert hung([lost], {CITY: ROOT, "x": Unit("x", "X", "district", CITY)}, None) == (moved, []), "the same file once more"
    assert [f.kind for f in hung([Unit("y", "Y", "city")], {CITY: ROOT}, None)[1]] == ["unknown_parent"], "a city has one root"


def test_units_that_are_their_own_ancestors_are_found() -> None:
    ring = [Unit("a", "A", "x", "b"), Unit("b", "B", "x", "a"), Unit("c", "C", "x", "a")]
    assert [f.code for f in circles(ring)] == ["a", "b"]
