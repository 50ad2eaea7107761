"""Stamps: another text after every import, so that whoever keeps what was read knows when to read it anew."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, Engine, select

from data_access import table as t
from data_access.database import write_many


def stamp_of(engine: Engine, what: str) -> str:
    """`what`: places (units, grids, routes, categories, policies and calendars) or video; empty before the first import."""
    with engine.begin() as db:
        return db.execute(select(t.stamp.c.value).where(t.stamp.c.name == what)).scalar() or ""


def renew_stamp(db: Connection, what: str = "places") -> None:
    write_many(db, t.stamp, [(what, secrets.token_hex(8))], "name", update=True)
