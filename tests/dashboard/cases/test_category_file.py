"""The catalogue from a file: every mistake by row and column."""

from __future__ import annotations

import pytest

from dashboard.cases import category_file
from dashboard.cases.category import Catalogue, Category
from dashboard.cases.category_file import read_categories
from dashboard.places.file import BadFile

HEAD = "code,name,name_en,severity,dispute\n"
GOOD = "01,公共安全,Public safety,,\n0101,消防安全,,danger,\n"


def read(text: str, encoding: str = "utf-8") -> tuple[list[Category], list[str]]:
    categories, findings = read_categories(text.encode(encoding))
    assert all(f.stops for f in findings)
    return categories, [f"{f.where}: {f.kind} {f.code} {f.detail}" for f in findings]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_catalogue(encoding: str) -> None:
    more = "\n07, 纠纷 ,Disputes,urgent,1\nboston.pothole,Pothole,,normal,0\n" + "x" * 64 + ",x,,,\n"
    categories, wrong = read(HEAD + GOOD + more, encoding)
    assert wrong == []
    assert categories == [
        Category("01", "公共安全", "Public safety"), Category("0101", "消防安全", "消防安全", "danger"),
        Category("07", "纠纷", "Disputes", "urgent", True), Category("boston.pothole", "Pothole", "Pothole"), Category("x" * 64, "x", "x"),
    ]  # fmt: skip


def test_code_and_name_are_enough_and_the_order_of_rows_does_not_matter() -> None:
    categories, wrong = read("name,code\nb,010101\na,0101\nc,01\n")
    assert (list(Catalogue(categories)), wrong) == (["01", "0101", "010101"], [])


@pytest.mark.parametrize(
    ("row", "where", "says"),
    [
        (",name,,,", "row 4, column code", "is empty"),
        ("02,,,,", "row 4, column name", "is empty"),
        ("x" * 65 + ",name,,,", "row 4, column code", "more than 64"),
        ("02," + "n" * 501 + ",,,", "row 4, column name", "more than 500"),
        ("02,n," + "n" * 501 + ",,", "row 4, column name_en", "more than 500"),
        ("2,name,,,", "row 4, column code", "'2' is not of 2, 4 or 6 digits"),
        ("101,name,,,", "row 4, column code", "no zero is lost"),
        ("10101,name,,,", "row 4, column code", "no zero is lost"),
        ("01010101,name,,,", "row 4, column code", "no zero is lost"),
        ("0201,name,,,", "row 4, column code", "'0201' lies in '02', which is not in the file"),
        ("010201,name,,,", "row 4, column code", "'010201' lies in '0102', which is not in the file"),
        ("02,name,,serious,", "row 4, column severity", "'serious' is none of danger, urgent, normal"),
        ("02,name,,DANGER,", "row 4, column severity", "is none of"),
        ("02,name,,,yes", "row 4, column dispute", "'yes' is neither 0 nor 1"),
        ("01,name,,,", "row 4, column code", "twice 01"),
    ],
)
def test_a_mistake_names_row_and_column(row: str, where: str, says: str) -> None:
    _, wrong = read(HEAD + GOOD + row + "\n")
    assert len(wrong) == 1 and wrong[0].startswith(f"{where}: ") and says in wrong[0], wrong


def test_every_mistake_is_told() -> None:
    _, wrong = read("code,name,limit,name\n,,24,\n")
    assert [w.partition(":")[0] for w in wrong] == ["row 1", "row 1, column name", "row 2, column code", "row 2, column name"]
    assert "'limit' is not a column" in wrong[0] and "is there twice" in wrong[1]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"code\n01\n", "column name is missing"),
        (b"name\nx\n", "column code is missing"),
        (b"code,name\n", "has no rows"),
        (b"", "column code is missing"),
        (b"code,name\n01\n", "row 2: 1 cells under 2 columns"),
        ("code,name\n01,安全\n".encode("gb18030"), "is not UTF-8"),
        (b'code,name\n01,"x\n', "is not CSV"),
    ],
)
def test_a_file_that_cannot_be_read(body: bytes, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        read_categories(body)


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(category_file, "MAX_ROWS", 1)
    with pytest.raises(BadFile, match="has 2 rows, at most 1"):
        read_categories((HEAD + GOOD).encode())


def test_a_report_without_severity_has_its_category_s() -> None:
    catalogue = Catalogue([Category("01", "a", "a", "danger")])
    assert (catalogue.severity("01"), catalogue.severity("0101"), Catalogue().severity("01")) == ("danger", "normal", "normal")
