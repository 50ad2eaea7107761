"""The catalogue: Jiangning's counts, nested codes, limits."""

from collections import Counter

from dashboard.cases.category import CATEGORIES, name


def test_9_majors_22_subs_82_items() -> None:
    assert Counter(len(code) for code in CATEGORIES) == {2: 9, 4: 22, 6: 82}


def test_every_code_has_its_parents() -> None:
    assert all(code[:digits] in CATEGORIES for code in CATEGORIES for digits in range(2, len(code), 2))
    assert list(CATEGORIES) == sorted(CATEGORIES)


def test_danger_has_two_hours_and_exposed_rubbish_a_day() -> None:
    items = [category for code, category in CATEGORIES.items() if len(code) == 6]
    assert {item.limit_hours for item in items if item.severity == "danger"} == {2}
    assert CATEGORIES["030101"].limit_hours == 24
    assert any(item.limit_hours is None for item in items)


def test_disputes_are_the_seventh_major() -> None:
    assert {code[:2] for code, category in CATEGORIES.items() if category.dispute} == {"07"}


def test_names_in_both_languages_and_distinct() -> None:
    assert name("030101") == "暴露垃圾"
    assert name("030101", "en") == "Exposed rubbish"
    assert name("boston.pothole") == "boston.pothole"
    for words in ("zh", "en"):
        assert len({name(code, words) for code in CATEGORIES}) == len(CATEGORIES)
