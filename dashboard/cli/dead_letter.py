"""Dead letters: what had no effect and why, and sending it again."""

from __future__ import annotations

import argparse
from typing import Any

from dashboard.cli.adapter import Adapters
from dashboard.cli.terminal import fail
from dashboard.clock import iso
from dashboard.engine.batch import TIMERS
from dashboard.ports.away import AGAIN, Away
from dashboard.ports.dead_letter import DeadLetters
from dashboard.settings import Settings

NOT_AGAIN = ("too_large", "trimmed")
"""Codes of letters whose entry is not there whole."""


def run_deadletters(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    adapters.prepare()
    letters = adapters.dead_letters()
    if args.what == "list":
        return _list(letters, args.limit, settings.timezone)
    found = [d for d in letters.of_entry(args.entry or "") if args.stream in (None, d["stream"])]
    if not found:
        return fail(f"there is no dead letter {args.entry!r}; `gridcommand deadletters list` names them")
    if len(found) > 1:
        return fail(f"{args.entry} is in {' and '.join(d['stream'] for d in found)}: say which with --stream")
    if args.what == "show":
        print(found[0]["body"].decode("utf-8", "backslashreplace"))
        return 0
    return _redrive(found[0], letters, adapters)


def _list(letters: DeadLetters, limit: int, zone: str) -> int:
    for d in letters.newest(limit):
        again = "\tredriven" if d["redriven"] else ""
        print(f"{d['entry']}\t{iso(d['at'], zone)}\t{d['code']}\t{d['stream']}\t{d['reason']}{again}")
    dead, orphans = letters.counts()
    print(f"{dead} dead letters, {orphans} events wait for their report")
    return 0


def _redrive(letter: dict[str, Any], letters: DeadLetters, adapters: Adapters) -> int:
    entry, stream = letter["entry"], letter["stream"]
    if stream == TIMERS:
        return fail(f"{entry} is a timer of {letter['body'].decode()}: no entry of a stream; every start of the engine tries it again")
    if not letter["body"] or letter["code"] in NOT_AGAIN:
        return fail(f"{entry}: {letter['reason']}; there is nothing that could be sent again")
    adapters.need_redis()
    inbox = adapters.inbox()
    letters.mark_redriven(stream, entry)
    try:
        inbox.again(stream, letter["body"])
    except Away as e:
        letters.mark_waiting(letter)
        return fail(f"{e}; {entry} waits as before", AGAIN)
    print(f"{entry} is in {stream} again")
    return 0
