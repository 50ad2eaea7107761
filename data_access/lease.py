"""Who may write a partition: its row is lock and fence, and times are the database's own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, literal_column, select, text, update

from dashboard.clock import ticks_ms
from dashboard.ports.away import Away
from dashboard.ports.ledger import Fenced, Lease
from dashboard.process.identity import gone, here, name_of
from data_access import sqlite_lock
from data_access import table as t
from data_access.database import insert_sql, lock_is_held

LEASE_MS = 5_000
"""How long a silent engine keeps its partition from another machine's; on the same machine a dead one loses it at once."""
TAKE_WAIT_MS = 1_000
"""How long taking a lease waits for a lock that another one holds, before it looks who that is."""
WRITE_WAIT_MS = 6_000
"""How long a leader's transaction waits for it: an import of a whole city's map holds SQLite's for some seconds. Two such waits in one
turn of the engine must stay below the supervisor's 15 s."""
STATEMENT_MS = 10_000
NOW = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
}
"""The database's clock in ms: engines on several machines must not compare their own."""
SHORT = text(
    "SELECT set_config('application_name', :name, true), set_config('lock_timeout', :lock, true), "
    f"set_config('idle_in_transaction_session_timeout', :idle, true), set_config('statement_timeout', '{STATEMENT_MS}', true)"
)
END_SESSION = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE application_name = :name AND datname = current_database() AND pid <> pg_backend_pid()"
)


def holder_name() -> str:
    """host:pid:start, so that a successor on the same host can see that this very process is gone, or that it holds the lock."""
    return name_of(os.getpid()) or f"{here()}:{os.getpid()}:"


def session_name(holder: str) -> str:
    """What a leader's database session is called: at most 63 ASCII characters, the process's part whole."""
    return holder.encode("ascii", "replace").decode()[-63:]


class SqlLease:
    """Takes and renews leases. `ticks` is this process's steady clock in ms."""

    def __init__(self, engine: Engine, lease_ms: int = LEASE_MS, ticks: Callable[[], int] = ticks_ms) -> None:
        self._engine, self._lease_ms, self._ticks = engine, lease_ms, ticks
        self._write = engine.execution_options(write=True, wait_ms=TAKE_WAIT_MS)
        self._now = NOW[engine.dialect.name]
        self._held: dict[tuple[int, str], int] = {}
        self._seen: dict[int, tuple[int, int, int]] = {}
        self._holder = ""

    def acquire(self, partition: int, holder: str) -> Lease | None:
        """See the port. A look without a lock first: an engine that only stands by holds up nobody."""
        row = self._look(partition)
        if row is not None and not self._free(row, holder):
            return None
        try:
            with self._write.begin() as c:
                return self._take(c, partition, holder)
        except Away as e:
            if not lock_is_held(e):
                raise
        self._end_frozen(partition)
        return None

    def renew(self, c: Connection, lease: Lease) -> None:
        """At the start of a leader's transaction, which is short from then on. Raises Fenced."""
        self._short(c, WRITE_WAIT_MS)
        p = t.partition
        until: Any = literal_column(f"{self._now} + {self._lease_ms:d}")
        held = update(p).where(p.c.partition == lease.partition, p.c.epoch == lease.epoch).values(lease_until=until)
        if c.execute(held).rowcount != 1:
            raise Fenced(f"partition {lease.partition}: a newer engine has taken over from epoch {lease.epoch}")

    def _look(self, partition: int) -> Any:
        with self._engine.begin() as c:
            return c.execute(self._row(partition)).one_or_none()

    def _row(self, partition: int) -> Any:
        return select(t.partition, literal_column(self._now).label("now")).where(t.partition.c.partition == partition)

    def _take(self, c: Connection, partition: int, holder: str) -> Lease | None:
        p = t.partition
        self._holder = holder
        self._short(c, TAKE_WAIT_MS)
        c.exec_driver_sql(insert_sql(p, c.dialect.name, "partition"), (partition, 0, "", 0, 0))
        row = c.execute(self._row(partition).with_for_update()).one()
        if not self._free(row, holder):
            return None
        values = {"epoch": row.epoch + 1, "holder": holder, "lease_until": row.now + self._lease_ms}
        c.execute(update(p).where(p.c.partition == partition).values(values))
        self._held[partition, holder] = row.epoch + 1
        idle = max(0, row.now - row.lease_until + self._lease_ms) if row.epoch else 0
        return Lease(partition, row.epoch + 1, row.pos, idle)

    def _free(self, row: Any, holder: str) -> bool:
        """Whether this holder may take the partition. Raises Fenced where another one has had it since this one did."""
        if row.holder == holder:
            return True
        if row.epoch > self._held.get((row.partition, holder), row.epoch):
            raise Fenced(f"partition {row.partition}: {row.holder} has taken over, what this engine remembers is of before")
        return self._over(row) or gone(row.holder)

    def _over(self, row: Any) -> bool:
        """By the database's clock; or, since that may be set back, when it was not renewed for so long by this process's steady one."""
        ticks = self._ticks()
        epoch, until, since = self._seen.get(row.partition, (0, 0, 0))
        if (epoch, until) != (row.epoch, row.lease_until):
            since = ticks
            self._seen[row.partition] = (row.epoch, row.lease_until, since)
        return bool(row.lease_until <= row.now) or ticks - since >= self._lease_ms

    def _short(self, c: Connection, wait_ms: int) -> None:
        """This transaction waits long for no lock and holds none for long, whatever becomes of this process or its network."""
        if c.dialect.name == "postgresql":
            c.execute(SHORT, {"name": session_name(self._holder), "lock": str(wait_ms), "idle": str(self._lease_ms)})

    def _end_frozen(self, partition: int) -> None:
        """Somebody holds the lock. A leader whose lease has run out meanwhile is frozen in its transaction: that is ended.

        On SQLite the process itself, if it is provably the leader and the one that holds the lock; on PostgreSQL its session.
        """
        row = self._look(partition)
        if row is None or not self._over(row):
            return
        if self._engine.dialect.name == "postgresql":
            with self._engine.begin() as c:
                c.execute(END_SESSION, {"name": session_name(row.holder)})
            return
        pid = sqlite_lock.writer(Path(self._engine.url.database or ""))
        if pid is not None and name_of(pid) == row.holder:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
