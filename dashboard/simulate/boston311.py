"""Boston's 311 service requests as a source (`replay-csv --mapping boston311`), on the workflow `simple`.

A row is a report, a dispatch to its queue at the same instant, and a closing. Times in the file are naive local time
and keep their order as instants (localtime.py), so that `CLOSED_DT <= TARGET_DT`, the city's own label, gives the
same answer on the events.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from dashboard.places.unit import Unit
from dashboard.simulate.envelope import digest, event, heartbeat, rfc3339, uuid7
from dashboard.simulate.localtime import LocalTime
from dashboard.simulate.slug import Slugs

SOURCE = "/boston311"
ROOT = Unit("boston", "Boston", "city", None, "Boston", "b", lon=-71.0589, lat=42.3601)
UNPLACED = "Unplaced"
"""Name of the district of rows without a neighbourhood."""
_REQUIRED = ("CASE_ENQUIRY_ID", "OPEN_DT", "TYPE", "QUEUE")
_COLUMNS = (*_REQUIRED, "TARGET_DT", "CLOSED_DT", "neighborhood", "LATITUDE", "LONGITUDE", "Source")
_CHANNEL = {
    "Constituent Call": "hotline_12345",
    "Citizens Connect App": "citizen_app",
    "Self Service": "citizen_app",
    "Employee Generated": "department",
    "City Worker App": "grid_officer",
}


class BadRow(ValueError):
    """A row that cannot be read. `row` = line number in the file, the header is 1."""

    def __init__(self, row: int, column: str, reason: str) -> None:
        super().__init__(f"row {row}, column {column}: {reason}")
        self.row, self.column, self.reason = row, column, reason


class Replay(NamedTuple):
    """`units` root first; `rows` read, `bad` of them left out; `events` in order as (time ms, CloudEvent bytes)."""

    units: list[Unit]
    rows: int
    bad: int
    events: Iterator[tuple[int, bytes]]


class _Row(NamedTuple):
    """Times in ms since 1970 UTC, place in WGS-84 degrees."""

    subject: str
    opened: int
    target: int | None
    closed: int | None
    type: str
    channel: str
    district: str
    queue: str
    lat: float | None
    lon: float | None


def read(path: Path, until: int | None = None, skip_bad: bool = False, timezone: str = "America/New_York") -> Replay:
    """Reads a CSV file (plain or .gz) of Boston's columns; the whole file is read before the first event.

    `until` (ms): later events are left out and the last event is a heartbeat at exactly `until`. A request that was
    closed before it was opened closes right after its report, in its place in the order, with its true time inside.
    BadRow for a row that cannot be read, or counted in `bad` when `skip_bad` (a broken header is always an error);
    KeyError for an unknown `timezone`; OSError and UnicodeDecodeError as reading the file raises them.
    """
    reader = _Reader(timezone)
    rows: list[_Row] = []
    bad = 0
    for number, record in _records(path):
        try:
            rows.append(reader.row(number, record))
        except BadRow:
            if not skip_bad:
                raise
            bad += 1
    return Replay(reader.units(), len(rows) + bad, bad, _events(rows, until, reader))


def _records(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line number, cells by column)."""
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as raw:
        reader = csv.reader(io.TextIOWrapper(raw, "utf-8-sig", newline=""))
        header = next(reader, [])
        for column in _COLUMNS:
            if column not in header:
                raise BadRow(1, column, "the file has no such column")
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:
                raise BadRow(reader.line_num, "-", str(error)) from error
            if cells is None:
                return
            yield reader.line_num, dict(zip(header, cells, strict=False))


