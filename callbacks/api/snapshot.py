"""The board of a scope at one moment: what a socket of `/live` begins with."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

import msgspec
from fastapi import FastAPI, Request, Response

from callbacks.access import caller
from callbacks.api.operation import KNOWN, Operation
from callbacks.parameter import read, text_of
from callbacks.problem import Problem
from callbacks.services import Services
from dashboard.cases.scalar import Instant
from dashboard.clock import ticks_ms
from dashboard.live.alarm import AlarmTold
from dashboard.live.column import Columns, columns
from dashboard.live.count import Figures, counts

SNAPSHOT_MS, SNAPSHOTS = 1000, 32
"""A snapshot is made at most once a second for each scope, whoever asks, and so many are kept; it says itself how old it is."""


class SnapshotAsked(TypedDict, total=False):
    scope: Annotated[str, text_of("scope", "Code of a unit in your jurisdiction; all of it by default.")]


Snapshot = TypedDict(
    "Snapshot",
    {
        "t": Literal["snapshot"], "scope": str, "from": int, "to": int, "at": Instant, "feed_age_ms": int | None, "cases": Columns,
        "gone": list[str], "counts": Figures, "alarms": list[AlarmTold],
    },
)  # fmt: skip

SNAPSHOT = Operation(
    id="get_snapshot", tag="snapshot", path="/api/v1/snapshot", summary="All open cases of a scope with its figures", query=SnapshotAsked,
    answers={200: Snapshot}, problems=(*KNOWN, 403), text="`to` is the position up to which it is true: `since` of `/live`.",
)  # fmt: skip
OPERATIONS = (SNAPSHOT,)


def register(server: FastAPI, services: Services) -> None:
    made_at: dict[str, tuple[int, bytes]] = {}

    async def snapshot(request: Request) -> Response:
        user = caller()
        scope = read(request.query_params, SnapshotAsked).get("scope") or user.unit
        if not services.tree().within(scope, user.unit):
            raise Problem(403, "Forbidden", f"unit {scope!r} is not in your jurisdiction")
        made = made_at.get(scope)
        if made is None or ticks_ms() - made[0] >= SNAPSHOT_MS:
            if len(made_at) >= SNAPSHOTS:
                made_at.clear()
            made = made_at[scope] = (ticks_ms(), msgspec.json.encode(snapshot_of(services, scope)))
        return Response(made[1], media_type="application/json")

    SNAPSHOT.add(server, snapshot)


def snapshot_of(services: Services, scope: str) -> Snapshot:
    """On the event loop: the board belongs to it."""
    board, hub = services.feed.board, services.feed.hub
    return {
        "t": "snapshot", "scope": scope, "from": 0, "to": board.pos, "at": services.now(), "feed_age_ms": services.feed.feed_age,
        "cases": columns(board, board.open_slots(scope)), "gone": [], "counts": counts(board, scope, services.now(), hub.video),
        "alarms": hub.alarms(scope),
    }  # fmt: skip
