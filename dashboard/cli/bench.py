"""What is claimed about speed, measured here and now."""

from __future__ import annotations

import argparse
import importlib
import json

from dashboard.cli.adapter import Adapters
from dashboard.settings import Settings


def run_bench(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    rows = importlib.import_module(f"benchmarks.{args.what}").run()
    if args.json:
        print(json.dumps({"bench": args.what, "rows": rows}))
        return 0
    for r in rows:
        cells = (f"{name} {r[name]}" for name in ("ours", "baseline", "limit") if r.get(name) is not None)
        print(f"{r['what']}: {' · '.join(cells)} {r['unit']} (median of {r['n']})")
    return 0
