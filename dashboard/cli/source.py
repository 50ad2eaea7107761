"""Sources of events: the synthetic city, and real 311 files."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from heapq import merge

from dashboard.cache import KeyedCache
from dashboard.cli.adapter import Adapters
from dashboard.cli.scenario import play_scenario
from dashboard.cli.service import stop_flag
from dashboard.cli.terminal import ProgressBar, fail
from dashboard.clock import DAY, WallClock, parse, ticks_ms, wall_ms
from dashboard.ports.stream import Inbox
from dashboard.process.backoff import Backoff
from dashboard.process.heartbeat import Heartbeat
from dashboard.settings import Settings
from dashboard.simulate import demo
from dashboard.simulate.beside import OnDemand, Outlet
from dashboard.simulate.boston311 import BadRow, Replay, read
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

BOSTON = "America/New_York"
EVER = 2**53
"""An instant (ms) after all others."""


def run_simulate(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    if args.scenario is not None:
        return play_scenario(args.scenario, args.speed, settings, adapters, stop_flag())
    heartbeat, clock, parent = Heartbeat.inherited(), WallClock(), os.getppid()
    adapters.make_folder()
    adapters.need_redis(service=True)
    stopping = stop_flag()

    def stopped() -> bool:
        heartbeat.beat()
        return bool(stopping) or os.getppid() != parent

    if begun := demo.begin_again(settings.folder, clock.now()):
        print(begun, flush=True)
    progress = Progress(settings.folder / demo.PROGRESS)
    progress.start = progress.start or clock.now() - DAY
    until = max(clock.now(), progress.sent)
    inbox = Steady(adapters.inbox(), Backoff("simulate", stopped, heartbeat), stopped)
    desk = DeskFirst(adapters.reader().cases.history)

    def fit(due: list[bytes]) -> list[bytes]:
        return inbox.patiently(lambda: desk.fit(due)) or []

    asked = _on_demand(inbox, adapters, args.speed, fit)
    player = Player(inbox, clock, demo.SOURCES, progress, stopped, [asked, _watch(inbox, adapters)])
    heartbeat.busy()
    seed = progress.seed if args.seed is None else args.seed
    events = merge(_left_over(progress, until, adapters), play(city(), seed, progress.start))
    expected = demo.STOCK_EVENTS + demo.DAY_EVENTS * (until - progress.start) // DAY
    with ProgressBar(expected, "back-filling the day") as shown:
        first = player.fill(events, until, shown)
    progress.left = 0
    try:
        player.live(first, events, Pace(clock.wall(), until, args.speed), fit)
    finally:
        asked.stop()
        progress.save()
    return 0


def _left_over(progress: Progress, until: int, adapters: Adapters) -> Iterator[tuple[int, bytes]]:
    """What ends the open cases of a day that was left; nothing where none was."""
    if not progress.left:
        return iter(())
    _, rows = adapters.reader().board.rows(0, EVER)
    return endings(rows, demo.SOURCES, progress.seed, progress.left, until)


def _watch(inbox: Steady, adapters: Adapters) -> Watch:
    board = adapters.reader().board

    def versions() -> dict[str, int]:
        _, rows = inbox.patiently(lambda: board.rows(0, EVER)) or (0, [])
        return {row.case: row.version for row in rows}

    return Watch(lambda: inbox.patiently(lambda: board.alarms(EVER)) or [], versions, inbox.command, ticks_ms)


def _on_demand(inbox: Steady, adapters: Adapters, speed: float, fit: Callable[[list[bytes]], list[bytes]]) -> OnDemand:
    """The scenarios that the login page or the command line asks this source for."""
    scenarios, reader, accounts = adapters.scenarios(), adapters.reader(), adapters.accounts()
    seconds = {name: scenario.seconds for name, scenario in SCENARIOS.items()}
    town: KeyedCache[str, Town] = KeyedCache()

    def now() -> Town:
        return town.get(reader.places.stamp(), lambda: town_of(reader, accounts, wall_ms()))

    return OnDemand(
        lambda: inbox.patiently(lambda: scenarios.take(seconds)),
        lambda: inbox.patiently(now),
        Outlet(inbox, adapters.registry(), fit),
        speed,
    )


def run_replay(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    adapters.prepare()
    adapters.need_redis()
    until = parse(args.until, BOSTON) if args.until else None
    try:
        replay = read(args.file, until, args.skip_bad, BOSTON)
    except BadRow as e:
        return fail(f"{args.file}: {e}; nothing was changed (--skip-bad leaves such rows out and counts them)")
    except (OSError, EOFError, UnicodeDecodeError) as e:
        return fail(f"{args.file} cannot be read: {e}")
    adapters.registry().replace_places(replay.units, [], [])
    _replay(replay, adapters.inbox(), args.speed)
    print(f"{replay.rows} rows, {replay.bad} left out")
    return 0


def _replay(replay: Replay, inbox: Inbox, speed: str) -> None:
    clock = WallClock()
    player = Player(inbox, clock, (), Progress(), lambda: False)
    if speed == "max":
        with ProgressBar(replay.rows, "replaying") as progress:
            player.fill(replay.events, 2**62, lambda passed: progress(passed // 3))
            _wait_for_engine(inbox)
        return
    first = next(replay.events, None)
    if first:
        player.live(first, replay.events, Pace(clock.wall(), first[0], float(speed)))


def _wait_for_engine(inbox: Inbox) -> None:
    """A replay is over when the engine has taken everything in."""
    while inbox.backlog() > 0:
        time.sleep(0.05)
