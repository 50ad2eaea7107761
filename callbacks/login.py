"""The login page: it only draws; tokens are checked by callbacks/auth/session.py, to which its form posts."""

from __future__ import annotations

from dash.development.base_component import Component

from callbacks.scenario import PATH, seconds_left
from callbacks.services import Services
from callbacks.turn import in_turn
from dashboard.ports.away import Away
from dashboard.simulate.scenario import SCENARIOS
from dashboard.words import Say
from layouts import login
from layouts.login import Demo


async def page(services: Services, say: Say, search: str) -> Component:
    why = next((why for why in ("refused", "away") if why in search), "")
    return login.login(say, await _demo(services) if services.settings.demo else None, why)


async def _demo(services: Services) -> Demo:
    """Its accounts, and the scenarios; which of them plays now, if that can be known."""
    try:
        playing = await in_turn(PATH, services.scenarios.playing)
    except Away:
        playing = None
    plays = (playing.name, seconds_left(playing)) if playing is not None and playing.taken else None
    return Demo(services.demo_accounts, tuple(SCENARIOS), plays)
