"""What may come in, and the fate of what may not; the privacy line."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.cases import command as commands
from dashboard.cases.envelope import MAX_BYTES, Malformed, case_id, split_id
from dashboard.cases.event import decode, decode_data, of_stored, with_members
from dashboard.cases.event_data import MADE_HERE, TYPES, IntakeFacts, Pinned
from dashboard.cases.mask import mask
from dashboard.engine.dead_letter import letter, masked_body
from dashboard.engine.intake import Intake
from dashboard.places.locate import Maps
from dashboard.ports.stream import Entry
from dashboard.simulate.category import CATEGORIES
from tests.made import DATA, LATEST, REPORT, SLA, T0, entry

GOOD = entry("case.reported", data=REPORT)


def code_of(body: bytes) -> str | None:
    """The code of the refusal, None when the entry is good."""
    try:
        decode(body, LATEST)
    except Malformed as e:
        assert str(e)
        return e.code
    return None


def report(**data: Any) -> bytes:
    return entry("case.reported", data=REPORT | data)


def raw_report(member: bytes) -> bytes:
    """A report whose data has one more member, byte by byte."""
    return entry("case.reported").replace(b'"place":{}', b'"place":{},' + member)


BAD = {
    "nothing": (b"", "not_json"),
    "a word": (b"hello", "not_json"),
    "half": (GOOD[:-5], "not_json"),
    "two": (GOOD + GOOD, "not_json"),
    "a list": (b"[]", "bad_envelope"),
    "null": (b"null", "bad_envelope"),
    "a number": (b"17", "bad_envelope"),
    "one byte that is no UTF-8, in the id": (entry("case.closed", id_="abc").replace(b"abc", b"a\xffc"), "not_json"),
    "no UTF-8 in a member nobody reads": (raw_report(b'"x":"\xff\xfe"'), "not_json"),
    "another version": (entry("case.closed", specversion="0.3"), "bad_envelope"),
    "no id": (msgspec.json.encode({k: v for k, v in msgspec.json.decode(GOOD).items() if k != "id"}), "bad_envelope"),
    "empty id": (entry("case.closed", id=""), "bad_envelope"),
    "long id": (entry("case.closed", id="x" * 65), "bad_envelope"),
    "id is a number": (entry("case.closed", id=7), "bad_envelope"),
    "NUL in the id": (entry("case.closed", id="a\0b"), "not_json"),
    "NUL in a text": (report(title="a\0b"), "not_json"),
    "source without slash": (entry("case.closed", source="12345"), "bad_envelope"),
    "source with the sign that joins ids": (entry("case.closed", source="/a~b"), "bad_envelope"),
    "source of spaces": (entry("case.closed", source="/a b"), "bad_envelope"),
    "source ends a line": (entry("case.closed", source="/a\n"), "bad_envelope"),
    "long source": (entry("case.closed", source="/" + "x" * 64), "bad_envelope"),
    "empty subject": (entry("case.closed", subject=""), "bad_envelope"),
    "long subject": (entry("case.closed", subject="x" * 65), "bad_envelope"),
    "subject with a slash": (entry("case.closed", subject="a/b"), "bad_envelope"),
    "subject with markup": (entry("case.closed", subject="<b>"), "bad_envelope"),
    "subject ends a line": (entry("case.closed", subject="a\n"), "bad_envelope"),
    "subject is a number": (entry("case.closed", subject=5), "bad_envelope"),
    "no such day": (entry("case.closed", time="2023-02-30T00:00:00Z"), "bad_envelope"),
    "time without offset": (entry("case.closed", time="2023-11-14T00:00:00"), "bad_envelope"),
    "time is a number": (entry("case.closed", time=T0), "bad_envelope"),
    "1970": (entry("case.closed", time="1970-01-01T00:00:00Z"), "bad_time"),
    "year 1": (entry("case.closed", time="0001-01-01T00:00:00+14:00"), "bad_time"),
    "year 9999": (entry("case.closed", time="9999-12-31T23:59:59-14:00"), "bad_time"),
    "a millisecond too far ahead": (entry("case.closed", at=LATEST + 1), "bad_time"),
    "unknown type": (entry("case.exploded"), "unknown_type"),
    "a command among the reports": (entry("command.reassign"), "unknown_type"),
    "data is a list": (entry("case.closed", data=[]), "bad_data"),  # type: ignore[arg-type]
    "data is null": (entry("case.closed").replace(b'"data":{}', b'"data":null'), "bad_data"),
    "no category": (entry("case.reported", data={"channel": "other", "place": {}}), "bad_data"),
    "category is a number": (report(category=30101), "bad_data"),
    "empty category": (report(category=""), "bad_data"),
    "unknown channel": (report(channel="pigeon"), "bad_data"),
    "unknown severity": (report(severity="deadly"), "bad_data"),
    "place is a text": (report(place="here"), "bad_data"),
    "longitude is a text": (report(place={"lon": "118.8", "lat": 32.0}), "bad_data"),
    "unknown coordinates": (report(place={"crs": "mars"}), "bad_data"),
    "due without offset": (report(due="2023-11-14T00:00:00"), "bad_data"),
    "due without offset in year 1": (report(due="0001-01-01T00:00:00"), "bad_data"),
    "suspended until, without offset": (entry("case.suspended", data={"reason": "x", "until": "0001-01-01T00:00:00"}), "bad_data"),
    "long title": (report(title="x" * 501), "bad_data"),
    "extended by nothing": (entry("case.extended", data={"hours": 0}), "bad_data"),
    "extended by a century": (entry("case.extended", data={"hours": 24 * 366 * 100}), "bad_data"),
    "passed is a text": (entry("case.checked", data={"passed": "true"}), "bad_data"),
    "a number that is none": (raw_report(b'"x":1e999'), "bad_data"),
    "nested 900 deep": (raw_report(b'"x":' + b"[" * 900 + b"]" * 900), "not_json"),
    "nested 20,000 deep": (raw_report(b'"x":' + b"[" * 20_000 + b"]" * 20_000), "not_json"),
    "one byte too many": (
        report(text="").replace(b'"text":""', b'"text":"' + b"x" * (MAX_BYTES + 1 - len(report(text=""))) + b'"'),
        "too_large",
    ),
    "1 MB": (report(text="x" * 1_000_000), "too_large"),
    "1 MB of brackets": (b"[" * 1_000_000, "too_large"),
}


@pytest.mark.parametrize(("body", "code"), BAD.values(), ids=BAD)
def test_every_bad_entry_has_its_code(body: bytes, code: str) -> None:
    assert code_of(body) == code


@pytest.mark.parametrize(("body", "code"), BAD.values(), ids=BAD)
def test_every_bad_entry_can_be_kept_as_a_letter(body: bytes, code: str) -> None:
    """The letter's body is what came; nothing in the entries above is private."""
    assert masked_body(body) == body[:MAX_BYTES]


