"""The embedded Valkey evicts nothing, takes nothing monstrous, and is seen to hang."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest
import redis

from data_access import server


def test_it_never_evicts_and_refuses_what_is_too_large(valkey: redis.Redis) -> None:
    said = {k: valkey.config_get(k)[k] for k in ("maxmemory", "maxmemory-policy", "appendonly", "aof-load-truncated")}
    assert said == {"maxmemory": str(2 << 30), "maxmemory-policy": "noeviction", "appendonly": "yes", "aof-load-truncated": "yes"}
    valkey.xadd("s", {"e": b"x" * 65536})
    with pytest.raises(redis.RedisError):
        valkey.xadd("s", {"e": b"x" * (2 << 20)})
    assert valkey.xlen("s") == 1


def test_a_probe_hears_it_and_hears_when_it_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "v.sock"
    probe = server.Probe(path)
    assert not probe(), "nobody is there"
    process = subprocess.Popen(server.command(path), stdout=subprocess.DEVNULL)
    try:
        server.wait(server.url(path), process)
        assert _heard(probe, 3)
        process.send_signal(signal.SIGSTOP)
        _heard(probe, 0.2)
        began = time.monotonic()
        assert not _heard(probe, 2.5)
        assert time.monotonic() - began < 5, "it never waits"
        process.send_signal(signal.SIGCONT)
        assert _heard(probe, 3)
        process.kill()
        process.wait()
        _heard(probe, 0.2)
        assert not _heard(probe, 1.5)
    finally:
        process.kill()
        process.wait()


def _heard(probe: server.Probe, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if probe():
            return True
        time.sleep(0.02)
    return False
