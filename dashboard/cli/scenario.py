"""`simulate --scenario NAME`: one scenario, played once against the streams that are configured."""

from __future__ import annotations

import time

from dashboard.cli.adapter import Adapters
from dashboard.cli.terminal import fail
from dashboard.clock import WallClock, clock
from dashboard.ports.away import AGAIN
from dashboard.ports.scenario import Scenarios
from dashboard.process.backoff import Backoff
from dashboard.process.heartbeat import Heartbeat
from dashboard.settings import Settings
from dashboard.simulate.beside import Outlet, Performance
from dashboard.simulate.pace import Pace
from dashboard.simulate.player import Player, Progress
from dashboard.simulate.scenario import SCENARIOS, Impossible, Scenario, Written, write
from dashboard.simulate.steady import Steady
from dashboard.simulate.town import Town, town_of

SPEAKS = "/citizen-app"
"""The source that falls silent where no demo runs."""
TAKEN_IN = 2.0


def play_scenario(name: str, speed: float, settings: Settings, adapters: Adapters, stopping: list[int]) -> int:
    """Ends by itself, or when `stopping` is filled, and says what it put in."""
    if name not in SCENARIOS:
        return fail(f"there is no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    if not speed > 0:
        return fail(f"--speed {speed:g} is not above 0")
    adapters.prepare()
    adapters.need_redis()
    scenario = SCENARIOS[name]
    if scenario.silent and (playing := _demo_takes(adapters.scenarios(), name)) is not None:
        return _silent_demo(name, playing, scenario.silent)
    start = _now(settings, adapters)
    try:
        written = write(name, _town(adapters, start), start, scale=1 / speed)
    except Impossible as e:
        return fail(str(e))
    _play(scenario, written, start, speed, adapters, stopping)
    says = written.says if not scenario.silent else f"{name}: {SPEAKS} spoke, was silent and spoke again"
    print(says + (", stopped before its end" if stopping else ""), flush=True)
    return 0


def _demo_takes(scenarios: Scenarios, name: str) -> str | None:
    """While the demo's sources speak nobody would notice another one's silence: they are asked to be silent themselves. What plays there
    then, which may be another scenario; None where no demo runs.
    """
    scenarios.ask(name)
    until = time.monotonic() + TAKEN_IN
    while time.monotonic() < until:
        playing = scenarios.playing()
        if playing is not None and playing.taken:
            return playing.name
        time.sleep(0.05)
    return None


def _silent_demo(name: str, playing: str, silent: tuple[int, int]) -> int:
    if playing != name:
        return fail(f"the demo that runs here plays {playing}; one scenario at a time, try again in a minute", AGAIN)
    print(f"{name}: the sources of the demo that runs here fall silent for {silent[1] - silent[0]} s", flush=True)
    return 0


def _now(settings: Settings, adapters: Adapters) -> int:
    now = clock(settings.clock)
    now.observe(adapters.reader().board.newest_event())
    return now.now()


def _town(adapters: Adapters, at: int) -> Town:
    return town_of(adapters.reader(), adapters.accounts(), at)


def _play(scenario: Scenario, written: Written, start: int, speed: float, adapters: Adapters, stopping: list[int]) -> None:
    clock, pace = WallClock(), Pace(WallClock().wall(), start)

    def stopped() -> bool:
        return bool(stopping) or performance.over(int(pace.reached(clock.wall())))

    steady = Steady(adapters.inbox(), Backoff("simulate", stopped, Heartbeat()), stopped)
    performance = Performance(scenario, written, start, 1 / speed, Outlet(steady, adapters.registry()))
    player = Player(steady, clock, [SPEAKS] if scenario.silent else [], Progress(), stopped, [performance])
    try:
        player.live(None, iter(()), pace)
        if not stopping:
            performance.turn(int(performance.end))
    finally:
        performance.stop()
