"""Stages, severities and lights as small integers, in the order of their names (DOMAIN.md 2 and 3).

The numbers are stored and sent; never reorder them. Ended stages are the last ones, so that `stage < CLOSED` is `open`.
"""

from __future__ import annotations

from enum import IntEnum


class Stage(IntEnum):
    REPORTED = 0
    ACCEPTED = 1
    FILED = 2
    DISPATCHED = 3
    SIGNED = 4
    HANDLED = 5
    CHECKING = 6
    CLOSED = 7
    VOIDED = 8


ENDED = frozenset({Stage.CLOSED, Stage.VOIDED})
OPEN = frozenset(Stage) - ENDED
TO_DISPATCH = frozenset({Stage.REPORTED, Stage.ACCEPTED, Stage.FILED})


class Severity(IntEnum):
    normal = 0
    urgent = 1
    danger = 2


class Light(IntEnum):
    """none: the case has no limit and can never be late."""

    none = 0
    green = 1
    amber = 2
    red = 3
    paused = 4


class Level(IntEnum):
    """Authority added by an escalation; it never changes the owner."""

    none = 0
    unit_head = 1
    duty_chief = 2
    commander = 3
