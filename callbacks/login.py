"""The login page: it only draws; tokens are checked by callbacks/auth/session.py, to which its form posts."""

from __future__ import annotations

from dash.development.base_component import Component

from callbacks.services import Services
from dashboard.words import Say
from layouts import login


def page(services: Services, say: Say, search: str) -> Component:
    accounts = services.demo_accounts if services.settings.demo else []
    return login.login(say, accounts, next((why for why in ("refused", "away") if why in search), ""))