class _Reader:
    """Rows of one file; remembers the names that it met, which are the units."""

    def __init__(self, timezone: str) -> None:
        self.clock = LocalTime(timezone)
        self.categories = Slugs("boston.")
        self._districts, self._queues = Slugs("boston-"), Slugs("boston-q-")
        self._districts.code(UNPLACED)

    def units(self) -> list[Unit]:
        districts = [Unit(code, name, "district", ROOT.code, name) for name, code in self._districts.items()]
        queues = [Unit(code, name, "department", ROOT.code, name) for name, code in self._queues.items()]
        return [ROOT, *districts, *queues]

    def row(self, number: int, record: dict[str, str]) -> _Row:
        """BadRow names the first column that cannot be read."""
        _complete(number, record)
        opened = self._time(number, record, "OPEN_DT")
        target = self._time(number, record, "TARGET_DT") if record["TARGET_DT"] else None
        closed = self._time(number, record, "CLOSED_DT") if record["CLOSED_DT"] else None
        return _Row(
            record["CASE_ENQUIRY_ID"],
            opened,
            target,
            closed,
            record["TYPE"],
            _CHANNEL.get(record["Source"], "other"),
            self._districts.code(record["neighborhood"] or UNPLACED),
            self._queues.code(record["QUEUE"]),
            _degrees(number, record, "LATITUDE", 90),
            _degrees(number, record, "LONGITUDE", 180),
        )

    def _time(self, number: int, record: dict[str, str], column: str) -> int:
        try:
            return self.clock.instant(record[column])
        except ValueError as error:
            raise BadRow(number, column, str(error)) from error


def _complete(number: int, record: dict[str, str]) -> None:
    for column in _COLUMNS:
        if column not in record:
            raise BadRow(number, column, "the row ends before it")
    for column in _REQUIRED:
        if not record[column]:
            raise BadRow(number, column, "is empty")
    subject = record["CASE_ENQUIRY_ID"]
    if not (subject.isascii() and subject.isalnum() and len(subject) <= 64):
        raise BadRow(number, "CASE_ENQUIRY_ID", f"{subject[:80]!r} is not 1-64 letters and digits")


def _degrees(number: int, record: dict[str, str], column: str, most: float) -> float | None:
    """None for empty and for zero, which is how the city writes "not known"."""
    text = record[column]
    try:
        value = float(text or 0)
    except ValueError as error:
        raise BadRow(number, column, f"{text!r} is not a number") from error
    if not -most <= value <= most:
        raise BadRow(number, column, f"{text!r} is not within {most:g} degrees")
    return value or None


def _events(rows: list[_Row], until: int | None, reader: _Reader) -> Iterator[tuple[int, bytes]]:
    """In order of time, then of the file; a closing never comes before its report."""
    steps = [(row.opened, i, kind) for i, row in enumerate(rows) for kind in ("1 reported", "2 dispatched")]
    steps += [(max(row.closed, row.opened), i, "3 closed") for i, row in enumerate(rows) if row.closed is not None]
    steps.sort()
    for time, i, kind in steps:
        if until is not None and time > until:
            break
        yield time, _event(rows[i], f"case.{kind[2:]}", reader)
    if until is not None:
        yield until, heartbeat(SOURCE, until)


def _event(row: _Row, type_: str, reader: _Reader) -> bytes:
    time = row.closed if type_ == "case.closed" and row.closed is not None else row.opened
    id_ = uuid7(time, digest(SOURCE, row.subject, type_))
    return event(id_, SOURCE, type_, row.subject, rfc3339(time, reader.clock.offset(time)), _data(row, type_, reader))


def _data(row: _Row, type_: str, reader: _Reader) -> dict[str, Any]:
    if type_ == "case.dispatched":
        return {"to": row.queue}
    if type_ == "case.closed":
        return {"disposition": "closed"}
    place: dict[str, Any] = {"grid": row.district}
    if row.lon is not None and row.lat is not None:
        place = {"lon": row.lon, "lat": row.lat, "crs": "wgs84"} | place
    data: dict[str, Any] = {"category": reader.categories.code(row.type), "channel": row.channel, "place": place, "title": row.type}
    if row.target is not None:
        data["due"] = rfc3339(row.target, reader.clock.offset(row.target))
    return data | {"workflow": "simple"}
