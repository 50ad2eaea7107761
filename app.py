"""Wiring and the command line, nothing else."""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, cast

import msgspec

from dashboard.process.heartbeat import Heartbeat
from dashboard.settings import BadSetting, Settings, load

ROOT = Path(__file__).resolve().parent
DEMO_SEED = 7
DEMO_STOCK_EVENTS, DEMO_DAY_EVENTS = 90_000, 97_000
"""About what `play` makes of the cases open at the start and of each day; only the progress bar needs to know."""
NOT_AGAIN = ("too_large", "trimmed")
"""Codes of dead letters whose entry is not there whole."""
PORT_SECONDS = 10.0
"""How long `web` waits for its port: the workers of a master that was killed need a moment to notice."""
VALKEY_SILENCE = 10.0
"""A hung server is replaced before those who wait for its answer are silent for too long themselves."""
WAIT_SECONDS = 30.0
"""How long a service that starts waits for a server that does not answer yet: machines start in any order."""
FINDINGS_SHOWN = 50
"""Lines of an import's findings on the terminal; the page has the rest."""
DEMO_SOURCES = ("/grid-app", "/12345", "/citizen-app", "/video")
DEMO_PEOPLE = (
    ("wall-1", "指挥大厅", "wall"), ("commander-1", "总指挥席", "commander"), ("chief-1", "值班席", "duty_chief"),
    ("dispatcher-1", "派遣员甲", "dispatcher"), ("dispatcher-2", "派遣员乙", "dispatcher"),
)  # fmt: skip


def redis_url(settings: Settings) -> str:
    from data_access import server

    return settings.redis_url or server.url(settings.socket)


def database(settings: Settings) -> Any:
    from data_access.database import connect, url_of

    return connect(url_of(settings.database_url, settings.folder))


def prepare(settings: Settings, service: bool = False) -> None:
    """Data folder and newest schema. A service waits for a database that is not there yet, a command says so. Raises NotReady."""
    from data_access import ready

    ready.folder(settings, write=service)
    keep_to_owner(settings.folder)
    ready.database(settings, WAIT_SECONDS if service else 0.0, tell)


def need_redis(settings: Settings, service: bool = False) -> str:
    """Its URL, when it answers. Raises NotReady."""
    from data_access import ready

    ready.server(settings, redis_url(settings), WAIT_SECONDS if service else 0.0, tell)
    return redis_url(settings)


OURS = ("gridcommand.sqlite*", "board*.npz", "secret*", "demo-accounts.json", "simulate.json", "lock")
"""Our files in the data folder."""


def keep_to_owner(folder: Path) -> None:
    """The folder, our files in it, and whatever this process makes are its owner's only, also where they were wider before."""
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = [(folder, 0o700), *((file, 0o600) for name in OURS for file in folder.glob(name) if file.is_file())]
    for path, mode in found:
        try:
            if path.stat().st_mode & 0o077:
                path.chmod(mode)
        except FileNotFoundError:
            continue  # a -wal that went with its last reader
        except PermissionError:
            print(f"gridcommand: {path} is readable by others and not ours to change; make it mode {mode:o}", file=sys.stderr)


def secret(settings: Settings) -> bytes:
    """SECRET_KEY, or one that is made once and kept in the data folder."""
    if settings.secret_key:
        return settings.secret_key.encode()
    path = settings.folder / "secret"
    if not path.exists():
        new = path.with_suffix(f".{os.getpid()}")
        new.touch(mode=0o600)
        new.write_text(token_urlsafe(32))
        new.rename(path)
    return path.read_bytes()


def make_engine(settings: Settings, heartbeat: Heartbeat = Heartbeat()) -> Any:  # noqa: B008 - one that says nothing
    """The engine of partition 0 with its real ledger and streams."""
    from dashboard.engine.decide import Rules
    from dashboard.engine.intake import Intake
    from dashboard.clock import DAY, clock
    from dashboard.engine.engine import Engine, Places
    from dashboard.places.locate import Maps
    from dashboard.places.route import Routing
    from dashboard.places.unit import UnitTree
    from data_access import stream
    from data_access.lease import holder_name
    from data_access.ledger import SqlLedger
    from data_access.reader import SqlReader

    db = database(settings)
    reader = SqlReader(db, settings.timezone)

    def stamp() -> str:
        heartbeat.beat()  # asked for in the middle of a turn: one that waits for locks again and again is not silent
        return str(reader.places_stamp())

    def places(stamp: str) -> Places:
        heartbeat.busy()
        tree, sla = UnitTree(reader.units()), reader.sla()
        intake = Intake(sla, Maps(reader.grids()))
        return Places(stamp, intake, Rules(tree, Routing(reader.routes(), tree), sla))

    streams = stream.EngineStreams(stream.client(redis_url(settings)))
    retention = settings.retention_days * DAY
    return Engine(SqlLedger(db), streams, clock(settings.clock), stamp, places, holder_name(), retention)


