"""Whether this worker lives, whether its board is true, and its figures. Nobody need be known for the first two."""

from __future__ import annotations

from typing import Annotated, TypedDict

from fastapi import FastAPI, Response
from msgspec import Meta

from callbacks.answer import answer
from callbacks.api.operation import FORM, KNOWN, Operation
from callbacks.services import Services
from dashboard.live.feed import Shown
from dashboard.live.outage import Cause


class Alive(TypedDict):
    ok: bool


class Partition(TypedDict):
    """A partition of the streams; there is one by default."""

    partition: int
    pos: int
    lag_events: int


class Readiness(Shown):
    """How far the board is, and what is wrong where it is not ready."""

    ready: bool
    lag_events: Annotated[int, Meta(description="Events that the board does not show yet, and entries that wait in the streams.")]
    lag_ms: Annotated[int, Meta(description="For how many ms it has not been level.")]
    partitions: list[Partition]
    reasons: Annotated[list[str], Meta(description="Keys of why it is not ready; empty when it is.")]
    away: Annotated[list[Cause], Meta(description="What cannot be reached, or is not heard.")]


HEALTHZ = Operation(
    id="healthz", tag="health", path="/healthz", summary="Whether the worker answers", answers={200: Alive}, problems=(*FORM, 503)
)
READYZ = Operation(
    id="readyz", tag="health", path="/readyz", summary="Whether what is shown is true",
    answers={200: Readiness, 503: Readiness}, problems=(*FORM, 503),
    text="503 until the board is caught up, and when the feed is older than the limit.",
)  # fmt: skip
METRICS = Operation(
    id="metrics", tag="health", path="/metrics", summary="Figures of this worker", answers={200: str}, problems=KNOWN, media="text/plain",
    text="In Prometheus' text format.",
)  # fmt: skip
OPERATIONS = (HEALTHZ, READYZ, METRICS)


def register(server: FastAPI, services: Services) -> None:
    async def healthz() -> Response:
        return answer(Alive(ok=True))

    async def readyz() -> Response:
        content = readiness(services)
        return answer(content, 200 if content["ready"] else 503)

    async def metrics() -> Response:
        numbers = {name: "NaN" if value != value else value for name, value in services.feed.figures().items()}
        lines = [f"# TYPE gridcommand_{name} gauge\ngridcommand_{name} {value}\n" for name, value in numbers.items()]
        return Response("".join(lines), media_type="text/plain; version=0.0.4")

    HEALTHZ.add(server, healthz)
    READYZ.add(server, readyz)
    METRICS.add(server, metrics)


def readiness(services: Services) -> Readiness:
    feed = services.feed
    health, reasons = feed.health(), feed.reasons(services.settings.feed_limit_seconds * 1000)
    part: Partition = {"partition": 0, "pos": health["pos"], "lag_events": feed.lag_events}
    return {
        "ready": not reasons, **health, "lag_events": feed.lag_events, "lag_ms": feed.lag_ms, "partitions": [part],
        "reasons": reasons, "away": feed.causes(),
    }  # fmt: skip
