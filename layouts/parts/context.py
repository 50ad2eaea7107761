"""Who looks at the page and in which language: what every page's drawing starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.words import Say
from layouts.parts.act import given_by
from layouts.parts.name import Names


@dataclass(frozen=True)
class PageContext:
    """One page view. `unit` is the root of what the visitor may see, `zone` the city's time zone, `path` the part after the page."""

    say: Say
    names: Names
    role: str
    name: str
    unit: str
    zone: str = "Asia/Shanghai"
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    account: str = ""

    @property
    def can(self) -> tuple[str, ...]:
        """Commands of this visitor, in the order of their buttons."""
        return given_by(self.role)
