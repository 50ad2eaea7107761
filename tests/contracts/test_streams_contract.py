"""The streams' promises, kept by the fake and by a real Valkey alike (dashboard/ports/stream.py, CONTRACT.md)."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import msgspec
import pytest
import redis

from dashboard.ports.away import Away
from dashboard.ports.stream import Backlog, ChangesTail, EngineStreams, Entry
from data_access import stream
from tests.conftest import ROOT
from tests.fakes.streams import FakeRoom, FakeServer, FakeWhispers

REPORTS, COMMANDS, CHANGES = (stream.name(kind) for kind in ("reports", "commands", "changes"))


class Valkey:
    """A real server as these tests need it."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client

    def add(self, name: str, body: bytes) -> None:
        self.client.xadd(name, {"e": body})

    def engine(self) -> EngineStreams:
        return stream.EngineStreams(self.client)

    def tail(self) -> ChangesTail:
        url = "unix://" + self.client.connection_pool.connection_kwargs["path"]
        return stream.ChangesTail(stream.async_client(url))

    def delete(self, name: str) -> None:
        self.client.delete(name)

    def published(self) -> list[bytes]:
        return [fields[b"e"] for _, fields in self.client.xrange(CHANGES)]


@pytest.fixture(params=["fake", "valkey"])
def server(request: pytest.FixtureRequest) -> Any:
    return FakeServer() if request.param == "fake" else Valkey(request.getfixturevalue("valkey"))


def bodies(entries: list[Entry]) -> list[bytes]:
    return [e.body for e in entries]


def ready(server: Any) -> EngineStreams:
    engine: EngineStreams = server.engine()
    engine.prepare()
    return engine


def test_what_came_before_the_engine_is_read(server: Any) -> None:
    server.add(REPORTS, b"1")
    assert bodies(ready(server).read(10, 1)) == [b"1"]


def test_commands_come_before_reports_and_each_in_order(server: Any) -> None:
    engine = ready(server)
    for n in range(3):
        server.add(REPORTS, b"r%d" % n)
        server.add(COMMANDS, b"c%d" % n)
    assert bodies(engine.read(100, 1)) == [b"c0", b"c1", b"c2", b"r0", b"r1", b"r2"]


def test_a_backlog_of_reports_delays_no_command(server: Any) -> None:
    engine = ready(server)
    for n in range(500):
        server.add(REPORTS, b"r%d" % n)
    engine.ack(engine.read(10, 1))
    server.add(COMMANDS, b"now")
    assert engine.read(10, 1)[0].body == b"now"


def test_an_entry_without_the_field_has_an_empty_body(server: Any) -> None:
    engine = ready(server)
    if isinstance(server, Valkey):
        server.client.xadd(REPORTS, {"other": b"x"})
    else:
        server.add(REPORTS, b"")
    assert bodies(engine.read(10, 1)) == [b""]


def test_nothing_in_time_is_nothing(server: Any) -> None:
    assert ready(server).read(10, 1) == []


def test_what_a_dead_engine_read_and_did_not_acknowledge_comes_first_and_once(server: Any) -> None:
    dead = ready(server)
    for n in range(5):
        server.add(REPORTS, b"%d" % n)
    first = dead.read(3, 1)
    dead.ack(first[:1])
    server.add(COMMANDS, b"c")
    heir = ready(server)
    read: list[Entry] = []
    for _ in range(10):
        got = heir.read(2, 1)
        heir.ack(got)
        read += got
    assert bodies(read)[:2] == [b"1", b"2"]
    assert sorted(bodies(read)) == [b"1", b"2", b"3", b"4", b"c"]
    assert ready(server).read(10, 1) == []


def test_thousands_left_behind_are_all_claimed_in_order(server: Any) -> None:
    dead = ready(server)
    for n in range(2500):
        server.add(REPORTS, b"%d" % n)
    for _ in range(3):
        dead.read(1000, 1)
    heir = ready(server)
    read = [b for _ in range(3) for b in bodies(heir.read(1000, 1))]
    assert read == [b"%d" % n for n in range(2500)]


