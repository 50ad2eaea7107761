"""The commands of an account that it may undo (port CaseReader.undoable)."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, select

from dashboard.cases.envelope import DESK
from dashboard.cases.event import Event
from dashboard.cases.standing import stands_in_the_way
from dashboard.cases.verb import UNDO_WITHIN, VERBS
from dashboard.desk.undo import Given
from data_access import table as t
from data_access.ledger import event_of

MOST = 10_000
"""Commands of an account that are looked at, the newest: as many as the queue has rows."""
AT_ONCE = 500
"""Cases whose later events are read in one question."""
UNDOABLE = [name for name, verb in VERBS.items() if verb.undoable]


class _Said(msgspec.Struct):
    """What the event of a command keeps of it."""

    batch: str | None = None


_said = msgspec.json.Decoder(_Said).decode
k, e, c = t.command.c, t.event.c, t.cases.c


def undoable(db: Connection, account: str, now: int, wall: int) -> list[Given]:
    """`now` decides what is too late, as in the engine; commands are found by the wall time at which they were decided."""
    given = and_(k.actor_id == account, k.at >= wall - UNDO_WITHIN, k.status == "accepted", k.undone.is_(None), k.verb.in_(UNDOABLE))
    asked = select(k.id, k.verb, k.case_id, e.at, e.pos, e.data, e.version, c.version.label("now"), c.category, c.grid, c.owner)
    asked = asked.join(t.event, and_(e.id == k.id, e.source == DESK)).join(t.cases, c.case_id == k.case_id)
    rows = db.execute(asked.where(given, e.at >= now - UNDO_WITHIN).order_by(k.at.desc(), k.id.desc()).limit(MOST)).all()
    kept = _last(db, [r for r in rows if r.now > r.version])
    return [_given(r) for r in rows if r.now == r.version or r.id in kept]


def _last(db: Connection, rows: list[Any]) -> set[str]:
    """Of commands on whose case something has happened since, those that may be undone all the same."""
    found: set[str] = set()
    for n in range(0, len(rows), AT_ONCE):
        some = rows[n : n + AT_ONCE]
        events = _events(db, {r.case_id for r in some}, min(r.pos for r in some))
        found |= {r.id for r in some if stands_in_the_way([x for x in events[r.case_id] if x.version >= r.version]) is None}
    return found


def _events(db: Connection, cases: set[str], since: int) -> dict[str, list[Event]]:
    asked = select(t.event).where(e.case_id.in_(cases), e.pos >= since).order_by(e.case_id, e.version)
    return {case: list(events) for case, events in groupby(map(event_of, db.execute(asked)), lambda x: x.case)}


def _given(r: Any) -> Given:
    return Given(r.id, r.verb, _said(r.data).batch, r.at, r.pos, r.case_id, r.now, r.category, r.grid, r.owner)