def web_app(settings: Settings) -> Callable[..., Awaitable[None]]:
    """The ASGI app; made once before the workers fork, connected in each of them."""
    import dash
    from fastapi import FastAPI

    from callbacks import admin, api, desk, map, overlay, problem, row, selection, shell
    from callbacks import case as case_page
    from callbacks import login as login_page
    from callbacks import wall as wall_page
    from callbacks.auth.middleware import AuthMiddleware
    from callbacks.services import Services
    from callbacks.auth.session import Session
    from data_access.account import SqlAccounts
    from data_access.tile import TileFile

    services = Services(settings, lambda: demo_accounts(settings))
    server = FastAPI(title="GridCommand", version="1", docs_url=None, redoc_url=None)
    server.add_middleware(problem.Border)  # inside Dash's own, which tells nobody what failed
    app = dash.Dash(
        __name__, server=cast(Any, server), backend="fastapi", assets_folder=str(ROOT / "assets"), assets_ignore=r".*\.worker\.js",
        suppress_callback_exceptions=True, update_title="", serve_locally=True, on_error=_tell,
    )  # fmt: skip
    app.backend.websocket_capability = False
    api.register(app, services)
    row.register(app, services)
    tiles = TileFile(settings.tile_file) if settings.tile_file else None
    map.register(app, services, settings.tile_url or None, settings.tile_crs, tiles)
    for page in (overlay, selection, shell, wall_page, desk, case_page, login_page, admin):
        page.register(app, services)
    problem.close_unknown(server, "/api", "/map")

    async def start() -> None:
        app._setup_server()
        backend: Any = app.backend  # its hooks have no public name
        for hook in backend._before_request_funcs:
            hook()
        await connect_web(settings, services)

    async def stop() -> None:
        await services.feed.stop()

    def session() -> Session:
        return Session(secret(settings), SqlAccounts(database(settings)))

    services.reader, services.quality = web_readers(settings)
    return AuthMiddleware(cast(problem.App, server), services, session, start, stop, ROOT / "assets", app.callback_map)


def _tell(error: Exception) -> None:
    """What a callback raises goes on to the border (callbacks/problem.py), which answers, and logs what has no name."""
    raise error


def web_readers(settings: Settings) -> Any:
    """Connections open when they are first used, which is after the fork."""
    from data_access.quality import SqlQuality
    from data_access.reader import SqlReader

    db = database(settings)
    return SqlReader(db, settings.timezone), SqlQuality(db)


async def connect_web(settings: Settings, services: Any) -> None:
    from dashboard.clock import clock
    from dashboard.live.feed import Feed
    from data_access import stream

    server = stream.async_client(redis_url(settings))
    tail, pubsub = stream.ChangesTail(server), stream.PubSub(server)
    services.feed = Feed(services.reader, tail, pubsub, clock(settings.clock), settings.timezone, settings.folder)
    await services.feed.start()


def demo_users() -> list[Any]:
    from dashboard.access.role import User
    from dashboard.simulate.city import CITY_CODE

    return [User(i, name, role, CITY_CODE) for i, name, role in DEMO_PEOPLE]


def end_demo(settings: Settings) -> None:
    """Without --demo the demo's people, whose tokens lie in a file, are nobody. An account that an operator made under one of their
    names has another name to it and stays."""
    from data_access.account import SqlAccounts

    if settings.demo:
        return
    if ended := SqlAccounts(database(settings)).end_accounts(demo_users()):
        print(f"{ended} demo accounts are disabled; `up --demo` makes them anew", flush=True)
    (settings.folder / "demo-accounts.json").unlink(missing_ok=True)


