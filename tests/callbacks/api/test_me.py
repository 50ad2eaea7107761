"""What is kept for an account, its shifts and their handovers, over HTTP: only one's own, only who may, and each signature once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import delete

from dashboard.access.role import User
from dashboard.desk.account_item import KINDS
from data_access import table as t
from tests.callbacks.running import Answer, Running

ITEMS, SHIFT, HANDOVERS = "/api/v1/me/items", "/api/v1/me/shift", "/api/v1/handovers"
MORE = {"second": ("dispatcher", "c"), "east": ("dispatcher", "d1"), "west": ("dispatcher", "d2"), "lead": ("leader", "c")}


@pytest.fixture
def desk(city: Running) -> Iterator[Running]:
    """With more people, and nothing kept of the test before."""
    for name, (role, unit) in MORE.items():
        if name not in city.tokens:
            city.tokens[name] = city.accounts.add_account(User(name, name, role, unit))
    yield city
    with city.db.execution_options(write=True).begin() as c:
        c.execute(delete(t.account_item))
        c.execute(delete(t.shift))


def put(city: Running, kind: str, key: str, value: Any, who: str | None = "first", method: str = "PUT") -> Answer:
    return city.ask(method, ITEMS, who, urlencode({"kind": kind, "key": key}).encode(), {"value": value})


def items(city: Running, who: str = "first") -> list[tuple[str, str, Any]]:
    return [(i["kind"], i["key"], i["value"]) for i in city.ask("GET", ITEMS, who).json["items"]]


def test_an_account_has_its_own_items_and_nobody_else_s(desk: Running) -> None:
    assert put(desk, "draft", "note.12345~A", {"text": "半句，电话 13912345678"}).json["value"] == {"text": "半句，电话 ■■■"}
    assert put(desk, "view", "夜班/东", {"search": "tab=mine"}).status == 200
    assert items(desk) == [("draft", "note.12345~A", {"text": "半句，电话 ■■■"}), ("view", "夜班/东", {"search": "tab=mine"})]
    assert items(desk, "second") == []
    assert put(desk, "view", "夜班/东", None, "second", "DELETE").status == 200 and len(items(desk)) == 2
    assert put(desk, "view", "夜班/东", None, "first", "DELETE").status == 200 and len(items(desk)) == 1


@pytest.mark.parametrize("who", ["wall", "other", "lead"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ITEMS), ("PUT", ITEMS), ("DELETE", ITEMS), ("GET", SHIFT), ("POST", SHIFT), ("GET", HANDOVERS), ("POST", HANDOVERS),
     ("GET", f"{HANDOVERS}/x"), ("POST", f"{HANDOVERS}/x/take")],
)  # fmt: skip
def test_who_sits_at_no_desk_has_none(desk: Running, who: str, method: str, path: str) -> None:
    query = b"kind=pin&key=a" if path == ITEMS and method != "GET" else b""
    refused, stranger = (desk.ask(method, path, w, query, {"value": 1, "text": ""}) for w in (who, None))
    assert (refused.status, stranger.status) == (403, 401) and refused.is_problem and stranger.is_problem


@pytest.mark.parametrize(
    ("status", "kind", "key", "value"),
    [
        (400, "song", "a", 1), (400, "pin", "", 1), (400, "pin", "x" * 171, 1), (413, "pin", "a", "x" * 100),
        (413, "draft", "a", {"text": "长" * (KINDS["draft"].size // 3)}),
    ],
)  # fmt: skip
def test_what_is_no_item_is_refused(desk: Running, status: int, kind: str, key: str, value: Any) -> None:
    got = put(desk, kind, key, value)
    assert got.status == status and got.is_problem and items(desk) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"value":' + b"[" * 40 + b"]" * 40 + b"}", b'{"text":"x"}'])
def test_a_body_that_holds_no_value_is_refused(desk: Running, body: bytes) -> None:
    assert desk.ask("PUT", ITEMS, "first", b"kind=draft&key=a", body).status == 400 and items(desk) == []


def test_a_key_of_any_text_is_text(desk: Running) -> None:
    hostile = "<img src=x onerror=alert(1)> ' OR 1=1 --"
    assert put(desk, "view", hostile, {"search": hostile}).status == 200 and items(desk) == [("view", hostile, {"search": hostile})]


def start(city: Running, who: str) -> None:
    assert city.ask("POST", SHIFT, who, body={}).status == 200


def sign(city: Running, who: str, text: str = "") -> Answer:
    return city.ask("POST", HANDOVERS, who, body={"text": text})


def take(city: Running, handover: str, who: str) -> Answer:
    return city.ask("POST", f"{HANDOVERS}/{handover}/take", who, body={})


def test_a_shift_from_its_start_to_the_next_one_s(desk: Running) -> None:
    assert desk.ask("GET", SHIFT).json == {"started": None, "last_end": None, "waiting": []}
    start(desk, "first")
    start(desk, "first")
    put(desk, "draft", "handover", {"text": "看好泵站"})
    begun = desk.ask("GET", SHIFT).json["started"]
    signed = sign(desk, "first", "看好泵站，13912345678").json
    assert (signed["text"], signed["started"], signed["note"]["since"], signed["came"]) == ("看好泵站，■■■", begun, begun, None)
    assert (signed["left"]["account"], signed["left"]["name"], signed["left"]["role"]) == ("first", "first", "dispatcher")
    assert items(desk) == [], "what was written is in the note now"
    mine, other = (desk.ask("GET", SHIFT, who).json for who in ("first", "second"))
    assert (mine["started"], mine["last_end"], mine["waiting"]) == (None, signed["left"]["at"], [])
    assert [w["handover"] for w in other["waiting"]] == [signed["handover"]]
    taken = take(desk, signed["handover"], "second").json
    assert taken["came"]["account"] == "second" and {**taken, "came": None} == signed
    after = desk.ask("GET", SHIFT, "second").json
    assert (after["started"], after["waiting"]) == (taken["came"]["at"], [])
    assert desk.ask("GET", f"{HANDOVERS}/{signed['handover']}").json == taken
    assert [h["handover"] for h in desk.ask("GET", HANDOVERS).json["items"]] == [signed["handover"]]
    assert desk.ask("GET", HANDOVERS, query=f"before={signed['left']['at']}".encode()).json["items"] == []


def test_what_happens_once_happens_once(desk: Running) -> None:
    assert sign(desk, "first").status == 409, "no shift, nothing to sign"
    start(desk, "first")
    with ThreadPoolExecutor(3) as pool:
        tabs = sorted(pool.map(lambda _: sign(desk, "first").status, range(3)))
    assert tabs == [200, 409, 409]
    (line,) = desk.ask("GET", HANDOVERS).json["items"]
    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(("second", "chief"), pool.map(lambda who: take(desk, line["handover"], who), ("second", "chief")), strict=True))
    (won,) = [who for who, got in answers.items() if got.status == 200]
    (lost,) = [got for got in answers.values() if got.status == 409]
    assert lost.is_problem and (lost.json["by"], lost.json["at"]) == (won, answers[won].json["came"]["at"])


def test_who_may_sign_and_who_may_read(desk: Running) -> None:
    start(desk, "east")
    handover = sign(desk, "east").json["handover"]
    read = {who: desk.ask("GET", f"{HANDOVERS}/{handover}", who).status for who in ("east", "first", "west")}
    assert read == {"east": 200, "first": 200, "west": 404}
    assert [take(desk, handover, who).status for who in ("west", "east", "first")] == [404, 403, 200]
    assert take(desk, "none", "first").status == 404 and desk.ask("GET", f"{HANDOVERS}/{'x' * 65}").status == 400
    assert desk.ask("GET", HANDOVERS, "west").json["items"] == [] and len(desk.ask("GET", HANDOVERS, "chief").json["items"]) == 1


def test_a_text_that_is_too_long_signs_nothing(desk: Running) -> None:
    start(desk, "first")
    got = sign(desk, "first", "长" * 4000)
    assert got.status == 413 and got.is_problem and desk.ask("GET", SHIFT).json["started"] is not None
