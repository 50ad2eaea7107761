"""From XADD to every screen: how long it takes and what a screen costs.

latency: a real system (Valkey, engine, one web worker); ours is XADD -> frame at a socket, or -> painted in Chromium's DOM;
baseline: asking the API every second; limit: XADD -> the same event read from cases:changes. cost: CPU of the web worker
per frame and socket above the cost
without sockets; baseline: Dash's persistent WebSocket callback; limit: a bare uvloop broadcast of the same bytes.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import websockets

from benchmarks import BenchRow
from benchmarks.rig import client, demo_rules
from benchmarks.sockets import dash_request
from dashboard.simulate.envelope import digest, event, heartbeat, rfc3339, uuid7
from data_access.stream import Inbox, name

RATES, SOCKETS, RUNS = (100, 1000), (200, 500), 3
AN_ACCOUNT = 50  # sockets: fewer than one may hold (callbacks/auth/middleware.py)
SECONDS = 6.0
ROOT = Path(__file__).resolve().parents[1]


def run() -> list[BenchRow]:
    with system() as s:
        rows = [row for rate in RATES for row in latency(s, rate)]
        tokens = [s.cli("user", "token", f"bench{i}", "--role", "dispatcher") for i in range(max(SOCKETS) // AN_ACCOUNT)]
        return rows + [row for n in SOCKETS for row in cost(s, n, tokens)]


class System:
    """One running GridCommand with a single web worker."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.env = os.environ | {"GRIDCOMMAND_DATA_DIR": str(folder), "GRIDCOMMAND_PORT": str(port), "GRIDCOMMAND_WORKERS": "1"}
        self.redis = f"unix://{folder / 'valkey.sock'}"
        self.token = ""

    def cli(self, *args: str) -> str:
        command = [sys.executable, str(ROOT / "app.py"), *args]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=True).stdout.strip()

    def worker(self) -> psutil.Process:
        """The gunicorn worker: the child of the process that runs `web`."""
        masters = [p for p in psutil.process_iter(["cmdline", "ppid"]) if (p.info["cmdline"] or [])[-1:] == ["web"]]
        mine = [p for p in masters if p.environ().get("GRIDCOMMAND_DATA_DIR") == str(self.folder)]
        return next(p for p in mine if p.ppid() in {q.pid for q in mine})

    def feed(self, rate: int, seconds: float, run_: str) -> None:
        """Reports at an even rate; the subject carries the moment of its XADD in ms."""
        inbox, began = Inbox(client(self.redis)), time.time()
        step = 0.01 if rate >= 100 else 1 / rate
        n = 0
        while (elapsed := time.time() - began) < seconds:
            due = int(elapsed * rate) - n
            if due > 0:
                now = int(time.time() * 1000)
                inbox.report([*(report(now, run_, n + i) for i in range(due)), heartbeat("/bench", now)])
                n += due
            time.sleep(step)


def report(now: int, run_: str, n: int) -> bytes:
    place = {"lon": 118.7 + n % 100 / 1000, "lat": 32.0 + n % 90 / 1000, "crs": "wgs84"}
    data = {"category": "010101", "channel": "department", "workflow": "simple", "severity": "normal", "place": place, "title": "bench"}
    return event(uuid7(now, digest(run_, n)), "/bench", "case.reported", f"{now}-{run_}-{n}", rfc3339(now), data)