def demo_accounts(settings: Settings) -> Sequence[dict[str, str]]:
    path = settings.folder / "demo-accounts.json"
    found: Sequence[dict[str, str]] = json.loads(path.read_text()) if path.exists() else ()
    return found


# The commands. Each gets the parsed arguments and the settings, and returns the exit code.


def run_web(args: argparse.Namespace, settings: Settings) -> int:
    from callbacks.serve import listen, serve

    heartbeat = Heartbeat.inherited()
    prepare(settings, service=True)
    need_redis(settings, service=True)
    end_demo(settings)
    try:
        bound = listen(settings.host, settings.port, PORT_SECONDS)
    except OSError as e:
        return fail(_no_port(settings, e))
    heartbeat.busy()
    serve(lambda: web_app(settings), bound, settings.workers, heartbeat.beat)
    return 0


def _no_port(settings: Settings, e: OSError) -> str:
    where = f"{settings.host} port {settings.port}"
    return f"cannot listen on {where}: {e.strerror}; stop what uses it, or give another HOST, or another PORT with --port"


def run_engine(args: argparse.Namespace, settings: Settings) -> int:
    from dashboard.process.backoff import work
    from dashboard.ports.ledger import Fenced

    heartbeat, parent = Heartbeat.inherited(), os.getppid()
    prepare(settings, service=True)
    need_redis(settings, service=True)
    stopping = stop_flag()
    try:
        work(make_engine(settings, heartbeat), lambda: bool(stopping) or os.getppid() != parent, heartbeat)
    except Fenced as e:
        return fail(str(e), 75)
    return 0


def stop_flag() -> list[int]:
    """Filled by SIGTERM or SIGINT; who works in a loop looks at it."""
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: stopping.append(number))
    return stopping


def run_up(args: argparse.Namespace, settings: Settings) -> int:
    from callbacks.serve import listen
    from dashboard.process.supervise import BadStart, Child, Supervisor, end_leftover
    from data_access import ready, server

    began = time.monotonic()
    ready.folder(settings, write=True)
    alone = (settings.folder / "lock").open("w")
    try:
        fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)  # two of them would take each other's Valkey away
    except BlockingIOError:
        return fail(f"another `gridcommand up` runs in {settings.folder}; stop it first, or give this one a --data folder of its own")
    prepare(settings, service=True)
    if settings.redis_url:
        need_redis(settings, service=True)
    if args.speed != 1.0:
        settings = msgspec.structs.replace(settings, clock="stream")  # a faster day has its own now
    env = os.environ | {f"GRIDCOMMAND_{k.upper()}": _text(getattr(settings, k)) for k in settings.__struct_fields__}
    env["GRIDCOMMAND_DATA_DIR"] = str(settings.folder)
    supervisor = Supervisor(settings.folder / "run")
    me = [sys.executable, str(ROOT / "app.py")]
    try:
        if not settings.redis_url:
            probe = server.Probe(settings.socket)
            child = supervisor.add(Child("valkey", server.command(settings.socket), env, probe, silence=VALKEY_SILENCE))
            server.wait(redis_url(settings), child.process)
        end_leftover(settings.folder / "run", "web")
        try:
            listen(settings.host, settings.port).close()
        except OSError as e:
            return fail(_no_port(settings, e))
        if settings.demo:
            seed_demo(settings)
        supervisor.add(Child("engine", [*me, "engine"], env, family=False))
        if settings.demo:
            supervisor.add(Child("simulate", [*me, "simulate", "--speed", str(args.speed)], env, family=False))
            supervisor.run(until=lambda: filled(settings))
        supervisor.add(Child("web", [*me, "web"], env))
        supervisor.run(until=lambda: _reachable(settings))
        if not supervisor.stopping:
            print(f"GridCommand is on http://localhost:{settings.port} after {time.monotonic() - began:.1f} s", flush=True)
        supervisor.run()
    except BadStart:
        return 2  # the child has said why
    finally:
        supervisor.stop()
    return 0


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def filled(settings: Settings) -> bool:
    """Whether the demo's day is there: the first screen must be useful at once."""
    from dashboard.simulate.player import Progress

    return Progress(settings.folder / "simulate.json").sent > 0


