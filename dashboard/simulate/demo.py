"""What `--demo` brings along: the synthetic city, its people, and its sources."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from dashboard.access.role import User
from dashboard.clock import DAY, HOUR
from dashboard.ports.account import Accounts
from dashboard.ports.reader import Reader
from dashboard.ports.registry import Registry
from dashboard.settings import Settings
from dashboard.simulate.category import CATEGORIES
from dashboard.simulate.city import CITY_CODE, SEED, city
from dashboard.simulate.player import Progress
from dashboard.simulate.policy import body, default_policy

STOCK_EVENTS, DAY_EVENTS = 90_000, 97_000
"""About what `play` makes of the cases open at the start and of each day; only the progress bar needs to know."""
SOURCES = ("/grid-app", "/12345", "/citizen-app", "/video")
PEOPLE = tuple(
    User(name, title, role, CITY_CODE)
    for name, title, role in (
        ("wall-1", "指挥大厅", "wall"), ("commander-1", "总指挥席", "commander"), ("chief-1", "值班席", "duty_chief"),
        ("dispatcher-1", "派遣员甲", "dispatcher"), ("dispatcher-2", "派遣员乙", "dispatcher"),
    )
)  # fmt: skip
FRESH_AFTER = 12 * HOUR
"""A demo that was left for longer begins a fresh day instead of telling all that has happened meanwhile."""
ACCOUNTS, PROGRESS = "demo-accounts.json", "simulate.json"
"""Files in the data folder: the tokens of the demo's people, and how far its day has come."""


def seed(reader: Reader, registry: Registry, accounts: Accounts, folder: Path) -> None:
    """The city and its people, once; tokens are renewed at every start. An operator's account under the same id stays as it is."""
    if not registry.has_places():
        print("seeding the synthetic city: 12,583 grids, 42,000 video points …", flush=True)
        seed_rules(reader, registry)
        made = city(SEED)
        registry.replace_places(made.units, made.grids, made.routes)
        registry.replace_video(made.video)
    taken = {u.id for u in PEOPLE if (known := accounts.account(u.id)) and known[0] != u}
    users = [u for u in PEOPLE if u.id not in taken]
    people = [{"name": u.name, "role": u.role, "token": accounts.add_account(u, only=True)} for u in users]
    path = folder / ACCOUNTS
    path.touch(mode=0o600)
    path.write_text(json.dumps(people, ensure_ascii=False))


def seed_rules(reader: Reader, registry: Registry) -> None:
    """The city's catalogue and limits; what an operator has imported stays."""
    if not reader.places.catalogue():
        registry.replace_categories(CATEGORIES.values())
    if not reader.rules.sla().policies.versions:
        policy = default_policy()
        registry.add_policy(policy, body(policy))


def begin_again(folder: Path, now: int) -> str | None:
    """A fresh day with a seed of its own where the last one was left too long ago, or was made by an older version (seed 0); the line that
    says so. The simulator then ends what is still open (dashboard/simulate/leftover.py)."""
    progress = Progress(folder / PROGRESS)
    left = now - progress.sent
    if not progress.sent or (left <= FRESH_AFTER and progress.seed):
        return None
    why = f"was left for {_long(left)}" if progress.seed else "was made by an older version"
    progress.renew(max(now - DAY, progress.sent))
    return f"the demo {why}: its open cases are ended and a fresh day begins"


def _long(ms: int) -> str:
    return f"{ms // DAY} days" if ms >= 2 * DAY else f"{ms // HOUR} hours"


def end(accounts: Accounts, settings: Settings) -> int:
    """Without --demo its people, whose tokens lie in a file, are nobody; how many were ended. An account that an operator made under one
    of their names has another name to it and stays."""
    if settings.demo:
        return 0
    ended = accounts.end_accounts(PEOPLE)
    (settings.folder / ACCOUNTS).unlink(missing_ok=True)
    return ended


def people_of(folder: Path) -> Sequence[dict[str, str]]:
    """Name, role and token of the people that the login page of a demo offers."""
    path = folder / ACCOUNTS
    found: Sequence[dict[str, str]] = json.loads(path.read_text()) if path.exists() else ()
    return found


def is_filled(folder: Path) -> bool:
    """Whether the day is there: the first screen must be useful at once."""
    return Progress(folder / PROGRESS).sent > 0
