"""What plays beside the day of the city: a scenario, step by step, and in the demo whatever somebody has asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial

from dashboard.ports.registry import Registry
from dashboard.simulate.scenario import SCENARIOS, Impossible, Scenario, Written, write
from dashboard.simulate.script import Step
from dashboard.simulate.steady import Steady
from dashboard.simulate.town import Town


class Outlet:
    """Where steps go: the streams that any source and any desk uses, and the registry of points. What is away is waited for."""

    def __init__(self, steady: Steady, registry: Registry, fit: Callable[[list[bytes]], list[bytes]] = list) -> None:
        """`fit`: what of the events is still to be sent, and how."""
        self._steady, self._registry, self._fit = steady, registry, fit

    def do(self, steps: Sequence[Step]) -> None:
        if events := [step.event for step in steps if step.event]:
            self._steady.report(self._fit(events))
        for step in steps:
            if step.command:
                self._steady.command(step.command)
            if step.status:
                self._steady.patiently(partial(self._registry.set_video_status, step.status))


class Performance:
    """One scenario while it plays; `at` is always the time of the stream (ms)."""

    def __init__(self, scenario: Scenario, written: Written, start: int, scale: float, outlet: Outlet) -> None:
        self._steps, self._outlet = list(written.steps), outlet
        self.end = start + scenario.seconds * 1000 * scale
        first, last = scenario.silent or (0, 0)
        self._silent = (start + first * 1000 * scale, start + last * 1000 * scale)

    def turn(self, at: int) -> bool:
        """Does what is due; whether the source may speak."""
        due = [step for step in self._steps if step.at <= at]
        self._outlet.do(due)
        del self._steps[: len(due)]
        return not self._silent[0] <= at < self._silent[1]

    def over(self, at: int) -> bool:
        return at >= self.end

    def stop(self) -> None:
        """Ends before its time: what it has darkened is lit again, the rest never happens."""
        self._outlet.do([step for step in self._steps if step.status][-1:])
        self._steps.clear()


class OnDemand:
    """Plays what is asked for, one scenario after the other, and lets their cases go on afterwards. `take` gives what was asked for; no
    `town`: the process is to stop.
    """

    def __init__(self, take: Callable[[], str | None], town: Callable[[], Town | None], outlet: Outlet, scale: float) -> None:
        self._take, self._town, self._outlet, self._scale = take, town, outlet, scale
        self._plays: Performance | None = None
        self._later: list[Step] = []

    def turn(self, at: int) -> bool:
        """Begins what somebody has asked for; whether the source may speak."""
        if self._plays is not None and self._plays.over(at):
            self._plays.turn(at)
            self._plays = None
        if self._plays is None and (name := self._take()) is not None:
            self._begin(name, at)
        due = [step for step in self._later if step.at <= at]
        if due:
            self._outlet.do(due)
            self._later = [step for step in self._later if step.at > at]
        return self._plays is None or self._plays.turn(at)

    def _begin(self, name: str, at: int) -> None:
        town = self._town()
        if town is None:
            return
        try:
            written = write(name, town, at, scale=self._scale)
        except Impossible as e:
            print(f"gridcommand simulate: {name}: {e}", file=sys.stderr, flush=True)
            return
        print(f"scenario {written.says}", flush=True)
        self._plays = Performance(SCENARIOS[name], written, at, self._scale, self._outlet)
        self._later += written.later

    def stop(self) -> None:
        if self._plays is not None:
            self._plays.stop()
