"""A command that cannot do its work says in one line what to do: 2 = mend it, 75 = try again; no traceback, no password, no loop."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from sqlalchemy import create_engine

import app
from dashboard.cli import service
from data_access import server
from data_access.database import connect, migrate, url_of
from tests.conftest import ROOT

SECRET = "sup3r-s3cret"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [n for n in os.environ if n.startswith("GRIDCOMMAND_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(app, "WAIT_SECONDS", 1.0)
    monkeypatch.setattr(service, "PORT_SECONDS", 0.5)


@pytest.fixture
def ends(capfd: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command that must end by itself; what it said, which is one line (and one that it waits, if it may)."""

    def run(code: int, *line: str, says: str, waits: bool = False) -> str:
        assert app.main(line) == code, capfd.readouterr().err
        said = capfd.readouterr().err
        lines = said.splitlines()
        assert len(lines) == 1 + waits, said
        assert all(text.startswith("gridcommand: ") for text in lines)
        assert says in lines[-1] and SECRET not in said
        return lines[-1]

    return run


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MiB."""
    path = tmp_path / "disk"
    path.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(path)], capture_output=True).returncode:
        pytest.skip("no right to mount")
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.mark.parametrize("line", [("up",), ("web",), ("engine",), ("simulate",), ("user", "list"), ("deadletters", "list")])
def test_a_data_folder_that_is_a_file(line: tuple[str, ...], tmp_path: Path, ends: Callable[..., str]) -> None:
    (tmp_path / "f").touch()
    ends(2, *line, "--data", str(tmp_path / "f"), says="is not a folder")


@pytest.mark.parametrize("what", ["up", "engine"])
def test_a_socket_path_that_is_too_long(what: str, tmp_path: Path, ends: Callable[..., str]) -> None:
    ends(2, what, "--data", str(tmp_path / ("x" * 100)), says="too long for a socket")


@pytest.mark.parametrize("line", [("up",), ("web",), ("engine",), ("simulate",), ("user", "list")])
def test_a_full_disk(line: tuple[str, ...], small_disk: Path, ends: Callable[..., str]) -> None:
    (small_disk / "ballast").write_bytes(b"x" * (1 << 20))
    assert "space" in ends(2, *line, "--data", str(small_disk), says="start again")


@pytest.mark.parametrize(
    "line", [("up",), ("web",), ("engine",), ("simulate",), ("user", "list"), ("user", "token", "x", "--role", "wall")]
)
def test_a_read_only_folder(line: tuple[str, ...], small_disk: Path, ends: Callable[..., str]) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    ends(2, *line, "--data", str(small_disk / "data"), says="cannot be written")
    ends(2, *line, "--data", str(small_disk), says="cannot be written")


def test_a_limit_on_file_sizes(tmp_path: Path) -> None:
    line = f"ulimit -f 40; exec {sys.executable} {ROOT / 'app.py'} user list --data {tmp_path}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr
    assert "takes nothing more" in done.stderr


@pytest.mark.parametrize("what", ["up", "web"])
def test_a_port_in_use(what: str, tmp_path: Path, valkey_url: str, ends: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDCOMMAND_REDIS_URL", valkey_url)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = str(s.getsockname()[1])
        ends(2, what, "--port", port, "--data", str(tmp_path), says=f"port {port}")


@pytest.mark.parametrize("line", [("up",), ("web",), ("engine",), ("user", "list")])
def test_a_database_that_does_not_answer(
    line: tuple[str, ...], tmp_path: Path, ends: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDCOMMAND_DATABASE_URL", f"postgresql://me:{SECRET}@127.0.0.1:{_free_port()}/city")
    ends(75, *line, "--data", str(tmp_path), says="does not answer", waits=line[0] != "user")


@pytest.mark.parametrize("what", ["up", "web", "engine", "simulate"])
def test_a_redis_that_does_not_answer(what: str, tmp_path: Path, ends: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDCOMMAND_REDIS_URL", f"redis://:{SECRET}@127.0.0.1:{_free_port()}")
    ends(75, what, "--data", str(tmp_path), says="does not answer", waits=True)


@pytest.mark.parametrize("line", [("engine",), ("user", "list")])
def test_a_wrong_password_of_the_database(
    line: tuple[str, ...], tmp_path: Path, postgres_url: str, ends: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = create_engine(url_of(postgres_url, tmp_path), isolation_level="AUTOCOMMIT")
    with admin.connect() as c:
        if not c.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = 'needs_password'").all():
            c.exec_driver_sql("CREATE ROLE needs_password LOGIN PASSWORD 'right'")
            hba = Path(c.exec_driver_sql("SHOW hba_file").scalar_one())
            hba.write_text("local all needs_password scram-sha-256\n" + hba.read_text())
            c.exec_driver_sql("SELECT pg_reload_conf()")
            time.sleep(0.5)
    url = admin.url.set(drivername="postgresql", username="needs_password", password=SECRET)
    admin.dispose()
    monkeypatch.setenv("GRIDCOMMAND_DATABASE_URL", url.render_as_string(hide_password=False))
    ends(2, *line, "--data", str(tmp_path), says="mend GRIDCOMMAND_DATABASE_URL")


@pytest.fixture
def locked_redis(tmp_path: Path) -> Iterator[str]:
    """A server that asks for a password; its URL with a wrong one."""
    path = tmp_path / "r.sock"
    process = subprocess.Popen([*server.command(path), "--requirepass", "right"], stdout=subprocess.DEVNULL)
    while not path.exists():
        time.sleep(0.02)
    yield f"unix://:{SECRET}@{path}"
    process.kill()
    process.wait()


@pytest.mark.parametrize("what", ["web", "engine", "simulate"])
def test_a_wrong_password_of_redis(
    what: str, tmp_path: Path, locked_redis: str, ends: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDCOMMAND_REDIS_URL", locked_redis)
    ends(2, what, "--data", str(tmp_path), says="mend GRIDCOMMAND_REDIS_URL")
    monkeypatch.setenv("GRIDCOMMAND_REDIS_URL", locked_redis.replace(f":{SECRET}@", ""))
    ends(2, what, "--data", str(tmp_path), says="mend GRIDCOMMAND_REDIS_URL")


@pytest.mark.parametrize("line", [("up",), ("engine",), ("user", "list")])
def test_a_newer_schema(line: tuple[str, ...], tmp_path: Path, ends: Callable[..., str]) -> None:
    url = url_of("", tmp_path)
    migrate(url)
    with connect(url).execution_options(write=True).begin() as c:
        c.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    ends(2, *line, "--data", str(tmp_path), says="9999 is newer than this program")


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_first_starts_at_once(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith("GRIDCOMMAND_")} | {"GRIDCOMMAND_DATA_DIR": str(tmp_path)}
    if kind == "postgres":
        url: str = request.getfixturevalue("fresh_postgres")()
        with create_engine(url).begin() as c:
            c.exec_driver_sql("DROP SCHEMA public CASCADE")
            c.exec_driver_sql("CREATE SCHEMA public")
        env["GRIDCOMMAND_DATABASE_URL"] = url
    line = [sys.executable, str(ROOT / "app.py"), "deadletters", "list"]
    starts = [subprocess.Popen(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    said = [p.communicate(timeout=60) for p in starts]
    assert [(p.returncode, s) for p, s in zip(starts, said, strict=True)] == [
        (0, ("0 dead letters, 0 events wait for their report\n", ""))
    ] * 4


# Ctrl-C


def _until(done: Callable[[], object], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_ctrl_c_is_silent(tmp_path: Path, valkey: redis.Redis, valkey_url: str) -> None:
    """At any moment, of a start too; the terminal tells every process of the group."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GRIDCOMMAND_")}
    running = []
    began = time.monotonic()
    for n, (what, seconds) in enumerate(
        (("engine", 0.6), ("up", 1), ("web", 1.5), ("engine", 8), ("simulate", 8), ("web", 10), ("up", 12))
    ):
        mine = {"REDIS_URL": valkey_url, "DATA_DIR": str(tmp_path / str(n)), "PORT": str(_free_port()), "WORKERS": "1"}
        line = [sys.executable, str(ROOT / "app.py"), what]
        env = clean | {f"GRIDCOMMAND_{key}": value for key, value in mine.items()}
        p = subprocess.Popen(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        running.append((what, seconds, p))
    for what, seconds, p in running:
        time.sleep(max(0.0, began + seconds - time.monotonic()))
        os.killpg(p.pid, signal.SIGINT)
        said = re.sub(r"back-filling the day.*", "", p.communicate(timeout=30)[1]).strip()
        assert p.returncode in (0, 130, -signal.SIGINT) and said == "", (what, seconds, p.returncode, said)
