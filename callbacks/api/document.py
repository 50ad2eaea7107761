"""The API as OpenAPI 3.1, made from the operations and their types. The server gives it as `/openapi.json`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from callbacks.api.operation import Operation
from callbacks.auth.session import COOKIE
from callbacks.parameter import CASE_LENGTH, HANDOVER_LENGTH
from callbacks.problem import MEDIA, ProblemDocument

REF = "#/components/schemas/{name}"
ABOUT = (
    "Cases of a city, their clocks, and the commands that change them. What is not a success says so as an RFC 9457 problem document, "
    "also 405 for a method that a path does not answer, and 500 for a mistake of ours. "
    "Live changes come by `WS /live`; sources write to streams (docs/asyncapi.yaml)."
)
STATUSES = {
    200: "Success.", 207: "Not every command was accepted: each result says its own.", 400: "What is asked has not the right form.",
    401: "Nobody is signed in.", 403: "Not your right, or not your jurisdiction.", 404: "There is no such thing in your jurisdiction.",
    408: "The body did not come in time.", 409: "It is no longer so: somebody was faster, or you were, in another tab.",
    413: "Too large, or too many.", 414: "The path or the query is too long.",
    429: "Too much of this account is under way.", 503: "Something cannot be reached now; nothing was changed.",
}  # fmt: skip
RETRY = {"Retry-After": {"description": "Seconds after which it may be asked again.", "schema": {"type": "integer"}}}
PATH = {
    "case": {"type": "string", "minLength": 1, "maxLength": CASE_LENGTH, "description": "Our id of a case."},
    "handover": {"type": "string", "minLength": 1, "maxLength": HANDOVER_LENGTH, "description": "The number of a handover."},
}
"""The parameters of paths."""
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "`gridcommand user token NAME` makes one."},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "Of a browser that has signed in."},
}


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """OpenAPI 3.1 as plain JSON values."""
    types = [ProblemDocument, *dict.fromkeys(t for o in operations for t in (o.body, *o.answers.values()) if t is not None)]
    made, components = msgspec.json.schema_components(types, ref_template=REF)
    schemas = dict(zip(types, made, strict=True))
    paths: dict[str, Any] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, schemas)
    words: dict[str, Any] = {}
    paths, components = _share(paths, words), _share(components, words)
    return {
        "openapi": "3.1.0", "info": {"title": "GridCommand", "version": "1", "description": ABOUT}, "servers": [{"url": "/"}],
        "paths": paths, "components": {"schemas": components | words, "securitySchemes": SECURITY},
    }  # fmt: skip


def _operation(operation: Operation, schemas: dict[Any, Any]) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": schemas[operation.body]}}} if operation.body else None
    parts = {
        "operationId": operation.id, "tags": [operation.tag], "summary": operation.summary, "description": operation.text,
        "requestBody": body, "parameters": [*_path(operation), *_query(operation)], "responses": _responses(operation, schemas),
    }  # fmt: skip
    return {k: v for k, v in parts.items() if v} | {"security": [{name: []} for name in SECURITY] if operation.known else []}


def _path(operation: Operation) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", operation.path):
        yield {"name": name, "in": "path", "required": True, "schema": PATH[name]}


def _query(operation: Operation) -> Iterator[dict[str, Any]]:
    if operation.query is None:
        return
    (_, found) = msgspec.json.schema_components([operation.query], ref_template=REF)
    described = found[operation.query.__name__]
    for name, schema in described["properties"].items():
        yield {"name": name, "in": "query", "required": name in described["required"], "schema": schema}


def _responses(operation: Operation, schemas: dict[Any, Any]) -> dict[str, Any]:
    found: dict[int, dict[str, Any]] = {}
    for status, type_ in operation.answers.items():
        found.setdefault(status, {})[operation.media] = {"schema": schemas[type_]}
    for status in operation.problems:
        found.setdefault(status, {})[MEDIA] = {"schema": schemas[ProblemDocument]}
    return {
        str(status): {"description": STATUSES[status], **({"headers": RETRY} if status in (429, 503) else {}), "content": content}
        for status, content in sorted(found.items())
    }


def _share(value: Any, words: dict[str, Any]) -> Any:
    """A closed list of words says that they are text; one that has a name (`title`) becomes one schema, whoever uses it, in `words`."""
    if isinstance(value, list):
        return [_share(item, words) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("enum"), list):
        value = {"type": "string", **value}
    if "enum" in value and "title" in value:
        words[value["title"]] = value
        return {"$ref": REF.format(name=value["title"])}
    return {key: _share(item, words) for key, item in value.items()}
