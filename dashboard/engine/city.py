"""What the engine must know of the city, read anew when something was imported."""

from __future__ import annotations

from dashboard.engine.decide import Rules
from dashboard.engine.engine import Places
from dashboard.engine.intake import Intake
from dashboard.places.locate import Maps
from dashboard.places.route import Routing
from dashboard.places.unit import UnitTree
from dashboard.ports.reader import Reader
from dashboard.process.heartbeat import Heartbeat


class City:
    """Shows that the engine's process lives while it reads: a large city takes seconds."""

    def __init__(self, reader: Reader, heartbeat: Heartbeat) -> None:
        self._reader, self._heartbeat = reader, heartbeat

    def stamp(self) -> str:
        """Another one after every import. Asked for in the middle of a turn, so waiting for locks is not silence."""
        self._heartbeat.beat()
        return self._reader.places.stamp()

    def places(self, stamp: str) -> Places:
        self._heartbeat.busy()
        known, sla = self._reader.places, self._reader.rules.sla()
        tree = UnitTree(known.units())
        return Places(stamp, Intake(sla, Maps(known.grids()), known.catalogue()), Rules(tree, Routing(known.routes(), tree), sla))
