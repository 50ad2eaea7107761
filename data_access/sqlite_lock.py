"""Who holds the write lock of an SQLite database in WAL mode."""

from __future__ import annotations

import fcntl
import os
import struct
import sys
from pathlib import Path

_WRITE_LOCK = 120
"""The byte of the -shm file that a writer locks (sqlite.org/walformat.html, 2.3.1)."""
_FLOCK = "@qqihh" if sys.platform == "darwin" else "@hhqqi4x"
_kept: dict[int, int] = {}
"""Open files by inode. They stay open: closing one would drop the locks that SQLite has on it in this process."""


def writer(database: Path) -> int | None:
    """Pid of the other process that holds the lock now; None when there is none, or when it cannot be seen from here."""
    try:
        fd = _open(database.with_name(f"{database.name}-shm"))
    except OSError:
        return None
    return _holder(fcntl.fcntl(fd, fcntl.F_GETLK, _question()))


def _open(path: Path) -> int:
    inode = path.stat().st_ino
    if inode not in _kept:
        _kept[inode] = os.open(path, os.O_RDWR)
    return _kept[inode]


def _question() -> bytes:
    if sys.platform == "darwin":
        return struct.pack(_FLOCK, _WRITE_LOCK, 1, 0, fcntl.F_WRLCK, os.SEEK_SET)
    return struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, _WRITE_LOCK, 1, 0)


def _holder(answer: bytes) -> int | None:
    if sys.platform == "darwin":
        _, _, pid, kind, _ = struct.unpack(_FLOCK, answer)
    else:
        kind, _, _, _, pid = struct.unpack(_FLOCK, answer)
    return int(pid) if kind != fcntl.F_UNLCK and pid > 0 else None
