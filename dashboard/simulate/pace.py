"""How fast a replay runs: from the time on the wall to the time in the stream, and back. Pure; reads no clock."""

from __future__ import annotations

import math

import msgspec


class Pace(msgspec.Struct, frozen=True):
    """At `wall` the replay stands at `stream` (both ms since 1970 UTC) and goes on `speed` times as fast; inf = at once."""

    wall: int
    stream: int
    speed: float = 1.0

    def __post_init__(self) -> None:
        if not self.speed > 0:
            raise ValueError(f"speed must be above 0, not {self.speed}")

    def reached(self, now: int) -> float:
        """Stream time (ms) at wall time `now`: events up to and including it are due. Never before `stream`."""
        if math.isinf(self.speed):
            return math.inf
        return self.stream + max(0, now - self.wall) * self.speed

    def wait(self, time: int, now: int) -> float:
        """Seconds of wall time from `now` until the event at stream time `time` is due; 0 when it is."""
        return max(0.0, (time - self.stream) / self.speed - (now - self.wall)) / 1000

    def changed(self, now: int, speed: float) -> Pace:
        """Another speed from `now` on, without a jump. ValueError unless the speed is above 0, or when leaving infinity."""
        if math.isinf(self.speed):
            raise ValueError("a replay without pace has no stream time to go on from")
        return Pace(now, int(self.reached(now)), speed)
