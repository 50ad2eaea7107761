"""The data folder: our files in it are their owner's only, and it keeps the secret that signs sessions."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from secrets import token_urlsafe

from dashboard.settings import Settings

OURS = ("gridcommand.sqlite*", "board*.npz", "secret*", "demo-accounts.json", "simulate.json", "lock")
"""Our files in the data folder."""


def keep_to_owner(folder: Path) -> None:
    """The folder, our files in it, and whatever this process makes are its owner's only, also where they were wider before."""
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = [(folder, 0o700), *((file, 0o600) for name in OURS for file in folder.glob(name) if file.is_file())]
    for path, mode in found:
        try:
            if path.stat().st_mode & 0o077:
                path.chmod(mode)
        except FileNotFoundError:
            continue  # a -wal that went with its last reader
        except PermissionError:
            print(f"gridcommand: {path} is readable by others and not ours to change; make it mode {mode:o}", file=sys.stderr)


def secret(settings: Settings) -> bytes:
    """SECRET_KEY, or one that is made once and kept in the data folder."""
    if settings.secret_key:
        return settings.secret_key.encode()
    path = settings.folder / "secret"
    if not path.exists():
        new = path.with_suffix(f".{os.getpid()}")
        new.touch(mode=0o600)
        new.write_text(token_urlsafe(32))
        new.rename(path)
    return path.read_bytes()
