"""A database that was started again costs nobody an answer: connections from before are made anew when they are next used."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import text

from data_access.database import connect

END = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")


def test_connections_that_the_server_has_ended_are_made_anew(fresh_postgres: Callable[[], str]) -> None:
    url = fresh_postgres()
    pool, other = connect(url), connect(url)
    kept = [pool.connect() for _ in range(3)]
    for one in kept:
        one.close()
    with other.connect() as c:
        assert len(c.execute(END).all()) >= 3
    again = [pool.connect() for _ in range(3)]
    assert [one.execute(text("SELECT 1")).scalar() for one in again] == [1, 1, 1]
    for one in again:
        one.close()
    pool.dispose()
    other.dispose()
