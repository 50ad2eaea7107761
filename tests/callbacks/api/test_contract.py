"""CONTRACT.md's shapes, the document and the running server say the same; whatever is asked, the answer is one that is declared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import web_app
from callbacks.api import OPERATIONS, cases
from callbacks.api.document import document
from callbacks.problem import MEDIA
from dashboard.clock import wall_ms
from dashboard.settings import Settings
from dashboard.simulate.envelope import digest, uuid7
from tests.callbacks.api.schema import misfits, values
from tests.callbacks.api.system import System, running_system

DOCUMENT = document(OPERATIONS)
SCHEMAS = DOCUMENT["components"]["schemas"]
READS = [operation for operation in OPERATIONS if operation.method == "GET"]
N, F, S, B, ANY = "integer", "number", "string", "boolean", "object"
MAYBE = "null"

SIGNATURE = {"account": S, "name": S, "role": S, "at": N}
LINE = {"handover": S, "unit": S, "started": N, "left": SIGNATURE, "came": {ANY, MAYBE}}
CONTRACT: dict[str, tuple[str, int, dict[str, Any]]] = {
    "/healthz": ("healthz", 200, {}),
    "/readyz": ("readyz", 200, {
        "ready": B, "pos": N, "lag_events": N, "lag_ms": N, "feed_age_ms": {N, MAYBE}, "open": N, "partitions": [{}],
    }),
    "/api/v1/cases?limit=3": ("list_cases", 200, {
        "total": N, "as_of": N, "next": {S, MAYBE}, "items": [{
            "case": S, "subject": S, "source": S, "stage": S, "severity": S, "category": S, "owner": {S, MAYBE}, "grid": {S, MAYBE},
            "due": {N, MAYBE}, "light": S, "version": N, "flags": [S],
        }],
    }),
    "/api/v1/cases/12345~C0": ("get_case", 200, (CASE := {
        "case": S, "subject": S, "source": S, "stage": S, "version": N, "category": S, "severity": S, "owner": {S, MAYBE}, "place": {},
        "flags": [S], "timeline": [{
            "event": S, "type": S, "at": S, "recorded": S, "unit": {S, MAYBE}, "actor": {S, MAYBE}, "seconds_since_previous": {F, MAYBE},
        }],
        "clocks": [{
            "clock": S, "state": S, "start": N, "due": {N, MAYBE}, "elapsed_wall_s": F, "elapsed_business_s": F, "light": S,
            "ledger": [{"from": {N, MAYBE}, "to": {N, MAYBE}, "kind": S, "seconds": F, "why": S}],
        }],
        "owners": [{"unit": S, "from": N, "to": {N, MAYBE}, "seconds": F}],
    })),
    "/api/v1/cases/lookup?source=/12345&subject=C0": ("lookup_case", 200, CASE),
    "/api/v1/cases/12345~C0/candidates": ("list_candidates", 200, {"items": [{}], "rejected": [{}], "effects": [{}]}),
    "/api/v1/me/undo": ("get_undo_stack", 200, {
        "items": [{
            "entry": S, "verb": S, "at": N, "until": N, "pos": N, "category": S, "grid": {S, MAYBE},
            "commands": [{"command": S, "case": S, "version": N}],
        }],
    }),
    "/api/v1/units": ("list_units", 200, {
        "items": [{"code": S, "name": S, "level": S, "parent": {S, MAYBE}, "valid_from": {N, MAYBE}, "valid_to": {N, MAYBE}}],
    }),
    "/api/v1/snapshot?scope=c": ("get_snapshot", 200, {
        "t": S, "scope": S, "from": N, "to": N, "at": N, "feed_age_ms": {N, MAYBE}, "cases": {
            "case": [S], "subject": [S], "version": [N], "lon": [{F, MAYBE}], "lat": [{F, MAYBE}], "stage": [S], "severity": [S],
            "light": [S], "due": [{N, MAYBE}], "unit": [{S, MAYBE}], "grid": [{S, MAYBE}],
        },
        "gone": [S], "counts": {},
    }),
    "/api/v1/me/items": ("list_own_items", 200, {"items": [{"kind": S, "key": S, "at": N}]}),
    "/api/v1/me/shift": ("get_own_shift", 200, {"started": {N, MAYBE}, "last_end": {N, MAYBE}, "waiting": [LINE]}),
    "/api/v1/handovers": ("list_handovers", 200, {"items": [LINE]}),
    "/api/v1/cases/none~1": ("get_case", 404, {"type": S, "title": S, "status": N, "detail": S}),
}  # fmt: skip
"""The shapes that CONTRACT.md writes down, and candidates: by what is asked, the operation, its status, the members with their types."""
RESULT = {"id": ANY, "status": S, "pos": {N, MAYBE}, "code": {S, MAYBE}, "message": {S, MAYBE}, "current": {ANY, MAYBE}}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, valkey_url: str) -> Iterator[System]:
    with running_system(tmp_path_factory.mktemp("contract"), valkey_url) as made:
        made.ask("/api/v1/me/items?kind=pin&key=12345~C0", method="PUT", json={"value": True})
        for who in ("chief", "first"):
            made.ask("/api/v1/me/shift", who, "POST", json={})
        made.ask("/api/v1/handovers", "chief", "POST", json={"text": "t"})
        yield made


def declared(operation: str, status: int) -> dict[str, Any]:
    """By media type: the schemas of one answer of an operation."""
    found = next(o for path in DOCUMENT["paths"].values() for o in path.values() if o["operationId"] == operation)
    return {media: content["schema"] for media, content in found["responses"][str(status)]["content"].items()}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    return SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def differ(shape: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    """In what a schema is not as the contract says."""
    schema = resolved(schema)
    if isinstance(shape, list):
        return differ(shape[0], schema["items"], f"{where}[]") if schema.get("type") == "array" else [f"{where} is no list"]
    if isinstance(shape, dict):
        missing = [f"{where}.{name} is missing" for name in shape if name not in schema.get("required", [])]
        return missing or [x for name, inner in shape.items() for x in differ(inner, schema["properties"][name], f"{where}.{name}")]
    kinds = {resolved(one).get("type", ANY) for one in schema.get("anyOf", [schema])}
    wanted = shape if isinstance(shape, set) else {shape}
    return [] if kinds == wanted else [f"{where} is {kinds}, not {wanted}"]


@pytest.mark.parametrize("path", CONTRACT)
def test_the_contract_the_document_and_a_real_answer_agree(system: System, path: str) -> None:
    operation, status, shape = CONTRACT[path]
    if operation == "get_undo_stack":  # nobody has done anything yet
        noted = commands(("note", "12345~C9", system.case("C9")["version"], {"text": "hm"}))
        assert system.ask("/api/v1/commands", method="POST", json=noted).status_code == 200
    got = system.ask(path)
    assert got.status_code == status
    schema = declared(operation, status)[got.headers["content-type"]]
    assert differ(shape, schema) == [] and misfits(DOCUMENT, schema, got.json()) == []
    assert all(got.json()[name] for name, inner in shape.items() if isinstance(inner, list) and name != "gone" and name != "flags")


def test_a_value_that_is_not_as_declared_is_found() -> None:
    schema = declared("healthz", 200)["application/json"]
    assert misfits(DOCUMENT, schema, {"ok": True}) == []
    assert all(misfits(DOCUMENT, schema, wrong) for wrong in ({"ok": 1}, {}, {"ok": True, "more": 1}, []))


def test_figures_are_prometheus_text(system: System) -> None:
    got = system.ask("/metrics")
    assert got.headers["content-type"].startswith("text/plain") and [*declared("metrics", 200)] == ["text/plain"]
    lines = got.text.splitlines()
    assert lines[0].startswith("# TYPE gridcommand_") and all(line.startswith(("# TYPE ", "gridcommand_")) for line in lines)


def test_parameters_and_words_of_the_contract_are_in_the_document() -> None:
    asked = {p["name"]: p["schema"] for p in DOCUMENT["paths"]["/api/v1/cases"]["get"]["parameters"]}
    assert asked.keys() >= {"unit", "stage", "light", "owner", "category", "q", "order", "cursor", "on_time"}
    assert set(resolved(asked["light"])["enum"]) == {"green", "amber", "red", "paused", "none"} and "open" in asked["stage"]["enum"]
    assert set(SCHEMAS["ClockState"]["enum"]) == {"running", "paused", "met", "missed", "none"}
    result = SCHEMAS["CommandResult"]["properties"]
    assert set(result["status"]["enum"]) == {"accepted", "refused", "unconfirmed"}
    codes = {"forbidden", "conflict", "not_allowed", "unknown_case", "bad_target", "invalid"}
    assert {*result["code"]["anyOf"][0]["enum"]} == codes | {"unavailable"}
    assert differ({k: v for k, v in RESULT.items() if k != "current"}, SCHEMAS["CommandResult"]) == []


def commands(*wanted: tuple[str, str, int, dict[str, Any]]) -> dict[str, Any]:
    made = [(uuid7(wall_ms(), digest(*map(str, one))), *one) for one in wanted]
    return {"commands": [{"id": i, "type": f"command.{v}", "case": c, "expected_version": n, "data": d} for i, v, c, n, d in made]}


def test_every_kind_of_result_is_as_it_is_declared(system: System) -> None:
    because = {"reason": "r"}
    wanted = [
        ("acknowledge", "12345~C5", system.case("C5")["version"], {}), ("urge", "12345~C7", 99, because),
        ("urge", "12345~no", 1, because), ("urge", "12345~C11", system.case("C11")["version"], {}),
        ("reassign", "12345~C0", system.case("C0")["version"], because), ("close", "12345~C0", 1, {}), ("dance", "12345~C0", 1, {}),
    ]  # fmt: skip
    asked = commands(*wanted)
    got = system.ask("/api/v1/commands", method="POST", json=asked | {"commands": [*asked["commands"], {"id": 5}]})
    assert got.status_code == 207
    assert misfits(DOCUMENT, declared("send_commands", 207)["application/json"], got.json()) == []
    told = [(r["status"], r["code"]) for r in got.json()["results"]]
    assert told[0] == ("accepted", None) and {status for status, _ in told[1:]} == {"refused"}
    assert [code for _, code in told[1:]] == ["conflict", "unknown_case", "invalid", "bad_target", "forbidden", "invalid", "invalid"]
    assert all(set(RESULT) <= set(result) for result in got.json()["results"])


@pytest.mark.parametrize(
    ("status", "who", "body"),
    [
        (401, None, b"{}"), (400, "first", b"{"), (400, "first", b'{"commands": 5}'),
        (413, "first", json.dumps({"commands": [{}] * 1001}).encode()),
    ],
)  # fmt: skip
def test_a_bad_batch_is_a_declared_problem(system: System, status: int, who: str | None, body: bytes) -> None:
    got = system.ask("/api/v1/commands", who, "POST", content=body)
    assert got.status_code == status and misfits(DOCUMENT, declared("send_commands", status)[MEDIA], got.json()) == []


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v2/cases", "/api/v1/cases/a/b/c"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_an_unknown_path_below_the_api_is_a_problem_whatever_the_method(system: System, path: str, method: str) -> None:
    got = system.ask(path, method=method)
    assert got.status_code == 404 and got.headers["content-type"] == MEDIA
    assert method == "HEAD" or misfits(DOCUMENT, declared("get_case", 404)[MEDIA], got.json()) == []


def test_every_route_of_the_api_is_an_operation_and_the_served_document_is_ours(system: System) -> None:
    assert system.ask("/openapi.json").json() == DOCUMENT
    assert system.ask("/openapi.json", None).status_code == 401
    assert len({o.id for o in OPERATIONS}) == len(OPERATIONS) == sum(map(len, DOCUMENT["paths"].values()))


def test_no_route_of_the_api_is_left_out(tmp_path: Path) -> None:
    app: Any = web_app(Settings(data_dir=str(tmp_path)))
    public = ("/api/", "/healthz", "/readyz", "/metrics")
    routes = {(r.path, m.lower()) for r in app._inner.routes if getattr(r, "path", "").startswith(public) for m in r.methods or ()}
    known = {(path, method) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert {r for r in routes if r[0] != "/api/{rest:path}"} == known


GARBAGE = st.text(max_size=40) | st.sampled_from(["²", "-1", "9" * 12, "x" * 600, "null", "%00", "true", "open", "'", "案件"])
CASES = st.sampled_from([f"12345~C{n}" for n in range(12)])


@st.composite
def requests(draw: st.DrawFn) -> tuple[Any, str, list[tuple[str, str]], str | None]:
    """(operation, path, parameters, who): mostly what is declared, and now and then anything."""
    operation = draw(st.sampled_from(READS))
    told = DOCUMENT["paths"][operation.path]["get"].get("parameters", [])
    anything = st.text("abcXYZ~-._ 案/%?#0", min_size=1, max_size=150)
    path = operation.path.replace("{case}", draw(CASES | CASES | anything)).replace("{handover}", draw(anything))
    given = []
    for parameter in (p for p in told if p["in"] == "query"):
        if parameter["required"] or draw(st.booleans()):
            fits = values(parameter["schema"], SCHEMAS).map(lambda v: str(v).lower() if isinstance(v, bool) else str(v))
            given.append((parameter["name"], draw(fits if draw(st.integers(0, 5)) else GARBAGE)))
    if operation is cases.LOOKUP and draw(st.booleans()):
        given = [("source", "/12345"), ("subject", draw(CASES).rpartition("~")[2])]
    return operation, path, given, draw(st.sampled_from(["first", "first", "chief", "reader", "wall", None]))


@pytest.fixture(scope="module")
def line(system: System) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=system.url, timeout=20) as made:
        yield made


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(asked=requests())
def test_whatever_is_asked_the_answer_is_declared(system: System, line: httpx.Client, asked: Any) -> None:
    operation, path, parameters, who = asked
    headers = {"Authorization": f"Bearer {system.tokens[who]}"} if who else {}
    got = line.get(quote(path), params=parameters, headers=headers)
    if got.request.url.path != path:
        return  # a client resolves `.` and `..` before it sends them
    if operation.path.count("/") != path.count("/") and got.status_code == 404:
        return  # a slash in the case's place asks for another path
    allowed = DOCUMENT["paths"][operation.path]["get"]["responses"]
    assert str(got.status_code) in allowed, (asked, got.text)
    media = got.headers["content-type"].partition(";")[0]
    schema = declared(operation.id, got.status_code)[media]
    value = got.text if media == "text/plain" else got.json()
    assert misfits(DOCUMENT, schema, value) == [], asked
