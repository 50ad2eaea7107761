"""The answer no: why, as one key of a closed list with its values, so that every screen says it in its reader's language (CONTRACT.md)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from dashboard.clock import iso
from dashboard.words import Say, load

_WHYS = {
    "forbidden": "role role_early outside",
    "conflict": "version_moved undo_acted",
    "unknown_case": "unknown_case unreported",
    "bad_target": "unit_unknown unit_ended outside_jurisdiction not_serving owner_now"
    " merge_unknown merge_self merge_merged merge_ended merge_promise merge_outside merge_full",
    "not_allowed": "reported_already stage unchecked arbitration no_arbitration arbitrated danger suspended not_suspended no_policy"
    " extended_too_far full follows_merge level pending_none merged leads not_merged no_alarm undo_refused undo_kept undo_other undo_late",
    "invalid": "verb_unknown form blank_reason blank_note too_long past too_late id_event id_reused undo_unknown"
    " too_many bad_id bad_type bad_case bad_version bad_data unreadable failed",
}
CODES = {why: code for code, whys in _WHYS.items() for why in whys.split()}
"""Every why and the code it belongs to (CONTRACT.md). Its sentence is the word `refusal.<why>` of both languages."""
INSTANTS = frozenset({"at", "until"})
"""Values that are instants (ms). Units, stages, verbs, roles, levels and event types travel as codes; the reader's screen names them."""


class Refusal(msgspec.Struct, frozen=True):
    """Why an event or a command cannot happen. `current`: what the loser of a conflict needs to see; `detail`: a parser's own words."""

    why: str
    values: dict[str, Any] = {}
    current: Mapping[str, Any] | None = None
    detail: str = ""

    @property
    def code(self) -> str:
        return CODES[self.why]

    @property
    def message(self) -> str:
        """In English, for API clients and logs: codes as they are, instants in UTC."""
        said = _english()(f"refusal.{self.why}", **{name: _plain(name, value) for name, value in self.values.items()})
        return f"{said} ({self.detail[:500]})" if self.detail else said

    def as_dict(self) -> dict[str, Any]:
        """The members of `command.refused` and of a refused result."""
        return {"code": self.code, "why": self.why, "values": self.values, "message": self.message, "current": self.current}


def no(why: str, **values: Any) -> Refusal:
    return Refusal(why, values)


def _plain(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "—"
    return iso(value) if name in INSTANTS else str(value)


@cache
def _english() -> Say:
    return load(Path(__file__).parents[2] / "assets" / "locales").speaker("en")