@pytest.mark.parametrize("type_", sorted(TYPES.keys() - MADE_HERE))
def test_the_least_data_of_every_type_is_enough(type_: str) -> None:
    event = decode(entry(type_), LATEST)
    assert (event.type, event.case, event.at) == (type_, "12345~A", T0)
    assert msgspec.json.decode(event.raw) == DATA[type_]


@pytest.mark.parametrize("at", [946_684_800_000, LATEST])
def test_the_first_and_the_last_good_time(at: int) -> None:
    assert decode(entry("case.closed", at=at), LATEST).at == at


@pytest.mark.parametrize(
    "body", [report(x={"y": [1]}), report(text="\\u0000"), raw_report(b'"x":' + b"[" * 29 + b"]" * 29), report(text="[" * 500)]
)
def test_unusual_but_good(body: bytes) -> None:
    """Unknown members, an escaped backslash before u0000, some nesting, brackets in a text."""
    assert code_of(body) is None


def test_64_kib_is_not_too_large() -> None:
    body = entry("case.noted", data={"text": ""})
    body = body[:-2] + b',"x":"' + b"y" * (MAX_BYTES - len(body) - 7) + b'"}}'
    assert len(body) == MAX_BYTES
    assert code_of(body) is None


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_intake(body: bytes) -> None:
    code_of(body)
    masked_body(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    st.sampled_from(sorted(TYPES)),
    st.dictionaries(st.sampled_from(["category", "channel", "place", "title", "due", "to", "reason", "x"]), JSON),
)
def test_no_data_crashes_the_intake(type_: str, more: dict[str, Any]) -> None:
    body = msgspec.json.encode(msgspec.json.decode(entry(type_)) | {"data": DATA[type_] | _encodable(more)})
    try:
        event = decode(body, LATEST)
    except Malformed:
        return
    (stored,) = Intake(SLA, Maps([]), CATEGORIES).take([event], T0)
    assert decode_data(stored.type, stored.raw) == stored.data, "what is stored can be read for ever, and is the event"


