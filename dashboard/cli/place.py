"""Imports of a city: units, grids, routing, categories, video points. All or nothing, and --preview changes nothing at all."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from dashboard.cases.category import Catalogue
from dashboard.cases.category_file import read_categories
from dashboard.cli.adapter import Adapters
from dashboard.cli.terminal import fail, list_findings
from dashboard.clock import iso, parse, wall_ms
from dashboard.places.draft import ImportOptions
from dashboard.places.file import BadFile, read_bytes
from dashboard.places.finding import Finding
from dashboard.places.register import register
from dashboard.places.route_file import read_routes
from dashboard.places.unit import UnitTree
from dashboard.ports.away import NotReady
from dashboard.settings import Settings
from dashboard.video.file import read_points

T = TypeVar("T")


def import_places(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    """Units or grids from a file, as versions that begin at one instant."""
    adapters.prepare()
    try:
        at = parse(args.valid_from, settings.timezone) if args.valid_from else None
    except ValueError as e:
        return fail(f"--valid-from: {e}")
    options = ImportOptions(wall_ms(), at, args.crs, settings.timezone, args.under, args.area, args.tolerance)
    done = register(args.what, args.file, adapters.reader().places, adapters.registry(), options, args.preview)
    list_findings(done.findings)
    if not done.done:
        return fail(f"{args.file}: {len(done.findings)} findings; nothing was changed. The list with a map is on /admin")
    since = f"from {iso(done.valid_from, settings.timezone)} on" if done.valid_from else "since always"
    would = "would " if args.preview else ""
    print(f"{args.what}: {done.begun} {would}begin, {done.ended} {would}end, {done.kept} stay as they are, {since}")
    return 0


def import_routing(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    """A new routing table in place of the one that holds."""
    adapters.prepare()
    places = adapters.reader().places
    routes = _read_whole(args.file, lambda body: read_routes(body, UnitTree(places.units()), places.categories()))
    before, after = set(places.routes()), set(routes)
    if not args.preview:
        adapters.registry().replace_routes(routes)
    told = f"{len(after - before)} rows are new, {len(before - after)} are gone, {len(after & before)} stay"
    print(f"routing: {told}" + _unchanged(args.preview))
    return 0


def import_categories(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    """A new catalogue in place of the one that holds."""
    adapters.prepare()
    categories = _read_whole(args.file, read_categories)
    before, after = adapters.reader().places.catalogue(), Catalogue(categories)
    if not args.preview:
        adapters.registry().replace_categories(categories)
    both = before.keys() & after.keys()
    changed = sum(before[code] != after[code] for code in both)
    told = f"{len(after) - len(both)} are new, {len(before) - len(both)} are gone, {changed} are changed, {len(both) - changed} stay"
    print(f"categories: {told}" + _unchanged(args.preview))
    return 0


def _read_whole(file: Path, read: Callable[[bytes], tuple[list[T], list[Finding]]]) -> list[T]:
    """The file's rows. NotReady when there is anything wrong with it."""
    try:
        rows, findings = read(read_bytes(file))
    except OSError as e:
        raise NotReady(f"{file} cannot be read: {e}") from None
    except BadFile as e:
        raise NotReady(f"{file} {e}; nothing was changed") from None
    list_findings(findings)
    if findings:
        raise NotReady(f"{file}: {len(findings)} findings; nothing was changed")
    return rows


def _unchanged(preview: bool) -> str:
    return " (preview: nothing was changed)" if preview else ""


def import_video(args: argparse.Namespace, settings: Settings, adapters: Adapters) -> int:
    """The video points of a file in place of those that are there."""
    adapters.prepare()
    points = _read_whole(args.file, lambda body: read_points(body, args.crs))
    if not args.preview:
        adapters.registry().replace_video(points)
    told = f"{len(points)} points in place of those before, {sum(p.active for p in points)} of them active"
    print(f"video: {told}" + _unchanged(args.preview))
    return 0
