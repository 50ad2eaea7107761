"""JSON Schemas of the document put to use: values that fit one, and whether a value fits."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator

PLAIN = st.characters(exclude_categories=("Cs", "Cc"))


def values(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that fit, as far as our documents use JSON Schema."""
    if "$ref" in schema:
        return values(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return st.one_of([values(one, schemas) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds: dict[str, Any] = {"object": _objects, "string": _texts, "integer": _integers, "number": _numbers}
    kind = schema["type"]
    if kind in ("null", "boolean"):
        return st.none() if kind == "null" else st.booleans()
    return kinds[kind](schema, schemas)  # type: ignore[no-any-return]


def _objects(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    made = {name: values(one, schemas) for name, one in schema["properties"].items()}
    must = schema.get("required", [])
    return st.fixed_dictionaries({n: made[n] for n in must}, optional={n: s for n, s in made.items() if n not in must})


def _texts(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    if schema.get("format") == "date-time":
        return st.datetimes().map(lambda t: f"{t.isoformat()}+08:00")
    pattern, longest = schema.get("pattern", ""), min(schema.get("maxLength", 100), 100)
    if pattern.startswith("^"):
        return st.from_regex(pattern[1:-1], fullmatch=True)
    text = st.text(PLAIN, min_size=schema.get("minLength", 0), max_size=longest)
    return text.filter(lambda s: s.strip()) if pattern else text


def _integers(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    top = schema["exclusiveMaximum"] - 1 if "exclusiveMaximum" in schema else schema.get("maximum")
    return st.integers(schema.get("minimum"), top)


def _numbers(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    low, high = schema.get("exclusiveMinimum"), schema.get("maximum")
    return st.floats(low, high, exclude_min=low is not None, allow_nan=False, allow_infinity=False)


def closed(value: Any) -> Any:
    """The same schemas, but nothing is allowed that they do not name."""
    if isinstance(value, list):
        return [closed(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {key: closed(item) for key, item in value.items()}
    return made | {"additionalProperties": False} if "properties" in made and made.get("type") == "object" else made


def misfits(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """What of a value is not as the schema, and nothing but it, says."""
    whole = closed({"components": document["components"], "allOf": [schema]})
    return [f"{list(e.path)}: {e.message[:200]}" for e in Draft202012Validator(whole).iter_errors(value)]
