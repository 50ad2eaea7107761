"""Names and instants as they are told to others: plain text and numbers in Python, with their JSON Schema beside them."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

from msgspec import Meta

from dashboard.cases.stage import Level, Light, Severity, Stage


def _names(kind: type[IntEnum]) -> dict[str, list[str]]:
    return {"enum": [*kind.__members__]}


Instant = Annotated[int, Meta(description="ms since 1970-01-01T00:00Z")]
Time = Annotated[str, Meta(description="RFC 3339, in the city's zone", extra_json_schema={"format": "date-time"})]
Seconds = Annotated[float, Meta(description="seconds")]
StageName = Annotated[str, Meta(title="Stage", extra_json_schema=_names(Stage))]
SeverityName = Annotated[str, Meta(title="Severity", extra_json_schema=_names(Severity))]
LightName = Annotated[str, Meta(title="Light", extra_json_schema=_names(Light))]
LevelName = Annotated[str, Meta(title="Level", extra_json_schema=_names(Level))]
