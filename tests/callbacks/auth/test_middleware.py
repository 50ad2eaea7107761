"""Who comes in, for how long, with how much; what every answer carries."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from callbacks.body import LIMITS
from dashboard.clock import ticks_ms
from dashboard.ports.away import Away
from data_access.folder import secret
from tests.callbacks.running import Answer, Running

Receive = Callable[[], Awaitable[dict[str, Any]]]


def endless(part: bytes) -> tuple[Receive, list[int]]:
    """A body in parts that never ends, and how much of it was taken."""
    taken = [0]

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        taken[0] += len(part)
        return {"type": "http.request", "body": part, "more_body": True}

    return receive, taken


@pytest.mark.parametrize("path", ["/_dash-update-component", "/map/select", "/session/token", "/api/v1/commands", "/desk"])
@pytest.mark.parametrize("who", ["first", None])
def test_a_body_without_end_is_refused_at_its_limit(city: Running, path: str, who: str | None) -> None:
    receive, taken = endless(b"x" * 65536)
    got = city.ask("POST", path, who, receive=receive)
    assert got.is_problem and got.status == (401 if who is None and path.startswith(("/map", "/api")) else 413)
    assert got.headers.get("connection") == "close" or got.status == 401
    assert taken[0] < (16 << 20), "what is thrown away after the answer ends too"
    assert city.app._bodies._held == 0


def test_strangers_may_send_less(city: Running) -> None:
    body = b"x" * (LIMITS["/_dash-update-component"] - 1)
    assert [city.ask("POST", "/_dash-update-component", who, body=body).status for who in ("first", None)] == [400, 413]


def test_a_body_that_drips_is_given_up(city: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city.app._bodies, "_seconds", 0.2)

    async def drip() -> dict[str, Any]:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"x", "more_body": True}

    got = city.ask("POST", "/map/select", receive=drip)
    assert got.status == 408 and got.is_problem


def test_all_bodies_together_are_bounded(city: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(city.app._bodies, "_together", 1000)
    got = city.ask("POST", "/map/select", body=b"x" * 2000)
    assert got.status == 503 and got.is_problem and got.headers["retry-after"]


# Who


@pytest.mark.parametrize(
    "cookie",
    [
        b"gc_session=\xe9.\xff",
        b"gc_session=",
        b"gc_session=a.b.c",
        b"\xff",
        b"gc_session=" + b"A" * 4000,
        b'gc_session="',
        b"=;=",
        b"gc_session",
    ],
)
def test_an_odd_cookie_is_a_stranger_s(city: Running, cookie: bytes) -> None:
    assert city.ask("GET", "/api/v1/units", None, headers=[(b"cookie", cookie)]).status == 401


@pytest.mark.parametrize(
    "content", [b"\xff", b"5", b"[]", b"{}", b'{"s":1,"e":2}', b'{"s":"x","e":"never"}', b"[" * 2000, b'{"a":"first","e":9999999999999}']
)
def test_a_cookie_that_we_signed_but_never_wrote_is_a_stranger_s(city: Running, content: bytes) -> None:
    for body in (base64.urlsafe_b64encode(content).decode(), "no base64!", "=====", "é"):
        mac = hmac.new(secret(city.settings), body.encode(), hashlib.sha256).hexdigest()
        cookie = f"gc_session={body}.{mac}".encode()
        assert city.ask("GET", "/api/v1/units", None, headers=[(b"cookie", cookie)]).status == 401


def with_cookie(city: Running, cookie: str, path: str = "/api/v1/units", method: str = "GET", **more: bytes) -> Answer:
    headers = [(b"cookie", cookie.encode()), *((k.encode(), v) for k, v in more.items())]
    return city.ask(method, path, None, headers=headers)


def test_a_session_that_was_ended_is_over_everywhere(city: Running) -> None:
    mine, other = city.cookie("first"), city.cookie("first")
    assert with_cookie(city, mine).status == with_cookie(city, other).status == 200
    assert with_cookie(city, mine, "/session/end", "POST").status == 303
    assert with_cookie(city, mine).status == 401, "the value itself is worth nothing any more"
    assert with_cookie(city, other).status == 200, "another browser of the same account goes on"
    city.app.session._seen.clear()  # another worker, or this one after a restart
    assert with_cookie(city, mine).status == 401


@pytest.mark.parametrize("how", ["form", "link"])
def test_a_browser_belongs_to_one_person(city: Running, how: str) -> None:
    """The pages that are still open with the session of before lose it: nobody acts there under another name than the one he reads."""

    def sign_in(who: str, cookie: str) -> None:
        headers, token = [(b"cookie", cookie.encode())], city.tokens[who].encode()
        got = (
            city.ask("POST", "/session/token", None, body=b"token=" + token, headers=headers)
            if how == "form"
            else city.ask("GET", "/desk", None, b"token=" + token, headers=headers)
        )
        assert got.status == 303 and "gc_session=" in got.headers["set-cookie"]

    mine, elsewhere = city.cookie("first"), city.cookie("first")
    sign_in("first", mine)
    assert with_cookie(city, mine).status == 200, "the same person's other pages go on"
    sign_in("chief", mine)
    assert with_cookie(city, mine).status == 401 and with_cookie(city, elsewhere).status == 200
    sign_in("chief", "gc_session=nonsense")


def test_no_other_site_signs_anybody_out_or_in(city: Running) -> None:
    mine = city.cookie("first")
    assert with_cookie(city, mine, "/session/end").status == 405
    assert with_cookie(city, mine, "/session/end", "POST", origin=b"http://evil.example").status == 403
    assert with_cookie(city, mine, "/session/end", "POST", origin=b"null").status == 403
    assert with_cookie(city, mine).status == 200
    body = f"token={city.tokens['wall']}".encode()
    assert city.ask("POST", "/session/token", None, body=body, headers=[(b"origin", b"http://evil.example")]).status == 403


COMMAND = {"id": "id-00000001", "type": "command.note", "case": "12345~A", "expected_version": 1, "data": {"text": "x"}}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": b"http://city.example", "sec-fetch-site": b"same-origin"}, 207),
        ({}, 207),  # no browser
        ({"sec-fetch-site": b"none"}, 207),
        ({"origin": b"http://evil.example", "sec-fetch-site": b"cross-site"}, 403),
        ({"origin": b"http://evil.example"}, 403),
        ({"origin": b"http://city.example:81", "sec-fetch-site": b"same-site"}, 403),
        ({"origin": b"null"}, 403),
        ({"sec-fetch-site": b"cross-site"}, 403),
        ({"sec-fetch-site": b"same-site"}, 403),
        ({"content-type": b"text/plain"}, 415),
        ({"content-type": b"application/x-www-form-urlencoded"}, 415),
        ({"content-type": b""}, 415),
    ],
)
def test_no_other_site_sends_a_command_with_somebody_s_cookie(city: Running, headers: dict[str, bytes], status: int) -> None:
    given = [(b"cookie", city.cookie("first").encode()), *((name.encode(), value) for name, value in headers.items())]
    got = city.ask("POST", "/api/v1/commands", None, body={"commands": [COMMAND]}, headers=given)
    assert got.status == status and got.is_problem == (status != 207), got


def test_a_bearer_token_needs_no_page(city: Running) -> None:
    got = city.ask("POST", "/api/v1/commands", body={"commands": [COMMAND]}, headers=[(b"content-type", b"text/plain")])
    assert got.status == 207, "no browser sends this header by itself"


def test_a_command_of_a_session_that_has_ended_is_answered_as_the_socket_is(city: Running) -> None:
    mine = city.cookie("first")
    assert with_cookie(city, mine, "/session/end", "POST").status == 303
    got = city.ask("POST", "/api/v1/commands", None, body={"commands": [COMMAND]}, headers=[(b"cookie", mine.encode())])
    assert got.status == 401 and got.is_problem


@pytest.mark.parametrize(
    "path", ["/\\evil.example", "//evil.example", "///evil.example", "/\r\nx: y", "/\tx", "/desk", "/案件", "/%5Cevil.example"]
)
def test_after_signing_in_one_stays_here(city: Running, path: str) -> None:
    token = city.tokens["first"].encode()
    got = city.ask("GET", path, None, query=b"token=" + token + b"&layout=16x9")
    to = got.headers["location"]
    assert got.status == 303 and to.isascii() and to.startswith("/") and to[1:2] not in ("/", "\\") and "\r" not in to
    assert to == "/desk?layout=16x9" if path == "/desk" else "evil" not in to or to.startswith("/%")
    referer = f"http://city.example{path}".encode()
    got = city.ask("POST", "/session/token", None, body=b"token=" + token, headers=[(b"referer", referer)])
    to = got.headers["location"]
    assert got.status == 303 and to.startswith("/") and to[1:2] not in ("/", "\\")


@pytest.mark.parametrize(
    "referer", [b"http://city.example/%5Cevil.example", b"http://city.example/%2F%2Fevil", b"http://city.example//evil", b"http://["]
)
def test_a_referer_leads_nowhere_else(city: Running, referer: bytes) -> None:
    body = f"token={city.tokens['first']}".encode()
    assert city.ask("POST", "/session/token", None, body=body, headers=[(b"referer", referer)]).headers["location"] == "/"


@contextmanager
def away(city: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def gone(*_: Any) -> Any:
        raise Away("database", "connection refused on 10.0.0.3")

    with monkeypatch.context() as m:
        for name in ("user_of_token", "user_of_session", "begin_session", "end_session"):
            m.setattr(city.app.session._accounts, name, gone)
        m.setattr(city.app._services.reader.cases, "page", gone)
        yield
    city.app.session._away = None


def test_without_the_database_who_was_seen_goes_on_for_a_while(city: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    session = city.app.session
    assert city.ask("GET", "/api/v1/units", "first").status == 200
    with away(city, monkeypatch):
        key = ("token", city.tokens["first"])
        session._seen[key] = (ticks_ms() - 9 * 60_000, session._seen[key][1])
        assert city.ask("GET", "/api/v1/units", "first").status == 200
        session._seen[key] = (ticks_ms() - 11 * 60_000, session._seen[key][1])
        session._seen.pop(("token", city.tokens["other"]), None)
        for got in (city.ask("GET", "/api/v1/units", "first"), city.ask("GET", "/api/v1/units", "other")):
            assert got.status == 503 and got.is_problem and got.json["away"] == "database" and got.headers["retry-after"]
            assert b"10.0.0.3" not in got.body
    assert city.ask("GET", "/api/v1/units", "first").status == 200


def test_who_signs_in_without_the_database_is_told_on_the_page(city: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with away(city, monkeypatch):
        got = city.ask("POST", "/session/token", None, body=f"token={city.tokens['first']}".encode())
    assert (got.status, got.headers["location"]) == (303, "/login?away=1")


def test_a_question_without_the_database_says_what_is_away(city: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    assert city.ask("GET", "/api/v1/units").status == 200
    with away(city, monkeypatch):
        got = city.ask("GET", "/api/v1/cases")
        assert got.status == 503 and got.is_problem and got.json["away"] == "database"


def test_our_own_mistake_tells_nothing_of_the_inside_and_is_logged(
    city: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def wrong(*_: Any) -> Any:
        raise ZeroDivisionError("inner secret")

    monkeypatch.setattr(city.app._services.reader.cases, "page", wrong)
    monkeypatch.setattr(city.app._services.reader.cases, "case", wrong)
    click = {
        "output": "desk-drawer.children", "outputs": {"id": "desk-drawer", "property": "children"}, "changedPropIds": [],
        "inputs": [{"id": "desk-case", "property": "data", "value": {"case": "a~1"}}], "state": [],
    }  # fmt: skip
    for got in (city.ask("GET", "/api/v1/cases"), city.ask("POST", "/_dash-update-component", body=click)):
        assert got.status == 500 and got.is_problem and b"inner secret" not in got.body
    assert caplog.text.count("ZeroDivisionError: inner secret") == 2


# What every answer carries


@pytest.mark.parametrize(
    "path", ["/", "/desk", "/api/v1/units", "/api/v1/nothing", "/assets/live/live.js", "/healthz", "/session/end", "/map/current.json"]
)
def test_headers(city: Running, path: str) -> None:
    got = city.ask("GET", path)
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"] == "frame-ancestors 'self'"
    assert got.headers["referrer-policy"] == "same-origin"
    kept = path in ("/assets/live/live.js", "/map/current.json")
    assert got.headers["cache-control"] == ("no-cache" if kept else "no-store")


def test_a_sheet_that_names_its_version_may_be_kept(city: Running) -> None:
    url = city.ask("GET", "/map/current.json").json["url"]
    assert "immutable" in city.ask("GET", f"/{url}").headers["cache-control"]


# Sockets
