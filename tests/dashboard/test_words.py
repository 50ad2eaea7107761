"""The words: same keys in both languages, every word that the code asks for exists, nothing is spelled without use."""

from __future__ import annotations

import re
import string
from itertools import chain
from pathlib import Path
from typing import get_args

import pytest

from dashboard.access.role import ROLES
from dashboard.words import LANGUAGES, load

ROOT = Path(__file__).resolve().parents[2]
WORDS = load(ROOT / "assets" / "locales")
SOURCES = [*(ROOT / "layouts").rglob("*.py"), *(ROOT / "callbacks").glob("*.py"), *(p for p in (ROOT / "assets").rglob("*.js"))]
FAMILIES = {key.split(".")[0] for key in WORDS.tables["zh"]}
ANY = "|".join(sorted(FAMILIES))
KEY = re.compile(rf"""["'`]((?:{ANY})\.[A-Za-z0-9_.]*[A-Za-z0-9_])["'`]""")
OTHERS = re.compile(r"(case|app|command)\.[a-z_]+$|desk\.css|(live|wall|desk|clock|admin)\.js")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert set(WORDS.tables["zh"]) == set(WORDS.tables["en"])


def test_a_word_takes_the_same_values_in_both_languages() -> None:
    zh, en = (WORDS.tables[lang] for lang in LANGUAGES)
    assert {k for k in zh if fields(zh[k]) != fields(en[k])} == set()


def test_no_word_is_empty() -> None:
    assert [k for table in WORDS.tables.values() for k, text in table.items() if not text.strip()] == []


@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.name)
def test_every_word_that_the_code_names_exists(source: Path) -> None:
    named = set(KEY.findall(source.read_text()))
    assert {k for k in named if not WORDS.has(k) and not OTHERS.match(k)} == set()


def test_every_member_of_a_closed_list_has_its_word() -> None:
    from dashboard.access.page import PAGES
    from dashboard.cases.event_data import TYPES
    from dashboard.cases.stage import Level, Severity, Stage
    from dashboard.cases.verb import VERBS
    from dashboard.clock import Mode
    from dashboard.clocks.ladder import REASONS as LADDER
    from dashboard.clocks.policy import Clock
    from dashboard.desk.query import QUEUES
    from dashboard.places.finding import QUALITY, REFUSED, TOLD
    from layouts.parts.dialog import LEVELS
    from layouts.parts.shift import LED_TO
    from layouts.wall import FIGURES

    wanted = chain(
        (f"stage.{s.name}" for s in Stage), (f"severity.{s.name}" for s in Severity), (f"level.{v.name}" for v in Level if v),
        (f"level.{v}" for v in LEVELS), (f"reason.{r}" for v in VERBS.values() for r in v.reasons), (f"reason.{r}" for r in LADDER),
        (f"event.{t}" for t in TYPES), (f"role.{r}" for r in ROLES),
        (f"action.{v}" for v in VERBS), (f"page.{p}" for p in PAGES), (f"shift.{q}" for q in LED_TO),
        *((f"finding.{k}", f"finding.{k}.why") for k in (*QUALITY, *REFUSED, *TOLD)),
        (f"field.{f}" for v in VERBS.values() for f in v.fields if f != "to"),
        (f"{kind}.{verb}" for verb, told in VERBS.items() if told.key for kind in ("action", "initials.action")),
        *((f"tab.{t}", f"tab.{t}.why", f"desk.empty.{t}") for t in QUEUES),
        (f"rejected.{w}" for w in ("owner_now", "not_serving", "not_valid", "outside_jurisdiction", "returned_before", "times", "far")),
        (f"stageclock.{c}" for c in get_args(Clock) if c not in ("total", "owner")), (f"mode.{m}" for m in get_args(Mode)),
        *((f"figure.{f.key}", f"figure.{f.key}.band", f"figure.{f.key}.formula", f"figure.{f.key}.share") for f in FIGURES),
    )  # fmt: skip
    assert [key for key in wanted if not WORDS.has(key)] == []


def test_a_missing_word_is_an_error_and_an_unknown_language_speaks_zh() -> None:
    with pytest.raises(KeyError):
        WORDS("zh", "no.such.word")
    assert WORDS.speaker("fr").lang == "zh"
    assert WORDS.speaker("en")("wall.more", n=3) == "3 in all"


def test_a_language_without_the_word_falls_back_to_zh() -> None:
    from dashboard.words import Words

    assert Words({"zh": {"a": "甲"}, "en": {}})("en", "a") == "甲"
