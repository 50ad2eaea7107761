"""The synthetic city as a source: its day, beside it what is asked for and what the seats do at which nobody sits."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from heapq import merge

from dashboard.cache import KeyedCache
from dashboard.cli.adapter import Adapters
from dashboard.cli.scenario import play_scenario
from dashboard.cli.service import stop_flag
from dashboard.cli.terminal import ProgressBar
from dashboard.clock import DAY, WallClock, ticks_ms, wall_ms
from dashboard.process.backoff import Backoff
from dashboard.process.heartbeat import Heartbeat
from dashboard.settings import Settings
from dashboard.simulate import demo
from dashboard.simulate.beside import OnDemand, Outlet
from dashboard.simulate.city import city
from dashboard.simulate.day import play
from dashboard.simulate.desk_first import DeskFirst
from dashboard.simulate.leftover import endings
from dashboard.simulate.pace import Pace
from dashboard.simulate.player import Player, Progress
from dashboard.simulate.scenario import SCENARIOS
from dashboard.simulate.steady import Steady
from dashboard.simulate.town import Town, town_of
from dashboard.simulate.watch import Watch

EVER = 2**53
"""An instant (ms) after all others."""
Fit = Callable[[list[bytes]], list[bytes]]


def run_simulate(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    if args.scenario is not None:
        return play_scenario(args.scenario, args.speed, settings, adapters, stop_flag())
    heartbeat, parent = Heartbeat.inherited(), os.getppid()
    adapters.prepare(service=True)
    adapters.need_redis(service=True)
    stopping = stop_flag()

    def stopped() -> bool:
        heartbeat.beat()
        return bool(stopping) or os.getppid() != parent

    if begun := demo.begin_again(settings.folder, wall_ms()):
        print(begun, flush=True)
    progress = Progress(settings.folder / demo.PROGRESS)
    progress.start = progress.start or wall_ms() - DAY
    seed = progress.seed if args.seed is None else args.seed
    steady = Steady(adapters.inbox(), Backoff("simulate", stopped, heartbeat), stopped)
    heartbeat.busy()
    _play(progress, seed, args.speed, steady, stopped, adapters)
    return 0


def _play(progress: Progress, seed: int, speed: float, steady: Steady, stopped: Callable[[], bool], adapters: Adapters) -> None:
    """First all that has happened by now, then every event at its time, until the process is to stop."""
    clock, until = WallClock(), max(wall_ms(), progress.sent)
    fit = _desk_first(steady, adapters)
    asked = _on_demand(steady, adapters, speed, fit)
    player = Player(steady, clock, demo.SOURCES, progress, stopped, [asked, _watch(steady, adapters)])
    events = merge(_left_over(progress, until, adapters), play(city(), seed, progress.start))
    with ProgressBar(demo.STOCK_EVENTS + demo.DAY_EVENTS * (until - progress.start) // DAY, "back-filling the day") as shown:
        first = player.fill(events, until, shown)
    progress.left = 0
    try:
        player.live(first, events, Pace(clock.wall(), until, speed), fit)
    finally:
        asked.stop()
        progress.save()


def _left_over(progress: Progress, until: int, adapters: Adapters) -> Iterator[tuple[int, bytes]]:
    """What ends the open cases of a day that was left; nothing where none was."""
    if not progress.left:
        return iter(())
    _, rows = adapters.reader().board.rows(0, EVER)
    return endings(rows, demo.SOURCES, progress.seed, progress.left, until)


def _desk_first(steady: Steady, adapters: Adapters) -> Fit:
    desk = DeskFirst(adapters.reader().cases.history)
    return lambda due: steady.patiently(lambda: desk.fit(due)) or []


def _watch(steady: Steady, adapters: Adapters) -> Watch:
    board = adapters.reader().board

    def versions() -> dict[str, int]:
        _, rows = steady.patiently(lambda: board.rows(0, EVER)) or (0, [])
        return {row.case: row.version for row in rows}

    return Watch(lambda: steady.patiently(lambda: board.alarms(EVER)) or [], versions, steady.command, ticks_ms)


def _on_demand(steady: Steady, adapters: Adapters, speed: float, fit: Fit) -> OnDemand:
    """The scenarios that the login page or the command line asks this source for."""
    scenarios, reader, accounts = adapters.scenarios(), adapters.reader(), adapters.accounts()
    seconds = {name: scenario.seconds for name, scenario in SCENARIOS.items()}
    town: KeyedCache[str, Town] = KeyedCache()

    def now() -> Town:
        return town.get(reader.places.stamp(), lambda: town_of(reader, accounts, wall_ms()))

    outlet = Outlet(steady, adapters.registry(), fit)
    return OnDemand(lambda: steady.patiently(lambda: scenarios.take(seconds)), lambda: steady.patiently(now), outlet, speed)
