"""How somebody asks the demo's source for a scenario: one at a time, and asked again only when it is over."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Playing(NamedTuple):
    """A scenario that was asked for (`taken` is False), or that plays for so many ms more."""

    name: str
    taken: bool
    left_ms: int


class Scenarios(Protocol):
    """Every method raises Away."""

    def ask(self, name: str) -> bool:
        """Asks for it; False while another one plays or was asked for. Nobody takes it within seconds: it was never asked for."""

    def playing(self) -> Playing | None: ...
    def take(self, seconds: dict[str, int]) -> str | None:
        """The one that was asked for; from now on it plays for as many seconds as it has here. None: nobody has asked for any."""
