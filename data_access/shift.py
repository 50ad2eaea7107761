"""Shifts and their handovers (port Shifts)."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Select, func, insert, select, update

from dashboard.access.role import User
from dashboard.desk.shift import Note, Shift
from data_access import table as t
from data_access.account import WAIT_MS
from data_access.case_query import root_of, subtree

s = t.shift.c
LINE = [column for column in s if column.name not in ("text", "note")]
"""What a list tells of a handover."""


class SqlShifts:
    def __init__(self, engine: Engine) -> None:
        self._read = engine
        self._write = engine.execution_options(write=True, wait_ms=WAIT_MS)

    def current(self, account: str) -> Shift | None:
        with self._read.begin() as c:
            return _current(c, account)

    def last_end(self, account: str) -> int | None:
        with self._read.begin() as c:
            return c.execute(select(func.max(s.ended)).where(s.account == account)).scalar()

    def start(self, user: User, at: int) -> Shift:
        with self._write.begin() as c:
            return _begun(c, user, at)

    def sign(self, shift: str, text: str, note: Note, at: int) -> Shift | None:
        values = {"ended": at, "text": text, "note": msgspec.json.encode(note).decode()}
        with self._write.begin() as c:
            done = c.execute(update(t.shift).where(s.id == shift, s.ended.is_(None)).values(**values)).rowcount
            return _one(c, s.id == shift) if done else None

    def take(self, shift: str, user: User, at: int) -> Shift | None:
        with self._write.begin() as c:
            mine = {"taken": at, "taken_id": user.id, "taken_by": user.name, "taken_role": user.role}
            open_ = (s.id == shift, s.ended.is_not(None), s.taken.is_(None))
            if not c.execute(update(t.shift).where(*open_).values(**mine)).rowcount:
                return None
            _begun(c, user, at)
            return _one(c, s.id == shift)

    def one(self, shift: str) -> Shift | None:
        with self._read.begin() as c:
            return _one(c, s.id == shift)

    def waiting(self, unit: str) -> list[Shift]:
        return self._lines(unit, select(*LINE).where(s.ended.is_not(None), s.taken.is_(None)).order_by(s.ended, s.id))

    def ended(self, unit: str, before: int, limit: int) -> list[Shift]:
        return self._lines(unit, select(*LINE).where(s.ended < before).order_by(s.ended.desc(), s.id).limit(limit))

    def _lines(self, unit: str, wanted: Select[Any]) -> list[Shift]:
        with self._read.begin() as c:
            mine = wanted if unit == root_of(c) else wanted.where(s.unit.in_(subtree(unit)))
            return [_shift(row) for row in c.execute(mine)]


def _begun(c: Connection, user: User, at: int) -> Shift:
    # The account's row is the lock: two tabs that start at once start one shift.
    c.execute(select(t.account.c.id).where(t.account.c.id == user.id).with_for_update())
    if found := _current(c, user.id):
        return found
    made = Shift(id=token_hex(8), account=user.id, name=user.name, role=user.role, unit=user.unit, started=at)
    who = {"account": made.account, "name": made.name, "role": made.role, "unit": made.unit}
    c.execute(insert(t.shift).values(id=made.id, started=at, text="", **who))
    return made


def _current(c: Connection, account: str) -> Shift | None:
    return _one(c, s.account == account, s.ended.is_(None))


def _one(c: Connection, *where: ColumnElement[bool]) -> Shift | None:
    row = c.execute(select(t.shift).where(*where)).one_or_none()
    return None if row is None else _shift(row)


def _shift(row: Any) -> Shift:
    found = {name: value for name, value in row._mapping.items() if value is not None}
    if "note" in found:
        found["note"] = msgspec.json.decode(found["note"])
    return Shift(**found)
