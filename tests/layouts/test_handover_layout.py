"""The page of handovers: what each visitor may do there, in both languages, and that nothing a person wrote becomes markup."""

from __future__ import annotations

import pytest
from drawn import CITY, GRID, marked, text, visit, walk

from dashboard.desk.shift import Handover, HandoverLine, Note, NoteCase, ShiftNow
from layouts.handover import Sheet, handover

CASE: NoteCase = {
    "case": "12345~A1", "title": "<b>积水</b>", "severity": "danger", "stage": "DISPATCHED", "category": "030101", "grid": GRID,
    "owner": "990101-hw", "due": 3_600_000,
}  # fmt: skip
NOTE: Note = {
    "unit": CITY, "since": 0, "as_of": 60_000, "mine": {"total": 1, "items": [CASE]},
    "alarms": {"total": 25, "items": [{**CASE, "kind": "new_danger", "level": "none", "at": 0}]}, "promises": {"total": 0, "items": []},
    "pinned": {"total": 0, "items": []}, "events": {"case.noted": 3, "brand.new": 1}, "escalations": {"count": 2, "cases": ["12345~A1"]},
    "breaches": {"count": 0, "cases": []}, "returns": {"count": 0, "cases": []},
}  # fmt: skip
LINE: HandoverLine = {
    "handover": "abc", "unit": CITY, "started": 0, "came": None,
    "left": {"account": "a", "name": "王敏", "role": "dispatcher", "at": 60_000},
}  # fmt: skip
OPEN: Handover = {**LINE, "text": "<script>x</script>", "note": NOTE}
TAKEN: Handover = {**OPEN, "came": {"account": "b", "name": "周婷", "role": "duty_chief", "at": 90_000}}
IDLE: ShiftNow = {"started": None, "last_end": None, "waiting": []}


@pytest.mark.parametrize(
    ("now", "opened", "acts"),
    [
        (IDLE, Sheet(), ["start"]),
        ({**IDLE, "waiting": [LINE]}, Sheet(), ["start"]),
        ({**IDLE, "started": 0}, Sheet(note=NOTE, mine=True), ["sign"]),
        ({**IDLE, "waiting": [LINE]}, Sheet(note=NOTE, signed=OPEN, takes=True), ["take"]),
        (IDLE, Sheet(note=NOTE, signed=OPEN), []),
        (IDLE, Sheet(note=NOTE, signed=TAKEN), []),
        (IDLE, Sheet(unknown=True), []),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_may_be_done(now: ShiftNow, opened: Sheet, acts: list[str], lang: str) -> None:
    assert marked(handover(visit(lang=lang), [], False, now, opened), "data-shift") == acts


def test_a_signed_sheet_shows_both_and_what_was_written_as_text() -> None:
    drawn = handover(visit(), [LINE], False, IDLE, Sheet(note=NOTE, signed=TAKEN))
    for part in ("王敏", "周婷", "值班长", "<script>x</script>", "<b>积水</b>", "未读警报 25 条", "柳营社区 003", "brand.new", "剩 59:00"):
        assert part in text(drawn)
    assert not any(getattr(x, "dangerously_allow_html", False) for x in walk(drawn))


@pytest.mark.parametrize("more", [True, False])
def test_the_list_is_by_day_without_what_waits_above_it(more: bool) -> None:
    waits = {**LINE, "handover": "def"}
    drawn = handover(visit(), [LINE, waits], more, {**IDLE, "waiting": [waits]}, Sheet())  # type: ignore[list-item]
    assert marked(drawn, "href").count("/handover/abc") == 1 and "1970-01-01" in text(drawn)
    assert ("/handover?before=60000" in marked(drawn, "href")) == more
