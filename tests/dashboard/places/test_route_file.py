"""The routing table from a file: every mistake by row and column, and nothing changed by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import main
from dashboard.places import route_file
from dashboard.places.file import BadFile
from dashboard.places.route import Route, Routing
from dashboard.places.route_file import read_routes
from data_access.database import connect, migrate, url_of
from data_access.reader import SqlReader
from data_access.registry import SqlRegistry
from tests.circle import demo_rules
from tests.made import CITY, UNITS

CATEGORIES = {"030101", "020101", "boston.pothole"}
HEAD = "unit,category,area\n"


def read(text: str) -> tuple[list[Route], list[str]]:
    routes, findings = read_routes(text.encode(), CITY, CATEGORIES)
    assert all(f.stops for f in findings)
    return routes, [f"{f.where}: {f.detail}" for f in findings]


def test_a_table() -> None:
    routes, wrong = read(HEAD + "u1,03,d1\n\n u2 ,,c\nu3,boston.,g1\n")
    assert (routes, wrong) == ([Route("u1", "03", "d1"), Route("u2", "", "c"), Route("u3", "boston.", "g1")], [])
    assert Routing(routes, CITY).serving("030101", "g1") == ["u1", "u2"]


@pytest.mark.parametrize(
    ("row", "where", "says"),
    [
        ("u9,03,d1", "row 3, column unit", "'u9' is not known"),
        ("u1,03,g9", "row 3, column area", "'g9' is not known"),
        ("u1,99,d1", "row 3, column category", "no category begins with '99'"),
        (",03,d1", "row 3, column unit", "is empty"),
        ("u2,03,d2", "row 3", "there already"),
    ],
)
def test_what_is_wrong_is_named(row: str, where: str, says: str) -> None:
    _, wrong = read(HEAD + f"u2,03,d2\n{row}\n")
    assert len(wrong) == 1 and wrong[0].startswith(where + ":") and says in wrong[0]


def test_all_mistakes_are_told_at_once() -> None:
    assert len(read(HEAD + "u9,99,g9\nu8,98,g8\n")[1]) == 6


@pytest.mark.parametrize("text", ["", "unit,area\nu1,c\n", HEAD, HEAD + "u1,03\n", HEAD + '"u1,03,c\n'])
def test_a_file_that_is_none(text: str) -> None:
    with pytest.raises(BadFile):
        read(text)


def test_the_size_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(route_file, "MAX_ROWS", 2)
    with pytest.raises(BadFile, match="at most 2"):
        read(HEAD + "u1,03,c\nu2,03,c\nu3,03,c\n")


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("GRIDCOMMAND_DATA_DIR", str(tmp_path))
    migrate(url_of("", tmp_path))
    db = connect(url_of("", tmp_path))
    demo_rules(db)
    SqlRegistry(db).replace_places(UNITS, [], [Route("u1", "03", "c")])
    reader, file = SqlReader(db), tmp_path / "routing.csv"
    stamp = reader.places.stamp()

    def run(rows: str, *more: str) -> tuple[int, str]:
        file.write_text(HEAD + rows, encoding="utf-8-sig")
        code, said = main(["import", "routing", str(file), *more]), capsys.readouterr()
        return code, said.out + said.err

    assert run("u1,03,c\nu2,02,d2\n", "--preview") == (0, "routing: 1 rows are new, 0 are gone, 1 stay (preview: nothing was changed)\n")
    code, said = run("u1,03,c\nu9,02,d2\n")
    assert code == 2 and "row 3, column unit" in said and "nothing was changed" in said
    assert main(["import", "routing", str(tmp_path / "none.csv")]) == 2 and "cannot be read" in capsys.readouterr().err
    assert (reader.places.routes(), reader.places.stamp()) == ([Route("u1", "03", "c")], stamp)
    assert run("u2,02,d2\n") == (0, "routing: 1 rows are new, 1 are gone, 0 stay\n")
    assert reader.places.routes() == [Route("u2", "02", "d2")] and reader.places.stamp() != stamp
