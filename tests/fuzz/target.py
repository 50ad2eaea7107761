"""What the fuzz job feeds: every decoder of the product that reads what comes from outside. Only the errors named here may come out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from callbacks.api.me import value_of as stored_value
from callbacks.auth.session import Session, cookie_of
from callbacks.click import check
from callbacks.problem import Problem
from dashboard.access.role import User
from dashboard.cases import command as commands
from dashboard.cases.envelope import Malformed, case_id, split_id
from dashboard.cases.event import HEARTBEAT, decode, decode_data
from dashboard.cases.mask import mask
from dashboard.cases.verb import VERBS, read
from dashboard.clocks.policy import PolicyError
from dashboard.clocks.table import parse_calendar, parse_policy
from dashboard.desk.query import read_cursor
from dashboard.engine.apply import apply
from dashboard.engine.dead_letter import masked_body
from dashboard.engine.intake import Intake
from dashboard.live.presence import Presence
from dashboard.places.file import BadFile
from dashboard.places.grid_file import read_grids
from dashboard.places.locate import Maps, drawn
from dashboard.places.route_file import read_routes
from dashboard.places.unit_file import read_units
from dashboard.simulate.category import CATEGORIES
from dashboard.video.file import read_points
from tests.made import CITY, LATEST, SLA, T0

Target = Callable[[bytes], object]
_intake = Intake(SLA, Maps([]), CATEGORIES)


class Accounts:
    """Everybody who can name a session is somebody."""

    def user_of_token(self, token: str) -> User | None:
        return None

    def user_of_session(self, session: str) -> User | None:
        return User(session, session, "dispatcher", "c")

    def begin_session(self, account: str, lasts: int) -> str:
        return account

    def end_session(self, session: str) -> None:
        """Nothing is kept."""


_session = Session(b"secret", Accounts())


class Fed(NamedTuple):
    """`errors`: what may come out, each with its words; anything else is a fault."""

    feed: Target
    errors: tuple[type[Exception], ...]


def event(body: bytes) -> None:
    """As far as the engine's own memory: decoded, masked, taken in, pinned, folded, encoded."""
    made = decode(body, LATEST)
    if made.type == HEARTBEAT:
        return
    (taken,) = _intake.take([made], T0)
    assert decode_data(taken.type, taken.raw) == taken.data
    after = apply(taken, None, SLA)
    msgspec.msgpack.encode(after[1] if isinstance(after, tuple) else after)
    assert case_id(*split_id(made.case)) == made.case


def command(body: bytes) -> None:
    made = commands.decode(body)
    if made.verb in VERBS:
        read(made.verb, made.data)


def letter(body: bytes) -> None:
    assert len(masked_body(body)) <= 64 * 1024


def text(body: bytes) -> None:
    mask(body.decode("utf-8", "replace"))


def cursor(body: bytes) -> None:
    read_cursor("due", body.decode("latin-1"))


def lasso(body: bytes) -> None:
    drawn(msgspec.json.decode(body, type=list[tuple[float, float]])[:500])


def cookie(body: bytes) -> None:
    _session.session(cookie_of({b"cookie": b"gc_session=" + body}, "gc_session"))


def click(body: bytes) -> None:
    check(body, b"application/json", {"a.b": {"callback": None, "inputs": [{"id": "a", "property": "b"}], "state": []}})


def item(body: bytes) -> None:
    stored_value("draft", body)


def presence(body: bytes) -> None:
    Presence(lambda: 0.0, lambda user, case: True).hear(body)


def policy(body: bytes) -> None:
    parse_policy(body.decode("utf-8", "replace"))


def calendar(body: bytes) -> None:
    parse_calendar(body.decode("utf-8", "replace"))


TARGETS: dict[str, Fed] = {
    "event": Fed(event, (Malformed,)),
    "command": Fed(command, (Malformed,)),
    "letter": Fed(letter, ()),
    "text": Fed(text, ()),
    "cursor": Fed(cursor, (ValueError,)),
    "lasso": Fed(lasso, (msgspec.DecodeError, ValueError)),
    "cookie": Fed(cookie, ()),
    "click": Fed(click, (Problem,)),
    "item": Fed(item, (Problem,)),
    "presence": Fed(presence, (msgspec.DecodeError, UnicodeDecodeError, RecursionError)),  # the feed passes over whatever it is
    "policy": Fed(policy, (PolicyError,)),
    "calendar": Fed(calendar, (PolicyError,)),
    "units": Fed(lambda body: read_units(body, "wgs84"), (BadFile,)),
    "grids": Fed(lambda body: read_grids(body, "wgs84"), (BadFile,)),
    "routing": Fed(lambda body: read_routes(body, CITY, {"030101"}), (BadFile,)),
    "video": Fed(lambda body: read_points(body, "wgs84"), (BadFile,)),
}
