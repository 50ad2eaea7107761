"""The demo's catalogue: Jiangning's counts, nested codes, limits."""

from collections import Counter

from dashboard.simulate.category import CATEGORIES, LIMIT_HOURS


def test_9_majors_22_subs_82_items() -> None:
    assert Counter(len(code) for code in CATEGORIES) == {2: 9, 4: 22, 6: 82}


def test_every_code_has_its_parents() -> None:
    assert all(code[:digits] in CATEGORIES for code in CATEGORIES for digits in range(2, len(code), 2))
    assert list(CATEGORIES) == sorted(CATEGORIES)


def test_danger_has_two_hours_and_exposed_rubbish_a_day() -> None:
    items = [category for code, category in CATEGORIES.items() if len(code) == 6]
    assert {LIMIT_HOURS[item.code] for item in items if item.severity == "danger"} == {2}
    assert LIMIT_HOURS["030101"] == 24
    assert any(LIMIT_HOURS[item.code] is None for item in items)


def test_disputes_are_the_seventh_major() -> None:
    assert {code[:2] for code, category in CATEGORIES.items() if category.dispute} == {"07"}


def test_names_in_both_languages_and_distinct() -> None:
    assert (CATEGORIES["030101"].zh, CATEGORIES["030101"].en) == ("暴露垃圾", "Exposed rubbish")
    for names in ({c.zh for c in CATEGORIES.values()}, {c.en for c in CATEGORIES.values()}):
        assert len(names) == len(CATEGORIES)
