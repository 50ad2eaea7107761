"""Instants and durations as text, in the city's time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dashboard.words import Say


def moment(at: float | str | None, zone: str) -> str:
    """`11-21 14:41:02` of an instant in ms or RFC 3339; an open end is an ellipsis."""
    if at is None:
        return "…"
    when = datetime.fromisoformat(at) if isinstance(at, str) else datetime.fromtimestamp(at / 1000, UTC)
    return when.astimezone(ZoneInfo(zone)).strftime("%m-%d %H:%M:%S")


def full(at: int, zone: str) -> str:
    """`2026-11-21 14:41:02`: what is read long after, or on paper."""
    return _local(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def day(at: int, zone: str) -> str:
    return _local(at, zone).strftime("%Y-%m-%d")


def hour(at: int, zone: str) -> str:
    return _local(at, zone).strftime("%H:%M")


def _local(at: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at / 1000, ZoneInfo(zone))


def duration(say: Say, seconds: float | None) -> str:
    """`02:31`, `1:02:31` or `3 d 4:05`; a dash for what is not known."""
    if seconds is None:
        return "—"
    minutes, s = divmod(int(seconds), 60)
    hours, m = divmod(minutes, 60)
    days, h = divmod(hours, 24)
    if days:
        return say("time.days", d=days, t=f"{h}:{m:02}")
    return f"{h}:{m:02}:{s:02}" if h else f"{m:02}:{s:02}"
