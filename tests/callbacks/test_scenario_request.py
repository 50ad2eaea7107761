"""The demo's scenarios over HTTP: who may ask, what is answered, and that a real installation knows nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from callbacks import scenario
from dashboard.simulate.scenario import SCENARIOS
from data_access import stream
from data_access.scenario import ASKED, KEY, PLAYS, RedisScenarios
from tests.callbacks.running import Answer, Running, running
from tests.journeys.system import until

PATH = "/demo/scenario"
SECONDS = {name: s.seconds for name, s in SCENARIOS.items()}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("demo"), valkey_url, demo=True) as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_plays(valkey: redis.Redis) -> None:
    valkey.delete(KEY)


def press(city: Running, name: object = "storm", **headers: bytes) -> Answer:
    """As a stranger's page does it."""
    return city.ask("POST", PATH, None, body={"name": name}, headers=[(k.replace("_", "-").encode(), v) for k, v in headers.items()])


def test_what_is_pressed_is_taken_by_the_source_and_plays_once(demo: Running, valkey: redis.Redis, valkey_url: str) -> None:
    source = RedisScenarios(stream.client(valkey_url))
    with ThreadPoolExecutor() as pool:
        pressed = pool.submit(press, demo)
        until(lambda: source.take(SECONDS) == "storm")
        answer = pressed.result()
    assert answer.status == 200 and answer.json == {"name": "storm", "seconds": 90}
    again = press(demo, "gas_leak")
    assert again.status == 409 and again.is_problem and 80 <= int(again.headers["retry-after"]) <= 90
    assert valkey.get(KEY) == f"{PLAYS}storm".encode() and source.take(SECONDS) is None, "nobody takes it twice"
    assert valkey.exists("cases:reports:{0}") == 0, "the web process makes no event of a case"


def test_without_a_source_it_is_said_and_nothing_is_left_to_be_played_later(
    demo: Running, valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenario, "TAKEN_IN", 0.2)
    answer = press(demo)
    assert answer.status == 503 and answer.is_problem and answer.headers["retry-after"]
    assert valkey.get(KEY) in (None, f"{ASKED}storm".encode()) and valkey.pttl(KEY) <= 3000
    assert press(demo).status == 409, "who presses at once again waits for it to lapse"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": b"http://evil.example"}, 403),
        ({"origin": b"null"}, 403),
        ({"sec_fetch_site": b"cross-site"}, 403),
        ({"sec_fetch_site": b"same-site"}, 403),
    ],
)
def test_no_other_site_begins_one(demo: Running, valkey: redis.Redis, headers: dict[str, bytes], status: int) -> None:
    got = press(demo, **headers)
    assert got.status == status and got.is_problem and not valkey.exists(KEY)


def test_a_form_is_refused(demo: Running, valkey: redis.Redis) -> None:
    """Headers are read by name, the last one counts: a form's is no JSON."""
    got = demo.ask("POST", PATH, None, body=b"name=storm", headers=[(b"content-type", b"application/x-www-form-urlencoded")])
    assert got.status == 415 and not valkey.exists(KEY)


BAD = (b"", b"{", b"[]", b'{"name":5}', b'{"name":"flood"}', b'{"name":"storm:x"}', b"[" * 100_000, b"x" * 70_000)


@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
def test_bad_bodies(demo: Running, valkey: redis.Redis, body: bytes) -> None:
    got = demo.ask("POST", PATH, None, body=body)
    assert got.status in (400, 413) and got.is_problem and not valkey.exists(KEY)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("who", ["first", None])
def test_a_real_installation_has_no_such_path(city: Running, valkey: redis.Redis, method: str, who: str | None) -> None:
    got = city.ask(method, PATH, who, body={"name": "storm"} if method == "POST" else b"")
    assert got.status == 404 and got.is_problem and not valkey.exists(KEY)
