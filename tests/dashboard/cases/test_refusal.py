"""Refusals: one key each, a sentence in both languages, and a screen that can name every value."""

from __future__ import annotations

import ast
from pathlib import Path
from string import Formatter

import pytest

from dashboard.cases.refusal import CODES, INSTANTS, Refusal, no
from dashboard.words import load

ROOT = Path(__file__).resolve().parents[3]
WORDS = load(ROOT / "assets" / "locales")
CONTRACT = {"forbidden", "conflict", "not_allowed", "unknown_case", "bad_target", "invalid"}


def made() -> list[tuple[str, set[str]]]:
    """(why, names of its values) wherever the code refuses."""
    found = []
    rooms = (ROOT / "dashboard" / name for name in ("cases", "clocks", "engine"))
    for source in [*(file for room in rooms for file in room.glob("*.py")), *(ROOT / "callbacks").glob("*.py")]:
        for call in (n for n in ast.walk(ast.parse(source.read_text())) if isinstance(n, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id == "no" and isinstance(call.args[0], ast.Constant):
                found.append((str(call.args[0].value), {k.arg or "" for k in call.keywords}))
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_why_has_a_code_of_the_contract_and_a_sentence() -> None:
    assert set(CODES.values()) == CONTRACT
    for lang, table in WORDS.tables.items():
        assert {k.removeprefix("refusal.") for k in table if k.startswith("refusal.")} == set(CODES), lang
        assert {k.removeprefix("refused.") for k in table if k.startswith("refused.")} == CONTRACT, lang


@pytest.mark.parametrize(("why", "values"), made())
def test_a_sentence_finds_all_its_values_where_it_is_made(why: str, values: set[str]) -> None:
    assert placeholders(WORDS.tables["zh"][f"refusal.{why}"]) <= values


def test_no_why_is_there_for_nothing() -> None:
    structs = {"version_moved", "form", "unreadable"}  # made with a current state or a parser's words
    checked = {"bad_id", "bad_type", "bad_case", "bad_version", "bad_data"}  # callbacks/services.py names them as it looks
    assert {why for why, _ in made()} | structs | checked == set(CODES)


def test_the_first_language_has_no_other_in_it() -> None:
    """But for names of values and the id of a thing."""
    for why in CODES:
        said = "".join(text for text, *_ in Formatter().parse(WORDS.tables["zh"][f"refusal.{why}"]))
        assert not any(c.isascii() and c.isalpha() for c in said), why


def test_what_is_sent_is_said_in_english_with_codes_and_instants() -> None:
    refusal = no("undo_acted", who="Wang", type="case.signed", at=1_509_604_861_000)
    assert refusal.as_dict() == {
        "code": "conflict", "why": "undo_acted", "values": {"who": "Wang", "type": "case.signed", "at": 1_509_604_861_000}, "current": None,
        "message": "Wang did case.signed at 2017-11-02T06:41:01.000+00:00 since: undo that first, or set right what is wrong now.",
    }  # fmt: skip
    assert "but in: FILED, SIGNED;" in no("stage", type="x", stage="HANDLED", stages=["FILED", "SIGNED"]).message
    assert len(Refusal("unreadable", detail="x" * 9_999).message) < 700


def test_the_screen_knows_every_instant_and_every_field() -> None:
    import msgspec

    from dashboard.cases.verb import VERBS

    source = (ROOT / "assets" / "desk" / "outcome.js").read_text()
    assert all(f"{name}: instant" in source for name in INSTANTS)
    fields = {f.name for verb in VERBS.values() for f in msgspec.structs.fields(verb.payload)}
    assert {f for f in fields if not WORDS.has(f"field.{f}")} == set()
