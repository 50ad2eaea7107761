"""Work in turns: one account's crowd keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import threading

import pytest

from callbacks.problem import Problem
from callbacks.turn import Turns
from dashboard.ports.away import Away


def test_an_account_has_so_many_at_once_and_the_rest_are_told_to_wait() -> None:
    turns, go, running, most = Turns(at_once=2, waiting=3, patience=0.3, threads=4), threading.Event(), [0], [0]

    def work() -> str:
        running[0] += 1
        most[0] = max(most[0], running[0])
        go.wait(10)
        running[0] -= 1
        return "done"

    async def crowd() -> None:
        mine = [asyncio.create_task(turns.run("greedy", work)) for _ in range(8)]
        await asyncio.sleep(0.05)
        assert await asyncio.wait_for(turns.run("other", lambda: "at once"), 5) == "at once"
        refused = [t for t in (await asyncio.wait(mine, timeout=1))[0] if t.exception()]
        assert len(refused) == 6 and all(isinstance(t.exception(), Problem) and t.exception().status == 429 for t in refused)  # type: ignore[union-attr]
        go.set()
        assert [await t for t in mine if t not in refused] == ["done"] * 2
        assert await turns.run("greedy", lambda: 1) == 1
        await asyncio.sleep(0.05)
        assert not turns._running and not turns._queues

    asyncio.run(crowd())
    assert most[0] == 2


def test_who_waits_gets_the_turn_that_ends() -> None:
    turns = Turns(at_once=1, waiting=10, patience=5, threads=2)

    async def crowd() -> list[int]:
        return list(await asyncio.gather(*(turns.run("a", lambda n=n: n) for n in range(8))))

    assert asyncio.run(crowd()) == list(range(8))


def test_hanging_up_gives_no_further_threads() -> None:
    turns, go, running = Turns(at_once=2, waiting=0, patience=0.1, threads=8), threading.Event(), [0]

    def work() -> None:
        running[0] += 1
        go.wait(10)

    async def impatient() -> None:
        for _ in range(6):
            task = asyncio.create_task(turns.run("a", work))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises((asyncio.CancelledError, Problem)):
                await task
        assert running[0] == 2
        go.set()
        await asyncio.sleep(0.1)
        assert not turns._running

    asyncio.run(impatient())


def test_a_database_that_hangs_is_told_and_every_turn_comes_back_with_it() -> None:
    turns, thawed = Turns(at_once=2, waiting=10, patience=5, threads=2, answered_in=0.2), threading.Event()

    async def crowd() -> None:
        first = await asyncio.gather(*(turns.run("a", thawed.wait, 10) for _ in range(2)), return_exceptions=True)
        assert [str(e) for e in first] == ["database is away: no answer for 0 s"] * 2
        with pytest.raises(Away):  # at once: each of its turns hangs
            await asyncio.wait_for(turns.run("a", lambda: 1), 0.1)
        with pytest.raises(Away):  # another account waits for a thread, and what it wanted is taken back
            await turns.run("b", lambda: 1)
        thawed.set()
        await asyncio.sleep(0.1)
        assert await turns.run("a", lambda: 1) == 1
        await asyncio.sleep(0.1)
        assert not turns._running and not +turns._hanging

    asyncio.run(crowd())


def test_a_timeout_of_the_work_itself_is_its_own() -> None:
    def work() -> None:
        raise TimeoutError("of the work")

    with pytest.raises(TimeoutError, match="of the work"):
        asyncio.run(Turns().run("a", work))
