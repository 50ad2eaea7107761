"""`gridcommand import units|grids|categories`: the real boundaries of Nanjing come in and lie where WGS-84 cases look for them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

import app
from dashboard.cases.category import Category
from dashboard.places.crs import wgs84_to_gcj02
from dashboard.places.file import MAX_BYTES
from dashboard.places.locate import Maps
from data_access.database import connect, url_of
from data_access.reader import SqlReader
from tests.conftest import SHARED
from tests.dashboard.places.drawn import UNITS, geojson, grid

UNITS_2016, DISTRICTS = SHARED / "data" / "units_2016_gcj02.csv.gz", SHARED / "data" / "districts_gcj02.geojson.gz"
SEATS = {"320102000000": (118.7921, 32.0505), "320106000000": (118.7643, 32.0683), "320115000000": (118.8343, 31.9546)}
"""WGS-84 points well inside Xuanwu, Gulou and Jiangning districts."""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRIDCOMMAND_DATA_DIR", str(tmp_path))
    return tmp_path


def run(*args: object) -> int:
    return app.main(["import", *map(str, args)])


@pytest.mark.skipif(not DISTRICTS.exists(), reason="../shared/data is not there")
def test_the_real_boundaries_line_up_with_wgs84_cases(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("units", UNITS_2016) == 0 and run("grids", DISTRICTS) == 0
    assert "14 begin, 0 end" in capsys.readouterr().out
    reader = SqlReader(connect(url_of("", data)))
    grids = {g.code: g for g in reader.places.grids()}
    drawn = json.loads(gzip.decompress(DISTRICTS.read_bytes()))["features"]
    for feature in drawn:
        shape = feature["geometry"]["coordinates"]
        rings = shape if feature["geometry"]["type"] == "Polygon" else [ring for part in shape for ring in part]
        stored = np.concatenate([np.array(ring) for ring in grids[feature["properties"]["adcode"] + "000000"].rings])
        back = np.column_stack(wgs84_to_gcj02(stored[:, 0], stored[:, 1]))
        assert np.abs(back - np.concatenate([np.array(r) for r in rings])).max() * 111_320 < 0.05, "metres"
    located = Maps(grids.values()).at(0)
    assert located is not None
    lon, lat = np.array(list(SEATS.values())).T
    assert located.locate(lon, lat) == list(SEATS)
    assert {u.code: u.name for u in reader.places.units()}["320102002000"] == "梅园新村街道"


def test_bad_files_end_with_one_clear_line_and_change_nothing(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    units, broken, huge, bomb = (tmp_path / name for name in ("u.csv", "b.geojson", "h.geojson", "z.geojson.gz"))
    units.write_bytes(UNITS)
    broken.write_bytes(geojson([grid(1, 0, 0)]).replace(b"118.81", b"1118.81"))
    with huge.open("wb") as f:
        f.truncate(500 * 2**20)
    bomb.write_bytes(gzip.compress(b" " * (MAX_BYTES + 1)))
    assert run("units", units) == 0
    for file, told in ((broken, "not in degrees"), (huge, "has 524 MB"), (bomb, "unpacked"), (tmp_path / "none.csv", "No such file")):
        capsys.readouterr()
        assert run("grids", file) == 2
        err = capsys.readouterr().err
        assert told in err and "nothing was changed" in err
    assert run("grids", broken, "--valid-from", "soon") == 2
    assert SqlReader(connect(url_of("", data))).places.grids() == []


CATALOGUE = "code,name,name_en,severity,dispute\n01,公共安全,Public safety,,\n0101,消防,,danger,\n07,纠纷,Disputes,,1\n"


def test_a_catalogue_is_replaced_after_a_preview(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, reader = tmp_path / "c.csv", SqlReader(connect(url_of("", data)))

    def told(text: str, *more: str) -> str:
        file.write_text(text, encoding="utf-8-sig")
        assert run("categories", file, *more) == 0
        return capsys.readouterr().out

    preview = " (preview: nothing was changed)"
    assert told(CATALOGUE, "--preview") == f"categories: 3 are new, 0 are gone, 0 are changed, 0 stay{preview}\n"
    assert reader.places.catalogue() == {} and reader.places.stamp() == ""
    assert told(CATALOGUE) == "categories: 3 are new, 0 are gone, 0 are changed, 0 stay\n"
    stored, stamp = reader.places.catalogue(), reader.places.stamp()
    assert stored["0101"] == Category("0101", "消防", "消防", "danger") and stored["07"].dispute
    changed = CATALOGUE.replace("07,纠纷", "08,服务").replace(",danger,", ",urgent,")
    assert told(changed, "--preview") == f"categories: 1 are new, 1 are gone, 1 are changed, 1 stay{preview}\n"
    assert (reader.places.catalogue(), reader.places.stamp()) == (stored, stamp)
    assert told(changed) == "categories: 1 are new, 1 are gone, 1 are changed, 1 stay\n"
    assert list(reader.places.catalogue()) == ["01", "0101", "08"] and reader.places.stamp() != stamp


def test_a_bad_catalogue_changes_nothing(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, huge = tmp_path / "good.csv", tmp_path / "bad.csv", tmp_path / "huge.csv"
    good.write_text(CATALOGUE)
    bad.write_text(CATALOGUE + "0201,x,,,\n01,x,,serious,\n")
    with huge.open("wb") as f:
        f.truncate(MAX_BYTES + 1)
    assert run("categories", good) == 0
    reader = SqlReader(connect(url_of("", data)))
    stamp = reader.places.stamp()
    capsys.readouterr()
    assert run("categories", bad) == 2
    lines = capsys.readouterr().err.splitlines()
    starts = ["row 5, column code: ", "row 6, column severity: ", "row 6, column code: ", f"gridcommand: {bad}: 3 findings; nothing was"]
    assert len(lines) == 4 and all(line.startswith(start) for line, start in zip(lines, starts, strict=True)), lines
    for file, says in ((huge, "at most 96 MB"), (tmp_path / "none.csv", "cannot be read"), (tmp_path, "cannot be read")):
        assert run("categories", file) == 2
        said = capsys.readouterr().err
        assert says in said and said.count("\n") == 1
    assert len(reader.places.catalogue()) == 3 and reader.places.stamp() == stamp
