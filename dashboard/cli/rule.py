"""Imports of what is promised: policies and calendars, and the recalculation of open cases."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboard.access.role import User
from dashboard.cases.case import Case
from dashboard.cases.command import encode
from dashboard.cli.adapter import Adapters
from dashboard.cli.terminal import ProgressBar
from dashboard.clock import wall_ms
from dashboard.clocks.policy import Policy
from dashboard.clocks.preview import changes
from dashboard.clocks.table import parse_calendar, parse_policy
from dashboard.ports.away import NotReady
from dashboard.settings import Settings


def import_policy(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    """A new version of the limits, in force for cases reported from its date on."""
    adapters.prepare()
    with _of_file(args.file):
        body = args.file.read_text(encoding="utf-8-sig")
        policy = parse_policy(body)
        if args.recalculate or args.preview:
            return _recalculate(adapters, policy, body, args.preview)
        adapters.registry().add_policy(policy, body)
    print(f"policy {policy.version} is in force for cases reported from its date on")
    return 0


def import_calendar(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    """Another calendar of working hours, in force for every instant that is computed from now on."""
    adapters.prepare()
    with _of_file(args.file):
        body = args.file.read_text(encoding="utf-8-sig")
        calendar = parse_calendar(body)
        adapters.registry().add_calendar(calendar.version, body)
    print(f"calendar {calendar.version} is in force for every instant that is computed from now on")
    return 0


@contextmanager
def _of_file(file: Path) -> Iterator[None]:
    """What is wrong with a file ends the command with one line that names it."""
    try:
        yield
    except OSError as e:
        raise NotReady(f"{file} cannot be read: {e}") from None
    except ValueError as e:
        raise NotReady(f"{file}: {e}; nothing was changed") from None


def _recalculate(adapters: Adapters, policy: Policy, body: str, preview: bool) -> int:
    """Shows how many open cases would change their light; without --preview every one of them gets an audited event."""
    reader, registry = adapters.reader(), adapters.registry()
    root = next(u.code for u in reader.places.units() if u.parent is None)
    moved, lights = changes(registry.open_states(), reader.rules.sla(), policy, wall_ms())
    print(f"{len(moved)} open cases would change their due time")
    for (before, after), n in sorted(lights.items()):
        print(f"  {before} -> {after}: {n}")
    if preview:
        return 0
    adapters.need_redis()
    inbox = adapters.inbox()
    registry.add_policy(policy, body)
    with ProgressBar(len(moved), "recalculating") as progress:
        for n, case in enumerate(moved):
            inbox.command(recalculation(case, policy.version, root))
            progress(n + 1)
    return 0


def recalculation(case: Case, version: str, root: str) -> bytes:
    """The command of the server's operator for one case; the same for the same version of the case, so that it has one effect."""
    digest = hashlib.blake2b(f"{case.case} {case.version} {version}".encode(), digest_size=16).hexdigest()
    actor, data = User("operator", "operator", "operator", root), {"policy": version, "reason": f"policy {version}"}
    return encode(f"recalc-{digest}", "recalculate", case.case, case.version, actor, data, wall_ms(), source="/cli")
