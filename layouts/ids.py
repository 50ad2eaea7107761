"""Every id that layouts, callbacks and assets share, in one place; the word before the dash is the page."""

from __future__ import annotations

URL = "gc-url"
PAGE = "gc-page"
SESSION = "gc-session"
NAMES = "gc-names"

WALL_MAP = "wall-map"

DESK_GRID = "desk-grid"
DESK_MAP = "desk-map"
DESK_PULSE = "desk-pulse"
"""Store: a number that desk.js counts up (at most every 5 s) when frames came; the tab counts follow it."""
DESK_CASE = "desk-case"
"""Store: {case, version} of the case in the drawer, or null."""
DESK_DRAWER = "desk-drawer"
DESK_SEARCH = "desk-search"

ADMIN_MAP = "admin-map"
ADMIN_ASK = "admin-ask"
"""Store: {kind} of the data-quality list, or {import: id}; admin.js writes."""
ADMIN_LIST = "admin-list"

DIALOG_CANDIDATES = "dialog-candidates"
"""Empty for Dash: candidate.js draws into it."""
DIALOG_FIND = "dialog-find"


def tab_count(tab: str) -> str:
    return f"desk-tab-count-{tab}"


def shift_count(queue: str) -> str:
    return f"desk-shift-count-{queue}"


def quality_count(kind: str) -> str:
    return f"admin-count-{kind}"