def test_acknowledging_and_trimming_never_drop_what_is_pending_or_unread(server: Any) -> None:
    """The trim runs every 50 acknowledgements; one early entry stays pending all the time."""
    engine = ready(server)
    for n in range(400):
        server.add(REPORTS, b"%d" % n)
        server.add(COMMANDS, b"c%d" % n)
    kept = [e for e in engine.read(3, 1) if e.body in (b"1", b"c2")]
    for _ in range(120):
        engine.ack(engine.read(2, 1))
    heir = ready(server)
    seen: list[bytes] = []
    while got := heir.read(1000, 1):
        seen += bodies(got)
    assert {b"1", b"c2"} <= set(seen)
    assert bodies(kept) == [b"c2", b"1"]
    unread = {b"%d" % n for n in range(243, 400)} | {b"c%d" % n for n in range(243, 400)}
    assert unread <= set(seen)


def test_what_is_acknowledged_is_trimmed_in_the_end(server: Any) -> None:
    engine = ready(server)
    for _ in range(60):
        for _ in range(100):
            server.add(REPORTS, b"x")
        engine.ack(engine.read(1000, 1))
    assert (server.client.xlen(REPORTS) if isinstance(server, Valkey) else server.length(REPORTS)) < 2000


@pytest.mark.parametrize("name", [REPORTS, COMMANDS])
def test_a_stream_that_was_deleted_is_made_again_with_its_group(server: Any, name: str) -> None:
    engine = ready(server)
    server.add(name, b"lost")
    engine.read(10, 1)
    server.delete(name)
    server.add(name, b"new")
    found: list[bytes] = []
    for _ in range(3):
        found += bodies(engine.read(10, 1))
    assert found == [b"new"]


def test_entries_deleted_while_pending_are_not_claimed(valkey: redis.Redis) -> None:
    server = Valkey(valkey)
    dead = ready(server)
    server.add(REPORTS, b"1")
    server.add(REPORTS, b"2")
    gone = dead.read(10, 1)[0]
    valkey.xdel(REPORTS, gone.id)
    assert bodies(ready(server).read(10, 1)) == [b"2"]


def test_acknowledging_nothing_and_twice(server: Any) -> None:
    engine = ready(server)
    engine.ack([])
    server.add(REPORTS, b"1")
    got = engine.read(10, 1)
    engine.ack(got)
    engine.ack(got)


def test_published_in_order_and_the_last_pos_is_known(server: Any) -> None:
    engine = ready(server)
    assert engine.last_pos() == 0
    messages = [msgspec.json.encode({"pos": n, "x": "字"}) for n in range(1, 4)]
    engine.publish(messages)
    engine.publish([])
    assert server.published() == messages
    assert server.engine().last_pos() == 3


def test_of_a_commit_all_is_told_or_nothing_and_the_next_answer_is_the_next_questions(valkey: redis.Redis) -> None:
    """A full server refuses each message by itself, and would still take the small ones among them."""
    engine = ready(Valkey(valkey))
    engine.publish([b'{"pos":1}'])
    before = valkey.config_get("maxmemory")["maxmemory"]
    try:
        valkey.config_set("maxmemory", "1")
        with pytest.raises(Away) as full:
            engine.publish([b'{"pos":%d}' % n for n in range(2, 500)])
    finally:
        valkey.config_set("maxmemory", before)
    assert full.value.full
    assert Valkey(valkey).published() == [b'{"pos":1}']
    assert (engine.last_pos(), engine.lost_end()) == (1, False), "no answer of the refused ones is left over"
    engine.publish([b'{"pos":2}'])
    assert Valkey(valkey).published() == [b'{"pos":1}', b'{"pos":2}']


def test_a_message_of_any_bytes_is_told_as_it_is(valkey: redis.Redis) -> None:
    engine = ready(Valkey(valkey))
    messages = [b"", b"\r\n$5\r\n", bytes(range(256)), "字".encode() * 50_000]
    engine.publish(messages)
    assert Valkey(valkey).published() == messages


def test_the_changes_are_bounded(valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "KEPT_CHANGES", 500)
    engine = ready(Valkey(valkey))
    for n in range(40):
        engine.publish([b'{"pos":%d}' % n] * 100)
    assert 500 <= valkey.xlen(CHANGES) < 1000


# The web's side


def backlog(server: Any) -> Backlog:
    found: Backlog = asyncio.run(server.tail().backlog())
    return found


