"""`gridcommand up` in a folder where another one runs already: one clear line, and the other one goes on."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

import app


def test_two_of_them_do_not_share_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert app.main(["up", "--data", str(tmp_path)]) == 2
    assert "another `gridcommand up` runs" in capsys.readouterr().err
