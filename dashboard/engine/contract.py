"""The streams' contract as AsyncAPI 3, made from the types that decode them: `python -m dashboard.engine.contract`.

docs/asyncapi.yaml holds the result; a test compares, so that the document cannot say something else than the code.
"""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from dashboard.cases.envelope import MAX_BYTES, Envelope
from dashboard.cases.event_data import TYPES
from dashboard.cases.refusal import CODES
from dashboard.cases.verb import VERBS
from dashboard.engine.change import REFUSED

STREAMS = {
    "reports": ("cases:reports:{0}", "What sources say of cases; the engine reads it in group `engine`."),
    "commands": ("cases:commands:{0}", "What the desk wants; read before reports, so that a backlog never delays a command."),
    "changes": ("cases:changes:{0}", "What is committed, in order, with `pos`; read it from any id, without a group."),
}


def asyncapi() -> dict[str, Any]:
    """The whole document as plain JSON values."""
    data, schemas = msgspec.json.schema_components(list(TYPES.values()), ref_template="#/components/schemas/{name}")
    (envelope,), more = msgspec.json.schema_components([Envelope], ref_template="#/components/schemas/{name}")
    schemas |= more
    messages = {name: _message(name, schema, envelope) for name, schema in zip(TYPES, data, strict=True)}
    payloads, more = msgspec.json.schema_components([verb.payload for verb in VERBS.values()], ref_template="#/components/schemas/{name}")
    schemas |= more
    messages |= {f"command.{v}": _message(f"command.{v}", schema, envelope) for v, schema in zip(VERBS, payloads, strict=True)}
    messages[REFUSED] = _message(REFUSED, _REFUSED, envelope)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "GridCommand streams", "version": "1", "description": _TEXT},
        "channels": {key: _channel(address, text, key) for key, (address, text) in STREAMS.items()},
        "components": {"messages": messages, "schemas": schemas},
    }


_TEXT = (
    f"One field `e` per entry: a CloudEvents 1.0 JSON object, UTF-8, at most {MAX_BYTES} bytes. A repeated `id` has no effect. "
    "Unknown members of `data` are kept in the event and ignored by the fold. `cases:changes` adds pos, version, case, recorded, "
    "cause, actor and row (the case's hot columns, dashboard/cases/row.py)."
)


_REFUSED = {
    "type": "object",
    "required": ["code", "why", "values", "message", "current"],
    "properties": {
        "code": {"enum": sorted(set(CODES.values()))},
        "why": {"enum": list(CODES), "description": "The same in every language; the screen's words are `refusal.<why>`."},
        "values": {"type": "object", "description": "What the sentence tells: codes of units, stages, verbs and types; instants in ms."},
        "message": {"type": "string", "description": "The sentence in English."},
        "current": {"type": ["object", "null"], "description": "What the case is now."},
    },
}


def _message(name: str, data: dict[str, Any], envelope: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "contentType": "application/cloudevents+json", "payload": {"allOf": [envelope], "properties": {"data": data}}}


def _channel(address: str, text: str, key: str) -> dict[str, Any]:
    names = [f"command.{verb}" for verb in VERBS] if key == "commands" else [*TYPES, *([REFUSED] if key == "changes" else [])]
    return {"address": address, "description": text, "messages": {n: {"$ref": f"#/components/messages/{n}"} for n in names}}


if __name__ == "__main__":
    sys.stdout.write(msgspec.yaml.encode(asyncapi()).decode())
