"""The command line (CONTRACT.md): each command names the function of this folder that runs it, which is imported only then."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

BENCHES = ("ingest", "push", "board", "clocks", "map", "desk", "border")
IMPORTS = {
    "policy": "rule.import_policy", "calendar": "rule.import_calendar", "units": "place.import_places", "grids": "place.import_places",
    "video": "place.import_video", "routing": "place.import_routing", "categories": "place.import_categories",
}  # fmt: skip


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="gridcommand", description="A real-time command centre for urban grid governance.")
    sub = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: str, text: str, example: str) -> argparse.ArgumentParser:
        p = sub.add_parser(name, help=text, description=text, epilog=f"example: gridcommand {example}")
        p.set_defaults(run=run)
        p.add_argument("--data", dest="data_dir", metavar="DIR", help="data folder")
        p.add_argument("--clock", choices=("wall", "stream"), help="what `now` means: the machine's time, or the newest event's")
        return p

    up = command("up", "service.run_up", "start everything", "up --demo")
    up.add_argument("--demo", action="store_const", const=True, help="seed the synthetic city and play its day")
    up.add_argument("--speed", type=float, default=1.0, help="how fast the demo's day runs")
    up.add_argument("--port", type=int)
    command("web", "service.run_web", "only the web workers", "web").add_argument("--port", type=int)
    command("engine", "service.run_engine", "only the engine", "engine")
    simulate = command("simulate", "simulate.run_simulate", "the synthetic city as a source", "simulate --scenario storm")
    simulate.add_argument("--speed", type=float, default=1.0)
    simulate.add_argument("--seed", type=int, help="of the day; the demo's own when not given")
    simulate.add_argument("--scenario", metavar="NAME", help="one scenario instead of the day; a wrong NAME lists them")
    example = "replay-csv 2015.csv.gz --mapping boston311 --speed max"
    replay = command("replay-csv", "source.run_replay", "a real 311 file as a source", example)
    replay.add_argument("file", type=Path)
    replay.add_argument("--mapping", choices=("boston311",), required=True)
    replay.add_argument("--speed", default="max", help="a number, or max")
    replay.add_argument("--until", help="leave out what happened after this time (of the file's city)")
    replay.add_argument("--skip-bad", action="store_true", help="leave out rows that cannot be read, and count them")
    user = command("user", "user.run_user", "accounts and tokens", "user token wall-2 --role wall")
    user.add_argument("what", choices=("add", "token", "list", "disable"))
    user.add_argument("name", nargs="?")
    user.add_argument("--role", help="of a new account: api when not given; `user add` changes an existing one's")
    user.add_argument("--unit", help="top of the jurisdiction; of a new account the whole city when not given")
    dead = command("deadletters", "dead_letter.run_deadletters", "entries that had no effect, and why", "deadletters list")
    dead.add_argument("what", choices=("list", "show", "redrive"))
    dead.add_argument("entry", nargs="?")
    dead.add_argument("--stream", help="which stream's entry, where several have one of this id")
    dead.add_argument("--limit", type=int, default=100)
    _import(command)
    bench = command("bench", "bench.run_bench", "what is claimed about speed", "bench ingest --json")
    bench.add_argument("what", choices=BENCHES)
    bench.add_argument("--json", action="store_true")
    return top


def _import(command: Callable[[str, str, str, str], argparse.ArgumentParser]) -> None:
    p = command("import", "", "a new version of rules or places", "import grids grids.geojson --crs gcj02")
    p.add_argument("what", choices=tuple(IMPORTS))
    p.add_argument("file", type=Path)
    p.add_argument("--preview", action="store_true", help="only show what would change")
    p.add_argument("--recalculate", action="store_true", help="also give open cases their new due times, by audited events")
    p.add_argument("--crs", choices=("wgs84", "gcj02", "bd09"), help="units, grids: the file's coordinate system, if it does not say")
    p.add_argument("--valid-from", metavar="DATE", help="units, grids: from when it holds; now, or always for a first map")
    p.add_argument("--area", metavar="CODE", help="grids: the file is this unit's whole map; else of the smallest that holds it")
    p.add_argument("--under", metavar="CODE", help="units: where units go whose parent is not known")
    p.add_argument("--tolerance", type=float, default=1.0, metavar="METRES", help="grids: width of slivers that are no gap or overlap")
