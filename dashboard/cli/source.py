"""Sources of events: the synthetic city, and real 311 files."""

from __future__ import annotations

import argparse
import os
import time

from dashboard.cli.adapter import Adapters
from dashboard.cli.service import stop_flag
from dashboard.cli.terminal import ProgressBar, fail
from dashboard.clock import DAY, WallClock, parse
from dashboard.ports.stream import Inbox
from dashboard.process.backoff import Backoff
from dashboard.process.heartbeat import Heartbeat
from dashboard.settings import Settings
from dashboard.simulate import demo
from dashboard.simulate.boston311 import BadRow, Replay, read
from dashboard.simulate.city import city
from dashboard.simulate.day import play
from dashboard.simulate.pace import Pace
from dashboard.simulate.player import Player, Progress
from dashboard.simulate.steady import Steady

BOSTON = "America/New_York"


def run_simulate(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    heartbeat, clock, parent = Heartbeat.inherited(), WallClock(), os.getppid()
    adapters.make_folder()
    adapters.need_redis(service=True)
    stopping = stop_flag()

    def stopped() -> bool:
        heartbeat.beat()
        return bool(stopping) or os.getppid() != parent

    progress = Progress(settings.folder / demo.PROGRESS)
    progress.start = progress.start or clock.now() - DAY
    until = max(clock.now(), progress.sent)
    inbox = Steady(adapters.inbox(), Backoff("simulate", stopped, heartbeat), stopped)
    player = Player(inbox, clock, demo.SOURCES, progress, stopped)
    heartbeat.busy()
    seed = demo.SEED if args.seed is None else args.seed
    events = play(city(seed), seed, progress.start)
    expected = demo.STOCK_EVENTS + demo.DAY_EVENTS * (until - progress.start) // DAY
    with ProgressBar(expected, "back-filling the day") as shown:
        first = player.fill(events, until, shown)
    player.live(first, events, Pace(clock.wall(), until, args.speed))
    progress.save()
    return 0


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
