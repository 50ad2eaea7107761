"""The light of a promise (DOMAIN.md 3): one rule, for one case and for many at once. SQL (data_access/case_query.py `lit`) and the browser
(assets, `lightAt`) have to say the same; tests/test_light.py holds all of them to one table of cases.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dashboard.cases.stage import Light

AMBER_FROM = 0.8
"""Share of the limit from which the light is amber."""


def light_at(due: int | None, amber: int | None, closed: int | None, paused: bool, now: int) -> Light:
    """Instants in ms, None where there is none; `paused`: its clocks stand still and it has not ended. An ended case keeps the light of its
    end, and who ends at the very instant of the due time is on time.
    """
    if due is None:
        return Light.none
    if paused:
        return Light.paused
    at = now if closed is None else closed
    if at > due:
        return Light.red
    return Light.amber if amber is not None and at >= amber else Light.green


def lights_at(
    due: NDArray[np.int64], amber: NDArray[np.int64], closed: NDArray[np.int64], paused: NDArray[np.bool_], now: int, never: int
) -> NDArray[np.int8]:
    """`light_at` for columns [n] of the same instants, with `never` where there is none."""
    at = np.where(closed == never, now, closed)
    light: NDArray[np.int8] = np.where(at > due, Light.red, np.where(at >= amber, Light.amber, Light.green)).astype(np.int8)
    light[paused & (closed == never)] = Light.paused
    light[due == never] = Light.none
    return light
