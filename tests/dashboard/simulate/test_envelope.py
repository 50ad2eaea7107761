"""Ids and times of simulated events."""

import uuid
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from dashboard.simulate.envelope import digest, rfc3339, uuid7
from dashboard.simulate.slug import Slugs

TIMES = st.integers(0, 4_000_000_000_000)


@given(TIMES, st.integers(-720, 840))
def test_a_time_reads_back_exactly(time: int, offset: int) -> None:
    read = datetime.fromisoformat(rfc3339(time, offset))
    assert round(read.timestamp() * 1000) == time
    assert read.utcoffset().total_seconds() == offset * 60


@given(TIMES, st.text())
def test_ids_are_version_7_and_carry_the_time(time: int, seed: str) -> None:
    id_ = uuid.UUID(uuid7(time, digest(seed)))
    assert (id_.version, id_.variant) == (7, uuid.RFC_4122)
    assert id_.int >> 80 == time


def test_a_digest_keeps_its_parts_apart() -> None:
    assert digest("a", "bc") != digest("ab", "c")


@given(st.lists(st.text(max_size=90), max_size=30))
def test_different_names_get_different_codes(names: list[str]) -> None:
    slugs = Slugs("boston-q-")
    codes = [slugs.code(name) for name in names]
    assert len(set(codes)) == len(set(names))
    assert codes == [slugs.code(name) for name in names]
    assert all(len(code) <= 64 and code.startswith("boston-q-") for code in codes)
