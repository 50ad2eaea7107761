"""Who looks at the page and in which language: what every page's drawing starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.roles import may
from dashboard.words import Say
from layouts.parts.name import Names

ACTIONS = ("reassign", "escalate")
"""Commands that have a button, in their order; which of them a role is shown is said by `dashboard.roles`."""


@dataclass(frozen=True)
class Visit:
    """One page view. `unit` is the root of what the visitor may see, `zone` the city's time zone, `path` the part after the page."""

    say: Say
    names: Names
    role: str
    name: str
    unit: str
    zone: str = "Asia/Shanghai"
    path: str = ""
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def can(self) -> tuple[str, ...]:
        return tuple(action for action in ACTIONS if may(self.role, action))

    @property
    def acknowledges(self) -> bool:
        """Whether an alarm's button is for this visitor."""
        return may(self.role, "acknowledge")
