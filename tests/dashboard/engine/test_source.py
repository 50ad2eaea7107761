"""Which sources are remembered: anybody can make up a new name for each message."""

from __future__ import annotations

from dashboard.engine.source import Sources
from dashboard.ports.ledger import FAMILIAR, MOST_SOURCES, SourceSeen
from tests.made import T0


def test_names_without_end_are_forgotten_and_the_familiar_source_is_not() -> None:
    """With 100,000 names every beat and every batch looked through all of them."""
    sources = Sources([SourceSeen("/12345", T0, T0, FAMILIAR)], 0, T0, 0)
    for n in range(10):
        sources.take([SourceSeen(f"/x{n}-{m}", T0 + n, T0 + n, 1) for m in range(MOST_SOURCES)], n)
    assert len(sources.seen) <= 2 * MOST_SOURCES and "/12345" in sources.seen and "/x9-1" in sources.seen
    assert (sources.newest, sources.heard) == (T0 + 9, T0 + 9)


def test_who_is_waited_for_is_not_forgotten() -> None:
    sources = Sources([SourceSeen("/12345", T0, T0, 1)], 10**6, T0 + 10**6, 0)
    for n in range(10):
        sources.take([SourceSeen(f"/x{n}-{m}", T0 + n, T0 + n, FAMILIAR) for m in range(MOST_SOURCES)], n)
    assert sources.awaited(1) == ["/12345"]
