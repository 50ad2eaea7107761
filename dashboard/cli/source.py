"""Real 311 files as sources of events."""

from __future__ import annotations

import argparse
import time

from dashboard.cli.adapter import Adapters
from dashboard.cli.terminal import ProgressBar, fail
from dashboard.clock import WallClock, parse
from dashboard.ports.stream import Inbox
from dashboard.settings import Settings
from dashboard.simulate.boston311 import BadRow, Replay, read
from dashboard.simulate.pace import Pace
from dashboard.simulate.player import Player, Progress

BOSTON = "America/New_York"


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