def test_the_backlog_is_what_the_engine_has_not_read_and_what_it_has_not_acknowledged(server: Any) -> None:
    assert backlog(server) == Backlog(0, 0, 0), "no streams at all"
    server.add(REPORTS, b"early")
    assert backlog(server) == Backlog(1, 0, 0), "no engine has ever been here"
    engine = ready(server)
    for n in range(4):
        server.add(REPORTS, b"%d" % n)
        server.add(COMMANDS, b"c%d" % n)
    assert backlog(server) == Backlog(9, 0, 0)
    read = engine.read(100, 1)
    time.sleep(0.05)
    found = backlog(server)
    assert (found.waiting, found.pending) == (0, 9) and found.oldest_pending_ms >= 50
    engine.ack(read[:7])
    server.add(REPORTS, b"new")
    assert (backlog(server).waiting, backlog(server).pending) == (1, 2)
    engine.ack(read[7:] + engine.read(100, 1))
    assert backlog(server) == Backlog(0, 0, 0)


def test_a_tail_goes_on_where_it_was_and_begins_again_when_the_stream_was_emptied(server: Any) -> None:
    async def test() -> None:
        tail, engine = server.tail(), ready(server)
        after = await tail.newest()
        for n in range(3):
            engine.publish([b"%d" % n])
        after, bodies = await tail.read(after)
        assert bodies == [b"0", b"1", b"2"] and await tail.read(after) == (after, []) and after == await tail.newest()
        if isinstance(server, Valkey):
            server.client.flushall()
        else:
            server.changes.clear()
        after, bodies = await tail.read(after)
        assert bodies == []
        assert engine.last_pos() == 0
        engine.publish([b"new"])
        assert (await tail.read(after))[1] == [b"new"]

    asyncio.run(test())


def test_a_stream_that_has_lost_its_end_is_noticed(server: Any) -> None:
    engine = ready(server)
    assert not engine.lost_end()
    engine.publish([b'{"pos":1}', b'{"pos":2}'])
    assert not engine.lost_end()
    if isinstance(server, Valkey):
        newest = server.client.xrevrange(stream.name("changes"), count=1)
        server.client.xdel(stream.name("changes"), newest[0][0])
    else:
        del server.changes[-1]
    assert engine.lost_end()
    assert engine.last_pos() == 1
    engine.publish([b'{"pos":2}', b'{"pos":3}'])
    assert (engine.lost_end(), engine.last_pos(), engine.last_pos(2)) == (False, 3, 2)


def test_what_others_write_among_the_changes_is_passed_over(valkey: redis.Redis) -> None:
    engine = ready(Valkey(valkey))
    engine.publish([b'{"pos":7}'])
    for body in (b"x", b"[1]", b'{"pos":"9"}', b"\xff", b'{"pos":9223372036854775808}'):
        valkey.xadd(CHANGES, {"e": body})
    valkey.xadd(CHANGES, {"other": b"1"})
    assert (engine.lost_end(), engine.last_pos()) == (False, 7)


def test_entries_deleted_ahead_of_the_group_are_not_counted(valkey: redis.Redis) -> None:
    """The server itself cannot say the lag then."""
    server = Valkey(valkey)
    engine = ready(server)
    for n in range(9):
        server.add(REPORTS, b"%d" % n)
    engine.ack(engine.read(3, 1))
    valkey.xdel(REPORTS, *[i for i, _ in valkey.xrange(REPORTS)][5:7])
    assert backlog(server).waiting == 4


# On the real server only


def test_a_tail_reads_what_comes_after_its_start_and_sends_commands(valkey: redis.Redis, valkey_url: str) -> None:
    async def test() -> tuple[list[bytes], list[bytes]]:
        tail = stream.ChangesTail(stream.async_client(valkey_url))
        assert await tail.newest() == "0-0"
        valkey.xadd(CHANGES, {"e": b"old"})
        after = await tail.newest()
        for n in range(7):
            valkey.xadd(CHANGES, {"e": b"%d" % n})
        seen: list[bytes] = []
        while len(seen) < 7:
            after, batch = await tail.read(after, count=3)
            assert 1 <= len(batch) <= 3
            seen += batch
        assert await tail.read(after) == (after, []), "nothing new within a second"
        await tail.command(b"ask")
        return seen, [f[b"e"] for _, f in valkey.xrange(COMMANDS)]

    assert asyncio.run(test()) == ([b"%d" % n for n in range(7)], [b"ask"])


