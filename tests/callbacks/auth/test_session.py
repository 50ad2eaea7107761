"""The cookie itself: whatever is changed of it, and whoever else signs one, it is nobody's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.auth import session as sessions
from callbacks.auth.session import COOKIE, LASTS, Session, cookie_of
from dashboard.access.role import User
from dashboard.clock import wall_ms


class Nobody:
    """A cookie is read without asking the database."""

    def user_of_token(self, token: str) -> User | None:
        raise AssertionError

    user_of_session = user_of_token

    def begin_session(self, account: str, lasts: int) -> str:
        raise AssertionError

    def end_session(self, session: str) -> None:
        raise AssertionError


OURS = Session(b"secret", Nobody())
VALUE = OURS.sign("the-session")


def test_what_we_signed_names_its_session() -> None:
    assert OURS.session(VALUE) == "the-session"
    assert Session(b"another secret", Nobody()).session(VALUE) is None


@given(st.integers(0, len(VALUE) - 1), st.characters())
def test_no_character_of_it_may_be_another(at: int, character: str) -> None:
    changed = VALUE[:at] + character + VALUE[at + 1 :]
    assert OURS.session(changed) == ("the-session" if changed == VALUE else None)


@given(st.text() | st.binary().map(lambda b: b.decode("latin-1")), st.booleans())
def test_anything_else_is_nobody_s_and_no_error(text: str, dotted: bool) -> None:
    """Headers are bytes: each of them is one character here, ASCII or not."""
    body, _, mac = VALUE.partition(".")
    for value in (text, f"{text}.{mac}", f"{body}.{text}", f"{VALUE}{text}" if text else ""):
        assert OURS.session(value) is None
    headers = {b"cookie": f"{COOKIE}={text}".encode("utf-8", "replace")}
    assert OURS.session(cookie_of(headers, COOKIE)) is None


def test_it_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    now, value = wall_ms(), OURS.sign("the-session")
    monkeypatch.setattr(sessions, "wall_ms", lambda: now + LASTS - 60_000)
    assert OURS.session(value) == "the-session"
    monkeypatch.setattr(sessions, "wall_ms", lambda: now + LASTS + 60_000)
    assert OURS.session(value) is None
