"""Registering a file of units or grids: read, judged, and either applied whole or not at all; either way it is remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from dashboard.places.draft import ImportOptions, draft_grids, draft_units
from dashboard.places.file import BadFile, read_bytes
from dashboard.places.finding import Finding
from dashboard.places.grid import Grid
from dashboard.places.unit import Unit
from dashboard.places.version import PlaceImport, Plan


class Known(Protocol):
    """What is on the map already."""

    def units(self) -> list[Unit]: ...
    def grids(self, at: int | None = None) -> list[Grid]: ...


class Books(Protocol):
    """Where it is written."""

    def has_places(self) -> bool: ...
    def apply(self, plan: Plan) -> None: ...
    def note_import(self, done: PlaceImport) -> None: ...


def register(what: str, path: Path, known: Known, books: Books, options: ImportOptions, preview: bool = False) -> PlaceImport:
    """`what`: units or grids. Nothing is changed when a finding stops the import, or by a preview, which is not remembered either."""
    done = PlaceImport(what, path.name, None, False)
    try:
        plan, done.findings = _drafted(what, read_bytes(path), known, books, options)
    except (OSError, BadFile) as e:
        plan, done.findings = Plan(0, [], []), [Finding("bad_file", detail=str(e))]
    done.done = not any(f.stops for f in done.findings)
    if done.done:
        done.valid_from, done.begun, done.ended, done.kept = plan.at, len(plan.grids or plan.units), len(plan.ended), plan.kept
    if preview:
        return done
    if done.done:
        books.apply(plan)
    books.note_import(done)
    return done


def _drafted(what: str, body: bytes, known: Known, books: Books, options: ImportOptions) -> tuple[Plan, list[Finding]]:
    units = known.units() if books.has_places() else []
    if what == "units":
        return draft_units(body, units, options)
    return draft_grids(body, units, [g for g in known.grids() if g.valid_to is None], options)
