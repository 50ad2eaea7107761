"""Settings: every one documented, an unknown one an error, each bad one a line that a person can act on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from dashboard.settings import PREFIX, BadSetting, Settings, load
from tests.conftest import ROOT

NONE = Path("/nonexistent/gridcommand.toml")
NAMES = [field.name for field in msgspec.structs.fields(Settings)]
OPERATIONS = ROOT / "docs" / "operations.md"


def loaded(**environ: str) -> Settings:
    return load({PREFIX + k: v for k, v in environ.items()}, NONE)


def test_defaults_need_nothing() -> None:
    assert loaded() == Settings()


def test_environment_over_file_and_command_line_over_both(tmp_path: Path) -> None:
    file = tmp_path / "gridcommand.toml"
    file.write_text('port = 1001\nworkers = 3\nlang = "en"\ndemo = true\n')
    found = load({"GRIDCOMMAND_PORT": "1002", "GRIDCOMMAND_WORKERS": "4", "HOME": "/x"}, file, port=1003, data_dir=None)
    assert (found.port, found.workers, found.lang, found.demo, found.data_dir) == (1003, 4, "en", True, Settings().data_dir)


def test_texts_of_the_environment_become_what_they_mean() -> None:
    found = loaded(PORT="9000", DEMO="1", RETENTION_DAYS="30", TILE_CRS="gcj02", CLOCK="stream")
    assert (found.port, found.demo, found.retention_days, found.tile_crs, found.clock) == (9000, True, 30, "gcj02", "stream")


BAD = [
    ("PROT", "8050"), ("PORT", "many"), ("PORT", "0"), ("PORT", "65536"), ("PORT", ""), ("WORKERS", "0"), ("WORKERS", "65"),
    ("WORKERS", "1.5"),
    ("TIMEZONE", "Asia/Nanjing"), ("TIMEZONE", ""), ("TIMEZONE", "../etc/passwd"), ("TIMEZONE", "/etc/localtime"), ("CLOCK", "sundial"),
    ("TILE_CRS", "mars"), ("LANG", "fr"), ("PARTITIONS", "2"), ("PARTITIONS", "0"), ("DEMO", "perhaps"), ("REDIS_URL", "localhost:6379"),
    ("REDIS_URL", "http://localhost"), ("DATABASE_URL", "localhost/grid"), ("DATABASE_URL", "mysql://a@b/c"), ("RETENTION_DAYS", "0"),
    ("RETENTION_DAYS", "-1"), ("FEED_LIMIT_SECONDS", "0"), ("FEED_LIMIT_SECONDS", "soon"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_setting_is_one_clear_line_that_names_it(name: str, value: str) -> None:
    with pytest.raises(BadSetting) as bad:
        loaded(**{name: value})
    line = str(bad.value)
    assert "\n" not in line
    assert name.lower() in line.lower()


@pytest.mark.parametrize("name", ["REDIS_URL", "DATABASE_URL", "SECRET_KEY"])
def test_a_secret_is_not_repeated(name: str) -> None:
    """The line may land in a log; passwords in it may not."""
    with pytest.raises(BadSetting) as bad:
        loaded(**{name: "mysql://me:hunter2@host/x", "PORT": "0"})
    assert "hunter2" not in str(bad.value)


GOOD_URLS = [
    ("REDIS_URL", "redis://h:6379/0"), ("REDIS_URL", "rediss://h"), ("REDIS_URL", "unix:///tmp/x.sock"), ("DATABASE_URL", "postgresql://a:b@h/c"),
    ("DATABASE_URL", "postgres://h/c"), ("DATABASE_URL", "postgresql+psycopg://h/c"), ("DATABASE_URL", "sqlite:////tmp/x.sqlite"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), GOOD_URLS)
def test_good_urls(name: str, value: str) -> None:
    assert getattr(loaded(**{name: value}), name.lower()) == value


@pytest.mark.parametrize("content", [b"port = ", b"prot = 8050", b"\xff\xfe", b"port = '8'\n[more]\nx = 1", b"timezone = 5"])
def test_a_bad_file_is_one_clear_line(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "gridcommand.toml"
    file.write_bytes(content)
    with pytest.raises(BadSetting) as bad:
        load({}, file)
    assert "\n" not in str(bad.value)


@pytest.mark.parametrize(("name", "value"), [BAD[0], BAD[1], BAD[8]])
def test_the_command_says_it_and_ends(name: str, value: str, tmp_path: Path) -> None:
    environ = os.environ | {PREFIX + name: value, PREFIX + "DATA_DIR": str(tmp_path / "data")}
    done = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "engine"], env=environ, capture_output=True, text=True, timeout=30, cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert name in done.stderr.upper()
    assert not (tmp_path / "data").exists(), "nothing is made with bad settings"


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_documented(name: str) -> None:
    assert re.search(rf"\b{name.upper()}\b", OPERATIONS.read_text(encoding="utf-8")), f"{name.upper()} is not in docs/operations.md"


def test_the_operations_page_documents_no_setting_that_is_not() -> None:
    first = re.findall(r"^\| (`[A-Z_]+`[^|]*)\|", OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name for cell in first for name in re.findall(r"`([A-Z_]+)`", cell)} == {n.upper() for n in NAMES}
