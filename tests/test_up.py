"""`gridcommand up`: in a folder where another one runs already, and in one where nothing is promised yet."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import app
from tests.conftest import ROOT

POLICY = "version,valid_from,category,severity,stage,value,mode\nv1,2026-01-01T00:00+08:00,02,,total,3,24x7\n"


def test_two_of_them_do_not_share_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert app.main(["up", "--data", str(tmp_path)]) == 2
    assert "another `gridcommand up` runs" in capsys.readouterr().err


def said_by_up(folder: Path) -> list[str]:
    """The lines of one that starts and is ended when it is there."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if not k.startswith("GRIDCOMMAND_")} | {"GRIDCOMMAND_WORKERS": "1"}
    line = [sys.executable, str(ROOT / "app.py"), "up", "--data", str(folder), "--port", str(port)]
    up = subprocess.Popen(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert up.stdout is not None
    told: list[str] = []
    for text in up.stdout:
        told.append(text.strip())
        if text.startswith("GridCommand is on"):
            up.terminate()
    assert up.wait(30) == 0
    return told


def test_a_city_without_a_policy_is_told_what_is_missing_until_it_has_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = [line for line in said_by_up(tmp_path) if "no policy" in line]
    assert len(first) == 1 and "`gridcommand import policy FILE`" in first[0] and "docs/operations.md" in first[0]
    file = tmp_path / "p.csv"
    file.write_text(POLICY)
    assert app.main(["import", "policy", str(file), "--data", str(tmp_path)]) == 0
    again = said_by_up(tmp_path)
    assert any(line.startswith("GridCommand is on") for line in again) and not any("no policy" in line for line in again)
