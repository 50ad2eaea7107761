"""The commands of the desk as buttons, and as the table that the browser makes keys, dialogs and palette from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.cases.verb import UNDO, VERBS, may
from dashboard.words import Say
from layouts.parts.word import attributes, kbd, word


def buttons(say: Say, can: Iterable[str]) -> list[Component]:
    """One button a command, its key beside its name; `act.js` switches them off and says why."""
    return [
        html.Button([word(say, f"action.{verb}"), kbd(VERBS[verb].key)], className="gc-button gc-act", **attributes(data_act=verb))
        for verb in can
        if verb != UNDO
    ]


def given_by(role: str) -> tuple[str, ...]:
    """Commands that this role gives at the desk, in the order of their buttons."""
    return tuple(name for name, verb in VERBS.items() if verb.key and may(role, name))


def table(can: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What the browser must know of these commands."""
    return {name: {member: getattr(VERBS[name], member) for member in _TOLD} | {"early": sorted(VERBS[name].early)} for name in can}


_TOLD = ("key", "fields", "reasons", "visible")
