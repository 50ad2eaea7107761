"""Settings: environment GRIDCOMMAND_* over gridcommand.toml over defaults. An unknown one is an error."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

PREFIX = "GRIDCOMMAND_"
REDIS = ("redis://", "rediss://", "unix://")
DATABASES = ("postgresql://", "postgresql+psycopg://", "postgres://", "sqlite:///")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every setting; docs/operations.md has one line on each (a test compares)."""

    redis_url: str = ""
    """Redis or Valkey >= 7.2; empty: the embedded server in the data folder."""
    database_url: str = ""
    """SQLAlchemy URL of PostgreSQL; empty: SQLite in the data folder."""
    data_dir: str = "data"
    port: int = 8050
    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 behind a proxy."""
    workers: int = 2
    """Web worker processes."""
    secret_key: str = ""
    """Signs sessions; made and kept in the data folder when empty."""
    timezone: str = "Asia/Shanghai"
    clock: Literal["wall", "stream"] = "wall"
    tile_url: str = ""
    """Leaflet template of a tile server, or the path of a local .pmtiles file with raster tiles."""
    tile_crs: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    partitions: int = 1
    retention_days: int = 7
    """How long an event waits for the report of its case, in days, before it becomes a dead letter."""
    feed_limit_seconds: int = 30
    """Age of the newest message from any source from which the feed counts as stale."""
    lang: Literal["zh", "en"] = "zh"
    demo: bool = False
    """Set by `up --demo`: the login page offers the demo accounts and scenarios."""

    @property
    def folder(self) -> Path:
        return Path(self.data_dir).resolve()

    @property
    def tile_file(self) -> Path | None:
        """The local base map, if TILE_URL names one."""
        return Path(self.tile_url) if self.tile_url.endswith(".pmtiles") else None

    @property
    def socket(self) -> Path:
        """Unix socket of the embedded server."""
        return self.folder / "valkey.sock"


RASTER = (2, 3, 4, 5)
"""Tile types of PMTiles that a browser shows without drawing: PNG, JPEG, WebP, AVIF."""


class BadSetting(ValueError):
    """One line that names the setting and says what to do."""


def load(environ: Mapping[str, str] = os.environ, file: Path = Path("gridcommand.toml"), **given: Any) -> Settings:
    """Command line over environment over file. Raises BadSetting."""
    known = {field.name: field for field in msgspec.structs.fields(Settings)}
    values: dict[str, Any] = dict(_from_file(file))
    values |= {key[len(PREFIX) :].lower(): value for key, value in environ.items() if key.startswith(PREFIX)}
    values |= {key: value for key, value in given.items() if value is not None}
    for key in values:
        if key not in known:
            raise BadSetting(f"unknown setting {PREFIX}{key.upper()}; known are {', '.join(n.upper() for n in known)}")
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as e:
        raise BadSetting(f"bad setting: {e}") from None
    _check(settings)
    return settings


def _from_file(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise BadSetting(f"{file}: not valid TOML: {e}") from None


def _check(settings: Settings) -> None:
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadSetting(f"TIMEZONE {settings.timezone!r} is not an IANA time zone such as Asia/Shanghai") from None
    for name, value, schemes in (("REDIS_URL", settings.redis_url, REDIS), ("DATABASE_URL", settings.database_url, DATABASES)):
        if value and not value.startswith(schemes):  # the value may hold a password: it is not repeated
            raise BadSetting(f"{name} does not begin with one of {', '.join(schemes)}")
    for name, number in (("RETENTION_DAYS", settings.retention_days), ("FEED_LIMIT_SECONDS", settings.feed_limit_seconds)):
        if number < 1:
            raise BadSetting(f"{name} {number} is less than 1")
    if settings.tile_file:
        _check_tiles(settings.tile_file)
    if settings.partitions != 1:
        raise BadSetting("PARTITIONS: this version runs one partition; leave it at 1")
    if not 1 <= settings.port <= 65535:
        raise BadSetting(f"PORT {settings.port} is not between 1 and 65535")
    if not 1 <= settings.workers <= 64:
        raise BadSetting(f"WORKERS {settings.workers} is not between 1 and 64")


def _check_tiles(path: Path) -> None:
    """PMTiles version 3: byte 99 of the header says what the tiles are."""
    try:
        with path.open("rb") as f:
            head = f.read(127)
    except OSError as e:
        raise BadSetting(f"TILE_URL {path} cannot be read: {e.strerror}") from None
    if head[:8] != b"PMTiles\x03" or len(head) < 127:
        raise BadSetting(f"TILE_URL {path} is not a PMTiles file of version 3")
    if head[99] not in RASTER:
        raise BadSetting(f"TILE_URL {path} holds vector tiles; a raster file (PNG, JPEG, WebP or AVIF) is needed")
