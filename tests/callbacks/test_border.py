# ruff: noqa: E501
"""Whatever somebody sends gets an answer below 500, in one form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.callbacks.running import Running

DEEP = b"[" * 100_000
CLICK = {
    "output": "desk-drawer.children", "outputs": {"id": "desk-drawer", "property": "children"}, "changedPropIds": ["desk-case.data"],
    "inputs": [{"id": "desk-case", "property": "data", "value": {"case": "a~1"}}], "state": [],
}  # fmt: skip
DASH = "/_dash-update-component"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/v1/cases", "limit=²".encode()),
        ("/api/v1/cases", b"limit=%C2%B2"),
        ("/api/v1/cases", b"limit=" + b"9" * 4000),
        ("/api/v1/cases", b"q=" + b"x" * 300),
        ("/api/v1/cases", b"q=%00"),
        ("/api/v1/cases", b"cursor=" + b"A" * 600),
        ("/api/v1/cases", b"cursor=\xff%E0%"),
        ("/api/v1/cases/lookup", b""),
        ("/api/v1/cases/lookup", b"source=&subject="),
        ("/api/v1/cases/" + "x" * 400, b""),
        ("/api/v1/cases/a\0b", b""),
        ("/api/v1/cases/案件", b""),
        ("/api/v1/snapshot", b"scope=" + b"x" * 500),
        ("/api/v1/cases/lookup", b"source=" + b"%ff" * 900 + b"&subject=1"),
        ("/api/v1/nothing", b""),
        ("/api", b""),
        ("/api/", b""),
        ("/map/current.json", b"at=99999999999999999999999"),
        ("/map/current.json", b"at=-1"),
        ("/map/nothing.bin", b"at=1e5"),
        ("/map/video/x/99999999999999999999.json", b""),
        ("/map/nothing", b""),
        ("/api/v1/cases/lookup", b"x" * 5000),
        ("/" + "x" * 2000, b""),
    ],
)
def test_a_bad_question_is_a_problem(city: Running, path: str, query: bytes) -> None:
    got = city.ask("GET", path, query=query)
    assert 400 <= got.status < 500 and got.is_problem, got


@pytest.mark.parametrize("path", ["/api/v1/commands", "/map/select", DASH])
@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff", b"5", b"[]", b"{}", b"null", DEEP, b'{"commands":' + b"[" * 1000, b"[" * 1000 + b"]" * 1000,
        b'{"commands":[{"id":"\\ud800"}]}', b'{"polygon":' + DEEP, b'{"output":"desk-drawer.children"}',
        b'{"output":"nobody.children","outputs":{"id":"nobody","property":"children"},"inputs":[],"changedPropIds":[]}',
        b'{"commands":[' + b'{"data":{"a":' * 40 + b"1" + b"}}" * 40 + b"]}",
    ],
    ids=range(15),
)  # fmt: skip
def test_a_bad_body_is_a_problem(city: Running, path: str, body: bytes) -> None:
    got = city.ask("POST", path, body=body)
    assert 400 <= got.status < 500 and got.is_problem, got


def test_the_page_s_own_calls_are_answered(city: Running) -> None:
    assert city.ask("POST", DASH, body=CLICK).status == 200


@pytest.mark.parametrize(
    "change",
    [
        {"output": 5}, {"inputs": []}, {"inputs": [{"id": "desk-case", "property": "nothing"}]}, {"state": [{"id": "x", "property": "y"}]},
        {"outputs": []}, {"outputs": None}, {"outputs": {"id": "desk-drawer", "property": "title"}}, {"inputs": [[CLICK["inputs"]]]},
        {"changedPropIds": [1]}, {"output": "..desk-drawer.children...x.y.."},
    ],
    ids=range(10),
)  # fmt: skip
def test_a_call_that_dash_cannot_use_is_a_problem(city: Running, change: dict[str, Any]) -> None:
    got = city.ask("POST", DASH, body=CLICK | change)
    assert got.status == 400 and got.is_problem, got


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["case", "commands", "since", "pinned", "kind", "import"]), inner),
    max_leaves=12,
)  # fmt: skip
FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def calls(city: Running) -> list[dict[str, Any]]:
    """Every callback of the app as its page would call it."""
    made = []
    for output, known in city.app._clicks.items():
        names = [tuple(x.rsplit(".", 1)) for x in output.strip(".").split("...")]
        outputs: Any = [{"id": i, "property": p} for i, p in names]
        made.append({
            "output": output, "outputs": outputs if output.startswith("..") else outputs[0], "changedPropIds": [],
            "inputs": [dict(i) for i in known["inputs"]], "state": [dict(i) for i in known["state"]],
        })  # fmt: skip
    return made


@FUZZ
@given(data=st.data())
def test_no_value_of_a_page_s_property_is_our_mistake(city: Running, data: st.DataObject) -> None:
    call = data.draw(st.sampled_from(calls(city)))
    for given_ in (*call["inputs"], *call["state"]):
        given_["value"] = data.draw(JSON)
    body = json.dumps(call).encode()
    got = city.ask("POST", DASH, data.draw(st.sampled_from(["first", "wall", "chief", None])), body=body)
    assert got.status < 500, (call, got)
    assert got.status < 400 or got.is_problem


PATHS = st.sampled_from(
    [
        "/", "/desk", "/case/", "/api", "/api/v1/cases", "/api/v1/cases/", "/api/v1/cases/x/candidates", "/api/v1/cases/lookup", "/api/v1/units",
        "/api/v1/snapshot", "/api/v1/commands", "/desk/rows", "/map/select", "/map/current.json", "/map/", "/map/tiles/1/2/3",
        "/map/indicators.json", "/map/video.json", "/map/video/x/1.json", "/assets/", "/assets/live/live.js", "/_dash-component-suites/dash/",
        "/_dash-layout", "/_dash-dependencies", "/_reload-hash", "/session/token", "/session/end", "/session/", "/healthz", "/readyz", "/metrics",
        "/openapi.json", DASH, "/login",
    ]
)  # fmt: skip
GARBAGE = st.binary(max_size=40) | st.sampled_from(
    [
        b"limit=\xc2\xb2",
        b"at=1e999",
        b"%",
        b"%zz=%00",
        b"q=%ff&unit=%F0%28",
        b"token=%ff",
        b"token=%00",
        b"name=on_time",
        b"cursor=====",
        b"since=1",
    ]
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from([b"cookie", b"authorization", b"origin", b"referer", b"host", b"content-type", b"accept-encoding", b"if-none-match"]),
        st.binary(max_size=30) | st.sampled_from([b"gc_session=\xff.\xe9", b"gc_session=a.b", b"http://[", b"Bearer \xff", b"a;=;b=\"", b"[::"]),
    ),
    max_size=3,
)  # fmt: skip
TAILS = st.text(max_size=12) | st.sampled_from(["\0", "..", "%2e%2e/secret", "\ud800", "/%5Cevil", "x" * 2000, "a.json", "é.js", "0.bin"])


@settings(FUZZ, max_examples=600)
@given(
    method=st.sampled_from(["GET", "GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]), path=PATHS, tail=st.just("") | TAILS,
    query=GARBAGE, headers=HEADERS, body=st.binary(max_size=60) | JSON.map(lambda x: json.dumps(x).encode()),
    who=st.sampled_from(["first", "wall", None]),
)  # fmt: skip
def test_garbage_is_never_our_mistake(
    city: Running, method: str, path: str, tail: str, query: bytes, headers: Any, body: bytes, who: Any
) -> None:
    got = city.ask(method, path + tail, who, query, body, headers=headers)
    assert got.status < 500 or (path == "/readyz" and got.status == 503), (method, path + tail, query, headers, got)
    if got.status >= 400 and path != "/readyz" and method != "HEAD":
        assert got.is_problem, (method, path + tail, query, headers, got)
    assert got.headers["x-content-type-options"] == "nosniff"