def _reachable(settings: Settings) -> bool:
    import socket

    try:
        socket.create_connection(("127.0.0.1", settings.port), 0.2).close()
    except OSError:
        return False
    return True


def seed_demo(settings: Settings) -> None:
    """The synthetic city and its people, once; tokens are renewed at every start."""
    from dashboard.simulate.city import city
    from data_access.account import SqlAccounts
    from data_access.registry import SqlRegistry

    registry = SqlRegistry(database(settings))
    if not registry.has_places():
        print("seeding the synthetic city: 12,583 grids, 42,000 video points …", flush=True)
        made = city(DEMO_SEED)
        registry.replace_places(made.units, made.grids, made.routes)
        registry.replace_video(made.video)
    accounts = SqlAccounts(database(settings))
    taken = {u.id for u in demo_users() if (known := accounts.account(u.id)) and known[0] != u}  # an operator's, under the same id
    users = [u for u in demo_users() if u.id not in taken]
    people = [{"name": u.name, "role": u.role, "token": registry.add_account(u, only=True)} for u in users]
    path = settings.folder / "demo-accounts.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(people, ensure_ascii=False))


def run_simulate(args: argparse.Namespace, settings: Settings) -> int:
    from dashboard.clock import DAY, WallClock
    from dashboard.process.backoff import Backoff
    from dashboard.simulate.city import city
    from dashboard.simulate.day import play
    from dashboard.simulate.pace import Pace
    from dashboard.simulate.player import Progress, Player
    from dashboard.simulate.steady import Steady
    from data_access import ready, stream
    from data_access.stream import Inbox

    heartbeat, clock, parent = Heartbeat.inherited(), WallClock(), os.getppid()
    ready.folder(settings, write=True)
    url, stopping = need_redis(settings, service=True), stop_flag()

    def stopped() -> bool:
        heartbeat.beat()
        return bool(stopping) or os.getppid() != parent

    sent_before = Progress(settings.folder / "simulate.json")
    sent_before.start = sent_before.start or clock.now() - DAY
    until = max(clock.now(), sent_before.sent)
    inbox = Steady(Inbox(stream.client(url)), Backoff("simulate", stopped, heartbeat), stopped)
    player = Player(inbox, clock, DEMO_SOURCES, sent_before, stopped)
    heartbeat.busy()
    events = play(city(args.seed), args.seed, sent_before.start)
    expected = DEMO_STOCK_EVENTS + DEMO_DAY_EVENTS * (until - sent_before.start) // DAY
    with bar(expected, "back-filling the day") as progress:
        first = player.fill(events, until, progress)
    player.live(first, events, Pace(clock.wall(), until, args.speed))
    sent_before.save()
    return 0


class bar:  # noqa: N801 - reads as a verb where it is used
    """A determinate progress bar on stderr: `progress(done)` with the same unit as `total`."""

    def __init__(self, total: int, title: str) -> None:
        from tqdm import tqdm

        form = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"
        self._bar = tqdm(total=max(1, total), desc=title, bar_format=form, mininterval=0.5, dynamic_ncols=True)

    def __enter__(self) -> Callable[[int], None]:
        return lambda done: self._bar.update(max(0, min(done, self._bar.total) - self._bar.n)) and None

    def __exit__(self, *error: object) -> None:
        if error[0] is None:
            self._bar.update(self._bar.total - self._bar.n)
        self._bar.close()