@contextmanager
def system() -> Iterator[System]:
    """A fresh one, with one dispatcher."""
    folder = Path(tempfile.mkdtemp(prefix="gc-bench-"))
    try:
        demo_rules(folder)
        with started(System(folder, free_port())) as s:
            s.token = s.cli("user", "token", "bench", "--role", "dispatcher")
            yield s
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def started(s: System) -> Iterator[System]:
    """Runs as long as somebody uses it, on whatever is in its folder."""
    process = subprocess.Popen([sys.executable, str(ROOT / "app.py"), "up"], env=s.env, stdout=subprocess.DEVNULL)
    try:
        wait_ready(s.port)
        yield s
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def wait_ready(port: int, path: str = "/readyz") -> None:
    for _ in range(600):
        try:
            if httpx.get(f"http://127.0.0.1:{port}{path}", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")


def latency(s: System, rate: int) -> list[BenchRow]:
    taken: dict[str, list[float]] = {"frame": [], "dom": [], "poll": [], "limit": []}
    for turn in range(RUNS):
        run_ = f"r{rate}x{turn}"
        feeder = threading.Thread(target=s.feed, args=(rate, SECONDS, run_))
        threads = [threading.Thread(target=f, args=(s, run_, taken)) for f in (watch_stream, watch_poll, watch_dom)]
        for t in threads:
            t.start()
        time.sleep(6)  # Chromium needs a moment
        feeder.start()
        asyncio.run(watch_socket(s, run_, taken["frame"]))
        for t in (feeder, *threads):
            t.join()
    rows: list[BenchRow] = []
    for what, key in ((f"XADD -> frame at a socket, {rate} events/s", "frame"), (f"XADD -> DOM in Chromium, {rate} events/s", "dom")):
        if not taken[key]:
            continue
        for q in (50, 99):
            cells = {k: round(percentile(taken[k], q), 1) for k in (key, "poll", "limit")}
            figures = {"ours": cells[key], "baseline": cells["poll"], "limit": cells["limit"]}
            rows.append(BenchRow(what=f"{what}, p{q}", unit="ms", n=RUNS, **figures))
    return rows


def percentile(values: list[float], q: int) -> float:
    return statistics.quantiles(values, n=100)[q - 1]


def ages(subjects: list[str], run_: str) -> list[float]:
    now = time.time() * 1000
    return [now - int(x.split("-")[0]) for x in subjects if f"-{run_}-" in x]


async def watch_socket(s: System, run_: str, out: list[float]) -> None:
    url = f"ws://127.0.0.1:{s.port}/live?format=json"
    end = time.time() + SECONDS
    async with websockets.connect(url, additional_headers={"Authorization": f"Bearer {s.token}"}, max_size=None) as w:
        while time.time() < end:
            try:
                frame = json.loads(await asyncio.wait_for(w.recv(), 1))
            except TimeoutError:
                continue
            if frame["t"] == "delta":
                out += ages(frame["cases"]["subject"], run_)


def watch_stream(s: System, run_: str, taken: dict[str, list[float]]) -> None:
    r, last, end = client(s.redis), "$", time.time() + SECONDS + 6
    while time.time() < end:
        answer = r.xread({name("changes"): last}, count=1000, block=500) or {}
        for messages in answer.values():
            last = messages[-1][0]
            taken["limit"] += ages([json.loads(f[b"e"]).get("subject", "") for _, f in messages], run_)


def watch_poll(s: System, run_: str, taken: dict[str, list[float]]) -> None:
    seen: set[str] = set()
    end = time.time() + SECONDS + 6
    with httpx.Client(headers={"Authorization": f"Bearer {s.token}"}) as c:
        while time.time() < end:
            items = c.get(f"http://127.0.0.1:{s.port}/api/v1/cases?order=-reported&limit=2000").json()["items"]
            fresh = [i["subject"] for i in items if i["subject"] not in seen]
            seen.update(fresh)
            taken["poll"] += ages(fresh, run_)
            time.sleep(1)


WATCH = """run => { window.took = []; const seen = new Set();
  document.addEventListener('gc:frame', e => requestAnimationFrame(() => {
    for (const s of (e.detail.cases || {subject: []}).subject)
      if (s.includes('-' + run + '-') && !seen.has(s)) { seen.add(s); window.took.push(Date.now() - Number(s.split('-')[0])); } })); }"""


def watch_dom(s: System, run_: str, taken: dict[str, list[float]]) -> None:
    """The wall in Chromium: a frame counts when the animation frame that paints it runs. Without a browser: no rows."""
    chromium = shutil.which("chromium")
    if chromium is None:
        return
    from playwright.sync_api import sync_playwright

    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update"
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=chromium, args=[*flags.split(), "--disable-sync"])
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        page.goto(f"http://127.0.0.1:{s.port}/wall?token={s.token}")
        page.wait_for_function("window.gc && window.gc.model && window.gc.model.loaded")
        page.evaluate(WATCH, run_)
        page.wait_for_timeout((SECONDS + 5) * 1000)
        taken["dom"] += page.evaluate("window.took")
        browser.close()