def _encodable(value: Any) -> Any:
    """msgspec encodes no integers beyond 64 bits."""
    if isinstance(value, dict):
        return {k: _encodable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_encodable(v) for v in value]
    return value % 2**63 if isinstance(value, int) and not isinstance(value, bool) else value


name = st.text("abcXYZ019._:-", min_size=1, max_size=20)


@given(st.lists(name, min_size=1, max_size=3), name, st.lists(name, min_size=1, max_size=3), name)
def test_case_ids_are_one_to_one(parts: list[str], subject: str, others: list[str], other: str) -> None:
    source = "/" + "/".join(parts)
    assert split_id(case_id(source, subject)) == (source, subject)
    if (parts, subject) != (others, other):
        assert case_id(source, subject) != case_id("/" + "/".join(others), other)


def test_a_command_names_a_case_of_any_length() -> None:
    """Source and subject have 64 each, so our id of a case is longer than either."""
    long = case_id("/" + "s" * 32 + "/" + "t" * 30, "x" * 64)
    data = {"case": long, "expected_version": 1, "actor": {"id": "a", "name": "a", "role": "dispatcher", "unit": "c"}}
    assert commands.decode(entry("command.note", data=data)).case == long


PRIVATE = {
    "mobile": "请回电13812345678，谢谢",
    "mobile in parts": "138-1234-5678",
    "mobile with spaces": "call 138 1234 5678 now",
    "mobile abroad": "+86 13812345678",
    "fixed line": "025-52123456",
    "identity card": "身份证320115199003071234。",
    "identity card with X": "32011519900307123X",
    "plate": "苏A12345停在路口",
    "plate of an electric car": "苏AD12345",
    "plate with a dot": "苏A·12345",
    "two of them": "13812345678或13912345678",
}
PUBLIC = [
    "订单号202311140000123456789",
    "118.812345678",
    "2023-11-14 10:00",
    "井盖1号",
    "G42高速",
    "",
    "编号12345678901234567890",
    "138123456",
]


@pytest.mark.parametrize("text", PRIVATE.values(), ids=PRIVATE)
def test_private_numbers_are_masked(text: str) -> None:
    masked, n = mask(text)
    assert n == (2 if "或" in text else 1)
    assert not any(part in masked for part in ("1234567", "12345", "5678", "199003"))


AROUND = st.text("0123456789+-. xX苏京AZ\u00b7\uff11\uff13", max_size=6)


@settings(max_examples=500, deadline=None)
@given(AROUND, st.sampled_from(sorted(PRIVATE.values())), AROUND)
def test_the_first_look_overlooks_nothing(before: str, number: str, after: str) -> None:
    """Whatever stands around a number: an event keeps none that would be masked in its text."""
    text = before + number + after
    event = taken(msgspec.json.encode(msgspec.json.decode(entry("case.noted")) | {"data": {"text": text, "x": text}}))
    assert (event.data.text, msgspec.json.decode(event.raw)["x"]) == (mask(text)[0],) * 2


STORED = [b"{}", b"{ }", b'{"x":1}', b' {"x":1 } '[1:-1], b'{"intake":null}', b'{ "\\u0069ntake" : null , "x":"\\u4e2d"}',
          b'{"x":{"intake":[1,2]}}', b'{"x":1e2,"y":"\\\\u0000"}', '{"x":"中 \\"intake\\""}'.encode(), b'{"x":"}"}']  # fmt: skip


