"""The services: engine and web workers, each alone or all of them by `up`."""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from dashboard.cli.adapter import Adapters
from dashboard.cli.terminal import fail
from dashboard.clock import wall_ms
from dashboard.ports.ledger import Fenced
from dashboard.process.backoff import work
from dashboard.process.heartbeat import Heartbeat
from dashboard.process.supervise import BadStart, Child, Supervisor, end_leftover
from dashboard.settings import Settings
from dashboard.simulate import demo

PORT_SECONDS = 10.0
"""How long `web` waits for its port: the workers of a master that was killed need a moment to notice."""
NO_POLICY = (
    "no policy is imported: cases get no due times but those of their sources; `gridcommand import policy FILE` "
    "(docs/operations.md, Rules)"
)
APP = Path(__file__).parents[2] / "app.py"


def run_web(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    heartbeat = Heartbeat.inherited()
    adapters.prepare(service=True)
    adapters.need_redis(service=True)
    if ended := demo.end(adapters.accounts(), settings):
        print(f"{ended} demo accounts are disabled; `up --demo` makes them anew", flush=True)
    try:
        bound = adapters.listen(PORT_SECONDS)
    except OSError as e:
        return fail(_no_port(settings, e))
    heartbeat.busy()
    adapters.serve(bound, heartbeat.beat)
    return 0


def _no_port(settings: Settings, e: OSError) -> str:
    where = f"{settings.host} port {settings.port}"
    return f"cannot listen on {where}: {e.strerror}; stop what uses it, or give another HOST, or another PORT with --port"


def run_engine(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    heartbeat, parent = Heartbeat.inherited(), os.getppid()
    adapters.prepare(service=True)
    adapters.need_redis(service=True)
    stopping = stop_flag()
    try:
        work(adapters.engine(heartbeat), lambda: bool(stopping) or os.getppid() != parent, heartbeat)
    except Fenced as e:
        return fail(str(e), 75)
    return 0


def stop_flag() -> list[int]:
    """Filled by SIGTERM or SIGINT; who works in a loop looks at it."""
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: stopping.append(number))
    return stopping


def run_up(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    began = time.monotonic()
    adapters.make_folder()
    alone = (settings.folder / "lock").open("w")
    try:
        fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)  # two of them would take each other's Valkey away
    except BlockingIOError:
        return fail(f"another `gridcommand up` runs in {settings.folder}; stop it first, or give this one a --data folder of its own")
    adapters.prepare(service=True)
    if settings.redis_url:
        adapters.need_redis(service=True)
    if not settings.demo and not adapters.reader().rules.sla().policies.versions:
        print(NO_POLICY, flush=True)
    supervisor = Supervisor(settings.folder / "run")
    try:
        return _keep_up(supervisor, adapters, args.speed, began)
    except BadStart:
        return 2  # the child has said why
    finally:
        supervisor.stop()


def _keep_up(supervisor: Supervisor, adapters: Adapters, speed: float, began: float) -> int:
    settings = adapters.settings
    env, me = _environment(settings, speed), [sys.executable, str(APP)]
    if not settings.redis_url:
        adapters.wait_for_valkey(supervisor.add(adapters.valkey(env)))
    end_leftover(settings.folder / "run", "web")
    try:
        adapters.listen().close()
    except OSError as e:
        return fail(_no_port(settings, e))
    if settings.demo:
        if begun := demo.begin_again(settings.folder, wall_ms()):
            print(begun, flush=True)
        demo.seed(adapters.reader(), adapters.registry(), adapters.accounts(), settings.folder)
    supervisor.add(Child("engine", [*me, "engine"], env, family=False))
    if settings.demo:
        supervisor.add(Child("simulate", [*me, "simulate", "--speed", str(speed)], env, family=False))
        supervisor.run(until=lambda: demo.is_filled(settings.folder))
    supervisor.add(Child("web", [*me, "web"], env))
    supervisor.run(until=lambda: _reachable(settings))
    if not supervisor.stopping:
        print(f"GridCommand is on http://localhost:{settings.port} after {time.monotonic() - began:.1f} s", flush=True)
    supervisor.run()
    return 0


def _environment(settings: Settings, speed: float) -> dict[str, str]:
    """What the children are told; a faster day has its own now."""
    given = settings if speed == 1.0 else msgspec.structs.replace(settings, clock="stream")
    env = os.environ | {f"GRIDCOMMAND_{k.upper()}": _text(getattr(given, k)) for k in given.__struct_fields__}
    return env | {"GRIDCOMMAND_DATA_DIR": str(settings.folder)}


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def _reachable(settings: Settings) -> bool:
    try:
        socket.create_connection(("127.0.0.1", settings.port), 0.2).close()
    except OSError:
        return False
    return True
