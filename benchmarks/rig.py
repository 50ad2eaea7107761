"""A Valkey, a database and a stream of events of their own, in a folder that goes away."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from app import Adapters
from dashboard.settings import load
from dashboard.simulate import demo
from data_access import server, stream

DAY_START = 1_795_132_800_000
"""2026-11-20 08:00 +08:00, a Friday."""


@contextmanager
def valkey() -> Iterator[tuple[Path, str]]:
    """(folder, URL) of a server with the settings of the embedded one."""
    folder = Path(tempfile.mkdtemp(prefix="gc-bench-"))
    process = subprocess.Popen(server.command(folder / "valkey.sock"))
    try:
        server.wait(server.url(folder / "valkey.sock"), process)
        yield folder, server.url(folder / "valkey.sock")
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def demo_events(count: int) -> list[bytes]:
    """The first events of a working day of the demo city."""
    from dashboard.simulate.city import city
    from dashboard.simulate.day import play

    return [body for _, body in islice(play(city(), 7, DAY_START, stock=4000), count)]


def demo_rules(folder: Path) -> None:
    """The newest schema with the demo's catalogue and limits: promises are pinned, as in a city."""
    outside = Adapters(load({}, data_dir=str(folder)))
    outside.prepare()
    demo.seed_rules(outside.reader(), outside.registry())


def client(url: str) -> Any:
    return stream.client(url)
