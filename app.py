"""Wiring: makes the adapters and hands them to the command line or the web app. Nothing else."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from dashboard.cli.main import main as run_command
from dashboard.cli.terminal import tell
from dashboard.process.heartbeat import Heartbeat

if TYPE_CHECKING:
    from socket import socket

    from dashboard.ports.away import Away, NotReady
    from dashboard.process.supervise import Child
    from dashboard.settings import Settings

WAIT_SECONDS = 30.0
"""How long a service that starts waits for a server that does not answer yet: machines start in any order."""
VALKEY_SILENCE = 10.0
"""A hung server is replaced before those who wait for its answer are silent for too long themselves."""


class Adapters:
    """The command line's outside (dashboard/cli/adapter.py), made of data_access/ and callbacks/; each is imported when it is asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @property
    def redis_url(self) -> str:
        from data_access import server

        return self.settings.redis_url or server.url(self.settings.socket)

    def database(self) -> Any:
        from data_access.database import connect, url_of

        return connect(url_of(self.settings.database_url, self.settings.folder))

    def make_folder(self, write: bool = True) -> None:
        from data_access import folder, ready

        ready.folder(self.settings, write)
        folder.keep_to_owner(self.settings.folder)

    def prepare(self, service: bool = False) -> None:
        from data_access import ready

        self.make_folder(service)
        ready.database(self.settings, WAIT_SECONDS if service else 0.0, tell)

    def need_redis(self, service: bool = False) -> None:
        from data_access import ready

        ready.server(self.settings, self.redis_url, WAIT_SECONDS if service else 0.0, tell)

    def accounts(self, wait_ms: int | None = None) -> Any:
        from data_access.account import SqlAccounts

        return SqlAccounts(self.database(), wait_ms)

    def dead_letters(self) -> Any:
        from data_access.dead_letter import SqlDeadLetters

        return SqlDeadLetters(self.database())

    def registry(self) -> Any:
        from data_access.registry import SqlRegistry

        return SqlRegistry(self.database())

    def reader(self, database: Any = None) -> Any:
        """On a pool of connections of its own, or on one that others have."""
        from data_access.reader import SqlReader

        return SqlReader(database or self.database(), self.settings.timezone)

    def inbox(self) -> Any:
        from data_access import stream

        return stream.Inbox(stream.client(self.redis_url))

    def scenarios(self) -> Any:
        from data_access import stream
        from data_access.scenario import RedisScenarios

        return RedisScenarios(stream.client(self.redis_url))

    def engine(self, heartbeat: Heartbeat = Heartbeat()) -> Any:  # noqa: B008 - one that says nothing
        from dashboard.clock import DAY, clock
        from dashboard.engine.city import City
        from dashboard.engine.engine import Engine
        from data_access import stream
        from data_access.lease import holder_name
        from data_access.ledger import SqlLedger

        streams, now = stream.EngineStreams(stream.client(self.redis_url)), clock(self.settings.clock)
        database, retention = self.database(), self.settings.retention_days * DAY
        city = City(self.reader(database), heartbeat)
        return Engine(SqlLedger(database), streams, now, city.stamp, city.places, holder_name(), retention)

    def listen(self, seconds: float = 0.0) -> socket:
        from callbacks.serve import listen

        return listen(self.settings.host, self.settings.port, seconds)

    def serve(self, bound: socket, beat: Callable[[], None]) -> None:
        from callbacks.serve import serve

        serve(lambda: web_app(self.settings), bound, self.settings.workers, beat)

    def valkey(self, env: dict[str, str]) -> Child:
        from dashboard.process.supervise import Child
        from data_access import server

        path = self.settings.socket
        return Child("valkey", server.command(path), env, server.Probe(path), silence=VALKEY_SILENCE)

    def wait_for_valkey(self, child: Child) -> None:
        from data_access import server

        server.wait(self.redis_url, child.process)

    def of_away(self, away: Away) -> NotReady:
        from data_access import ready

        return ready.of_away(away, self.settings)

    def of_file(self, error: OSError) -> str | None:
        from data_access import ready

        return ready.of_file(error, self.settings.folder) if error.errno in ready.FILES else None


def web_app(settings: Settings) -> Callable[..., Awaitable[None]]:
    """The ASGI app; made once before the workers fork, connected in each of them."""
    from callbacks.auth.session import Session
    from callbacks.build import build
    from callbacks.services import Services
    from dashboard.clock import clock
    from dashboard.live.feed import Feed
    from dashboard.simulate import demo
    from data_access import folder, stream
    from data_access.account import WAIT_MS
    from data_access.account_item import SqlAccountItems
    from data_access.quality import SqlQuality
    from data_access.shift import SqlShifts
    from data_access.tile import TileFile

    outside = Adapters(settings)
    services = Services(settings, lambda: demo.people_of(settings.folder))
    database = outside.database()  # it connects when it is first used, which is after the fork
    services.reader, services.quality = outside.reader(database), SqlQuality(database)
    services.scenarios = outside.scenarios()
    services.items, services.shifts = SqlAccountItems(database), SqlShifts(database)

    async def connect() -> None:
        server = stream.async_client(outside.redis_url)
        tail, pubsub = stream.ChangesTail(server), stream.PubSub(server)
        services.feed = Feed(services.reader, tail, pubsub, clock(settings.clock), settings.timezone, settings.folder)
        await services.feed.start()

    def session() -> Session:
        return Session(folder.secret(settings), outside.accounts(WAIT_MS))

    return build(services, session, connect, TileFile(settings.tile_file) if settings.tile_file else None)


def main(argv: Sequence[str] | None = None) -> int:
    return run_command(Adapters, argv)


if __name__ == "__main__":
    sys.exit(main())