@pytest.mark.parametrize("more", STORED)
def test_what_the_engine_writes_is_one_member_more(more: bytes) -> None:
    """Data and stored bytes stay one thing, members that nobody knows stay as they came, and no name is there twice."""
    whole = msgspec.json.encode(REPORT)
    raw = whole[:-1] + b"," + more[1:] if more[1:].strip() != b"}" else whole
    event = of_stored("case.reported", raw, id="e", case="s~A", source="/s", at=T0)
    made = with_members(event, intake=IntakeFacts(grid="g", promise=Pinned(due=1)))
    assert decode_data(made.type, made.raw) == made.data and made.data.intake.grid == "g"
    before, after = msgspec.json.decode(event.raw), json.loads(made.raw, object_pairs_hook=_once)
    assert {k: v for k, v in after.items() if k != "intake"} == {k: v for k, v in before.items() if k != "intake"}
    assert (event.raw, event.data.intake) == (raw, None), "nobody changes an event"


@pytest.mark.parametrize("raw", [b"{}", b"{ \n}", b'{"pinned":null}', b'{"by":"a"}'])
def test_an_empty_object_can_have_a_member_too(raw: bytes) -> None:
    made = with_members(of_stored("case.resumed", raw, id="e", case="s~A", source="/s", at=T0), pinned=None)
    assert decode_data(made.type, made.raw) == made.data
    assert json.loads(made.raw, object_pairs_hook=_once) == msgspec.json.decode(raw) | {"pinned": None}


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs), f"a name twice in {pairs}"
    return dict(pairs)


@pytest.mark.parametrize("text", PUBLIC)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text) == (text, 0)


def taken(body: bytes) -> Any:
    (event,) = Intake(SLA, Maps([]), CATEGORIES).take([decode(body, LATEST)], T0)
    return event


@pytest.mark.parametrize("text", PRIVATE.values(), ids=PRIVATE)
@pytest.mark.parametrize("where", ["title", "text", "address", "unknown", "nested", "list"])
@pytest.mark.parametrize("escaped", [False, True], ids=["plain", "escaped"])
def test_nothing_private_is_kept_of_a_report(text: str, where: str, escaped: bool) -> None:
    data = {"title": {"title": text}, "text": {"text": text}, "address": {"place": {"address": text}}, "unknown": {"caller": text},
            "nested": {"caller": {"how": {"phone": text}}}, "list": {"calls": [text, {"no": text}]}}[where]  # fmt: skip
    body = report(**data)
    if escaped:
        body = body.replace(text.encode(), "".join(f"\\u{ord(c):04x}" for c in text).encode())
    event = taken(body)
    kept = repr(msgspec.json.decode(event.raw)) + repr(event.data)
    assert not any(part in kept for part in ("1234567", "12345停", "D12345", "·12345", "1234-5678", "1234 5678", "199003"))
    assert event.data.intake.masked >= 1


def test_a_phone_as_a_number_is_private_too() -> None:
    event = taken(report(caller={"phone": 13812345678}))
    assert b"138123" not in event.raw


def test_a_phone_where_a_coordinate_should_be_stops_nothing() -> None:
    """Not on the globe: no place. Whatever becomes of it, the engine lives."""
    try:
        event = taken(report(place={"lon": 13812345678, "lat": 32.0}))
    except Malformed:
        pytest.fail("Malformed leaves the intake, which nobody catches: one entry would stop the engine for ever")
    assert event.data.intake.flags == ["no_place"]


UNREADABLE = [
    b'{"title":"13812345678"',
    b"\xff 13812345678 \xfe",
    b"[" * 60_000 + b'"13812345678"',
    b'["13812345678"]',
    b'{"title":"13812345678"}',
]


@pytest.mark.parametrize("body", UNREADABLE)
def test_letters_that_cannot_be_read_are_masked_as_text(body: bytes) -> None:
    masked = masked_body(body)
    assert b"138123" not in masked
    assert masked.replace("■■■".encode(), b"13812345678") == body


def test_a_letter_keeps_the_names_of_its_event() -> None:
    """An id may look like a phone; who sends the event again must find it."""
    body = entry("case.noted", id_="13812345678", subject="13912345678", data={"text": "13712345678"})
    kept = msgspec.json.decode(masked_body(body))
    assert (kept["id"], kept["subject"]) == ("13812345678", "13912345678")
    assert "137" not in kept["data"]["text"]


def test_the_reason_of_a_letter_quotes_nothing_private() -> None:
    body = report(channel="13812345678")
    with pytest.raises(Malformed, match="13812345678") as refused:
        decode(body, LATEST)
    dead = letter(Entry("s", "1-1", body), (None, None), refused.value.code, str(refused.value), T0)
    assert "138123" not in dead.reason
    assert b"138123" not in dead.body