def run_replay(args: argparse.Namespace, settings: Settings) -> int:
    from dashboard.clock import WallClock, parse
    from dashboard.simulate.boston311 import BadRow, read
    from dashboard.simulate.pace import Pace
    from dashboard.simulate.player import Progress, Player
    from data_access import stream
    from data_access.registry import SqlRegistry

    prepare(settings)
    url, zone = need_redis(settings), "America/New_York"
    until = parse(args.until, zone) if args.until else None
    try:
        replay = read(args.file, until, args.skip_bad, zone)
    except BadRow as e:
        return fail(f"{args.file}: {e}; nothing was changed (--skip-bad leaves such rows out and counts them)")
    except (OSError, EOFError, UnicodeDecodeError) as e:
        return fail(f"{args.file} cannot be read: {e}")
    SqlRegistry(database(settings)).replace_places(replay.units, [], [])
    inbox, clock = stream.Inbox(stream.client(url)), WallClock()
    player = Player(inbox, clock, (), Progress(), lambda: False)
    if args.speed == "max":
        with bar(replay.rows, "replaying") as progress:
            player.fill(replay.events, 2**62, lambda passed: progress(passed // 3))
            wait_for_engine(inbox)
    else:
        first = next(replay.events, None)
        if first:
            player.live(first, replay.events, Pace(clock.wall(), first[0], float(args.speed)))
    print(f"{replay.rows} rows, {replay.bad} left out")
    return 0


def wait_for_engine(inbox: Any) -> None:
    """A replay is over when the engine has taken everything in."""
    while inbox.backlog() > 0:
        time.sleep(0.05)


def run_user(args: argparse.Namespace, settings: Settings) -> int:
    from dashboard.access.role import User
    from data_access.account import SqlAccounts
    from data_access.reader import SqlReader
    from data_access.registry import SqlRegistry

    prepare(settings)
    registry = SqlRegistry(database(settings))
    if args.what == "list":
        for a in registry.accounts():
            print(f"{a['id']}\t{a['name']}\t{a['role']}\t{a['unit']}\t{'disabled' if a['disabled'] else 'active'}")
        return 0
    if not args.name:
        return fail(f"user {args.what} needs a NAME")
    if args.what == "disable":
        return 0 if registry.disable_account(args.name) else fail(f"there is no account {args.name!r}")
    known = SqlAccounts(database(settings)).account(args.name)
    if args.what == "token" and known is not None:
        return one_more_token(registry, args, *known)
    units = {u.code: u for u in SqlReader(database(settings)).units()}
    unit = args.unit or (known[0].unit if known else next(u.code for u in units.values() if u.parent is None))
    if unit not in units:
        return fail(f"unit {unit!r} is not known; `gridcommand user token --help`")
    user = User(args.name, args.name, args.role or (known[0].role if known else "api"), unit)
    try:
        print(registry.add_account(user, only=known is not None and known[1]))  # what was disabled comes back without its old tokens
    except ValueError as e:
        return fail(str(e))
    return 0


def one_more_token(registry: Any, args: argparse.Namespace, user: Any, disabled: bool) -> int:
    """A token for an account as it is: it is neither enabled nor changed by the way."""
    if disabled:
        return fail(f"account {user.id!r} is disabled; `gridcommand user add {user.id}` enables it again")
    if args.role not in (None, user.role) or args.unit not in (None, user.unit):
        is_now = f"account {user.id!r} is {user.role} of unit {user.unit}"
        return fail(f"{is_now}; `gridcommand user add {user.id} --role ROLE --unit CODE` changes that, a token does not")
    print(registry.add_token(user.id))
    return 0


def run_deadletters(args: argparse.Namespace, settings: Settings) -> int:
    from dashboard.engine.batch import TIMERS
    from dashboard.clock import iso
    from dashboard.ports.away import Away
    from data_access import stream
    from data_access.registry import SqlRegistry

    prepare(settings)
    registry = SqlRegistry(database(settings))
    if args.what == "list":
        for d in registry.dead_letters(args.limit):
            again = "\tredriven" if d["redriven"] else ""
            print(f"{d['entry']}\t{iso(d['at'], settings.timezone)}\t{d['code']}\t{d['stream']}\t{d['reason']}{again}")
        counts = registry.counts()
        print(f"{counts['dead_letter']} dead letters, {counts['orphan']} events wait for their report")
        return 0
    found = [d for d in registry.dead_letters_of(args.entry or "") if args.stream in (None, d["stream"])]
    if not found:
        return fail(f"there is no dead letter {args.entry!r}; `gridcommand deadletters list` names them")
    if len(found) > 1:
        return fail(f"{args.entry} is in {' and '.join(d['stream'] for d in found)}: say which with --stream")
    letter = found[0]
    if args.what == "show":
        print(letter["body"].decode("utf-8", "backslashreplace"))
        return 0
    if letter["stream"] == TIMERS:
        return fail(f"{args.entry} is a timer of {letter['body'].decode()}: no entry of a stream; every start of the engine tries it again")
    if not letter["body"] or letter["code"] in NOT_AGAIN:
        return fail(f"{args.entry}: {letter['reason']}; there is nothing that could be sent again")
    inbox = stream.Inbox(stream.client(need_redis(settings)))
    registry.mark_redriven(letter["stream"], args.entry)
    try:
        inbox.again(letter["stream"], letter["body"])
    except Away as e:
        registry.mark_waiting(letter)
        return fail(f"{e}; {args.entry} waits as before", 75)
    print(f"{args.entry} is in {letter['stream']} again")
    return 0


def run_import(args: argparse.Namespace, settings: Settings) -> int:
    """A new version of rules or places. Nothing is changed by a file with an error, or by --preview."""
    if args.what == "video":
        return import_video(args, settings)
    if args.what in ("units", "grids"):
        return import_places(args, settings)
    if args.what == "routing":
        return import_routing(args, settings)
    from dashboard.clocks.table import parse_calendar, parse_policy
    from data_access.registry import SqlRegistry

    prepare(settings)
    registry = SqlRegistry(database(settings))
    try:
        body = args.file.read_text(encoding="utf-8-sig")
        if args.what == "policy":
            policy = parse_policy(body)
            if args.recalculate or args.preview:
                return recalculate(registry, settings, policy, body, args.preview)
            registry.add_policy(policy, body)
            print(f"policy {policy.version} is in force for cases reported from its date on")
            return 0
        calendar = parse_calendar(body)
        registry.add_calendar(calendar.version, body)
    except OSError as e:
        return fail(f"{args.file} cannot be read: {e}")
    except ValueError as e:
        return fail(f"{args.file}: {e}; nothing was changed")
    print(f"calendar {calendar.version} is in force for every instant that is computed from now on")
    return 0


def import_places(args: argparse.Namespace, settings: Settings) -> int:
    """Units or grids from a file, as versions that begin at one instant."""
    from dashboard.clock import iso, parse, wall_ms
    from dashboard.places.draft import ImportOptions
    from dashboard.places.finding import sentence
    from dashboard.places.register import register
    from data_access.reader import SqlReader
    from data_access.registry import SqlRegistry

    prepare(settings)
    try:
        at = parse(args.valid_from, settings.timezone) if args.valid_from else None
    except ValueError as e:
        return fail(f"--valid-from: {e}")
    options = ImportOptions(wall_ms(), at, args.crs, settings.timezone, args.under, args.area, args.tolerance)
    reader, registry = SqlReader(database(settings), settings.timezone), SqlRegistry(database(settings))
    done = register(args.what, args.file, reader, registry, options, args.preview)
    for f in done.findings[:FINDINGS_SHOWN]:
        print(sentence(f), file=sys.stderr)
    if not done.done:
        return fail(f"{args.file}: {len(done.findings)} findings; nothing was changed. The list with a map is on /admin")
    since = f"from {iso(done.valid_from, settings.timezone)} on" if done.valid_from else "since always"
    would = "would " if args.preview else ""
    print(f"{args.what}: {done.begun} {would}begin, {done.ended} {would}end, {done.kept} stay as they are, {since}")
    return 0


def import_routing(args: argparse.Namespace, settings: Settings) -> int:
    """A new routing table in place of the one that holds."""
    from dashboard.places.file import BadFile, read_bytes
    from dashboard.places.finding import sentence
    from dashboard.places.route_file import read_routes
    from dashboard.places.unit import UnitTree
    from data_access.reader import SqlReader
    from data_access.registry import SqlRegistry

    prepare(settings)
    reader = SqlReader(database(settings), settings.timezone)
    try:
        routes, findings = read_routes(read_bytes(args.file), UnitTree(reader.units()), reader.categories())
    except OSError as e:
        return fail(f"{args.file} cannot be read: {e}")
    except BadFile as e:
        return fail(f"{args.file} {e}; nothing was changed")
    for f in findings[:FINDINGS_SHOWN]:
        print(sentence(f), file=sys.stderr)
    if findings:
        return fail(f"{args.file}: {len(findings)} findings; nothing was changed")
    before, after = set(reader.routes()), set(routes)
    if not args.preview:
        SqlRegistry(database(settings)).replace_routes(routes)
    told = f"{len(after - before)} rows are new, {len(before - after)} are gone, {len(after & before)} stay"
    print(f"routing: {told}" + (" (preview: nothing was changed)" if args.preview else ""))
    return 0


def import_video(args: argparse.Namespace, settings: Settings) -> int:
    """The video points of a file in place of those that are there, all or none."""
    from dashboard.places.file import BadFile, read_bytes
    from dashboard.places.finding import sentence
    from dashboard.video.file import read_points
    from data_access.registry import SqlRegistry

    prepare(settings)
    try:
        points, findings = read_points(read_bytes(args.file), args.crs)
    except (OSError, BadFile) as e:
        return fail(f"{args.file}: the file {e}; nothing was changed")
    for f in findings[:FINDINGS_SHOWN]:
        print(sentence(f), file=sys.stderr)
    if findings:
        return fail(f"{args.file}: {len(findings)} findings; nothing was changed")
    if not args.preview:
        SqlRegistry(database(settings)).replace_video(points)
    active = sum(p.active for p in points)
    print(f"{len(points)} video points, {active} of them active, " + ("would replace" if args.preview else "replaced") + " those before")
    return 0


def recalculate(registry: Any, settings: Settings, policy: Any, body: str, preview: bool) -> int:
    """Shows how many open cases would change their light; without --preview every one of them gets an audited event."""
    from dashboard.clock import wall_ms
    from dashboard.clocks.preview import changes
    from data_access import stream
    from data_access.reader import SqlReader

    reader = SqlReader(database(settings), settings.timezone)
    sla, root = reader.sla(), next(u.code for u in reader.units() if u.parent is None)
    moved, lights = changes(registry.open_states(), sla, policy, wall_ms())
    print(f"{len(moved)} open cases would change their due time")
    for (before, after), n in sorted(lights.items()):
        print(f"  {before} -> {after}: {n}")
    if preview:
        return 0
    server = stream.client(need_redis(settings))
    registry.add_policy(policy, body)
    with bar(len(moved), "recalculating") as progress:
        for n, case in enumerate(moved):
            stream.Inbox(server).command(recalculation(case, policy.version, root))
            progress(n + 1)
    return 0


def recalculation(case: Any, version: str, root: str) -> bytes:
    """The command of the server's operator for one case."""
    from dashboard.clock import iso, wall_ms
    from dashboard.access.role import User

    actor = User("operator", "operator", "operator", root)
    data = {"case": case.case, "expected_version": case.version, "actor": actor, "policy": version, "reason": f"policy {version}"}
    head = {"specversion": "1.0", "source": "/cli", "type": "command.recalculate", "subject": case.subject, "time": iso(wall_ms())}
    digest = hashlib.blake2b(f"{case.case} {case.version} {version}".encode(), digest_size=16).hexdigest()
    return msgspec.json.encode(head | {"id": f"recalc-{digest}", "data": data})


def run_bench(args: argparse.Namespace, settings: Settings) -> int:
    import importlib

    module = importlib.import_module(f"benchmarks.{args.what}")
    rows = module.run()
    if args.json:
        print(json.dumps({"bench": args.what, "rows": rows}))
        return 0
    for r in rows:
        cells = (f"{name} {r[name]}" for name in ("ours", "baseline", "limit") if r.get(name) is not None)
        print(f"{r['what']}: {' · '.join(cells)} {r['unit']} (median of {r['n']})")
    return 0


def tell(message: str) -> None:
    print(f"gridcommand: {message}", file=sys.stderr, flush=True)


def fail(message: str, code: int = 2) -> int:
    """The one line with which a command ends that did not do what it should: 2 = mend it, 75 = try again."""
    tell(message)
    return code


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="gridcommand", description="A real-time command centre for urban grid governance.")
    sub = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace, Settings], int], text: str, example: str) -> argparse.ArgumentParser:
        p = sub.add_parser(name, help=text, description=text, epilog=f"example: gridcommand {example}")
        p.set_defaults(run=run)
        p.add_argument("--data", dest="data_dir", metavar="DIR", help="data folder")
        p.add_argument("--clock", choices=("wall", "stream"), help="what `now` means: the machine's time, or the newest event's")
        return p

    up = command("up", run_up, "start everything", "up --demo")
    up.add_argument("--demo", action="store_const", const=True, help="seed the synthetic city and play its day")
    up.add_argument("--speed", type=float, default=1.0, help="how fast the demo's day runs")
    up.add_argument("--port", type=int)
    command("web", run_web, "only the web workers", "web").add_argument("--port", type=int)
    command("engine", run_engine, "only the engine", "engine")
    simulate = command("simulate", run_simulate, "the synthetic city as a source", "simulate --speed 10")
    simulate.add_argument("--speed", type=float, default=1.0)
    simulate.add_argument("--seed", type=int, default=DEMO_SEED)
    replay = command("replay-csv", run_replay, "a real 311 file as a source", "replay-csv 2015.csv.gz --mapping boston311 --speed max")
    replay.add_argument("file", type=Path)
    replay.add_argument("--mapping", choices=("boston311",), required=True)
    replay.add_argument("--speed", default="max", help="a number, or max")
    replay.add_argument("--until", help="leave out what happened after this time (of the file's city)")
    replay.add_argument("--skip-bad", action="store_true", help="leave out rows that cannot be read, and count them")
    user = command("user", run_user, "accounts and tokens", "user token wall-2 --role wall")
    user.add_argument("what", choices=("add", "token", "list", "disable"))
    user.add_argument("name", nargs="?")
    user.add_argument("--role", help="of a new account: api when not given; `user add` changes an existing one's")
    user.add_argument("--unit", help="top of the jurisdiction; of a new account the whole city when not given")
    dead = command("deadletters", run_deadletters, "entries that had no effect, and why", "deadletters list")
    dead.add_argument("what", choices=("list", "show", "redrive"))
    dead.add_argument("entry", nargs="?")
    dead.add_argument("--stream", help="which stream's entry, where several have one of this id")
    dead.add_argument("--limit", type=int, default=100)
    load_ = command("import", run_import, "a new version of rules or places", "import grids grids.geojson --crs gcj02")
    load_.add_argument("what", choices=("policy", "calendar", "units", "grids", "video", "routing"))
    load_.add_argument("file", type=Path)
    load_.add_argument("--preview", action="store_true", help="only show what would change")
    load_.add_argument("--recalculate", action="store_true", help="also give open cases their new due times, by audited events")
    load_.add_argument("--crs", choices=("wgs84", "gcj02", "bd09"), help="units, grids: the file's coordinate system, if it does not say")
    load_.add_argument("--valid-from", metavar="DATE", help="units, grids: from when it holds; now, or always for a first map")
    load_.add_argument("--area", metavar="CODE", help="grids: the file is this unit's whole map; else of the smallest that holds it")
    load_.add_argument("--under", metavar="CODE", help="units: where units go whose parent is not known")
    load_.add_argument("--tolerance", type=float, default=1.0, metavar="METRES", help="grids: width of slivers that are no gap or overlap")
    bench = command("bench", run_bench, "what is claimed about speed", "bench ingest --json")
    bench.add_argument("what", choices=("ingest", "push", "board", "clocks", "map", "desk", "border"))
    bench.add_argument("--json", action="store_true")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    with quiet_interrupt():
        return begin(parser().parse_args(argv))


