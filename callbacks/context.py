"""The visitor of this request, as the layouts want to know it: language from the cookie, rights from the session."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl

import dash

from callbacks.services import Services
from dashboard.access.role import User
from dashboard.words import Say, Words, load
from layouts.parts.context import PageContext
from layouts.parts.name import names_of

LANG_COOKIE = "gc_lang"


class PageContexts:
    """Knows the words and the names; makes one `PageContext` a request."""

    def __init__(self, app: dash.Dash, services: Services) -> None:
        self.words: Words = load(Path(app.config.assets_folder) / "locales")
        self.services = services

    def say(self, cookies: Mapping[str, str]) -> Say:
        """The language the visitor chose, else the city's."""
        chosen = cookies.get(LANG_COOKIE)
        return self.words.speaker(chosen if chosen in self.words.tables else self.services.settings.lang)

    def of(self, cookies: Mapping[str, str], user: User, path: str = "", search: str = "") -> PageContext:
        """Reads the tree of units: call it off the event loop."""
        names = names_of(self.services.tree(), self.services.catalogue())
        query = dict(parse_qsl(search.lstrip("?")))
        return PageContext(self.say(cookies), names, user.role, user.name, user.unit, self.services.settings.timezone, path, query, user.id)