def test_the_inbox_knows_the_engines_backlog(valkey: redis.Redis) -> None:
    inbox = stream.Inbox(valkey)
    assert inbox.backlog() == 0
    inbox.report([b"1", b"2", b"3"])
    assert inbox.backlog() == 3
    engine = ready(Valkey(valkey))
    engine.read(1, 1)
    assert inbox.backlog() == 3, "read, but not acknowledged"
    engine.ack(engine.read(10, 1))
    assert inbox.backlog() == 1


@pytest.mark.parametrize("name", [REPORTS, COMMANDS])
def test_a_stream_deleted_under_a_waiting_reader_is_made_again(valkey: redis.Redis, valkey_url: str, name: str) -> None:
    engine = ready(Valkey(valkey))
    timer = threading.Timer(0.2, lambda: redis.Redis.from_url(valkey_url).delete(name))
    timer.start()
    engine.read(10, 1000)
    timer.join()
    valkey.xadd(name, {"e": b"new"})
    assert b"new" in [b for _ in range(3) for b in bodies(engine.read(10, 1))]


def test_a_flushed_server_is_used_again(valkey: redis.Redis) -> None:
    engine = ready(Valkey(valkey))
    valkey.flushall()
    engine.publish([b'{"pos":1}'])
    valkey.xadd(REPORTS, {"e": b"new"})
    assert b"new" in [b for _ in range(3) for b in bodies(engine.read(10, 1))]


def test_whispers_are_heard_by_everybody_who_listens_and_by_nobody_later(request: pytest.FixtureRequest, server: Any) -> None:
    if isinstance(server, Valkey):
        url = request.getfixturevalue("valkey_url")
        one, two, late = (stream.PubSub(stream.async_client(url)) for _ in range(3))
    else:
        room = FakeRoom()
        one, two, late = (FakeWhispers(room) for _ in range(3))

    async def ear(pubsub: Any, heard: list[bytes]) -> None:
        async for body in pubsub.hear():
            heard.append(body)

    async def test() -> tuple[list[bytes], list[bytes], list[bytes]]:
        heard: tuple[list[bytes], list[bytes], list[bytes]] = ([], [], [])
        tasks = [asyncio.create_task(ear(one, heard[0])), asyncio.create_task(ear(two, heard[1]))]
        await asyncio.sleep(0.2)
        await one.tell(b"1")
        await two.tell(b"2")
        async with asyncio.timeout(5):
            while len(heard[0]) + len(heard[1]) < 4:
                await asyncio.sleep(0.01)
        tasks.append(asyncio.create_task(ear(late, heard[2])))
        await asyncio.sleep(0.2)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return heard

    assert asyncio.run(test()) == ([b"1", b"2"], [b"1", b"2"], [])
    if isinstance(server, Valkey):
        assert server.client.keys() == [], "nothing of it is stored"


def test_a_crowd_of_commands_at_once_is_taken_whole(valkey: redis.Redis, valkey_url: str) -> None:
    """More at once than there are connections: they wait for one, none is refused."""

    async def test() -> None:
        tail = stream.ChangesTail(stream.async_client(valkey_url))
        await asyncio.gather(*(tail.command(b"%d" % n) for n in range(500)))

    asyncio.run(test())
    assert {fields[b"e"] for _, fields in valkey.xrange(COMMANDS)} == {b"%d" % n for n in range(500)}


def test_the_rights_that_the_documents_give_a_web_worker_are_enough(valkey: redis.Redis, valkey_url: str) -> None:
    line = next(text for text in (ROOT / "docs/operations.md").read_text().splitlines() if text.startswith("ACL SETUSER web "))
    valkey.execute_command(*line.replace(">…", ">secret").split())
    try:
        engine = ready(Valkey(valkey))
        for name in (REPORTS, COMMANDS):
            valkey.xadd(name, {"e": b"1"})
        engine.read(1, 1)

        async def test() -> Backlog:
            server = stream.async_client(f"{valkey_url}?username=web&password=secret")
            tail, pubsub = stream.ChangesTail(server), stream.PubSub(server)
            await tail.read(await tail.newest())
            await tail.command(b"ask")
            await pubsub.tell(b"1")
            heard = asyncio.create_task(anext(aiter(pubsub.hear())))
            await asyncio.sleep(0.2)
            await pubsub.tell(b"2")
            assert await heard == b"2"
            return await tail.backlog()

        found = asyncio.run(test())
        assert found.waiting + found.pending == 3
    finally:
        valkey.execute_command("ACL", "DELUSER", "web")


