"""The door. Tokens are checked by callbacks/auth/session.py; this only draws."""

from __future__ import annotations

import dash
from dash.development.base_component import Component

from callbacks.services import Services
from dashboard.words import Say
from layouts import login


def register(app: dash.Dash, services: Services) -> None:
    """Nothing to answer: the form posts to /session/token."""


def page(services: Services, say: Say, search: str) -> Component:
    accounts = services.demo_accounts if services.settings.demo else []
    return login.login(say, accounts, next((why for why in ("refused", "away") if why in search), ""))