def cost(s: System, sockets: int, tokens: list[str]) -> list[BenchRow]:
    """µs of CPU per frame and socket, medians over the runs."""
    body = sample_frame(s)
    file = s.folder / "frame.bin"
    file.write_bytes(body)
    ours, bare, dash_ = [], [], []
    for turn in range(RUNS):
        ours.append(our_cost(s, sockets, tokens, f"c{sockets}x{turn}"))
        bare.append(other_cost("bare", file, sockets, "/"))
        dash_.append(other_cost("dash", file, min(sockets, 100), "/_dash-ws-callback"))
    medians = [round(statistics.median(x), 1) for x in (ours, dash_, bare)]
    ratio = [o / b for o, b in zip(ours, bare, strict=True)]
    return [
        {"what": f"CPU per socket and frame, {sockets} sockets", "ours": medians[0], "baseline": medians[1], "limit": medians[2],
         "unit": "µs", "n": RUNS},
        {"what": f"the same against the bare broadcast, {sockets} sockets", "ours": round(statistics.median(ratio), 2),
         "baseline": round(medians[1] / medians[2], 1), "limit": 1.0, "unit": "ratio", "n": RUNS},
    ]  # fmt: skip


def sample_frame(s: System) -> bytes:
    """A delta of 10 events in the browser's format, as the bare server will send it."""
    async def one() -> bytes:
        url = f"ws://127.0.0.1:{s.port}/live?format=z"
        async with websockets.connect(url, additional_headers={"Authorization": f"Bearer {s.token}"}, max_size=None) as w:
            frames = [await w.recv() for _ in range(12)]
        sizes = sorted((f if isinstance(f, bytes) else f.encode() for f in frames[1:]), key=len)
        return sizes[len(sizes) // 2]

    feeder = threading.Thread(target=s.feed, args=(100, 3.0, "sample"))
    feeder.start()
    found = asyncio.run(one())
    feeder.join()
    return found


def our_cost(s: System, sockets: int, tokens: list[str], run_: str) -> float:
    worker = s.worker()
    feeder = threading.Thread(target=s.feed, args=(100, SECONDS + 30, run_), daemon=True)
    feeder.start()
    time.sleep(1)
    idle = cpu(worker, SECONDS)
    frames, busy = under_load(worker, s.port, sockets, "/live?format=z", tokens, "")
    feeder.join()
    return (busy - idle) * 1e6 / frames


def other_cost(role: str, file: Path, sockets: int, path: str) -> float:
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.sockets", role, str(port), str(file)], cwd=ROOT)
    try:
        say = ""
        if role == "dash":
            wait_ready(port, "/_dash-dependencies")
            say = dash_request(httpx.get(f"http://127.0.0.1:{port}/_dash-dependencies").json())
        else:
            time.sleep(1)
        process = psutil.Process(server.pid)
        idle = cpu(process, 2.0) * SECONDS / 2.0
        frames, busy = under_load(process, port, sockets, path, [""], say)
        return (busy - idle) * 1e6 / frames
    finally:
        server.terminate()
        server.wait()


def cpu(process: psutil.Process, seconds: float) -> float:
    """CPU seconds used while this many seconds pass."""
    before = sum(process.cpu_times()[:2])
    time.sleep(seconds)
    return float(sum(process.cpu_times()[:2]) - before)


def under_load(process: psutil.Process, port: int, sockets: int, path: str, tokens: list[str], say: str) -> tuple[int, float]:
    """(frames that arrived, CPU seconds of the server) in SECONDS with this many sockets."""
    command = [sys.executable, "-m", "benchmarks.sockets", "load", str(port), str(sockets), str(SECONDS), path, ",".join(tokens), say]
    load = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert load.stdout is not None
    _, first, opened = load.stdout.readline().split()
    if int(opened) != sockets:
        raise RuntimeError(f"only {opened} of {sockets} sockets opened")
    before = sum(process.cpu_times()[:2])
    last = int(load.stdout.readline().split()[1])
    used = float(sum(process.cpu_times()[:2]) - before)
    load.wait()
    return last - int(first), used
