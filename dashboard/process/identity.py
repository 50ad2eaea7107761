"""Which process is meant. A pid alone may be another process tomorrow; together with when it began it never is."""

from __future__ import annotations

import socket
import subprocess
from functools import lru_cache
from pathlib import Path


def born(pid: int) -> str | None:
    """When this process began, in the system's own words without blanks; None for one that is gone or only waits to be reaped."""
    if Path("/proc/self/stat").exists():
        return _from_proc(pid)
    told = subprocess.run(["ps", "-o", "state=,lstart=", "-p", str(pid)], capture_output=True, text=True).stdout.split()  # macOS
    return "-".join(told[1:]) if told and not told[0].startswith("Z") else None


def _from_proc(pid: int) -> str | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


@lru_cache(maxsize=1)
def here() -> str:
    """Where pids mean the same processes: the host, and on Linux its name space of pids."""
    space = Path("/proc/self/ns/pid")
    return socket.gethostname() + (f"/{str(space.readlink())[5:-1]}" if space.is_symlink() else "")


def name_of(pid: int) -> str | None:
    """host:pid:start of a living process on this machine, None for one that is gone."""
    began = born(pid)
    return None if began is None else f"{here()}:{pid}:{began}"


def gone(name: str) -> bool:
    """Whether a process that was named by `name_of` on this machine has ended. Never of another machine's, which cannot be known."""
    host, _, rest = name.partition(":")
    pid, _, began = rest.partition(":")
    return host == here() and pid.isdigit() and bool(began) and name_of(int(pid)) != name
