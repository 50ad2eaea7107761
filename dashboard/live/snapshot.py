"""The board on disk: column bytes with the pos they stand at, so that a worker starts without reading every case again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from dashboard.live.board import DTYPES, Board, Words
from dashboard.places.unit import UnitTree
from dashboard.ports.reader import Reader

VERSION = 4


def save(board: Board, path: Path, event_id: str) -> None:
    """Writes beside the old file and then replaces it. `event_id` is that of the event at the board's pos."""
    used = np.flatnonzero(board.col["used"][: len(board.ids)])
    columns = {name: board.col[name][used] for name in DTYPES}
    known = {"categories": board.categories, "codes": board.codes}
    words = {name: _pack([w for w in list_.words if w is not None]) for name, list_ in known.items()}
    ids = _pack([board.ids[i] for i in used.tolist()])
    head = np.array([VERSION, board.pos, board.today], dtype=np.int64)
    new = path.with_suffix(f".{os.getpid()}")
    arrays: dict[str, Any] = {"head": head, "ids": ids, "event": _pack([event_id]), **words, **columns}
    with new.open("wb") as f:
        np.savez(f, **arrays)
    new.replace(path)


def load(path: Path, tree: UnitTree, today: int) -> tuple[Board, str] | None:
    """(board, id of the event at its pos), or None when there is no snapshot that this version can read."""
    try:
        with np.load(path) as stored:
            if int(stored["head"][0]) != VERSION:
                return None
            board = Board(tree, int(stored["head"][2]))
            board.pos = int(stored["head"][1])
            board.ids = _unpack(stored["ids"])
            board.categories, board.codes = Words(_unpack(stored["categories"])), Words(_unpack(stored["codes"]))
            board.col = {name: np.concatenate([stored[name], np.zeros(1024, dtype)]) for name, dtype in DTYPES.items()}
            event_id = _unpack(stored["event"])[0]
    except (OSError, EOFError, ValueError, KeyError, IndexError, BadZipFile):
        return None
    board.slot = {case: i for i, case in enumerate(board.ids)}
    board.set_tree(tree)
    board.new_day(today)
    return board, event_id


def _pack(words: list[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\0".join(words).encode(), dtype=np.uint8)


def _unpack(packed: NDArray[np.uint8]) -> list[str]:
    return packed.tobytes().decode().split("\0") if packed.size else []


def load_board(reader: Reader, tree: UnitTree, today: int, path: Path) -> Board:
    """Snapshot and what SQL knows beyond it, or SQL alone when the snapshot is of another database."""
    found = load(path, tree, today)
    if found is not None and found[0].pos and reader.board.event_at(found[0].pos) == found[1]:
        board = found[0]
        pos, rows = reader.board.rows(board.pos, today)
    else:
        board = Board(tree, today)
        pos, rows = reader.board.rows(0, today)
    board.apply(rows, pos)
    return board
