"""Words that can change language in place: the element says which word it shows, `words.js` swaps its text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.words import Say


def word(say: Say, key: str, tag: Callable[..., Component] = html.Span, className: str = "", **values: object) -> Component:
    """An element with the words for `key`. It must hold nothing else, or the swap would eat its children."""
    return tag(say(key, **values), className=className or None, **marks(key, **values))


def marks(key: str, **values: object) -> dict[str, Any]:
    """The attributes by which `words.js` knows an element."""
    return {"data-word": key} | ({"data-values": json.dumps(values, ensure_ascii=False)} if values else {})


def attributes(**values: str | None) -> dict[str, Any]:
    """`data_gc="age", aria_hidden="true"` as the attributes `data-gc` and `aria-hidden`, which are no Python names; without None."""
    return {name.replace("_", "-"): value for name, value in values.items() if value is not None}


def titled(say: Say, key: str) -> dict[str, Any]:
    """Attributes for a control whose name is a tooltip and a screen reader's label."""
    return {"title": say(key), "aria-label": say(key), "data-word-title": key}


def maybe(say: Say, prefix: str, code: str | None) -> Component:
    """The word `prefix.code` where we have one, otherwise the code as it came: a new code of a source must still show."""
    key = f"{prefix}.{code}"
    return word(say, key) if say.words.has(key) else html.Span(code or "—")


def kbd(key: str) -> Component:
    return html.Kbd(key, className="gc-kbd")
