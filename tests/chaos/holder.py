"""A leader for tests: takes the lease, opens a transaction, writes in it, says so, and stays inside until it is told to go on.

`python -m tests.chaos.holder URL` ends with 75 when it finds itself fenced or its session ended, with 0 when it could commit.
"""

from __future__ import annotations

import sys

from dashboard.clock import wall_ms
from dashboard.ports.away import Away
from dashboard.ports.ledger import Commit, Fenced, SourceSeen
from data_access.database import connect
from data_access.lease import holder_name
from data_access.ledger import SqlLedger


def hold(url: str) -> int:
    ledger = SqlLedger(connect(url))
    lease = ledger.acquire(0, holder_name())
    assert lease is not None
    try:
        with ledger.begin(lease) as tx:
            tx.write(Commit(sources=[SourceSeen("/frozen", wall_ms(), wall_ms(), 1)]))
            print("inside", flush=True)
            sys.stdin.readline()
    except (Away, Fenced) as e:
        print(e, file=sys.stderr)
        return 75
    return 0


if __name__ == "__main__":
    sys.exit(hold(sys.argv[1]))
