"""Inputs like those of the corpus, but wrong: bytes turned, pieces doubled or swapped, JSON members changed to what nobody expects."""

from __future__ import annotations

import json
import random
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 13812345678, 2**31, 2**53 + 1, 2**63, 2**64, -(2**64), 10**40, 0.5, 1e308, -0.0, "", " ",
    "x" * 70, "x" * 600, "13812345678", "苏A12345", "320102199003077777", "\0", "\ud800",
    "²", "../../etc", "' OR 1=1 --", "<script>", [], [[]], {}, {"a": {}},
    "2023-11-14T00:00:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-23:59", "1970-01-01T00:00:00Z", ["u1"] * 50,
)  # fmt: skip
PIECES = (
    b'"', b"\\", b"[" * 40, b"{" * 40, b'\\"' * 200, b"\\u0000", b"\\ud800", b"\xff", b"\xef\xbb\xbf", b"\0", b",", b"1" * 400,
    b"1-" * 200, b"\r\n", b'"rung":13812345678,', b'"pinned":{"due":1},', b"1e999", b"NaN", b"\xe4\xba\xac" * 30,
)  # fmt: skip
LONGEST = 80_000


def mutated(seed: bytes, corpus: list[bytes], rng: random.Random) -> bytes:
    """One to four changes of a seed. Each is cut: three doublings of a long one would be gigabytes."""
    body = seed
    for _ in range(rng.randint(1, 4)):
        body = rng.choice(WAYS)(body, corpus, rng)[:LONGEST]
    return body


def _flip(body: bytes, corpus: list[bytes], rng: random.Random) -> bytes:
    if not body:
        return b"x"
    out = bytearray(body)
    for _ in range(rng.randint(1, 5)):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def _cut(body: bytes, corpus: list[bytes], rng: random.Random) -> bytes:
    a, b = sorted(rng.randint(0, len(body)) for _ in range(2))
    return body[:a] + body[b:]


def _double(body: bytes, corpus: list[bytes], rng: random.Random) -> bytes:
    a, b = sorted(rng.randint(0, len(body)) for _ in range(2))
    return body[:b] + body[a:b] * rng.choice((1, 2, 30, 500)) + body[b:]


def _insert(body: bytes, corpus: list[bytes], rng: random.Random) -> bytes:
    at = rng.randint(0, len(body))
    return body[:at] + rng.choice(PIECES) + body[at:]


def _splice(body: bytes, corpus: list[bytes], rng: random.Random) -> bytes:
    other = rng.choice(corpus)
    return body[: rng.randint(0, len(body))] + other[rng.randint(0, len(other)) :]


def _member(body: bytes, corpus: list[bytes], rng: random.Random) -> bytes:
    """One value somewhere in a JSON document becomes another one."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return _flip(body, corpus, rng)
    place, key = rng.choice(list(_places(document))) if isinstance(document, (dict, list)) and document else ([document], 0)
    place[key] = rng.choice(ODD)
    return json.dumps(document, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def _places(node: Any) -> Any:
    keys = range(len(node)) if isinstance(node, list) else list(node)
    for key in keys:
        yield node, key
        if isinstance(node[key], (dict, list)):
            yield from _places(node[key])


WAYS = (_flip, _cut, _double, _insert, _splice, _member, _member, _member)