OURS_FROM_OUTSIDE = {
    "intake": report(title="x", intake={"promise": {"due": 13812345678}, "flags": ["seen"]}),
    "a rung that looks like a phone": entry("case.urged", data={"rung": 7}),
    "pinned due": entry("case.extended", data={"hours": 1, "pinned": {"due": 1}}),
    "pinned rungs": entry("case.resumed", data={"pinned": {"rungs": [1]}}),
    "pinned nothing": entry("case.closed", data={"pinned": {}}),
    "an alarm": entry("case.escalated", data={"level": "commander", "alarm": True}),
    "restored": entry("case.corrected", data={"undoes": "x", "restored": {"owner": "u1"}}),
    "took": entry("case.duplicate_joined", data={"duplicate": "x", "took": 5}),
    "a breach": entry("case.sla_breached"),
    "another policy": entry("case.recalculated"),
    "the engine's source": entry("case.noted", source="/engine"),
    "a source below the desk's": entry("case.noted", source="/desk/1"),
    "the command line's source": entry("case.noted", source="/cli"),
}


@pytest.mark.parametrize("body", OURS_FROM_OUTSIDE.values(), ids=OURS_FROM_OUTSIDE)
def test_a_source_cannot_write_what_only_the_engine_makes(body: bytes) -> None:
    assert code_of(body) == "reserved"


HUGE = [13812345678, 2**64, -(2**64), 2**4000]


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize("member", ["rung", "took", "due", "rungs"])
def test_numbers_are_bounded_when_they_are_decoded(member: str, number: int) -> None:
    """2**64 is JSON, but no number of msgpack, SQL or a browser."""
    pinned = {member: [number] if member == "rungs" else number}
    data: dict[str, Any] = {"rung": number} if member == "rung" else {"hours": 1, "pinned": pinned}
    type_ = "case.urged" if member == "rung" else "case.extended"
    if member == "took":
        type_, data = "case.duplicate_joined", {"duplicate": "x", "took": number}
    body = entry(type_).replace(msgspec.json.encode(DATA[type_]), json.dumps(data).encode())
    assert code_of(body) in {"reserved", "bad_data"}


def test_masking_changes_no_type() -> None:
    body = report(text="13812345678", x=13812345678, y=[320102199003077777, 7], z={"n": 2**62})
    stored = msgspec.json.decode(taken(body).raw)
    assert (stored["text"], stored["x"], stored["y"], stored["z"]) == ("■■■", 0, [0, 7], {"n": 2**62})


COSTLY = {
    "escaped quotes in brackets": b"[{" * 40 + b'"' + b'\\"' * 32_500,
    "backslashes": b'{"a":"' + b"\\" * 65_000,
    "quotes": b'"' * 65_000 + b"[" * 400,
    "digits": b'{"a":"' + b"1" * 65_000 + b'"}',
    "digits and dashes": b"1-" * 32_000,
    "a number of 65,000 digits": b'{"a":' + b"1" * 65_000 + b"}",
    "NUL escapes": b'{"a":"' + b"\\u0000" * 10_000 + b'"}',
    "escapes before NUL": b'{"a":"' + b"\\" * 65_000 + b"\\u0000",
    "nested": b"[" * 5_000 + b"]" * 5_000,
}


@pytest.mark.parametrize("body", COSTLY.values(), ids=COSTLY)
def test_no_entry_takes_more_than_linear_time(body: bytes) -> None:
    """The worst that today's regular expressions made of one of these was 19 s; the bound is generous, the machine is shared."""
    began = time.process_time()
    code_of(body)
    masked_body(body)
    assert time.process_time() - began < 1.0


def test_half_a_surrogate_pair_is_no_text() -> None:
    for member in (b'"title":"\\ud800"', b'"x":"\\udfff"', b'"\\ud800":1'):
        body = raw_report(member)
        assert code_of(body) in {"not_json", "bad_data"}
        assert masked_body(body) == body


def test_a_number_that_is_cut_in_half_is_not_kept() -> None:
    body = b"x" * (MAX_BYTES - 5) + b"13812345678" + b"x" * 100
    assert masked_body(body) == b"x" * (MAX_BYTES - 5)