@contextmanager
def quiet_interrupt() -> Iterator[None]:
    """Ctrl-C ends the process at once and without a word, also where a KeyboardInterrupt would come out as another error (in a C library's
    import). What was not committed is rolled back by the database. Services replace this when their work begins."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, lambda number, frame: os._exit(130))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def begin(args: argparse.Namespace) -> int:
    given: dict[str, Any] = {name: getattr(args, name, None) for name in ("data_dir", "clock", "port", "demo")}
    try:
        settings = load(**given)
    except BadSetting as e:
        return fail(str(e))
    return ended(args.run, args, settings)


def ended(run: Callable[[argparse.Namespace, Settings], int], args: argparse.Namespace, settings: Settings) -> int:
    """The command's exit code; where what it needs cannot be had, one line says what to do."""
    from dashboard.ports.away import Away
    from data_access import ready
    from data_access.server import NoServer

    try:
        return int(run(args, settings))
    except ready.NotReady as e:
        return fail(str(e), e.code)
    except Away as e:
        why = ready.of_away(e, settings)
        return fail(str(why), why.code)
    except NoServer as e:
        return fail(str(e))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # who read this has gone; nothing is left to say
        return 1
    except OSError as e:
        if e.errno not in ready.FILES:
            raise
        return fail(ready.of_file(e, settings.folder))


if __name__ == "__main__":
    sys.exit(main())
