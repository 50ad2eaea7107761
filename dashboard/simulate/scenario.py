"""The scenarios: what a storm, a gas leak, a dark network, a silent source and two dispatchers on one case look like. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from dashboard.simulate.camera import NETWORK_NAMES
from dashboard.simulate.envelope import rfc3339
from dashboard.simulate.script import Script, Step
from dashboard.simulate.town import Town
from dashboard.video.point import Status

STORM_CASES = 200
_DANGERS = {"040103": 5, "010204": 4, "020102": 2, "010303": 1}
"""Underpass flooded, power line down, road collapsed, something about to fall."""
_WEATHER = {"060101": 0.38, "040101": 0.24, "040102": 0.10, "030303": 0.09, "050201": 0.07, "080202": 0.06, "020205": 0.06}
"""Shares of the rest: fallen trees, water on roads and in estates, signs, traffic lights, power, cables."""
_SOURCES, _SOURCE_ODDS = ["/12345", "/citizen-app", "/grid-app", "/video"], [0.4, 0.3, 0.2, 0.1]
_STREETS = 60
"""Neighbouring grids that the storm hits: a few streets."""
_TAKEN_S = (480, 1500)
"""Seconds from the start in which the other seats take what nobody at the desk has taken."""
GAS, POWER, LIGHTS = "010201", "080202", "050201"


class Impossible(ValueError):
    """The city lacks something that the scenario needs; one line says what."""


class Scenario(NamedTuple):
    """`seconds` until it is over; `write` puts its steps into a script, in any order; between `silent` seconds the source says nothing."""

    seconds: int
    write: Callable[[Script], None]
    silent: tuple[int, int] | None = None


class Written(NamedTuple):
    """`steps` of the scenario, and `later`: what becomes of its cases afterwards; both in order of time. `says` what it puts in."""

    steps: list[Step]
    says: str
    later: list[Step] = []


def write(name: str, town: Town, start: int, seed: int = 0, scale: float = 1.0) -> Written:
    """The steps of a scenario that begins at `start` (ms). Raises Impossible. KeyError for an unknown name."""
    script = Script(town, start, seed, scale)
    if not town.spots:
        raise Impossible("there are no units: `gridcommand import units FILE` (or `up --demo`) gives the city some")
    SCENARIOS[name].write(script)
    end = script.at(SCENARIOS[name].seconds)
    steps, later = ([s for s in sorted(script.steps, key=_time) if (s.at > end) == after] for after in (False, True))
    return Written(steps, f"{name}: {_said(script, steps)}", later)


def _time(step: Step) -> int:
    return step.at


def _said(script: Script, steps: list[Step]) -> str:
    counts = Counter(events=sum(bool(s.event) for s in steps), commands=sum(bool(s.command) for s in steps))
    points = len(set().union(*(step.status for step in steps)))
    told = [f"{len(script.cases)} cases ({script.dangers} of danger)"] + [f"{n} {what}" for what, n in counts.items() if n]
    return ", ".join(told + ([f"{points} video points"] if points else []))


def _storm(script: Script) -> None:
    """It comes over a few streets within a minute: first some, then many at once."""
    spots, rng = script.town.near(script.spot(), _STREETS), script.rng
    rest = STORM_CASES - sum(_DANGERS.values())
    items = [code for code, n in _DANGERS.items() for _ in range(n)]
    items += rng.choice(list(_WEATHER), rest, p=list(_WEATHER.values())).tolist()
    times = sorted((60 * rng.beta(1.6, 1.8, len(items))).tolist())
    for seconds, category in zip(times, rng.permutation(items).tolist(), strict=True):
        source = str(rng.choice(_SOURCES, p=_SOURCE_ODDS))
        case = script.report(seconds, source, spots[int(rng.integers(len(spots)))], category)
        if category not in _DANGERS:
            script.happen(seconds + float(rng.uniform(5, 25)), case, "case.accepted", by="seat-01")
        script.go_on(float(rng.uniform(*_TAKEN_S)), case, accepted=category not in _DANGERS)


def _gas_leak(script: Script) -> None:
    """One danger; others tell of the same by other ways; then it grows worse."""
    spot = script.spot()
    first = script.report(1, "/12345", spot, GAS, "市民来电：楼道内有浓烈燃气味，疑似泄漏。", 10)
    script.report(13, "/citizen-app", spot, GAS, "随手拍：小区门口闻到很重的煤气味。", 60)
    script.report(24, "/grid-app", spot, GAS, "网格员现场：确有燃气异味，已提醒居民勿用明火。", 80)
    script.report(36, "/12345", spot, GAS, "另一市民来电：同一小区有燃气味，要求尽快处理。", 90)
    script.happen(48, first, "case.noted", text="现场检测浓度继续上升，需疏散两栋居民楼，请增派力量。", by="seat-02")
    for case in script.cases:
        script.go_on(_TAKEN_S[0], case, accepted=False)


def _dark_cameras(script: Script) -> None:
    """The smallest network loses its line; its points come back. A case of the source /video tells of it."""
    points = script.town.points()
    sizes = Counter(point.network for point in points)
    if not sizes:
        raise Impossible("there are no video points: `gridcommand import video FILE` (or `up --demo`) gives the city some")
    network = min(sizes, key=lambda name: (sizes[name], name))
    lit = {p.id: p.status for p in points if p.network == network and p.status == "ON"}
    dark: dict[str, Status] = dict.fromkeys(lit, "OFF")
    script.status(2, dark)
    title = f"视频网络离线（{NETWORK_NAMES.get(network, network)}）：{len(lit)} 路无信号"
    case = script.report(4, "/video", script.spot(), POWER, f"{title}，疑似机房停电，请派人检修。", title=title)
    script.happen(8, case, "case.accepted", by="seat-01")
    script.happen(BACK_S, case, "case.noted", text="机房供电恢复，视频点位已上线。", by="seat-01")
    script.status(BACK_S, lit)
    script.go_on(_TAKEN_S[0], case, accepted=True)


def _silent_source(script: Script) -> None:
    """Nothing happens: that is what is shown."""


def _two_dispatchers(script: Script) -> None:
    """A fresh case; after half a minute two people give it to two units, one a moment later than the other."""
    people, spot = script.town.people, script.spot()
    units = script.town.serving(LIGHTS, spot)
    if len(people) < 2:
        raise Impossible("there are no two dispatchers of the whole city: `gridcommand user token NAME --role dispatcher` makes one")
    if len(units) < 2:
        raise Impossible("no two units serve one place there: `gridcommand import routing FILE` says who serves what")
    marked = spot._replace(address=f"【演示】{spot.address}")  # the queue shows the address
    case = script.report(1, "/citizen-app", marked, LIGHTS, due=rfc3339(script.at(12 * 60)))  # so soon that it stands high
    script.happen(2, case, "case.accepted", by="seat-01")
    slower, faster = people[:2]
    script.command(30, case, "reassign", 2, faster, to=units[0], reason="better_fit")
    script.command(30.4, case, "reassign", 2, slower, to=units[1], reason="jurisdiction")
    script.go_on(_TAKEN_S[0], case, accepted=True)


BACK_S = 150
"""After so many seconds a dark network is back: a wall counts its points twice a minute, a map asks for them once."""
SCENARIOS = {
    "storm": Scenario(90, _storm),
    "gas_leak": Scenario(60, _gas_leak),
    "dark_cameras": Scenario(BACK_S + 5, _dark_cameras),
    "silent_source": Scenario(60, _silent_source, (5, 50)),
    "two_dispatchers": Scenario(45, _two_dispatchers),
}
"""In the order of the login page."""