def test_the_rights_that_the_documents_give_engine_and_sources_are_enough(valkey: redis.Redis, valkey_url: str) -> None:
    users = ("ACL SETUSER engine ", "ACL SETUSER source ")
    try:
        for line in (text for text in (ROOT / "docs/operations.md").read_text().splitlines() if text.startswith(users)):
            valkey.execute_command(*line.replace(">…", ">secret").split())
        source = stream.Inbox(stream.client(f"{valkey_url}?username=source&password=secret"))
        engine = stream.EngineStreams(stream.client(f"{valkey_url}?username=engine&password=secret"))
        engine.prepare()
        source.report([b"1", b"2"])
        engine.read(10, 1)
        engine.reclaim(0)
        engine.ack(engine.read(10, 1))
        assert engine.tidy() == []
        engine.publish([b'{"pos":1}'])
        assert (engine.last_pos(), engine.lost_end()) == (1, False)
        with pytest.raises(Away, match="permissions"):
            source.command(b"a source commands nothing")
    finally:
        valkey.execute_command("ACL", "DELUSER", "engine", "source")


# What others leave, drop, or cannot finish


def test_what_another_engine_has_read_and_left_is_reclaimed_while_working(server: Any) -> None:
    engine, other = ready(server), ready(server)
    engine.read(10, 1)
    server.add(REPORTS, b"left")
    assert bodies(other.read(10, 1)) == [b"left"]
    engine.reclaim(60_000)
    assert engine.read(10, 1) == [], "it may still be at work on it"
    time.sleep(0.05)
    engine.reclaim(20)
    found = engine.read(10, 1)
    assert (bodies(found), found[0].tries) == ([b"left"], 2)
    engine.ack(found)
    engine.reclaim(0)
    assert engine.read(10, 1) == []


def test_an_entry_that_was_tried_often_comes_alone_and_those_behind_it_are_not_counted_with_it(server: Any) -> None:
    first = ready(server)
    for n in range(5):
        server.add(REPORTS, b"%d" % n)
    first.read(10, 1)
    counted: list[int] = []
    for _ in range(4):  # engines that end on the third entry
        engine = ready(server)
        while (found := engine.read(10, 1)) and b"2" not in bodies(found):
            engine.ack(found)
        counted.append(found[bodies(found).index(b"2")].tries)
    assert counted == [2, 3, 4, 5]
    engine = ready(server)
    alone = engine.read(10, 1)
    assert bodies(alone) == [b"2"]
    engine.ack(alone)
    assert [(e.body, e.tries) for e in engine.read(10, 1)] == [(b"3", 4)]


def test_what_somebody_trims_before_it_is_read_is_counted_once(server: Any) -> None:
    engine = ready(server)
    for n in range(10):
        server.add(REPORTS, b"%d" % n)
    engine.ack(engine.read(4, 1))
    assert engine.tidy() == []
    if isinstance(server, Valkey):
        server.client.xtrim(REPORTS, maxlen=2, approximate=False)
    else:
        server.trim_unread(REPORTS, 2)
    engine.ack(engine.read(10, 1))
    assert [(lost.stream, lost.count) for lost in engine.tidy()] == [(REPORTS, 4)]
    assert engine.tidy() == []


def test_what_another_engine_reads_is_not_lost(server: Any) -> None:
    engine, other = ready(server), ready(server)
    engine.read(10, 1)
    for n in range(6):
        server.add(REPORTS, b"%d" % n)
    other.read(3, 1)
    engine.ack(engine.read(10, 1))
    assert engine.tidy() == []


def test_large_entries_come_a_few_at_a_time(valkey: redis.Redis) -> None:
    server = Valkey(valkey)
    engine = ready(server)
    for _ in range(20):
        server.add(REPORTS, b"x" * 900_000)
    engine.ack(engine.read(1000, 1))
    for _ in range(60):
        server.add(REPORTS, b"x" * 900_000)
    sizes = []
    while found := engine.read(1000, 1):
        assert all(len(e.body) <= 64 * 1024 + 1 for e in found)
        sizes.append(len(found))
        engine.ack(found)
    assert max(sizes) <= 10
    assert sum(sizes) == 60
