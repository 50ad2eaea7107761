"""Scripts of assets/ run by node, with the smallest stand-in for a page: `document` hears and tells events, and has no elements."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

ASSETS = Path(__file__).resolve().parents[2] / "assets"
NODE = shutil.which("node")
WHY = "node is not installed: the scripts of assets/ were not tested"

PAGE = """
globalThis.window = globalThis;
globalThis.document = Object.assign(new EventTarget(), {
  querySelector: () => null, querySelectorAll: () => [], getElementById: () => null, documentElement: { dataset: {} }, cookie: '' });
const box = () => { const kept = new Map(); return { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, String(v)), removeItem: (k) => kept.delete(k) }; };
globalThis.sessionStorage = box(); globalThis.localStorage = box();
let wall = 1000000, id = 0, timers = []; // time passes only where a test says so
Date.now = performance.now = () => wall;
globalThis.setTimeout = (call, ms) => { timers.push({ id: ++id, at: wall + (ms || 0), call }); return id; };
globalThis.setInterval = (call, ms) => { timers.push({ id: ++id, at: wall + ms, call, ms }); return id; };
globalThis.clearTimeout = globalThis.clearInterval = (gone) => { timers = timers.filter((t) => t.id !== gone); };
const settle = async () => { for (let i = 0; i < 50; i++) await null; };
const later = async (ms) => {
  for (const end = wall + ms; ; await settle()) {
    const next = timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0];
    if (!next) return void (wall = end);
    wall = Math.max(wall, next.at);
    if (next.ms) next.at += next.ms; else clearTimeout(next.id);
    next.call();
  }
};
const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
const frame = (t, more) => tell('gc:frame', { t, ...more });
"""


def run(files: list[str], stand_ins: str, body: str, **given: Any) -> Any:
    """What `body` gives to `out(...)`, after kernel.js, `stand_ins` (JavaScript for what the files rely on) and the files."""
    load = [f"require({json.dumps(str(ASSETS / file))});" for file in files]
    first = [f"require({json.dumps(str(ASSETS / file))});" for file in ("kernel.js", "light.js")]
    parts = [PAGE, *first, stand_ins, *load, f"const input = {json.dumps(given)};"]
    script = "\n".join(parts) + "\nconst out = (value) => process.stdout.write(JSON.stringify(value));\n(async () => {" + body + "\n})();"
    assert NODE
    done = subprocess.run([NODE, "-e", script], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0 and done.stdout, done.stderr
    return json.loads(done.stdout)
